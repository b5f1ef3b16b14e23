/**
 * JoinGroup: who is let in, under which id, and whether the group must rebalance for it.
 * Models classicGroupJoin and its branches of org.apache.kafka.coordinator.group.GroupMetadataManager.
 */
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { registerAppend } from "./appends.ts";
import {
  addMember,
  awaitingJoinCount,
  type ClassicGroup,
  type ClassicGroupMember,
  createClassicGroup,
  insertMember,
  memberOf,
  nobody,
  pendingMemberOf,
  removeMember,
  sameProtocols,
  selectProtocol,
  staticMemberOf,
  supportsProtocols,
  validateMember,
} from "./classic-group.ts";
import { maybeCompleteJoinPhase, maybePrepareRebalanceOrCompleteJoin, prepareRebalance } from "./classic-group-rebalance.ts";
import { groupRecord, newGroupRecord } from "./group-records.ts";
import { answer, type GroupCoordinatorSettings } from "./group-result.ts";
import { armTimer } from "./group-timer.ts";
import { armSession, completeJoin, completeSync, type GroupWork, joinAnswer, joinError, syncError, transitionTo } from "./group-work.ts";

type JoinGroup = RequestOf<"JoinGroup">;

/** How long a new member may wait for its first generation. */
const newMemberJoinTimeoutMs = 5 * 60 * 1000;

export function onJoinGroup(work: GroupWork, requestId: number, body: JoinGroup, settings: GroupCoordinatorSettings): void {
  const { shard, result, context } = work;
  if (body.groupId === "") return answer(result, requestId, joinError("INVALID_GROUP_ID", body.memberId));
  if (body.sessionTimeoutMs < settings.groupMinSessionTimeoutMs || body.sessionTimeoutMs > settings.groupMaxSessionTimeoutMs) {
    return answer(result, requestId, joinError("INVALID_SESSION_TIMEOUT", body.memberId));
  }
  let group = shard.groups[body.groupId];
  const isNewGroup = group === undefined;
  if (group === undefined) {
    if (body.memberId !== "") return answer(result, requestId, joinError("UNKNOWN_MEMBER_ID", body.memberId));
    shard.groups[body.groupId] = createClassicGroup(body.groupId, context.now);
    group = shard.groups[body.groupId]!;
  }
  if (!acceptJoiningMember(work, group, body.memberId)) {
    removeMember(group, body.memberId);
    answer(result, requestId, joinError("GROUP_MAX_SIZE_REACHED", ""));
  } else if (body.memberId === "") joinNewMember(work, requestId, group, body);
  else joinExistingMember(work, requestId, group, body);

  if (isNewGroup && result.records.length === 0) {
    result.records.push(newGroupRecord(group));
    registerAppend(shard, result, { kind: "create", group: group.groupId });
  }
}

/**
 * While PreparingRebalance those who wait are counted, not the members: so a group that is over its size sheds the last to rejoin.
 */
function acceptJoiningMember(work: GroupWork, group: ClassicGroup, memberId: string): boolean {
  const member = memberOf(group, memberId);
  if (group.state === "PreparingRebalance") {
    return (member !== undefined && member.awaitingJoin !== nobody) || awaitingJoinCount(group) < work.groupMaxSize;
  }
  if (group.state === "CompletingRebalance" || group.state === "Stable")
    return member !== undefined || group.members.length < work.groupMaxSize;
  return true;
}

function joinNewMember(work: GroupWork, requestId: number, group: ClassicGroup, body: JoinGroup): void {
  const { shard, result, context } = work;
  if (!supportsProtocols(group, body.protocolType, body.protocols))
    return answer(result, requestId, joinError("INCONSISTENT_GROUP_PROTOCOL", ""));
  const memberId = generateMemberId(work, group, body.groupInstanceId ?? body.clientId);
  if (body.groupInstanceId !== null) {
    const holder = staticMemberOf(group, body.groupInstanceId);
    if (holder === undefined) addMemberThenRebalance(work, requestId, group, memberId, body);
    else replaceStaticMember(work, requestId, group, holder, memberId, body);
    return;
  }
  const deadlineMs = context.now + body.sessionTimeoutMs;
  const timer = armTimer(shard, deadlineMs, "session", group.groupId, memberId, context);
  group.pendingJoinMembers.push({ memberId, clientId: body.clientId, timer, deadlineMs, sinceMs: context.now });
  answer(result, requestId, joinError("MEMBER_ID_REQUIRED", memberId));
}

