/**
 * A broker's connections from clients, followers and other brokers: one request of each is worked on at a time, and work costs time.
 * Models kafka.network.SocketServer, RequestChannel and the request handler pool. Left out: quotas, several listeners and processors, idle connections.
 *
 * A request is handled at the whole millisecond after its work is done; `busyUntilMicros` keeps the fractions.
 */
import { Phase } from "../../kernel/event.ts";
import type { ConnectionEvents } from "../protocol/connection-events.ts";
import type { ConnectionId, Context, NodeId } from "../protocol/context.ts";
import type { RequestBody, ResponseBody } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import type { FetchSession } from "./fetch-session.ts";

export interface ServerConnection {
  readonly peer: NodeId;
  /** Requests that have arrived; the head is the one that is worked on while `muted`. */
  queue: QueuedRequest[];
  /** From the beginning of the work on a request until its response is written. */
  muted: boolean;
  /** The peer has closed; what it had written before is handled nevertheless, as from a socket's buffer. */
  closed: boolean;
  /** The delayed operation of the request that is worked on; -1: none. */
  waitingOperation: number;
  /** When this connection's purgatory timer fires next; -1: not armed. */
  timerAtMs: number;
  /** A follower's incremental fetch session; null for clients. */
  session: FetchSession | null;
}

export interface QueuedRequest {
  correlationId: number;
  body: RequestBody;
  sizeBytes: number;
  /** The trace event that sent it. */
  cause: number;
}

/** The event by which a request's work is done. */
export const HANDLE_REQUEST = "handle-request";

export function onAccepted(broker: Broker, connection: ConnectionId, peer: NodeId): void {
  broker.connections[connection] = { peer, queue: [], muted: false, closed: false, waitingOperation: -1, timerAtMs: -1, session: null };
}

/** Returns the request's connection if it is to be handled right now. */
export function onRequestArrived(broker: Broker, payload: ConnectionEvents["request"], context: Context): ServerConnection | null {
  const connection = broker.connections[payload.connection];
  if (connection === undefined) return null;
  connection.queue.push({ correlationId: payload.correlationId, body: payload.body, sizeBytes: payload.sizeBytes, cause: context.cause });
  if (connection.muted) return null;
  connection.muted = true;
  const at = workDoneAt(broker, payload.sizeBytes, context.now);
  if (at <= context.now) return connection;
  context.schedule(at, Phase.Delivery, broker.nodeId, HANDLE_REQUEST, { connection: payload.connection });
  return null;
}

/** Sends the response to the request that is worked on, and takes up the next one. */
export function sendResponse(broker: Broker, id: ConnectionId, body: ResponseBody, context: Context): void {
  const connection = broker.connections[id];
  if (connection === undefined) return;
  const answered = connection.queue[0];
  if (answered !== undefined && !connection.closed) context.transport.sendResponse(id, broker.nodeId, answered.correlationId, body);
  finishRequest(broker, id, connection, context);
}

/** The request that is worked on needs no response (acks=0). */
export function finishRequest(broker: Broker, id: ConnectionId, connection: ServerConnection, context: Context): void {
  connection.queue.shift();
  connection.muted = false;
  connection.waitingOperation = -1;
  const next = connection.queue[0];
  if (next === undefined) {
    if (connection.closed) delete broker.connections[id];
    return;
  }
  connection.muted = true;
  const at = Math.max(context.now, workDoneAt(broker, next.sizeBytes, context.now));
  const { cause } = context;
  context.cause = next.cause;
  context.schedule(at, Phase.Delivery, broker.nodeId, HANDLE_REQUEST, { connection: id });
  context.cause = cause;
}

/** The broker closes a connection on which it cannot answer. */
export function closeConnection(broker: Broker, id: ConnectionId, context: Context): void {
  if (broker.connections[id] === undefined) return;
  delete broker.connections[id];
  context.transport.close(id, broker.nodeId);
}

/** The peer is gone. The request that is worked on, and those behind it, were already received. */
export function onPeerClosed(broker: Broker, id: ConnectionId): void {
  const connection = broker.connections[id];
  if (connection === undefined) return;
  connection.closed = true;
  if (!connection.muted) delete broker.connections[id];
}

/** Bytes read for a response keep the broker busy too: what comes after it waits. */
export function chargeBytes(broker: Broker, bytes: number, nowMs: number): void {
  const micros = Math.ceil((bytes * broker.costs.perKilobyteMicros) / 1024);
  if (micros > 0) broker.busyUntilMicros = Math.max(broker.busyUntilMicros, nowMs * 1000) + micros;
}

function workDoneAt(broker: Broker, sizeBytes: number, nowMs: number): number {
  const micros = broker.costs.perRequestMicros + Math.ceil((sizeBytes * broker.costs.perKilobyteMicros) / 1024);
  if (micros === 0 && broker.busyUntilMicros <= nowMs * 1000) return nowMs;
  broker.busyUntilMicros = Math.max(broker.busyUntilMicros, nowMs * 1000) + micros;
  return Math.ceil(broker.busyUntilMicros / 1000);
}
