import { Phase } from "../../kernel/event.ts";
import { addTopic, bootstrap, createMetadata, requestUpdateForTopic } from "../client/metadata.ts";
import { partitionCountOf } from "../client/metadata-cache.ts";
import { createNetworkClient, endPoll, isConnectionEvent, onConnectionEvent, POLL_RETURN, wakeUp } from "../client/network-client.ts";
import type { Context, NodeId } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import { partitionForKey } from "../protocol/murmur2.ts";
import type { ProducerSettings } from "../protocol/producer-settings.ts";
import { batchAllocationBytes, recordTooLarge } from "../protocol/record-sizes.ts";
import { announce, append, releaseHeld, traceBlockedForMemory, upperBoundOf } from "./append.ts";
import { availableBytes, continueWaiting, stopWaiting } from "./buffer-pool.ts";
import { CALL_RESUMED, resumeCall } from "./completion.ts";
import { topicView } from "./partitioner.ts";
import { isDone } from "./producer-batch.ts";
import type { KafkaProducer, SendCall } from "./producer-state.ts";
import { createAccumulator, topicInfoOf } from "./record-accumulator.ts";
import { onResponse } from "./responses.ts";
import { createSender, forceClose, initiateClose, nextRound, onAwaitReadyPolled, onSenderAwake, SENDER_AWAKE } from "./sender.ts";
import { createStatistics } from "./statistics.ts";
import { createTransactionManager, hasFatalError } from "./transaction-manager.ts";

export { CALL_RESUMED } from "./completion.ts";
export type { KafkaProducer } from "./producer-state.ts";

/**
 * The producer as an application uses it: send, flush, get, close. A call returns at once or blocks; a blocked one goes on when the node gets
 * CALL_RESUMED and the application gives that to resumeCallOf.
 * Models org.apache.kafka.clients.producer.KafkaProducer. Left out: interceptors, serializers, metrics, transactions, partitioner.class.
 */

/** The event with which the sender's thread starts. */
export const SENDER_STARTED = "sender-started";

export function createKafkaProducer(name: NodeId, bootstrapNodes: NodeId[], settings: ProducerSettings): KafkaProducer {
  const metadata = createMetadata({
    chanceStream: `producer/${name}/metadata-backoff`,
    retryBackoffMs: settings.retryBackoffMs,
    retryBackoffMaxMs: settings.retryBackoffMaxMs,
    metadataMaxAgeMs: settings.metadataMaxAgeMs,
    metadataMaxIdleMs: settings.metadataMaxIdleMs,
  });
  bootstrap(metadata, bootstrapNodes.length);
  return {
    name,
    settings,
    metadata,
    networkClient: createNetworkClient(name, bootstrapNodes.slice(), {
      chanceStream: `producer/${name}/network`,
      reconnectBackoffMs: settings.reconnectBackoffMs,
      reconnectBackoffMaxMs: settings.reconnectBackoffMaxMs,
      socketConnectionSetupTimeoutMs: settings.socketConnectionSetupTimeoutMs,
      socketConnectionSetupTimeoutMaxMs: settings.socketConnectionSetupTimeoutMaxMs,
      maxInFlightRequestsPerConnection: settings.maxInFlightRequestsPerConnection,
      requestTimeoutMs: settings.requestTimeoutMs,
      metadataRecoveryStrategy: settings.metadataRecoveryStrategy,
      metadataRecoveryRebootstrapTriggerMs: settings.metadataRecoveryRebootstrapTriggerMs,
    }),
    accumulator: createAccumulator(name, settings),
    sender: createSender(),
    transactionManager: settings.idempotent ? createTransactionManager(settings.transactionalId, settings.retryBackoffMs) : null,
    call: null,
    callGeneration: 0,
    lastSendBatch: -1,
    statistics: createStatistics(),
  };
}

/** Starts the sender's thread: its first round comes when everything else that is due now has been done. */
export function startProducer(producer: KafkaProducer, context: Context): void {
  context.schedule(context.now, Phase.Loop, producer.name, SENDER_STARTED, null);
}

