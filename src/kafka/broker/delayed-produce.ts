/**
 * acks=all: a request waits until the high watermark has passed every batch of it.
 * Models kafka.server.DelayedProduce and Partition.checkEnoughReplicasReachOffset.
 */
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import { currentLeaderFor } from "./fetch-session.ts";
import { effectiveMinIsr, type Partition } from "./partition.ts";
import { type DelayedProduce, type ProducedPartition, wait } from "./purgatory.ts";
import { sendResponse } from "./request-channel.ts";

export function produceResponse(broker: Broker, partitions: readonly ProducedPartition[]): ResponseOf<"Produce"> {
  return {
    api: "Produce",
    throttleTimeMs: 0,
    partitions: partitions.map((partition) => ({
      topicPartition: partition.topicPartition,
      error: partition.error,
      errorMessage: null,
      baseOffset: partition.error === "NONE" ? partition.baseOffset : -1,
      logAppendTimeMs: partition.logAppendTimeMs,
      logStartOffset: partition.logStartOffset,
      currentLeader: currentLeaderFor(broker, partition.topicPartition, partition.error),
    })),
    recordErrors: [],
  };
}

/** Answers at once if nothing has to wait; otherwise the request waits until all of its partitions are settled. */
export function answerWhenReplicated(
  broker: Broker,
  id: ConnectionId,
  partitions: ProducedPartition[],
  timeoutMs: number,
  context: Context,
): void {
  let unsettled = 0;
  for (const produced of partitions) {
    if (produced.requiredOffset === -1) continue;
    settle(broker, produced);
    if (produced.requiredOffset !== -1) unsettled += 1;
  }
  if (unsettled === 0) {
    sendResponse(broker, id, produceResponse(broker, partitions), context);
    return;
  }
  const operation = broker.purgatory.nextId++;
  broker.purgatory.produces[operation] = { connection: id, deadlineMs: context.now + timeoutMs, partitions, unsettled };
  for (const produced of partitions) {
    if (produced.requiredOffset === -1) continue;
    const partition = broker.partitions[produced.topicPartition]!;
    partition.waitingProduces.push(operation);
    if (context.tracing) {
      const { topicPartition, requiredOffset } = produced;
      context.trace("produce-waiting", broker.nodeId, { topicPartition, requiredOffset, isr: partition.isr.slice() });
    }
  }
  wait(broker, id, operation, context.now + timeoutMs, context);
}

/** Ends the wait of one partition of a request if there is a reason to. */
function settle(broker: Broker, produced: ProducedPartition): void {
  const partition = broker.partitions[produced.topicPartition];
  const log = broker.logs[produced.topicPartition];
  if (partition === undefined || log === undefined || partition.role !== "leader") {
    produced.error = "NOT_LEADER_OR_FOLLOWER";
    produced.requiredOffset = -1;
  } else if (log.highWatermark >= produced.requiredOffset) {
    if (partition.maximalIsr.length < effectiveMinIsr(partition)) produced.error = "NOT_ENOUGH_REPLICAS_AFTER_APPEND";
    produced.requiredOffset = -1;
  }
}

/** The high watermark moved, or the partition is led by somebody else now. */
export function completeProduces(broker: Broker, partition: Partition, context: Context): void {
  if (partition.waitingProduces.length === 0) return;
  const waiting = partition.waitingProduces;
  const stillWaiting: number[] = [];
  partition.waitingProduces = stillWaiting;
  for (const id of waiting) {
    const operation = broker.purgatory.produces[id];
    const produced = operation?.partitions.find(
      ({ topicPartition, requiredOffset }) => topicPartition === partition.topicPartition && requiredOffset !== -1,
    );
    if (operation === undefined || produced === undefined) continue;
    settle(broker, produced);
    if (produced.requiredOffset !== -1) {
      stillWaiting.push(id);
      continue;
    }
    operation.unsettled -= 1;
    if (operation.unsettled === 0) completeProduce(broker, id, operation, context);
  }
}

function completeProduce(broker: Broker, id: number, operation: DelayedProduce, context: Context): void {
  delete broker.purgatory.produces[id];
  sendResponse(broker, operation.connection, produceResponse(broker, operation.partitions), context);
}

export function expireProduce(broker: Broker, id: number, operation: DelayedProduce, context: Context): void {
  for (const produced of operation.partitions) {
    if (produced.requiredOffset === -1) continue;
    const { requiredOffset, topicPartition } = produced;
    produced.requiredOffset = -1;
    produced.error = "REQUEST_TIMED_OUT";
    const partition = broker.partitions[topicPartition];
    if (partition === undefined) continue;
    const place = partition.waitingProduces.indexOf(id);
    if (place !== -1) partition.waitingProduces.splice(place, 1);
    if (!context.tracing) continue;
    const behind = partition.remotes.find(
      (remote) => partition.maximalIsr.includes(remote.brokerId) && remote.logEndOffset < requiredOffset,
    );
    const silence = behind === undefined ? -1 : context.causeOfSilence(String(behind.brokerId), broker.nodeId, behind.lastCaughtUpTimeMs);
    context.cause = context.trace(
      "produce-expired",
      broker.nodeId,
      { topicPartition, config: "request.timeout.ms" },
      silence === -1 ? context.cause : silence,
    );
  }
  completeProduce(broker, id, operation, context);
}
