import { canSendMore } from "../client/connection-states.ts";
import { leaderOf } from "../client/metadata-cache.ts";
import { connectionOf, pollDelayMs } from "../client/network-client.ts";
import { isDone, waitedMs } from "./producer-batch.ts";
import type { KafkaProducer } from "./producer-state.ts";
import { nominalBackoffLeftMs, queueOf, type SendableReason, sendableBecause } from "./record-accumulator.ts";
import { type DrainBlock, drainBlockedBy } from "./transaction-manager.ts";

/** Why a batch is not sent now: the answers of the very functions that decide it in ready(), drain() and the network client. Pure. */
export interface BatchExplanation {
  reason: BatchReason;
  /** What makes it ready to go; null: nothing yet. */
  readyBecause: SendableReason | null;
  /** Until linger.ms, a backoff or a throttle is over; null: the reason has no end of its own. */
  leftMs: number | null;
  /** Until delivery.timeout.ms fails it. */
  deliveryLeftMs: number;
  attempts: number;
  retriesLeft: number;
}

export type BatchReason =
  /** Unknown, or done. */
  | "done"
  /** In a request, and not answered. */
  | "in-flight"
  /** Another batch of its partition goes first. */
  | "behind-another"
  /** It takes more records. */
  | "lingering"
  | "retry-backoff"
  | "no-leader"
  /** max.in.flight.requests.per.connection is 1, and the partition has a batch in flight. */
  | "muted"
  | DrainBlock
  /** Reconnecting waits for its backoff. */
  | "reconnect-backoff"
  | "connecting"
  | "throttled"
  /** The connection carries as many requests as it may, or one that is not written yet. */
  | "pipeline-full"
  /** Nothing keeps it: it goes in the next round. */
  | "next-round";

export function explainBatch(producer: KafkaProducer, batchId: number, now: number): BatchExplanation {
  const { accumulator, metadata, settings } = producer;
  const batch = accumulator.batches[batchId];
  if (batch === undefined || isDone(batch))
    return { reason: "done", readyBecause: null, leftMs: null, deliveryLeftMs: 0, attempts: batch?.attempts ?? 0, retriesLeft: 0 };
  const queue = queueOf(accumulator, batch.topic, batch.partition);
  const explanation: BatchExplanation = {
    reason: "next-round",
    readyBecause: sendableBecause(accumulator, queue, batch, accumulator.settings.lingerMs, now),
    leftMs: null,
    deliveryLeftMs: Math.max(0, batch.createdAtMs + accumulator.settings.deliveryTimeoutMs - now),
    attempts: batch.attempts,
    retriesLeft: Math.max(0, settings.retries - batch.attempts),
  };
  if (batch.place !== "queued") explanation.reason = "in-flight";
  else if (queue.batches[0] !== batchId) explanation.reason = "behind-another";
  else if (nominalBackoffLeftMs(accumulator, batch, now) > 0) {
    explanation.reason = "retry-backoff";
    explanation.leftMs = nominalBackoffLeftMs(accumulator, batch, now);
  } else if (leaderOf(metadata.cache, batch.topic, batch.partition) < 0) explanation.reason = "no-leader";
  else if (accumulator.muted.includes(queue.topicPartition)) explanation.reason = "muted";
  else if (explanation.readyBecause === null) {
    explanation.reason = "lingering";
    explanation.leftMs = Math.max(0, accumulator.settings.lingerMs - waitedMs(batch, now));
  } else explainSending(producer, batchId, explanation, now);
  return explanation;
}

function explainSending(producer: KafkaProducer, batchId: number, explanation: BatchExplanation, now: number): void {
  const { accumulator, metadata, networkClient, transactionManager } = producer;
  const batch = accumulator.batches[batchId]!;
  const blocked = transactionManager === null ? null : drainBlockedBy(transactionManager, batch, accumulator.batches);
  if (blocked !== null) {
    explanation.reason = blocked;
    return;
  }
  const leader = leaderOf(metadata.cache, batch.topic, batch.partition);
  const connection = connectionOf(networkClient, leader);
  if (connection === undefined || connection.state === "DISCONNECTED") {
    explanation.leftMs = pollDelayMs(networkClient, leader, now);
    explanation.reason = explanation.leftMs > 0 ? "reconnect-backoff" : "next-round";
  } else if (connection.state !== "READY" || !connection.established) explanation.reason = "connecting";
  else if (connection.throttleUntilMs > now) {
    explanation.reason = "throttled";
    explanation.leftMs = connection.throttleUntilMs - now;
  } else if (!canSendMore(connection, networkClient.settings.maxInFlightRequestsPerConnection)) explanation.reason = "pipeline-full";
}
