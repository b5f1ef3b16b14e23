import { requestUpdate, updatePartitionLeadership } from "../client/metadata.ts";
import { leadersAsText } from "../client/metadata-cache.ts";
import type { ClientResponse } from "../client/network-client.ts";
import type { Context } from "../protocol/context.ts";
import { type ErrorName, isRetriable, messageOf, refreshesMetadata } from "../protocol/errors.ts";
import type { CurrentLeader, ResponseOf } from "../protocol/messages.ts";
import {
  completeAndRelease,
  failBatch,
  forget,
  releaseMemory,
  removeFromSenderInFlight,
  retireSplitBatch,
  splitAndReenqueue,
  succeed,
} from "./completion.ts";
import { hasReachedDeliveryTimeout, isDone, type ProducerBatch, reenqueued } from "./producer-batch.ts";
import type { KafkaProducer } from "./producer-state.ts";
import { nominalBackoffLeftMs, putBack } from "./record-accumulator.ts";
import type { SenderTag } from "./sender.ts";
import { canRetry, handleCompletedBatch, removeInFlightBatch, retryRequest } from "./transaction-manager.ts";

/**
 * What the sender makes of answers: success, another try, a split, or failure.
 * Models Sender.handleProduceResponse and completeBatch, TransactionManager.InitProducerIdHandler. Left out: errors of single records (KIP-467).
 */
export function onResponse(producer: KafkaProducer, response: ClientResponse, context: Context): void {
  const tag = response.tag as SenderTag;
  context.cause = response.cause;
  if (tag.kind === "transaction") onTransactionResponse(producer, response, context);
  else onProduceResponse(producer, response, tag.batches, context);
}

/** What a request told of one batch. */
interface PartitionResult {
  error: ErrorName;
  message: string;
  baseOffset: number;
  logStartOffset: number;
  currentLeader: CurrentLeader | null;
}

type LeaderUpdate = { topicPartition: string; leader: CurrentLeader };

function onProduceResponse(producer: KafkaProducer, response: ClientResponse, ids: number[], context: Context): void {
  if (response.wasDisconnected) {
    const error: ErrorName = response.wasTimedOut ? "REQUEST_TIMED_OUT" : "NETWORK_EXCEPTION";
    const message = `Disconnected from node ${response.nodeId}${response.wasTimedOut ? " due to timeout" : ""}`;
    for (const id of ids)
      completeBatch(producer, id, { error, message, baseOffset: -1, logStartOffset: -1, currentLeader: null }, null, context);
    return;
  }
  if (response.body === null) {
    for (const id of ids)
      completeBatch(producer, id, { error: "NONE", message: "", baseOffset: -1, logStartOffset: -1, currentLeader: null }, null, context);
    return;
  }
  const body = response.body as ResponseOf<"Produce">;
  const leaders: LeaderUpdate[] = [];
  for (let i = 0; i < body.partitions.length; i++) {
    const { error, errorMessage, baseOffset, logStartOffset, currentLeader } = body.partitions[i]!;
    completeBatch(
      producer,
      ids[i]!,
      { error, message: errorMessage ?? messageOf(error), baseOffset, logStartOffset, currentLeader },
      leaders,
      context,
    );
  }
  if (leaders.length > 0) takeLeaders(producer, leaders, response.cause, context);
}

/** KIP-951: the broker named the new leader, so nobody needs to wait for metadata. */
function takeLeaders(producer: KafkaProducer, leaders: LeaderUpdate[], cause: number, context: Context): void {
  const { metadata, name } = producer;
  const updated = updatePartitionLeadership(metadata, leaders);
  if (updated.length === 0 || !context.tracing) return;
  const fields = { brokers: metadata.cache.nodeIds.slice(), leaders: leadersAsText(metadata.cache), by: "Produce", partitions: updated };
  context.trace("metadata-updated", name, fields, cause);
}

