/**
 * Keeps a broker's followers up to date: one fetcher for each leader, with one fetch outstanding that covers all partitions followed there.
 * Models kafka.server.AbstractFetcherThread, ReplicaFetcherManager and RemoteLeaderEndPoint.
 * Left out: num.replica.fetchers above 1, OffsetsForLeaderEpoch (fetches carry the last epoch), throttling, tiered storage.
 */
import { Phase } from "../../kernel/event.ts";
import type { Context } from "../protocol/context.ts";
import type { RequestOf, ResponseBody } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import type { FetchPartition } from "./fetch-session.ts";
import { onOffsetsListed, onPartitionFetched } from "./fetched-partitions.ts";
import { markChanged, type ReplicaFetcher } from "./fetcher-state.ts";

export const FETCHER_TIMER = "fetcher-timeout";
export const FETCHER_BACKOFF = "fetcher-backoff";

const CONNECTION_SETUP_TIMEOUT_MS = 10_000;

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

/** Both ends of the leader's log, for partitions that lie outside it. */
function offsetsRequest(broker: Broker, fetcher: ReplicaFetcher): RequestOf<"ListOffsets"> {
  const partitions = [];
  for (const topicPartition of fetcher.outOfRange) {
    const currentLeaderEpoch = fetcher.partitions[topicPartition]?.currentLeaderEpoch ?? -1;
    partitions.push({ topicPartition, currentLeaderEpoch, timestamp: -1 }, { topicPartition, currentLeaderEpoch, timestamp: -2 });
  }
  fetcher.outOfRange = [];
  return { api: "ListOffsets", replicaId: broker.id, readCommitted: false, partitions };
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
