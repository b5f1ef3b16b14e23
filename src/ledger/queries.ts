import { topicOf } from "../kafka/protocol/topic-partition.ts";
import { fate, GroupState, judge, LogState, Told } from "./fate.ts";
import type { ExceptionCounts, Lane, Ledger, PartitionLedger, ProducerLedger } from "./ledger-state.ts";
import { forEachRun, hasId, type RunSet } from "./run-set.ts";

/** What people ask of the ledger. All counts are of records and exact; lists of runs are capped. */
export interface Totals {
  /** send() calls; in a total of one partition: records that the accumulator took for it. */
  sent: number;
  pending: number;
  acknowledged: number;
  failed: number;
  /** In the log, above the high watermark. */
  notReadable: number;
  readable: number;
  /** Deleted by retention or DeleteRecords. */
  gone: number;
  /** Acknowledged without an offset (acks=0), in no log yet. */
  unconfirmed: number;
  lost: number;
  duplicated: number;
  reordered: number;
  failedYetReadable: number;
  groups: Record<string, GroupTotals>;
}

export interface GroupTotals {
  once: number;
  moreThanOnce: number;
  /** Readable or deleted, and the group has gone past them without processing. */
  skipped: number;
  notYet: number;
}

export interface TotalsFilter {
  producer?: string;
  topic?: string;
  topicPartition?: string;
}

/** Of everything, of one producer, of one topic or partition, or of what one producer wrote to one partition. */
export function totalsOf(ledger: Ledger, filter: TotalsFilter = {}): Totals {
  const totals: Totals = {
    sent: 0,
    pending: 0,
    acknowledged: 0,
    failed: 0,
    notReadable: 0,
    readable: 0,
    gone: 0,
    unconfirmed: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    failedYetReadable: 0,
    groups: {},
  };
  forEachPartition(ledger, filter, (partition) => {
    for (const name of Object.keys(partition.groups)) totals.groups[name] ??= { once: 0, moreThanOnce: 0, skipped: 0, notYet: 0 };
  });
  forEachLane(ledger, filter, (_partition, lane) => addLane(totals, lane));
  if (filter.topicPartition === undefined && filter.topic === undefined) addProducers(totals, ledger, filter.producer);
  totals.pending = totals.sent - totals.acknowledged - totals.failed;
  return totals;
}

export type ProducerCount = "sent" | "pending" | "acknowledged" | "failed" | keyof ExceptionCounts;

/** One of the totals of one producer, or of all: without a walk over partitions. */
export function producerCount(ledger: Ledger, count: ProducerCount, only: string | null): number {
  let sum = 0;
  for (const name of Object.keys(ledger.producers)) {
    if (only === null || name === only) sum += countOfProducer(ledger.producers[name]!, count);
  }
  return sum;
}

function countOfProducer(producer: ProducerLedger, count: ProducerCount): number {
  switch (count) {
    case "sent":
      return producer.sent;
    case "pending":
      return producer.sent - producer.acknowledgedCount - producer.failedCount;
    case "acknowledged":
      return producer.acknowledgedCount;
    case "failed":
      return producer.failedCount;
    default:
      return producer.exceptions[count];
  }
}

function addLane(totals: Totals, lane: Lane): void {
  const { counts } = lane;
  totals.sent += lane.accepted;
  totals.acknowledged += lane.acknowledged;
  totals.failed += lane.failed;
  totals.notReadable += counts.notReadable;
  totals.readable += counts.readable;
  totals.gone += counts.gone;
  totals.unconfirmed += counts.unconfirmed;
  totals.lost += counts.lost;
  totals.duplicated += counts.duplicated;
  totals.reordered += counts.reordered;
  totals.failedYetReadable += counts.failedYetReadable;
  for (const name of Object.keys(lane.groups)) {
    const group = lane.groups[name]!;
    const sum = totals.groups[name]!;
    sum.once += group.once;
    sum.moreThanOnce += group.moreThanOnce;
    sum.skipped += group.skipped;
    sum.notYet += group.notYet;
  }
}

/** Whole producers count from send(), not from the accumulator, and with what failed before it. */
function addProducers(totals: Totals, ledger: Ledger, only: string | undefined): void {
  totals.sent = 0;
  for (const name of Object.keys(ledger.producers)) {
    if (only !== undefined && name !== only) continue;
    const producer = ledger.producers[name]!;
    totals.sent += producer.sent;
    totals.failed += producer.failedUnplaced;
  }
}

function forEachPartition(ledger: Ledger, filter: TotalsFilter, visit: (partition: PartitionLedger) => void): void {
  for (const topicPartition of Object.keys(ledger.partitions)) {
    if (filter.topicPartition !== undefined && filter.topicPartition !== topicPartition) continue;
    if (filter.topic !== undefined && filter.topic !== topicOf(topicPartition)) continue;
    visit(ledger.partitions[topicPartition]!);
  }
}

