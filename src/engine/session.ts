/**
 * What a dashboard needs of the engine, and all that it may use: frames to draw, commands to dispatch, a clock to steer.
 * The engine's interactive clock implements it; a recording or a test may, too.
 */
import type { World } from "../kafka/cluster/world.ts";
import type { Command } from "../kafka/protocol/commands.ts";
import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import type { Ledger } from "../ledger/ledger.ts";

export type CommandOutcome = { ok: true } | { ok: false; message: string };

export interface Session {
  /** The newest frame; the same object until something changed. */
  frame(): Frame;
  /** The listener is called after each new frame. Returns how to stop listening. */
  subscribe(listener: () => void): () => void;
  dispatch(command: Command): CommandOutcome;
  togglePause(): void;
  /** Index into `speeds`. */
  setSpeed(index: number): void;
  /** Handles one event and pauses. */
  step(): void;
  /** Runs until the next event that matters (a fault, an election, a rebalance, a lost record …) and pauses there. */
  jumpToNextEvent(): void;
  /** Virtual seconds a real second, ascending: 1/1000 to 100. */
  readonly speeds: readonly number[];
}

export interface Frame {
  readonly world: World;
  readonly ledger: Ledger;
  readonly title: string;
  readonly seed: number;
  /** Virtual milliseconds. */
  readonly now: number;
  readonly paused: boolean;
  /** Index into the session's speeds. */
  readonly speedIndex: number;
  readonly speed: number;
  /** What was reached when events a frame are capped; equals `speed` otherwise. */
  readonly reachedSpeed: number;
  readonly eventsHandled: number;
  readonly rates: FrameRates;
  /** The newest last. */
  readonly alerts: readonly Alert[];
  /** The newest trace events, the newest last; a ring, so old ones are gone. */
  readonly events: readonly TraceEvent[];
  /** The newest events that are not routine and all that led to them, in order of seq: kept far longer than `events`. */
  readonly notable: readonly TraceEvent[];
  /** The line of narration that holds now. */
  readonly narration: string | null;
}

/** Over the last virtual seconds. */
export interface FrameRates {
  readonly sentPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly readPerSecond: number;
  /** From send() to the acknowledgement; null: none yet. */
  readonly acknowledgeLatencyMs: Percentiles | null;
  /** From send() to the return of poll(). */
  readonly readLatencyMs: Percentiles | null;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface Alert {
  readonly at: number;
  /** The trace event that it tells of. */
  readonly seq: number;
  readonly severity: "good" | "info" | "warn" | "bad";
  readonly text: string;
}
