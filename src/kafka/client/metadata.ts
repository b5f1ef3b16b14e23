import type { Context } from "../protocol/context.ts";
import { type ErrorName, refreshesMetadata } from "../protocol/errors.ts";
import { BACKOFF_JITTER, backoffMs, isJittered } from "../protocol/exponential-backoff.ts";
import type { CurrentLeader, ResponseOf } from "../protocol/messages.ts";
import { partitionOf, topicOf, topicPartitionOf } from "../protocol/topic-partition.ts";
import {
  bootstrapCache,
  copyPartitionMetadata,
  emptyCache,
  indexCache,
  isNodeKnown,
  type MetadataCache,
  type PartitionMetadata,
  partitionMetadataOf,
  setNodes,
} from "./metadata-cache.ts";

/**
 * When a client asks for metadata, for which topics, and what it makes of the answer.
 * Models org.apache.kafka.clients.Metadata with ProducerMetadata (topics that are forgotten when idle, partial updates for new ones) and
 * ConsumerMetadata (the topics of the subscription). Left out: topic ids, authorisation, listeners of the cluster id.
 *
 * How to use it: createMetadata; bootstrap(metadata, n); a producer calls addTopic before each send, a consumer setTopics when it subscribes;
 * requestUpdate asks for a refresh. The network client sends the request within its poll and gives the answer to updateMetadata.
 */
export interface Metadata {
  readonly settings: MetadataSettings;
  cache: MetadataCache;
  /** Raised by each update and each bootstrap. */
  updateVersion: number;
  /** Raised whenever topics are added. */
  requestVersion: number;
  lastRefreshMs: number;
  lastSuccessfulRefreshMs: number;
  attempts: number;
  /** How many answers in a row told nothing new. */
  equivalentResponseCount: number;
  needFullUpdate: boolean;
  needPartialUpdate: boolean;
  isClosed: boolean;
  /** By "topic-partition". */
  lastSeenLeaderEpochs: Record<string, number>;
  /** What is asked for, with the time at which a topic that nobody uses is forgotten. */
  topics: Record<string, number>;
  /** Topics that no answer has named yet. */
  newTopics: string[];
  /** null in a consumer: all topics of the cluster. */
  allTopics: boolean;
  bootstrapCount: number;
  /** Counts the answers that came; a rebootstrap does not count. */
  notifications: number;
  /** Errors of the last answer by topic. */
  errors: Record<string, ErrorName>;
}

export interface MetadataSettings {
  /** The stream of the jitter. */
  readonly chanceStream: string;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly metadataMaxAgeMs: number;
  /** null: topics stay until setTopics takes them out, and every request asks for all of them (a consumer). */
  readonly metadataMaxIdleMs: number | null;
}

/** Kafka's clock counts from 1970 and takes 0 for "never"; ours begins at 0. */
export const NEVER_MS = -1_000_000_000;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

export function createMetadata(settings: MetadataSettings): Metadata {
  return {
    settings,
    cache: emptyCache(),
    updateVersion: 0,
    requestVersion: 0,
    lastRefreshMs: NEVER_MS,
    lastSuccessfulRefreshMs: NEVER_MS,
    attempts: 0,
    equivalentResponseCount: 0,
    needFullUpdate: false,
    needPartialUpdate: false,
    isClosed: false,
    lastSeenLeaderEpochs: {},
    topics: {},
    newTopics: [],
    allTopics: false,
    bootstrapCount: 0,
    notifications: 0,
    errors: {},
  };
}

/** Only bootstrap.servers are known from now on. */
export function bootstrap(metadata: Metadata, bootstrapCount: number): void {
  metadata.needFullUpdate = true;
  metadata.updateVersion += 1;
  metadata.bootstrapCount = bootstrapCount;
  metadata.cache = bootstrapCache(bootstrapCount);
}

export function rebootstrap(metadata: Metadata): void {
  bootstrap(metadata, metadata.bootstrapCount);
}

export function closeMetadata(metadata: Metadata): void {
  metadata.isClosed = true;
}

/** A full update as soon as the backoff allows. Returns the version that the update will exceed. */
export function requestUpdate(metadata: Metadata, resetEquivalentResponseBackoff = false): number {
  metadata.needFullUpdate = true;
  if (resetEquivalentResponseBackoff) metadata.equivalentResponseCount = 0;
  return metadata.updateVersion;
}

/** An update at once. */
export function requestUpdateForNewTopics(metadata: Metadata): number {
  metadata.lastRefreshMs = NEVER_MS;
  metadata.needPartialUpdate = true;
  metadata.equivalentResponseCount = 0;
  metadata.requestVersion += 1;
  return metadata.updateVersion;
}

export function requestUpdateForTopic(metadata: Metadata, topic: string): number {
  return metadata.newTopics.includes(topic) ? requestUpdateForNewTopics(metadata) : requestUpdate(metadata);
}

