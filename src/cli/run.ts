import { runToEnd } from "../engine/headless.ts";
import { type RunReport, reportOf } from "../engine/report.ts";
import type { Scenario } from "../scenario/compile.ts";
import { parseOverride } from "../scenario/overrides.ts";
import { ScenarioError, type ScenarioProblem } from "../scenario/scenario-error.ts";
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
  /** KEY=VALUE, as they were given. */
  set?: string[];
  check?: boolean;
  lang?: string;
}

/** What is wrong with the command line or a file. Only what stands in a file has line and column. */
type Problem = Partial<ScenarioProblem> & { message: string };

/** What `samsa run` acts with: tests put their own in its place. */
export interface RunTools {
  runToEnd: typeof runToEnd;
  out(text: string): void;
  err(text: string): void;
}

const processTools: RunTools = {
  runToEnd,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** `samsa run`: exit code 0 all well, 1 an expectation failed, 2 a bad file, 3 a law of the simulated system broke. */
export async function runCommand(names: readonly string[], options: RunCommandOptions, tools: RunTools = processTools): Promise<ExitCode> {
  const { out, err } = tools;
  const reports: RunReport[] = [];
  const finish = (exitCode: ExitCode, more: Record<string, unknown> = {}): ExitCode => {
    if (options.json) out(`${JSON.stringify({ exitCode, runs: reports, ...more })}\n`);
    return exitCode;
  };
  const refuse = (texts: readonly string[], problems: readonly Problem[]): ExitCode => {
    err(`${texts.join("\n")}\n`);
    return finish(ExitCode.BadUsage, { problems });
  };
  const loaded = loadAll(names, options);
  if ("problems" in loaded) return refuse(loaded.texts, loaded.problems);
  let reproduce = "";
  try {
    const trace = options.trace === undefined ? null : openTraceFile(options.trace);
    for (const { name, scenario } of loaded.scenarios) {
      reproduce = reproduceCommand(name, scenario.spec.seed, options);
      const language = languageOf(options.lang, process.env);
      const report = runOne(scenario, language, reproduce, options, trace, tools);
      reports.push(report);
      if (!options.json) out(`${reports.length > 1 ? "\n" : ""}${reportText(report, language)}`);
    }
    trace?.close();
  } catch (error) {
    if (error instanceof UsageError) return refuse([error.message], [{ message: error.message }]);
    const crash = error instanceof Error ? (error.stack ?? error.message) : String(error);
    err(`The simulation crashed, which is a bug. Again: ${reproduce}\n${crash}\n`);
    return finish(ExitCode.InvariantBroken, { crash, reproduce });
  }
  return finish(exitCodeOf(reports));
}

function runOne(
  scenario: Scenario,
  language: Language,
  reproduce: string,
  { check = false, until }: RunCommandOptions,
  trace: TraceFile | null,
  { runToEnd }: RunTools,
): RunReport {
  const untilMs = until ?? null;
  const result = runToEnd(scenario, { check, untilMs, sink: trace?.sink ?? null });
  return reportOf(scenario, result, language, reproduce, untilMs);
}

interface Loaded {
  scenarios: { name: string; scenario: Scenario }[];
}

/** All files are read before any is run, so that each bad one is told at once and not after minutes. */
function loadAll(
  names: readonly string[],
  { trace, set = [], seed }: RunCommandOptions,
): Loaded | { texts: string[]; problems: Problem[] } {
  const scenarios: Loaded["scenarios"] = [];
  const texts: string[] = [];
  const problems: Problem[] = [];
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof UsageError) && !(error instanceof ScenarioError)) throw error;
      texts.push(error.message);
      problems.push(...(error instanceof ScenarioError ? error.problems : [{ message: error.message }]));
      return undefined;
    }
  };
  attempt(() => {
    if (trace !== undefined && names.length > 1) throw new UsageError("--trace takes one scenario: each run numbers its events from 0");
  });
  const overrides = attempt(() => set.map(parseOverride)) ?? [];
  for (const name of names) {
    const scenario = attempt(() => loadScenario(name, overrides, seed ?? null));
    if (scenario !== undefined) scenarios.push({ name, scenario });
  }
  return problems.length > 0 ? { texts, problems } : { scenarios };
}

function exitCodeOf(reports: readonly RunReport[]): ExitCode {
  if (reports.some(({ verdict }) => verdict === "invariant broken")) return ExitCode.InvariantBroken;
  return reports.some(({ verdict }) => verdict === "failed") ? ExitCode.ExpectationFailed : ExitCode.Well;
}

function reproduceCommand(name: string, seed: number, { set = [], until, check }: RunCommandOptions): string {
  const parts = ["samsa run", quoted(name), `--seed ${seed}`];
  for (const text of set) parts.push(`--set ${quoted(text)}`);
  if (until !== undefined) parts.push(`--until ${until}ms`);
  if (check) parts.push("--check");
  return parts.join(" ");
}

function quoted(text: string): string {
  return /^[\w./=:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
