import type { TraceSink } from "../kafka/cluster/cluster-context.ts";
import type { World } from "../kafka/cluster/world.ts";
import { cloneKernel, copyPlain, type Kernel } from "../kernel/kernel.ts";
import { randomStatesOf } from "../kernel/random-streams.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Progress } from "../scenario/progress.ts";
import { continueScenario, type ScenarioRun } from "./scenario-run.ts";

/** All that a run is made of at one instant: it can be kept, compared, hashed, drawn, resumed and forked. */
export interface Moment {
  world: World;
  ledger: Ledger;
  progress: Progress;
  kernel: Kernel;
  commandLogLength: number;
}

export function momentOf({ simulation, progress }: ScenarioRun): Moment {
  return {
    world: copyPlain(simulation.world),
    ledger: copyPlain(simulation.ledger),
    progress: copyPlain(progress),
    kernel: cloneKernel(simulation.kernel),
    commandLogLength: simulation.commandLog.length,
  };
}

/** Goes on from a moment in a run of its own, which may take another way; the moment itself stays as it is. */
export function resumeMoment(moment: Moment, { scenario, simulation }: ScenarioRun, sink: TraceSink): ScenarioRun {
  const { world, ledger, progress, kernel } = moment;
  const resumed = continueScenario(scenario, cloneKernel(kernel), copyPlain(world), copyPlain(ledger), copyPlain(progress), sink);
  resumed.simulation.commandLog.push(...simulation.commandLog.slice(0, moment.commandLogLength));
  return resumed;
}

/** One text for equal moments: the queue in the order in which it will happen, everything else as it was made. */
export function fingerprintOf(moment: Moment): string {
  const { now, seq, traceSeq, eventsHandled, queue, random } = moment.kernel;
  const order = [...queue].sort((a, b) => a.at - b.at || a.phase - b.phase || a.seq - b.seq);
  const { world, ledger, progress } = moment;
  return JSON.stringify({ now, seq, traceSeq, eventsHandled, queue: order, random: randomStatesOf(random), world, ledger, progress });
}
