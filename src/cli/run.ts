import { closeSync, openSync, writeSync } from "node:fs";
import { runToEnd } from "../engine/headless.ts";
import { reportOf, type RunReport } from "../engine/report.ts";
import type { TraceSink } from "../kafka/cluster/cluster-context.ts";
import { jsonLineOf } from "../trace/json-lines.ts";
import { languageOf } from "./language.ts";
import { reportText } from "./report-text.ts";
import { loadScenario } from "./scenario-files.ts";
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

/** `samsa run`: exit code 0 all well, 1 an expectation failed, 2 a bad file, 3 a law of the simulated system broke. */
export async function runCommand(names: string[], options: RunCommandOptions): Promise<ExitCode> {
  const language = languageOf(options.lang, process.env);
  // All files are read before any is run, so that a bad one is told at once and not after minutes.
  const scenarios = names.map((name) => ({ name, scenario: loadScenario(name, options.overrides, options.seed ?? null) }));
  const trace = options.trace === undefined ? null : openTrace(options.trace);
  const reports: RunReport[] = [];
  for (const { name, scenario } of scenarios) {
    const untilMs = options.until ?? null;
    const result = runToEnd(scenario, { check: options.check ?? false, untilMs, sink: trace?.sink ?? null });
    const report = reportOf(scenario, result, language, reproduceCommand(name, scenario.spec.seed, options), untilMs);
    reports.push(report);
    if (!options.json) process.stdout.write(`${reports.length > 1 ? "\n" : ""}${reportText(report, language)}`);
  }
  trace?.close();
  const code = exitCodeOf(reports);
  if (options.json) process.stdout.write(`${JSON.stringify({ exitCode: code, runs: reports })}\n`);
  return code;
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

interface OpenTrace {
  sink: TraceSink;
  close(): void;
}

/** Lines are written a megabyte at a time; a million events would otherwise be a million writes. */
function openTrace(path: string): OpenTrace {
  let file: number;
  try {
    file = openSync(path, "w");
  } catch (error) {
    throw new UsageError(`${path}: the trace can't be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  let pending = "";
  const flush = (): void => {
    writeSync(file, pending);
    pending = "";
  };
  return {
    sink: (event) => {
      pending += `${jsonLineOf(event)}\n`;
      if (pending.length > 1_000_000) flush();
    },
    close: () => {
      flush();
      closeSync(file);
    },
  };
}
