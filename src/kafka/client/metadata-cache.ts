import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import { partitionOf, topicOf, topicPartitionOf } from "../protocol/topic-partition.ts";

/**
 * What a client knows of the cluster at one moment.
 * Models org.apache.kafka.clients.MetadataSnapshot and org.apache.kafka.common.Cluster. Left out: topic ids, hosts and ports, internal topics.
 * Where Kafka walks a hash table, lists here go by topic (code units), then partition number, and nodes by id.
 */
export interface MetadataCache {
  /** Only the addresses of bootstrap.servers are known. */
  isBootstrap: boolean;
  /** Kafka's node ids, ascending; bootstrap servers are -1, -2, ... in this order. */
  nodeIds: number[];
  /** By node id. */
  racks: Record<number, string | null>;
  controllerId: number;
  /** By topic; the index is the partition's number. */
  topics: Record<string, PartitionMetadata[]>;
  /** Topics that the last responses refused by name. */
  topicErrors: Record<string, ErrorName>;
  /** Partitions led by a known node, by node id: where a drain walks. */
  leadBy: Record<number, LedPartitions>;
  /** Partitions that have a known leader, by topic: what the sticky partitioner chooses from. */
  available: Record<string, number[]>;
}

/** Parallel columns, sorted by topic and partition. */
export interface LedPartitions {
  topics: string[];
  partitions: number[];
}

export interface PartitionMetadata {
  error: ErrorName;
  partition: number;
  /** -1: none. */
  leaderId: number;
  leaderEpoch: number;
  replicas: number[];
  isr: number[];
  offlineReplicas: number[];
}

export function emptyCache(): MetadataCache {
  return { isBootstrap: false, nodeIds: [], racks: {}, controllerId: -1, topics: {}, topicErrors: {}, leadBy: {}, available: {} };
}

export function bootstrapCache(bootstrapCount: number): MetadataCache {
  const cache = emptyCache();
  cache.isBootstrap = true;
  for (let i = 1; i <= bootstrapCount; i++) cache.nodeIds.push(-i);
  return cache;
}

/** 0: the topic is not known. */
export function partitionCountOf(cache: MetadataCache, topic: string): number {
  return cache.topics[topic]?.length ?? 0;
}

export function partitionMetadataOf(cache: MetadataCache, topicPartition: string): PartitionMetadata | undefined {
  return cache.topics[topicOf(topicPartition)]?.[partitionOf(topicPartition)];
}

/** The node id of the leader, -1 when there is none or its node is not known. */
export function leaderOf(cache: MetadataCache, topic: string, partition: number): number {
  const known = cache.topics[topic]?.[partition];
  if (known === undefined || known.leaderId < 0 || cache.racks[known.leaderId] === undefined) return -1;
  return known.leaderId;
}

/** -1: not known. */
export function leaderEpochOf(cache: MetadataCache, topic: string, partition: number): number {
  return cache.topics[topic]?.[partition]?.leaderEpoch ?? -1;
}

export function isNodeKnown(cache: MetadataCache, nodeId: number): boolean {
  return cache.nodeIds.includes(nodeId);
}

export function copyPartitionMetadata(known: PartitionMetadata): PartitionMetadata {
  return {
    error: known.error,
    partition: known.partition,
    leaderId: known.leaderId,
    leaderEpoch: known.leaderEpoch,
    replicas: known.replicas.slice(),
    isr: known.isr.slice(),
    offlineReplicas: known.offlineReplicas.slice(),
  };
}

/** The nodes of a response replace the known ones. */
export function setNodes(cache: MetadataCache, brokers: ResponseOf<"Metadata">["brokers"]): void {
  cache.isBootstrap = false;
  cache.nodeIds = brokers.map((broker) => broker.nodeId).sort((a, b) => a - b);
  cache.racks = {};
  for (const broker of brokers) cache.racks[broker.nodeId] = broker.rack;
}

/** Makes the lists anew that are derived from topics and nodes; to be called after each change of them. */
export function indexCache(cache: MetadataCache): void {
  cache.leadBy = {};
  cache.available = {};
  for (const nodeId of cache.nodeIds) cache.leadBy[nodeId] = { topics: [], partitions: [] };
  for (const topic of Object.keys(cache.topics).sort()) {
    const available: number[] = [];
    const partitions = cache.topics[topic]!;
    for (let partition = 0; partition < partitions.length; partition++) {
      const leader = leaderOf(cache, topic, partition);
      if (leader < 0) continue;
      available.push(partition);
      const led = cache.leadBy[leader]!;
      led.topics.push(topic);
      led.partitions.push(partition);
    }
    cache.available[topic] = available;
  }
}

/** "orders-0:1" for each partition: what a trace event shows. */
export function leadersAsText(cache: MetadataCache): string[] {
  const leaders: string[] = [];
  for (const topic of Object.keys(cache.topics).sort())
    for (const known of cache.topics[topic]!) leaders.push(`${topicPartitionOf(topic, known.partition)}:${known.leaderId}`);
  return leaders;
}
