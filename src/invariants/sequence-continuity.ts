import type { UnifiedLog } from "../kafka/log/unified-log.ts";
import type { Invariant } from "./invariant.ts";

interface Seen {
  /** Looked at so far. */
  end: number;
  /** Of the log whose batches were looked at: a shorter one is looked at again from its beginning. */
  producers: Record<number, { epoch: number; lastSequence: number }>;
}

/** By "broker topic-partition". */
type Memory = Record<string, Seen>;

const SEQUENCES = 0x80000000;

export const sequenceContinuity: Invariant<Memory> = {
  name: "sequence-continuity",
  about:
    "In a log, the batches of one idempotent producer follow each other without a gap or a repetition; a new epoch begins with sequence 0.",
  exceptions: [
    "The first batch of a producer that a log still has may have any sequence: what stood before it was deleted, or the broker had forgotten the producer (producer.id.expiration.ms).",
    "Batches without a producer id have no sequence, and markers of transactions have none of their own.",
    "A follower that lacks what its leader has deleted drops its log and begins anew at the leader's start.",
    "A log that lost its end, by an unclean election for instance, goes on where what is left of it ends.",
  ],
  createMemory: () => ({}),
  check(_world, memory, touched) {
    for (const { broker, partitions } of touched.brokers) {
      for (const topicPartition of partitions) {
        const log = broker.logs[topicPartition];
        if (log === undefined) continue;
        const key = `${broker.id} ${topicPartition}`;
        const known = memory[key];
        if (known !== undefined && known.end === log.logEndOffset) continue;
        // Shorter than before: it was truncated. Beginning behind what was seen: a follower that was too far behind has begun anew.
        const isAnother = known === undefined || known.end > log.logEndOffset || known.end < log.logStartOffset;
        const seen: Seen = isAnother ? { end: log.logStartOffset, producers: {} } : known;
        memory[key] = seen;
        const text = follow(log, seen);
        if (text !== null) return `broker ${broker.id}, ${topicPartition}: ${text}`;
      }
    }
    return null;
  },
};

function follow(log: UnifiedLog, seen: Seen): string | null {
  let first = log.segments.length - 1;
  while (first > 0 && log.segments[first]!.baseOffset > seen.end) first -= 1;
  for (let s = first; s < log.segments.length; s++) {
    const { batches } = log.segments[s]!;
    let from = batches.length;
    while (from > 0 && batches[from - 1]!.baseOffset >= seen.end) from -= 1;
    for (let i = from; i < batches.length; i++) {
      const { producerId, producerEpoch, baseSequence, baseOffset, recordCount } = batches[i]!;
      if (producerId < 0 || baseSequence < 0) continue;
      const before = seen.producers[producerId];
      if (before !== undefined) {
        const expected = producerEpoch === before.epoch ? (before.lastSequence + 1) % SEQUENCES : 0;
        if (producerEpoch < before.epoch)
          return `producer ${producerId} appended in epoch ${producerEpoch} at offset ${baseOffset} after epoch ${before.epoch}`;
        if (baseSequence !== expected)
          return `producer ${producerId} (epoch ${producerEpoch}) has sequence ${baseSequence} at offset ${baseOffset}, expected ${expected}`;
      }
      seen.producers[producerId] = { epoch: producerEpoch, lastSequence: (baseSequence + recordCount - 1) % SEQUENCES };
    }
  }
  seen.end = log.logEndOffset;
  return null;
}
