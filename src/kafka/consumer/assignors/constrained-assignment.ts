/**
 * Sticky assignment when all members subscribe to the same topics: as even as can be, and as little moved as can be.
 * Models AbstractStickyAssignor.ConstrainedAssignmentBuilder.
 */
import { partitionOf, topicOf, topicPartitionOf } from "../../protocol/topic-partition.ts";
import { compareText } from "./assignor.ts";
import { nextRackConsumer, racksMismatch, sortByRackConsumers } from "./rack-info.ts";
import type { StickyInput } from "./sticky-input.ts";

export interface ConstrainedAssignment {
  assignment: Map<string, string[]>;
  /** Partitions that go to another member than the one that had them. */
  transferring: Map<string, string>;
}

interface Builder extends ConstrainedAssignment {
  readonly input: StickyInput;
  readonly minQuota: number;
  readonly maxQuota: number;
  /** How many members get one more than the others. */
  readonly expectedOverMin: number;
  currentOverMin: number;
  maybeRevoked: Map<string, string>;
  underMin: string[];
  exactlyMin: string[];
}

export function constrainedAssignment(input: StickyInput): ConstrainedAssignment {
  const total = input.topics.reduce((sum, topic) => sum + topic.partitions, 0);
  const count = input.members.length;
  const builder: Builder = {
    input,
    minQuota: Math.floor(total / count),
    maxQuota: Math.ceil(total / count),
    expectedOverMin: total % count,
    currentOverMin: 0,
    maybeRevoked: new Map(),
    underMin: [],
    exactlyMin: [],
    assignment: new Map(input.members.map(({ memberId }) => [memberId, []])),
    transferring: new Map(),
  };
  const assigned = keepOwned(builder);
  builder.underMin.sort(compareText);
  builder.exactlyMin.sort(compareText);
  let unassigned: string[] = [];
  for (const topic of input.topics) {
    for (let partition = 0; partition < topic.partitions; partition++) {
      const name = topicPartitionOf(topic.name, partition);
      if (!assigned.has(name)) unassigned.push(name);
    }
  }
  unassigned = sortByRackConsumers(input.racks, unassigned);
  if (input.racks.consumerRacks.size > 0) unassigned = assignByRacks(builder, unassigned);
  assignRoundRobin(builder, unassigned);
  return builder;
}

function keepOwned(builder: Builder): Set<string> {
  const { input, minQuota, maxQuota, expectedOverMin } = builder;
  const assigned = new Set<string>();
  for (const { memberId } of input.members) {
    let owned: string[] = [];
    for (const name of input.owned.get(memberId)!) {
      if (racksMismatch(input.racks, memberId, name)) builder.maybeRevoked.set(name, memberId);
      else owned.push(name);
    }
    owned = owned
      .filter((name) => !input.doublyClaimed.has(name))
      .sort((a, b) => partitionOf(a) - partitionOf(b) || compareText(topicOf(a), topicOf(b)));
    let kept = owned.length;
    if (owned.length < minQuota) builder.underMin.push(memberId);
    else if (owned.length >= maxQuota && builder.currentOverMin < expectedOverMin) {
      builder.currentOverMin += 1;
      if (builder.currentOverMin === expectedOverMin) builder.exactlyMin = [];
      kept = maxQuota;
    } else {
      kept = minQuota;
      if (builder.currentOverMin < expectedOverMin) builder.exactlyMin.push(memberId);
    }
    for (const name of owned.slice(0, kept)) {
      builder.assignment.get(memberId)!.push(name);
      assigned.add(name);
    }
    for (const name of owned.slice(kept)) builder.maybeRevoked.set(name, memberId);
  }
  return assigned;
}

/** First what can stay on a rack; returns the rest. */
function assignByRacks(builder: Builder, unassigned: readonly string[]): string[] {
  const { racks } = builder.input;
  const rest: string[] = [];
  let nextUnfilled = 0;
  for (const name of unassigned) {
    let memberId: string | null = null;
    let index = nextRackConsumer(racks, name, builder.underMin, nextUnfilled);
    if (index >= 0) {
      memberId = builder.underMin[index]!;
      const count = builder.assignment.get(memberId)!.length + 1;
      if (count >= builder.minQuota) {
        builder.underMin.splice(index, 1);
        if (count < builder.maxQuota && builder.currentOverMin < builder.expectedOverMin) builder.exactlyMin.push(memberId);
      } else index += 1;
      nextUnfilled = builder.underMin.length === 0 ? 0 : index % builder.underMin.length;
    } else if (builder.exactlyMin.length > 0) {
      const first = nextRackConsumer(racks, name, builder.exactlyMin, 0);
      if (first >= 0) {
        memberId = builder.exactlyMin[first]!;
        if (builder.assignment.get(memberId)!.length + 1 === builder.maxQuota) {
          builder.exactlyMin.splice(first, 1);
          builder.currentOverMin += 1;
          if (builder.currentOverMin === builder.expectedOverMin) builder.exactlyMin = [];
        }
      }
    }
    if (memberId === null) rest.push(name);
    else give(builder, name, memberId);
  }
  return rest;
}

/** In turn to those below the lower quota; then one each to those that have just reached it. */
function assignRoundRobin(builder: Builder, unassigned: readonly string[]): void {
  let turn = 0;
  for (const name of unassigned) {
    let memberId: string | undefined;
    if (turn >= builder.underMin.length) turn = 0;
    if (builder.underMin.length > 0) memberId = builder.underMin[turn];
    else memberId = builder.exactlyMin.shift();
    if (memberId === undefined) throw new Error("No more unfilled consumers to be assigned.");
    const isUnder = builder.underMin.length > 0;
    const count = give(builder, name, memberId);
    if (count === builder.minQuota) {
      if (isUnder) builder.underMin.splice(turn, 1);
      builder.exactlyMin.push(memberId);
    } else {
      if (count === builder.maxQuota) builder.currentOverMin += 1;
      if (isUnder) turn += 1;
    }
  }
}

function give(builder: Builder, name: string, memberId: string): number {
  const own = builder.assignment.get(memberId)!;
  own.push(name);
  const before = builder.maybeRevoked.get(name);
  if ((before !== undefined && before !== memberId) || builder.input.doublyClaimed.has(name)) builder.transferring.set(name, memberId);
  return own.length;
}
