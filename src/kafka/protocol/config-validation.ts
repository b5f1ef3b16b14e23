import { checkBrokerConfigs } from "./broker-config.ts";
import { type ConfigDefinition, type ConfigScope, configDefinition, configDefinitions } from "./config-catalogue.ts";
import { type ConfigRefusal, type ConfigView, isTrue, refusal, valuesSet } from "./config-checks.ts";
import type { Configs } from "./config-reader.ts";
import { nearest, suggestConfigKey } from "./config-suggestions.ts";
import { allowedValues, parseConfigValue } from "./config-values.ts";
import { checkConsumerConfigs } from "./consumer-config.ts";
import { checkGroupConfigs, checkRackAwareTags } from "./group-config.ts";
import { isModelled } from "./modelled-configs.ts";
import { checkProducerConfigs } from "./producer-config.ts";
import { checkTopicConfigs } from "./topic-config.ts";
import { topicConfigValue } from "./topic-settings.ts";

/**
 * What Kafka does with settings: each is parsed in the order of the definitions, then come the checks across keys; the first wrong one is reported, in Kafka's words.
 * Models ConfigDef.parse with what ProducerConfig, ConsumerConfig, ControllerConfigurationValidator and KafkaConfig do after it.
 */
export type ConfigValidation = { ok: true; effective: ConfigView; warnings: ConfigWarning[] } | { ok: false; error: ConfigError };

export interface ConfigError extends ConfigRefusal {
  /** What was probably meant, key or value; null: no idea. */
  readonly suggestion: string | null;
}

export interface ConfigWarning {
  readonly key: string;
  /** unknown: Kafka has no such key and ignores it; not-modelled: Kafka has it, samsa does not act on it. */
  readonly kind: "unknown" | "not-modelled";
  /** A sentence for people, with the next step where there is one. */
  readonly message: string;
  readonly suggestion: string | null;
}

/** Settings without a default that every node or client of samsa has by itself. */
export const suppliedConfigs: Readonly<Record<ConfigScope, Configs>> = {
  producer: {
    "bootstrap.servers": "localhost:9092",
    "key.serializer": "org.apache.kafka.common.serialization.ByteArraySerializer",
    "value.serializer": "org.apache.kafka.common.serialization.ByteArraySerializer",
  },
  consumer: {
    "bootstrap.servers": "localhost:9092",
    "key.deserializer": "org.apache.kafka.common.serialization.ByteArrayDeserializer",
    "value.deserializer": "org.apache.kafka.common.serialization.ByteArrayDeserializer",
  },
  topic: {},
  broker: {
    "node.id": "1",
    "process.roles": "broker",
    listeners: "PLAINTEXT://localhost:9092",
    "controller.listener.names": "CONTROLLER",
    "controller.quorum.bootstrap.servers": "localhost:9093",
  },
  group: {},
};

/** A topic's and a group's settings are checked against a broker's: `brokerConfigs`. */
export function validateConfigs(
  scope: ConfigScope,
  configs: Configs,
  brokerConfigs: Configs = {},
  supplied: Configs = suppliedConfigs[scope],
): ConfigValidation {
  const given: Configs = { ...supplied, ...configs };
  const unknown = (scope === "topic" || scope === "group") && unknownName(scope, configs);
  if (unknown) return { ok: false, error: unknown };
  const repeats = scope === "group" ? checkRackAwareTags(configs) : null;
  if (repeats !== null) return failed(repeats);

  const broker = scope === "topic" || scope === "group" ? brokerView(brokerConfigs) : null;
  const view = parseAll(scope, given, scope === "topic" ? valuesSet(broker!) : {});
  if (!("values" in view)) return { ok: false, error: view };
  const refused = checkAcross(view, broker);
  return refused === null ? { ok: true, effective: view, warnings: warningsAbout(scope, configs) } : failed(refused);
}

/** Values of a broker with these settings; a broker that would not start is taken for one with default settings. */
function brokerView(configs: Configs): ConfigView {
  const parsed = parseAll("broker", { ...suppliedConfigs.broker, ...configs }, {});
  return "values" in parsed ? parsed : (parseAll("broker", suppliedConfigs.broker, {}) as ConfigView);
}

