/**
 * Requests of a consumer that wait for a connection, and their answers.
 * Models org.apache.kafka.clients.consumer.internals.ConsumerNetworkClient. Left out: futures (a request's tag says what its answer is for).
 */
import { copyPlain } from "../../kernel/kernel.ts";
import type { Metadata } from "../client/metadata.ts";
import { connectionFailed, type NetworkClient, ready, send, wakeUp } from "../client/network-client.ts";
import type { Context } from "../protocol/context.ts";
import type { ApiName, RequestBody, ResponseBody } from "../protocol/messages.ts";

/** What a request was sent for: plain values that its answer is judged by. */
export type RequestTag =
  | { kind: "find-coordinator" }
  | { kind: "join"; attempt: number }
  | { kind: "sync"; attempt: number }
  | { kind: "heartbeat"; generationId: number; memberId: string }
  | { kind: "leave" }
  | { kind: "commit"; commitId: number; purpose: CommitPurpose; generationId: number; memberId: string; offsets: [string, number][] }
  | { kind: "offset-fetch"; partitions: string[] }
  | { kind: "list-offsets"; partitions: string[] }
  | { kind: "fetch"; nodeId: number; partitions: string[]; offsets: number[] };

/** auto: at the interval. prepare: before a rebalance. sync: the application waits. close: close() waits. */
export type CommitPurpose = "auto" | "prepare" | "sync" | "close";

export interface UnsentRequest {
  nodeId: number;
  body: RequestBody;
  tag: RequestTag;
  createdAtMs: number;
  timeoutMs: number;
  cause: number;
  /** The round in which it was made; -1: outside any, by the application's thread. */
  round: number;
}

/** An answer, or what took its place. */
export interface Answer {
  tag: RequestTag;
  nodeId: number;
  body: ResponseBody | null;
  wasDisconnected: boolean;
  cause: number;
}

export interface ConsumerNetwork {
  readonly client: NetworkClient;
  readonly metadata: Metadata;
  unsent: UnsentRequest[];
  /** Counts the rounds of the client's loop; `inRound` while one is under way. */
  round: number;
  inRound: boolean;
}

export function enqueue(
  network: ConsumerNetwork,
  nodeId: number,
  body: RequestBody,
  tag: RequestTag,
  timeoutMs: number,
  context: Context,
): void {
  network.unsent.push({
    nodeId,
    body,
    tag,
    createdAtMs: context.now,
    timeoutMs,
    cause: context.cause,
    round: network.inRound ? network.round : -1,
  });
}

/** Hands over what can go; returns what cannot any more: its node is gone, or it has waited for too long. */
export function sendUnsent(network: ConsumerNetwork, context: Context): Answer[] {
  const failed: Answer[] = [];
  if (network.unsent.length === 0) return failed;
  const causeBefore = context.cause;
  const waiting: UnsentRequest[] = [];
  for (const request of network.unsent) {
    const { nodeId, tag, createdAtMs, timeoutMs, cause } = request;
    context.cause = cause;
    if (ready(network.client, network.metadata, nodeId, context)) {
      // What was made in an earlier event is part of the world by now, and a message must be no part of it.
      const body = request.round === network.round ? request.body : copyPlain(request.body);
      send(
        network.client,
        { nodeId, body, expectResponse: true, tag, contents: [], sizeBytes: sizeOf(body), requestTimeoutMs: timeoutMs },
        context,
      );
    } else if (connectionFailed(network.client, nodeId) || context.now - createdAtMs > timeoutMs) {
      failed.push({ tag, nodeId, body: null, wasDisconnected: true, cause });
    } else waiting.push(request);
  }
  context.cause = causeBefore;
  network.unsent = waiting;
  return failed;
}

/** Another thread than the network's has something to send: the poll must end. */
export function wakeUpIfNeeded(network: ConsumerNetwork, context: Context): void {
  if (network.client.poll.isPolling && (network.unsent.length > 0 || network.client.pendingSends.length > 0))
    wakeUp(network.client, context);
}

export function dropUnsent(network: ConsumerNetwork, kinds: readonly RequestTag["kind"][]): void {
  network.unsent = network.unsent.filter((request) => !kinds.includes(request.tag.kind));
}

const headBytes: Partial<Record<ApiName, number>> = {
  Fetch: 90,
  JoinGroup: 120,
  SyncGroup: 90,
  OffsetCommit: 80,
  OffsetFetch: 60,
  ListOffsets: 60,
};

/** About what it would be on the wire. */
function sizeOf(body: RequestBody): number {
  const entries = "partitions" in body && body.partitions !== null ? body.partitions.length : 0;
  return (headBytes[body.api] ?? 60) + entries * 40;
}
