import type { IdRuns } from "../kafka/protocol/record-listener.ts";
import { createRunSet, type RunSet } from "./run-set.ts";
import type { Times } from "./times.ts";

/**
 * The fate of every record on three axes: what the producer was told, what the log holds, what each group did.
 *
 * The log of a partition is the log of its reference replica: the leader, or while there is none the last one. It is one list of entries
 * (`chunks`); the other replicas hold a beginning of it (`mainEnd`) and, where they diverge, a branch of their own. What retention deletes is folded into
 * counts, once no group still works on it; so memory follows what the logs hold, and the counts stay exact.
 * A record that has only one copy, in order, is handled by the entry; only others are looked at run by run (see fate.ts).
 * Left out: what becomes of records in aborted transactions; internal topics.
 */
export interface Ledger {
  producers: Record<string, ProducerLedger>;
  partitions: Record<string, PartitionLedger>;
}

export interface ProducerLedger {
  sent: number;
  /** send() calls by topic. */
  sentTo: Record<string, number>;
  pending: RunSet;
  failed: RunSet;
  acknowledgedCount: number;
  failedCount: number;
  /** Failed before a partition was chosen. */
  failedUnplaced: number;
  /** Of all partitions, as their lanes count them: what must never happen is asked for at every instant. */
  exceptions: ExceptionCounts;
  /** The newest failures, [first, end] with their error, for people who ask. */
  errors: { first: number; end: number; error: string }[];
}

export interface ExceptionCounts {
  unconfirmed: number;
  lost: number;
  duplicated: number;
  reordered: number;
  failedYetReadable: number;
}

export interface PartitionLedger {
  topicPartition: string;
  /** The replica whose log is the partition's log; -1 before the first append or election. */
  reference: number;
  leader: number;
  clean: number[];
  leadershipKnown: boolean;
  highWatermark: number;
  logStart: number;
  /** The log, in order of offset. */
  chunks: Entry[][];
  /** How many entries of the first chunk are folded. */
  head: number;
  replicas: Record<string, ReplicaLedger>;
  lanes: Record<string, Lane>;
  groups: Record<string, GroupPartition>;
}

/** A batch as the log holds it. */
export interface Entry {
  base: number;
  count: number;
  producer: string;
  /** Ascending. */
  ids: IdRuns;
  minId: number;
  /** Exclusive. */
  endId: number;
  /** One more than the highest id of this producer at lower offsets of the log. */
  endBefore: number;
  /** Its records may have other copies or be out of order: they are counted run by run. */
  irregular: boolean;
}

export interface ReplicaLedger {
  broker: number;
  /** Its log start. */
  start: number;
  /** It holds the partition's log up to here, then its branch. */
  mainEnd: number;
  branch: Entry[];
}

/** What one producer wrote to one partition: the place where order is promised. */
export interface Lane {
  producer: string;
  accepted: number;
  acknowledged: number;
  failed: number;
  counts: LaneCounts;
  groups: Record<string, LaneGroup>;
  /** Entries of the log by id, [minId, endId, base, ...]: those beyond all ids before them (so ascending), and the others. Both ascend by base. */
  regular: number[][];
  /** How many numbers of the first chunk of `regular` are folded. */
  head: number;
  late: number[];
  /** One more than the highest id of the log (what was folded included); of any replica ever. */
  endInLog: number;
  endEver: number;
  /** Acknowledged without an offset (acks=0) and not in any log so far; lost when the leader changes or a younger record overtakes. */
  unconfirmed: RunSet;
  /** Acknowledged, in no log at all, and not because of retention. */
  vanished: RunSet;
  /** Deleted by retention though never acknowledged. */
  goneUnacknowledged: RunSet;
  /** A copy was deleted by retention and others are left; those of which two or more were; those whose first copy stood behind a younger record. */
  goneCopies: RunSet;
  goneTwice: RunSet;
  goneReordered: RunSet;
  /** The newest runs of what people ask for; the counts are exact, these lists forget the oldest. */
  lists: { lost: RunSet; duplicated: RunSet; reordered: RunSet; failedYetReadable: RunSet };
}

