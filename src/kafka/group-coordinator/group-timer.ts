import { Phase } from "../../kernel/event.ts";
import type { Context } from "../protocol/context.ts";
import type { GroupCoordinatorShard } from "./group-coordinator-shard.ts";

/**
 * session: nothing was heard of a member, it waited too long as a new one, or an id that was handed out was never used.
 * initial: the initial rebalance delay. join: the rebalance timeout. sync: members that never asked for their assignment. expire: periodic clean-up.
 */
export type GroupTimerKind = "session" | "initial" | "join" | "sync" | "expire";

/** The payload of the event "group-timer" (Phase.Timer) by which a shard comes back to itself through its broker. */
export interface GroupTimer {
  topicPartition: string;
  epoch: number;
  kind: GroupTimerKind;
  group: string;
  member: string;
  /** The timer counts only if this is still the number that its owner remembers. */
  number: number;
}

/** Arms a timer and returns its number, which the owner keeps; arming anew makes the older one void. */
export function armTimer(
  shard: GroupCoordinatorShard,
  at: number,
  kind: GroupTimerKind,
  group: string,
  member: string,
  context: Context,
): number {
  const number = shard.nextTimer++;
  const payload: GroupTimer = { topicPartition: shard.topicPartition, epoch: shard.epoch, kind, group, member, number };
  context.schedule(at, Phase.Timer, shard.nodeId, "group-timer", payload);
  return number;
}
