/**
 * Sticky assignment when members subscribe to different topics: what is owned is kept, the rest goes to whoever has least, then partitions move
 * until no move makes it more even. Models AbstractStickyAssignor.GeneralAssignmentBuilder and PartitionMovements.
 * Kafka's loop may never end on some inputs (racks and different subscriptions together); here it stops after a number of rounds, as it stands then.
 */
import { partitionOf, topicOf, topicPartitionOf } from "../../protocol/topic-partition.ts";
import { compareText } from "./assignor.ts";
import { racksMismatch } from "./rack-info.ts";
import type { StickyInput } from "./sticky-input.ts";

const MAX_ROUNDS = 200;

interface Builder {
  readonly input: StickyInput;
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly potentialMembers: Map<string, string[]>;
  readonly potentialTopics: Map<string, string[]>;
  assignment: Map<string, string[]>;
  owners: Map<string, string>;
  /** Members by number of partitions, then id: who takes part in balancing. */
  sorted: string[];
  revocationRequired: boolean;
  /** Partition to the member from which and to which it has moved so far. */
  moves: Map<string, { from: string; to: string }>;
}

export function generalAssignment(input: StickyInput): Map<string, string[]> {
  const builder = createBuilder(input);
  const previous = previousOwners(input);
  const assigned = keepOwned(builder);
  const all = allPartitions(builder);
  const unassigned = all.filter((name) => !assigned.has(name));
  builder.sorted = [...builder.assignment.keys()].sort((a, b) => compareLoad(builder, a, b));
  balance(builder, previous, all, unassigned);
  return builder.assignment;
}

function createBuilder(input: StickyInput): Builder {
  const potentialMembers = new Map<string, string[]>(input.topics.map((topic) => [topic.name, []]));
  const potentialTopics = new Map<string, string[]>();
  const owners = new Map<string, string>();
  for (const { memberId, subscription } of input.members) {
    const known = subscription.topics.filter((topic) => potentialMembers.has(topic));
    potentialTopics.set(memberId, known);
    for (const topic of known) potentialMembers.get(topic)!.push(memberId);
    for (const name of input.owned.get(memberId)!) owners.set(name, memberId);
  }
  return {
    input,
    partitionCounts: new Map(input.topics.map((topic) => [topic.name, topic.partitions])),
    potentialMembers,
    potentialTopics,
    assignment: new Map(input.members.map(({ memberId }) => [memberId, input.owned.get(memberId)!.slice()])),
    owners,
    sorted: [],
    revocationRequired: false,
    moves: new Map(),
  };
}

/** Topics with the fewest potential members first. */
function allPartitions(builder: Builder): string[] {
  const topics = [...builder.potentialMembers.keys()].sort(
    (a, b) => builder.potentialMembers.get(a)!.length - builder.potentialMembers.get(b)!.length || compareText(a, b),
  );
  return topics.flatMap((topic) =>
    Array.from({ length: builder.partitionCounts.get(topic)! }, (_, partition) => topicPartitionOf(topic, partition)),
  );
}

/** Who had a partition in an older generation. */
function previousOwners(input: StickyInput): Map<string, string> {
  const owners = new Map<string, { memberId: string; generation: number }>();
  for (const { memberId } of input.members) {
    const { partitions, generation } = input.memory.get(memberId)!;
    const told = generation ?? -1;
    if (generation === null ? input.maxGeneration <= -1 : generation >= input.maxGeneration) continue;
    for (const name of partitions) {
      const known = owners.get(name);
      if (known === undefined || told > known.generation) owners.set(name, { memberId, generation: told });
    }
  }
  return new Map([...owners].map(([name, { memberId }]) => [name, memberId]));
}

function keepOwned(builder: Builder): Set<string> {
  const { input } = builder;
  const kept = new Set<string>();
  for (const { memberId, subscription } of input.members) {
    const own = builder.assignment.get(memberId)!.filter((name) => {
      if (!subscription.topics.includes(topicOf(name)) || racksMismatch(input.racks, memberId, name)) {
        builder.revocationRequired = true;
        return false;
      }
      return true;
    });
    builder.assignment.set(memberId, own);
    for (const name of own) kept.add(name);
  }
  return kept;
}

function compareLoad(builder: Builder, a: string, b: string): number {
  return builder.assignment.get(a)!.length - builder.assignment.get(b)!.length || compareText(a, b);
}

function resort(builder: Builder): void {
  builder.sorted.sort((a, b) => compareLoad(builder, a, b));
}

function balance(builder: Builder, previous: ReadonlyMap<string, string>, all: string[], unassigned: string[]): void {
  const initializing = builder.assignment.get(builder.sorted.at(-1)!)!.length === 0;
  let toAssign = unassigned;
  if (builder.input.racks.consumerRacks.size > 0) toAssign = toAssign.filter((name) => !assignToLeastLoaded(builder, name, true));
  for (const name of toAssign) assignToLeastLoaded(builder, name, false);

  const mayMove = (name: string): boolean => builder.potentialMembers.get(topicOf(name))!.length >= 2;
  const movable = all.filter(mayMove);
  const movableUnassigned = unassigned.filter(mayMove);
  const fixed = new Map<string, string[]>();
  for (const { memberId } of builder.input.members) {
    if (mayTakePart(builder, memberId)) continue;
    builder.sorted = builder.sorted.filter((other) => other !== memberId);
    fixed.set(memberId, builder.assignment.get(memberId)!);
    builder.assignment.delete(memberId);
  }
  const before = new Map([...builder.assignment].map(([memberId, own]) => [memberId, own.slice()]));
  if (!builder.revocationRequired) reassign(builder, movableUnassigned, previous);
  const moved = reassign(builder, movable, previous);
  if (!initializing && moved && balanceScore(builder.assignment) >= balanceScore(before)) builder.assignment = before;
  for (const [memberId, own] of fixed) builder.assignment.set(memberId, own);
}

