import { Flag, fate, judge, Told } from "./fate.ts";
import {
  createLaneGroup,
  type Entry,
  type GroupPartition,
  type Ledger,
  laneOf,
  type PartitionLedger,
  producerLedgerOf,
} from "./ledger-state.ts";
import { carryTimes, endOfEntry, forEachEntry, oldestEntry, shiftEntry } from "./log-chain.ts";
import { type FateCallback, recount, type Touched, touch } from "./recount.ts";
import { addRun, forgetBeyond, hasId, overlaps, removeRun } from "./run-set.ts";
import { addTimes, clearTimes, covers } from "./times.ts";

/** What becomes readable, what groups do with it, and what retention takes away. */

/** Deleted batches that wait for a group to process what it holds of them; a group that died must not keep them for ever. */
const MAX_GHOSTS = 4096;

export function onHighWatermark(ledger: Ledger, partition: PartitionLedger, offset: number, onFate: FateCallback | null): void {
  const old = partition.highWatermark;
  if (offset === old) return;
  const touched: Touched = new Map();
  forEachEntry(partition, Math.min(old, offset), Math.max(old, offset), (entry) => {
    if (offset < old || !becomesReadable(ledger, partition, entry, old, offset)) touch(touched, entry.producer, entry.ids);
  });
  if (touched.size === 0) partition.highWatermark = offset;
  else
    recount(ledger, partition, touched, "", onFate, () => {
      partition.highWatermark = offset;
    });
}

/** The usual case: a batch in order, of which no group has seen anything. False: count it run by run. */
function becomesReadable(ledger: Ledger, partition: PartitionLedger, entry: Entry, from: number, to: number): boolean {
  if (
    entry.irregular ||
    entry.base < partition.logStart ||
    overlaps(producerLedgerOf(ledger, entry.producer).failed, entry.minId, entry.endId)
  )
    return false;
  const first = Math.max(entry.base, from);
  const records = Math.min(endOfEntry(entry), to) - first;
  const lane = laneOf(partition, entry.producer);
  for (const name of Object.keys(partition.groups)) {
    const group = partition.groups[name]!;
    if (group.position > first || group.outstandingTo > first || (group.processed.at(-2) ?? 0) > first) return false;
  }
  for (const name of Object.keys(partition.groups)) lane.groups[name]!.notYet += records;
  lane.counts.notReadable -= records;
  lane.counts.readable += records;
  return true;
}

export function groupPartitionOf(ledger: Ledger, partition: PartitionLedger, name: string): GroupPartition {
  const existing = partition.groups[name];
  if (existing !== undefined) return existing;
  const touched: Touched = new Map();
  forEachEntry(partition, 0, Number.POSITIVE_INFINITY, (entry) => touch(touched, entry.producer, entry.ids));
  recount(ledger, partition, touched, "", null, () => {
    partition.groups[name] = { position: 0, outstandingFrom: 0, outstandingTo: 0, committed: -1, member: "", processed: [] };
    for (const producer of Object.keys(partition.lanes)) partition.lanes[producer]!.groups[name] = createLaneGroup();
  });
  return partition.groups[name]!;
}

export function onReturned(ledger: Ledger, partition: PartitionLedger, name: string, member: string, from: number, to: number): void {
  const group = groupPartitionOf(ledger, partition, name);
  const low = Math.min(group.position, from);
  const high = Math.max(group.position, from);
  const touched: Touched = new Map();
  if (from < group.position || !covers(group.processed, low, high))
    forEachEntry(partition, low, high, (entry) => touch(touched, entry.producer, entry.ids));
  // Deleted records that are held by a member wait for it; once it has gone on they are settled.
  const held = Math.min(partition.logStart, Math.max(group.outstandingTo, to));
  const start = group.outstandingTo > group.outstandingFrom ? Math.min(group.outstandingFrom, from) : from;
  if (start < held) forEachEntry(partition, start, held, (entry) => touch(touched, entry.producer, entry.ids));
  const change = (): void => {
    group.position = from;
    group.outstandingFrom = from;
    group.outstandingTo = to;
    group.member = member;
  };
  if (touched.size === 0) change();
  else recount(ledger, partition, touched, "", null, change);
  fold(ledger, partition);
}

export function onProcessed(ledger: Ledger, partition: PartitionLedger, name: string, from: number, to: number): void {
  const group = groupPartitionOf(ledger, partition, name);
  const touched: Touched = new Map();
  const regular: Entry[] = [];
  forEachEntry(partition, from, to, (entry) => {
    if (entry.irregular || entry.base < partition.logStart || endOfEntry(entry) > partition.highWatermark)
      touch(touched, entry.producer, entry.ids);
    else regular.push(entry);
  });
  const change = (): void => {
    let index = 0;
    addTimes(group.processed, from, to, 1, (first, end, before) => {
      while (index < regular.length) {
        const entry = regular[index]!;
        countProcessed(partition, name, group.position, entry, Math.max(first, entry.base), Math.min(end, endOfEntry(entry)), before);
        if (endOfEntry(entry) > end) break;
        index += 1;
      }
    });
    if (from <= group.outstandingFrom && to > group.outstandingFrom) group.outstandingFrom = Math.min(to, group.outstandingTo);
  };
  if (touched.size === 0) change();
  else recount(ledger, partition, touched, "", null, change);
  fold(ledger, partition);
}

