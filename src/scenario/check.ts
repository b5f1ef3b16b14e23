import { validateConfigs } from "../kafka/protocol/config-validation.ts";
import { checkExpectations } from "./check-expectations.ts";
import { checkTimeline } from "./check-timeline.ts";
import { known, type Report, reportRefusal, reportUnsupported } from "./checks.ts";
import { brokerIds, memberNames } from "./names.ts";
import type { ParsedScenario } from "./parse.ts";
import { type Path, problemText, type ScenarioProblem } from "./scenario-error.ts";
import type { ScenarioFile } from "./schema.ts";

type Scope = "producer" | "consumer" | "topic" | "broker";
type ConfigTexts = Record<string, string>;

/** What is wrong across the parts of a scenario, and what Kafka would say of its configs, in Kafka's words. */
export function checkScenario({ scenario, problemAt }: ParsedScenario): { problems: ScenarioProblem[]; warnings: string[] } {
  const problems: ScenarioProblem[] = [];
  const warnings: string[] = [];
  const report = (path: Path, message: string): void => {
    problems.push(problemAt(path, message));
  };
  checkSizes(scenario, report);
  if (problems.length > 0) return { problems, warnings };
  checkNames(scenario, report);
  checkCluster(scenario, report);
  checkClients(scenario, report);
  checkAllConfigs(scenario, report, (path, message) => warnings.push(problemText(problemAt(path, message))));
  checkTimeline(scenario, report);
  checkExpectations(scenario, report);
  return { problems, warnings };
}

const MAX_PARTITIONS = 50_000;
const MAX_EXPLICIT_RECORDS = 1_000_000;
const MAX_MEMBERS = 5000;

