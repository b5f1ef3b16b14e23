import fc from "fast-check";
import { expect, test } from "vitest";
import { addLatency, createLatencyHistogram, latencyPercentile } from "../../../src/kafka/protocol/latency-histogram.ts";

test("a percentile of the histogram is never below the exact one, and at most a sixteenth above it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (latencies, share) => {
        const histogram = createLatencyHistogram();
        for (const latency of latencies) addLatency(histogram, latency, 1);
        const sorted = latencies.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(sorted.length * share)) - 1]!;
        const shown = latencyPercentile(histogram, share);
        expect(shown).toBeGreaterThanOrEqual(exact);
        expect(shown).toBeLessThanOrEqual(exact + exact / 16);
      },
    ),
  );
});

test("the histogram stays small whatever is put in", () => {
  const histogram = createLatencyHistogram();
  for (let latency = 1; latency < 2 ** 31; latency *= 1.1) addLatency(histogram, Math.floor(latency), 1_000_000);
  expect(histogram.counts.length).toBeLessThanOrEqual(464);
});

test("without a latency there is no percentile", () => {
  expect(latencyPercentile(createLatencyHistogram(), 0.99)).toBe(-1);
});
