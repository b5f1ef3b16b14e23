/**
 * One replica of a partition on one broker: who leads, who is in sync, and (on the leader) how far the followers are.
 * Models kafka.cluster.Partition and Replica. Left out: reassignments, several log directories, reads from followers.
 * The log itself is the broker's (`broker.logs`): it outlives the process, this does not.
 */
import { assignEpoch, latestEpoch } from "../log/leader-epoch-cache.ts";
import { setHighWatermark, type UnifiedLog } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { MetadataImage, PartitionRegistration } from "../protocol/metadata-records.ts";
import { partitionOf, topicOf } from "../protocol/topic-partition.ts";
import type { TopicSettings } from "../protocol/topic-settings.ts";
import type { Broker } from "./broker.ts";

export interface Partition {
  readonly topicPartition: string;
  readonly topic: string;
  readonly index: number;
  role: "leader" | "follower" | "offline";
  /** -1: nobody leads. */
  leader: number;
  leaderEpoch: number;
  partitionEpoch: number;
  replicas: number[];
  /** What the controller has committed: the base of acks=all and min.insync.replicas. */
  isr: number[];
  /** With what has been asked for and not yet answered: the base of the high watermark. */
  maximalIsr: number[];
  pendingIsr: PendingIsr | null;
  leaderEpochStartOffset: number;
  /** On the leader: its followers, in order of assignment. */
  remotes: RemoteReplica[];
  settings: TopicSettings;
  /** Numbers of delayed operations that wait for this partition, oldest first. */
  waitingProduces: number[];
  waitingFetches: number[];
}

export interface PendingIsr {
  kind: "expand" | "shrink";
  isr: number[];
}

/** A follower as its leader sees it. */
export interface RemoteReplica {
  readonly brokerId: number;
  /** -1: has not fetched in this epoch of the leader. */
  logEndOffset: number;
  logStartOffset: number;
  lastCaughtUpTimeMs: number;
  lastFetchLeaderLogEndOffset: number;
  lastFetchTimeMs: number;
  /** As its last fetch said; -1: unknown. */
  brokerEpoch: number;
  /** The connection whose fetch session names this partition; -1: none. */
  session: ConnectionId;
}

/** Long before the beginning of virtual time, as 0 is long before any wall clock. */
export const NEVER_MS = Number.MIN_SAFE_INTEGER;

export function createPartition(topicPartition: string, settings: TopicSettings): Partition {
  return {
    topicPartition,
    topic: topicOf(topicPartition),
    index: partitionOf(topicPartition),
    role: "offline",
    leader: -1,
    leaderEpoch: -1,
    partitionEpoch: -1,
    replicas: [],
    isr: [],
    maximalIsr: [],
    pendingIsr: null,
    leaderEpochStartOffset: 0,
    remotes: [],
    settings,
    waitingProduces: [],
    waitingFetches: [],
  };
}

function createRemote(brokerId: number): RemoteReplica {
  return {
    brokerId,
    logEndOffset: -1,
    logStartOffset: -1,
    lastCaughtUpTimeMs: NEVER_MS,
    lastFetchLeaderLogEndOffset: -1,
    lastFetchTimeMs: NEVER_MS,
    brokerEpoch: -1,
    session: -1,
  };
}

/** Takes over what metadata says. Returns false when it is older than what is known already. */
export function makeLeader(
  partition: Partition,
  registration: PartitionRegistration,
  brokerId: number,
  log: UnifiedLog,
  context: Context,
): boolean {
  if (registration.partitionEpoch < partition.partitionEpoch) return false;
  const wasLeader = partition.role === "leader";
  const isNewEpoch = registration.leaderEpoch > partition.leaderEpoch;
  takeOver(partition, registration);
  partition.role = "leader";
  setRemotes(partition, brokerId);
  if (!isNewEpoch) return true;
  partition.leaderEpochStartOffset = log.logEndOffset;
  if (registration.leaderEpoch > latestEpoch(log.epochs)) assignEpoch(log.epochs, registration.leaderEpoch, log.logEndOffset);
  for (const remote of partition.remotes) resetRemote(remote, wasLeader, partition, context.now);
  if (context.tracing) {
    context.cause = context.trace("became-leader", String(brokerId), {
      topicPartition: partition.topicPartition,
      leaderEpoch: partition.leaderEpoch,
      epochStartOffset: partition.leaderEpochStartOffset,
    });
  }
  return true;
}

/** Follows `registration.leader`, or nobody. Returns whether the leader epoch is new, so that fetching begins anew. */
export function makeFollower(partition: Partition, registration: PartitionRegistration, brokerId: number, context: Context): boolean {
  if (registration.partitionEpoch < partition.partitionEpoch) return false;
  const isNewEpoch = registration.leaderEpoch > partition.leaderEpoch;
  takeOver(partition, registration);
  partition.role = registration.leader === -1 ? "offline" : "follower";
  partition.remotes = [];
  if (isNewEpoch && context.tracing) {
    const { topicPartition, leaderEpoch, leader } = partition;
    context.cause =
      leader === -1
        ? context.trace("became-offline", String(brokerId), { topicPartition, leaderEpoch })
        : context.trace("became-follower", String(brokerId), { topicPartition, leaderEpoch, leader });
  }
  return isNewEpoch;
}

