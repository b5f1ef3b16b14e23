import { Phase } from "../../kernel/event.ts";
import { copyPlain } from "../../kernel/kernel.ts";
import type { ConnectionEvents } from "../protocol/connection-events.ts";
import type { ConnectionId, Context, NodeId } from "../protocol/context.ts";
import type { ApiName, RequestBody, ResponseBody, ResponseOf } from "../protocol/messages.ts";
import {
  type Connection,
  type ConnectionSettings,
  canSendMore,
  connectionCanConnect,
  connectionDelayMs,
  connectionPollDelayMs,
  createConnection,
  enterCheckingApiVersions,
  enterConnecting,
  enterDisconnected,
  enterReady,
  hasTimedOutRequest,
  isReadyState,
  isSetupTimedOut,
  type PendingSend,
  type RequestContent,
} from "./connection-states.ts";
import {
  failedUpdate,
  type Metadata,
  type MetadataRequest,
  nextMetadataRequest,
  rebootstrap,
  requestUpdate,
  timeToNextUpdateMs,
  updateMetadata,
} from "./metadata.ts";
import { leadersAsText } from "./metadata-cache.ts";

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
export interface NetworkClient {
  /** The client's own name on the network. */
  readonly name: NodeId;
  readonly bootstrapNodes: NodeId[];
  readonly settings: NetworkClientSettings;
  /** By node id. */
  connections: Record<number, Connection>;
  nextCorrelationId: number;
  /** The Metadata request in flight. */
  metadataFetch: MetadataRequest | null;
  /** Since when metadata has been wanted and not been got; null: it is not wanted. */
  metadataAttemptStartMs: number | null;
  /** Handed over, not yet written. */
  pendingSends: PendingSend[];
  poll: PollState;
  /** How late a sleep ends that request.timeout.ms or a connection set-up timeout bounds: 1, as real clocks do; 0 in recordings. */
  lateMs: number;
  isClosed: boolean;
}

export interface NetworkClientSettings extends ConnectionSettings {
  readonly requestTimeoutMs: number;
  readonly metadataRecoveryStrategy: "none" | "rebootstrap";
  readonly metadataRecoveryRebootstrapTriggerMs: number;
}

/** The selector: what came in since the last poll, and when the present one returns. */
export interface PollState {
  isPolling: boolean;
  /** A return that was scheduled under another generation is stale. */
  generation: number;
  /** When the present poll began, and when it ends if nothing happens. */
  beganAtMs: number;
  deadlineMs: number;
  /** Its return at this very instant is already on its way. */
  isReturning: boolean;
  /** Timers on their way, ascending. One serves all deadlines from its time on, so that a busy client leaves no trail of stale ones. */
  timers: number[];
  wrote: boolean;
  wakeup: boolean;
  arrivals: Arrival[];
  disconnects: { nodeId: number; tcp: ConnectionId; reason: DisconnectReason; cause: number }[];
  connects: number[];
  /** Node ids whose requests without response have been written in this poll. */
  writtenWithoutResponse: number[];
  /** Polls of timeout 0 in a row at one instant that brought nothing. */
  idleAtMs: number;
  idlePolls: number;
  spunToMs: number;
  isSpinning: boolean;
}

interface Arrival {
  nodeId: number;
  correlationId: number;
  body: ResponseBody;
  cause: number;
}

export type DisconnectReason = "closedByPeer" | "refused" | "requestTimeout" | "connectionSetupTimeout" | "rebootstrap";

export interface ClientRequest {
  nodeId: number;
  body: RequestBody;
  expectResponse: boolean;
  tag: unknown;
  contents: RequestContent[];
  sizeBytes: number;
  /** Instead of request.timeout.ms: a JoinGroup may wait for a whole rebalance. */
  requestTimeoutMs?: number;
}

