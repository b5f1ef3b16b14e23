import { Phase } from "../../kernel/event.ts";
import type { RequestContent } from "../client/connection-states.ts";
import { addTopic, closeMetadata, requestUpdate } from "../client/metadata.ts";
import {
  beginPoll,
  ready as clientReady,
  closeNetworkClient,
  connectionDelay,
  connectionFailed,
  inFlightRequestCount,
  isReady,
  leastLoadedNode,
  pollDelayMs,
  send,
} from "../client/network-client.ts";
import type { Context } from "../protocol/context.ts";
import type { RequestBody } from "../protocol/messages.ts";
import type { RecordBatch } from "../protocol/record-batch.ts";
import { abortBatches, failBatch, resumeCall } from "./completion.ts";
import { hasReachedDeliveryTimeout, type ProducerBatch } from "./producer-batch.ts";
import type { KafkaProducer } from "./producer-state.ts";
import { drain, hasUndrained, maybeUpdateNextExpiry, type NodeDrain, ready, takeExpired, updateNodeLatency } from "./record-accumulator.ts";
import {
  bumpIdempotentEpochIfNeeded,
  hasFatalError,
  markSequenceUnresolved,
  maybeResolveSequences,
  nextRequest,
  retryRequest,
  type TransactionManager,
  type TransactionRequest,
} from "./transaction-manager.ts";

/**
 * The producer's I/O thread: rounds, each ending in a poll. Models org.apache.kafka.clients.producer.internals.Sender.
 * Left out: transactions beyond InitProducerId, metrics.
 *
 * One event of Phase.Loop is the return of a poll, the next round, and the beginning of the next poll, in which everything else that is due
 * at that instant happens. What the thread does after the poll it is in stands in `thread`.
 */
export interface Sender {
  /** close() was not called yet. */
  isRunning: boolean;
  forceClose: boolean;
  isFinished: boolean;
  thread: SenderThread;
  /** By "topic-partition": batches in requests, in the order of drains. */
  inFlightBatches: Record<string, number[]>;
  /** For the eye: why the last round ended as it did. */
  lastRound: LastRound;
}

/** Where the thread goes on. */
export type SenderThread =
  | { at: "not-started" }
  /** In a poll; then the next round. */
  | { at: "poll" }
  /** In a poll that waits for the connection over which a request of the transaction manager is to go. */
  | { at: "await-ready"; node: number; startedAtMs: number; isFirst: boolean; request: TransactionRequest }
  /** Asleep (Kafka: time.sleep): nothing else is done meanwhile. */
  | { at: "sleep"; untilMs: number; next: "send"; node: number; request: TransactionRequest }
  | { at: "sleep"; untilMs: number; next: "retry"; request: TransactionRequest }
  | { at: "finished" };

export interface LastRound {
  atMs: number;
  readyNodes: number[];
  /** Ready, but not connected, backing off, throttled, or with a full pipeline. */
  blockedNodes: number[];
  drainedBatches: number;
  pollTimeoutMs: number;
}

/** The event that ends a sleep of the sender; payload { untilMs }. */
export const SENDER_AWAKE = "sender-awake";

/** The tag of a request of the producer. */
export type SenderTag = { kind: "produce"; batches: number[] } | { kind: "transaction"; request: TransactionRequest };

export function createSender(): Sender {
  return {
    isRunning: true,
    forceClose: false,
    isFinished: false,
    thread: { at: "not-started" },
    inFlightBatches: {},
    lastRound: { atMs: -1, readyNodes: [], blockedNodes: [], drainedBatches: 0, pollTimeoutMs: 0 },
  };
}

/** The thread's loop condition, then a round; to be called when a poll has returned and its responses are handled. */
export function nextRound(producer: KafkaProducer, context: Context): void {
  const { sender, accumulator, networkClient } = producer;
  if (sender.isRunning || (!sender.forceClose && (hasUndrained(accumulator) || inFlightRequestCount(networkClient) > 0)))
    runOnce(producer, context);
  else finish(producer, context);
}

function finish(producer: KafkaProducer, context: Context): void {
  if (producer.sender.forceClose) abortBatches(producer, "KafkaException", "Producer is closed forcefully.", context);
  closeNetworkClient(producer.networkClient, context);
  closeMetadata(producer.metadata);
  producer.sender.isFinished = true;
  producer.sender.thread = { at: "finished" };
  if (producer.call?.kind === "close") resumeCall(producer, context);
}

