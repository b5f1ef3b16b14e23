/**
 * A set of whole numbers as sorted, merged runs, in chunks: plain data, cheap to change at either end and in the middle, and cheap under immer,
 * which copies only the chunks that change. A set may be told to forget its oldest runs, for lists that only people read.
 */
export interface RunSet {
  /** How many numbers are in it. */
  count: number;
  /** Each chunk is [first, end, first, end, ...], `end` exclusive; no chunk is empty. */
  chunks: number[][];
}

const CHUNK_NUMBERS = 256;

export function createRunSet(): RunSet {
  return { count: 0, chunks: [] };
}

/** Where lookups leave the next number at which membership changes (Infinity: nowhere). */
export const lookup = { boundary: Number.POSITIVE_INFINITY };

export function hasId(set: RunSet, id: number): boolean {
  lookup.boundary = Number.POSITIVE_INFINITY;
  if (set.count === 0) return false;
  const at = firstChunkEndingAfter(set, id);
  const chunk = set.chunks[at];
  if (chunk === undefined) return false;
  const index = firstRunEndingAfter(chunk, id);
  const first = chunk[index]!;
  if (first > id) {
    lookup.boundary = first;
    return false;
  }
  lookup.boundary = chunk[index + 1]!;
  return true;
}

export function overlaps(set: RunSet, first: number, end: number): boolean {
  if (set.count === 0) return false;
  return hasId(set, first) || lookup.boundary < end;
}

export function lowestOf(set: RunSet): number {
  return set.chunks[0]?.[0] ?? Number.POSITIVE_INFINITY;
}

/** Exclusive. */
export function endOf(set: RunSet): number {
  return set.chunks.at(-1)?.at(-1) ?? Number.NEGATIVE_INFINITY;
}

export function addRun(set: RunSet, first: number, end: number): void {
  if (end <= first) return;
  const last = set.chunks.at(-1);
  if (last === undefined) {
    set.chunks.push([first, end]);
    set.count = end - first;
    return;
  }
  const top = last[last.length - 1]!;
  if (first === top) {
    last[last.length - 1] = end;
    set.count += end - first;
    return;
  }
  if (first > top) {
    if (last.length >= CHUNK_NUMBERS) set.chunks.push([first, end]);
    else last.push(first, end);
    set.count += end - first;
    return;
  }
  insertMerged(set, first, end);
}

function insertMerged(set: RunSet, first: number, end: number): void {
  let from = first;
  let to = end;
  for (;;) {
    // Runs that touch are merged, so one that ends exactly at `from` counts as overlapping.
    const at = firstChunkEndingAfter(set, from - 1);
    const chunk = set.chunks[at];
    if (chunk === undefined) {
      set.chunks.push([from, to]);
      break;
    }
    const index = firstRunEndingAfter(chunk, from - 1);
    const start = chunk[index]!;
    const stop = chunk[index + 1]!;
    if (start > to) {
      chunk.splice(index, 0, from, to);
      if (chunk.length > CHUNK_NUMBERS) set.chunks.splice(at, 1, chunk.slice(0, CHUNK_NUMBERS / 2), chunk.slice(CHUNK_NUMBERS / 2));
      break;
    }
    from = Math.min(from, start);
    to = Math.max(to, stop);
    set.count -= stop - start;
    dropRun(set, at, index);
  }
  set.count += to - from;
}

/** Returns how many numbers were in the set and are no longer. */
export function removeRun(set: RunSet, first: number, end: number): number {
  let removed = 0;
  while (set.count > 0) {
    const at = firstChunkEndingAfter(set, first);
    const chunk = set.chunks[at];
    if (chunk === undefined) break;
    const index = firstRunEndingAfter(chunk, first);
    const start = chunk[index]!;
    const stop = chunk[index + 1]!;
    if (start >= end) break;
    const from = Math.max(start, first);
    const to = Math.min(stop, end);
    removed += to - from;
    set.count -= to - from;
    if (from === start && to === stop) dropRun(set, at, index);
    else if (from === start) chunk[index] = to;
    else if (to === stop) chunk[index + 1] = from;
    else {
      chunk.splice(index + 1, 0, from, to);
      if (chunk.length > CHUNK_NUMBERS) set.chunks.splice(at, 1, chunk.slice(0, CHUNK_NUMBERS / 2), chunk.slice(CHUNK_NUMBERS / 2));
    }
    if (to === end) break;
  }
  return removed;
}

/** Forgets the oldest (lowest) runs when there are more than about `chunks` × 128 of them. */
export function forgetBeyond(set: RunSet, chunks: number): void {
  while (set.chunks.length > chunks) {
    const dropped = set.chunks.shift()!;
    for (let i = 0; i < dropped.length; i += 2) set.count -= dropped[i + 1]! - dropped[i]!;
  }
}

export function forEachRun(set: RunSet, visit: (first: number, end: number) => void): void {
  for (const chunk of set.chunks) for (let i = 0; i < chunk.length; i += 2) visit(chunk[i]!, chunk[i + 1]!);
}

function dropRun(set: RunSet, at: number, index: number): void {
  const chunk = set.chunks[at]!;
  if (chunk.length === 2) set.chunks.splice(at, 1);
  else chunk.splice(index, 2);
}

function firstChunkEndingAfter(set: RunSet, id: number): number {
  let low = 0;
  let high = set.chunks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const chunk = set.chunks[middle]!;
    if (chunk[chunk.length - 1]! > id) high = middle;
    else low = middle + 1;
  }
  return low;
}

function firstRunEndingAfter(chunk: number[], id: number): number {
  let low = 0;
  let high = chunk.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunk[2 * middle + 1]! > id) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}
