/** A dashboard on a screen of any size, without a terminal: what it shows as plain lines, and keys. */
import { EventEmitter } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { render } from "ink";
import { Dashboard, type ViewsOf } from "../../src/ui/screens/dashboard.tsx";
import type { Session } from "../../src/ui/session.ts";
import { createUiStore, type UiStore } from "../../src/ui/store.ts";
import { createTheme, type TerminalTraits } from "../../src/ui/theme.ts";
import { handMadeViews, header, stillSession } from "./hand-made-views.ts";

class FakeStdout extends EventEmitter {
  columns: number;
  rows: number;
  frame = "";
  isTTY = true;
  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }
  write(frame: string): boolean {
    this.frame = frame;
    return true;
  }
}

class FakeStdin extends EventEmitter {
  isTTY = true;
  #data: string | null = null;
  setEncoding(): void {}
  setRawMode(): void {}
  resume(): void {}
  pause(): void {}
  ref(): void {}
  unref(): void {}
  read(): string | null {
    const data = this.#data;
    this.#data = null;
    return data;
  }
  type(data: string): void {
    this.#data = data;
    this.emit("readable");
    this.emit("data", data);
  }
}

export interface Screen {
  readonly store: UiStore;
  readonly dispatched: unknown[];
  readonly session: Session;
  /** Plain text, a line a row. */
  lines(): string[];
  text(): string;
  raw(): string;
  /** A lone escape may be the beginning of an arrow key, so Ink waits a moment: poll for its effect. */
  press(...keys: string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  close(): void;
}

interface ScreenOptions {
  readonly env?: TerminalTraits["env"];
  readonly language?: "en" | "ko";
  readonly ascii?: boolean;
  readonly viewsOf?: ViewsOf;
  readonly session?: Session;
}

/** React's scheduler and Ink's effects each take a few turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export async function openScreen(columns: number, rows: number, options: ScreenOptions = {}): Promise<Screen> {
  const { env = { NO_COLOR: "1" }, language = "en", ascii = false } = options;
  const stdout = new FakeStdout(columns, rows);
  const stdin = new FakeStdin();
  const store = createUiStore();
  const dispatched: unknown[] = [];
  const session = options.session ?? stillSession(dispatched);
  const views = handMadeViews();
  const viewsOf: ViewsOf = options.viewsOf ?? ((frame) => ({ ...views, header: { ...header, paused: frame.paused, now: frame.now } }));
  const instance = render(
    <Dashboard session={session} store={store} theme={createTheme({ env, language, ascii })} viewsOf={viewsOf} suspend={null} />,
    {
      stdout: stdout as unknown as NodeJS.WriteStream,
      stdin: stdin as unknown as NodeJS.ReadStream,
      debug: true,
      concurrent: true,
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
    },
  );
  while (stdout.frame === "") await settle();
  await settle();
  return {
    store,
    dispatched,
    session,
    lines: () => stripVTControlCharacters(stdout.frame).split("\n"),
    text: () => stripVTControlCharacters(stdout.frame),
    raw: () => stdout.frame,
    press: async (...keys) => {
      for (const key of keys) {
        stdin.type(key);
        await settle();
      }
      await settle();
    },
    resize: async (nextColumns, nextRows) => {
      stdout.columns = nextColumns;
      stdout.rows = nextRows;
      stdout.emit("resize");
      await settle();
    },
    close: () => instance.unmount(),
  };
}
