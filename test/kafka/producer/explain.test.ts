import { expect, test } from "vitest";
import { startProducerClient } from "../../../src/kafka/application/producer-application.ts";
import { explainBatch } from "../../../src/kafka/producer/explain.ts";
import type { ExplicitRecord } from "../../../src/kafka/protocol/cluster-spec.ts";
import { createProducerLab } from "./answering-broker.ts";

/** The first record warms connections and metadata up. */
function record(atMs: number): ExplicitRecord {
  return { atMs, key: null, partition: 0, valueSizeBytes: 10 };
}

function onlyBatch(lab: ReturnType<typeof createProducerLab>): number {
  return Number(Object.keys(lab.client.producer!.accumulator.batches)[0]);
}

test("a batch that waits for linger.ms says how long it still waits", () => {
  const lab = createProducerLab({ "linger.ms": "50" }, { records: [record(0), record(200)] });
  startProducerClient(lab.client, lab.context);
  lab.run(220);
  expect(explainBatch(lab.client.producer!, onlyBatch(lab), 220)).toMatchObject({
    reason: "lingering",
    leftMs: 30,
    readyBecause: null,
    attempts: 0,
  });
});

test("a batch without an answer is in flight, and its delivery budget runs", () => {
  const lab = createProducerLab({ "linger.ms": "0" }, { records: [record(0), record(200)] });
  startProducerClient(lab.client, lab.context);
  lab.run(199);
  lab.answers = false;
  lab.run(1_200);
  expect(explainBatch(lab.client.producer!, onlyBatch(lab), 1_200)).toMatchObject({ reason: "in-flight", deliveryLeftMs: 119_000 });
});

test("after a request timeout the batch waits for a connection that cannot be made", () => {
  const lab = createProducerLab({ "linger.ms": "0", "request.timeout.ms": "200" }, { records: [record(0), record(200)] });
  startProducerClient(lab.client, lab.context);
  lab.run(199);
  lab.answers = false;
  lab.run(2_000);
  expect(explainBatch(lab.client.producer!, onlyBatch(lab), 2_000)).toMatchObject({ reason: "no-leader", attempts: 1 });
  lab.answers = true;
  lab.run(20_000);
  expect(lab.told.acknowledged).toEqual([0, 1]);
});
