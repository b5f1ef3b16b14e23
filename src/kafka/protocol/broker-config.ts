import {
  checkEarlyStartListeners,
  checkListeners,
  checkRoles,
  checkRoutableAddresses,
  type Listener,
  readAdvertised,
  readListeners,
} from "./broker-listeners.ts";
import { type ConfigRefusal, type ConfigView, isGiven, listOf, refusal, required, textOf, valuesSet, wholeOf } from "./config-checks.ts";
import { invalidValueMessage } from "./config-values.ts";
import { topicConfigValue } from "./topic-settings.ts";

/**
 * What a node's settings must be to each other, in the order in which Kafka looks.
 * Models the constructors of GroupCoordinatorConfig and ShareGroupConfig, and KafkaConfig.validateValues. Left out: security, classes of plug-ins.
 */
export function checkBrokerConfigs(view: ConfigView): ConfigRefusal | null {
  if (!isGiven(view, "broker.id")) view.values["broker.id"] = textOf(view, "node.id");
  const beforeListeners =
    checkGroupCoordinator(view) ?? checkShareGroups(view) ?? checkCodec(view, "share.coordinator.state.topic.compression.codec");
  if (beforeListeners !== null) return beforeListeners;
  const listeners = readListeners(view);
  if (!Array.isArray(listeners)) return listeners;
  return (
    checkEarlyStartListeners(view, listeners) ??
    checkProtocols(view) ??
    checkNodeId(view) ??
    checkLogs(view) ??
    checkReplication(view) ??
    checkNetwork(view, listeners)
  );
}

function checkNetwork(view: ConfigView, listeners: Listener[]): ConfigRefusal | null {
  const advertised = readAdvertised(view, listeners);
  if (!Array.isArray(advertised)) return advertised;
  return (
    checkRoles(view, listeners) ??
    checkListeners(view, listeners, advertised) ??
    checkCordonedDirectories(view) ??
    checkRoutableAddresses(advertised) ??
    checkConnections(view)
  );
}

/** One key's value against another's; Kafka says which of the two must be how. */
type Rule = readonly [key: string, relation: ">=" | "<=" | "<", other: string];

const relationWords = { ">=": "greater than or equal to", "<=": "less than or equal to", "<": "less than" } as const;

function checkRules(view: ConfigView, rules: readonly Rule[]): ConfigRefusal | null {
  for (const [key, relation, other] of rules) {
    const a = wholeOf(view, key);
    const b = wholeOf(view, other);
    const holds = relation === ">=" ? a >= b : relation === "<=" ? a <= b : a < b;
    if (!holds) return refusal("IllegalArgumentException", `${key} must be ${relationWords[relation]} ${other}`, key);
  }
  return null;
}

function heartbeatAndSessionRules(kind: string): Rule[] {
  const heartbeat = `group.${kind}.heartbeat.interval.ms`;
  const session = `group.${kind}.session.timeout.ms`;
  const bound = (key: string, end: "min" | "max"): string => key.replace(`${kind}.`, `${kind}.${end}.`);
  return [
    [bound(heartbeat, "max"), ">=", bound(heartbeat, "min")],
    [heartbeat, ">=", bound(heartbeat, "min")],
    [heartbeat, "<=", bound(heartbeat, "max")],
    [bound(session, "max"), ">=", bound(session, "min")],
    [session, ">=", bound(session, "min")],
    [session, "<=", bound(session, "max")],
    [heartbeat, "<", session],
  ];
}

function assignmentIntervalRules(kind: string): Rule[] {
  const least = `group.${kind}.min.assignment.interval.ms`;
  const most = `group.${kind}.max.assignment.interval.ms`;
  const interval = `group.${kind}.assignment.interval.ms`;
  return [
    [most, ">=", least],
    [interval, ">=", least],
    [interval, "<=", most],
  ];
}

function checkGroupCoordinator(view: ConfigView): ConfigRefusal | null {
  return (
    checkAssignors(view, "group.consumer.assignors", consumerAssignors) ??
    checkCodec(view, "offsets.topic.compression.codec") ??
    checkAssignors(view, "group.share.assignors", shareAssignors) ??
    checkAssignors(view, "group.streams.assignors", streamsAssignors) ??
    checkRules(view, heartbeatAndSessionRules("consumer")) ??
    checkRules(view, assignmentIntervalRules("consumer")) ??
    checkRules(view, heartbeatAndSessionRules("share")) ??
    checkOneShareAssignor(view) ??
    checkRules(view, assignmentIntervalRules("share")) ??
    checkRules(view, heartbeatAndSessionRules("streams")) ??
    checkRules(view, assignmentIntervalRules("streams")) ??
    checkRules(view, [
      ["group.streams.num.standby.replicas", "<=", "group.streams.max.standby.replicas"],
      ["group.streams.task.offset.interval.ms", ">=", "group.streams.min.task.offset.interval.ms"],
      ["group.streams.num.warmup.replicas", "<=", "group.streams.max.warmup.replicas"],
    ]) ??
    checkRackAwareTags(view)
  );
}

const ASSIGNORS = "org.apache.kafka.coordinator.group.assignor.";
const consumerAssignors = ["uniform", "range", `${ASSIGNORS}UniformAssignor`, `${ASSIGNORS}RangeAssignor`];
const shareAssignors = ["simple", `${ASSIGNORS}SimpleAssignor`];
const streamsAssignors = ["sticky"];

function checkAssignors(view: ConfigView, key: string, known: readonly string[]): ConfigRefusal | null {
  const stranger = listOf(view, key).find((name) => !known.includes(name));
  return stranger === undefined ? null : refusal("ConfigException", invalidValueMessage(key, stranger, "Class cannot be found"), key);
}

