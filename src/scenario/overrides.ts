import { didYouMean } from "./nearest-name.ts";
import { ScenarioError } from "./scenario-error.ts";
import type { ScenarioFile } from "./schema.ts";
import { parseDurationMs } from "./duration.ts";

/**
 * The overrides of --set and of a scenario's flip. A key names its owner first, then what is changed:
 *   producers.NAME.KEY   groups.NAME.KEY   topics.NAME.KEY   brokers.KEY   brokers.ID.KEY   network.latency   seed   end
 * KEY is a Kafka config key, or a field of the producer's load (rate, count, valueSize, keys, keyCount, mode) or of the group
 * (members, processing.perRecordMicros, processing.commit) or of the topic (partitions, replicationFactor). NAME may be * for all.
 */
export function applyOverrides(scenario: ScenarioFile, overrides: readonly [string, string][]): void {
  for (const [key, value] of overrides) applyOverride(scenario, key, value);
}

export function parseOverride(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals <= 0) throw overrideError(text, "write KEY=VALUE, such as producers.p1.acks=1");
  return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

function applyOverride(scenario: ScenarioFile, key: string, value: string): void {
  const [owner = "", ...rest] = key.split(".");
  const path = rest.join(".");
  switch (owner) {
    case "seed":
      scenario.seed = wholeNumber(key, value);
      return;
    case "end":
      scenario.end = milliseconds(key, value);
      return;
    case "network":
      if (path !== "latency") throw overrideError(key, "network.latency is what can be set");
      scenario.network.latency = Math.max(1, milliseconds(key, value));
      return;
    case "brokers":
      setBrokers(scenario, key, path, value);
      return;
    case "producers":
      for (const [producer, field] of owned(scenario.producers, key, path)) setProducer(producer, key, field, value);
      return;
    case "topics":
      for (const [topic, field] of owned(scenario.topics, key, path)) {
        if (field === "partitions" || field === "replicationFactor") topic[field] = wholeNumber(key, value);
        else topic.configs[field] = value;
      }
      return;
    case "groups":
      for (const [group, field] of owned(scenario.groups, key, path)) setGroup(group, key, field, value);
      return;
    default:
      throw overrideError(key, `begin with producers, topics, groups, brokers, network, seed or end.${didYouMean(owner, ["producers", "topics", "groups", "brokers", "network", "seed", "end"])}`);
  }
}

/** The named owner (the longest name that fits, since names may have dots), or all of them for "*". */
function owned<T extends { name: string }>(all: T[], key: string, path: string): [T, string][] {
  if (path.startsWith("*.")) return all.map((one) => [one, path.slice(2)]);
  const fitting = all.filter(({ name }) => path.startsWith(`${name}.`)).sort((a, b) => b.name.length - a.name.length);
  const [one] = fitting;
  if (one !== undefined) return [[one, path.slice(one.name.length + 1)]];
  const names = all.map(({ name }) => name);
  throw overrideError(key, `there is no such one in the scenario: ${names.join(", ") || "it has none"}.${didYouMean(path.split(".")[0] ?? "", names)}`);
}

function setProducer(producer: ScenarioFile["producers"][number], key: string, field: string, value: string): void {
  if (field === "rate") producer.rate = number(key, value);
  else if (field === "count" || field === "valueSize" || field === "keyCount") producer[field] = wholeNumber(key, value);
  else if (field === "mode") producer.mode = oneOf(key, value, ["async", "sync"]);
  else if (field === "keys") producer.keys = oneOf(key, value, ["none", "sequential", "random", "zipf"]);
  else producer.configs[field] = value;
}

function setGroup(group: ScenarioFile["groups"][number], key: string, field: string, value: string): void {
  if (field === "members") group.members = wholeNumber(key, value);
  else if (field === "processing.perRecordMicros") group.processing.perRecordMicros = wholeNumber(key, value);
  else if (field === "processing.commit") group.processing.commit = oneOf(key, value, ["auto", "after", "before", "none"]);
  else group.configs[field] = value;
}

function setBrokers(scenario: ScenarioFile, key: string, path: string, value: string): void {
  const own = /^(\d+)\.(.+)$/.exec(path);
  if (path === "") throw overrideError(key, "write brokers.KEY or brokers.ID.KEY");
  if (own === null) {
    scenario.kafka.configs[path] = value;
    return;
  }
  if (typeof scenario.kafka.brokers === "number") scenario.kafka.brokers = Array.from({ length: scenario.kafka.brokers }, (_, index) => ({ id: index + 1 }));
  const broker = scenario.kafka.brokers.find(({ id }) => id === Number(own[1]));
  if (broker === undefined) throw overrideError(key, `there is no broker ${own[1]}`);
  broker.configs = { ...broker.configs, [own[2]!]: value };
}

function number(key: string, value: string): number {
  const result = Number(value);
  if (value === "" || !Number.isFinite(result) || result < 0) throw overrideError(key, `${value} is no number from 0 up`);
  return result;
}

function wholeNumber(key: string, value: string): number {
  const result = number(key, value);
  if (!Number.isInteger(result)) throw overrideError(key, `${value} is no whole number`);
  return result;
}

function milliseconds(key: string, value: string): number {
  const result = parseDurationMs(value);
  if (result === null) throw overrideError(key, `${value} is no time: write 500ms, 1.5s, 2m or 1h`);
  return result;
}

function oneOf<T extends string>(key: string, value: string, among: readonly T[]): T {
  const found = among.find((one) => one === value);
  if (found === undefined) throw overrideError(key, `${value} is not among ${among.join(", ")}`);
  return found;
}

function overrideError(key: string, message: string): ScenarioError {
  return new ScenarioError("--set", [{ line: 1, column: 1, path: key, message }]);
}
