import { expect, test } from "vitest";
import { startConsumerClient } from "../../../src/kafka/application/consumer-application.ts";
import {
  addConsumer,
  assignmentOf,
  createGroupWorld,
  type GroupWorld,
  killBroker,
  killConsumer,
  pause,
  produce,
  resume,
  runUntil,
  stopConsumer,
  tracedOf,
} from "./group-world.ts";

test("a lone consumer waits out the initial rebalance delay of 3 s and then owns every partition", () => {
  const world = createGroupWorld();
  addConsumer(world, "c1");
  runUntil(world, 2900);
  expect(assignmentOf(world, "c1")).toEqual([]);
  runUntil(world, 3200);
  expect(assignmentOf(world, "c1")).toEqual(["orders-0", "orders-1", "orders-2", "orders-3", "orders-4", "orders-5"]);
  expect(world.shard.groups.billing!.state).toBe("Stable");
});

test("three members get two ranges each, and what is produced is returned exactly once and in order", () => {
  const world = createGroupWorld();
  for (const name of ["c1", "c2", "c3"]) addConsumer(world, name);
  runUntil(world, 10_000);
  expect(assignmentOf(world, "c1")).toEqual(["orders-0", "orders-1"]);
  expect(assignmentOf(world, "c3")).toEqual(["orders-4", "orders-5"]);
  for (let round = 0; round < 50; round++) {
    for (let partition = 0; partition < 6; partition++) produce(world, `orders-${partition}`, 20);
    runUntil(world, world.kernel.now + 20);
  }
  runUntil(world, world.kernel.now + 6000);
  for (let partition = 0; partition < 6; partition++) {
    const ranges = world.returned.filter((range) => range.topicPartition === `orders-${partition}`);
    expect(ranges[0]!.from).toBe(0);
    for (let index = 1; index < ranges.length; index++) expect(ranges[index]!.from).toBe(ranges[index - 1]!.to);
    expect(ranges.at(-1)!.to).toBe(1000);
    expect(world.committed.findLast((commit) => commit.topicPartition === `orders-${partition}`)!.offset).toBe(1000);
  }
});

test("poll returns at most max.poll.records", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  produce(world, "orders-0", 1200);
  addConsumer(world, "c1", { "max.poll.records": "500" }, { perRecordMicros: 1000, commit: "auto" });
  runUntil(world, 10_000);
  expect(world.returned.map(({ from, to }) => to - from)).toEqual([500, 500, 200]);
  expect(world.returned[1]!.at - world.returned[0]!.at).toBe(500);
});

test("a member that is killed is missed only after session.timeout.ms; its partitions move and what it had not committed is read again", () => {
  const world = createGroupWorld({ topics: { orders: 2 } });
  addConsumer(world, "c1");
  addConsumer(world, "c2");
  runUntil(world, 10_000);
  produce(world, "orders-0", 10);
  runUntil(world, 10_100);
  killConsumer(world, "c1");
  runUntil(world, 50_000);
  expect(assignmentOf(world, "c2")).toEqual(["orders-1"]);
  runUntil(world, 62_000);
  expect(assignmentOf(world, "c2")).toEqual(["orders-0", "orders-1"]);
  const expired = tracedOf(world, "member-expired")[0]!;
  expect(expired.fields.config).toBe("session.timeout.ms");
  expect(world.traced[expired.cause]!.type).toBe("node-killed");
  expect(world.returned.filter(({ member }) => member === "c2")[0]).toMatchObject({ topicPartition: "orders-0", from: 0, to: 10 });
});

test("a member that closes commits and leaves, so its partitions move at once and nothing is read twice", () => {
  const world = createGroupWorld({ topics: { orders: 2 } });
  const c1 = addConsumer(world, "c1");
  addConsumer(world, "c2");
  runUntil(world, 10_000);
  produce(world, "orders-0", 10);
  runUntil(world, 10_100);
  stopConsumer(world, "c1");
  runUntil(world, 15_000);
  expect(c1.status).toBe("stopped");
  expect(tracedOf(world, "member-left")).toHaveLength(1);
  expect(assignmentOf(world, "c2")).toEqual(["orders-0", "orders-1"]);
  runUntil(world, 20_000);
  expect(world.returned).toHaveLength(1);
});

test("killing the coordinator's broker does not rebalance a classic group", () => {
  const world = createGroupWorld();
  addConsumer(world, "c1");
  addConsumer(world, "c2");
  runUntil(world, 10_000);
  killBroker(world, 1);
  runUntil(world, 60_000);
  produce(world, "orders-0", 5);
  runUntil(world, 70_000);
  expect(world.shard.nodeId).toBe("2");
  expect(world.shard.groups.billing!.generationId).toBe(1);
  expect(world.shard.groups.billing!.members).toHaveLength(2);
  expect(world.committed.at(-1)!.topicPartition).toMatch(/orders/);
  expect(world.shard.offsets.billing!["orders-0"]!.offset).toBe(5);
});

test("processing longer than max.poll.interval.ms makes the member leave although its heartbeats went on", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  addConsumer(world, "c1", { "max.poll.interval.ms": "20000" }, { perRecordMicros: 30_000_000, commit: "after" });
  addConsumer(world, "c2", {}, { perRecordMicros: 0, commit: "after" });
  runUntil(world, 10_000);
  expect(assignmentOf(world, "c1")).toEqual(["orders-0"]);
  produce(world, "orders-0", 1);
  runUntil(world, 29_000);
  expect(assignmentOf(world, "c2")).toEqual([]);
  runUntil(world, 31_000);
  const exceeded = tracedOf(world, "poll-interval-exceeded")[0]!;
  expect(exceeded.fields.config).toBe("max.poll.interval.ms");
  expect(world.traced[exceeded.cause]!.type).toBe("records-returned");
  runUntil(world, 39_000);
  expect(assignmentOf(world, "c2")).toEqual(["orders-0"]);
  expect(world.returned.map(({ member }) => member)).toEqual(["c1", "c2"]);
  runUntil(world, 45_000);
  // c1 comes back: its late commit fails and it joins again.
  expect(tracedOf(world, "partitions-lost", "c1")).toHaveLength(1);
  expect(world.clients.c1!.status).toBe("running");
});

