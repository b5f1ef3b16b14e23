/**
 * A member's side of the group protocol: finding the coordinator, joining, heartbeats, leaving.
 * Models org.apache.kafka.clients.consumer.internals.AbstractCoordinator and Heartbeat. The heartbeat thread runs in every round of the client's loop,
 * whatever the application does; joining goes on only while the application is inside poll(), as in Kafka.
 */

import { requestUpdate } from "../client/metadata.ts";
import { coordinatorNodeId, disconnect, isUnavailable, leastLoadedNode, ready } from "../client/network-client.ts";
import { consumerProtocolType } from "../protocol/consumer-protocol.ts";
import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import { BACKOFF_JITTER, backoffMs, isJittered } from "../protocol/exponential-backoff.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { isLeaderReady, joinMetadata, leaderAssignments, onJoinComplete, onJoinPrepare } from "./consumer-coordinator.ts";
import { type Answer, dropUnsent, enqueue, type RequestTag } from "./consumer-network.ts";
import { coordinatorNode, failConsumer, type KafkaConsumer } from "./kafka-consumer.ts";

export type MemberState = "UNJOINED" | "PREPARING_REBALANCE" | "COMPLETING_REBALANCE" | "STABLE";

export interface CoordinatorState {
  /** The broker; -1: unknown. */
  coordinatorId: number;
  findInFlight: boolean;
  findRetryMs: number;
  findAttempts: number;

  state: MemberState;
  /** -1: none. */
  generationId: number;
  memberId: string;
  protocolName: string | null;
  isLeader: boolean;
  rejoinNeeded: boolean;
  rejoinReason: string;
  needsJoinPrepare: boolean;
  /** A JoinGroup or SyncGroup is under way, or its answer waits for the application to call poll(). */
  joinInProgress: boolean;
  /** Counts joins: the answer to an abandoned one is void. */
  joinAttempt: number;
  joinRetryMs: number;
  joinFailures: number;
  /** The leader's JoinGroup answer, while it waits for metadata of the group's topics. */
  waitingLeader: ResponseOf<"JoinGroup"> | null;
  /** What SyncGroup brought; poll() takes it. */
  received: { generationId: number; assignment: string } | null;
  /** The leader's: partition counts of the group's topics when it assigned; "" unless leader. */
  assignmentSnapshot: string;
  /** What the sticky assignor remembers of the last assignment; "": nothing. */
  stickyMemory: string;
  /** The leader's: all topics of the group. */
  groupTopics: string[];

  heartbeatEnabled: boolean;
  heartbeatInFlight: boolean;
  /** When the next heartbeat goes. */
  heartbeatDueMs: number;
  /** When the coordinator is given up because no heartbeat was answered. */
  sessionDeadlineMs: number;
  /** The last time that the application was inside poll(). */
  lastPollMs: number;
  /** The trace event of what the last poll() returned (-1: untraced): what the application is busy with since. */
  lastPollCause: number;

  offsetFetchInFlight: boolean;
  offsetFetchRetryMs: number;

  nextCommitId: number;
  commitsInFlight: number;
  nextAutoCommitMs: number;
  /** The commit before a rebalance: not begun, in flight, or over. */
  prepareCommit: "none" | "in-flight" | "retry" | "done";
  prepareCommitId: number;
  prepareRetryMs: number;
  prepareDeadlineMs: number;
  /** commitSync(); null: none under way. */
  commitSync: CommitSync | null;
}

export interface CommitSync {
  commitId: number;
  offsets: [string, number][];
  deadlineMs: number;
  retryMs: number;
  inFlight: boolean;
  attempts: number;
  /** null: not over yet; "NONE": it is done; else what it throws. */
  outcome: ErrorName | null;
}

export function createCoordinatorState(now: number, autoCommitIntervalMs: number): CoordinatorState {
  return {
    coordinatorId: -1,
    findInFlight: false,
    findRetryMs: 0,
    findAttempts: 0,
    state: "UNJOINED",
    generationId: -1,
    memberId: "",
    protocolName: null,
    isLeader: false,
    rejoinNeeded: true,
    rejoinReason: "",
    needsJoinPrepare: true,
    joinInProgress: false,
    joinAttempt: 0,
    joinRetryMs: 0,
    joinFailures: 0,
    waitingLeader: null,
    received: null,
    assignmentSnapshot: "",
    stickyMemory: "",
    groupTopics: [],
    heartbeatEnabled: false,
    heartbeatInFlight: false,
    heartbeatDueMs: now,
    sessionDeadlineMs: now,
    lastPollMs: now,
    lastPollCause: -1,
    offsetFetchInFlight: false,
    offsetFetchRetryMs: 0,
    nextCommitId: 0,
    commitsInFlight: 0,
    nextAutoCommitMs: now + autoCommitIntervalMs,
    prepareCommit: "none",
    prepareCommitId: -1,
    prepareRetryMs: 0,
    prepareDeadlineMs: 0,
    commitSync: null,
  };
}