/** Events of the sender's thread and of the network. Returns false for those of the application's thread. */
export function onProducerEvent(producer: KafkaProducer, type: string, payload: unknown, context: Context): boolean {
  if (type === POLL_RETURN) onPollReturn(producer, payload, context);
  else if (isConnectionEvent(type)) onConnectionEvent(producer.networkClient, type, payload, context);
  else if (type === SENDER_AWAKE) onSenderAwake(producer, payload, context);
  else if (type === SENDER_STARTED) {
    if (producer.sender.thread.at === "not-started") nextRound(producer, context);
  } else return false;
  return true;
}

function onPollReturn(producer: KafkaProducer, payload: unknown, context: Context): void {
  const { networkClient, metadata } = producer;
  const responses = endPoll(networkClient, metadata, payload, context);
  if (responses === null) return;
  const causeBefore = context.cause;
  for (const response of responses) onResponse(producer, response, context);
  context.cause = causeBefore;
  const call = producer.call;
  if (call?.kind === "send" && call.waitsFor === "metadata" && metadata.notifications > call.notificationsSeen)
    resumeCall(producer, context);
  const { thread } = producer.sender;
  if (thread.at === "await-ready") onAwaitReadyPolled(producer, thread, context);
  else nextRound(producer, context);
}

// The application's calls

export interface SendRequest {
  topic: string;
  /** -1: chosen by key or partitioner. */
  partition: number;
  /** murmur2 of the serialized key; null: no key. */
  keyHash: number | null;
  /** Size of key, value and headers as they are written: recordFieldsBytes. */
  fieldsBytes: number;
  firstId: number;
  /** Equal records, sent one after the other. */
  count: number;
}

/** blocked: the thread waits; CALL_RESUMED comes. */
export type CallState = "returned" | "blocked";

export function sendRecords(producer: KafkaProducer, request: SendRequest, context: Context): CallState {
  producer.callGeneration += 1;
  producer.call = {
    kind: "send",
    topic: request.topic,
    partition: request.partition,
    keyHash: request.keyHash,
    firstId: request.firstId,
    count: request.count,
    announcedTo: request.firstId,
    fieldsBytes: request.fieldsBytes,
    startedAtMs: context.now,
    timestampMs: context.now,
    waitsFor: "nothing",
    blockBudgetMs: producer.settings.maxBlockMs,
    blockedSinceMs: context.now,
    notificationsSeen: 0,
    partitionsSeen: 0,
    heldBytes: 0,
    cause: context.cause,
  };
  return proceedWithSend(producer, producer.call, context);
}

/** Goes on with a call that was blocked. null: the event is stale. */
export function resumeCallOf(producer: KafkaProducer, payload: unknown, context: Context): CallState | null {
  const { call } = producer;
  if (call === null || (payload as { generation: number }).generation !== producer.callGeneration) return null;
  producer.callGeneration += 1;
  if (call.kind === "send")
    return call.waitsFor === "metadata" ? afterMetadata(producer, call, context) : afterMemory(producer, call, context);
  if (call.kind === "close") return proceedWithClose(producer, context);
  if (call.kind === "flush") producer.accumulator.flushesInProgress -= 1;
  producer.call = null;
  return "returned";
}

function block(producer: KafkaProducer, deadlineMs: number, context: Context): CallState {
  context.schedule(deadlineMs, Phase.Application, producer.name, CALL_RESUMED, { generation: producer.callGeneration });
  return "blocked";
}

function proceedWithSend(producer: KafkaProducer, call: SendCall, context: Context): CallState {
  while (call.count > 0) {
    if (!checkMetadata(producer, call, context)) {
      if (call.waitsFor === "metadata") return block(producer, call.startedAtMs + producer.settings.maxBlockMs, context);
      continue;
    }
    if (!appendOnce(producer, call, context)) return block(producer, context.now + call.blockBudgetMs, context);
  }
  producer.call = null;
  return "returned";
}

