import type { World } from "../kafka/cluster/world.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Condition, Matcher } from "./condition-schema.ts";
import { brokerFacts, type Facts, groupFacts, ledgerFacts, partitionFacts, statisticsFacts } from "./facts.ts";

export interface Evaluation {
  holds: boolean;
  /** What is so, for a person who expected something else: "orders-0: leader 2, not 1". */
  seen: string;
}

export interface Situation {
  world: World;
  ledger: Ledger;
  now: number;
  /** How many trace events fit the condition's `trace` so far. */
  traceCount: number;
}

/** Whether everything that a condition names is so, and what is not. */
export function evaluate(condition: Condition, situation: Situation): Evaluation {
  const differences: string[] = [];
  compareAll(condition, situation, (subject, field, want, found) => {
    differences.push(
      field === "" ? `${subject()}: there is no such thing` : `${subject()}: ${field} is ${shown(found)}, expected ${shown(want)}`,
    );
    return true;
  });
  return { holds: differences.length === 0, seen: differences.join("; ") };
}

/** Whether everything that a condition names is so; asked at nearly every instant, so it stops at the first difference and makes no words. */
export function holds(condition: Condition, situation: Situation): boolean {
  return compareAll(condition, situation, () => false);
}

/** Told of a difference (field "": there is no such thing); whether to go on. */
type OnDifference = (subject: () => string, field: string, want: unknown, found: unknown) => boolean;

/** False: it was stopped. */
function compareAll(condition: Condition, { world, ledger, now, traceCount }: Situation, onDifference: OnDifference): boolean {
  const compare = (subject: () => string, wanted: Record<string, unknown>, facts: Facts | null): boolean => {
    if (facts === null) return onDifference(subject, "", null, null);
    for (const field of Object.keys(wanted)) {
      const want = wanted[field];
      if (want === undefined || namesWhat.includes(field)) continue;
      const found = facts[field];
      if (!fits(want, found) && !onDifference(subject, field, want, found)) return false;
    }
    return true;
  };
  const { partition, group, broker, controller, ledger: records, statistics, trace } = condition;
  if (partition !== undefined && !compare(() => partition.of, partition, partitionFacts(world, partition.of))) return false;
  if (group !== undefined && !compare(() => `group ${group.of}`, group, groupFacts(world, group.of))) return false;
  if (broker !== undefined && !compare(() => `broker ${broker.of}`, broker, brokerFacts(world, broker.of))) return false;
  if (controller !== undefined && !compare(() => "controller", controller, { active: world.quorum.activeController })) return false;
  if (records !== undefined) {
    const { producer = null, group: reader = null } = records;
    if (!compare(() => subjectOf("ledger", producer, reader), records, ledgerFacts(ledger, producer, reader))) return false;
  }
  if (statistics !== undefined) {
    const { producer = null, group: reader = null } = statistics;
    const facts = statisticsFacts(world, ledger, producer, reader, now);
    if (!compare(() => subjectOf("statistics", producer, reader), statistics, facts)) return false;
  }
  return trace === undefined || compare(() => `events ${trace.type}`, { count: trace.count }, { count: traceCount });
}

/** What says of whom a condition speaks, in conditions on such things. */
const namesWhat: readonly string[] = ["of", "producer", "group"];

function subjectOf(what: string, producer: string | null, group: string | null): string {
  return [what, producer === null ? "" : `of ${producer}`, group === null ? "" : `in ${group}`].filter((part) => part !== "").join(" ");
}

function fits(want: unknown, found: unknown): boolean {
  if (Array.isArray(want)) return Array.isArray(found) && want.length === found.length && want.every((one) => found.includes(one));
  if (typeof want === "object" && want !== null) return typeof found === "number" && isWithin(want as Exclude<Matcher, number>, found);
  return want === found;
}

function isWithin({ min, max, above, below, not }: Exclude<Matcher, number>, found: number): boolean {
  if (min !== undefined && !(found >= min)) return false;
  if (max !== undefined && !(found <= max)) return false;
  if (above !== undefined && !(found > above)) return false;
  if (below !== undefined && !(found < below)) return false;
  return not === undefined || found !== not;
}

function shown(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return value.toFixed(2);
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .filter(([, bound]) => bound !== undefined)
    .map(
      ([bound, number]) => `${{ min: "at least", max: "at most", above: "above", below: "below", not: "not" }[bound] ?? bound} ${number}`,
    )
    .join(" and ");
}
