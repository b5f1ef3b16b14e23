import type { LeaderRecoveryState } from "../protocol/messages.ts";
import type { MetadataRecord, PartitionRegistration } from "../protocol/metadata-records.ts";
import { sameList, sameMembers } from "./lists.ts";

/**
 * One decision of the controller about one partition: who leads, who is in the ISR, who else may lead cleanly (ELR, KIP-966).
 * Models org.apache.kafka.controller.PartitionChangeBuilder of 4.4 with the latest metadata version and the balanced recovery strategy (the default).
 * Left out: directories, starting a reassignment (completing one is here), metadata versions before 3.6.
 */
export type Election = "PREFERRED" | "ONLINE" | "UNCLEAN";

export interface PartitionChangeInput {
  /** Only read: nothing of it is kept. */
  partition: PartitionRegistration;
  /** In a reassignment. */
  adding: readonly number[];
  removing: readonly number[];
  /** null: unchanged. */
  targetIsr: readonly number[] | null;
  /** Replicas whose broker came back after an unclean shutdown: what they know to be committed may be gone. */
  uncleanShutdown: readonly number[];
  /** Brokers that are active: not fenced, not in controlled shutdown. */
  isAcceptableLeader: (broker: number) => boolean;
  election: Election;
  /** The effective min.insync.replicas, capped by the number of replicas. */
  minIsr: number;
  elrEnabled: boolean;
  /** null: unchanged. */
  targetLeaderRecoveryState: LeaderRecoveryState | null;
}

export type PartitionChange = Extract<MetadataRecord, { type: "PartitionChangeRecord" }>["change"];

interface Target {
  replicas: readonly number[];
  isr: readonly number[];
  elr: readonly number[];
}

interface ElectionResult {
  leader: number;
  unclean: boolean;
}

/** The change record's content, of fresh arrays; null: nothing changes. */
export function buildPartitionChange(input: PartitionChangeInput): PartitionChange | null {
  const { partition, elrEnabled } = input;
  const target = completeReassignment(input);
  if (elrEnabled) target.elr = targetElrOf(input, target.isr);
  const change: PartitionChange = { leaderEpochBumped: false };
  elect(input, target, change);
  // Replicas that were dropped must not be believed by the leader any more: it starts a new epoch.
  if (change.leader === undefined && !partition.replicas.every((replica) => target.replicas.includes(replica)))
    setLeader(change, partition.leader);
  const uncleanElection = change.isr !== undefined;
  if (uncleanElection || !elrEnabled) target.elr = [];
  if (!sameMembers(target.elr, partition.elr)) change.elr = target.elr.slice();
  if (!uncleanElection && (target.isr.length > 0 || elrEnabled) && !sameList(target.isr, partition.isr)) change.isr = target.isr.slice();
  if (elrEnabled) updateLastKnownLeader(partition, change);
  if (!sameList(target.replicas, partition.replicas)) change.replicas = target.replicas.slice();
  const recoveryState = input.targetLeaderRecoveryState;
  if (recoveryState !== null && recoveryState !== partition.leaderRecoveryState) change.leaderRecoveryState = recoveryState;
  return Object.keys(change).length === 1 && !completesReassignment(input) ? null : change;
}

function completeReassignment(input: PartitionChangeInput): Target {
  const { partition, removing, targetIsr } = input;
  const isr = targetIsr ?? partition.isr;
  if (!completesReassignment(input)) return { replicas: partition.replicas, isr, elr: partition.elr };
  const stays = (replica: number): boolean => !removing.includes(replica);
  return { replicas: partition.replicas.filter(stays), isr: isr.filter(stays), elr: partition.elr };
}

/** A reassignment is done when every adding replica is in the ISR and something of the ISR stays. */
export function completesReassignment({ partition, adding, removing, targetIsr }: PartitionChangeInput): boolean {
  if (adding.length === 0 && removing.length === 0) return false;
  const remainingIsr = (targetIsr ?? partition.isr).filter((replica) => !removing.includes(replica));
  return remainingIsr.length > 0 && adding.every((replica) => remainingIsr.includes(replica));
}

