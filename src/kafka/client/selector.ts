import { Phase } from "../../kernel/event.ts";
import { copyPlain } from "../../kernel/kernel.ts";
import type { ConnectionEvents } from "../protocol/connection-events.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { ResponseBody } from "../protocol/messages.ts";
import type { Arrival, NetworkClient, PollState } from "./client-state.ts";
import type { Connection } from "./connection-states.ts";

/**
 * What is written in a poll, what came in, and when the poll returns. Models org.apache.kafka.common.network.Selector as NetworkClient uses it.
 * Left out: channels, bytes, authentication.
 */

/** The event with which a poll ends; payload { generation }, or TIMER for the one that looks whether the deadline has come. */
export const POLL_RETURN = "client-poll-return";

const TIMER = -1;

/** A loop that finds nothing to do at one instant goes round this often before a millisecond passes, then fewer times. */
const IDLE_POLLS_BEFORE_SPIN = 10;
const IDLE_POLLS_WHILE_SPINNING = 3;

export function hasSomething(poll: PollState): boolean {
  return poll.wrote || poll.wakeup || poll.arrivals.length > 0 || poll.disconnects.length > 0 || poll.connects.length > 0;
}

export function writeAll(client: NetworkClient, context: Context): void {
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

export function scheduleReturn(client: NetworkClient, at: number, context: Context): void {
  context.schedule(at, Phase.Loop, client.name, POLL_RETURN, { generation: client.poll.generation });
}

export function setTimer(client: NetworkClient, context: Context): void {
  const { timers, deadlineMs } = client.poll;
  if (timers.length > 0 && timers[0]! <= deadlineMs) return;
  timers.unshift(deadlineMs);
  context.schedule(deadlineMs, Phase.Loop, client.name, POLL_RETURN, { generation: TIMER });
}

/** Whether this event ends the poll. */
export function endsPoll(client: NetworkClient, generation: number, context: Context): boolean {
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
export function returnNow(client: NetworkClient, context: Context): void {
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
export function onConnectionEvent(
  client: NetworkClient,
  type: "connected" | "disconnected" | "response",
  payload: unknown,
  context: Context,
): void {
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
export function forget(client: NetworkClient, connection: Connection): void {
  const nodeId = connection.nodeId;
  connection.established = false;
  connection.tcp = -1;
  const poll = client.poll;
  client.pendingSends = client.pendingSends.filter((pending) => pending.nodeId !== nodeId);
  poll.arrivals = poll.arrivals.filter((arrival) => arrival.nodeId !== nodeId);
  poll.connects = poll.connects.filter((connected) => connected !== nodeId);
}

export function mustSpin(client: NetworkClient, context: Context): boolean {
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

export interface Collected {
  received: Arrival[];
  disconnects: PollState["disconnects"];
  connects: number[];
}

/** At most one response of a connection a poll; a second one that is due waits for the next. */
export function collect(client: NetworkClient, context: Context): Collected {
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
    const fields = { connection: disconnect.tcp, peer: connection.peer, reason: disconnect.reason };
    disconnect.cause = context.trace("disconnected", client.name, fields, causeOfDisconnect(client, connection, disconnect, context));
  }
  for (const nodeId of connects) {
    const connection = client.connections[nodeId]!;
    connection.cause = context.trace("connected", client.name, { connection: connection.tcp, peer: connection.peer }, connection.cause);
  }
}

/** A reset tells of what was lost before: its cause is the cut, not the healing that brought it to light. */
function causeOfDisconnect(
  client: NetworkClient,
  connection: Connection,
  disconnect: PollState["disconnects"][number],
  context: Context,
): number {
  if (disconnect.cause >= 0 && disconnect.reason !== "reset") return disconnect.cause;
  const sinceMs = connection.inFlight[0]?.sentAtMs ?? context.now;
  const silence = context.causeOfSilence(connection.peer, client.name, sinceMs);
  return silence >= 0 ? silence : disconnect.cause;
}

function firstErrorOf(body: ResponseBody): string {
  if ("error" in body && body.error !== "NONE") return body.error;
  const parts: { error: string }[] = body.api === "Metadata" ? body.topics : "partitions" in body ? body.partitions : [];
  for (const part of parts) if (part.error !== "NONE") return part.error;
  return "NONE";
}
