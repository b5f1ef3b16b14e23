import type { TraceSink } from "../kafka/cluster/cluster-context.ts";
import { runCommand } from "../kafka/cluster/commands.ts";
import { createWorld, startCluster } from "../kafka/cluster/start-cluster.ts";
import type { World } from "../kafka/cluster/world.ts";
import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import { NO_CAUSE, Phase } from "../kernel/event.ts";
import { addEvent, createKernel, type Kernel } from "../kernel/kernel.ts";
import { createLedger, type Ledger } from "../ledger/ledger.ts";
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

/** A look at the conditions and nothing else. */
const NO_STEP = -1;

export interface RunOptions {
  /** Where trace events go; null: not traced, unless the scenario's conditions ask for trace events. */
  sink: TraceSink;
}

export function startScenario(scenario: Scenario, { sink }: RunOptions): ScenarioRun {
  const kernel = createKernel(scenario.spec.seed);
  const run = continueScenario(scenario, kernel, createWorld(scenario.spec), createLedger(), createProgress(scenario), sink);
  startCluster(run.simulation.context);
  scenario.timeline.forEach((step, index) => {
    if (step.when === null) wake(kernel, step.atMs + step.delayMs, index);
  });
  for (const at of wakeTimesOf(scenario)) wake(kernel, at, NO_STEP);
  return run;
}

/** A run that goes on with what another one had come to. */
export function continueScenario(
  scenario: Scenario,
  kernel: Kernel,
  world: World,
  ledger: Ledger,
  progress: Progress,
  sink: TraceSink,
): ScenarioRun {
  const conditions = traceConditionsOf(scenario);
  const onTrace = (event: TraceEvent): void => {
    if (conditions.length > 0) countTraceEvent(run.progress, conditions, event);
    sink?.(event);
  };
  const traced = sink !== null || scenario.needsTrace;
  const run: ScenarioRun = { scenario, simulation: simulationOf(kernel, world, ledger, traced ? onTrace : null), progress };
  followTimeline(run);
  return run;
}

function wake(kernel: Kernel, at: number, step: number): void {
  addEvent(kernel, {
    at,
    phase: Phase.Command,
    seq: kernel.seq++,
    life: 0,
    node: TIMELINE,
    type: "step",
    payload: { step },
    cause: NO_CAUSE,
  });
}

function followTimeline(run: ScenarioRun): void {
  const { scenario, simulation } = run;
  const { kernel, context } = simulation;
  simulation.onTimeline = (payload) => {
    const { step } = payload as { step: number };
    if (step === NO_STEP) return;
    const command = onStepDue(run.progress, scenario, step, kernel.now);
    const { say } = scenario.timeline[step]!;
    if (context.tracing && say !== null) context.trace("narration", TIMELINE, { text: say.en }, NO_CAUSE);
    if (command !== null) runCommand(context, command);
  };
  const eachInstant = watchesEachInstant(scenario);
  const looks = new Set(wakeTimesOf(scenario));
  if (!eachInstant && looks.size === 0) return;
  simulation.afterInstant = () => {
    if (!eachInstant && !looks.has(kernel.now)) return;
    for (const [step, at] of onInstantOver(run.progress, scenario, simulation.world, simulation.ledger, kernel.now)) wake(kernel, at, step);
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
