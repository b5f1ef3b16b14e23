import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";

const root = join(import.meta.dirname, "../..");

/** The built program in a real pseudo-terminal: keys in, screen out. */
export class Terminal {
  readonly #pty: IPty;
  readonly #screen: xterm.Terminal;
  #bytes = 0;
  /** Everything that the program wrote, for what the screen does not show: modes set and reset. */
  written = "";
  exit: { exitCode: number; signal: number | undefined } | null = null;

  constructor(
    arguments_: string[],
    { cols = 140, rows = 40, env = {} }: { cols?: number; rows?: number; env?: Record<string, string> } = {},
  ) {
    this.#screen = new xterm.Terminal({ cols, rows, allowProposedApi: true });
    this.#pty = spawn(process.execPath, [join(root, "dist/main.js"), ...arguments_], {
      cols,
      rows,
      cwd: root,
      env: { ...withoutCi(process.env), TERM: "xterm-256color", LANG: "en_US.UTF-8", ...env },
    });
    this.#pty.onData((data) => {
      this.#bytes += data.length;
      this.written += data;
      this.#screen.write(data);
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      this.exit = { exitCode, signal };
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get bytes(): number {
    return this.#bytes;
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  lines(): string[] {
    const buffer = this.#screen.buffer.active;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => buffer.getLine(buffer.viewportY + row)?.translateToString(true, 0, this.#screen.cols) ?? "",
    );
  }

  cell(row: number, column: number): xterm.IBufferCell | undefined {
    const buffer = this.#screen.buffer.active;
    return buffer.getLine(buffer.viewportY + row)?.getCell(column);
  }

  text(): string {
    return this.lines().join("\n");
  }

  isAlternate(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  /** Waits until the screen shows it; fails with the screen when it does not in time. */
  async shows(what: string | RegExp, timeoutMs = 20_000): Promise<void> {
    await this.until(
      () => (typeof what === "string" ? this.text().includes(what) : what.test(this.text())),
      `the screen shows ${what}`,
      timeoutMs,
    );
  }

  async exits(timeoutMs = 10_000): Promise<number> {
    await this.until(() => this.exit !== null, "the program ends", timeoutMs);
    return this.exit!.exitCode;
  }

  async until(condition: () => boolean, what: string, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms until ${what}; the screen:\n${this.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    if (this.exit === null) this.#pty.kill("SIGKILL");
    this.#screen.dispose();
  }
}

/** Ink draws nothing live when it thinks that it runs in CI. */
function withoutCi(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter(
    ([key, value]) => value !== undefined && !["CI", "CONTINUOUS_INTEGRATION", "NO_COLOR", "FORCE_COLOR"].includes(key),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
