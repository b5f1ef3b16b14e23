import { setAutoFreeze } from "immer";
import { refusalOf } from "../kafka/cluster/commands.ts";
import type { Command } from "../kafka/protocol/commands.ts";
import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import type { Scenario } from "../scenario/compile.ts";
import { isImportant } from "../trace/sentences.ts";
import { type AlertLog, alertsNow, createAlertLog, noteAlert } from "./alerts.ts";
import { runInDraft } from "./frame-run.ts";
import { createNotableEvents, type NotableEvents, notableNow, noteEvent } from "./notable-events.ts";
import { createRateMeter, measureRates, type RateMeter } from "./rate-meter.ts";
import { type ScenarioRun, startScenario } from "./scenario-run.ts";
import type { CommandOutcome, Frame, Session } from "./session.ts";
import { giveCommand, type LoggedCommand } from "./simulation.ts";

/** Virtual seconds a real second. */
export const SPEEDS: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

/** Milliseconds between frames, and how much of them the simulation may use. */
const FRAME_MS = 100;
const BUDGET_MS = 45;
/** One draft for at most this many events, so that the budget is looked at now and then; the first of them pays for the draft. */
const EVENTS_A_DRAFT = 4000;
const KEPT_EVENTS = 1000;
/** A jump gives up after this much virtual time without an event that matters. */
const JUMP_LIMIT_MS = 600_000;

export interface ClockOptions {
  language: "en" | "ko";
  paused: boolean;
  /** Virtual seconds a real second; the nearest of SPEEDS is taken. */
  speed: number;
}

/**
 * A scenario that runs against the wall clock, in frames: the same handlers as a headless run, inside one immer draft a frame.
 * Nothing runs and nobody is told anything while it is paused.
 */
export class InteractiveClock implements Session {
  readonly speeds = SPEEDS;
  readonly scenario: Scenario;
  readonly commandLog: readonly LoggedCommand[];
  readonly #run: ScenarioRun;
  readonly #language: "en" | "ko";
  readonly #meter: RateMeter = createRateMeter();
  readonly #listeners = new Set<() => void>();
  #events: TraceEvent[] = [];
  readonly #notable: NotableEvents = createNotableEvents();
  readonly #alerts: AlertLog = createAlertLog();
  #important = false;
  #paused: boolean;
  #speedIndex: number;
  #reachedSpeed: number;
  /** Virtual time up to which the clock has been told to run; fractions of a millisecond matter at slow speeds. */
  #target = 0;
  #lastTick = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #started = false;
  #frame: Frame;

  constructor(scenario: Scenario, options: ClockOptions) {
    setAutoFreeze(false);
    this.scenario = scenario;
    this.#language = options.language;
    this.#paused = options.paused;
    this.#speedIndex = nearestSpeed(options.speed);
    this.#reachedSpeed = SPEEDS[this.#speedIndex]!;
    this.#run = startScenario(scenario, { sink: (event) => this.#onTrace(event) });
    this.commandLog = this.#run.simulation.commandLog;
    this.#frame = this.#makeFrame();
  }