/** ProducerMetadata.add: the topic is used now. */
export function addTopic(metadata: Metadata, topic: string, nowMs: number): void {
  const isNew = metadata.topics[topic] === undefined;
  metadata.topics[topic] = metadata.settings.metadataMaxIdleMs === null ? FOREVER_MS : nowMs + metadata.settings.metadataMaxIdleMs;
  if (!isNew) return;
  metadata.newTopics.push(topic);
  requestUpdateForNewTopics(metadata);
}

/** A consumer's subscription (or assignment): exactly these topics; null: all topics of the cluster. New ones are asked for at once. */
export function setTopics(metadata: Metadata, topics: string[] | null): void {
  const before = metadata.topics;
  const wasAll = metadata.allTopics;
  metadata.allTopics = topics === null;
  metadata.topics = {};
  metadata.newTopics = [];
  for (const topic of topics ?? []) metadata.topics[topic] = FOREVER_MS;
  const isNew = topics === null ? !wasAll : topics.some((topic) => before[topic] === undefined);
  if (isNew) requestUpdateForNewTopics(metadata);
}

export function isUpdateRequested(metadata: Metadata): boolean {
  return metadata.needFullUpdate || metadata.needPartialUpdate;
}

/** 0: a request may go now. */
export function timeToNextUpdateMs(metadata: Metadata, context: Context): number {
  const expiresInMs = isUpdateRequested(metadata)
    ? 0
    : Math.max(metadata.lastSuccessfulRefreshMs + metadata.settings.metadataMaxAgeMs - context.now, 0);
  return Math.max(expiresInMs, timeToAllowUpdateMs(metadata, context));
}

function timeToAllowUpdateMs(metadata: Metadata, context: Context): number {
  const nowMs = context.now;
  const sinceRefreshMs = nowMs - metadata.lastRefreshMs;
  const forAttemptsMs = Math.max(refreshBackoffMs(metadata, Math.max(metadata.attempts - 1, 0), context) - sinceRefreshMs, 0);
  if (metadata.lastSuccessfulRefreshMs + metadata.settings.metadataMaxAgeMs <= nowMs) metadata.equivalentResponseCount = 0;
  const count = metadata.equivalentResponseCount;
  const forEquivalentMs = Math.max((count > 0 ? refreshBackoffMs(metadata, count - 1, context) : 0) - sinceRefreshMs, 0);
  return Math.max(forAttemptsMs, forEquivalentMs);
}

function refreshBackoffMs(metadata: Metadata, attempts: number, context: Context): number {
  const { retryBackoffMs, retryBackoffMaxMs, chanceStream } = metadata.settings;
  // Long after the last refresh no jitter can matter, and none is drawn: an idle loop stays cheap.
  if (context.now - metadata.lastRefreshMs > 2 * Math.max(retryBackoffMs, retryBackoffMaxMs)) return 0;
  const jitter = isJittered(retryBackoffMs, retryBackoffMaxMs) ? context.chance.jitter(chanceStream, BACKOFF_JITTER) : 1;
  return backoffMs(retryBackoffMs, retryBackoffMaxMs, attempts, jitter);
}

export interface MetadataRequest {
  /** null: all topics. */
  topics: string[] | null;
  requestVersion: number;
  isPartialUpdate: boolean;
}

/** What the next Metadata request asks for. */
export function nextMetadataRequest(metadata: Metadata, nowMs: number): MetadataRequest {
  const isPartialUpdate =
    metadata.settings.metadataMaxIdleMs !== null &&
    !metadata.needFullUpdate &&
    metadata.lastSuccessfulRefreshMs + metadata.settings.metadataMaxAgeMs > nowMs;
  const topics = isPartialUpdate ? metadata.newTopics.slice() : metadata.allTopics ? null : Object.keys(metadata.topics);
  return { topics, requestVersion: metadata.requestVersion, isPartialUpdate };
}

export function failedUpdate(metadata: Metadata, nowMs: number): void {
  metadata.lastRefreshMs = nowMs;
  metadata.attempts += 1;
  metadata.equivalentResponseCount = 0;
}

/** Takes an answer in. `response` comes from an event and is taken over. */
export function updateMetadata(metadata: Metadata, request: MetadataRequest, response: ResponseOf<"Metadata">, nowMs: number): void {
  metadata.needPartialUpdate = request.requestVersion < metadata.requestVersion;
  metadata.lastRefreshMs = nowMs;
  metadata.attempts = 0;
  metadata.updateVersion += 1;
  if (!request.isPartialUpdate) {
    metadata.needFullUpdate = false;
    metadata.lastSuccessfulRefreshMs = nowMs;
  }
  metadata.equivalentResponseCount += 1;
  takeTopics(metadata, request, response, nowMs);
  for (const topicPartition of Object.keys(metadata.lastSeenLeaderEpochs))
    if (!retainsTopic(metadata, topicOf(topicPartition), nowMs)) delete metadata.lastSeenLeaderEpochs[topicPartition];
  metadata.errors = {};
  for (const topic of response.topics) {
    if (topic.error !== "NONE") metadata.errors[topic.name] = topic.error;
    const index = metadata.newTopics.indexOf(topic.name);
    if (index >= 0) metadata.newTopics.splice(index, 1);
  }
  metadata.notifications += 1;
}

