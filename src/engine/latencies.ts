import { statisticsOf } from "../kafka/application/producer-application.ts";
import type { World } from "../kafka/cluster/world.ts";
import { createLatencyHistogram, type LatencyHistogram, latencyPercentile, mergeLatencies } from "../kafka/protocol/latency-histogram.ts";
import type { Percentiles } from "./session.ts";

/** From send() to the acknowledgement, over all producers. */
export function sendLatency(world: World): LatencyHistogram {
  return merged(Object.values(world.producers).map((client) => statisticsOf(client).latency));
}

/** From send() to the return of poll(), over all consumers. */
export function consumptionLatency(world: World): LatencyHistogram {
  return merged(Object.values(world.consumers).map(({ latency }) => latency));
}

/** null: nothing was measured yet. */
export function percentilesOf(histogram: LatencyHistogram): Percentiles | null {
  if (histogram.total === 0) return null;
  return { p50: latencyPercentile(histogram, 0.5), p99: latencyPercentile(histogram, 0.99) };
}

function merged(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  const sum = createLatencyHistogram();
  for (const histogram of histograms) mergeLatencies(sum, histogram);
  return sum;
}
