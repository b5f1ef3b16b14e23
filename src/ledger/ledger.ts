import type { IdRuns, RecordListener } from "../kafka/protocol/record-listener.ts";
import { cleanEndOf, fate, judge, LogState } from "./fate.ts";
import {
  countOf,
  type Lane,
  type Ledger,
  laneOf,
  type PartitionLedger,
  partitionLedgerOf,
  producerLedgerOf,
  replicaOf,
} from "./ledger-state.ts";
import { endOfEntry, entryAt, sameBatch } from "./log-chain.ts";
import { fold, groupPartitionOf, onHighWatermark, onLogStart, onProcessed, onReturned } from "./reading.ts";
import { type FateCallback, recount, type Touched, touch } from "./recount.ts";
import { onAppended, onLeadership, onLogLost, onTruncated } from "./replication.ts";
import { addRun, forgetBeyond, hasId, lookup, removeRun } from "./run-set.ts";

export { createLedger, type Ledger } from "./ledger-state.ts";

const KEPT_CHUNKS = 400;
const KEPT_ERRORS = 200;

/** The ledger as the rooms know it. `ledger` may be an immer draft; `onFate` is told of fates that change, for the trace. */
export function ledgerListener(ledger: Ledger, onFate: FateCallback | null = null): RecordListener {
  return {
    sent: (producer, topic, firstId, count) => onSent(ledger, producer, topic, firstId, count),
    accepted: (producer, topicPartition, ids) => {
      laneOf(partitionLedgerOf(ledger, topicPartition), producer).accepted += countOf(ids);
    },
    appended: (broker, topicPartition, producer, baseOffset, ids) => {
      if (producer === "" || ids.length === 0) return;
      onAppended(ledger, broker, partitionLedgerOf(ledger, topicPartition), producer, baseOffset, ids, onFate);
    },
    truncated: (broker, topicPartition, offset) =>
      ifKnown(ledger, topicPartition, (partition) => onTruncated(ledger, partition, broker, offset, onFate)),
    logLost: (broker, topicPartition) => ifKnown(ledger, topicPartition, (partition) => onLogLost(ledger, partition, broker, onFate)),
    deletedBefore: (broker, topicPartition, logStartOffset) =>
      ifKnown(ledger, topicPartition, (partition) => onDeletedBefore(ledger, partition, broker, logStartOffset)),
    highWatermark: (broker, topicPartition, offset) =>
      ifKnown(ledger, topicPartition, (partition) => {
        if (broker === partition.reference) onHighWatermark(ledger, partition, offset, onFate);
      }),
    leadership: (topicPartition, leader, cleanCandidates) => {
      if (!isInternal(topicPartition)) onLeadership(ledger, partitionLedgerOf(ledger, topicPartition), leader, cleanCandidates, onFate);
    },
    acknowledged: (producer, topicPartition, ids, baseOffset) => onAcknowledged(ledger, producer, topicPartition, ids, baseOffset, onFate),
    failed: (producer, topicPartition, ids, error) => onFailed(ledger, producer, topicPartition, ids, error, onFate),
    returned: (group, member, topicPartition, from, to) =>
      onReturned(ledger, partitionLedgerOf(ledger, topicPartition), group, member, from, to),
    processed: (group, _member, topicPartition, from, to) =>
      onProcessed(ledger, partitionLedgerOf(ledger, topicPartition), group, from, to),
    committed: (group, topicPartition, offset) => {
      if (isInternal(topicPartition)) return;
      groupPartitionOf(ledger, partitionLedgerOf(ledger, topicPartition), group).committed = offset;
    },
  };
}

function isInternal(topicPartition: string): boolean {
  return topicPartition.startsWith("__");
}

function ifKnown(ledger: Ledger, topicPartition: string, act: (partition: PartitionLedger) => void): void {
  const partition = ledger.partitions[topicPartition];
  if (partition !== undefined) act(partition);
}

function onSent(ledger: Ledger, name: string, topic: string, firstId: number, count: number): void {
  const producer = producerLedgerOf(ledger, name);
  producer.sent += count;
  producer.sentTo[topic] = (producer.sentTo[topic] ?? 0) + count;
  addRun(producer.pending, firstId, firstId + count);
}

function onDeletedBefore(ledger: Ledger, partition: PartitionLedger, broker: number, logStart: number): void {
  const replica = replicaOf(partition, broker);
  if (logStart > replica.start) replica.start = logStart;
  if (broker === partition.reference) onLogStart(ledger, partition, logStart);
}

