import { addEvent, createKernel } from "../kernel/kernel.ts";
import { Phase } from "../kernel/event.ts";
import { runCommand } from "../kafka/cluster/commands.ts";
import { createWorld, startCluster } from "../kafka/cluster/start-cluster.ts";
import type { TraceSink } from "../kafka/cluster/cluster-context.ts";
import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import { createLedger } from "../ledger/ledger.ts";
import type { Scenario } from "../scenario/compile.ts";
import {
  countTraceEvent,
  createProgress,
  onInstantOver,
  onRunOver,
  onStepDue,
  type Progress,
  traceConditionsOf,
  wakeTimesOf,
  watchesEachInstant,
} from "../scenario/progress.ts";
import { attachState, type Simulation, simulationOf } from "./simulation.ts";

/** A simulation that follows a scenario. `progress` is plain data and part of each moment, as world and ledger are. */
export interface ScenarioRun {
  readonly scenario: Scenario;
  readonly simulation: Simulation;
  progress: Progress;
}

/** The node of the timeline's own events. */
const TIMELINE = "timeline";

export interface RunOptions {
  /** Where trace events go; null: not traced, unless the scenario's conditions ask for trace events. */
  sink: TraceSink;
}

export function startScenario(scenario: Scenario, { sink }: RunOptions): ScenarioRun {
  const kernel = createKernel(scenario.spec.seed);
  const world = createWorld(scenario.spec);
  const ledger = createLedger();
  const conditions = traceConditionsOf(scenario);
  const traced = sink !== null || scenario.needsTrace;
  const onTrace = (event: TraceEvent): void => {
    if (conditions.length > 0) countTraceEvent(run.progress, conditions, event);
    sink?.(event);
  };
  const run: ScenarioRun = { scenario, simulation: simulationOf(kernel, world, ledger, traced ? onTrace : null), progress: createProgress(scenario) };
  startCluster(run.simulation.context);
  followTimeline(run);
  return run;
}

function followTimeline(run: ScenarioRun): void {
  const { scenario, simulation } = run;
  const { kernel, context } = simulation;
  const wake = (at: number, step: number): void =>
    addEvent(kernel, { at, phase: Phase.Command, seq: kernel.seq++, life: 0, node: TIMELINE, type: "step", payload: { step }, cause: -1 });
  scenario.timeline.forEach((step, index) => {
    if (step.when === null) wake(step.atMs + step.delayMs, index);
  });
  const looks = new Set(wakeTimesOf(scenario));
  for (const at of looks) wake(at, -1);
  simulation.onTimeline = (payload) => {
    const { step } = payload as { step: number };
    if (step < 0) return;
    const command = onStepDue(run.progress, scenario, step, kernel.now);
    if (context.tracing && scenario.timeline[step]!.say !== null) context.trace("narration", TIMELINE, { text: scenario.timeline[step]!.say!.en }, -1);
    if (command !== null) runCommand(context, command);
  };
  const eachInstant = watchesEachInstant(scenario);
  if (!eachInstant && looks.size === 0) return;
  simulation.afterInstant = () => {
    if (!eachInstant && !looks.has(kernel.now)) return;
    for (const [step, at] of onInstantOver(run.progress, scenario, simulation.world, simulation.ledger, kernel.now)) wake(at, step);
  };
}

/** Settles the expectations that the end of the run decides. */
export function finishRun({ progress, scenario, simulation }: ScenarioRun): void {
  onRunOver(progress, scenario, simulation.world, simulation.ledger, simulation.kernel.now);
}

/** Exchanges the objects that the run works on: for drafts of them, or back. */
export function attachRun(run: ScenarioRun, world: Simulation["world"], ledger: Simulation["ledger"], progress: Progress): void {
  attachState(run.simulation, world, ledger);
  run.progress = progress;
}
