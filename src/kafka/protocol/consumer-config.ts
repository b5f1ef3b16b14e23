import {
  adjustReconnectBackoff,
  type ConfigRefusal,
  type ConfigView,
  checkBootstrapServers,
  isGiven,
  isTrue,
  listOf,
  refusal,
  textOf,
  wholeOf,
} from "./config-checks.ts";
import { assignorNameOf } from "./consumer-settings.ts";

/**
 * What a consumer's settings must be to each other, in the order in which Kafka looks.
 * Models ConsumerConfig.postProcessParsedConfig and the checks of the constructors of ClassicKafkaConsumer and AsyncKafkaConsumer.
 * Left out: security, interceptors and reporters.
 */
export function checkConsumerConfigs(view: ConfigView): ConfigRefusal | null {
  adjustReconnectBackoff(view);
  return checkInstanceIdOfClientId(view) ?? checkAutoCommit(view) ?? checkProtocol(view) ?? checkClient(view);
}

/** The instance id becomes part of a client id that is not set, and is looked at here already; otherwise later. */
function checkInstanceIdOfClientId(view: ConfigView): ConfigRefusal | null {
  return textOf(view, "client.id") === "" ? checkInstanceId(view, "config") : null;
}

const MAX_INSTANCE_ID_LENGTH = 249;

function checkInstanceId(view: ConfigView, stage: "config" | "client"): ConfigRefusal | null {
  const id = textOf(view, "group.instance.id");
  if (id === null) return null;
  const wrong = instanceIdFault(id);
  return wrong === null
    ? null
    : refusal("InvalidConfigurationException", `Group instance id is invalid: ${wrong}`, "group.instance.id", stage);
}

/** Models Topic.validate, which static members share with topic names. */
function instanceIdFault(id: string): string | null {
  if (id === "." || id === "..") return `'${id}' is not allowed`;
  if (id.length > MAX_INSTANCE_ID_LENGTH) return `the length of '${id}' is longer than the max allowed length ${MAX_INSTANCE_ID_LENGTH}`;
  if (!/^[a-zA-Z0-9._-]*$/.test(id)) return `'${id}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  return null;
}

function checkAutoCommit(view: ConfigView): ConfigRefusal | null {
  if (textOf(view, "group.id") !== null) return null;
  if (!isGiven(view, "enable.auto.commit")) view.values["enable.auto.commit"] = "false";
  else if (isTrue(view, "enable.auto.commit")) {
    return refusal(
      "InvalidConfigurationException",
      "enable.auto.commit cannot be set to true when default group id (null) is used.",
      "enable.auto.commit",
    );
  }
  return null;
}

const unsupportedConfigs = {
  CLASSIC: ["group.remote.assignor", "share.acknowledgement.mode", "share.acquire.mode"],
  CONSUMER: [
    "partition.assignment.strategy",
    "heartbeat.interval.ms",
    "session.timeout.ms",
    "share.acknowledgement.mode",
    "share.acquire.mode",
  ],
} as const;

/** Keys that the other protocol decides must not be set at all, not even to their default; a blank counts as not set. */
function checkProtocol(view: ConfigView): ConfigRefusal | null {
  const protocol = isConsumerProtocol(view) ? "CONSUMER" : "CLASSIC";
  const unsupported = unsupportedConfigs[protocol].filter((key) => (view.given[key] ?? "").trim() !== "");
  if (unsupported.length === 0) return null;
  return refusal("ConfigException", `${unsupported.join(", ")} cannot be set when group.protocol=${protocol}`, unsupported[0]!);
}

function isConsumerProtocol(view: ConfigView): boolean {
  return textOf(view, "group.protocol")?.toLowerCase() === "consumer";
}

/** The two protocols' consumers look in different orders. */
function checkClient(view: ConfigView): ConfigRefusal | null {
  if (isConsumerProtocol(view)) return checkInstanceId(view, "client") ?? checkBootstrapServers(view) ?? checkGroupId(view);
  return (
    checkInstanceId(view, "client") ?? checkGroupId(view) ?? checkBootstrapServers(view) ?? checkAssignors(view) ?? checkHeartbeat(view)
  );
}

function checkGroupId(view: ConfigView): ConfigRefusal | null {
  const groupId = textOf(view, "group.id");
  if (groupId === null || groupId.trim() !== "") return null;
  return refusal("InvalidGroupIdException", "The configured group.id should not be an empty string or whitespace.", "group.id", "client");
}

function checkAssignors(view: ConfigView): ConfigRefusal | null {
  const stranger = listOf(view, "partition.assignment.strategy").find((name) => assignorNameOf(name) === name);
  if (stranger === undefined) return null;
  return refusal("KafkaException", `${stranger} ClassNotFoundException exception occurred`, "partition.assignment.strategy", "client");
}

/** Only members have heartbeats. */
function checkHeartbeat(view: ConfigView): ConfigRefusal | null {
  if (textOf(view, "group.id") === null) return null;
  const heartbeat = wholeOf(view, "heartbeat.interval.ms");
  if (heartbeat >= wholeOf(view, "session.timeout.ms")) {
    return refusal("IllegalArgumentException", "Heartbeat must be set lower than the session timeout", "heartbeat.interval.ms", "client");
  }
  return heartbeat < 0n
    ? refusal("IllegalArgumentException", `Invalid negative timeout ${heartbeat}`, "heartbeat.interval.ms", "client")
    : null;
}
