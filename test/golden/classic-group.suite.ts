import type { ClassicGroup } from "../../src/kafka/group-coordinator/classic-group.ts";
import type { GroupRequest, GroupTimer } from "../../src/kafka/group-coordinator/group-coordinator-shard.ts";
import type { ResponseBody } from "../../src/kafka/protocol/messages.ts";
import { type Coordinator, createCoordinator, runUntil, submitAt } from "../kafka/group-coordinator/coordinator-harness.ts";

interface Member {
  memberId: string;
  instanceId?: string | null;
}

interface GoldenRequest extends Member {
  at: number;
  type: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocolType?: string;
  protocols: { name: string; metadata: string }[];
  generationId: number;
  protocolName?: string;
  assignments: Record<string, string>;
  members: Member[];
}

interface Input {
  configs: Record<string, string | number>;
  requests: GoldenRequest[];
  end?: number;
}

const groupId = "g";

/** `end` stands in the recording's output only; without it the run ends at the last request. */
export function runCase(input: Input, expected?: { end?: number }): unknown {
  const configs: Record<string, string> = {};
  for (const [key, value] of Object.entries(input.configs)) configs[key] = String(value);
  const coordinator = createCoordinator(configs);
  for (const request of input.requests) submitAt(coordinator, request.at, () => bodyOf(request, coordinator));
  const end = input.end ?? expected?.end ?? input.requests.at(-1)?.at ?? 0;
  const states: unknown[] = [];
  const responses: unknown[] = [];
  let last = "";
  let requests = 0;
  runUntil(coordinator, end, (event) => {
    const cause = event.type === "request" ? requests++ : causeOf(event.payload as GroupTimer);
    const group = coordinator.shard.groups[groupId];
    responses.push(...takeAnswers(coordinator));
    const shown = stateOf(group);
    const changed = JSON.stringify([shown.state, shown.generation, shown.leader, shown.members, shown.pending]);
    if (changed === last || (group === undefined && last === "")) return;
    last = changed;
    states.push({ at: event.at, cause, ...shown });
  });
  return { responses, states, end };
}

/** "m-3" is the third generated id; here it is whatever ends in 3 as a hexadecimal number. */
function toOwnId(id: string, coordinator: Coordinator): string {
  const match = /^m-(\d+)$/.exec(id);
  if (match === null) return id;
  const ending = `-${Number(match[1]).toString(16).padStart(8, "0")}`;
  const group = coordinator.shard.groups[groupId];
  return group?.members.find((member) => member.memberId.endsWith(ending))?.memberId ?? `m${ending}`;
}

function toGoldenId(id: string): string {
  const match = /-([0-9a-f]{8})$/.exec(id);
  return match === null ? id : `m-${Number.parseInt(match[1]!, 16)}`;
}

function bodyOf(request: GoldenRequest, coordinator: Coordinator): GroupRequest {
  const memberId = toOwnId(request.memberId ?? "", coordinator);
  const groupInstanceId = request.instanceId ?? null;
  switch (request.type) {
    case "JoinGroup":
      return {
        api: "JoinGroup",
        groupId,
        sessionTimeoutMs: request.sessionTimeoutMs,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs,
        memberId,
        groupInstanceId,
        clientId: "m",
        protocolType: request.protocolType ?? "consumer",
        protocols: request.protocols ?? [],
        reason: "",
      };
    case "SyncGroup":
      return {
        api: "SyncGroup",
        groupId,
        generationId: request.generationId,
        memberId,
        groupInstanceId,
        protocolType: request.protocolType ?? null,
        protocolName: request.protocolName ?? null,
        assignments: Object.entries(request.assignments ?? {}).map(([id, assignment]) => ({
          memberId: toOwnId(id, coordinator),
          assignment,
        })),
      };
    case "Heartbeat":
      return { api: "Heartbeat", groupId, generationId: request.generationId, memberId, groupInstanceId };
    case "LeaveGroup":
      return {
        api: "LeaveGroup",
        groupId,
        members: request.members.map((member) => ({
          memberId: toOwnId(member.memberId ?? "", coordinator),
          groupInstanceId: member.instanceId ?? null,
          reason: "",
        })),
      };
    default:
      throw new Error(`unknown request ${request.type}`);
  }
}

function causeOf(timer: GroupTimer): string {
  if (timer.kind === "session") return `session:${toGoldenId(timer.member)}`;
  return timer.kind === "initial" ? "join" : timer.kind;
}

function takeAnswers(coordinator: Coordinator): unknown[] {
  const answers = coordinator.answers.splice(0);
  answers.sort((a, b) => a.requestId - b.requestId);
  return answers.map(({ at, requestId, body }) => ({ request: requestId, at, ...withoutEmpty(shownAnswer(body)) }));
}

/** The recording leaves empty texts out, but not a JoinGroup's member id. */
function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => value !== "" || key === "memberId"));
}

function shownAnswer(body: ResponseBody): Record<string, unknown> {
  switch (body.api) {
    case "JoinGroup":
      return {
        error: body.error,
        memberId: toGoldenId(body.memberId),
        generationId: body.generationId,
        protocolName: body.protocolName,
        leader: toGoldenId(body.leader),
        members: body.members.map((member) => ({
          memberId: toGoldenId(member.memberId),
          instanceId: member.groupInstanceId,
          metadata: member.metadata,
        })),
        ...(body.skipAssignment ? { skipAssignment: true } : {}),
      };
    case "SyncGroup":
      return { error: body.error, assignment: body.assignment, protocolName: body.protocolName };
    case "LeaveGroup":
      return {
        error: body.error,
        members: body.members.map((member) => ({
          memberId: toGoldenId(member.memberId),
          instanceId: member.groupInstanceId,
          error: member.error,
        })),
      };
    default:
      return { error: (body as { error: string }).error };
  }
}

function stateOf(group: ClassicGroup | undefined): Record<string, unknown> {
  if (group === undefined) return { state: "Dead", generation: null, leader: null, members: [] };
  return {
    state: group.state,
    generation: group.generationId,
    leader: group.leaderId === null ? null : toGoldenId(group.leaderId),
    members: group.members.map((member) => toGoldenId(member.memberId)),
    pending: group.pendingJoinMembers.map((pending) => toGoldenId(pending.memberId)),
  };
}
