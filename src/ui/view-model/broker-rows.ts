import type { Broker } from "../../kafka/broker/broker.ts";
import type { ClusterNode, World } from "../../kafka/cluster/world.ts";
import { isInternalTopic } from "./internal-topics.ts";

export type NodeHealth = "up" | "down" | "fenced" | "paused" | "isolated" | "starting" | "stopping";

export interface BrokerRow {
  readonly id: string;
  readonly health: NodeHealth;
  /** How long it has been so; null: since the beginning. */
  readonly forMs: number | null;
  /** The controller counts it out; what is down is not fenced before its session is over. */
  readonly isFenced: boolean;
  readonly leads: number;
  /** Partitions in whose ISR it is, of those that it has. */
  readonly inSync: number;
  readonly replicas: number;
  /** Since the controller heard of it; null: never. */
  readonly heartbeatAgeMs: number | null;
  readonly sessionTimeoutMs: number;
  readonly logBytes: number;
  /** Requests that wait in a queue or purgatory. */
  readonly waitingRequests: number;
  readonly rack: string | null;
}

export interface ControllerMark {
  readonly id: string;
  readonly health: NodeHealth;
  readonly isActive: boolean;
}

export interface BrokersView {
  readonly brokers: readonly BrokerRow[];
  readonly controllers: readonly ControllerMark[];
  readonly brokersUp: number;
}

export function brokersView(world: World, now: number): BrokersView {
  const tallies = partitionTallies(world);
  const brokers = Object.keys(world.brokers).map((id) => brokerRow(world, id, tallies[id], now));
  const { quorum } = world;
  const controllers = Object.values(quorum.controllers).map((controller): ControllerMark => {
    const id = String(controller.id);
    return { id, health: nodeHealth(world.nodes[id]), isActive: quorum.activeController === controller.id };
  });
  return { brokers, controllers, brokersUp: brokers.filter((row) => row.health === "up").length };
}

interface Tally {
  leads: number;
  inSync: number;
  replicas: number;
}

function partitionTallies(world: World): Record<string, Tally> {
  const tallies: Record<string, Tally> = {};
  for (const id of Object.keys(world.brokers)) tallies[id] = { leads: 0, inSync: 0, replicas: 0 };
  const { partitions } = world.quorum.image;
  for (const topicPartition of Object.keys(partitions)) {
    if (isInternalTopic(topicPartition)) continue;
    const partition = partitions[topicPartition]!;
    for (const replica of partition.replicas) {
      const tally = tallies[replica];
      if (tally === undefined) continue;
      tally.replicas += 1;
      if (partition.isr.includes(replica)) tally.inSync += 1;
      if (partition.leader === replica) tally.leads += 1;
    }
  }
  return tallies;
}

function brokerRow(world: World, id: string, tally: Tally | undefined, now: number): BrokerRow {
  const broker = world.brokers[id]!;
  const node = world.nodes[id];
  const registration = world.quorum.image.brokers[id];
  const contact = world.quorum.heartbeats.brokers[id];
  const isFenced = registration?.fenced ?? true;
  const health = brokerHealth(broker, node, isFenced);
  return {
    id,
    health,
    forMs: node === undefined || health === "fenced" || health === "starting" ? null : now - node.sinceMs,
    isFenced,
    leads: tally?.leads ?? 0,
    inSync: tally?.inSync ?? 0,
    replicas: tally?.replicas ?? 0,
    heartbeatAgeMs: contact === undefined ? null : Math.max(0, now - contact.lastContactMs),
    sessionTimeoutMs: world.quorum.heartbeats.sessionTimeoutMs,
    logBytes: logBytesOf(broker),
    waitingRequests: waitingRequestsOf(broker),
    rack: broker.rack,
  };
}

export function nodeHealth(node: ClusterNode | undefined): NodeHealth {
  if (node === undefined || node.state === "down") return "down";
  if (node.state === "hung") return "paused";
  if (node.isolated) return "isolated";
  return node.stopping ? "stopping" : "up";
}

function brokerHealth(broker: Broker, node: ClusterNode | undefined, isFenced: boolean): NodeHealth {
  const health = nodeHealth(node);
  if (health !== "up") return health;
  if (broker.lifecycle.state === "STARTING" || broker.lifecycle.state === "RECOVERY") return "starting";
  return isFenced ? "fenced" : "up";
}

function logBytesOf(broker: Broker): number {
  let total = 0;
  for (const topicPartition of Object.keys(broker.logs)) total += broker.logs[topicPartition]!.sizeBytes;
  return total;
}

function waitingRequestsOf(broker: Broker): number {
  let total = 0;
  for (const connection of Object.values(broker.connections)) total += connection.queue.length;
  return total;
}
