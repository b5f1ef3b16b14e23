import { type ConfigDefinition, type ConfigScope, configDefinition, configDefinitions } from "./config-catalogue.ts";
import { modelledConsumerConfigs, modelledProducerConfigs } from "./modelled-client-configs.ts";
import { modelledBrokerConfigs, modelledGroupConfigs, modelledTopicConfigs } from "./modelled-server-configs.ts";

/**
 * The keys that samsa acts on, with what a person who changes one wants to know. Kafka's definition of each is in config-catalogue.ts.
 */
export interface ModelledConfig {
  /** What may be set, for people. */
  readonly range: string;
  /** When a change takes hold: at once, or when the client or broker is started again. */
  readonly applies: "at once" | "on restart";
  /** One sentence: what it decides. */
  readonly about: string;
  /** Values worth trying, the default first; [] where a number is best typed. */
  readonly suggested: readonly string[];
}

/** What the tables hold: range, sentence, suggested values. */
export type ModelledEntry = readonly [range: string, about: string, suggested?: readonly string[]];

/** A config as the list on the screen shows it. */
export interface DescribedConfig extends ModelledConfig {
  readonly definition: ConfigDefinition;
}

const entries: Readonly<Record<ConfigScope, Readonly<Record<string, ModelledEntry>>>> = {
  producer: modelledProducerConfigs,
  consumer: modelledConsumerConfigs,
  topic: modelledTopicConfigs,
  broker: modelledBrokerConfigs,
  group: modelledGroupConfigs,
};

/**
 * Broker keys that a running broker takes over: DynamicBrokerConfig of Kafka, as far as samsa models them.
 * The controller, too, keeps to its file until it is started again.
 */
const dynamicBrokerKeys: ReadonlySet<string> = new Set([
  "group.consumer.assignment.interval.ms",
  "log.message.timestamp.after.max.ms",
  "log.message.timestamp.before.max.ms",
  "log.message.timestamp.type",
  "log.retention.bytes",
  "log.retention.ms",
  "log.roll.jitter.ms",
  "log.roll.ms",
  "log.segment.bytes",
  "log.segment.delete.delay.ms",
  "message.max.bytes",
  "min.insync.replicas",
  "producer.id.expiration.ms",
  "transaction.partition.verification.enable",
  "unclean.leader.election.enable",
]);

export function isModelled(scope: ConfigScope, key: string): boolean {
  return Object.hasOwn(entries[scope], key);
}

/** null: samsa does not act on it. */
export function modelledConfig(scope: ConfigScope, key: string): ModelledConfig | null {
  const entry = isModelled(scope, key) ? entries[scope][key] : undefined;
  if (entry === undefined) return null;
  const [range, about, suggested = []] = entry;
  return { range, applies: appliesOf(scope, key), about, suggested };
}

function appliesOf(scope: ConfigScope, key: string): "at once" | "on restart" {
  if (scope === "topic" || scope === "group") return "at once";
  return scope === "broker" && dynamicBrokerKeys.has(key) ? "at once" : "on restart";
}

/** Kafka's definition with samsa's words. A key that is not modelled, too, has a range (Kafka's text of it). null: Kafka has no such key. */
export function describeConfig(scope: ConfigScope, key: string): DescribedConfig | null {
  const definition = configDefinition(scope, key);
  if (definition === undefined) return null;
  const modelled = modelledConfig(scope, key);
  if (modelled !== null) return { definition, ...modelled };
  return {
    definition,
    range: definition.validator || `any ${definition.type}`,
    applies: "on restart",
    about: "samsa does not model this config: it changes nothing here.",
    suggested: [],
  };
}

/** What the config list of a scope shows, in Kafka's order. */
export function describedConfigs(scope: ConfigScope): DescribedConfig[] {
  return configDefinitions(scope)
    .filter((definition) => isModelled(scope, definition.key))
    .map((definition) => describeConfig(scope, definition.key)!);
}
