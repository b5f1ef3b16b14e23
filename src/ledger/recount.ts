import type { IdRuns } from "../kafka/protocol/record-listener.ts";
import type { TraceFields } from "../kafka/protocol/trace-events.ts";
import { Flag, fate, GroupState, judge, LogState } from "./fate.ts";
import {
  type ExceptionCounts,
  type Lane,
  type LaneGroup,
  type Ledger,
  laneOf,
  type PartitionLedger,
  type ProducerLedger,
  producerLedgerOf,
} from "./ledger-state.ts";
import { addRun, createRunSet, forEachRun, forgetBeyond, type RunSet, removeRun } from "./run-set.ts";

/**
 * The slow path: what a change touches is taken out of the counts, the change is made, and it is counted again.
 * Whatever became lost, came back, stands twice or out of order on the way is told at once, while the cause is known.
 */
type FateType = "record-lost" | "record-recovered" | "record-duplicated" | "record-reordered" | "record-failed-yet-readable";
export type FateCallback = <T extends FateType>(type: T, node: string, fields: TraceFields[T]) => void;

/** Ids that a change touches, by producer: made and dropped within one call, so a Map is no state. */
export type Touched = Map<string, RunSet>;

/** How many chunks of runs the lists for people keep. */
const LISTED_CHUNKS = 16;

export function touch(touched: Touched, producer: string, ids: IdRuns): void {
  let set = touched.get(producer);
  if (set === undefined) {
    set = createRunSet();
    touched.set(producer, set);
  }
  for (let i = 0; i < ids.length; i += 2) addRun(set, ids[i]!, ids[i]! + ids[i + 1]!);
}

export function touchSet(touched: Touched, producer: string, runs: RunSet): void {
  forEachRun(runs, (first, end) => touch(touched, producer, [first, end - first]));
}

/** Makes a change to a partition. `config` is the config that decides, should records be lost by it. */
export function recount(
  ledger: Ledger,
  partition: PartitionLedger,
  touched: Touched,
  config: string,
  onFate: FateCallback | null,
  change: () => void,
): void {
  const before: number[][] = [];
  for (const [producer, runs] of touched) before.push(count(ledger, partition, producer, runs, -1));
  change();
  let index = 0;
  for (const [producer, runs] of touched) {
    const after = count(ledger, partition, producer, runs, 1);
    compare(partition, laneOf(partition, producer), before[index++]!, after, config, onFate);
  }
}

/** Returns [first, end, flags, ...]. */
function count(ledger: Ledger, partition: PartitionLedger, name: string, runs: RunSet, sign: number): number[] {
  const lane = laneOf(partition, name);
  const producer = producerLedgerOf(ledger, name);
  const groupNames = Object.keys(partition.groups);
  const flags: number[] = [];
  forEachRun(runs, (first, end) => {
    for (let id = first; id < end; id = fate.end) {
      judge(partition, producer, lane, id, end, groupNames);
      const records = (fate.end - id) * sign;
      addToCounts(lane, producer, records);
      for (let i = 0; i < groupNames.length; i++) addToGroup(lane.groups[groupNames[i]!]!, fate.groups[i]!, records);
      flags.push(id, fate.end, fate.flags);
    }
  });
  return flags;
}

function addToCounts(lane: Lane, producer: ProducerLedger, records: number): void {
  const { counts } = lane;
  if (fate.log === LogState.Readable) counts.readable += records;
  else if (fate.log === LogState.NotReadable) counts.notReadable += records;
  else if (fate.log === LogState.Gone) counts.gone += records;
  if (!fate.unconfirmed && fate.flags === 0) return;
  addExceptions(counts, records);
  addExceptions(producer.exceptions, records);
}

function addExceptions(counts: ExceptionCounts, records: number): void {
  if (fate.unconfirmed) counts.unconfirmed += records;
  if ((fate.flags & Flag.Lost) !== 0) counts.lost += records;
  if ((fate.flags & Flag.Duplicated) !== 0) counts.duplicated += records;
  if ((fate.flags & Flag.Reordered) !== 0) counts.reordered += records;
  if ((fate.flags & Flag.FailedYetReadable) !== 0) counts.failedYetReadable += records;
}

function addToGroup(group: LaneGroup, state: number, records: number): void {
  if (state === GroupState.NotYet) group.notYet += records;
  else if (state === GroupState.Once) group.once += records;
  else if (state === GroupState.MoreThanOnce) group.moreThanOnce += records;
  else if (state === GroupState.Skipped) group.skipped += records;
}

function compare(
  partition: PartitionLedger,
  lane: Lane,
  before: number[],
  after: number[],
  config: string,
  onFate: FateCallback | null,
): void {
  const turned: Record<number, number[]> = {};
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    const first = Math.max(before[i]!, after[j]!);
    const end = Math.min(before[i + 1]!, after[j + 1]!);
    const was = before[i + 2]!;
    const is = after[j + 2]!;
    if (was !== is && end > first) {
      for (let flag = 1; flag <= Flag.FailedYetReadable; flag <<= 1) {
        if ((was & flag) === (is & flag)) continue;
        const list = listOf(lane, flag);
        if ((is & flag) === 0) removeRun(list, first, end);
        else {
          addRun(list, first, end);
          forgetBeyond(list, LISTED_CHUNKS);
        }
        if (onFate !== null) addTurned(turned, (is & flag) === 0 ? -flag : flag, first, end);
      }
    }
    if (before[i + 1]! === end) i += 3;
    if (after[j + 1]! === end) j += 3;
  }
  if (onFate !== null) tell(partition, lane.producer, turned, config, onFate);
}

function addTurned(turned: Record<number, number[]>, flag: number, first: number, end: number): void {
  turned[flag] ??= [];
  const ids = turned[flag];
  const length = ids.length;
  if (length > 0 && ids[length - 2]! + ids[length - 1]! === first) ids[length - 1]! += end - first;
  else ids.push(first, end - first);
}

function tell(partition: PartitionLedger, producer: string, turned: Record<number, number[]>, config: string, onFate: FateCallback): void {
  const { topicPartition } = partition;
  const node = String(partition.reference);
  const of = (flag: number): number[] | undefined => turned[flag];
  const lost = of(Flag.Lost);
  const recovered = of(-Flag.Lost);
  const duplicated = of(Flag.Duplicated);
  const reordered = of(Flag.Reordered);
  const readable = of(Flag.FailedYetReadable);
  if (lost !== undefined) onFate("record-lost", node, { topicPartition, producer, ids: lost, config });
  if (recovered !== undefined) onFate("record-recovered", node, { topicPartition, producer, ids: recovered });
  if (duplicated !== undefined) onFate("record-duplicated", node, { topicPartition, producer, ids: duplicated });
  if (reordered !== undefined) onFate("record-reordered", node, { topicPartition, producer, ids: reordered });
  if (readable !== undefined) onFate("record-failed-yet-readable", node, { topicPartition, producer, ids: readable });
}

function listOf(lane: Lane, flag: number): RunSet {
  if (flag === Flag.Lost) return lane.lists.lost;
  if (flag === Flag.Duplicated) return lane.lists.duplicated;
  return flag === Flag.Reordered ? lane.lists.reordered : lane.lists.failedYetReadable;
}
