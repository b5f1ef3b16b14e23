import type { World } from "../kafka/cluster/world.ts";
import type { Command } from "../kafka/protocol/commands.ts";
import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Scenario } from "./compile.ts";
import type { Condition } from "./condition-schema.ts";
import { evaluate, holds, type Situation } from "./conditions.ts";

/** How far a run has come through its scenario: what of the timeline is done, what each expectation has shown. Plain data, part of a moment. */
export interface Progress {
  steps: StepProgress[];
  expectations: ExpectationProgress[];
  narration: { atMs: number; step: number } | null;
  /** For each condition on trace events, in the order of `traceConditionsOf`: how many there were. */
  traceMatches: number[];
}

export interface StepProgress {
  state: "waiting" | "due" | "done";
  /** When it was done, virtual ms; -1: not yet. */
  doneAtMs: number;
}

export interface ExpectationProgress {
  verdict: "pending" | "held" | "failed";
  /** When the verdict fell, virtual ms; -1: not yet. */
  atMs: number;
  /** What was seen instead, for a person; "" unless it failed. */
  seen: string;
}

export function createProgress(scenario: Scenario): Progress {
  return {
    steps: scenario.timeline.map(() => ({ state: "waiting", doneAtMs: -1 })),
    expectations: scenario.expectations.map(() => ({ verdict: "pending", atMs: -1, seen: "" })),
    narration: null,
    traceMatches: traceConditionsOf(scenario).map(() => 0),
  };
}

/** Times at which something must be looked at even if nothing else happens then: of steps, and of the bounds of expectations. */
export function wakeTimesOf(scenario: Scenario): number[] {
  const times = new Set<number>();
  for (const step of scenario.timeline) if (step.when !== null) times.add(step.atMs);
  for (const { fromMs, toMs } of scenario.expectations) times.add(fromMs).add(toMs);
  return [...times].filter((time) => time <= scenario.endMs).sort((a, b) => a - b);
}

/** Whether each instant must be looked at, because some condition could come true or false at any of them. */
export function watchesEachInstant(scenario: Scenario): boolean {
  return scenario.timeline.some(({ when }) => when !== null) || scenario.expectations.some(({ kind }) => kind !== "at");
}

const traceConditions = new WeakMap<Scenario, readonly Condition[]>();

export function traceConditionsOf(scenario: Scenario): readonly Condition[] {
  const known = traceConditions.get(scenario);
  if (known !== undefined) return known;
  const conditions = [...scenario.timeline.map(({ when }) => when), ...scenario.expectations.map(({ condition }) => condition)];
  const found = conditions.filter((condition) => condition?.trace !== undefined) as Condition[];
  traceConditions.set(scenario, found);
  return found;
}

export function countTraceEvent(progress: Progress, conditions: readonly Condition[], event: TraceEvent): void {
  conditions.forEach(({ trace }, index) => {
    if (trace === undefined || trace.type !== event.type) return;
    const fields = event.fields as Record<string, unknown>;
    const fits = Object.entries(trace.where ?? {}).every(([key, value]) => {
      const found = key === "node" ? event.node : fields[key];
      return found === value || String(found) === String(value) || (Array.isArray(found) && found.includes(value));
    });
    if (fits) progress.traceMatches[index]! += 1;
  });
}

/** A step whose time has come. Returns its command, for the caller to run. */
export function onStepDue(progress: Progress, scenario: Scenario, index: number, now: number): Command | null {
  const step = scenario.timeline[index]!;
  const state = progress.steps[index]!;
  if (state.state === "done") return null;
  state.state = "done";
  state.doneAtMs = now;
  if (step.say !== null) progress.narration = { atMs: now, step: index };
  return step.command;
}

/**
 * Looks at all that waits for a condition, when everything due at `now` has happened.
 * Returns the steps that are due now or later: [index, at].
 */
export function onInstantOver(progress: Progress, scenario: Scenario, world: World, ledger: Ledger, now: number): [number, number][] {
  const due: [number, number][] = [];
  const situationOf = (condition: Condition): Situation => ({
    world,
    ledger,
    now,
    traceCount: traceCountOf(progress, scenario, condition),
  });
  const isSo = (condition: Condition): boolean => holds(condition, situationOf(condition));
  scenario.timeline.forEach((step, index) => {
    const state = progress.steps[index]!;
    if (step.when === null || state.state !== "waiting" || now < step.atMs || !isSo(step.when)) return;
    state.state = "due";
    due.push([index, now + step.delayMs]);
  });
  scenario.expectations.forEach((expectation, index) => {
    const state = progress.expectations[index]!;
    if (state.verdict !== "pending" || now < expectation.fromMs || now > expectation.toMs) return;
    const { kind, condition } = expectation;
    const so = isSo(condition);
    if (kind === "within" ? !so : kind !== "at" && so === (kind === "always")) return;
    const seen = so ? "" : evaluate(condition, situationOf(condition)).seen;
    settle(state, so === (kind !== "never") ? "held" : "failed", now, seen);
  });
  return due;
}

/** The end of the run: what is still open is decided by what has not happened. */
export function onRunOver(progress: Progress, scenario: Scenario, world: World, ledger: Ledger, now: number): void {
  onInstantOver(progress, scenario, world, ledger, now);
  scenario.expectations.forEach((expectation, index) => {
    const state = progress.expectations[index]!;
    if (state.verdict !== "pending") return;
    const { seen } = evaluate(expectation.condition, {
      world,
      ledger,
      now,
      traceCount: traceCountOf(progress, scenario, expectation.condition),
    });
    if (expectation.kind === "within") settle(state, "failed", now, seen);
    else if (expectation.kind === "at") settle(state, "failed", now, `the run ended at ${now} ms, before it could be looked at`);
    else settle(state, "held", now, "");
  });
}

function traceCountOf(progress: Progress, scenario: Scenario, condition: Condition): number {
  if (condition.trace === undefined) return 0;
  return progress.traceMatches[traceConditionsOf(scenario).indexOf(condition)] ?? 0;
}

function settle(state: ExpectationProgress, verdict: "held" | "failed", now: number, seen: string): void {
  state.verdict = verdict;
  state.atMs = now;
  state.seen = verdict === "failed" ? seen : "";
}