export interface ClientResponse {
  nodeId: number;
  correlationId: number;
  api: ApiName;
  createdAtMs: number;
  tag: unknown;
  /** The connection went away; with wasTimedOut, because we closed it after request.timeout.ms. */
  wasDisconnected: boolean;
  wasTimedOut: boolean;
  /** null: none was expected, or it was disconnected. */
  body: ResponseBody | null;
  /** The trace event of the response (or of what took its place). */
  cause: number;
}

/** The event with which a poll ends; payload { generation }, or TIMER for the one that looks whether the deadline has come. */
export const POLL_RETURN = "client-poll-return";

const TIMER = -1;

/** A loop that finds nothing to do at one instant goes round this often before a millisecond passes, then fewer times. */
const IDLE_POLLS_BEFORE_SPIN = 10;
const IDLE_POLLS_WHILE_SPINNING = 3;

export function createNetworkClient(name: NodeId, bootstrapNodes: NodeId[], settings: NetworkClientSettings): NetworkClient {
  return {
    name,
    bootstrapNodes,
    settings,
    connections: {},
    nextCorrelationId: 0,
    metadataFetch: null,
    metadataAttemptStartMs: null,
    pendingSends: [],
    poll: {
      isPolling: false,
      generation: 0,
      beganAtMs: 0,
      deadlineMs: 0,
      isReturning: false,
      timers: [],
      wrote: false,
      wakeup: false,
      arrivals: [],
      disconnects: [],
      connects: [],
      writtenWithoutResponse: [],
      idleAtMs: -1,
      idlePolls: 0,
      spunToMs: -1,
      isSpinning: false,
    },
    lateMs: 1,
    isClosed: false,
  };
}

// Connections and requests

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

