import type { ConfigDefinition } from "./config-catalogue.ts";

/**
 * One value of one key: read by its type and checked by its validator, refused in Kafka's own words.
 * Models ConfigDef.parseType, the validators of ConfigDef, and AutoOffsetResetStrategy's. Left out: hexadecimal floating point; class names are known by a list.
 */
export type ParsedValue =
  | { ok: true /** As Kafka would write it; null: not set. */; value: string | null }
  | { ok: false; message: string /** The exception, where it is not ConfigException. */; exception?: string };

/** `text` is the value as a person gave it. */
export function parseConfigValue(definition: ConfigDefinition, text: string): ParsedValue {
  const trimmed = trim(text);
  switch (definition.type) {
    case "BOOLEAN":
      return parseBoolean(definition, text, trimmed);
    case "INT":
      return parseWhole(definition, text, trimmed, -(2n ** 31n), 2n ** 31n - 1n);
    case "SHORT":
      return parseWhole(definition, text, trimmed, -(2n ** 15n), 2n ** 15n - 1n);
    case "LONG":
      return parseWhole(definition, text, trimmed, -(2n ** 63n), 2n ** 63n - 1n);
    case "DOUBLE":
      return parseDouble(definition, text, trimmed);
    case "STRING":
      return parseString(definition, trimmed);
    case "LIST":
      return parseList(definition, trimmed);
    case "CLASS":
      // A class name is looked up as it stands, blanks and all.
      return isKnownClass(text) ? taken(trimmed) : refused(definition, text, `Class ${text} could not be found.`);
    case "PASSWORD":
      return taken("[hidden]");
  }
}

/** "Invalid value 2 for configuration acks: …" */
export function invalidValueMessage(key: string, value: string, reason: string): string {
  return `Invalid value ${value} for configuration ${key}: ${reason}`;
}

function taken(value: string | null): ParsedValue {
  return { ok: true, value };
}

function refused(definition: ConfigDefinition, value: string, reason: string): ParsedValue {
  return { ok: false, message: invalidValueMessage(definition.key, value, reason) };
}

/** As Java's String.trim: blanks and control characters of ASCII, nothing else. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

function parseBoolean(definition: ConfigDefinition, text: string, trimmed: string): ParsedValue {
  const lower = trimmed.toLowerCase();
  return lower === "true" || lower === "false" ? taken(lower) : refused(definition, text, "Expected value to be either true or false");
}

function parseWhole(definition: ConfigDefinition, text: string, trimmed: string, least: bigint, most: bigint): ParsedValue {
  const value = wholeNumberOf(trimmed);
  if (value === null || value < least || value > most) return refused(definition, text, `Not a number of type ${definition.type}`);
  return checkRange(definition, value.toString(), Number(value));
}

/** null: not a whole number. As Java does, it takes a sign and the decimal digits of any script. */
export function wholeNumberOf(text: string): bigint | null {
  if (!/^[+-]?\p{Nd}+$/u.test(text)) return null;
  const digits = text.replace(/[^\x00-\x7f]/gu, digitOf);
  return BigInt(digits.startsWith("+") ? digits.slice(1) : digits.startsWith("-") ? `-${digits.slice(1)}`.replace(/^-0+$/, "0") : digits);
}

/** Decimal digits of a script stand together, ten in a row. */
function digitOf(character: string): string {
  const code = character.codePointAt(0)!;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return String(value);
}

function parseDouble(definition: ConfigDefinition, text: string, trimmed: string): ParsedValue {
  const value = doubleOf(trimmed);
  if (value === null) return refused(definition, text, "Not a number of type DOUBLE");
  return checkRange(definition, doubleAsText(value), value);
}

/** null: not a number. As Java does, it takes a suffix f or d. */
export function doubleOf(text: string): number | null {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/.test(text)) return Number(text.replace(/[fFdD]$/, ""));
  if (/^[+-]?(?:NaN|Infinity)$/.test(text)) return Number(text.endsWith("NaN") ? Number.NaN : text);
  return null;
}

