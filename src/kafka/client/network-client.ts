import type { Context } from "../protocol/context.ts";
import type { RequestBody, ResponseBody } from "../protocol/messages.ts";
import type { Arrival, ClientResponse, DisconnectReason, NetworkClient } from "./client-state.ts";
import {
  type Connection,
  canSendMore,
  enterCheckingApiVersions,
  enterDisconnected,
  enterReady,
  hasTimedOutRequest,
  type InFlightRequest,
  isSetupTimedOut,
} from "./connection-states.ts";
import { type Metadata, rebootstrap, requestUpdate } from "./metadata.ts";
import { failMetadataFetch, handleMetadataResponse, maybeUpdate } from "./metadata-updater.ts";
import { handOver, isUpdateDue } from "./requests.ts";
import { collect, endsPoll, forget, hasSomething, mustSpin, returnNow, scheduleReturn, setTimer, writeAll } from "./selector.ts";

export { type ClientResponse, createNetworkClient, type NetworkClient } from "./client-state.ts";
export {
  connectionDelay,
  connectionFailed,
  connectionOf,
  connectionsOf,
  coordinatorNodeId,
  inFlightRequestCount,
  isReady,
  isUnavailable,
  leastLoadedNode,
  pollDelayMs,
  ready,
  send,
} from "./requests.ts";
export { isConnectionEvent, onConnectionEvent, POLL_RETURN, wakeUp } from "./selector.ts";

/**
 * A client's requests: connections, what is in flight, timeouts, metadata refreshes, and the poll in which all of it happens.
 * Models org.apache.kafka.clients.NetworkClient with the Selector below it. Left out: telemetry, authentication, versions, idle connections.
 *
 * How to use it. The client has one thread, which is always either busy or inside a poll:
 *   createNetworkClient(name, bootstrapNodes, settings)
 *   ready(client, metadata, nodeId, context)     true: send may be called; otherwise it has begun to connect if it may
 *   send(client, request, context)               hands a request over; it is written in the next poll
 *   beginPoll(client, metadata, timeoutMs, ctx)  writes, then sleeps: POLL_RETURN comes as an event of Phase.Loop
 *   onConnectionEvent(client, type, payload, ctx) every `connected`, `disconnected`, `response` event of the node (isConnectionEvent)
 *   endPoll(client, metadata, payload, context)  on POLL_RETURN: null (stale or still asleep: do nothing), or the completed responses. Handle them
 *                                                 (context.cause = response.cause before each), then do the next round and begin the next poll
 *   wakeUp(client, context)                      another thread ends the poll early
 * Node ids are Kafka's numbers; bootstrap servers are -1, -2, ...
 */

/** Writes what was handed over, then sleeps for at most `timeoutMs`, unless something came in already. */
export function beginPoll(client: NetworkClient, metadata: Metadata, timeoutMs: number, context: Context): void {
  const metadataTimeoutMs = maybeUpdate(client, metadata, context);
  const poll = client.poll;
  poll.isPolling = true;
  poll.isReturning = false;
  poll.isSpinning = false;
  poll.generation += 1;
  poll.beganAtMs = context.now;
  poll.wrote = client.pendingSends.length > 0;
  writeAll(client, context);
  const sleepMs = Math.max(0, Math.min(timeoutMs, metadataTimeoutMs, client.settings.requestTimeoutMs));
  const late = sleepMs > 0 && isBoundByTimeout(client, sleepMs) ? client.lateMs : 0;
  poll.deadlineMs = context.now + sleepMs + late;
  if (hasSomething(poll)) returnNow(client, context);
  else if (poll.deadlineMs === context.now) scheduleReturn(client, poll.deadlineMs, context);
  else setTimer(client, context);
}

function isBoundByTimeout(client: NetworkClient, sleepMs: number): boolean {
  if (sleepMs === client.settings.requestTimeoutMs) return true;
  for (const connection of Object.values(client.connections))
    if (connection.state === "CONNECTING" && connection.connectionSetupTimeoutMs === sleepMs) return true;
  return false;
}

/**
 * On POLL_RETURN: works off what came in, in Kafka's order, and returns the completed responses.
 * null: the event is stale, or the loop spins and a millisecond has to pass.
 */
