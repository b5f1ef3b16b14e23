/**
 * Finding the coordinator and joining its group. Joining goes on only while the application is inside poll(), as in Kafka.
 * Models org.apache.kafka.clients.consumer.internals.AbstractCoordinator.
 */

import { requestUpdate } from "../client/metadata.ts";
import { coordinatorNodeId, disconnect, isUnavailable, leastLoadedNode, ready } from "../client/network-client.ts";
import { consumerProtocolType } from "../protocol/consumer-protocol.ts";
import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import { BACKOFF_JITTER, backoffMs, isJittered } from "../protocol/exponential-backoff.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { isLeaderReady, joinMetadata, leaderAssignments, onJoinComplete, onJoinPrepare } from "./consumer-coordinator.ts";
import { type Answer, enqueue, type RequestTag } from "./consumer-network.ts";
import { enableHeartbeat } from "./heartbeat.ts";
import { coordinatorNode, failConsumer, type KafkaConsumer } from "./kafka-consumer.ts";

export function maybeFindCoordinator(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, network, settings } = consumer;
  if (coordinator.coordinatorId !== -1) {
    if (!isUnavailable(network.client, coordinatorNode(consumer), context.now)) return;
    markCoordinatorUnknown(consumer, context);
  }
  if (coordinator.findInFlight || context.now < coordinator.findRetryMs) return;
  const { nodeId } = leastLoadedNode(network.client, network.metadata, context);
  if (nodeId === null) {
    requestUpdate(network.metadata);
    coordinator.findRetryMs = context.now + settings.retryBackoffMs;
    return;
  }
  coordinator.findInFlight = true;
  enqueue(
    network,
    nodeId,
    { api: "FindCoordinator", keyType: "group", key: consumer.groupId },
    { kind: "find-coordinator" },
    settings.requestTimeoutMs,
    context,
  );
}

export function onFindCoordinatorAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { coordinator, settings, network } = consumer;
  coordinator.findInFlight = false;
  const body = answer.body as ResponseOf<"FindCoordinator"> | null;
  if (body === null || body.error !== "NONE") {
    if (body !== null && body.error === "INVALID_GROUP_ID") return failConsumer(consumer, body.error, "group.id", context);
    requestUpdate(consumer.network.metadata);
    coordinator.findRetryMs = context.now + retryDelayMs(consumer, coordinator.findAttempts, context);
    coordinator.findAttempts += 1;
    return;
  }
  const nodeId = coordinatorNodeId(body.nodeId);
  if (isUnavailable(network.client, nodeId, context.now)) {
    // It was found, but a connection to it has just failed: wait before looking for it again.
    coordinator.findRetryMs = context.now + retryDelayMs(consumer, coordinator.findAttempts, context);
    coordinator.findAttempts += 1;
    return;
  }
  coordinator.findAttempts = 0;
  coordinator.coordinatorId = body.nodeId;
  ready(network.client, network.metadata, nodeId, context);
  coordinator.sessionDeadlineMs = context.now + settings.sessionTimeoutMs;
}

/** Also when the connection to it broke: it may be another broker by now. Requests for it fail. */
export function markCoordinatorUnknown(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, network } = consumer;
  if (coordinator.coordinatorId === -1) return;
  const nodeId = coordinatorNode(consumer);
  coordinator.coordinatorId = -1;
  const cancelled = disconnect(network.client, network.metadata, nodeId, context);
  for (const { tag, cause } of cancelled)
    consumer.failedAnswers.push({ tag: tag as RequestTag, nodeId, body: null, wasDisconnected: true, cause });
  for (const request of network.unsent) {
    if (request.nodeId === nodeId)
      consumer.failedAnswers.push({ tag: request.tag, nodeId, body: null, wasDisconnected: true, cause: request.cause });
  }
  network.unsent = network.unsent.filter((request) => request.nodeId !== nodeId);
}

export function retryDelayMs(consumer: KafkaConsumer, attempts: number, context: Context): number {
  const { retryBackoffMs, retryBackoffMaxMs } = consumer.settings;
  const jitter = isJittered(retryBackoffMs, retryBackoffMaxMs)
    ? context.chance.jitter(`consumer/${consumer.nodeId}/backoff`, BACKOFF_JITTER)
    : 1;
  return backoffMs(retryBackoffMs, retryBackoffMaxMs, attempts, jitter);
}

// Joining

export function requestRejoin(consumer: KafkaConsumer, reason: string): void {
  consumer.coordinator.rejoinNeeded = true;
  consumer.coordinator.rejoinReason = reason;
}

