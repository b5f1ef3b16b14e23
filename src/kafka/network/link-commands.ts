import type { NodeId } from "../protocol/context.ts";
import { isCut, type LinkState, linkKey, ownLink, stateOfLink } from "./links.ts";
import type { Network, NetworkContext } from "./network.ts";
import { reset } from "./network.ts";

/**
 * What a person may do to links. A cut loses what is in transit in its direction and kills the connections that it caught;
 * their ends notice by their own timeouts, or when it heals: what has lost something is reset then. While it lasts, connecting gets no answer.
 */
export function cutLink(network: Network, from: NodeId, to: NodeId, oneWay: boolean, context: NetworkContext): void {
  for (const [a, b] of directionsOf(from, to, oneWay)) {
    ownLink(network.links, a, b).cut = true;
    traceLink(network, a, b, context);
  }
  loseCutConnections(network, context);
}

export function slowLink(
  network: Network,
  from: NodeId,
  to: NodeId,
  oneWay: boolean,
  latencyMs: number,
  bandwidthBytesPerSecond: number | null,
  context: NetworkContext,
): void {
  for (const [a, b] of directionsOf(from, to, oneWay)) {
    const link = ownLink(network.links, a, b);
    link.latencyMs = Math.max(1, Math.round(latencyMs));
    link.bandwidthBytesPerSecond = bandwidthBytesPerSecond;
    traceLink(network, a, b, context);
  }
}

/** Both directions are as they were at first; a node that is isolated stays so. */
export function healLink(network: Network, from: NodeId, to: NodeId, context: NetworkContext): void {
  for (const [a, b] of directionsOf(from, to, false)) {
    delete network.links.byKey[linkKey(a, b)];
    traceLink(network, a, b, context);
  }
  resetLostConnections(network, context);
}

export function isolate(network: Network, node: NodeId, context: NetworkContext): void {
  network.links.isolated[node] = true;
  if (context.tracing)
    context.cause = context.trace("link-changed", node, { from: node, to: "*", cut: true, latencyMs: -1, bandwidthBytesPerSecond: -1 });
  loseCutConnections(network, context);
}

/** Heals every link of a node: its isolation, and what was done to its links one by one. */
export function rejoin(network: Network, node: NodeId, context: NetworkContext): void {
  delete network.links.isolated[node];
  for (const [key, link] of Object.entries(network.links.byKey)) {
    if (link.from === node || link.to === node) delete network.links.byKey[key];
  }
  if (context.tracing)
    context.cause = context.trace("link-changed", node, { from: node, to: "*", cut: false, latencyMs: -1, bandwidthBytesPerSecond: -1 });
  resetLostConnections(network, context);
}

export function linkState(network: Network, from: NodeId, to: NodeId): LinkState {
  return stateOfLink(network.links, from, to);
}

/**
 * What a healed link carries next on a connection that has lost something is answered with a reset, so its ends learn of it. Without this an end
 * that expects no answers (acks=0) would write into nothing for ever.
 */
function resetLostConnections(network: Network, context: NetworkContext): void {
  for (const [id, { client, server, toServer, toClient }] of Object.entries(network.connections)) {
    const isCutStill = isCut(network.links, client, server) || isCut(network.links, server, client);
    if ((toServer.lost || toClient.lost) && !isCutStill) reset(network, Number(id), context);
  }
}

function loseCutConnections(network: Network, context: NetworkContext): void {
  for (const [id, connection] of Object.entries(network.connections)) {
    const { client, server, toServer, toClient } = connection;
    const before = toServer.lost || toClient.lost;
    if (isCut(network.links, client, server)) toServer.lost = true;
    if (isCut(network.links, server, client)) toClient.lost = true;
    if (!before && (toServer.lost || toClient.lost) && context.tracing)
      context.trace("connection-lost", client, { connection: Number(id), peer: server });
    // Closed by the client already, and the news of it is lost: the server will never know, nothing is left to do.
    if (!connection.clientOpen && toServer.lost) delete network.connections[Number(id)];
  }
}

function directionsOf(from: NodeId, to: NodeId, oneWay: boolean): [NodeId, NodeId][] {
  return oneWay
    ? [[from, to]]
    : [
        [from, to],
        [to, from],
      ];
}

function traceLink(network: Network, from: NodeId, to: NodeId, context: NetworkContext): void {
  if (!context.tracing) return;
  const state = stateOfLink(network.links, from, to);
  context.cause = context.trace("link-changed", from, {
    from,
    to,
    cut: state.cut,
    latencyMs: state.latencyMs,
    bandwidthBytesPerSecond: state.bandwidthBytesPerSecond ?? -1,
  });
}