  frame(): Frame {
    return this.#frame;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to follow the wall clock. */
  start(): void {
    this.#started = true;
    this.#wake();
  }

  stop(): void {
    this.#started = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  dispatch(command: Command): CommandOutcome {
    const refusal = refusalOf(this.#run.simulation.world, command);
    if (refusal !== null) return { ok: false, message: refusal };
    giveCommand(this.#run.simulation, command);
    this.#advance(this.#run.simulation.kernel.now, 1);
    this.#publish();
    const refused = this.#run.simulation.context.refusal;
    return refused === null ? { ok: true } : { ok: false, message: refused };
  }

  togglePause(): void {
    this.#paused = !this.#paused;
    this.#reachedSpeed = SPEEDS[this.#speedIndex]!;
    this.#wake();
    this.#publish();
  }

  setSpeed(index: number): void {
    this.#speedIndex = Math.max(0, Math.min(SPEEDS.length - 1, index));
    this.#reachedSpeed = SPEEDS[this.#speedIndex]!;
    this.#publish();
  }

  /** Handles one event and pauses. */
  step(): void {
    this.#pause();
    const next = this.#run.simulation.kernel.queue[0];
    if (next !== undefined) this.#advance(next.at, 1);
    this.#publish();
  }

  /** Runs until something happened that matters, and pauses there. */
  jumpToNextEvent(): void {
    this.#pause();
    const { kernel } = this.#run.simulation;
    const limit = kernel.now + JUMP_LIMIT_MS;
    this.#important = false;
    while (!this.#important && kernel.now < limit) {
      const next = kernel.queue[0];
      if (next === undefined) break;
      this.#advance(Math.min(limit, next.at + 50), EVENTS_A_DRAFT);
    }
    this.#publish();
  }

  /** One frame's worth of virtual time for `elapsedMs` of real time. Exposed for tests and recordings, which have no wall clock. */
  tick(elapsedMs: number, budgetMs: number = Number.POSITIVE_INFINITY): void {
    const { kernel } = this.#run.simulation;
    const before = this.#target;
    this.#target += elapsedMs * SPEEDS[this.#speedIndex]!;
    const until = Math.floor(this.#target);
    const began = performance.now();
    while ((kernel.queue[0]?.at ?? Number.POSITIVE_INFINITY) <= until) {
      this.#advance(until, EVENTS_A_DRAFT);
      if (performance.now() - began <= budgetMs) continue;
      // What could not be done in time is not owed: the clock goes on from here, slower than it was asked to.
      this.#target = Math.max(kernel.now, Math.floor(before));
      break;
    }
    if (this.#target >= until) this.#advance(until, EVENTS_A_DRAFT);
    this.#reachedSpeed = elapsedMs > 0 && this.#target < until ? (this.#target - before) / elapsedMs : SPEEDS[this.#speedIndex]!;
    this.#publish();
  }

  #pause(): void {
    this.#paused = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#paused || !this.#started) return;
    this.#target = Math.max(this.#target, this.#run.simulation.kernel.now);
    this.#lastTick = performance.now();
    this.#timer = setTimeout(() => this.#onTimer(), FRAME_MS);
  }

  #onTimer(): void {
    const now = performance.now();
    const elapsed = Math.min(now - this.#lastTick, 5 * FRAME_MS);
    this.#lastTick = now;
    // The next one is armed first, so that a listener which pauses can disarm it.
    this.#timer = setTimeout(() => this.#onTimer(), FRAME_MS);
    this.tick(elapsed, BUDGET_MS);
  }

  #advance(untilMs: number, events: number): void {
    runInDraft(this.#run, { untilMs, events });
    const { now } = this.#run.simulation.kernel;
    if (this.#target < now) this.#target = now;
  }

  #onTrace(event: TraceEvent): void {
    this.#events.push(event);
    noteEvent(this.#notable, event, this.#events);
    noteAlert(this.#alerts, event, this.#language);
    if (isImportant(event)) this.#important = true;
  }

  #publish(): void {
    this.#frame = this.#makeFrame();
    for (const listener of this.#listeners) listener();
  }

  #makeFrame(): Frame {
    const { simulation, progress } = this.#run;
    if (this.#events.length > KEPT_EVENTS) this.#events = this.#events.slice(-KEPT_EVENTS);
    else this.#events = this.#events.slice();
    const step = progress.narration === null ? null : this.scenario.timeline[progress.narration.step]!.say;
    return {
      world: simulation.world,
      ledger: simulation.ledger,
      title: this.scenario.title[this.#language],
      seed: this.scenario.spec.seed,
      now: simulation.kernel.now,
      paused: this.#paused,
      speedIndex: this.#speedIndex,
      speed: SPEEDS[this.#speedIndex]!,
      reachedSpeed: this.#reachedSpeed,
      eventsHandled: simulation.kernel.eventsHandled,
      rates: measureRates(this.#meter, simulation.world, simulation.ledger, simulation.kernel.now),
      alerts: alertsNow(this.#alerts),
      events: this.#events,
      notable: notableNow(this.#notable),
      narration: step === null ? null : step[this.#language],
    };
  }
}

function nearestSpeed(speed: number): number {
  let best = 0;
  SPEEDS.forEach((one, index) => {
    if (Math.abs(one - speed) < Math.abs(SPEEDS[best]! - speed)) best = index;
  });
  return best;
}
