/** Typed commands: the grammar of each command of the catalogue, its parser with worded errors, and completion by tab. */

import { type Command, type CommandType, commandDocumentation } from "../kafka/protocol/commands.ts";
import { type ConfigScope, configDefinitions } from "../kafka/protocol/config-catalogue.ts";
import { nearest } from "../kafka/protocol/config-suggestions.ts";
import type { KnownNames } from "./view-model/frame-views.ts";
import { fillIn, type Words } from "./words.ts";

type ArgumentKind =
  | "node"
  | "broker"
  | "broker or *"
  | "topic"
  | "group"
  | "producer"
  | "consumer"
  | "client"
  | "number"
  | "key"
  | "value"
  | "election"
  | "name"
  | "direction";

interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly optional?: boolean;
  /** For "key": whose. */
  readonly scope?: ConfigScope;
}

interface Grammar {
  readonly arguments: readonly Argument[];
  /** KEY=VALUE words may follow. */
  readonly takesConfigs?: boolean;
  readonly build: (words: readonly string[], configs: Record<string, string>) => Command;
}

const node: Argument = { name: "node", kind: "node" };
const from: Argument = { name: "from", kind: "node" };
const to: Argument = { name: "to", kind: "node" };
const oneWay: Argument = { name: "one-way", kind: "direction", optional: true };

const grammars: Record<CommandType, Grammar> = {
  kill: { arguments: [node], build: ([id]) => ({ type: "kill", node: id! }) },
  stop: { arguments: [node], build: ([id]) => ({ type: "stop", node: id! }) },
  start: { arguments: [node], build: ([id]) => ({ type: "start", node: id! }) },
  pause: { arguments: [node], build: ([id]) => ({ type: "pause", node: id! }) },
  resume: { arguments: [node], build: ([id]) => ({ type: "resume", node: id! }) },
  "cut-link": {
    arguments: [from, to, oneWay],
    build: ([a, b, way]) => ({ type: "cut-link", from: a!, to: b!, oneWay: way === "one-way" }),
  },
  "slow-link": {
    arguments: [from, to, { name: "latency in ms", kind: "number" }, { name: "bytes a second", kind: "number", optional: true }],
    build: ([a, b, latency, bandwidth]) => ({
      type: "slow-link",
      from: a!,
      to: b!,
      oneWay: false,
      latencyMs: Number(latency),
      bandwidthBytesPerSecond: bandwidth === undefined ? null : Number(bandwidth),
    }),
  },
  "heal-link": { arguments: [from, to], build: ([a, b]) => ({ type: "heal-link", from: a!, to: b! }) },
  isolate: { arguments: [node], build: ([id]) => ({ type: "isolate", node: id! }) },
  rejoin: { arguments: [node], build: ([id]) => ({ type: "rejoin", node: id! }) },
  "lose-disk": { arguments: [{ name: "broker", kind: "broker" }], build: ([id]) => ({ type: "lose-disk", broker: Number(id) }) },
  "alter-topic-config": {
    arguments: [
      { name: "topic", kind: "topic" },
      { name: "key", kind: "key", scope: "topic" },
      { name: "value", kind: "value", optional: true },
    ],
    build: ([topic, key, value]) => ({ type: "alter-topic-config", topic: topic!, key: key!, value: value ?? null }),
  },
  "alter-broker-config": {
    arguments: [
      { name: "broker or *", kind: "broker or *" },
      { name: "key", kind: "key", scope: "broker" },
      { name: "value", kind: "value", optional: true },
    ],
    build: ([broker, key, value]) => ({
      type: "alter-broker-config",
      broker: broker === "*" ? null : Number(broker),
      key: key!,
      value: value ?? null,
    }),
  },
  "alter-group-config": {
    arguments: [
      { name: "group", kind: "group" },
      { name: "key", kind: "key", scope: "group" },
      { name: "value", kind: "value", optional: true },
    ],
    build: ([group, key, value]) => ({ type: "alter-group-config", group: group!, key: key!, value: value ?? null }),
  },
  "alter-client-config": {
    arguments: [
      { name: "client", kind: "client" },
      { name: "key", kind: "key", scope: "producer" },
      { name: "value", kind: "value", optional: true },
    ],
    build: ([client, key, value]) => ({ type: "alter-client-config", client: client!, key: key!, value: value ?? null, restart: true }),
  },
  "create-topic": {
    arguments: [
      { name: "topic", kind: "name" },
      { name: "partitions", kind: "number" },
      { name: "replication factor", kind: "number" },
    ],
    takesConfigs: true,
    build: ([topic, partitions, replicationFactor], configs) => ({
      type: "create-topic",
      topic: topic!,
      partitions: Number(partitions),
      replicationFactor: Number(replicationFactor),
      configs,
    }),
  },
  "add-partitions": {
    arguments: [
      { name: "topic", kind: "topic" },
      { name: "partitions", kind: "number" },
    ],
    build: ([topic, partitions]) => ({ type: "add-partitions", topic: topic!, partitions: Number(partitions) }),
  },
  "elect-leader": {
    arguments: [
      { name: "topic", kind: "topic" },
      { name: "partition", kind: "number" },
      { name: "preferred or unclean", kind: "election" },
    ],
    build: ([topic, partition, kind]) => ({
      type: "elect-leader",
      topic: topic!,
      partition: Number(partition),
      kind: kind === "unclean" ? "unclean" : "preferred",
    }),
  },
  "change-load": {
    arguments: [
      { name: "producer", kind: "producer" },
      { name: "records a second", kind: "number" },
    ],
    build: ([producer, recordsPerSecond]) => ({ type: "change-load", producer: producer!, recordsPerSecond: Number(recordsPerSecond) }),
  },
  "add-consumer": {
    arguments: [
      { name: "group", kind: "group" },
      { name: "name", kind: "name", optional: true },
    ],
    takesConfigs: true,
    build: ([group, name], configs) => ({ type: "add-consumer", group: group!, name: name ?? null, configs }),
  },
  "add-producer": {
    arguments: [
      { name: "producer like it", kind: "producer" },
      { name: "name", kind: "name", optional: true },
    ],
    takesConfigs: true,
    build: ([like, name], configs) => ({ type: "add-producer", like: like!, name: name ?? null, configs }),
  },
  "remove-consumer": {
    arguments: [{ name: "consumer", kind: "consumer" }],
    build: ([consumer]) => ({ type: "remove-consumer", consumer: consumer! }),
  },
  "trigger-rebalance": {
    arguments: [{ name: "group", kind: "group" }],
    build: ([group]) => ({ type: "trigger-rebalance", group: group! }),
  },
};

