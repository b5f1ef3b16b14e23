import { expect, test } from "vitest";
import {
  answer,
  batchOf,
  changePartition,
  createSmallWorld,
  fetchAt,
  logAt,
  partitionAt,
  produce,
  publish,
  run,
  runFor,
  send,
} from "./small-world.ts";

test("an acks=all record is acknowledged one round trip of the followers after the leader appended it", () => {
  const world = createSmallWorld();
  run(world, 100);
  const id = produce(world, 1, batchOf(3));
  const sentAt = world.kernel.now;
  runFor(world, 50);
  // To the leader 1 ms, to the followers 2, back with their next fetch 3, to the client 4.
  expect(world.responses.get(id)!.at - sentAt).toBe(4);
  expect(answer(world, id, "Produce").partitions[0]).toMatchObject({ error: "NONE", baseOffset: 0 });
  for (const broker of [1, 2, 3]) expect(logAt(world, broker).logEndOffset).toBe(3);
});

test("an acks=1 record is acknowledged before any follower has it", () => {
  const world = createSmallWorld();
  run(world, 100);
  const id = produce(world, 1, batchOf(1), 1);
  const sentAt = world.kernel.now;
  runFor(world, 2);
  expect(world.responses.get(id)!.at - sentAt).toBe(2);
  expect(logAt(world, 1).highWatermark).toBe(0);
});

test("an acks=0 produce is not answered, and an error with it closes the connection", () => {
  const world = createSmallWorld();
  const id = produce(world, 1, batchOf(1), 0);
  runFor(world, 50);
  expect(world.responses.has(id)).toBe(false);
  expect(logAt(world, 1).logEndOffset).toBe(1);
  produce(world, 1, batchOf(1), 0, "unknown-0");
  runFor(world, 50);
  expect(world.closed.size).toBe(1);
});

test("an idle follower learns of the high watermark only with its next fetch, up to half a second later", () => {
  const world = createSmallWorld();
  run(world, 100);
  produce(world, 1, batchOf(1));
  runFor(world, 20);
  expect(logAt(world, 1).highWatermark).toBe(1);
  expect(logAt(world, 2).highWatermark).toBe(0);
  runFor(world, 520);
  expect(logAt(world, 2).highWatermark).toBe(1);
});

test("five pipelined acks=all requests are appended one after the other, each after the previous one was replicated", () => {
  const world = createSmallWorld();
  run(world, 100);
  const ids = [1, 2, 3, 4, 5].map(() => produce(world, 1, batchOf(1)));
  runFor(world, 100);
  const times = ids.map((id) => world.responses.get(id)!.at);
  for (let i = 1; i < 5; i++) expect(times[i]! - times[i - 1]!).toBe(2);
});

test("a consumer's parked fetch returns when the high watermark passes the record, not when the leader appends it", () => {
  const world = createSmallWorld();
  run(world, 100);
  const id = fetchAt(world, 1, 0);
  runFor(world, 10);
  const producer = produce(world, 1, batchOf(1), 1, "orders-0");
  runFor(world, 100);
  // The client's one connection is muted while its fetch waits: the produce is handled only when the fetch is over.
  expect(world.responses.has(producer)).toBe(false);
  runFor(world, 500);
  expect(answer(world, id, "Fetch").partitions[0]!.batches).toEqual([]);
  expect(answer(world, producer, "Produce").partitions[0]!.error).toBe("NONE");
  const again = fetchAt(world, 1, 0);
  runFor(world, 10);
  expect(answer(world, again, "Fetch").partitions[0]!.batches[0]!.recordCount).toBe(1);
});

test("below min.insync.replicas acks=all is refused and acks=1 is appended but stays invisible", () => {
  const world = createSmallWorld({ topicConfigs: { "min.insync.replicas": "2" } });
  world.dead.add("2").add("3");
  // Fenced, so that the high watermark does not wait for them to come back.
  for (const brokerId of [2, 3])
    publish(world, { type: "BrokerRegistrationChangeRecord", brokerId, brokerEpoch: brokerId, fenced: true, inControlledShutdown: null });
  changePartition(world, "orders-0", { isr: [1] });
  run(world, 1000);
  const all = produce(world, 1, batchOf(1));
  const one = produce(world, 1, batchOf(1), 1);
  runFor(world, 50);
  expect(answer(world, all, "Produce").partitions[0]!.error).toBe("NOT_ENOUGH_REPLICAS");
  expect(answer(world, one, "Produce").partitions[0]!.error).toBe("NONE");
  expect(logAt(world, 1).highWatermark).toBe(0);
  publish(world, { type: "ConfigRecord", scope: "topic", resource: "orders", key: "min.insync.replicas", value: "1" });
  runFor(world, 50);
  expect(logAt(world, 1).highWatermark).toBe(1);
});

