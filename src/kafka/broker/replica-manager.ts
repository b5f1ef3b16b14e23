/**
 * Appending to and fetching from the partitions that this broker leads, and the periodic care of all of its logs.
 * Models kafka.server.ReplicaManager and the parts of kafka.cluster.Partition that touch the log. Left out: reassignments, tiered storage, transactions.
 */
import { findDuplicate, removeExpiredProducers, validateProducerBatch } from "../log/producer-state-manager.ts";
import { compactInternal, deleteOldSegments } from "../log/retention.ts";
import { appendAsLeader, type UnifiedLog, validateBatchSize } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { RequestOf } from "../protocol/messages.ts";
import { copyBatch, type RecordBatch } from "../protocol/record-batch.ts";
import type { Broker } from "./broker.ts";
import { completeConsumerFetches, completeFollowerFetches, parkFetch, readForConsumer } from "./delayed-fetch.ts";
import { onHighWatermarkMoved } from "./delayed-operations.ts";
import { answerWhenReplicated, produceResponse } from "./delayed-produce.ts";
import {
  createFetchSession,
  fetchResponse,
  markTold,
  nameInSession,
  noticeInSessions,
  putBack,
  readSession,
  sessionOf,
} from "./fetch-session.ts";
import { effectiveMinIsr, maybeIncrementHighWatermark, type Partition, remoteOf, updateRemote } from "./partition.ts";
import { maybeExpandIsr } from "./partition-isr.ts";
import type { ProducedPartition } from "./purgatory.ts";
import { chargeBytes, closeConnection, finishRequest, type ServerConnection, sendResponse } from "./request-channel.ts";

interface Append {
  error: ErrorName;
  baseOffset: number;
  /** What the high watermark must reach before the batch is committed. */
  requiredOffset: number;
  timestamp: number;
  logStartOffset: number;
  /** Nothing was appended: the log has it already. */
  duplicate: boolean;
  highWatermarkMoved: boolean;
  /** The config that decided a refusal. */
  config: string;
}

// ── Produce ──

export function onProduce(
  broker: Broker,
  id: ConnectionId,
  connection: ServerConnection,
  body: RequestOf<"Produce">,
  context: Context,
): void {
  const produced: ProducedPartition[] = [];
  const appended: { partition: Partition; highWatermarkMoved: boolean; cause: number }[] = [];
  const requestCause = context.cause;
  let failed = false;
  for (const { topicPartition, batch } of body.partitions) {
    context.cause = requestCause;
    const append = appendToPartition(broker, topicPartition, batch, body.acks, context);
    if (append.error !== "NONE") failed = true;
    else if (!append.duplicate)
      appended.push({ partition: broker.partitions[topicPartition]!, highWatermarkMoved: append.highWatermarkMoved, cause: context.cause });
    produced.push({
      topicPartition,
      requiredOffset: body.acks === -1 && append.error === "NONE" ? append.requiredOffset : -1,
      error: append.error,
      baseOffset: append.baseOffset,
      logAppendTimeMs: broker.partitions[topicPartition]?.settings.messageTimestampType === "LogAppendTime" ? append.timestamp : -1,
      logStartOffset: append.logStartOffset,
    });
  }
  answerProduce(broker, id, connection, body, produced, failed, context);
  for (const { partition, highWatermarkMoved, cause } of appended) {
    context.cause = cause;
    completeFollowerFetches(broker, partition, context);
    if (highWatermarkMoved) onHighWatermarkMoved(broker, partition, context);
  }
}

function answerProduce(
  broker: Broker,
  id: ConnectionId,
  connection: ServerConnection,
  body: RequestOf<"Produce">,
  produced: ProducedPartition[],
  failed: boolean,
  context: Context,
): void {
  if (body.acks === -1) answerWhenReplicated(broker, id, produced, body.timeoutMs, context);
  else if (body.acks !== 0) sendResponse(broker, id, produceResponse(broker, produced), context);
  // With acks=0 nobody listens: an error can only be told by closing the connection.
  else if (failed) closeConnection(broker, id, context);
  else finishRequest(broker, id, connection, context);
}

function refused(error: ErrorName, config: string): Append {
  return {
    error,
    baseOffset: -1,
    requiredOffset: -1,
    timestamp: -1,
    logStartOffset: -1,
    duplicate: false,
    highWatermarkMoved: false,
    config,
  };
}

/** One batch of a producer: checked, appended, and shown to those who wait, all but the answers. */
function appendToPartition(broker: Broker, topicPartition: string, batch: RecordBatch, acks: number, context: Context): Append {
  const partition = broker.partitions[topicPartition];
  const log = broker.logs[topicPartition];
  const append =
    partition === undefined || log === undefined
      ? refused(unknownHere(broker, topicPartition), "")
      : tryAppend(broker, partition, log, batch, acks, context);
  if (!context.tracing) return append;
  const { producer, recordCount: records } = batch;
  const { baseOffset, error, config } = append;
  if (error !== "NONE") context.cause = context.trace("produce-refused", broker.nodeId, { topicPartition, producer, error, config });
  else if (append.duplicate)
    context.cause = context.trace("produce-duplicate", broker.nodeId, { topicPartition, producer, baseOffset, records });
  else {
    const { leaderEpoch } = partition!;
    const fields = { topicPartition, producer, baseOffset, records, ids: batch.ids.slice(), leaderEpoch, acks };
    context.cause = context.trace("produce-appended", broker.nodeId, fields);
  }
  return append;
}

