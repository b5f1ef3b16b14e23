/**
 * One group of the classic protocol: who belongs to it, who waits for what, and what follows from that alone.
 * Models org.apache.kafka.coordinator.group.classic.ClassicGroup and ClassicGroupMember.
 * Where Kafka walks a hash map of members, they are walked in the order of the random part of their ids.
 */
import { consumerProtocolType, decodeSubscription } from "../protocol/consumer-protocol.ts";
import type { ErrorName } from "../protocol/errors.ts";

export type ClassicGroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

export interface ClassicGroup {
  readonly groupId: string;
  state: ClassicGroupState;
  previousState: ClassicGroupState;
  /** When it came into this state. */
  stateSinceMs: number;
  generationId: number;
  /** null: a simple group (offsets only), or one that nobody has joined yet. */
  protocolType: string | null;
  protocolName: string | null;
  leaderId: string | null;
  members: ClassicGroupMember[];
  /** Ids that were handed out with MEMBER_ID_REQUIRED and have not joined yet. */
  pendingJoinMembers: PendingMember[];
  /** Members that have not asked for the assignment of this generation yet. */
  pendingSyncMembers: string[];
  /** During the initial delay: somebody joined since it was last armed. */
  newMemberAdded: boolean;
  /** null: unknown, so every topic counts as subscribed. */
  subscribedTopics: string[] | null;
  /** The initial delay or the rebalance timeout. */
  joinTimer: number;
  joinDeadlineMs: number;
  /** What the initial delay may still be extended by, and how long it is now. */
  initialRemainingMs: number;
  initialDelayMs: number;
  syncTimer: number;
  syncDeadlineMs: number;
  /** Why it last began to rebalance. */
  rebalanceReason: string;
}

export interface ClassicGroupMember {
  memberId: string;
  groupInstanceId: string | null;
  /** Who took a static member over shows under the client id of the one before. */
  clientId: string;
  /** The client that speaks for it now. */
  nodeId: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocolType: string;
  protocols: GroupProtocol[];
  /** "" until the leader has given one. */
  assignment: string;
  /** It has never been in a generation. */
  isNew: boolean;
  /** The JoinGroup or SyncGroup request that waits for an answer; -1: none. */
  awaitingJoin: number;
  awaitingSync: number;
  sessionTimer: number;
  sessionDeadlineMs: number;
  lastHeardMs: number;
}

export interface PendingMember {
  memberId: string;
  clientId: string;
  timer: number;
  deadlineMs: number;
  sinceMs: number;
}

export interface GroupProtocol {
  name: string;
  metadata: string;
}

export const nobody = -1;

export function createClassicGroup(groupId: string, now: number): ClassicGroup {
  return {
    groupId,
    state: "Empty",
    previousState: "Empty",
    stateSinceMs: now,
    generationId: 0,
    protocolType: null,
    protocolName: null,
    leaderId: null,
    members: [],
    pendingJoinMembers: [],
    pendingSyncMembers: [],
    newMemberAdded: false,
    subscribedTopics: null,
    joinTimer: -1,
    joinDeadlineMs: -1,
    initialRemainingMs: 0,
    initialDelayMs: 0,
    syncTimer: -1,
    syncDeadlineMs: -1,
    rebalanceReason: "",
  };
}

export function memberOf(group: ClassicGroup, memberId: string): ClassicGroupMember | undefined {
  return group.members.find((member) => member.memberId === memberId);
}

export function staticMemberOf(group: ClassicGroup, instanceId: string): ClassicGroupMember | undefined {
  return group.members.find((member) => member.groupInstanceId === instanceId);
}

export function pendingMemberOf(group: ClassicGroup, memberId: string): PendingMember | undefined {
  return group.pendingJoinMembers.find((pending) => pending.memberId === memberId);
}

/** Keeps members in the order of the random part of their ids. */
export function insertMember(group: ClassicGroup, member: ClassicGroupMember): void {
  const key = walkKey(member.memberId);
  let index = group.members.length;
  while (index > 0 && walkKey(group.members[index - 1]!.memberId) > key) index -= 1;
  group.members.splice(index, 0, member);
}

export function addMember(group: ClassicGroup, member: ClassicGroupMember): void {
  if (group.members.length === 0) group.protocolType = member.protocolType;
  group.leaderId ??= member.memberId;
  insertMember(group, member);
  group.pendingJoinMembers = group.pendingJoinMembers.filter((pending) => pending.memberId !== member.memberId);
}

/** The removed leader's place goes to the first of the others at once, whether it waits in JoinGroup or not. */
export function removeMember(group: ClassicGroup, memberId: string): void {
  group.members = group.members.filter((member) => member.memberId !== memberId);
  if (group.leaderId === memberId) group.leaderId = group.members[0]?.memberId ?? null;
  group.pendingJoinMembers = group.pendingJoinMembers.filter((pending) => pending.memberId !== memberId);
  group.pendingSyncMembers = group.pendingSyncMembers.filter((pending) => pending !== memberId);
}

