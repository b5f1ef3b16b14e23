import { describe, expect, test } from "vitest";
import { giveCommand, run as runEvents } from "../../src/engine/simulation.ts";
import { allInvariants } from "../../src/invariants/all-invariants.ts";
import type { World } from "../../src/kafka/cluster/world.ts";
import { clusterAtWork } from "./small-cluster.ts";

const p0 = "orders-0";

/** What the check after an event of `node` says of a world that was changed behind Kafka's back. */
function afterBreaking(node: string, change: (world: World) => void): string {
  const { world, checker } = clusterAtWork();
  change(world);
  const violation = checker.afterEvent(world, 10_000, node);
  expect(violation === null ? null : violation.node).toBe(violation === null ? null : node);
  return violation === null ? "kept" : `${violation.invariant}: ${violation.message}`;
}

describe("a law that is broken is told with node, partition and numbers", () => {
  test("a high watermark over the log end", () => {
    const text = afterBreaking("1", (world) => {
      world.brokers[1]!.logs[p0]!.highWatermark = 1_000_000;
    });
    expect(text).toMatch(/^high-watermark-within-log: broker 1, orders-0: high watermark 1000000 is over the log end \d+$/);
  });

  test("a leader's high watermark that falls within its epoch", () => {
    const text = afterBreaking("1", (world) => {
      world.brokers[1]!.logs[p0]!.highWatermark = 10;
    });
    expect(text).toMatch(/^high-watermark-within-log: broker 1, orders-0: the leader's high watermark fell from \d+ to 10 in epoch 0$/);
  });

  test("a follower's high watermark may fall", () => {
    const text = afterBreaking("2", (world) => {
      world.brokers[2]!.logs[p0]!.highWatermark = 10;
    });
    expect(text).toBe("kept");
  });

  test("an ISR member without a committed record", () => {
    const text = afterBreaking("2", (world) => {
      world.brokers[2]!.logs[p0]!.logEndOffset = 20;
      world.brokers[2]!.logs[p0]!.highWatermark = 20;
    });
    expect(text).toMatch(
      /^committed-on-every-isr-member: broker 2, orders-0: in the ISR with log end 20, but the high watermark of leader 1 is \d+$/,
    );
  });

  test("an ISR member with another epoch's record at a committed offset", () => {
    const text = afterBreaking("1", (world) => {
      const { epochs } = world.brokers[2]!.logs[p0]!;
      epochs[0]!.epoch = 7;
      world.brokers[1]!.logs[p0]!.highWatermark = world.brokers[1]!.logs[p0]!.logEndOffset;
      world.brokers[2]!.logs[p0]!.logEndOffset = world.brokers[1]!.logs[p0]!.logEndOffset;
      world.brokers[1]!.partitions[p0]!.partitionEpoch += 1;
    });
    expect(text).toMatch(/^committed-on-every-isr-member: broker 2, orders-0: .* of epoch 7, but leader 1 committed it in epoch 0$/);
  });

  test("two leaders in one epoch", () => {
    const text = afterBreaking("2", (world) => {
      const partition = world.brokers[2]!.partitions[p0]!;
      partition.role = "leader";
      partition.leader = 2;
    });
    expect(text).toBe("one-leader-per-epoch: broker 2, orders-0: leads in epoch 0 (as it says itself), in which broker 1 led");
  });

  test("a leader that is not in the ISR", () => {
    const text = afterBreaking("101", (world) => {
      world.quorum.image.partitions[p0]!.isr = [2, 3];
      world.quorum.image.offset += 1;
    });
    expect(text).toBe("leader-in-isr: orders-0: leader 1 is not in the ISR [2, 3]");
  });

  test("a leader epoch that falls", () => {
    const text = afterBreaking("101", (world) => {
      world.quorum.image.partitions[p0]!.leaderEpoch -= 1;
      world.quorum.image.offset += 1;
    });
    expect(text).toBe("epochs-monotonic: controller, orders-0: the leader epoch fell from 0 to -1");
  });

  test("a partition epoch that falls in what a broker knows", () => {
    const text = afterBreaking("3", (world) => {
      world.brokers[3]!.partitions[p0]!.partitionEpoch = -5;
    });
    expect(text).toMatch(/^epochs-monotonic: broker 3, orders-0: the partition epoch fell from \d+ to -5$/);
  });

  test("a gap in a producer's sequences", () => {
    const text = afterBreaking("1", (world) => {
      const log = world.brokers[1]!.logs[p0]!;
      const segment = log.segments.at(-1)!;
      const last = segment.batches.at(-1)!;
      segment.batches.push({ ...last, baseOffset: log.logEndOffset, baseSequence: last.baseSequence + last.recordCount + 3 });
      log.logEndOffset += last.recordCount;
    });
    expect(text).toMatch(
      /^sequence-continuity: broker 1, orders-0: producer \d+ \(epoch 0\) has sequence \d+ at offset \d+, expected \d+$/,
    );
  });

  test("a batch that stands twice", () => {
    const text = afterBreaking("1", (world) => {
      const log = world.brokers[1]!.logs[p0]!;
      const segment = log.segments.at(-1)!;
      const last = segment.batches.at(-1)!;
      segment.batches.push({ ...last, baseOffset: log.logEndOffset });
      log.logEndOffset += last.recordCount;
    });
    expect(text).toMatch(/^sequence-continuity/);
  });

  test("a partition that two members of one generation own", () => {
    const text = afterBreaking("c2", (world) => {
      const first = world.consumers.c1!.consumer!;
      const second = world.consumers.c2!.consumer!;
      expect(first.coordinator.generationId).toBe(second.coordinator.generationId);
      second.subscription.assigned = { ...second.subscription.assigned, ...structuredClone(first.subscription.assigned) };
    });
    expect(text).toMatch(/^partition-owned-once: group billing, generation \d+: orders-\d belongs to c1 and to c2$/);
  });

  test("an assignment that gives a partition to two members", () => {
    const { world, checker } = clusterAtWork();
    for (const broker of Object.values(world.brokers))
      for (const { shard } of Object.values(broker.coordinators.shards))
        for (const group of Object.values(shard.groups)) {
          for (const member of group.members) member.assignment = group.members[0]!.assignment;
          group.generationId += 1;
        }
    expect(checker.atEnd(world, 10_000)?.message).toMatch(
      /^broker \d, group billing, generation \d+: orders-\d belongs to c\d\S* and to c\d/,
    );
  });

  test("a byte of buffer memory that nobody accounts for", () => {
    const text = afterBreaking("p1", (world) => {
      world.producers.p1!.producer!.accumulator.pool.nonPooledBytes -= 1;
    });
    expect(text).toMatch(/^buffer-memory-accounted: producer p1: .* = 33554431 B, but buffer.memory is 33554432 B$/);
  });
});

test("every law has a name, says what it means, and states its exceptions", () => {
  expect(new Set(allInvariants.map(({ name }) => name)).size).toBe(allInvariants.length);
  for (const { about, exceptions } of allInvariants) {
    expect(about).toMatch(/\.$/);
    expect(exceptions.length).toBeGreaterThan(0);
  }
});

test("what real Kafka breaks too is no violation: a lost disk, an unclean election, brokers that hang and come back", () => {
  const { run, world, checker } = clusterAtWork();
  const { simulation } = run;
  const found: string[] = [];
  simulation.afterEvent = (node) => {
    const violation = checker.afterEvent(simulation.world, simulation.kernel.now, node);
    if (violation !== null && found.length < 5) found.push(`${violation.atMs} ${violation.invariant}: ${violation.message}`);
  };
  const until = (untilMs: number): void => void runEvents(simulation, { untilMs, events: Number.POSITIVE_INFINITY });
  giveCommand(simulation, { type: "kill", node: "3" });
  until(10_500);
  giveCommand(simulation, { type: "lose-disk", broker: 3 });
  until(30_000);
  giveCommand(simulation, { type: "start", node: "3" });
  until(60_000);
  giveCommand(simulation, { type: "alter-topic-config", topic: "orders", key: "unclean.leader.election.enable", value: "true" });
  giveCommand(simulation, { type: "pause", node: "1" });
  until(61_000);
  giveCommand(simulation, { type: "kill", node: "2" });
  until(90_000);
  giveCommand(simulation, { type: "kill", node: "3" });
  until(91_000);
  giveCommand(simulation, { type: "resume", node: "1" });
  until(110_000);
  giveCommand(simulation, { type: "start", node: "2" });
  giveCommand(simulation, { type: "start", node: "3" });
  until(150_000);
  const last = checker.atEnd(world, 150_000);
  expect(found).toEqual([]);
  expect(last).toBe(null);
  expect(Object.values(world.quorum.image.partitions).every(({ leader }) => leader > 0)).toBe(true);
});
