import { statisticsOf } from "../kafka/application/producer-application.ts";
import { coordinatorPartition, GROUP_METADATA_TOPIC } from "../kafka/broker/metadata-cache.ts";
import type { World } from "../kafka/cluster/world.ts";
import { decodeAssignment } from "../kafka/protocol/consumer-protocol.ts";
import { createLatencyHistogram, latencyPercentile, mergeLatencies } from "../kafka/protocol/latency-histogram.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type Totals, totalsOf } from "../ledger/queries.ts";
import { topicOf } from "../kafka/protocol/topic-partition.ts";

/** What conditions may ask of a world, as plain facts by the names of the scenario format. null: there is no such thing. */
export type Facts = Record<string, unknown>;

export function partitionFacts(world: World, topicPartition: string): Facts | null {
  const registration = world.quorum.image.partitions[topicPartition];
  if (registration === undefined) return null;
  const { leader, leaderEpoch, isr, elr } = registration;
  const log = world.brokers[leader]?.logs[topicPartition];
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

/** A group as its coordinator knows it; while the coordinator has no broker, or loads, it has no state. */
export function groupFacts(world: World, name: string): Facts | null {
  if (!world.spec.groups.some((group) => group.name === name)) return null;
  const { image } = world.quorum;
  const topicPartition = coordinatorPartition(image, GROUP_METADATA_TOPIC, name);
  const coordinator = image.partitions[topicPartition]?.leader ?? -1;
  const hosted = world.brokers[coordinator]?.coordinators.shards[topicPartition];
  const shard = hosted?.state === "active" ? hosted.shard : null;
  const group = shard?.groups[name];
  const members = group?.members ?? [];
  return {
    state: shard === null ? "unknown" : (group?.state ?? "Empty"),
    generation: group?.generationId ?? 0,
    members: members.length,
    unassignedMembers: members.filter(({ assignment }) => assignment !== "" && decodeAssignment(assignment).length === 0).length,
    coordinator,
    lag: lagOf(world, name, shard?.offsets[name] ?? {}),
  };
}

/** Records below the high watermark that the group has not committed; where it has committed nothing, all that are in the log. */
function lagOf(world: World, group: string, committed: Readonly<Record<string, { offset: number }>>): number {
  const topics = world.spec.groups.find(({ name }) => name === group)!.topics;
  let lag = 0;
  for (const [topicPartition, { leader }] of Object.entries(world.quorum.image.partitions)) {
    if (!topics.includes(topicOf(topicPartition))) continue;
    const log = world.brokers[leader]?.logs[topicPartition];
    if (log !== undefined) lag += Math.max(0, log.highWatermark - (committed[topicPartition]?.offset ?? log.logStartOffset));
  }
  return lag;
}

export function statisticsFacts(world: World, ledger: Ledger, producer: string | null, group: string | null, now: number): Facts {
  const clients = Object.values(world.producers).filter(({ name }) => producer === null || name === producer);
  const members = Object.values(world.consumers).filter((client) => group === null || client.group === group);
  const sending = createLatencyHistogram();
  const reading = createLatencyHistogram();
  const sums = { records: 0, batches: 0, requests: 0, retries: 0, blocked: 0 };
  const all = clients.map(statisticsOf);
  for (const statistics of all) {
    mergeLatencies(sending, statistics.latency);
    sums.records += statistics.recordsDrained;
    sums.batches += statistics.batchesDrained;
    sums.requests += statistics.requestsSent;
    sums.retries += statistics.batchesRetried;
    sums.blocked += statistics.blockedSends;
  }
  for (const { latency } of members) mergeLatencies(reading, latency);
  const totals = totalsOf(ledger, producer === null ? {} : { producer });
  return {
    recordsPerSecond: totals.acknowledged / (Math.max(now, 1) / 1000),
    latencyP50Ms: latencyPercentile(sending, 0.5),
    latencyP99Ms: latencyPercentile(sending, 0.99),
    consumptionP50Ms: latencyPercentile(reading, 0.5),
    consumptionP99Ms: latencyPercentile(reading, 0.99),
    recordsPerBatch: sums.batches === 0 ? 0 : sums.records / sums.batches,
    produceRequests: sums.requests,
    retries: sums.retries,
    blockedSends: sums.blocked,
    unknownOffsets: all.reduce((sum, { unknownOffsets }) => sum + unknownOffsets, 0),
  };
}
