/**
 * Where each leader epoch begins in a log: what a follower compares with its leader to find how far they agree.
 * Models org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache. Left out: the checkpoint file (the entries simply survive a restart).
 */
export interface EpochEntry {
  epoch: number;
  startOffset: number;
}

export interface EpochEndOffset {
  epoch: number;
  endOffset: number;
}

export const UNDEFINED_EPOCH = -1;
export const UNDEFINED_OFFSET = -1;

/** The first batch of an epoch is being appended. Entries that it contradicts go. */
export function assignEpoch(entries: EpochEntry[], epoch: number, startOffset: number): void {
  const last = entries[entries.length - 1];
  if (last !== undefined && last.epoch === epoch) return;
  while (entries.length > 0) {
    const { epoch: lastEpoch, startOffset: lastStart } = entries[entries.length - 1]!;
    if (lastEpoch < epoch && lastStart < startOffset) break;
    entries.pop();
  }
  entries.push({ epoch, startOffset });
}

export function latestEpoch(entries: readonly EpochEntry[]): number {
  return entries.length === 0 ? UNDEFINED_EPOCH : entries[entries.length - 1]!.epoch;
}

/** The epoch at or below the one asked for, and where it ends in this log. Undefined when this log knows of no such epoch. */
export function endOffsetFor(entries: readonly EpochEntry[], requestedEpoch: number, logEndOffset: number): EpochEndOffset {
  const last = entries[entries.length - 1];
  if (requestedEpoch === UNDEFINED_EPOCH || last === undefined || requestedEpoch > last.epoch)
    return { epoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_OFFSET };
  if (requestedEpoch === last.epoch) return { epoch: requestedEpoch, endOffset: logEndOffset };
  let higher = entries.length - 1;
  while (higher > 0 && entries[higher - 1]!.epoch > requestedEpoch) higher -= 1;
  const endOffset = entries[higher]!.startOffset;
  return { epoch: higher === 0 ? requestedEpoch : entries[higher - 1]!.epoch, endOffset };
}

export function truncateEpochsFromEnd(entries: EpochEntry[], endOffset: number): void {
  while (entries.length > 0 && entries[entries.length - 1]!.startOffset >= endOffset) entries.pop();
}

/** The newest entry below the log's start stays, as beginning there. */
export function truncateEpochsFromStart(entries: EpochEntry[], startOffset: number): void {
  let below = 0;
  while (below < entries.length && entries[below]!.startOffset <= startOffset) below += 1;
  if (below === 0) return;
  entries.splice(0, below - 1);
  entries[0]!.startOffset = startOffset;
}
