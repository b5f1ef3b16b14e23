import type { World } from "../kafka/cluster/world.ts";
import { decodeAssignment } from "../kafka/protocol/consumer-protocol.ts";
import type { Invariant } from "./invariant.ts";

interface Memory {
  /** By "broker group": the generation whose assignment was looked at. */
  groups: Record<string, number>;
  /** By member: what it had when it was looked at. */
  members: Record<string, { generationId: number; assigned: unknown }>;
}

interface Owner {
  owner: string;
  partitions: string[];
}

export const partitionOwnedOnce: Invariant<Memory> = {
  name: "partition-owned-once",
  about:
    "In one generation of a group no partition belongs to two members: neither as the coordinator assigned it nor as the members know it.",
  exceptions: [
    "A member that has not heard of a new generation goes on with what it had in the old one; its commits are refused.",
    "When the log of a group is lost, generations are counted from the beginning again: a member that the coordinator does not know may have the same number.",
  ],
  createMemory: () => ({ groups: {}, members: {} }),
  check(world, memory, touched) {
    for (const { broker } of touched.brokers) {
      const { shards } = broker.coordinators;
      for (const key in shards) {
        const { groups } = shards[key]!.shard;
        for (const groupId in groups) {
          const { state, generationId, members } = groups[groupId]!;
          const known = `${broker.id} ${groupId}`;
          if (state !== "Stable" || memory.groups[known] === generationId) continue;
          memory.groups[known] = generationId;
          const text = overlap(members.map(({ memberId, assignment }) => ({ owner: memberId, partitions: decodeAssignment(assignment) })));
          if (text !== null) return `broker ${broker.id}, group ${groupId}, generation ${generationId}: ${text}`;
        }
      }
    }
    return amongMembers(world, memory, touched.consumers);
  },
};

function amongMembers(world: World, memory: Memory, names: readonly string[]): string | null {
  for (const name of names) {
    const own = world.consumers[name]!;
    const { consumer, group } = own;
    if (consumer === null || consumer.coordinator.state !== "STABLE") continue;
    const { generationId } = consumer.coordinator;
    const { assigned } = consumer.subscription;
    const known = memory.members[name];
    if (known !== undefined && known.generationId === generationId && known.assigned === assigned) continue;
    memory.members[name] = { generationId, assigned };
    const members: Owner[] = [];
    for (const other in world.consumers) {
      const { group: otherGroup, consumer: otherConsumer } = world.consumers[other]!;
      if (otherConsumer === null || otherGroup !== group || otherConsumer.coordinator.state !== "STABLE") continue;
      if (
        otherConsumer.coordinator.generationId === generationId &&
        isKnown(world, group, generationId, otherConsumer.coordinator.memberId)
      )
        members.push({ owner: other, partitions: Object.keys(otherConsumer.subscription.assigned) });
    }
    const text = overlap(members);
    if (text !== null) return `group ${group}, generation ${generationId}: ${text}`;
  }
  return null;
}

/** Whether some broker that coordinates the group has the member in this generation. */
function isKnown(world: World, group: string, generationId: number, memberId: string): boolean {
  for (const id in world.brokers) {
    const { shards } = world.brokers[id]!.coordinators;
    for (const key in shards) {
      const found = shards[key]!.shard.groups[group];
      if (found !== undefined && found.generationId === generationId && found.members.some((member) => member.memberId === memberId))
        return true;
    }
  }
  return false;
}

function overlap(members: readonly Owner[]): string | null {
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
