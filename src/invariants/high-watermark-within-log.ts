import { type Invariant, isRunning } from "./invariant.ts";

/** By "broker topic-partition": the epoch and process in which the broker leads, and its high watermark then. */
type Memory = Record<string, { epoch: number; life: number; highWatermark: number }>;

export const highWatermarkWithinLog: Invariant<Memory> = {
  name: "high-watermark-within-log",
  about: "A replica's high watermark is never over its log end, and a leader's never falls within its leader epoch.",
  exceptions: [
    "A new leader may begin with a lower high watermark than the old one had: it learnt the old one's late.",
    "A broker that starts again begins with the high watermark of its last checkpoint.",
  ],
  createMemory: () => ({}),
  check(world, memory, touched) {
    for (const { broker, partitions } of touched.brokers) {
      for (const topicPartition of partitions) {
        const log = broker.logs[topicPartition];
        if (log === undefined) continue;
        const { highWatermark, logEndOffset } = log;
        if (highWatermark > logEndOffset)
          return `broker ${broker.id}, ${topicPartition}: high watermark ${highWatermark} is over the log end ${logEndOffset}`;
        const partition = broker.partitions[topicPartition];
        if (partition === undefined || partition.role !== "leader" || !isRunning(world, broker)) continue;
        const { leaderEpoch } = partition;
        const life = world.nodes[broker.nodeId]!.life;
        const key = `${broker.id} ${topicPartition}`;
        const known = memory[key];
        if (known === undefined || known.epoch !== leaderEpoch || known.life !== life) {
          memory[key] = { epoch: leaderEpoch, life, highWatermark };
          continue;
        }
        if (highWatermark < known.highWatermark)
          return `broker ${broker.id}, ${topicPartition}: the leader's high watermark fell from ${known.highWatermark} to ${highWatermark} in epoch ${leaderEpoch}`;
        known.highWatermark = highWatermark;
      }
    }
    return null;
  },
};
