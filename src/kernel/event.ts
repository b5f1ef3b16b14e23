/**
 * One thing that will happen. Events of one instant are ordered by phase, then by the order of scheduling.
 * A payload holds ids and fresh values only, never an object of the world: see rule 1 of the design.
 */
export interface SimEvent {
  at: number;
  phase: Phase;
  seq: number;
  /** Which life of the node this was meant for: what was scheduled before a restart never reaches the node after it. */
  life: number;
  node: string;
  type: string;
  payload: unknown;
  /** The trace event that led here, or NO_CAUSE. */
  cause: number;
}

export const NO_CAUSE = -1;

/** Order within one instant: all that is due has happened before a client's poll returns. */
export const Phase = { Command: 0, Application: 1, Timer: 2, Delivery: 3, Loop: 4 } as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export function comesBefore(a: SimEvent, b: SimEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.phase !== b.phase) return a.phase < b.phase;
  return a.seq < b.seq;
}
