/**
 * SyncGroup, Heartbeat and LeaveGroup, and what happens to classic groups when their partition is loaded or unloaded.
 * Models the like-named parts of org.apache.kafka.coordinator.group.GroupMetadataManager.
 */
import type { ErrorName } from "../protocol/errors.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { registerAppend } from "./appends.ts";
import { type ClassicGroup, memberOf, pendingMemberOf, removeMember, staticMemberOf, validateMember } from "./classic-group.ts";
import {
  maybeCompleteJoinPhase,
  maybePrepareRebalanceOrCompleteJoin,
  prepareRebalance,
  propagateAssignment,
  resetAssignments,
} from "./classic-group-rebalance.ts";
import { groupRecord } from "./group-records.ts";
import { answer, type GroupResult } from "./group-result.ts";
import { armSession, completeJoin, completeSync, type GroupWork, joinError, syncError, transitionTo } from "./group-work.ts";

export function onSyncGroup(work: GroupWork, requestId: number, body: RequestOf<"SyncGroup">): void {
  const { shard, result } = work;
  if (body.groupId === "") return answer(result, requestId, syncError("INVALID_GROUP_ID"));
  const group = shard.groups[body.groupId];
  if (group === undefined || group.state === "Empty") return answer(result, requestId, syncError("UNKNOWN_MEMBER_ID"));
  const error = validateSyncGroup(group, body);
  if (error !== "NONE") return answer(result, requestId, syncError(error));
  const member = memberOf(group, body.memberId)!;
  switch (group.state) {
    case "PreparingRebalance":
      return answer(result, requestId, syncError("REBALANCE_IN_PROGRESS"));
    case "CompletingRebalance": {
      member.awaitingSync = requestId;
      removePendingSync(group, body.memberId);
      if (group.leaderId !== body.memberId) return;
      const assignments: Record<string, string> = {};
      for (const given of body.assignments) assignments[given.memberId] = given.assignment;
      result.records.push(groupRecord(group, assignments));
      registerAppend(shard, result, { kind: "assignment", group: group.groupId, generationId: group.generationId, assignments });
      return;
    }
    default:
      removePendingSync(group, body.memberId);
      return answer(result, requestId, {
        api: "SyncGroup",
        error: "NONE",
        protocolType: group.protocolType,
        protocolName: group.protocolName,
        assignment: member.assignment,
      });
  }
}

function validateSyncGroup(group: ClassicGroup, body: RequestOf<"SyncGroup">): ErrorName {
  const error = validateMember(group, body.memberId, body.groupInstanceId);
  if (error !== "NONE") return error;
  if (body.generationId !== group.generationId) return "ILLEGAL_GENERATION";
  if (differs(body.protocolType, group.protocolType) || differs(body.protocolName, group.protocolName))
    return "INCONSISTENT_GROUP_PROTOCOL";
  return "NONE";
}

function differs(asked: string | null, has: string | null): boolean {
  return asked !== null && has !== null && asked !== has;
}

function removePendingSync(group: ClassicGroup, memberId: string): void {
  const index = group.pendingSyncMembers.indexOf(memberId);
  if (index !== -1) group.pendingSyncMembers.splice(index, 1);
}

/** The leader's assignment is durable: everybody who waits gets his, unless a new rebalance began meanwhile. */
export function completeAssignment(work: GroupWork, group: ClassicGroup, generationId: number, assignments: Record<string, string>): void {
  if (group.state !== "CompletingRebalance" || group.generationId !== generationId) return;
  for (const member of group.members) member.assignment = assignments[member.memberId] ?? "";
  propagateAssignment(work, group, "NONE");
  transitionTo(work, group, "Stable", "the leader's assignment is stored");
}

export function failAssignment(work: GroupWork, group: ClassicGroup, generationId: number, error: ErrorName): void {
  if (group.state !== "CompletingRebalance" || group.generationId !== generationId) return;
  resetAssignments(work, group, error);
  maybePrepareRebalanceOrCompleteJoin(work, group, `Error ${error} when storing group assignment during SyncGroup`);
}

export function onHeartbeat(work: GroupWork, requestId: number, body: RequestOf<"Heartbeat">): void {
  answer(work.result, requestId, { api: "Heartbeat", error: heartbeat(work, body) });
}

