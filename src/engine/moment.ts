import { cloneKernel, copyPlain, type Kernel } from "../kernel/kernel.ts";
import { randomStatesOf } from "../kernel/random-streams.ts";
import type { World } from "../kafka/cluster/world.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type LoggedCommand, type Simulation, simulationOf } from "./simulation.ts";

/** All that a run is made of at one instant: it can be kept, compared, drawn, resumed and forked. */
export interface Moment {
  world: World;
  ledger: Ledger;
  kernel: Kernel;
  commandLogLength: number;
}

export function momentOf(simulation: Simulation): Moment {
  return {
    world: copyPlain(simulation.world),
    ledger: copyPlain(simulation.ledger),
    kernel: cloneKernel(simulation.kernel),
    commandLogLength: simulation.commandLog.length,
  };
}

/** Goes on from a moment in a run of its own; the moment itself stays as it is. */
export function resumeMoment(moment: Moment, commandLog: LoggedCommand[]): Simulation {
  const simulation = simulationOf(cloneKernel(moment.kernel), copyPlain(moment.world), copyPlain(moment.ledger), null);
  simulation.commandLog.push(...commandLog.slice(0, moment.commandLogLength));
  return simulation;
}

/** One text for equal moments: keys in the order in which they were made, the queue in the order in which it will happen. */
export function fingerprintOf(moment: Moment): string {
  const { now, seq, traceSeq, eventsHandled, queue, random } = moment.kernel;
  const order = [...queue].sort((a, b) => a.at - b.at || a.phase - b.phase || a.seq - b.seq);
  return JSON.stringify({ now, seq, traceSeq, eventsHandled, queue: order, random: randomStatesOf(random), world: moment.world, ledger: moment.ledger });
}
