/**
 * Latencies in bounded memory: whole milliseconds up to 31, then 16 buckets for each doubling, so that a percentile is at most 1/16 off.
 */
export interface LatencyHistogram {
  /** By bucket; it grows no longer than LATENCY_BUCKETS. */
  counts: number[];
  total: number;
  maxMs: number;
  sumMs: number;
}

export const LATENCY_BUCKETS = 16 * 30;

export function createLatencyHistogram(): LatencyHistogram {
  return { counts: [], total: 0, maxMs: 0, sumMs: 0 };
}

export function addLatency(histogram: LatencyHistogram, latencyMs: number, count: number): void {
  const bucket = bucketOf(latencyMs);
  while (histogram.counts.length <= bucket) histogram.counts.push(0);
  histogram.counts[bucket] = histogram.counts[bucket]! + count;
  histogram.total += count;
  histogram.sumMs += latencyMs * count;
  if (latencyMs > histogram.maxMs) histogram.maxMs = latencyMs;
}

/** `share` 0.99: 99 of 100 latencies are at most this. -1: there is none. */
export function latencyPercentile(histogram: LatencyHistogram, share: number): number {
  if (histogram.total === 0) return -1;
  const rank = Math.max(1, Math.ceil(histogram.total * share));
  let seen = 0;
  for (let bucket = 0; bucket < histogram.counts.length; bucket++) {
    seen += histogram.counts[bucket]!;
    if (seen >= rank) return Math.min(highestOf(bucket), histogram.maxMs);
  }
  return histogram.maxMs;
}

/** -1: there is none. */
export function latencyMean(histogram: LatencyHistogram): number {
  return histogram.total === 0 ? -1 : histogram.sumMs / histogram.total;
}

function bucketOf(latencyMs: number): number {
  const ms = Math.min(Math.max(latencyMs, 0), 0x7fffffff);
  if (ms < 32) return ms;
  const exponent = 31 - Math.clz32(ms);
  return 16 * (exponent - 3) + ((ms >> (exponent - 4)) & 15);
}

function highestOf(bucket: number): number {
  if (bucket < 32) return bucket;
  const exponent = (bucket >> 4) + 3;
  return (16 + (bucket & 15) + 1) * 2 ** (exponent - 4) - 1;
}
