import { onControllerIsolated } from "../controller/quorum.ts";
import { cutLink, healLink, isolate, rejoin, slowLink } from "../network/link-commands.ts";
import type { Command } from "../protocol/commands.ts";
import type { NodeId } from "../protocol/context.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { nodeOf } from "./world.ts";

type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

/** Both ends are silent for each other from now on, so either may be what a later absence names as its cause. */
export function cutLinkOf(context: ClusterContext, { from, to, oneWay }: CommandOf<"cut-link">): void {
  cutLink(context.world.network, from, to, oneWay, context);
  for (const end of [from, to]) nodeOf(context.world, end).silenceCause = context.cause;
}

export function slowLinkOf(context: ClusterContext, command: CommandOf<"slow-link">): void {
  const { from, to, oneWay, latencyMs, bandwidthBytesPerSecond } = command;
  slowLink(context.world.network, from, to, oneWay, latencyMs, bandwidthBytesPerSecond, context);
  for (const end of [from, to]) nodeOf(context.world, end).silenceCause = context.cause;
}

export function healLinkOf(context: ClusterContext, { from, to }: CommandOf<"heal-link">): void {
  healLink(context.world.network, from, to, context);
}

export function isolateNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  node.isolated = true;
  isolate(context.world.network, id, context);
  node.silenceCause = context.cause;
  if (node.kind === "controller") onControllerIsolated(context.world.quorum, id, true, context);
}

export function rejoinNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  node.isolated = false;
  rejoin(context.world.network, id, context);
  if (node.kind === "controller") onControllerIsolated(context.world.quorum, id, false, context);
}
