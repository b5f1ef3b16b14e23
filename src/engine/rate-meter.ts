import type { World } from "../kafka/cluster/world.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { totalsOf } from "../ledger/queries.ts";
import { consumptionLatency, percentilesOf, sendLatency } from "./latencies.ts";
import type { FrameRates } from "./session.ts";

interface Sample {
  at: number;
  sent: number;
  acknowledged: number;
  read: number;
}

/** Counts some time ago, to tell rates by. */
export interface RateMeter {
  samples: Sample[];
}

const WINDOW_MS = 2000;
const STEP_MS = 100;

export function createRateMeter(): RateMeter {
  return { samples: [] };
}

export function measureRates(meter: RateMeter, world: World, ledger: Ledger, now: number): FrameRates {
  const totals = totalsOf(ledger);
  const read = Object.values(world.consumers).reduce((sum, { recordsReturned }) => sum + recordsReturned, 0);
  const sample: Sample = { at: now, sent: totals.sent, acknowledged: totals.acknowledged, read };
  const { samples } = meter;
  if (samples.length === 0 || now - samples[samples.length - 1]!.at >= STEP_MS) samples.push(sample);
  while (samples.length > 1 && samples[1]!.at <= now - WINDOW_MS) samples.shift();
  const first = samples[0]!;
  const seconds = Math.max(now - first.at, 1) / 1000;
  const rate = (count: number): number => (now === first.at ? 0 : Math.max(0, count / seconds));
  return {
    sentPerSecond: rate(sample.sent - first.sent),
    acknowledgedPerSecond: rate(sample.acknowledged - first.acknowledged),
    readPerSecond: rate(sample.read - first.read),
    acknowledgeLatencyMs: percentilesOf(sendLatency(world)),
    readLatencyMs: percentilesOf(consumptionLatency(world)),
  };
}
