import { configDefinition } from "../protocol/config-catalogue.ts";
import { type Configs, readBoolean, readInt } from "../protocol/config-reader.ts";
import { validateConfigs } from "../protocol/config-validation.ts";
import { parseConfigValue } from "../protocol/config-values.ts";
import { topicConfigValue } from "../protocol/topic-settings.ts";
import { type AdminResult, adminResult, type ControllerQuorum } from "./quorum-state.ts";

/**
 * Configs of topics, brokers and groups: what is in force, and whether a change is allowed.
 * Models org.apache.kafka.controller.ConfigurationControlManager. Left out: several keys in one call, append and subtract, policies.
 */
export type ResourceScope = "topic" | "broker" | "group";

/** The value in force for a topic: its own, else the cluster's default, else what the brokers were started with. */
export function topicConfig(quorum: ControllerQuorum, topic: string, key: string): string | null {
  const { configs } = quorum.image;
  return topicConfigValue(key, configs[`topic:${topic}`] ?? {}, { ...quorum.staticConfigs, ...configs["broker:"] });
}

/** A topic never needs more replicas in sync than it has. */
export function effectiveMinIsr(quorum: ControllerQuorum, topic: string, replicas: number): number {
  return Math.min(readInt(topicConfig(quorum, topic, "min.insync.replicas")), replicas);
}

export function isUncleanElectionEnabled(quorum: ControllerQuorum, topic: string): boolean {
  return readBoolean(topicConfig(quorum, topic, "unclean.leader.election.enable"));
}

/** Whether Kafka would accept the change; value null removes the key. */
export function checkConfigChange(
  quorum: ControllerQuorum,
  scope: ResourceScope,
  resource: string,
  key: string,
  value: string | null,
): AdminResult {
  if (scope === "topic" && quorum.image.topics[resource] === undefined) {
    return adminResult("UNKNOWN_TOPIC_OR_PARTITION", `The topic '${resource}' does not exist.`);
  }
  if (scope === "broker" && resource !== "" && quorum.image.brokers[resource] === undefined) {
    return adminResult("BROKER_ID_NOT_REGISTERED", `Broker ID ${resource} is not currently registered`);
  }
  if (scope === "broker" && key === "min.insync.replicas" && quorum.elrEnabled) {
    if (resource !== "") return adminResult("INVALID_CONFIG", "Broker-level min.insync.replicas cannot be altered while ELR is enabled.");
    if (value === null) return adminResult("INVALID_CONFIG", "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.");
  }
  if (value === null) return adminResult("NONE");
  if (scope === "broker") return checkBrokerValue(key, value);
  return checkConfigs(quorum, scope, { ...quorum.image.configs[`${scope}:${resource}`], [key]: value });
}

/** All configs of a topic or a group together, as Kafka looks at them; unknown keys are refused. */
export function checkConfigs(quorum: ControllerQuorum, scope: "topic" | "group", configs: Configs): AdminResult {
  const checked = validateConfigs(scope, configs, { ...quorum.staticConfigs, ...quorum.image.configs["broker:"] });
  return checked.ok ? adminResult("NONE") : adminResult("INVALID_CONFIG", checked.error.message);
}

/** Brokers keep keys that they do not know. */
function checkBrokerValue(key: string, value: string): AdminResult {
  const definition = configDefinition("broker", key);
  const parsed = definition === undefined ? null : parseConfigValue(definition, value);
  return parsed === null || parsed.ok ? adminResult("NONE") : adminResult("INVALID_CONFIG", parsed.message);
}
