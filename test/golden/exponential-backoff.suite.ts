import { BACKOFF_JITTER, backoffMs, isJittered } from "../../src/kafka/protocol/exponential-backoff.ts";

interface Input {
  initialMs: number;
  maxMs: number;
}

const ATTEMPTS = 13;
const LOWEST_FACTOR = 1 - BACKOFF_JITTER;
/** The double before 1.2: random factors end below it. */
const HIGHEST_FACTOR = 1.2 - Number.EPSILON;

export function runCase({ initialMs, maxMs }: Input): unknown {
  const jittered = isJittered(initialMs, maxMs);
  const withoutJitter: number[] = [];
  const withJitter: [number, number][] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    withoutJitter.push(backoffMs(initialMs, maxMs, attempt, 1));
    withJitter.push([
      backoffMs(initialMs, maxMs, attempt, jittered ? LOWEST_FACTOR : 1),
      backoffMs(initialMs, maxMs, attempt, jittered ? HIGHEST_FACTOR : 1),
    ]);
  }
  return { withoutJitter, withJitter, jittered };
}
