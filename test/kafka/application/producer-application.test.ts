import fc from "fast-check";
import { expect, test } from "vitest";
import {
  changeLoad,
  killProducerClient,
  startProducerClient,
  statisticsOf,
  stopProducerClient,
} from "../../../src/kafka/application/producer-application.ts";
import { zipf } from "../../../src/kafka/application/producer-workload.ts";
import { latencyPercentile } from "../../../src/kafka/protocol/latency-histogram.ts";
import { createProducerLab } from "../producer/answering-broker.ts";

test("a rate that is no whole number of records a millisecond is kept over any second", () => {
  const lab = createProducerLab({}, { recordsPerSecond: 1200 });
  startProducerClient(lab.client, lab.context);
  lab.run(999);
  expect(lab.told.sent.length).toBe(1200);
  lab.run(4_999);
  expect(lab.told.sent.length).toBe(6000);
});

test("a changed load counts from the moment of the change", () => {
  const lab = createProducerLab({}, { recordsPerSecond: 10 });
  startProducerClient(lab.client, lab.context);
  lab.run(999);
  changeLoad(lab.client, 1000, lab.context);
  lab.run(1_998);
  expect(lab.told.sent.length).toBe(1010);
  changeLoad(lab.client, 0, lab.context);
  lab.run(10_000);
  expect(lab.told.sent.length).toBe(1010);
});

test("send().get() makes batches of one, and each waits for the one before", () => {
  const lab = createProducerLab({ "linger.ms": "5" }, { recordsPerSecond: 1000, mode: "sync", count: 50 });
  startProducerClient(lab.client, lab.context);
  lab.run(5_000);
  expect(lab.told.acknowledged.length).toBe(50);
  expect(lab.produceRequests.length).toBe(50);
  // 5 ms of linger and 2 ms for the answer: seven a record, however fast the application would go.
  expect(latencyPercentile(statisticsOf(lab.client).latency, 0.5)).toBe(7);
});

test("records keep their ids when the producer starts again with other configs", () => {
  const lab = createProducerLab({ acks: "all" }, { recordsPerSecond: 100 });
  startProducerClient(lab.client, lab.context);
  lab.run(1_000);
  stopProducerClient(lab.client, lab.context);
  lab.run(1_100);
  expect(lab.client.status).toBe("stopped");
  const before = lab.told.sent.length;
  expect(lab.told.acknowledged.length).toBe(before);
  killProducerClient(lab.client, lab.context);
  lab.client.configs.acks = "1";
  startProducerClient(lab.client, lab.context);
  lab.run(2_000);
  expect(lab.client.producer!.settings.acks).toBe(1);
  expect(lab.told.sent).toEqual(lab.told.sent.map((_, index) => index));
  expect(lab.told.sent.length).toBeGreaterThan(before);
});

test("a killed producer tells nobody what became of its records", () => {
  const lab = createProducerLab({ "linger.ms": "500" }, { recordsPerSecond: 100 });
  startProducerClient(lab.client, lab.context);
  lab.run(300);
  killProducerClient(lab.client, lab.context);
  lab.run(60_000);
  expect(lab.told.sent.length).toBeGreaterThan(0);
  expect(lab.told.acknowledged).toEqual([]);
  expect(lab.told.failed).toEqual([]);
});

test("close() sends what is buffered before it returns", () => {
  const lab = createProducerLab({ "linger.ms": "10000" }, { recordsPerSecond: 100 });
  startProducerClient(lab.client, lab.context);
  lab.run(500);
  stopProducerClient(lab.client, lab.context);
  lab.run(520);
  expect(lab.client.status).toBe("stopped");
  expect(lab.told.acknowledged.length).toBe(lab.told.sent.length);
});

test("when buffer.memory is full the application waits, and no record is lost by that", () => {
  const lab = createProducerLab(
    { "buffer.memory": "40000", "batch.size": "1000", "max.in.flight.requests.per.connection": "1" },
    { recordsPerSecond: 100_000, count: 20_000 },
  );
  startProducerClient(lab.client, lab.context);
  lab.run(60_000);
  expect(statisticsOf(lab.client).blockedSends).toBeGreaterThan(0);
  expect(lab.told.acknowledged.length).toBe(20_000);
  expect(lab.arrived.size).toBe(20_000);
});

test("the most frequent of zipf keys comes about as often as harmonic shares say", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.9999999, noNaN: true }), fc.integer({ min: 1, max: 10_000 }), (uniform, count) => {
      expect(zipf(count, uniform)).toBeGreaterThanOrEqual(0);
      expect(zipf(count, uniform)).toBeLessThan(count);
    }),
  );
  let first = 0;
  for (let i = 0; i < 10_000; i++) if (zipf(100, i / 10_000) === 0) first += 1;
  expect(first / 10_000).toBeCloseTo(0.15, 1);
});
