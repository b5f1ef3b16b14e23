/**
 * What a log forgets: whole segments from its start, by age and by size.
 * Models UnifiedLog.deleteOldSegments and, for internal topics only, the outcome of LogCleaner. Left out: compaction of ordinary topics, file.delete.delay.ms.
 */
import type { TopicSettings } from "../protocol/topic-settings.ts";
import { truncateEpochsFromStart } from "./leader-epoch-cache.ts";
import { activeSegment, rollSegment, SEGMENT_BATCHES, type UnifiedLog } from "./unified-log.ts";

export interface Deletion {
  logStartOffset: number;
  config: "retention.ms" | "retention.bytes" | "";
}

/** One pass of the retention task over a log; null: nothing to delete. */
export function deleteOldSegments(log: UnifiedLog, settings: TopicSettings, nowMs: number): Deletion | null {
  if (!settings.cleanupPolicy.includes("delete")) return null;
  const before = log.logStartOffset;
  let config: Deletion["config"] = "";
  if (settings.retentionMs >= 0) {
    rollAgedSegment(log, settings, nowMs);
    while (deleteFirstSegment(log, (segment) => nowMs - segment.maxTimestamp > settings.retentionMs)) config = "retention.ms";
  }
  if (settings.retentionBytes >= 0) {
    while (deleteFirstSegment(log, (segment) => log.sizeBytes - segment.sizeBytes >= settings.retentionBytes)) config = "retention.bytes";
  }
  return log.logStartOffset === before ? null : { logStartOffset: log.logStartOffset, config };
}

/** Records below `offset` are gone (DeleteRecords, or a leader whose log begins later). */
export function advanceLogStart(log: UnifiedLog, offset: number): boolean {
  if (offset <= log.logStartOffset || offset > log.logEndOffset) return false;
  log.logStartOffset = offset;
  while (log.segments.length > 1 && log.segments[1]!.baseOffset <= offset) log.sizeBytes -= log.segments.shift()!.sizeBytes;
  truncateEpochsFromStart(log.epochs, offset);
  if (log.highWatermark < offset) log.highWatermark = offset;
  return true;
}

/**
 * An active segment that began longer ago than retention.ms is closed, so that the next pass finds it whole.
 * (Kafka waits for segment.ms or segment.bytes; its disks are larger than our memory.)
 */
function rollAgedSegment(log: UnifiedLog, settings: TopicSettings, nowMs: number): void {
  const active = activeSegment(log);
  if (active.batches.length > 0 && nowMs - active.firstTimestamp > settings.retentionMs) rollSegment(log);
}

function deleteFirstSegment(log: UnifiedLog, breaches: (segment: UnifiedLog["segments"][number]) => boolean): boolean {
  const first = log.segments[0]!;
  if (first.batches.length === 0 || first.endOffset > log.highWatermark || !breaches(first)) return false;
  if (log.segments.length === 1) rollSegment(log);
  log.segments.shift();
  log.sizeBytes -= first.sizeBytes;
  log.logStartOffset = log.segments[0]!.baseOffset;
  truncateEpochsFromStart(log.epochs, log.logStartOffset);
  return true;
}

/**
 * Drops from an internal topic's closed segments the batches of which every key has a newer value. Offsets keep gaps.
 * Kafka does the same to the log's dirty part when it has grown to half of it; here it happens at every retention pass.
 */
export function compactInternal(log: UnifiedLog, settings: TopicSettings): void {
  if (!settings.cleanupPolicy.includes("compact") || log.segments.length === 1) return;
  const newer = new Set<string>();
  for (let s = log.segments.length - 1; s >= 0; s--) {
    const segment = log.segments[s]!;
    const closed = s < log.segments.length - 1 && segment.endOffset <= log.highWatermark;
    const kept = [];
    for (let b = segment.batches.length - 1; b >= 0; b--) {
      const batch = segment.batches[b]!;
      let superseded = batch.internal !== null && closed;
      if (batch.internal !== null) {
        for (const record of batch.internal) {
          if (!newer.has(record.key)) superseded = false;
          newer.add(record.key);
        }
      }
      if (!superseded) kept.push(batch);
    }
    if (kept.length === segment.batches.length) continue;
    const sizeBytes = kept.reduce((sum, batch) => sum + batch.sizeBytes, 0);
    log.sizeBytes += sizeBytes - segment.sizeBytes;
    segment.sizeBytes = sizeBytes;
    segment.batches = kept.reverse();
  }
  mergeSegments(log);
}

/** Closed segments that have become small are joined, as LogCleaner groups them. */
function mergeSegments(log: UnifiedLog): void {
  for (let s = log.segments.length - 2; s > 0; s--) {
    const earlier = log.segments[s - 1]!;
    const later = log.segments[s]!;
    if (earlier.batches.length + later.batches.length > SEGMENT_BATCHES) continue;
    for (const batch of later.batches) earlier.batches.push(batch);
    earlier.sizeBytes += later.sizeBytes;
    earlier.endOffset = later.endOffset;
    earlier.maxTimestamp = Math.max(earlier.maxTimestamp, later.maxTimestamp);
    if (earlier.firstTimestamp === -1) earlier.firstTimestamp = later.firstTimestamp;
    log.segments.splice(s, 1);
  }
}