/** Kafka appends a random UUID; here half of one is enough. */
function generateMemberId(work: GroupWork, group: ClassicGroup, prefix: string): string {
  for (;;) {
    const random = work.context.chance.int31(`group-coordinator/${work.shard.topicPartition}`);
    const memberId = `${prefix}-${random.toString(16).padStart(8, "0")}`;
    if (memberOf(group, memberId) === undefined && pendingMemberOf(group, memberId) === undefined) return memberId;
  }
}

function joinExistingMember(work: GroupWork, requestId: number, group: ClassicGroup, body: JoinGroup): void {
  const { result } = work;
  const { memberId } = body;
  if (!supportsProtocols(group, body.protocolType, body.protocols)) {
    return answer(result, requestId, joinError("INCONSISTENT_GROUP_PROTOCOL", memberId));
  }
  if (pendingMemberOf(group, memberId) !== undefined) {
    // Kafka throws an IllegalStateException here: static members never have a pending id.
    if (body.groupInstanceId !== null) return answer(result, requestId, joinError("UNKNOWN_SERVER_ERROR", ""));
    return addMemberThenRebalance(work, requestId, group, memberId, body);
  }
  const error = validateMember(group, memberId, body.groupInstanceId);
  if (error !== "NONE") return answer(result, requestId, joinError(error, memberId));

  const member = memberOf(group, memberId)!;
  const reason = `client reason: ${body.reason === "" ? "not provided" : body.reason}`;
  const isLeader = group.leaderId === memberId;
  const unchanged = sameProtocols(member.protocols, body.protocols);
  const rebalance = (why: string): void => updateMemberThenRebalance(work, requestId, group, member, body, why);
  switch (group.state) {
    case "PreparingRebalance":
      return rebalance(`Member ${memberId} is joining group during PreparingRebalance; ${reason}`);
    case "CompletingRebalance":
      // It may have missed the answer to its first JoinGroup.
      if (unchanged) return answer(result, requestId, joinAnswer(group, memberId, isLeader, false));
      return rebalance(`Updating metadata for member ${memberId} during CompletingRebalance; ${reason}`);
    case "Stable":
      // The leader rejoins when what it assigns has changed, such as the number of partitions.
      if (isLeader) return rebalance(`Leader ${memberId} re-joining group during Stable; ${reason}`);
      if (unchanged) return answer(result, requestId, joinAnswer(group, memberId, false, false));
      return rebalance(`Updating metadata for member ${memberId} during Stable; ${reason}`);
    default:
      return answer(result, requestId, joinError("UNKNOWN_MEMBER_ID", memberId));
  }
}

function updateMemberThenRebalance(
  work: GroupWork,
  requestId: number,
  group: ClassicGroup,
  member: ClassicGroupMember,
  body: JoinGroup,
  reason: string,
): void {
  updateMember(member, requestId, body);
  maybePrepareRebalanceOrCompleteJoin(work, group, reason);
}

function updateMember(member: ClassicGroupMember, requestId: number, body: JoinGroup): void {
  member.protocols = body.protocols.map((protocol) => ({ name: protocol.name, metadata: protocol.metadata }));
  member.rebalanceTimeoutMs = body.rebalanceTimeoutMs;
  member.sessionTimeoutMs = body.sessionTimeoutMs;
  member.awaitingJoin = requestId;
}

type Membership = Pick<ClassicGroupMember, "memberId" | "groupInstanceId" | "clientId" | "protocolType" | "assignment" | "isNew">;

/** A member that waits for the answer to this JoinGroup. */
function joiningMember(membership: Membership, requestId: number, body: JoinGroup, now: number): ClassicGroupMember {
  const { memberId, groupInstanceId, clientId, protocolType, assignment, isNew } = membership;
  return {
    memberId,
    groupInstanceId,
    clientId,
    nodeId: body.clientId,
    rebalanceTimeoutMs: body.rebalanceTimeoutMs,
    sessionTimeoutMs: body.sessionTimeoutMs,
    protocolType,
    protocols: body.protocols.map((protocol) => ({ name: protocol.name, metadata: protocol.metadata })),
    assignment,
    isNew,
    awaitingJoin: requestId,
    awaitingSync: nobody,
    sessionTimer: -1,
    sessionDeadlineMs: -1,
    lastHeardMs: now,
  };
}

