import type { NodeHealth } from "./broker-rows.ts";

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