/** As Java writes a double: at least one digit after the point, powers of ten outside [10^-3, 10^7). */
export function doubleAsText(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}E${exponent.replace("+", "")}`;
}

/** "[0,...]", "[0,...,100]", and the one of gzip's levels. Limits are compared as doubles, as Kafka does. */
function checkRange(definition: ConfigDefinition, value: string, number: number): ParsedValue {
  const { validator } = definition;
  if (validator === null) return taken(value);
  if (validator === "[1,...,9] or -1") {
    return (number >= 1 && number <= 9) || number === -1
      ? taken(value)
      : refused(definition, value, "Value must be between 1 and 9 or equal to -1");
  }
  const range = /^\[([^,]+),\.\.\.(?:,(.+))?\]$/.exec(validator);
  if (range === null) return taken(value);
  const [, least, most] = range;
  if (number < Number(least)) return refused(definition, value, `Value must be at least ${least}`);
  if (most !== undefined && number > Number(most)) return refused(definition, value, `Value must be no more than ${most}`);
  return taken(value);
}

const CASE_INSENSITIVE = "(case insensitive) ";

function parseString(definition: ConfigDefinition, value: string): ParsedValue {
  const { validator } = definition;
  if (validator === null || validator === "non-null string") return taken(value);
  if (validator === "non-empty string") return value === "" ? refused(definition, value, "String must be non-empty") : taken(value);
  if (validator.includes("by_duration")) return parseOffsetReset(definition, value);
  if (definition.key.startsWith("share.ac")) return parseShareMode(definition, value);
  const options = allowedValues(definition);
  if (validator.startsWith(CASE_INSENSITIVE)) {
    const upper = value.toUpperCase();
    return options.includes(upper)
      ? taken(value)
      : refused(definition, value, `String must be one of (case insensitive): ${options.join(", ")}`);
  }
  return options.includes(value) ? taken(value) : refused(definition, value, `String must be one of: ${options.join(", ")}`);
}

/** What a validator lists; [] where it lists nothing. */
export function allowedValues(definition: ConfigDefinition): string[] {
  const listed = /\[([^\]]*)\]$/.exec(definition.validator ?? "");
  if (listed === null || listed[1]!.includes("...")) return [];
  return listed[1]!.split(", ").filter((option) => option !== "");
}

/** The two modes of share consumers have a text of their own; only share.acquire.mode ignores case. */
function parseShareMode(definition: ConfigDefinition, value: string): ParsedValue {
  const modes = allowedValues(definition);
  const asked = definition.key === "share.acquire.mode" ? value.toLowerCase() : value;
  if (modes.includes(asked)) return taken(value);
  return refused(
    definition,
    value,
    `Invalid value \`${value}\` for configuration ${definition.key}. The value must either be '${modes[0]}' or '${modes[1]}'.`,
  );
}

function parseOffsetReset(definition: ConfigDefinition, value: string): ParsedValue {
  const mayBeNone = definition.key === "auto.offset.reset";
  if (value === "earliest" || value === "latest" || (mayBeNone && value === "none")) return taken(value);
  if (value.startsWith("by_duration:") && isDurationOfZeroOrMore(value.slice("by_duration:".length))) return taken(value);
  const expected = mayBeNone
    ? "'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'"
    : "'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'";
  return refused(
    definition,
    value,
    `Invalid value \`${value}\` for configuration ${definition.key}. The value must be either ${expected}.`,
  );
}

const DURATION = /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/** What java.time.Duration.parse takes, and not negative. */
function isDurationOfZeroOrMore(text: string): boolean {
  return durationMsOf(text) !== null && durationMsOf(text)! >= 0;
}

/** Milliseconds of an ISO 8601 duration such as PT1H30M; null: it is none. */
export function durationMsOf(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const [, sign, days, time, hours, minutes, seconds, fraction] = match;
  if (time?.toUpperCase() === "T") return null;
  if (days === undefined && hours === undefined && minutes === undefined && seconds === undefined) return null;
  const wholeSeconds = Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  const partOfSecond = Number(`0.${fraction === undefined || fraction === "" ? "0" : fraction}`);
  const total = wholeSeconds * 1000 + (seconds?.startsWith("-") ? -partOfSecond : partOfSecond) * 1000;
  return sign === "-" ? -total : total;
}

