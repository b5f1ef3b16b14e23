import type { IdRuns } from "../protocol/record-listener.ts";
import { BATCH_HEADER_BYTES, MAX_RECORD_OVERHEAD_BYTES, varintSize } from "../protocol/record-sizes.ts";

/**
 * Records on their way to one partition. Records are never objects: their ids are runs, their sizes and timestamps columns of runs.
 * Models org.apache.kafka.clients.producer.internals.ProducerBatch and what MemoryRecordsBuilder counts. Left out: bytes, compression.
 */
export interface ProducerBatch {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly topicPartition: string;
  readonly createdAtMs: number;
  /** When it was put back last; at first when it was made. Linger and backoff count from here. */
  lastAttemptMs: number;
  lastAppendMs: number;
  /** -1: never. */
  drainedAtMs: number;
  /** How often it was put back. */
  attempts: number;
  inRetry: boolean;
  /** It came from a batch that was too large. */
  readonly isSplit: boolean;
  ids: IdRuns;
  recordCount: number;
  /** Header and records. */
  sizeBytes: number;
  readonly writeLimitBytes: number;
  /** What it took from buffer.memory; 0 once that is given back, and for a split batch. */
  heldBytes: number;
  /** Upper bound of its largest record. */
  maxRecordSizeBytes: number;
  /** [bytes of key, value and headers, timestamp, count, ...] in the order of ids. */
  runs: number[];
  baseTimestampMs: number;
  maxTimestampMs: number;
  isClosedForAppends: boolean;
  /** -1 without idempotence, and before it is drained. */
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
  /** Its sequence was written anew and it has not been drained since. */
  sequenceHasBeenReset: boolean;
  /** -1: not known. */
  leaderEpoch: number;
  attemptsWhenLeaderLastChanged: number;
  /** null: not done. */
  finalState: "SUCCEEDED" | "FAILED" | "ABORTED" | null;
  place: BatchPlace;
  /** flush() waits for it. */
  isFlushed: boolean;
  /** The last trace event about it. */
  cause: number;
}

/** queued: in its partition's deque. drained: taken for a request. inFlight: in one that is handed over. answered: that has ended. */
export type BatchPlace = "queued" | "drained" | "inFlight" | "answered";

export function createBatch(
  id: number,
  topic: string,
  partition: number,
  topicPartition: string,
  writeLimitBytes: number,
  nowMs: number,
  isSplit: boolean,
): ProducerBatch {
  return {
    id,
    topic,
    partition,
    topicPartition,
    createdAtMs: nowMs,
    lastAttemptMs: nowMs,
    lastAppendMs: nowMs,
    drainedAtMs: -1,
    attempts: 0,
    inRetry: false,
    isSplit,
    ids: [],
    recordCount: 0,
    sizeBytes: BATCH_HEADER_BYTES,
    writeLimitBytes,
    heldBytes: isSplit ? 0 : writeLimitBytes,
    maxRecordSizeBytes: 0,
    runs: [],
    baseTimestampMs: 0,
    maxTimestampMs: 0,
    isClosedForAppends: false,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    sequenceHasBeenReset: false,
    leaderEpoch: -1,
    attemptsWhenLeaderLastChanged: 0,
    finalState: null,
    place: "queued",
    isFlushed: false,
    cause: -1,
  };
}

export function isFull(batch: ProducerBatch): boolean {
  return batch.isClosedForAppends || (batch.recordCount > 0 && batch.writeLimitBytes <= batch.sizeBytes);
}

export function hasSequence(batch: ProducerBatch): boolean {
  return batch.baseSequence !== -1;
}

export function lastSequence(batch: ProducerBatch): number {
  return batch.baseSequence + batch.recordCount - 1;
}

export function isDone(batch: ProducerBatch): boolean {
  return batch.finalState !== null;
}

/**
 * Appends as many of `count` equal records as fit and returns their number. It stops early after the record with which `budgetBytes` are
 * reached, because then the partitioner may choose another partition. Exactly what as many single appends would do.
 */
