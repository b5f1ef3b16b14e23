/**
 * Requests that wait: acks=all produces for the high watermark, fetches for data. Each connection has at most one.
 * Models kafka.server.DelayedOperationPurgatory, DelayedProduce and DelayedFetch. Left out: delayed deletes and elections.
 *
 * Each connection has one timer, armed anew when it fires too early for the operation that waits then: an operation that completes leaves no event behind.
 */
import { Phase } from "../../kernel/event.ts";
import { bytesBetween } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import {
  currentLeaderFor,
  type FetchedPartition,
  type FetchPartition,
  fetchResponse,
  markTold,
  noticeInSessions,
  putBack,
  readPartition,
  readSession,
  refusalOf,
} from "./fetch-session.ts";
import { effectiveMinIsr, type Partition } from "./partition.ts";
import { chargeBytes, type ServerConnection, sendResponse } from "./request-channel.ts";

export interface Purgatory {
  nextId: number;
  produces: Record<number, DelayedProduce>;
  fetches: Record<number, DelayedFetch>;
}

export interface DelayedProduce {
  readonly connection: ConnectionId;
  readonly deadlineMs: number;
  partitions: ProducedPartition[];
  /** How many of them still wait. */
  unsettled: number;
}

export interface ProducedPartition {
  readonly topicPartition: string;
  /** What the high watermark must reach; -1: it does not wait. */
  requiredOffset: number;
  error: ErrorName;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
}

export interface DelayedFetch {
  readonly connection: ConnectionId;
  readonly deadlineMs: number;
  /** -1: a consumer. A follower's partitions are those of its connection's session. */
  readonly replicaId: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  partitions: FetchPartition[];
}

export const PURGATORY_TIMER = "purgatory-timer";

export function createPurgatory(): Purgatory {
  return { nextId: 0, produces: {}, fetches: {} };
}

// ── Produce ──

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

function expireProduce(broker: Broker, id: number, operation: DelayedProduce, context: Context): void {
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
    const silence = behind === undefined ? -1 : context.causeOfSilence(String(behind.brokerId));
    context.cause = context.trace(
      "produce-expired",
      broker.nodeId,
      { topicPartition, config: "request.timeout.ms" },
      silence === -1 ? context.cause : silence,
    );
  }
  completeProduce(broker, id, operation, context);
}

// ── Fetch ──

/** A follower's fetch found nothing urgent to say. */
export function parkFollowerFetch(
  broker: Broker,
  id: ConnectionId,
  replicaId: number,
  minBytes: number,
  maxBytes: number,
  maxWaitMs: number,
  context: Context,
): void {
  const deadlineMs = context.now + maxWaitMs;
  const operation = broker.purgatory.nextId++;
  broker.purgatory.fetches[operation] = { connection: id, deadlineMs, replicaId, minBytes, maxBytes, partitions: [] };
  wait(broker, id, operation, deadlineMs, context);
}

/** A consumer's fetch found too little. */
export function parkConsumerFetch(
  broker: Broker,
  id: ConnectionId,
  partitions: FetchPartition[],
  minBytes: number,
  maxBytes: number,
  maxWaitMs: number,
  context: Context,
): void {
  const deadlineMs = context.now + maxWaitMs;
  const operation = broker.purgatory.nextId++;
  broker.purgatory.fetches[operation] = { connection: id, deadlineMs, replicaId: -1, minBytes, maxBytes, partitions };
  for (const { topicPartition } of partitions) broker.partitions[topicPartition]?.waitingFetches.push(operation);
  wait(broker, id, operation, deadlineMs, context);
}

/** The leader's log grew, or its leadership ended: parked fetches of followers are answered. */
export function completeFollowerFetches(broker: Broker, partition: Partition, context: Context): void {
  for (const remote of partition.remotes) if (remote.session !== -1) completeSessionFetch(broker, remote.session, false, context);
}

