import { expect, test } from "vitest";
import { commitSync, poll } from "../../../src/kafka/consumer/kafka-consumer.ts";
import { createLatencyHistogram } from "../../../src/kafka/protocol/latency-histogram.ts";
import { addConsumer, createGroupWorld, pause, produce, resume, runUntil } from "./group-world.ts";

test("commitSync while the member is joining throws RebalanceInProgressException without a request (reference case 78)", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  const { consumer } = addConsumer(world, "c1");
  runUntil(world, 10_000);
  consumer!.coordinator.state = "PREPARING_REBALANCE";
  const before = world.requests.filter(({ api }) => api === "OffsetCommit").length;
  commitSync(consumer!, world.context);
  expect(consumer!.coordinator.commitSync!.outcome).toBe("RebalanceInProgressException");
  expect(consumer!.network.unsent).toEqual([]);
  expect(world.requests.filter(({ api }) => api === "OffsetCommit")).toHaveLength(before);
});

test("a commit answered REBALANCE_IN_PROGRESS throws, flags a rejoin, and keeps the generation (reference case 78)", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  const { consumer } = addConsumer(world, "c1", {}, { perRecordMicros: 0, commit: "after" });
  runUntil(world, 10_000);
  world.scripted.push({
    api: "OffsetCommit",
    body: { api: "OffsetCommit", partitions: [{ topicPartition: "orders-0", error: "REBALANCE_IN_PROGRESS" }] },
  });
  produce(world, "orders-0", 1);
  runUntil(world, 10_010);
  expect(world.traced.filter(({ type }) => type === "commit-failed").map(({ fields }) => fields.error)).toEqual([
    "RebalanceInProgressException",
  ]);
  expect(consumer!.coordinator.memberId).not.toBe("");
  runUntil(world, 20_000);
  expect(world.clients.c1!.status).toBe("running");
  expect(world.requests.filter(({ api }) => api === "JoinGroup").length).toBe(3);
});

test("auto-commit waits for its interval even while an earlier commit is outstanding (reference case 79)", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  const { consumer } = addConsumer(world, "c1", { "auto.commit.interval.ms": "1000" });
  runUntil(world, 10_000);
  const { coordinator } = consumer!;
  const dueAt = coordinator.nextAutoCommitMs;
  const commits = (): number => coordinator.nextCommitId;
  const before = commits();
  runUntil(world, dueAt);
  expect(commits()).toBe(before + 1);
  runUntil(world, dueAt + 500);
  poll(consumer!, createLatencyHistogram(), world.context);
  expect(commits()).toBe(before + 1);
  runUntil(world, dueAt + 1000);
  expect(commits()).toBe(before + 2);
});

test("a consumer that dies after processing and before its commit leaves the records to be read again", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  addConsumer(world, "c1", {}, { perRecordMicros: 100_000, commit: "after" });
  runUntil(world, 10_000);
  produce(world, "orders-0", 5);
  runUntil(world, 10_300);
  expect(world.clients.c1!.thread.state).toBe("processing");
  expect(world.committed).toEqual([]);
  runUntil(world, 10_600);
  expect(world.processed).toHaveLength(1);
  expect(world.committed.map(({ offset }) => offset)).toEqual([5]);
});

test("with commit before processing the offset is durable before the first record is processed", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  addConsumer(world, "c1", {}, { perRecordMicros: 100_000, commit: "before" });
  runUntil(world, 10_000);
  produce(world, "orders-0", 5);
  runUntil(world, 11_000);
  expect(world.committed[0]!.at).toBeLessThan(world.processed[0]!.at - 499);
});

test("auto.offset.reset=none without a committed offset ends the program", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  const client = addConsumer(world, "c1", { "auto.offset.reset": "none" });
  runUntil(world, 10_000);
  expect(client.status).toBe("failed");
  expect(client.failure).toMatch(/NoOffsetForPartition/);
  expect(world.shard.groups.billing!.state).toBe("Empty");
});

test("auto.offset.reset=latest skips what was there before the consumer", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  produce(world, "orders-0", 100);
  addConsumer(world, "c1", { "auto.offset.reset": "latest" });
  runUntil(world, 10_000);
  produce(world, "orders-0", 3);
  runUntil(world, 11_000);
  expect(world.returned.map(({ from, to }) => [from, to])).toEqual([[100, 103]]);
});

test("a commitSync that finds no coordinator for default.api.timeout.ms fails, and the program reads on when the brokers are back", () => {
  const world = createGroupWorld({ topics: { orders: 1 }, brokers: 1 });
  const client = addConsumer(world, "c1", {}, { perRecordMicros: 1_000_000, commit: "after" });
  runUntil(world, 10_000);
  produce(world, "orders-0", 5);
  runUntil(world, 10_100);
  pause(world, "1");
  runUntil(world, 74_000);
  expect(client.thread.state).toBe("committing");
  runUntil(world, 75_100);
  expect(world.traced.filter(({ type }) => type === "commit-failed").at(-1)!.fields.error).toBe("TimeoutException");
  expect(client.thread.state).toBe("polling");
  resume(world, "1");
  runUntil(world, 80_000);
  produce(world, "orders-0", 1);
  runUntil(world, 95_000);
  expect(client.status).toBe("running");
  expect(world.committed.at(-1)!.offset).toBe(6);
});

test("an offset that the log no longer reaches is reset by auto.offset.reset", () => {
  const world = createGroupWorld({ topics: { orders: 1 } });
  produce(world, "orders-0", 100);
  addConsumer(world, "c1", { "auto.offset.reset": "latest" });
  runUntil(world, 10_000);
  world.logs["orders-0"] = [];
  world.logEnd["orders-0"] = 40;
  runUntil(world, 12_000);
  const resets = world.traced.filter(({ type }) => type === "position-reset");
  expect(resets.map(({ fields }) => fields.offset)).toEqual([100, 40]);
});

test("of two clients with one group.instance.id the older one is fenced and its program ends", () => {
  const world = createGroupWorld({ topics: { orders: 2 } });
  const first = addConsumer(world, "c1", { "group.instance.id": "one" });
  runUntil(world, 10_000);
  const second = addConsumer(world, "c2", { "group.instance.id": "one" });
  runUntil(world, 20_000);
  expect(first.status).toBe("failed");
  expect(first.failure).toMatch(/FENCED_INSTANCE_ID/);
  expect(Object.keys(second.consumer!.subscription.assigned)).toEqual(["orders-0", "orders-1"]);
});