function poll(producer: KafkaProducer, timeoutMs: number, context: Context): void {
  producer.sender.thread = { at: "poll" };
  beginPoll(producer.networkClient, producer.metadata, timeoutMs, context);
}

function runOnce(producer: KafkaProducer, context: Context): void {
  const manager = producer.transactionManager;
  if (manager !== null) {
    maybeResolveSequences(manager);
    if (hasFatalError(manager)) {
      if (manager.lastError !== null && producer.accumulator.incompleteCount > 0)
        abortBatches(producer, manager.lastError.error, manager.lastError.message, context);
      poll(producer, manager.retryBackoffMs, context);
      return;
    }
    const bumped = bumpIdempotentEpochIfNeeded(manager, producer.accumulator.batches);
    if (bumped && context.tracing) {
      const { producerId, producerEpoch, epochBumpReason } = manager;
      context.cause = context.trace("producer-epoch-bumped", producer.name, { producerId, producerEpoch, reason: epochBumpReason });
    }
    if (maybeSendTransactionalRequest(producer, manager, context)) return;
  }
  const pollTimeoutMs = sendProducerData(producer, context);
  poll(producer, pollTimeoutMs, context);
}

/** While a request of the manager is pending or in flight, no data is sent. Returns whether the round ends here. */
function maybeSendTransactionalRequest(producer: KafkaProducer, manager: TransactionManager, context: Context): boolean {
  if (manager.inFlightCorrelationId !== -1) {
    poll(producer, manager.retryBackoffMs, context);
    return true;
  }
  const request = nextRequest(manager);
  if (request === null) return false;
  const node = leastLoadedNode(producer.networkClient, producer.metadata, context).nodeId;
  if (node === null) {
    retryRequest(manager, request);
    poll(producer, manager.retryBackoffMs, context);
    return true;
  }
  producer.sender.thread = { at: "await-ready", node, startedAtMs: context.now, isFirst: true, request };
  beginPoll(producer.networkClient, producer.metadata, 0, context);
  return true;
}

/** NetworkClientUtils.awaitReady, after each of its polls. */
export function onAwaitReadyPolled(producer: KafkaProducer, thread: Extract<SenderThread, { at: "await-ready" }>, context: Context): void {
  const { networkClient, metadata, settings } = producer;
  const { node, startedAtMs, isFirst } = thread;
  const request: TransactionRequest = { api: thread.request.api, isRetry: thread.request.isRetry };
  if (isFirst && (isReady(networkClient, metadata, node, context) || clientReady(networkClient, metadata, node, context))) {
    sendWhenRested(producer, node, request, context);
    return;
  }
  const isReadyNow = isReady(networkClient, metadata, node, context);
  const leftMs = settings.requestTimeoutMs - (context.now - startedAtMs);
  if (isReadyNow) sendWhenRested(producer, node, request, context);
  else if (leftMs <= 0 || connectionFailed(networkClient, node)) {
    const untilMs = context.now + settings.retryBackoffMs;
    sleep(producer, { at: "sleep", untilMs, next: "retry", request }, context);
  } else {
    producer.sender.thread = { at: "await-ready", node, startedAtMs, isFirst: false, request };
    beginPoll(networkClient, metadata, Math.min(leftMs, connectionDelay(networkClient, node, context.now)), context);
  }
}

function sendWhenRested(producer: KafkaProducer, node: number, request: TransactionRequest, context: Context): void {
  if (request.isRetry)
    sleep(producer, { at: "sleep", untilMs: context.now + producer.settings.retryBackoffMs, next: "send", node, request }, context);
  else sendTransactionalRequest(producer, node, request, context);
}

function sleep(producer: KafkaProducer, thread: Extract<SenderThread, { at: "sleep" }>, context: Context): void {
  producer.sender.thread = thread;
  context.schedule(thread.untilMs, Phase.Loop, producer.name, SENDER_AWAKE, { untilMs: thread.untilMs });
}

export function onSenderAwake(producer: KafkaProducer, payload: unknown, context: Context): void {
  const thread = producer.sender.thread;
  if (thread.at !== "sleep" || thread.untilMs !== (payload as { untilMs: number }).untilMs) return;
  const request: TransactionRequest = { api: thread.request.api, isRetry: thread.request.isRetry };
  if (thread.next === "send") sendTransactionalRequest(producer, thread.node, request, context);
  else {
    requestUpdate(producer.metadata);
    retryRequest(producer.transactionManager!, request);
    nextRound(producer, context);
  }
}

