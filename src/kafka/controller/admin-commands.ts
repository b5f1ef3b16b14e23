import type { TopicSpec } from "../protocol/cluster-spec.ts";
import type { Context } from "../protocol/context.ts";
import { checkConfigChange, type ResourceScope } from "./configuration-control-manager.ts";
import { isFit } from "./failover.ts";
import { writeRecords } from "./metadata-writer.ts";
import { type AdminResult, adminResult, type ControllerQuorum } from "./quorum-state.ts";
import { electLeaderByHand, electUncleanLeaders, updateElrs } from "./replication-control-manager.ts";
import { addPartitionsTo, createTopicFrom } from "./topic-control.ts";

/**
 * What a person asks the active controller for. Stands for kafka-topics, kafka-configs and kafka-leader-election; the calls take no time.
 * Without an active controller they fail, as the tools do after their timeout. A refusal is Kafka's error with Kafka's words.
 */
export function createTopic(quorum: ControllerQuorum, wanted: TopicSpec, context: Context): AdminResult {
  return isFit(quorum) ? createTopicFrom(quorum, wanted, context) : noController();
}

export function addPartitions(quorum: ControllerQuorum, topic: string, count: number, context: Context): AdminResult {
  return isFit(quorum) ? addPartitionsTo(quorum, topic, count, context) : noController();
}

export function electLeader(
  quorum: ControllerQuorum,
  topic: string,
  partition: number,
  kind: "preferred" | "unclean",
  context: Context,
): AdminResult {
  return isFit(quorum) ? electLeaderByHand(quorum, topic, partition, kind, context) : noController();
}

/** `resource`: a topic, a group, a broker's id, or "" for all brokers. `value` null removes the key. */
export function alterConfig(
  quorum: ControllerQuorum,
  scope: ResourceScope,
  resource: string,
  key: string,
  value: string | null,
  context: Context,
): AdminResult {
  if (!isFit(quorum)) return noController();
  const checked = checkConfigChange(quorum, scope, resource, key, value);
  if (checked.error !== "NONE") return checked;
  if (context.tracing)
    context.cause = context.trace("config-changed", String(quorum.activeController), { scope, resource, key, value: value ?? "" });
  writeRecords(
    quorum,
    [{ type: "ConfigRecord", scope, resource, key, value }],
    { kind: "clean", reason: "config changed", config: key },
    context,
  );
  // Both take effect at once on what has no leader or too few replicas in sync.
  if (scope === "group") return adminResult("NONE");
  if (key === "min.insync.replicas") updateElrs(quorum, scope === "topic" ? resource : null, context);
  if (key === "unclean.leader.election.enable") electUncleanLeaders(quorum, context);
  return adminResult("NONE");
}

function noController(): AdminResult {
  return adminResult("REQUEST_TIMED_OUT", "There is no active controller.");
}
