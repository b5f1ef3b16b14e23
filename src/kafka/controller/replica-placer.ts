import type { Chance } from "../../kernel/chance.ts";

/**
 * Which brokers get the replicas of new partitions: stripes over racks, then over the brokers of each rack.
 * Models org.apache.kafka.metadata.placement.StripedReplicaPlacer.
 */
export interface UsableBroker {
  id: number;
  rack: string | null;
  fenced: boolean;
}

interface BrokerList {
  brokers: number[];
  index: number;
  offset: number;
  epoch: number;
}

interface Rack {
  name: string;
  fenced: BrokerList;
  unfenced: BrokerList;
}

interface RackList {
  racks: Rack[];
  totalBrokers: number;
  unfencedBrokers: number;
  epoch: number;
  offset: number;
}

export type Placement = { replicas: number[][]; refusal: null } | { replicas: null; refusal: string };

const STREAM = "controller/placement";

/** Brokers in controlled shutdown are not usable: leave them out. */
export function placeReplicas(usable: readonly UsableBroker[], partitions: number, replicationFactor: number, chance: Chance): Placement {
  if (replicationFactor <= 0) return refuse(`Invalid replication factor ${replicationFactor}: the replication factor must be positive.`);
  const list = createRackList(usable, chance);
  if (list.unfencedBrokers === 0) return refuse("All brokers are currently fenced.");
  if (replicationFactor > list.totalBrokers) {
    return refuse(
      `The target replication factor of ${replicationFactor} cannot be reached because only ${list.totalBrokers} broker(s) are registered.`,
    );
  }
  const replicas: number[][] = [];
  for (let partition = 0; partition < partitions; partition++) replicas.push(placePartition(list, replicationFactor, chance));
  return { replicas, refusal: null };
}

function refuse(refusal: string): Placement {
  return { replicas: null, refusal };
}

function createRackList(usable: readonly UsableBroker[], chance: Chance): RackList {
  const racks: Rack[] = [];
  for (const { id, rack, fenced } of usable) {
    const name = rack ?? "";
    let found = racks.find((candidate) => candidate.name === name);
    if (found === undefined) {
      found = { name, fenced: emptyList(), unfenced: emptyList() };
      racks.push(found);
    }
    (fenced ? found.fenced : found.unfenced).brokers.push(id);
  }
  racks.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const rack of racks) {
    initialize(rack.fenced, chance);
    initialize(rack.unfenced, chance);
  }
  const unfencedBrokers = usable.filter(({ fenced }) => !fenced).length;
  return {
    racks,
    totalBrokers: usable.length,
    unfencedBrokers,
    epoch: 0,
    offset: racks.length === 0 ? 0 : chance.below(STREAM, racks.length),
  };
}

function emptyList(): BrokerList {
  return { brokers: [], index: 0, offset: 0, epoch: 0 };
}

function initialize(list: BrokerList, chance: Chance): void {
  if (list.brokers.length === 0) return;
  list.brokers.sort((a, b) => a - b);
  list.offset = chance.below(STREAM, list.brokers.length);
}

function placePartition(list: RackList, replicationFactor: number, chance: Chance): number[] {
  const { racks } = list;
  // After as many partitions as there are live brokers the stripes would repeat themselves.
  if (list.epoch === list.unfencedBrokers && list.unfencedBrokers > 1) {
    shuffle(racks, chance);
    for (const rack of racks) {
      shuffle(rack.fenced.brokers, chance);
      shuffle(rack.unfenced.brokers, chance);
    }
    list.epoch = 0;
  }
  if (list.offset === racks.length) list.offset = 0;
  const replicas: number[] = [];
  // The first replica leads, so it comes from the next rack that has a live broker.
  let firstRack = list.offset;
  let leader = nextOf(racks[firstRack]!.unfenced, list.epoch);
  while (leader === -1) {
    firstRack = (firstRack + 1) % racks.length;
    leader = nextOf(racks[firstRack]!.unfenced, list.epoch);
  }
  replicas.push(leader);
  let rackIndex = list.offset;
  while (replicas.length < replicationFactor) {
    // The leader's rack is passed over once.
    if (rackIndex === firstRack) firstRack = -1;
    else {
      const broker = nextOfRack(racks[rackIndex]!, list.epoch);
      if (broker !== -1) replicas.push(broker);
    }
    rackIndex = (rackIndex + 1) % racks.length;
  }
  list.epoch += 1;
  list.offset += 1;
  return replicas;
}

function nextOfRack(rack: Rack, epoch: number): number {
  const broker = nextOf(rack.unfenced, epoch);
  return broker === -1 ? nextOf(rack.fenced, epoch) : broker;
}

/** -1: this list is used up for the partition. */
function nextOf(list: BrokerList, epoch: number): number {
  const { brokers } = list;
  if (brokers.length === 0) return -1;
  if (list.epoch !== epoch) {
    list.epoch = epoch;
    list.index = 0;
    list.offset = (list.offset + 1) % brokers.length;
  }
  if (list.index >= brokers.length) return -1;
  const broker = brokers[(list.index + list.offset) % brokers.length]!;
  list.index += 1;
  return broker;
}

/** As java.util.Collections.shuffle does it. */
function shuffle<T>(values: T[], chance: Chance): void {
  for (let size = values.length; size > 1; size--) {
    const other = chance.below(STREAM, size);
    const last = values[size - 1]!;
    values[size - 1] = values[other]!;
    values[other] = last;
  }
}