function sendTransactionalRequest(producer: KafkaProducer, node: number, request: TransactionRequest, context: Context): void {
  const manager = producer.transactionManager!;
  const body: RequestBody = {
    api: "InitProducerId",
    transactionalId: null,
    transactionTimeoutMs: 2147483647,
    producerId: -1,
    producerEpoch: -1,
  };
  const tag: SenderTag = { kind: "transaction", request };
  manager.inFlightCorrelationId = send(
    producer.networkClient,
    { nodeId: node, body, expectResponse: true, tag, contents: [], sizeBytes: 60 },
    context,
  );
  poll(producer, manager.retryBackoffMs, context);
}

/** ready, connect, drain, expire, send. Returns how long the poll may last. */
function sendProducerData(producer: KafkaProducer, context: Context): number {
  const { accumulator, metadata, networkClient, settings } = producer;
  const check = ready(accumulator, metadata.cache, context);
  if (check.unknownLeaderTopics.length > 0) {
    for (const topic of check.unknownLeaderTopics) addTopic(metadata, topic, context.now);
    requestUpdate(metadata);
  }
  const readyNodes: number[] = [];
  const blockedNodes: number[] = [];
  let notReadyTimeoutMs = Number.MAX_SAFE_INTEGER;
  // A drain works on the cluster that the ready check saw.
  for (const node of check.readyNodes) {
    const canSend = clientReady(networkClient, metadata, node, context);
    updateNodeLatency(accumulator, node, context.now, canSend);
    if (canSend) readyNodes.push(node);
    else {
      blockedNodes.push(node);
      notReadyTimeoutMs = Math.min(notReadyTimeoutMs, pollDelayMs(networkClient, node, context.now));
    }
  }
  const drains = drain(accumulator, producer.transactionManager, metadata.cache, readyNodes, settings.maxRequestSizeBytes, context);
  const drainedBatches = addToInFlight(producer, drains, context);
  expireBatches(producer, context);
  let pollTimeoutMs = Math.min(check.nextReadyCheckDelayMs, notReadyTimeoutMs, accumulator.nextExpiryMs - context.now);
  pollTimeoutMs = readyNodes.length > 0 ? 0 : Math.max(pollTimeoutMs, 0);
  for (const nodeDrain of drains) sendProduceRequest(producer, nodeDrain, context);
  producer.sender.lastRound = { atMs: context.now, readyNodes, blockedNodes, drainedBatches, pollTimeoutMs };
  return pollTimeoutMs;
}

function addToInFlight(producer: KafkaProducer, drains: NodeDrain[], context: Context): number {
  const { accumulator, sender, settings } = producer;
  let count = 0;
  for (const { node, batches } of drains) {
    for (const id of batches) {
      const batch = accumulator.batches[id]!;
      const inFlight = sender.inFlightBatches[batch.topicPartition];
      if (inFlight === undefined) sender.inFlightBatches[batch.topicPartition] = [id];
      else inFlight.push(id);
      // With one request in flight the order of a partition is kept by taking nothing more from it.
      if (settings.maxInFlightRequestsPerConnection === 1 && !accumulator.muted.includes(batch.topicPartition))
        accumulator.muted.push(batch.topicPartition);
      count += 1;
      if (context.tracing) {
        const { topicPartition, recordCount, sizeBytes, baseSequence, attempts } = batch;
        const fields = {
          topicPartition,
          batch: id,
          records: recordCount,
          sizeBytes,
          baseSequence,
          attempt: attempts + 1,
          peer: String(node),
        };
        batch.cause = context.trace("batch-drained", producer.name, fields, batch.cause);
      }
    }
  }
  return count;
}

