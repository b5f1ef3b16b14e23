import type { ConnectionId, NodeId } from "../protocol/context.ts";
import type { ApiName, RequestBody, ResponseBody } from "../protocol/messages.ts";
import type { Connection, ConnectionSettings, PendingSend, RequestContent } from "./connection-states.ts";
import type { MetadataRequest } from "./metadata.ts";

/** What a network client is made of, and what goes into it and comes out. How it works stands in network-client.ts. */
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

export interface Arrival {
  nodeId: number;
  correlationId: number;
  body: ResponseBody;
  cause: number;
}

export type DisconnectReason = "closedByPeer" | "reset" | "refused" | "requestTimeout" | "connectionSetupTimeout" | "rebootstrap";

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
