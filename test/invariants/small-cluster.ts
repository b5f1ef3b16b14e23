import { type ScenarioRun, startScenario } from "../../src/engine/scenario-run.ts";
import { run as runEvents } from "../../src/engine/simulation.ts";
import { createInvariantChecker, type InvariantChecker } from "../../src/invariants/all-invariants.ts";
import type { World } from "../../src/kafka/cluster/world.ts";
import { compileScenario } from "../../src/scenario/compile.ts";

const scenario = `
title: {en: Laws, ko: 법칙}
description: {en: A cluster whose laws a test breaks., ko: 법칙을 깨는 클러스터}
seed: 1
end: 200s
topics:
  - { name: orders, partitions: 2, assignment: [[1, 2, 3], [2, 3, 1]] }
producers:
  - { name: p1, topic: orders, rate: 200 }
groups:
  - { name: billing, topics: [orders], members: [{ name: c1 }, { name: c2 }] }
`;

export interface SmallCluster {
  run: ScenarioRun;
  world: World;
  checker: InvariantChecker;
}

/** A cluster at work for nine seconds, every event of which was checked and kept the laws. */
export function clusterAtWork(): SmallCluster {
  const run = startScenario(compileScenario(scenario, "laws.yaml"), { sink: null });
  const { simulation } = run;
  const checker = createInvariantChecker();
  simulation.afterEvent = (node) => {
    const violation = checker.afterEvent(simulation.world, simulation.kernel.now, node);
    if (violation !== null) throw new Error(`${violation.invariant}: ${violation.message}`);
  };
  runEvents(simulation, { untilMs: 9_000, events: Number.POSITIVE_INFINITY });
  simulation.afterEvent = null;
  return { run, world: simulation.world, checker };
}
