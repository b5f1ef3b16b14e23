import type { ConsumerClient } from "../kafka/application/consumer-application.ts";
import { statisticsOf } from "../kafka/application/producer-application.ts";
import { coordinatorPartition, GROUP_METADATA_TOPIC } from "../kafka/broker/metadata-cache.ts";
import type { World } from "../kafka/cluster/world.ts";
import type { ProducerStatistics } from "../kafka/producer/producer-state.ts";
import { decodeAssignment } from "../kafka/protocol/consumer-protocol.ts";
import { createLatencyHistogram, type LatencyHistogram, latencyPercentile, mergeLatencies } from "../kafka/protocol/latency-histogram.ts";
import { topicOf } from "../kafka/protocol/topic-partition.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type GroupTotals, type ProducerCount, producerCount, type Totals, totalsOf } from "../ledger/queries.ts";

/**
 * What conditions may ask of a world, by the names of the scenario format; null: there is no such thing.
 * Each fact is found when it is read, since conditions are looked at after nearly every instant and name one or two.
 */
export type Facts = Record<string, unknown>;

export function partitionFacts(world: World, topicPartition: string): Facts | null {
  const registration = world.quorum.image.partitions[topicPartition];
  if (registration === undefined) return null;
  return {
    get leader() {
      return registration.leader;
    },
    get leaderEpoch() {
      return registration.leaderEpoch;
    },
    get isr() {
      return registration.isr.slice();
    },
    get elr() {
      return registration.elr.slice();
    },
    get highWatermark() {
      return world.brokers[registration.leader]?.logs[topicPartition]?.highWatermark ?? -1;
    },
    get logEndOffset() {
      return world.brokers[registration.leader]?.logs[topicPartition]?.logEndOffset ?? -1;
    },
  };
}

export function brokerFacts(world: World, id: number): Facts | null {
  const node = world.nodes[id];
  if (node === undefined || node.kind !== "broker") return null;
  return {
    get state() {
      return node.state;
    },
    get fenced() {
      return world.quorum.image.brokers[id]?.fenced ?? true;
    },
    get leaders() {
      return leadersOf(world, id);
    },
  };
}

function leadersOf(world: World, broker: number): number {
  let leaders = 0;
  for (const [name, { leader }] of Object.entries(world.quorum.image.partitions)) {
    if (leader === broker && !topicOf(name).startsWith("__")) leaders += 1;
  }
  return leaders;
}

/** A ledger's totals by the scenario's names. What was acknowledged with acks=0 and is in no log is lost, unless it still arrives. */
export function ledgerFacts(ledger: Ledger, producer: string | null, group: string | null): Facts {
  const count = (of: ProducerCount): number => producerCount(ledger, of, producer);
  const totals = (): Totals => totalsOf(ledger, producer === null ? {} : { producer });
  const sum = (field: keyof GroupTotals): number => {
    let all = 0;
    for (const [name, counts] of Object.entries(totals().groups)) if (group === null || name === group) all += counts[field];
    return all;
  };
  return {
    get sent() {
      return count("sent");
    },
    get pending() {
      return count("pending");
    },
    get acknowledged() {
      return count("acknowledged");
    },
    get failed() {
      return count("failed");
    },
    get readable() {
      return totals().readable;
    },
    get lost() {
      return count("lost") + count("unconfirmed");
    },
    get duplicated() {
      return count("duplicated");
    },
    get reordered() {
      return count("reordered");
    },
    get failedYetReadable() {
      return count("failedYetReadable");
    },
    get gone() {
      return totals().gone;
    },
    get processedOnce() {
      return sum("once");
    },
    get processedMoreThanOnce() {
      return sum("moreThanOnce");
    },
    get skipped() {
      return sum("skipped");
    },
    get notProcessed() {
      return sum("notYet");
    },
  };
}

/** A group as its coordinator knows it; while the coordinator has no broker, or loads, it has no state. */
export function groupFacts(world: World, name: string): Facts | null {
  const spec = world.spec.groups.find((group) => group.name === name);
  if (spec === undefined) return null;
  const { image } = world.quorum;
  const topicPartition = coordinatorPartition(image, GROUP_METADATA_TOPIC, name);
  const coordinator = image.partitions[topicPartition]?.leader ?? -1;
  const hosted = world.brokers[coordinator]?.coordinators.shards[topicPartition];
  const shard = hosted?.state === "active" ? hosted.shard : null;
  const group = shard?.groups[name];
  return {
    coordinator,
    get state() {
      return shard === null ? "unknown" : (group?.state ?? "Empty");
    },
    get generation() {
      return group?.generationId ?? 0;
    },
    get members() {
      return group?.members.length ?? 0;
    },
    get unassignedMembers() {
      return (group?.members ?? []).filter(({ assignment }) => assignment !== "" && decodeAssignment(assignment).length === 0).length;
    },
    get lag() {
      return lagOf(world, spec.topics, shard?.offsets[name] ?? {});
    },
  };
}

/** Records below the high watermark that the group has not committed; where it has committed nothing, all that are in the log. */
function lagOf(world: World, topics: readonly string[], committed: Readonly<Record<string, { offset: number }>>): number {
  let lag = 0;
  for (const [topicPartition, { leader }] of Object.entries(world.quorum.image.partitions)) {
    if (!topics.includes(topicOf(topicPartition))) continue;
    const log = world.brokers[leader]?.logs[topicPartition];
    if (log !== undefined) lag += Math.max(0, log.highWatermark - (committed[topicPartition]?.offset ?? log.logStartOffset));
  }
  return lag;
}

export function statisticsFacts(world: World, ledger: Ledger, producer: string | null, group: string | null, now: number): Facts {
  const statistics = (): ProducerStatistics[] =>
    Object.values(world.producers)
      .filter(({ name }) => producer === null || name === producer)
      .map(statisticsOf);
  const members = (): ConsumerClient[] => Object.values(world.consumers).filter((client) => group === null || client.group === group);
  const sum = (
    field: "recordsDrained" | "batchesDrained" | "requestsSent" | "batchesRetried" | "blockedSends" | "unknownOffsets",
  ): number => statistics().reduce((all, one) => all + one[field], 0);
  return {
    get recordsPerSecond() {
      return producerCount(ledger, "acknowledged", producer) / (Math.max(now, 1) / 1000);
    },
    get latencyP50Ms() {
      return percentile(statistics(), 0.5);
    },
    get latencyP99Ms() {
      return percentile(statistics(), 0.99);
    },
    get consumptionP50Ms() {
      return percentile(members(), 0.5);
    },
    get consumptionP99Ms() {
      return percentile(members(), 0.99);
    },
    get recordsPerBatch() {
      const batches = sum("batchesDrained");
      return batches === 0 ? 0 : sum("recordsDrained") / batches;
    },
    get produceRequests() {
      return sum("requestsSent");
    },
    get retries() {
      return sum("batchesRetried");
    },
    get blockedSends() {
      return sum("blockedSends");
    },
    get unknownOffsets() {
      return sum("unknownOffsets");
    },
  };
}

function percentile(measured: readonly { latency: LatencyHistogram }[], share: number): number {
  const all = createLatencyHistogram();
  for (const { latency } of measured) mergeLatencies(all, latency);
  return latencyPercentile(all, share);
}
