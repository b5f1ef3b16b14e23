import type { ConsumerClient } from "../../kafka/application/consumer-application.ts";
import { coordinatorPartition, GROUP_METADATA_TOPIC } from "../../kafka/broker/metadata-cache.ts";
import type { World } from "../../kafka/cluster/world.ts";
import type { ClassicGroup, ClassicGroupMember } from "../../kafka/group-coordinator/classic-group.ts";
import { decodeAssignment } from "../../kafka/protocol/consumer-protocol.ts";
import { compareTopicPartitions, partitionOf } from "../../kafka/protocol/topic-partition.ts";
import { type NodeHealth, nodeHealth } from "./broker-rows.ts";

export interface Countdown {
  readonly leftMs: number;
  readonly totalMs: number;
}

export interface MemberRow {
  readonly id: string;
  readonly name: string;
  readonly health: NodeHealth;
  readonly doing: "polling" | "processing" | "joining" | "syncing" | "committing" | "leaving" | "stable" | "down";
  readonly isLeader: boolean;
  /** Until it sends the next one. */
  readonly heartbeat: Countdown | null;
  /** Until the coordinator gives it up. */
  readonly session: Countdown | null;
  /** Until max.poll.interval.ms is over. */
  readonly poll: Countdown | null;
  readonly partitions: readonly string[];
  readonly lag: number;
}

export interface GroupPartitionRow {
  readonly id: string;
  readonly label: string;
  readonly owner: string | null;
  readonly position: number | null;
  readonly committed: number | null;
  readonly endOffset: number;
  readonly lag: number;
}

export interface GroupView {
  readonly name: string;
  readonly index: number;
  readonly groups: number;
  readonly protocol: string;
  readonly state: string;
  readonly generation: number;
  readonly coordinator: string | null;
  readonly isLoading: boolean;
  readonly assignor: string | null;
  readonly members: readonly MemberRow[];
  readonly partitions: readonly GroupPartitionRow[];
  readonly lag: number;
}

export function groupNamesOf(world: World): string[] {
  const names = world.spec.groups.map((group) => group.name);
  for (const client of Object.values(world.consumers)) if (!names.includes(client.group)) names.push(client.group);
  return names;
}

/** null asks for the first group. */
export function groupView(world: World, name: string | null, now: number): GroupView | null {
  const names = groupNamesOf(world);
  const chosen = name !== null && names.includes(name) ? name : names[0];
  if (chosen === undefined) return null;
  const { coordinator, isLoading, group, offsets } = coordinatorOf(world, chosen);
  const clients = Object.values(world.consumers).filter((client) => client.group === chosen);
  const single = singleTopic(clients);
  const label = (topicPartition: string): string => (single ? String(partitionOf(topicPartition)) : topicPartition);
  const partitions = partitionRows(world, clients, group, offsets, label);
  const members = memberRows(world, clients, group, partitions, label, now);
  return {
    name: chosen,
    index: names.indexOf(chosen),
    groups: names.length,
    protocol: "classic",
    state: group?.state ?? "Empty",
    generation: group?.generationId ?? 0,
    coordinator,
    isLoading,
    assignor: group?.protocolName ?? null,
    members,
    partitions,
    lag: partitions.reduce((sum, row) => sum + row.lag, 0),
  };
}

type CommittedOffsets = Readonly<Record<string, { readonly offset: number }>>;

interface Coordinator {
  readonly coordinator: string | null;
  readonly isLoading: boolean;
  readonly group: ClassicGroup | undefined;
  readonly offsets: CommittedOffsets;
}

/** The broker that answers for the group: the leader of its partition of __consumer_offsets. */
function coordinatorOf(world: World, group: string): Coordinator {
  const { image } = world.quorum;
  const topicPartition = coordinatorPartition(image, GROUP_METADATA_TOPIC, group);
  const leader = image.partitions[topicPartition]?.leader ?? -1;
  const shard = leader < 0 ? undefined : world.brokers[leader]?.coordinators.shards[topicPartition];
  return {
    coordinator: leader < 0 ? null : String(leader),
    isLoading: leader >= 0 && shard?.state !== "active",
    group: shard?.shard.groups[group],
    offsets: shard?.shard.offsets[group] ?? {},
  };
}

function singleTopic(clients: readonly ConsumerClient[]): boolean {
  return new Set(clients.flatMap((client) => client.topics)).size <= 1;
}

