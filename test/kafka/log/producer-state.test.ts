import { expect, test } from "vitest";
import {
  findDuplicate,
  type ProducerStates,
  rememberBatch,
  removeExpiredProducers,
  truncateProducers,
  validateProducerBatch,
} from "../../../src/kafka/log/producer-state-manager.ts";
import type { RecordBatch } from "../../../src/kafka/protocol/record-batch.ts";

function batch(baseSequence: number, producerEpoch = 0, baseOffset = baseSequence, recordCount = 1): RecordBatch {
  return {
    baseOffset,
    recordCount,
    sizeBytes: 100,
    partitionLeaderEpoch: 0,
    producerId: 1,
    producerEpoch,
    baseSequence,
    transactional: false,
    baseTimestamp: 0,
    maxTimestamp: 0,
    producer: "p",
    ids: [0, recordCount],
    internal: null,
  };
}

function append(states: ProducerStates, next: RecordBatch): string {
  const error = validateProducerBatch(states, next);
  if (error === "NONE") rememberBatch(states, next);
  return error;
}

test("sequences follow one another; an older epoch is fenced and a newer one begins at 0", () => {
  const states: ProducerStates = {};
  expect(append(states, batch(0))).toBe("NONE");
  expect(append(states, batch(1))).toBe("NONE");
  expect(append(states, batch(1))).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  expect(append(states, batch(5))).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  expect(append(states, batch(3, 1))).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  expect(append(states, batch(0, 1))).toBe("NONE");
  expect(append(states, batch(2, 0))).toBe("INVALID_PRODUCER_EPOCH");
});

test("after sequence 2147483647 comes 0", () => {
  const states: ProducerStates = {};
  expect(append(states, batch(2147483647))).toBe("NONE");
  expect(validateProducerBatch(states, batch(1))).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
  expect(append(states, batch(0))).toBe("NONE");
});

test("a batch that crosses the end of the sequences is recognised and followed", () => {
  const states: ProducerStates = {};
  append(states, batch(2147483646, 0, 0, 4));
  expect(findDuplicate(states, batch(2147483646, 0, 0, 4))).toMatchObject({ firstOffset: 0, lastSequence: 1 });
  expect(append(states, batch(2))).toBe("NONE");
});

test("a producer that the broker does not know may begin with any sequence", () => {
  expect(append({}, batch(41))).toBe("NONE");
});

test("the last five batches are recognised as duplicates, the sixth is out of order", () => {
  const states: ProducerStates = {};
  for (let sequence = 0; sequence < 6; sequence++) append(states, batch(sequence));
  expect(findDuplicate(states, batch(1))).toMatchObject({ firstOffset: 1 });
  expect(findDuplicate(states, batch(0))).toBeNull();
  expect(append(states, batch(0))).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
});

test("a part of a known batch is no duplicate", () => {
  const states: ProducerStates = {};
  append(states, batch(0, 0, 0, 4));
  expect(findDuplicate(states, batch(0, 0, 0, 2))).toBeNull();
});

test("the same sequences in another epoch are no duplicate", () => {
  const states: ProducerStates = {};
  append(states, batch(0));
  expect(findDuplicate(states, batch(0, 1))).toBeNull();
});

test("after a truncation the producer goes on where the remaining log ends", () => {
  const states: ProducerStates = {};
  const log = Array.from({ length: 8 }, (_, i) => batch(i));
  for (const next of log) append(states, next);
  truncateProducers(states, 4, () => log.slice(0, 4).reverse());
  expect(states[1]!.batches.map(({ firstSequence }) => firstSequence)).toEqual([0, 1, 2, 3]);
  expect(append(states, batch(4))).toBe("NONE");
});

test("an idle producer id is forgotten after producer.id.expiration.ms", () => {
  const states: ProducerStates = {};
  append(states, batch(0));
  removeExpiredProducers(states, 86_399_999, 86_400_000);
  expect(Object.keys(states)).toEqual(["1"]);
  removeExpiredProducers(states, 86_400_000, 86_400_000);
  expect(states).toEqual({});
});
