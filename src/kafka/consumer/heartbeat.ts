/**
 * Staying in the group and leaving it: what the heartbeat thread does in every round of the client's loop, whatever the application does.
 * Models org.apache.kafka.clients.consumer.internals.Heartbeat and AbstractCoordinator.HeartbeatThread.
 */
import type { Context } from "../protocol/context.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { markCoordinatorUnknown, maybeFindCoordinator, onMembershipLost, requestRejoin, resetAndRejoin } from "./abstract-coordinator.ts";
import { type Answer, dropUnsent, enqueue, type RequestTag } from "./consumer-network.ts";
import { coordinatorNode, failConsumer, type KafkaConsumer } from "./kafka-consumer.ts";

export function enableHeartbeat(consumer: KafkaConsumer, context: Context): void {
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
