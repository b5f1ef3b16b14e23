import type { ErrorName } from "../protocol/errors.ts";
import { isRetriable } from "../protocol/errors.ts";
import { hasSequence, lastSequence, type ProducerBatch, resetProducerState } from "./producer-batch.ts";

/**
 * The producer's id, its epoch, and the sequence numbers by which a broker tells a retry from a new batch.
 * Models org.apache.kafka.clients.producer.internals.TransactionManager with TxnPartitionMap and TxnPartitionEntry, for a producer that is
 * idempotent and not transactional. Left out (for the transactional API): coordinators, partitions of a transaction, its states; the
 * requests of `pendingRequests` and `transactionalId` leave room for them.
 */
export interface TransactionManager {
  readonly transactionalId: string | null;
  readonly retryBackoffMs: number;
  state: "UNINITIALIZED" | "INITIALIZING" | "READY" | "FATAL_ERROR";
  /** -1: none yet. */
  producerId: number;
  producerEpoch: number;
  lastError: TransactionError | null;
  pendingRequests: TransactionRequest[];
  /** -1: none. */
  inFlightCorrelationId: number;
  /** By "topic-partition". */
  partitions: Record<string, TransactionPartition>;
  epochBumpRequired: boolean;
  /** Why the next bump is due, for the trace. */
  epochBumpReason: string;
  partitionsToRewriteSequences: string[];
  /** By "topic-partition": the sequence after the last batch whose fate is unknown. */
  unresolvedSequences: Record<string, number>;
}

export interface TransactionError {
  error: ErrorName;
  message: string;
}

export interface TransactionRequest {
  api: "InitProducerId";
  isRetry: boolean;
}

export interface TransactionPartition {
  producerId: number;
  producerEpoch: number;
  nextSequence: number;
  /** -1: none. */
  lastAckedSequence: number;
  /** -1: none. */
  lastAckedOffset: number;
  /** Ids of batches that have a sequence and are not done, by producer id, epoch and sequence. */
  inFlightBatches: number[];
}

/** Batches by id: the accumulator owns them. */
export type Batches = Record<number, ProducerBatch>;

const MAX_EPOCH = 32767;
const MAX_SEQUENCE = 2147483647;

export function createTransactionManager(transactionalId: string | null, retryBackoffMs: number): TransactionManager {
  return {
    transactionalId,
    retryBackoffMs,
    state: "UNINITIALIZED",
    producerId: -1,
    producerEpoch: -1,
    lastError: null,
    pendingRequests: [],
    inFlightCorrelationId: -1,
    partitions: {},
    epochBumpRequired: false,
    epochBumpReason: "",
    partitionsToRewriteSequences: [],
    unresolvedSequences: {},
  };
}

export function hasProducerId(manager: TransactionManager): boolean {
  return manager.producerId !== -1;
}

export function hasFatalError(manager: TransactionManager): boolean {
  return manager.state === "FATAL_ERROR";
}

export function partitionEntry(manager: TransactionManager, topicPartition: string): TransactionPartition {
  let entry = manager.partitions[topicPartition];
  if (entry === undefined) {
    entry = { producerId: -1, producerEpoch: -1, nextSequence: 0, lastAckedSequence: -1, lastAckedOffset: -1, inFlightBatches: [] };
    manager.partitions[topicPartition] = entry;
  }
  return entry;
}

export function hasInFlightBatches(manager: TransactionManager, topicPartition: string): boolean {
  return (manager.partitions[topicPartition]?.inFlightBatches.length ?? 0) > 0;
}

export function hasStaleProducerIdAndEpoch(manager: TransactionManager, topicPartition: string): boolean {
  const entry = partitionEntry(manager, topicPartition);
  return entry.producerId !== manager.producerId || entry.producerEpoch !== manager.producerEpoch;
}

export function hasUnresolvedSequence(manager: TransactionManager, topicPartition: string): boolean {
  return manager.unresolvedSequences[topicPartition] !== undefined;
}

/** -1: nothing is in flight. */
export function firstInFlightSequence(manager: TransactionManager, topicPartition: string, batches: Batches): number {
  const first = manager.partitions[topicPartition]?.inFlightBatches[0];
  return first === undefined ? -1 : batches[first]!.baseSequence;
}

