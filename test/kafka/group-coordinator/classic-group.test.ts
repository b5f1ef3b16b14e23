import { expect, test } from "vitest";
import type { GroupRequest } from "../../../src/kafka/group-coordinator/group-coordinator-shard.ts";
import { createGroupCoordinatorShard, onShardLoaded, replayRecord } from "../../../src/kafka/group-coordinator/group-coordinator-shard.ts";
import type { ResponseOf } from "../../../src/kafka/protocol/messages.ts";
import { answerTo, type Coordinator, commitAll, createCoordinator, runUntil, submit } from "./coordinator-harness.ts";

function join(
  coordinator: Coordinator,
  memberId: string,
  options: { rebalanceTimeoutMs?: number; instanceId?: string; metadata?: string } = {},
): number {
  return submit(coordinator, {
    api: "JoinGroup",
    groupId: "g",
    sessionTimeoutMs: 45_000,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 300_000,
    memberId,
    groupInstanceId: options.instanceId ?? null,
    clientId: "m",
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: options.metadata ?? "t" }],
    reason: "",
  });
}

function joined(coordinator: Coordinator, requestId: number): ResponseOf<"JoinGroup"> {
  return answerTo(coordinator, requestId) as ResponseOf<"JoinGroup">;
}

/** Asks for an id and joins with it; returns the request that waits. */
function joinNew(coordinator: Coordinator, options: { rebalanceTimeoutMs?: number } = {}): { memberId: string; requestId: number } {
  const { memberId } = joined(coordinator, join(coordinator, "", options));
  return { memberId, requestId: join(coordinator, memberId, options) };
}

function sync(coordinator: Coordinator, memberId: string, generationId: number, assignments: Record<string, string> = {}): number {
  return submit(coordinator, {
    api: "SyncGroup",
    groupId: "g",
    generationId,
    memberId,
    groupInstanceId: null,
    protocolType: "consumer",
    protocolName: "range",
    assignments: Object.entries(assignments).map(([id, assignment]) => ({ memberId: id, assignment })),
  });
}

function heartbeat(coordinator: Coordinator, memberId: string, generationId: number): string {
  const requestId = submit(coordinator, { api: "Heartbeat", groupId: "g", generationId, memberId, groupInstanceId: null });
  return (answerTo(coordinator, requestId) as ResponseOf<"Heartbeat">).error;
}

function commit(coordinator: Coordinator, memberId: string, generation: number, offset: number): number {
  const body: GroupRequest = {
    api: "OffsetCommit",
    groupId: "g",
    generationIdOrMemberEpoch: generation,
    memberId,
    groupInstanceId: null,
    partitions: [{ topicPartition: "orders-0", committedOffset: offset, committedLeaderEpoch: -1, metadata: "" }],
  };
  return submit(coordinator, body);
}

function fetched(coordinator: Coordinator): number {
  const requestId = submit(coordinator, {
    api: "OffsetFetch",
    groupId: "g",
    memberId: null,
    memberEpoch: -1,
    requireStable: false,
    partitions: ["orders-0"],
  });
  return (answerTo(coordinator, requestId) as ResponseOf<"OffsetFetch">).partitions[0]!.committedOffset;
}

function stableGroup(coordinator: Coordinator, members: number): string[] {
  const joins = Array.from({ length: members }, () => joinNew(coordinator));
  runUntil(coordinator, coordinator.kernel.now + 10_000);
  const generation = joined(coordinator, joins[0]!.requestId).generationId;
  for (const { memberId } of joins)
    sync(coordinator, memberId, generation, Object.fromEntries(joins.map((other) => [other.memberId, `a ${other.memberId}`])));
  return joins.map(({ memberId }) => memberId);
}

test("a member that joins just before the initial delay ends makes everybody wait for another delay (reference case 71)", () => {
  const coordinator = createCoordinator({ "group.initial.rebalance.delay.ms": "1000" });
  const first = joinNew(coordinator, { rebalanceTimeoutMs: 3000 });
  runUntil(coordinator, 999);
  const second = joinNew(coordinator, { rebalanceTimeoutMs: 3000 });
  runUntil(coordinator, 1500);
  expect(answerTo(coordinator, first.requestId)).toBeNull();
  runUntil(coordinator, 2000);
  expect(joined(coordinator, first.requestId).generationId).toBe(1);
  expect(joined(coordinator, second.requestId).generationId).toBe(1);
});

test("the initial delay is never extended beyond the rebalance timeout (reference case 72)", () => {
  const coordinator = createCoordinator({ "group.initial.rebalance.delay.ms": "1000" });
  const joins = [joinNew(coordinator, { rebalanceTimeoutMs: 2000 })];
  runUntil(coordinator, 999);
  joins.push(joinNew(coordinator, { rebalanceTimeoutMs: 2000 }));
  runUntil(coordinator, 1500);
  joins.push(joinNew(coordinator, { rebalanceTimeoutMs: 2000 }));
  runUntil(coordinator, 1999);
  for (const { requestId } of joins) expect(answerTo(coordinator, requestId)).toBeNull();
  runUntil(coordinator, 2000);
  for (const { requestId } of joins) expect(joined(coordinator, requestId).generationId).toBe(1);
});

test("heartbeats say REBALANCE_IN_PROGRESS while the group prepares and NONE while it completes (reference case 73)", () => {
  const coordinator = createCoordinator();
  const [leader, follower] = stableGroup(coordinator, 2);
  join(coordinator, leader!);
  expect(heartbeat(coordinator, follower!, 1)).toBe("REBALANCE_IN_PROGRESS");
  join(coordinator, follower!);
  expect(coordinator.shard.groups.g!.state).toBe("CompletingRebalance");
  expect(heartbeat(coordinator, follower!, 2)).toBe("NONE");
  expect(heartbeat(coordinator, follower!, 1)).toBe("ILLEGAL_GENERATION");
});

