/**
 * What ends the wait of delayed operations: a high watermark that moves, a leadership that ends, a deadline.
 * Models the calls of tryCompleteDelayedRequests in kafka.cluster.Partition and the purgatories' timers.
 */
import { Phase } from "../../kernel/event.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { Broker } from "./broker.ts";
import { completeConsumerFetch, completeConsumerFetches, completeSessionFetch } from "./delayed-fetch.ts";
import { completeProduces, expireProduce } from "./delayed-produce.ts";
import { notice, noticeInSessions } from "./fetch-session.ts";
import type { Partition } from "./partition.ts";
import { armTimer } from "./purgatory.ts";

/** The leader's high watermark moved: the ledger hears of it, producers and consumers that waited are answered, followers hear with their next response. */
export function onHighWatermarkMoved(broker: Broker, partition: Partition, context: Context): void {
  const offset = broker.logs[partition.topicPartition]!.highWatermark;
  context.records.highWatermark(broker.id, partition.topicPartition, offset);
  if (context.tracing) context.cause = context.trace("high-watermark", broker.nodeId, { topicPartition: partition.topicPartition, offset });
  noticeInSessions(broker, partition);
  completeProduces(broker, partition, context);
  completeConsumerFetches(broker, partition, context);
  const shard = broker.coordinators.shards[partition.topicPartition];
  if (shard !== undefined && shard.pending.length > 0)
    context.schedule(context.now, Phase.Delivery, broker.nodeId, "coordinator-committed", { topicPartition: partition.topicPartition });
}

/** The broker no longer leads the partition (or leads it in a new epoch): nobody goes on waiting for it here. */
export function completeForLeadershipChange(
  broker: Broker,
  partition: Partition,
  formerSessions: readonly ConnectionId[],
  context: Context,
): void {
  completeProduces(broker, partition, context);
  completeConsumerFetches(broker, partition, context);
  for (const id of formerSessions) {
    const session = broker.connections[id]?.session;
    if (session?.partitions[partition.topicPartition] === undefined) continue;
    notice(session, partition.topicPartition);
    completeSessionFetch(broker, id, false, context);
  }
}

export function onPurgatoryTimer(broker: Broker, payload: { connection: ConnectionId; at: number }, context: Context): void {
  const connection = broker.connections[payload.connection];
  if (connection === undefined || connection.timerAtMs !== payload.at) return;
  connection.timerAtMs = -1;
  const id = connection.waitingOperation;
  if (id === -1) return;
  const { produces, fetches } = broker.purgatory;
  const produce = produces[id];
  const fetch = fetches[id];
  const deadlineMs = produce?.deadlineMs ?? fetch?.deadlineMs;
  if (deadlineMs === undefined) return;
  if (deadlineMs > context.now) armTimer(broker, payload.connection, connection, deadlineMs, context);
  else if (produce !== undefined) expireProduce(broker, id, produce, context);
  else if (fetch!.replicaId !== -1) completeSessionFetch(broker, payload.connection, true, context);
  else completeConsumerFetch(broker, id, fetch!, context);
}