export function endPoll(client: NetworkClient, metadata: Metadata, payload: unknown, context: Context): ClientResponse[] | null {
  const poll = client.poll;
  if (client.isClosed || !endsPoll(client, (payload as { generation: number }).generation, context)) return null;
  if (mustSpin(client, context)) return null;
  poll.isPolling = false;
  const responses: ClientResponse[] = [];
  const { received, disconnects, connects } = collect(client, context);
  handleCompletedSends(client, responses);
  for (const arrival of received) handleReceive(client, metadata, arrival, responses, context);
  for (const { nodeId, cause } of disconnects)
    processDisconnection(client, metadata, responses, client.connections[nodeId]!, false, cause, context);
  for (const nodeId of connects) client.connections[nodeId]!.needsApiVersions = true;
  handleInitiateApiVersionRequests(client, context);
  handleTimedOutConnections(client, metadata, responses, context);
  handleTimedOutRequests(client, metadata, responses, context);
  handleRebootstrap(client, metadata, responses, context);
  return responses;
}

/** Requests that expect no answer (acks=0) are done when they have been written. */
function handleCompletedSends(client: NetworkClient, responses: ClientResponse[]): void {
  if (client.poll.writtenWithoutResponse.length === 0) return;
  for (const nodeId of client.poll.writtenWithoutResponse) {
    const request = client.connections[nodeId]!.inFlight.pop();
    if (request === undefined) continue;
    responses.push(responseTo(request, nodeId, "completed", null, request.cause));
  }
  client.poll.writtenWithoutResponse = [];
}

function handleReceive(client: NetworkClient, metadata: Metadata, arrival: Arrival, responses: ClientResponse[], context: Context): void {
  const connection = client.connections[arrival.nodeId]!;
  const request = connection.inFlight.shift();
  if (request === undefined) return;
  const body = arrival.body;
  connection.cause = arrival.cause;
  maybeThrottle(connection, body, context.now);
  if (!request.isInternal) responses.push(responseTo(request, connection.nodeId, "completed", body, arrival.cause));
  else if (body.api === "Metadata") handleMetadataResponse(client, metadata, body, arrival.cause, context);
  else if (body.api === "ApiVersions") enterReady(connection, client.settings, context);
}

function responseTo(
  { correlationId, api, createdAtMs, tag }: InFlightRequest,
  nodeId: number,
  end: "completed" | "disconnected" | "timedOut",
  body: ResponseBody | null,
  cause: number,
): ClientResponse {
  const wasDisconnected = end !== "completed";
  return { nodeId, correlationId, api, createdAtMs, tag, wasDisconnected, wasTimedOut: end === "timedOut", body, cause };
}

function maybeThrottle(connection: Connection, body: ResponseBody, nowMs: number): void {
  if (!("throttleTimeMs" in body) || body.throttleTimeMs <= 0) return;
  for (const request of connection.inFlight) request.throttleTimeMs += body.throttleTimeMs;
  connection.throttleUntilMs = Math.max(connection.throttleUntilMs, nowMs + body.throttleTimeMs);
}

function processDisconnection(
  client: NetworkClient,
  metadata: Metadata,
  responses: ClientResponse[],
  connection: Connection,
  wasTimedOut: boolean,
  cause: number,
  context: Context,
): void {
  enterDisconnected(connection, client.settings, context);
  connection.needsApiVersions = false;
  connection.cause = cause;
  const cancelled = connection.inFlight;
  connection.inFlight = [];
  for (const request of cancelled) {
    if (!request.isInternal) responses.push(responseTo(request, connection.nodeId, wasTimedOut ? "timedOut" : "disconnected", null, cause));
    else if (request.api === "Metadata") failMetadataFetch(client, metadata, context.now);
  }
  if (isUpdateDue(client, metadata, context)) failMetadataFetch(client, metadata, context.now);
  requestUpdate(metadata);
}

function handleInitiateApiVersionRequests(client: NetworkClient, context: Context): void {
  for (const connection of Object.values(client.connections)) {
    if (!connection.needsApiVersions || !connection.established) continue;
    if (!canSendMore(connection, client.settings.maxInFlightRequestsPerConnection)) continue;
    enterCheckingApiVersions(connection, client.settings, context);
    connection.needsApiVersions = false;
    const causeBefore = context.cause;
    context.cause = connection.cause;
    const body = { api: "ApiVersions" } as RequestBody;
    handOver(client, { nodeId: connection.nodeId, body, expectResponse: true, tag: null, contents: [], sizeBytes: 50 }, true, context);
    context.cause = causeBefore;
  }
}

