import { expect, test } from "vitest";
import type { RequestBody } from "../../../src/kafka/protocol/messages.ts";
import { answer, changePartition, createSmallWorld, logAt, run, runFor, type SmallWorld, send } from "./small-world.ts";

const offsets = "__consumer_offsets-0";

function groupWorld(options: Parameters<typeof createSmallWorld>[0] = {}): SmallWorld {
  const world = createSmallWorld({ topics: ["__consumer_offsets"], ...options });
  run(world, 100);
  return world;
}

function commit(offset: number): RequestBody {
  return {
    api: "OffsetCommit",
    groupId: "billing",
    generationIdOrMemberEpoch: -1,
    memberId: "",
    groupInstanceId: null,
    partitions: [{ topicPartition: "orders-0", committedOffset: offset, committedLeaderEpoch: -1, metadata: "" }],
  };
}

const fetchOffsets: RequestBody = {
  api: "OffsetFetch",
  groupId: "billing",
  memberId: null,
  memberEpoch: -1,
  requireStable: false,
  partitions: ["orders-0"],
};

test("a commit is answered when its record is on every in-sync replica, and can be read then", () => {
  const world = groupWorld();
  const id = send(world, 1, commit(42));
  const sentAt = world.kernel.now;
  runFor(world, 50);
  expect(answer(world, id, "OffsetCommit").partitions).toEqual([{ topicPartition: "orders-0", error: "NONE" }]);
  expect(world.responses.get(id)!.at - sentAt).toBe(4);
  for (const broker of [1, 2, 3]) expect(logAt(world, broker, offsets).logEndOffset).toBe(1);
  const read = send(world, 1, structuredClone(fetchOffsets));
  runFor(world, 50);
  expect(answer(world, read, "OffsetFetch").partitions[0]).toMatchObject({ committedOffset: 42 });
});

test("whoever becomes leader of the offsets partition replays its log and knows the commits; the old coordinator refuses", () => {
  const world = groupWorld();
  send(world, 1, commit(42));
  runFor(world, 600);
  changePartition(world, offsets, { leader: 2, leaderEpochBumped: true });
  runFor(world, 20);
  const old = send(world, 1, structuredClone(fetchOffsets));
  const next = send(world, 2, structuredClone(fetchOffsets));
  runFor(world, 50);
  expect(answer(world, old, "OffsetFetch").error).toBe("NOT_COORDINATOR");
  expect(answer(world, next, "OffsetFetch").partitions[0]).toMatchObject({ committedOffset: 42 });
});

test("a coordinator that is still loading says so", () => {
  const world = groupWorld();
  changePartition(world, offsets, { leader: 2, leaderEpochBumped: true });
  const connected = send(world, 2, { api: "Metadata", topics: [] });
  runFor(world, 4);
  expect(answer(world, connected, "Metadata").topics).toEqual([]);
  changePartition(world, offsets, { leader: 2, leaderEpochBumped: true });
  const early = send(world, 2, structuredClone(fetchOffsets));
  runFor(world, 20);
  expect(answer(world, early, "OffsetFetch").error).toBe("COORDINATOR_LOAD_IN_PROGRESS");
});

test("a commit that is not replicated within offsets.commit.timeout.ms fails, and one below min.insync.replicas at once", () => {
  const world = groupWorld({ topicConfigs: { "min.insync.replicas": "2" } });
  world.dead.add("2").add("3");
  const slow = send(world, 1, commit(1));
  runFor(world, 5_100);
  expect(answer(world, slow, "OffsetCommit").partitions[0]!.error).toBe("COORDINATOR_NOT_AVAILABLE");
  changePartition(world, offsets, { isr: [1] });
  runFor(world, 10);
  const refused = send(world, 1, commit(2));
  runFor(world, 10);
  expect(answer(world, refused, "OffsetCommit").partitions[0]!.error).toBe("COORDINATOR_NOT_AVAILABLE");
});

test("a commit that was given up after offsets.commit.timeout.ms counts nevertheless once its record is replicated", () => {
  const world = groupWorld();
  world.dead.add("2").add("3");
  const slow = send(world, 1, commit(7));
  runFor(world, 5_100);
  expect(answer(world, slow, "OffsetCommit").partitions[0]!.error).toBe("COORDINATOR_NOT_AVAILABLE");
  const before = send(world, 1, structuredClone(fetchOffsets));
  runFor(world, 10);
  expect(answer(world, before, "OffsetFetch").partitions[0]).toMatchObject({ committedOffset: -1 });
  // Until replica.lag.time.max.ms is over the high watermark waits for the followers even outside the ISR.
  runFor(world, 30_000);
  changePartition(world, offsets, { isr: [1] });
  runFor(world, 10);
  const after = send(world, 1, structuredClone(fetchOffsets));
  runFor(world, 10);
  expect(answer(world, after, "OffsetFetch").partitions[0]).toMatchObject({ committedOffset: 7 });
});

test("a commit waiting for replication is refused when the coordinator moves", () => {
  const world = groupWorld();
  world.dead.add("2").add("3");
  const waiting = send(world, 1, commit(1));
  runFor(world, 5);
  changePartition(world, offsets, { leader: 2, leaderEpochBumped: true });
  runFor(world, 10);
  expect(answer(world, waiting, "OffsetCommit").partitions[0]!.error).toBe("NOT_COORDINATOR");
});

test("FindCoordinator names the leader of the partition that Java's hash of the group id chooses", () => {
  const world = createSmallWorld({ topics: ["__consumer_offsets"], partitions: 50 });
  changePartition(world, "__consumer_offsets-23", { leader: 2, leaderEpochBumped: true });
  changePartition(world, "__consumer_offsets-14", { leader: -1, leaderEpochBumped: true });
  runFor(world, 10);
  // "billing".hashCode() is -109829509; its absolute value modulo 50 is 9.
  const billing = send(world, 1, { api: "FindCoordinator", keyType: "group", key: "billing" });
  runFor(world, 10);
  expect(answer(world, billing, "FindCoordinator")).toMatchObject({ error: "NONE", nodeId: 1 });
  changePartition(world, "__consumer_offsets-9", { leader: 3, leaderEpochBumped: true });
  runFor(world, 10);
  const moved = send(world, 1, { api: "FindCoordinator", keyType: "group", key: "billing" });
  runFor(world, 10);
  expect(answer(world, moved, "FindCoordinator").nodeId).toBe(3);
  changePartition(world, "__consumer_offsets-9", { leader: -1, leaderEpochBumped: true });
  runFor(world, 10);
  const nobody = send(world, 1, { api: "FindCoordinator", keyType: "group", key: "billing" });
  runFor(world, 10);
  expect(answer(world, nobody, "FindCoordinator").error).toBe("COORDINATOR_NOT_AVAILABLE");
});
