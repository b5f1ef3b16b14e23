import { InteractiveClock } from "../engine/interactive-clock.ts";
import { openDashboard } from "../ui/app.tsx";
import { languageOf } from "./language.ts";
import { DEFAULT_SCENARIO, loadScenario } from "./scenario-files.ts";
import { ExitCode, UsageError } from "./usage-error.ts";

export interface OpenOptions {
  seed?: number;
  overrides: [string, string][];
  lang?: string;
  ascii?: boolean;
  paused?: boolean;
  speed?: number;
}

/** `samsa [SCENARIO]`: the dashboard, until the person leaves it. */
export async function openDashboardCommand(name: string | undefined, options: OpenOptions): Promise<ExitCode> {
  const scenarioName = name ?? DEFAULT_SCENARIO;
  const scenario = loadScenario(scenarioName, options.overrides, options.seed ?? null);
  const { stdin, stdout, env } = process;
  if (!stdout.isTTY || !stdin.isTTY) {
    throw new UsageError(`The dashboard needs a terminal on standard input and output. Without one: samsa run ${scenarioName}`);
  }
  const language = languageOf(options.lang, env);
  const clock = new InteractiveClock(scenario, { language, paused: options.paused ?? false, speed: options.speed ?? 1 });
  const restore = restoreTerminalOnDeath();
  clock.start();
  try {
    await openDashboard({
      session: clock,
      stdin,
      stdout,
      env,
      language,
      suspend,
      ...(options.ascii === undefined ? {} : { ascii: options.ascii }),
    });
  } finally {
    clock.stop();
    restore();
  }
  return ExitCode.Well;
}

/** Main screen, cursor, colours, no mouse, no bracketed paste: what a terminal is like when nobody draws on it. */
const RESTORE = "\u001b[?2026l\u001b[?1049l\u001b[?25h\u001b[?2004l\u001b[0m";

/** Ways out that do not pass through the dashboard: signals and crashes. Returns how to stop caring. */
function restoreTerminalOnDeath(): () => void {
  const restore = (): void => {
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    process.stdout.write(RESTORE);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    restore();
    process.exit(signal === "SIGTERM" ? 143 : 129);
  };
  const onCrash = (error: unknown): void => {
    restore();
    process.stderr.write(
      `samsa crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThis is a bug. The same command with the same --seed shows it again.\n`,
    );
    process.exit(70);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onSignal);
  process.on("uncaughtException", onCrash);
  process.on("unhandledRejection", onCrash);
  return () => {
    process.off("SIGTERM", onSignal);
    process.off("SIGHUP", onSignal);
    process.off("uncaughtException", onCrash);
    process.off("unhandledRejection", onCrash);
    process.stdout.write("\u001b[?25h");
  };
}

/** Ctrl-Z: gives the terminal to the shell, and comes back when the shell says so (fg). */
function suspend(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.setRawMode(false);
    process.stdout.write(RESTORE);
    process.once("SIGCONT", () => {
      process.stdin.setRawMode(true);
      process.stdout.write("\u001b[?1049h\u001b[?25l");
      resolve();
    });
    process.kill(process.pid, "SIGTSTP");
  });
}
