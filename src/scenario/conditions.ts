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

/** Whether everything that a condition names is so. */
export function evaluate(condition: Condition, { world, ledger, now, traceCount }: Situation): Evaluation {
  const differences: string[] = [];
  const compare = (subject: string, wanted: Record<string, unknown>, facts: Facts | null, leaveOut: readonly string[]): void => {
    if (facts === null) {
      differences.push(`${subject}: there is no such thing`);
      return;
    }
    for (const [field, want] of Object.entries(wanted)) {
      if (want === undefined || leaveOut.includes(field)) continue;
      const found = facts[field];
      if (!fits(want, found)) differences.push(`${subject}: ${field} is ${shown(found)}, expected ${shown(want)}`);
    }
  };
  if (condition.partition !== undefined) compare(condition.partition.of, condition.partition, partitionFacts(world, condition.partition.of), ["of"]);
  if (condition.group !== undefined) compare(`group ${condition.group.of}`, condition.group, groupFacts(world, condition.group.of), ["of"]);
  if (condition.broker !== undefined) compare(`broker ${condition.broker.of}`, condition.broker, brokerFacts(world, condition.broker.of), ["of"]);
  if (condition.controller !== undefined) compare("controller", condition.controller, { active: world.quorum.activeController }, []);
  if (condition.ledger !== undefined) {
    const { producer = null, group = null } = condition.ledger;
    compare(subjectOf("ledger", producer, group), condition.ledger, ledgerFacts(ledger, producer, group), ["producer", "group"]);
  }
  if (condition.statistics !== undefined) {
    const { producer = null, group = null } = condition.statistics;
    compare(subjectOf("statistics", producer, group), condition.statistics, statisticsFacts(world, ledger, producer, group, now), ["producer", "group"]);
  }
  if (condition.trace !== undefined) compare(`events ${condition.trace.type}`, { count: condition.trace.count }, { count: traceCount }, []);
  return { holds: differences.length === 0, seen: differences.join("; ") };
}

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
    .map(([bound, number]) => `${{ min: "at least", max: "at most", above: "above", below: "below", not: "not" }[bound] ?? bound} ${number}`)
    .join(" and ");
}
