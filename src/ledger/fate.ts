import type { Entry, Lane, PartitionLedger, ProducerLedger } from "./ledger-state.ts";
import { entryAt } from "./log-chain.ts";
import { hasId, lookup, type RunSet } from "./run-set.ts";
import { timesAt } from "./times.ts";

/**
 * What is true of one record now, and up to which id the same is true of all: so that runs are judged, not records.
 * The result is one scratch object, used again by the next call.
 */
export const Told = { Pending: 0, Acknowledged: 1, Failed: 2 } as const;
export const LogState = { Absent: 0, NotReadable: 1, Readable: 2, Gone: 3 } as const;
export const GroupState = { None: 0, NotYet: 1, Once: 2, MoreThanOnce: 3, Skipped: 4 } as const;
export const Flag = { Lost: 1, Duplicated: 2, Reordered: 4, FailedYetReadable: 8 } as const;

export const fate = {
  told: 0 as number,
  log: 0 as number,
  flags: 0,
  unconfirmed: false,
  /** Copies in the log, deleted but not yet folded ones included; copies in branches. */
  copies: 0,
  branchCopies: 0,
  /** The lowest offset of a copy, or -1. */
  offset: -1,
  groups: [] as number[],
  /** Exclusive: all this holds for the ids up to here. */
  end: 0,
};

const offsets: number[] = [];
const ends: number[] = [];
let limit = 0;

export function judge(
  partition: PartitionLedger,
  producer: ProducerLedger,
  lane: Lane,
  id: number,
  end: number,
  groupNames: readonly string[],
): void {
  limit = end;
  fate.told = member(producer.pending, id) ? Told.Pending : member(producer.failed, id) ? Told.Failed : Told.Acknowledged;
  findCopies(partition, lane, id);
  const cleanBranch = findBranches(partition, lane, id);
  let live = 0;
  let readable = 0;
  let clean = cleanBranch;
  const cleanEnd = cleanEndOf(partition);
  for (const offset of offsets) {
    if (below(offset, partition.logStart, id)) continue;
    live += 1;
    if (below(offset, partition.highWatermark, id)) readable += 1;
    if (below(offset, cleanEnd, id)) clean = true;
  }
  const ghosts = offsets.length - live;
  const goneCopy = member(lane.goneCopies, id);
  const goneUnacknowledged = member(lane.goneUnacknowledged, id);
  const vanished = member(lane.vanished, id);
  fate.unconfirmed = member(lane.unconfirmed, id);
  const nowhere = offsets.length === 0 && fate.branchCopies === 0;
  const folded = goneCopy || goneUnacknowledged || (nowhere && fate.told === Told.Acknowledged && !vanished && !fate.unconfirmed);
  const gone = ghosts > 0 || folded;
  fate.copies = offsets.length;
  fate.log = readable > 0 ? LogState.Readable : live > 0 ? LogState.NotReadable : gone ? LogState.Gone : LogState.Absent;
  let flags = 0;
  if (fate.told === Told.Acknowledged && !clean && !gone && !fate.unconfirmed) flags |= Flag.Lost;
  if (offsets.length + (goneCopy ? 1 : 0) > 1 || member(lane.goneTwice, id)) flags |= Flag.Duplicated;
  if (isReordered(lane, id, goneCopy)) flags |= Flag.Reordered;
  if (fate.told === Told.Failed && (readable > 0 || ghosts > 0 || goneCopy || goneUnacknowledged)) flags |= Flag.FailedYetReadable;
  fate.flags = flags;
  fate.groups.length = 0;
  for (const name of groupNames) fate.groups.push(judgeGroup(partition, lane, name, id, goneCopy));
  fate.end = limit;
}

