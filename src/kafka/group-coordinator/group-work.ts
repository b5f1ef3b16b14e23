import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import type { ClassicGroup, ClassicGroupMember, ClassicGroupState } from "./classic-group.ts";
import { nobody } from "./classic-group.ts";
import type { GroupCoordinatorShard } from "./group-coordinator-shard.ts";
import { answer, type GroupResult } from "./group-result.ts";
import { armTimer } from "./group-timer.ts";

/** What the handlers of one event work on together. */
export interface GroupWork {
  readonly shard: GroupCoordinatorShard;
  readonly result: GroupResult;
  readonly context: Context;
  readonly initialRebalanceDelayMs: number;
  readonly groupMaxSize: number;
}

export function transitionTo(work: GroupWork, group: ClassicGroup, state: ClassicGroupState, reason: string): void {
  group.previousState = group.state;
  group.state = state;
  group.stateSinceMs = work.context.now;
  if (!work.context.tracing) return;
  work.context.cause = work.context.trace("group-state", work.shard.nodeId, {
    group: group.groupId,
    state,
    generation: group.generationId,
    reason,
    members: group.members.map((member) => member.memberId),
  });
}

/** Begins the session anew; the older timer becomes void. */
export function armSession(work: GroupWork, group: ClassicGroup, member: ClassicGroupMember, timeoutMs: number): void {
  const { context } = work;
  member.lastHeardMs = context.now;
  member.sessionDeadlineMs = context.now + timeoutMs;
  member.sessionTimer = armTimer(work.shard, member.sessionDeadlineMs, "session", group.groupId, member.memberId, context);
}

export function joinError(error: ErrorName, memberId: string): ResponseOf<"JoinGroup"> {
  return {
    api: "JoinGroup",
    error,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: "",
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function syncError(error: ErrorName): ResponseOf<"SyncGroup"> {
  return { api: "SyncGroup", error, protocolType: null, protocolName: null, assignment: "" };
}

/** The group as it is now, for a member of it. */
export function joinAnswer(group: ClassicGroup, memberId: string, withMembers: boolean, skipAssignment: boolean): ResponseOf<"JoinGroup"> {
  return {
    api: "JoinGroup",
    error: "NONE",
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? "",
    skipAssignment,
    memberId,
    members: withMembers
      ? group.members.map((member) => ({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          metadata: member.protocols.find((protocol) => protocol.name === group.protocolName)?.metadata ?? "",
        }))
      : [],
  };
}

export function completeJoin(result: GroupResult, member: ClassicGroupMember, body: ResponseOf<"JoinGroup">): boolean {
  if (member.awaitingJoin === nobody) return false;
  answer(result, member.awaitingJoin, body);
  member.awaitingJoin = nobody;
  return true;
}

export function completeSync(result: GroupResult, member: ClassicGroupMember, body: ResponseOf<"SyncGroup">): boolean {
  if (member.awaitingSync === nobody) return false;
  answer(result, member.awaitingSync, body);
  member.awaitingSync = nobody;
  return true;
}
