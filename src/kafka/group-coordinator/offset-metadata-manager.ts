/**
 * Committed offsets: who may commit, what a fetch answers, and when they expire.
 * Models org.apache.kafka.coordinator.group.OffsetMetadataManager. Left out: transactional offsets (a later issue), OffsetDelete, expiry times of old clients.
 */
import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { topicOf } from "../protocol/topic-partition.ts";
import { registerAppend } from "./appends.ts";
import { type ClassicGroup, createClassicGroup, isSubscribedToTopic, memberOf, validateMember } from "./classic-group.ts";
import type { CommittedOffset, GroupCoordinatorShard } from "./group-coordinator-shard.ts";
import { forgetOffset, groupTombstone, offsetRecord, offsetTombstone } from "./group-records.ts";
import { answer, type GroupCoordinatorSettings, type GroupResult } from "./group-result.ts";
import { armTimer } from "./group-timer.ts";
import { armSession, type GroupWork, transitionTo } from "./group-work.ts";

export function onOffsetCommit(
  work: GroupWork,
  requestId: number,
  body: RequestOf<"OffsetCommit">,
  settings: GroupCoordinatorSettings,
): void {
  const { shard, result, context } = work;
  let group = shard.groups[body.groupId];
  if (group === undefined) {
    // A commit from outside any generation makes a simple group.
    if (body.generationIdOrMemberEpoch >= 0) return answer(result, requestId, refusal(work, body, "GROUP_ID_NOT_FOUND"));
    shard.groups[body.groupId] = createClassicGroup(body.groupId, context.now);
    group = shard.groups[body.groupId]!;
  }
  const error = validateOffsetCommit(group, body);
  if (error !== "NONE") return answer(result, requestId, refusal(work, body, error));
  if (group.state === "Stable" || group.state === "PreparingRebalance") {
    const member = memberOf(group, body.memberId);
    if (member !== undefined) armSession(work, group, member, member.sessionTimeoutMs);
  }
  const response: ResponseOf<"OffsetCommit"> = { api: "OffsetCommit", partitions: [] };
  const offsets: { topicPartition: string; committed: CommittedOffset }[] = [];
  const refused: string[] = [];
  for (const partition of body.partitions) {
    const { topicPartition, metadata } = partition;
    const tooLarge = metadata.length > settings.offsetMetadataMaxBytes;
    response.partitions.push({ topicPartition, error: tooLarge ? "OFFSET_METADATA_TOO_LARGE" : "NONE" });
    if (tooLarge) {
      refused.push(topicPartition);
      continue;
    }
    const committed = {
      offset: partition.committedOffset,
      leaderEpoch: partition.committedLeaderEpoch,
      metadata,
      committedAtMs: context.now,
    };
    offsets.push({ topicPartition, committed });
    result.records.push(offsetRecord(body.groupId, topicPartition, committed));
  }
  if (offsets.length > 0)
    registerAppend(shard, result, { kind: "offsets", group: body.groupId, member: body.memberId, requestId, offsets, refused });
  answer(result, requestId, response, offsets.length > 0);
}

function validateOffsetCommit(group: ClassicGroup, body: RequestOf<"OffsetCommit">): ErrorName {
  const generation = body.generationIdOrMemberEpoch;
  if (generation < 0 && group.state === "Empty") return "NONE";
  if (generation >= 0 || body.memberId !== "" || body.groupInstanceId !== null) {
    const error = validateMember(group, body.memberId, body.groupInstanceId);
    if (error !== "NONE") return error;
    if (generation !== group.generationId) return "ILLEGAL_GENERATION";
  } else if (group.state !== "Empty") return "UNKNOWN_MEMBER_ID";
  return group.state === "CompletingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
}

function refusal(work: GroupWork, body: RequestOf<"OffsetCommit">, error: ErrorName): ResponseOf<"OffsetCommit"> {
  const { context } = work;
  const partitions = body.partitions.map(({ topicPartition }) => topicPartition);
  if (context.tracing) context.cause = context.trace("commit-failed", work.shard.nodeId, { group: body.groupId, error, partitions });
  return { api: "OffsetCommit", partitions: partitions.map((topicPartition) => ({ topicPartition, error })) };
}

/** A classic group's members are not checked: whoever asks is told. */
export function onOffsetFetch(shard: GroupCoordinatorShard, requestId: number, body: RequestOf<"OffsetFetch">, result: GroupResult): void {
  const group = shard.groups[body.groupId];
  const offsets = group === undefined || group.state === "Dead" ? undefined : shard.offsets[body.groupId];
  const names = body.partitions ?? (offsets === undefined ? [] : Object.keys(offsets));
  answer(result, requestId, {
    api: "OffsetFetch",
    error: "NONE",
    partitions: names.map((topicPartition) => {
      const committed = offsets?.[topicPartition];
      return {
        topicPartition,
        committedOffset: committed?.offset ?? -1,
        committedLeaderEpoch: committed?.leaderEpoch ?? -1,
        metadata: committed?.metadata ?? "",
        error: "NONE",
      };
    }),
  });
}

export function armExpiry(shard: GroupCoordinatorShard, context: Context, settings: GroupCoordinatorSettings): void {
  armTimer(shard, context.now + settings.offsetsRetentionCheckIntervalMs, "expire", "", "", context);
}

/** The periodic clean-up: expired offsets go, and empty groups without offsets. */
export function onExpiryTimer(work: GroupWork, settings: GroupCoordinatorSettings): void {
  const { shard, result, context } = work;
  for (const groupId of Object.keys(shard.groups)) {
    const group = shard.groups[groupId]!;
    const allExpired = expireOffsets(work, group, settings.offsetsRetentionMs);
    if (!allExpired || group.state !== "Empty" || hasPendingCommit(shard, groupId)) continue;
    result.records.push(groupTombstone(groupId));
    transitionTo(work, group, "Dead", "it is empty and has no offsets");
    delete shard.groups[groupId];
  }
  if (result.records.length > 0) registerAppend(shard, result, { kind: "none", group: "" });
  armExpiry(shard, context, settings);
}

/** Whether nothing is left. Subscribed topics never expire. */
function expireOffsets(work: GroupWork, group: ClassicGroup, retentionMs: number): boolean {
  const { shard, result, context } = work;
  const offsets = shard.offsets[group.groupId];
  if (offsets === undefined) return true;
  if (!mayExpire(group)) return false;
  let all = true;
  for (const topicPartition of Object.keys(offsets)) {
    const committed = offsets[topicPartition]!;
    const since =
      group.state === "Empty" && group.protocolType !== null && group.stateSinceMs !== -1 ? group.stateSinceMs : committed.committedAtMs;
    if (isSubscribedToTopic(group, topicOf(topicPartition)) || context.now - since < retentionMs) {
      all = false;
      continue;
    }
    result.records.push(offsetTombstone(group.groupId, topicPartition));
    forgetOffset(shard, group.groupId, topicPartition);
  }
  return all;
}

/** A simple group; an empty one (from the moment that it became so); or a stable one, for topics that nobody subscribes to. */
function mayExpire(group: ClassicGroup): boolean {
  if (group.protocolType === null || group.state === "Empty") return true;
  return group.state === "Stable" && group.subscribedTopics !== null;
}

function hasPendingCommit(shard: GroupCoordinatorShard, groupId: string): boolean {
  return Object.values(shard.appends).some((append) => append.kind === "offsets" && append.group === groupId);
}
