/**
 * How a rebalance begins, waits and ends. Models the parts of org.apache.kafka.coordinator.group.GroupMetadataManager
 * between prepareRebalance and propagateAssignment, and the timers that drive them.
 */
import type { ErrorName } from "../protocol/errors.ts";
import { registerAppend } from "./appends.ts";
import {
  type ClassicGroup,
  type ClassicGroupMember,
  canRebalance,
  computeSubscribedTopics,
  hasAllMembersJoined,
  hasSatisfiedHeartbeat,
  maybeElectNewJoinedLeader,
  memberOf,
  nobody,
  pendingMemberOf,
  rebalanceTimeoutMs,
  removeMember,
  selectProtocol,
} from "./classic-group.ts";
import { groupRecord } from "./group-records.ts";
import { armTimer, type GroupTimer } from "./group-timer.ts";
import { armSession, completeJoin, completeSync, type GroupWork, joinAnswer, joinError, transitionTo } from "./group-work.ts";

export function maybePrepareRebalanceOrCompleteJoin(work: GroupWork, group: ClassicGroup, reason: string): void {
  if (canRebalance(group)) prepareRebalance(work, group, reason);
  else maybeCompleteJoinPhase(work, group);
}

/** The initial rebalance of an empty group always waits out its delay. */
export function maybeCompleteJoinPhase(work: GroupWork, group: ClassicGroup): void {
  if (group.state !== "PreparingRebalance" || group.previousState === "Empty") return;
  if (hasAllMembersJoined(group)) completeJoinPhase(work, group);
}

export function prepareRebalance(work: GroupWork, group: ClassicGroup, reason: string): void {
  if (group.state === "CompletingRebalance") resetAssignments(work, group, "REBALANCE_IN_PROGRESS");
  group.pendingSyncMembers = [];
  group.syncTimer = -1;
  group.syncDeadlineMs = -1;
  group.rebalanceReason = reason;
  const isInitial = group.state === "Empty";
  if (isInitial) {
    const delayMs = work.initialRebalanceDelayMs;
    armInitialDelay(work, group, delayMs, Math.max(rebalanceTimeoutMs(group) - delayMs, 0));
  }
  transitionTo(work, group, "PreparingRebalance", reason);
  if (isInitial) return;
  if (hasAllMembersJoined(group)) completeJoinPhase(work, group);
  else armRebalanceTimeout(work, group);
}

function armInitialDelay(work: GroupWork, group: ClassicGroup, delayMs: number, remainingMs: number): void {
  group.initialDelayMs = delayMs;
  group.initialRemainingMs = remainingMs;
  group.joinDeadlineMs = work.context.now + delayMs;
  group.joinTimer = armTimer(work.shard, group.joinDeadlineMs, "initial", group.groupId, "", work.context);
}

function armRebalanceTimeout(work: GroupWork, group: ClassicGroup): void {
  group.joinDeadlineMs = work.context.now + rebalanceTimeoutMs(group);
  group.joinTimer = armTimer(work.shard, group.joinDeadlineMs, "join", group.groupId, "", work.context);
}

/** The next generation begins with those who wait in JoinGroup, and with static members that are away. */
function completeJoinPhase(work: GroupWork, group: ClassicGroup): void {
  group.joinTimer = -1;
  group.joinDeadlineMs = -1;
  for (const member of group.members.slice()) {
    if (member.awaitingJoin !== nobody || member.groupInstanceId !== null) continue;
    traceExpired(work, group, member, "max.poll.interval.ms");
    removeMember(group, member.memberId);
  }
  if (!maybeElectNewJoinedLeader(group) && group.members.length > 0) {
    // Only absent static members are left: their sessions decide.
    armRebalanceTimeout(work, group);
    return;
  }
  initNextGeneration(work, group);
  if (group.state === "Empty") {
    work.result.records.push(groupRecord(group, null));
    registerAppend(work.shard, work.result, { kind: "none", group: group.groupId });
    return;
  }
  for (const member of group.members) {
    completeJoin(work.result, member, joinAnswer(group, member.memberId, member.memberId === group.leaderId, false));
    armSession(work, group, member, member.sessionTimeoutMs);
    member.isNew = false;
    group.pendingSyncMembers.push(member.memberId);
  }
  group.syncDeadlineMs = work.context.now + rebalanceTimeoutMs(group);
  group.syncTimer = armTimer(work.shard, group.syncDeadlineMs, "sync", group.groupId, "", work.context);
}

