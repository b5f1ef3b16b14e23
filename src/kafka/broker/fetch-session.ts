/**
 * Reading partitions for fetches, and the incremental session in which a follower names only partitions that changed.
 * Models kafka.server.FetchSession and the reading half of ReplicaManager and Partition. Left out: sessions of consumers (they name all their partitions),
 * session ids and eviction (a session lives as long as its connection), preferred read replicas.
 */
import { endOffsetFor, UNDEFINED_EPOCH, UNDEFINED_OFFSET } from "../log/leader-epoch-cache.ts";
import { readLog, type UnifiedLog } from "../log/unified-log.ts";
import type { ConnectionId } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { CurrentLeader, RequestOf, ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import type { Partition } from "./partition.ts";

export type FetchPartition = RequestOf<"Fetch">["partitions"][number];
export type FetchedPartition = ResponseOf<"Fetch">["partitions"][number];

export interface FetchSession {
  readonly replicaId: number;
  brokerEpoch: number;
  lastFetchMs: number;
  partitions: Record<string, SessionPartition>;
  /** Partitions that may have something to say, each once: everything else is idle and costs nothing. */
  toLookAt: string[];
}

export interface SessionPartition {
  fetchOffset: number;
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
  logStartOffset: number;
  partitionMaxBytes: number;
  sentHighWatermark: number;
  sentLogStartOffset: number;
  /** It stands in `toLookAt`. */
  noticed: boolean;
  /** The follower is out of the ISR: each of its fetches is a chance to come in, so the partition is looked at each time. */
  outOfIsr: boolean;
}

export function createFetchSession(replicaId: number): FetchSession {
  return { replicaId, brokerEpoch: -1, lastFetchMs: -1, partitions: {}, toLookAt: [] };
}

/** The follower names a partition: it is new in the session, or its position moved. */
export function nameInSession(session: FetchSession, named: FetchPartition): void {
  const known = session.partitions[named.topicPartition];
  if (known === undefined) {
    session.partitions[named.topicPartition] = {
      fetchOffset: named.fetchOffset,
      currentLeaderEpoch: named.currentLeaderEpoch,
      lastFetchedEpoch: named.lastFetchedEpoch,
      logStartOffset: named.logStartOffset,
      partitionMaxBytes: named.partitionMaxBytes,
      sentHighWatermark: -1,
      sentLogStartOffset: -1,
      noticed: false,
      outOfIsr: false,
    };
  } else {
    known.fetchOffset = named.fetchOffset;
    known.currentLeaderEpoch = named.currentLeaderEpoch;
    known.lastFetchedEpoch = named.lastFetchedEpoch;
    known.logStartOffset = named.logStartOffset;
  }
  notice(session, named.topicPartition);
}

/** There may be something to say of the partition in this session. */
export function notice(session: FetchSession, topicPartition: string): void {
  const entry = session.partitions[topicPartition];
  if (entry === undefined || entry.noticed) return;
  entry.noticed = true;
  session.toLookAt.push(topicPartition);
}

/** Followers hear of it with their next response; those whose fetch is parked are not woken by this. */
export function noticeInSessions(broker: Broker, partition: Partition): void {
  for (const remote of partition.remotes) {
    const session = sessionOf(broker, remote.session);
    if (session !== null) notice(session, partition.topicPartition);
  }
}

/** The leader's ISR changed: whoever is out of it is looked at in each of its fetches from now on, idle or not. */
export function watchOutOfIsr(broker: Broker, partition: Partition): void {
  for (const remote of partition.remotes) {
    const session = sessionOf(broker, remote.session);
    const entry = session?.partitions[partition.topicPartition];
    if (session === null || entry === undefined) continue;
    entry.outOfIsr = !partition.isr.includes(remote.brokerId);
    if (entry.outOfIsr) notice(session, partition.topicPartition);
  }
}

export function sessionOf(broker: Broker, connection: ConnectionId): FetchSession | null {
  return connection === -1 ? null : (broker.connections[connection]?.session ?? null);
}

export interface ReadLimits {
  maxBytes: number;
  minOneMessage: boolean;
  /** A follower reads to the log's end, a consumer to the high watermark. */
  asFollower: boolean;
}

export function readPartition(
  broker: Broker,
  topicPartition: string,
  at: Pick<FetchPartition, "fetchOffset" | "currentLeaderEpoch" | "lastFetchedEpoch">,
  limits: ReadLimits,
): FetchedPartition {
  const partition = broker.partitions[topicPartition];
  const log = broker.logs[topicPartition];
  const refusal = refusalOf(partition, at.currentLeaderEpoch);
  if (refusal !== "NONE" || partition === undefined || log === undefined) return fetchError(broker, topicPartition, refusal, partition);
  if (at.lastFetchedEpoch !== -1) {
    const end = endOffsetFor(log.epochs, at.lastFetchedEpoch, log.logEndOffset);
    if (end.epoch === UNDEFINED_EPOCH || end.endOffset === UNDEFINED_OFFSET || at.fetchOffset < log.logStartOffset)
      return fetchError(broker, topicPartition, "OFFSET_OUT_OF_RANGE", partition);
    if (end.epoch < at.lastFetchedEpoch || end.endOffset < at.fetchOffset) {
      const diverging = fetched(topicPartition, log);
      diverging.divergingEpoch = { epoch: end.epoch, endOffset: end.endOffset };
      return diverging;
    }
  }
  if (at.fetchOffset < log.logStartOffset || at.fetchOffset > log.logEndOffset)
    return fetchError(broker, topicPartition, "OFFSET_OUT_OF_RANGE", partition);
  const result = fetched(topicPartition, log);
  const limitOffset = limits.asFollower ? log.logEndOffset : log.highWatermark;
  if (at.fetchOffset < limitOffset && (limits.maxBytes > 0 || limits.minOneMessage))
    result.batches = readLog(log, at.fetchOffset, limits.maxBytes, limitOffset, limits.minOneMessage);
  return result;
}

/** Why a broker will not serve a partition to somebody who believes in `currentLeaderEpoch` (-1: no belief). */
export function refusalOf(partition: Partition | undefined, currentLeaderEpoch: number): ErrorName {
  if (partition === undefined) return "UNKNOWN_TOPIC_OR_PARTITION";
  if (currentLeaderEpoch !== -1) {
    if (currentLeaderEpoch < partition.leaderEpoch) return "FENCED_LEADER_EPOCH";
    if (currentLeaderEpoch > partition.leaderEpoch) return "UNKNOWN_LEADER_EPOCH";
  }
  return partition.role === "leader" ? "NONE" : "NOT_LEADER_OR_FOLLOWER";
}

/** KIP-951: who leads now, for errors that say that somebody else does. */
export function currentLeaderFor(broker: Broker, topicPartition: string, error: ErrorName): CurrentLeader | null {
  if (error !== "NOT_LEADER_OR_FOLLOWER" && error !== "FENCED_LEADER_EPOCH") return null;
  const registration = broker.image.partitions[topicPartition];
  return registration === undefined ? null : { leaderId: registration.leader, leaderEpoch: registration.leaderEpoch };
}

function fetched(topicPartition: string, log: UnifiedLog): FetchedPartition {
  return {
    topicPartition,
    error: "NONE",
    highWatermark: log.highWatermark,
    lastStableOffset: log.highWatermark,
    logStartOffset: log.logStartOffset,
    divergingEpoch: null,
    currentLeader: null,
    batches: [],
  };
}

function fetchError(broker: Broker, topicPartition: string, error: ErrorName, partition: Partition | undefined): FetchedPartition {
  // A topic that the metadata knows, but of which this broker has no replica.
  const known = partition === undefined && broker.image.partitions[topicPartition] !== undefined;
  const told: ErrorName = known ? "NOT_LEADER_OR_FOLLOWER" : error;
  return {
    topicPartition,
    error: told,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: null,
    currentLeader: currentLeaderFor(broker, topicPartition, told),
    batches: [],
  };
}

export interface SessionRead {
  partitions: FetchedPartition[];
  bytes: number;
  /** An error, a diverging epoch or enough data: the follower is answered at once. */
  urgent: boolean;
}

/**
 * Looks at all partitions of a session that may have something to say. `onRead` sees each with what was read, before the next is read.
 * What was read is told (and forgotten here) only if the follower is answered: see `putBack`.
 */
export function readSession(
  broker: Broker,
  session: FetchSession,
  minBytes: number,
  maxBytes: number,
  onRead: ((topicPartition: string, entry: SessionPartition, read: FetchedPartition) => void) | null,
): SessionRead {
  const looked = session.toLookAt;
  session.toLookAt = [];
  const result: SessionRead = { partitions: [], bytes: 0, urgent: false };
  let failed = false;
  for (const topicPartition of looked) {
    const entry = session.partitions[topicPartition]!;
    entry.noticed = false;
    const limits: ReadLimits = {
      maxBytes: Math.min(entry.partitionMaxBytes, maxBytes - result.bytes),
      minOneMessage: result.bytes === 0,
      asFollower: true,
    };
    const read = readPartition(broker, topicPartition, entry, limits);
    onRead?.(topicPartition, entry, read);
    if (entry.outOfIsr) notice(session, topicPartition);
    if (read.error === "NONE" && read.batches.length === 0 && limits.maxBytes <= 0) {
      // There was no room for it; its turn comes first in the next response.
      notice(session, topicPartition);
      continue;
    }
    for (const batch of read.batches) result.bytes += batch.sizeBytes;
    if (read.error !== "NONE" || read.divergingEpoch !== null) failed = true;
    else if (
      read.batches.length === 0 &&
      read.highWatermark === entry.sentHighWatermark &&
      read.logStartOffset === entry.sentLogStartOffset
    )
      continue;
    result.partitions.push(read);
  }
  result.urgent = failed || (result.bytes > 0 && result.bytes >= minBytes);
  return result;
}

/** The follower is not answered yet: what there is to say is said later. */
export function putBack(session: FetchSession, read: SessionRead): void {
  for (const { topicPartition } of read.partitions) notice(session, topicPartition);
}

/** The follower is answered: what it has been told need not be told again; partitions with an error leave the session. */
export function markTold(session: FetchSession, read: SessionRead): void {
  for (const told of read.partitions) {
    const entry = session.partitions[told.topicPartition];
    if (entry === undefined) continue;
    if (told.error === "NONE") {
      entry.sentHighWatermark = told.highWatermark;
      entry.sentLogStartOffset = told.logStartOffset;
    } else {
      delete session.partitions[told.topicPartition];
      const place = entry.noticed ? session.toLookAt.indexOf(told.topicPartition) : -1;
      if (place !== -1) session.toLookAt.splice(place, 1);
    }
  }
}

export function fetchResponse(partitions: FetchedPartition[]): ResponseOf<"Fetch"> {
  return { api: "Fetch", throttleTimeMs: 0, error: "NONE", partitions };
}
