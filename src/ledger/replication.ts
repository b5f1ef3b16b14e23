import type { IdRuns } from "../kafka/protocol/record-listener.ts";
import { cleanEndOf, fate, judge, LogState, Told } from "./fate.ts";
import {
  countOf,
  createEntry,
  type Entry,
  type Lane,
  type Ledger,
  laneOf,
  type PartitionLedger,
  producerLedgerOf,
  type ReplicaLedger,
  replicaOf,
} from "./ledger-state.ts";
import {
  carryTimes,
  copyEntry,
  cutLog,
  endOfEntry,
  endOfLog,
  entryAt,
  forEachEntry,
  headOfBranch,
  makeIrregular,
  pushEntry,
  sameBatch,
} from "./log-chain.ts";
import { onLogStart } from "./reading.ts";
import { type FateCallback, recount, type Touched, touch, touchSet } from "./recount.ts";
import { addRun, endOf, forEachRun, forgetBeyond, hasId, lowestOf, type RunSet, removeRun } from "./run-set.ts";

/** What happens to the copies of a partition's log: appends, truncations, elections, lost disks. */

/** Membership sets forget their oldest runs beyond this many chunks (some 50,000 runs): only a record that returns after that would be misjudged. */
const KEPT_CHUNKS = 400;

export function onAppended(
  ledger: Ledger,
  broker: number,
  partition: PartitionLedger,
  producer: string,
  base: number,
  ids: IdRuns,
  onFate: FateCallback | null,
): void {
  const replica = replicaOf(partition, broker);
  if (partition.reference === -1) {
    partition.reference = broker;
    if (!partition.leadershipKnown) partition.clean = [broker];
  }
  if (broker === partition.reference) {
    if (base < replica.mainEnd && base < endOfLog(partition)) onTruncated(ledger, partition, broker, base, onFate);
    appendToLog(ledger, partition, replica, createEntry(base, producer, ids.slice()), onFate);
    return;
  }
  if (replica.branch.length === 0) {
    const entry = entryAt(partition, base);
    if (entry !== undefined && sameBatch(entry, base, producer, ids)) {
      advance(ledger, partition, replica, endOfEntry(entry), onFate);
      return;
    }
    if (entry === undefined && base + countOf(ids) <= partition.logStart) {
      // A slow follower still gets what the log has deleted meanwhile.
      replica.mainEnd = base + countOf(ids);
      return;
    }
  }
  appendToBranch(ledger, partition, replica, createEntry(base, producer, ids.slice()), onFate);
}

function advance(ledger: Ledger, partition: PartitionLedger, replica: ReplicaLedger, end: number, onFate: FateCallback | null): void {
  if (replica.mainEnd === 0) replica.start = partition.logStart;
  if (!partition.clean.includes(replica.broker)) {
    replica.mainEnd = end;
    return;
  }
  const cleanEnd = cleanEndOf(partition);
  if (end <= cleanEnd) {
    replica.mainEnd = end;
    return;
  }
  const touched: Touched = new Map();
  forEachEntry(partition, cleanEnd, end, (entry) => touch(touched, entry.producer, entry.ids));
  recount(ledger, partition, touched, "", onFate, () => {
    replica.mainEnd = end;
  });
}

/** No copy of these records exists yet, and nobody was told anything of them. */
function isFresh(ledger: Ledger, lane: Lane, entry: Entry): boolean {
  if (entry.minId < lane.endEver || lane.unconfirmed.count > 0 || endOf(lane.vanished) > entry.minId) return false;
  return endOf(producerLedgerOf(ledger, entry.producer).failed) <= entry.minId;
}

function appendToLog(ledger: Ledger, partition: PartitionLedger, replica: ReplicaLedger, entry: Entry, onFate: FateCallback | null): void {
  const lane = laneOf(partition, entry.producer);
  if (isFresh(ledger, lane, entry) && entry.base >= partition.highWatermark && entry.base >= partition.logStart) {
    pushEntry(partition, entry);
    replica.mainEnd = endOfEntry(entry);
    lane.counts.notReadable += entry.count;
    return;
  }
  const touched: Touched = new Map();
  touch(touched, entry.producer, entry.ids);
  const overtaken = takeOvertaken(lane, entry.minId);
  touchSet(touched, entry.producer, overtaken);
  markOthers(partition, lane, entry);
  entry.irregular = true;
  recount(ledger, partition, touched, "acks", onFate, () => {
    settleUnconfirmed(lane, overtaken);
    rememberReturn(ledger, partition, lane, entry);
    pushEntry(partition, entry);
    replica.mainEnd = endOfEntry(entry);
    for (const key of Object.keys(partition.replicas)) realign(partition, partition.replicas[key]!);
  });
}

function appendToBranch(
  ledger: Ledger,
  partition: PartitionLedger,
  replica: ReplicaLedger,
  entry: Entry,
  onFate: FateCallback | null,
): void {
  const lane = laneOf(partition, entry.producer);
  entry.irregular = true;
  if (isFresh(ledger, lane, entry)) {
    replica.branch.push(entry);
    lane.endEver = entry.endId;
    return;
  }
  const touched: Touched = new Map();
  touch(touched, entry.producer, entry.ids);
  markOthers(partition, lane, entry);
  recount(ledger, partition, touched, "acks", onFate, () => {
    rememberReturn(ledger, partition, lane, entry);
    replica.branch.push(entry);
    realign(partition, replica);
    lane.endEver = Math.max(lane.endEver, entry.endId);
  });
}

