/**
 * A broker's way to the active controller: one connection, one request in flight, requests queued behind it, retried until a controller answers.
 * Models org.apache.kafka.server.NodeToControllerChannelManager and its request thread. Left out: ApiVersions, and hearing from the raft client who leads
 * (controllers are tried in turn instead, beginning with the one that the metadata names).
 *
 * Use: `sendToController(broker, "heartbeat", body, "heartbeat", context)`. The answer comes back through broker.ts to the owner of the tag:
 *   tags "registration", "heartbeat", "controlled-shutdown"  → broker-lifecycle.ts   onLifecycleReply(broker, tag, reply, context)
 *   tag  "metadata"                                          → metadata-loader.ts    onMetadataReply(broker, tag, reply, context)
 *   tag  "alter-partition"                                   → alter-partition-manager.ts
 *   tag  "producer-ids"                                      → producer-id-manager.ts
 * `reply` is null when the request was given up (see `giveUpAfterMs`). NOT_CONTROLLER, disconnects and timeouts are retried here and never seen by the owner.
 */
import { Phase } from "../../kernel/event.ts";
import { copyPlain } from "../../kernel/kernel.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { RequestBody, ResponseBody } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";

export const channelNames = ["heartbeat", "alter-partition", "forwarding", "metadata"] as const;
export type ChannelName = (typeof channelNames)[number];

export interface ControllerRequest {
  tag: string;
  body: RequestBody;
  createdMs: number;
}

export interface NodeToControllerChannel {
  name: ChannelName;
  /** Which of the broker's controllers is connected to or tried. */
  controller: number;
  state: "idle" | "connecting" | "ready" | "backing-off";
  /** -1: none. */
  connection: ConnectionId;
  /** The head is the one in flight when `inFlight`. */
  queue: ControllerRequest[];
  inFlight: boolean;
  correlationId: number;
  /** Timers of earlier requests and connections carry an older number. */
  generation: number;
}

const RETRY_BACKOFF_MS = 50;
const CONNECTION_SETUP_TIMEOUT_MS = 10_000;

export function createChannel(name: ChannelName, firstController: number): NodeToControllerChannel {
  return { name, controller: firstController, state: "idle", connection: -1, queue: [], inFlight: false, correlationId: 0, generation: 0 };
}

/** Queues a request for whichever controller is active. */
export function sendToController(broker: Broker, name: ChannelName, body: RequestBody, tag: string, context: Context): void {
  const channel = broker.channels[name];
  channel.queue.push({ tag, body, createdMs: context.now });
  maybeSend(broker, channel, context);
}

function maybeSend(broker: Broker, channel: NodeToControllerChannel, context: Context): void {
  const next = channel.queue[0];
  if (next === undefined || channel.inFlight) return;
  if (channel.state === "idle") return connect(broker, channel, context);
  if (channel.state !== "ready") return;
  channel.inFlight = true;
  channel.correlationId += 1;
  channel.generation += 1;
  schedule(broker, channel, "channel-timeout", requestTimeoutMs(broker, channel.name), context);
  // The queue keeps its own, to send it again if this one is not answered.
  context.transport.sendRequest(channel.connection, String(broker.id), channel.correlationId, copyPlain(next.body));
}

function connect(broker: Broker, channel: NodeToControllerChannel, context: Context): void {
  channel.state = "connecting";
  channel.generation += 1;
  channel.connection = context.transport.connect(String(broker.id), String(channel.controller));
  broker.clientConnections[channel.connection] = { use: "channel", name: channel.name };
  const timeoutMs = Math.min(CONNECTION_SETUP_TIMEOUT_MS, requestTimeoutMs(broker, channel.name));
  schedule(broker, channel, "channel-timeout", timeoutMs, context);
}

export function onChannelConnected(broker: Broker, channel: NodeToControllerChannel, context: Context): void {
  channel.state = "ready";
  channel.generation += 1;
  maybeSend(broker, channel, context);
}

export function onChannelDisconnected(broker: Broker, channel: NodeToControllerChannel, context: Context): void {
  tryNextController(broker, channel, context);
}

/** The answer to the request in flight, with its tag; null: it was retried or belongs to nobody. */
export function onChannelResponse(
  broker: Broker,
  channel: NodeToControllerChannel,
  correlationId: number,
  body: ResponseBody,
  context: Context,
): { tag: string; reply: ResponseBody } | null {
  if (!channel.inFlight || correlationId !== channel.correlationId) return null;
  if ("error" in body && body.error === "NOT_CONTROLLER") {
    tryNextController(broker, channel, context);
    return null;
  }
  channel.inFlight = false;
  channel.generation += 1;
  const answered = channel.queue.shift();
  maybeSend(broker, channel, context);
  return answered === undefined ? null : { tag: answered.tag, reply: body };
}

/** No answer or no connection in time: the next controller is tried. */
export function onChannelTimeout(broker: Broker, name: ChannelName, generation: number, context: Context): void {
  const channel = broker.channels[name];
  if (generation !== channel.generation) return;
  tryNextController(broker, channel, context);
}

/** After the backoff. Returns the tags of the requests that were given up meanwhile. */
export function onChannelBackoffOver(broker: Broker, name: ChannelName, generation: number, context: Context): string[] {
  const channel = broker.channels[name];
  if (generation !== channel.generation) return [];
  channel.state = "idle";
  const givenUp: string[] = [];
  const limitMs = giveUpAfterMs(broker, name);
  while (channel.queue.length > 0 && context.now - channel.queue[0]!.createdMs >= limitMs) givenUp.push(channel.queue.shift()!.tag);
  maybeSend(broker, channel, context);
  return givenUp;
}

function tryNextController(broker: Broker, channel: NodeToControllerChannel, context: Context): void {
  if (channel.connection !== -1) {
    delete broker.clientConnections[channel.connection];
    context.transport.close(channel.connection, String(broker.id));
    channel.connection = -1;
  }
  channel.inFlight = false;
  channel.state = "backing-off";
  const index = broker.controllers.indexOf(channel.controller);
  channel.controller = broker.controllers[(index + 1) % broker.controllers.length]!;
  channel.generation += 1;
  schedule(broker, channel, "channel-backoff", RETRY_BACKOFF_MS, context);
}

/** The heartbeat's channel gives a hung controller up before the session is over; a metadata fetch as early as raft does. */
function requestTimeoutMs(broker: Broker, name: ChannelName): number {
  if (name === "heartbeat") return broker.settings.brokerSessionTimeoutMs >> 1;
  if (name === "metadata") return 2_000;
  return broker.settings.requestTimeoutMs;
}

function giveUpAfterMs(broker: Broker, name: ChannelName): number {
  if (name === "heartbeat") return broker.settings.brokerSessionTimeoutMs >> 1;
  if (name === "forwarding") return 60_000;
  return Number.POSITIVE_INFINITY;
}

/** A client notices a timeout in its loop, after it has read what has arrived. */
function schedule(broker: Broker, channel: NodeToControllerChannel, type: string, afterMs: number, context: Context): void {
  context.schedule(context.now + afterMs, Phase.Loop, String(broker.id), type, { channel: channel.name, generation: channel.generation });
}