// Finding the coordinator

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
    case "UNKNOWN_MEMBER_ID":
    case "ILLEGAL_GENERATION":
      resetGeneration(consumer, body.error !== "ILLEGAL_GENERATION");
      return failJoin(consumer, body.error, false, context);
    case "COORDINATOR_NOT_AVAILABLE":
    case "NOT_COORDINATOR":
      markCoordinatorUnknown(consumer, context);
      return failJoin(consumer, body.error, true, context);
    case "COORDINATOR_LOAD_IN_PROGRESS":
      return failJoin(consumer, body.error, true, context);
    case "REBALANCE_IN_PROGRESS":
      return failJoin(consumer, body.error, false, context);
    case "FENCED_INSTANCE_ID":
      resetGeneration(consumer, true);
      return failConsumer(consumer, body.error, "group.instance.id", context);
    case "GROUP_MAX_SIZE_REACHED":
      return failConsumer(consumer, body.error, "group.max.size", context);
    case "INVALID_SESSION_TIMEOUT":
      return failConsumer(consumer, body.error, "session.timeout.ms", context);
    case "INCONSISTENT_GROUP_PROTOCOL":
      return failConsumer(consumer, body.error, "partition.assignment.strategy", context);
    default:
      return failConsumer(consumer, body.error, "", context);
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
    case "REBALANCE_IN_PROGRESS":
      return failJoin(consumer, body.error, false, context);
    case "UNKNOWN_MEMBER_ID":
    case "ILLEGAL_GENERATION":
      resetGeneration(consumer, body.error !== "ILLEGAL_GENERATION");
      return failJoin(consumer, body.error, false, context);
    case "COORDINATOR_NOT_AVAILABLE":
    case "NOT_COORDINATOR":
      markCoordinatorUnknown(consumer, context);
      return failJoin(consumer, body.error, true, context);
    case "FENCED_INSTANCE_ID":
      resetGeneration(consumer, true);
      return failConsumer(consumer, body.error, "group.instance.id", context);
    default:
      return failJoin(consumer, body.error, true, context);
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

function resetAndRejoin(consumer: KafkaConsumer, forgetMemberId: boolean, reason: string): void {
  resetGeneration(consumer, forgetMemberId);
  consumer.coordinator.needsJoinPrepare = true;
  requestRejoin(consumer, reason);
}

/** UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION and FENCED_INSTANCE_ID of a heartbeat or commit of the present generation. */
export function onMembershipLost(consumer: KafkaConsumer, error: ErrorName, source: string): void {
  resetAndRejoin(consumer, error !== "ILLEGAL_GENERATION", `encountered ${error} from ${source} response`);
}

// Heartbeats

function enableHeartbeat(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, settings } = consumer;
  coordinator.heartbeatEnabled = true;
  coordinator.heartbeatInFlight = false;
  coordinator.heartbeatDueMs = context.now + settings.heartbeatIntervalMs;
  coordinator.sessionDeadlineMs = context.now + settings.sessionTimeoutMs;
}

/** What the heartbeat thread does when it looks. */
export function runHeartbeat(consumer: KafkaConsumer, context: Context): void {
  const { coordinator, settings, network } = consumer;
  if (!coordinator.heartbeatEnabled) return;
  if (coordinator.coordinatorId === -1) {
    maybeFindCoordinator(consumer, context);
    return;
  }
  if (context.now >= coordinator.sessionDeadlineMs) {
    markCoordinatorUnknown(consumer, context);
    coordinator.sessionDeadlineMs = context.now + settings.sessionTimeoutMs;
    return;
  }
  if (context.now >= coordinator.lastPollMs + settings.maxPollIntervalMs) {
    onPollIntervalExceeded(consumer, context);
    return;
  }
  if (coordinator.heartbeatInFlight || context.now < coordinator.heartbeatDueMs) return;
  coordinator.heartbeatInFlight = true;
  coordinator.heartbeatDueMs = context.now + settings.heartbeatIntervalMs;
  const { generationId, memberId } = coordinator;
  const body: RequestOf<"Heartbeat"> & { api: "Heartbeat" } = {
    api: "Heartbeat",
    groupId: consumer.groupId,
    generationId,
    memberId,
    groupInstanceId: settings.groupInstanceId,
  };
  enqueue(network, coordinatorNode(consumer), body, { kind: "heartbeat", generationId, memberId }, settings.requestTimeoutMs, context);
}