function completeBatch(
  producer: KafkaProducer,
  id: number,
  result: PartitionResult,
  leaders: LeaderUpdate[] | null,
  context: Context,
): void {
  const { accumulator, settings, metadata } = producer;
  const batch = accumulator.batches[id];
  if (batch === undefined) return;
  const { error } = result;
  const topicPartition = batch.topicPartition;
  batch.place = "answered";
  if (error === "MESSAGE_TOO_LARGE" && batch.recordCount > 1 && !isDone(batch)) {
    if (producer.transactionManager !== null) removeInFlightBatch(producer.transactionManager, batch);
    splitAndReenqueue(producer, batch, context);
    retireSplitBatch(producer, batch, context);
  } else if (error === "NONE") complete(producer, batch, result, context);
  else {
    if (mayRetry(producer, batch, result, context)) reenqueue(producer, batch, error, context);
    else if (error === "DUPLICATE_SEQUENCE_NUMBER") complete(producer, batch, result, context);
    else
      failBatch(
        producer,
        batch,
        error,
        failureMessage(batch, error, result),
        decidingConfig(producer, batch, error, context),
        batch.attempts < settings.retries,
        context,
      );
    if (refreshesMetadata(error)) {
      const namesLeader = error === "NOT_LEADER_OR_FOLLOWER" || error === "FENCED_LEADER_EPOCH";
      const leader = result.currentLeader;
      if (namesLeader && leaders !== null && leader !== null && leader.leaderId !== -1 && leader.leaderEpoch !== -1)
        leaders.push({ topicPartition, leader: { leaderId: leader.leaderId, leaderEpoch: leader.leaderEpoch } });
      requestUpdate(metadata);
    }
  }
  const muted = accumulator.muted.indexOf(topicPartition);
  if (muted >= 0) accumulator.muted.splice(muted, 1);
}

function failureMessage(batch: ProducerBatch, error: ErrorName, result: PartitionResult): string {
  if (error === "TOPIC_AUTHORIZATION_FAILED") return `Not authorized to access topics: [${batch.topic}]`;
  return error === "CLUSTER_AUTHORIZATION_FAILED" ? "The producer is not authorized to do idempotent sends" : result.message;
}

function complete(producer: KafkaProducer, batch: ProducerBatch, result: PartitionResult, context: Context): void {
  if (producer.transactionManager !== null) handleCompletedBatch(producer.transactionManager, batch, result.baseOffset);
  if (succeed(producer, batch, result.baseOffset, context)) {
    removeFromSenderInFlight(producer, batch);
    completeAndRelease(producer, batch, context);
  } else {
    // It had expired before; the late success changes nothing but frees its memory.
    releaseMemory(producer, batch, context);
    forget(producer, batch);
  }
}

function mayRetry(producer: KafkaProducer, batch: ProducerBatch, result: PartitionResult, context: Context): boolean {
  const { accumulator, settings, transactionManager } = producer;
  if (hasReachedDeliveryTimeout(batch, accumulator.settings.deliveryTimeoutMs, context.now)) return false;
  if (batch.attempts >= settings.retries || isDone(batch)) return false;
  return transactionManager === null ? isRetriable(result.error) : canRetry(transactionManager, batch, result.error, result.logStartOffset);
}

/** Which setting ended the tries, for the trace: "" when the error is final by itself. */
function decidingConfig(producer: KafkaProducer, batch: ProducerBatch, error: ErrorName, context: Context): string {
  if (!isRetriable(error)) return "";
  if (hasReachedDeliveryTimeout(batch, producer.accumulator.settings.deliveryTimeoutMs, context.now)) return "delivery.timeout.ms";
  return batch.attempts >= producer.settings.retries ? "retries" : "";
}

function reenqueue(producer: KafkaProducer, batch: ProducerBatch, error: ErrorName, context: Context): void {
  const { accumulator, transactionManager, statistics } = producer;
  reenqueued(batch, context.now);
  putBack(accumulator, transactionManager, batch);
  removeFromSenderInFlight(producer, batch);
  statistics.batchesRetried += 1;
  statistics.recordsRetried += batch.recordCount;
  statistics.lastError = error;
  if (context.tracing) {
    const { topicPartition, id, attempts } = batch;
    const rule = transactionManager === null ? "put at the front of its queue" : "put back in the order of sequences";
    const fields = {
      topicPartition,
      batch: id,
      attempt: attempts,
      error,
      backoffMs: nominalBackoffLeftMs(accumulator, batch, context.now),
      rule,
    };
    batch.cause = context.trace("batch-retried", producer.name, fields);
  }
}

function onTransactionResponse(producer: KafkaProducer, response: ClientResponse, context: Context): void {
  const manager = producer.transactionManager!;
  const { request } = response.tag as Extract<SenderTag, { kind: "transaction" }>;
  manager.inFlightCorrelationId = -1;
  if (response.body === null) {
    retryRequest(manager, request);
    return;
  }
  const { error, producerId, producerEpoch } = response.body as ResponseOf<"InitProducerId">;
  if (error === "NONE") {
    manager.producerId = producerId;
    manager.producerEpoch = producerEpoch;
    manager.state = "READY";
    manager.lastError = null;
    if (context.tracing) context.trace("producer-id-assigned", producer.name, { producerId, producerEpoch });
  } else if (isRetriable(error)) retryRequest(manager, request);
  else {
    manager.state = "FATAL_ERROR";
    manager.lastError = { error, message: `Unexpected error in InitProducerIdResponse; ${messageOf(error)}` };
  }
}
