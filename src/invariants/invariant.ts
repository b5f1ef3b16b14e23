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
  /** Looks at what an event of `node` may have touched (null: at everything). The text of a violation, or null. */
  check(world: World, memory: Memory, node: string | null): string | null;
}

/** The brokers that a check looks at: those whose state an event of `node` may have changed. */
export function brokersTouched(world: World, node: string | null): Broker[] {
  if (node === null) return Object.values(world.brokers);
  const broker = world.brokers[node];
  return broker === undefined ? [] : [broker];
}

/** Whether an event of `node` may have changed the controllers' state. */
export function touchesControllers(world: World, node: string | null): boolean {
  return node === null || world.quorum.controllers[node] !== undefined;
}

export function isRunning(world: World, broker: Broker): boolean {
  return world.nodes[broker.nodeId]?.state !== "down" && (broker.status === "running" || broker.status === "stopping");
}