function initNextGeneration(work: GroupWork, group: ClassicGroup): void {
  group.generationId += 1;
  const isEmpty = group.members.length === 0;
  group.protocolName = isEmpty ? null : selectProtocol(group);
  group.subscribedTopics = computeSubscribedTopics(group);
  transitionTo(work, group, isEmpty ? "Empty" : "CompletingRebalance", group.rebalanceReason);
  group.pendingSyncMembers = [];
}

/** Who waits in SyncGroup is told so, and must join again. */
export function resetAssignments(work: GroupWork, group: ClassicGroup, error: ErrorName): void {
  for (const member of group.members) member.assignment = "";
  propagateAssignment(work, group, error);
}

export function propagateAssignment(work: GroupWork, group: ClassicGroup, error: ErrorName): void {
  for (const member of group.members) {
    const answered = completeSync(work.result, member, {
      api: "SyncGroup",
      error,
      protocolType: error === "NONE" ? group.protocolType : null,
      protocolName: error === "NONE" ? group.protocolName : null,
      assignment: error === "NONE" ? member.assignment : "",
    });
    // An expiry while it waited was ignored and not armed again.
    if (answered) armSession(work, group, member, member.sessionTimeoutMs);
  }
}

export function onClassicGroupTimer(work: GroupWork, timer: GroupTimer): void {
  const group = work.shard.groups[timer.group];
  if (group === undefined || group.state === "Dead") return;
  switch (timer.kind) {
    case "session":
      onSessionTimer(work, group, timer);
      return;
    case "initial":
      if (timer.number === group.joinTimer) onInitialDelayOver(work, group);
      return;
    case "join":
      if (timer.number === group.joinTimer) completeJoinPhase(work, group);
      return;
    case "sync":
      if (timer.number === group.syncTimer) onSyncTimer(work, group);
      return;
    case "expire":
      return;
  }
}

/** Somebody came during the delay: wait again, as long as the rebalance timeout allows. */
function onInitialDelayOver(work: GroupWork, group: ClassicGroup): void {
  if (!group.newMemberAdded || group.initialRemainingMs === 0) {
    completeJoinPhase(work, group);
    return;
  }
  group.newMemberAdded = false;
  const delayMs = Math.min(work.initialRebalanceDelayMs, group.initialRemainingMs);
  armInitialDelay(work, group, delayMs, Math.max(group.initialRemainingMs - group.initialDelayMs, 0));
}

function onSyncTimer(work: GroupWork, group: ClassicGroup): void {
  if (group.state !== "CompletingRebalance" && group.state !== "Stable") return;
  if (group.pendingSyncMembers.length === 0) return;
  const absent = group.pendingSyncMembers.slice();
  for (const memberId of absent) {
    const member = memberOf(group, memberId);
    if (member !== undefined) traceExpired(work, group, member, "max.poll.interval.ms");
    removeMember(group, memberId);
  }
  prepareRebalance(work, group, `Removing ${absent.join(", ")} on pending sync request expiration`);
}

function onSessionTimer(work: GroupWork, group: ClassicGroup, timer: GroupTimer): void {
  const pending = pendingMemberOf(group, timer.member);
  if (pending !== undefined) {
    if (pending.timer !== timer.number) return;
    removeMember(group, timer.member);
    if (group.state === "PreparingRebalance" && hasAllMembersJoined(group)) completeJoinPhase(work, group);
    return;
  }
  const member = memberOf(group, timer.member);
  if (member === undefined || member.sessionTimer !== timer.number || hasSatisfiedHeartbeat(member)) return;
  traceExpired(work, group, member, member.isNew ? "" : "session.timeout.ms");
  // A new member that still waits is told to ask for another id.
  completeJoin(work.result, member, joinError("UNKNOWN_MEMBER_ID", ""));
  removeMember(group, member.memberId);
  if (group.state === "Stable" || group.state === "CompletingRebalance") {
    maybePrepareRebalanceOrCompleteJoin(work, group, `removing member ${member.memberId} on heartbeat expiration.`);
  } else if (group.state === "PreparingRebalance" && hasAllMembersJoined(group)) completeJoinPhase(work, group);
}

/** What follows from a member's silence is the doing of whatever silenced it. */
function traceExpired(work: GroupWork, group: ClassicGroup, member: ClassicGroupMember, config: string): void {
  const { context } = work;
  if (!context.tracing) return;
  const silenced = context.causeOfSilence(member.nodeId, work.shard.nodeId, member.lastHeardMs);
  context.cause = context.trace(
    "member-expired",
    work.shard.nodeId,
    { group: group.groupId, member: member.memberId, silentMs: context.now - member.lastHeardMs, config },
    silenced === -1 ? context.cause : silenced,
  );
}