/** Below the min ISR, who leaves the ISR stays eligible: it has everything that was committed, for nothing is committed from now on. */
function targetElrOf({ partition, minIsr, uncleanShutdown }: PartitionChangeInput, targetIsr: readonly number[]): number[] {
  if (targetIsr.length >= minIsr) return [];
  const candidates = [...new Set([...partition.elr, ...partition.isr])].sort((a, b) => a - b);
  return candidates.filter((replica) => !targetIsr.includes(replica) && !uncleanShutdown.includes(replica));
}

function elect(input: PartitionChangeInput, target: Target, change: PartitionChange): void {
  const { partition } = input;
  const { leader, unclean } = input.election === "PREFERRED" ? electPreferredLeader(input, target) : electAnyLeader(input, target);
  if (leader === partition.leader) return;
  if (target.elr.includes(leader)) {
    target.isr = [leader];
    target.elr = target.elr.filter((replica) => replica !== leader);
  }
  setLeader(change, leader);
  if (!unclean) return;
  change.isr = [leader];
  if (partition.leaderRecoveryState !== "RECOVERING") change.leaderRecoveryState = "RECOVERING";
}

function electPreferredLeader(input: PartitionChangeInput, target: Target): ElectionResult {
  const [preferred, ...others] = target.replicas;
  if (preferred !== undefined && mayLead(input, target, preferred)) return clean(preferred);
  if (mayLead(input, target, input.partition.leader)) return clean(input.partition.leader);
  const online = others.find((replica) => mayLead(input, target, replica));
  if (online !== undefined) return clean(online);
  return electLastKnownLeader(input, target) ?? clean(-1);
}

function electAnyLeader(input: PartitionChangeInput, target: Target): ElectionResult {
  if (mayLead(input, target, input.partition.leader)) return clean(input.partition.leader);
  const online = target.replicas.find((replica) => mayLead(input, target, replica));
  if (online !== undefined) return clean(online);
  const lastKnown = electLastKnownLeader(input, target);
  if (lastKnown !== null) return lastKnown;
  if (input.election === "UNCLEAN") {
    const any = target.replicas.find(input.isAcceptableLeader);
    if (any !== undefined) return { leader: any, unclean: true };
  }
  return clean(-1);
}

/** In the ISR, or, when that is empty, in the ELR. */
function mayLead(input: PartitionChangeInput, target: Target, replica: number): boolean {
  const eligible = target.isr.includes(replica) || (target.isr.length === 0 && target.elr.includes(replica));
  return eligible && input.isAcceptableLeader(replica);
}

/** With nobody left who surely has everything, the last leader is the best guess. */
function electLastKnownLeader({ partition, elrEnabled, isAcceptableLeader }: PartitionChangeInput, target: Target): ElectionResult | null {
  const [lastKnown] = partition.lastKnownElr;
  if (!elrEnabled || target.isr.length > 0 || target.elr.length > 0) return null;
  if (lastKnown === undefined || partition.lastKnownElr.length !== 1 || !isAcceptableLeader(lastKnown)) return null;
  return { leader: lastKnown, unclean: true };
}

/** lastKnownElr keeps the last leader from the moment that there is none until there is one again. */
function updateLastKnownLeader({ lastKnownElr, leader }: PartitionRegistration, change: PartitionChange): void {
  if (change.leader === undefined) return;
  if (change.leader === -1 && lastKnownElr.length === 0) change.lastKnownElr = [leader];
  else if (change.leader !== -1 && lastKnownElr.length > 0) change.lastKnownElr = [];
}

function setLeader(change: PartitionChange, leader: number): void {
  change.leader = leader;
  change.leaderEpochBumped = true;
}

function clean(leader: number): ElectionResult {
  return { leader, unclean: false };
}
