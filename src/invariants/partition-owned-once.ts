import type { World } from "../kafka/cluster/world.ts";
import { decodeAssignment } from "../kafka/protocol/consumer-protocol.ts";
import { brokersTouched, type Invariant } from "./invariant.ts";

/** By "broker group": the generation whose assignment was looked at. */
type Memory = Record<string, number>;

export const partitionOwnedOnce: Invariant<Memory> = {
  name: "partition-owned-once",
  about:
    "In one generation of a group no partition belongs to two members: neither as the coordinator assigned it nor as the members know it.",
  exceptions: ["A member that has not heard of a new generation goes on with what it had in the old one; its commits are refused."],
  createMemory: () => ({}),
  check(world, memory, node) {
    for (const broker of brokersTouched(world, node)) {
      const { shards } = broker.coordinators;
      for (const key in shards) {
        const { groups } = shards[key]!.shard;
        for (const groupId in groups) {
          const { state, generationId, members } = groups[groupId]!;
          const known = `${broker.id} ${groupId}`;
          if (state !== "Stable" || memory[known] === generationId) continue;
          memory[known] = generationId;
          const text = overlap(members.map(({ memberId, assignment }) => ({ owner: memberId, partitions: decodeAssignment(assignment) })));
          if (text !== null) return `broker ${broker.id}, group ${groupId}, generation ${generationId}: ${text}`;
        }
      }
    }
    return amongMembers(world, node);
  },
};

function amongMembers(world: World, node: string | null): string | null {
  const own = node === null ? undefined : world.consumers[node];
  if (node !== null && own === undefined) return null;
  const generations: Record<string, { group: string; generation: number; members: { owner: string; partitions: string[] }[] }> = {};
  for (const name in world.consumers) {
    const { group, consumer } = world.consumers[name]!;
    if (consumer === null || (own !== undefined && own.group !== group)) continue;
    const { state, generationId } = consumer.coordinator;
    if (state !== "STABLE" || generationId < 0) continue;
    const key = `${group} ${generationId}`;
    generations[key] ??= { group, generation: generationId, members: [] };
    generations[key].members.push({ owner: name, partitions: Object.keys(consumer.subscription.assigned) });
  }
  for (const key in generations) {
    const { group, generation, members } = generations[key]!;
    const text = overlap(members);
    if (text !== null) return `group ${group}, generation ${generation}: ${text}`;
  }
  return null;
}

function overlap(members: { owner: string; partitions: string[] }[]): string | null {
  const owners: Record<string, string> = {};
  for (const { owner, partitions } of members) {
    for (const topicPartition of partitions) {
      const other = owners[topicPartition];
      if (other !== undefined && other !== owner) return `${topicPartition} belongs to ${other} and to ${owner}`;
      owners[topicPartition] = owner;
    }
  }
  return null;
}
