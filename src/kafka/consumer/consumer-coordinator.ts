/**
 * What a consumer tells its group and does with the answer: subscriptions, assignments, revocation.
 * Models org.apache.kafka.clients.consumer.internals.ConsumerCoordinator. Left out: rebalance listeners of the application, interceptors, transactions.
 */
import { isUpdateRequested, setTopics } from "../client/metadata.ts";
import { partitionCountOf } from "../client/metadata-cache.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "../protocol/consumer-protocol.ts";
import type { Context } from "../protocol/context.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import { topicOf } from "../protocol/topic-partition.ts";
import { ensureActiveGroup, maybeFindCoordinator, requestRejoin } from "./abstract-coordinator.ts";
import { assignorOf } from "./assignors/all-assignors.ts";
import type { AssignableTopic, AssignorMember, RebalanceProtocol } from "./assignors/assignor.ts";
import { encodeStickyMemory } from "./assignors/sticky-assignor.ts";
import { maybeAutoCommitAsync, sendCommit } from "./commits.ts";
import { clearBufferedOfUnassigned } from "./fetcher.ts";
import { failConsumer, type KafkaConsumer } from "./kafka-consumer.ts";
import { allConsumed, assignedPartitions, assignFromSubscribed } from "./subscription-state.ts";

/** The highest protocol that all assignors support: with the default list EAGER, as range knows no other. */
export function rebalanceProtocolOf(assignors: readonly string[]): RebalanceProtocol | null {
  const offered = assignors.map((name) => assignorOf(name)?.rebalanceProtocols ?? []);
  if (offered.every((protocols) => protocols.includes("COOPERATIVE"))) return "COOPERATIVE";
  return offered.every((protocols) => protocols.includes("EAGER")) ? "EAGER" : null;
}

// poll()

/** What every pass of poll() does for the group, apart from fetching. */
export function pollCoordinator(consumer: KafkaConsumer, context: Context): void {
  const { coordinator } = consumer;
  coordinator.lastPollMs = context.now;
  maybeFindCoordinator(consumer, context);
  maybeRejoinForMetadata(consumer);
  ensureActiveGroup(consumer, context);
  maybeAutoCommitAsync(consumer, context);
}

/** The leader rejoins when the topics that it assigned have other partitions now. */
function maybeRejoinForMetadata(consumer: KafkaConsumer): void {
  const { coordinator, network } = consumer;
  if (consumer.metadataVersion === network.metadata.updateVersion) return;
  consumer.metadataVersion = network.metadata.updateVersion;
  if (coordinator.assignmentSnapshot === "" || coordinator.state !== "STABLE" || coordinator.rejoinNeeded) return;
  const snapshot = snapshotOf(consumer, coordinator.groupTopics);
  if (snapshot !== coordinator.assignmentSnapshot) {
    requestRejoin(
      consumer,
      `cached metadata has changed from (${coordinator.assignmentSnapshot}) at the beginning of the rebalance to (${snapshot})`,
    );
  }
}

function snapshotOf(consumer: KafkaConsumer, topics: readonly string[]): string {
  return topics.map((topic) => `${topic}:${partitionCountOf(consumer.network.metadata.cache, topic)}`).join(", ");
}

// Joining

export function joinMetadata(consumer: KafkaConsumer): RequestOf<"JoinGroup">["protocols"] {
  const { subscription, coordinator, settings } = consumer;
  const ownedPartitions = assignedPartitions(subscription);
  const rackId = settings.clientRack === "" ? null : settings.clientRack;
  return settings.assignors.map((name) => {
    const userData = name === "sticky" ? coordinator.stickyMemory : "";
    return {
      name,
      metadata: encodeSubscription({
        topics: subscription.topics,
        ownedPartitions,
        generationId: coordinator.generationId,
        rackId,
        userData,
      }),
    };
  });
}

/**
 * Before a join: commit (if auto-commit is on), then give up what must be given up. false: the commit is still under way.
 * Whoever lost its membership loses its partitions instead, and does not commit.
 */
export function onJoinPrepare(consumer: KafkaConsumer, context: Context): boolean {
  const { coordinator, subscription } = consumer;
  if (!finishPrepareCommit(consumer, context)) return false;
  coordinator.prepareCommit = "none";
  const owned = assignedPartitions(subscription);
  if (hasLostMembership(consumer)) {
    loseAll(consumer, owned, context);
    return true;
  }
  const leaving =
    consumer.rebalanceProtocol === "EAGER"
      ? owned
      : owned.filter((topicPartition) => !subscription.topics.includes(topicOf(topicPartition)));
  if (leaving.length > 0) {
    traceRevoked(consumer, leaving, context);
    takeAway(consumer, leaving);
  }
  return true;
}

/** Before it leaves the group for good: it gives up all it has, under either protocol. */
export function onLeavePrepare(consumer: KafkaConsumer, context: Context): void {
  const owned = assignedPartitions(consumer.subscription);
  if (hasLostMembership(consumer)) loseAll(consumer, owned, context);
  else if (owned.length > 0) {
    traceRevoked(consumer, owned, context);
    takeAway(consumer, owned);
  }
}

function hasLostMembership({ coordinator }: KafkaConsumer): boolean {
  return coordinator.generationId === -1 || coordinator.memberId === "";
}

function loseAll(consumer: KafkaConsumer, owned: string[], context: Context): void {
  if (owned.length === 0) return;
  if (context.tracing) {
    const { groupId: group, coordinator } = consumer;
    context.cause = context.trace("partitions-lost", consumer.nodeId, { group, partitions: owned, reason: coordinator.rejoinReason });
  }
  takeAway(consumer, owned);
}

