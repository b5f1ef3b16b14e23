/**
 * Runs the group coordinator of each partition of __consumer_offsets that this broker leads, over that partition's real, replicated log.
 * Models org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime and the routing of GroupCoordinatorService. Left out: the transaction coordinator
 * (a later issue), snapshots of the state (a failed append is told to the coordinator instead), batching of writes (group.coordinator.append.linger.ms).
 */
import { Phase } from "../../kernel/event.ts";
import { copyPlain } from "../../kernel/kernel.ts";
import {
  createGroupCoordinatorShard,
  type GroupCoordinatorShard,
  type GroupRequest,
  type GroupResult,
  type GroupTimer,
  onAppendCommitted,
  onAppendFailed,
  onGroupRequest,
  onGroupTimer,
  onShardLoaded,
  onShardUnloaded,
  replayRecord,
} from "../group-coordinator/group-coordinator-shard.ts";
import { joinError, syncError } from "../group-coordinator/group-work.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseBody } from "../protocol/messages.ts";
import { copyBatch, type InternalRecord, type RecordBatch } from "../protocol/record-batch.ts";
import type { Broker } from "./broker.ts";
import { coordinatorPartition, GROUP_METADATA_TOPIC } from "./metadata-cache.ts";
import type { Partition } from "./partition.ts";
import { afterInternalAppend, appendInternal } from "./replica-manager.ts";
import { sendResponse } from "./request-channel.ts";

export interface CoordinatorRuntime {
  /** By partition of __consumer_offsets. */
  shards: Record<string, CoordinatorShard>;
  nextRequestId: number;
  /** The connections of requests that are not answered yet. */
  requests: Record<number, ConnectionId>;
}

export interface CoordinatorShard {
  readonly topicPartition: string;
  readonly leaderEpoch: number;
  state: "loading" | "active";
  shard: GroupCoordinatorShard;
  /** Appends that are not committed yet, in the order of their offsets. */
  pending: PendingWrite[];
}

export interface PendingWrite {
  /** -1: only answers wait for it. */
  appendId: number;
  requiredOffset: number;
  /** GIVEN_UP: whoever waited has been told of a timeout; what was written still counts once it is committed. */
  deadlineMs: number;
  answers: { requestId: number; body: ResponseBody }[];
}

export const COORDINATOR_LOAD = "coordinator-load";
export const COORDINATOR_COMMITTED = "coordinator-committed";
export const COORDINATOR_TIMEOUT = "coordinator-timeout";

const LOAD_MS = 1;
const GIVEN_UP = -1;

export function createCoordinatorRuntime(): CoordinatorRuntime {
  return { shards: {}, nextRequestId: 0, requests: {} };
}

export function isCoordinatorPartition(partition: Partition): boolean {
  return partition.topic === GROUP_METADATA_TOPIC;
}

// ── Requests ──

export function onCoordinatorRequest(broker: Broker, connection: ConnectionId, body: GroupRequest, context: Context): void {
  const topicPartition = coordinatorPartition(broker.image, GROUP_METADATA_TOPIC, body.groupId);
  const host = broker.coordinators.shards[topicPartition];
  if (host === undefined) return sendResponse(broker, connection, groupError(body, "NOT_COORDINATOR"), context);
  if (host.state === "loading") return sendResponse(broker, connection, groupError(body, "COORDINATOR_LOAD_IN_PROGRESS"), context);
  const requestId = broker.coordinators.nextRequestId++;
  broker.coordinators.requests[requestId] = connection;
  run(broker, host, onGroupRequest(host.shard, requestId, body, context, broker.settings), context);
}

export function onCoordinatorTimer(broker: Broker, timer: GroupTimer, context: Context): void {
  const host = broker.coordinators.shards[timer.topicPartition];
  if (host === undefined || host.state !== "active") return;
  run(broker, host, onGroupTimer(host.shard, timer, context, broker.settings), context);
}

/** Writes what a handler decided, and answers: at once, or when the records are committed. */
function run(broker: Broker, host: CoordinatorShard, result: GroupResult, context: Context): void {
  const waiting: PendingWrite["answers"] = [];
  for (const { requestId, body, afterCommit } of result.answers) {
    if (afterCommit && result.records.length > 0) waiting.push({ requestId, body });
    else reply(broker, requestId, body, context);
  }
  if (result.records.length > 0) write(broker, host, result.records, result.appendId, waiting, context);
}

