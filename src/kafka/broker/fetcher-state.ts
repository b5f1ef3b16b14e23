/**
 * What a broker follows at each leader. Models the partition states of kafka.server.AbstractFetcherThread and FetchSessionHandler.
 */
import { latestEpoch, UNDEFINED_EPOCH } from "../log/leader-epoch-cache.ts";
import type { UnifiedLog } from "../log/unified-log.ts";
import type { ConnectionId } from "../protocol/context.ts";
import type { Broker } from "./broker.ts";
import type { Partition } from "./partition.ts";

export interface ReplicaFetcher {
  readonly leader: number;
  state: "disconnected" | "connecting" | "ready" | "backing-off";
  connection: ConnectionId;
  correlationId: number;
  outstanding: boolean;
  /** When the outstanding request was sent, or connecting began. */
  sentMs: number;
  /** Connections that are given up and backoffs that are over carry an older number. */
  generation: number;
  partitions: Record<string, PartitionFetchState>;
  partitionCount: number;
  delayedCount: number;
  /** Partitions that the next request has to name, each once. */
  changed: string[];
  /** Partitions whose offset is out of the leader's range: it is asked for its range before the next fetch. */
  outOfRange: string[];
  timerAtMs: number;
}

export interface PartitionFetchState {
  currentLeaderEpoch: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  /** It waits for its backoff. */
  delayed: boolean;
  /** It stands in `changed`. */
  changed: boolean;
  /** The leader's session knows it in this state. */
  named: boolean;
}

function createFetcher(leader: number): ReplicaFetcher {
  return {
    leader,
    state: "disconnected",
    connection: -1,
    correlationId: 0,
    outstanding: false,
    sentMs: -1,
    generation: 0,
    partitions: {},
    partitionCount: 0,
    delayedCount: 0,
    changed: [],
    outOfRange: [],
    timerAtMs: -1,
  };
}

/** Begins to follow; call `maybeFetch` when all partitions of this change are known. */
export function addToFetcher(broker: Broker, partition: Partition, log: UnifiedLog): void {
  broker.fetchers[partition.leader] ??= createFetcher(partition.leader);
  const fetcher = broker.fetchers[partition.leader]!;
  const lastFetchedEpoch = latestEpoch(log.epochs);
  // With known epochs the leader finds where the logs part; without, all above the high watermark is in doubt.
  const fetchOffset = lastFetchedEpoch === UNDEFINED_EPOCH ? log.highWatermark : log.logEndOffset;
  fetcher.partitions[partition.topicPartition] = {
    currentLeaderEpoch: partition.leaderEpoch,
    fetchOffset,
    lastFetchedEpoch,
    delayed: false,
    changed: false,
    named: false,
  };
  fetcher.partitionCount += 1;
  markChanged(fetcher, partition.topicPartition);
}

export function removeFromFetcher(broker: Broker, leader: number, topicPartition: string): void {
  const fetcher = broker.fetchers[leader];
  const state = fetcher?.partitions[topicPartition];
  if (fetcher === undefined || state === undefined) return;
  if (state.delayed) fetcher.delayedCount -= 1;
  if (state.changed) fetcher.changed.splice(fetcher.changed.indexOf(topicPartition), 1);
  delete fetcher.partitions[topicPartition];
  fetcher.partitionCount -= 1;
}

/** The next request has to name the partition. */
export function markChanged(fetcher: ReplicaFetcher, topicPartition: string): void {
  const state = fetcher.partitions[topicPartition];
  if (state === undefined || state.changed || state.delayed) return;
  state.changed = true;
  fetcher.changed.push(topicPartition);
}
