/**
 * What waits for records to be committed: the follow-ups that Kafka hangs on the append's future.
 */
import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import { completeStaticJoin, revertCreation, revertStaticJoin } from "./classic-group-join.ts";
import { completeAssignment, failAssignment } from "./classic-group-manager.ts";
import type { CommittedOffset, GroupCoordinatorShard } from "./group-coordinator-shard.ts";
import { answer, type GroupResult } from "./group-result.ts";
import { type GroupWork, joinError } from "./group-work.ts";

export type PendingAppend =
  | { kind: "none"; group: string }
  | { kind: "create"; group: string }
  | { kind: "assignment"; group: string; generationId: number; assignments: Record<string, string> }
  | { kind: "static-join"; group: string; oldMemberId: string; memberId: string; requestId: number }
  | { kind: "leave"; group: string; requestId: number }
  /** Commits count only once they are durable: until then OffsetFetch answers what was before. */
  | {
      kind: "offsets";
      group: string;
      member: string;
      requestId: number;
      offsets: { topicPartition: string; committed: CommittedOffset }[];
      refused: string[];
    };

/** A result has one append; a later registration of the same event replaces the earlier one's follow-up. */
export function registerAppend(shard: GroupCoordinatorShard, result: GroupResult, append: PendingAppend): void {
  if (result.appendId === -1) result.appendId = shard.nextAppendId++;
  shard.appends[result.appendId] = append;
}

export function committedAppend(work: GroupWork, appendId: number): void {
  const { shard } = work;
  const append = shard.appends[appendId];
  if (append === undefined) return;
  delete shard.appends[appendId];
  const group = shard.groups[append.group];
  switch (append.kind) {
    case "assignment":
      if (group !== undefined) completeAssignment(work, group, append.generationId, append.assignments);
      return;
    case "static-join":
      if (group !== undefined) completeStaticJoin(work, group, append.memberId);
      return;
    case "offsets":
      applyCommits(shard, append, work.context);
      return;
  }
}

export function failedAppend(work: GroupWork, appendId: number, cause: ErrorName): void {
  const { shard, result } = work;
  const append = shard.appends[appendId];
  if (append === undefined) return;
  // A commit that was not replicated in time is in the log all the same, and counts when the high watermark passes it.
  if (append.kind !== "offsets" || cause !== "REQUEST_TIMED_OUT") delete shard.appends[appendId];
  const error = answeredError(cause);
  const group = shard.groups[append.group];
  switch (append.kind) {
    case "create":
      if (group !== undefined) revertCreation(work, group, joinError(error, ""));
      return;
    case "assignment":
      if (group !== undefined) failAssignment(work, group, append.generationId, error);
      return;
    case "static-join":
      if (group !== undefined) revertStaticJoin(work, group, append.memberId, append.oldMemberId, joinError(error, ""));
      return;
    case "leave":
      answer(result, append.requestId, { api: "LeaveGroup", error, members: [] });
      return;
    case "offsets":
      answer(result, append.requestId, offsetsRefused(append, error));
      return;
  }
}

function applyCommits(shard: GroupCoordinatorShard, append: Extract<PendingAppend, { kind: "offsets" }>, context: Context): void {
  shard.offsets[append.group] ??= {};
  const offsets = shard.offsets[append.group]!;
  for (const { topicPartition, committed } of append.offsets) {
    offsets[topicPartition] = {
      offset: committed.offset,
      leaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      committedAtMs: committed.committedAtMs,
    };
    context.records.committed(append.group, topicPartition, committed.offset);
  }
  if (context.tracing) {
    context.cause = context.trace("offsets-committed", shard.nodeId, {
      group: append.group,
      member: append.member,
      partitions: append.offsets.map(({ topicPartition }) => topicPartition),
      offsets: append.offsets.map(({ committed }) => committed.offset),
    });
  }
}

function offsetsRefused(append: Extract<PendingAppend, { kind: "offsets" }>, error: ErrorName): ResponseOf<"OffsetCommit"> {
  const partitions = append.offsets.map(({ topicPartition }) => ({ topicPartition, error }));
  for (const topicPartition of append.refused) partitions.push({ topicPartition, error: "OFFSET_METADATA_TOO_LARGE" });
  return { api: "OffsetCommit", partitions };
}

/** How a client hears of a failed append: it looks for the coordinator again. */
export function answeredError(error: ErrorName): ErrorName {
  switch (error) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
    case "NOT_ENOUGH_REPLICAS":
    case "NOT_ENOUGH_REPLICAS_AFTER_APPEND":
    case "REQUEST_TIMED_OUT":
      return "COORDINATOR_NOT_AVAILABLE";
    case "NOT_LEADER_OR_FOLLOWER":
    case "KAFKA_STORAGE_ERROR":
      return "NOT_COORDINATOR";
    case "MESSAGE_TOO_LARGE":
    case "RECORD_LIST_TOO_LARGE":
    case "INVALID_FETCH_SIZE":
      return "UNKNOWN_SERVER_ERROR";
    default:
      return error;
  }
}
