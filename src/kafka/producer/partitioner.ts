import { type MetadataCache, partitionCountOf } from "../client/metadata-cache.ts";
import type { Context } from "../protocol/context.ts";

/**
 * Where records without a key go: they stick to a partition for batch.size bytes, then another one is drawn, by load if queues differ.
 * Models org.apache.kafka.clients.producer.internals.BuiltInPartitioner (KIP-794; rack-aware as of 4.4). Left out: threads racing for a switch.
 */
export interface BuiltInPartitioner {
  readonly stickyBatchSizeBytes: number;
  readonly rackAware: boolean;
  readonly clientRack: string;
  readonly chanceStream: string;
  /** What a send() that waits for memory saw of its topic when it began: it chooses from that, whatever metadata says since. */
  seenByWaiting: TopicView | null;
  /** null: no record yet. */
  sticky: StickyPartition | null;
  /** null: uniform. */
  loadStats: PartitionLoadStats | null;
  /** The same for leaders in the client's rack; null: none there. */
  rackLoadStats: PartitionLoadStats | null;
}

/** A topic at one moment. */
export interface TopicView {
  partitionCount: number;
  available: number[];
  availableInRack: number[];
}

export interface StickyPartition {
  partition: number;
  producedBytes: number;
}

/** Parallel columns. */
export interface PartitionLoadStats {
  partitions: number[];
  cumulativeWeights: number[];
}

export function createPartitioner(
  stickyBatchSizeBytes: number,
  rackAware: boolean,
  clientRack: string,
  chanceStream: string,
): BuiltInPartitioner {
  return {
    stickyBatchSizeBytes,
    rackAware,
    clientRack,
    chanceStream,
    seenByWaiting: null,
    sticky: null,
    loadStats: null,
    rackLoadStats: null,
  };
}

export function peekPartition(partitioner: BuiltInPartitioner, topic: string, cache: MetadataCache, context: Context): StickyPartition {
  partitioner.sticky ??= { partition: nextPartition(partitioner, topic, cache, context), producedBytes: 0 };
  return partitioner.sticky;
}

/** Bytes that may still be appended before the partitioner switches even though the batch has room. */
export function bytesUntilForcedSwitch(partitioner: BuiltInPartitioner): number {
  return Math.max(1, twiceStickySize(partitioner) - partitioner.sticky!.producedBytes);
}

/** Java's int: doubling overflows from 2^30 on, and then every record switches. */
function twiceStickySize(partitioner: BuiltInPartitioner): number {
  return (partitioner.stickyBatchSizeBytes * 2) | 0;
}

/** Counts what was appended; draws the next partition if it is time. Returns whether it switched. */
export function updatePartition(
  partitioner: BuiltInPartitioner,
  appendedBytes: number,
  enableSwitch: boolean,
  topic: string,
  cache: MetadataCache,
  context: Context,
): boolean {
  const sticky = partitioner.sticky!;
  sticky.producedBytes += appendedBytes;
  const produced = sticky.producedBytes;
  if (!((produced >= partitioner.stickyBatchSizeBytes && enableSwitch) || produced >= twiceStickySize(partitioner))) return false;
  partitioner.sticky = { partition: nextPartition(partitioner, topic, cache, context), producedBytes: 0 };
  return true;
}

function nextPartition(partitioner: BuiltInPartitioner, topic: string, cache: MetadataCache, context: Context): number {
  const random = context.chance.int31(partitioner.chanceStream);
  const stats = partitioner.rackLoadStats ?? partitioner.loadStats;
  if (stats !== null) return byLoad(stats, random);
  const { partitionCount, available, availableInRack } = partitioner.seenByWaiting ?? topicView(partitioner, topic, cache);
  if (available.length === 0) return random % partitionCount;
  return availableInRack.length > 0 ? availableInRack[random % availableInRack.length]! : available[random % available.length]!;
}

export function topicView(partitioner: BuiltInPartitioner, topic: string, cache: MetadataCache): TopicView {
  const available = (cache.available[topic] ?? []).slice();
  const availableInRack = partitioner.rackAware
    ? available.filter((partition) => rackOfLeader(cache, topic, partition) === partitioner.clientRack)
    : [];
  return { partitionCount: partitionCountOf(cache, topic), available, availableInRack };
}

function rackOfLeader(cache: MetadataCache, topic: string, partition: number): string | null {
  return cache.racks[cache.topics[topic]![partition]!.leaderId] ?? null;
}

function byLoad(stats: PartitionLoadStats, random: number): number {
  const weights = stats.cumulativeWeights;
  const weighted = random % weights[weights.length - 1]!;
  let index = 0;
  while (weights[index]! <= weighted) index += 1;
  return stats.partitions[index]!;
}

/** One slot a partition that has a leader and is not excluded. */
export interface PartitionLoad {
  partitions: number[];
  queueSizes: number[];
  racks: (string | null)[];
  /** How many slots there could be: leaderless and excluded partitions too. */
  allCount: number;
}

/** `load` null: not all partitions have had a batch yet, or adaptive partitioning is off. */
export function updateLoadStats(partitioner: BuiltInPartitioner, load: PartitionLoad | null): void {
  partitioner.loadStats = null;
  partitioner.rackLoadStats = null;
  if (load === null) return;
  partitioner.loadStats = loadStatsOf(load.partitions, load.queueSizes, load.allCount);
  // Without a table for all there is none for the rack either.
  if (!partitioner.rackAware || partitioner.loadStats === null) return;
  const inRack: PartitionLoad = { partitions: [], queueSizes: [], racks: [], allCount: load.allCount };
  for (let i = 0; i < load.partitions.length; i++) {
    if (load.racks[i] !== partitioner.clientRack) continue;
    inRack.partitions.push(load.partitions[i]!);
    inRack.queueSizes.push(load.queueSizes[i]!);
  }
  partitioner.rackLoadStats = loadStatsOf(inRack.partitions, inRack.queueSizes, inRack.allCount);
}

/** The longer a queue, the less it gets: longest + 1 - own, summed up. Equal queues with none left out need no table. */
function loadStatsOf(partitions: number[], queueSizes: number[], allCount: number): PartitionLoadStats | null {
  const count = partitions.length;
  if (count < 1 || allCount < 2) return null;
  let longest = queueSizes[0]!;
  let allEqual = true;
  for (const size of queueSizes) {
    if (size !== queueSizes[0]) allEqual = false;
    if (size > longest) longest = size;
  }
  if (allEqual && count === allCount) return null;
  const cumulativeWeights: number[] = [];
  let sum = 0;
  for (const size of queueSizes) {
    sum += longest + 1 - size;
    cumulativeWeights.push(sum);
  }
  return { partitions: partitions.slice(), cumulativeWeights };
}
