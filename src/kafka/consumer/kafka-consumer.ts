/**
 * A consumer: its loop over the network, and poll(), commitSync() and close() as the application calls them.
 * Models org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer. A call that would block returns, and is made again after the next round.
 * Left out: the consumer protocol (KIP-848), manual assignment, seek, pause, commitAsync by the application, wakeup.
 */
import { bootstrap, createMetadata, setTopics } from "../client/metadata.ts";
import {
  beginPoll,
  closeNetworkClient,
  coordinatorNodeId,
  createNetworkClient,
  endPoll,
  isConnectionEvent,
  onConnectionEvent,
} from "../client/network-client.ts";
import { type ConsumerSettings, consumerSettings } from "../protocol/consumer-settings.ts";
import type { Context, NodeId } from "../protocol/context.ts";
import { type ErrorName, messageOf } from "../protocol/errors.ts";
import { addLatency, type LatencyHistogram } from "../protocol/latency-histogram.ts";
import { onFindCoordinatorAnswer, onJoinAnswer, onSyncAnswer } from "./abstract-coordinator.ts";
import type { RebalanceProtocol } from "./assignors/assignor.ts";
import { beginCommitSync, onCommitAnswer, runCommitSync } from "./commits.ts";
import { onLeavePrepare, pollCoordinator, rebalanceProtocolOf } from "./consumer-coordinator.ts";
import type { RequestTag } from "./consumer-network.ts";
import { type Answer, type ConsumerNetwork, sendUnsent, wakeUpIfNeeded } from "./consumer-network.ts";
import { type CoordinatorState, createCoordinatorState } from "./coordinator-state.ts";
import {
  type BufferedBatch,
  collectFetch,
  createFetcherState,
  type FetcherState,
  onFetchAnswer,
  type ReturnedRange,
  sendFetches,
} from "./fetcher.ts";
import { leaveGroup, onHeartbeatAnswer, runHeartbeat } from "./heartbeat.ts";
import { onListOffsetsAnswer, onOffsetFetchAnswer, updateFetchPositions } from "./offset-fetcher.ts";
import { allConsumed, createSubscriptionState, type SubscriptionState } from "./subscription-state.ts";

export interface KafkaConsumer {
  readonly nodeId: NodeId;
  readonly groupId: string;
  readonly settings: ConsumerSettings;
  readonly rebalanceProtocol: RebalanceProtocol;
  readonly network: ConsumerNetwork;
  subscription: SubscriptionState;
  coordinator: CoordinatorState;
  fetcher: FetcherState;
  /** The application waits inside poll(). */
  isPolling: boolean;
  /** What the next call throws; null: nothing. */
  error: { error: ErrorName; message: string; config: string } | null;
  /** The metadata that the leader has looked at. */
  metadataVersion: number;
  /** Requests that failed without the network's doing; handled like answers. */
  failedAnswers: Answer[];
  closing: { step: "committing" | "leaving"; deadlineMs: number } | null;
}

/** The default of close(): how long it may commit and leave for. */
const CLOSE_TIMEOUT_MS = 30_000;
const MAX_IN_FLIGHT = 100;

