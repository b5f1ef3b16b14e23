import { type AssignableTopic, type AssignorMember, assignorOf } from "../../src/kafka/consumer/assignors/assignor.ts";
import { partitionOf, topicOf, topicPartitionOf } from "../../src/kafka/protocol/topic-partition.ts";

interface Round {
  topics: Record<string, { partitions: number; racks?: string[][] }>;
  members: { id: string; instanceId?: string; rack?: string; topics: string[]; owned?: Record<string, number[]>; generation?: number }[];
}

interface Input {
  assignor: string;
  rounds: Round[];
}

export function runCase(input: Input): unknown {
  const assignor = assignorOf(input.assignor);
  if (assignor === undefined) return { notModelled: input.assignor };
  return { rounds: input.rounds.map((round) => ({ assignment: shown(assignor.assign(topicsOf(round), membersOf(round))) })) };
}

function topicsOf(round: Round): AssignableTopic[] {
  const names = Object.keys(round.topics).sort();
  return names.map((name) => ({ name, partitions: round.topics[name]!.partitions, racks: round.topics[name]!.racks ?? null }));
}

function membersOf(round: Round): AssignorMember[] {
  return round.members.map((member) => ({
    memberId: member.id,
    groupInstanceId: member.instanceId ?? null,
    subscription: {
      topics: member.topics,
      ownedPartitions: Object.entries(member.owned ?? {}).flatMap(([topic, partitions]) =>
        partitions.map((partition) => topicPartitionOf(topic, partition)),
      ),
      generationId: member.generation ?? -1,
      rackId: member.rack ?? null,
      userData: "",
    },
  }));
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