function judgeGroup(partition: PartitionLedger, lane: Lane, name: string, id: number, goneCopy: boolean): number {
  const group = partition.groups[name]!;
  const elsewhere = lane.groups[name]!.elsewhere;
  let times = 0;
  if (elsewhere.length > 0) {
    times = timesAt(elsewhere, id);
    limit = Math.min(limit, lookup.boundary);
  }
  let ahead = false;
  let passed = goneCopy;
  for (const offset of offsets) {
    times += timesAt(group.processed, offset);
    limit = Math.min(limit, id + lookup.boundary - offset);
    const isGone = below(offset, partition.logStart, id);
    if (!isGone && !below(offset, partition.highWatermark, id)) continue;
    const outstanding = !below(offset, group.outstandingFrom, id) && below(offset, group.outstandingTo, id);
    const unpassed = !below(offset, group.position, id);
    if (outstanding || (!isGone && unpassed)) ahead = true;
    else passed = true;
  }
  if (times > 1) return GroupState.MoreThanOnce;
  if (times === 1) return GroupState.Once;
  return ahead ? GroupState.NotYet : passed ? GroupState.Skipped : GroupState.None;
}

function isReordered(lane: Lane, id: number, goneCopy: boolean): boolean {
  if (goneCopy) return member(lane.goneReordered, id);
  if (offsets.length === 0) return false;
  let first = 0;
  for (let i = 1; i < offsets.length; i++) if (offsets[i]! < offsets[first]!) first = i;
  fate.offset = offsets[first]!;
  // The record itself is no younger one.
  return below(id, ends[first]! - 1, id);
}

/** Up to where some replica that may lead cleanly holds the log. */
export function cleanEndOf(partition: PartitionLedger): number {
  let end = 0;
  for (const broker of partition.clean) {
    const replica = partition.replicas[broker];
    if (replica !== undefined && replica.mainEnd > end) end = replica.mainEnd;
  }
  return end;
}

function findCopies(partition: PartitionLedger, lane: Lane, id: number): void {
  offsets.length = 0;
  ends.length = 0;
  fate.offset = -1;
  let low = 0;
  let high = lane.regular.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const chunk = lane.regular[middle]!;
    if (chunk[chunk.length - 2]! > id) high = middle;
    else low = middle + 1;
  }
  const chunk = lane.regular[low];
  if (chunk !== undefined) {
    let first = low === 0 ? lane.head / 3 : 0;
    let last = chunk.length / 3;
    while (first < last) {
      const middle = (first + last) >> 1;
      if (chunk[3 * middle + 1]! > id) last = middle;
      else first = middle + 1;
    }
    consider(partition, chunk[3 * first]!, chunk[3 * first + 2]!, id);
  }
  const { late } = lane;
  for (let i = 0; i < late.length; i += 3) if (late[i + 1]! > id) consider(partition, late[i]!, late[i + 2]!, id);
}

function consider(partition: PartitionLedger, minId: number, base: number, id: number): void {
  if (minId > id) {
    limit = Math.min(limit, minId);
    return;
  }
  const entry = entryAt(partition, base)!;
  const offset = offsetIn(entry, id);
  if (offset < 0) return;
  offsets.push(offset);
  ends.push(entry.endBefore);
}

function findBranches(partition: PartitionLedger, lane: Lane, id: number): boolean {
  let clean = false;
  fate.branchCopies = 0;
  for (const key of Object.keys(partition.replicas)) {
    const replica = partition.replicas[key]!;
    if (replica.branch.length === 0) continue;
    for (const entry of replica.branch) {
      if (entry.producer !== lane.producer || entry.endId <= id) continue;
      if (entry.minId > id) limit = Math.min(limit, entry.minId);
      else if (offsetIn(entry, id) >= 0) {
        fate.branchCopies += 1;
        if (partition.clean.includes(replica.broker)) clean = true;
      }
    }
  }
  return clean;
}

/** The offset of a record in an entry, or -1. */
function offsetIn(entry: Entry, id: number): number {
  let offset = entry.base;
  const { ids } = entry;
  for (let i = 0; i < ids.length; i += 2) {
    const first = ids[i]!;
    const count = ids[i + 1]!;
    if (id < first) {
      limit = Math.min(limit, first);
      return -1;
    }
    if (id < first + count) {
      limit = Math.min(limit, first + count);
      return offset + id - first;
    }
    offset += count;
  }
  return -1;
}

function member(set: RunSet, id: number): boolean {
  const inside = hasId(set, id);
  if (lookup.boundary < limit) limit = lookup.boundary;
  return inside;
}

/** Whether `offset` is under a bound; the answer may change as the offset rises with the id. */
function below(offset: number, bound: number, id: number): boolean {
  if (offset >= bound) return false;
  limit = Math.min(limit, id + bound - offset);
  return true;
}