export function createKafkaConsumer(
  nodeId: NodeId,
  configs: Record<string, string>,
  topics: readonly string[],
  bootstrapNodes: readonly string[],
  now: number,
): KafkaConsumer {
  const settings = consumerSettings(configs);
  const metadata = createMetadata({
    chanceStream: `consumer/${nodeId}/metadata`,
    retryBackoffMs: settings.retryBackoffMs,
    retryBackoffMaxMs: settings.retryBackoffMaxMs,
    metadataMaxAgeMs: settings.metadataMaxAgeMs,
    metadataMaxIdleMs: null,
  });
  bootstrap(metadata, bootstrapNodes.length);
  setTopics(metadata, topics.slice());
  const client = createNetworkClient(nodeId, bootstrapNodes.slice(), {
    chanceStream: `consumer/${nodeId}/network`,
    reconnectBackoffMs: settings.reconnectBackoffMs,
    reconnectBackoffMaxMs: settings.reconnectBackoffMaxMs,
    socketConnectionSetupTimeoutMs: settings.socketConnectionSetupTimeoutMs,
    socketConnectionSetupTimeoutMaxMs: settings.socketConnectionSetupTimeoutMaxMs,
    maxInFlightRequestsPerConnection: MAX_IN_FLIGHT,
    requestTimeoutMs: settings.requestTimeoutMs,
    metadataRecoveryStrategy: settings.metadataRecoveryStrategy,
    metadataRecoveryRebootstrapTriggerMs: settings.metadataRecoveryRebootstrapTriggerMs,
  });
  return {
    nodeId,
    groupId: settings.groupId ?? "",
    settings,
    rebalanceProtocol: rebalanceProtocolOf(settings.assignors) ?? "EAGER",
    network: { client, metadata, unsent: [], round: 0, inRound: false },
    subscription: createSubscriptionState(topics),
    coordinator: createCoordinatorState(now, settings.autoCommitIntervalMs),
    fetcher: createFetcherState(),
    isPolling: false,
    error: null,
    metadataVersion: 0,
    failedAnswers: [],
    closing: null,
  };
}

/** The connection on which the group's requests go: another than that of the fetches. */
export function coordinatorNode(consumer: KafkaConsumer): number {
  return coordinatorNodeId(consumer.coordinator.coordinatorId);
}

/** A call of the application throws from now on. */
export function failConsumer(consumer: KafkaConsumer, error: ErrorName, config: string, context: Context): void {
  if (consumer.error !== null) return;
  const message = messageOf(error);
  consumer.error = { error, message, config };
  if (context.tracing)
    context.cause = context.trace("consumer-failed", consumer.nodeId, { group: consumer.groupId, error, message, config });
}

// The loop over the network

/** Starts the loop. */
export function startLoop(consumer: KafkaConsumer, context: Context): void {
  sleep(consumer, context);
}

/** `connected`, `disconnected` and `response`: true if it was one of them. */
export function onNetworkEvent(consumer: KafkaConsumer, type: string, payload: unknown, context: Context): boolean {
  if (!isConnectionEvent(type)) return false;
  onConnectionEvent(consumer.network.client, type, payload, context);
  return true;
}

/** The network's poll has ended: takes answers in, and does the heartbeat thread's work. false: the event was stale. Then the application's turn, then endRound. */
export function beginRound(consumer: KafkaConsumer, payload: unknown, context: Context): boolean {
  const { network } = consumer;
  const responses = endPoll(network.client, network.metadata, payload, context);
  if (responses === null) return false;
  network.round += 1;
  network.inRound = true;
  for (const { nodeId, tag, body, wasDisconnected, cause } of responses) {
    handleAnswer(consumer, { tag: tag as RequestTag, nodeId, body, wasDisconnected, cause }, context);
  }
  handleFailed(consumer, context);
  if (consumer.isPolling) consumer.coordinator.lastPollMs = context.now;
  if (consumer.closing === null) runHeartbeat(consumer, context);
  return true;
}

/** Sends what has gathered, and sleeps until there is something to do. */
export function endRound(consumer: KafkaConsumer, context: Context): void {
  const { network } = consumer;
  consumer.failedAnswers.push(...sendUnsent(network, context));
  handleFailed(consumer, context);
  consumer.failedAnswers.push(...sendUnsent(network, context));
  network.inRound = false;
  sleep(consumer, context);
}

function sleep(consumer: KafkaConsumer, context: Context): void {
  const timeoutMs =
    consumer.failedAnswers.length > 0 ? consumer.settings.retryBackoffMs : Math.max(0, nextDueMs(consumer, context.now) - context.now);
  beginPoll(consumer.network.client, consumer.network.metadata, timeoutMs, context);
}

