import { type ConfigScope, configDefinition } from "./config-catalogue.ts";
import { doubleOf, trim, wholeNumberOf } from "./config-values.ts";

/**
 * Reads values that are kept as Kafka keeps them in files: as text. What is not set has Kafka's default.
 * Models AbstractConfig.getInt and its like. The configs were validated before (config-validation.ts): a value that cannot be read is read as 0, false or "".
 */
export interface ConfigReader {
  /** INT and SHORT. */
  int(key: string): number;
  /** LONG, cut to the integers that a double holds exactly: 9223372036854775807 ("never") is read as 9007199254740991. */
  long(key: string): number;
  double(key: string): number;
  boolean(key: string): boolean;
  /** null: not set and without default. */
  text(key: string): string | null;
  /** Trimmed, without empty entries and repeats. */
  list(key: string): string[];
  /** Whether a person gave it. */
  isSet(key: string): boolean;
}

export type Configs = Readonly<Record<string, string>>;

export function configReader(scope: ConfigScope, configs: Configs): ConfigReader {
  const valueOf = (key: string): string | null => {
    const given = configs[key];
    if (given !== undefined) return trim(given);
    const definition = configDefinition(scope, key);
    if (definition === undefined) throw new Error(`Kafka has no ${scope} config ${key}`);
    return definition.default;
  };
  return {
    int: (key) => readInt(valueOf(key)),
    long: (key) => readLong(valueOf(key)),
    double: (key) => readDouble(valueOf(key)),
    boolean: (key) => readBoolean(valueOf(key)),
    text: (key) => valueOf(key),
    list: (key) => readList(valueOf(key)),
    isSet: (key) => configs[key] !== undefined,
  };
}

export function readInt(text: string | null): number {
  return Number(wholeNumberOf(trim(text ?? "")) ?? 0n);
}

export function readLong(text: string | null): number {
  return Math.min(Math.max(readInt(text), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

export function readDouble(text: string | null): number {
  return doubleOf(trim(text ?? "")) ?? 0;
}

export function readBoolean(text: string | null): boolean {
  return text !== null && trim(text).toLowerCase() === "true";
}

export function readList(text: string | null): string[] {
  if (text === null) return [];
  const entries = text.split(",").map((entry) => entry.trim());
  return [...new Set(entries)].filter((entry) => entry !== "");
}
