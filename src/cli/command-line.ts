import { Command, CommanderError, InvalidArgumentError } from "commander";
import { parseDurationMs } from "../scenario/duration.ts";
import { parseOverride } from "../scenario/overrides.ts";
import { ScenarioError } from "../scenario/scenario-error.ts";
import packageJson from "../../package.json" with { type: "json" };
import { ExitCode, UsageError } from "./usage-error.ts";

/** Runs `samsa ARGUMENTS` and returns the exit code. What a command needs is loaded only when it is the one asked for. */
export async function runCommandLine(arguments_: string[]): Promise<ExitCode> {
  let code: ExitCode = ExitCode.Well;
  const program = createProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(arguments_, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Well : ExitCode.BadUsage;
    if (error instanceof UsageError || error instanceof ScenarioError) {
      process.stderr.write(`${error.message}\n`);
      return ExitCode.BadUsage;
    }
    throw error;
  }
}

function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("samsa")
    .description("A laboratory for Apache Kafka in a terminal: a deterministic simulation of a whole cluster and its clients, drawn live.")
    .version(packageJson.version)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(samsa --help shows what there is)");
  program
    .argument("[scenario]", "a scenario's file, or the name of one that ships (samsa list)")
    .option("--seed <number>", "another seed", wholeNumber)
    .option("--set <key=value>", "override a config or a load, such as producers.p1.acks=1 (repeatable)", collect, [])
    .option("--lang <language>", "en or ko (default: from LANG)", language)
    .option("--ascii", "draw with ASCII only")
    .option("--paused", "open paused")
    .option("--speed <factor>", "virtual seconds a real second", positive)
    .action(async (scenario: string | undefined, options) => {
      const { openDashboardCommand } = await import("./open.ts");
      finish(await openDashboardCommand(scenario, { ...options, overrides: options.set }));
    });
  program
    .command("run")
    .description("Run scenarios without a screen and check what they expect.")
    .argument("<scenario...>", "files, or names of scenarios that ship")
    .option("--json", "print one JSON object and nothing else")
    .option("--trace <file>", "write every event as JSON Lines")
    .option("--seed <number>", "another seed", wholeNumber)
    .option("--until <time>", "run until this virtual time instead of the scenario's end: 500ms, 90s, 2h", time)
    .option("--set <key=value>", "override a config or a load (repeatable)", collect, [])
    .option("--check", "check the invariants after every event")
    .option("--lang <language>", "en or ko (default: from LANG)", language)
    .addHelpText("after", SET_HELP)
    .action(async (scenarios: string[], options) => {
      const { runCommand } = await import("./run.ts");
      finish(await runCommand(scenarios, { ...options, overrides: options.set }));
    });
  program
    .command("list")
    .description("List the scenarios that ship.")
    .option("--json", "print one JSON object and nothing else")
    .option("--lang <language>", "en or ko (default: from LANG)", language)
    .action(async (options) => {
      const { listCommand } = await import("./list.ts");
      finish(listCommand(options));
    });
  return program;
}

const SET_HELP = `
What --set can address:
  producers.NAME.KEY=VALUE   a Kafka config key, or rate, count, valueSize, keys, keyCount, mode
  groups.NAME.KEY=VALUE      a consumer config key, or members, processing.perRecordMicros, processing.commit
  topics.NAME.KEY=VALUE      a topic config key, or partitions, replicationFactor
  brokers.KEY=VALUE          a config of all brokers; brokers.ID.KEY=VALUE of one
  network.latency=VALUE, seed=VALUE, end=VALUE
NAME may be * for all. Example: samsa run acks-1-loses --set 'producers.*.acks=all'
`;

function collect(text: string, all: [string, string][]): [string, string][] {
  return [...all, parseOverride(text)];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 2147483647) throw new InvalidArgumentError("a whole number from 0 to 2147483647 is needed");
  return number;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("a number above 0 is needed");
  return number;
}

function time(text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === null) throw new InvalidArgumentError("write 500ms, 90s, 2m or 1h");
  return milliseconds;
}

function language(text: string): string {
  if (text !== "en" && text !== "ko") throw new InvalidArgumentError("en or ko");
  return text;
}