function write(
  broker: Broker,
  host: CoordinatorShard,
  records: InternalRecord[],
  appendId: number,
  answers: PendingWrite["answers"],
  context: Context,
): void {
  const partition = broker.partitions[host.topicPartition];
  const log = broker.logs[host.topicPartition];
  if (partition === undefined || log === undefined) return;
  const highWatermarkBefore = log.highWatermark;
  const { error, requiredOffset } = appendInternal(broker, partition, batchOf(records, context.now), context);
  if (error !== "NONE") {
    fail(broker, host, { appendId, requiredOffset, deadlineMs: 0, answers }, error, context);
    return;
  }
  const deadlineMs = context.now + broker.settings.offsetsCommitTimeoutMs;
  const newest = host.pending[host.pending.length - 1];
  const isFirst = newest === undefined || newest.deadlineMs === GIVEN_UP;
  host.pending.push({ appendId, requiredOffset, deadlineMs, answers });
  if (isFirst) armTimeout(broker, host, deadlineMs, context);
  afterInternalAppend(broker, partition, highWatermarkBefore, context);
}

/** The coordinators' serialised records are about this large. */
const RECORD_BYTES = 120;
const BATCH_HEADER_BYTES = 61;

function batchOf(records: InternalRecord[], nowMs: number): RecordBatch {
  return copyBatch({
    baseOffset: 0,
    recordCount: records.length,
    sizeBytes: BATCH_HEADER_BYTES + RECORD_BYTES * records.length,
    partitionLeaderEpoch: -1,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    transactional: false,
    baseTimestamp: nowMs,
    maxTimestamp: nowMs,
    producer: "",
    ids: [],
    internal: records,
  });
}

function reply(broker: Broker, requestId: number, body: ResponseBody, context: Context): void {
  const connection = broker.coordinators.requests[requestId];
  if (connection === undefined) return;
  delete broker.coordinators.requests[requestId];
  // It may have waited in the state for its records to be committed.
  sendResponse(broker, connection, copyPlain(body), context);
}

// ── Commits ──

/** The high watermark of the coordinator's partition moved. */
export function onCoordinatorCommitted(broker: Broker, topicPartition: string, context: Context): void {
  const host = broker.coordinators.shards[topicPartition];
  const log = broker.logs[topicPartition];
  if (host === undefined || log === undefined) return;
  while (host.pending.length > 0 && host.pending[0]!.requiredOffset <= log.highWatermark) {
    const { appendId, answers } = takeFirst(host);
    const cause = context.cause;
    if (appendId !== -1) run(broker, host, onAppendCommitted(host.shard, appendId, context), context);
    for (const { requestId, body } of answers) reply(broker, requestId, body, context);
    context.cause = cause;
  }
}

/** A pending write leaves the state; what it holds is copied, since some of it becomes messages. */
function takeFirst(host: CoordinatorShard): { appendId: number; answers: PendingWrite["answers"] } {
  const { appendId, answers } = host.pending[0]!;
  const taken = { appendId, answers: answers.map(({ requestId, body }) => ({ requestId, body: copyPlain(body) })) };
  host.pending.shift();
  return taken;
}

function fail(broker: Broker, host: CoordinatorShard, write: PendingWrite, error: ErrorName, context: Context): void {
  const { appendId, answers } = write;
  if (appendId !== -1) run(broker, host, onAppendFailed(host.shard, appendId, error, context), context);
  // Whoever is still without an answer looks for the coordinator again.
  for (const { requestId } of answers) {
    const connection = broker.coordinators.requests[requestId];
    if (connection === undefined) continue;
    const request = broker.connections[connection]?.queue[0]?.body;
    if (request !== undefined && isGroupRequest(request)) reply(broker, requestId, groupError(request, clientError(error)), context);
  }
}

function armTimeout(broker: Broker, host: CoordinatorShard, at: number, context: Context): void {
  context.schedule(at, Phase.Timer, broker.nodeId, COORDINATOR_TIMEOUT, {
    topicPartition: host.topicPartition,
    leaderEpoch: host.leaderEpoch,
  });
}

