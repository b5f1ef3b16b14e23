/**
 * What a log remembers of each producer id: its epoch and its last five batches, by which it recognises duplicates and gaps.
 * Models org.apache.kafka.storage.internals.log.ProducerStateManager, ProducerAppendInfo and ProducerStateEntry.
 * Left out: transactions and their markers (a later issue), snapshot files (a clean stop keeps what a snapshot would: the last batch of each).
 */
import type { ErrorName } from "../protocol/errors.ts";
import type { RecordBatch } from "../protocol/record-batch.ts";

export interface ProducerStateEntry {
  producerId: number;
  producerEpoch: number;
  /** Oldest first, at most five. */
  batches: BatchMetadata[];
  /** Newest timestamp of its last batch. */
  lastTimestamp: number;
}

export interface BatchMetadata {
  firstSequence: number;
  lastSequence: number;
  firstOffset: number;
  lastOffset: number;
  timestamp: number;
}

/** By producer id. */
export type ProducerStates = Record<string, ProducerStateEntry>;

const BATCHES_TO_RETAIN = 5;
const SEQUENCES = 0x80000000;

/** Sequences wrap from 2147483647 to 0. */
function lastSequenceOf(baseSequence: number, recordCount: number): number {
  return (baseSequence + recordCount - 1) % SEQUENCES;
}

/** The batch that this one repeats: same producer and epoch, exactly the same sequences. */
export function findDuplicate(states: ProducerStates, batch: RecordBatch): BatchMetadata | null {
  const entry = states[batch.producerId];
  if (entry === undefined || entry.producerEpoch !== batch.producerEpoch) return null;
  const lastSequence = lastSequenceOf(batch.baseSequence, batch.recordCount);
  for (const known of entry.batches) if (known.firstSequence === batch.baseSequence && known.lastSequence === lastSequence) return known;
  return null;
}

/** Whether a leader may append a producer's batch. A producer that is unknown here may begin with any sequence. */
export function validateProducerBatch(states: ProducerStates, batch: RecordBatch): ErrorName {
  const entry = states[batch.producerId];
  if (entry === undefined) return "NONE";
  if (batch.producerEpoch < entry.producerEpoch) return "INVALID_PRODUCER_EPOCH";
  if (batch.producerEpoch > entry.producerEpoch) return batch.baseSequence === 0 ? "NONE" : "OUT_OF_ORDER_SEQUENCE_NUMBER";
  const last = entry.batches[entry.batches.length - 1];
  if (last === undefined) return batch.baseSequence === 0 ? "NONE" : "OUT_OF_ORDER_SEQUENCE_NUMBER";
  return batch.baseSequence === (last.lastSequence + 1) % SEQUENCES ? "NONE" : "OUT_OF_ORDER_SEQUENCE_NUMBER";
}

/** The batch, with its final offsets, is in the log. Followers come here without validation. */
export function rememberBatch(states: ProducerStates, batch: RecordBatch): void {
  let entry = states[batch.producerId];
  if (entry === undefined) {
    entry = { producerId: batch.producerId, producerEpoch: batch.producerEpoch, batches: [], lastTimestamp: 0 };
    states[batch.producerId] = entry;
  }
  const { batches } = entry;
  if (entry.producerEpoch !== batch.producerEpoch) {
    entry.producerEpoch = batch.producerEpoch;
    batches.length = 0;
  }
  entry.lastTimestamp = batch.maxTimestamp;
  if (batches.length < BATCHES_TO_RETAIN) batches.push(metadataOf(batch));
  else {
    // The oldest gives its place to the next one: nothing here moves but numbers.
    for (let i = 1; i < BATCHES_TO_RETAIN; i++) copyMetadata(batches[i]!, batches[i - 1]!);
    fillMetadata(batches[BATCHES_TO_RETAIN - 1]!, batch);
  }
}

/** What happens to the states when the log loses everything from `offset` on; `remaining` walks back over what is left of the log. */
export function truncateProducers(states: ProducerStates, offset: number, remaining: () => Iterable<RecordBatch>): void {
  const affected: Record<string, RecordBatch[]> = {};
  let open = 0;
  for (const id of Object.keys(states)) {
    const { batches } = states[id]!;
    const last = batches[batches.length - 1];
    if (last === undefined || last.lastOffset < offset) continue;
    affected[id] = [];
    open += 1;
    delete states[id];
  }
  if (open === 0) return;
  for (const batch of remaining()) {
    const found = affected[batch.producerId];
    if (found === undefined || found.length === BATCHES_TO_RETAIN) continue;
    if (found.length > 0 && found[0]!.producerEpoch !== batch.producerEpoch) continue;
    found.push(batch);
    if (found.length === BATCHES_TO_RETAIN) {
      open -= 1;
      if (open === 0) break;
    }
  }
  for (const id of Object.keys(affected)) for (const batch of affected[id]!.reverse()) rememberBatch(states, batch);
}

/** A snapshot, which is what a clean stop leaves behind, holds only the last batch of each producer. */
export function keepLastBatches(states: ProducerStates): void {
  for (const id of Object.keys(states)) {
    const { batches } = states[id]!;
    if (batches.length > 1) batches.splice(0, batches.length - 1);
  }
}

/** producer.id.expiration.ms, checked every producer.id.expiration.check.interval.ms. */
export function removeExpiredProducers(states: ProducerStates, nowMs: number, expirationMs: number): void {
  for (const id of Object.keys(states)) if (nowMs - states[id]!.lastTimestamp >= expirationMs) delete states[id];
}

function metadataOf(batch: RecordBatch): BatchMetadata {
  return {
    firstSequence: batch.baseSequence,
    lastSequence: lastSequenceOf(batch.baseSequence, batch.recordCount),
    firstOffset: batch.baseOffset,
    lastOffset: batch.baseOffset + batch.recordCount - 1,
    timestamp: batch.maxTimestamp,
  };
}

function fillMetadata(target: BatchMetadata, batch: RecordBatch): void {
  target.firstSequence = batch.baseSequence;
  target.lastSequence = lastSequenceOf(batch.baseSequence, batch.recordCount);
  target.firstOffset = batch.baseOffset;
  target.lastOffset = batch.baseOffset + batch.recordCount - 1;
  target.timestamp = batch.maxTimestamp;
}

function copyMetadata(from: BatchMetadata, to: BatchMetadata): void {
  to.firstSequence = from.firstSequence;
  to.lastSequence = from.lastSequence;
  to.firstOffset = from.firstOffset;
  to.lastOffset = from.lastOffset;
  to.timestamp = from.timestamp;
}
