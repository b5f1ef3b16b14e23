import type { Subscription } from "../../protocol/consumer-protocol.ts";

/** How a group's leader deals partitions out. Models org.apache.kafka.clients.consumer.ConsumerPartitionAssignor. */
export interface Assignor {
  /** As it stands in JoinGroup. */
  readonly name: string;
  readonly rebalanceProtocols: readonly RebalanceProtocol[];
  /** Member id to the partitions that it gets, by topic and number. Every member has an entry. */
  assign(topics: readonly AssignableTopic[], members: readonly AssignorMember[]): Record<string, string[]>;
}

export type RebalanceProtocol = "EAGER" | "COOPERATIVE";

export interface AssignorMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly subscription: Subscription;
}

/** A topic as the leader's metadata shows it. Topics come in ascending order of names. */
export interface AssignableTopic {
  readonly name: string;
  readonly partitions: number;
  /** For each partition the racks of its replicas, without repeats; null: not known. */
  readonly racks: readonly (readonly string[])[] | null;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Static members first, by instance id; then dynamic ones, by member id. */
export function compareMembers(a: AssignorMember, b: AssignorMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return compareText(a.groupInstanceId, b.groupInstanceId);
  if (a.groupInstanceId !== null) return -1;
  if (b.groupInstanceId !== null) return 1;
  return compareText(a.memberId, b.memberId);
}
