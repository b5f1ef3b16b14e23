import type { ConfigScope } from "./config-catalogue.ts";
import { type Configs, readList } from "./config-reader.ts";
import { ADDRESS } from "./config-values.ts";

/**
 * What the checks across keys share: the values in force, and a refusal.
 * Models how AbstractConfig keeps `values` beside `originals`. Every key of the scope has a value here.
 */
export interface ConfigView {
  readonly scope: ConfigScope;
  /** What a person (or samsa itself) gave, untouched. */
  readonly given: Configs;
  /** Every key of the scope to its value in force as text; null: not set. */
  readonly values: Record<string, string | null>;
}

export interface ConfigRefusal {
  /** The exception's name. */
  readonly name: string;
  readonly message: string;
  /** The key to mark; null: none in particular. */
  readonly key: string | null;
  /** config: reading and checking the settings; client: making the producer or consumer from them. */
  readonly stage: "config" | "client";
}

export function refusal(name: string, message: string, key: string | null, stage: "config" | "client" = "config"): ConfigRefusal {
  return { name, message, key, stage };
}

/** Scala's require. */
export function required(holds: boolean, message: string, key: string | null): ConfigRefusal | null {
  return holds ? null : refusal("IllegalArgumentException", `requirement failed: ${message}`, key);
}

/** What is set, by a person or by default: as topics inherit a broker's values. */
export function valuesSet(view: ConfigView): Record<string, string> {
  const set: Record<string, string> = {};
  for (const key of Object.keys(view.values)) {
    const value = view.values[key];
    if (value !== null && value !== undefined) set[key] = value;
  }
  return set;
}

/** Kafka's numbers are longer than doubles are exact: comparisons are made with whole numbers of any length. */
export function wholeOf(view: ConfigView, key: string): bigint {
  return BigInt(textOf(view, key) ?? "0");
}

export function isTrue(view: ConfigView, key: string): boolean {
  return view.values[key] === "true";
}

export function textOf(view: ConfigView, key: string): string | null {
  const value = view.values[key];
  if (value === undefined) throw new Error(`Kafka has no ${view.scope} config ${key}`);
  return value;
}

export function listOf(view: ConfigView, key: string): string[] {
  return readList(textOf(view, key));
}

export function isGiven(view: ConfigView, key: string): boolean {
  return view.given[key] !== undefined;
}

/** reconnect.backoff.ms alone also sets its max. Models CommonClientConfigs.postProcessReconnectBackoffConfigs. */
export function adjustReconnectBackoff(view: ConfigView): void {
  if (isGiven(view, "reconnect.backoff.ms") && !isGiven(view, "reconnect.backoff.max.ms")) {
    view.values["reconnect.backoff.max.ms"] = textOf(view, "reconnect.backoff.ms");
  }
}

/** Models ClientUtils.parseAndValidateAddresses, without looking hosts up. */
export function checkBootstrapServers(view: ConfigView): ConfigRefusal | null {
  const key = "bootstrap.servers";
  for (const url of listOf(view, key)) {
    const match = ADDRESS.exec(url);
    if (match === null) return refusal("ConfigException", `Invalid url in ${key}: ${url}`, key, "client");
    if (Number(match[2]) > 65535) return refusal("ConfigException", `Invalid port in ${key}: ${url}`, key, "client");
  }
  return null;
}
