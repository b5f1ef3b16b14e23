import { assignorOf } from "../../src/kafka/consumer/assignors/all-assignors.ts";
import type { AssignableTopic, AssignorMember } from "../../src/kafka/consumer/assignors/assignor.ts";
import { encodeStickyMemory } from "../../src/kafka/consumer/assignors/sticky-assignor.ts";
import { partitionOf, topicOf, topicPartitionOf } from "../../src/kafka/protocol/topic-partition.ts";
import { firstDifference } from "./compare.ts";

interface InputRound {
  topics: Record<string, { partitions: number; racks?: string[][] }>;
  members: { id: string; instanceId?: string; rack?: string; topics: string[]; owned?: Record<string, number[]>; generation?: number }[];
}

interface Input {
  assignor: string;
  rounds: InputRound[];
}

export function runCase(input: Input): unknown {
  const assignor = assignorOf(input.assignor);
  if (assignor === undefined) return { notModelled: input.assignor };
  return {
    rounds: input.rounds.map((round) => {
      const assignment = assignor.assign(topicsOf(round), membersOf(round, input.assignor));
      return { assignment: shown(assignment), withheld: input.assignor === "cooperative-sticky" ? withheld(round, assignment) : {} };
    }),
  };
}

/** What a member still owns and nobody is given. */
function withheld(round: InputRound, assignment: Record<string, string[]>): Record<string, number[]> {
  const given = new Set(Object.values(assignment).flat());
  const missing = round.members
    .flatMap((member) => owned(member.owned))
    .filter((name) => !given.has(name) && (round.topics[topicOf(name)]?.partitions ?? 0) > partitionOf(name));
  const subscribed = missing.filter((name) => round.members.some((member) => member.topics.includes(topicOf(name))));
  return shown({ all: [...new Set(subscribed)] }).all ?? {};
}

function topicsOf(round: InputRound): AssignableTopic[] {
  const names = Object.keys(round.topics).sort();
  return names.map((name) => ({ name, partitions: round.topics[name]!.partitions, racks: round.topics[name]!.racks ?? null }));
}

function membersOf(round: InputRound, assignor: string): AssignorMember[] {
  return round.members.map((member) => ({
    memberId: member.id,
    groupInstanceId: member.instanceId ?? null,
    subscription: {
      topics: member.topics,
      ownedPartitions: owned(member.owned),
      generationId: member.generation ?? -1,
      rackId: member.rack ?? null,
      userData:
        assignor === "sticky" && member.generation !== undefined && member.generation >= 0
          ? encodeStickyMemory(owned(member.owned), member.generation)
          : "",
    },
  }));
}

function owned(partitions: Record<string, number[]> | undefined): string[] {
  return Object.entries(partitions ?? {}).flatMap(([topic, numbers]) => numbers.map((partition) => topicPartitionOf(topic, partition)));
}

function shown(assignment: Record<string, string[]>): Record<string, Record<string, number[]>> {
  const result: Record<string, Record<string, number[]>> = {};
  for (const [member, partitions] of Object.entries(assignment)) {
    const topics: Record<string, number[]> = {};
    for (const topicPartition of partitions) (topics[topicOf(topicPartition)] ??= []).push(partitionOf(topicPartition));
    for (const numbers of Object.values(topics)) numbers.sort((a, b) => a - b);
    result[member] = topics;
  }
  return result;
}

interface Round {
  assignment: Record<string, Record<string, number[]>>;
  withheld?: Record<string, number[]>;
  exact: "always" | "sorted" | "loose";
  counts?: Record<string, number>;
}

/** Of a loose round only the number of partitions per member must be the same. */
export function differences(expected: { rounds: Round[] }, actual: { rounds: Round[] }): string | null {
  if (actual.rounds === undefined) return "not modelled";
  for (const [index, round] of expected.rounds.entries()) {
    const own = actual.rounds[index]!;
    const difference =
      round.exact === "loose"
        ? firstDifference(round.counts, round.counts === undefined ? undefined : countsOf(own))
        : (firstDifference(round.assignment, own.assignment) ?? firstDifference(round.withheld, own.withheld));
    if (difference !== null) return `rounds[${index}].${difference}`;
  }
  return null;
}

function countsOf(round: Round): Record<string, number> {
  return Object.fromEntries(Object.entries(round.assignment).map(([member, topics]) => [member, Object.values(topics).flat().length]));
}
