import { expect, test } from "vitest";
import { maybeIncrementHighWatermark } from "../../../src/kafka/broker/partition.ts";
import type { RequestBody } from "../../../src/kafka/protocol/messages.ts";
import {
  batchOf,
  changePartition,
  createSmallWorld,
  logAt,
  partitionAt,
  produce,
  publish,
  run,
  runFor,
  type SmallWorld,
} from "./small-world.ts";

/** Followers that a test plays itself: the real brokers 2 and 3 are silent. */
function worldWithPlayedFollowers(options: Parameters<typeof createSmallWorld>[0] = {}): SmallWorld {
  const world = createSmallWorld(options);
  world.dead.add("2").add("3");
  return world;
}

function followerFetch(world: SmallWorld, follower: number, fetchOffset: number, currentLeaderEpoch = 0): void {
  const connection = world.context.transport.connect(`played-${follower}`, "1");
  const body: RequestBody = {
    api: "Fetch",
    replicaId: follower,
    replicaEpoch: follower,
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 10485760,
    readCommitted: false,
    partitions: [
      { topicPartition: "orders-0", currentLeaderEpoch, fetchOffset, lastFetchedEpoch: -1, logStartOffset: 0, partitionMaxBytes: 1048576 },
    ],
  };
  world.context.transport.sendRequest(connection, `played-${follower}`, 1, body);
  world.dead.add(`played-${follower}`);
  runFor(world, 1);
}

test("a follower stays out of the ISR until it has the high watermark and the beginning of the leader's epoch", () => {
  const world = worldWithPlayedFollowers();
  const fence = (fenced: boolean): void =>
    publish(world, { type: "BrokerRegistrationChangeRecord", brokerId: 3, brokerEpoch: 3, fenced, inControlledShutdown: null });
  fence(true);
  changePartition(world, "orders-0", { isr: [1, 2] });
  runFor(world, 5);
  produce(world, 1, batchOf(2), 1);
  produce(world, 1, batchOf(3), 1);
  runFor(world, 5);
  followerFetch(world, 2, 2);
  expect(logAt(world, 1)).toMatchObject({ highWatermark: 2, logEndOffset: 5 });
  // Leadership is lost and regained two epochs later.
  changePartition(world, "orders-0", { leader: -1, leaderEpochBumped: true });
  changePartition(world, "orders-0", { leader: 1, leaderEpochBumped: true });
  fence(false);
  runFor(world, 10);
  expect(partitionAt(world, 1)).toMatchObject({ leaderEpoch: 2, leaderEpochStartOffset: 5 });
  produce(world, 1, batchOf(2), 1);
  runFor(world, 5);
  followerFetch(world, 3, 0, 2);
  followerFetch(world, 3, 1, 2);
  runFor(world, 5);
  expect(world.alterPartitions).toEqual([]);
  followerFetch(world, 3, 5, 2);
  runFor(world, 5);
  expect(world.alterPartitions[0]!.partitions[0]!.newIsr).toEqual([
    { brokerId: 1, brokerEpoch: 1 },
    { brokerId: 2, brokerEpoch: -1 },
    { brokerId: 3, brokerEpoch: 3 },
  ]);
});

test("a follower silent for longer than replica.lag.time.max.ms leaves; the high watermark moves only when the controller has agreed", () => {
  const world = worldWithPlayedFollowers();
  world.holdAlterPartition = true;
  produce(world, 1, batchOf(10), 1);
  runFor(world, 5);
  run(world, 14_000);
  followerFetch(world, 2, 10);
  run(world, 29_000);
  followerFetch(world, 2, 10);
  run(world, 29_900);
  expect(partitionAt(world, 1).isr).toEqual([1, 2, 3]);
  run(world, 45_003);
  expect(world.alterPartitions.map(({ partitions }) => partitions[0]!.newIsr.map(({ brokerId }) => brokerId))).toEqual([[1, 2]]);
  expect(logAt(world, 1).highWatermark).toBe(0);
  expect(partitionAt(world, 1)).toMatchObject({ isr: [1, 2, 3], maximalIsr: [1, 2, 3], pendingIsr: { kind: "shrink", isr: [1, 2] } });
  for (const act of world.held) act();
  runFor(world, 10);
  expect(partitionAt(world, 1).isr).toEqual([1, 2]);
  // Follower 3 fetched for the last time before the ISR could be called caught up.
  expect(logAt(world, 1).highWatermark).toBe(10);
});

test("a follower that had at each fetch what the leader had at the fetch before does not leave", () => {
  const world = worldWithPlayedFollowers({
    replicas: [1, 2],
    configs: { "replica.lag.time.max.ms": "10000", "replica.fetch.wait.max.ms": "500" },
  });
  produce(world, 1, batchOf(10), 1);
  run(world, 5_000);
  followerFetch(world, 2, 5);
  const before = partitionAt(world, 1).remotes[0]!.lastCaughtUpTimeMs;
  expect(before).toBeLessThan(100);
  expect(logAt(world, 1).highWatermark).toBe(5);
  produce(world, 1, batchOf(5), 1);
  run(world, 9_900);
  followerFetch(world, 2, 10);
  expect(partitionAt(world, 1).remotes[0]!.lastCaughtUpTimeMs).toBe(5_001);
  expect(logAt(world, 1).highWatermark).toBe(10);
  run(world, 14_000);
  expect(world.alterPartitions).toEqual([]);
});

