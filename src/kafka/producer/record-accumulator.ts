import type { MetadataCache } from "../client/metadata-cache.ts";
import { leaderEpochOf, leaderOf, partitionCountOf } from "../client/metadata-cache.ts";
import type { Context } from "../protocol/context.ts";
import { BACKOFF_JITTER, backoffMs, isJittered } from "../protocol/exponential-backoff.ts";
import type { ProducerSettings } from "../protocol/producer-settings.ts";
import { topicPartitionOf } from "../protocol/topic-partition.ts";
import { type BufferPool, createBufferPool } from "./buffer-pool.ts";
import { type BuiltInPartitioner, createPartitioner, type PartitionLoad, updateLoadStats } from "./partitioner.ts";
import {
  closeBatch,
  hasLeaderChangedForTheOngoingRetry,
  hasReachedDeliveryTimeout,
  hasSequence,
  isFull,
  maybeUpdateLeaderEpoch,
  type ProducerBatch,
  waitedMs,
} from "./producer-batch.ts";
import { assignSequence, drainBlockedBy, type TransactionManager } from "./transaction-manager.ts";

/**
 * The batches that wait to be sent, one queue a partition: which are ready, which are taken, which have waited too long.
 * Models org.apache.kafka.clients.producer.internals.RecordAccumulator (its append is in append.ts). Left out: compression, incremental buffers.
 */
export interface RecordAccumulator {
  readonly settings: AccumulatorSettings;
  pool: BufferPool;
  /** By topic, in the order of first use. */
  topics: Record<string, TopicInfo>;
  /** All batches that are not done or still in a request, by id. */
  batches: Record<number, ProducerBatch>;
  nextBatchId: number;
  /** How many batches are not done yet. */
  incompleteCount: number;
  /** "topic-partition" of partitions with a batch in flight while max.in.flight.requests.per.connection is 1. */
  muted: string[];
  /** By node id: where the last drain stopped. */
  drainIndex: Record<number, number>;
  /** By node id. */
  nodeLatency: Record<number, NodeLatency>;
  isClosed: boolean;
  flushesInProgress: number;
  /** The earliest time at which a batch expires. */
  nextExpiryMs: number;
}

export interface AccumulatorSettings {
  readonly batchSizeBytes: number;
  readonly lingerMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly deliveryTimeoutMs: number;
  readonly adaptivePartitioning: boolean;
  readonly availabilityTimeoutMs: number;
  readonly rackAware: boolean;
  readonly clientRack: string;
  readonly chancePrefix: string;
}

export interface TopicInfo {
  partitioner: BuiltInPartitioner;
  /** The index is the partition's number; null: it has never had a batch. */
  queues: (PartitionQueue | null)[];
  queueCount: number;
}

export interface PartitionQueue {
  topicPartition: string;
  /** Ids, first to go first. */
  batches: number[];
}

export interface NodeLatency {
  /** When the node last had something ready. */
  readyAtMs: number;
  /** When it could also take it. */
  drainedAtMs: number;
}

const FOREVER_MS = Number.MAX_SAFE_INTEGER;

export function createAccumulator(name: string, settings: ProducerSettings): RecordAccumulator {
  return {
    settings: {
      batchSizeBytes: settings.batchSizeBytes,
      lingerMs: settings.lingerMs,
      retryBackoffMs: settings.retryBackoffMs,
      retryBackoffMaxMs: settings.retryBackoffMaxMs,
      deliveryTimeoutMs: settings.deliveryTimeoutMs,
      adaptivePartitioning: settings.partitionerAdaptivePartitioningEnable,
      availabilityTimeoutMs: settings.partitionerAvailabilityTimeoutMs,
      rackAware: settings.partitionerRackAware,
      clientRack: settings.clientRack,
      chancePrefix: `producer/${name}`,
    },
    pool: createBufferPool(settings.bufferMemoryBytes, settings.batchSizeBytes),
    topics: {},
    batches: {},
    nextBatchId: 0,
    incompleteCount: 0,
    muted: [],
    drainIndex: {},
    nodeLatency: {},
    isClosed: false,
    flushesInProgress: 0,
    nextExpiryMs: FOREVER_MS,
  };
}

