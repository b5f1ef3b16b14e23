import type { Broker } from "../kafka/broker/broker.ts";
import type { World } from "../kafka/cluster/world.ts";
import type { UnifiedLog } from "../kafka/log/unified-log.ts";
import { type Invariant, isRunning } from "./invariant.ts";

interface Memory {
  /** By "broker topic-partition": the log end seen last. */
  ends: Record<string, number>;
  /** Replicas that lost their disk and have not caught up since. */
  wiped: Record<string, true>;
}

export const committedOnEveryIsrMember: Invariant<Memory> = {
  name: "committed-on-every-isr-member",
  about: "What is below a leader's high watermark is in the log of every member of its ISR.",
  exceptions: [
    "A member that lost its disk is in the ISR until the controller learns of it.",
    "A leader that has been replaced and does not know it yet is not looked at: its records above the new leader's log are gone, and Kafka promises nothing of them.",
  ],
  createMemory: () => ({ ends: {}, wiped: {} }),
  check(world, memory, touched) {
    for (const { broker, partitions } of touched.brokers) noteWiped(world, memory, broker, partitions);
    if (touched.metadata) return lookAt(world, memory, Object.keys(world.quorum.image.partitions));
    for (const { partitions } of touched.brokers) {
      const text = lookAt(world, memory, partitions);
      if (text !== null) return text;
    }
    return null;
  },
};

function lookAt(world: World, memory: Memory, topicPartitions: readonly string[]): string | null {
  for (const topicPartition of topicPartitions) {
    const registration = world.quorum.image.partitions[topicPartition];
    if (registration === undefined) continue;
    const { leader, isr, leaderEpoch } = registration;
    if (leader < 0 || isr.length < 2) continue;
    const broker = world.brokers[leader];
    const led = broker?.partitions[topicPartition];
    const log = broker?.logs[topicPartition];
    if (broker === undefined || led === undefined || log === undefined) continue;
    if (led.role !== "leader" || led.leaderEpoch !== leaderEpoch || !isRunning(world, broker)) continue;
    for (const member of isr) {
      const text = member === leader ? null : missingOn(world, memory, topicPartition, log, leader, member);
      if (text !== null) return text;
    }
  }
  return null;
}

function missingOn(world: World, memory: Memory, topicPartition: string, log: UnifiedLog, leader: number, member: number): string | null {
  const { highWatermark, logStartOffset } = log;
  if (highWatermark <= logStartOffset) return null;
  const copy = world.brokers[member]?.logs[topicPartition];
  const end = copy?.logEndOffset ?? 0;
  if (end < highWatermark) {
    if (memory.wiped[`${member} ${topicPartition}`] === true) return null;
    return `broker ${member}, ${topicPartition}: in the ISR with log end ${end}, but the high watermark of leader ${leader} is ${highWatermark}`;
  }
  const here = epochAt(copy!, highWatermark - 1);
  const there = epochAt(log, highWatermark - 1);
  if (here === there || here === -1 || there === -1) return null;
  return `broker ${member}, ${topicPartition}: in the ISR with offset ${highWatermark - 1} of epoch ${here}, but leader ${leader} committed it in epoch ${there}`;
}

/** The leader epoch in which an offset was written; -1: forgotten. */
function epochAt(log: UnifiedLog, offset: number): number {
  const { epochs } = log;
  for (let i = epochs.length - 1; i >= 0; i--) if (epochs[i]!.startOffset <= offset) return epochs[i]!.epoch;
  return -1;
}

/** A log that is gone: its broker's disk was lost. */
function noteWiped(world: World, memory: Memory, broker: Broker, partitions: readonly string[]): void {
  for (const topicPartition of partitions) {
    const end = broker.logs[topicPartition]?.logEndOffset;
    if (end === undefined) continue;
    const key = `${broker.id} ${topicPartition}`;
    if (memory.wiped[key] === true && end >= (leaderHighWatermark(world, topicPartition) ?? Number.POSITIVE_INFINITY))
      delete memory.wiped[key];
    memory.ends[key] = end;
  }
  // A disk is lost only while its broker is down, by a command, after which everything is looked at.
  if (world.nodes[broker.nodeId]?.state !== "down") return;
  const prefix = `${broker.id} `;
  for (const key in memory.ends) {
    if (!key.startsWith(prefix) || broker.logs[key.slice(prefix.length)] !== undefined || memory.ends[key] === 0) continue;
    memory.wiped[key] = true;
    memory.ends[key] = 0;
  }
}

function leaderHighWatermark(world: World, topicPartition: string): number | undefined {
  const leader = world.quorum.image.partitions[topicPartition]?.leader ?? -1;
  return world.brokers[leader]?.logs[topicPartition]?.highWatermark;
}
