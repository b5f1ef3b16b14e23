/**
 * What a consumer reads, and how far it has come in each partition.
 * Models org.apache.kafka.clients.consumer.internals.SubscriptionState. Left out: patterns, manual assignment, pause by the application,
 * preferred read replicas, validation of positions by leader epoch (OffsetsForLeaderEpoch).
 */
import { compareTopicPartitions, partitionOf, topicOf } from "../protocol/topic-partition.ts";

export interface SubscriptionState {
  topics: string[];
  /** By topic-partition, in the order of topics and numbers. */
  assigned: Record<string, PartitionState>;
}

export interface PartitionState {
  readonly topicPartition: string;
  readonly topic: string;
  readonly partition: number;
  /** initializing: its committed offset is not known yet. awaiting-reset: it waits for ListOffsets. */
  fetchState: "initializing" | "awaiting-reset" | "fetching";
  /** The offset of the next record that poll() returns; -1: none yet. */
  position: number;
  /** The group's committed offset as this consumer last heard or wrote it; -1: none. */
  committed: number;
  /** A rebalance is about to take it away: nothing of it is fetched or returned. */
  pendingRevocation: boolean;
  /** As the last fetch told; -1: not known. */
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  /** After a failed lookup, not before. */
  nextRetryMs: number;
}

export function createSubscriptionState(topics: readonly string[]): SubscriptionState {
  return { topics: topics.slice().sort(), assigned: {} };
}

/** Keeps the state of partitions that stay. */
export function assignFromSubscribed(subscription: SubscriptionState, partitions: readonly string[]): void {
  const before = subscription.assigned;
  const assigned: Record<string, PartitionState> = {};
  for (const topicPartition of partitions.slice().sort(compareTopicPartitions))
    assigned[topicPartition] = before[topicPartition] ?? createPartition(topicPartition);
  subscription.assigned = assigned;
}

function createPartition(topicPartition: string): PartitionState {
  return {
    topicPartition,
    topic: topicOf(topicPartition),
    partition: partitionOf(topicPartition),
    fetchState: "initializing",
    position: -1,
    committed: -1,
    pendingRevocation: false,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    nextRetryMs: 0,
  };
}

export function assignedPartitions(subscription: SubscriptionState): string[] {
  return Object.keys(subscription.assigned);
}

export function isFetchable(partition: PartitionState): boolean {
  return partition.fetchState === "fetching" && !partition.pendingRevocation;
}

/** What a commit of everything holds: the positions of all partitions that have one, as pairs of name and offset. */
export function allConsumed(subscription: SubscriptionState): [string, number][] {
  const consumed: [string, number][] = [];
  for (const partition of Object.values(subscription.assigned))
    if (partition.fetchState === "fetching") consumed.push([partition.topicPartition, partition.position]);
  return consumed;
}