function unknownHere(broker: Broker, topicPartition: string): ErrorName {
  return broker.image.partitions[topicPartition] === undefined ? "UNKNOWN_TOPIC_OR_PARTITION" : "NOT_LEADER_OR_FOLLOWER";
}

function tryAppend(broker: Broker, partition: Partition, log: UnifiedLog, batch: RecordBatch, acks: number, context: Context): Append {
  if (acks < -1 || acks > 1) return refused("INVALID_REQUIRED_ACKS", "acks");
  if (partition.role !== "leader") return refused("NOT_LEADER_OR_FOLLOWER", "");
  if (acks === -1 && partition.isr.length < effectiveMinIsr(partition)) return refused("NOT_ENOUGH_REPLICAS", "min.insync.replicas");
  const invalid = validateBatchSize(batch, partition.settings, context.now);
  if (invalid !== "NONE")
    return refused(
      invalid,
      invalid === "MESSAGE_TOO_LARGE"
        ? "max.message.bytes"
        : invalid === "RECORD_LIST_TOO_LARGE"
          ? "segment.bytes"
          : "message.timestamp.after.max.ms",
    );
  if (batch.producerId !== -1) {
    const known = findDuplicate(log.producers, batch);
    if (known !== null) {
      const { firstOffset, lastOffset, timestamp } = known;
      const { logStartOffset } = log;
      return {
        error: "NONE",
        baseOffset: firstOffset,
        requiredOffset: lastOffset + 1,
        timestamp,
        logStartOffset,
        duplicate: true,
        highWatermarkMoved: false,
        config: "",
      };
    }
    const error = validateProducerBatch(log.producers, batch);
    if (error !== "NONE") return refused(error, "");
  }
  return appendBatch(broker, partition, log, copyBatch(batch), context);
}

function appendBatch(broker: Broker, partition: Partition, log: UnifiedLog, batch: RecordBatch, context: Context): Append {
  rememberWhoIsCaughtUp(broker, partition, log);
  const baseOffset = appendAsLeader(log, batch, partition.leaderEpoch, partition.settings, context.now);
  if (batch.internal === null)
    context.records.appended(broker.id, partition.topicPartition, batch.producer, baseOffset, batch.ids, true, context.now);
  noticeInSessions(broker, partition);
  const highWatermarkMoved = maybeIncrementHighWatermark(broker, partition, log, context);
  return {
    error: "NONE",
    baseOffset,
    requiredOffset: log.logEndOffset,
    timestamp: context.now,
    logStartOffset: log.logStartOffset,
    duplicate: false,
    highWatermarkMoved,
    config: "",
  };
}

/**
 * A follower that has everything does not name the partition in its fetches; each of them said nevertheless that it has everything.
 * That is noted now, before the log grows.
 */
function rememberWhoIsCaughtUp(broker: Broker, partition: Partition, log: UnifiedLog): void {
  for (const remote of partition.remotes) {
    if (remote.logEndOffset !== log.logEndOffset) continue;
    const session = sessionOf(broker, remote.session);
    if (session === null || session.lastFetchMs <= remote.lastFetchTimeMs) continue;
    updateRemote(remote, remote.logEndOffset, remote.logStartOffset, log.logEndOffset, remote.brokerEpoch, session.lastFetchMs);
  }
}

/** A follower's connection ended: its last fetch counts for all partitions of the session that had nothing to name. */
export function onSessionEnded(broker: Broker, connection: ConnectionId): void {
  const session = sessionOf(broker, connection);
  if (session === null) return;
  for (const topicPartition of Object.keys(session.partitions)) {
    const partition = broker.partitions[topicPartition];
    const remote = partition === undefined ? null : remoteOf(partition, session.replicaId);
    if (partition !== undefined && remote?.session === connection) rememberWhoIsCaughtUp(broker, partition, broker.logs[topicPartition]!);
  }
}

/** A coordinator's records, as with acks=all: they are committed once the high watermark reaches `requiredOffset`. */
export function appendInternal(
  broker: Broker,
  partition: Partition,
  batch: RecordBatch,
  context: Context,
): { error: ErrorName; requiredOffset: number } {
  const log = broker.logs[partition.topicPartition];
  if (log === undefined || partition.role !== "leader") return { error: "NOT_LEADER_OR_FOLLOWER", requiredOffset: -1 };
  if (partition.isr.length < effectiveMinIsr(partition)) return { error: "NOT_ENOUGH_REPLICAS", requiredOffset: -1 };
  const append = appendBatch(broker, partition, log, batch, context);
  return { error: append.error, requiredOffset: append.requiredOffset };
}