/** One step of ensureActiveGroup: everything that can be done without waiting. */
export function ensureActiveGroup(consumer: KafkaConsumer, context: Context): void {
  const { coordinator } = consumer;
  for (let step = 0; step < 4; step++) {
    if (coordinator.received !== null) takeReceivedAssignment(consumer, context);
    if (coordinator.waitingLeader !== null && isLeaderReady(consumer)) sendLeaderSync(consumer, coordinator.waitingLeader, context);
    if (!coordinator.rejoinNeeded || coordinator.joinInProgress || consumer.error !== null) return;
    if (coordinator.coordinatorId === -1 || context.now < coordinator.joinRetryMs) return;
    if (coordinator.needsJoinPrepare) {
      if (!onJoinPrepare(consumer, context)) return;
      coordinator.needsJoinPrepare = false;
    }
    sendJoinGroup(consumer, context);
  }
}

function takeReceivedAssignment(consumer: KafkaConsumer, context: Context): void {
  const { coordinator } = consumer;
  const received = coordinator.received!;
  coordinator.received = null;
  coordinator.joinInProgress = false;
  if (coordinator.state !== "STABLE" || received.generationId !== coordinator.generationId) {
    // The generation was lost between SyncGroup and this poll().
    requestRejoin(consumer, "rebalance failed since a generation was lost before its assignment was taken");
    return;
  }
  coordinator.needsJoinPrepare = true;
  coordinator.joinFailures = 0;
  onJoinComplete(consumer, received.assignment, context);
}

function sendJoinGroup(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, settings, network } = consumer;
  coordinator.state = "PREPARING_REBALANCE";
  coordinator.heartbeatEnabled = false;
  coordinator.joinInProgress = true;
  coordinator.joinAttempt += 1;
  const body: RequestOf<"JoinGroup"> & { api: "JoinGroup" } = {
    api: "JoinGroup",
    groupId: consumer.groupId,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    rebalanceTimeoutMs: settings.maxPollIntervalMs,
    memberId: coordinator.memberId,
    groupInstanceId: settings.groupInstanceId,
    clientId: settings.clientId,
    protocolType: consumerProtocolType,
    protocols: joinMetadata(consumer),
    reason: coordinator.rejoinReason,
  };
  const timeoutMs = Math.max(settings.requestTimeoutMs, settings.maxPollIntervalMs + 5000);
  enqueue(network, coordinatorNode(consumer), body, { kind: "join", attempt: coordinator.joinAttempt }, timeoutMs, context);
}

export function onJoinAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { coordinator } = consumer;
  const tag = answer.tag as Extract<RequestTag, { kind: "join" }>;
  if (tag.attempt !== coordinator.joinAttempt || !coordinator.joinInProgress) return;
  const body = answer.body as ResponseOf<"JoinGroup"> | null;
  if (body === null) {
    markCoordinatorUnknown(consumer, context);
    return failJoin(consumer, "NETWORK_EXCEPTION", true, context);
  }
  switch (body.error) {
    case "NONE":
      coordinator.state = "COMPLETING_REBALANCE";
      coordinator.generationId = body.generationId;
      coordinator.memberId = body.memberId;
      coordinator.protocolName = body.protocolName;
      coordinator.isLeader = body.leader === body.memberId;
      enableHeartbeat(consumer, context);
      if (!coordinator.isLeader) sendSync(consumer, [], context);
      else {
        coordinator.waitingLeader = body;
        if (isLeaderReady(consumer)) sendLeaderSync(consumer, body, context);
      }
      return;
    case "MEMBER_ID_REQUIRED":
      coordinator.memberId = body.memberId;
      coordinator.generationId = -1;
      coordinator.state = "UNJOINED";
      coordinator.joinInProgress = false;
      requestRejoin(consumer, `need to re-join with the given member-id: ${body.memberId}`);
      return;
    case "COORDINATOR_LOAD_IN_PROGRESS":
      return failJoin(consumer, body.error, true, context);
    case "GROUP_MAX_SIZE_REACHED":
      return failConsumer(consumer, body.error, "group.max.size", context);
    case "INVALID_SESSION_TIMEOUT":
      return failConsumer(consumer, body.error, "session.timeout.ms", context);
    case "INCONSISTENT_GROUP_PROTOCOL":
      return failConsumer(consumer, body.error, "partition.assignment.strategy", context);
    default:
      if (!failRebalance(consumer, body.error, context)) failConsumer(consumer, body.error, "", context);
  }
}