export function topicInfoOf(accumulator: RecordAccumulator, topic: string): TopicInfo {
  let info = accumulator.topics[topic];
  if (info === undefined) {
    const { batchSizeBytes, rackAware, clientRack, chancePrefix } = accumulator.settings;
    info = { partitioner: createPartitioner(batchSizeBytes, rackAware, clientRack, `${chancePrefix}/sticky`), queues: [], queueCount: 0 };
    accumulator.topics[topic] = info;
  }
  return info;
}

export function queueOf(accumulator: RecordAccumulator, topic: string, partition: number): PartitionQueue {
  const info = topicInfoOf(accumulator, topic);
  while (info.queues.length <= partition) info.queues.push(null);
  let queue = info.queues[partition];
  if (queue === null || queue === undefined) {
    queue = { topicPartition: topicPartitionOf(topic, partition), batches: [] };
    info.queues[partition] = queue;
    info.queueCount += 1;
  }
  return queue;
}

export function firstBatch(accumulator: RecordAccumulator, queue: PartitionQueue): ProducerBatch | undefined {
  const id = queue.batches[0];
  return id === undefined ? undefined : accumulator.batches[id];
}

export function lastBatch(accumulator: RecordAccumulator, queue: PartitionQueue): ProducerBatch | undefined {
  const id = queue.batches[queue.batches.length - 1];
  return id === undefined ? undefined : accumulator.batches[id];
}

export function hasUndrained(accumulator: RecordAccumulator): boolean {
  for (const info of Object.values(accumulator.topics))
    for (const queue of info.queues) if (queue !== null && queue.batches.length > 0) return true;
  return false;
}

function retryBackoff(accumulator: RecordAccumulator, attempts: number, context: Context): number {
  const { retryBackoffMs, retryBackoffMaxMs, chancePrefix } = accumulator.settings;
  const jitter = isJittered(retryBackoffMs, retryBackoffMaxMs) ? context.chance.jitter(`${chancePrefix}/retry-backoff`, BACKOFF_JITTER) : 1;
  return backoffMs(retryBackoffMs, retryBackoffMaxMs, attempts, jitter);
}

/** Jitter is drawn anew each time that it is asked, as in Kafka. */
function isBackingOff(accumulator: RecordAccumulator, batch: ProducerBatch, context: Context): boolean {
  if (batch.attempts === 0 || hasLeaderChangedForTheOngoingRetry(batch)) return false;
  return waitedMs(batch, context.now) < retryBackoff(accumulator, batch.attempts - 1, context);
}

/** What makes a queue's first batch ready to go; null: nothing yet. The one rule of ready() and of what the dashboard says. */
export function sendableBecause(
  accumulator: RecordAccumulator,
  queue: PartitionQueue,
  first: ProducerBatch,
  timeToWaitMs: number,
  nowMs: number,
): SendableReason | null {
  if (queue.batches.length > 1 || isFull(first)) return "full";
  if (waitedMs(first, nowMs) >= timeToWaitMs) return "lingered";
  if (accumulator.pool.waiter !== null) return "memory-exhausted";
  if (accumulator.isClosed) return "closing";
  if (accumulator.flushesInProgress > 0) return "flushing";
  return null;
}

export type SendableReason = "full" | "lingered" | "memory-exhausted" | "closing" | "flushing";

export interface ReadyCheck {
  /** Ascending. */
  readyNodes: number[];
  nextReadyCheckDelayMs: number;
  unknownLeaderTopics: string[];
}

/** Which nodes have data that should go now; also renews the partitioners' load statistics. */
export function ready(accumulator: RecordAccumulator, cache: MetadataCache, context: Context): ReadyCheck {
  const check: ReadyCheck = { readyNodes: [], nextReadyCheckDelayMs: FOREVER_MS, unknownLeaderTopics: [] };
  for (const topic of Object.keys(accumulator.topics)) topicReady(accumulator, cache, topic, check, context);
  if (check.readyNodes.length > 1) check.readyNodes.sort((a, b) => a - b);
  return check;
}

