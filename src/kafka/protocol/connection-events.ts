import type { ConnectionId, NodeId } from "./context.ts";
import type { RequestBody, ResponseBody } from "./messages.ts";

/** Types of the events by which the network reaches a node (Phase.Delivery), with their payloads. */
export interface ConnectionEvents {
  /** At the server: a client's connection is established. */
  accepted: { connection: ConnectionId; peer: NodeId };
  /** At the client: the connection is established. */
  connected: { connection: ConnectionId; peer: NodeId };
  /** At either end: closed by the peer, reset because the link had lost something, or (at the client) refused. */
  disconnected: { connection: ConnectionId; peer: NodeId; reason: "closedByPeer" | "reset" | "refused" };
  request: { connection: ConnectionId; peer: NodeId; correlationId: number; body: RequestBody; sizeBytes: number };
  response: { connection: ConnectionId; peer: NodeId; correlationId: number; body: ResponseBody; sizeBytes: number };
}
