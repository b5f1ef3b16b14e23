import { cutLink, healLink, isolate, rejoin, slowLink } from "../network/network.ts";
import type { Command } from "../protocol/commands.ts";
import type { NodeId } from "../protocol/context.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { nodeOf } from "./world.ts";

type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

/** Both ends are silent for each other from now on, so either may be what a later absence names as its cause. */
export function cutLinkOf(context: ClusterContext, { from, to, oneWay }: CommandOf<"cut-link">): void {
  traceLink(context, from, to, true, 0, 0);
  cutLink(context.world.network, from, to, context);
  if (!oneWay) cutLink(context.world.network, to, from, context);
  for (const end of [from, to]) nodeOf(context.world, end).silenceCause = context.cause;
}

export function slowLinkOf(context: ClusterContext, command: CommandOf<"slow-link">): void {
  const { from, to, oneWay, latencyMs, bandwidthBytesPerSecond } = command;
  traceLink(context, from, to, false, latencyMs, bandwidthBytesPerSecond ?? 0);
  slowLink(context.world.network, from, to, latencyMs, bandwidthBytesPerSecond);
  if (!oneWay) slowLink(context.world.network, to, from, latencyMs, bandwidthBytesPerSecond);
  for (const end of [from, to]) nodeOf(context.world, end).silenceCause = context.cause;
}

export function healLinkOf(context: ClusterContext, { from, to }: CommandOf<"heal-link">): void {
  traceLink(context, from, to, false, context.world.spec.network.latencyMs, 0);
  healLink(context.world.network, from, to);
  healLink(context.world.network, to, from);
}

export function isolateNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  traceLink(context, id, "*", true, 0, 0);
  node.isolated = true;
  node.silenceCause = context.cause;
  isolate(context.world.network, id, context);
}

export function rejoinNode(context: ClusterContext, id: NodeId): void {
  traceLink(context, id, "*", false, context.world.spec.network.latencyMs, 0);
  nodeOf(context.world, id).isolated = false;
  rejoin(context.world.network, id);
}

function traceLink(context: ClusterContext, from: string, to: string, cut: boolean, latencyMs: number, bandwidthBytesPerSecond: number): void {
  if (!context.tracing) return;
  context.cause = context.trace("link-changed", from, { from, to, cut, latencyMs, bandwidthBytesPerSecond });
}
