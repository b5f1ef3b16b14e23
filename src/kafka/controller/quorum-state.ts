import type { ConnectionId, NodeId } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { MetadataImage } from "../protocol/metadata-records.ts";
import type { BrokerHeartbeatManager } from "./broker-heartbeat-manager.ts";
import type { MetadataLog } from "./metadata-log.ts";

/**
 * The controllers together: which of them is active, and what it knows. Models org.apache.kafka.controller.QuorumController.
 * The metadata is kept once for all of them and is committed as soon as it is decided, in 0 ms: the Raft log among them comes in a later issue.
 * Until then a controller that was lost is replaced after a fixed time (controllerFailoverMs), if a majority of them is left.
 */
export interface ControllerQuorum {
  /** By node id. */
  controllers: Record<NodeId, ControllerNode>;
  /** -1: there is none. A controller that hangs stays the active one until it is replaced. */
  activeController: number;
  controllerEpoch: number;
  readonly failoverMs: number;
  /** Since when there is no working active controller, virtual milliseconds; -1: there is one. */
  lostAtMs: number;
  /** The trace event of what took the last active controller away. */
  lostCause: number;
  /** Timers of the active controller carry the number of its activation. */
  generation: number;
  failoverGeneration: number;
  /** eligible.leader.replicas.version is 1, as in any cluster formatted by 4.1 or later. */
  elrEnabled: boolean;
  /** The configs that all controllers and brokers were started with. */
  readonly staticConfigs: Record<string, string>;
  /** What the committed log says. */
  image: MetadataImage;
  log: MetadataLog;
  heartbeats: BrokerHeartbeatManager;
  /** By broker id: the offset of its registration record. A broker is unfenced only when it has read so far. */
  registrationOffsets: Record<string, number>;
  /** Fetches of the metadata log that wait for something new. */
  waitingFetches: WaitingFetch[];
  /** By broker id: how far it has fetched the metadata log. */
  fetchedOffsets: Record<string, number>;
}

export interface ControllerNode {
  id: number;
  state: "up" | "hung" | "down";
  isolated: boolean;
}

export interface WaitingFetch {
  connection: ConnectionId;
  correlationId: number;
  fetchOffset: number;
}

/** What an admin call is answered with. */
export interface AdminResult {
  error: ErrorName;
  /** Kafka's words, where it has some of its own for the case. */
  message: string | null;
}

export function adminResult(error: ErrorName, message: string | null = null): AdminResult {
  return { error, message };
}

/** May lead and be in an ISR. */
export function isActive(quorum: ControllerQuorum, brokerId: number): boolean {
  const broker = quorum.image.brokers[brokerId];
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
}

export function staleBrokerEpoch(quorum: ControllerQuorum, brokerId: number, brokerEpoch: number): boolean {
  return quorum.image.brokers[brokerId]?.brokerEpoch !== brokerEpoch;
}