test("members that never send SyncGroup are removed after the rebalance timeout although they heartbeat (reference case 74)", () => {
  const coordinator = createCoordinator();
  const joins = [1, 2, 3].map(() => joinNew(coordinator, { rebalanceTimeoutMs: 5000 }));
  runUntil(coordinator, 5000);
  const completedAt = coordinator.answers.find(({ requestId }) => requestId === joins[0]!.requestId)!.at;
  runUntil(coordinator, completedAt + 4999);
  for (const { memberId } of joins) expect(heartbeat(coordinator, memberId, 1)).toBe("NONE");
  runUntil(coordinator, completedAt + 5000);
  expect(coordinator.shard.groups.g!.state).toBe("Empty");
  for (const { memberId } of joins) expect(heartbeat(coordinator, memberId, 1)).toBe("UNKNOWN_MEMBER_ID");
});

test("nobody gets an assignment before it is committed, and a failed write makes the group rebalance", () => {
  const coordinator = createCoordinator();
  const { memberId, requestId } = joinNew(coordinator);
  runUntil(coordinator, 5000);
  coordinator.commitAtOnce = false;
  const { generationId } = joined(coordinator, requestId);
  const first = sync(coordinator, memberId, generationId, { [memberId]: "all" });
  expect(answerTo(coordinator, first)).toBeNull();
  coordinator.appendError = "NOT_ENOUGH_REPLICAS";
  commitAll(coordinator);
  expect(answerTo(coordinator, first)).toMatchObject({ error: "COORDINATOR_NOT_AVAILABLE" });
  expect(coordinator.shard.groups.g!.state).toBe("PreparingRebalance");
});

test("a commit is answered and readable only when it is durable", () => {
  const coordinator = createCoordinator();
  const [member] = stableGroup(coordinator, 1);
  coordinator.commitAtOnce = false;
  const requestId = commit(coordinator, member!, 1, 42);
  expect(answerTo(coordinator, requestId)).toBeNull();
  expect(fetched(coordinator)).toBe(-1);
  commitAll(coordinator);
  expect(answerTo(coordinator, requestId)).toMatchObject({ partitions: [{ error: "NONE" }] });
  expect(fetched(coordinator)).toBe(42);
  expect(coordinator.committed).toEqual([{ topicPartition: "orders-0", offset: 42 }]);
});

test("a commit of an older generation is refused, one while the group prepares is not, one while it completes is", () => {
  const coordinator = createCoordinator();
  const [leader, follower] = stableGroup(coordinator, 2);
  const errorOf = (requestId: number): string => (answerTo(coordinator, requestId) as ResponseOf<"OffsetCommit">).partitions[0]!.error;
  expect(errorOf(commit(coordinator, leader!, 0, 1))).toBe("ILLEGAL_GENERATION");
  join(coordinator, leader!);
  expect(errorOf(commit(coordinator, follower!, 1, 7))).toBe("NONE");
  join(coordinator, follower!);
  expect(errorOf(commit(coordinator, follower!, 2, 8))).toBe("REBALANCE_IN_PROGRESS");
  expect(errorOf(commit(coordinator, "somebody", 2, 8))).toBe("UNKNOWN_MEMBER_ID");
});

test("replaying the log rebuilds members, assignments and offsets, and gives everybody a full session", () => {
  const coordinator = createCoordinator();
  const [leader, follower] = stableGroup(coordinator, 2);
  commit(coordinator, leader!, 1, 42);
  const moved = createCoordinator();
  moved.shard = createGroupCoordinatorShard("2", "__consumer_offsets-0", 1);
  for (const { key, value } of structuredClone(coordinator.log)) replayRecord(moved.shard, key, value);
  onShardLoaded(moved.shard, moved.context, moved.settings);
  expect(moved.shard.groups.g).toMatchObject({ state: "Stable", generationId: 1, leaderId: leader });
  expect(heartbeat(moved, follower!, 1)).toBe("NONE");
  expect(fetched(moved)).toBe(42);
  runUntil(moved, 44_999);
  expect(moved.shard.groups.g!.members).toHaveLength(2);
  runUntil(moved, 45_000);
  expect(moved.shard.groups.g!.state).toBe("Empty");
});

test("offsets of an empty group expire offsets.retention.minutes after it became empty, and the group goes with them", () => {
  const coordinator = createCoordinator({ "offsets.retention.minutes": "60" });
  const [member] = stableGroup(coordinator, 1);
  commit(coordinator, member!, 1, 42);
  submit(coordinator, { api: "LeaveGroup", groupId: "g", members: [{ memberId: member!, groupInstanceId: null, reason: "" }] });
  runUntil(coordinator, 60 * 60_000);
  expect(fetched(coordinator)).toBe(42);
  runUntil(coordinator, 70 * 60_000 + 1);
  expect(fetched(coordinator)).toBe(-1);
  expect(coordinator.shard.groups.g).toBeUndefined();
});

test("a member's expiry names what silenced it and the config that decided", () => {
  const coordinator = createCoordinator();
  stableGroup(coordinator, 1);
  coordinator.silenceCause = 7;
  runUntil(coordinator, 60_000);
  const expired = coordinator.traced.find(({ type }) => type === "member-expired")!;
  expect(expired.cause).toBe(7);
  expect(expired.fields.config).toBe("session.timeout.ms");
});