/** delivery.timeout.ms: batches fail before this round's requests are written, though some of those may carry them. */
function expireBatches(producer: KafkaProducer, context: Context): void {
  const { accumulator, transactionManager: manager } = producer;
  accumulator.nextExpiryMs = Number.MAX_SAFE_INTEGER;
  const inFlight = takeExpiredInFlight(producer, context.now);
  const expired = takeExpired(accumulator, context.now);
  for (const batch of inFlight) expired.push(batch);
  const causeBefore = context.cause;
  for (const batch of expired) {
    const waited = context.now - batch.createdAtMs;
    const message =
      `Expiring ${batch.recordCount} record(s) for ${batch.topicPartition}:${waited} ms has passed since batch creation. ` +
      "The request has not been sent, or no server response has been received yet.";
    if (context.tracing) context.cause = causeOfExpiry(producer, batch, context);
    failBatch(producer, batch, "TimeoutException", message, "delivery.timeout.ms", false, context);
    if (manager !== null && batch.inRetry) markSequenceUnresolved(manager, batch);
  }
  context.cause = causeBefore;
}

/** What kept the batch from being sent or answered: whatever silenced its leader, or else the last that happened to it. */
function causeOfExpiry(producer: KafkaProducer, batch: ProducerBatch, context: Context): number {
  const leader = producer.metadata.cache.topics[batch.topic]?.[batch.partition]?.leaderId ?? -1;
  const silence = leader >= 0 ? context.causeOfSilence(String(leader), producer.name, batch.createdAtMs) : -1;
  return silence >= 0 ? silence : batch.cause;
}

function takeExpiredInFlight(producer: KafkaProducer, nowMs: number): ProducerBatch[] {
  const { accumulator, sender } = producer;
  const expired: ProducerBatch[] = [];
  for (const topicPartition of Object.keys(sender.inFlightBatches)) {
    const ids = sender.inFlightBatches[topicPartition]!;
    let count = 0;
    while (count < ids.length) {
      const batch = accumulator.batches[ids[count]!]!;
      if (!hasReachedDeliveryTimeout(batch, accumulator.settings.deliveryTimeoutMs, nowMs)) {
        maybeUpdateNextExpiry(accumulator, batch);
        break;
      }
      expired.push(batch);
      count += 1;
    }
    if (count === ids.length) delete sender.inFlightBatches[topicPartition];
    else if (count > 0) ids.splice(0, count);
  }
  return expired;
}

function sendProduceRequest(producer: KafkaProducer, { node, batches }: NodeDrain, context: Context): void {
  if (batches.length === 0) return;
  const { accumulator, settings, networkClient } = producer;
  const partitions: { topicPartition: string; batch: RecordBatch }[] = [];
  const contents: RequestContent[] = [];
  let sizeBytes = 60;
  const causeBefore = context.cause;
  for (const id of batches) {
    const batch = accumulator.batches[id]!;
    batch.place = "inFlight";
    partitions.push({ topicPartition: batch.topicPartition, batch: recordBatchOf(producer, batch) });
    const { topicPartition, recordCount, baseSequence, attempts } = batch;
    contents.push({ topicPartition, records: recordCount, baseSequence, attempt: attempts + 1 });
    sizeBytes += batch.sizeBytes + 20;
    producer.statistics.batchesDrained += 1;
    producer.statistics.recordsDrained += recordCount;
    if (context.tracing) context.cause = batch.cause;
  }
  const body: RequestBody = {
    api: "Produce",
    acks: settings.acks,
    timeoutMs: settings.requestTimeoutMs,
    transactionalId: settings.transactionalId,
    partitions,
  };
  const tag: SenderTag = { kind: "produce", batches: batches.slice() };
  send(networkClient, { nodeId: node, body, expectResponse: settings.acks !== 0, tag, contents, sizeBytes }, context);
  producer.statistics.requestsSent += 1;
  context.cause = causeBefore;
}

function recordBatchOf(producer: KafkaProducer, batch: ProducerBatch): RecordBatch {
  return {
    baseOffset: 0,
    recordCount: batch.recordCount,
    sizeBytes: batch.sizeBytes,
    partitionLeaderEpoch: -1,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    transactional: false,
    baseTimestamp: batch.baseTimestampMs,
    maxTimestamp: batch.maxTimestampMs,
    producer: producer.name,
    ids: batch.ids.slice(),
    internal: null,
  };
}

/** close(): what is buffered still goes out. */
export function initiateClose(producer: KafkaProducer): void {
  producer.accumulator.isClosed = true;
  producer.sender.isRunning = false;
}

/** close() ran out of time: what is not done fails. */
export function forceClose(producer: KafkaProducer): void {
  producer.sender.forceClose = true;
  initiateClose(producer);
}