test("a paused member is expired while it sleeps, loses its partitions on waking, and joins again", () => {
  const world = createGroupWorld({ topics: { orders: 2 } });
  addConsumer(world, "c1");
  addConsumer(world, "c2");
  runUntil(world, 10_000);
  pause(world, "c1");
  runUntil(world, 60_000);
  expect(assignmentOf(world, "c2")).toEqual(["orders-0", "orders-1"]);
  resume(world, "c1");
  runUntil(world, 70_000);
  expect(tracedOf(world, "partitions-lost", "c1")).toHaveLength(1);
  expect(assignmentOf(world, "c1")).toHaveLength(1);
  expect(assignmentOf(world, "c2")).toHaveLength(1);
});

test("an idle member makes no more events than Kafka's long polls and heartbeats ask for", () => {
  const world = createGroupWorld();
  for (const name of ["c1", "c2", "c3"]) addConsumer(world, name);
  runUntil(world, 20_000);
  const { events } = world;
  const before = world.requests.length;
  runUntil(world, 80_000);
  const requests = world.requests.length - before;
  // Each member: two brokers × 2 fetches a second, a heartbeat every 3 s, a commit every 5 s.
  expect(requests / 60).toBeLessThan(3 * (2 * 2 + 0.34 + 0.2) + 1);
  expect((world.events - events) / 60).toBeLessThan(90);
});

test("with cooperative-sticky a joiner costs two generations, and nobody stops reading what it keeps", () => {
  const world = createGroupWorld({ topics: { orders: 4 } });
  const configs = { "partition.assignment.strategy": "org.apache.kafka.clients.consumer.CooperativeStickyAssignor" };
  addConsumer(world, "c1", configs);
  runUntil(world, 10_000);
  expect(assignmentOf(world, "c1")).toHaveLength(4);
  const seen = world.traced.length;
  addConsumer(world, "c2", configs);
  runUntil(world, 20_000);
  expect(assignmentOf(world, "c1")).toEqual(["orders-0", "orders-1"]);
  expect(assignmentOf(world, "c2")).toEqual(["orders-2", "orders-3"]);
  expect(world.shard.groups.billing!.generationId).toBe(3);
  const revoked = world.traced.slice(seen).filter(({ type, node }) => type === "partitions-revoked" && node === "c1");
  expect(revoked.map(({ fields }) => [fields.generation, fields.partitions])).toEqual([[2, ["orders-2", "orders-3"]]]);
});

test("with range a joiner makes everybody give up everything, in the old generation", () => {
  const world = createGroupWorld({ topics: { orders: 4 } });
  addConsumer(world, "c1");
  runUntil(world, 10_000);
  const seen = world.traced.length;
  addConsumer(world, "c2");
  runUntil(world, 20_000);
  expect(assignmentOf(world, "c2")).toEqual(["orders-2", "orders-3"]);
  expect(world.shard.groups.billing!.generationId).toBe(2);
  const revoked = world.traced.slice(seen).filter(({ type, node }) => type === "partitions-revoked" && node === "c1");
  expect(revoked.map(({ fields }) => [fields.generation, (fields.partitions as string[]).length])).toEqual([[1, 4]]);
});

test("a static member that restarts within its session gets its partitions back without a rebalance", () => {
  const world = createGroupWorld({ topics: { orders: 4 } });
  addConsumer(world, "c1", { "group.instance.id": "one" });
  addConsumer(world, "c2", { "group.instance.id": "two" });
  runUntil(world, 10_000);
  const owned = assignmentOf(world, "c2");
  stopConsumer(world, "c2");
  runUntil(world, 20_000);
  expect(world.clients.c2!.status).toBe("stopped");
  startConsumerClient(world.clients.c2!, world.context);
  runUntil(world, 30_000);
  expect(assignmentOf(world, "c2")).toEqual(owned);
  expect(world.shard.groups.billing!.generationId).toBe(1);
});

test("more partitions make the leader rejoin once its metadata shows them", () => {
  const world = createGroupWorld({ topics: { orders: 2 } });
  addConsumer(world, "c1", { "metadata.max.age.ms": "5000" });
  addConsumer(world, "c2", { "metadata.max.age.ms": "5000" });
  runUntil(world, 10_000);
  world.topics.orders = 4;
  runUntil(world, 25_000);
  expect([...assignmentOf(world, "c1"), ...assignmentOf(world, "c2")].sort()).toEqual(["orders-0", "orders-1", "orders-2", "orders-3"]);
});

test("a consumer without any reachable broker does not spin: it looks again after its backoffs", () => {
  for (const end of [pause, (world: GroupWorld) => killBroker(world, 1)]) {
    const world = createGroupWorld({ topics: { orders: 1 }, brokers: 1 });
    addConsumer(world, "c1", {}, { perRecordMicros: 1_000_000, commit: "after" });
    runUntil(world, 10_000);
    produce(world, "orders-0", 5);
    runUntil(world, 10_100);
    if (end === pause) pause(world, "1");
    else {
      // A second one in the list that was never up.
      world.brokerIds.push(2);
      end(world, "1");
    }
    const before = world.events;
    runUntil(world, 90_000);
    expect(world.events - before).toBeLessThan(80 * 25);
  }
});
