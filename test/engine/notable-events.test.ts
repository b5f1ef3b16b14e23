import { expect, test } from "vitest";
import { InteractiveClock } from "../../src/engine/interactive-clock.ts";
import { createNotableEvents, notableNow, noteEvent } from "../../src/engine/notable-events.ts";
import type { TraceEvent, TraceType } from "../../src/kafka/protocol/trace-events.ts";
import { compileScenario } from "../../src/scenario/compile.ts";
import { chainOf } from "../../src/trace/causes.ts";

const scenario = compileScenario(
  JSON.stringify({
    title: { en: "notable", ko: "주요" },
    seed: 3,
    end: "5m",
    topics: [{ name: "orders", partitions: 6 }],
    producers: [{ name: "p1", topic: "orders", rate: 200 }],
  }),
  "notable.yaml",
);

function afterKill(): InteractiveClock {
  const clock = new InteractiveClock(scenario, { language: "en", paused: false, speed: 1 });
  clock.tick(3000);
  clock.dispatch({ type: "kill", node: "1" });
  clock.tick(15_000);
  return clock;
}

test("the chain from a fencing to the kill is there when the ring of all events has moved on", () => {
  const clock = afterKill();
  for (let second = 0; second < 30; second++) clock.tick(1000);
  const { events, notable } = clock.frame();
  const fenced = notable.find((event) => event.type === "broker-fenced" && (event.fields as { brokerId: number }).brokerId === 1)!;
  expect(events[0]!.seq).toBeGreaterThan(fenced.seq);
  const chain = chainOf(notable, fenced.seq);
  expect(chain.map((event) => event.type)).toContain("node-killed");
  expect(chain.at(-1)!.type).toBe("command");
});

test("the alert of a fencing names the config that decided and how many partitions moved", () => {
  const { alerts } = afterKill().frame();
  const fenced = alerts.find((alert) => alert.text.startsWith("Broker 1 fenced"))!;
  expect(fenced.text).toMatch(/^Broker 1 fenced: no heartbeat for \d+\.\d s \(broker\.session\.timeout\.ms\)\. 2 partitions moved\.$/);
});

test("what is dropped are the oldest, but not what led to those that stay; what a frame was given does not change", () => {
  const made = (seq: number, type: TraceType, cause: number): TraceEvent => ({ at: seq, seq, cause, node: "1", type, fields: {} }) as never;
  const notable = createNotableEvents();
  const ring: TraceEvent[] = [];
  const add = (event: TraceEvent): void => {
    ring.push(event);
    noteEvent(notable, event, ring);
  };
  add(made(0, "command", -1));
  add(made(1, "request-sent", 0));
  add(made(2, "node-killed", 1));
  const given = notableNow(notable);
  for (let seq = 3; seq < 9000; seq++) add(made(seq, "connected", seq % 3 === 0 ? 2 : -1));
  expect(given.map((event) => event.seq)).toEqual([0, 1, 2]);
  const kept = notableNow(notable);
  expect(kept.length).toBeLessThanOrEqual(4000);
  expect(kept.slice(0, 3).map((event) => event.type)).toEqual(["command", "request-sent", "node-killed"]);
  for (let index = 1; index < kept.length; index++) expect(kept[index]!.seq).toBeGreaterThan(kept[index - 1]!.seq);
});