function assignToLeastLoaded(builder: Builder, name: string, nearby: boolean): boolean {
  const topic = topicOf(name);
  const memberId = builder.sorted.find(
    (other) => builder.potentialTopics.get(other)!.includes(topic) && !(nearby && racksMismatch(builder.input.racks, other, name)),
  );
  if (memberId === undefined) return false;
  builder.assignment.get(memberId)!.push(name);
  builder.owners.set(name, memberId);
  resort(builder);
  return true;
}

/** It could have more, or one of its partitions could go to another member. */
function mayTakePart(builder: Builder, memberId: string): boolean {
  const own = builder.assignment.get(memberId)!;
  if (own.length < maxAssignment(builder, memberId)) return true;
  return own.some((name) => builder.potentialMembers.get(topicOf(name))!.length >= 2);
}

function maxAssignment(builder: Builder, memberId: string): number {
  return builder.potentialTopics.get(memberId)!.reduce((sum, topic) => sum + builder.partitionCounts.get(topic)!, 0);
}

/** No member could take a partition from one that has two more. */
function isBalanced(builder: Builder): boolean {
  const { sorted, assignment } = builder;
  const sizeOf = (memberId: string): number => assignment.get(memberId)!.length;
  if (sorted.length === 0 || sizeOf(sorted[0]!) >= sizeOf(sorted.at(-1)!) - 1) return true;
  const holders = new Map<string, string>();
  for (const [memberId, own] of assignment) for (const name of own) holders.set(name, memberId);
  for (const memberId of sorted) {
    const size = sizeOf(memberId);
    if (size === maxAssignment(builder, memberId)) continue;
    for (const topic of builder.potentialTopics.get(memberId)!) {
      for (let partition = 0; partition < builder.partitionCounts.get(topic)!; partition++) {
        const holder = holders.get(topicPartitionOf(topic, partition));
        if (holder !== undefined && holder !== memberId && size + 1 < sizeOf(holder)) return false;
      }
    }
  }
  return true;
}

function reassign(builder: Builder, partitions: readonly string[], previous: ReadonlyMap<string, string>): boolean {
  let moved = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let modified = false;
    for (const name of partitions) {
      if (isBalanced(builder)) break;
      if (!reassignOne(builder, name, previous)) continue;
      moved = true;
      modified = true;
    }
    if (!modified) break;
  }
  return moved;
}

function reassignOne(builder: Builder, name: string, previous: ReadonlyMap<string, string>): boolean {
  const { assignment, input } = builder;
  const holder = builder.owners.get(name);
  const own = holder === undefined ? undefined : assignment.get(holder);
  if (holder === undefined || own === undefined) return false;
  const before = previous.get(name);
  const beforeOwn = before === undefined ? undefined : assignment.get(before);
  if (before !== undefined && beforeOwn !== undefined && own.length > beforeOwn.length + 1) {
    move(builder, name, before);
    return true;
  }
  const racks = input.racks.partitionRacks.get(name) ?? [];
  const isLighter = (other: string): boolean => own.length > (assignment.get(other)?.length ?? Number.MAX_SAFE_INTEGER) + 1;
  const candidates = builder.potentialMembers.get(topicOf(name))!;
  const holderRack = input.racks.consumerRacks.get(holder);
  const isNear = (other: string): boolean => racks.includes(input.racks.consumerRacks.get(other) ?? "");
  const nearby = holderRack !== undefined && racks.includes(holderRack) && candidates.some((other) => isNear(other) && isLighter(other));
  if (!nearby && !candidates.some(isLighter)) return false;
  const lightest = builder.sorted.find((other) => builder.potentialTopics.get(other)!.includes(topicOf(name)))!;
  move(builder, name, lightest);
  return true;
}

/** Instead of moving a partition back and forth between two members, one that went the other way returns. */
function move(builder: Builder, name: string, to: string): void {
  const actual = actualPartition(builder, name, builder.owners.get(name)!, to);
  const from = builder.owners.get(actual)!;
  const known = builder.moves.get(actual);
  if (known === undefined) builder.moves.set(actual, { from, to });
  else {
    builder.moves.delete(actual);
    if (known.from !== to) builder.moves.set(actual, { from: known.from, to });
  }
  const own = builder.assignment.get(from)!;
  own.splice(own.indexOf(actual), 1);
  builder.assignment.get(to)!.push(actual);
  builder.owners.set(actual, to);
  resort(builder);
}

function actualPartition(builder: Builder, name: string, holder: string, to: string): string {
  const from = builder.moves.get(name)?.from ?? holder;
  const topic = topicOf(name);
  const back = [...builder.moves]
    .filter(([other, pair]) => topicOf(other) === topic && pair.from === to && pair.to === from)
    .map(([other]) => other);
  if (back.length === 0) return name;
  return back.sort((a, b) => partitionOf(a) - partitionOf(b))[0]!;
}

function balanceScore(assignment: ReadonlyMap<string, readonly string[]>): number {
  const sizes = [...assignment.values()].map((own) => own.length);
  let score = 0;
  for (let i = 0; i < sizes.length; i++) for (let j = i + 1; j < sizes.length; j++) score += Math.abs(sizes[i]! - sizes[j]!);
  return score;
}