function initiateConnect(client: NetworkClient, nodeId: number, context: Context): void {
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

function handOver(client: NetworkClient, request: ClientRequest, isInternal: boolean, context: Context): number {
  const connection = client.connections[request.nodeId]!;
  const correlationId = client.nextCorrelationId;
  client.nextCorrelationId += 1;
  let cause = context.cause;
  if (context.tracing) {
    const { tcp, peer } = connection;
    cause = context.trace("request-sent", client.name, { connection: tcp, peer, correlationId, api: request.body.api, sizeBytes: request.sizeBytes });
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

// Metadata refreshes

export function isUpdateDue(client: NetworkClient, metadata: Metadata, context: Context): boolean {
  return client.metadataFetch === null && timeToNextUpdateMs(metadata, context) === 0;
}

/** Sends a Metadata request if one is due and a node is there for it. Returns when to look again. */
function maybeUpdate(client: NetworkClient, metadata: Metadata, context: Context): number {
  const waitForFetchMs = client.metadataFetch === null ? 0 : client.settings.requestTimeoutMs;
  const waitMs = Math.max(timeToNextUpdateMs(metadata, context), waitForFetchMs);
  if (waitMs > 0) return waitMs;
  client.metadataAttemptStartMs ??= context.now;
  let found = leastLoadedNode(client, metadata, context);
  const mayRebootstrap = client.settings.metadataRecoveryStrategy === "rebootstrap";
  if (mayRebootstrap && found.nodeId === null && !found.atLeastOneConnectionReady) {
    rebootstrap(metadata);
    client.metadataAttemptStartMs = context.now;
    found = leastLoadedNode(client, metadata, context);
  }
  if (found.nodeId === null) return client.settings.reconnectBackoffMs;
  return maybeUpdateFrom(client, metadata, found.nodeId, context);
}

function maybeUpdateFrom(client: NetworkClient, metadata: Metadata, nodeId: number, context: Context): number {
  if (canSendRequest(client, nodeId, context.now)) {
    const request = nextMetadataRequest(metadata, context.now);
    const body: RequestBody = { api: "Metadata", topics: request.topics === null ? null : request.topics.slice() };
    handOver(client, { nodeId, body, expectResponse: true, tag: null, contents: [], sizeBytes: 60 }, true, context);
    client.metadataFetch = request;
    return client.settings.requestTimeoutMs;
  }
  for (const other of metadata.cache.nodeIds)
    if (client.connections[other]?.state === "CONNECTING") return client.settings.reconnectBackoffMs;
  if (canConnect(client, nodeId, context.now)) {
    initiateConnect(client, nodeId, context);
    return client.settings.reconnectBackoffMs;
  }
  return Number.MAX_SAFE_INTEGER;
}

function failMetadataFetch(client: NetworkClient, metadata: Metadata, nowMs: number): void {
  failedUpdate(metadata, nowMs);
  client.metadataFetch = null;
}

// The poll

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

function hasSomething(poll: PollState): boolean {
  return poll.wrote || poll.wakeup || poll.arrivals.length > 0 || poll.disconnects.length > 0 || poll.connects.length > 0;
}

function writeAll(client: NetworkClient, context: Context): void {
  if (client.pendingSends.length === 0) return;
  const causeBefore = context.cause;
  for (const pending of client.pendingSends) {
    const connection = client.connections[pending.nodeId]!;
    const request = connection.inFlight.find((candidate) => candidate.correlationId === pending.correlationId);
    if (request === undefined) continue;
    request.isWritten = true;
    if (!request.expectResponse) client.poll.writtenWithoutResponse.push(pending.nodeId);
    // The connection may have gone since; then the request fails when the poll notices.
    if (connection.tcp < 0) continue;
    context.cause = pending.cause;
    // A Produce request is always written in the event that made it; another may have waited in the state, and a message holds nothing of that.
    const body = pending.body.api === "Produce" ? pending.body : copyPlain(pending.body);
    context.transport.sendRequest(connection.tcp, client.name, pending.correlationId, body);
  }
  context.cause = causeBefore;
  client.pendingSends = [];
}

function scheduleReturn(client: NetworkClient, at: number, context: Context): void {
  context.schedule(at, Phase.Loop, client.name, POLL_RETURN, { generation: client.poll.generation });
}

function setTimer(client: NetworkClient, context: Context): void {
  const { timers, deadlineMs } = client.poll;
  if (timers.length > 0 && timers[0]! <= deadlineMs) return;
  timers.unshift(deadlineMs);
  context.schedule(deadlineMs, Phase.Loop, client.name, POLL_RETURN, { generation: TIMER });
}

/** Whether this event ends the poll. */
function endsPoll(client: NetworkClient, generation: number, context: Context): boolean {
  const { poll } = client;
  if (generation !== TIMER) return poll.isPolling && generation === poll.generation;
  // A node that hung gets its timers late.
  while (poll.timers.length > 0 && poll.timers[0]! <= context.now) poll.timers.shift();
  if (!poll.isPolling) return false;
  if (poll.isReturning || context.now >= poll.deadlineMs) return true;
  setTimer(client, context);
  return false;
}

/** Everything that is due at this instant happens first: a poll returns in Phase.Loop. */
function returnNow(client: NetworkClient, context: Context): void {
  const poll = client.poll;
  if (!poll.isPolling || poll.isReturning) return;
  poll.isReturning = true;
  poll.generation += 1;
  scheduleReturn(client, context.now, context);
}

/** Ends the present poll, or the next one as soon as it begins. */
export function wakeUp(client: NetworkClient, context: Context): void {
  client.poll.wakeup = true;
  returnNow(client, context);
}

export function isConnectionEvent(type: string): type is "connected" | "disconnected" | "response" {
  return type === "response" || type === "connected" || type === "disconnected";
}

/** What the network brings waits for the poll to return. */
export function onConnectionEvent(client: NetworkClient, type: "connected" | "disconnected" | "response", payload: unknown, context: Context): void {
  const connection = connectionWithTcp(client, (payload as { connection: ConnectionId }).connection);
  if (connection === undefined || client.isClosed) return;
  const poll = client.poll;
  if (type === "response") {
    const response = payload as ConnectionEvents["response"];
    poll.arrivals.push({ nodeId: connection.nodeId, correlationId: response.correlationId, body: response.body, cause: context.cause });
  } else if (type === "connected") {
    connection.established = true;
    poll.connects.push(connection.nodeId);
  } else {
    const { reason, connection: tcp } = payload as ConnectionEvents["disconnected"];
    forget(client, connection);
    poll.disconnects.push({ nodeId: connection.nodeId, tcp, reason, cause: context.cause });
  }
  returnNow(client, context);
}

function connectionWithTcp(client: NetworkClient, tcp: ConnectionId): Connection | undefined {
  for (const connection of Object.values(client.connections)) if (connection.tcp === tcp) return connection;
  return undefined;
}

/** Nothing that came or was to go over this TCP connection counts any more. */
function forget(client: NetworkClient, connection: Connection): void {
  const nodeId = connection.nodeId;
  connection.established = false;
  connection.tcp = -1;
  const poll = client.poll;
  client.pendingSends = client.pendingSends.filter((pending) => pending.nodeId !== nodeId);
  poll.arrivals = poll.arrivals.filter((arrival) => arrival.nodeId !== nodeId);
  poll.connects = poll.connects.filter((connected) => connected !== nodeId);
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
  for (const { nodeId, cause } of disconnects) processDisconnection(client, metadata, responses, client.connections[nodeId]!, false, cause, context);
  for (const nodeId of connects) client.connections[nodeId]!.needsApiVersions = true;
  handleInitiateApiVersionRequests(client, context);
  handleTimedOutConnections(client, metadata, responses, context);
  handleTimedOutRequests(client, metadata, responses, context);
  handleRebootstrap(client, metadata, responses, context);
  return responses;
}

function mustSpin(client: NetworkClient, context: Context): boolean {
  const poll = client.poll;
  if (hasSomething(poll)) {
    poll.wakeup = false;
    poll.idlePolls = 0;
    poll.spunToMs = -1;
    return false;
  }
  if (poll.deadlineMs > poll.beganAtMs) {
    poll.idlePolls = 0;
    return false;
  }
  if (poll.isSpinning) return false;
  if (poll.idleAtMs !== context.now) {
    poll.idleAtMs = context.now;
    poll.idlePolls = 0;
  }
  poll.idlePolls += 1;
  if (poll.idlePolls < (poll.spunToMs === context.now ? IDLE_POLLS_WHILE_SPINNING : IDLE_POLLS_BEFORE_SPIN)) return false;
  poll.idlePolls = 0;
  poll.spunToMs = context.now + 1;
  poll.isSpinning = true;
  poll.isReturning = false;
  poll.generation += 1;
  scheduleReturn(client, context.now + 1, context);
  return true;
}

interface Collected {
  received: Arrival[];
  disconnects: PollState["disconnects"];
  connects: number[];
}

/** At most one response of a connection a poll; a second one that is due waits for the next. */
function collect(client: NetworkClient, context: Context): Collected {
  const poll = client.poll;
  let received: Arrival[] = [];
  if (poll.arrivals.length === 1) {
    received = poll.arrivals;
    poll.arrivals = [];
  } else if (poll.arrivals.length > 1) {
    const waiting: Arrival[] = [];
    for (const arrival of poll.arrivals) (received.some((other) => other.nodeId === arrival.nodeId) ? waiting : received).push(arrival);
    poll.arrivals = waiting;
  }
  const disconnects = poll.disconnects;
  const connects = poll.connects;
  if (disconnects.length > 0) poll.disconnects = [];
  if (connects.length > 0) poll.connects = [];
  if (context.tracing) traceCollected(client, received, disconnects, connects, context);
  return { received, disconnects, connects };
}

function traceCollected(
  client: NetworkClient,
  received: Arrival[],
  disconnects: PollState["disconnects"],
  connects: number[],
  context: Context,
): void {
  for (const arrival of received) {
    const { tcp, peer } = client.connections[arrival.nodeId]!;
    const { correlationId, body } = arrival;
    const fields = { connection: tcp, peer, correlationId, api: body.api, error: firstErrorOf(body) };
    arrival.cause = context.trace("response-received", client.name, fields, arrival.cause);
  }
  for (const disconnect of disconnects) {
    const connection = client.connections[disconnect.nodeId]!;
    const silence = context.causeOfSilence(connection.peer, client.name, context.now);
    const fields = { connection: disconnect.tcp, peer: connection.peer, reason: disconnect.reason };
    disconnect.cause = context.trace("disconnected", client.name, fields, disconnect.cause >= 0 ? disconnect.cause : silence);
  }
  for (const nodeId of connects) {
    const connection = client.connections[nodeId]!;
    connection.cause = context.trace("connected", client.name, { connection: connection.tcp, peer: connection.peer }, connection.cause);
  }
}

function firstErrorOf(body: ResponseBody): string {
  if ("error" in body && body.error !== "NONE") return body.error;
  const parts: { error: string }[] = body.api === "Metadata" ? body.topics : "partitions" in body ? body.partitions : [];
  for (const part of parts) if (part.error !== "NONE") return part.error;
  return "NONE";
}

/** Requests that expect no answer (acks=0) are done when they have been written. */
function handleCompletedSends(client: NetworkClient, responses: ClientResponse[]): void {
  if (client.poll.writtenWithoutResponse.length === 0) return;
  for (const nodeId of client.poll.writtenWithoutResponse) {
    const request = client.connections[nodeId]!.inFlight.pop();
    if (request === undefined) continue;
    const { correlationId, api, createdAtMs, tag, cause } = request;
    responses.push({ nodeId, correlationId, api, createdAtMs, tag, wasDisconnected: false, wasTimedOut: false, body: null, cause });
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
  if (!request.isInternal) {
    const { correlationId, api, createdAtMs, tag } = request;
    responses.push({ nodeId: connection.nodeId, correlationId, api, createdAtMs, tag, wasDisconnected: false, wasTimedOut: false, body, cause: arrival.cause });
  } else if (body.api === "Metadata") handleMetadataResponse(client, metadata, body, arrival.cause, context);
  else if (body.api === "ApiVersions") enterReady(connection, client.settings, context);
}

function maybeThrottle(connection: Connection, body: ResponseBody, nowMs: number): void {
  if (!("throttleTimeMs" in body) || body.throttleTimeMs <= 0) return;
  for (const request of connection.inFlight) request.throttleTimeMs += body.throttleTimeMs;
  connection.throttleUntilMs = Math.max(connection.throttleUntilMs, nowMs + body.throttleTimeMs);
}

function handleMetadataResponse(client: NetworkClient, metadata: Metadata, body: ResponseOf<"Metadata">, cause: number, context: Context): void {
  if (body.brokers.length === 0) failedUpdate(metadata, context.now);
  else {
    updateMetadata(metadata, client.metadataFetch!, body, context.now);
    client.metadataAttemptStartMs = null;
    if (context.tracing) {
      const fields = { brokers: metadata.cache.nodeIds.slice(), leaders: leadersAsText(metadata.cache), by: "Metadata", partitions: [] };
      context.trace("metadata-updated", client.name, fields, cause);
    }
  }
  client.metadataFetch = null;
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
    if (!request.isInternal) {
      const { correlationId, api, createdAtMs, tag } = request;
      responses.push({ nodeId: connection.nodeId, correlationId, api, createdAtMs, tag, wasDisconnected: true, wasTimedOut, body: null, cause });
    } else if (request.api === "Metadata") failMetadataFetch(client, metadata, context.now);
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
      responses.push({ nodeId, correlationId, api, createdAtMs, tag, wasDisconnected: true, wasTimedOut: false, body: null, cause: context.cause });
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
