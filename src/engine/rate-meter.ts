import type { World } from "../kafka/cluster/world.ts";
import type { LatencyHistogram } from "../kafka/protocol/latency-histogram.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { totalsOf } from "../ledger/queries.ts";
import { consumptionLatency, percentilesOf, sendLatency } from "./latencies.ts";
import type { FrameRates } from "./session.ts";

interface Sample {
  at: number;
  sent: number;
  acknowledged: number;
  read: number;
  sending: LatencyHistogram;
  reading: LatencyHistogram;
}

/** Counts some time ago, to tell rates by. */
export interface RateMeter {
  samples: Sample[];
}

const RATE_WINDOW_MS = 2000;
/** Longer than the one of rates: a 99th percentile of few records says little. */
const LATENCY_WINDOW_MS = 10_000;
const STEP_MS = 250;

export function createRateMeter(): RateMeter {
  return { samples: [] };
}

export function measureRates(meter: RateMeter, world: World, ledger: Ledger, now: number): FrameRates {
  const totals = totalsOf(ledger);
  const read = Object.values(world.consumers).reduce((sum, { recordsReturned }) => sum + recordsReturned, 0);
  const sample: Sample = {
    at: now,
    sent: totals.sent,
    acknowledged: totals.acknowledged,
    read,
    sending: sendLatency(world),
    reading: consumptionLatency(world),
  };
  const { samples } = meter;
  if (samples.length === 0 || now - samples[samples.length - 1]!.at >= STEP_MS) samples.push(sample);
  while (samples.length > 1 && samples[1]!.at <= now - LATENCY_WINDOW_MS) samples.shift();
  const oldest = samples[0]!;
  const first = samples.findLast(({ at }) => at <= now - RATE_WINDOW_MS) ?? oldest;
  const seconds = Math.max(now - first.at, 1) / 1000;
  const rate = (count: number): number => (now === first.at ? 0 : Math.max(0, count / seconds));
  return {
    sentPerSecond: rate(sample.sent - first.sent),
    acknowledgedPerSecond: rate(sample.acknowledged - first.acknowledged),
    readPerSecond: rate(sample.read - first.read),
    acknowledgeLatencyMs: percentilesOf(since(oldest.sending, sample.sending)),
    readLatencyMs: percentilesOf(since(oldest.reading, sample.reading)),
  };
}

/** What was added between two looks at a histogram; while there is only one look, all of it. */
function since(before: LatencyHistogram, after: LatencyHistogram): LatencyHistogram {
  if (after.total <= before.total) return after;
  const counts = after.counts.map((count, bucket) => Math.max(0, count - (before.counts[bucket] ?? 0)));
  return { counts, total: counts.reduce((sum, count) => sum + count, 0), sumMs: after.sumMs - before.sumMs, maxMs: after.maxMs };
}
