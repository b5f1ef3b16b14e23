import type { TimelineCommand } from "./command-schema.ts";
import type { ScenarioFile, TimelineEntry } from "./schema.ts";

/** The members of each group, named: of a group that only says how many, c1, c2, ... counted on from group to group. */
export function memberNames(groups: ScenarioFile["groups"]): string[][] {
  let before = 0;
  return groups.map(({ members }) => {
    const names =
      typeof members === "number"
        ? Array.from({ length: members }, (_, index) => `c${before + index + 1}`)
        : members.map(({ name }) => name);
    before += names.length;
    return names;
  });
}

export function brokerIds({ brokers }: ScenarioFile["kafka"]): number[] {
  return typeof brokers === "number" ? Array.from({ length: brokers }, (_, index) => index + 1) : brokers.map(({ id }) => id);
}

/** Controllers are 101, 102, 103: in KRaft they share the numbers of the brokers, so they begin above them. */
export function controllerIds(kafka: ScenarioFile["kafka"]): number[] {
  const first = Math.max(100, Math.ceil(Math.max(...brokerIds(kafka)) / 100) * 100) + 1;
  return Array.from({ length: kafka.controllers }, (_, index) => first + index);
}

/** Who is there in a scenario, counting what its commands make. */
export interface Names {
  brokers: string[];
  nodes: string[];
  clients: string[];
  producers: string[];
  consumers: string[];
  groups: string[];
  topics: string[];
  /** Whether a command makes clients whose names it leaves open: then any name may be one. */
  unnamed: boolean;
}

export function namesOf(scenario: ScenarioFile): Names {
  const commands = scenario.timeline.filter((entry): entry is TimelineEntry & TimelineCommand => entry.do !== undefined);
  const made = (type: "add-consumer" | "add-producer"): string[] =>
    commands.flatMap((entry) => (entry.do === type && entry.name !== null ? [entry.name] : []));
  const producers = [...scenario.producers.map(({ name }) => name), ...made("add-producer")];
  const consumers = [...memberNames(scenario.groups).flat(), ...made("add-consumer")];
  const brokers = brokerIds(scenario.kafka).map(String);
  return {
    brokers,
    nodes: [...brokers, ...controllerIds(scenario.kafka).map(String), ...producers, ...consumers],
    clients: [...producers, ...consumers],
    producers,
    consumers,
    groups: scenario.groups.map(({ name }) => name),
    topics: [
      ...scenario.topics.map(({ name }) => name),
      ...commands.flatMap((entry) => (entry.do === "create-topic" ? [entry.topic] : [])),
    ],
    unnamed: commands.some((entry) => (entry.do === "add-consumer" || entry.do === "add-producer") && entry.name === null),
  };
}