export interface LaneCounts extends ExceptionCounts {
  /** In the log, above the high watermark. */
  notReadable: number;
  readable: number;
  /** Deleted by retention or DeleteRecords. */
  gone: number;
}

export interface GroupPartition {
  /** Where the newest poll() that returned records began. */
  position: number;
  /** Returned by the newest poll() and not yet processed. */
  outstandingFrom: number;
  outstandingTo: number;
  /** -1: none. */
  committed: number;
  member: string;
  processed: Times;
}

export interface LaneGroup {
  once: number;
  moreThanOnce: number;
  skipped: number;
  notYet: number;
  /** Ids processed at offsets that no longer are theirs. */
  elsewhere: Times;
}

export function createLedger(): Ledger {
  return { producers: {}, partitions: {} };
}

export function producerLedgerOf(ledger: Ledger, producer: string): ProducerLedger {
  const existing = ledger.producers[producer];
  if (existing !== undefined) return existing;
  ledger.producers[producer] = {
    sent: 0,
    sentTo: {},
    pending: createRunSet(),
    failed: createRunSet(),
    acknowledgedCount: 0,
    failedCount: 0,
    failedUnplaced: 0,
    exceptions: { unconfirmed: 0, lost: 0, duplicated: 0, reordered: 0, failedYetReadable: 0 },
    errors: [],
  };
  return ledger.producers[producer]!;
}

export function partitionLedgerOf(ledger: Ledger, topicPartition: string): PartitionLedger {
  const existing = ledger.partitions[topicPartition];
  if (existing !== undefined) return existing;
  ledger.partitions[topicPartition] = {
    topicPartition,
    reference: -1,
    leader: -1,
    clean: [],
    leadershipKnown: false,
    highWatermark: 0,
    logStart: 0,
    chunks: [],
    head: 0,
    replicas: {},
    lanes: {},
    groups: {},
  };
  return ledger.partitions[topicPartition]!;
}

export function replicaOf(partition: PartitionLedger, broker: number): ReplicaLedger {
  const existing = partition.replicas[broker];
  if (existing !== undefined) return existing;
  partition.replicas[broker] = { broker, start: 0, mainEnd: 0, branch: [] };
  return partition.replicas[broker]!;
}

export function laneOf(partition: PartitionLedger, producer: string): Lane {
  const existing = partition.lanes[producer];
  if (existing !== undefined) return existing;
  const groups: Record<string, LaneGroup> = {};
  for (const group of Object.keys(partition.groups)) groups[group] = createLaneGroup();
  partition.lanes[producer] = {
    producer,
    accepted: 0,
    acknowledged: 0,
    failed: 0,
    counts: { notReadable: 0, readable: 0, gone: 0, unconfirmed: 0, lost: 0, duplicated: 0, reordered: 0, failedYetReadable: 0 },
    groups,
    regular: [],
    head: 0,
    late: [],
    endInLog: 0,
    endEver: 0,
    unconfirmed: createRunSet(),
    vanished: createRunSet(),
    goneUnacknowledged: createRunSet(),
    goneCopies: createRunSet(),
    goneTwice: createRunSet(),
    goneReordered: createRunSet(),
    lists: { lost: createRunSet(), duplicated: createRunSet(), reordered: createRunSet(), failedYetReadable: createRunSet() },
  };
  return partition.lanes[producer]!;
}

export function createLaneGroup(): LaneGroup {
  return { once: 0, moreThanOnce: 0, skipped: 0, notYet: 0, elsewhere: [] };
}

export function createEntry(base: number, producer: string, ids: IdRuns): Entry {
  const last = ids.length - 2;
  return { base, count: countOf(ids), producer, ids, minId: ids[0]!, endId: ids[last]! + ids[last + 1]!, endBefore: 0, irregular: false };
}

export function countOf(ids: IdRuns): number {
  let count = 0;
  for (let i = 1; i < ids.length; i += 2) count += ids[i]!;
  return count;
}
