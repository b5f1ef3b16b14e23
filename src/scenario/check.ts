import { validateConfigs } from "../kafka/protocol/config-validation.ts";
import { traceEvents } from "../kafka/protocol/trace-events.ts";
import { didYouMean } from "./nearest-name.ts";
import type { ParsedScenario } from "./parse.ts";
import type { Path, ScenarioProblem } from "./scenario-error.ts";
import type { ScenarioFile } from "./schema.ts";

type Scope = "producer" | "consumer" | "topic" | "broker" | "group";
type ConfigTexts = Record<string, string>;

/** What is wrong across the parts of a scenario, and what Kafka would say of its configs, in Kafka's words. */
export function checkScenario({ scenario, problemAt }: ParsedScenario): { problems: ScenarioProblem[]; warnings: string[] } {
  const problems: ScenarioProblem[] = [];
  const warnings: string[] = [];
  const report = (path: Path, message: string): void => {
    problems.push(problemAt(path, message));
  };
  const checkConfigs = (scope: Scope, path: Path, configs: ConfigTexts, brokerConfigs?: ConfigTexts): void => {
    const result = validateConfigs(scope, configs, brokerConfigs);
    if (!result.ok) {
      report(result.error.key === null || !(result.error.key in configs) ? path : [...path, result.error.key], result.error.message);
      return;
    }
    for (const warning of result.warnings) {
      const place = problemAt([...path, warning.key], warning.message);
      warnings.push(`${place.line}:${place.column}  ${place.path}: ${place.message}`);
    }
  };
  checkNames(scenario, report);
  checkCluster(scenario, report);
  checkAllConfigs(scenario, checkConfigs);
  checkTimeline(scenario, report);
  checkExpectations(scenario, report);
  return { problems, warnings };
}

type Report = (path: Path, message: string) => void;

function checkNames(scenario: ScenarioFile, report: Report): void {
  unique(scenario.topics.map(({ name }, index) => [name, ["topics", index, "name"]]), "topic", report);
  unique(scenario.groups.map(({ name }, index) => [name, ["groups", index, "name"]]), "group", report);
  const clients: [string, Path][] = scenario.producers.map(({ name }, index) => [name, ["producers", index, "name"]]);
  scenario.groups.forEach(({ members }, group) => {
    if (typeof members !== "number") members.forEach(({ name }, index) => clients.push([name, ["groups", group, "members", index, "name"]]));
  });
  unique(clients, "client", report);
  unique(scenario.expect.map(({ name }, index) => [name, ["expect", index, "name"]]), "expectation", report);
  const topics = scenario.topics.map(({ name }) => name);
  scenario.producers.forEach(({ topic }, index) => known(topic, topics, ["producers", index, "topic"], "topic", report));
  scenario.groups.forEach(({ topics: subscribed }, group) => {
    subscribed.forEach((topic, index) => known(topic, topics, ["groups", group, "topics", index], "topic", report));
  });
}

function checkCluster(scenario: ScenarioFile, report: Report): void {
  const ids = brokerIds(scenario);
  if (typeof scenario.kafka.brokers !== "number") unique(ids.map((id, index) => [String(id), ["kafka", "brokers", index, "id"]]), "broker", report);
  scenario.topics.forEach((topic, index) => {
    if (topic.assignment === undefined) {
      if (topic.replicationFactor > ids.length) {
        report(["topics", index, "replicationFactor"], `Unable to replicate the partition ${topic.replicationFactor} time(s): The target replication factor of ${topic.replicationFactor} cannot be reached because only ${ids.length} broker(s) are registered.`);
      }
      return;
    }
    topic.assignment.forEach((replicas, partition) => {
      const path = ["topics", index, "assignment", partition];
      if (replicas.length !== topic.assignment![0]!.length) report(path, "every partition needs as many replicas as the first");
      if (new Set(replicas).size !== replicas.length) report(path, "a broker can hold one replica of a partition only");
      for (const id of replicas) if (!ids.includes(id)) report(path, `there is no broker ${id}: ${ids.join(", ")}`);
    });
  });
  scenario.producers.forEach((producer, index) => {
    if (producer.records !== undefined && producer.rate > 0) report(["producers", index, "rate"], "a producer has a rate or a list of records, not both");
  });
}