/** The next record of a run is a send() call of its own. */
function nextRecord(producer: KafkaProducer, call: SendCall, done: number, context: Context): void {
  call.firstId += done;
  call.count -= done;
  call.startedAtMs = context.now;
  call.timestampMs = context.now;
  call.blockBudgetMs = producer.settings.maxBlockMs;
  call.waitsFor = "nothing";
}

/** False: the call waits for metadata, or its record has failed and the next one is at hand. */
function checkMetadata(producer: KafkaProducer, call: SendCall, context: Context): boolean {
  const { metadata } = producer;
  if (metadata.cache.topicErrors[call.topic] === "INVALID_TOPIC_EXCEPTION") {
    failRecord(producer, call, "InvalidTopicException", `Invalid topics: [${call.topic}]`, "", explicitPartition(call), context);
    return false;
  }
  addTopic(metadata, call.topic, context.now);
  if (hasPartition(producer, call)) return true;
  announce(producer, call, 1, context);
  call.waitsFor = "metadata";
  call.blockedSinceMs = context.now;
  if (context.tracing) {
    const fields = {
      recordId: call.firstId,
      waitsFor: "metadata",
      sizeBytes: 0,
      availableBytes: availableBytes(producer.accumulator.pool),
      config: "max.block.ms",
    };
    call.cause = context.trace("send-blocked", producer.name, fields);
  }
  askForMetadata(producer, call, context);
  return false;
}

function hasPartition(producer: KafkaProducer, call: SendCall): boolean {
  call.partitionsSeen = partitionCountOf(producer.metadata.cache, call.topic);
  return call.partitionsSeen > 0 && call.partition < call.partitionsSeen;
}

function askForMetadata(producer: KafkaProducer, call: SendCall, context: Context): void {
  const { metadata, networkClient } = producer;
  addTopic(metadata, call.topic, context.now);
  requestUpdateForTopic(metadata, call.topic);
  call.notificationsSeen = metadata.notifications;
  wakeUp(networkClient, context);
}

function afterMetadata(producer: KafkaProducer, call: SendCall, context: Context): CallState {
  const { metadata, settings } = producer;
  const waitedMs = context.now - call.startedAtMs;
  const isTooLate = waitedMs >= settings.maxBlockMs;
  if (metadata.notifications === call.notificationsSeen || isTooLate) {
    unblocked(producer, call, context);
    failRecord(producer, call, "TimeoutException", metadataTimeout(producer, call), "max.block.ms", explicitPartition(call), context);
    return proceedWithSend(producer, call, context);
  }
  if (metadata.errors[call.topic] === "INVALID_TOPIC_EXCEPTION") {
    unblocked(producer, call, context);
    failRecord(producer, call, "InvalidTopicException", `Invalid topics: [${call.topic}]`, "", explicitPartition(call), context);
    return proceedWithSend(producer, call, context);
  }
  if (!hasPartition(producer, call)) {
    askForMetadata(producer, call, context);
    return block(producer, call.startedAtMs + settings.maxBlockMs, context);
  }
  unblocked(producer, call, context);
  call.waitsFor = "nothing";
  call.timestampMs = context.now;
  call.blockBudgetMs = Math.max(0, settings.maxBlockMs - waitedMs);
  return appendOnce(producer, call, context)
    ? proceedWithSend(producer, call, context)
    : block(producer, context.now + call.blockBudgetMs, context);
}

function explicitPartition(call: SendCall): string | null {
  return call.partition < 0 ? null : `${call.topic}-${call.partition}`;
}

function metadataTimeout(producer: KafkaProducer, call: SendCall): string {
  const { maxBlockMs } = producer.settings;
  const count = call.partitionsSeen;
  if (count === 0) return `Topic ${call.topic} not present in metadata after ${maxBlockMs} ms.`;
  return `Partition ${call.partition} of topic ${call.topic} with partition count ${count} is not present in metadata after ${maxBlockMs} ms.`;
}