function checkCodec(view: ConfigView, key: string): ConfigRefusal | null {
  const codec = wholeOf(view, key);
  return codec >= 0n && codec <= 4n ? null : refusal("IllegalArgumentException", `Unknown compression type id: ${codec}`, key);
}

function checkOneShareAssignor(view: ConfigView): ConfigRefusal | null {
  const key = "group.share.assignors";
  const count = listOf(view, key).length;
  return count === 1 ? null : refusal("IllegalArgumentException", `${key} must contain exactly one assignor, but found ${count}`, key);
}

function checkRackAwareTags(view: ConfigView): ConfigRefusal | null {
  const key = "group.streams.rack.aware.assignment.tags";
  const tags = (view.given[key] ?? "").split(",").map((tag) => tag.trim());
  return new Set(tags).size === tags.length
    ? null
    : refusal("IllegalArgumentException", `${key} must not contain duplicate tag keys.`, key);
}

function checkShareGroups(view: ConfigView): ConfigRefusal | null {
  return checkRules(view, [
    ["group.share.max.delivery.count.limit", ">=", "group.share.delivery.count.limit"],
    ["group.share.delivery.count.limit", ">=", "group.share.min.delivery.count.limit"],
    ["group.share.max.partition.max.record.locks", ">=", "group.share.partition.max.record.locks"],
    ["group.share.partition.max.record.locks", ">=", "group.share.min.partition.max.record.locks"],
    ["group.share.record.lock.duration.ms", ">=", "group.share.min.record.lock.duration.ms"],
    ["group.share.max.record.lock.duration.ms", ">=", "group.share.record.lock.duration.ms"],
    ["group.share.max.share.sessions", ">=", "group.share.max.size"],
  ]);
}

function checkProtocols(view: ConfigView): ConfigRefusal | null {
  const key = "group.coordinator.rebalance.protocols";
  return listOf(view, key).includes("classic")
    ? null
    : refusal("ConfigException", "Disabling the 'classic' protocol is not supported.", key);
}

function checkNodeId(view: ConfigView): ConfigRefusal | null {
  if (textOf(view, "node.id") === textOf(view, "broker.id")) return null;
  const message = "`node.id` and `broker.id` must be set to the same value. `broker.id` is deprecated, please use `node.id` instead.";
  return refusal("ConfigException", message, "broker.id");
}

function checkLogs(view: ConfigView): ConfigRefusal | null {
  const inTopicUnit = (key: string): bigint => BigInt(topicConfigValue(key, {}, valuesSet(view)) ?? "0");
  const retention = inTopicUnit("retention.ms");
  return (
    required(inTopicUnit("segment.ms") >= 1n, "log.roll.ms must be greater than or equal to 1", "log.roll.ms") ??
    required(inTopicUnit("segment.jitter.ms") >= 0n, "log.roll.jitter.ms must be greater than or equal to 0", "log.roll.jitter.ms") ??
    required(
      retention >= 1n || retention === -1n,
      "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
      "log.retention.ms",
    ) ??
    checkCleaner(view)
  );
}

const MEBIBYTE = 1024n * 1024n;

function checkCleaner(view: ConfigView): ConfigRefusal | null {
  const key = "log.cleaner.dedupe.buffer.size";
  const threads = wholeOf(view, "log.cleaner.threads");
  if (threads === 0n) return refusal("ArithmeticException", "/ by zero", "log.cleaner.threads");
  return required(wholeOf(view, key) / threads > MEBIBYTE, `${key} must be at least 1MB per cleaner thread.`, key);
}

function checkReplication(view: ConfigView): ConfigRefusal | null {
  const key = "replica.fetch.wait.max.ms";
  const wait = wholeOf(view, key);
  return (
    required(
      wait <= wholeOf(view, "replica.socket.timeout.ms"),
      "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts",
      key,
    ) ??
    required(
      wait <= wholeOf(view, "replica.lag.time.max.ms"),
      "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR",
      key,
    )
  );
}

function checkCordonedDirectories(view: ConfigView): ConfigRefusal | null {
  const key = "cordoned.log.dirs";
  if (!listOf(view, "process.roles").includes("broker")) return null;
  const cordoned = listOf(view, key);
  if (cordoned.includes("*")) return required(cordoned.length === 1, `When ${key} is set to *, it must not contain other values`, key);
  const directories = textOf(view, "log.dirs") === null ? listOf(view, "log.dir") : listOf(view, "log.dirs");
  const missing = cordoned.filter((directory) => !directories.includes(directory));
  return required(
    missing.length === 0,
    `All entries in ${key} must be present in log.dirs or log.dir. Missing entries : ${missing.join(", ")}`,
    key,
  );
}

function checkConnections(view: ConfigView): ConfigRefusal | null {
  const queued = wholeOf(view, "queued.max.request.bytes");
  const queueFits = queued <= 0n || queued >= wholeOf(view, "socket.request.max.bytes");
  const idle = wholeOf(view, "connections.max.idle.ms");
  const delay = wholeOf(view, "connection.failed.authentication.delay.ms");
  const overrides = textOf(view, "max.connections.per.ip.overrides") ?? "";
  return (
    required(queueFits, "queued.max.request.bytes must be larger or equal to socket.request.max.bytes", "queued.max.request.bytes") ??
    required(
      textOf(view, "max.connections.per.ip") !== "0" || overrides !== "",
      "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.",
      "max.connections.per.ip",
    ) ??
    required(
      idle < 0n || delay < idle,
      `connection.failed.authentication.delay.ms=${delay} should always be less than connections.max.idle.ms=${idle} to prevent failed authentication responses from timing out`,
      "connections.max.idle.ms",
    )
  );
}