function handleTimedOutConnections(client: NetworkClient, metadata: Metadata, responses: ClientResponse[], context: Context): void {
  for (const connection of Object.values(client.connections)) {
    if (!isSetupTimedOut(connection, context.now)) continue;
    closeOwnEnd(client, metadata, responses, connection, "connectionSetupTimeout", context);
  }
}

function handleTimedOutRequests(client: NetworkClient, metadata: Metadata, responses: ClientResponse[], context: Context): void {
  for (const connection of Object.values(client.connections)) {
    if (connection.inFlight.length === 0 || !hasTimedOutRequest(connection, context.now)) continue;
    closeOwnEnd(client, metadata, responses, connection, "requestTimeout", context);
  }
}

/** The client gives the connection up. Its cause is what silenced the node, if anything did; otherwise the request that got no answer. */
function closeOwnEnd(
  client: NetworkClient,
  metadata: Metadata,
  responses: ClientResponse[],
  connection: Connection,
  reason: DisconnectReason,
  context: Context,
): void {
  const { tcp, peer } = connection;
  let cause = context.cause;
  if (context.tracing) {
    const oldest = connection.inFlight[0];
    const silence = context.causeOfSilence(peer, client.name, oldest?.sentAtMs ?? connection.lastConnectAttemptMs);
    cause = silence >= 0 ? silence : (oldest?.cause ?? connection.cause);
    if (reason === "requestTimeout" && oldest !== undefined) {
      const fields = { connection: tcp, peer, api: oldest.api, waitedMs: context.now - oldest.sentAtMs, config: "request.timeout.ms" };
      cause = context.trace("request-timed-out", client.name, fields, cause);
    }
    cause = context.trace("disconnected", client.name, { connection: tcp, peer, reason }, cause);
  }
  if (tcp >= 0) context.transport.close(tcp, client.name);
  forget(client, connection);
  processDisconnection(client, metadata, responses, connection, reason !== "rebootstrap", cause, context);
}

/** KIP-1102: metadata has been wanted for too long, so the client begins anew from bootstrap.servers. */
function handleRebootstrap(client: NetworkClient, metadata: Metadata, responses: ClientResponse[], context: Context): void {
  if (client.settings.metadataRecoveryStrategy !== "rebootstrap" || client.metadataAttemptStartMs === null) return;
  if (context.now - client.metadataAttemptStartMs <= client.settings.metadataRecoveryRebootstrapTriggerMs) return;
  for (const nodeId of metadata.cache.nodeIds) {
    const connection = client.connections[nodeId];
    if (connection === undefined || connection.state === "DISCONNECTED") continue;
    closeOwnEnd(client, metadata, responses, connection, "rebootstrap", context);
  }
  rebootstrap(metadata);
  client.metadataAttemptStartMs = context.now;
}

/** Closes a connection by the caller's will (NetworkClient.disconnect); what is in flight on it is answered as disconnected in the next poll's place. */
export function disconnect(client: NetworkClient, metadata: Metadata, nodeId: number, context: Context): ClientResponse[] {
  const connection = client.connections[nodeId];
  const responses: ClientResponse[] = [];
  if (connection === undefined || connection.state === "DISCONNECTED") return responses;
  if (connection.tcp >= 0) context.transport.close(connection.tcp, client.name);
  forget(client, connection);
  const cancelled = connection.inFlight;
  connection.inFlight = [];
  for (const { isInternal, api, correlationId, createdAtMs, tag } of cancelled) {
    if (!isInternal)
      responses.push({
        nodeId,
        correlationId,
        api,
        createdAtMs,
        tag,
        wasDisconnected: true,
        wasTimedOut: false,
        body: null,
        cause: context.cause,
      });
    else if (api === "Metadata") failMetadataFetch(client, metadata, context.now);
  }
  enterDisconnected(connection, client.settings, context);
  return responses;
}

/** Closes everything; the client is done. */
export function closeNetworkClient(client: NetworkClient, context: Context): void {
  client.isClosed = true;
  client.poll.isPolling = false;
  client.pendingSends = [];
  for (const connection of Object.values(client.connections)) {
    if (connection.tcp >= 0) context.transport.close(connection.tcp, client.name);
    connection.tcp = -1;
    connection.established = false;
    connection.state = "DISCONNECTED";
    connection.inFlight = [];
  }
}
