import { runToEnd } from "../engine/headless.ts";
import { type RunReport, reportOf } from "../engine/report.ts";
import type { Scenario } from "../scenario/compile.ts";
import { ScenarioError } from "../scenario/scenario-error.ts";
import { type Language, languageOf } from "./language.ts";
import { reportText } from "./report-text.ts";
import { loadScenario } from "./scenario-files.ts";
import { openTraceFile, type TraceFile } from "./trace-file.ts";
import { ExitCode, UsageError } from "./usage-error.ts";

export interface RunCommandOptions {
  json?: boolean;
  trace?: string;
  seed?: number;
  until?: number;
  overrides: [string, string][];
  check?: boolean;
  lang?: string;
}

/** What `samsa run` acts with: tests put their own in its place. */
export interface RunTools {
  runToEnd: typeof runToEnd;
  out(text: string): void;
  err(text: string): void;
}

const tools: RunTools = {
  runToEnd,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** `samsa run`: exit code 0 all well, 1 an expectation failed, 2 a bad file, 3 a law of the simulated system broke. */
export async function runCommand(
  names: readonly string[],
  options: RunCommandOptions,
  { runToEnd, out, err }: RunTools = tools,
): Promise<ExitCode> {
  const language = languageOf(options.lang, process.env);
  const reports: RunReport[] = [];
  const finish = (exitCode: ExitCode, more: Record<string, unknown> = {}): ExitCode => {
    if (options.json) out(`${JSON.stringify({ exitCode, runs: reports, ...more })}\n`);
    return exitCode;
  };
  const loaded = loadAll(names, options);
  if ("problems" in loaded) {
    err(`${loaded.problems.join("\n")}\n`);
    return finish(ExitCode.BadUsage, { problems: loaded.problems });
  }
  const trace = options.trace === undefined ? null : openTraceFile(options.trace);
  for (const { name, scenario } of loaded.scenarios) {
    const reproduce = reproduceCommand(name, scenario.spec.seed, options);
    try {
      const report = runOne(scenario, language, reproduce, options, trace, runToEnd);
      reports.push(report);
      if (!options.json) out(`${reports.length > 1 ? "\n" : ""}${reportText(report, language)}`);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      const crash = error instanceof Error ? (error.stack ?? error.message) : String(error);
      err(`${name}: the simulation crashed, which is a bug. Again: ${reproduce}\n${crash}\n`);
      return finish(ExitCode.InvariantBroken, { crash, reproduce });
    }
  }
  trace?.close();
  return finish(exitCodeOf(reports));
}

function runOne(
  scenario: Scenario,
  language: Language,
  reproduce: string,
  { check = false, until }: RunCommandOptions,
  trace: TraceFile | null,
  runToEnd: RunTools["runToEnd"],
): RunReport {
  const untilMs = until ?? null;
  const result = runToEnd(scenario, { check, untilMs, sink: trace?.sink ?? null });
  return reportOf(scenario, result, language, reproduce, untilMs);
}

/** All files are read before any is run, so that each bad one is told at once and not after minutes. */
function loadAll(
  names: readonly string[],
  { trace, overrides, seed }: RunCommandOptions,
): { scenarios: { name: string; scenario: Scenario }[] } | { problems: string[] } {
  if (trace !== undefined && names.length > 1) return { problems: ["--trace takes one scenario: each run numbers its events from 0"] };
  const scenarios: { name: string; scenario: Scenario }[] = [];
  const problems: string[] = [];
  for (const name of names) {
    try {
      scenarios.push({ name, scenario: loadScenario(name, overrides, seed ?? null) });
    } catch (error) {
      if (!(error instanceof UsageError) && !(error instanceof ScenarioError)) throw error;
      problems.push(...error.message.split("\n"));
    }
  }
  return problems.length > 0 ? { problems } : { scenarios };
}

function exitCodeOf(reports: readonly RunReport[]): ExitCode {
  if (reports.some(({ verdict }) => verdict === "invariant broken")) return ExitCode.InvariantBroken;
  return reports.some(({ verdict }) => verdict === "failed") ? ExitCode.ExpectationFailed : ExitCode.Well;
}

function reproduceCommand(name: string, seed: number, { overrides, until, check }: RunCommandOptions): string {
  const parts = ["samsa run", quoted(name), `--seed ${seed}`];
  for (const [key, value] of overrides) parts.push(`--set ${quoted(`${key}=${value}`)}`);
  if (until !== undefined) parts.push(`--until ${until}ms`);
  if (check) parts.push("--check");
  return parts.join(" ");
}

function quoted(text: string): string {
  return /^[\w./=:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
