import { expect, test } from "vitest";
import { loseDisk } from "../../../src/kafka/broker/broker.ts";
import {
  answer,
  batchOf,
  changePartition,
  createSmallWorld,
  kill,
  logAt,
  partitionAt,
  produce,
  restart,
  run,
  runFor,
  send,
} from "./small-world.ts";

test("a killed broker comes back with its log, catches up and follows", () => {
  const world = createSmallWorld();
  produce(world, 1, batchOf(5));
  runFor(world, 50);
  kill(world, 3);
  changePartition(world, "orders-0", { isr: [1, 2] });
  runFor(world, 10);
  produce(world, 1, batchOf(5));
  runFor(world, 50);
  expect(world.brokers[3]!.status).toBe("down");
  expect(logAt(world, 3).logEndOffset).toBe(5);
  restart(world, 3);
  runFor(world, 3_000);
  expect(logAt(world, 3)).toMatchObject({ logEndOffset: 10, highWatermark: 10 });
  expect(partitionAt(world, 1).isr).toEqual([1, 2, 3]);
});

test("a broker without its disk fetches everything again, from where the leader's log begins", () => {
  const world = createSmallWorld({ topicConfigs: { "retention.ms": "60000" } });
  for (let i = 0; i < 3; i++) {
    produce(world, 1, batchOf(5, { baseTimestamp: i, maxTimestamp: i }));
    runFor(world, 50);
  }
  run(world, 400_000);
  expect(logAt(world, 1).logStartOffset).toBe(15);
  produce(world, 1, batchOf(2, { baseTimestamp: 400_000, maxTimestamp: 400_000 }));
  runFor(world, 50);
  kill(world, 3);
  loseDisk(world.brokers[3]!, world.context);
  expect(world.ledger).toContain("3 loses orders-0");
  restart(world, 3);
  runFor(world, 3_000);
  expect(logAt(world, 3)).toMatchObject({ logStartOffset: 15, logEndOffset: 17 });
});

test("producer ids come in blocks of a thousand from the controller; until the first block is there the client is told to come again", () => {
  const world = createSmallWorld();
  const ask = () =>
    send(world, 1, { api: "InitProducerId", transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 });
  const first = ask();
  runFor(world, 50);
  expect(answer(world, first, "InitProducerId").error).toBe("COORDINATOR_LOAD_IN_PROGRESS");
  const second = ask();
  const third = ask();
  runFor(world, 50);
  expect(answer(world, second, "InitProducerId")).toMatchObject({ error: "NONE", producerId: 5000, producerEpoch: 0 });
  expect(answer(world, third, "InitProducerId").producerId).toBe(5001);
});

test("metadata names no leader for an offline partition and lists fenced replicas as offline", () => {
  const world = createSmallWorld();
  changePartition(world, "orders-0", { leader: -1, leaderEpochBumped: true });
  runFor(world, 10);
  const id = send(world, 1, { api: "Metadata", topics: ["orders", "nothing"] });
  runFor(world, 10);
  const { topics, brokers } = answer(world, id, "Metadata");
  expect(brokers.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3]);
  expect(topics[0]!.partitions[0]).toMatchObject({ error: "LEADER_NOT_AVAILABLE", leaderId: -1, leaderEpoch: 1 });
  expect(topics[1]).toEqual({ error: "UNKNOWN_TOPIC_OR_PARTITION", name: "nothing", partitions: [] });
});

test("after a leader's restart the batches that it had acknowledged are still recognised as duplicates", () => {
  const world = createSmallWorld({ brokers: 1 });
  const fields = { producerId: 3, producerEpoch: 0, baseSequence: 0 };
  produce(world, 1, batchOf(4, fields));
  runFor(world, 20);
  kill(world, 1);
  runFor(world, 20);
  restart(world, 1);
  runFor(world, 500);
  const again = produce(world, 1, batchOf(4, fields));
  runFor(world, 50);
  expect(answer(world, again, "Produce").partitions[0]).toMatchObject({ error: "NONE", baseOffset: 0 });
  expect(logAt(world, 1).logEndOffset).toBe(4);
});

test("work takes time: requests of several connections wait for one another, in whole microseconds", () => {
  const world = createSmallWorld({ brokers: 1 });
  const broker = world.brokers[1]!;
  (broker as { costs: { perRequestMicros: number; perKilobyteMicros: number } }).costs = { perRequestMicros: 1_500, perKilobyteMicros: 0 };
  const ids = [1, 2, 3, 4].map(() => send(world, 1, { api: "Metadata", topics: [] }));
  const sentAt = world.kernel.now;
  runFor(world, 50);
  // 1 ms there, 1.5, 3, 4.5 and 6 ms of work, 1 ms back.
  expect(ids.map((id) => world.responses.get(id)!.at - sentAt)).toEqual([4, 6, 8, 10]);
});
