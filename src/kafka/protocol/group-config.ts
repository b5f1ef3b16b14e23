import { type ConfigRefusal, type ConfigView, isGiven, listOf, refusal, textOf, wholeOf } from "./config-checks.ts";
import { trim } from "./config-values.ts";

/**
 * What a group's settings must be to each other and to the broker's bounds, in the order in which the controller looks.
 * Models org.apache.kafka.coordinator.group.GroupConfig.validate. Only keys that the group sets are looked at.
 */
export function checkGroupConfigs(view: ConfigView, broker: ConfigView): ConfigRefusal | null {
  for (const check of bounds) {
    const found = checkBound(view, broker, check);
    if (found !== null) return found;
  }
  return checkStreamsAssignor(view, broker) ?? checkSessions(view, broker) ?? checkDeadLetterTopic(view);
}

/** Before the values are parsed: a list's repeats would be gone afterwards. */
export function checkRackAwareTags(given: Readonly<Record<string, string>>): ConfigRefusal | null {
  const key = "streams.rack.aware.assignment.tags";
  const tags = trim(given[key] ?? "").split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/);
  return new Set(tags).size === tags.length
    ? null
    : refusal("InvalidConfigurationException", `${key} must not contain duplicate tag keys.`, key);
}

interface Bound {
  key: string;
  /** The broker's keys; null: no such bound. */
  least: string | null;
  most: string | null;
}

const bounds: readonly Bound[] = [
  range("consumer.heartbeat.interval.ms"),
  range("consumer.session.timeout.ms"),
  range("consumer.assignment.interval.ms"),
  range("share.heartbeat.interval.ms"),
  range("share.session.timeout.ms"),
  range("share.record.lock.duration.ms"),
  range("share.delivery.count.limit"),
  range("share.partition.max.record.locks"),
  range("share.assignment.interval.ms"),
  range("streams.heartbeat.interval.ms"),
  range("streams.session.timeout.ms"),
  { key: "streams.num.standby.replicas", least: null, most: "group.streams.max.standby.replicas" },
  range("streams.assignment.interval.ms"),
  { key: "streams.task.offset.interval.ms", least: "group.streams.min.task.offset.interval.ms", most: null },
  { key: "streams.num.warmup.replicas", least: null, most: "group.streams.max.warmup.replicas" },
];

/** consumer.session.timeout.ms lies between the broker's group.consumer.min.session.timeout.ms and group.consumer.max.session.timeout.ms. */
function range(key: string): Bound {
  const [kind, ...rest] = key.split(".");
  return { key, least: `group.${kind}.min.${rest.join(".")}`, most: `group.${kind}.max.${rest.join(".")}` };
}

function checkBound(view: ConfigView, broker: ConfigView, { key, least, most }: Bound): ConfigRefusal | null {
  if (!isGiven(view, key)) return null;
  const value = wholeOf(view, key);
  const low = least === null ? null : wholeOf(broker, least);
  const high = most === null ? null : wholeOf(broker, most);
  if ((low === null || value >= low) && (high === null || value <= high)) return null;
  if (low === null) return refusal("InvalidConfigurationException", `${key} must be less than or equal to ${high}`, key);
  if (high === null) return refusal("InvalidConfigurationException", `${key} must be greater than or equal to ${low}`, key);
  return refusal("InvalidConfigurationException", `${key} must be in the range ${low} to ${high} inclusive.`, key);
}

function checkStreamsAssignor(view: ConfigView, broker: ConfigView): ConfigRefusal | null {
  const key = "streams.assignor.name";
  const name = textOf(view, key);
  if (!isGiven(view, key) || name === null) return null;
  const registered = listOf(broker, "group.streams.assignors");
  if (registered.includes(name)) return null;
  return refusal(
    "InvalidConfigurationException",
    `${key} '${name}' is not a registered task assignor. Registered assignors are: [${registered.join(", ")}].`,
    key,
  );
}

function checkSessions(view: ConfigView, broker: ConfigView): ConfigRefusal | null {
  for (const kind of ["consumer", "share", "streams"]) {
    const sessionKey = `${kind}.session.timeout.ms`;
    const heartbeatKey = `${kind}.heartbeat.interval.ms`;
    if (!isGiven(view, sessionKey) && !isGiven(view, heartbeatKey)) continue;
    const session = isGiven(view, sessionKey) ? wholeOf(view, sessionKey) : wholeOf(broker, `group.${sessionKey}`);
    const heartbeat = isGiven(view, heartbeatKey) ? wholeOf(view, heartbeatKey) : wholeOf(broker, `group.${heartbeatKey}`);
    if (session <= heartbeat)
      return refusal("InvalidConfigurationException", `${sessionKey} must be greater than ${heartbeatKey}`, sessionKey);
  }
  return null;
}

function checkDeadLetterTopic(view: ConfigView): ConfigRefusal | null {
  const key = "errors.deadletterqueue.topic.name";
  if (!textOf(view, key)?.startsWith("__")) return null;
  return refusal("InvalidConfigurationException", `${key}: DLQ topic name must not start with '__'`, key);
}