function handleFailed(consumer: KafkaConsumer, context: Context): void {
  if (consumer.failedAnswers.length === 0) return;
  const failed = consumer.failedAnswers;
  consumer.failedAnswers = [];
  for (const answer of failed) handleAnswer(consumer, answer, context);
}

function handleAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  context.cause = answer.cause;
  switch (answer.tag.kind) {
    case "fetch":
      return onFetchAnswer(consumer, answer, context);
    case "heartbeat":
      return onHeartbeatAnswer(consumer, answer, context);
    case "commit":
      return onCommitAnswer(consumer, answer, context);
    case "find-coordinator":
      return onFindCoordinatorAnswer(consumer, answer, context);
    case "join":
      return onJoinAnswer(consumer, answer, context);
    case "sync":
      return onSyncAnswer(consumer, answer, context);
    case "offset-fetch":
      return onOffsetFetchAnswer(consumer, answer, context);
    case "list-offsets":
      return onListOffsetsAnswer(consumer, answer, context);
    case "leave":
      if (consumer.closing !== null) consumer.closing.deadlineMs = context.now;
  }
}

/** When the loop must look again though nothing came in. */
function nextDueMs(consumer: KafkaConsumer, now: number): number {
  const { coordinator, settings } = consumer;
  let due = now + settings.requestTimeoutMs;
  const consider = (at: number): void => {
    if (at < due) due = at;
  };
  if (coordinator.heartbeatEnabled && consumer.closing === null) {
    if (coordinator.coordinatorId === -1) {
      if (!coordinator.findInFlight) consider(Math.max(coordinator.findRetryMs, now));
    } else {
      consider(coordinator.sessionDeadlineMs);
      if (!coordinator.heartbeatInFlight) consider(coordinator.heartbeatDueMs);
    }
    if (!consumer.isPolling && coordinator.coordinatorId !== -1) consider(coordinator.lastPollMs + settings.maxPollIntervalMs);
  }
  if (consumer.network.unsent.length > 0) consider(now + settings.retryBackoffMs);
  if (consumer.closing !== null) consider(consumer.closing.deadlineMs);
  const commit = coordinator.commitSync;
  if (commit !== null && commit.outcome === null) {
    consider(commit.deadlineMs);
    if (!commit.inFlight && coordinator.coordinatorId !== -1) consider(commit.retryMs);
    if (coordinator.coordinatorId === -1 && !coordinator.findInFlight) consider(Math.max(coordinator.findRetryMs, now));
  }
  if (consumer.isPolling) considerPoll(consumer, now, consider);
  return due;
}

/** What the application's poll() waits for besides answers. */
function considerPoll(consumer: KafkaConsumer, now: number, consider: (at: number) => void): void {
  const { coordinator, settings, subscription } = consumer;
  if (coordinator.coordinatorId === -1) {
    if (!coordinator.findInFlight) consider(Math.max(coordinator.findRetryMs, now));
  } else if (coordinator.rejoinNeeded && !coordinator.joinInProgress) {
    if (coordinator.prepareCommit === "retry") consider(coordinator.prepareRetryMs);
    else if (coordinator.prepareCommit === "none") consider(coordinator.joinRetryMs);
    else consider(coordinator.prepareDeadlineMs);
  }
  if (settings.enableAutoCommit) consider(coordinator.nextAutoCommitMs);
  for (const topicPartition in subscription.assigned) {
    const partition = subscription.assigned[topicPartition]!;
    if (partition.fetchState === "awaiting-reset") consider(partition.nextRetryMs);
    else if (partition.fetchState === "initializing" && !coordinator.offsetFetchInFlight && coordinator.coordinatorId !== -1)
      consider(coordinator.offsetFetchRetryMs);
    // A partition without a leader, or whose leader is in reconnect backoff.
    else if (consumer.fetcher.nodesWithPendingFetch.length === 0 && consumer.fetcher.completed.length === 0)
      consider(now + settings.retryBackoffMs);
  }
}

