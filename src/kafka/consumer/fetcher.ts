/**
 * Fetches, and what they brought until poll() returns it.
 * Models org.apache.kafka.clients.consumer.internals.Fetcher, AbstractFetch, FetchBuffer and FetchCollector. What is buffered are ranges of offsets, never records.
 * Left out: fetch sessions (requests name all partitions), preferred replicas, aborted transactions, rotation of the order of partitions.
 */

import { currentLeader, requestUpdate, updatePartitionLeadership } from "../client/metadata.ts";
import { isUnavailable } from "../client/network-client.ts";
import type { Context } from "../protocol/context.ts";
import { refreshesMetadata } from "../protocol/errors.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import type { RecordBatch } from "../protocol/record-batch.ts";
import type { Answer, RequestTag } from "./consumer-network.ts";
import { enqueue } from "./consumer-network.ts";
import type { KafkaConsumer } from "./kafka-consumer.ts";
import { requestOffsetReset } from "./offset-fetcher.ts";
import { isFetchable } from "./subscription-state.ts";

export interface FetcherState {
  /** Node ids with a fetch in flight. */
  nodesWithPendingFetch: number[];
  /** In order of arrival. */
  completed: CompletedFetch[];
}

/** What one fetch brought of one partition and poll() has not returned yet. */
export interface CompletedFetch {
  topicPartition: string;
  /** It came from this broker, which is not fetched from before all of it is returned. */
  nodeId: number;
  batches: BufferedBatch[];
  nextOffset: number;
  endOffset: number;
}

export interface BufferedBatch {
  baseOffset: number;
  /** Exclusive. */
  endOffset: number;
  baseTimestamp: number;
  maxTimestamp: number;
  /** A transaction marker: it takes an offset, and is not returned. */
  isControl: boolean;
}

export interface ReturnedRange {
  topicPartition: string;
  from: number;
  to: number;
}

export function createFetcherState(): FetcherState {
  return { nodesWithPendingFetch: [], completed: [] };
}

/** One request for each broker that has none in flight and none of whose data is buffered. Returns how many. */
export function sendFetches(consumer: KafkaConsumer, context: Context): number {
  const { subscription, network, fetcher } = consumer;
  const nodes: number[] = [];
  const requests: Record<number, RequestOf<"Fetch">["partitions"]> = {};
  for (const topicPartition in subscription.assigned) {
    const partition = subscription.assigned[topicPartition]!;
    if (!isFetchable(partition) || hasBuffered(fetcher, topicPartition)) continue;
    const leader = currentLeader(network.metadata, topicPartition);
    if (leader.leaderId < 0) {
      requestUpdate(network.metadata);
      continue;
    }
    if (fetcher.nodesWithPendingFetch.includes(leader.leaderId) || isBufferedNode(fetcher, leader.leaderId)) continue;
    if (isUnavailable(network.client, leader.leaderId, context.now)) continue;
    let partitions = requests[leader.leaderId];
    if (partitions === undefined) {
      partitions = [];
      requests[leader.leaderId] = partitions;
      nodes.push(leader.leaderId);
    }
    partitions.push({
      topicPartition,
      currentLeaderEpoch: leader.leaderEpoch,
      fetchOffset: partition.position,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      partitionMaxBytes: consumer.settings.maxPartitionFetchBytes,
    });
  }
  for (const nodeId of nodes) sendFetch(consumer, nodeId, requests[nodeId]!, context);
  return nodes.length;
}

function sendFetch(consumer: KafkaConsumer, nodeId: number, partitions: RequestOf<"Fetch">["partitions"], context: Context): void {
  const { settings, network, fetcher } = consumer;
  const body: RequestOf<"Fetch"> & { api: "Fetch" } = {
    api: "Fetch",
    replicaId: -1,
    replicaEpoch: -1,
    maxWaitMs: settings.fetchMaxWaitMs,
    minBytes: settings.fetchMinBytes,
    maxBytes: settings.fetchMaxBytes,
    readCommitted: settings.isolationLevel === "read_committed",
    partitions,
  };
  const tag: RequestTag = {
    kind: "fetch",
    nodeId,
    partitions: partitions.map((partition) => partition.topicPartition),
    offsets: partitions.map((partition) => partition.fetchOffset),
  };
  fetcher.nodesWithPendingFetch.push(nodeId);
  enqueue(network, nodeId, body, tag, settings.requestTimeoutMs, context);
}

function hasBuffered(fetcher: FetcherState, topicPartition: string): boolean {
  for (const fetch of fetcher.completed) if (fetch.topicPartition === topicPartition) return true;
  return false;
}

function isBufferedNode(fetcher: FetcherState, nodeId: number): boolean {
  for (const fetch of fetcher.completed) if (fetch.nodeId === nodeId) return true;
  return false;
}

