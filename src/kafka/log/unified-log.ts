/**
 * A partition's log on one broker: batches in segments, where each leader epoch begins, what is known of producers, and the high watermark.
 * Models org.apache.kafka.storage.internals.log.UnifiedLog, LogSegment and LogLoader. Left out: index and transaction files, flushing, tiered storage.
 *
 * A segment ends also after SEGMENT_BATCHES batches (Kafka: only by segment.bytes, segment.ms and full indexes): short arrays are what keeps frames cheap,
 * and retention, which works by whole segments, is finer for it.
 */
import type { ErrorName } from "../protocol/errors.ts";
import { copyBatch, type RecordBatch } from "../protocol/record-batch.ts";
import type { TopicSettings } from "../protocol/topic-settings.ts";
import { assignEpoch, type EpochEntry, truncateEpochsFromEnd } from "./leader-epoch-cache.ts";
import { keepLastBatches, type ProducerStates, rememberBatch, truncateProducers } from "./producer-state-manager.ts";

export interface UnifiedLog {
  topicPartition: string;
  /** Never empty; the last one is active. */
  segments: LogSegment[];
  logStartOffset: number;
  logEndOffset: number;
  highWatermark: number;
  sizeBytes: number;
  epochs: EpochEntry[];
  producers: ProducerStates;
  checkpoint: HighWatermarkCheckpoint;
}

export interface LogSegment {
  baseOffset: number;
  /** Behind its last record. */
  endOffset: number;
  sizeBytes: number;
  /** -1 while empty. */
  firstTimestamp: number;
  maxTimestamp: number;
  batches: RecordBatch[];
}

/**
 * What the file replication-offset-checkpoint says, kept without a timer: it is written at every multiple of the interval,
 * so what stands there is the high watermark as it was before the first change since.
 */
export interface HighWatermarkCheckpoint {
  offset: number;
  interval: number;
}

export const SEGMENT_BATCHES = 256;

export function createLog(topicPartition: string): UnifiedLog {
  return {
    topicPartition,
    segments: [createSegment(0)],
    logStartOffset: 0,
    logEndOffset: 0,
    highWatermark: 0,
    sizeBytes: 0,
    epochs: [],
    producers: {},
    checkpoint: { offset: 0, interval: 0 },
  };
}

function createSegment(baseOffset: number): LogSegment {
  return { baseOffset, endOffset: baseOffset, sizeBytes: 0, firstTimestamp: -1, maxTimestamp: -1, batches: [] };
}

/** Appends a producer's or coordinator's batch, which becomes the log's own, and returns its base offset. It was validated before. */
export function appendAsLeader(log: UnifiedLog, batch: RecordBatch, leaderEpoch: number, settings: TopicSettings, nowMs: number): number {
  const baseOffset = log.logEndOffset;
  batch.baseOffset = baseOffset;
  batch.partitionLeaderEpoch = leaderEpoch;
  if (settings.messageTimestampType === "LogAppendTime") {
    batch.baseTimestamp = nowMs;
    batch.maxTimestamp = nowMs;
  }
  append(log, batch, settings);
  return baseOffset;
}

/** Appends a batch with the offsets and the epoch that its leader gave it. The batch becomes the log's own. */
export function appendAsFollower(log: UnifiedLog, batch: RecordBatch, settings: TopicSettings): void {
  append(log, batch, settings);
}

/** What the broker checks of a batch before it looks at the producer. */
export function validateBatchSize(batch: RecordBatch, settings: TopicSettings, nowMs: number): ErrorName {
  if (batch.sizeBytes > settings.maxMessageBytes) return "MESSAGE_TOO_LARGE";
  if (batch.sizeBytes > settings.segmentBytes) return "RECORD_LIST_TOO_LARGE";
  if (settings.messageTimestampType === "CreateTime") {
    if (batch.maxTimestamp - nowMs > settings.messageTimestampAfterMaxMs) return "INVALID_TIMESTAMP";
    if (nowMs - batch.baseTimestamp > settings.messageTimestampBeforeMaxMs) return "INVALID_TIMESTAMP";
  }
  return "NONE";
}

