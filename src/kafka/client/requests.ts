import type { Context, NodeId } from "../protocol/context.ts";
import type { ClientRequest, NetworkClient } from "./client-state.ts";
import {
  type Connection,
  canSendMore,
  connectionCanConnect,
  connectionDelayMs,
  connectionPollDelayMs,
  createConnection,
  enterConnecting,
  isReadyState,
} from "./connection-states.ts";
import { type Metadata, timeToNextUpdateMs } from "./metadata.ts";

/** To whom a client may send now, and handing requests over. Models the methods of NetworkClient that a caller uses between polls. */

/** A consumer's second connection to a broker, for its group, so that fetches never hold it up: Kafka's Integer.MAX_VALUE - id. */
export function coordinatorNodeId(brokerId: number): number {
  return 2147483647 - brokerId;
}

/** Where a node id is on the network. */
export function peerOf(client: NetworkClient, nodeId: number): NodeId {
  if (nodeId > 1_000_000_000) return String(2147483647 - nodeId);
  return nodeId >= 0 ? String(nodeId) : (client.bootstrapNodes[-nodeId - 1] ?? client.bootstrapNodes[0]!);
}

export function connectionOf(client: NetworkClient, nodeId: number): Connection | undefined {
  return client.connections[nodeId];
}

/** By id; bootstrap servers last. */
export function connectionsOf(client: NetworkClient): Connection[] {
  return Object.values(client.connections);
}

export function inFlightRequestCount(client: NetworkClient): number {
  let count = 0;
  for (const connection of Object.values(client.connections)) count += connection.inFlight.length;
  return count;
}

export function canSendRequest(client: NetworkClient, nodeId: number, nowMs: number): boolean {
  const connection = client.connections[nodeId];
  return (
    connection !== undefined &&
    isReadyState(connection, nowMs) &&
    connection.established &&
    canSendMore(connection, client.settings.maxInFlightRequestsPerConnection)
  );
}

export function isUpdateDue(client: NetworkClient, metadata: Metadata, context: Context): boolean {
  return client.metadataFetch === null && timeToNextUpdateMs(metadata, context) === 0;
}

/** Nothing is sent while a metadata refresh is due: it goes first. */
export function isReady(client: NetworkClient, metadata: Metadata, nodeId: number, context: Context): boolean {
  return !isUpdateDue(client, metadata, context) && canSendRequest(client, nodeId, context.now);
}

/** Whether a request can be sent to the node now; otherwise begins to connect if there is no connection and no backoff. */
export function ready(client: NetworkClient, metadata: Metadata, nodeId: number, context: Context): boolean {
  if (isReady(client, metadata, nodeId, context)) return true;
  if (canConnect(client, nodeId, context.now)) initiateConnect(client, nodeId, context);
  return false;
}

export function canConnect(client: NetworkClient, nodeId: number, nowMs: number): boolean {
  const connection = client.connections[nodeId];
  return connection === undefined || connectionCanConnect(connection, nowMs);
}

/** Disconnected, and not yet connecting again. */
export function connectionFailed(client: NetworkClient, nodeId: number): boolean {
  return client.connections[nodeId]?.state === "DISCONNECTED";
}

/** NetworkClientUtils.isUnavailable: disconnected and in reconnect backoff. */
export function isUnavailable(client: NetworkClient, nodeId: number, nowMs: number): boolean {
  return connectionFailed(client, nodeId) && connectionDelay(client, nodeId, nowMs) > 0;
}

export function connectionDelay(client: NetworkClient, nodeId: number, nowMs: number): number {
  const connection = client.connections[nodeId];
  return connection === undefined ? 0 : connectionDelayMs(connection, nowMs);
}

export function pollDelayMs(client: NetworkClient, nodeId: number, nowMs: number): number {
  const connection = client.connections[nodeId];
  return connection === undefined ? 0 : connectionPollDelayMs(connection, nowMs);
}

export function initiateConnect(client: NetworkClient, nodeId: number, context: Context): void {
  let connection = client.connections[nodeId];
  if (connection === undefined) {
    connection = createConnection(nodeId, peerOf(client, nodeId), client.settings, context);
    client.connections[nodeId] = connection;
  }
  enterConnecting(connection, context.now);
  connection.established = false;
  connection.cause = context.cause;
  connection.tcp = context.transport.connect(client.name, connection.peer);
}

/** Hands a request over; ready() must have been true. Returns its correlation id. */
export function send(client: NetworkClient, request: ClientRequest, context: Context): number {
  return handOver(client, request, false, context);
}

export function handOver(client: NetworkClient, request: ClientRequest, isInternal: boolean, context: Context): number {
  const connection = client.connections[request.nodeId]!;
  const correlationId = client.nextCorrelationId;
  client.nextCorrelationId += 1;
  let cause = context.cause;
  if (context.tracing) {
    const { tcp, peer } = connection;
    cause = context.trace("request-sent", client.name, {
      connection: tcp,
      peer,
      correlationId,
      api: request.body.api,
      sizeBytes: request.sizeBytes,
    });
  }
  connection.inFlight.push({
    correlationId,
    api: request.body.api,
    createdAtMs: context.now,
    sentAtMs: context.now,
    requestTimeoutMs: request.requestTimeoutMs ?? client.settings.requestTimeoutMs,
    throttleTimeMs: 0,
    expectResponse: request.expectResponse,
    isInternal,
    isWritten: false,
    sizeBytes: request.sizeBytes,
    tag: request.tag,
    contents: request.contents,
    cause,
  });
  client.pendingSends.push({ nodeId: request.nodeId, correlationId, body: request.body, cause });
  return correlationId;
}

/** Which node a request goes to that any node can answer. */
export interface LeastLoadedNode {
  /** null: none is connected, connecting, or may be connected to now. */
  nodeId: number | null;
  atLeastOneConnectionReady: boolean;
}

export function leastLoadedNode(client: NetworkClient, metadata: Metadata, context: Context): LeastLoadedNode {
  const nodeIds = metadata.cache.nodeIds;
  const now = context.now;
  let fewestInFlight = Number.MAX_SAFE_INTEGER;
  let foundReady: number | null = null;
  let foundConnecting: number | null = null;
  let foundCanConnect: number | null = null;
  let atLeastOneConnectionReady = false;
  const offset = nodeIds.length > 1 ? context.chance.below(client.settings.chanceStream, nodeIds.length) : 0;
  for (let i = 0; i < nodeIds.length; i++) {
    const nodeId = nodeIds[(offset + i) % nodeIds.length]!;
    const connection = client.connections[nodeId];
    if (connection !== undefined && isReadyState(connection, now) && connection.established) atLeastOneConnectionReady = true;
    if (canSendRequest(client, nodeId, now)) {
      const count = connection!.inFlight.length;
      if (count === 0) return { nodeId, atLeastOneConnectionReady: true };
      if (count < fewestInFlight) {
        fewestInFlight = count;
        foundReady = nodeId;
      }
    } else if (connection !== undefined && (connection.state === "CONNECTING" || connection.state === "CHECKING_API_VERSIONS")) {
      foundConnecting = nodeId;
    } else if (canConnect(client, nodeId, now)) {
      if (foundCanConnect === null || lastAttemptMs(client, foundCanConnect) > lastAttemptMs(client, nodeId)) foundCanConnect = nodeId;
    }
  }
  return { nodeId: foundReady ?? foundConnecting ?? foundCanConnect, atLeastOneConnectionReady };
}

function lastAttemptMs(client: NetworkClient, nodeId: number): number {
  return client.connections[nodeId]?.lastConnectAttemptMs ?? Number.MIN_SAFE_INTEGER;
}