function checkAllConfigs(scenario: ScenarioFile, check: (scope: Scope, path: Path, configs: ConfigTexts, brokerConfigs?: ConfigTexts) => void): void {
  const { kafka } = scenario;
  check("broker", ["kafka", "configs"], kafka.configs);
  if (typeof kafka.brokers !== "number") {
    kafka.brokers.forEach(({ configs }, index) => {
      if (configs !== undefined) check("broker", ["kafka", "brokers", index, "configs"], { ...kafka.configs, ...configs });
    });
  }
  scenario.topics.forEach(({ configs }, index) => check("topic", ["topics", index, "configs"], configs, kafka.configs));
  scenario.producers.forEach(({ configs }, index) => check("producer", ["producers", index, "configs"], configs));
  scenario.groups.forEach(({ configs, members, name }, index) => {
    check("consumer", ["groups", index, "configs"], { "group.id": name, ...configs });
    if (typeof members === "number") return;
    members.forEach((member, place) => check("consumer", ["groups", index, "members", place, "configs"], { "group.id": name, ...configs, ...member.configs }));
  });
}

function checkTimeline(scenario: ScenarioFile, report: Report): void {
  const groups = scenario.groups.map(({ name }) => name);
  const producers = scenario.producers.map(({ name }) => name);
  scenario.timeline.forEach((entry, index) => {
    const path = ["timeline", index];
    if (entry.at === undefined && entry.when === undefined) report(path, "an entry needs at: (a time) or when: (a condition)");
    if (!("do" in entry) && entry.say === undefined) report(path, "an entry needs do: (a command), say: (a line of narration), or both");
    if (entry.at !== undefined && entry.at > scenario.end) report([...path, "at"], `this is after the end of the scenario (${scenario.end} ms)`);
    if (entry.when !== undefined) checkCondition(entry.when, [...path, "when"], scenario, report);
    if (!("do" in entry)) return;
    if (entry.do === "add-consumer" || entry.do === "trigger-rebalance") known(entry.group, groups, [...path, "group"], "group", report);
    if (entry.do === "add-producer") known(entry.like, producers, [...path, "like"], "producer", report);
    if (entry.do === "alter-topic-config" && entry.value !== null) {
      const result = validateConfigs("topic", { [entry.key]: entry.value }, scenario.kafka.configs);
      if (!result.ok) report([...path, "value"], result.error.message);
    }
  });
}

function checkExpectations(scenario: ScenarioFile, report: Report): void {
  scenario.expect.forEach((entry, index) => {
    const path: Path = ["expect", index];
    const times = [entry.at, entry.within, entry.always, entry.never].filter((time) => time !== undefined);
    if (times.length > 1) report(path, "an expectation has one of at, within, always, never");
    const { name: _name, about: _about, at: _at, within: _within, always: _always, never: _never, ...condition } = entry;
    if (Object.values(condition).every((part) => part === undefined)) report(path, "an expectation needs partition, group, broker, controller, ledger, statistics or trace");
    if (typeof entry.at === "number" && entry.at > scenario.end) report([...path, "at"], `this is after the end of the scenario (${scenario.end} ms)`);
    checkCondition(condition, path, scenario, report);
  });
  const names = scenario.expect.map(({ name }) => name);
  if (scenario.flip !== undefined) known(scenario.flip.breaks, names, ["flip", "breaks"], "expectation", report);
}

function checkCondition(
  condition: Pick<ScenarioFile["expect"][number], "partition" | "group" | "ledger" | "statistics" | "trace" | "broker">,
  path: Path,
  scenario: ScenarioFile,
  report: Report,
): void {
  const groups = scenario.groups.map(({ name }) => name);
  const topics = scenario.topics.map(({ name }) => name);
  if (condition.partition !== undefined) {
    const { of } = condition.partition;
    const dash = of.lastIndexOf("-");
    if (!/-\d+$/.test(of)) report([...path, "partition", "of"], "a partition is named TOPIC-NUMBER, such as orders-0");
    else if (!of.startsWith("__")) known(of.slice(0, dash), topics, [...path, "partition", "of"], "topic", report);
  }
  if (condition.group !== undefined) known(condition.group.of, groups, [...path, "group", "of"], "group", report);
  for (const part of ["ledger", "statistics"] as const) {
    const group = condition[part]?.group;
    if (group !== undefined) known(group, groups, [...path, part, "group"], "group", report);
  }
  if (condition.trace !== undefined) known(condition.trace.type, Object.keys(traceEvents), [...path, "trace", "type"], "type of trace event", report);
}

function brokerIds({ kafka }: ScenarioFile): number[] {
  return typeof kafka.brokers === "number" ? Array.from({ length: kafka.brokers }, (_, index) => index + 1) : kafka.brokers.map(({ id }) => id);
}

function known(name: string, names: readonly string[], path: Path, what: string, report: Report): void {
  if (!names.includes(name)) report(path, `there is no ${what} ${name}.${didYouMean(name, names)}`);
}

function unique(named: [string, Path][], what: string, report: Report): void {
  const seen = new Set<string>();
  for (const [name, path] of named) {
    if (seen.has(name)) report(path, `there are two of the name ${name}: each ${what} needs its own`);
    seen.add(name);
  }
}