export function appendRun(
  batch: ProducerBatch,
  firstId: number,
  count: number,
  fieldsBytes: number,
  timestampMs: number,
  budgetBytes: number,
  nowMs: number,
): number {
  if (batch.isClosedForAppends) return 0;
  if (batch.recordCount === 0) batch.baseTimestampMs = timestampMs;
  const fixedBytes = 1 + varintSize(timestampMs - batch.baseTimestampMs) + fieldsBytes;
  let appended = 0;
  let takenBytes = 0;
  while (appended < count) {
    const offsetDelta = batch.recordCount;
    const bodyBytes = fixedBytes + varintSize(offsetDelta);
    const recordBytes = varintSize(bodyBytes) + bodyBytes;
    let fit = 1;
    if (offsetDelta > 0) {
      const roomBytes = batch.writeLimitBytes - batch.sizeBytes;
      if (roomBytes <= 0 || recordBytes > roomBytes) break;
      // Within one class of varint all records have one size.
      const sameSize = lastOffsetOfSameSize(offsetDelta) - offsetDelta;
      const untilBudget = Math.ceil((budgetBytes - takenBytes) / recordBytes);
      fit = Math.max(1, Math.min(count - appended, sameSize, Math.floor(roomBytes / recordBytes), untilBudget));
    }
    batch.recordCount += fit;
    batch.sizeBytes += fit * recordBytes;
    takenBytes += fit * recordBytes + (offsetDelta === 0 ? BATCH_HEADER_BYTES : 0);
    appended += fit;
    if (takenBytes >= budgetBytes) break;
  }
  if (appended > 0) {
    addIds(batch.ids, firstId, appended);
    addRun(batch.runs, fieldsBytes, timestampMs, appended);
    batch.maxTimestampMs = Math.max(batch.maxTimestampMs, timestampMs);
    batch.maxRecordSizeBytes = Math.max(batch.maxRecordSizeBytes, BATCH_HEADER_BYTES + MAX_RECORD_OVERHEAD_BYTES + fieldsBytes);
    batch.lastAppendMs = nowMs;
  }
  return appended;
}

/** The first offset delta whose varint is longer. */
function lastOffsetOfSameSize(offsetDelta: number): number {
  if (offsetDelta < 0x40) return 0x40;
  if (offsetDelta < 0x2000) return 0x2000;
  if (offsetDelta < 0x100000) return 0x100000;
  return 0x8000000;
}

export function addIds(ids: IdRuns, firstId: number, count: number): void {
  const length = ids.length;
  if (length > 0 && ids[length - 2]! + ids[length - 1]! === firstId) ids[length - 1] = ids[length - 1]! + count;
  else ids.push(firstId, count);
}

function addRun(runs: number[], fieldsBytes: number, timestampMs: number, count: number): void {
  const length = runs.length;
  if (length > 0 && runs[length - 3] === fieldsBytes && runs[length - 2] === timestampMs) runs[length - 1] = runs[length - 1]! + count;
  else runs.push(fieldsBytes, timestampMs, count);
}

/** A newer leader epoch cancels the backoff of the retry that is going on (KIP-951). */
export function maybeUpdateLeaderEpoch(batch: ProducerBatch, leaderEpoch: number): void {
  if (leaderEpoch < 0 || batch.leaderEpoch >= leaderEpoch) return;
  batch.attemptsWhenLeaderLastChanged = batch.attempts;
  batch.leaderEpoch = leaderEpoch;
}

export function hasLeaderChangedForTheOngoingRetry(batch: ProducerBatch): boolean {
  return batch.attempts >= 1 && batch.attempts === batch.attemptsWhenLeaderLastChanged;
}

export function waitedMs(batch: ProducerBatch, nowMs: number): number {
  return Math.max(0, nowMs - batch.lastAttemptMs);
}

export function hasReachedDeliveryTimeout(batch: ProducerBatch, deliveryTimeoutMs: number, nowMs: number): boolean {
  return deliveryTimeoutMs <= nowMs - batch.createdAtMs;
}

export function reenqueued(batch: ProducerBatch, nowMs: number): void {
  batch.attempts += 1;
  batch.lastAttemptMs = Math.max(batch.lastAppendMs, nowMs);
  batch.lastAppendMs = Math.max(batch.lastAppendMs, nowMs);
  batch.inRetry = true;
}

export function setProducerState(batch: ProducerBatch, producerId: number, producerEpoch: number, baseSequence: number): void {
  batch.producerId = producerId;
  batch.producerEpoch = producerEpoch;
  batch.baseSequence = baseSequence;
}

export function resetProducerState(batch: ProducerBatch, producerId: number, producerEpoch: number, baseSequence: number): void {
  batch.sequenceHasBeenReset = true;
  setProducerState(batch, producerId, producerEpoch, baseSequence);
}

/** No more records, and the sequence stands as it goes out. */
export function closeBatch(batch: ProducerBatch): void {
  batch.isClosedForAppends = true;
  batch.sequenceHasBeenReset = false;
}

/** Calls `each` with runs of equal records, and the id of the first: a run never crosses a gap of ids. */
export function forEachRun(
  batch: ProducerBatch,
  each: (firstId: number, count: number, fieldsBytes: number, timestampMs: number) => void,
): void {
  let idIndex = 0;
  let idUsed = 0;
  for (let i = 0; i < batch.runs.length; i += 3) {
    let left = batch.runs[i + 2]!;
    while (left > 0) {
      const count = Math.min(left, batch.ids[idIndex + 1]! - idUsed);
      each(batch.ids[idIndex]! + idUsed, count, batch.runs[i]!, batch.runs[i + 1]!);
      left -= count;
      idUsed += count;
      if (idUsed === batch.ids[idIndex + 1]!) {
        idIndex += 2;
        idUsed = 0;
      }
    }
  }
}
