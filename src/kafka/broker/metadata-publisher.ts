/**
 * Makes a broker act on new metadata: leaderships taken over or given up, fetchers moved, configs in force.
 * Models kafka.server.metadata.BrokerMetadataPublisher, DynamicConfigPublisher and ReplicaManager.applyDelta. Left out: deleted topics.
 */
import { createLog } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import { applyMetadataRecord, type MetadataRecord, type PartitionRegistration } from "../protocol/metadata-records.ts";
import { topicOf } from "../protocol/topic-partition.ts";
import { type TopicSettings, topicSettings } from "../protocol/topic-settings.ts";
import { dropUnsent } from "./alter-partition-manager.ts";
import { type Broker, reconfigure } from "./broker.ts";
import { isCoordinatorPartition, loadCoordinator, unloadCoordinator } from "./coordinator-runtime.ts";
import { completeForLeadershipChange, onHighWatermarkMoved } from "./delayed-operations.ts";
import { watchOutOfIsr } from "./fetch-session.ts";
import { addToFetcher, removeFromFetcher } from "./fetcher-state.ts";
import { createPartition, makeFollower, makeLeader, maybeIncrementHighWatermark, type Partition } from "./partition.ts";
import { maybeFetchAll, shutDownIdleFetchers } from "./replica-fetcher.ts";

export function applyMetadata(broker: Broker, records: readonly MetadataRecord[], context: Context): void {
  const changed = new Set<string>();
  const changedConfigs: string[] = [];
  for (const record of records) {
    applyMetadataRecord(broker.image, record);
    if (record.type === "PartitionRecord" || record.type === "PartitionChangeRecord") {
      changed.add(record.topicPartition);
    } else if (record.type === "ConfigRecord") changedConfigs.push(`${record.scope}:${record.resource}`);
  }
  // Configs first: what is led from now on is led under them.
  applyConfigs(broker, changedConfigs, context);
  const cause = context.cause;
  for (const topicPartition of changed) {
    context.cause = cause;
    applyPartition(broker, topicPartition, context);
  }
  context.cause = cause;
  if (changed.size === 0) return;
  shutDownIdleFetchers(broker, context);
  maybeFetchAll(broker, context);
}

// ── Configs ──

function applyConfigs(broker: Broker, resources: readonly string[], context: Context): void {
  if (resources.length === 0) return;
  const own = `broker:${broker.id}`;
  const ofBroker = resources.includes("broker:") || resources.includes(own);
  if (ofBroker) reconfigure(broker);
  for (const topicPartition of Object.keys(broker.partitions)) {
    const partition = broker.partitions[topicPartition]!;
    if (!ofBroker && !resources.includes(`topic:${partition.topic}`)) continue;
    partition.settings = settingsOf(broker, partition.topic);
    // A lower min.insync.replicas may let the high watermark go on.
    if (partition.role !== "leader") continue;
    if (maybeIncrementHighWatermark(broker, partition, broker.logs[topicPartition]!, context))
      onHighWatermarkMoved(broker, partition, context);
  }
}

function settingsOf(broker: Broker, topic: string): TopicSettings {
  const { configs } = broker.image;
  return topicSettings(configs[`topic:${topic}`] ?? {}, { ...broker.configs, ...configs["broker:"], ...configs[`broker:${broker.id}`] });
}

// ── Partitions ──

function applyPartition(broker: Broker, topicPartition: string, context: Context): void {
  const registration = broker.image.partitions[topicPartition];
  if (registration === undefined || !registration.replicas.includes(broker.id)) return;
  const known = broker.partitions[topicPartition];
  if (known !== undefined && registration.partitionEpoch <= known.partitionEpoch) return;
  const partition = known ?? host(broker, topicPartition);
  const formerEpoch = partition.leaderEpoch;
  if (partition.pendingIsr !== null) dropUnsent(broker, topicPartition);
  if (registration.leader === broker.id) becomeLeader(broker, partition, registration, formerEpoch, context);
  else becomeFollower(broker, partition, registration, formerEpoch, context);
}

function host(broker: Broker, topicPartition: string): Partition {
  broker.logs[topicPartition] ??= createLog(topicPartition);
  const partition = createPartition(topicPartition, settingsOf(broker, topicOf(topicPartition)));
  broker.partitions[topicPartition] = partition;
  return broker.partitions[topicPartition]!;
}

function becomeLeader(
  broker: Broker,
  partition: Partition,
  registration: PartitionRegistration,
  formerEpoch: number,
  context: Context,
): void {
  const log = broker.logs[partition.topicPartition]!;
  const formerSessions = sessionsOf(partition);
  if (partition.role === "follower") removeFromFetcher(broker, partition.leader, partition.topicPartition);
  makeLeader(partition, registration, broker.id, log, context);
  watchOutOfIsr(broker, partition);
  // Followers that fetch in the old epoch are told of the new one.
  if (partition.leaderEpoch > formerEpoch) completeForLeadershipChange(broker, partition, formerSessions, context);
  if (maybeIncrementHighWatermark(broker, partition, log, context)) onHighWatermarkMoved(broker, partition, context);
  else if (partition.leaderEpoch > formerEpoch) context.records.highWatermark(broker.id, partition.topicPartition, log.highWatermark);
  if (isCoordinatorPartition(partition)) loadCoordinator(broker, partition, context);
}

function becomeFollower(
  broker: Broker,
  partition: Partition,
  registration: PartitionRegistration,
  formerEpoch: number,
  context: Context,
): void {
  const wasLeader = partition.role === "leader";
  const formerLeader = partition.leader;
  const formerSessions = sessionsOf(partition);
  makeFollower(partition, registration, broker.id, context);
  if (isCoordinatorPartition(partition)) unloadCoordinator(broker, partition.topicPartition, context);
  const isNewEpoch = partition.leaderEpoch > formerEpoch;
  if (isNewEpoch && !wasLeader && formerLeader !== -1) removeFromFetcher(broker, formerLeader, partition.topicPartition);
  if (wasLeader) completeForLeadershipChange(broker, partition, formerSessions, context);
  else if (isNewEpoch) completeForLeadershipChange(broker, partition, [], context);
  if (isNewEpoch && partition.leader !== -1) addToFetcher(broker, partition, broker.logs[partition.topicPartition]!);
}

function sessionsOf(partition: Partition): ConnectionId[] {
  const sessions: ConnectionId[] = [];
  for (const remote of partition.remotes) if (remote.session !== -1) sessions.push(remote.session);
  return sessions;
}
