import type { Context } from "../protocol/context.ts";
import { BATCH_HEADER_BYTES, batchAllocationBytes, MAX_RECORD_OVERHEAD_BYTES } from "../protocol/record-sizes.ts";
import { allocate, availableBytes, deallocate } from "./buffer-pool.ts";
import { bytesUntilForcedSwitch, peekPartition, updatePartition } from "./partitioner.ts";
import { appendRun, createBatch, isFull, type ProducerBatch } from "./producer-batch.ts";
import type { KafkaProducer, SendCall } from "./producer-state.ts";
import { lastBatch, type PartitionQueue, queueOf, type TopicInfo, topicInfoOf } from "./record-accumulator.ts";

/**
 * Puts records into batches: the first of a call, and, where they are equal and have no key, as many of the rest as one batch takes.
 * Models RecordAccumulator.append and KafkaProducer.doSend's use of it. A run has exactly the outcome of as many single sends.
 */
export interface AppendResult {
  /** blocked: it waits for memory. closed: the accumulator takes nothing any more. threw: a batch is larger than all of buffer.memory. */
  outcome: "appended" | "blocked" | "closed" | "threw";
  /** How many records went into a batch. */
  appended: number;
  topicPartition: string;
  /** The sender should know: a batch was opened, or one is full. */
  wakesSender: boolean;
  /** The batch that took them; -1: none. */
  batch: number;
}

export function append(producer: KafkaProducer, call: SendCall, context: Context): AppendResult {
  const { accumulator, metadata } = producer;
  const info = topicInfoOf(accumulator, call.topic);
  // A switch of partition sends us round again; it happens at most once per draw, and a fresh partition never switches at once.
  for (;;) {
    const usesSticky = call.partition < 0;
    const partition = usesSticky ? peekPartition(info.partitioner, call.topic, metadata.cache, context).partition : call.partition;
    const queue = queueOf(accumulator, call.topic, partition);
    if (usesSticky && switchesBefore(producer, call, info, queue, context)) continue;
    if (accumulator.isClosed) {
      releaseHeld(producer, call);
      return { outcome: "closed", appended: 0, topicPartition: queue.topicPartition, wakesSender: false, batch: -1 };
    }
    const last = lastBatch(accumulator, queue);
    if (last !== undefined) {
      const result = appendTo(producer, call, info, queue, last, false, usesSticky, context);
      if (result.appended > 0) return result;
      closeForAppends(producer, last, context);
    }
    if (call.heldBytes === 0) {
      const sizeBytes = batchAllocationBytes(accumulator.settings.batchSizeBytes, upperBoundOf(call));
      if (sizeBytes > accumulator.pool.totalBytes)
        return { outcome: "threw", appended: 0, topicPartition: queue.topicPartition, wakesSender: false, batch: -1 };
      if (!allocate(accumulator.pool, sizeBytes))
        return { outcome: "blocked", appended: 0, topicPartition: queue.topicPartition, wakesSender: false, batch: -1 };
      call.heldBytes = sizeBytes;
      if (usesSticky && switchesBefore(producer, call, info, queue, context)) continue;
    }
    return appendTo(producer, call, info, queue, openBatch(producer, call, queue, partition, context), true, usesSticky, context);
  }
}

/** send() has been called for so many records of the call: each is told once. */
export function announce(producer: KafkaProducer, call: SendCall, count: number, context: Context): void {
  const from = Math.max(call.announcedTo, call.firstId);
  const to = call.firstId + count;
  if (to <= from) return;
  call.announcedTo = to;
  producer.statistics.recordsSent += to - from;
  context.records.sent(producer.name, call.topic, from, to - from, context.now);
}

export function upperBoundOf(call: SendCall): number {
  return BATCH_HEADER_BYTES + MAX_RECORD_OVERHEAD_BYTES + call.fieldsBytes;
}