export const commandTypes = Object.keys(commandDocumentation) as CommandType[];

export type Parsed = { readonly ok: true; readonly command: Command } | { readonly ok: false; readonly message: string };

export function parseCommand(text: string, names: KnownNames, words: Words): Parsed {
  const [typed, ...rest] = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "");
  const refuse = (message: string): Parsed => ({ ok: false, message });
  if (typed === undefined) return refuse(words.nothingSelected);
  if (!isCommandType(typed)) {
    const near = nearest(typed, commandTypes);
    return refuse(
      [fillIn(words.unknownCommand, { what: typed }), near === null ? "" : fillIn(words.didYouMean, { what: near })].join(" ").trim(),
    );
  }
  const grammar = grammars[typed];
  const example = commandDocumentation[typed].example;
  const configs: Record<string, string> = {};
  const given: string[] = [];
  for (const word of rest) {
    const equals = word.indexOf("=");
    if (grammar.takesConfigs === true && equals > 0) configs[word.slice(0, equals)] = word.slice(equals + 1);
    else given.push(word);
  }
  for (const [index, argument] of grammar.arguments.entries()) {
    const word = given[index];
    if (word === undefined) {
      if (argument.optional === true) continue;
      return refuse(fillIn(words.missingArgument, { command: typed, what: argument.name, example }));
    }
    const wrong = wrongArgument(word, argument, names, words, example);
    if (wrong !== null) return refuse(wrong);
  }
  if (given.length > grammar.arguments.length) return refuse(fillIn(words.tooManyArguments, { example }));
  return { ok: true, command: grammar.build(given, configs) };
}

