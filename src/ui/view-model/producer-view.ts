import type { ProducerClient } from "../../kafka/application/producer-application.ts";
import type { Connection } from "../../kafka/client/connection-states.ts";
import { leaderOf } from "../../kafka/client/metadata-cache.ts";
import type { World } from "../../kafka/cluster/world.ts";
import { availableBytes } from "../../kafka/producer/buffer-pool.ts";
import { explainBatch } from "../../kafka/producer/explain.ts";
import { isFull, type ProducerBatch, waitedMs } from "../../kafka/producer/producer-batch.ts";
import type { KafkaProducer } from "../../kafka/producer/producer-state.ts";
import { nominalBackoffLeftMs } from "../../kafka/producer/record-accumulator.ts";
import { producerSettings } from "../../kafka/protocol/producer-settings.ts";
import { partitionOf } from "../../kafka/protocol/topic-partition.ts";
import { fillIn, type Words } from "../words.ts";
import { type NodeHealth, nodeHealth } from "./broker-rows.ts";

export type BatchPhase =
  | { readonly kind: "filling"; readonly leftMs: number }
  | { readonly kind: "ready"; readonly reason: string | null }
  | { readonly kind: "sending"; readonly ageMs: number }
  | { readonly kind: "retry"; readonly leftMs: number };

export interface BatchMark {
  readonly id: string;
  readonly records: number;
  readonly sizeBytes: number;
  readonly capacityBytes: number;
  readonly phase: BatchPhase;
  /** Sendings so far; 0 or 1: no retry. */
  readonly attempts: number;
  readonly ageMs: number;
  readonly deliveryLeftMs: number;
  readonly baseSequence: number | null;
}

export interface DequeRow {
  /** topic-partition */
  readonly id: string;
  readonly label: string;
  readonly leader: string | null;
  /** In the order in which they are sent, those in flight first. */
  readonly batches: readonly BatchMark[];
}

export interface RequestMark {
  readonly correlationId: number;
  readonly api: string;
  readonly partitions: readonly string[];
  readonly records: number;
  readonly baseSequence: number | null;
  readonly ageMs: number;
  readonly timeoutMs: number;
  readonly attempt: number;
}

export interface ConnectionRow {
  readonly node: string;
  readonly state: "connected" | "connecting" | "disconnected" | "backing off" | "checking";
  /** Of a state that ends. */
  readonly leftMs: number | null;
  readonly slots: number;
  readonly requests: readonly RequestMark[];
}

export type SenderDoing =
  | { readonly kind: "idle" }
  | { readonly kind: "answers" }
  | { readonly kind: "linger"; readonly leftMs: number }
  | { readonly kind: "backoff"; readonly leftMs: number }
  | { readonly kind: "metadata" }
  | { readonly kind: "producer id" }
  | { readonly kind: "full connection"; readonly node: string }
  | { readonly kind: "said"; readonly text: string };

export interface ProducerView {
  readonly name: string;
  readonly index: number;
  readonly producers: number;
  readonly health: NodeHealth;
  readonly acks: string;
  readonly idempotent: boolean;
  readonly lingerMs: number;
  readonly batchSizeBytes: number;
  readonly maxInFlight: number;
  readonly recordsPerSecond: number | null;
  readonly producerId: string | null;
  readonly usedBytes: number;
  readonly totalBytes: number;
  readonly blockedSends: number;
  readonly blockedFor: "buffer.memory" | "metadata" | null;
  readonly sender: SenderDoing;
  readonly deques: readonly DequeRow[];
  readonly connections: readonly ConnectionRow[];
}

