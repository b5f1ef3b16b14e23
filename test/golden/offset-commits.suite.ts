/** Classic and simple groups; cases with transactions, members of the consumer protocol or deletions are not modelled yet. */
import type { GroupRequest, GroupTimer } from "../../src/kafka/group-coordinator/group-coordinator-shard.ts";
import { encodeSubscription } from "../../src/kafka/protocol/consumer-protocol.ts";
import type { ResponseBody } from "../../src/kafka/protocol/messages.ts";
import { partitionOf, topicOf, topicPartitionOf } from "../../src/kafka/protocol/topic-partition.ts";
import { type Coordinator, createCoordinator, runUntil, submitAt } from "../kafka/group-coordinator/coordinator-harness.ts";

interface GoldenRequest {
  at: number;
  type: string;
  memberId?: string;
  instanceId?: string;
  sessionTimeoutMs: number;
  topics?: string[] | Record<string, number[]>;
  generationId: number;
  epoch: number;
  offsets: Record<string, Record<string, number>>;
  metadata?: string;
  requireStable?: boolean;
}

interface Input {
  configs: Record<string, string | number>;
  requests: GoldenRequest[];
  end?: number;
}

const groupId = "g";
const modelled = ["JoinGroup", "SyncGroup", "LeaveGroup", "OffsetCommit", "OffsetFetch", "Topic"];

export function runCase(input: Input, expected?: { end?: number }): unknown {
  const missing = input.requests.find(({ type }) => !modelled.includes(type));
  if (missing !== undefined) return { notModelled: missing.type };
  const configs: Record<string, string> = {};
  for (const [key, value] of Object.entries(input.configs)) configs[key] = String(value);
  const coordinator = createCoordinator(configs);
  const sent: number[] = [];
  input.requests.forEach((request, index) => {
    if (request.type === "Topic") return;
    submitAt(coordinator, request.at, () => {
      sent.push(index);
      return bodyOf(request, coordinator);
    });
  });
  const end = input.end ?? expected?.end ?? input.requests.at(-1)?.at ?? 0;
  const states: unknown[] = [];
  let last = "";
  runUntil(coordinator, end, (event) => {
    // A timer of 0 ms belongs to the request that armed it.
    const next = coordinator.kernel.queue[0];
    if (next !== undefined && next.at === event.at && next.type === "group-timer") return;
    const shown = stateOf(coordinator);
    if (JSON.stringify(shown) === last) return;
    last = JSON.stringify(shown);
    states.push({ at: event.at, cause: event.type === "request" ? sent.at(-1) : causeOf(event.payload as GroupTimer), ...shown });
  });
  const responses: unknown[] = input.requests.map(() => null);
  for (const { requestId, body, at } of coordinator.answers) {
    const index = sent[requestId]!;
    if (at === input.requests[index]!.at) responses[index] = shownAnswer(body);
  }
  return { responses, states, end };
}

/** Only an id that a JoinGroup was answered with is known to whoever sends requests. */
function toOwnId(id: string, coordinator: Coordinator): string {
  const match = /^m-(\d+)$/.exec(id);
  if (match === null) return id;
  const ending = `-${Number(match[1]).toString(16).padStart(8, "0")}`;
  for (const { body } of coordinator.answers) if (body.api === "JoinGroup" && body.memberId.endsWith(ending)) return body.memberId;
  return id;
}

function bodyOf(request: GoldenRequest, coordinator: Coordinator): GroupRequest {
  const memberId = toOwnId(request.memberId ?? "", coordinator);
  const groupInstanceId = request.instanceId ?? null;
  switch (request.type) {
    case "JoinGroup": {
      const topics = request.topics as string[];
      const metadata = encodeSubscription({ topics, ownedPartitions: [], generationId: -1, rackId: null, userData: "" });
      return {
        api: "JoinGroup",
        groupId,
        sessionTimeoutMs: request.sessionTimeoutMs,
        rebalanceTimeoutMs: 300_000,
        memberId,
        groupInstanceId,
        clientId: "m",
        protocolType: "consumer",
        protocols: [{ name: "range", metadata }],
        reason: "",
      };
    }
    case "SyncGroup":
      return {
        api: "SyncGroup",
        groupId,
        generationId: request.generationId,
        memberId,
        groupInstanceId,
        protocolType: null,
        protocolName: null,
        assignments: [],
      };
    case "LeaveGroup":
      return { api: "LeaveGroup", groupId, members: [{ memberId, groupInstanceId, reason: "" }] };
    case "OffsetCommit":
      return {
        api: "OffsetCommit",
        groupId,
        generationIdOrMemberEpoch: request.epoch,
        memberId,
        groupInstanceId,
        partitions: Object.entries(request.offsets).flatMap(([topic, offsets]) =>
          Object.entries(offsets).map(([partition, offset]) => ({
            topicPartition: topicPartitionOf(topic, Number(partition)),
            committedOffset: offset,
            committedLeaderEpoch: -1,
            metadata: request.metadata ?? "",
          })),
        ),
      };
    default: {
      const topics = request.topics as Record<string, number[]> | undefined;
      const partitions =
        topics && Object.entries(topics).flatMap(([topic, numbers]) => numbers.map((number) => topicPartitionOf(topic, number)));
      return {
        api: "OffsetFetch",
        groupId,
        memberId: request.memberId === undefined ? null : memberId,
        memberEpoch: request.epoch,
        requireStable: request.requireStable ?? false,
        partitions: partitions ?? null,
      };
    }
  }
}

function causeOf(timer: GroupTimer): string {
  return timer.kind === "initial" ? "join" : timer.kind;
}

/** topic -> partition -> what is said of it */
function byTopic<T>(entries: readonly [string, T][]): Record<string, Record<string, T>> {
  const result: Record<string, Record<string, T>> = {};
  for (const [topicPartition, value] of entries) {
    const topic = topicOf(topicPartition);
    result[topic] ??= {};
    result[topic][partitionOf(topicPartition)] = value;
  }
  return result;
}

function stateOf(coordinator: Coordinator): Record<string, unknown> {
  const group = coordinator.shard.groups[groupId];
  const offsets = Object.entries(coordinator.shard.offsets[groupId] ?? {});
  return {
    groupType: group === undefined ? null : "classic",
    groupState: group?.state ?? null,
    committed: byTopic(
      offsets.map(([topicPartition, { offset }]): [string, number] => [topicPartition, offset]).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function shownAnswer(body: ResponseBody): unknown {
  switch (body.api) {
    case "OffsetCommit": {
      const [first] = body.partitions;
      const whole = first !== undefined && !["NONE", "OFFSET_METADATA_TOO_LARGE"].includes(first.error) ? first.error : null;
      if (whole !== null) return { error: whole };
      return {
        error: "NONE",
        partitions: byTopic(body.partitions.map(({ topicPartition, error }): [string, string] => [topicPartition, error])),
      };
    }
    case "OffsetFetch":
      return {
        error: body.error,
        partitions: byTopic(
          body.partitions.map(({ topicPartition, committedOffset, metadata, error }): [string, unknown] => [
            topicPartition,
            { offset: committedOffset, metadata: metadata === "" ? null : metadata, error: error === "NONE" ? null : error },
          ]),
        ),
      };
    case "JoinGroup":
      return {
        error: body.error,
        memberId: `m-${Number.parseInt(body.memberId.slice(-8), 16)}`,
        generationId: body.generationId,
      };
    default:
      return { error: (body as { error: string }).error };
  }
}
