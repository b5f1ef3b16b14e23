/**
 * Requests that wait: acks=all produces for the high watermark, fetches for data. Each connection has at most one.
 * Models kafka.server.DelayedOperationPurgatory. Left out: delayed deletes and elections.
 *
 * Each connection has one timer, armed anew when it fires too early for the operation that waits then: an operation that completes leaves no event behind.
 */
import { Phase } from "../../kernel/event.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Broker } from "./broker.ts";
import type { FetchPartition } from "./fetch-session.ts";
import type { ServerConnection } from "./request-channel.ts";

export interface Purgatory {
  nextId: number;
  produces: Record<number, DelayedProduce>;
  fetches: Record<number, DelayedFetch>;
}

export interface DelayedProduce {
  readonly connection: ConnectionId;
  readonly deadlineMs: number;
  partitions: ProducedPartition[];
  /** How many of them still wait. */
  unsettled: number;
}

export interface ProducedPartition {
  readonly topicPartition: string;
  /** What the high watermark must reach; -1: it does not wait. */
  requiredOffset: number;
  error: ErrorName;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
}

export interface DelayedFetch {
  readonly connection: ConnectionId;
  readonly deadlineMs: number;
  /** -1: a consumer. A follower's partitions are those of its connection's session. */
  readonly replicaId: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  partitions: FetchPartition[];
}

export const PURGATORY_TIMER = "purgatory-timer";

export function createPurgatory(): Purgatory {
  return { nextId: 0, produces: {}, fetches: {} };
}

/** The request that the connection works on waits until somebody completes the operation, or its time is over. */
export function wait(broker: Broker, id: ConnectionId, operation: number, deadlineMs: number, context: Context): void {
  const connection = broker.connections[id];
  if (connection === undefined) return;
  connection.waitingOperation = operation;
  armTimer(broker, id, connection, deadlineMs, context);
}

export function armTimer(broker: Broker, id: ConnectionId, connection: ServerConnection, deadlineMs: number, context: Context): void {
  if (connection.timerAtMs !== -1 && connection.timerAtMs <= deadlineMs) return;
  connection.timerAtMs = deadlineMs;
  context.schedule(deadlineMs, Phase.Timer, broker.nodeId, PURGATORY_TIMER, { connection: id, at: deadlineMs });
}
