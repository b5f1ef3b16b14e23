import type { Alert, FrameRates } from "../session.ts";

export interface HeaderView {
  readonly title: string;
  readonly seed: number;
  readonly now: number;
  readonly paused: boolean;
  readonly speed: number;
  readonly reachedSpeed: number;
  readonly rates: FrameRates;
  readonly alert: Alert | null;
  readonly narration: string | null;
}
