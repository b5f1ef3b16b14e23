import type { Command } from "../kafka/protocol/commands.ts";
import type { ClusterSpec, GroupSpec, ProducerSpec, TopicSpec } from "../kafka/protocol/cluster-spec.ts";
import type { Condition } from "./condition-schema.ts";
import { checkScenario } from "./check.ts";
import { type ParsedScenario, parseScenario } from "./parse.ts";
import { ScenarioError } from "./scenario-error.ts";
import type { Localised, ScenarioFile } from "./schema.ts";
import { applyOverrides } from "./overrides.ts";

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

/** Reads, overrides and compiles a scenario. `overrides` are KEY=VALUE pairs as of --set. Throws ScenarioError. */
export function compileScenario(text: string, file: string, overrides: readonly [string, string][] = [], seed: number | null = null): Scenario {
  const parsed = parseScenario(text, file);
  applyOverrides(parsed.scenario, overrides);
  if (seed !== null) parsed.scenario.seed = seed;
  const { problems, warnings } = checkScenario(parsed);
  if (problems.length > 0) throw new ScenarioError(file, problems.slice(0, 20));
  return compiled(parsed, warnings);
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
            set: Object.entries(scenario.flip.set).map(([key, value]): [string, string] => [key, String(value)]),
            breaks: scenario.flip.breaks,
            about: scenario.flip.about ?? null,
          },
    needsTrace: conditions.some((condition) => condition?.trace !== undefined),
    warnings,
  };
}

function clusterSpec(scenario: ScenarioFile): ClusterSpec {
  const { kafka, network } = scenario;
  const brokers = typeof kafka.brokers === "number" ? Array.from({ length: kafka.brokers }, (_, index) => ({ id: index + 1 })) : kafka.brokers;
  return {
    seed: scenario.seed,
    controllers: Array.from({ length: kafka.controllers }, (_, index) => firstControllerId(brokers.map(({ id }) => id)) + index),
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
    groups: scenario.groups.map((group) => groupSpec(group, scenario)),
    network: { latencyMs: network.latency, bandwidthBytesPerSecond: network.bandwidthBytesPerSecond },
  };
}

/** Controllers are 101, 102, 103: in KRaft they share the numbers of the brokers, so they begin above them. */
function firstControllerId(brokerIds: number[]): number {
  return Math.max(100, Math.ceil(Math.max(...brokerIds) / 100) * 100) + 1;
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
    Array.from({ length: record.count }, () => ({ atMs: record.at, key: record.key, partition: record.partition, valueSizeBytes: record.valueSize })),
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

function groupSpec(group: ScenarioFile["groups"][number], scenario: ScenarioFile): GroupSpec {
  const before = scenario.groups.slice(0, scenario.groups.indexOf(group)).reduce((sum, { members }) => sum + (typeof members === "number" ? members : members.length), 0);
  const members =
    typeof group.members === "number"
      ? Array.from({ length: group.members }, (_, index) => ({ name: `c${before + index + 1}`, configs: {}, startAtMs: 0 }))
      : group.members.map(({ name, configs, start }) => ({ name, configs, startAtMs: start }));
  return { name: group.name, topics: group.topics, configs: group.configs, members, processing: group.processing };
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
