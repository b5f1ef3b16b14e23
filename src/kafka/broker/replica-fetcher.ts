/**
 * Keeps a broker's followers up to date: one fetcher for each leader, with one fetch outstanding that covers all partitions followed there.
 * Models kafka.server.AbstractFetcherThread, ReplicaFetcherThread, RemoteLeaderEndPoint and FetchSessionHandler.
 * Left out: num.replica.fetchers above 1, OffsetsForLeaderEpoch (fetches carry the last epoch), throttling, tiered storage.
 */
import { Phase } from "../../kernel/event.ts";
import { endOffsetFor, latestEpoch, UNDEFINED_EPOCH, UNDEFINED_OFFSET } from "../log/leader-epoch-cache.ts";
import { advanceLogStart } from "../log/retention.ts";
import { appendAsFollower, setHighWatermark, truncateFullyAndStartAt, truncateTo, type UnifiedLog } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { RequestOf, ResponseBody, ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import type { FetchedPartition, FetchPartition } from "./fetch-session.ts";
import type { Partition } from "./partition.ts";
import { onLogStartMoved } from "./replica-manager.ts";

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

export const FETCHER_TIMER = "fetcher-timeout";
export const FETCHER_BACKOFF = "fetcher-backoff";
export const PARTITION_BACKOFF = "fetcher-partition-backoff";

const CONNECTION_SETUP_TIMEOUT_MS = 10_000;

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

/** Fetchers that follow nothing any more end. */
export function shutDownIdleFetchers(broker: Broker, context: Context): void {
  for (const leader of Object.keys(broker.fetchers)) {
    const fetcher = broker.fetchers[leader]!;
    if (fetcher.partitionCount > 0) continue;
    dropConnection(broker, fetcher, context);
    delete broker.fetchers[leader];
  }
}

export function maybeFetchAll(broker: Broker, context: Context): void {
  for (const leader of Object.keys(broker.fetchers)) maybeFetch(broker, broker.fetchers[leader]!, context);
}

export function maybeFetch(broker: Broker, fetcher: ReplicaFetcher, context: Context): void {
  if (fetcher.outstanding || fetcher.partitionCount === fetcher.delayedCount) return;
  if (fetcher.state === "disconnected") {
    fetcher.state = "connecting";
    fetcher.sentMs = context.now;
    fetcher.connection = context.transport.connect(broker.nodeId, String(fetcher.leader));
    broker.clientConnections[fetcher.connection] = { use: "fetcher", leader: fetcher.leader };
    armTimer(broker, fetcher, context);
  } else if (fetcher.state === "ready") {
    fetcher.outstanding = true;
    fetcher.sentMs = context.now;
    fetcher.correlationId += 1;
    armTimer(broker, fetcher, context);
    const body = fetcher.outOfRange.length > 0 ? offsetsRequest(broker, fetcher) : fetchRequest(broker, fetcher);
    context.transport.sendRequest(fetcher.connection, broker.nodeId, fetcher.correlationId, body);
  }
}

function fetchRequest(broker: Broker, fetcher: ReplicaFetcher): RequestOf<"Fetch"> {
  const { settings } = broker;
  const named: FetchPartition[] = [];
  for (const topicPartition of fetcher.changed) {
    const state = fetcher.partitions[topicPartition]!;
    state.changed = false;
    state.named = true;
    named.push({
      topicPartition,
      currentLeaderEpoch: state.currentLeaderEpoch,
      fetchOffset: state.fetchOffset,
      lastFetchedEpoch: state.lastFetchedEpoch,
      logStartOffset: broker.logs[topicPartition]!.logStartOffset,
      partitionMaxBytes: settings.replicaFetchMaxBytes,
    });
  }
  fetcher.changed = [];
  return {
    api: "Fetch",
    replicaId: broker.id,
    replicaEpoch: broker.lifecycle.brokerEpoch,
    maxWaitMs: settings.replicaFetchWaitMaxMs,
    minBytes: settings.replicaFetchMinBytes,
    maxBytes: settings.replicaFetchResponseMaxBytes,
    readCommitted: false,
    partitions: named,
  };
}

function markChanged(fetcher: ReplicaFetcher, topicPartition: string): void {
  const state = fetcher.partitions[topicPartition];
  if (state === undefined || state.changed || state.delayed) return;
  state.changed = true;
  fetcher.changed.push(topicPartition);
}

// ── The connection ──

/** A new connection is a new session: everything is named again. */
export function onFetcherConnected(broker: Broker, leader: number, context: Context): void {
  const fetcher = broker.fetchers[leader];
  if (fetcher === undefined) return;
  fetcher.state = "ready";
  for (const topicPartition of Object.keys(fetcher.partitions)) {
    fetcher.partitions[topicPartition]!.named = false;
    markChanged(fetcher, topicPartition);
  }
  maybeFetch(broker, fetcher, context);
}

export function onFetcherDisconnected(broker: Broker, leader: number, context: Context): void {
  const fetcher = broker.fetchers[leader];
  if (fetcher !== undefined) backOff(broker, fetcher, context);
}

/** No answer within replica.socket.timeout.ms. One timer serves all requests of a fetcher: it is armed anew when it finds a younger one. */
export function onFetcherTimer(broker: Broker, payload: { leader: number; at: number }, context: Context): void {
  const fetcher = broker.fetchers[payload.leader];
  if (fetcher === undefined || fetcher.timerAtMs !== payload.at) return;
  fetcher.timerAtMs = -1;
  if (!fetcher.outstanding && fetcher.state !== "connecting") return;
  if (context.now - fetcher.sentMs >= timeoutMs(broker, fetcher)) backOff(broker, fetcher, context);
  else armTimer(broker, fetcher, context);
}

function armTimer(broker: Broker, fetcher: ReplicaFetcher, context: Context): void {
  if (fetcher.timerAtMs !== -1) return;
  fetcher.timerAtMs = fetcher.sentMs + timeoutMs(broker, fetcher);
  // The loop of a client: a response that has arrived is read first.
  context.schedule(fetcher.timerAtMs, Phase.Loop, broker.nodeId, FETCHER_TIMER, { leader: fetcher.leader, at: fetcher.timerAtMs });
}

/** socket.connection.setup.timeout.ms while connecting, replica.socket.timeout.ms afterwards. */
function timeoutMs(broker: Broker, fetcher: ReplicaFetcher): number {
  return fetcher.state === "connecting" ? CONNECTION_SETUP_TIMEOUT_MS : broker.settings.replicaSocketTimeoutMs;
}

function backOff(broker: Broker, fetcher: ReplicaFetcher, context: Context): void {
  dropConnection(broker, fetcher, context);
  fetcher.state = "backing-off";
  const at = context.now + broker.settings.replicaFetchBackoffMs;
  context.schedule(at, Phase.Timer, broker.nodeId, FETCHER_BACKOFF, { leader: fetcher.leader, generation: fetcher.generation });
}

function dropConnection(broker: Broker, fetcher: ReplicaFetcher, context: Context): void {
  fetcher.generation += 1;
  fetcher.outstanding = false;
  fetcher.state = "disconnected";
  fetcher.timerAtMs = -1;
  if (fetcher.connection === -1) return;
  delete broker.clientConnections[fetcher.connection];
  context.transport.close(fetcher.connection, broker.nodeId);
  fetcher.connection = -1;
}

export function onFetcherBackoffOver(broker: Broker, payload: { leader: number; generation: number }, context: Context): void {
  const fetcher = broker.fetchers[payload.leader];
  if (fetcher === undefined || fetcher.generation !== payload.generation || fetcher.state !== "backing-off") return;
  fetcher.state = "disconnected";
  maybeFetch(broker, fetcher, context);
}

// ── Responses ──

export function onFetcherResponse(broker: Broker, leader: number, correlationId: number, body: ResponseBody, context: Context): void {
  const fetcher = broker.fetchers[leader];
  if (fetcher === undefined || !fetcher.outstanding || correlationId !== fetcher.correlationId) return;
  fetcher.outstanding = false;
  const responseCause = context.cause;
  if (body.api === "Fetch") {
    for (const fetched of body.partitions) {
      context.cause = responseCause;
      onPartitionFetched(broker, fetcher, fetched, context);
    }
  } else if (body.api === "ListOffsets") onOffsetsListed(broker, fetcher, body, context);
  maybeFetch(broker, fetcher, context);
}

function onPartitionFetched(broker: Broker, fetcher: ReplicaFetcher, fetched: FetchedPartition, context: Context): void {
  const { topicPartition } = fetched;
  const state = fetcher.partitions[topicPartition];
  const partition = broker.partitions[topicPartition];
  const log = broker.logs[topicPartition];
  // What was asked before the leader or the epoch changed counts no more.
  if (state === undefined || !state.named || state.delayed || partition === undefined || log === undefined) return;
  switch (fetched.error) {
    case "NONE":
      if (fetched.divergingEpoch !== null) truncateToDivergence(broker, fetcher, state, log, fetched.divergingEpoch, context);
      else appendFetched(broker, fetcher, state, partition, log, fetched, context);
      return;
    case "OFFSET_OUT_OF_RANGE":
      state.named = false;
      fetcher.outOfRange.push(topicPartition);
      return;
    case "FENCED_LEADER_EPOCH":
      // The metadata that this broker has not got yet will start it again.
      removeFromFetcher(broker, fetcher.leader, topicPartition);
      return;
    default:
      delay(broker, fetcher, state, topicPartition, context);
  }
}

function appendFetched(
  broker: Broker,
  fetcher: ReplicaFetcher,
  state: PartitionFetchState,
  partition: Partition,
  log: UnifiedLog,
  fetched: FetchedPartition,
  context: Context,
): void {
  const { topicPartition } = partition;
  const before = log.logEndOffset;
  for (const batch of fetched.batches) {
    // KAFKA-18723: records of a later epoch wait until this follower knows of that epoch.
    if (batch.partitionLeaderEpoch > state.currentLeaderEpoch) break;
    if (batch.baseOffset < log.logEndOffset) continue;
    appendAsFollower(log, batch, partition.settings);
    if (batch.internal === null)
      context.records.appended(broker.id, topicPartition, batch.producer, batch.baseOffset, batch.ids, false, context.now);
  }
  const offset = Math.max(log.logStartOffset, Math.min(fetched.highWatermark, log.logEndOffset));
  if (offset !== log.highWatermark) setHighWatermark(log, offset, context.now, broker.settings.replicaHighWatermarkCheckpointIntervalMs);
  if (advanceLogStart(log, fetched.logStartOffset)) onLogStartMoved(broker, partition, log.logStartOffset, "leader", "", context);
  if (log.logEndOffset === before) return;
  if (context.tracing) {
    const fields = { topicPartition, baseOffset: before, logEndOffset: log.logEndOffset, leader: fetcher.leader };
    context.cause = context.trace("replica-appended", broker.nodeId, fields);
  }
  moveTo(fetcher, state, log, topicPartition);
}

/** The leader says where its log and this one part (at the latest): everything from there on goes. */
function truncateToDivergence(
  broker: Broker,
  fetcher: ReplicaFetcher,
  state: PartitionFetchState,
  log: UnifiedLog,
  leaderEnd: { epoch: number; endOffset: number },
  context: Context,
): void {
  const own = endOffsetFor(log.epochs, leaderEnd.epoch, log.logEndOffset);
  let offset = leaderEnd.endOffset;
  if (leaderEnd.endOffset === UNDEFINED_OFFSET) offset = log.highWatermark;
  else if (own.epoch !== UNDEFINED_EPOCH)
    offset = own.epoch === leaderEnd.epoch ? Math.min(own.endOffset, leaderEnd.endOffset) : own.endOffset;
  truncate(broker, fetcher, log, Math.min(offset, log.logEndOffset), context);
  moveTo(fetcher, state, log, log.topicPartition);
}

function truncate(broker: Broker, fetcher: ReplicaFetcher, log: UnifiedLog, offset: number, context: Context): void {
  const previousLogEndOffset = log.logEndOffset;
  const logEndOffset = truncateTo(log, offset);
  if (logEndOffset === previousLogEndOffset) return;
  noteTruncation(broker, fetcher, log, previousLogEndOffset, context);
}

function noteTruncation(broker: Broker, fetcher: ReplicaFetcher, log: UnifiedLog, previousLogEndOffset: number, context: Context): void {
  const { topicPartition, logEndOffset } = log;
  context.records.truncated(broker.id, topicPartition, logEndOffset);
  if (!context.tracing) return;
  const leaderEpoch = broker.partitions[topicPartition]?.leaderEpoch ?? -1;
  context.cause = context.trace("truncated", broker.nodeId, {
    topicPartition,
    offset: logEndOffset,
    previousLogEndOffset,
    leader: fetcher.leader,
    leaderEpoch,
  });
}

function moveTo(fetcher: ReplicaFetcher, state: PartitionFetchState, log: UnifiedLog, topicPartition: string): void {
  state.fetchOffset = log.logEndOffset;
  state.lastFetchedEpoch = latestEpoch(log.epochs);
  markChanged(fetcher, topicPartition);
}

function delay(broker: Broker, fetcher: ReplicaFetcher, state: PartitionFetchState, topicPartition: string, context: Context): void {
  if (state.changed) {
    state.changed = false;
    fetcher.changed.splice(fetcher.changed.indexOf(topicPartition), 1);
  }
  state.delayed = true;
  state.named = false;
  fetcher.delayedCount += 1;
  const at = context.now + broker.settings.replicaFetchBackoffMs;
  const { currentLeaderEpoch } = state;
  context.schedule(at, Phase.Timer, broker.nodeId, PARTITION_BACKOFF, {
    leader: fetcher.leader,
    topicPartition,
    leaderEpoch: currentLeaderEpoch,
  });
}

export function onPartitionBackoffOver(
  broker: Broker,
  payload: { leader: number; topicPartition: string; leaderEpoch: number },
  context: Context,
): void {
  const fetcher = broker.fetchers[payload.leader];
  const state = fetcher?.partitions[payload.topicPartition];
  if (fetcher === undefined || state === undefined || !state.delayed || state.currentLeaderEpoch !== payload.leaderEpoch) return;
  state.delayed = false;
  fetcher.delayedCount -= 1;
  markChanged(fetcher, payload.topicPartition);
  maybeFetch(broker, fetcher, context);
}

// ── A log that lies outside its leader's ──

function offsetsRequest(broker: Broker, fetcher: ReplicaFetcher): RequestOf<"ListOffsets"> {
  const partitions = [];
  for (const topicPartition of fetcher.outOfRange) {
    const currentLeaderEpoch = fetcher.partitions[topicPartition]?.currentLeaderEpoch ?? -1;
    partitions.push({ topicPartition, currentLeaderEpoch, timestamp: -1 }, { topicPartition, currentLeaderEpoch, timestamp: -2 });
  }
  fetcher.outOfRange = [];
  return { api: "ListOffsets", replicaId: broker.id, readCommitted: false, partitions };
}

function onOffsetsListed(broker: Broker, fetcher: ReplicaFetcher, body: ResponseOf<"ListOffsets">, context: Context): void {
  for (let i = 0; i + 1 < body.partitions.length; i += 2) {
    const latest = body.partitions[i]!;
    const earliest = body.partitions[i + 1]!;
    const { topicPartition } = latest;
    const state = fetcher.partitions[topicPartition];
    const log = broker.logs[topicPartition];
    if (state === undefined || log === undefined || state.delayed) continue;
    if (latest.error !== "NONE" || earliest.error !== "NONE") {
      delay(broker, fetcher, state, topicPartition, context);
      continue;
    }
    const previousLogEndOffset = log.logEndOffset;
    if (latest.offset < log.logEndOffset) truncate(broker, fetcher, log, latest.offset, context);
    else if (earliest.offset > log.logEndOffset) {
      truncateFullyAndStartAt(log, earliest.offset);
      if (previousLogEndOffset > 0) context.records.truncated(broker.id, topicPartition, 0);
      context.records.deletedBefore(broker.id, topicPartition, earliest.offset);
    }
    moveTo(fetcher, state, log, topicPartition);
  }
}