export function onFetchAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { fetcher, network } = consumer;
  const tag = answer.tag as Extract<RequestTag, { kind: "fetch" }>;
  const pending = fetcher.nodesWithPendingFetch.indexOf(tag.nodeId);
  if (pending !== -1) fetcher.nodesWithPendingFetch.splice(pending, 1);
  const body = answer.body as ResponseOf<"Fetch"> | null;
  if (body === null) return;
  if (body.error !== "NONE") {
    if (refreshesMetadata(body.error)) requestUpdate(network.metadata);
    return;
  }
  for (const part of body.partitions) {
    const partition = consumer.subscription.assigned[part.topicPartition];
    const index = tag.partitions.indexOf(part.topicPartition);
    // Given up meanwhile, or its position was reset: what came is of no use.
    if (partition === undefined || !isFetchable(partition) || index === -1 || tag.offsets[index] !== partition.position) continue;
    if (part.error === "NONE") takeData(consumer, tag.nodeId, part);
    else onPartitionError(consumer, part, context);
  }
}

function takeData(consumer: KafkaConsumer, nodeId: number, part: ResponseOf<"Fetch">["partitions"][number]): void {
  const partition = consumer.subscription.assigned[part.topicPartition]!;
  if (part.highWatermark >= 0) partition.highWatermark = part.highWatermark;
  if (part.lastStableOffset >= 0) partition.lastStableOffset = part.lastStableOffset;
  if (part.logStartOffset >= 0) partition.logStartOffset = part.logStartOffset;
  if (part.batches.length === 0) return;
  const batches: BufferedBatch[] = [];
  for (const batch of part.batches) if (batch.baseOffset + batch.recordCount > partition.position) batches.push(bufferedBatch(batch));
  if (batches.length === 0) return;
  consumer.fetcher.completed.push({
    topicPartition: part.topicPartition,
    nodeId,
    batches,
    nextOffset: partition.position,
    endOffset: batches[batches.length - 1]!.endOffset,
  });
}

function bufferedBatch(batch: RecordBatch): BufferedBatch {
  return {
    baseOffset: batch.baseOffset,
    endOffset: batch.baseOffset + batch.recordCount,
    baseTimestamp: batch.baseTimestamp,
    maxTimestamp: batch.maxTimestamp,
    isControl: batch.internal !== null,
  };
}

function onPartitionError(consumer: KafkaConsumer, part: ResponseOf<"Fetch">["partitions"][number], context: Context): void {
  const { metadata } = consumer.network;
  switch (part.error) {
    case "OFFSET_OUT_OF_RANGE":
      requestOffsetReset(consumer, consumer.subscription.assigned[part.topicPartition]!, "OffsetOutOfRangeException", context);
      return;
    case "OFFSET_NOT_AVAILABLE":
    case "UNKNOWN_LEADER_EPOCH":
      return;
    default:
      if (part.currentLeader !== null && part.currentLeader.leaderId >= 0) {
        updatePartitionLeadership(metadata, [{ topicPartition: part.topicPartition, leader: part.currentLeader }]);
      }
      requestUpdate(metadata);
  }
}

/** What poll() returns now: at most max.poll.records, in the order in which it was fetched. Moves the positions. */
export function collectFetch(consumer: KafkaConsumer, onRange: (range: ReturnedRange, batch: BufferedBatch) => void): ReturnedRange[] {
  const { fetcher, subscription, settings } = consumer;
  const ranges: ReturnedRange[] = [];
  let remaining = settings.maxPollRecords;
  while (remaining > 0 && fetcher.completed.length > 0) {
    const fetch = fetcher.completed[0]!;
    const partition = subscription.assigned[fetch.topicPartition];
    if (partition === undefined || !isFetchable(partition) || partition.position !== fetch.nextOffset) {
      fetcher.completed.shift();
      continue;
    }
    const batch = fetch.batches[0];
    if (batch === undefined) {
      fetcher.completed.shift();
      continue;
    }
    const from = Math.max(fetch.nextOffset, batch.baseOffset);
    const to = batch.isControl ? batch.endOffset : Math.min(batch.endOffset, from + remaining);
    if (!batch.isControl) {
      remaining -= to - from;
      onRange({ topicPartition: fetch.topicPartition, from, to }, batch);
      const last = ranges[ranges.length - 1];
      if (last !== undefined && last.topicPartition === fetch.topicPartition && last.to === from) last.to = to;
      else ranges.push({ topicPartition: fetch.topicPartition, from, to });
    }
    fetch.nextOffset = to;
    partition.position = to;
    if (to === batch.endOffset) fetch.batches.shift();
    if (fetch.batches.length === 0) fetcher.completed.shift();
  }
  return ranges;
}

/** Only what still belongs to the consumer stays buffered. */
export function clearBufferedOfUnassigned(consumer: KafkaConsumer): void {
  const { fetcher, subscription } = consumer;
  fetcher.completed = fetcher.completed.filter((fetch) => subscription.assigned[fetch.topicPartition] !== undefined);
}