function heartbeat(work: GroupWork, body: RequestOf<"Heartbeat">): ErrorName {
  const group = work.shard.groups[body.groupId];
  if (group === undefined) return "UNKNOWN_MEMBER_ID";
  const error = validateMember(group, body.memberId, body.groupInstanceId);
  if (error !== "NONE") return error;
  if (body.generationId !== group.generationId) return "ILLEGAL_GENERATION";
  if (group.state === "Empty") return "UNKNOWN_MEMBER_ID";
  const member = memberOf(group, body.memberId)!;
  armSession(work, group, member, member.sessionTimeoutMs);
  return group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
}

export function onLeaveGroup(work: GroupWork, requestId: number, body: RequestOf<"LeaveGroup">): void {
  const { shard, result } = work;
  const group = shard.groups[body.groupId];
  if (group === undefined) {
    const members = body.members.map(({ memberId, groupInstanceId }) => ({
      memberId,
      groupInstanceId,
      error: "UNKNOWN_MEMBER_ID" as const,
    }));
    return answer(result, requestId, { api: "LeaveGroup", error: "NONE", members });
  }
  const response: ResponseOf<"LeaveGroup"> = { api: "LeaveGroup", error: "NONE", members: [] };
  const left: string[] = [];
  for (const leaving of body.members) {
    const error = leave(work, group, leaving.memberId, leaving.groupInstanceId, leaving.reason);
    response.members.push({ memberId: leaving.memberId, groupInstanceId: leaving.groupInstanceId, error });
    if (error === "NONE") left.push(leaving.memberId);
  }
  if (left.length > 0) {
    const reason = `explicit \`LeaveGroup\` request for (${left.join(", ")}) members.`;
    if (group.state === "Stable" || group.state === "CompletingRebalance") maybePrepareRebalanceOrCompleteJoin(work, group, reason);
    else if (group.state === "PreparingRebalance") maybeCompleteJoinPhase(work, group);
  }
  // The last one's leaving is written down first.
  if (result.appendId !== -1) registerAppend(shard, result, { kind: "leave", group: body.groupId, requestId });
  answer(result, requestId, response, result.appendId !== -1);
}

/** An administrator may remove a static member by its instance id alone. */
function leave(work: GroupWork, group: ClassicGroup, memberId: string, instanceId: string | null, reason: string): ErrorName {
  if (memberId === "") {
    const holder = instanceId === null ? undefined : staticMemberOf(group, instanceId);
    if (holder === undefined) return "UNKNOWN_MEMBER_ID";
    removeLeaving(work, group, holder.memberId, reason);
    return "NONE";
  }
  if (pendingMemberOf(group, memberId) !== undefined) {
    removeMember(group, memberId);
    return "NONE";
  }
  const error = validateMember(group, memberId, instanceId);
  if (error === "NONE") removeLeaving(work, group, memberId, reason);
  return error;
}

function removeLeaving(work: GroupWork, group: ClassicGroup, memberId: string, reason: string): void {
  const { context } = work;
  const member = memberOf(group, memberId)!;
  if (context.tracing) context.cause = context.trace("member-left", work.shard.nodeId, { group: group.groupId, member: memberId, reason });
  completeJoin(work.result, member, joinError("UNKNOWN_MEMBER_ID", ""));
  removeMember(group, memberId);
}

/** Members get a full session from the moment of loading, and a group that is over its size now rebalances. */
export function armLoadedGroup(work: GroupWork, group: ClassicGroup): void {
  for (const member of group.members) armSession(work, group, member, member.sessionTimeoutMs);
  if (group.members.length > work.groupMaxSize) {
    prepareRebalance(
      work,
      group,
      `Freshly-loaded group ${group.groupId} (size ${group.members.length}) is over capacity ${work.groupMaxSize}.`,
    );
  }
}

export function unloadGroup(group: ClassicGroup, result: GroupResult): void {
  for (const member of group.members) {
    completeJoin(result, member, joinError("NOT_COORDINATOR", member.memberId));
    completeSync(result, member, syncError("NOT_COORDINATOR"));
  }
  group.state = "Dead";
}