function takeOver(partition: Partition, registration: PartitionRegistration): void {
  partition.leader = registration.leader;
  partition.leaderEpoch = registration.leaderEpoch;
  partition.partitionEpoch = registration.partitionEpoch;
  partition.replicas = registration.replicas.slice();
  partition.isr = registration.isr.slice();
  partition.maximalIsr = registration.isr.slice();
  partition.pendingIsr = null;
}

function setRemotes(partition: Partition, brokerId: number): void {
  const known = partition.remotes;
  const others = partition.replicas.filter((replica) => replica !== brokerId);
  if (others.length === known.length && others.every((id, i) => known[i]!.brokerId === id)) return;
  partition.remotes = others.map((id) => known.find((remote) => remote.brokerId === id) ?? createRemote(id));
}

/** A new leader knows nothing of its followers; one that leads on after a new epoch keeps their offsets. Those in the ISR count as caught up now. */
function resetRemote(remote: RemoteReplica, wasLeader: boolean, partition: Partition, nowMs: number): void {
  const inSync = partition.isr.includes(remote.brokerId);
  remote.lastCaughtUpTimeMs = inSync ? nowMs : NEVER_MS;
  if (wasLeader) {
    remote.lastFetchLeaderLogEndOffset = partition.leaderEpochStartOffset;
    remote.lastFetchTimeMs = inSync ? nowMs : NEVER_MS;
    return;
  }
  remote.logEndOffset = -1;
  remote.logStartOffset = -1;
  remote.lastFetchLeaderLogEndOffset = -1;
  remote.lastFetchTimeMs = NEVER_MS;
  remote.brokerEpoch = -1;
  remote.session = -1;
}

export function remoteOf(partition: Partition, brokerId: number): RemoteReplica | null {
  for (const remote of partition.remotes) if (remote.brokerId === brokerId) return remote;
  return null;
}

/** A minimum above the replication factor counts as the replication factor. */
export function effectiveMinIsr(partition: Partition): number {
  return Math.min(partition.settings.minInsyncReplicas, partition.replicas.length);
}

/** A fetch at `fetchOffset` says that the follower has everything below it. Returns whether its log end moved. */
export function updateRemote(
  remote: RemoteReplica,
  fetchOffset: number,
  logStartOffset: number,
  leaderLogEndOffset: number,
  brokerEpoch: number,
  nowMs: number,
): boolean {
  const moved = remote.logEndOffset !== fetchOffset;
  if (fetchOffset >= leaderLogEndOffset) remote.lastCaughtUpTimeMs = Math.max(remote.lastCaughtUpTimeMs, nowMs);
  else if (fetchOffset >= remote.lastFetchLeaderLogEndOffset)
    remote.lastCaughtUpTimeMs = Math.max(remote.lastCaughtUpTimeMs, remote.lastFetchTimeMs);
  remote.logEndOffset = fetchOffset;
  remote.logStartOffset = logStartOffset;
  remote.lastFetchLeaderLogEndOffset = Math.max(leaderLogEndOffset, remote.lastFetchLeaderLogEndOffset);
  remote.lastFetchTimeMs = nowMs;
  remote.brokerEpoch = brokerEpoch;
  return moved;
}

export function isCaughtUp(remote: RemoteReplica, leaderLogEndOffset: number, nowMs: number, maxLagMs: number): boolean {
  return remote.logEndOffset === leaderLogEndOffset || nowMs - remote.lastCaughtUpTimeMs <= maxLagMs;
}

/** Whether the controller would let the replica into the ISR, as far as this broker's metadata tells. */
export function isIsrEligible(image: MetadataImage, remote: RemoteReplica): boolean {
  const broker = image.brokers[remote.brokerId];
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown && remote.brokerEpoch === broker.brokerEpoch;
}

/**
 * The high watermark is the smallest log end of all who are in sync or about to be. It stands still below min.insync.replicas, and never falls.
 * Returns whether it moved.
 */
export function maybeIncrementHighWatermark(broker: Broker, partition: Partition, log: UnifiedLog, context: Context): boolean {
  if (partition.isr.length < effectiveMinIsr(partition)) return false;
  const maxLagMs = broker.settings.replicaLagTimeMaxMs;
  let offset = log.logEndOffset;
  for (const remote of partition.remotes) {
    if (remote.logEndOffset >= offset) continue;
    const counts =
      partition.maximalIsr.includes(remote.brokerId) ||
      (isCaughtUp(remote, log.logEndOffset, context.now, maxLagMs) && isIsrEligible(broker.image, remote));
    if (counts) offset = remote.logEndOffset;
  }
  if (offset <= log.highWatermark) return false;
  setHighWatermark(log, offset, context.now, broker.settings.replicaHighWatermarkCheckpointIntervalMs);
  return true;
}