/** A dynamic member leaves; a static one falls silent, and its session decides. */
function onPollIntervalExceeded(consumer: KafkaConsumer, context: Context): void {
  const { coordinator } = consumer;
  const causeBefore = context.cause;
  if (context.tracing) {
    const silenced = context.causeOfSilence(consumer.nodeId, consumer.nodeId, coordinator.lastPollMs);
    context.cause = context.trace(
      "poll-interval-exceeded",
      consumer.nodeId,
      { group: consumer.groupId, config: "max.poll.interval.ms" },
      silenced === -1 ? coordinator.lastPollCause : silenced,
    );
  }
  coordinator.heartbeatEnabled = false;
  if (consumer.settings.groupInstanceId === null) leaveGroup(consumer, "consumer poll timeout has expired.", context);
  context.cause = causeBefore;
}

export function onHeartbeatAnswer(consumer: KafkaConsumer, answer: Answer, context: Context): void {
  const { coordinator, settings } = consumer;
  const tag = answer.tag as Extract<RequestTag, { kind: "heartbeat" }>;
  coordinator.heartbeatInFlight = false;
  const body = answer.body as ResponseOf<"Heartbeat"> | null;
  if (body === null) {
    markCoordinatorUnknown(consumer, context);
    coordinator.heartbeatDueMs = context.now + settings.retryBackoffMs;
    return;
  }
  if (body.error === "NONE") {
    coordinator.sessionDeadlineMs = context.now + settings.sessionTimeoutMs;
    return;
  }
  coordinator.heartbeatDueMs = context.now + settings.retryBackoffMs;
  const current = tag.generationId === coordinator.generationId && tag.memberId === coordinator.memberId;
  switch (body.error) {
    case "COORDINATOR_NOT_AVAILABLE":
    case "NOT_COORDINATOR":
      markCoordinatorUnknown(consumer, context);
      return;
    case "REBALANCE_IN_PROGRESS":
      // It counts as heard; the application rejoins at its next poll().
      coordinator.heartbeatDueMs = context.now + settings.heartbeatIntervalMs;
      coordinator.sessionDeadlineMs = context.now + settings.sessionTimeoutMs;
      if (coordinator.state === "STABLE") requestRejoin(consumer, "group is already rebalancing");
      return;
    case "ILLEGAL_GENERATION":
    case "UNKNOWN_MEMBER_ID":
      if (current) onMembershipLost(consumer, body.error, "HEARTBEAT");
      return;
    case "FENCED_INSTANCE_ID":
      if (!current) return;
      onMembershipLost(consumer, body.error, "HEARTBEAT");
      failConsumer(consumer, body.error, "group.instance.id", context);
      return;
    default:
      return;
  }
}

// Leaving

/** Sends LeaveGroup if there is a membership to give up, and forgets it. */
export function leaveGroup(consumer: KafkaConsumer, reason: string, context: Context): boolean {
  const { coordinator, settings, network } = consumer;
  const sends =
    coordinator.coordinatorId !== -1 &&
    coordinator.memberId !== "" &&
    settings.groupInstanceId === null &&
    coordinator.state !== "UNJOINED";
  dropUnsent(network, ["join", "sync", "heartbeat"]);
  if (sends) {
    const body: RequestOf<"LeaveGroup"> & { api: "LeaveGroup" } = {
      api: "LeaveGroup",
      groupId: consumer.groupId,
      members: [{ memberId: coordinator.memberId, groupInstanceId: null, reason }],
    };
    enqueue(network, coordinatorNode(consumer), body, { kind: "leave" }, settings.requestTimeoutMs, context);
  }
  resetAndRejoin(consumer, true, reason);
  return sends;
}
