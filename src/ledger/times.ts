import { lookup } from "./run-set.ts";

/** How often numbers have occurred: sorted [from, to, times, ...], `to` exclusive, times at least 1, equal neighbours merged. */
export type Times = number[];

/** Adds `times` to everything in [from, to); tells of each piece how often it had occurred before. */
export function addTimes(
  list: Times,
  from: number,
  to: number,
  times: number,
  each?: (from: number, to: number, before: number) => void,
): void {
  if (to <= from) return;
  const length = list.length;
  if (length === 0 || list[length - 2]! <= from) {
    each?.(from, to, 0);
    if (length > 0 && list[length - 2] === from && list[length - 1] === times) list[length - 2] = to;
    else list.push(from, to, times);
    return;
  }
  const start = firstEndingAfter(list, from);
  const pieces: number[] = [];
  let at = from;
  let index = start;
  for (; index < length && list[index]! < to; index += 3) {
    const first = list[index]!;
    const end = list[index + 1]!;
    const before = list[index + 2]!;
    if (first < from) pushPiece(pieces, first, from, before);
    if (first > at) {
      each?.(at, first, 0);
      pushPiece(pieces, at, first, times);
      at = first;
    }
    const stop = Math.min(end, to);
    each?.(at, stop, before);
    pushPiece(pieces, at, stop, before + times);
    at = stop;
    if (end > to) pushPiece(pieces, to, end, before);
  }
  if (at < to) {
    each?.(at, to, 0);
    pushPiece(pieces, at, to, times);
  }
  spliceMerged(list, start, index, pieces);
}

export function clearTimes(list: Times, from: number, to: number): void {
  const start = firstEndingAfter(list, from);
  const pieces: number[] = [];
  let index = start;
  for (; index < list.length && list[index]! < to; index += 3) {
    if (list[index]! < from) pushPiece(pieces, list[index]!, from, list[index + 2]!);
    if (list[index + 1]! > to) pushPiece(pieces, to, list[index + 1]!, list[index + 2]!);
  }
  if (index > start) spliceMerged(list, start, index, pieces);
}

/** Leaves in `lookup.boundary` where the answer changes. */
export function timesAt(list: Times, at: number): number {
  lookup.boundary = Number.POSITIVE_INFINITY;
  const index = firstEndingAfter(list, at);
  if (index >= list.length) return 0;
  if (list[index]! > at) {
    lookup.boundary = list[index]!;
    return 0;
  }
  lookup.boundary = list[index + 1]!;
  return list[index + 2]!;
}

/** Whether everything in [from, to) has occurred. */
export function covers(list: Times, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    if (timesAt(list, at) === 0) return false;
    at = lookup.boundary;
  }
  return true;
}

function pushPiece(pieces: number[], from: number, to: number, times: number): void {
  const length = pieces.length;
  if (length > 0 && pieces[length - 2] === from && pieces[length - 1] === times) pieces[length - 2] = to;
  else pieces.push(from, to, times);
}

function spliceMerged(list: Times, start: number, end: number, pieces: number[]): void {
  let first = start;
  let last = end;
  if (first > 0 && pieces.length > 0 && list[first - 2] === pieces[0] && list[first - 1] === pieces[2]) {
    pieces[0] = list[first - 3]!;
    first -= 3;
  }
  if (last < list.length && pieces.length > 0 && list[last] === pieces[pieces.length - 2] && list[last + 2] === pieces[pieces.length - 1]) {
    pieces[pieces.length - 2] = list[last + 1]!;
    last += 3;
  }
  list.splice(first, last - first, ...pieces);
}

function firstEndingAfter(list: Times, at: number): number {
  let low = 0;
  let high = list.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[3 * middle + 1]! > at) high = middle;
    else low = middle + 1;
  }
  return 3 * low;
}
