/**
 * Committing offsets: at the interval, before a rebalance, and as the application asks.
 * Models the commit methods and OffsetCommitResponseHandler of org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.
 */
import type { Context } from "../protocol/context.ts";
import { type ErrorName, isRetriable } from "../protocol/errors.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { markCoordinatorUnknown, maybeFindCoordinator, onMembershipLost, requestRejoin, retryDelayMs } from "./abstract-coordinator.ts";
import { type Answer, type CommitPurpose, enqueue, type RequestTag } from "./consumer-network.ts";
import type { CommitSync } from "./coordinator-state.ts";
import { coordinatorNode, type KafkaConsumer } from "./kafka-consumer.ts";
import { allConsumed } from "./subscription-state.ts";

export function maybeAutoCommitAsync(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, settings, subscription } = consumer;
  if (!settings.enableAutoCommit || context.now < coordinator.nextAutoCommitMs) return;
  coordinator.nextAutoCommitMs = context.now + settings.autoCommitIntervalMs;
  if (coordinator.coordinatorId === -1 || coordinator.state !== "STABLE") return;
  const offsets = allConsumed(subscription);
  if (offsets.length > 0) sendCommit(consumer, offsets, "auto", context);
}

/** Why a commit cannot even be sent; "NONE": it can. */
export function commitRefusal(consumer: KafkaConsumer): ErrorName {
  const { state } = consumer.coordinator;
  if (state === "STABLE") return "NONE";
  return state === "UNJOINED" ? "CommitFailedException" : "RebalanceInProgressException";
}

export function sendCommit(consumer: KafkaConsumer, offsets: [string, number][], purpose: CommitPurpose, context: Context): number {
  const { coordinator, settings, network } = consumer;
  const commitId = coordinator.nextCommitId++;
  const { generationId, memberId } = coordinator;
  const body: RequestOf<"OffsetCommit"> & { api: "OffsetCommit" } = {
    api: "OffsetCommit",
    groupId: consumer.groupId,
    generationIdOrMemberEpoch: generationId,
    memberId,
    groupInstanceId: settings.groupInstanceId,
    partitions: offsets.map(([topicPartition, offset]) => ({
      topicPartition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      metadata: "",
    })),
  };
  const tag: RequestTag = { kind: "commit", commitId, purpose, generationId, memberId, offsets };
  coordinator.commitsInFlight += 1;
  enqueue(network, coordinatorNode(consumer), body, tag, settings.requestTimeoutMs, context);
  return commitId;
}

export function onCommitAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { coordinator } = consumer;
  const tag = answer.tag as Extract<RequestTag, { kind: "commit" }>;
  coordinator.commitsInFlight -= 1;
  const error = commitError(consumer, answer, tag, context);
  if (error !== "NONE" && context.tracing) {
    context.cause = context.trace(
      "commit-failed",
      consumer.nodeId,
      { group: consumer.groupId, error, partitions: tag.offsets.map(([topicPartition]) => topicPartition) },
      answer.cause,
    );
  }
  const retriable = error !== "NONE" && isRetriable(error);
  switch (tag.purpose) {
    case "auto":
      if (retriable) coordinator.nextAutoCommitMs = Math.min(coordinator.nextAutoCommitMs, context.now + consumer.settings.retryBackoffMs);
      return;
    case "prepare":
      if (coordinator.prepareCommit !== "in-flight" || tag.commitId !== coordinator.prepareCommitId) return;
      coordinator.prepareCommit = retriable ? "retry" : "done";
      coordinator.prepareRetryMs = context.now + consumer.settings.retryBackoffMs;
      return;
    default: {
      const commit = coordinator.commitSync;
      if (commit === null || commit.commitId !== tag.commitId) return;
      commit.inFlight = false;
      if (!retriable) commit.outcome = error;
      else {
        commit.retryMs = context.now + retryDelayMs(consumer, commit.attempts, context);
        commit.attempts += 1;
      }
    }
  }
}

/** "NONE", or what the commit failed with; does what the error asks for. */
function commitError(consumer: KafkaConsumer, answer: Answer, tag: Extract<RequestTag, { kind: "commit" }>, context: Context): ErrorName {
  const { coordinator, subscription } = consumer;
  const body = answer.body as ResponseOf<"OffsetCommit"> | null;
  if (body === null) {
    markCoordinatorUnknown(consumer, context);
    return "NETWORK_EXCEPTION";
  }
  const current = tag.generationId === coordinator.generationId && tag.memberId === coordinator.memberId;
  for (let index = 0; index < body.partitions.length; index++) {
    const { topicPartition, error } = body.partitions[index]!;
    switch (error) {
      case "NONE": {
        const partition = subscription.assigned[topicPartition];
        const offset = tag.offsets.find(([name]) => name === topicPartition)?.[1];
        if (partition !== undefined && offset !== undefined) partition.committed = offset;
        continue;
      }
      case "COORDINATOR_NOT_AVAILABLE":
      case "NOT_COORDINATOR":
      case "REQUEST_TIMED_OUT":
        markCoordinatorUnknown(consumer, context);
        return error;
      case "REBALANCE_IN_PROGRESS":
        requestRejoin(consumer, "offset commit failed since group is already rebalancing");
        return "RebalanceInProgressException";
      case "UNKNOWN_MEMBER_ID":
      case "ILLEGAL_GENERATION":
      case "FENCED_INSTANCE_ID":
        if (current) {
          onMembershipLost(consumer, error, "OFFSET_COMMIT");
          return "CommitFailedException";
        }
        return "RebalanceInProgressException";
      default:
        return error;
    }
  }
  return "NONE";
}

/** It fails without an answer. An answer that comes later is of no interest. */
function refuseCommit(consumer: KafkaConsumer, commit: CommitSync, error: ErrorName, context: Context): void {
  commit.outcome = error;
  if (!context.tracing) return;
  const partitions = commit.offsets.map(([topicPartition]) => topicPartition);
  context.cause = context.trace("commit-failed", consumer.nodeId, { group: consumer.groupId, error, partitions });
}

/** commitSync(): one commit at a time; the application waits until `outcome` is set. */
export function beginCommitSync(consumer: KafkaConsumer, offsets: [string, number][], timeoutMs: number, context: Context): void {
  const outcome = offsets.length === 0 ? "NONE" : null;
  consumer.coordinator.commitSync = {
    commitId: -1,
    offsets,
    deadlineMs: context.now + timeoutMs,
    retryMs: context.now,
    inFlight: false,
    attempts: 0,
    outcome,
  };
  runCommitSync(consumer, "sync", context);
}

export function runCommitSync(consumer: KafkaConsumer, purpose: "sync" | "close", context: Context): void {
  const { coordinator } = consumer;
  const commit = coordinator.commitSync;
  if (commit === null || commit.outcome !== null) return;
  if (context.now >= commit.deadlineMs) return refuseCommit(consumer, commit, "TimeoutException", context);
  if (commit.inFlight || context.now < commit.retryMs) return;
  if (coordinator.coordinatorId === -1) return maybeFindCoordinator(consumer, context);
  const refusal = commitRefusal(consumer);
  if (refusal !== "NONE") return refuseCommit(consumer, commit, refusal, context);
  commit.inFlight = true;
  commit.commitId = sendCommit(
    consumer,
    commit.offsets.map(([topicPartition, offset]): [string, number] => [topicPartition, offset]),
    purpose,
    context,
  );
}
