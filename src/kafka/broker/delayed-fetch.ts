/**
 * Fetches that found too little wait for more: a follower for the leader's log to grow, a consumer for the high watermark to move.
 * Models kafka.server.DelayedFetch.
 */
import { bytesBetween } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { Broker } from "./broker.ts";
import {
  type FetchedPartition,
  type FetchPartition,
  fetchResponse,
  markTold,
  putBack,
  readPartition,
  readSession,
  refusalOf,
} from "./fetch-session.ts";
import type { Partition } from "./partition.ts";
import { type DelayedFetch, wait } from "./purgatory.ts";
import { chargeBytes, sendResponse } from "./request-channel.ts";

/** A fetch found too little (a follower's: nothing urgent) to say. A follower's names no partitions: its session does. */
export function parkFetch(
  broker: Broker,
  fetch: Pick<DelayedFetch, "connection" | "replicaId" | "minBytes" | "maxBytes" | "partitions">,
  maxWaitMs: number,
  context: Context,
): void {
  const { connection, replicaId, minBytes, maxBytes, partitions } = fetch;
  const deadlineMs = context.now + maxWaitMs;
  const operation = broker.purgatory.nextId++;
  broker.purgatory.fetches[operation] = { connection, deadlineMs, replicaId, minBytes, maxBytes, partitions };
  for (const { topicPartition } of partitions) broker.partitions[topicPartition]?.waitingFetches.push(operation);
  wait(broker, connection, operation, deadlineMs, context);
}

/** The leader's log grew, or its leadership ended: parked fetches of followers are answered. */
export function completeFollowerFetches(broker: Broker, partition: Partition, context: Context): void {
  for (const remote of partition.remotes) if (remote.session !== -1) completeSessionFetch(broker, remote.session, false, context);
}

/** Answers the parked fetch of a session if there is something urgent to say (or anyway, when its time is over). */
export function completeSessionFetch(broker: Broker, connectionId: ConnectionId, timeIsOver: boolean, context: Context): void {
  const connection = broker.connections[connectionId];
  if (connection === undefined || connection.session === null || connection.waitingOperation === -1) return;
  const operation = broker.purgatory.fetches[connection.waitingOperation];
  if (operation === undefined) return;
  const read = readSession(broker, connection.session, operation.minBytes, operation.maxBytes, null);
  if (!read.urgent && !timeIsOver) {
    putBack(connection.session, read);
    return;
  }
  delete broker.purgatory.fetches[connection.waitingOperation];
  markTold(connection.session, read);
  chargeBytes(broker, read.bytes, context.now);
  sendResponse(broker, connectionId, fetchResponse(read.partitions), context);
}

/** The high watermark moved (or leadership ended): consumers whose fetches are parked on the partition may have enough now. */
export function completeConsumerFetches(broker: Broker, partition: Partition, context: Context): void {
  if (partition.waitingFetches.length === 0) return;
  for (const id of partition.waitingFetches.slice()) {
    const operation = broker.purgatory.fetches[id];
    if (operation !== undefined && hasEnough(broker, operation)) completeConsumerFetch(broker, id, operation, context);
  }
}

function hasEnough(broker: Broker, operation: DelayedFetch): boolean {
  let bytes = 0;
  for (const { topicPartition, fetchOffset, currentLeaderEpoch } of operation.partitions) {
    const partition = broker.partitions[topicPartition];
    const log = broker.logs[topicPartition];
    if (
      log === undefined ||
      refusalOf(partition, currentLeaderEpoch) !== "NONE" ||
      fetchOffset > log.logEndOffset ||
      fetchOffset < log.logStartOffset
    )
      return true;
    bytes += bytesBetween(log, fetchOffset, log.highWatermark, operation.minBytes - bytes);
    if (bytes >= operation.minBytes) return true;
  }
  return false;
}

export function completeConsumerFetch(broker: Broker, id: number, operation: DelayedFetch, context: Context): void {
  delete broker.purgatory.fetches[id];
  for (const { topicPartition } of operation.partitions) {
    const waiting = broker.partitions[topicPartition]?.waitingFetches;
    const place = waiting === undefined ? -1 : waiting.indexOf(id);
    if (place !== -1) waiting!.splice(place, 1);
  }
  const read = readForConsumer(broker, operation.partitions, operation.maxBytes);
  chargeBytes(broker, read.bytes, context.now);
  sendResponse(broker, operation.connection, fetchResponse(read.partitions), context);
}

export interface ConsumerRead {
  partitions: FetchedPartition[];
  bytes: number;
  failed: boolean;
}

/** In the order in which the consumer names its partitions; the first batch is returned however large it is. */
export function readForConsumer(broker: Broker, partitions: readonly FetchPartition[], maxBytes: number): ConsumerRead {
  const result: ConsumerRead = { partitions: [], bytes: 0, failed: false };
  for (const named of partitions) {
    const limits = {
      maxBytes: Math.min(named.partitionMaxBytes, maxBytes - result.bytes),
      minOneMessage: result.bytes === 0,
      asFollower: false,
    };
    const read = readPartition(broker, named.topicPartition, named, limits);
    for (const batch of read.batches) result.bytes += batch.sizeBytes;
    if (read.error !== "NONE" || read.divergingEpoch !== null) result.failed = true;
    result.partitions.push(read);
  }
  return result;
}
