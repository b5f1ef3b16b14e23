import type { Alert, FrameRates } from "../session.ts";

export interface HeaderView {
  readonly title: string;
  readonly seed: number;
  readonly now: number;
  readonly paused: boolean;
  readonly speed: number;
  readonly reachedSpeed: number;
  readonly rates: FrameRates;
  readonly alert: HeaderAlert | null;
  readonly narration: string | null;
}

/** The foremost alert of the newest instant. */
export interface HeaderAlert extends Alert {
  /** Of the newest alert of that instant. */
  readonly newestSeq: number;
  /** How many more there were in that instant. */
  readonly others: number;
}