function partitionRows(
  world: World,
  clients: readonly ConsumerClient[],
  group: ClassicGroup | undefined,
  offsets: CommittedOffsets,
  label: (topicPartition: string) => string,
): GroupPartitionRow[] {
  const { image } = world.quorum;
  const topics = [...new Set(clients.flatMap((client) => client.topics))];
  const wanted = topics.flatMap((topic) =>
    Array.from({ length: image.topics[topic]?.partitionCount ?? 0 }, (_, index) => `${topic}-${index}`),
  );
  for (const topicPartition of Object.keys(offsets)) if (!wanted.includes(topicPartition)) wanted.push(topicPartition);
  return wanted.sort(compareTopicPartitions).map((id): GroupPartitionRow => {
    const reader = clients.find((client) => client.consumer?.subscription.assigned[id] !== undefined);
    const assigned = reader?.consumer?.subscription.assigned[id];
    const holder = group?.members.find((member) => decodeAssignment(member.assignment).includes(id));
    const committed = offsets[id]?.offset ?? null;
    const position = assigned === undefined || assigned.position < 0 ? null : assigned.position;
    const leader = image.partitions[id]?.leader ?? -1;
    const endOffset = world.brokers[leader]?.logs[id]?.highWatermark ?? 0;
    return {
      id,
      label: label(id),
      owner: reader?.name ?? holder?.clientId ?? null,
      position,
      committed,
      endOffset,
      lag: Math.max(0, endOffset - (position ?? committed ?? 0)),
    };
  });
}

/** Its clients, and members that the coordinator still counts though their client is gone. */
function memberRows(
  world: World,
  clients: readonly ConsumerClient[],
  group: ClassicGroup | undefined,
  partitions: readonly GroupPartitionRow[],
  label: (topicPartition: string) => string,
  now: number,
): MemberRow[] {
  const rows = clients.map((client) => memberRow(world, client, memberOf(group, client), group, partitions, label, now));
  const names = new Set(clients.map((client) => client.name));
  for (const member of group?.members ?? []) {
    if (names.has(member.clientId)) continue;
    rows.push({
      id: member.memberId,
      name: member.clientId,
      health: "down",
      doing: "down",
      isLeader: group?.leaderId === member.memberId,
      heartbeat: null,
      session: { leftMs: Math.max(0, member.sessionDeadlineMs - now), totalMs: member.sessionTimeoutMs },
      poll: null,
      ...owned(member.clientId, partitions, label),
    });
  }
  return rows;
}

function memberOf(group: ClassicGroup | undefined, client: ConsumerClient): ClassicGroupMember | undefined {
  const memberId = client.consumer?.coordinator.memberId ?? "";
  return group?.members.find((member) => member.memberId === memberId) ?? group?.members.find((member) => member.clientId === client.name);
}

function memberRow(
  world: World,
  client: ConsumerClient,
  member: ClassicGroupMember | undefined,
  group: ClassicGroup | undefined,
  partitions: readonly GroupPartitionRow[],
  label: (topicPartition: string) => string,
  now: number,
): MemberRow {
  const { consumer } = client;
  const health = nodeHealth(world.nodes[client.name]);
  const coordinator = consumer?.coordinator;
  const isAlive = health !== "down" && consumer !== null && coordinator !== undefined;
  const pollTotal = consumer?.settings.maxPollIntervalMs ?? 300_000;
  return {
    id: client.name,
    name: client.name,
    health,
    doing: doingOf(client),
    isLeader: member !== undefined && group?.leaderId === member.memberId,
    heartbeat:
      isAlive && coordinator.heartbeatEnabled
        ? { leftMs: Math.max(0, coordinator.heartbeatDueMs - now), totalMs: consumer.settings.heartbeatIntervalMs }
        : null,
    session: member === undefined ? null : { leftMs: Math.max(0, member.sessionDeadlineMs - now), totalMs: member.sessionTimeoutMs },
    poll:
      isAlive && coordinator.state === "STABLE"
        ? { leftMs: consumer.isPolling ? pollTotal : Math.max(0, pollTotal - (now - coordinator.lastPollMs)), totalMs: pollTotal }
        : null,
    ...owned(client.name, partitions, label),
  };
}

function owned(
  name: string,
  partitions: readonly GroupPartitionRow[],
  label: (topicPartition: string) => string,
): { partitions: string[]; lag: number } {
  const own = partitions.filter((row) => row.owner === name);
  return { partitions: own.map((row) => label(row.id)), lag: own.reduce((sum, row) => sum + row.lag, 0) };
}

function doingOf(client: ConsumerClient): MemberRow["doing"] {
  const { consumer, thread } = client;
  if (consumer === null) return "down";
  if (consumer.closing !== null || thread.state === "closing") return "leaving";
  if (thread.state === "processing") return "processing";
  if (thread.state === "committing") return "committing";
  switch (consumer.coordinator.state) {
    case "UNJOINED":
    case "PREPARING_REBALANCE":
      return "joining";
    case "COMPLETING_REBALANCE":
      return "syncing";
    case "STABLE":
      return "polling";
  }
}