function append(log: UnifiedLog, batch: RecordBatch, settings: TopicSettings): void {
  let segment = log.segments[log.segments.length - 1]!;
  if (shouldRoll(segment, batch, settings)) segment = rollSegment(log);
  segment.batches.push(batch);
  segment.endOffset = batch.baseOffset + batch.recordCount;
  segment.sizeBytes += batch.sizeBytes;
  if (segment.firstTimestamp === -1) segment.firstTimestamp = batch.maxTimestamp;
  if (batch.maxTimestamp > segment.maxTimestamp) segment.maxTimestamp = batch.maxTimestamp;
  log.logEndOffset = segment.endOffset;
  log.sizeBytes += batch.sizeBytes;
  assignEpoch(log.epochs, batch.partitionLeaderEpoch, batch.baseOffset);
  if (batch.producerId !== -1) rememberBatch(log.producers, batch);
}

function shouldRoll(segment: LogSegment, batch: RecordBatch, settings: TopicSettings): boolean {
  if (segment.batches.length === 0) return false;
  if (segment.batches.length >= SEGMENT_BATCHES || segment.sizeBytes > settings.segmentBytes - batch.sizeBytes) return true;
  return batch.maxTimestamp - segment.firstTimestamp > settings.segmentMs;
}

export function rollSegment(log: UnifiedLog): LogSegment {
  const segment = createSegment(log.logEndOffset);
  log.segments.push(segment);
  return segment;
}

export function activeSegment(log: UnifiedLog): LogSegment {
  return log.segments[log.segments.length - 1]!;
}

/**
 * Copies of the batches from the one that holds `from` up to `limitOffset`, at most `maxBytes` of them.
 * A first batch that is larger is returned nevertheless if `minOneMessage`.
 */
export function readLog(log: UnifiedLog, from: number, maxBytes: number, limitOffset: number, minOneMessage: boolean): RecordBatch[] {
  const found: RecordBatch[] = [];
  if (from >= limitOffset) return found;
  let bytes = 0;
  for (let s = segmentIndexOf(log.segments, from); s < log.segments.length; s++) {
    const { batches } = log.segments[s]!;
    for (let b = found.length === 0 ? batchIndexOf(batches, from) : 0; b < batches.length; b++) {
      const batch = batches[b]!;
      if (batch.baseOffset + batch.recordCount > limitOffset) return found;
      bytes += batch.sizeBytes;
      if (bytes > maxBytes && !(minOneMessage && found.length === 0)) return found;
      found.push(copyBatch(batch));
      if (bytes >= maxBytes) return found;
    }
  }
  return found;
}

/** How many bytes a read would find; stops counting at `enough`. */
export function bytesBetween(log: UnifiedLog, from: number, limitOffset: number, enough: number): number {
  let bytes = 0;
  if (from >= limitOffset) return 0;
  for (let s = segmentIndexOf(log.segments, from); s < log.segments.length; s++) {
    const { batches } = log.segments[s]!;
    for (let b = s === 0 || bytes === 0 ? batchIndexOf(batches, from) : 0; b < batches.length; b++) {
      const batch = batches[b]!;
      if (batch.baseOffset + batch.recordCount > limitOffset) return bytes;
      bytes += batch.sizeBytes;
      if (bytes >= enough) return bytes;
    }
  }
  return bytes;
}

