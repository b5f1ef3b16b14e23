import { type ConfigRefusal, type ConfigView, isTrue, listOf, refusal, textOf, wholeOf } from "./config-checks.ts";
import { invalidValueMessage } from "./config-values.ts";

/**
 * What a topic's settings (over its broker's) must be to each other, in the order in which the controller looks.
 * Models LogConfig.validate as ControllerConfigurationValidator calls it for a new topic or a change. Left out: what a topic had before the change.
 */
export function checkTopicConfigs(view: ConfigView, brokerHasTieredStorage: boolean): ConfigRefusal | null {
  return checkCompactionLag(view) ?? (isTrue(view, "remote.storage.enable") ? checkTieredStorage(view, brokerHasTieredStorage) : null);
}

function checkCompactionLag(view: ConfigView): ConfigRefusal | null {
  const least = wholeOf(view, "min.compaction.lag.ms");
  const most = wholeOf(view, "max.compaction.lag.ms");
  if (least <= most) return null;
  return refusal(
    "InvalidConfigurationException",
    `conflict topic config setting min.compaction.lag.ms (${least}) > max.compaction.lag.ms (${most})`,
    "min.compaction.lag.ms",
  );
}

/** samsa has no tiered storage; its settings are checked all the same, so that a mistake is told as Kafka tells it. */
function checkTieredStorage(view: ConfigView, brokerHasTieredStorage: boolean): ConfigRefusal | null {
  if (!brokerHasTieredStorage) {
    const message = "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.";
    return refusal("ConfigException", message, "remote.storage.enable");
  }
  const policy = listOf(view, "cleanup.policy");
  if (policy.length > 0 && policy.join() !== "delete") {
    return refusal(
      "ConfigException",
      "Remote log storage only supports topics with cleanup.policy=delete or cleanup.policy being an empty list.",
      "cleanup.policy",
    );
  }
  return (
    checkLocalRetention(view, "bytes") ??
    checkLocalRetention(view, "ms") ??
    checkCopyLag(view, "bytes") ??
    checkCopyLag(view, "ms") ??
    checkCopyDisabled(view)
  );
}

/** What stays on the broker is part of what is kept. -2: as much as is kept at all. */
function checkLocalRetention(view: ConfigView, unit: "bytes" | "ms"): ConfigRefusal | null {
  const key = `local.retention.${unit}`;
  const whole = wholeOf(view, `retention.${unit}`);
  const local = wholeOf(view, key);
  const bounded = unit === "bytes" ? whole > -1n : whole !== -1n;
  if (!bounded || local === -2n) return null;
  if (local === -1n) return invalid(key, local, `Value must not be -1 as retention.${unit} value is set as ${whole}.`);
  return local > whole ? invalid(key, local, `Value must not be more than retention.${unit} property value: ${whole}`) : null;
}

function checkCopyLag(view: ConfigView, unit: "bytes" | "ms"): ConfigRefusal | null {
  const key = `remote.copy.lag.${unit}`;
  const local = wholeOf(view, `local.retention.${unit}`);
  const effective = local === -2n ? wholeOf(view, `retention.${unit}`) : local;
  const lag = wholeOf(view, key);
  return lag > 0n && effective >= 0n && lag > effective
    ? invalid(key, lag, `Value must not exceed local.retention.${unit} (effective value: ${effective})`)
    : null;
}

function checkCopyDisabled(view: ConfigView): ConfigRefusal | null {
  if (!isTrue(view, "remote.log.copy.disable")) return null;
  for (const unit of ["bytes", "ms"]) {
    const local = textOf(view, `local.retention.${unit}`);
    if (local === "-2" || local === textOf(view, `retention.${unit}`)) continue;
    const message = `When \`remote.log.copy.disable\` is set to true, the \`local.retention.${unit}\` and \`retention.${unit}\` must be set to the identical value because there will be no more logs copied to the remote storage.`;
    return refusal("InvalidConfigurationException", message, `local.retention.${unit}`);
  }
  return null;
}

function invalid(key: string, value: bigint, reason: string): ConfigRefusal {
  return refusal("ConfigException", invalidValueMessage(key, value.toString(), reason), key);
}
