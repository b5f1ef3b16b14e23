import fc from "fast-check";
import { produce, setAutoFreeze } from "immer";
import { describe, expect, test } from "vitest";
import { runInDraft } from "../../src/engine/frame-run.ts";
import { fingerprintOf, momentOf, resumeMoment } from "../../src/engine/moment.ts";
import { attachRun, type ScenarioRun, startScenario } from "../../src/engine/scenario-run.ts";
import { run as runEvents } from "../../src/engine/simulation.ts";
import type { TraceEvent } from "../../src/kafka/protocol/trace-events.ts";
import type { Scenario } from "../../src/scenario/compile.ts";
import { jsonLineOf } from "../../src/trace/json-lines.ts";
import { randomScenario } from "./random-scenario.ts";

const UNTIL_MS = 12_000;
/** Drafts of everything are slow. */
const DRAFTED_UNTIL_MS = 5000;
const runs = { numRuns: 8 };

function traced(scenario: Scenario): { run: ScenarioRun; lines: string[] } {
  const lines: string[] = [];
  const run = startScenario(scenario, { sink: (event: TraceEvent) => lines.push(jsonLineOf(event)) });
  return { run, lines };
}

function runBare(run: ScenarioRun, untilMs: number): void {
  runEvents(run.simulation, { untilMs, events: Number.POSITIVE_INFINITY });
}

/** As the dashboard does: one draft for each handful of events. What a frame holds is frozen, so that changing it afterwards throws. */
function runInFrames(run: ScenarioRun, untilMs: number): void {
  setAutoFreeze(false);
  const { simulation } = run;
  do {
    deepFreeze(simulation.world);
    deepFreeze(simulation.ledger);
    deepFreeze(run.progress);
  } while (runInDraft(run, { untilMs, events: 397 }) === 397);
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

/** Everything drafted, nothing thawed: rule 4 in its plainest form. */
function runUnderImmer(run: ScenarioRun, untilMs: number): void {
  const { simulation } = run;
  for (;;) {
    const before = { world: simulation.world, ledger: simulation.ledger, progress: run.progress };
    let handled = 0;
    const after = produce(before, (draft: typeof before) => {
      attachRun(run, draft.world, draft.ledger, draft.progress);
      handled = runEvents(simulation, { untilMs, events: 97 });
    });
    attachRun(run, after.world, after.ledger, after.progress);
    if (handled < 97) return;
  }
}

describe("under random configs, loads and faults", () => {
  test("the same seed gives the same trace, byte for byte", () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const [first, second] = [traced(scenario), traced(scenario)];
        runBare(first.run, UNTIL_MS);
        runBare(second.run, UNTIL_MS);
        expect(second.lines).toEqual(first.lines);
      }),
      runs,
    );
  });

  test("bare and immer runs end in the same moment", () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const [bare, drafted] = [traced(scenario), traced(scenario)];
        runBare(bare.run, DRAFTED_UNTIL_MS);
        runUnderImmer(drafted.run, DRAFTED_UNTIL_MS);
        expect(drafted.lines.length).toBe(bare.lines.length);
        expect(fingerprintOf(momentOf(drafted.run)) === fingerprintOf(momentOf(bare.run))).toBe(true);
      }),
      { numRuns: 5 },
    );
  });

  test("a run in the dashboard's frames ends in the same moment as a bare one, and leaves every frame as it was", () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const [bare, framed] = [traced(scenario), traced(scenario)];
        runBare(bare.run, UNTIL_MS);
        runInFrames(framed.run, UNTIL_MS);
        expect(framed.lines.length).toBe(bare.lines.length);
        expect(fingerprintOf(momentOf(framed.run)) === fingerprintOf(momentOf(bare.run))).toBe(true);
        const { world, ledger } = framed.run.simulation;
        expect(firstAlias({ world, ledger })).toBeNull();
      }),
      runs,
    );
  });

  test("a cloned moment resumes to the same end", () => {
    fc.assert(
      fc.property(randomScenario, fc.integer({ min: 1, max: UNTIL_MS - 1 }), (scenario, middle) => {
        const whole = startScenario(scenario, { sink: null });
        runBare(whole, middle);
        const moment = momentOf(whole);
        const before = fingerprintOf(moment);
        const resumed = resumeMoment(moment, whole, null);
        runBare(resumed, UNTIL_MS);
        runBare(whole, UNTIL_MS);
        expect(fingerprintOf(moment) === before).toBe(true);
        expect(fingerprintOf(momentOf(resumed)) === fingerprintOf(momentOf(whole))).toBe(true);
      }),
      runs,
    );
  });

  test("no object of world, ledger or queue is reachable twice", () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        const run = startScenario(scenario, { sink: null });
        for (const at of [1000, 5000, 9000, UNTIL_MS]) {
          runBare(run, at);
          const { world, ledger, kernel } = run.simulation;
          expect(firstAlias({ world, ledger, payloads: kernel.queue.map(({ payload }) => payload) })).toBeNull();
        }
      }),
      runs,
    );
  });
});

/** The path of the first object that is reachable on two ways, or null. */
function firstAlias(root: object): string | null {
  const seen = new Map<object, string>();
  const stack: [object, string][] = [[root, ""]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [value, path] = next;
    const other = seen.get(value);
    if (other !== undefined) return `${path} is ${other}`;
    seen.set(value, path);
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return `${path} is no plain object`;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === "object" && inner !== null) stack.push([inner, `${path}/${key}`]);
      else if (typeof inner === "function" || typeof inner === "symbol" || inner === undefined) return `${path}/${key} is ${typeof inner}`;
    }
  }
  return null;
}