test("below min.insync.replicas the high watermark waits for the committed ISR, not for the one that was asked for", () => {
  const world = worldWithPlayedFollowers({ topicConfigs: { "min.insync.replicas": "3" } });
  changePartition(world, "orders-0", { isr: [1, 2] });
  runFor(world, 5);
  produce(world, 1, batchOf(10), 1);
  world.holdAlterPartition = true;
  followerFetch(world, 2, 10);
  followerFetch(world, 3, 10);
  runFor(world, 5);
  expect(partitionAt(world, 1)).toMatchObject({ isr: [1, 2], maximalIsr: [1, 2, 3] });
  expect(logAt(world, 1).highWatermark).toBe(0);
  for (const act of world.held) act();
  runFor(world, 5);
  expect(partitionAt(world, 1).isr).toEqual([1, 2, 3]);
  expect(logAt(world, 1).highWatermark).toBe(10);
});

test("a former ISR member holds the high watermark back while it may still return, and not when it is fenced or shutting down", () => {
  for (const state of ["fenced", "shutting down", "alive"] as const) {
    const world = worldWithPlayedFollowers({ replicas: [1, 2] });
    produce(world, 1, batchOf(10), 1);
    followerFetch(world, 2, 10);
    produce(world, 1, batchOf(10), 1);
    runFor(world, 5);
    expect(logAt(world, 1)).toMatchObject({ highWatermark: 10, logEndOffset: 20 });
    if (state !== "alive")
      publish(world, {
        type: "BrokerRegistrationChangeRecord",
        brokerId: 2,
        brokerEpoch: 2,
        fenced: state === "fenced",
        inControlledShutdown: state !== "fenced",
      });
    changePartition(world, "orders-0", { isr: [1] });
    runFor(world, 5);
    expect(logAt(world, 1).highWatermark, state).toBe(state === "alive" ? 10 : 20);
    expect(maybeIncrementHighWatermark(world.brokers[1]!, partitionAt(world, 1), logAt(world, 1), world.context)).toBe(false);
  }
});

test("an expansion refused with INVALID_UPDATE_VERSION stays pending and is not sent again", () => {
  const world = worldWithPlayedFollowers({ replicas: [1, 2] });
  changePartition(world, "orders-0", { isr: [1] });
  runFor(world, 5);
  world.refuseAlterPartition = "INVALID_UPDATE_VERSION";
  followerFetch(world, 2, 0);
  runFor(world, 1_000);
  followerFetch(world, 2, 0);
  runFor(world, 1_000);
  expect(world.alterPartitions.length).toBe(1);
  expect(partitionAt(world, 1)).toMatchObject({ isr: [1], maximalIsr: [1, 2], pendingIsr: { kind: "expand" } });
});

test("an expansion refused because the replica is not eligible is taken back, and asked for again at the next fetch", () => {
  const world = worldWithPlayedFollowers({ replicas: [1, 2] });
  changePartition(world, "orders-0", { isr: [1] });
  runFor(world, 5);
  world.refuseAlterPartition = "INELIGIBLE_REPLICA";
  followerFetch(world, 2, 0);
  runFor(world, 10);
  expect(partitionAt(world, 1)).toMatchObject({ isr: [1], maximalIsr: [1], pendingIsr: null });
  world.refuseAlterPartition = null;
  followerFetch(world, 2, 0);
  runFor(world, 10);
  expect(partitionAt(world, 1).isr).toEqual([1, 2]);
});

test("the follower of an idle partition that hangs stays in the ISR", () => {
  const world = createSmallWorld();
  run(world, 1_000);
  world.dead.add("3");
  run(world, 120_000);
  expect(partitionAt(world, 1).isr).toEqual([1, 2, 3]);
});

test("a follower of an idle partition is caught up until the moment of its last fetch, not until its last record", () => {
  const world = createSmallWorld();
  run(world, 44_000);
  produce(world, 1, batchOf(1), 1);
  world.dead.add("3");
  // The next ISR check is a second away: follower 3 is one record behind, but it fetched half a second ago.
  run(world, 46_000);
  expect(world.alterPartitions).toEqual([]);
  run(world, 80_000);
  expect(partitionAt(world, 1).isr).toEqual([1, 2]);
});

test("an idle follower comes back into the ISR although it has nothing to fetch", () => {
  const world = createSmallWorld();
  run(world, 1_000);
  changePartition(world, "orders-0", { isr: [1, 2] });
  run(world, 3_000);
  expect(partitionAt(world, 1).isr).toEqual([1, 2, 3]);
});
