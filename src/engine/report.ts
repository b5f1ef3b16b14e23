import type { Violation } from "../invariants/all-invariants.ts";
import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import { type Totals, totalsOf } from "../ledger/queries.ts";
import type { Scenario } from "../scenario/compile.ts";
import type { Condition } from "../scenario/condition-schema.ts";
import { chainOf, wordChain } from "../trace/causes.ts";
import { type HeadlessResult, runToEnd } from "./headless.ts";
import { consumptionLatency, percentilesOf, sendLatency } from "./latencies.ts";
import type { Percentiles } from "./session.ts";

/** What a headless run tells, for people and as JSON. Nothing of the machine is in it: equal runs print equal reports. */
export interface RunReport {
  scenario: string;
  title: string;
  seed: number;
  verdict: "passed" | "failed" | "invariant broken";
  virtualMs: number;
  events: number;
  totals: Totals;
  throughput: { sentPerSecond: number; acknowledgedPerSecond: number; readPerSecond: number };
  latency: { acknowledgementMs: Percentiles | null; consumptionMs: Percentiles | null };
  expectations: ReportedExpectation[];
  violation: Violation | null;
  warnings: string[];
  /** The command that does this run again. */
  reproduce: string;
}

export interface ReportedExpectation {
  name: string;
  about: string | null;
  verdict: "held" | "failed" | "pending";
  atMs: number;
  seen: string;
  /** From the effect to its root cause, one sentence each; empty unless it failed. */
  chain: string[];
}

export function reportOf(
  scenario: Scenario,
  result: HeadlessResult,
  language: "en" | "ko",
  reproduce: string,
  untilMs: number | null,
): RunReport {
  const { run, expectations, violation } = result;
  const { world, ledger, kernel } = run.simulation;
  const totals = totalsOf(ledger);
  const seconds = Math.max(kernel.now, 1) / 1000;
  const read = Object.values(world.consumers).reduce((sum, { recordsReturned }) => sum + recordsReturned, 0);
  const failed = expectations.some(({ verdict }) => verdict === "failed");
  const events = failed ? tracedEvents(scenario, untilMs) : [];
  return {
    scenario: scenario.file,
    title: scenario.title[language],
    seed: scenario.spec.seed,
    verdict: violation !== null ? "invariant broken" : failed ? "failed" : "passed",
    virtualMs: kernel.now,
    events: kernel.eventsHandled,
    totals,
    throughput: {
      sentPerSecond: totals.sent / seconds,
      acknowledgedPerSecond: totals.acknowledged / seconds,
      readPerSecond: read / seconds,
    },
    latency: { acknowledgementMs: percentilesOf(sendLatency(world)), consumptionMs: percentilesOf(consumptionLatency(world)) },
    expectations: expectations.map(({ name, about, verdict, atMs, seen }) => ({
      name,
      about: about === null ? null : about[language],
      verdict,
      atMs,
      seen,
      chain: verdict === "failed" ? chainBehind(conditionOf(scenario, name), events, atMs, language) : [],
    })),
    violation,
    warnings: scenario.warnings,
    reproduce,
  };
}

/** "Why" runs again with tracing on, since untraced runs keep no causes. */
function tracedEvents(scenario: Scenario, untilMs: number | null): TraceEvent[] {
  const events: TraceEvent[] = [];
  runToEnd(scenario, { check: false, untilMs, sink: (event) => events.push(event) });
  return events;
}

function conditionOf(scenario: Scenario, name: string): Condition {
  return scenario.expectations.find((expectation) => expectation.name === name)!.condition;
}

/** The newest event that the failed condition is about, and what led to it. */
function chainBehind(condition: Condition, events: readonly TraceEvent[], atMs: number, language: "en" | "ko"): string[] {
  const types = typesBehind(condition);
  const subject = condition.partition?.of ?? condition.group?.of ?? null;
  const about = events.findLast(({ type, at, fields }) => {
    if (at > atMs || !types.includes(type)) return false;
    const { topicPartition, group } = fields as { topicPartition?: string; group?: string };
    return subject === null || subject === topicPartition || subject === group;
  });
  return about === undefined ? [] : wordChain(chainOf(events, about.seq), language);
}

function typesBehind(condition: Condition): string[] {
  const { ledger } = condition;
  if (condition.trace !== undefined) return [condition.trace.type];
  if (condition.partition !== undefined) return ["leader-elected", "isr-changed", "truncated"];
  if (condition.group !== undefined) return ["group-state", "member-expired", "member-joined", "member-left"];
  if (condition.broker !== undefined) return ["broker-fenced", "broker-unfenced", "node-killed", "node-started"];
  if (ledger === undefined) return [];
  if (ledger.lost !== undefined) return ["record-lost"];
  if (ledger.duplicated !== undefined) return ["record-duplicated"];
  if (ledger.reordered !== undefined) return ["record-reordered"];
  if (ledger.failed !== undefined || ledger.acknowledged !== undefined) return ["batch-failed", "record-failed", "batch-retried"];
  return ["member-expired", "position-reset", "partitions-lost"];
}