/** null asks for the first producer. */
export function producerView(world: World, name: string | null, now: number, words: Words): ProducerView | null {
  const names = Object.keys(world.producers);
  const chosen = name !== null && world.producers[name] !== undefined ? name : names[0];
  const client = chosen === undefined ? undefined : world.producers[chosen];
  if (client === undefined || chosen === undefined) return null;
  const settings = client.producer?.settings ?? producerSettings(client.configs);
  const pool = client.producer?.accumulator.pool;
  const manager = client.producer?.transactionManager ?? null;
  const call = client.producer?.call ?? null;
  const isBlocked = call?.kind === "send" && call.waitsFor !== "nothing";
  return {
    name: chosen,
    index: names.indexOf(chosen),
    producers: names.length,
    health: nodeHealth(world.nodes[chosen]),
    acks: settings.acks === -1 ? "all" : String(settings.acks),
    idempotent: settings.idempotent,
    lingerMs: settings.lingerMs,
    batchSizeBytes: settings.batchSizeBytes,
    maxInFlight: settings.maxInFlightRequestsPerConnection,
    recordsPerSecond: rateOf(client),
    producerId: manager === null || manager.producerId < 0 ? null : `${manager.producerId}:${manager.producerEpoch}`,
    usedBytes: pool === undefined ? 0 : pool.totalBytes - availableBytes(pool),
    totalBytes: pool?.totalBytes ?? settings.bufferMemoryBytes,
    blockedSends: isBlocked ? 1 : 0,
    blockedFor: isBlocked ? (call.waitsFor === "memory" ? "buffer.memory" : "metadata") : null,
    sender: client.producer === null ? { kind: "idle" } : senderDoing(client.producer, now, words),
    deques: client.producer === null ? [] : dequeRows(client.producer, now, words),
    connections: client.producer === null ? [] : connectionRows(client.producer, now),
  };
}

function rateOf(client: ProducerClient): number | null {
  return client.load.workload.records === null ? client.load.recordsPerSecond : null;
}

function dequeRows(producer: KafkaProducer, now: number, words: Words): DequeRow[] {
  const { accumulator, metadata, sender } = producer;
  const rows: DequeRow[] = [];
  const topics = Object.keys(accumulator.topics);
  for (const topic of topics) {
    const { queues } = accumulator.topics[topic]!;
    const count = Math.max(queues.length, metadata.cache.topics[topic]?.length ?? 0);
    for (let partition = 0; partition < count; partition++) {
      const queue = queues[partition] ?? null;
      const topicPartition = `${topic}-${partition}`;
      const inFlight = sender.inFlightBatches[topicPartition] ?? [];
      const leader = leaderOf(metadata.cache, topic, partition);
      const ids = [...inFlight, ...(queue?.batches ?? []).filter((id) => !inFlight.includes(id))];
      const batches = ids.flatMap((id) => {
        const batch = accumulator.batches[id];
        return batch === undefined ? [] : [batchMark(producer, batch, leader, now, words)];
      });
      rows.push({
        id: topicPartition,
        label: topics.length > 1 ? topicPartition : String(partition),
        leader: leader < 0 ? null : String(leader),
        batches,
      });
    }
  }
  return rows;
}

function batchMark(producer: KafkaProducer, batch: ProducerBatch, leader: number, now: number, words: Words): BatchMark {
  const isOut = batch.place === "inFlight" || batch.place === "drained";
  return {
    id: String(batch.id),
    records: batch.recordCount,
    sizeBytes: batch.sizeBytes,
    capacityBytes: batch.writeLimitBytes,
    phase: isOut ? { kind: "sending", ageMs: Math.max(0, now - batch.drainedAtMs) } : queuedPhase(producer, batch, leader, now, words),
    attempts: batch.attempts + (isOut ? 1 : 0),
    ageMs: now - batch.createdAtMs,
    deliveryLeftMs: Math.max(0, batch.createdAtMs + producer.accumulator.settings.deliveryTimeoutMs - now),
    baseSequence: batch.baseSequence < 0 ? null : batch.baseSequence,
  };
}

/** What the producer's own code answers when it is asked why the batch is not sent now. */
function queuedPhase(producer: KafkaProducer, batch: ProducerBatch, leader: number, now: number, words: Words): BatchPhase {
  const { reason, leftMs } = explainBatch(producer, batch.id, now);
  switch (reason) {
    case "retry-backoff":
      return { kind: "retry", leftMs: leftMs ?? 0 };
    case "lingering":
      return { kind: "filling", leftMs: leftMs ?? 0 };
    case "behind-another":
      return phaseBehindAnother(producer, batch, now);
    case "no-leader":
      return { kind: "ready", reason: words.heldNoLeader };
    case "muted":
      return { kind: "ready", reason: words.heldMuted };
    case "no-producer-id":
      return { kind: "ready", reason: words.heldNoProducerId };
    case "older-epoch-in-flight":
      return { kind: "ready", reason: words.heldOlderEpoch };
    case "unresolved-sequence":
      return { kind: "ready", reason: words.heldUnresolved };
    case "earlier-sequence-in-flight":
      return { kind: "ready", reason: words.heldEarlier };
    case "reconnect-backoff":
    case "connecting":
      return { kind: "ready", reason: fillIn(words.heldNoConnection, { node: leader }) };
    case "throttled":
      return { kind: "ready", reason: words.heldThrottled };
    case "pipeline-full":
      return { kind: "ready", reason: words.heldFull };
    case "next-round":
    case "in-flight":
    case "done":
      return { kind: "ready", reason: null };
  }
}

