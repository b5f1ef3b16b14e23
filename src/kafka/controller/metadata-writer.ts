import type { Context } from "../protocol/context.ts";
import { applyMetadataRecord, copyRegistration, type MetadataRecord, type PartitionRegistration } from "../protocol/metadata-records.ts";
import { sameList } from "./lists.ts";
import { appendToLog, compactLog, imageAsRecords, readLog } from "./metadata-log.ts";
import type { ControllerQuorum } from "./quorum-state.ts";

/**
 * Writes what was decided: to the log, to the image, to the trace and to whoever listens to elections, and answers the brokers that wait for news.
 * Models the write path of org.apache.kafka.controller.QuorumController (ControllerWriteEvent). Written is committed: see quorum-state.ts.
 */

/** Why partitions change, for the trace. */
export interface WriteReason {
  /** The kind of election: clean, preferred or controlled; what turns out to be unclean or from the ELR is named so anyway. */
  kind: "clean" | "preferred" | "controlled" | "unclean";
  reason: string;
  /** The key of the config that decided it, or "". */
  config: string;
}

export function writeRecords(quorum: ControllerQuorum, records: readonly MetadataRecord[], why: WriteReason, context: Context): void {
  if (records.length === 0) return;
  const baseCause = context.cause;
  let lastTraced = baseCause;
  let traced = 0;
  for (const record of records) {
    const key = record.type === "PartitionChangeRecord" || record.type === "PartitionRecord" ? record.topicPartition : null;
    const known = key === null ? undefined : quorum.image.partitions[key];
    const before = known === undefined ? null : copyRegistration(known);
    applyMetadataRecord(quorum.image, record);
    appendToLog(quorum.log, record);
    if (key === null) continue;
    const changed = onPartitionChanged(quorum, key, before, why, context);
    if (changed !== -1) {
      lastTraced = changed;
      traced += 1;
    }
  }
  // News of one partition name its own event as their cause, news of several what led to all of them.
  quorum.log.lastCause = traced === 1 ? lastTraced : baseCause;
  answerWaitingFetches(quorum, context);
  compactLog(quorum.log, leastFetchedOffset(quorum));
  context.cause = baseCause;
}

/** Answers a fetch of the metadata log with what follows its offset; false: nothing does. */
export function answerFetch(
  quorum: ControllerQuorum,
  connection: number,
  correlationId: number,
  fetchOffset: number,
  evenIfEmpty: boolean,
  context: Context,
): boolean {
  const highWatermark = quorum.log.endOffset;
  if (fetchOffset >= highWatermark && !evenIfEmpty) return false;
  const kept = readLog(quorum.log, fetchOffset);
  const records = kept ?? imageAsRecords(quorum.image);
  const snapshotEndOffset = kept === null ? highWatermark : -1;
  if (records.length > 0) context.cause = quorum.log.lastCause;
  const from = String(quorum.activeController);
  context.transport.sendResponse(connection, from, correlationId, {
    api: "MetadataFetch",
    error: "NONE",
    records,
    highWatermark,
    snapshotEndOffset,
  });
  return true;
}

function answerWaitingFetches(quorum: ControllerQuorum, context: Context): void {
  const waiting = quorum.waitingFetches;
  quorum.waitingFetches = [];
  for (const { connection, correlationId, fetchOffset } of waiting) {
    answerFetch(quorum, connection, correlationId, fetchOffset, true, context);
  }
}

/** Returns the number of the trace event that stands for the change; -1: nothing was traced. */
function onPartitionChanged(
  quorum: ControllerQuorum,
  key: string,
  before: PartitionRegistration | null,
  why: WriteReason,
  context: Context,
): number {
  const after = quorum.image.partitions[key];
  if (after === undefined) return -1;
  const leaderChanged = before === null || before.leader !== after.leader || before.leaderEpoch !== after.leaderEpoch;
  const isrChanged = before !== null && !sameList(before.isr, after.isr);
  const elrChanged = before !== null && !sameList(before.elr, after.elr);
  const seq = context.tracing && before !== null ? traceChange(quorum, key, before, after, leaderChanged, isrChanged, why, context) : -1;
  if (leaderChanged || isrChanged || elrChanged) {
    // What records are lost or back by it has it as its cause.
    const causeBefore = context.cause;
    if (seq !== -1) context.cause = seq;
    context.records.leadership(key, after.leader, (after.isr.length > 0 ? after.isr : after.elr).slice());
    context.cause = causeBefore;
  }
  return seq;
}

function traceChange(
  quorum: ControllerQuorum,
  key: string,
  before: PartitionRegistration,
  after: PartitionRegistration,
  leaderChanged: boolean,
  isrChanged: boolean,
  why: WriteReason,
  context: Context,
): number {
  const node = String(quorum.activeController);
  let seq = -1;
  if (leaderChanged) {
    const kind = kindOfElection(before, after, why);
    seq = context.trace("leader-elected", node, {
      topicPartition: key,
      leader: after.leader,
      previousLeader: before.leader,
      leaderEpoch: after.leaderEpoch,
      isr: after.isr.slice(),
      elr: after.elr.slice(),
      kind,
      config: kind === "unclean" ? "unclean.leader.election.enable" : why.config,
    });
  }
  if (isrChanged) {
    const fields = {
      topicPartition: key,
      isr: after.isr.slice(),
      previousIsr: before.isr,
      partitionEpoch: after.partitionEpoch,
      reason: why.reason,
    };
    const isrSeq = context.trace("isr-changed", node, fields);
    if (seq === -1) seq = isrSeq;
  }
  return seq;
}

function kindOfElection(before: PartitionRegistration, after: PartitionRegistration, why: WriteReason): string {
  if (after.leader === -1) return "offline";
  if (before.isr.includes(after.leader)) return why.kind === "unclean" ? "clean" : why.kind;
  if (before.elr.includes(after.leader) && before.isr.length === 0) return "elr";
  return before.lastKnownElr.includes(after.leader) && before.elr.length === 0 && before.isr.length === 0 ? "last-known-leader" : "unclean";
}

function leastFetchedOffset(quorum: ControllerQuorum): number {
  let least = quorum.log.endOffset;
  for (const [id, broker] of Object.entries(quorum.image.brokers)) {
    if (!broker.fenced) least = Math.min(least, quorum.fetchedOffsets[id] ?? 0);
  }
  return least;
}
