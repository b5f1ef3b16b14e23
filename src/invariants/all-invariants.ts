import type { World } from "../kafka/cluster/world.ts";
import { bufferMemoryAccounted } from "./buffer-memory-accounted.ts";
import { committedOnEveryIsrMember } from "./committed-on-every-isr-member.ts";
import { epochsMonotonic } from "./epochs-monotonic.ts";
import { highWatermarkWithinLog } from "./high-watermark-within-log.ts";
import { everything, type Invariant, type Touched } from "./invariant.ts";
import { leaderInIsr } from "./leader-in-isr.ts";
import { oneLeaderPerEpoch } from "./one-leader-per-epoch.ts";
import { partitionOwnedOnce } from "./partition-owned-once.ts";
import { sequenceContinuity } from "./sequence-continuity.ts";
import { createChangeFinder, findTouched } from "./touched.ts";

export const allInvariants = [
  highWatermarkWithinLog,
  committedOnEveryIsrMember,
  oneLeaderPerEpoch,
  leaderInIsr,
  epochsMonotonic,
  sequenceContinuity,
  partitionOwnedOnce,
  bufferMemoryAccounted,
] as Invariant[];

export interface Violation {
  invariant: string;
  atMs: number;
  /** Whose event broke it; null: it was found at the end. */
  node: string | null;
  /** Node, partition and numbers. */
  message: string;
}

export interface InvariantChecker {
  /** After each event: looks at what an event of this node may have changed. */
  afterEvent(world: World, now: number, node: string): Violation | null;
  /** Looks at everything. */
  atEnd(world: World, now: number): Violation | null;
}

export function createInvariantChecker(): InvariantChecker {
  const laws = allInvariants.map((invariant) => ({ invariant, memory: invariant.createMemory() }));
  const finder = createChangeFinder();
  const check = (world: World, now: number, node: string | null, touched: Touched): Violation | null => {
    for (const { invariant, memory } of laws) {
      const message = invariant.check(world, memory, touched);
      if (message !== null) return { invariant: invariant.name, atMs: now, node, message };
    }
    return null;
  };
  return {
    afterEvent: (world, now, node) => check(world, now, node, findTouched(finder, world, node)),
    atEnd: (world, now) => check(world, now, null, everything(world)),
  };
}
