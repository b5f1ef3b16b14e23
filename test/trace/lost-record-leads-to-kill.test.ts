import { expect, test } from "vitest";
import { startScenario } from "../../src/engine/scenario-run.ts";
import { giveCommand, run as runEvents } from "../../src/engine/simulation.ts";
import type { TraceEvent } from "../../src/kafka/protocol/trace-events.ts";
import { runsOf } from "../../src/ledger/queries.ts";
import { compileScenario } from "../../src/scenario/compile.ts";
import { explainRecord, whyRecord } from "../../src/trace/causes.ts";

const scenario = (acks: string): string => `
title: {en: Two faults, ko: 두 장애}
description: {en: Two brokers die at once., ko: 두 브로커가 함께 죽는다.}
seed: 3
end: 60s
topics:
  - { name: orders, assignment: [[1, 2]], configs: { min.insync.replicas: "1" } }
  - { name: other, assignment: [[3, 2]], configs: { min.insync.replicas: "1" } }
producers:
  - { name: p1, topic: orders, rate: 50, configs: { acks: "${acks}", enable.idempotence: "false" } }
  - { name: p2, topic: other, rate: 50, configs: { acks: "${acks}", enable.idempotence: "false" } }
`;

/** Broker 2 lags behind; then 1 and 3, which lead, die at one instant. */
function twoBrokersDie(acks: string, last: "1" | "3"): { events: TraceEvent[]; lost: Record<string, number> } {
  const events: TraceEvent[] = [];
  const { simulation } = startScenario(compileScenario(scenario(acks), "two-faults.yaml"), { sink: (event) => events.push(event) });
  const until = (untilMs: number): void => void runEvents(simulation, { untilMs, events: Number.POSITIVE_INFINITY });
  until(5000);
  giveCommand(simulation, { type: "pause", node: "2" });
  until(6000);
  giveCommand(simulation, { type: "kill", node: last === "1" ? "3" : "1" });
  giveCommand(simulation, { type: "kill", node: last });
  until(6500);
  giveCommand(simulation, { type: "resume", node: "2" });
  until(30_000);
  const lost: Record<string, number> = {};
  for (const { topicPartition, firstId } of runsOf(simulation.ledger, "lost", 100).runs) lost[topicPartition] ??= firstId;
  return { events, lost };
}

test.each(["1", "3"] as const)(
  "from a lost record the causes lead to the kill of its own broker, though another died at the same instant (%s last)",
  (last) => {
    const { events, lost } = twoBrokersDie("1", last);
    for (const [topicPartition, producer, broker] of [
      ["orders-0", "p1", "1"],
      ["other-0", "p2", "3"],
    ] as const) {
      const chain = whyRecord(events, producer, lost[topicPartition]!, "lost");
      expect(chain[0]?.type).toBe("record-lost");
      expect(chain.map(({ type }) => type)).toContain("broker-fenced");
      expect(chain.at(-1)).toMatchObject({ type: "command", fields: { command: "kill", target: broker } });
      const text = explainRecord(events, producer, lost[topicPartition]!, "lost", "en");
      expect(text[1]).toMatch(new RegExp(`Broker ${broker} led ${topicPartition} and appended it \\(offset \\d+, acks=1\\)\\.$`));
      expect(text.at(-1)).toBe(`← 0:06.000 Command: kill ${broker}`);
    }
  },
);

test("with acks=all the same two deaths lose nothing", () => {
  expect(twoBrokersDie("all", "1").lost).toEqual({});
});