/** What a JoinGroup and a SyncGroup can be refused for alike. Returns whether this was it. */
function failRebalance(consumer: KafkaConsumer, error: ErrorName, context: Context): boolean {
  switch (error) {
    case "UNKNOWN_MEMBER_ID":
    case "ILLEGAL_GENERATION":
      resetGeneration(consumer, error !== "ILLEGAL_GENERATION");
      failJoin(consumer, error, false, context);
      return true;
    case "COORDINATOR_NOT_AVAILABLE":
    case "NOT_COORDINATOR":
      markCoordinatorUnknown(consumer, context);
      failJoin(consumer, error, true, context);
      return true;
    case "REBALANCE_IN_PROGRESS":
      failJoin(consumer, error, false, context);
      return true;
    case "FENCED_INSTANCE_ID":
      resetGeneration(consumer, true);
      failConsumer(consumer, error, "group.instance.id", context);
      return true;
    default:
      return false;
  }
}

/** The join did not succeed; it is tried again at the next poll(), after a wait if the error says so. */
function failJoin(consumer: KafkaConsumer, error: ErrorName, waits: boolean, context: Context): void {
  const { coordinator } = consumer;
  coordinator.joinInProgress = false;
  coordinator.waitingLeader = null;
  if (coordinator.state !== "UNJOINED") coordinator.state = "UNJOINED";
  coordinator.heartbeatEnabled = false;
  requestRejoin(consumer, `rebalance failed due to ${error}`);
  if (!waits) return;
  coordinator.joinRetryMs = context.now + retryDelayMs(consumer, coordinator.joinFailures, context);
  coordinator.joinFailures += 1;
}

function sendLeaderSync(consumer: KafkaConsumer, join: ResponseOf<"JoinGroup">, context: Context): void {
  consumer.coordinator.waitingLeader = null;
  const assignments = leaderAssignments(consumer, join, context);
  if (assignments !== null) sendSync(consumer, assignments, context);
}

function sendSync(consumer: KafkaConsumer, assignments: { memberId: string; assignment: string }[], context: Context): void {
  const { coordinator, settings, network } = consumer;
  const body: RequestOf<"SyncGroup"> & { api: "SyncGroup" } = {
    api: "SyncGroup",
    groupId: consumer.groupId,
    generationId: coordinator.generationId,
    memberId: coordinator.memberId,
    groupInstanceId: settings.groupInstanceId,
    protocolType: consumerProtocolType,
    protocolName: coordinator.protocolName,
    assignments,
  };
  // The answer waits for the leader's assignment.
  const timeoutMs = Math.max(settings.requestTimeoutMs, settings.maxPollIntervalMs + 5000);
  enqueue(network, coordinatorNode(consumer), body, { kind: "sync", attempt: coordinator.joinAttempt }, timeoutMs, context);
}

export function onSyncAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { coordinator } = consumer;
  const tag = answer.tag as Extract<RequestTag, { kind: "sync" }>;
  if (tag.attempt !== coordinator.joinAttempt || coordinator.state !== "COMPLETING_REBALANCE") return;
  const body = answer.body as ResponseOf<"SyncGroup"> | null;
  if (body === null) {
    markCoordinatorUnknown(consumer, context);
    return failJoin(consumer, "NETWORK_EXCEPTION", true, context);
  }
  switch (body.error) {
    case "NONE":
      coordinator.state = "STABLE";
      coordinator.rejoinNeeded = false;
      coordinator.received = { generationId: coordinator.generationId, assignment: body.assignment };
      return;
    default:
      if (!failRebalance(consumer, body.error, context)) failJoin(consumer, body.error, true, context);
  }
}

/** Membership is lost. After ILLEGAL_GENERATION the id is kept. The application learns of it in its next poll(), before it joins again. */
export function resetGeneration(consumer: KafkaConsumer, forgetMemberId: boolean): void {
  const { coordinator } = consumer;
  coordinator.state = "UNJOINED";
  coordinator.generationId = -1;
  if (forgetMemberId) coordinator.memberId = "";
  coordinator.protocolName = null;
  coordinator.isLeader = false;
  coordinator.heartbeatEnabled = false;
  coordinator.received = null;
  coordinator.waitingLeader = null;
  coordinator.joinInProgress = false;
}

export function resetAndRejoin(consumer: KafkaConsumer, forgetMemberId: boolean, reason: string): void {
  resetGeneration(consumer, forgetMemberId);
  consumer.coordinator.needsJoinPrepare = true;
  requestRejoin(consumer, reason);
}

/** UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION and FENCED_INSTANCE_ID of a heartbeat or commit of the present generation. */
export function onMembershipLost(consumer: KafkaConsumer, error: ErrorName, source: string): void {
  resetAndRejoin(consumer, error !== "ILLEGAL_GENERATION", `encountered ${error} from ${source} response`);
}