function forEachLane(ledger: Ledger, filter: TotalsFilter, visit: (partition: PartitionLedger, lane: Lane) => void): void {
  forEachPartition(ledger, filter, (partition) => {
    for (const producer of Object.keys(partition.lanes)) {
      if (filter.producer === undefined || filter.producer === producer) visit(partition, partition.lanes[producer]!);
    }
  });
}

export type FateList = "lost" | "duplicated" | "reordered" | "failedYetReadable";

export interface FateRun {
  topicPartition: string;
  producer: string;
  firstId: number;
  count: number;
}

/** The newest runs of records with a fate, at most `cap` of each producer and partition; `total` is exact. */
export function runsOf(ledger: Ledger, list: FateList, cap: number, filter: TotalsFilter = {}): { total: number; runs: FateRun[] } {
  const runs: FateRun[] = [];
  let total = 0;
  forEachLane(ledger, filter, (partition, lane) => {
    total += lane.counts[list];
    const found: FateRun[] = [];
    forEachRun(lane.lists[list], (first, end) =>
      found.push({ topicPartition: partition.topicPartition, producer: lane.producer, firstId: first, count: end - first }),
    );
    for (const run of found.slice(-cap)) runs.push(run);
  });
  return { total, runs };
}

export interface RecordFate {
  producer: string;
  id: number;
  told: "not sent" | "pending" | "acknowledged" | "failed";
  /** Why it failed, as far back as errors are kept. */
  error: string | null;
  log: "absent" | "not readable" | "readable" | "gone";
  /** null while it is in no log, and when it is gone. */
  topicPartition: string | null;
  /** Of its first copy; -1: none. */
  offset: number;
  copies: number;
  /** Acknowledged without an offset, and in no log yet. */
  unconfirmed: boolean;
  lost: boolean;
  duplicated: boolean;
  reordered: boolean;
  failedYetReadable: boolean;
  groups: Record<string, "not yet" | "once" | "more than once" | "skipped">;
}

export function recordFate(ledger: Ledger, producerName: string, id: number): RecordFate {
  const result: RecordFate = {
    producer: producerName,
    id,
    told: "not sent",
    error: null,
    log: "absent",
    topicPartition: null,
    offset: -1,
    copies: 0,
    unconfirmed: false,
    lost: false,
    duplicated: false,
    reordered: false,
    failedYetReadable: false,
    groups: {},
  };
  const producer = ledger.producers[producerName];
  if (producer === undefined || id < 0 || id >= producer.sent) return result;
  result.told = hasId(producer.pending, id) ? "pending" : hasId(producer.failed, id) ? "failed" : "acknowledged";
  if (result.told === "failed") result.error = producer.errors.findLast((run) => id >= run.first && id < run.end)?.error ?? null;
  const found = findLane(ledger, producerName, producer, id);
  if (found === null) {
    if (result.told === "acknowledged") result.log = "gone";
    return result;
  }
  return describe(result, found.partition, producer, found.lane, id);
}

function findLane(ledger: Ledger, name: string, producer: ProducerLedger, id: number): { partition: PartitionLedger; lane: Lane } | null {
  for (const topicPartition of Object.keys(ledger.partitions)) {
    const partition = ledger.partitions[topicPartition]!;
    const lane = partition.lanes[name];
    if (lane === undefined) continue;
    judge(partition, producer, lane, id, id + 1, []);
    const sets: RunSet[] = [lane.unconfirmed, lane.vanished, lane.goneUnacknowledged, lane.goneCopies];
    if (fate.copies + fate.branchCopies > 0 || sets.some((set) => hasId(set, id))) return { partition, lane };
  }
  return null;
}

const groupWords = {
  [GroupState.NotYet]: "not yet",
  [GroupState.Once]: "once",
  [GroupState.MoreThanOnce]: "more than once",
  [GroupState.Skipped]: "skipped",
} as const;

function describe(result: RecordFate, partition: PartitionLedger, producer: ProducerLedger, lane: Lane, id: number): RecordFate {
  const names = Object.keys(partition.groups);
  judge(partition, producer, lane, id, id + 1, names);
  result.log =
    fate.log === LogState.Readable
      ? "readable"
      : fate.log === LogState.NotReadable
        ? "not readable"
        : fate.log === LogState.Gone
          ? "gone"
          : "absent";
  result.topicPartition = partition.topicPartition;
  result.offset = fate.offset;
  result.copies = fate.copies;
  result.unconfirmed = fate.told === Told.Acknowledged && fate.unconfirmed;
  result.lost = (fate.flags & 1) !== 0;
  result.duplicated = (fate.flags & 2) !== 0;
  result.reordered = (fate.flags & 4) !== 0;
  result.failedYetReadable = (fate.flags & 8) !== 0;
  names.forEach((name, index) => {
    const word = groupWords[fate.groups[index] as keyof typeof groupWords];
    if (word !== undefined) result.groups[name] = word;
  });
  return result;
}