/** Metadata is known: sizes are checked, and the record (with as many of the run as go together) goes into a batch. False: it waits for memory. */
function appendOnce(producer: KafkaProducer, call: SendCall, context: Context): boolean {
  const { settings } = producer;
  const tooLarge =
    call.heldBytes === 0 ? recordTooLarge(upperBoundOf(call), settings.maxRequestSizeBytes, settings.bufferMemoryBytes) : null;
  if (tooLarge !== null) {
    const config = upperBoundOf(call) > settings.maxRequestSizeBytes ? "max.request.size" : "buffer.memory";
    failRecord(producer, call, "RecordTooLargeException", tooLarge, config, explicitPartition(call), context);
    return true;
  }
  const wasForKey = call.partition < 0 && call.keyHash !== null && !settings.partitionerIgnoreKeys;
  if (wasForKey) call.partition = partitionForKey(call.keyHash!, partitionCountOf(producer.metadata.cache, call.topic));
  const result = append(producer, call, context);
  if (result.outcome === "blocked") {
    announce(producer, call, 1, context);
    call.waitsFor = "memory";
    const { partitioner } = topicInfoOf(producer.accumulator, call.topic);
    partitioner.seenByWaiting ??= topicView(partitioner, call.topic, producer.metadata.cache);
    call.blockedSinceMs = context.now;
    if (context.tracing) traceBlockedForMemory(producer, call, context);
    return false;
  }
  if (result.outcome === "threw") {
    allocationThrew(producer, call, result.topicPartition, context);
    return true;
  }
  const wasBlocked = call.waitsFor === "memory";
  if (wasBlocked) unblocked(producer, call, context);
  if (result.outcome === "closed") {
    failRecord(producer, call, "KafkaException", "Producer closed while send in progress", "", result.topicPartition, context);
    return true;
  }
  producer.lastSendBatch = result.batch;
  const threw = producer.transactionManager !== null && hasFatalError(producer.transactionManager);
  if (threw && context.tracing) {
    const message = "Cannot execute transactional method because we are in an error state";
    for (let i = 0; i < result.appended; i++)
      context.trace("send-threw", producer.name, { recordId: call.firstId + i, error: "KafkaException", message });
  }
  if (result.wakesSender && !threw) wakeUp(producer.networkClient, context);
  nextRecord(producer, call, result.appended, context);
  return true;
}

/** batch.size is larger than buffer.memory: send() itself throws. */
function allocationThrew(producer: KafkaProducer, call: SendCall, topicPartition: string, context: Context): void {
  const { batchSizeBytes, bufferMemoryBytes } = producer.settings;
  const sizeBytes = batchAllocationBytes(batchSizeBytes, upperBoundOf(call));
  const message = `Attempt to allocate ${sizeBytes} bytes, but there is a hard limit of ${bufferMemoryBytes} on memory allocations.`;
  announce(producer, call, 1, context);
  if (context.tracing) context.trace("send-threw", producer.name, { recordId: call.firstId, error: "IllegalArgumentException", message });
  failRecord(producer, call, "IllegalArgumentException", message, "buffer.memory", topicPartition, context);
}

function afterMemory(producer: KafkaProducer, call: SendCall, context: Context): CallState {
  const { pool, settings } = producer.accumulator;
  const waiter = pool.waiter;
  if (waiter === null) return proceedWithSend(producer, call, context);
  const sizeBytes = waiter.sizeBytes;
  if (!waiter.isSignalled) {
    const message =
      `Failed to allocate ${sizeBytes} bytes within the configured max blocking time ${call.blockBudgetMs} ms. Total memory: ${pool.totalBytes} bytes. ` +
      `Available memory: ${availableBytes(pool)} bytes. Poolable size: ${settings.batchSizeBytes} bytes`;
    stopWaiting(pool);
    unblocked(producer, call, context);
    failRecord(producer, call, "BufferExhaustedException", message, "max.block.ms", topicPartitionOfWaiting(producer, call), context);
    return proceedWithSend(producer, call, context);
  }
  if (!continueWaiting(pool)) return block(producer, call.blockedSinceMs + call.blockBudgetMs, context);
  call.heldBytes = sizeBytes;
  return appendOnce(producer, call, context)
    ? proceedWithSend(producer, call, context)
    : block(producer, context.now + call.blockBudgetMs, context);
}