/** LISTs whose validator refuses the empty list; Kafka's text of the validator does not say so. */
const neverEmpty: ReadonlySet<string> = new Set([
  "bootstrap.servers",
  "process.roles",
  "controller.listener.names",
  "listeners",
  "advertised.listeners",
  "group.coordinator.rebalance.protocols",
  "group.consumer.assignors",
  "group.share.assignors",
  "group.streams.assignors",
  "log.dir",
  "log.dirs",
]);

const throttledReplica = /^(?:[0-9]+:[0-9]+)?$/;

function parseList(definition: ConfigDefinition, trimmed: string): ParsedValue {
  const entries = trimmed === "" ? [] : trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/);
  const { key } = definition;
  if (key.endsWith("replication.throttled.replicas")) {
    const legal = entries.every((entry) => throttledReplica.test(entry)) || entries.join("") === "*";
    if (legal) return taken(entries.join(","));
    return refused(
      definition,
      `[${entries.join(", ")}]`,
      `${key} must be the literal '*' or a list of replicas in the following format: ${definition.validator}`,
    );
  }
  if (definition.validator === "non-empty list") return parseQuorumAddresses(key, entries);
  const distinct = [...new Set(entries)];
  const options = allowedValues(definition);
  if (distinct.length === 0 && neverEmpty.has(key)) {
    return {
      ok: false,
      message: `Configuration '${key}' must not be empty. Valid values include: ${options.length === 0 ? "any non-empty value" : `[${options.join(", ")}]`}`,
    };
  }
  for (const entry of distinct) {
    if (entry === "") return { ok: false, message: `Configuration '${key}' values must not be empty.` };
    if (options.length > 0 && !options.includes(entry)) return refused(definition, entry, `String must be one of: ${options.join(", ")}`);
  }
  return taken(distinct.join(","));
}

/** controller.quorum.voters and controller.quorum.bootstrap.servers: they keep repeats, too. */
function parseQuorumAddresses(key: string, entries: string[]): ParsedValue {
  const ofVoters = key === "controller.quorum.voters";
  for (const entry of entries) {
    const message = ofVoters
      ? voterFault(entry)
      : addressFault(entry, `${entry} for the configuration ${key}. Each entry should be in the form "{host}:{port}"`);
    if (message !== null) return { ok: false, message };
    const port = Number(ADDRESS.exec(entry.slice(entry.indexOf("@") + 1))?.[2]);
    if (port > 65535) return { ok: false, message: `port out of range:${port}`, exception: "IllegalArgumentException" };
  }
  return taken(entries.join(","));
}

const VOTER_FORM = "Each entry should be in the form `{id}@{host}:{port}`.";

function voterFault(entry: string): string | null {
  const [id, address, ...more] = entry.split("@");
  if (address === undefined || more.length > 0) return `Invalid configuration value for controller.quorum.voters. ${VOTER_FORM}`;
  if (wholeNumberOf(id!) === null) return `Failed to parse voter ID as an integer from ${id}`;
  return addressFault(address, `entry ${entry} for the configuration controller.quorum.voters. ${VOTER_FORM}`);
}

function addressFault(address: string, source: string): string | null {
  return ADDRESS.test(address) ? null : `Failed to parse host name from ${source}`;
}

/** As org.apache.kafka.common.utils.Utils.getHost and getPort take apart. */
export const ADDRESS = /^(?:[a-zA-Z]+:\/\/)?\[?([0-9a-zA-Z\-%._:]*)\]?:([0-9]+)$/;

const serializers = [
  "ByteArray",
  "ByteBuffer",
  "Bytes",
  "Boolean",
  "Double",
  "Float",
  "Integer",
  "List",
  "Long",
  "Short",
  "String",
  "UUID",
  "Void",
];

const knownClasses: ReadonlySet<string> = new Set([
  ...serializers.flatMap((type) => [
    `org.apache.kafka.common.serialization.${type}Serializer`,
    `org.apache.kafka.common.serialization.${type}Deserializer`,
  ]),
  "org.apache.kafka.clients.producer.RoundRobinPartitioner",
  "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
  "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
  "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
]);

function isKnownClass(name: string): boolean {
  return knownClasses.has(name);
}