function onAcknowledged(
  ledger: Ledger,
  name: string,
  topicPartition: string,
  ids: IdRuns,
  base: number,
  onFate: FateCallback | null,
): void {
  const partition = partitionLedgerOf(ledger, topicPartition);
  const lane = laneOf(partition, name);
  const producer = producerLedgerOf(ledger, name);
  if (base >= partition.logStart) {
    const entry = entryAt(partition, base);
    if (entry !== undefined && !entry.irregular && sameBatch(entry, base, name, ids) && endOfEntry(entry) <= cleanEndOf(partition)) {
      // In the log, in order, one copy, on a replica that may lead: nothing but the producer's knowledge changes.
      const told = takePending(ledger, name, ids);
      producer.acknowledgedCount += told;
      lane.acknowledged += told;
      return;
    }
  }
  const runs = pendingPart(ledger, name, ids);
  const records = countOf(runs);
  if (records === 0) return;
  producer.acknowledgedCount += records;
  lane.acknowledged += records;
  const touched: Touched = new Map();
  touch(touched, name, runs);
  recount(ledger, partition, touched, "acks", onFate, () => {
    placeAcknowledged(ledger, partition, lane, runs, base);
    takePending(ledger, name, runs);
  });
  fold(ledger, partition);
}

/** Records that are in no log when the acknowledgement comes. */
function placeAcknowledged(ledger: Ledger, partition: PartitionLedger, lane: Lane, runs: IdRuns, base: number): void {
  const producer = producerLedgerOf(ledger, lane.producer);
  for (let i = 0; i < runs.length; i += 2) {
    const end = runs[i]! + runs[i + 1]!;
    for (let id = runs[i]!; id < end; id = fate.end) {
      judge(partition, producer, lane, id, end, []);
      if (fate.copies + fate.branchCopies > 0) continue;
      if (fate.log === LogState.Gone) removeRun(lane.goneUnacknowledged, id, fate.end);
      else addRun(base < 0 ? lane.unconfirmed : lane.vanished, id, fate.end);
    }
  }
  forgetBeyond(lane.vanished, KEPT_CHUNKS);
}

function onFailed(
  ledger: Ledger,
  name: string,
  topicPartition: string | null,
  ids: IdRuns,
  error: string,
  onFate: FateCallback | null,
): void {
  const producer = producerLedgerOf(ledger, name);
  const runs = pendingPart(ledger, name, ids);
  const records = countOf(runs);
  if (records === 0) return;
  producer.failedCount += records;
  for (let i = 0; i < runs.length; i += 2) rememberError(ledger, name, runs[i]!, runs[i]! + runs[i + 1]!, error);
  const change = (): void => {
    takePending(ledger, name, runs);
    for (let i = 0; i < runs.length; i += 2) addRun(producer.failed, runs[i]!, runs[i]! + runs[i + 1]!);
    forgetBeyond(producer.failed, KEPT_CHUNKS);
  };
  if (topicPartition === null) {
    producer.failedUnplaced += records;
    change();
    return;
  }
  const partition = partitionLedgerOf(ledger, topicPartition);
  laneOf(partition, name).failed += records;
  const touched: Touched = new Map();
  touch(touched, name, runs);
  recount(ledger, partition, touched, "", onFate, change);
}

function rememberError(ledger: Ledger, name: string, first: number, end: number, error: string): void {
  const { errors } = producerLedgerOf(ledger, name);
  const last = errors.at(-1);
  if (last !== undefined && last.end === first && last.error === error) last.end = end;
  else errors.push({ first, end, error });
  if (errors.length > KEPT_ERRORS) errors.shift();
}

function takePending(ledger: Ledger, name: string, ids: IdRuns): number {
  const { pending } = producerLedgerOf(ledger, name);
  let taken = 0;
  for (let i = 0; i < ids.length; i += 2) taken += removeRun(pending, ids[i]!, ids[i]! + ids[i + 1]!);
  return taken;
}

/** A producer is told of a record once; what comes later is not about it. */
function pendingPart(ledger: Ledger, name: string, ids: IdRuns): IdRuns {
  const { pending } = producerLedgerOf(ledger, name);
  const part: IdRuns = [];
  for (let i = 0; i < ids.length; i += 2) {
    const end = ids[i]! + ids[i + 1]!;
    for (let id = ids[i]!; id < end; ) {
      const inside = hasId(pending, id);
      const stop = Math.min(end, lookup.boundary);
      if (inside) part.push(id, stop - id);
      id = stop;
    }
  }
  return part;
}