function countProcessed(
  partition: PartitionLedger,
  name: string,
  position: number,
  entry: Entry,
  from: number,
  to: number,
  before: number,
): void {
  if (to <= from) return;
  const counts = laneOf(partition, entry.producer).groups[name]!;
  const records = to - from;
  if (before === 0) {
    const passed = Math.min(Math.max(position - from, 0), records);
    counts.skipped -= passed;
    counts.notYet -= records - passed;
    counts.once += records;
  } else if (before === 1) {
    counts.once -= records;
    counts.moreThanOnce += records;
  }
}

export function onLogStart(ledger: Ledger, partition: PartitionLedger, offset: number): void {
  const old = partition.logStart;
  if (offset <= old) return;
  const touched: Touched = new Map();
  forEachEntry(partition, old, offset, (entry) => {
    if (!goesUnnoticed(partition, entry, old, offset)) touch(touched, entry.producer, entry.ids);
  });
  if (touched.size === 0) partition.logStart = offset;
  else
    recount(ledger, partition, touched, "", null, () => {
      partition.logStart = offset;
    });
  fold(ledger, partition);
}

/** The usual case: a batch in order that every group has processed. False: count it run by run. */
function goesUnnoticed(partition: PartitionLedger, entry: Entry, old: number, offset: number): boolean {
  const from = Math.max(entry.base, old);
  const to = Math.min(endOfEntry(entry), offset);
  if (entry.irregular || endOfEntry(entry) > partition.highWatermark) return false;
  for (const name of Object.keys(partition.groups)) if (!covers(partition.groups[name]!.processed, from, to)) return false;
  const { counts } = laneOf(partition, entry.producer);
  counts.readable -= to - from;
  counts.gone += to - from;
  return true;
}

/** Forgets the batches that are deleted and that no group still works on; their counts stay. */
export function fold(ledger: Ledger, partition: PartitionLedger): void {
  let entry = oldestEntry(partition);
  if (entry === undefined || endOfEntry(entry) > partition.logStart) return;
  let limit = partition.logStart;
  for (const name of Object.keys(partition.groups)) {
    const group = partition.groups[name]!;
    if (group.outstandingTo > group.outstandingFrom && group.outstandingFrom < limit) limit = group.outstandingFrom;
  }
  const crowded = partition.chunks.length * 128 > MAX_GHOSTS;
  while (entry !== undefined && (endOfEntry(entry) <= limit || (crowded && ghostsExceed(partition)))) {
    foldEntry(ledger, partition, entry);
    entry = oldestEntry(partition);
  }
  const start = entry === undefined ? limit : Math.min(limit, entry.base);
  for (const name of Object.keys(partition.groups)) {
    const { processed } = partition.groups[name]!;
    if (processed.length > 0 && processed[0]! < start) clearTimes(processed, 0, start);
  }
}

function ghostsExceed(partition: PartitionLedger): boolean {
  const chunk = partition.chunks[MAX_GHOSTS / 128];
  return chunk !== undefined && endOfEntry(chunk[0]!) <= partition.logStart;
}

function foldEntry(ledger: Ledger, partition: PartitionLedger, entry: Entry): void {
  const lane = laneOf(partition, entry.producer);
  const producer = producerLedgerOf(ledger, entry.producer);
  const { ids, minId, endId } = entry;
  if (!entry.irregular && !overlaps(producer.pending, minId, endId) && !overlaps(producer.failed, minId, endId)) {
    shiftEntry(partition);
    return;
  }
  // Records with another copy live on and are counted again; the others keep the counts that they have.
  const touched: Touched = new Map();
  const settled: number[] = [];
  const reordered: number[] = [];
  const twice: number[] = [];
  for (let i = 0; i < ids.length; i += 2) {
    const end = ids[i]! + ids[i + 1]!;
    for (let id = ids[i]!; id < end; id = fate.end) {
      judge(partition, producer, lane, id, end, []);
      if (fate.copies + fate.branchCopies > 1) {
        touch(touched, entry.producer, [id, fate.end - id]);
        if ((fate.flags & Flag.Reordered) !== 0) reordered.push(id, fate.end);
        if (hasId(lane.goneCopies, id)) twice.push(id, fate.end);
      } else settled.push(id, fate.end, fate.told);
    }
  }
  recount(ledger, partition, touched, "", null, () => {
    carryTimes(partition, entry);
    for (const runs of touched.values())
      for (const chunk of runs.chunks) for (let i = 0; i < chunk.length; i += 2) addRun(lane.goneCopies, chunk[i]!, chunk[i + 1]!);
    for (let i = 0; i < reordered.length; i += 2) addRun(lane.goneReordered, reordered[i]!, reordered[i + 1]!);
    for (let i = 0; i < twice.length; i += 2) addRun(lane.goneTwice, twice[i]!, twice[i + 1]!);
    shiftEntry(partition);
  });
  for (let i = 0; i < settled.length; i += 3) settle(partition, entry.producer, settled[i]!, settled[i + 1]!, settled[i + 2]!);
}

function settle(partition: PartitionLedger, producer: string, first: number, end: number, told: number): void {
  const lane = laneOf(partition, producer);
  removeRun(lane.goneCopies, first, end);
  removeRun(lane.goneTwice, first, end);
  removeRun(lane.goneReordered, first, end);
  for (const name of Object.keys(lane.groups)) clearTimes(lane.groups[name]!.elsewhere, first, end);
  if (told !== Told.Acknowledged) addRun(lane.goneUnacknowledged, first, end);
  forgetBeyond(lane.goneUnacknowledged, 400);
}