function parseAll(scope: ConfigScope, given: Configs, brokerValues: Configs): ConfigView | ConfigError {
  const values: Record<string, string | null> = {};
  for (const definition of configDefinitions(scope)) {
    const { key } = definition;
    const text = given[key] ?? inheritedFrom(brokerValues, definition);
    if (text !== undefined) {
      const parsed = parseConfigValue(definition, text);
      if (!parsed.ok)
        return { ...refusal(parsed.exception ?? "ConfigException", parsed.message, key), suggestion: nearestValue(definition, text) };
      values[key] = parsed.value;
    } else if (definition.required) {
      return {
        ...refusal("ConfigException", `Missing required configuration "${key}" which has no default value.`, key),
        suggestion: null,
      };
    } else {
      values[key] = definition.default;
    }
  }
  return { scope, given, values };
}

/** What a topic gets from its broker, where that is not the default: a topic may refuse what a broker takes. */
function inheritedFrom(brokerValues: Configs, definition: ConfigDefinition): string | undefined {
  if (definition.brokerKeys.length === 0) return undefined;
  const value = topicConfigValue(definition.key, {}, brokerValues);
  return value === null || value === definition.default ? undefined : value;
}

function checkAcross(view: ConfigView, broker: ConfigView | null): ConfigRefusal | null {
  switch (view.scope) {
    case "producer":
      return checkProducerConfigs(view);
    case "consumer":
      return checkConsumerConfigs(view);
    case "topic":
      // Nothing of its own: nothing to refuse, whatever its broker says.
      return Object.keys(view.given).length === 0 ? null : checkTopicConfigs(view, isTrue(broker!, "remote.log.storage.system.enable"));
    case "broker":
      return checkBrokerConfigs(view);
    case "group":
      return checkGroupConfigs(view, broker!);
  }
}

function failed(refused: ConfigRefusal): ConfigValidation {
  return { ok: false, error: { ...refused, suggestion: null } };
}

/** Of several unknown keys Kafka names the first that its hash table yields. */
function unknownName(scope: "topic" | "group", configs: Configs): ConfigError | null {
  const key = inHashMapOrder(Object.keys(configs)).find((name) => configDefinition(scope, name) === undefined);
  if (key === undefined) return null;
  return {
    ...refusal("InvalidConfigurationException", `Unknown ${scope} config name: ${key}`, key),
    suggestion: suggestConfigKey(scope, key),
  };
}

/** The order in which a java.util.HashMap holds keys that were put in this order. */
function inHashMapOrder(keys: readonly string[]): string[] {
  let capacity = 16;
  while (keys.length > capacity * 0.75) capacity *= 2;
  const bucketOf = (key: string): number => {
    let hash = 0;
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return keys.slice().sort((a, b) => bucketOf(a) - bucketOf(b));
}

function warningsAbout(scope: ConfigScope, configs: Configs): ConfigWarning[] {
  const warnings: ConfigWarning[] = [];
  for (const key of Object.keys(configs)) {
    if (configDefinition(scope, key) === undefined) {
      const suggestion = suggestConfigKey(scope, key);
      const advice = suggestion === null ? "" : ` Did you mean ${suggestion}?`;
      warnings.push({ key, kind: "unknown", suggestion, message: `Kafka knows no ${scope} config ${key} and ignores it.${advice}` });
    } else if (!isModelled(scope, key) && suppliedConfigs[scope][key] === undefined) {
      warnings.push({
        key,
        kind: "not-modelled",
        suggestion: null,
        message: `samsa does not model the ${scope} config ${key}: it changes nothing here.`,
      });
    }
  }
  return warnings;
}

function nearestValue(definition: ConfigDefinition, text: string): string | null {
  const options =
    definition.type === "BOOLEAN" ? ["true", "false"] : allowedValues(definition).filter((option) => !option.startsWith("by_duration"));
  const value = text.trim().toLowerCase();
  return options.find((option) => option.toLowerCase() === value) ?? nearest(value, options);
}
