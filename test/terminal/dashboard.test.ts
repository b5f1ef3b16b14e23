import { afterEach, describe, expect, test } from "vitest";
import { Terminal } from "./terminal.ts";

let terminal: Terminal;
afterEach(() => terminal.close());

describe("the built program in a terminal", () => {
  test("opens on a live cluster, kills a leader, sees the election, and gives the terminal back", async () => {
    terminal = new Terminal([]);
    await terminal.shows("Brokers");
    await terminal.shows("orders");
    expect(terminal.isAlternate()).toBe(true);
    await terminal.shows(/Stable/);
    terminal.type("x");
    await terminal.shows(/down|dead/);
    terminal.type("+++");
    await terminal.shows(/fenced/i, 30_000);
    terminal.type("q");
    expect(await terminal.exits()).toBe(0);
    expect(terminal.isAlternate()).toBe(false);
    expect(terminal.written).toContain("\u001b[?25h");
  });

  test("changes acks, adds a consumer, and is resized without losing its shape", async () => {
    terminal = new Terminal([], { cols: 120, rows: 34 });
    await terminal.shows("Brokers");
    terminal.type(":");
    terminal.type("alter-client-config p1 acks 1\r");
    await terminal.shows(/acks=1/);
    terminal.type(":");
    terminal.type("add-consumer billing\r");
    await terminal.shows(/c4/);
    for (const [cols, rows] of [
      [80, 24],
      [200, 50],
      [140, 40],
    ] as const) {
      terminal.resize(cols, rows);
      await terminal.until(
        () => terminal.lines()[0]!.includes("samsa") && terminal.lines()[rows - 1] !== undefined,
        `it fits ${cols}×${rows}`,
        10_000,
      );
      expect(terminal.lines().every((line) => line.length <= cols)).toBe(true);
    }
    terminal.type("q");
    expect(await terminal.exits()).toBe(0);
  });

  test.each(["SIGTERM", "SIGHUP"])("restores the terminal on %s", async (signal) => {
    terminal = new Terminal([]);
    await terminal.shows("Brokers");
    terminal.signal(signal);
    await terminal.exits();
    expect(terminal.isAlternate()).toBe(false);
    expect(terminal.written).toContain("\u001b[?25h");
  });

  test("Ctrl-C ends it and restores the terminal", async () => {
    terminal = new Terminal([]);
    await terminal.shows("Brokers");
    terminal.type("\u0003");
    await terminal.exits();
    expect(terminal.isAlternate()).toBe(false);
  });

  test("paused, it writes nothing", async () => {
    terminal = new Terminal(["--paused"]);
    await terminal.shows("Brokers");
    let before = -1;
    await terminal.until(
      () => {
        const still = terminal.bytes === before;
        before = terminal.bytes;
        return still;
      },
      "it is still",
      5_000,
    );
    terminal.type("q");
    expect(await terminal.exits()).toBe(0);
  });
});
