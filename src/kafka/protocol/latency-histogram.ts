/**
 * How long things took, in bounded memory: whole milliseconds up to 31, then 16 buckets for each doubling, so that a percentile is at most 1/16 off.
 * Histograms can be added up.
 */
export interface LatencyHistogram {
  /** By bucket; as long as the largest value needs, at most 464. */
  counts: number[];
  total: number;
  maxMs: number;
  sumMs: number;
}

export function createLatencyHistogram(): LatencyHistogram {
  return { counts: [], total: 0, maxMs: 0, sumMs: 0 };
}

/** `count` things took `latencyMs` each; fractions of a millisecond are cut off. */
export function addLatency(histogram: LatencyHistogram, latencyMs: number, count: number): void {
  if (count <= 0) return;
  const ms = Math.min(Math.max(Math.trunc(latencyMs), 0), 0x7fffffff);
  const bucket = bucketOf(ms);
  while (histogram.counts.length <= bucket) histogram.counts.push(0);
  histogram.counts[bucket]! += count;
  histogram.total += count;
  histogram.sumMs += ms * count;
  if (ms > histogram.maxMs) histogram.maxMs = ms;
}

export function mergeLatencies(into: LatencyHistogram, other: LatencyHistogram): void {
  for (let bucket = 0; bucket < other.counts.length; bucket++) {
    while (into.counts.length <= bucket) into.counts.push(0);
    into.counts[bucket]! += other.counts[bucket]!;
  }
  into.total += other.total;
  into.sumMs += other.sumMs;
  into.maxMs = Math.max(into.maxMs, other.maxMs);
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

function bucketOf(ms: number): number {
  if (ms < 32) return ms;
  const exponent = 31 - Math.clz32(ms);
  return 16 * (exponent - 3) + ((ms >> (exponent - 4)) & 15);
}

function highestOf(bucket: number): number {
  if (bucket < 32) return bucket;
  const exponent = (bucket >> 4) + 3;
  return (16 + (bucket & 15) + 1) * (1 << (exponent - 4)) - 1;
}
