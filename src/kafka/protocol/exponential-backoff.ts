import { naturalLog, power } from "../../kernel/power.ts";

/**
 * How long a client waits before the next try: doubling from the first wait up to a limit.
 * Models org.apache.kafka.common.utils.internals.ExponentialBackoff. Left out: multipliers other than 2.
 */

/** Kafka's jitter: the factor is uniform in [1 - 0.2, 1 + 0.2). */
export const BACKOFF_JITTER = 0.2;

const LN2 = naturalLog(2);

/** Whether the wait is random at all: a limit that leaves no room to grow gives the constant limit, and no random number is drawn. */
export function isJittered(initialMs: number, maxMs: number): boolean {
  return maxMs > initialMs && largestExponent(initialMs, maxMs) !== 0;
}

/**
 * `attempts` is 0 for the first wait. `jitterFactor` multiplies the wait before it is cut to whole milliseconds and capped, so at the cap the wait
 * is at or below it; 1 is no jitter. Kafka's floating point is kept: at the cap the result may be maxMs - 1.
 */
export function backoffMs(initialMs: number, maxMs: number, attempts: number, jitterFactor: number): number {
  const firstMs = Math.min(maxMs, initialMs);
  if (maxMs <= initialMs) return firstMs;
  const expMax = largestExponent(initialMs, maxMs);
  if (expMax === 0) return firstMs;
  const termMs = firstMs * powerOfTwo(Math.min(attempts, expMax));
  return Math.min(Math.trunc(jitterFactor * termMs), maxMs);
}

/** The exponent at which doubling reaches the limit; not a whole number as a rule. */
function largestExponent(initialMs: number, maxMs: number): number {
  return naturalLog(maxMs / Math.max(initialMs, 1)) / LN2;
}

/** Small whole exponents, the usual ones, need no approximation. */
function powerOfTwo(exponent: number): number {
  return Number.isInteger(exponent) && exponent >= 0 && exponent < 31 ? 1 << exponent : power(2, exponent);
}
