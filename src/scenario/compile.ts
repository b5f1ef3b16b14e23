import type { ClusterSpec, GroupSpec, ProducerSpec, TopicSpec } from "../kafka/protocol/cluster-spec.ts";
import type { Command } from "../kafka/protocol/commands.ts";
import { checkScenario } from "./check.ts";
import type { Condition } from "./condition-schema.ts";
import { controllerIds, memberNames } from "./names.ts";
import { overridden } from "./overrides.ts";
import { type ParsedScenario, parseScenario } from "./parse.ts";
import { ScenarioError, type ScenarioProblem } from "./scenario-error.ts";
import type { Localised, ScenarioFile } from "./schema.ts";

/** What a run needs of a scenario. Plain data. */
export interface Scenario {
  file: string;
  title: Localised;
  description: Localised;
  spec: ClusterSpec;
  endMs: number;
  timeline: TimelineStep[];
  expectations: Expectation[];
  flip: { set: [string, string][]; breaks: string; about: Localised | null } | null;
  /** Whether a condition asks for trace events, so that the run must count them. */
  needsTrace: boolean;
  warnings: string[];
}

export interface TimelineStep {
  /** Not before this; with `when`, the earliest time from which the condition is looked at. */
  atMs: number;
  when: Condition | null;
  /** After `at`, or after the condition came true. */
  delayMs: number;
  command: Command | null;
  say: Localised | null;
}

export interface Expectation {
  name: string;
  about: Localised | null;
  condition: Condition;
  kind: "at" | "within" | "always" | "never";
  fromMs: number;
  toMs: number;
}

/** Reads, overrides and compiles a scenario. `overrides` are KEY=VALUE pairs as of --set. Throws ScenarioError, and nothing else. */
export function compileScenario(
  text: string,
  file: string,
  overrides: readonly (readonly [string, string])[] = [],
  seed: number | null = null,
): Scenario {
  const own = checked(parseScenario(text, file));
  if (overrides.length === 0) checkFlip(own.parsed);
  // What the file itself warns of has its place there; overrides are warned of by their own names.
  const { parsed, warnings } = overrides.length === 0 ? own : checked(overridden(own.parsed, overrides));
  if (seed !== null) parsed.scenario.seed = seed;
  return compiled(parsed, warnings);
}

function checked(parsed: ParsedScenario): { parsed: ParsedScenario; warnings: string[] } {
  const { problems, warnings } = checkScenario(parsed);
  if (problems.length > 0) throw new ScenarioError(problems);
  return { parsed, warnings };
}

/** A flip must be something that --set could do. */
function checkFlip(parsed: ParsedScenario): void {
  const { flip } = parsed.scenario;
  if (flip === undefined) return;
  try {
    checked(overridden(parsed, Object.entries(flip.set)));
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new ScenarioError(error.problems.map((problem) => flipProblem(parsed, flip.set, problem)));
  }
}

function flipProblem(parsed: ParsedScenario, set: Record<string, string>, { source, path, message }: ScenarioProblem): ScenarioProblem {
  const key = Object.keys(set).find((one) => source === `--set ${one}=${set[one]}`);
  return parsed.problemAt(key === undefined ? ["flip", "set"] : ["flip", "set", key], path === "" ? message : `${path}: ${message}`);
}

function compiled({ scenario, file }: ParsedScenario, warnings: string[]): Scenario {
  const timeline = scenario.timeline.map(timelineStep);
  const expectations = scenario.expect.map((entry) => expectation(entry, scenario.end));
  const conditions = [...timeline.map(({ when }) => when), ...expectations.map(({ condition }) => condition)];
  return {
    file,
    title: scenario.title,
    description: scenario.description,
    spec: clusterSpec(scenario),
    endMs: scenario.end,
    timeline,
    expectations,
    flip:
      scenario.flip === undefined
        ? null
        : {
            set: Object.entries(scenario.flip.set),
            breaks: scenario.flip.breaks,
            about: scenario.flip.about ?? null,
          },
    needsTrace: conditions.some((condition) => condition?.trace !== undefined),
    warnings,
  };
}

