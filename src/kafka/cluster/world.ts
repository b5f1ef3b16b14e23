import type { ConsumerClient } from "../application/consumer-application.ts";
import type { ProducerClient } from "../application/producer-application.ts";
import type { Broker } from "../broker/broker.ts";
import type { ControllerQuorum } from "../controller/quorum.ts";
import type { Network } from "../network/network.ts";
import type { ClusterSpec } from "../protocol/cluster-spec.ts";
import type { NodeId } from "../protocol/context.ts";
import type { Silence } from "./silences.ts";

/**
 * All that is simulated, as one tree of plain data. Every object has one owner; others hold its id.
 * Handlers change it in place; the dashboard runs the same handlers over an immer draft of it.
 */
export interface World {
  spec: ClusterSpec;
  nodes: Record<NodeId, ClusterNode>;
  network: Network;
  quorum: ControllerQuorum;
  /** By broker id. */
  brokers: Record<string, Broker>;
  producers: Record<string, ProducerClient>;
  consumers: Record<string, ConsumerClient>;
}

export type NodeKind = "controller" | "broker" | "producer" | "consumer";

/** A process on the network, whatever runs in it. */
export interface ClusterNode {
  id: NodeId;
  kind: NodeKind;
  state: "up" | "down" | "hung";
  /** It was asked to end in order and has not ended yet. */
  stopping: boolean;
  /** A restart: it starts again as soon as it has ended. */
  restartWhenStopped: boolean;
  /** Counts its processes; what was scheduled for an earlier one never happens. */
  life: number;
  /** Every link of it is cut. */
  isolated: boolean;
  /** When `state` or `isolated` last changed, virtual milliseconds. */
  sinceMs: number;
  /** What stopped its process last; null: nothing has. */
  silence: Silence | null;
  /** What was done last to its link with a peer (kept at the end whose id sorts first), or with every peer. */
  linkSilences: Record<NodeId, Silence>;
  /** What was due while it hung, in order; it happens when it goes on. */
  held: HeldEvent[];
}

export interface HeldEvent {
  phase: 0 | 1 | 2 | 3 | 4;
  type: string;
  payload: unknown;
  cause: number;
}

export function createNode(id: NodeId, kind: NodeKind, up: boolean): ClusterNode {
  return {
    id,
    kind,
    state: up ? "up" : "down",
    stopping: false,
    restartWhenStopped: false,
    life: 0,
    isolated: false,
    sinceMs: 0,
    silence: null,
    linkSilences: {},
    held: [],
  };
}

export function nodeOf(world: World, id: NodeId): ClusterNode {
  const node = world.nodes[id];
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}
