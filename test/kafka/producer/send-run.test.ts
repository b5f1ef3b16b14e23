import fc from "fast-check";
import { expect, test } from "vitest";
import { recordFieldsBytes } from "../../../src/kafka/application/producer-workload.ts";
import { indexCache, setNodes } from "../../../src/kafka/client/metadata-cache.ts";
import { createKafkaProducer, type KafkaProducer, sendRecords } from "../../../src/kafka/producer/kafka-producer.ts";
import { ready } from "../../../src/kafka/producer/record-accumulator.ts";
import { producerSettings } from "../../../src/kafka/protocol/producer-settings.ts";
import { silentContext } from "../../golden/sender-trace/silent-context.ts";

interface Send {
  atMs: number;
  count: number;
  valueSize: number;
  partition: number;
  readyCheck: boolean;
}

function producerAfter(sends: Send[], batchSize: number, bufferMemory: number, oneByOne: boolean): KafkaProducer {
  let draws = 0;
  const context = silentContext({ int31: () => draws++, below: () => 0, jitter: () => 1 });
  const configs = { "batch.size": String(batchSize), "buffer.memory": String(bufferMemory), "max.request.size": "100000000" };
  const producer = createKafkaProducer("p1", ["1"], producerSettings(configs));
  const { cache } = producer.metadata;
  setNodes(cache, [
    { nodeId: 1, rack: null },
    { nodeId: 2, rack: null },
  ]);
  cache.topics.t = [0, 1, 2].map((partition) => ({
    error: "NONE",
    partition,
    leaderId: 1 + (partition % 2),
    leaderEpoch: 0,
    replicas: [],
    isr: [],
    offlineReplicas: [],
  }));
  indexCache(cache);
  let id = 0;
  for (const { atMs, count, valueSize, partition, readyCheck } of sends) {
    context.now += atMs;
    const fieldsBytes = recordFieldsBytes(-1, valueSize);
    const times = oneByOne ? count : 1;
    for (let i = 0; i < times; i++) {
      sendRecords(producer, { topic: "t", partition, keyHash: null, fieldsBytes, firstId: id, count: oneByOne ? 1 : count }, context);
      id += oneByOne ? 1 : count;
      // Both stop where memory ends: what waits there is one record of the run.
      if (producer.call !== null) return producer;
    }
    if (readyCheck) ready(producer.accumulator, cache, context);
  }
  return producer;
}

test("a run of equal records has exactly the outcome of as many single sends", () => {
  const send = fc.record({
    atMs: fc.constantFrom(0, 1, 70, 9000),
    count: fc.integer({ min: 1, max: 300 }),
    valueSize: fc.constantFrom(0, 1, 40, 57, 100, 500),
    partition: fc.constantFrom(-1, -1, -1, 0, 2),
    readyCheck: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(send, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(1, 100, 1000, 16384, 65536),
      fc.constantFrom(70000, 33554432),
      (sends, batchSize, memory) => {
        const [run, single] = [producerAfter(sends, batchSize, memory, false), producerAfter(sends, batchSize, memory, true)];
        expect(run.accumulator).toEqual(single.accumulator);
        expect(run.statistics).toEqual(single.statistics);
        expect(run.networkClient.poll.wakeup).toBe(single.networkClient.poll.wakeup);
      },
    ),
    { numRuns: 300 },
  );
});
