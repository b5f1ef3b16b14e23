import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import { addLatency } from "../protocol/latency-histogram.ts";
import { deallocate } from "./buffer-pool.ts";
import { appendRun, createBatch, forEachRun, hasSequence, isDone, type ProducerBatch, setProducerState } from "./producer-batch.ts";
import type { KafkaProducer } from "./producer-state.ts";
import { putBack, removeFromQueue } from "./record-accumulator.ts";
import { addInFlightBatch, handleFailedBatch, removeInFlightBatch } from "./transaction-manager.ts";

/**
 * How a batch ends: its records succeed or fail, its memory goes back, and whoever waits for it goes on.
 * Models ProducerBatch.done, abort and split, RecordAccumulator.deallocate and abortBatches, Sender.failBatch.
 */

/** The event that lets the application's thread go on with its call; payload { generation }. */
export const CALL_RESUMED = "producer-call-resumed";

/** Lets the waiting call look again, after everything that is being done now. */
export function resumeCall(producer: KafkaProducer, context: Context): void {
  context.schedule(context.now, 1, producer.name, CALL_RESUMED, { generation: producer.callGeneration });
}

/** Success. Returns whether it was not done before. */
export function succeed(producer: KafkaProducer, batch: ProducerBatch, baseOffset: number, context: Context): boolean {
  if (isDone(batch)) return false;
  batch.finalState = "SUCCEEDED";
  const statistics = producer.statistics;
  statistics.recordsAcknowledged += batch.recordCount;
  if (baseOffset < 0) statistics.unknownOffsets += batch.recordCount;
  statistics.bytesAcknowledged += batch.sizeBytes;
  for (let i = 0; i < batch.runs.length; i += 3) addLatency(statistics.latency, context.now - batch.runs[i + 1]!, batch.runs[i + 2]!);
  if (context.tracing) {
    const { topicPartition, id, recordCount, ids, createdAtMs } = batch;
    const fields = { topicPartition, batch: id, records: recordCount, baseOffset, ids: ids.slice(), latencyMs: context.now - createdAtMs };
    batch.cause = context.trace("batch-completed", producer.name, fields);
  }
  context.records.acknowledged(producer.name, batch.topicPartition, batch.ids.slice(), baseOffset, context.now);
  settle(producer, batch, context);
  return true;
}

/** Failure for good. Returns whether it was not done before. */
export function fail(
  producer: KafkaProducer,
  batch: ProducerBatch,
  finalState: "FAILED" | "ABORTED",
  error: ErrorName,
  message: string,
  config: string,
  context: Context,
): boolean {
  if (isDone(batch)) return false;
  batch.finalState = finalState;
  producer.statistics.recordsFailed += batch.recordCount;
  producer.statistics.lastError = error;
  if (context.tracing) {
    const { topicPartition, id, recordCount, ids } = batch;
    const fields = { topicPartition, batch: id, records: recordCount, error, message, ids: ids.slice(), config };
    batch.cause = context.trace("batch-failed", producer.name, fields);
  }
  context.records.failed(producer.name, batch.topicPartition, batch.ids.slice(), error, context.now);
  settle(producer, batch, context);
  return true;
}

/** flush() and get() wait for batches. */
function settle(producer: KafkaProducer, batch: ProducerBatch, context: Context): void {
  const call = producer.call;
  if (batch.isFlushed) {
    batch.isFlushed = false;
    if (call?.kind === "flush") {
      call.batchesLeft -= 1;
      if (call.batchesLeft === 0) resumeCall(producer, context);
    }
  }
  if (call?.kind === "get" && call.batch === batch.id) resumeCall(producer, context);
}

/** The batch counts no longer as incomplete. Its memory stays while a request may still read it (KAFKA-19012). */
export function complete(producer: KafkaProducer): void {
  producer.accumulator.incompleteCount -= 1;
}

export function releaseMemory(producer: KafkaProducer, batch: ProducerBatch, context: Context): void {
  if (batch.heldBytes === 0) return;
  if (deallocate(producer.accumulator.pool, batch.heldBytes)) resumeCall(producer, context);
  batch.heldBytes = 0;
}

/** Done, and in no request: nothing knows the batch any more. */
export function forget(producer: KafkaProducer, batch: ProducerBatch): void {
  delete producer.accumulator.batches[batch.id];
}

export function completeAndRelease(producer: KafkaProducer, batch: ProducerBatch, context: Context): void {
  complete(producer);
  releaseMemory(producer, batch, context);
  forget(producer, batch);
}

/** Sender.failBatch: the transaction manager hears of it; memory of a batch in a request is given back when that ends. */
export function failBatch(
  producer: KafkaProducer,
  batch: ProducerBatch,
  error: ErrorName,
  message: string,
  config: string,
  adjustSequenceNumbers: boolean,
  context: Context,
): void {
  if (!fail(producer, batch, "FAILED", error, message, config, context)) {
    // It had failed while its request was out; that has ended now.
    releaseMemory(producer, batch, context);
    forget(producer, batch);
    return;
  }
  if (producer.transactionManager !== null) handleFailedBatch(producer.transactionManager, batch, error, message, adjustSequenceNumbers);
  removeFromSenderInFlight(producer, batch);
  if (batch.place === "inFlight" || batch.place === "drained") complete(producer);
  else completeAndRelease(producer, batch, context);
}