/** Each part has its bounds in the schema; these are on what many parts come to. */
function checkSizes(scenario: ScenarioFile, report: Report): void {
  const sum = <T>(parts: readonly T[], of: (part: T) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const partitions = sum(scenario.topics, ({ assignment, partitions }) => assignment?.length ?? partitions);
  if (partitions > MAX_PARTITIONS) report(["topics"], `${partitions} partitions in all are too many: at most ${MAX_PARTITIONS}`);
  const records = sum(scenario.producers, (producer) => sum(producer.records ?? [], ({ count }) => count));
  if (records > MAX_EXPLICIT_RECORDS)
    report(["producers"], `${records} records in lists are too many: at most ${MAX_EXPLICIT_RECORDS}; a rate has no bound`);
  const members = sum(scenario.groups, ({ members }) => (typeof members === "number" ? members : members.length));
  if (members > MAX_MEMBERS) report(["groups"], `${members} members in all are too many: at most ${MAX_MEMBERS}`);
}

function checkNames(scenario: ScenarioFile, report: Report): void {
  unique(
    scenario.topics.map(({ name }, index) => [name, ["topics", index, "name"]]),
    "topic",
    report,
  );
  unique(
    scenario.groups.map(({ name }, index) => [name, ["groups", index, "name"]]),
    "group",
    report,
  );
  const clients: [string, Path][] = scenario.producers.map(({ name }, index) => [name, ["producers", index, "name"]]);
  memberNames(scenario.groups).forEach((names, group) => {
    const counted = typeof scenario.groups[group]!.members === "number";
    names.forEach((name, index) =>
      clients.push([name, counted ? ["groups", group, "members"] : ["groups", group, "members", index, "name"]]),
    );
  });
  unique(clients, "client", report);
  unique(
    scenario.expect.map(({ name }, index) => [name, ["expect", index, "name"]]),
    "expectation",
    report,
  );
  const topics = scenario.topics.map(({ name }) => name);
  scenario.producers.forEach(({ topic }, index) => known(topic, topics, ["producers", index, "topic"], "topic", report));
  scenario.groups.forEach(({ topics: subscribed }, group) => {
    subscribed.forEach((topic, index) => known(topic, topics, ["groups", group, "topics", index], "topic", report));
  });
}

function checkCluster(scenario: ScenarioFile, report: Report): void {
  const ids = brokerIds(scenario.kafka);
  if (typeof scenario.kafka.brokers !== "number") {
    unique(
      ids.map((id, index) => [String(id), ["kafka", "brokers", index, "id"]]),
      "broker",
      report,
    );
  }
  scenario.topics.forEach(({ assignment, replicationFactor }, index) => {
    if (assignment === undefined && replicationFactor > ids.length) {
      report(
        ["topics", index, "replicationFactor"],
        `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ${replicationFactor} cannot be reached because only ${ids.length} broker(s) are registered.`,
      );
    }
    assignment?.forEach((replicas, partition) => {
      const path = ["topics", index, "assignment", partition];
      if (replicas.length !== assignment[0]!.length)
        report(path, `partition ${partition} has ${replicas.length} replicas, partition 0 has ${assignment[0]!.length}: all need as many`);
      if (new Set(replicas).size !== replicas.length) report(path, "a broker can hold one replica of a partition only");
      const unknown = replicas.find((id) => !ids.includes(id));
      if (unknown !== undefined) report(path, `there is no broker ${unknown}: there are ${ids.join(", ")}`);
    });
  });
}

function checkClients(scenario: ScenarioFile, report: Report): void {
  const partitionsOf = (name: string): number => {
    const topic = scenario.topics.find((one) => one.name === name);
    return topic === undefined ? Number.POSITIVE_INFINITY : (topic.assignment?.length ?? topic.partitions);
  };
  scenario.producers.forEach(({ records, rate, topic }, index) => {
    if (records === undefined) return;
    if (rate > 0) report(["producers", index, "rate"], "a producer has a rate or a list of records, not both");
    records.forEach(({ partition }, place) => {
      if (partition !== null && partition >= partitionsOf(topic)) {
        report(
          ["producers", index, "records", place, "partition"],
          `${topic} has no partition ${partition}: it has ${partitionsOf(topic)}, counted from 0`,
        );
      }
    });
  });
}

/** The first thing that Kafka says of each client, topic and broker: it refuses at the first, too. */
function checkAllConfigs({ kafka, topics, producers, groups }: ScenarioFile, report: Report, warn: Report): void {
  const check = (scope: Scope, path: Path, own: ConfigTexts, under: ConfigTexts = {}, brokerConfigs: ConfigTexts = {}): boolean => {
    const result = validateConfigs(scope, { ...under, ...own }, brokerConfigs);
    if (result.ok) for (const { key, message } of result.warnings) if (Object.hasOwn(own, key)) warn([...path, key], message);
    if (!result.ok) reportRefusal(result, path, own, report);
    else reportUnsupported(scope, { ...under, ...own }, path, own, report);
    return result.ok;
  };
  const common = check("broker", ["kafka", "configs"], kafka.configs);
  if (typeof kafka.brokers !== "number" && common) {
    kafka.brokers.forEach(({ configs }, index) => {
      if (configs !== undefined) check("broker", ["kafka", "brokers", index, "configs"], configs, kafka.configs);
    });
  }
  topics.forEach(({ configs }, index) => check("topic", ["topics", index, "configs"], configs, {}, kafka.configs));
  producers.forEach(({ configs }, index) => check("producer", ["producers", index, "configs"], configs));
  groups.forEach(({ configs, members, name }, index) => {
    const group = { "group.id": name };
    if (!check("consumer", ["groups", index, "configs"], configs, group) || typeof members === "number") return;
    members.forEach((member, place) =>
      check("consumer", ["groups", index, "members", place, "configs"], member.configs, { ...group, ...configs }),
    );
  });
}

function unique(named: [string, Path][], what: string, report: Report): void {
  const seen = new Set<string>();
  for (const [name, path] of named) {
    if (seen.has(name)) report(path, `there are two of the name ${name}: each ${what} needs its own`);
    seen.add(name);
  }
}
