import { createInvariantChecker, type Violation } from "../invariants/all-invariants.ts";
import type { TraceSink } from "../kafka/cluster/cluster-context.ts";
import type { Scenario } from "../scenario/compile.ts";
import type { ExpectationProgress } from "../scenario/progress.ts";
import type { Localised } from "../scenario/schema.ts";
import { finishRun, type ScenarioRun, startScenario } from "./scenario-run.ts";
import { run as runEvents } from "./simulation.ts";

export interface HeadlessOptions {
  check: boolean;
  /** Virtual ms; null: the scenario's end. */
  untilMs?: number | null;
  sink?: TraceSink;
}

export interface HeadlessResult {
  run: ScenarioRun;
  expectations: ExpectationOutcome[];
  /** The first law that broke; null: none, or they were not checked. */
  violation: Violation | null;
}

export interface ExpectationOutcome extends ExpectationProgress {
  name: string;
  about: Localised | null;
}

/** How many events are handled between two looks at whether a law has broken. */
const CHUNK = 50_000;

/** Runs a scenario to its end without a screen. Deterministic: nothing of the machine is in the result. */
export function runToEnd(scenario: Scenario, { check, untilMs = null, sink = null }: HeadlessOptions): HeadlessResult {
  const run = startScenario(scenario, { sink });
  const { simulation } = run;
  const end = untilMs ?? scenario.endMs;
  let violation: Violation | null = null;
  if (check) {
    const checker = createInvariantChecker();
    simulation.afterEvent = (node) => {
      violation ??= checker.afterEvent(simulation.world, simulation.kernel.now, node);
    };
    while (violation === null && runEvents(simulation, { untilMs: end, events: CHUNK }) === CHUNK);
    violation ??= checker.atEnd(simulation.world, simulation.kernel.now);
  } else runEvents(simulation, { untilMs: end, events: Number.POSITIVE_INFINITY });
  finishRun(run);
  const expectations = scenario.expectations.map(({ name, about }, index) => ({ name, about, ...run.progress.expectations[index]! }));
  // Cut short with --until, a run says nothing of what it has not reached.
  const reached = end >= scenario.endMs ? expectations : expectations.filter((_, index) => scenario.expectations[index]!.toMs <= end);
  return { run, expectations: reached, violation };
}
