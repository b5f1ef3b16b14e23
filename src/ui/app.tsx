/**
 * Opens the dashboard on a terminal and gives the terminal back when it ends, whatever ends it.
 * All that belongs to the process (streams, environment, signals) is given by the caller, so one process can serve many terminals.
 */
import { render } from "ink";
import { Dashboard, type ViewsOf } from "./screens/dashboard.tsx";
import type { Session } from "./session.ts";
import { createUiStore, type UiStore } from "./store.ts";
import { createTerminalScreen } from "./terminal-screen.ts";
import { createTheme } from "./theme.ts";
import { createViewsOf } from "./view-model/views-of.ts";
import type { Language } from "./words.ts";

export interface DashboardOptions {
  readonly session: Session;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  /** true, false: by hand; absent: as the environment says. */
  readonly ascii?: boolean;
  /** Stops the process for the shell (SIGTSTP) and resolves when it goes on (SIGCONT); absent: Ctrl-Z does nothing. */
  readonly suspend?: () => Promise<void>;
  readonly viewsOf?: ViewsOf;
  readonly store?: UiStore;
}

/** Resolves when the person has left; rejects with the error that broke the screen. */
export async function openDashboard(options: DashboardOptions): Promise<void> {
  const { session, stdin, stdout, env, language, ascii } = options;
  const viewsOf = options.viewsOf ?? createViewsOf(language);
  const instance = render(
    <Dashboard
      session={session}
      store={options.store ?? createUiStore()}
      theme={createTheme({ env, language, ascii })}
      viewsOf={viewsOf}
      suspend={options.suspend ?? null}
    />,
    {
      stdin,
      stdout: createTerminalScreen(stdout),
      // Whole frames at once: the terminal's screen finds what is new in them.
      debug: true,
      alternateScreen: true,
      interactive: true,
      concurrent: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  await instance.waitUntilExit();
}
