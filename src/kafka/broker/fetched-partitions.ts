/**
 * What a follower does with what its leader answered: append, truncate where the logs part, or come again later.
 * Models the processing half of kafka.server.AbstractFetcherThread and ReplicaFetcherThread.
 */
import { Phase } from "../../kernel/event.ts";
import { endOffsetFor, latestEpoch, UNDEFINED_EPOCH, UNDEFINED_OFFSET } from "../log/leader-epoch-cache.ts";
import { advanceLogStart } from "../log/retention.ts";
import { appendAsFollower, setHighWatermark, truncateFullyAndStartAt, truncateTo, type UnifiedLog } from "../log/unified-log.ts";
import type { Context } from "../protocol/context.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import type { FetchedPartition } from "./fetch-session.ts";
import { markChanged, type PartitionFetchState, type ReplicaFetcher, removeFromFetcher } from "./fetcher-state.ts";
import type { Partition } from "./partition.ts";
import { onLogStartMoved } from "./replica-manager.ts";

export const PARTITION_BACKOFF = "fetcher-partition-backoff";

export function onPartitionFetched(broker: Broker, fetcher: ReplicaFetcher, fetched: FetchedPartition, context: Context): void {
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

/** The leader's range of a log that lay outside it. */
export function onOffsetsListed(broker: Broker, fetcher: ReplicaFetcher, body: ResponseOf<"ListOffsets">, context: Context): void {
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
