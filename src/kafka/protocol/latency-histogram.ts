/**
 * How long things took, in whole milliseconds, in buckets that grow with the value: eight to each doubling, so a percentile is right to about 6 %.
 * Bounded whatever is recorded; two can be added up.
 */
export interface LatencyHistogram {
  /** By bucket; as long as the largest value needs. */
  counts: number[];
  total: number;
  sumMs: number;
  maxMs: number;
}

const EXACT_BELOW_MS = 16;

export function createLatencyHistogram(): LatencyHistogram {
  return { counts: [], total: 0, sumMs: 0, maxMs: 0 };
}

export function recordLatency(histogram: LatencyHistogram, latencyMs: number, count: number): void {
  if (count <= 0) return;
  const value = Math.max(0, Math.min(Math.trunc(latencyMs), 0x7fffffff));
  const bucket = bucketOf(value);
  while (histogram.counts.length <= bucket) histogram.counts.push(0);
  histogram.counts[bucket]! += count;
  histogram.total += count;
  histogram.sumMs += value * count;
  if (value > histogram.maxMs) histogram.maxMs = value;
}

export function addLatencies(into: LatencyHistogram, other: LatencyHistogram): void {
  for (let bucket = 0; bucket < other.counts.length; bucket++) {
    while (into.counts.length <= bucket) into.counts.push(0);
    into.counts[bucket]! += other.counts[bucket]!;
  }
  into.total += other.total;
  into.sumMs += other.sumMs;
  into.maxMs = Math.max(into.maxMs, other.maxMs);
}

/** The smallest value that at least `percent` of what was recorded does not exceed (its bucket's lower end); null: nothing was recorded. */
export function percentile(histogram: LatencyHistogram, percent: number): number | null {
  if (histogram.total === 0) return null;
  const wanted = Math.max(1, Math.ceil((histogram.total * percent) / 100));
  let seen = 0;
  for (let bucket = 0; bucket < histogram.counts.length; bucket++) {
    seen += histogram.counts[bucket]!;
    if (seen >= wanted) return lowestOf(bucket);
  }
  return histogram.maxMs;
}

export function meanMs(histogram: LatencyHistogram): number | null {
  return histogram.total === 0 ? null : histogram.sumMs / histogram.total;
}

function bucketOf(value: number): number {
  if (value < EXACT_BELOW_MS) return value;
  const exponent = 31 - Math.clz32(value);
  return EXACT_BELOW_MS + (exponent - 4) * 8 + ((value >> (exponent - 3)) & 7);
}

function lowestOf(bucket: number): number {
  if (bucket < EXACT_BELOW_MS) return bucket;
  const exponent = 4 + ((bucket - EXACT_BELOW_MS) >> 3);
  return (8 + ((bucket - EXACT_BELOW_MS) & 7)) * 2 ** (exponent - 3);
}