function addMemberThenRebalance(work: GroupWork, requestId: number, group: ClassicGroup, memberId: string, body: JoinGroup): void {
  const { context } = work;
  if (group.state === "PreparingRebalance" && group.previousState === "Empty") group.newMemberAdded = true;
  const { groupInstanceId, clientId, protocolType } = body;
  const membership: Membership = { memberId, groupInstanceId, clientId, protocolType, assignment: "", isNew: true };
  addMember(group, joiningMember(membership, requestId, body, context.now));
  if (context.tracing) {
    context.cause = context.trace("member-joined", work.shard.nodeId, { group: group.groupId, member: memberId, clientId: body.clientId });
  }
  armSession(work, group, memberOf(group, memberId)!, newMemberJoinTimeoutMs);
  const reason = body.reason === "" ? "not provided" : body.reason;
  maybePrepareRebalanceOrCompleteJoin(
    work,
    group,
    `Adding new member ${memberId} with group instance id ${body.groupInstanceId ?? "null"}; client reason: ${reason}`,
  );
}

/** A static member comes back under a new id: the old id is fenced, and if nothing else changes nobody rebalances. */
function replaceStaticMember(
  work: GroupWork,
  requestId: number,
  group: ClassicGroup,
  old: ClassicGroupMember,
  memberId: string,
  body: JoinGroup,
): void {
  const { result, context } = work;
  completeJoin(result, old, joinError("FENCED_INSTANCE_ID", old.memberId));
  completeSync(result, old, syncError("FENCED_INSTANCE_ID"));
  const oldMemberId = old.memberId;
  const wasLeader = group.leaderId === oldMemberId;
  group.members = group.members.filter((member) => member.memberId !== oldMemberId);
  const { groupInstanceId, clientId, protocolType, assignment } = old;
  const membership: Membership = { memberId, groupInstanceId, clientId, protocolType, assignment, isNew: false };
  insertMember(group, joiningMember(membership, requestId, body, context.now));
  if (wasLeader) group.leaderId = memberId;
  const member = memberOf(group, memberId)!;
  // Armed before the request's own session timeout applies.
  armSession(work, group, member, old.sessionTimeoutMs);
  if (context.tracing)
    context.cause = context.trace("member-joined", work.shard.nodeId, { group: group.groupId, member: memberId, clientId: body.clientId });

  if (group.state === "Stable") {
    if (group.protocolName === selectProtocol(group)) {
      result.records.push(groupRecord(group, null));
      registerAppend(work.shard, result, { kind: "static-join", group: group.groupId, oldMemberId, memberId, requestId });
    } else {
      maybePrepareRebalanceOrCompleteJoin(
        work,
        group,
        `Group's selectedProtocol will change because static member ${memberId} joined with change of protocol`,
      );
    }
  } else if (group.state === "CompletingRebalance") {
    prepareRebalance(work, group, `Updating metadata for static member ${memberId} with instance id ${body.groupInstanceId ?? ""}`);
  } else maybeCompleteJoinPhase(work, group);
}

/** The new id of a static member is durable: it goes on with its old assignment. */
export function completeStaticJoin(work: GroupWork, group: ClassicGroup, memberId: string): void {
  const member = memberOf(group, memberId);
  if (member === undefined) return;
  const isLeader = group.leaderId === memberId;
  completeJoin(work.result, member, joinAnswer(group, memberId, isLeader, isLeader));
}

/** The new id could not be stored: the old one holds again. */
export function revertStaticJoin(
  work: GroupWork,
  group: ClassicGroup,
  memberId: string,
  oldMemberId: string,
  body: ResponseOf<"JoinGroup">,
): void {
  const member = memberOf(group, memberId);
  if (member === undefined) return;
  completeJoin(work.result, member, body);
  if (group.leaderId === memberId) group.leaderId = oldMemberId;
  group.members = group.members.filter((other) => other.memberId !== memberId);
  insertMember(group, { ...member, memberId: oldMemberId });
  armSession(work, group, memberOf(group, oldMemberId)!, member.sessionTimeoutMs);
}

/** The group's creation could not be stored. */
export function revertCreation(work: GroupWork, group: ClassicGroup, body: ResponseOf<"JoinGroup">): void {
  for (const member of group.members) completeJoin(work.result, member, { ...body });
  transitionTo(work, group, "Dead", "its creation could not be written");
  delete work.shard.groups[group.groupId];
}
