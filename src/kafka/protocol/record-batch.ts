import type { IdRuns } from "./record-listener.ts";

/**
 * A record batch as it travels and as a log keeps it. Models org.apache.kafka.common.record.DefaultRecordBatch.
 * Records are columns, never objects: ids as runs, sizes and timestamps only as sums and ends. Left out: the bytes themselves, compression.
 */
export interface RecordBatch {
  /** Assigned by the leader; 0 on the way from a producer. */
  baseOffset: number;
  recordCount: number;
  /** On the wire and in the log, header included. */
  sizeBytes: number;
  /** -1 on the way from a producer. */
  partitionLeaderEpoch: number;
  /** -1 without idempotence. */
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  transactional: boolean;
  /** Timestamp of the first and of the newest record, in virtual milliseconds. */
  baseTimestamp: number;
  maxTimestamp: number;
  /** The name of the producer that made it, and its records' ids in order of offset; "" and [] for internal topics. */
  producer: string;
  ids: IdRuns;
  /** What a coordinator or a transaction marker wrote, one entry a record; null for ordinary records. Plain data. */
  internal: InternalRecord[] | null;
}

/** A record of an internal topic: a key, and a value or null (a tombstone). */
export interface InternalRecord {
  key: string;
  value: unknown;
}

export function copyBatch(batch: RecordBatch): RecordBatch {
  return {
    baseOffset: batch.baseOffset,
    recordCount: batch.recordCount,
    sizeBytes: batch.sizeBytes,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    transactional: batch.transactional,
    baseTimestamp: batch.baseTimestamp,
    maxTimestamp: batch.maxTimestamp,
    producer: batch.producer,
    ids: batch.ids.slice(),
    internal: batch.internal === null ? null : batch.internal.map((record) => ({ key: record.key, value: structuredCopy(record.value) })),
  };
}

function structuredCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(structuredCopy);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = structuredCopy((value as Record<string, unknown>)[key]);
  return copy;
}
