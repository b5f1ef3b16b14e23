import type { ConnectionId, Context, NodeId } from "../protocol/context.ts";
import { BACKOFF_JITTER, backoffMs, isJittered } from "../protocol/exponential-backoff.ts";
import type { ApiName, RequestBody } from "../protocol/messages.ts";
import { NEVER_MS } from "./metadata.ts";

/**
 * The state of a client's connection to each node, with its backoffs, and what is in flight on it.
 * Models org.apache.kafka.clients.ClusterConnectionStates and InFlightRequests. Left out: several addresses of a node, authentication,
 * closing of idle connections (connections.max.idle.ms).
 */
export type ConnectionStateName = "DISCONNECTED" | "CONNECTING" | "CHECKING_API_VERSIONS" | "READY";

export interface Connection {
  /** Kafka's node id: a broker's, or -1, -2, ... for a bootstrap server. */
  nodeId: number;
  /** Where that is on the network. */
  peer: NodeId;
  state: ConnectionStateName;
  /** The TCP connection; -1: none. */
  tcp: ConnectionId;
  /** TCP is up. It goes down the moment the network says so; `state` follows in the next poll. */
  established: boolean;
  lastConnectAttemptMs: number;
  failedAttempts: number;
  failedConnectAttempts: number;
  reconnectBackoffMs: number;
  connectionSetupTimeoutMs: number;
  throttleUntilMs: number;
  /** Connected, and ApiVersions is to be asked for. */
  needsApiVersions: boolean;
  /** Oldest first. */
  inFlight: InFlightRequest[];
  /** The trace event of connecting, or of the last that was heard of the node. */
  cause: number;
}

export interface InFlightRequest {
  correlationId: number;
  api: ApiName;
  createdAtMs: number;
  sentAtMs: number;
  requestTimeoutMs: number;
  /** Time that the node told us to wait; it does not count against the timeout. */
  throttleTimeMs: number;
  expectResponse: boolean;
  /** The network client's own (Metadata, ApiVersions). */
  isInternal: boolean;
  /** Handed over to the connection, but written only in the next poll: until then nothing else can be sent. */
  isWritten: boolean;
  sizeBytes: number;
  /** By it the caller finds what the request belongs to. Plain data. */
  tag: unknown;
  /** What it carries, for the eye. */
  contents: RequestContent[];
  cause: number;
}

export interface RequestContent {
  topicPartition: string;
  records: number;
  baseSequence: number;
  attempt: number;
}

export interface PendingSend {
  nodeId: number;
  correlationId: number;
  body: RequestBody;
  cause: number;
}

export interface ConnectionSettings {
  readonly chanceStream: string;
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;
  readonly socketConnectionSetupTimeoutMs: number;
  readonly socketConnectionSetupTimeoutMaxMs: number;
  readonly maxInFlightRequestsPerConnection: number;
}

export function createConnection(nodeId: number, peer: NodeId, settings: ConnectionSettings, context: Context): Connection {
  return {
    nodeId,
    peer,
    state: "DISCONNECTED",
    tcp: -1,
    established: false,
    lastConnectAttemptMs: NEVER_MS,
    failedAttempts: 0,
    failedConnectAttempts: 0,
    reconnectBackoffMs: reconnectBackoff(settings, 0, context),
    connectionSetupTimeoutMs: setupTimeout(settings, 0, context),
    throttleUntilMs: 0,
    needsApiVersions: false,
    inFlight: [],
    cause: -1,
  };
}

function reconnectBackoff(settings: ConnectionSettings, attempts: number, context: Context): number {
  return jittered(settings.reconnectBackoffMs, settings.reconnectBackoffMaxMs, attempts, settings.chanceStream, context);
}

function setupTimeout(settings: ConnectionSettings, attempts: number, context: Context): number {
  return jittered(
    settings.socketConnectionSetupTimeoutMs,
    settings.socketConnectionSetupTimeoutMaxMs,
    attempts,
    settings.chanceStream,
    context,
  );
}

function jittered(initialMs: number, maxMs: number, attempts: number, stream: string, context: Context): number {
  return backoffMs(initialMs, maxMs, attempts, isJittered(initialMs, maxMs) ? context.chance.jitter(stream, BACKOFF_JITTER) : 1);
}

export function connectionCanConnect(connection: Connection, nowMs: number): boolean {
  return connection.state === "DISCONNECTED" && nowMs - connection.lastConnectAttemptMs >= connection.reconnectBackoffMs;
}

/** How long connecting may be: what is left of the backoff; the whole set-up timeout while it connects (Kafka's choice). */
export function connectionDelayMs(connection: Connection, nowMs: number): number {
  if (connection.state === "CONNECTING") return connection.connectionSetupTimeoutMs;
  if (connection.state === "DISCONNECTED") return Math.max(connection.reconnectBackoffMs - (nowMs - connection.lastConnectAttemptMs), 0);
  return Number.MAX_SAFE_INTEGER;
}

export function connectionPollDelayMs(connection: Connection, nowMs: number): number {
  const isConnected = connection.state === "CHECKING_API_VERSIONS" || connection.state === "READY";
  if (isConnected && connection.throttleUntilMs > nowMs) return connection.throttleUntilMs - nowMs;
  return connectionDelayMs(connection, nowMs);
}

export function isReadyState(connection: Connection, nowMs: number): boolean {
  return connection.state === "READY" && connection.throttleUntilMs <= nowMs;
}

export function canSendMore(connection: Connection, maxInFlight: number): boolean {
  const inFlight = connection.inFlight;
  if (inFlight.length === 0) return true;
  return inFlight[inFlight.length - 1]!.isWritten && inFlight.length < maxInFlight;
}

export function enterConnecting(connection: Connection, nowMs: number): void {
  connection.lastConnectAttemptMs = nowMs;
  connection.state = "CONNECTING";
}

export function enterDisconnected(connection: Connection, settings: ConnectionSettings, context: Context): void {
  connection.lastConnectAttemptMs = context.now;
  connection.reconnectBackoffMs = reconnectBackoff(settings, connection.failedAttempts, context);
  connection.failedAttempts += 1;
  if (connection.state === "CONNECTING") {
    connection.failedConnectAttempts += 1;
    connection.connectionSetupTimeoutMs = setupTimeout(settings, connection.failedConnectAttempts, context);
  } else resetSetupTimeout(connection, settings, context);
  connection.state = "DISCONNECTED";
}

export function enterCheckingApiVersions(connection: Connection, settings: ConnectionSettings, context: Context): void {
  connection.state = "CHECKING_API_VERSIONS";
  resetSetupTimeout(connection, settings, context);
}

export function enterReady(connection: Connection, settings: ConnectionSettings, context: Context): void {
  connection.state = "READY";
  connection.failedAttempts = 0;
  connection.reconnectBackoffMs = reconnectBackoff(settings, 0, context);
  resetSetupTimeout(connection, settings, context);
}

function resetSetupTimeout(connection: Connection, settings: ConnectionSettings, context: Context): void {
  connection.failedConnectAttempts = 0;
  connection.connectionSetupTimeoutMs = setupTimeout(settings, 0, context);
}

export function isSetupTimedOut(connection: Connection, nowMs: number): boolean {
  return connection.state === "CONNECTING" && nowMs - connection.lastConnectAttemptMs > connection.connectionSetupTimeoutMs;
}

export function hasTimedOutRequest(connection: Connection, nowMs: number): boolean {
  return connection.inFlight.some((request) => nowMs - request.sentAtMs - request.throttleTimeMs > request.requestTimeoutMs);
}