/** The one before it is what keeps it; what it would wait for itself is still worth seeing. */
function phaseBehindAnother({ accumulator }: KafkaProducer, batch: ProducerBatch, now: number): BatchPhase {
  const backoffLeftMs = nominalBackoffLeftMs(accumulator, batch, now);
  if (backoffLeftMs > 0) return { kind: "retry", leftMs: backoffLeftMs };
  const lingerLeftMs = accumulator.settings.lingerMs - waitedMs(batch, now);
  return isFull(batch) || lingerLeftMs <= 0 ? { kind: "ready", reason: null } : { kind: "filling", leftMs: lingerLeftMs };
}

function senderDoing(producer: KafkaProducer, now: number, words: Words): SenderDoing {
  const { sender, accumulator, networkClient, call } = producer;
  const { thread } = sender;
  if (thread.at === "not-started" || thread.at === "finished") return { kind: "idle" };
  if (thread.at === "await-ready" || thread.at === "sleep") return { kind: "producer id" };
  if (call?.kind === "send" && call.waitsFor === "metadata") return { kind: "metadata" };
  const inFlight = Object.values(networkClient.connections).some((connection) => connection.inFlight.length > 0);
  if (inFlight) return { kind: "answers" };
  let lingerLeft = Number.POSITIVE_INFINITY;
  let backoffLeft = Number.POSITIVE_INFINITY;
  for (const topic of Object.values(accumulator.topics)) {
    for (const queue of topic.queues) {
      const first = queue === null ? undefined : accumulator.batches[queue.batches[0] ?? -1];
      if (first === undefined) continue;
      const backoff = nominalBackoffLeftMs(accumulator, first, now);
      if (backoff > 0) backoffLeft = Math.min(backoffLeft, backoff);
      else lingerLeft = Math.min(lingerLeft, Math.max(0, accumulator.settings.lingerMs - (now - first.lastAttemptMs)));
    }
  }
  const blocked = sender.lastRound.blockedNodes[0];
  if (blocked !== undefined) return { kind: "said", text: fillIn(words.senderWaitsFor, { node: blocked }) };
  if (backoffLeft < Number.POSITIVE_INFINITY && backoffLeft <= lingerLeft) return { kind: "backoff", leftMs: backoffLeft };
  return lingerLeft < Number.POSITIVE_INFINITY ? { kind: "linger", leftMs: lingerLeft } : { kind: "idle" };
}

function connectionRows(producer: KafkaProducer, now: number): ConnectionRow[] {
  const { connections } = producer.networkClient;
  const slots = producer.settings.maxInFlightRequestsPerConnection;
  return Object.values(connections)
    .filter((connection) => connection.nodeId >= 0)
    .sort((a, b) => a.nodeId - b.nodeId)
    .map((connection) => ({
      node: connection.peer,
      ...connectionState(connection, now),
      slots,
      requests: connection.inFlight.map(
        (request): RequestMark => ({
          correlationId: request.correlationId,
          api: request.api,
          partitions: request.contents.map((content) => String(partitionOf(content.topicPartition))),
          records: request.contents.reduce((sum, content) => sum + content.records, 0),
          baseSequence: request.contents[0] === undefined || request.contents[0].baseSequence < 0 ? null : request.contents[0].baseSequence,
          ageMs: Math.max(0, now - request.sentAtMs),
          timeoutMs: request.requestTimeoutMs,
          attempt: Math.max(1, ...request.contents.map((content) => content.attempt)),
        }),
      ),
    }));
}

export function connectionState(connection: Connection, now: number): { state: ConnectionRow["state"]; leftMs: number | null } {
  switch (connection.state) {
    case "READY":
      return { state: "connected", leftMs: null };
    case "CONNECTING":
      return { state: "connecting", leftMs: Math.max(0, connection.connectionSetupTimeoutMs - (now - connection.lastConnectAttemptMs)) };
    case "CHECKING_API_VERSIONS":
      return { state: "checking", leftMs: null };
    case "DISCONNECTED": {
      const left = connection.reconnectBackoffMs - (now - connection.lastConnectAttemptMs);
      return left > 0 ? { state: "backing off", leftMs: left } : { state: "disconnected", leftMs: null };
    }
  }
}
