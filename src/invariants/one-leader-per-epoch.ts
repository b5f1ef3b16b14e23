import type { Invariant } from "./invariant.ts";

/** By topic-partition: who led in which epoch. */
type Memory = Record<string, Record<number, number>>;

export const oneLeaderPerEpoch: Invariant<Memory> = {
  name: "one-leader-per-epoch",
  about: "In one leader epoch a partition has one leader, in the controller's metadata and among the brokers that think they lead.",
  exceptions: ["Two brokers may lead at one time in different epochs: the older one has not heard of the newer."],
  createMemory: () => ({}),
  check(world, memory, touched) {
    if (touched.metadata) {
      const { partitions } = world.quorum.image;
      for (const topicPartition in partitions) {
        const { leader, leaderEpoch } = partitions[topicPartition]!;
        const text = leader < 0 ? null : note(memory, topicPartition, leaderEpoch, leader, "in the controller's metadata");
        if (text !== null) return text;
      }
    }
    for (const { broker, partitions } of touched.brokers) {
      for (const topicPartition of partitions) {
        const partition = broker.partitions[topicPartition];
        if (partition === undefined) continue;
        const { role, leaderEpoch } = partition;
        const text = role !== "leader" ? null : note(memory, topicPartition, leaderEpoch, broker.id, "as it says itself");
        if (text !== null) return text;
      }
    }
    return null;
  },
};

function note(memory: Memory, topicPartition: string, epoch: number, leader: number, where: string): string | null {
  memory[topicPartition] ??= {};
  const leaders = memory[topicPartition];
  const known = leaders[epoch];
  if (known === undefined) leaders[epoch] = leader;
  else if (known !== leader) return `broker ${leader}, ${topicPartition}: leads in epoch ${epoch} (${where}), in which broker ${known} led`;
  return null;
}