function topicReady(accumulator: RecordAccumulator, cache: MetadataCache, topic: string, check: ReadyCheck, context: Context): void {
  const info = accumulator.topics[topic]!;
  const collectsLoad = accumulator.settings.adaptivePartitioning && info.queueCount >= partitionCountOf(cache, topic);
  const load: PartitionLoad | null = collectsLoad ? { partitions: [], queueSizes: [], racks: [], allCount: info.queueCount } : null;
  // Kafka takes an excluded partition's slot back, but not what stands in it: an empty queue that comes next inherits the length.
  let inherited = 0;
  for (let partition = 0; partition < info.queues.length; partition++) {
    const queue = info.queues[partition];
    if (queue === null || queue === undefined) continue;
    const leader = leaderOf(cache, topic, partition);
    const first = firstBatch(accumulator, queue);
    if (first !== undefined) maybeUpdateLeaderEpoch(first, leaderEpochOf(cache, topic, partition));
    if (leader < 0) {
      if (first !== undefined && !check.unknownLeaderTopics.includes(topic)) check.unknownLeaderTopics.push(topic);
      continue;
    }
    if (load !== null) {
      if (first !== undefined && isUnavailable(accumulator, leader)) inherited = queue.batches.length;
      else {
        load.partitions.push(partition);
        load.queueSizes.push(first === undefined ? inherited : queue.batches.length);
        load.racks.push(cache.racks[leader] ?? null);
        inherited = 0;
      }
    }
    if (first !== undefined) batchReady(accumulator, queue, first, leader, check, context);
  }
  updateLoadStats(info.partitioner, load);
}

/** partitioner.availability.timeout.ms: the node has had data for longer than it could take any. */
function isUnavailable(accumulator: RecordAccumulator, node: number): boolean {
  if (accumulator.settings.availabilityTimeoutMs <= 0) return false;
  const latency = accumulator.nodeLatency[node];
  return latency !== undefined && latency.readyAtMs - latency.drainedAtMs > accumulator.settings.availabilityTimeoutMs;
}

function batchReady(
  accumulator: RecordAccumulator,
  queue: PartitionQueue,
  first: ProducerBatch,
  leader: number,
  check: ReadyCheck,
  context: Context,
): void {
  const backingOff = isBackingOff(accumulator, first, context);
  if (check.readyNodes.includes(leader) || accumulator.muted.includes(queue.topicPartition)) return;
  const timeToWaitMs = backingOff ? retryBackoff(accumulator, Math.max(first.attempts - 1, 0), context) : accumulator.settings.lingerMs;
  if (!backingOff && sendableBecause(accumulator, queue, first, timeToWaitMs, context.now) !== null) check.readyNodes.push(leader);
  else check.nextReadyCheckDelayMs = Math.min(Math.max(timeToWaitMs - waitedMs(first, context.now), 0), check.nextReadyCheckDelayMs);
}

export function updateNodeLatency(accumulator: RecordAccumulator, node: number, nowMs: number, canDrain: boolean): void {
  if (accumulator.settings.availabilityTimeoutMs <= 0) return;
  const latency = accumulator.nodeLatency[node];
  if (latency === undefined) accumulator.nodeLatency[node] = { readyAtMs: nowMs, drainedAtMs: nowMs };
  else {
    if (canDrain) latency.drainedAtMs = nowMs;
    latency.readyAtMs = nowMs;
  }
}

export interface NodeDrain {
  node: number;
  /** Batch ids, in the order of the request. */
  batches: number[];
}

export function drain(
  accumulator: RecordAccumulator,
  manager: TransactionManager | null,
  cache: MetadataCache,
  nodes: number[],
  maxSizeBytes: number,
  context: Context,
): NodeDrain[] {
  return nodes.map((node) => ({ node, batches: drainNode(accumulator, manager, cache, node, maxSizeBytes, context) }));
}