function traceRevoked(consumer: KafkaConsumer, partitions: string[], context: Context): void {
  if (!context.tracing) return;
  const { groupId: group, coordinator } = consumer;
  context.cause = context.trace("partitions-revoked", consumer.nodeId, { group, generation: coordinator.generationId, partitions });
}

function takeAway(consumer: KafkaConsumer, partitions: readonly string[]): void {
  const { subscription } = consumer;
  assignFromSubscribed(
    subscription,
    assignedPartitions(subscription).filter((topicPartition) => !partitions.includes(topicPartition)),
  );
  clearBufferedOfUnassigned(consumer);
}

/** true: there is nothing to wait for (any more). A retriable failure is tried again until the rebalance timeout. */
function finishPrepareCommit(consumer: KafkaConsumer, context: Context): boolean {
  const { coordinator, settings, subscription } = consumer;
  if (!settings.enableAutoCommit) return true;
  if (coordinator.prepareCommit === "none") {
    coordinator.prepareDeadlineMs = context.now + settings.maxPollIntervalMs;
    coordinator.prepareRetryMs = context.now;
    coordinator.prepareCommit = "retry";
    if (consumer.rebalanceProtocol === "EAGER")
      for (const partition of Object.values(subscription.assigned)) partition.pendingRevocation = true;
  }
  if (coordinator.prepareCommit === "done" || context.now >= coordinator.prepareDeadlineMs) return true;
  if (coordinator.prepareCommit === "retry" && context.now >= coordinator.prepareRetryMs) {
    const offsets = allConsumed(subscription);
    if (offsets.length === 0 || coordinator.state !== "STABLE") return true;
    coordinator.prepareCommitId = sendCommit(consumer, offsets, "prepare", context);
    coordinator.prepareCommit = "in-flight";
  }
  return false;
}

/** The leader needs the metadata of all topics of the group before it can assign. */
export function isLeaderReady(consumer: KafkaConsumer): boolean {
  const join = consumer.coordinator.waitingLeader;
  if (join === null) return false;
  const { metadata } = consumer.network;
  const topics = topicsOf(join);
  if (topics.some((topic) => metadata.topics[topic] === undefined)) setTopics(metadata, topics);
  return !metadata.newTopics.some((topic) => topics.includes(topic)) || !isUpdateRequested(metadata);
}

function topicsOf(join: ResponseOf<"JoinGroup">): string[] {
  const topics: string[] = [];
  for (const member of join.members) {
    for (const topic of decodeSubscription(member.metadata)?.topics ?? []) if (!topics.includes(topic)) topics.push(topic);
  }
  return topics.sort();
}

/** What the leader sends with SyncGroup; null: it cannot assign, and poll() throws. A returning static leader may be told to leave all as it is. */
export function leaderAssignments(
  consumer: KafkaConsumer,
  join: ResponseOf<"JoinGroup">,
  context: Context,
): { memberId: string; assignment: string }[] | null {
  const { coordinator } = consumer;
  coordinator.groupTopics = topicsOf(join);
  coordinator.assignmentSnapshot = snapshotOf(consumer, coordinator.groupTopics);
  if (join.skipAssignment) return [];
  const assignor = assignorOf(join.protocolName ?? "");
  if (assignor === undefined) {
    failConsumer(consumer, "IllegalStateException", "partition.assignment.strategy", context);
    return null;
  }
  const members: AssignorMember[] = join.members.map(({ memberId, groupInstanceId, metadata }) => ({
    memberId,
    groupInstanceId,
    subscription: decodeSubscription(metadata) ?? { topics: [], ownedPartitions: [], generationId: -1, rackId: null, userData: "" },
  }));
  const assignment = assignor.assign(assignableTopics(consumer, coordinator.groupTopics), members);
  return members.map(({ memberId }) => ({ memberId, assignment: encodeAssignment(assignment[memberId] ?? []) }));
}

function assignableTopics(consumer: KafkaConsumer, names: readonly string[]): AssignableTopic[] {
  const { cache } = consumer.network.metadata;
  return names.map((name) => {
    const known = cache.topics[name] ?? [];
    const racks = known.map((partition) => {
      const own: string[] = [];
      for (const replica of partition.replicas) {
        const rack = cache.racks[replica] ?? null;
        if (rack !== null && !own.includes(rack)) own.push(rack);
      }
      return own;
    });
    return { name, partitions: known.length, racks: racks.some((own) => own.length > 0) ? racks : null };
  });
}

/** The assignment takes effect: here the application's poll() has it. */
export function onJoinComplete(consumer: KafkaConsumer, text: string, context: Context): void {
  const { coordinator, subscription, settings } = consumer;
  if (!coordinator.isLeader) {
    coordinator.assignmentSnapshot = "";
    coordinator.groupTopics = [];
  }
  const assigned = decodeAssignment(text);
  const revoked = assignedPartitions(subscription).filter((topicPartition) => !assigned.includes(topicPartition));
  if (consumer.rebalanceProtocol === "COOPERATIVE" && revoked.length > 0) {
    traceRevoked(consumer, revoked, context);
    requestRejoin(consumer, "need to revoke partitions and re-join");
  }
  assignFromSubscribed(subscription, assigned);
  if (coordinator.protocolName === "sticky") coordinator.stickyMemory = encodeStickyMemory(assigned, coordinator.generationId);
  for (const partition of Object.values(subscription.assigned)) partition.pendingRevocation = false;
  clearBufferedOfUnassigned(consumer);
  coordinator.nextAutoCommitMs = context.now + settings.autoCommitIntervalMs;
  if (context.tracing) {
    context.cause = context.trace("assignment-received", consumer.nodeId, {
      group: consumer.groupId,
      generation: coordinator.generationId,
      partitions: assignedPartitions(subscription),
    });
  }
}