export function incrementSequence(sequence: number, increment: number): number {
  return sequence > MAX_SEQUENCE - increment ? increment - (MAX_SEQUENCE - sequence) - 1 : sequence + increment;
}

/** Gives a batch that is being drained its id, epoch and sequence. */
export function assignSequence(manager: TransactionManager, batch: ProducerBatch, batches: Batches): void {
  const entry = partitionEntry(manager, batch.topicPartition);
  if (!hasFatalError(manager) && hasStaleProducerIdAndEpoch(manager, batch.topicPartition) && entry.inFlightBatches.length === 0)
    startSequencesAtBeginning(manager, batch.topicPartition, batches);
  batch.producerId = manager.producerId;
  batch.producerEpoch = manager.producerEpoch;
  batch.baseSequence = entry.nextSequence;
  entry.nextSequence = incrementSequence(entry.nextSequence, batch.recordCount);
  addInFlightBatch(manager, batch, batches);
}

export function addInFlightBatch(manager: TransactionManager, batch: ProducerBatch, batches: Batches): void {
  const inFlight = partitionEntry(manager, batch.topicPartition).inFlightBatches;
  let index = inFlight.length;
  while (index > 0 && comesBefore(batch, batches[inFlight[index - 1]!]!)) index -= 1;
  inFlight.splice(index, 0, batch.id);
}

function comesBefore(a: ProducerBatch, b: ProducerBatch): boolean {
  if (a.producerId !== b.producerId) return a.producerId < b.producerId;
  if (a.producerEpoch !== b.producerEpoch) return a.producerEpoch < b.producerEpoch;
  return a.baseSequence < b.baseSequence;
}

export function removeInFlightBatch(manager: TransactionManager, batch: ProducerBatch): void {
  const inFlight = manager.partitions[batch.topicPartition]?.inFlightBatches;
  const index = inFlight?.indexOf(batch.id) ?? -1;
  if (index >= 0) inFlight!.splice(index, 1);
}

/** Under the present id and epoch the partition's batches in flight are numbered from 0. */
function startSequencesAtBeginning(manager: TransactionManager, topicPartition: string, batches: Batches): void {
  const entry = partitionEntry(manager, topicPartition);
  let sequence = 0;
  for (const id of entry.inFlightBatches) {
    const batch = batches[id]!;
    resetProducerState(batch, manager.producerId, manager.producerEpoch, sequence);
    sequence += batch.recordCount;
  }
  entry.producerId = manager.producerId;
  entry.producerEpoch = manager.producerEpoch;
  entry.nextSequence = sequence;
  entry.lastAckedSequence = -1;
}

export function requestEpochBump(manager: TransactionManager, topicPartition: string, reason: string): void {
  manager.epochBumpRequired = true;
  manager.epochBumpReason = reason;
  if (!manager.partitionsToRewriteSequences.includes(topicPartition)) manager.partitionsToRewriteSequences.push(topicPartition);
}

/** The idempotent producer raises its epoch by itself, without asking a broker. Returns whether it did. */
export function bumpIdempotentEpochIfNeeded(manager: TransactionManager, batches: Batches): boolean {
  const bumped = manager.epochBumpRequired;
  if (bumped) {
    if (manager.producerEpoch === MAX_EPOCH) {
      manager.producerId = -1;
      manager.producerEpoch = -1;
      manager.state = "UNINITIALIZED";
    } else manager.producerEpoch += 1;
    for (const topicPartition of manager.partitionsToRewriteSequences) {
      startSequencesAtBeginning(manager, topicPartition, batches);
      delete manager.unresolvedSequences[topicPartition];
    }
    manager.partitionsToRewriteSequences = [];
    manager.epochBumpRequired = false;
  }
  if (manager.state !== "INITIALIZING" && !hasProducerId(manager)) {
    manager.state = "INITIALIZING";
    manager.pendingRequests.push({ api: "InitProducerId", isRetry: false });
  }
  return bumped;
}

/** The next request of the manager's own, or null. */
export function nextRequest(manager: TransactionManager): TransactionRequest | null {
  return manager.pendingRequests.shift() ?? null;
}

export function retryRequest(manager: TransactionManager, request: TransactionRequest): void {
  manager.pendingRequests.push({ api: request.api, isRetry: true });
}