/** Answers the parked fetch of a session if there is something urgent to say (or anyway, when its time is over). */
export function completeSessionFetch(broker: Broker, connectionId: ConnectionId, timeIsOver: boolean, context: Context): void {
  const connection = broker.connections[connectionId];
  if (connection === undefined || connection.session === null || connection.waitingOperation === -1) return;
  const operation = broker.purgatory.fetches[connection.waitingOperation];
  if (operation === undefined) return;
  const read = readSession(broker, connection.session, operation.minBytes, operation.maxBytes, null);
  if (!read.urgent && !timeIsOver) {
    putBack(connection.session, read);
    return;
  }
  delete broker.purgatory.fetches[connection.waitingOperation];
  markTold(connection.session, read);
  chargeBytes(broker, read.bytes, context.now);
  sendResponse(broker, connectionId, fetchResponse(read.partitions), context);
}

/** The high watermark moved (or leadership ended): consumers whose fetches are parked on the partition may have enough now. */
export function completeConsumerFetches(broker: Broker, partition: Partition, context: Context): void {
  if (partition.waitingFetches.length === 0) return;
  for (const id of partition.waitingFetches.slice()) {
    const operation = broker.purgatory.fetches[id];
    if (operation !== undefined && hasEnough(broker, operation)) completeConsumerFetch(broker, id, operation, context);
  }
}

function hasEnough(broker: Broker, operation: DelayedFetch): boolean {
  let bytes = 0;
  for (const { topicPartition, fetchOffset, currentLeaderEpoch } of operation.partitions) {
    const partition = broker.partitions[topicPartition];
    const log = broker.logs[topicPartition];
    if (
      log === undefined ||
      refusalOf(partition, currentLeaderEpoch) !== "NONE" ||
      fetchOffset > log.logEndOffset ||
      fetchOffset < log.logStartOffset
    )
      return true;
    bytes += bytesBetween(log, fetchOffset, log.highWatermark, operation.minBytes - bytes);
    if (bytes >= operation.minBytes) return true;
  }
  return false;
}

function completeConsumerFetch(broker: Broker, id: number, operation: DelayedFetch, context: Context): void {
  delete broker.purgatory.fetches[id];
  for (const { topicPartition } of operation.partitions) {
    const waiting = broker.partitions[topicPartition]?.waitingFetches;
    const place = waiting === undefined ? -1 : waiting.indexOf(id);
    if (place !== -1) waiting!.splice(place, 1);
  }
  const read = readForConsumer(broker, operation.partitions, operation.maxBytes);
  chargeBytes(broker, read.bytes, context.now);
  sendResponse(broker, operation.connection, fetchResponse(read.partitions), context);
}

export interface ConsumerRead {
  partitions: FetchedPartition[];
  bytes: number;
  failed: boolean;
}

/** In the order in which the consumer names its partitions; the first batch is returned however large it is. */
export function readForConsumer(broker: Broker, partitions: readonly FetchPartition[], maxBytes: number): ConsumerRead {
  const result: ConsumerRead = { partitions: [], bytes: 0, failed: false };
  for (const named of partitions) {
    const limits = {
      maxBytes: Math.min(named.partitionMaxBytes, maxBytes - result.bytes),
      minOneMessage: result.bytes === 0,
      asFollower: false,
    };
    const read = readPartition(broker, named.topicPartition, named, limits);
    for (const batch of read.batches) result.bytes += batch.sizeBytes;
    if (read.error !== "NONE" || read.divergingEpoch !== null) result.failed = true;
    result.partitions.push(read);
  }
  return result;
}

// ── Both ──

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
    if (!session.partitions[partition.topicPartition]!.noticed) {
      session.partitions[partition.topicPartition]!.noticed = true;
      session.toLookAt.push(partition.topicPartition);
    }
    completeSessionFetch(broker, id, false, context);
  }
}

function wait(broker: Broker, id: ConnectionId, operation: number, deadlineMs: number, context: Context): void {
  const connection = broker.connections[id];
  if (connection === undefined) return;
  connection.waitingOperation = operation;
  armTimer(broker, id, connection, deadlineMs, context);
}

function armTimer(broker: Broker, id: ConnectionId, connection: ServerConnection, deadlineMs: number, context: Context): void {
  if (connection.timerAtMs !== -1 && connection.timerAtMs <= deadlineMs) return;
  connection.timerAtMs = deadlineMs;
  context.schedule(deadlineMs, Phase.Timer, broker.nodeId, PURGATORY_TIMER, { connection: id, at: deadlineMs });
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
