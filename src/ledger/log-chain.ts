import type { IdRuns } from "../kafka/protocol/record-listener.ts";
import { countOf, createEntry, type Entry, laneOf, type PartitionLedger } from "./ledger-state.ts";
import { lookup } from "./run-set.ts";
import { addTimes, clearTimes, timesAt } from "./times.ts";

/** The partition's log as one list of entries in chunks, and each producer's index of it. */

const ENTRIES_PER_CHUNK = 128;
const TRIPLES_PER_CHUNK = 128;

export function endOfEntry(entry: Entry): number {
  return entry.base + entry.count;
}

/** Appends; what it says of order is decided here, by what stands before it. */
export function pushEntry(partition: PartitionLedger, entry: Entry): void {
  const lane = laneOf(partition, entry.producer);
  entry.endBefore = lane.endInLog;
  // What groups did at these offsets, before these records stood there, is not about them.
  for (const name of Object.keys(partition.groups)) {
    const { processed } = partition.groups[name]!;
    if (processed.length > 0 && processed[processed.length - 2]! > entry.base) clearTimes(processed, entry.base, Number.POSITIVE_INFINITY);
  }
  const last = partition.chunks.at(-1);
  if (last === undefined || last.length >= ENTRIES_PER_CHUNK) partition.chunks.push([entry]);
  else last.push(entry);
  if (entry.minId >= lane.endInLog) {
    const triples = lane.regular.at(-1);
    if (triples === undefined || triples.length >= 3 * TRIPLES_PER_CHUNK) lane.regular.push([entry.minId, entry.endId, entry.base]);
    else triples.push(entry.minId, entry.endId, entry.base);
  } else {
    entry.irregular = true;
    lane.late.push(entry.minId, entry.endId, entry.base);
  }
  lane.endInLog = Math.max(lane.endInLog, entry.endId);
  lane.endEver = Math.max(lane.endEver, entry.endId);
}

/** Cuts the log's end off and returns it as fresh entries, in order. */
export function cutLog(partition: PartitionLedger, offset: number): Entry[] {
  const cut: Entry[] = [];
  for (;;) {
    const chunk = partition.chunks.at(-1);
    const entry = chunk?.at(-1);
    if (chunk === undefined || entry === undefined || endOfEntry(entry) <= offset) break;
    if (partition.chunks.length === 1 && chunk.length === partition.head) break;
    chunk.pop();
    if (chunk.length === (partition.chunks.length === 1 ? partition.head : 0)) dropLastChunk(partition);
    unindexLast(partition, entry);
    if (entry.base < offset) {
      pushEntry(partition, markIrregular(headOf(entry, offset)));
      cut.push(tailOf(entry, offset));
      break;
    }
    cut.push(copyEntry(entry));
  }
  return cut.reverse();
}

function dropLastChunk(partition: PartitionLedger): void {
  partition.chunks.pop();
  exchangeLast(partition.chunks);
  if (partition.chunks.length === 0) partition.head = 0;
}

/** The chunk that is the last one from now on may be changed. */
function exchangeLast<T>(chunks: T[][]): void {
  if (chunks.length > 0) chunks[chunks.length - 1] = chunks[chunks.length - 1]!.slice();
}

/** Takes the oldest entry off. (Taking it out of its array would move all others, which under immer is slow.) */
export function shiftEntry(partition: PartitionLedger): void {
  const chunk = partition.chunks[0]!;
  const entry = chunk[partition.head]!;
  partition.head += 1;
  if (partition.head === chunk.length) {
    partition.chunks.shift();
    partition.head = 0;
  }
  const lane = laneOf(partition, entry.producer);
  const triples = lane.regular[0];
  if (triples === undefined || triples[lane.head + 2] !== entry.base) {
    lane.late.splice(0, 3);
    return;
  }
  lane.head += 3;
  if (lane.head === triples.length) {
    lane.regular.shift();
    lane.head = 0;
  }
}

function unindexLast(partition: PartitionLedger, entry: Entry): void {
  const lane = laneOf(partition, entry.producer);
  lane.endInLog = entry.endBefore;
  const triples = lane.regular.at(-1);
  if (triples === undefined || triples[triples.length - 1] !== entry.base) {
    lane.late.length -= 3;
    return;
  }
  triples.length -= 3;
  if (triples.length > (lane.regular.length === 1 ? lane.head : 0)) return;
  lane.regular.pop();
  exchangeLast(lane.regular);
  if (lane.regular.length === 0) lane.head = 0;
}

export function oldestEntry(partition: PartitionLedger): Entry | undefined {
  return partition.chunks[0]?.[partition.head];
}

export function endOfLog(partition: PartitionLedger): number {
  const entry = partition.chunks.at(-1)?.at(-1);
  return entry === undefined ? 0 : endOfEntry(entry);
}

