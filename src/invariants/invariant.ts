import type { Broker } from "../kafka/broker/broker.ts";
import type { World } from "../kafka/cluster/world.ts";

/** A law that holds after every event, whatever breaks and whoever commands. If one is broken, samsa has a bug. */
export interface Invariant<Memory = unknown> {
  readonly name: string;
  readonly about: string;
  /** What real Kafka breaks too, so what is no bug. */
  readonly exceptions: readonly string[];
  /** What it must remember between two checks; it belongs to the checker, not to the world. */
  createMemory(): Memory;
  /** Looks at what has been touched. The text of a violation, or null. */
  check(world: World, memory: Memory, touched: Touched): string | null;
}

/** What an event may have changed: laws look at nothing else, so that they can be checked after every event. */
export interface Touched {
  brokers: TouchedBroker[];
  /** The controllers' metadata changed. */
  metadata: boolean;
  /** Names of clients. */
  producers: string[];
  consumers: string[];
}

export interface TouchedBroker {
  broker: Broker;
  /** Partitions whose log end, high watermark, role or epochs changed. */
  partitions: string[];
}

export function everything(world: World): Touched {
  return {
    brokers: Object.values(world.brokers).map((broker) => ({ broker, partitions: partitionsOf(broker) })),
    metadata: true,
    producers: Object.keys(world.producers),
    consumers: Object.keys(world.consumers),
  };
}

export function partitionsOf(broker: Broker): string[] {
  const names = Object.keys(broker.logs);
  for (const name of Object.keys(broker.partitions)) if (broker.logs[name] === undefined) names.push(name);
  return names;
}

export function isRunning(world: World, broker: Broker): boolean {
  return world.nodes[broker.nodeId]?.state !== "down" && (broker.status === "running" || broker.status === "stopping");
}
