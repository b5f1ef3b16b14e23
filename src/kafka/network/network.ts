import { Phase } from "../../kernel/event.ts";
import type { ConnectionEvents } from "../protocol/connection-events.ts";
import type { ConnectionId, Context, NodeId } from "../protocol/context.ts";
import type { RequestBody, ResponseBody } from "../protocol/messages.ts";
import { arrivalOf, createLinks, isCut, type LinkDefaults, type Links, linkKey } from "./links.ts";
import { sizeOfRequest, sizeOfResponse } from "./message-sizes.ts";

/**
 * Connections between nodes, over links. They are TCP as an application sees it: each direction is in order and loses either nothing or
 * everything from a moment on. Models what java.nio's sockets do under org.apache.kafka.common.network.Selector.
 * Left out: retransmission (a cut kills the connections that it caught, even if it heals within TCP's patience), listen backlogs, idle connections, TLS.
 */
export interface Network {
  nextConnection: number;
  /** Nodes whose process exists; a connection to any other is refused. A hung process still has its kernel, which accepts. */
  endpoints: Record<NodeId, Endpoint>;
  links: Links;
  connections: Record<ConnectionId, Connection>;
}

export interface Endpoint {
  state: "up" | "hung" | "down";
  /** Its port is open. A broker opens it only when the controller has unfenced it for the first time in its life. */
  listening: boolean;
}

export interface Connection {
  client: NodeId;
  server: NodeId;
  clientOpen: boolean;
  /** From the moment at which the server's kernel accepts. */
  serverOpen: boolean;
  /** Its end has reached the other machine; a node that hangs has yet to read what came before. */
  ended: boolean;
  toServer: Direction;
  toClient: Direction;
}

export interface Direction {
  /** The link that it runs over. */
  readonly link: string;
  /** A cut has caught it: nothing arrives any more, for ever, and nobody is told. */
  lost: boolean;
  /** Nothing arrives before this. */
  lastArrivalMs: number;
}

export type NetworkContext = Pick<Context, "now" | "schedule" | "cause" | "tracing" | "trace">;

/** The node for which the network's own events are scheduled; they come back through onNetworkEvent. It never hangs and has one life. */
export const NETWORK_NODE: NodeId = "network";

export interface NetworkEvents {
  /** A request to connect reaches the server's machine. */
  "network-syn": { connection: ConnectionId };
  /** The refusal reaches the client's machine. */
  "network-refused": { connection: ConnectionId };
  /** The end of the connection (closed in order or reset, a node sees no difference) reaches `to`'s machine. */
  "network-fin": { connection: ConnectionId; to: NodeId };
  /** A process opens or closes its port: scheduled by the process itself, in Phase.Application of the same instant. */
  "network-listen": { node: NodeId; listening: boolean };
}

export function createNetwork(defaults: LinkDefaults): Network {
  return { nextConnection: 1, endpoints: {}, links: createLinks(defaults), connections: {} };
}

/** The node's process started: from now on its machine accepts connections to it. */
export function onNodeUp(network: Network, node: NodeId): void {
  network.endpoints[node] = { state: "up", listening: true };
}

/** A hung process answers nothing, but its connections stay, and new ones are accepted. */
export function setHung(network: Network, node: NodeId, hung: boolean): void {
  const endpoint = network.endpoints[node];
  if (endpoint !== undefined && endpoint.state !== "down") endpoint.state = hung ? "hung" : "up";
}

/** The process ended: what was on its way to it is gone; what it had sent arrives, then its peers see the end of the connection. */
export function onNodeDown(network: Network, node: NodeId, context: NetworkContext): void {
  network.endpoints[node] = { state: "down", listening: false };
  for (const [id, connection] of Object.entries(network.connections)) {
    if (connection.client === node || connection.server === node) close(network, Number(id), node, context);
  }
}

export function connect(network: Network, from: NodeId, to: NodeId, context: NetworkContext): ConnectionId {
  const id = network.nextConnection;
  network.nextConnection += 1;
  const connection: Connection = {
    client: from,
    server: to,
    clientOpen: true,
    serverOpen: false,
    ended: false,
    toServer: { link: linkKey(from, to), lost: isCut(network.links, from, to), lastArrivalMs: 0 },
    toClient: { link: linkKey(to, from), lost: isCut(network.links, to, from), lastArrivalMs: 0 },
  };
  network.connections[id] = connection;
  travel(network, connection.toServer, 60, NETWORK_NODE, "network-syn", { connection: id }, context);
  return id;
}

export function sendRequest(
  network: Network,
  id: ConnectionId,
  from: NodeId,
  correlationId: number,
  body: RequestBody,
  context: NetworkContext,
): void {
  const connection = network.connections[id];
  if (connection === undefined || connection.client !== from || !connection.clientOpen || !connection.serverOpen) return;
  const sizeBytes = sizeOfRequest(body);
  travel(
    network,
    connection.toServer,
    sizeBytes,
    connection.server,
    "request",
    { connection: id, peer: from, correlationId, body, sizeBytes },
    context,
  );
}

export function sendResponse(
  network: Network,
  id: ConnectionId,
  from: NodeId,
  correlationId: number,
  body: ResponseBody,
  context: NetworkContext,
): void {
  const connection = network.connections[id];
  if (connection === undefined || connection.server !== from || !connection.clientOpen || !connection.serverOpen) return;
  const sizeBytes = sizeOfResponse(body);
  travel(
    network,
    connection.toClient,
    sizeBytes,
    connection.client,
    "response",
    { connection: id, peer: from, correlationId, body, sizeBytes },
    context,
  );
}