function isCommandType(word: string): word is CommandType {
  return Object.hasOwn(grammars, word);
}

function wrongArgument(word: string, argument: Argument, names: KnownNames, words: Words, example: string): string | null {
  if (argument.kind === "number") return /^\d+(\.\d+)?$/.test(word) ? null : fillIn(words.notANumber, { what: word, example });
  const known = knownFor(argument, names, []);
  if (known === null || argument.kind === "key" || argument.kind === "name" || argument.kind === "value" || known.includes(word))
    return null;
  // Of names of one or two letters every other one is near.
  const near = word.length < 4 ? null : nearest(word, known);
  return [
    fillIn(words.unknownName, { kind: argument.name, what: word }),
    near === null ? known.slice(0, 12).join(", ") : fillIn(words.didYouMean, { what: near }),
  ]
    .join(" ")
    .trim();
}

function knownFor(argument: Argument, names: KnownNames, given: readonly string[]): readonly string[] | null {
  switch (argument.kind) {
    case "node":
      return names.nodes;
    case "broker":
      return names.brokers;
    case "broker or *":
      return ["*", ...names.brokers];
    case "topic":
      return names.topics;
    case "group":
      return names.groups;
    case "producer":
      return names.producers;
    case "consumer":
      return names.consumers;
    case "client":
      return [...names.producers, ...names.consumers];
    case "election":
      return ["preferred", "unclean"];
    case "direction":
      return ["one-way"];
    case "key": {
      const scope = argument.scope === "producer" && names.consumers.includes(given[0] ?? "") ? "consumer" : argument.scope!;
      return configDefinitions(scope)
        .filter((definition) => !definition.internal)
        .map((definition) => definition.key);
    }
    default:
      return null;
  }
}

/** What could stand at the end of the text, best first. */
export function completionsOf(text: string, names: KnownNames): readonly string[] {
  const words = text.replace(/^\s+/, "").split(/\s+/);
  const last = words[words.length - 1] ?? "";
  if (words.length <= 1) return commandTypes.filter((type) => type.startsWith(last));
  const type = words[0]!;
  if (!isCommandType(type)) return [];
  const argument = grammars[type].arguments[words.length - 2];
  if (argument === undefined) return [];
  return (knownFor(argument, names, words.slice(1, -1)) ?? []).filter((name) => name.startsWith(last));
}

/** Tab: as much as all completions share, and a space when there is only one. */
export function complete(text: string, names: KnownNames): string {
  const candidates = completionsOf(text, names);
  const first = candidates[0];
  if (first === undefined) return text;
  let shared = first;
  for (const candidate of candidates) while (!candidate.startsWith(shared)) shared = shared.slice(0, -1);
  const head = text.slice(0, text.length - (/\S*$/.exec(text)?.[0].length ?? 0));
  return head + shared + (candidates.length === 1 ? " " : "");
}

/** "slow-link from to latency-in-ms": what a command takes, for the line under the prompt. */
export function usageOf(type: CommandType): string {
  const { arguments: taken, takesConfigs } = grammars[type];
  return [
    type,
    ...taken.map((argument) => (argument.optional === true ? `[${argument.name}]` : `<${argument.name}>`)),
    takesConfigs === true ? "[key=value …]" : "",
  ]
    .join(" ")
    .trim();
}

/** The command as one would type it. */
export function commandText(command: Command): string {
  const { type, ...rest } = command as { type: string } & Record<string, unknown>;
  const values = Object.values(rest).flatMap((value) => {
    if (value === null || value === false) return [];
    if (typeof value === "object") return Object.entries(value as Record<string, string>).map(([key, text]) => `${key}=${text}`);
    return [value === true ? "" : String(value)];
  });
  return [type, ...values].filter((word) => word !== "").join(" ");
}