/** The segment that holds `offset`, or the next one. */
function segmentIndexOf(segments: readonly LogSegment[], offset: number): number {
  let high = segments.length - 1;
  // Nearly every read is at the end of the log.
  if (offset >= segments[high]!.baseOffset) return high;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.endOffset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The batch that holds `offset`, or the next one. */
function batchIndexOf(batches: readonly RecordBatch[], offset: number): number {
  const last = batches[batches.length - 1];
  if (last !== undefined && offset >= last.baseOffset)
    return offset < last.baseOffset + last.recordCount ? batches.length - 1 : batches.length;
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const batch = batches[middle]!;
    if (batch.baseOffset + batch.recordCount > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first offset whose batch is at least as new as `timestamp`, or -1. Timestamps are known by batch, not by record. */
export function offsetForTimestamp(log: UnifiedLog, timestamp: number, limitOffset: number): { offset: number; timestamp: number } {
  for (const segment of log.segments) {
    if (segment.maxTimestamp < timestamp) continue;
    for (const batch of segment.batches) {
      if (batch.baseOffset >= limitOffset) break;
      if (batch.maxTimestamp >= timestamp) return { offset: Math.max(batch.baseOffset, log.logStartOffset), timestamp: batch.maxTimestamp };
    }
  }
  return { offset: -1, timestamp: -1 };
}

/** Drops every batch that reaches `offset` or lies behind it, and says where the log ends now. */
export function truncateTo(log: UnifiedLog, offset: number): number {
  if (offset >= log.logEndOffset) {
    // A leader that became a follower before it wrote anything has an epoch that begins at the log's end: nobody else knows of it.
    truncateEpochsFromEnd(log.epochs, offset);
    return log.logEndOffset;
  }
  if (offset < log.logStartOffset) {
    truncateFullyAndStartAt(log, offset);
    return offset;
  }
  while (log.segments.length > 1 && activeSegment(log).baseOffset >= offset) log.sizeBytes -= log.segments.pop()!.sizeBytes;
  const segment = activeSegment(log);
  let keep = batchIndexOf(segment.batches, offset);
  if (keep > segment.batches.length) keep = segment.batches.length;
  const dropped = segment.batches.splice(keep);
  for (const batch of dropped) segment.sizeBytes -= batch.sizeBytes;
  for (const batch of dropped) log.sizeBytes -= batch.sizeBytes;
  const last = segment.batches[segment.batches.length - 1];
  segment.endOffset =
    last === undefined
      ? Math.min(segment.baseOffset, offset)
      : Math.min(offset, Math.max(last.baseOffset + last.recordCount, log.logStartOffset));
  segment.maxTimestamp = segment.batches.reduce((newest, batch) => Math.max(newest, batch.maxTimestamp), -1);
  if (last === undefined) segment.firstTimestamp = -1;
  log.logEndOffset = Math.max(segment.endOffset, log.logStartOffset);
  segment.endOffset = log.logEndOffset;
  truncateEpochsFromEnd(log.epochs, log.logEndOffset);
  truncateProducers(log.producers, log.logEndOffset, () => backwards(log));
  if (log.highWatermark > log.logEndOffset) log.highWatermark = log.logEndOffset;
  if (log.checkpoint.offset > log.logEndOffset) log.checkpoint.offset = log.logEndOffset;
  return log.logEndOffset;
}

/** The log is emptied and goes on at `offset`: what a follower does that has nothing in common with its leader. */
export function truncateFullyAndStartAt(log: UnifiedLog, offset: number): void {
  log.segments = [createSegment(offset)];
  log.logStartOffset = offset;
  log.logEndOffset = offset;
  log.highWatermark = offset;
  log.sizeBytes = 0;
  log.epochs = [];
  log.producers = {};
  log.checkpoint.offset = offset;
}

function* backwards(log: UnifiedLog): Generator<RecordBatch> {
  for (let s = log.segments.length - 1; s >= 0; s--) {
    const { batches } = log.segments[s]!;
    for (let b = batches.length - 1; b >= 0; b--) yield batches[b]!;
  }
}

/** Sets the high watermark and remembers what the checkpoint file says meanwhile. */
export function setHighWatermark(log: UnifiedLog, offset: number, nowMs: number, checkpointIntervalMs: number): void {
  const interval = Math.floor(nowMs / checkpointIntervalMs);
  const { checkpoint } = log;
  if (interval > checkpoint.interval) {
    checkpoint.offset = log.highWatermark;
    checkpoint.interval = interval;
  }
  log.highWatermark = offset;
}

/** The process is gone. A clean stop writes the checkpoint and a snapshot of the producers first. */
export function closeLog(log: UnifiedLog, clean: boolean, nowMs: number, checkpointIntervalMs: number): void {
  if (clean) keepLastBatches(log.producers);
  if (clean || Math.floor(nowMs / checkpointIntervalMs) > log.checkpoint.interval) log.checkpoint.offset = log.highWatermark;
}

/** A start finds everything that was appended (the page cache outlives the process), but knows the high watermark only as of the checkpoint. */
export function recoverLog(log: UnifiedLog): void {
  log.highWatermark = Math.min(Math.max(log.checkpoint.offset, log.logStartOffset), log.logEndOffset);
}
