import type { Invariant } from "./invariant.ts";

export const leaderInIsr: Invariant<null> = {
  name: "leader-in-isr",
  about: "A partition's leader is in its ISR, and the ISR is among its replicas.",
  exceptions: ["A partition without a leader may have any ISR of its replicas: its last members, or with eligible leader replicas none."],
  createMemory: () => null,
  check(world, _memory, touched) {
    if (!touched.metadata) return null;
    const { partitions } = world.quorum.image;
    for (const topicPartition in partitions) {
      const { leader, isr, replicas } = partitions[topicPartition]!;
      if (leader >= 0 && !isr.includes(leader)) return `${topicPartition}: leader ${leader} is not in the ISR [${isr.join(", ")}]`;
      for (const member of isr)
        if (!replicas.includes(member)) return `${topicPartition}: ISR member ${member} is not among the replicas [${replicas.join(", ")}]`;
    }
    return null;
  },
};
