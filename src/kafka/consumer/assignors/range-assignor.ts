/**
 * Per topic, contiguous ranges for the members in order: the first ones get one more. Models org.apache.kafka.clients.consumer.RangeAssignor,
 * with its rack matching (KIP-881): first what lies in a member's rack, topics with equal members and equal partition counts together, then the rest.
 */
import { compareTopicPartitions, topicPartitionOf } from "../../protocol/topic-partition.ts";
import { type AssignableTopic, type Assignor, type AssignorMember, compareMembers } from "./assignor.ts";

export const rangeAssignor: Assignor = { name: "range", rebalanceProtocols: ["EAGER"], assign };

/** One topic while it is dealt out. */
interface TopicState {
  readonly topic: AssignableTopic;
  /** Subscribed members, in order. */
  readonly consumers: readonly AssignorMember[];
  readonly needsRacks: boolean;
  readonly unassigned: Set<number>;
  readonly assignedCount: Map<string, number>;
  readonly perConsumer: number;
  /** How many members may still get one more than the others. */
  extras: number;
}

function assign(topics: readonly AssignableTopic[], members: readonly AssignorMember[]): Record<string, string[]> {
  const assignment: Record<string, string[]> = {};
  for (const member of members) assignment[member.memberId] = [];
  const sorted = members.slice().sort(compareMembers);
  const states = topics.filter((topic) => topic.partitions > 0).map((topic) => topicState(topic, sorted));
  const usesRacks = states.some((state) => state.needsRacks);
  if (usesRacks) assignByRacks(states, assignment);
  for (const state of states) assignRanges(state, () => true, assignment);
  if (usesRacks) for (const partitions of Object.values(assignment)) partitions.sort(compareTopicPartitions);
  return assignment;
}

function topicState(topic: AssignableTopic, sorted: readonly AssignorMember[]): TopicState {
  const consumers = sorted.filter((member) => member.subscription.topics.includes(topic.name));
  const count = consumers.length;
  const unassigned = new Set<number>();
  for (let partition = 0; partition < topic.partitions; partition++) unassigned.add(partition);
  return {
    topic,
    consumers,
    needsRacks: needsRackAssignment(topic, consumers),
    unassigned,
    assignedCount: new Map(),
    perConsumer: count === 0 ? 0 : Math.floor(topic.partitions / count),
    extras: count === 0 ? 0 : topic.partitions % count,
  };
}

/** Not when no member's rack holds a replica, and not when every partition is in all of the topic's racks. */
function needsRackAssignment(topic: AssignableTopic, consumers: readonly AssignorMember[]): boolean {
  const { racks } = topic;
  if (racks === null) return false;
  const all = new Set(racks.flat());
  if (!consumers.some((member) => rackOf(member) !== null && all.has(rackOf(member)!))) return false;
  return racks.some((own) => own.length !== all.size);
}

function rackOf(member: AssignorMember): string | null {
  return member.subscription.rackId === "" ? null : member.subscription.rackId;
}

/** A member without a rack matches everything. */
function racksMatch(state: TopicState, member: AssignorMember, partition: number): boolean {
  const rack = rackOf(member);
  return rack === null || (state.topic.racks?.[partition]?.includes(rack) ?? false);
}

function assignByRacks(states: readonly TopicState[], assignment: Record<string, string[]>): void {
  const groups = new Map<string, TopicState[]>();
  for (const state of states) {
    // Kafka counts the partitions of a topic only if some member of it has a rack.
    const counted = state.consumers.some((member) => rackOf(member) !== null) ? state.topic.partitions : 0;
    const key = `${counted} ${state.consumers.map((member) => member.memberId).join(" ")}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [state]);
    else group.push(state);
  }
  for (const group of groups.values()) {
    const [first] = group;
    if (group.length > 1) assignCoPartitioned(group, assignment);
    else if (first!.needsRacks) assignRanges(first!, (member, partition) => racksMatch(first!, member, partition), assignment);
  }
}

/** The same partition of all these topics goes to one member, for joins. */
function assignCoPartitioned(states: readonly TopicState[], assignment: Record<string, string[]>): void {
  const [first] = states;
  const counted = first!.consumers.some((member) => rackOf(member) !== null) ? first!.topic.partitions : 0;
  let remaining = first!.consumers.slice();
  for (let partition = 0; partition < counted && remaining.length > 0; partition++) {
    const chosen = remaining.find((member) =>
      states.every((state) => racksMatch(state, member, partition) && maxAssignable(state, member) > 0),
    );
    if (chosen === undefined) continue;
    for (const state of states) give(state, chosen, [partition], assignment);
    if (states.every((state) => maxAssignable(state, chosen) === 0)) remaining = remaining.filter((member) => member !== chosen);
  }
}

function assignRanges(
  state: TopicState,
  mayAssign: (member: AssignorMember, partition: number) => boolean,
  assignment: Record<string, string[]>,
): void {
  for (const member of state.consumers) {
    if (state.unassigned.size === 0) return;
    const limit = maxAssignable(state, member);
    const partitions: number[] = [];
    for (const partition of state.unassigned) {
      if (partitions.length >= limit) break;
      if (mayAssign(member, partition)) partitions.push(partition);
    }
    if (partitions.length > 0) give(state, member, partitions, assignment);
  }
}

function maxAssignable(state: TopicState, member: AssignorMember): number {
  return Math.max(0, state.perConsumer + (state.extras > 0 ? 1 : 0) - (state.assignedCount.get(member.memberId) ?? 0));
}

function give(state: TopicState, member: AssignorMember, partitions: readonly number[], assignment: Record<string, string[]>): void {
  for (const partition of partitions) {
    assignment[member.memberId]!.push(topicPartitionOf(state.topic.name, partition));
    state.unassigned.delete(partition);
  }
  const count = (state.assignedCount.get(member.memberId) ?? 0) + partitions.length;
  state.assignedCount.set(member.memberId, count);
  if (count > state.perConsumer) state.extras -= 1;
}