/** To be called after appendInternal, when whoever appended has noted what it waits for. */
export function afterInternalAppend(broker: Broker, partition: Partition, highWatermarkBefore: number, context: Context): void {
  completeFollowerFetches(broker, partition, context);
  if (broker.logs[partition.topicPartition]!.highWatermark > highWatermarkBefore) onHighWatermarkMoved(broker, partition, context);
}

// ── Fetch ──

export function onFetch(broker: Broker, id: ConnectionId, connection: ServerConnection, body: RequestOf<"Fetch">, context: Context): void {
  if (body.replicaId === -1) onConsumerFetch(broker, id, body, context);
  else onFollowerFetch(broker, id, connection, body, context);
}

function onConsumerFetch(broker: Broker, id: ConnectionId, body: RequestOf<"Fetch">, context: Context): void {
  const maxBytes = Math.min(body.maxBytes, broker.settings.fetchMaxBytes);
  const read = readForConsumer(broker, body.partitions, maxBytes);
  if (read.failed || read.bytes >= body.minBytes || body.maxWaitMs <= 0 || body.partitions.length === 0) {
    chargeBytes(broker, read.bytes, context.now);
    sendResponse(broker, id, fetchResponse(read.partitions), context);
    return;
  }
  const partitions = body.partitions.map((named) => ({
    topicPartition: named.topicPartition,
    currentLeaderEpoch: named.currentLeaderEpoch,
    fetchOffset: named.fetchOffset,
    lastFetchedEpoch: named.lastFetchedEpoch,
    logStartOffset: named.logStartOffset,
    partitionMaxBytes: named.partitionMaxBytes,
  }));
  const { replicaId, minBytes, maxWaitMs } = body;
  parkFetch(broker, { connection: id, replicaId, minBytes, maxBytes, partitions }, maxWaitMs, context);
}

/** The log is read first; then the fetch's offsets tell what the follower has; so the response knows nothing yet of a high watermark that this moves. */
function onFollowerFetch(broker: Broker, id: ConnectionId, connection: ServerConnection, body: RequestOf<"Fetch">, context: Context): void {
  connection.session ??= createFetchSession(body.replicaId);
  const { session } = connection;
  session.brokerEpoch = body.replicaEpoch;
  session.lastFetchMs = context.now;
  for (const named of body.partitions) nameInSession(session, named);
  const fetchCause = context.cause;
  const moved: Partition[] = [];
  const read = readSession(broker, session, body.minBytes, body.maxBytes, (topicPartition, entry, found) => {
    if (found.error !== "NONE" || found.divergingEpoch !== null) return;
    const partition = broker.partitions[topicPartition]!;
    const log = broker.logs[topicPartition]!;
    const remote = remoteOf(partition, body.replicaId);
    if (remote === null) return;
    remote.session = id;
    const logEndMoved = updateRemote(remote, entry.fetchOffset, entry.logStartOffset, log.logEndOffset, body.replicaEpoch, context.now);
    maybeExpandIsr(broker, partition, remote, log, context);
    entry.outOfIsr = !partition.isr.includes(body.replicaId);
    context.cause = fetchCause;
    if (logEndMoved && maybeIncrementHighWatermark(broker, partition, log, context)) moved.push(partition);
  });
  if (read.urgent || body.maxWaitMs <= 0) {
    markTold(session, read);
    chargeBytes(broker, read.bytes, context.now);
    sendResponse(broker, id, fetchResponse(read.partitions), context);
  } else {
    putBack(session, read);
    const { replicaId, minBytes, maxBytes, maxWaitMs } = body;
    parkFetch(broker, { connection: id, replicaId, minBytes, maxBytes, partitions: [] }, maxWaitMs, context);
  }
  for (const partition of moved) {
    context.cause = fetchCause;
    onHighWatermarkMoved(broker, partition, context);
  }
}

// ── Care of the logs ──

/** log.retention.check.interval.ms: every replica, leader or not, deletes what its own log may forget. */
export function onRetentionCheck(broker: Broker, context: Context): void {
  for (const topicPartition of Object.keys(broker.logs)) {
    const partition = broker.partitions[topicPartition];
    if (partition === undefined) continue;
    const log = broker.logs[topicPartition]!;
    const deletion = deleteOldSegments(log, partition.settings, context.now);
    if (deletion !== null) onLogStartMoved(broker, partition, deletion.logStartOffset, "retention", deletion.config, context);
    compactInternal(log, partition.settings);
  }
}

/** A log begins later than before. */
export function onLogStartMoved(
  broker: Broker,
  partition: Partition,
  logStartOffset: number,
  reason: string,
  config: string,
  context: Context,
): void {
  const { topicPartition } = partition;
  context.records.deletedBefore(broker.id, topicPartition, logStartOffset);
  if (context.tracing) context.cause = context.trace("records-deleted", broker.nodeId, { topicPartition, logStartOffset, reason, config });
  if (partition.role !== "leader") return;
  noticeInSessions(broker, partition);
  completeConsumerFetches(broker, partition, context);
}

export function onProducerExpiryCheck(broker: Broker, context: Context): void {
  for (const topicPartition of Object.keys(broker.logs))
    removeExpiredProducers(broker.logs[topicPartition]!.producers, context.now, broker.settings.producerIdExpirationMs);
}
