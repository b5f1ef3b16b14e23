import type { Broker } from "../kafka/broker/broker.ts";
import type { World } from "../kafka/cluster/world.ts";
import { everything, partitionsOf, type Touched } from "./invariant.ts";

/** Finds what an event has changed by comparing a few numbers with those after the last one. */
export interface ChangeFinder {
  brokers: Record<string, BrokerSnapshot>;
  metadataOffset: number;
}

interface BrokerSnapshot {
  life: number;
  imageOffset: number;
  names: string[];
  /** Five numbers for each name. */
  numbers: number[];
}

const NUMBERS = 5;
const roles = { leader: 1, follower: 2, offline: 3 } as const;
const nothing: never[] = [];

export function createChangeFinder(): ChangeFinder {
  return { brokers: {}, metadataOffset: -1 };
}

export function findTouched(finder: ChangeFinder, world: World, node: string): Touched {
  const broker = world.brokers[node];
  if (broker !== undefined) {
    const partitions = changedPartitions(finder, world, broker);
    return { brokers: [{ broker, partitions }], metadata: metadataChanged(finder, world), producers: nothing, consumers: nothing };
  }
  if (world.producers[node] !== undefined) return { brokers: nothing, metadata: false, producers: [node], consumers: nothing };
  if (world.consumers[node] !== undefined) return { brokers: nothing, metadata: false, producers: nothing, consumers: [node] };
  if (world.quorum.controllers[node] !== undefined)
    return { brokers: nothing, metadata: metadataChanged(finder, world), producers: nothing, consumers: nothing };
  // The operator or the timeline may have touched anything.
  return everything(world);
}

function metadataChanged(finder: ChangeFinder, world: World): boolean {
  const { offset } = world.quorum.image;
  if (offset === finder.metadataOffset) return false;
  finder.metadataOffset = offset;
  return true;
}

function changedPartitions(finder: ChangeFinder, world: World, broker: Broker): string[] {
  const life = world.nodes[broker.nodeId]?.life ?? 0;
  const known = finder.brokers[broker.nodeId];
  if (known === undefined || known.life !== life || known.imageOffset !== broker.image.offset) {
    const names = partitionsOf(broker);
    const snapshot: BrokerSnapshot = { life, imageOffset: broker.image.offset, names, numbers: new Array(names.length * NUMBERS).fill(-2) };
    finder.brokers[broker.nodeId] = snapshot;
    return compare(snapshot, broker);
  }
  return compare(known, broker);
}

function compare(snapshot: BrokerSnapshot, broker: Broker): string[] {
  let changed: string[] | null = null;
  const { names, numbers } = snapshot;
  for (let i = 0, at = 0; i < names.length; i++, at += NUMBERS) {
    const name = names[i]!;
    const log = broker.logs[name];
    const partition = broker.partitions[name];
    const end = log === undefined ? -1 : log.logEndOffset;
    const highWatermark = log === undefined ? -1 : log.highWatermark;
    const role = partition === undefined ? 0 : roles[partition.role];
    const leaderEpoch = partition === undefined ? -1 : partition.leaderEpoch;
    const partitionEpoch = partition === undefined ? -1 : partition.partitionEpoch;
    if (
      numbers[at] === end &&
      numbers[at + 1] === highWatermark &&
      numbers[at + 2] === role &&
      numbers[at + 3] === leaderEpoch &&
      numbers[at + 4] === partitionEpoch
    )
      continue;
    numbers[at] = end;
    numbers[at + 1] = highWatermark;
    numbers[at + 2] = role;
    numbers[at + 3] = leaderEpoch;
    numbers[at + 4] = partitionEpoch;
    changed ??= [];
    changed.push(name);
  }
  return changed ?? nothing;
}
