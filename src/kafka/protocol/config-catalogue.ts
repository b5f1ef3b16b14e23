/**
 * Every config key that Kafka 4.4 defines, by scope and in the order in which Kafka parses them: the catalogue behind validation and the lists on the screen.
 * Models the ConfigDefs of ProducerConfig, ConsumerConfig, LogConfig, KafkaConfig (AbstractKafkaConfig) and GroupConfig.
 * The data is one line of text a key, so that a start pays only for the scopes that it reads. Left out: Kafka's documentation texts.
 */
import definitionLines from "./config-definitions.json" with { type: "json" };

export type ConfigScope = "producer" | "consumer" | "topic" | "broker" | "group";
export type ConfigType = "BOOLEAN" | "STRING" | "INT" | "SHORT" | "LONG" | "DOUBLE" | "LIST" | "CLASS" | "PASSWORD";
export type ConfigImportance = "HIGH" | "MEDIUM" | "LOW";

export const configScopes: readonly ConfigScope[] = ["producer", "consumer", "topic", "broker", "group"];

export interface ConfigDefinition {
  readonly scope: ConfigScope;
  readonly key: string;
  /** The place in its scope: keys are parsed in this order, and the first wrong one is reported. */
  readonly order: number;
  readonly type: ConfigType;
  /** No default: it must be set. */
  readonly required: boolean;
  /** As a person would write it; null: none. */
  readonly default: string | null;
  /** Kafka's own text of what is allowed; null: anything of the type. */
  readonly validator: string | null;
  readonly importance: ConfigImportance;
  /** Not a documented setting. */
  readonly internal: boolean;
  /** Topic keys only: the broker keys that give the default, the first that is set wins, each with the factor to the topic's unit. */
  readonly brokerKeys: readonly BrokerKey[];
}

export interface BrokerKey {
  readonly key: string;
  readonly factor: number;
}

interface Catalogue {
  readonly inOrder: readonly ConfigDefinition[];
  readonly byKey: ReadonlyMap<string, ConfigDefinition>;
}

const catalogues: Partial<Record<ConfigScope, Catalogue>> = {};

/** All definitions of a scope, in Kafka's order. */
export function configDefinitions(scope: ConfigScope): readonly ConfigDefinition[] {
  return catalogueOf(scope).inOrder;
}

/** undefined: Kafka knows no such key in this scope. */
export function configDefinition(scope: ConfigScope, key: string): ConfigDefinition | undefined {
  return catalogueOf(scope).byKey.get(key);
}

function catalogueOf(scope: ConfigScope): Catalogue {
  return (catalogues[scope] ??= parseCatalogue(scope));
}

function parseCatalogue(scope: ConfigScope): Catalogue {
  const inOrder = definitionLines[scope].map((line, order) => parseDefinition(scope, line, order));
  return { inOrder, byKey: new Map(inOrder.map((definition) => [definition.key, definition])) };
}

const importances: Record<string, ConfigImportance> = { H: "HIGH", M: "MEDIUM", L: "LOW" };

/** key|type|default|validator|importance|broker keys: a text that is there begins with "=", "-" is null, "!" is required. */
function parseDefinition(scope: ConfigScope, line: string, order: number): ConfigDefinition {
  const [key, type, defaultField, validatorField, importanceField, brokerField] = line.split("|") as [
    string,
    ConfigType,
    string,
    string,
    string,
    string?,
  ];
  return {
    scope,
    key,
    order,
    type,
    required: defaultField === "!",
    default: textOf(defaultField),
    validator: textOf(validatorField),
    importance: importances[importanceField[0]!]!,
    internal: importanceField.endsWith("i"),
    brokerKeys: brokerField ? brokerField.split(",").map(parseBrokerKey) : [],
  };
}

function textOf(field: string): string | null {
  return field.startsWith("=") ? field.slice(1) : null;
}

function parseBrokerKey(text: string): BrokerKey {
  const [key, factor] = text.split("*") as [string, string?];
  return { key, factor: factor === undefined ? 1 : Number(factor) };
}
