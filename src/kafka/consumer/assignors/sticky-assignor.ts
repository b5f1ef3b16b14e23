/**
 * Even, and with as few moves as can be. Models org.apache.kafka.clients.consumer.StickyAssignor and CooperativeStickyAssignor:
 * sticky remembers in its user data what it had; cooperative-sticky reads what members own, and withholds for one generation what changes hands.
 */
import type { AssignableTopic, Assignor, AssignorMember } from "./assignor.ts";
import { constrainedAssignment } from "./constrained-assignment.ts";
import { generalAssignment } from "./general-assignment.ts";
import { type StickyInput, type StickyMemory, stickyInputOf } from "./sticky-input.ts";

export const stickyAssignor: Assignor = {
  name: "sticky",
  rebalanceProtocols: ["EAGER"],
  assign: (topics, members) => Object.fromEntries(assign(stickyInputOf(topics, members, memoryInUserData)).assignment),
};

export const cooperativeStickyAssignor: Assignor = {
  name: "cooperative-sticky",
  rebalanceProtocols: ["COOPERATIVE", "EAGER"],
  assign: assignCooperatively,
};

function assign(input: StickyInput): { assignment: Map<string, string[]>; transferring: Map<string, string> | null } {
  if (input.members.length === 0) return { assignment: new Map(), transferring: null };
  if (input.sameSubscriptions) return constrainedAssignment(input);
  return { assignment: generalAssignment(input), transferring: null };
}

function assignCooperatively(topics: readonly AssignableTopic[], members: readonly AssignorMember[]): Record<string, string[]> {
  const input = stickyInputOf(topics, members, ({ subscription }) => ({
    partitions: subscription.ownedPartitions,
    generation: subscription.generationId,
  }));
  const { assignment, transferring } = assign(input);
  for (const [name, memberId] of transferring ?? changedHands(members, assignment)) {
    assignment.set(
      memberId,
      assignment.get(memberId)!.filter((other) => other !== name),
    );
  }
  return Object.fromEntries(assignment);
}

/** What one member gains and another one that owns it loses. */
function changedHands(members: readonly AssignorMember[], assignment: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  const revoked = new Set<string>();
  const added = new Map<string, string>();
  for (const { memberId, subscription } of members) {
    const assigned = new Set(assignment.get(memberId));
    const owned = new Set(subscription.ownedPartitions);
    for (const name of assigned) if (!owned.has(name)) added.set(name, memberId);
    for (const name of owned) if (!assigned.has(name)) revoked.add(name);
  }
  return new Map([...added].filter(([name]) => revoked.has(name)));
}

/** What a member of `sticky` tells of its last assignment. */
export function encodeStickyMemory(partitions: readonly string[], generation: number): string {
  return JSON.stringify([partitions, generation]);
}

function memoryInUserData({ subscription }: AssignorMember): StickyMemory {
  if (subscription.userData === "") return { partitions: [], generation: null };
  const [partitions, generation] = JSON.parse(subscription.userData) as [string[], number];
  return { partitions, generation };
}
