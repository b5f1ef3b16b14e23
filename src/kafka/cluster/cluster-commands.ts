import { loseDisk } from "../broker/broker.ts";
import {
  type AdminResult,
  addPartitions,
  alterConfig as alterConfigOf,
  createTopic as createTopicOf,
  electLeader,
} from "../controller/quorum.ts";
import type { Command } from "../protocol/commands.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { beginSilence } from "./silences.ts";

type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

/** What an admin client asks of the controller. What the controller refuses is told by the context, in Kafka's words. */

export function alterConfig(
  context: ClusterContext,
  scope: "topic" | "broker" | "group",
  resource: string,
  key: string,
  value: string | null,
): void {
  tell(context, alterConfigOf(context.world.quorum, scope, resource, key, value, context));
}

export function createTopic(context: ClusterContext, { topic, partitions, replicationFactor, configs }: CommandOf<"create-topic">): void {
  tell(
    context,
    createTopicOf(context.world.quorum, { name: topic, partitions, replicationFactor, assignment: null, configs: { ...configs } }, context),
  );
}

export function addPartitionsTo(context: ClusterContext, { topic, partitions }: CommandOf<"add-partitions">): void {
  tell(context, addPartitions(context.world.quorum, topic, partitions, context));
}

export function electLeaderOf(context: ClusterContext, { topic, partition, kind }: CommandOf<"elect-leader">): void {
  tell(context, electLeader(context.world.quorum, topic, partition, kind, context));
}

export function loseDiskOf(context: ClusterContext, broker: number): void {
  if (context.tracing) context.cause = context.trace("disk-lost", String(broker), {});
  beginSilence(context.world.nodes[broker]!, context.cause, context.now);
  loseDisk(context.world.brokers[broker]!, context);
}

function tell(context: ClusterContext, { error, message }: AdminResult): void {
  if (error !== "NONE") context.refusal = `${error}${message === null ? "" : `: ${message}`}`;
}