/** The entry that holds an offset. */
export function entryAt(partition: PartitionLedger, offset: number): Entry | undefined {
  const at = firstChunkEndingAfter(partition, offset);
  const chunk = partition.chunks[at];
  if (chunk === undefined) return undefined;
  const entry = chunk[firstEndingAfter(chunk, offset, at === 0 ? partition.head : 0)];
  return entry !== undefined && entry.base <= offset ? entry : undefined;
}

/** From now on the records of the entry that begins at `base` are counted run by run. */
export function makeIrregular(partition: PartitionLedger, base: number): void {
  const at = firstChunkEndingAfter(partition, base);
  const chunk = partition.chunks[at]!.slice();
  const index = firstEndingAfter(chunk, base, at === 0 ? partition.head : 0);
  const entry = chunk[index]!;
  if (entry.irregular) return;
  const copy = markIrregular(copyEntry(entry));
  copy.endBefore = entry.endBefore;
  chunk[index] = copy;
  partition.chunks[at] = chunk;
}

/** Every entry that overlaps [from, to), in order. */
export function forEachEntry(partition: PartitionLedger, from: number, to: number, visit: (entry: Entry) => void): void {
  if (to <= from) return;
  for (let at = firstChunkEndingAfter(partition, from); at < partition.chunks.length; at++) {
    const chunk = partition.chunks[at]!;
    for (let i = firstEndingAfter(chunk, from, at === 0 ? partition.head : 0); i < chunk.length; i++) {
      const entry = chunk[i]!;
      if (entry.base >= to) return;
      visit(entry);
    }
  }
}

function firstChunkEndingAfter(partition: PartitionLedger, offset: number): number {
  const { chunks } = partition;
  // Most look at the end of the log.
  const last = chunks.length - 1;
  if (last < 0) return 0;
  const tail = chunks[last]!;
  if (tail[0]!.base <= offset) return endOfEntry(tail[tail.length - 1]!) > offset ? last : last + 1;
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle]!;
    if (endOfEntry(chunk[chunk.length - 1]!) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function firstEndingAfter(chunk: Entry[], offset: number, head: number): number {
  let low = head;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOfEntry(chunk[middle]!) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A branch with everything from `offset` on cut off; the entries of the given one are not changed. */
export function headOfBranch(branch: Entry[], offset: number): Entry[] {
  const head: Entry[] = [];
  for (const entry of branch) {
    if (endOfEntry(entry) <= offset) head.push(copyEntry(entry));
    else if (entry.base < offset) head.push(headOf(entry, offset));
  }
  return head;
}

function markIrregular(entry: Entry): Entry {
  entry.irregular = true;
  return entry;
}

export function headOf(entry: Entry, offset: number): Entry {
  return createEntry(entry.base, entry.producer, sliceIds(entry.ids, 0, offset - entry.base));
}

export function tailOf(entry: Entry, offset: number): Entry {
  return createEntry(offset, entry.producer, sliceIds(entry.ids, offset - entry.base, entry.count));
}

export function copyEntry(entry: Entry): Entry {
  return createEntry(entry.base, entry.producer, entry.ids.slice());
}

export function sameBatch(entry: Entry, base: number, producer: string, ids: IdRuns): boolean {
  if (entry.base !== base || entry.producer !== producer || entry.ids.length !== ids.length) return false;
  return entry.ids[0] === ids[0] && entry.ids[1] === ids[1] && entry.count === countOf(ids);
}

/** The ids of the records number `from` to `to` (exclusive) of a batch. */
export function sliceIds(ids: IdRuns, from: number, to: number): IdRuns {
  const slice: IdRuns = [];
  let passed = 0;
  for (let i = 0; i < ids.length && passed < to; i += 2) {
    const count = ids[i + 1]!;
    const skip = Math.max(0, from - passed);
    const stop = Math.min(count, to - passed);
    if (stop > skip) slice.push(ids[i]! + skip, stop - skip);
    passed += count;
  }
  return slice;
}

/** The records of an entry leave its offsets: what groups did with them there is kept by id. */
export function carryTimes(partition: PartitionLedger, entry: Entry): void {
  const lane = laneOf(partition, entry.producer);
  for (const name of Object.keys(partition.groups)) {
    const { processed } = partition.groups[name]!;
    const { elsewhere } = lane.groups[name]!;
    let offset = entry.base;
    for (let i = 0; i < entry.ids.length; i += 2) {
      const shift = entry.ids[i]! - offset;
      const end = offset + entry.ids[i + 1]!;
      while (offset < end) {
        const times = timesAt(processed, offset);
        const stop = Math.min(end, lookup.boundary);
        if (times > 0) addTimes(elsewhere, offset + shift, stop + shift, times);
        offset = stop;
      }
    }
    clearTimes(processed, entry.base, endOfEntry(entry));
  }
}