function clusterSpec(scenario: ScenarioFile): ClusterSpec {
  const { kafka, network } = scenario;
  const brokers =
    typeof kafka.brokers === "number" ? Array.from({ length: kafka.brokers }, (_, index) => ({ id: index + 1 })) : kafka.brokers;
  const names = memberNames(scenario.groups);
  return {
    seed: scenario.seed,
    controllers: controllerIds(kafka),
    controllerFailoverMs: kafka.controllerFailover,
    brokers: brokers.map((broker: Exclude<ScenarioFile["kafka"]["brokers"], number>[number], index) => ({
      id: broker.id,
      rack: broker.rack ?? kafka.racks?.[index % kafka.racks.length] ?? null,
      configs: broker.configs ?? {},
      costs: { perRequestMicros: broker.perRequestMicros ?? 50, perKilobyteMicros: broker.perKilobyteMicros ?? 2 },
    })),
    brokerConfigs: kafka.configs,
    topics: scenario.topics.map(topicSpec),
    producers: scenario.producers.map(producerSpec),
    groups: scenario.groups.map((group, index) => groupSpec(group, names[index]!)),
    network: { latencyMs: network.latency, bandwidthBytesPerSecond: network.bandwidthBytesPerSecond },
  };
}

function topicSpec(topic: ScenarioFile["topics"][number]): TopicSpec {
  const assignment = topic.assignment?.map((replicas) => replicas.slice()) ?? null;
  return {
    name: topic.name,
    partitions: assignment?.length ?? topic.partitions,
    replicationFactor: assignment?.[0]?.length ?? topic.replicationFactor,
    assignment,
    configs: topic.configs,
  };
}

function producerSpec(producer: ScenarioFile["producers"][number]): ProducerSpec {
  const records = producer.records?.flatMap((record) =>
    Array.from({ length: record.count }, () => ({
      atMs: record.at,
      key: record.key,
      partition: record.partition,
      valueSizeBytes: record.valueSize,
    })),
  );
  return {
    name: producer.name,
    configs: producer.configs,
    startAtMs: producer.start,
    workload: {
      topic: producer.topic,
      recordsPerSecond: producer.rate,
      count: producer.count,
      valueSizeBytes: producer.valueSize,
      keys: producer.keys,
      keyCount: producer.keyCount,
      mode: producer.mode,
      records: records?.sort((a, b) => a.atMs - b.atMs) ?? null,
    },
  };
}

function groupSpec({ name, topics, configs, members, processing }: ScenarioFile["groups"][number], names: readonly string[]): GroupSpec {
  return {
    name,
    topics: topics.slice(),
    configs: { ...configs },
    members: names.map((member, index) => {
      const own = typeof members === "number" ? undefined : members[index];
      return { name: member, configs: { ...own?.configs }, startAtMs: own?.start ?? 0 };
    }),
    processing: { ...processing },
  };
}

function timelineStep(entry: ScenarioFile["timeline"][number]): TimelineStep {
  const { at, when, delay, say, ...rest } = entry;
  let command: Command | null = null;
  if ("do" in rest) {
    const { do: type, ...fields } = rest;
    command = { type, ...fields } as Command;
  }
  return { atMs: at ?? 0, when: when ?? null, delayMs: delay ?? 0, command, say: say ?? null };
}

function expectation(entry: ScenarioFile["expect"][number], endMs: number): Expectation {
  const { name, about, at, within, always, never, ...condition } = entry;
  const common = { name, about: about ?? null, condition };
  const span = always ?? never;
  if (within !== undefined) return { ...common, kind: "within", fromMs: within.from, toMs: within.to };
  if (span !== undefined) {
    const bounds = span === true ? { from: 0, to: endMs } : { from: span.from, to: span.to ?? endMs };
    return { ...common, kind: always === undefined ? "never" : "always", fromMs: bounds.from, toMs: bounds.to };
  }
  const time = at === undefined || at === "end" ? endMs : at;
  return { ...common, kind: "at", fromMs: time, toMs: time };
}