/** Entries that hold one of the same records have more than one copy to count from now on. */
function markOthers(partition: PartitionLedger, lane: Lane, entry: Entry): void {
  const visit = (minId: number, endId: number, base: number): void => {
    if (minId < entry.endId && endId > entry.minId) makeIrregular(partition, base);
  };
  if (entry.minId >= lane.endEver) return;
  for (let c = lane.regular.length - 1; c >= 0; c--) {
    const chunk = lane.regular[c]!;
    if (chunk[chunk.length - 2]! <= entry.minId) break;
    for (let i = c === 0 ? lane.head : 0; i < chunk.length; i += 3) visit(chunk[i]!, chunk[i + 1]!, chunk[i + 2]!);
  }
  for (let i = 0; i < lane.late.length; i += 3) visit(lane.late[i]!, lane.late[i + 1]!, lane.late[i + 2]!);
}

/** A record that was nowhere is in a log again; if retention had deleted it, that copy still counts. */
function rememberReturn(ledger: Ledger, partition: PartitionLedger, lane: Lane, entry: Entry): void {
  const producer = producerLedgerOf(ledger, entry.producer);
  for (let i = 0; i < entry.ids.length; i += 2) {
    const end = entry.ids[i]! + entry.ids[i + 1]!;
    for (let id = entry.ids[i]!; id < end; id = fate.end) {
      judge(partition, producer, lane, id, end, []);
      if (fate.log === LogState.Gone && fate.copies + fate.branchCopies === 0) addRun(lane.goneCopies, id, fate.end);
      removeRun(lane.unconfirmed, id, fate.end);
      removeRun(lane.vanished, id, fate.end);
      removeRun(lane.goneUnacknowledged, id, fate.end);
    }
  }
}

/** Takes what an append passes over: connections are first in, first out, so it will not arrive any more. */
function takeOvertaken(lane: Lane, id: number): RunSet {
  const overtaken: RunSet = { count: 0, chunks: [] };
  if (lowestOf(lane.unconfirmed) >= id) return overtaken;
  forEachRun(lane.unconfirmed, (first, end) => {
    if (first < id) addRun(overtaken, first, Math.min(end, id));
  });
  return overtaken;
}

function settleUnconfirmed(lane: Lane, runs: RunSet): void {
  forEachRun(runs, (first, end) => {
    removeRun(lane.unconfirmed, first, end);
    addRun(lane.vanished, first, end);
  });
  forgetBeyond(lane.vanished, KEPT_CHUNKS);
}

/** The beginning of a branch that equals the log is no branch. */
function realign(partition: PartitionLedger, replica: ReplicaLedger): void {
  if (replica.branch.length === 0) return;
  let same = 0;
  let end = replica.mainEnd;
  for (const entry of replica.branch) {
    const main = entryAt(partition, entry.base);
    if (main === undefined || !sameBatch(main, entry.base, entry.producer, entry.ids)) break;
    end = endOfEntry(main);
    same += 1;
  }
  if (same === 0) return;
  replica.branch.splice(0, same);
  replica.mainEnd = end;
}

/** Cuts the log; the replicas that hold more of it keep that as branches. What groups did at those offsets stays with the records. */
function cutIntoBranches(partition: PartitionLedger, offset: number): void {
  const cut = cutLog(partition, offset);
  for (const entry of cut) carryTimes(partition, entry);
  for (const key of Object.keys(partition.replicas)) {
    const replica = partition.replicas[key]!;
    if (replica.mainEnd <= offset) continue;
    const kept = headOfBranch(cut, replica.mainEnd);
    for (const entry of kept) entry.irregular = true;
    replica.branch = [...kept, ...replica.branch.map(copyEntry)];
    for (const entry of replica.branch) entry.irregular = true;
    replica.mainEnd = offset;
  }
}

export function onTruncated(ledger: Ledger, partition: PartitionLedger, broker: number, offset: number, onFate: FateCallback | null): void {
  const replica = replicaOf(partition, broker);
  if (offset >= replica.mainEnd && (replica.branch.length === 0 || endOfEntry(replica.branch.at(-1)!) <= offset)) return;
  restructure(ledger, partition, Math.min(offset, replica.mainEnd), "acks", onFate, () => truncateReplica(partition, replica, offset));
}

function truncateReplica(partition: PartitionLedger, replica: ReplicaLedger, offset: number): void {
  replica.branch = headOfBranch(replica.branch, offset);
  for (const entry of replica.branch) entry.irregular = true;
  if (offset >= replica.mainEnd) return;
  replica.mainEnd = offset;
  if (replica.broker === partition.reference) cutIntoBranches(partition, offset);
}