/** A partition some batch of which ended unknown: is it clear by now what the broker has? */
export function maybeResolveSequences(manager: TransactionManager): void {
  for (const topicPartition of Object.keys(manager.unresolvedSequences)) {
    if (hasInFlightBatches(manager, topicPartition)) continue;
    const entry = partitionEntry(manager, topicPartition);
    if (entry.nextSequence - entry.lastAckedSequence !== 1)
      requestEpochBump(manager, topicPartition, "a batch expired and its fate is unknown");
    delete manager.unresolvedSequences[topicPartition];
  }
}

export function markSequenceUnresolved(manager: TransactionManager, batch: ProducerBatch): void {
  const next = lastSequence(batch) + 1;
  manager.unresolvedSequences[batch.topicPartition] = Math.max(manager.unresolvedSequences[batch.topicPartition] ?? next, next);
}

export function handleCompletedBatch(manager: TransactionManager, batch: ProducerBatch, baseOffset: number): void {
  const entry = manager.partitions[batch.topicPartition];
  if (entry !== undefined) entry.lastAckedSequence = Math.max(entry.lastAckedSequence, lastSequence(batch));
  if (baseOffset !== -1) {
    const known = partitionEntry(manager, batch.topicPartition);
    known.lastAckedOffset = Math.max(known.lastAckedOffset, baseOffset + batch.recordCount - 1);
  }
  removeInFlightBatch(manager, batch);
}

const FATAL: readonly ErrorName[] = [
  "CLUSTER_AUTHORIZATION_FAILED",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
  "ProducerFencedException",
  "UNSUPPORTED_VERSION",
  "INVALID_PRODUCER_ID_MAPPING",
];

export function handleFailedBatch(
  manager: TransactionManager,
  batch: ProducerBatch,
  error: ErrorName,
  message: string,
  adjustSequenceNumbers: boolean,
): void {
  if (FATAL.includes(error)) {
    manager.state = "FATAL_ERROR";
    manager.lastError = { error, message };
  }
  removeInFlightBatch(manager, batch);
  if (hasFatalError(manager)) return;
  if (error === "OUT_OF_ORDER_SEQUENCE_NUMBER") requestEpochBump(manager, batch.topicPartition, error);
  else if (error === "UNKNOWN_PRODUCER_ID") {
    delete manager.partitions[batch.topicPartition];
    delete manager.unresolvedSequences[batch.topicPartition];
  } else if (adjustSequenceNumbers) requestEpochBump(manager, batch.topicPartition, error);
}

/** Whether a batch that got this error may go again; it may ask for an epoch bump first. */
export function canRetry(manager: TransactionManager, batch: ProducerBatch, error: ErrorName, logStartOffset: number): boolean {
  const topicPartition = batch.topicPartition;
  if (error === "UNKNOWN_PRODUCER_ID") {
    if (logStartOffset === -1 || batch.sequenceHasBeenReset) return true;
    requestEpochBump(manager, topicPartition, error);
    return true;
  }
  if (error === "OUT_OF_ORDER_SEQUENCE_NUMBER") {
    const unresolved = manager.unresolvedSequences[topicPartition];
    const isNext = batch.baseSequence - (manager.partitions[topicPartition]?.lastAckedSequence ?? -1) === 1;
    if (unresolved === undefined && (batch.sequenceHasBeenReset || !isNext)) return true;
    if (unresolved === undefined || batch.baseSequence === unresolved) requestEpochBump(manager, topicPartition, error);
    return true;
  }
  return isRetriable(error);
}

/** Why a drain must stop at this batch, or null. Kafka's shouldStopDrainBatchesForPartition. */
export function drainBlockedBy(manager: TransactionManager, batch: ProducerBatch, batches: Batches): DrainBlock | null {
  if (!hasProducerId(manager)) return "no-producer-id";
  const topicPartition = batch.topicPartition;
  if (!hasSequence(batch)) {
    if (hasInFlightBatches(manager, topicPartition) && hasStaleProducerIdAndEpoch(manager, topicPartition)) return "older-epoch-in-flight";
    if (hasUnresolvedSequence(manager, topicPartition)) return "unresolved-sequence";
    return null;
  }
  const first = firstInFlightSequence(manager, topicPartition, batches);
  return first !== -1 && batch.baseSequence !== first ? "earlier-sequence-in-flight" : null;
}

export type DrainBlock = "no-producer-id" | "older-epoch-in-flight" | "unresolved-sequence" | "earlier-sequence-in-flight";