export function hasAllMembersJoined(group: ClassicGroup): boolean {
  return group.pendingJoinMembers.length === 0 && group.members.every((member) => member.awaitingJoin !== nobody);
}

export function awaitingJoinCount(group: ClassicGroup): number {
  let count = 0;
  for (const member of group.members) if (member.awaitingJoin !== nobody) count += 1;
  return count;
}

/** Whether the leader has rejoined, or somebody else has who takes its place. */
export function maybeElectNewJoinedLeader(group: ClassicGroup): boolean {
  if (group.leaderId === null) return false;
  if (memberOf(group, group.leaderId)?.awaitingJoin !== nobody) return true;
  const joined = group.members.find((member) => member.awaitingJoin !== nobody);
  if (joined === undefined) return false;
  group.leaderId = joined.memberId;
  return true;
}

export function rebalanceTimeoutMs(group: ClassicGroup): number {
  let longest = 0;
  for (const member of group.members) longest = Math.max(longest, member.rebalanceTimeoutMs);
  return longest;
}

export function canRebalance(group: ClassicGroup): boolean {
  return group.state === "Stable" || group.state === "CompletingRebalance" || group.state === "Empty";
}

export function supportsProtocols(group: ClassicGroup, protocolType: string, protocols: readonly GroupProtocol[]): boolean {
  if (group.state === "Empty") return protocolType !== "" && protocols.length > 0;
  if (group.protocolType !== protocolType) return false;
  return protocols.some((protocol) => isSupportedByAll(group, protocol.name));
}

function isSupportedByAll(group: ClassicGroup, name: string): boolean {
  return group.members.every((member) => member.protocols.some((protocol) => protocol.name === name));
}

/** On a tie the first of these wins (the order of Kafka's hash map for these names), then others by name. */
const tieOrder = ["sticky", "range", "roundrobin", "cooperative-sticky"];

/** Each member votes for the first of its protocols that all support. */
export function selectProtocol(group: ClassicGroup): string {
  const votes: Record<string, number> = {};
  for (const member of group.members) {
    const choice = member.protocols.find((protocol) => isSupportedByAll(group, protocol.name))?.name;
    if (choice === undefined) throw new Error(`member ${member.memberId} supports no protocol of group ${group.groupId}`);
    votes[choice] = (votes[choice] ?? 0) + 1;
  }
  let best = "";
  for (const name of Object.keys(votes).sort(byTieOrder)) if (best === "" || votes[name]! > votes[best]!) best = name;
  return best;
}

function byTieOrder(a: string, b: string): number {
  const rankOf = (name: string): number => (tieOrder.includes(name) ? tieOrder.indexOf(name) : tieOrder.length);
  return rankOf(a) - rankOf(b) || (a < b ? -1 : 1);
}

/** NONE, UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID. A static member may leave its instance id out. */
export function validateMember(group: ClassicGroup, memberId: string, instanceId: string | null): ErrorName {
  if (instanceId !== null) {
    const holder = staticMemberOf(group, instanceId);
    if (holder === undefined) return "UNKNOWN_MEMBER_ID";
    if (holder.memberId !== memberId) return "FENCED_INSTANCE_ID";
  }
  return memberOf(group, memberId) === undefined ? "UNKNOWN_MEMBER_ID" : "NONE";
}

export function sameProtocols(a: readonly GroupProtocol[], b: readonly GroupProtocol[]): boolean {
  return (
    a.length === b.length && a.every((protocol, index) => protocol.name === b[index]!.name && protocol.metadata === b[index]!.metadata)
  );
}

/** New members can be expired while they wait; others that wait in JoinGroup or SyncGroup need no heartbeat. */
export function hasSatisfiedHeartbeat(member: ClassicGroupMember): boolean {
  return !member.isNew && (member.awaitingJoin !== nobody || member.awaitingSync !== nobody);
}

export function metadataOf(member: ClassicGroupMember, protocolName: string | null): string {
  return member.protocols.find((protocol) => protocol.name === protocolName)?.metadata ?? "";
}

export function computeSubscribedTopics(group: ClassicGroup): string[] | null {
  if (group.protocolType !== consumerProtocolType) return null;
  if (group.members.length === 0) return [];
  if (group.protocolName === null) return null;
  const topics: string[] = [];
  for (const member of group.members) {
    const subscription = decodeSubscription(metadataOf(member, group.protocolName));
    if (subscription === null) return null;
    for (const topic of subscription.topics) if (!topics.includes(topic)) topics.push(topic);
  }
  return topics.sort();
}

export function isSubscribedToTopic(group: ClassicGroup, topic: string): boolean {
  return group.subscribedTopics === null ? group.protocolType === consumerProtocolType : group.subscribedTopics.includes(topic);
}

function walkKey(memberId: string): string {
  return memberId.slice(memberId.lastIndexOf("-") + 1);
}
