import { traceEvents } from "../kafka/protocol/trace-events.ts";
import { known, type Report } from "./checks.ts";
import type { Condition } from "./condition-schema.ts";
import { namesOf } from "./names.ts";
import type { Path } from "./scenario-error.ts";
import type { ScenarioFile } from "./schema.ts";

/** Whether each expectation says when and what, of things that exist. */
export function checkExpectations(scenario: ScenarioFile, report: Report): void {
  scenario.expect.forEach((entry, index) => {
    const path: Path = ["expect", index];
    const { name: _name, about: _about, at, within, always, never, ...condition } = entry;
    const times = Object.entries({ at, within, always, never }).filter(([, time]) => time !== undefined);
    if (times.length > 1)
      report(
        [...path, times[1]![0]],
        `an expectation has one of at, within, always, never: this has ${times.map(([kind]) => kind).join(" and ")}`,
      );
    for (const [kind, time] of times) checkTime(time, [...path, kind], scenario.end, report);
    if (Object.values(condition).every((part) => part === undefined))
      report(path, `an expectation needs ${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`);
    checkCondition(condition, path, scenario, report);
  });
  if (scenario.flip === undefined) return;
  known(
    scenario.flip.breaks,
    scenario.expect.map(({ name }) => name),
    ["flip", "breaks"],
    "expectation",
    report,
  );
}

const parts = ["partition", "group", "broker", "controller", "ledger", "statistics", "trace"] as const;

function checkTime(time: unknown, path: Path, end: number, report: Report): void {
  const late = (at: number | undefined, place: Path): void => {
    if (at !== undefined && at > end) report(place, `this is after the end of the scenario (${end} ms)`);
  };
  if (typeof time === "number") late(time, path);
  if (typeof time !== "object" || time === null) return;
  const { from = 0, to } = time as { from?: number; to?: number };
  if (to !== undefined && to < from) report([...path, "to"], `this is before from (${from} ms)`);
  late(from, [...path, "from"]);
  late(to, [...path, "to"]);
}

export function checkCondition(condition: Condition, path: Path, scenario: ScenarioFile, report: Report): void {
  const names = namesOf(scenario);
  for (const part of parts) {
    const { of: _of, producer: _producer, group: _group, type: _type, ...asked } = { ...condition[part] } as Record<string, unknown>;
    if (condition[part] !== undefined && Object.values(asked).every((one) => one === undefined))
      report([...path, part], "this names nothing that should be so");
  }
  if (condition.partition !== undefined)
    checkPartition(condition.partition.of, [...path, "partition", "of"], names.topics, scenario, report);
  if (condition.group !== undefined) known(condition.group.of, names.groups, [...path, "group", "of"], "group", report);
  if (condition.broker !== undefined) known(String(condition.broker.of), names.brokers, [...path, "broker", "of"], "broker", report);
  for (const part of ["ledger", "statistics"] as const) {
    const { producer, group } = condition[part] ?? {};
    if (group !== undefined) known(group, names.groups, [...path, part, "group"], "group", report);
    if (producer !== undefined && !names.unnamed) known(producer, names.producers, [...path, part, "producer"], "producer", report);
  }
  if (condition.trace !== undefined) checkTrace(condition.trace, [...path, "trace"], report);
}

function checkPartition(of: string, path: Path, topics: readonly string[], scenario: ScenarioFile, report: Report): void {
  const match = /^(.+)-(\d+)$/.exec(of);
  if (match === null) return report(path, "a partition is named TOPIC-NUMBER, such as orders-0");
  const [, name, number] = match as unknown as [string, string, string];
  if (name.startsWith("__")) return;
  known(name, topics, path, "topic", report);
  const topic = scenario.topics.find((one) => one.name === name);
  const grows = scenario.timeline.some((entry) => entry.do === "add-partitions");
  if (topic === undefined || grows) return;
  const count = topic.assignment?.length ?? topic.partitions;
  if (Number(number) >= count) report(path, `${name} has no partition ${number}: it has ${count}, counted from 0`);
}

function checkTrace({ type, where }: NonNullable<Condition["trace"]>, path: Path, report: Report): void {
  if (!Object.hasOwn(traceEvents, type)) return known(type, Object.keys(traceEvents), [...path, "type"], "type of trace event", report);
  const fields = ["node", ...Object.keys(traceEvents[type as keyof typeof traceEvents].fields)];
  for (const field of Object.keys(where ?? {})) known(field, fields, [...path, "where", field], "field", report);
}