/** offsets.commit.timeout.ms: what has not been committed by now has failed for whoever waits. One timer serves all of a shard's writes. */
export function onCoordinatorTimeout(broker: Broker, payload: { topicPartition: string; leaderEpoch: number }, context: Context): void {
  const host = broker.coordinators.shards[payload.topicPartition];
  if (host === undefined || host.leaderEpoch !== payload.leaderEpoch) return;
  const isDue = ({ deadlineMs }: PendingWrite): boolean => deadlineMs !== GIVEN_UP && deadlineMs <= context.now;
  for (let due = host.pending.find(isDue); due !== undefined; due = host.pending.find(isDue)) {
    const told = { appendId: due.appendId, answers: copyPlain(due.answers) };
    due.deadlineMs = GIVEN_UP;
    due.answers = [];
    fail(broker, host, { ...told, requiredOffset: -1, deadlineMs: GIVEN_UP }, "REQUEST_TIMED_OUT", context);
  }
  const next = host.pending.find(({ deadlineMs }) => deadlineMs !== GIVEN_UP);
  if (next !== undefined) armTimeout(broker, host, next.deadlineMs, context);
}

// ── Coming and going with the leadership ──

/** The broker leads a partition of __consumer_offsets: it loads what the log says of the groups. */
export function loadCoordinator(broker: Broker, partition: Partition, context: Context): void {
  const { topicPartition, leaderEpoch } = partition;
  const host = broker.coordinators.shards[topicPartition];
  if (host !== undefined) {
    if (host.leaderEpoch === leaderEpoch) return;
    unloadCoordinator(broker, topicPartition, context);
  }
  const shard = createGroupCoordinatorShard(broker.nodeId, topicPartition, leaderEpoch);
  broker.coordinators.shards[topicPartition] = { topicPartition, leaderEpoch, state: "loading", shard, pending: [] };
  context.schedule(context.now + LOAD_MS, Phase.Delivery, broker.nodeId, COORDINATOR_LOAD, { topicPartition, leaderEpoch });
}

export function onCoordinatorLoad(broker: Broker, payload: { topicPartition: string; leaderEpoch: number }, context: Context): void {
  const host = broker.coordinators.shards[payload.topicPartition];
  const log = broker.logs[payload.topicPartition];
  if (host === undefined || log === undefined || host.leaderEpoch !== payload.leaderEpoch || host.state !== "loading") return;
  let records = 0;
  for (const segment of log.segments) {
    for (const batch of segment.batches) {
      if (batch.internal === null) continue;
      for (const { key, value } of copyBatch(batch).internal!) replayRecord(host.shard, key, value);
      records += batch.recordCount;
    }
  }
  host.state = "active";
  if (context.tracing && records > 0)
    context.cause = context.trace("coordinator-loaded", broker.nodeId, { topicPartition: payload.topicPartition, records });
  run(broker, host, onShardLoaded(host.shard, context, broker.settings), context);
}

/** The broker no longer leads the partition: all who wait are told that it is not the coordinator. */
export function unloadCoordinator(broker: Broker, topicPartition: string, context: Context): void {
  const host = broker.coordinators.shards[topicPartition];
  if (host === undefined) return;
  if (host.state === "active") {
    while (host.pending.length > 0) {
      const { appendId, answers } = takeFirst(host);
      fail(broker, host, { appendId, requiredOffset: -1, deadlineMs: 0, answers }, "NOT_LEADER_OR_FOLLOWER", context);
    }
    const { answers } = onShardUnloaded(host.shard, context);
    for (const { requestId, body } of answers) reply(broker, requestId, body, context);
    if (context.tracing) context.trace("coordinator-unloaded", broker.nodeId, { topicPartition });
  }
  delete broker.coordinators.shards[topicPartition];
}

// ── Errors ──

export function isGroupRequest(body: { api: string }): body is GroupRequest {
  switch (body.api) {
    case "JoinGroup":
    case "SyncGroup":
    case "Heartbeat":
    case "LeaveGroup":
    case "OffsetCommit":
    case "OffsetFetch":
      return true;
    default:
      return false;
  }
}

function clientError(error: ErrorName): ErrorName {
  return error === "NOT_LEADER_OR_FOLLOWER" ? "NOT_COORDINATOR" : "COORDINATOR_NOT_AVAILABLE";
}

function groupError(body: GroupRequest, error: ErrorName): ResponseBody {
  switch (body.api) {
    case "JoinGroup":
      return joinError(error, body.memberId);
    case "SyncGroup":
      return syncError(error);
    case "Heartbeat":
      return { api: "Heartbeat", error };
    case "LeaveGroup":
      return { api: "LeaveGroup", error, members: [] };
    case "OffsetCommit":
      return { api: "OffsetCommit", partitions: body.partitions.map(({ topicPartition }) => ({ topicPartition, error })) };
    case "OffsetFetch":
      return { api: "OffsetFetch", error, partitions: [] };
  }
}
