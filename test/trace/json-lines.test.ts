import { expect, test } from "vitest";
import { type TraceEvent, traceEvents } from "../../src/kafka/protocol/trace-events.ts";
import { jsonLineOf, parseJsonLine } from "../../src/trace/json-lines.ts";
import { alertOf, isImportant, sentenceOf } from "../../src/trace/sentences.ts";
import { collect, createTraceLog, eventsOf } from "../../src/trace/trace-log.ts";

const samples = { n: 7, t: "orders-0", N: [3, 2], T: ["a", "b"], b: true };

function sampleOf(type: string): TraceEvent {
  const fields: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(traceEvents[type as TraceEvent["type"]].fields))
    fields[name] = samples[kind as keyof typeof samples];
  return { at: 5, seq: 1, cause: 0, node: "2", type, fields } as unknown as TraceEvent;
}

test("a line begins with at, seq, cause, node and type, and has the fields in the order of the table", () => {
  const event: TraceEvent<"truncated"> = {
    at: 5000,
    seq: 12,
    cause: 9,
    node: "1",
    type: "truncated",
    fields: { leaderEpoch: 4, leader: 2, previousLogEndOffset: 9, offset: 3, topicPartition: "orders-0" },
  };
  expect(jsonLineOf(event)).toBe(
    '{"at":5000,"seq":12,"cause":9,"node":"1","type":"truncated","topicPartition":"orders-0","offset":3,"previousLogEndOffset":9,"leader":2,"leaderEpoch":4}',
  );
});

test("every type of event can be written, read again, and said in both languages in one short line", () => {
  for (const type of Object.keys(traceEvents)) {
    const event = sampleOf(type);
    expect(parseJsonLine(jsonLineOf(event))).toEqual(event);
    for (const language of ["en", "ko"] as const) {
      const sentence = sentenceOf(event, language);
      expect(sentence, type).not.toMatch(/undefined|null|\[object|\n/);
      expect(sentence.length, type).toBeLessThan(140);
    }
  }
});

test("an alert names subject, cause and deciding config", () => {
  const fenced: TraceEvent<"broker-fenced"> = {
    at: 9000,
    seq: 3,
    cause: 1,
    node: "101",
    type: "broker-fenced",
    fields: { brokerId: 2, silentMs: 9000, config: "broker.session.timeout.ms" },
  };
  expect(alertOf(fenced, "en")).toEqual({ severity: "bad", text: "Broker 2 fenced: no heartbeat for 9.0 s (broker.session.timeout.ms)." });
  expect(alertOf(fenced, "ko")?.text).toBe("브로커 2: 펜싱됨, 9.0 s 동안 하트비트 없음 (broker.session.timeout.ms)");
  expect(isImportant(fenced)).toBe(true);
});

test("internal topics raise no alert, and requests are not important", () => {
  const election = sampleOf("leader-elected");
  (election.fields as { topicPartition: string }).topicPartition = "__consumer_offsets-3";
  expect(alertOf(election, "en")).toBe(null);
  expect(isImportant(election)).toBe(false);
  expect(isImportant(sampleOf("request-sent"))).toBe(false);
});

test("the log keeps the newest events in order and passes every one on", () => {
  let passed = 0;
  const log = createTraceLog(3, () => {
    passed += 1;
  });
  for (let seq = 0; seq < 8; seq++) collect(log, { ...sampleOf("narration"), seq });
  expect(eventsOf(log).map(({ seq }) => seq)).toEqual([5, 6, 7]);
  expect(passed).toBe(8);
});
