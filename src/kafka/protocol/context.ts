import type { Chance } from "../../kernel/chance.ts";
import type { Phase } from "../../kernel/event.ts";
import type { RequestBody, ResponseBody } from "./messages.ts";
import type { RecordListener } from "./record-listener.ts";
import type { TraceFields, TraceType } from "./trace-events.ts";

/**
 * The id of a node on the network: a broker's or controller's number as text ("1", "101"), or a client's name ("p1").
 */
export type NodeId = string;

/** A TCP connection, numbered over the whole run. */
export type ConnectionId = number;

/** What a handler may do besides changing the state that it was given. One is made for each event that is handled. */
export interface Context {
  /** Virtual milliseconds. */
  readonly now: number;
  readonly chance: Chance;
  readonly records: RecordListener;
  readonly transport: Transport;
  readonly tracing: boolean;
  /** The trace event that led to what is being done now (-1: none, or untraced). Set it before sending what a newer event caused. */
  cause: number;
  /**
   * The trace event that killed, paused, stopped or cut off a node, so that `observer` has not heard of it since `sinceMs` (-1: none):
   * the cause of what its absence brings about.
   */
  causeOfSilence(node: NodeId, observer: NodeId, sinceMs: number): number;
  /**
   * Schedules an event for a node; it comes back to the node's room as (type, payload). The payload must be fresh plain data.
   * `at` is a whole millisecond, never before now.
   */
  schedule(at: number, phase: Phase, node: NodeId, type: string, payload: unknown): void;
  /** Appends a trace event and returns its number. Call it only `if (context.tracing)`. `cause` defaults to context.cause. */
  trace<T extends TraceType>(type: T, node: NodeId, fields: TraceFields[T], cause?: number): number;
}

/**
 * Connections as a node sees them. They are TCP: in order, each direction loses everything from a moment on or nothing.
 * What arrives is scheduled in Phase.Delivery with the types of connection-events.ts.
 */
export interface Transport {
  /** Begins to connect. The answer is a `connected`, a `disconnected` (refused), or nothing (the peer hangs unreachable). */
  connect(from: NodeId, to: NodeId): ConnectionId;
  /** Writes a request; it arrives as a `request` at the other end. */
  sendRequest(connection: ConnectionId, from: NodeId, correlationId: number, body: RequestBody): void;
  /** Writes a response; it arrives as a `response` at the other end. */
  sendResponse(connection: ConnectionId, from: NodeId, correlationId: number, body: ResponseBody): void;
  /** Closes this end. The other end sees a `disconnected` after the link's latency. */
  close(connection: ConnectionId, from: NodeId): void;
}
