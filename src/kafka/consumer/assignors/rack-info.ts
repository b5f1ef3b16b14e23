import { topicPartitionOf } from "../../protocol/topic-partition.ts";
import type { AssignableTopic, AssignorMember } from "./assignor.ts";

/** Which members and partitions share racks, for the sticky assignors. Models AbstractStickyAssignor.RackInfo. */
export interface RackInfo {
  /** Empty when racks play no part. */
  readonly consumerRacks: ReadonlyMap<string, string>;
  readonly partitionRacks: ReadonlyMap<string, readonly string[]>;
  /** How many members are on a rack of a partition's replicas. */
  readonly consumerCounts: ReadonlyMap<string, number>;
}

export function rackInfoOf(topics: readonly AssignableTopic[], members: readonly AssignorMember[]): RackInfo {
  const consumerRacks = new Map<string, string>();
  const countByRack = new Map<string, number>();
  for (const { memberId, subscription } of members) {
    const { rackId } = subscription;
    if (rackId === null || rackId === "") continue;
    consumerRacks.set(memberId, rackId);
    countByRack.set(rackId, (countByRack.get(rackId) ?? 0) + 1);
  }
  const partitionRacks = new Map<string, readonly string[]>();
  const allRacks = new Set<string>();
  const consumerCounts = new Map<string, number>();
  if (consumerRacks.size > 0) {
    for (const topic of topics) {
      for (let partition = 0; partition < topic.partitions; partition++) {
        const racks = topic.racks?.[partition] ?? [];
        const name = topicPartitionOf(topic.name, partition);
        partitionRacks.set(name, racks);
        let count = 0;
        for (const rack of racks) {
          allRacks.add(rack);
          count += countByRack.get(rack) ?? 0;
        }
        consumerCounts.set(name, count);
      }
    }
  }
  const overlaps = [...countByRack.keys()].some((rack) => allRacks.has(rack));
  const uneven = [...partitionRacks.values()].some((racks) => racks.length !== allRacks.size);
  if (overlaps && uneven) return { consumerRacks, partitionRacks, consumerCounts };
  return { consumerRacks: new Map(), partitionRacks: new Map(), consumerCounts };
}

export function racksMismatch(info: RackInfo, memberId: string, topicPartition: string): boolean {
  const rack = info.consumerRacks.get(memberId);
  return rack !== undefined && !(info.partitionRacks.get(topicPartition)?.includes(rack) ?? false);
}

/** Those with the fewest members nearby first. */
export function sortByRackConsumers(info: RackInfo, partitions: string[]): string[] {
  if (info.consumerCounts.size === 0) return partitions;
  return partitions.slice().sort((a, b) => (info.consumerCounts.get(a) ?? 0) - (info.consumerCounts.get(b) ?? 0));
}

/** The next member, from `firstIndex` on and round, that is on a rack of the partition; -1: none. */
export function nextRackConsumer(info: RackInfo, topicPartition: string, members: readonly string[], firstIndex: number): number {
  const racks = info.partitionRacks.get(topicPartition);
  if (racks === undefined || racks.length === 0) return -1;
  for (let i = 0; i < members.length; i++) {
    const index = (firstIndex + i) % members.length;
    const rack = info.consumerRacks.get(members[index]!);
    if (rack !== undefined && racks.includes(rack)) return index;
  }
  return -1;
}
