import type { ConfigScope } from "../kafka/protocol/config-catalogue.ts";
import { validateConfigs } from "../kafka/protocol/config-validation.ts";
import { checkCondition } from "./check-expectations.ts";
import { known, type Report, refusalText, reportRefusal, reportUnsupported, unsupportedIn } from "./checks.ts";
import type { TimelineCommand } from "./command-schema.ts";
import { memberNames, type Names, namesOf } from "./names.ts";
import type { Path } from "./scenario-error.ts";
import type { ScenarioFile } from "./schema.ts";

/** Whether each step of the timeline says when and what, of things that exist. Things that commands make exist from the beginning here. */
export function checkTimeline(scenario: ScenarioFile, report: Report): void {
  const names = namesOf(scenario);
  scenario.timeline.forEach((entry, index) => {
    const path = ["timeline", index];
    if (entry.at === undefined && entry.when === undefined) report(path, "a step needs at: (a time), when: (a condition), or both");
    if (entry.do === undefined && entry.say === undefined)
      report(path, "a step needs do: (a command), say: (a line of narration), or both");
    if (entry.at !== undefined && entry.at > scenario.end)
      report([...path, "at"], `this is after the end of the scenario (${scenario.end} ms)`);
    if (entry.when !== undefined) checkCondition(entry.when, [...path, "when"], scenario, report);
    if (entry.do !== undefined) checkCommand(entry, path, names, scenario, report);
  });
}

function checkCommand(entry: TimelineCommand, path: Path, names: Names, scenario: ScenarioFile, report: Report): void {
  const check = (field: string, name: string, among: readonly string[], what: string): void => {
    const mayCome =
      names.unnamed && (what === "node" || what === "client" || what === "producer" || what === "consumer") && !/^\d+$/.test(name);
    if (!mayCome) known(name, among, [...path, field], what, report);
  };
  switch (entry.do) {
    case "kill":
    case "stop":
    case "start":
    case "pause":
    case "resume":
    case "isolate":
    case "rejoin":
      return check("node", entry.node, names.nodes, "node");
    case "cut-link":
    case "slow-link":
    case "heal-link":
      check("from", entry.from, names.nodes, "node");
      check("to", entry.to, names.nodes, "node");
      if (entry.from === entry.to) report([...path, "to"], "a link has two ends");
      return;
    case "lose-disk":
      return check("broker", String(entry.broker), names.brokers, "broker");
    case "alter-topic-config":
      check("topic", entry.topic, names.topics, "topic");
      return checkConfig(
        "topic",
        entry.key,
        entry.value,
        scenario.topics.find(({ name }) => name === entry.topic)?.configs ?? {},
        path,
        scenario,
        report,
      );
    case "alter-broker-config":
      if (entry.broker !== null) check("broker", String(entry.broker), names.brokers, "broker");
      return checkConfig("broker", entry.key, entry.value, scenario.kafka.configs, path, scenario, report);
    case "alter-group-config":
      check("group", entry.group, names.groups, "group");
      return checkConfig("group", entry.key, entry.value, {}, path, scenario, report);
    case "alter-client-config":
      check("client", entry.client, names.clients, "client");
      return checkClientConfig(entry, path, scenario, report);
    case "create-topic": {
      const result = validateConfigs("topic", entry.configs, scenario.kafka.configs);
      if (!result.ok) reportRefusal(result, [...path, "configs"], entry.configs, report);
      return;
    }
    case "add-partitions":
    case "elect-leader":
      return check("topic", entry.topic, names.topics, "topic");
    case "change-load":
      return check("producer", entry.producer, names.producers, "producer");
    case "trigger-rebalance":
      return check("group", entry.group, names.groups, "group");
    case "add-consumer": {
      check("group", entry.group, names.groups, "group");
      const like = scenario.groups.find(({ name }) => name === entry.group);
      return checkNewClient("consumer", entry.configs, { "group.id": entry.group, ...like?.configs }, path, report);
    }
    case "add-producer": {
      check("like", entry.like, names.producers, "producer");
      const like = scenario.producers.find(({ name }) => name === entry.like);
      return checkNewClient("producer", entry.configs, { ...like?.configs }, path, report);
    }
    case "remove-consumer":
      return check("consumer", entry.consumer, names.consumers, "consumer");
  }
}

function checkNewClient(
  scope: "producer" | "consumer",
  own: Record<string, string>,
  under: Record<string, string>,
  path: Path,
  report: Report,
): void {
  const result = validateConfigs(scope, { ...under, ...own });
  if (!result.ok) reportRefusal(result, [...path, "configs"], own, report);
  else reportUnsupported(scope, { ...under, ...own }, [...path, "configs"], own, report);
}

function checkClientConfig(
  entry: Extract<TimelineCommand, { do: "alter-client-config" }>,
  path: Path,
  scenario: ScenarioFile,
  report: Report,
): void {
  const producer = scenario.producers.find(({ name }) => name === entry.client);
  if (producer !== undefined) return checkConfig("producer", entry.key, entry.value, producer.configs, path, scenario, report);
  const place = memberNames(scenario.groups).findIndex((members) => members.includes(entry.client));
  const group = scenario.groups[place];
  if (group === undefined) return;
  const own = typeof group.members === "number" ? {} : group.members.find(({ name }) => name === entry.client)!.configs;
  checkConfig("consumer", entry.key, entry.value, { "group.id": group.name, ...group.configs, ...own }, path, scenario, report);
}

/** What Kafka would say when the value is set, if nothing else has been changed until then. */
function checkConfig(
  scope: ConfigScope,
  key: string,
  value: string | null,
  others: Record<string, string>,
  path: Path,
  scenario: ScenarioFile,
  report: Report,
): void {
  if (value === null) return;
  const configs = { ...others, [key]: value };
  const result = validateConfigs(scope, configs, scenario.kafka.configs);
  if (!result.ok) {
    const isUnknownKey = result.error.message.startsWith("Unknown ");
    return report([...path, isUnknownKey ? "key" : "value"], refusalText(result.error, value));
  }
  const unsupported = unsupportedIn(scope, configs);
  if (unsupported !== null) report([...path, unsupported.key === key ? "value" : "key"], unsupported.message);
}
