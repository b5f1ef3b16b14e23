import { onControllerIsolated } from "../controller/quorum.ts";
import { cutLink, healLink, isolate, rejoin, slowLink } from "../network/link-commands.ts";
import type { Command } from "../protocol/commands.ts";
import type { NodeId } from "../protocol/context.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { beginLinkSilence, EVERY_PEER, endAllLinkSilences, endLinkSilence } from "./silences.ts";
import { nodeOf } from "./world.ts";

type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

export function cutLinkOf(context: ClusterContext, { from, to, oneWay }: CommandOf<"cut-link">): void {
  cutLink(context.world.network, from, to, oneWay, context);
  beginLinkSilence(context.world, from, to, context.cause, false, context.now);
}

export function slowLinkOf(context: ClusterContext, command: CommandOf<"slow-link">): void {
  const { from, to, oneWay, latencyMs, bandwidthBytesPerSecond } = command;
  slowLink(context.world.network, from, to, oneWay, latencyMs, bandwidthBytesPerSecond, context);
  beginLinkSilence(context.world, from, to, context.cause, true, context.now);
}

export function healLinkOf(context: ClusterContext, { from, to }: CommandOf<"heal-link">): void {
  healLink(context.world.network, from, to, context);
  endLinkSilence(context.world, from, to, context.now);
}

export function isolateNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  node.isolated = true;
  isolate(context.world.network, id, context);
  beginLinkSilence(context.world, id, EVERY_PEER, context.cause, false, context.now);
  if (node.kind === "controller") onControllerIsolated(context.world.quorum, id, true, context);
}

export function rejoinNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  node.isolated = false;
  rejoin(context.world.network, id, context);
  endAllLinkSilences(context.world, id, context.now);
  if (node.kind === "controller") onControllerIsolated(context.world.quorum, id, false, context);
}
