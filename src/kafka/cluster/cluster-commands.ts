import { loseDisk } from "../broker/broker.ts";
import { addPartitions, alterConfig as alterConfigOf, createTopic as createTopicOf, electLeader } from "../controller/quorum.ts";
import type { Command } from "../protocol/commands.ts";
import type { ClusterContext } from "./cluster-context.ts";

type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

/** What an admin client asks of the controller. Refusals of the controller are its own; the command does nothing then. */

export function alterConfig(context: ClusterContext, scope: "topic" | "broker" | "group", resource: string, key: string, value: string | null): void {
  alterConfigOf(context.world.quorum, scope, resource, key, value, context);
}

export function createTopic(context: ClusterContext, { topic, partitions, replicationFactor, configs }: CommandOf<"create-topic">): void {
  createTopicOf(context.world.quorum, { name: topic, partitions, replicationFactor, assignment: null, configs: { ...configs } }, context);
}

export function addPartitionsTo(context: ClusterContext, { topic, partitions }: CommandOf<"add-partitions">): void {
  addPartitions(context.world.quorum, topic, partitions, context);
}

export function electLeaderOf(context: ClusterContext, { topic, partition, kind }: CommandOf<"elect-leader">): void {
  electLeader(context.world.quorum, topic, partition, kind, context);
}

export function loseDiskOf(context: ClusterContext, broker: number): void {
  if (context.tracing) context.cause = context.trace("disk-lost", String(broker), {});
  context.world.nodes[broker]!.silenceCause = context.cause;
  loseDisk(context.world.brokers[broker]!, context);
}
