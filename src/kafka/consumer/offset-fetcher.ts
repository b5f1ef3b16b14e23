/**
 * Where a partition is read from that has no position: the committed offset, else what auto.offset.reset says.
 * Models org.apache.kafka.clients.consumer.internals.OffsetFetcher and the parts of ClassicKafkaConsumer and ConsumerCoordinator that set positions.
 */
import { currentLeader, requestUpdate } from "../client/metadata.ts";
import { isUnavailable } from "../client/network-client.ts";
import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { markCoordinatorUnknown } from "./abstract-coordinator.ts";
import { type Answer, enqueue, type RequestTag } from "./consumer-network.ts";
import { coordinatorNode, failConsumer, type KafkaConsumer } from "./kafka-consumer.ts";
import type { PartitionState } from "./subscription-state.ts";

const LATEST_TIMESTAMP = -1;
const EARLIEST_TIMESTAMP = -2;

/** Asks for what is missing. Lookups in flight are not repeated. */
export function updateFetchPositions(consumer: KafkaConsumer, context: Context): void {
  fetchCommittedOffsets(consumer, context);
  resetPositionsIfNeeded(consumer, context);
}

function fetchCommittedOffsets(consumer: KafkaConsumer, context: Context): void {
  const { subscription, coordinator, settings, network } = consumer;
  if (coordinator.coordinatorId === -1 || coordinator.offsetFetchInFlight || context.now < coordinator.offsetFetchRetryMs) return;
  const partitions: string[] = [];
  for (const partition of Object.values(subscription.assigned))
    if (partition.fetchState === "initializing") partitions.push(partition.topicPartition);
  if (partitions.length === 0) return;
  coordinator.offsetFetchInFlight = true;
  const body: RequestOf<"OffsetFetch"> & { api: "OffsetFetch" } = {
    api: "OffsetFetch",
    groupId: consumer.groupId,
    memberId: null,
    memberEpoch: -1,
    requireStable: settings.isolationLevel === "read_committed",
    partitions: partitions.slice(),
  };
  enqueue(network, coordinatorNode(consumer), body, { kind: "offset-fetch", partitions }, settings.requestTimeoutMs, context);
}

export function onOffsetFetchAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { coordinator, subscription, settings } = consumer;
  coordinator.offsetFetchInFlight = false;
  const body = answer.body as ResponseOf<"OffsetFetch"> | null;
  const retry = (): void => {
    coordinator.offsetFetchRetryMs = context.now + settings.retryBackoffMs;
  };
  if (body === null) {
    markCoordinatorUnknown(consumer, context);
    return retry();
  }
  if (body.error !== "NONE") {
    if (body.error === "NOT_COORDINATOR" || body.error === "COORDINATOR_NOT_AVAILABLE") markCoordinatorUnknown(consumer, context);
    else if (body.error !== "COORDINATOR_LOAD_IN_PROGRESS") failConsumer(consumer, body.error, "", context);
    return retry();
  }
  for (const part of body.partitions) {
    const partition = subscription.assigned[part.topicPartition];
    if (partition === undefined || partition.fetchState !== "initializing") continue;
    if (part.error === "NONE") {
      partition.committed = part.committedOffset;
      if (part.committedOffset >= 0) setPosition(partition, part.committedOffset);
      else requestOffsetReset(consumer, partition, "NoOffsetForPartitionException", context);
    } else retry();
  }
}

function setPosition(partition: PartitionState, offset: number): void {
  partition.position = offset;
  partition.fetchState = "fetching";
}

/** With auto.offset.reset=none there is nothing to fall back to: poll() throws. */
export function requestOffsetReset(consumer: KafkaConsumer, partition: PartitionState, error: ErrorName, context: Context): void {
  if (consumer.settings.autoOffsetReset === "none") {
    failConsumer(consumer, error, "auto.offset.reset", context);
    return;
  }
  partition.fetchState = "awaiting-reset";
  partition.nextRetryMs = context.now;
}

function resetPositionsIfNeeded(consumer: KafkaConsumer, context: Context): void {
  const { subscription, network, settings } = consumer;
  const nodes: number[] = [];
  const requests: Record<number, RequestOf<"ListOffsets">["partitions"]> = {};
  for (const partition of Object.values(subscription.assigned)) {
    if (partition.fetchState !== "awaiting-reset" || context.now < partition.nextRetryMs) continue;
    const leader = currentLeader(network.metadata, partition.topicPartition);
    if (leader.leaderId < 0 || isUnavailable(network.client, leader.leaderId, context.now)) {
      requestUpdate(network.metadata);
      partition.nextRetryMs = context.now + settings.retryBackoffMs;
      continue;
    }
    if (requests[leader.leaderId] === undefined) {
      requests[leader.leaderId] = [];
      nodes.push(leader.leaderId);
    }
    requests[leader.leaderId]!.push({
      topicPartition: partition.topicPartition,
      currentLeaderEpoch: leader.leaderEpoch,
      timestamp: resetTimestamp(settings.autoOffsetReset, context.now),
    });
    // Until the answer comes, or the request has failed.
    partition.nextRetryMs = context.now + settings.requestTimeoutMs;
  }
  for (const nodeId of nodes) {
    const partitions = requests[nodeId]!;
    const body: RequestOf<"ListOffsets"> & { api: "ListOffsets" } = {
      api: "ListOffsets",
      replicaId: -1,
      readCommitted: settings.isolationLevel === "read_committed",
      partitions,
    };
    const tag: RequestTag = { kind: "list-offsets", partitions: partitions.map(({ topicPartition }) => topicPartition) };
    enqueue(network, nodeId, body, tag, settings.requestTimeoutMs, context);
  }
}

export function onListOffsetsAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { subscription, settings, network } = consumer;
  const tag = answer.tag as Extract<RequestTag, { kind: "list-offsets" }>;
  const body = answer.body as ResponseOf<"ListOffsets"> | null;
  for (const topicPartition of tag.partitions) {
    const partition = subscription.assigned[topicPartition];
    if (partition === undefined || partition.fetchState !== "awaiting-reset") continue;
    const part = body?.partitions.find((other) => other.topicPartition === topicPartition);
    if (part === undefined || part.error !== "NONE" || part.offset < 0) {
      partition.nextRetryMs = context.now + settings.retryBackoffMs;
      requestUpdate(network.metadata);
      continue;
    }
    setPosition(partition, part.offset);
    if (context.tracing)
      context.trace("position-reset", consumer.nodeId, { topicPartition, offset: part.offset, policy: settings.autoOffsetReset });
  }
}

function resetTimestamp(policy: string, now: number): number {
  if (policy === "earliest") return EARLIEST_TIMESTAMP;
  if (policy.startsWith("by_duration:")) return Math.max(0, now - durationMs(policy.slice("by_duration:".length)));
  return LATEST_TIMESTAMP;
}

/** ISO 8601 as java.time.Duration takes it: days, hours, minutes, seconds. */
function durationMs(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i.exec(text);
  if (match === null) return 0;
  const [, days, hours, minutes, seconds] = match;
  return Math.trunc((((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000);
}
