import { expect, test } from "vitest";
import type { TraceEvent, TraceFields, TraceType } from "../../src/kafka/protocol/trace-events.ts";
import { chainOf, eventOf, explainRecord, whyRecord, wordChain } from "../../src/trace/causes.ts";

function trace(): {
  events: TraceEvent[];
  add: <T extends TraceType>(at: number, cause: number, node: string, type: T, fields: TraceFields[T]) => number;
} {
  const events: TraceEvent[] = [];
  return {
    events,
    add: (at, cause, node, type, fields) => {
      events.push({ at, seq: events.length, cause, node, type, fields } as TraceEvent);
      return events.length - 1;
    },
  };
}

/** Broker 1 dies with records that only it has; at the same time broker 3 is paused, which is another's fault. */
function lostRecords(): TraceEvent[] {
  const { events, add } = trace();
  add(4000, -1, "1", "produce-appended", {
    topicPartition: "orders-0",
    producer: "p1",
    baseOffset: 800,
    records: 20,
    ids: [1175, 20],
    leaderEpoch: 3,
    acks: 1,
  });
  const kill = add(5000, -1, "operator", "command", { command: "kill", target: "1", details: "{}" });
  const killed = add(5000, kill, "1", "node-killed", {});
  const pause = add(5000, -1, "operator", "command", { command: "pause", target: "3", details: "{}" });
  add(5000, pause, "3", "node-paused", {});
  const fenced = add(14_000, killed, "101", "broker-fenced", { brokerId: 1, silentMs: 9000, config: "broker.session.timeout.ms" });
  const elected = add(14_000, fenced, "101", "leader-elected", {
    topicPartition: "orders-0",
    leader: 2,
    previousLeader: 1,
    leaderEpoch: 4,
    isr: [2],
    elr: [],
    kind: "clean",
    config: "",
  });
  add(14_000, elected, "2", "record-lost", { topicPartition: "orders-0", producer: "p1", ids: [1180, 15], config: "acks" });
  return events;
}

test("from a lost record the causes lead to the command that killed its broker, and to no other fault", () => {
  const events = lostRecords();
  const chain = whyRecord(events, "p1", 1187, "lost");
  expect(chain.map(({ type }) => type)).toEqual(["record-lost", "leader-elected", "broker-fenced", "node-killed", "command"]);
  expect(whyRecord(events, "p1", 1195, "lost")).toEqual([]);
  expect(whyRecord(events, "p2", 1187, "lost")).toEqual([]);
});

test("an explanation says who had the record, what was promised, and what followed from what", () => {
  expect(explainRecord(lostRecords(), "p1", 1187, "lost", "en")).toEqual([
    "Record 1187 of p1: lost.",
    "0:04.000 Broker 1 led orders-0 and appended it (offset 812, acks=1).",
    "0:14.000 Records 1180 to 1194 of p1 lost from orders-0: acknowledged, and on no replica that may lead (acks).",
    "← 0:14.000 Broker 2 elected leader of orders-0 after broker 1, epoch 4.",
    "← 0:14.000 Broker 1 fenced: no heartbeat for 9.0 s (broker.session.timeout.ms).",
    "← 0:05.000 Broker 1 killed.",
    "← 0:05.000 Command: kill 1",
  ]);
});

test("a chain leaves out how messages went, but never its ends", () => {
  const { events, add } = trace();
  const first = add(1, -1, "p1", "request-sent", { connection: 1, peer: "1", correlationId: 1, api: "Produce", sizeBytes: 10 });
  const second = add(2, first, "p1", "response-received", { connection: 1, peer: "1", correlationId: 1, api: "Produce", error: "NONE" });
  const last = add(3, second, "p1", "batch-failed", {
    topicPartition: "orders-0",
    batch: 1,
    records: 1,
    error: "TIMEOUT",
    message: "",
    ids: [0, 1],
    config: "delivery.timeout.ms",
  });
  expect(wordChain(chainOf(events, last), "en")).toEqual([
    "0:00.003 p1: record 0 of orders-0 failed: TIMEOUT (delivery.timeout.ms).",
    "← 0:00.001 p1 sent Produce to 1 (10 B).",
  ]);
});

test("events are found by number also when the oldest are no longer kept", () => {
  const events = lostRecords().slice(3);
  expect(eventOf(events, 2)).toBe(null);
  expect(eventOf(events, 5)?.type).toBe("broker-fenced");
  expect(chainOf(events, 7).map(({ type }) => type)).toEqual(["record-lost", "leader-elected", "broker-fenced"]);
});
