import { type ConfigScope, configDefinition } from "../kafka/protocol/config-catalogue.ts";
import { suggestConfigKey } from "../kafka/protocol/config-suggestions.ts";
import { brokerIds, memberNames } from "./names.ts";
import { didYouMean, nearestName } from "./nearest-name.ts";
import { type ParsedScenario, validated } from "./parse.ts";
import { unprintableIn } from "./printable.ts";
import { isWithin, type Path, pathText, ScenarioError, type ScenarioProblem } from "./scenario-error.ts";
import type { ScenarioFile } from "./schema.ts";

/**
 * The overrides of --set and of a scenario's flip. A key names its owner first, then what is changed:
 *   producers.NAME.KEY   groups.NAME.KEY   members.NAME.KEY   topics.NAME.KEY   brokers.KEY   brokers.ID.KEY
 *   kafka.FIELD   network.FIELD   seed   end
 * KEY is a Kafka config key, or one of `fields`. NAME may be * for all.
 * They change what the file says, which the schema then reads anew: so they may be what a file may be, and nothing else.
 */
export type Override = readonly [key: string, value: string];

/** What may be set beside Kafka's keys, with what each is read as. */
const fields = {
  producers: { rate: "number", count: "number", valueSize: "number", keys: "text", keyCount: "number", mode: "text", start: "text" },
  groups: { members: "number", "processing.perRecordMicros": "number", "processing.commit": "text" },
  members: { start: "text" },
  topics: { partitions: "number", replicationFactor: "number" },
  kafka: { brokers: "number", controllers: "number", controllerFailover: "text" },
  network: { latency: "text", bandwidthBytesPerSecond: "number" },
} as const satisfies Record<string, Record<string, "number" | "text">>;

const owners = ["producers", "groups", "members", "topics", "brokers", "kafka", "network", "seed", "end"];

export function parseOverride(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals <= 0) throw problemWith(`--set ${text}`, "write KEY=VALUE, such as producers.p1.acks=1");
  const override: [string, string] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
  const bad = unprintableIn(text);
  if (bad !== null) throw problemWith(nameOf(override), `a text can't hold the character ${bad}`);
  return override;
}

/** The scenario with the overrides, read anew. What is wrong with it then is told of the override that made it so. Throws ScenarioError. */
export function overridden(parsed: ParsedScenario, overrides: readonly Override[]): ParsedScenario {
  const raw = copyOf(parsed.raw) as Record<string, unknown>;
  const changes: Change[] = [];
  for (const override of overrides) {
    for (const { path, value } of changesOf(parsed.scenario, override)) {
      setIn(raw, path, value, parsed.scenario);
      changes.push({ path, name: nameOf(override) });
    }
  }
  return validated(parsed.file, raw, (path, message) => problemOf(changes, path, message));
}

interface Change {
  path: Path;
  name: string;
}

/** The file was right before the overrides: the one to blame is the one at this place, or the nearest to it. */
function problemOf(changes: readonly Change[], path: Path, message: string): ScenarioProblem {
  const blamed = changes.findLast((change) => isWithin(path, change.path));
  if (blamed !== undefined) return { source: blamed.name, line: 0, column: 0, path: "", message };
  let nearest = changes.at(-1)!;
  for (const change of changes) if (commonLength(change.path, path) > commonLength(nearest.path, path)) nearest = change;
  return { source: nearest.name, line: 0, column: 0, path: pathText(path), message };
}

function commonLength(a: Path, b: Path): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

interface PathChange {
  path: Path;
  value: unknown;
}

function changesOf(scenario: ScenarioFile, override: Override): PathChange[] {
  const [key, text] = override;
  const dot = key.indexOf(".");
  const owner = dot < 0 ? key : key.slice(0, dot);
  const rest = dot < 0 ? "" : key.slice(dot + 1);
  const refuse = (message: string): never => {
    throw problemWith(nameOf(override), message);
  };
  if (owner === "seed" || owner === "end") {
    if (dot >= 0) refuse(`write ${owner}=VALUE`);
    return [{ path: [owner], value: owner === "seed" ? numberOr(text) : text }];
  }
  if (!owners.includes(owner)) refuse(`begin with one of ${owners.join(", ")}.${didYouMean(owner, owners)}`);
  if (rest === "")
    refuse(
      owner === "kafka" || owner === "network"
        ? `write ${owner}.FIELD=VALUE`
        : `write ${owner}.NAME.KEY=VALUE${owner === "brokers" ? " or brokers.KEY=VALUE" : ""}`,
    );
  switch (owner) {
    case "kafka":
    case "network":
      if (!Object.hasOwn(fields[owner], rest))
        refuse(`there is no such field.${didYouMean(rest, Object.keys(fields[owner]))} Fields: ${Object.keys(fields[owner]).join(", ")}`);
      return [{ path: [owner, rest], value: valueOf(owner, rest, text) }];
    case "brokers":
      return brokerChanges(scenario, rest, text, refuse);
    case "members":
      return memberChanges(scenario, rest, text, refuse);
    default:
      return ownedChanges(scenario, owner as "producers" | "groups" | "topics", rest, text, refuse);
  }
}

