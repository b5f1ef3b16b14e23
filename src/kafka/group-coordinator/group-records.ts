/**
 * The records of __consumer_offsets: "group:G" with a group as it was when it was written, "offset:G:T-P" with a committed offset.
 * Models org.apache.kafka.coordinator.group.GroupCoordinatorRecordHelpers and the replay methods of the managers.
 */
import type { InternalRecord } from "../protocol/record-batch.ts";
import {
  type ClassicGroup,
  computeSubscribedTopics,
  createClassicGroup,
  insertMember,
  memberOf,
  metadataOf,
  nobody,
} from "./classic-group.ts";
import type { CommittedOffset, GroupCoordinatorShard } from "./group-coordinator-shard.ts";

/** The value of a group's record (GroupMetadataValue): only the chosen protocol's metadata is kept. */
interface GroupMetadataValue {
  protocolType: string;
  generation: number;
  protocol: string | null;
  leader: string | null;
  currentStateTimestamp: number;
  members: {
    memberId: string;
    groupInstanceId: string | null;
    clientId: string;
    rebalanceTimeout: number;
    sessionTimeout: number;
    subscription: string;
    assignment: string;
  }[];
}

/** What makes a group known before anybody is in a generation of it. */
export function newGroupRecord(group: ClassicGroup): InternalRecord {
  const value: GroupMetadataValue = {
    protocolType: "",
    generation: 0,
    protocol: null,
    leader: null,
    currentStateTimestamp: group.stateSinceMs,
    members: [],
  };
  return { key: `group:${group.groupId}`, value };
}

/** The group with the assignments that the leader sent; null: those that its members have. */
export function groupRecord(group: ClassicGroup, assignments: Readonly<Record<string, string>> | null): InternalRecord {
  const value: GroupMetadataValue = {
    protocolType: group.protocolType ?? "",
    generation: group.generationId,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.stateSinceMs,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataOf(member, group.protocolName),
      assignment: assignments === null ? member.assignment : (assignments[member.memberId] ?? ""),
    })),
  };
  return { key: `group:${group.groupId}`, value };
}

export function groupTombstone(groupId: string): InternalRecord {
  return { key: `group:${groupId}`, value: null };
}

export function offsetRecord(groupId: string, topicPartition: string, committed: CommittedOffset): InternalRecord {
  return {
    key: `offset:${groupId}:${topicPartition}`,
    value: {
      offset: committed.offset,
      leaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      committedAtMs: committed.committedAtMs,
    },
  };
}

export function offsetTombstone(groupId: string, topicPartition: string): InternalRecord {
  return { key: `offset:${groupId}:${topicPartition}`, value: null };
}

/** Applies a record that was read from the log. The shard makes its own objects of it. */
export function applyGroupRecord(shard: GroupCoordinatorShard, key: string, value: unknown): void {
  if (key.startsWith("group:")) {
    const groupId = key.slice("group:".length);
    if (value === null) delete shard.groups[groupId];
    else shard.groups[groupId] = loadedGroup(groupId, value as GroupMetadataValue);
    return;
  }
  // A topic's name holds no colon; a group's may.
  const rest = key.slice("offset:".length);
  const groupId = rest.slice(0, rest.lastIndexOf(":"));
  const topicPartition = rest.slice(rest.lastIndexOf(":") + 1);
  if (value === null) {
    forgetOffset(shard, groupId, topicPartition);
    return;
  }
  // A simple group has offsets and no record of its own.
  shard.groups[groupId] ??= createClassicGroup(groupId, -1);
  const { offset, leaderEpoch, metadata, committedAtMs } = value as CommittedOffset;
  shard.offsets[groupId] ??= {};
  shard.offsets[groupId][topicPartition] = { offset, leaderEpoch, metadata, committedAtMs };
}

export function forgetOffset(shard: GroupCoordinatorShard, groupId: string, topicPartition: string): void {
  const offsets = shard.offsets[groupId];
  if (offsets === undefined) return;
  delete offsets[topicPartition];
  if (Object.keys(offsets).length === 0) delete shard.offsets[groupId];
}

/** A group with members is loaded as Stable: an unfinished rebalance was never written. */
function loadedGroup(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const group = createClassicGroup(groupId, value.currentStateTimestamp);
  group.state = value.members.length === 0 ? "Empty" : "Stable";
  group.previousState = group.state;
  group.generationId = value.generation;
  group.protocolType = value.protocolType === "" ? null : value.protocolType;
  group.protocolName = value.protocol;
  for (const member of value.members) {
    insertMember(group, {
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      nodeId: member.clientId,
      rebalanceTimeoutMs: member.rebalanceTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      protocolType: value.protocolType,
      protocols: [{ name: value.protocol ?? "", metadata: member.subscription }],
      assignment: member.assignment,
      isNew: false,
      awaitingJoin: nobody,
      awaitingSync: nobody,
      sessionTimer: -1,
      sessionDeadlineMs: -1,
      lastHeardMs: -1,
    });
  }
  group.leaderId =
    value.leader !== null && memberOf(group, value.leader) !== undefined ? value.leader : (group.members[0]?.memberId ?? null);
  group.subscribedTopics = computeSubscribedTopics(group);
  return group;
}
