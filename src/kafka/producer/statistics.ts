import { createLatencyHistogram } from "../protocol/latency-histogram.ts";
import type { ProducerStatistics } from "./producer-state.ts";

export function createStatistics(): ProducerStatistics {
  return {
    recordsSent: 0,
    recordsAcknowledged: 0,
    recordsFailed: 0,
    recordsRetried: 0,
    bytesAcknowledged: 0,
    requestsSent: 0,
    batchesDrained: 0,
    recordsDrained: 0,
    unknownOffsets: 0,
    blockedSends: 0,
    batchesRetried: 0,
    batchesSplit: 0,
    blockedMs: 0,
    lastError: null,
    latency: createLatencyHistogram(),
  };
}