/** A switch that had to wait until the queue's last batch was full: now it may happen, and this record goes elsewhere. */
function switchesBefore(producer: KafkaProducer, call: SendCall, info: TopicInfo, queue: PartitionQueue, context: Context): boolean {
  if (!allBatchesFull(producer, queue)) return false;
  return updatePartition(info.partitioner, 0, true, call.topic, producer.metadata.cache, context);
}

function allBatchesFull(producer: KafkaProducer, queue: PartitionQueue): boolean {
  const last = lastBatch(producer.accumulator, queue);
  return last === undefined || isFull(last);
}

function openBatch(producer: KafkaProducer, call: SendCall, queue: PartitionQueue, partition: number, context: Context): ProducerBatch {
  const { accumulator } = producer;
  const id = accumulator.nextBatchId;
  accumulator.nextBatchId += 1;
  const batch = createBatch(id, call.topic, partition, queue.topicPartition, call.heldBytes, context.now, false);
  call.heldBytes = 0;
  if (context.tracing)
    batch.cause = context.trace("batch-created", producer.name, {
      topicPartition: queue.topicPartition,
      batch: id,
      firstRecordId: call.firstId,
    });
  accumulator.batches[id] = batch;
  accumulator.incompleteCount += 1;
  queue.batches.push(id);
  // Read it back: under immer the state holds a draft of it.
  return accumulator.batches[id]!;
}

function appendTo(
  producer: KafkaProducer,
  call: SendCall,
  info: TopicInfo,
  queue: PartitionQueue,
  batch: ProducerBatch,
  isNew: boolean,
  usesSticky: boolean,
  context: Context,
): AppendResult {
  const { accumulator } = producer;
  const bytesBefore = isNew ? 0 : batch.sizeBytes;
  // Only a record without a key moves the sticky partition, and so only there a run may have to stop early.
  const budgetBytes = usesSticky ? bytesUntilForcedSwitch(info.partitioner) : Number.MAX_SAFE_INTEGER;
  const appended = appendRun(batch, call.firstId, call.count, call.fieldsBytes, call.timestampMs, budgetBytes, context.now);
  const full = isFull(batch);
  if (appended > 0) {
    releaseHeld(producer, call);
    announce(producer, call, appended, context);
    context.records.accepted(producer.name, queue.topicPartition, [call.firstId, appended]);
    if (full && context.tracing) traceClosed(producer, batch, "full", context);
    if (usesSticky) updatePartition(info.partitioner, batch.sizeBytes - bytesBefore, full, call.topic, producer.metadata.cache, context);
  }
  const wakesSender = isNew || full || accumulator.topics[call.topic]!.queues[batch.partition]!.batches.length > 1;
  return { outcome: "appended", appended, topicPartition: queue.topicPartition, wakesSender, batch: batch.id };
}

/** Memory for a batch that is not needed after all. The call itself cannot be waiting, so nobody is to be woken. */
export function releaseHeld(producer: KafkaProducer, call: SendCall): void {
  if (call.heldBytes === 0) return;
  deallocate(producer.accumulator.pool, call.heldBytes);
  call.heldBytes = 0;
}

function closeForAppends(producer: KafkaProducer, batch: ProducerBatch, context: Context): void {
  if (batch.isClosedForAppends) return;
  batch.isClosedForAppends = true;
  if (context.tracing) traceClosed(producer, batch, "next record does not fit", context);
}

function traceClosed(producer: KafkaProducer, batch: ProducerBatch, reason: string, context: Context): void {
  const { topicPartition, id, recordCount, sizeBytes } = batch;
  batch.cause = context.trace(
    "batch-closed",
    producer.name,
    { topicPartition, batch: id, records: recordCount, sizeBytes, reason },
    batch.cause,
  );
}

export function traceBlockedForMemory(producer: KafkaProducer, call: SendCall, context: Context): void {
  const { pool, settings } = producer.accumulator;
  call.cause = context.trace("send-blocked", producer.name, {
    recordId: call.firstId,
    waitsFor: "memory",
    sizeBytes: batchAllocationBytes(settings.batchSizeBytes, upperBoundOf(call)),
    availableBytes: availableBytes(pool),
    config: "buffer.memory",
  });
}