export function removeFromSenderInFlight(producer: KafkaProducer, batch: ProducerBatch): void {
  const inFlight = producer.sender.inFlightBatches;
  const batches = inFlight[batch.topicPartition];
  const index = batches?.indexOf(batch.id) ?? -1;
  if (index < 0) return;
  if (batches!.length === 1) delete inFlight[batch.topicPartition];
  else batches!.splice(index, 1);
}

/** Fails whatever is not done: a forced close, or a fatal error. */
export function abortBatches(producer: KafkaProducer, error: ErrorName, message: string, context: Context): void {
  const { accumulator } = producer;
  for (const id of Object.keys(accumulator.batches)) {
    const batch = accumulator.batches[Number(id)]!;
    if (isDone(batch)) continue;
    batch.isClosedForAppends = true;
    removeFromQueue(accumulator, batch);
    fail(producer, batch, "ABORTED", error, message, "", context);
    if (batch.place === "inFlight" || batch.place === "drained") complete(producer);
    else completeAndRelease(producer, batch, context);
  }
}

/**
 * A batch that the broker finds too large becomes several of at most batch.size; one that was split before is halved.
 * Their memory lies outside buffer.memory, and they count as old as the batch was.
 */
export function splitAndReenqueue(producer: KafkaProducer, big: ProducerBatch, context: Context): void {
  const { accumulator, transactionManager } = producer;
  const targetBytes = big.isSplit ? Math.max(big.maxRecordSizeBytes, Math.floor(big.sizeBytes / 2)) : accumulator.settings.batchSizeBytes;
  const parts = split(producer, big, targetBytes);
  const { call } = producer;
  if (big.isFlushed && call?.kind === "flush") call.batchesLeft += parts.length - 1;
  if (hasSequence(big)) {
    let sequence = big.baseSequence;
    for (const part of parts) {
      setProducerState(part, big.producerId, big.producerEpoch, sequence);
      sequence += part.recordCount;
    }
  }
  for (const part of parts.toReversed()) {
    accumulator.incompleteCount += 1;
    part.isFlushed = big.isFlushed;
    if (transactionManager !== null) addInFlightBatch(transactionManager, part, accumulator.batches);
    putBack(accumulator, transactionManager, part);
    if (call?.kind === "get" && call.batch === big.id && holds(part, call.recordId)) call.batch = part.id;
  }
  producer.statistics.batchesSplit += 1;
  if (context.tracing) {
    const { topicPartition, id } = big;
    const cause = context.trace("batch-split", producer.name, { topicPartition, batch: id, into: parts.map((part) => part.id) });
    for (const part of parts) part.cause = cause;
  }
  big.finalState = "FAILED";
}

function split(producer: KafkaProducer, big: ProducerBatch, targetBytes: number): ProducerBatch[] {
  const { accumulator } = producer;
  const parts: ProducerBatch[] = [];
  const open = (fieldsBytes: number): ProducerBatch => {
    const id = accumulator.nextBatchId;
    accumulator.nextBatchId += 1;
    const writeLimitBytes = Math.max(targetBytes, 61 + 21 + fieldsBytes);
    accumulator.batches[id] = createBatch(id, big.topic, big.partition, big.topicPartition, writeLimitBytes, big.createdAtMs, true);
    const part = accumulator.batches[id]!;
    parts.push(part);
    return part;
  };
  let part: ProducerBatch | null = null;
  forEachRun(big, (firstId, count, fieldsBytes, timestampMs) => {
    let done = 0;
    while (done < count) {
      part ??= open(fieldsBytes);
      // A part is no younger than the batch, whenever it is made.
      const appended = appendRun(part, firstId + done, count - done, fieldsBytes, timestampMs, Number.MAX_SAFE_INTEGER, big.createdAtMs);
      done += appended;
      if (appended === 0) {
        part.isClosedForAppends = true;
        part = open(fieldsBytes);
      }
    }
  });
  for (const made of parts) made.isClosedForAppends = true;
  return parts;
}

function holds(batch: ProducerBatch, recordId: number): boolean {
  for (let i = 0; i < batch.ids.length; i += 2) {
    const first = batch.ids[i]!;
    if (recordId >= first && recordId < first + batch.ids[i + 1]!) return true;
  }
  return false;
}

/** The split batch itself leaves the sender, the manager and the memory. */
export function retireSplitBatch(producer: KafkaProducer, big: ProducerBatch, context: Context): void {
  removeFromSenderInFlight(producer, big);
  if (producer.transactionManager !== null) removeInFlightBatch(producer.transactionManager, big);
  completeAndRelease(producer, big, context);
}