// What the application calls

/**
 * One pass of poll(): records, or null: the application goes on waiting inside it. Look at `error` first.
 * `latency` takes the time from the producer's timestamp to this return, record by record.
 */
export function poll(consumer: KafkaConsumer, latency: LatencyHistogram, context: Context): ReturnedRange[] | null {
  consumer.isPolling = true;
  pollCoordinator(consumer, context);
  updateFetchPositions(consumer, context);
  if (consumer.error !== null) return null;
  const returned =
    consumer.fetcher.completed.length === 0
      ? []
      : collectFetch(consumer, (range, batch) => addReturned(latency, range, batch, context.now));
  // Also after something is found: the next fetches go out before the application has it.
  sendFetches(consumer, context);
  if (returned.length === 0) return null;
  consumer.isPolling = false;
  return returned;
}

/** Records of a batch came at times between its first and its newest: both halves are taken at their middle. */
function addReturned(latency: LatencyHistogram, range: ReturnedRange, batch: BufferedBatch, now: number): void {
  const count = range.to - range.from;
  const spread = batch.maxTimestamp - batch.baseTimestamp;
  if (spread === 0) {
    addLatency(latency, now - batch.baseTimestamp, count);
    return;
  }
  const msPerRecord = spread / Math.max(1, batch.endOffset - batch.baseOffset - 1);
  const ageOf = (offset: number): number => now - (batch.baseTimestamp + msPerRecord * (offset - batch.baseOffset));
  const half = Math.ceil(count / 2);
  addLatency(latency, ageOf(range.from + (half - 1) / 2), half);
  addLatency(latency, ageOf(range.from + half + (count - half - 1) / 2), count - half);
}

/** commitSync() of all positions, or of what stood before `ranges` were returned. Its outcome stands in coordinator.commitSync. */
export function commitSync(consumer: KafkaConsumer, context: Context): void {
  beginCommitSync(consumer, allConsumed(consumer.subscription), consumer.settings.defaultApiTimeoutMs, context);
}

/** Another try of a commitSync() that waits. */
export function continueCommitSync(consumer: KafkaConsumer, context: Context): void {
  runCommitSync(consumer, consumer.closing === null ? "sync" : "close", context);
}

/** The application's thread, outside a round, has something for the network. */
export function notifyNetwork(consumer: KafkaConsumer, context: Context): void {
  if (!consumer.network.inRound) wakeUpIfNeeded(consumer.network, context);
}

/** close() begins: a last commit if auto-commit is on, then LeaveGroup. */
export function beginClose(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, settings } = consumer;
  consumer.isPolling = false;
  consumer.closing = { step: "committing", deadlineMs: context.now + CLOSE_TIMEOUT_MS };
  const mayCommit = settings.enableAutoCommit && coordinator.coordinatorId !== -1 && coordinator.state === "STABLE";
  beginCommitSync(consumer, mayCommit ? allConsumed(consumer.subscription) : [], CLOSE_TIMEOUT_MS, context);
  continueClose(consumer, context);
}

/** true: it is closed. */
export function continueClose(consumer: KafkaConsumer, context: Context): boolean {
  const { closing, coordinator, network } = consumer;
  if (closing === null) return false;
  if (closing.step === "committing") {
    runCommitSync(consumer, "close", context);
    if (coordinator.commitSync?.outcome === null && context.now < closing.deadlineMs) return false;
    closing.step = "leaving";
    onLeavePrepare(consumer, context);
    if (!leaveGroup(consumer, "the consumer is being closed", context)) closing.deadlineMs = context.now;
    else closing.deadlineMs = Math.min(closing.deadlineMs, context.now + consumer.settings.requestTimeoutMs);
  }
  if (context.now < closing.deadlineMs) return false;
  closeNetworkClient(network.client, context);
  return true;
}
