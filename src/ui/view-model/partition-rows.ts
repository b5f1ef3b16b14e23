import type { World } from "../../kafka/cluster/world.ts";
import { readInt } from "../../kafka/protocol/config-reader.ts";
import { partitionOf, topicOf } from "../../kafka/protocol/topic-partition.ts";
import { topicConfigValue } from "../../kafka/protocol/topic-settings.ts";
import { barScale } from "../widgets/bar.ts";
import { isInternalTopic } from "./internal-topics.ts";

export interface ReplicaMark {
  readonly broker: string;
  readonly role: "leader" | "in sync" | "out" | "down";
  readonly logEndOffset: number;
  readonly highWatermark: number;
  /** Behind the leader (or the longest log when nobody leads). */
  readonly lag: number;
}

export interface PartitionRow {
  /** topic-partition */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  /** null: nobody leads. */
  readonly leader: string | null;
  readonly leaderEpoch: number;
  readonly isr: readonly string[];
  readonly replicas: readonly ReplicaMark[];
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly isUnderReplicated: boolean;
  readonly isUnderMinIsr: boolean;
}

export interface TopicSummary {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minInsyncReplicas: number;
  readonly underReplicated: number;
  readonly underMinIsr: number;
  readonly offline: number;
}

export interface PartitionsView {
  readonly topics: readonly TopicSummary[];
  readonly rows: readonly PartitionRow[];
  /** Columns of the table: every broker when they are few, else none and each row names its own replicas. */
  readonly brokerColumns: readonly string[];
  /** Newest records that each bar shows. */
  readonly barSpan: number;
}

const columnsAtMost = 5;

export function partitionsView(world: World, filter: string): PartitionsView {
  const { image } = world.quorum;
  const rows: PartitionRow[] = [];
  const topics: Record<string, TopicSummary> = {};
  const wanted = filter.trim().toLowerCase();
  const names = Object.keys(image.topics).filter((topic) => !isInternalTopic(topic));
  for (const name of names) {
    const minInsyncReplicas = minIsrOf(world, name);
    const summary = { name, partitions: 0, replicationFactor: 0, minInsyncReplicas, underReplicated: 0, underMinIsr: 0, offline: 0 };
    const count = image.topics[name]!.partitionCount;
    for (let index = 0; index < count; index++) {
      const row = partitionRow(world, `${name}-${index}`, minInsyncReplicas);
      if (row === null) continue;
      summary.partitions += 1;
      summary.replicationFactor = Math.max(summary.replicationFactor, row.replicas.length);
      if (row.isUnderReplicated) summary.underReplicated += 1;
      if (row.isUnderMinIsr) summary.underMinIsr += 1;
      if (row.leader === null) summary.offline += 1;
      if (wanted === "" || matches(row, wanted)) rows.push(row);
    }
    topics[name] = summary;
  }
  const brokers = Object.keys(world.brokers);
  return {
    topics: Object.values(topics),
    rows,
    brokerColumns: brokers.length <= columnsAtMost ? brokers : [],
    barSpan: barSpanOf(rows),
  };
}

/**
 * One scale for all bars: wide enough for the replicas that are at work, and no wider than the longest log.
 * What is down for long would push the scale so far that the others could not be told apart.
 */
function barSpanOf(rows: readonly PartitionRow[]): number {
  let longestLag = 0;
  let longestLog = 0;
  for (const row of rows) {
    longestLog = Math.max(longestLog, row.logEndOffset);
    for (const replica of row.replicas) {
      const lag = replica.role === "down" ? Math.min(replica.lag, downLagShown) : replica.lag;
      longestLag = Math.max(longestLag, lag);
    }
  }
  return Math.max(barScale(0), Math.min(barScale(longestLag), longestLog));
}

const downLagShown = 800;

/** By name, or by what is wrong with it: "urp", "min", "offline". */
function matches(row: PartitionRow, wanted: string): boolean {
  if (wanted === "urp") return row.isUnderReplicated;
  if (wanted === "offline") return row.leader === null;
  if (wanted === "min") return row.isUnderMinIsr;
  return row.id.toLowerCase().includes(wanted);
}

function minIsrOf(world: World, topic: string): number {
  const { image, staticConfigs } = world.quorum;
  const brokerConfigs = { ...staticConfigs, ...image.configs["broker:"] };
  return readInt(topicConfigValue("min.insync.replicas", image.configs[`topic:${topic}`] ?? {}, brokerConfigs));
}

function partitionRow(world: World, topicPartition: string, minInsyncReplicas: number): PartitionRow | null {
  const registration = world.quorum.image.partitions[topicPartition];
  if (registration === undefined) return null;
  const logOf = (broker: number) => world.brokers[broker]?.logs[topicPartition];
  const leaderLog = registration.leader < 0 ? undefined : logOf(registration.leader);
  const longest = registration.replicas.reduce((end, broker) => Math.max(end, logOf(broker)?.logEndOffset ?? 0), 0);
  const end = leaderLog?.logEndOffset ?? longest;
  const highWatermark =
    leaderLog?.highWatermark ?? registration.replicas.reduce((most, broker) => Math.max(most, logOf(broker)?.highWatermark ?? 0), 0);
  const replicas = registration.replicas.map((broker): ReplicaMark => {
    const log = logOf(broker);
    const isDown = world.nodes[broker]?.state === "down";
    const role = isDown ? "down" : broker === registration.leader ? "leader" : registration.isr.includes(broker) ? "in sync" : "out";
    return {
      broker: String(broker),
      role,
      logEndOffset: log?.logEndOffset ?? 0,
      highWatermark: log?.highWatermark ?? 0,
      lag: Math.max(0, end - (log?.logEndOffset ?? 0)),
    };
  });
  return {
    id: topicPartition,
    topic: topicOf(topicPartition),
    partition: partitionOf(topicPartition),
    leader: registration.leader < 0 ? null : String(registration.leader),
    leaderEpoch: registration.leaderEpoch,
    isr: registration.isr.map(String),
    replicas,
    logStartOffset: leaderLog?.logStartOffset ?? 0,
    logEndOffset: end,
    highWatermark,
    // Until transactions come nothing is undecided below the high watermark.
    lastStableOffset: highWatermark,
    isUnderReplicated: registration.isr.length < registration.replicas.length,
    isUnderMinIsr: registration.isr.length < Math.min(minInsyncReplicas, registration.replicas.length),
  };
}