export function onLogLost(ledger: Ledger, partition: PartitionLedger, broker: number, onFate: FateCallback | null): void {
  const replica = replicaOf(partition, broker);
  if (broker === partition.reference) {
    // The log goes on as the copy that reaches furthest, so that as little as possible moves.
    let best: ReplicaLedger | null = null;
    for (const key of Object.keys(partition.replicas)) {
      const other = partition.replicas[key]!;
      if (other !== replica && other.mainEnd > 0 && (best === null || other.mainEnd > best.mainEnd)) best = other;
    }
    if (best !== null) switchReference(ledger, partition, best.broker, partition.clean, "min.insync.replicas", onFate);
  }
  restructure(ledger, partition, 0, "min.insync.replicas", onFate, () => {
    truncateReplica(partition, replica, 0);
    replica.start = 0;
  });
}

export function onLeadership(
  ledger: Ledger,
  partition: PartitionLedger,
  leader: number,
  candidates: readonly number[],
  onFate: FateCallback | null,
): void {
  const unclean = leader >= 0 && partition.leadershipKnown && partition.clean.length > 0 && !partition.clean.includes(leader);
  const config = unclean ? "unclean.leader.election.enable" : "acks";
  const changed = leader !== partition.leader && partition.leadershipKnown;
  const touched: Touched = new Map();
  if (changed) for (const name of Object.keys(partition.lanes)) touchSet(touched, name, partition.lanes[name]!.unconfirmed);
  if (touched.size > 0) {
    recount(ledger, partition, touched, "acks", onFate, () => {
      for (const name of Object.keys(partition.lanes)) {
        const lane = partition.lanes[name]!;
        settleUnconfirmed(lane, { count: lane.unconfirmed.count, chunks: lane.unconfirmed.chunks.map((chunk) => chunk.slice()) });
      }
    });
  }
  partition.leadershipKnown = true;
  partition.leader = leader;
  switchReference(ledger, partition, leader === -1 ? partition.reference : leader, candidates, config, onFate);
}

function switchReference(
  ledger: Ledger,
  partition: PartitionLedger,
  reference: number,
  candidates: readonly number[],
  config: string,
  onFate: FateCallback | null,
): void {
  const clean = candidates.slice();
  if (reference === -1) {
    partition.clean = clean;
    return;
  }
  const replica = replicaOf(partition, reference);
  let from = endOfLog(partition);
  if (reference !== partition.reference) from = Math.min(from, replica.mainEnd);
  from = Math.min(from, cleanEndOf(partition));
  const old = partition.clean;
  partition.clean = clean;
  from = Math.min(from, cleanEndOf(partition));
  partition.clean = old;
  const quiet = reference === partition.reference && from >= endOfLog(partition) && !hasBranches(partition);
  if (quiet) {
    partition.clean = clean;
    return;
  }
  restructure(ledger, partition, from, config, onFate, () => {
    partition.clean = clean;
    if (reference === partition.reference) return;
    partition.reference = reference;
    cutIntoBranches(partition, replica.mainEnd);
    partition.highWatermark = Math.min(
      partition.highWatermark,
      Math.max(replica.mainEnd, replica.branch.length > 0 ? endOfEntry(replica.branch.at(-1)!) : 0),
    );
    const own = replica.branch;
    replica.branch = [];
    for (const entry of own) {
      const again = copyEntry(entry);
      again.irregular = true;
      pushEntry(partition, again);
      replica.mainEnd = endOfEntry(again);
    }
    for (const key of Object.keys(partition.replicas)) realign(partition, partition.replicas[key]!);
  });
  onLogStart(ledger, partition, replica.start);
}

function hasBranches(partition: PartitionLedger): boolean {
  for (const key of Object.keys(partition.replicas)) if (partition.replicas[key]!.branch.length > 0) return true;
  return false;
}

/** A change to the log from `from` on, or to any branch. */
function restructure(
  ledger: Ledger,
  partition: PartitionLedger,
  from: number,
  config: string,
  onFate: FateCallback | null,
  change: () => void,
): void {
  const touched: Touched = new Map();
  // High watermark and log start may move with the change; what is above them is at or behind `from` then.
  forEachEntry(partition, from, Number.POSITIVE_INFINITY, (entry) => touch(touched, entry.producer, entry.ids));
  for (const key of Object.keys(partition.replicas))
    for (const entry of partition.replicas[key]!.branch) touch(touched, entry.producer, entry.ids);
  recount(ledger, partition, touched, config, onFate, () => {
    change();
    for (const [producer, runs] of touched) rememberVanished(ledger, partition, producer, runs);
  });
}

function rememberVanished(ledger: Ledger, partition: PartitionLedger, name: string, runs: RunSet): void {
  const lane = laneOf(partition, name);
  const producer = producerLedgerOf(ledger, name);
  forEachRun(runs, (first, last) => {
    for (let id = first; id < last; id = fate.end) {
      judge(partition, producer, lane, id, last, []);
      if (fate.copies + fate.branchCopies > 0 || fate.unconfirmed) continue;
      if (fate.told === Told.Acknowledged && !hasId(lane.goneCopies, id)) addRun(lane.vanished, id, fate.end);
    }
  });
  forgetBeyond(lane.vanished, KEPT_CHUNKS);
}
