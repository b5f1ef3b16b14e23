import type { NodeId } from "../protocol/context.ts";
import type { ClusterNode, World } from "./world.ts";

/**
 * Why nothing was heard of a node: what stopped its process, or what stopped the messages between it and whoever waited for them.
 * Kept of each node and of each pair of nodes as long as it lasts, and afterwards, since what waits notices an absence only later.
 */
export interface Silence {
  /** The trace event that began it; -1: untraced. */
  cause: number;
  sinceMs: number;
  /** -1: it lasts. */
  untilMs: number;
  /** Nothing was stopped, it only came later. */
  isDelay: boolean;
}

/** Stands for every peer at once: the node is isolated. */
export const EVERY_PEER = "*";

export function beginSilence(node: ClusterNode, cause: number, now: number): void {
  node.silence = { cause, sinceMs: now, untilMs: -1, isDelay: false };
}

export function endSilence(node: ClusterNode, now: number): void {
  if (node.silence !== null && node.silence.untilMs === -1) node.silence.untilMs = now;
}

/** Kept at one end of the pair, whichever way it is cut: what is asked and what is answered are both missed by whoever asks. */
export function beginLinkSilence(world: World, from: NodeId, to: NodeId, cause: number, isDelay: boolean, now: number): void {
  const [holder, peer] = endsOf(from, to);
  world.nodes[holder]!.linkSilences[peer] = { cause, sinceMs: now, untilMs: -1, isDelay };
}

export function endLinkSilence(world: World, from: NodeId, to: NodeId, now: number): void {
  const [holder, peer] = endsOf(from, to);
  const silence = world.nodes[holder]!.linkSilences[peer];
  if (silence !== undefined && silence.untilMs === -1) silence.untilMs = now;
}

/** A rejoining node has all of its links healed. */
export function endAllLinkSilences(world: World, id: NodeId, now: number): void {
  for (const node of Object.values(world.nodes)) {
    for (const [peer, silence] of Object.entries(node.linkSilences)) {
      if ((node.id === id || peer === id) && silence.untilMs === -1) silence.untilMs = now;
    }
  }
}

function endsOf(from: NodeId, to: NodeId): [NodeId, NodeId] {
  return to === EVERY_PEER || from < to ? [from, to] : [to, from];
}

/**
 * The event that kept `observer` from hearing of a node since `sinceMs`: of what still lasts the oldest, else what ended last, else what only delays.
 * A fault of another node, of another link, or one that was over before then, is not asked.
 */
export function causeOfSilence(world: World, node: NodeId, observer: NodeId, sinceMs: number): number {
  const direct = directCause(world, node, observer, sinceMs);
  return direct === -1 && waitsForIsr(world, observer) ? causeOfWaiting(world, node, sinceMs) : direct;
}

/** A producer with acks=all hears nothing of a leader as long as a replica in the ISR is behind. */
function waitsForIsr(world: World, observer: NodeId): boolean {
  return world.producers[observer]?.producer?.settings.acks === -1;
}

/** Whoever is behind; one that has left the ISR meanwhile may have been waited for until then. */
function causeOfWaiting(world: World, leader: NodeId, sinceMs: number): number {
  let outside = -1;
  for (const partition of Object.values(world.brokers[leader]?.partitions ?? {})) {
    if (partition.role !== "leader") continue;
    const { logEndOffset } = world.brokers[leader]!.logs[partition.topicPartition]!;
    for (const remote of partition.remotes) {
      if (remote.logEndOffset >= logEndOffset) continue;
      const cause = directCause(world, String(remote.brokerId), leader, sinceMs);
      if (cause !== -1 && partition.maximalIsr.includes(remote.brokerId)) return cause;
      if (outside === -1) outside = cause;
    }
  }
  return outside;
}

function directCause(world: World, node: NodeId, observer: NodeId, sinceMs: number): number {
  const one = world.nodes[node];
  const other = world.nodes[observer];
  if (one === undefined) return -1;
  const [holder, peer] = endsOf(node, observer);
  const candidates = [one.silence, one.linkSilences[EVERY_PEER], world.nodes[holder]?.linkSilences[peer]];
  if (other !== undefined && other !== one) candidates.push(other.linkSilences[EVERY_PEER], other.silence);
  let best: Silence | null = null;
  for (const silence of candidates) {
    if (silence === null || silence === undefined) continue;
    if (silence.untilMs !== -1 && silence.untilMs < sinceMs) continue;
    if (best === null || isGuiltier(silence, best)) best = silence;
  }
  return best?.cause ?? -1;
}

function isGuiltier(silence: Silence, than: Silence): boolean {
  if (silence.isDelay !== than.isDelay) return than.isDelay;
  const [lasts, otherLasts] = [silence.untilMs === -1, than.untilMs === -1];
  if (lasts !== otherLasts) return lasts;
  return lasts ? silence.sinceMs < than.sinceMs : silence.untilMs > than.untilMs;
}
