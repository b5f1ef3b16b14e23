import type { Invariant } from "./invariant.ts";

interface Seen {
  leaderEpoch: number;
  partitionEpoch: number;
  life: number;
}

/** By who knows it and topic-partition. */
type Memory = Record<string, Seen>;

export const epochsMonotonic: Invariant<Memory> = {
  name: "epochs-monotonic",
  about: "Leader epochs and partition epochs never fall: neither in the controller's metadata nor in what one process of a broker knows.",
  exceptions: ["A broker that starts again knows nothing at first, and learns the epochs anew from the metadata log."],
  createMemory: () => ({}),
  check(world, memory, touched) {
    if (touched.metadata) {
      const { partitions } = world.quorum.image;
      for (const topicPartition in partitions) {
        const text = compare(memory, "controller", topicPartition, partitions[topicPartition]!, 0);
        if (text !== null) return text;
      }
    }
    for (const { broker, partitions } of touched.brokers) {
      const life = world.nodes[broker.nodeId]?.life ?? 0;
      for (const topicPartition of partitions) {
        const partition = broker.partitions[topicPartition];
        if (partition === undefined) continue;
        const text = compare(memory, `broker ${broker.id}`, topicPartition, partition, life);
        if (text !== null) return text;
      }
    }
    return null;
  },
};

function compare(
  memory: Memory,
  who: string,
  topicPartition: string,
  now: { leaderEpoch: number; partitionEpoch: number },
  life: number,
): string | null {
  const key = `${who} ${topicPartition}`;
  const known = memory[key];
  const { leaderEpoch, partitionEpoch } = now;
  if (known === undefined || known.life !== life) {
    memory[key] = { leaderEpoch, partitionEpoch, life };
    return null;
  }
  if (leaderEpoch < known.leaderEpoch)
    return `${who}, ${topicPartition}: the leader epoch fell from ${known.leaderEpoch} to ${leaderEpoch}`;
  if (partitionEpoch < known.partitionEpoch)
    return `${who}, ${topicPartition}: the partition epoch fell from ${known.partitionEpoch} to ${partitionEpoch}`;
  known.leaderEpoch = leaderEpoch;
  known.partitionEpoch = partitionEpoch;
  return null;
}