function takeTopics(metadata: Metadata, request: MetadataRequest, response: ResponseOf<"Metadata">, nowMs: number): void {
  const known = metadata.cache.topics;
  const topics: Record<string, PartitionMetadata[]> = {};
  const topicErrors: MetadataCache["topicErrors"] = {};
  if (request.isPartialUpdate) {
    for (const topic of Object.keys(known))
      if (!response.topics.some((answered) => answered.name === topic) && retainsTopic(metadata, topic, nowMs))
        topics[topic] = known[topic]!;
  }
  for (const topic of response.topics) {
    if (!retainsTopic(metadata, topic.name, nowMs)) continue;
    if (topic.error !== "NONE") {
      topicErrors[topic.name] = topic.error;
      if (refreshesMetadata(topic.error)) requestUpdate(metadata);
      continue;
    }
    const partitions: PartitionMetadata[] = [];
    for (const partition of topic.partitions) {
      partitions[partition.partition] = latest(metadata, topic.name, partition, known[topic.name]?.[partition.partition]);
      if (refreshesMetadata(partition.error)) requestUpdate(metadata);
    }
    topics[topic.name] = partitions;
  }
  setNodes(metadata.cache, response.brokers);
  metadata.cache.controllerId = response.controllerId;
  metadata.cache.topics = topics;
  metadata.cache.topicErrors = topicErrors;
  indexCache(metadata.cache);
}

/**
 * What is told of a partition, or what was known when that is of a newer leader epoch. After a rebootstrap the topic's id is no longer known,
 * so that it counts as a new topic, whose epochs begin anew.
 */
function latest(metadata: Metadata, topic: string, told: PartitionMetadata, known: PartitionMetadata | undefined): PartitionMetadata {
  const topicPartition = topicPartitionOf(topic, told.partition);
  const seen = metadata.cache.topics[topic] === undefined ? undefined : metadata.lastSeenLeaderEpochs[topicPartition];
  if (seen !== undefined && told.leaderEpoch < seen) return copyPartitionMetadata(known ?? told);
  metadata.lastSeenLeaderEpochs[topicPartition] = told.leaderEpoch;
  if (seen === undefined || told.leaderEpoch > seen) metadata.equivalentResponseCount = 0;
  return copyPartitionMetadata(told);
}

/** Forgets a producer's topic that nobody has used for metadata.max.idle.ms. */
function retainsTopic(metadata: Metadata, topic: string, nowMs: number): boolean {
  if (metadata.allTopics) return true;
  const expiresAtMs = metadata.topics[topic];
  if (expiresAtMs === undefined) return false;
  if (metadata.newTopics.includes(topic) || expiresAtMs > nowMs) return true;
  delete metadata.topics[topic];
  return false;
}

/**
 * KIP-951: leaders that a Produce or Fetch error named. Returns the partitions ("topic-partition") whose leader is new to us, in order;
 * ones of an older epoch, of unknown partitions or nodes are passed over.
 */
export function updatePartitionLeadership(metadata: Metadata, leaders: { topicPartition: string; leader: CurrentLeader }[]): string[] {
  const updated: string[] = [];
  for (const { topicPartition, leader } of leaders) {
    const known = partitionMetadataOf(metadata.cache, topicPartition);
    const seen = metadata.lastSeenLeaderEpochs[topicPartition];
    if (known === undefined || (seen !== undefined && leader.leaderEpoch <= seen)) continue;
    if (!isNodeKnown(metadata.cache, leader.leaderId)) continue;
    known.leaderId = leader.leaderId;
    known.leaderEpoch = leader.leaderEpoch;
    metadata.lastSeenLeaderEpochs[topicPartition] = leader.leaderEpoch;
    updated.push(topicPartition);
  }
  if (updated.length > 0) indexCache(metadata.cache);
  return updated;
}

/** The leader and its epoch where the cache is not behind the epochs seen; leader -1: none known. */
export function currentLeader(metadata: Metadata, topicPartition: string): CurrentLeader {
  const seen = metadata.lastSeenLeaderEpochs[topicPartition] ?? -1;
  const known = metadata.cache.topics[topicOf(topicPartition)]?.[partitionOf(topicPartition)];
  if (known === undefined || (seen >= 0 && known.leaderEpoch !== seen)) return { leaderId: -1, leaderEpoch: seen };
  return { leaderId: isNodeKnown(metadata.cache, known.leaderId) ? known.leaderId : -1, leaderEpoch: known.leaderEpoch };
}
