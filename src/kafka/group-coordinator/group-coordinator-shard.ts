/**
 * The group coordinator of one partition of __consumer_offsets: its groups and their committed offsets.
 * Models org.apache.kafka.coordinator.group.GroupCoordinatorShard. Left out: consumer, share and streams groups (later issues), authorisation, quotas.
 *
 * How the broker uses it: a handler decides and returns what to write and what to answer; its records apply to the state at once.
 * Answers with `afterCommit` wait until the records are committed; then the broker sends them and calls onAppendCommitted.
 * If the append fails it drops them and calls onAppendFailed, whose result holds the answers instead.
 */
import type { Context, NodeId } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { RequestOf } from "../protocol/messages.ts";
import { committedAppend, failedAppend, type PendingAppend } from "./appends.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { onJoinGroup } from "./classic-group-join.ts";
import { armLoadedGroup, onHeartbeat, onLeaveGroup, onSyncGroup, unloadGroup } from "./classic-group-manager.ts";
import { onClassicGroupTimer } from "./classic-group-rebalance.ts";
import { applyGroupRecord } from "./group-records.ts";
import { emptyResult, type GroupCoordinatorSettings, type GroupResult } from "./group-result.ts";
import type { GroupTimer } from "./group-timer.ts";
import type { GroupWork } from "./group-work.ts";
import { armExpiry, onExpiryTimer, onOffsetCommit, onOffsetFetch } from "./offset-metadata-manager.ts";

export type { GroupCoordinatorSettings, GroupResult } from "./group-result.ts";
export type { GroupTimer } from "./group-timer.ts";

export interface GroupCoordinatorShard {
  /** The broker that this shard lives on. */
  readonly nodeId: NodeId;
  /** "__consumer_offsets-7" */
  readonly topicPartition: string;
  /** The leader epoch in which it was loaded: timers of an earlier one are void. */
  readonly epoch: number;
  groups: Record<string, ClassicGroup>;
  /** Group to topic-partition to what is committed. */
  offsets: Record<string, Record<string, CommittedOffset>>;
  /** Appends that are not committed yet, by id. */
  appends: Record<number, PendingAppend>;
  nextAppendId: number;
  /** Numbers of timers: only the newest of a kind counts. */
  nextTimer: number;
}

export interface CommittedOffset {
  offset: number;
  leaderEpoch: number;
  metadata: string;
  committedAtMs: number;
}

export type GroupRequest = RequestOf<"JoinGroup" | "SyncGroup" | "Heartbeat" | "LeaveGroup" | "OffsetCommit" | "OffsetFetch">;

export function createGroupCoordinatorShard(nodeId: NodeId, topicPartition: string, epoch: number): GroupCoordinatorShard {
  return { nodeId, topicPartition, epoch, groups: {}, offsets: {}, appends: {}, nextAppendId: 0, nextTimer: 0 };
}

/** `requestId` is the broker's own name for the request; it comes back in an answer, now or at some later event. */
export function onGroupRequest(
  shard: GroupCoordinatorShard,
  requestId: number,
  body: GroupRequest,
  context: Context,
  settings: GroupCoordinatorSettings,
): GroupResult {
  const result = emptyResult();
  const work = workOf(shard, result, context, settings);
  switch (body.api) {
    case "JoinGroup":
      onJoinGroup(work, requestId, body, settings);
      break;
    case "SyncGroup":
      onSyncGroup(work, requestId, body);
      break;
    case "Heartbeat":
      onHeartbeat(work, requestId, body);
      break;
    case "LeaveGroup":
      onLeaveGroup(work, requestId, body);
      break;
    case "OffsetCommit":
      onOffsetCommit(work, requestId, body, settings);
      break;
    case "OffsetFetch":
      onOffsetFetch(shard, requestId, body, result);
      break;
  }
  return result;
}

export function onGroupTimer(
  shard: GroupCoordinatorShard,
  timer: GroupTimer,
  context: Context,
  settings: GroupCoordinatorSettings,
): GroupResult {
  const result = emptyResult();
  if (timer.epoch !== shard.epoch) return result;
  const work = workOf(shard, result, context, settings);
  if (timer.kind === "expire") onExpiryTimer(work, settings);
  else onClassicGroupTimer(work, timer);
  return result;
}

/** The records of the result with this appendId are committed. */
export function onAppendCommitted(shard: GroupCoordinatorShard, appendId: number, context: Context): GroupResult {
  const result = emptyResult();
  committedAppend(workOf(shard, result, context, null), appendId);
  return result;
}

/** The records of the result with this appendId were not written, or not committed in time. */
export function onAppendFailed(shard: GroupCoordinatorShard, appendId: number, error: ErrorName, context: Context): GroupResult {
  const result = emptyResult();
  failedAppend(workOf(shard, result, context, null), appendId, error);
  return result;
}

/** Loading: rebuilds the state from a record of the log. The value may be kept, so it must be a copy. */
export function replayRecord(shard: GroupCoordinatorShard, key: string, value: unknown): void {
  applyGroupRecord(shard, key, value);
}

/** After loading: sessions of the loaded members begin, unfinished rebalances go on, the periodic clean-up is armed. */
export function onShardLoaded(shard: GroupCoordinatorShard, context: Context, settings: GroupCoordinatorSettings): GroupResult {
  const result = emptyResult();
  const work = workOf(shard, result, context, settings);
  for (const group of Object.values(shard.groups)) armLoadedGroup(work, group);
  armExpiry(shard, context, settings);
  return result;
}

/** The broker no longer leads the partition: everybody who waits is told so. The shard is of no use afterwards. */
export function onShardUnloaded(shard: GroupCoordinatorShard, _context: Context): GroupResult {
  const result = emptyResult();
  for (const group of Object.values(shard.groups)) unloadGroup(group, result);
  return result;
}

/** Without settings (after an append) nothing begins that would need them: only an empty group waits out an initial delay. */
function workOf(shard: GroupCoordinatorShard, result: GroupResult, context: Context, settings: GroupCoordinatorSettings | null): GroupWork {
  return {
    shard,
    result,
    context,
    initialRebalanceDelayMs: settings?.groupInitialRebalanceDelayMs ?? 0,
    groupMaxSize: settings?.groupMaxSize ?? Number.MAX_SAFE_INTEGER,
  };
}
