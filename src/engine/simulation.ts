import { ClusterContext, type TraceSink } from "../kafka/cluster/cluster-context.ts";
import { scheduleCommand } from "../kafka/cluster/commands.ts";
import { transition } from "../kafka/cluster/transition.ts";
import type { World } from "../kafka/cluster/world.ts";
import type { Command } from "../kafka/protocol/commands.ts";
import { type Kernel, takeNext } from "../kernel/kernel.ts";
import { type Ledger, ledgerListener } from "../ledger/ledger.ts";

/** A command with the virtual time at which it was given: what a session is saved and replayed from. */
export interface LoggedCommand {
  at: number;
  command: Command;
}

/** A run in progress. World and ledger are plain data; a frame of the dashboard exchanges them for drafts and back. */
export interface Simulation {
  readonly kernel: Kernel;
  readonly context: ClusterContext;
  world: World;
  ledger: Ledger;
  readonly commandLog: LoggedCommand[];
  /** Called after each event, e.g. to check the invariants; null: nothing is. */
  afterEvent: ((node: string) => void) | null;
  /** Called when all that is due at an instant has happened, before time moves on; null: nobody waits for conditions. */
  afterInstant: (() => void) | null;
  /** What the scenario's timeline does when its events are due; null: there is no timeline. */
  onTimeline: ((payload: unknown) => void) | null;
}

export interface RunLimit {
  untilMs: number;
  /** Stops after this many events even if more is due. */
  events: number;
}

export function simulationOf(kernel: Kernel, world: World, ledger: Ledger, sink: TraceSink): Simulation {
  const context = new ClusterContext(kernel, world, ledgerListener(ledger, null), sink);
  const simulation: Simulation = { kernel, context, world, ledger, commandLog: [], afterEvent: null, afterInstant: null, onTimeline: null };
  attachState(simulation, world, ledger);
  return simulation;
}

/** Lets the handlers work on these objects from now on: the real ones, or drafts of them. */
export function attachState(simulation: Simulation, world: World, ledger: Ledger): void {
  const { context } = simulation;
  simulation.world = world;
  simulation.ledger = ledger;
  context.world = world;
  context.records = ledgerListener(ledger, context.tracing ? (type, node, fields) => context.trace(type, node, fields) : null);
}

/** Runs until `untilMs` (what is due at it included) or the limit of events. Returns the number of events handled. */
export function run(simulation: Simulation, { untilMs, events }: RunLimit): number {
  const { kernel, context } = simulation;
  let handled = 0;
  while (handled < events) {
    const event = takeNext(kernel, untilMs);
    if (event === undefined) break;
    if (event.node === "timeline") simulation.onTimeline?.(event.payload);
    else transition(context, event);
    handled += 1;
    if (simulation.afterEvent !== null) simulation.afterEvent(event.node);
    if (simulation.afterInstant !== null && kernel.queue[0]?.at !== kernel.now) simulation.afterInstant();
  }
  if (handled < events && kernel.now < untilMs) kernel.now = untilMs;
  return handled;
}

/** Gives a command now: it happens before anything else that is due at this instant and has not happened yet. */
export function giveCommand(simulation: Simulation, command: Command): void {
  simulation.commandLog.push({ at: simulation.kernel.now, command });
  scheduleCommand(simulation.context, simulation.kernel.now, command);
}
