import { drawInt31, type RandomStreams } from "./random-streams.ts";

/** Everything that is left to chance. Recordings of real code set it to what the recorder set there. */
export interface Chance {
  /** A uniform integer in 0..2147483647. */
  int31(stream: string): number;
  /** A uniform integer in 0..bound-1. */
  below(stream: string, bound: number): number;
  /** A uniform factor in [1 - spread, 1 + spread). */
  jitter(stream: string, spread: number): number;
}

export function seededChance(streams: RandomStreams): Chance {
  return {
    int31: (stream) => drawInt31(streams, stream),
    below: (stream, bound) => drawInt31(streams, stream) % bound,
    jitter: (stream, spread) => 1 - spread + (drawInt31(streams, stream) / 0x80000000) * 2 * spread,
  };
}