/** Closes the end of `from`. What it has written still arrives; what comes towards it is dropped. Closing twice does nothing. */
export function close(network: Network, id: ConnectionId, from: NodeId, context: NetworkContext): void {
  const connection = network.connections[id];
  if (connection === undefined) return;
  const isClient = connection.client === from;
  if (isClient ? !connection.clientOpen : !connection.serverOpen) return;
  if (isClient) connection.clientOpen = false;
  else connection.serverOpen = false;
  const outgoing = isClient ? connection.toServer : connection.toClient;
  const peerOpen = isClient ? connection.serverOpen : connection.clientOpen;
  // With nobody left to tell, or no way to tell, the connection is forgotten; an end that does not know keeps writing into nothing.
  if (!peerOpen || outgoing.lost) delete network.connections[id];
  else
    travel(
      network,
      outgoing,
      40,
      NETWORK_NODE,
      "network-fin",
      { connection: id, to: isClient ? connection.server : connection.client },
      context,
    );
}

export function onNetworkEvent(network: Network, type: string, payload: unknown, context: NetworkContext): void {
  if (type === "network-listen") {
    const { node, listening } = payload as NetworkEvents["network-listen"];
    const endpoint = network.endpoints[node];
    if (endpoint !== undefined && endpoint.state !== "down") endpoint.listening = listening;
    return;
  }
  const { connection: id } = payload as NetworkEvents["network-syn"];
  const connection = network.connections[id];
  if (connection === undefined) return;
  switch (type as keyof NetworkEvents) {
    case "network-syn":
      if (!connection.toServer.lost) onSyn(network, id, connection, context);
      return;
    case "network-refused":
      if (connection.toClient.lost) return;
      delete network.connections[id];
      deliverEnd(connection.client, id, connection.server, "refused", context);
      return;
    case "network-fin": {
      const { to } = payload as NetworkEvents["network-fin"];
      const toClient = to === connection.client;
      if ((toClient ? connection.toClient : connection.toServer).lost) return;
      if (toClient ? connection.clientOpen : connection.serverOpen) {
        connection.ended = true;
        deliverEnd(to, id, toClient ? connection.server : connection.client, "closedByPeer", context);
      } else delete network.connections[id];
    }
  }
}

/**
 * Whether what was scheduled as a delivery does arrive: a cut may have caught it on its way, or the receiver has closed its end.
 * The cluster asks once before it hands the event to the node, and, for one that hangs, once before it holds the event.
 * The end of a connection is forgotten as it is handed over: till then a node that hung can still read what had come before.
 */
export function isDeliverable(network: Network, type: string, payload: unknown, node: NodeId): boolean {
  if (type === "disconnected") {
    const { connection: id, reason } = payload as ConnectionEvents["disconnected"];
    if (reason !== "closedByPeer") return true;
    const ended = network.connections[id]?.ended === true;
    if (ended && network.endpoints[node]?.state !== "hung") delete network.connections[id];
    return ended;
  }
  if (type !== "request" && type !== "response" && type !== "connected") return true;
  const connection = network.connections[(payload as ConnectionEvents["connected"]).connection];
  if (connection === undefined) return false;
  return node === connection.client
    ? connection.clientOpen && !connection.toClient.lost
    : connection.serverOpen && !connection.toServer.lost;
}

function onSyn(network: Network, id: ConnectionId, connection: Connection, context: NetworkContext): void {
  if (network.endpoints[connection.server]?.listening !== true) {
    travel(network, connection.toClient, 40, NETWORK_NODE, "network-refused", { connection: id }, context);
    return;
  }
  connection.serverOpen = true;
  const accepted: ConnectionEvents["accepted"] = { connection: id, peer: connection.client };
  context.schedule(context.now, Phase.Delivery, connection.server, "accepted", accepted);
  travel(network, connection.toClient, 60, connection.client, "connected", { connection: id, peer: connection.server }, context);
}

/** Ends a connection that lost what was sent on it: both ends see it closed, as a segment of an unknown connection is answered with a reset. */
export function reset(network: Network, id: ConnectionId, context: NetworkContext): void {
  const connection = network.connections[id];
  if (connection === undefined) return;
  delete network.connections[id];
  if (connection.clientOpen) deliverEnd(connection.client, id, connection.server, "reset", context);
  if (connection.serverOpen) deliverEnd(connection.server, id, connection.client, "reset", context);
}

function deliverEnd(
  to: NodeId,
  id: ConnectionId,
  peer: NodeId,
  reason: ConnectionEvents["disconnected"]["reason"],
  context: NetworkContext,
): void {
  const payload: ConnectionEvents["disconnected"] = { connection: id, peer, reason };
  context.schedule(context.now, Phase.Delivery, to, "disconnected", payload);
}

function travel(
  network: Network,
  direction: Direction,
  sizeBytes: number,
  to: NodeId,
  type: string,
  payload: unknown,
  context: NetworkContext,
): void {
  if (direction.lost) return;
  const arrival = arrivalOf(network.links, direction.link, sizeBytes, context.now);
  direction.lastArrivalMs = Math.max(direction.lastArrivalMs, arrival);
  context.schedule(direction.lastArrivalMs, Phase.Delivery, to, type, payload);
}
