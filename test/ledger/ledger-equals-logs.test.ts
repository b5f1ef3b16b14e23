import { expect, test } from "vitest";
import { startScenario } from "../../src/engine/scenario-run.ts";
import { giveCommand, run as runEvents, type Simulation } from "../../src/engine/simulation.ts";
import { createInvariantChecker, type Violation } from "../../src/invariants/all-invariants.ts";
import type { World } from "../../src/kafka/cluster/world.ts";
import type { Command } from "../../src/kafka/protocol/commands.ts";
import { recordFate, totalsOf } from "../../src/ledger/queries.ts";
import { compileScenario } from "../../src/scenario/compile.ts";

/** More of them: FAULT_SEEDS=20. */
const SEEDS = Number(process.env.FAULT_SEEDS ?? 1);

interface Variant {
  acks: string;
  idempotence: boolean;
  unclean: boolean;
  retention: boolean;
}

const variants: Variant[] = [
  { acks: "0", idempotence: false, unclean: false, retention: true },
  { acks: "1", idempotence: false, unclean: true, retention: false },
  { acks: "all", idempotence: false, unclean: false, retention: false },
  { acks: "all", idempotence: true, unclean: true, retention: true },
];

function scenarioOf({ acks, idempotence, unclean, retention }: Variant, seed: number): string {
  const retentionConfigs = retention ? ', retention.ms: "8000", segment.ms: "2000"' : "";
  return `
title: {en: Faults, ko: 장애}
description: {en: Random faults., ko: 무작위 장애.}
seed: ${seed}
end: 200s
kafka: { configs: { log.retention.check.interval.ms: "5000", log.initial.task.delay.ms: "1000" } }
topics:
  - { name: orders, partitions: 2, configs: { unclean.leader.election.enable: "${unclean}"${retentionConfigs} } }
producers:
  - { name: p1, topic: orders, rate: 60, configs: { acks: "${acks}", enable.idempotence: "${idempotence}", request.timeout.ms: "3000", delivery.timeout.ms: "20000", linger.ms: "5" } }
  - { name: p2, topic: orders, rate: 30, keys: sequential, keyCount: 9, configs: { acks: "${acks}", enable.idempotence: "${idempotence}", request.timeout.ms: "2000", delivery.timeout.ms: "10000" } }
groups:
  - { name: billing, topics: [orders], members: [{ name: c1 }, { name: c2 }], configs: { session.timeout.ms: "10000", auto.offset.reset: earliest } }
`;
}

/** A command that makes sense now, or null. */
function randomCommand(world: World, draw: (bound: number) => number): Command | null {
  const node = String(1 + draw(3));
  const { state, isolated, stopping } = world.nodes[node]!;
  switch (draw(6)) {
    case 0:
    case 1:
      return state === "down" ? { type: "start", node } : { type: "kill", node };
    case 2:
      return state === "up"
        ? { type: "pause", node }
        : state === "hung"
          ? { type: "resume", node }
          : { type: "lose-disk", broker: Number(node) };
    case 3:
      return isolated ? { type: "rejoin", node } : { type: "isolate", node };
    case 4:
      return state === "up" && !stopping ? { type: "stop", node } : null;
    default:
      return { type: "elect-leader", topic: "orders", partition: draw(2), kind: draw(2) === 0 ? "preferred" : "unclean" };
  }
}

function heal(simulation: Simulation): void {
  for (const node of ["1", "2", "3"]) {
    const { state, isolated } = simulation.world.nodes[node]!;
    if (state === "down") giveCommand(simulation, { type: "start", node });
    if (state === "hung") giveCommand(simulation, { type: "resume", node });
    if (isolated) giveCommand(simulation, { type: "rejoin", node });
  }
}

/** What can be read of a partition, straight from its leader's log: "producer id" to how often it stands there. */
function readableOf(world: World, topicPartition: string): Map<string, number> {
  const log = world.brokers[world.quorum.image.partitions[topicPartition]!.leader]!.logs[topicPartition]!;
  const found = new Map<string, number>();
  for (const { batches } of log.segments)
    for (const { baseOffset, producer, ids } of batches) {
      let offset = baseOffset;
      for (let i = 0; i < ids.length; i += 2)
        for (let id = ids[i]!; id < ids[i]! + ids[i + 1]!; id++, offset++) {
          if (offset < log.logStartOffset || offset >= log.highWatermark) continue;
          const key = `${producer} ${id}`;
          found.set(key, (found.get(key) ?? 0) + 1);
        }
    }
  return found;
}

test.each(variants)(
  "after random faults no law is broken and the ledger says what the brokers' logs say ($acks, idempotence $idempotence)",
  { timeout: 60_000 * SEEDS },
  (variant) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      let state = seed * 7919 + variants.indexOf(variant);
      const draw = (bound: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return (state >>> 10) % bound;
      };
      const { simulation } = startScenario(compileScenario(scenarioOf(variant, seed), "faults.yaml"), { sink: null });
      const checker = createInvariantChecker();
      const violations: Violation[] = [];
      simulation.afterEvent = (node) => {
        const violation = violations.length > 0 ? null : checker.afterEvent(simulation.world, simulation.kernel.now, node);
        if (violation !== null) violations.push(violation);
      };
      let at = 5000;
      const until = (untilMs: number): void => void runEvents(simulation, { untilMs, events: Number.POSITIVE_INFINITY });
      for (let step = 0; step < 10; step++) {
        until(at);
        const command = randomCommand(simulation.world, draw);
        if (command !== null) giveCommand(simulation, command);
        at += 200 + draw(draw(2) === 0 ? 1000 : 12_000);
      }
      for (let round = 0; round < 2; round++) {
        until(at);
        heal(simulation);
        at += 20_000;
      }
      until(at);
      expect(violations).toEqual([]);
      expect(checker.atEnd(simulation.world, at)).toBe(null);
      for (const topicPartition of ["orders-0", "orders-1"]) {
        const readable = readableOf(simulation.world, topicPartition);
        expect(totalsOf(simulation.ledger, { topicPartition }).readable).toBe(readable.size);
        for (const [key, copies] of readable) {
          const [producer, id] = key.split(" ") as [string, string];
          const fate = recordFate(simulation.ledger, producer, Number(id));
          expect([key, fate.log, fate.topicPartition]).toEqual([key, "readable", topicPartition]);
          if (copies > 1) expect(fate.duplicated).toBe(true);
        }
      }
      const { sent, pending, acknowledged, failed } = totalsOf(simulation.ledger);
      expect(pending + acknowledged + failed).toBe(sent);
    }
  },
);
