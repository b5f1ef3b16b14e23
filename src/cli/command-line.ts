import { Command, CommanderError, InvalidArgumentError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { HOW_TO_WRITE_A_TIME, parseDurationMs } from "../scenario/duration.ts";
import { nearestName } from "../scenario/nearest-name.ts";
import { parseOverride } from "../scenario/overrides.ts";
import { ScenarioError } from "../scenario/scenario-error.ts";
import { keepHeapSmall } from "./heap.ts";
import { ExitCode, UsageError } from "./usage-error.ts";

/** Runs `samsa ARGUMENTS` and returns the exit code. What a command needs is loaded only when it is the one asked for. */
export async function runCommandLine(arguments_: string[]): Promise<ExitCode> {
  endQuietlyWhenNobodyReads();
  let code: ExitCode = ExitCode.Well;
  const program = createProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(arguments_, { from: "user" });
    return code;
  } catch (error) {
    // Commander has written what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Well : ExitCode.BadUsage;
    if (error instanceof UsageError || error instanceof ScenarioError) {
      process.stderr.write(`${error.message}\n`);
      return ExitCode.BadUsage;
    }
    throw error;
  }
}

/** `samsa list | head -1` closes the pipe early: that is no error. */
function endQuietlyWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  }
}

function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("samsa")
    .description("A laboratory for Apache Kafka in a terminal: a deterministic simulation of a whole cluster and its clients, drawn live.")
    .version(packageJson.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(samsa --help shows what there is)");
  program
    .argument("[scenario]", "a scenario's file, or the name of one that ships (default: tour)")
    .option("--seed <number>", "another seed", wholeNumber)
    .option("--set <key=value>", "override a config or a load, such as producers.p1.acks=1 (repeatable)", collect)
    .option("--lang <language>", "en or ko (default: from LANG)", language)
    .option("--ascii", "draw with ASCII only")
    .option("--paused", "open paused")
    .option("--speed <factor>", "virtual seconds a real second", positive)
    .allowExcessArguments()
    .addHelpText("after", EXIT_HELP)
    .action(async (scenario: string | undefined, options, command: Command) => {
      if (command.args.length > 1) throw new UsageError(tooMany(command.args));
      const { openDashboardCommand } = await import("./open.ts");
      finish(await openDashboardCommand(scenario, { ...options, overrides: ((options.set ?? []) as string[]).map(parseOverride) }));
    });
  program
    .command("run")
    .description("Run scenarios without a screen and check what they expect.")
    .argument("<scenario...>", "files, or names of scenarios that ship")
    .option("--json", "print one JSON object and nothing else")
    .option("--trace <file>", "write every event as JSON Lines")
    .option("--seed <number>", "another seed", wholeNumber)
    .option("--until <time>", "run until this virtual time instead of the scenario's end: 500ms, 90s, 2h", time)
    .option("--set <key=value>", "override a config or a load (repeatable)", collect)
    .option("--check", "check the laws of the simulated system after every event")
    .option("--lang <language>", "en or ko (default: from LANG)", language)
    .addHelpText("after", `${SET_HELP}${EXIT_HELP}`)
    .action(async (scenarios: string[], options) => {
      keepHeapSmall();
      const { runCommand } = await import("./run.ts");
      finish(await runCommand(scenarios, options));
    });
  program
    .command("list")
    .description("List the scenarios that ship.")
    .allowExcessArguments(false)
    .option("--json", "print one JSON object and nothing else")
    .option("--lang <language>", "en or ko (default: from LANG)", language)
    .action(async (options) => {
      const { listCommand } = await import("./list.ts");
      finish(listCommand(options));
    });
  program.hook("preAction", (_program, command) => {
    const [misplaced] = command === program ? [] : Object.keys(program.opts());
    if (misplaced !== undefined) throw new UsageError(`--${misplaced} stands before ${command.name()}: options go behind the command`);
  });
  return program;
}

/** More than a scenario: the first was meant for a command, or all of them are to be run. */
function tooMany(given: readonly string[]): string {
  const command = nearestName(given[0]!, ["run", "list"]);
  if (command !== null) return `there is no command ${given[0]}. Did you mean samsa ${command}?`;
  return `one scenario opens at a time; several are run by: samsa run ${given.join(" ")}`;
}

export const SET_HELP = `
What --set can address:
  producers.NAME.KEY=VALUE   a producer config of Kafka, or rate, count, valueSize, keys, keyCount, mode, start
  groups.NAME.KEY=VALUE      a consumer config, or members, processing.perRecordMicros, processing.commit
  members.NAME.KEY=VALUE     a consumer config of one member, or start
  topics.NAME.KEY=VALUE      a topic config, or partitions, replicationFactor
  brokers.KEY=VALUE          a broker config of all brokers; brokers.ID.KEY=VALUE of one
  kafka.FIELD=VALUE          brokers, controllers, controllerFailover
  network.FIELD=VALUE        latency, bandwidthBytesPerSecond
  seed=VALUE, end=VALUE
NAME may be * for all. Example: samsa run acks-1-loses --set 'producers.*.acks=all'
`;

const EXIT_HELP = `
Exit codes: 0 all well, 1 an expectation failed, 2 bad usage or a bad file, 3 a law of the simulated system broke (a bug)
`;

function collect(text: string, all: string[] = []): string[] {
  return [...all, text];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 2147483647) throw new InvalidArgumentError("A whole number from 0 to 2147483647 is needed.");
  return number;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError("A number above 0 is needed.");
  return number;
}

function time(text: string): number {
  const milliseconds = parseDurationMs(text);
  if (milliseconds === null) throw new InvalidArgumentError(`This is no time: ${HOW_TO_WRITE_A_TIME}.`);
  return milliseconds;
}

function language(text: string): string {
  if (text !== "en" && text !== "ko") throw new InvalidArgumentError("It is en or ko.");
  return text;
}