/** At most one batch a partition. It begins at the partition where the last drain of the node stopped. */
function drainNode(
  accumulator: RecordAccumulator,
  manager: TransactionManager | null,
  cache: MetadataCache,
  node: number,
  maxSizeBytes: number,
  context: Context,
): number[] {
  const drained: number[] = [];
  const led = cache.leadBy[node];
  if (led === undefined || led.partitions.length === 0) return drained;
  const count = led.partitions.length;
  const start = (accumulator.drainIndex[node] ?? 0) % count;
  let index = start;
  let sizeBytes = 0;
  do {
    const topic = led.topics[index]!;
    const partition = led.partitions[index]!;
    accumulator.drainIndex[node] = index;
    index = (index + 1) % count;
    const queue = accumulator.topics[topic]?.queues[partition];
    if (queue === undefined || queue === null || queue.batches.length === 0) continue;
    if (accumulator.muted.includes(queue.topicPartition)) continue;
    const first = firstBatch(accumulator, queue)!;
    maybeUpdateLeaderEpoch(first, leaderEpochOf(cache, topic, partition));
    if (isBackingOff(accumulator, first, context)) continue;
    if (sizeBytes + first.sizeBytes > maxSizeBytes && drained.length > 0) break;
    if (manager !== null && drainBlockedBy(manager, first, accumulator.batches) !== null) break;
    queue.batches.shift();
    if (manager !== null && !hasSequence(first)) assignSequence(manager, first, accumulator.batches);
    closeBatch(first);
    first.place = "drained";
    first.drainedAtMs = Math.max(first.drainedAtMs, context.now);
    sizeBytes += first.sizeBytes;
    drained.push(first.id);
  } while (index !== start);
  return drained;
}

export function maybeUpdateNextExpiry(accumulator: RecordAccumulator, batch: ProducerBatch): void {
  accumulator.nextExpiryMs = Math.min(accumulator.nextExpiryMs, batch.createdAtMs + accumulator.settings.deliveryTimeoutMs);
}

/** Takes the batches out of the queues that have reached delivery.timeout.ms. */
export function takeExpired(accumulator: RecordAccumulator, nowMs: number): ProducerBatch[] {
  const expired: ProducerBatch[] = [];
  for (const info of Object.values(accumulator.topics)) {
    for (const queue of info.queues) {
      if (queue === null) continue;
      for (let first = firstBatch(accumulator, queue); first !== undefined; first = firstBatch(accumulator, queue)) {
        if (!hasReachedDeliveryTimeout(first, accumulator.settings.deliveryTimeoutMs, nowMs)) {
          maybeUpdateNextExpiry(accumulator, first);
          break;
        }
        queue.batches.shift();
        first.isClosedForAppends = true;
        expired.push(first);
      }
    }
  }
  return expired;
}

/** Puts a batch back that is to go again: at the front, or where its sequence belongs. */
export function putBack(accumulator: RecordAccumulator, manager: TransactionManager | null, batch: ProducerBatch): void {
  const queue = queueOf(accumulator, batch.topic, batch.partition);
  let index = 0;
  if (manager !== null) {
    while (index < queue.batches.length) {
      const other = accumulator.batches[queue.batches[index]!]!;
      if (!hasSequence(other) || other.baseSequence >= batch.baseSequence) break;
      index += 1;
    }
  }
  queue.batches.splice(index, 0, batch.id);
  batch.place = "queued";
}

export function removeFromQueue(accumulator: RecordAccumulator, batch: ProducerBatch): void {
  const queue = accumulator.topics[batch.topic]?.queues[batch.partition];
  const index = queue?.batches.indexOf(batch.id) ?? -1;
  if (index >= 0) queue!.batches.splice(index, 1);
}

/** Whether a batch waits for its backoff, without drawing from the stream of jitter: for the eye. */
export function nominalBackoffLeftMs(accumulator: RecordAccumulator, batch: ProducerBatch, nowMs: number): number {
  if (batch.attempts === 0 || hasLeaderChangedForTheOngoingRetry(batch)) return 0;
  const { retryBackoffMs, retryBackoffMaxMs } = accumulator.settings;
  return Math.max(0, backoffMs(retryBackoffMs, retryBackoffMaxMs, batch.attempts - 1, 1) - waitedMs(batch, nowMs));
}