test("a batch appended before the ISR fell below the minimum ends in REQUEST_TIMED_OUT and is in the log nevertheless", () => {
  const world = createSmallWorld({ topicConfigs: { "min.insync.replicas": "2" } });
  run(world, 100);
  world.dead.add("2").add("3");
  const id = produce(world, 1, batchOf(1));
  runFor(world, 10);
  changePartition(world, "orders-0", { isr: [1] });
  runFor(world, 30_100);
  expect(answer(world, id, "Produce").partitions[0]!.error).toBe("REQUEST_TIMED_OUT");
  expect(logAt(world, 1).logEndOffset).toBe(1);
  expect(logAt(world, 1).highWatermark).toBe(0);
});

test("a retried idempotent batch is answered with its first offset and appended once", () => {
  const world = createSmallWorld();
  const fields = { producerId: 7, producerEpoch: 0, baseSequence: 0 };
  produce(world, 1, batchOf(2, fields));
  runFor(world, 50);
  const again = produce(world, 1, batchOf(2, fields));
  runFor(world, 50);
  expect(answer(world, again, "Produce").partitions[0]).toMatchObject({ error: "NONE", baseOffset: 0 });
  expect(logAt(world, 1).logEndOffset).toBe(2);
  const gap = produce(world, 1, batchOf(1, { ...fields, baseSequence: 3 }));
  runFor(world, 50);
  expect(answer(world, gap, "Produce").partitions[0]!.error).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
});

test("a former leader truncates what the new leader never had, and the two logs become equal", () => {
  const world = createSmallWorld();
  run(world, 100);
  produce(world, 1, batchOf(1));
  runFor(world, 50);
  // The leader appends two records that nobody fetches.
  for (const link of ["1>2", "1>3", "2>1", "3>1"]) world.cut.add(link);
  produce(world, 1, batchOf(2), 1);
  runFor(world, 10);
  changePartition(world, "orders-0", { leader: 2, isr: [2, 3], leaderEpochBumped: true });
  runFor(world, 20);
  produce(world, 2, batchOf(5));
  world.cut.clear();
  runFor(world, 40_000);
  expect(logAt(world, 1).logEndOffset).toBe(6);
  expect(world.ledger).toContain("1 truncates orders-0@1");
  const epochs = [1, 2, 3].map((broker) => logAt(world, broker).epochs);
  expect(epochs[0]).toEqual(epochs[1]);
  expect(epochs[0]).toEqual([
    { epoch: 0, startOffset: 0 },
    { epoch: 1, startOffset: 1 },
  ]);
});

test("a producer that waits at a leader which is replaced hears NOT_LEADER_OR_FOLLOWER, with the new leader's name", () => {
  const world = createSmallWorld();
  run(world, 100);
  world.dead.add("2").add("3");
  const id = produce(world, 1, batchOf(1));
  runFor(world, 10);
  changePartition(world, "orders-0", { leader: 2, isr: [2, 3], leaderEpochBumped: true });
  runFor(world, 10);
  expect(answer(world, id, "Produce").partitions[0]).toMatchObject({
    error: "NOT_LEADER_OR_FOLLOWER",
    currentLeader: { leaderId: 2, leaderEpoch: 1 },
  });
});

test("after an election the latest offset is not available until the high watermark reaches the new epoch", () => {
  const world = createSmallWorld();
  run(world, 100);
  produce(world, 1, batchOf(4), 1);
  runFor(world, 4);
  expect(logAt(world, 2).logEndOffset).toBe(4);
  world.dead.add("1").add("3");
  changePartition(world, "orders-0", { leader: 2, isr: [2, 3], leaderEpochBumped: true });
  runFor(world, 10);
  const latest = {
    api: "ListOffsets",
    replicaId: -1,
    readCommitted: false,
    partitions: [{ topicPartition: "orders-0", currentLeaderEpoch: -1, timestamp: -1 }],
  } as const;
  const early = send(world, 2, structuredClone(latest) as never);
  runFor(world, 10);
  expect(answer(world, early, "ListOffsets").partitions[0]!.error).toBe("OFFSET_NOT_AVAILABLE");
  world.dead.delete("3");
  changePartition(world, "orders-0", { isr: [2] });
  runFor(world, 10);
  const late = send(world, 2, structuredClone(latest) as never);
  runFor(world, 10);
  expect(answer(world, late, "ListOffsets").partitions[0]).toMatchObject({ error: "NONE", offset: 4 });
});

test("a hundred idle partitions cost a follower one fetch each half second, which names none of them", () => {
  const world = createSmallWorld({ partitions: 100 });
  run(world, 2000);
  const before = world.kernel.eventsHandled;
  runFor(world, 10_000);
  // Two followers of one leader: 20 rounds each of request, response and timers; heartbeats and metadata besides.
  expect(world.kernel.eventsHandled - before).toBeLessThan(450);
});

test("records reach the ledger once a replica, and the high watermark only from the leader", () => {
  const world = createSmallWorld();
  run(world, 100);
  produce(world, 1, batchOf(2));
  runFor(world, 600);
  expect(world.ledger.filter((line) => line.includes("@0"))).toEqual(["1 leads orders-0@0", "2 copies orders-0@0", "3 copies orders-0@0"]);
  expect(world.ledger.filter((line) => line.endsWith("<2"))).toEqual(["1 commits orders-0<2"]);
  expect(partitionAt(world, 1).waitingProduces).toEqual([]);
});