/** Where the record would have gone: the accumulator had chosen before it asked for memory. */
function topicPartitionOfWaiting(producer: KafkaProducer, call: SendCall): string {
  const partition = call.partition >= 0 ? call.partition : producer.accumulator.topics[call.topic]!.partitioner.sticky!.partition;
  return `${call.topic}-${partition}`;
}

function unblocked(producer: KafkaProducer, call: SendCall, context: Context): void {
  const waitedMs = context.now - call.blockedSinceMs;
  if (call.waitsFor === "memory") topicInfoOf(producer.accumulator, call.topic).partitioner.seenByWaiting = null;
  producer.statistics.blockedMs += waitedMs;
  producer.statistics.blockedSends += 1;
  if (context.tracing) context.trace("send-unblocked", producer.name, { recordId: call.firstId, waitedMs });
}

/** Kafka calls the callback on the application's thread and returns a failed future. */
function failRecord(
  producer: KafkaProducer,
  call: SendCall,
  error: ErrorName,
  message: string,
  config: string,
  topicPartition: string | null,
  context: Context,
): void {
  announce(producer, call, 1, context);
  releaseHeld(producer, call);
  producer.statistics.recordsFailed += 1;
  producer.statistics.lastError = error;
  if (context.tracing)
    context.trace(
      "record-failed",
      producer.name,
      { recordId: call.firstId, topicPartition: topicPartition ?? "", error, message, config },
      call.cause,
    );
  context.records.failed(producer.name, topicPartition, [call.firstId, 1], error, context.now);
  producer.lastSendBatch = -1;
  nextRecord(producer, call, 1, context);
}

/** Waits until every batch that is there now is done; all of them may go at once. */
export function flush(producer: KafkaProducer, context: Context): CallState {
  const { accumulator } = producer;
  producer.callGeneration += 1;
  accumulator.flushesInProgress += 1;
  wakeUp(producer.networkClient, context);
  let batchesLeft = 0;
  for (const batch of Object.values(accumulator.batches)) {
    if (isDone(batch)) continue;
    batch.isFlushed = true;
    batchesLeft += 1;
  }
  if (batchesLeft === 0) {
    accumulator.flushesInProgress -= 1;
    return "returned";
  }
  producer.call = { kind: "flush", startedAtMs: context.now, batchesLeft };
  return "blocked";
}

/** send().get(): waits for the batch that holds the record; -1: the record failed at once. */
export function get(producer: KafkaProducer, batch: number, recordId: number, context: Context): CallState {
  const known = producer.accumulator.batches[batch];
  if (known === undefined || isDone(known)) return "returned";
  producer.callGeneration += 1;
  producer.call = { kind: "get", startedAtMs: context.now, batch, recordId };
  return "blocked";
}

/** Sends what is buffered, for at most `timeoutMs`; fails the rest. */
export function close(producer: KafkaProducer, timeoutMs: number, context: Context): CallState {
  producer.callGeneration += 1;
  producer.call = { kind: "close", startedAtMs: context.now, deadlineMs: context.now + timeoutMs };
  if (producer.sender.isFinished) return proceedWithClose(producer, context);
  if (timeoutMs <= 0) forceClose(producer);
  else initiateClose(producer);
  wakeUp(producer.networkClient, context);
  return timeoutMs <= 0 ? "blocked" : block(producer, context.now + timeoutMs, context);
}

function proceedWithClose(producer: KafkaProducer, context: Context): CallState {
  if (producer.sender.isFinished) {
    producer.call = null;
    return "returned";
  }
  forceClose(producer);
  wakeUp(producer.networkClient, context);
  return "blocked";
}