type Refuse = (message: string) => never;

function ownedChanges(
  scenario: ScenarioFile,
  owner: "producers" | "groups" | "topics",
  rest: string,
  text: string,
  refuse: Refuse,
): PathChange[] {
  const names = scenario[owner].map(({ name }) => name);
  const scope = { producers: "producer", groups: "consumer", topics: "topic" } as const;
  return named(names, rest, owner.slice(0, -1), refuse).flatMap(([place, field]) => {
    const base = [owner, place];
    if (!Object.hasOwn(fields[owner], field))
      return [{ path: [...base, "configs", configKey(scope[owner], field, Object.keys(fields[owner]), refuse)], value: text }];
    if (owner === "topics" && scenario.topics[place]!.assignment !== undefined)
      refuse(`the topic ${names[place]} has an assignment, which says how many ${field} there are`);
    return [{ path: [...base, ...field.split(".")], value: valueOf(owner, field, text) }];
  });
}

function memberChanges(scenario: ScenarioFile, rest: string, text: string, refuse: Refuse): PathChange[] {
  const byGroup = memberNames(scenario.groups);
  const places = byGroup.flatMap((names, group) => names.map((_, member) => [group, member] as const));
  return named(byGroup.flat(), rest, "member", refuse).map(([place, field]) => {
    const [group, member] = places[place]!;
    const base = ["groups", group, "members", member];
    if (field === "start") return { path: [...base, field], value: text };
    return { path: [...base, "configs", configKey("consumer", field, Object.keys(fields.members), refuse)], value: text };
  });
}

function brokerChanges(scenario: ScenarioFile, rest: string, text: string, refuse: Refuse): PathChange[] {
  const own = /^(\d+)\.(.+)$/.exec(rest);
  if (own === null) return [{ path: ["kafka", "configs", configKey("broker", rest, [], refuse)], value: text }];
  const ids = brokerIds(scenario.kafka);
  const place = ids.indexOf(Number(own[1]));
  if (place < 0) refuse(`there is no broker ${own[1]}: there are ${ids.join(", ")}`);
  return [{ path: ["kafka", "brokers", place, "configs", configKey("broker", own[2]!, [], refuse)], value: text }];
}

/** The owner that is named (the longest name that fits, since names may have dots), or all of them for "*". */
function named(names: readonly string[], rest: string, what: string, refuse: Refuse): [place: number, field: string][] {
  if (names.length === 0) refuse(`the scenario has no ${what}`);
  if (rest.startsWith("*.")) return names.map((_, place) => [place, rest.slice(2)]);
  const fitting = names
    .map((name, place) => ({ name, place }))
    .filter(({ name }) => rest.startsWith(`${name}.`) && rest.length > name.length + 1);
  const [longest] = fitting.sort((a, b) => b.name.length - a.name.length);
  if (longest !== undefined) return [[longest.place, rest.slice(longest.name.length + 1)]];
  if (names.includes(rest)) refuse(`write ${what}s.${rest}.KEY=VALUE`);
  const given = rest.split(".")[0]!;
  return refuse(`there is no ${what} ${given}: there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}.${didYouMean(given, names)}`);
}

function configKey(scope: ConfigScope, key: string, others: readonly string[], refuse: Refuse): string {
  if (configDefinition(scope, key) !== undefined) return key;
  const suggestion = nearestName(key, others) ?? suggestConfigKey(scope, key);
  const also = others.length === 0 ? "" : `, and no field (${others.join(", ")})`;
  return refuse(`${key} is no ${scope} config of Kafka${also}.${suggestion === null ? "" : ` Did you mean ${suggestion}?`}`);
}

function valueOf(owner: keyof typeof fields, field: string, text: string): unknown {
  return (fields[owner] as Record<string, string>)[field] === "number" ? numberOr(text) : text;
}

/** What is no number stays a text, for the schema to refuse. */
function numberOr(text: string): number | string | null {
  if (text === "null") return null;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}

/** Sets a part of what the file says. Counts on the way (3 brokers, 2 members) become the lists that they stand for. */
function setIn(raw: Record<string, unknown>, path: Path, value: unknown, scenario: ScenarioFile): void {
  let owner = raw as Record<string | number, unknown>;
  path.slice(0, -1).forEach((part, index) => {
    const next = owner[part];
    if (typeof next !== "object" || next === null) owner[part] = madeFor(path.slice(0, index + 1), scenario);
    owner = owner[part] as Record<string | number, unknown>;
  });
  owner[path.at(-1)!] = value;
}

function madeFor(path: Path, scenario: ScenarioFile): unknown {
  if (path.length === 2 && path[1] === "brokers") return brokerIds(scenario.kafka).map((id) => ({ id }));
  if (path.length === 3 && path[2] === "members") return memberNames(scenario.groups)[path[1] as number]!.map((name) => ({ name }));
  return {};
}

/** A copy in which what aliases repeat is there as often as it is named. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)]));
}

function nameOf([key, value]: Override): string {
  return `--set ${key}=${value}`;
}

function problemWith(source: string, message: string): ScenarioError {
  return new ScenarioError([{ source, line: 0, column: 0, path: "", message }]);
}
