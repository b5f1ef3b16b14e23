import { availableBytes } from "../kafka/producer/buffer-pool.ts";
import type { Invariant } from "./invariant.ts";

export const bufferMemoryAccounted: Invariant<null> = {
  name: "buffer-memory-accounted",
  about: "Of a producer's buffer.memory every byte is free, gathered by the waiting send(), held by a send(), or held by a batch.",
  exceptions: ["Batches that came from splitting one that was too large hold none: Kafka allocates them outside the pool."],
  createMemory: () => null,
  check(world, _memory, touched) {
    for (const name of touched.producers) {
      const producer = world.producers[name]?.producer;
      if (producer === null || producer === undefined) continue;
      const { pool, batches } = producer.accumulator;
      let inBatches = 0;
      for (const id in batches) inBatches += batches[id]!.heldBytes;
      const inCall = producer.call?.kind === "send" ? producer.call.heldBytes : 0;
      const gathered = pool.waiter?.accumulatedBytes ?? 0;
      const free = availableBytes(pool);
      const sum = free + gathered + inCall + inBatches;
      if (sum !== pool.totalBytes || free < 0)
        return `producer ${name}: ${free} B free + ${gathered} B gathered + ${inCall} B of a send() + ${inBatches} B in batches = ${sum} B, but buffer.memory is ${pool.totalBytes} B`;
    }
    return null;
  },
};
