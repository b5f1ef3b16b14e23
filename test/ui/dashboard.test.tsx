import { afterEach, describe, expect, test } from "vitest";
import { columnsOf } from "../../src/ui/cell-text.ts";
import { handMadeViews } from "./hand-made-views.ts";
import { openScreen, type Screen } from "./screen.tsx";

let screen: Screen;
afterEach(() => screen?.close());

const sizes = [
  [60, 15],
  [80, 24],
  [100, 30],
  [111, 50],
  [112, 30],
  [120, 34],
  [140, 40],
  [176, 45],
  [200, 50],
  [300, 90],
] as const;

describe("at every size", () => {
  test.each(sizes)("%i×%i shows exactly its rows, none wider than the screen", async (columns, rows) => {
    screen = await openScreen(columns, rows);
    const lines = screen.lines();
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
    expect(lines[0]).toContain("samsa");
    expect(lines.at(-1)).toContain("q quit");
  });

  test("Korean syllables take two columns and nothing is pushed out", async () => {
    for (const [columns, rows] of sizes) {
      screen = await openScreen(columns, rows, { language: "ko" });
      expect(screen.lines()).toHaveLength(rows);
      for (const line of screen.lines()) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      screen.close();
    }
  });

  test("a terminal that is too small is told how large it must be", async () => {
    screen = await openScreen(50, 12);
    expect(screen.text().replaceAll("\n", " ")).toContain("samsa needs at least 60×15; this terminal has 50×12.");
    await screen.resize(120, 34);
    expect(screen.lines()).toHaveLength(34);
    expect(screen.text()).toContain("Brokers");
  });

  test("80×24 shows one panel at a time, with the others as tabs", async () => {
    screen = await openScreen(80, 24);
    expect(screen.lines()[2]).toContain("[1 Brokers]");
    expect(screen.text()).toContain("controllers  101 ◆ active");
    await screen.press("3");
    expect(screen.text()).toContain("Producer p1  acks=1");
    expect(screen.text()).not.toContain("controllers  101");
  });

  test("140×40 shows every panel at once", async () => {
    screen = await openScreen(140, 40);
    for (const title of ["1 Brokers", "2 orders", "3 Producer p1", "4 Group billing", "5 Events", "Ledger"])
      expect(screen.text()).toContain(title);
  });

  test("200×50 shows the details of what is selected, too", async () => {
    screen = await openScreen(200, 50);
    expect(screen.text()).toContain("up since 0:00.120");
  });
});

describe("without colour or without the glyphs", () => {
  test("NO_COLOR writes no colours, and states have letters or shapes", async () => {
    screen = await openScreen(140, 40);
    expect(screen.raw()).not.toContain("\u001b[38");
    expect(screen.text()).toContain("▲ fenced");
    expect(screen.text()).toContain("✖ lost 3");
  });

  test("16 colours use no palette of 256", async () => {
    screen = await openScreen(140, 40, { env: { TERM: "xterm" } });
    expect(screen.raw()).toContain("\u001b[3");
    expect(screen.raw()).not.toContain("38;5");
  });

  test("the ASCII set writes nothing but ASCII", async () => {
    screen = await openScreen(140, 40, { ascii: true });
    const foreign = screen
      .text()
      .replaceAll("→", "")
      .match(/[^\n\x20-\x7e]/g);
    expect(foreign).toBeNull();
  });
});

describe("keys", () => {
  test("x kills the selected broker, and does not when it is down already", async () => {
    screen = await openScreen(140, 40);
    await screen.press("j", "j", "x");
    expect(screen.dispatched).toEqual([{ type: "kill", node: "3" }]);
  });

  test("keys work while Hangul is being typed", async () => {
    screen = await openScreen(140, 40, { language: "ko" });
    await screen.press("ㅌ");
    expect(screen.dispatched).toEqual([{ type: "kill", node: "1" }]);
  });

  test("several keys in one piece are all heard, each after the one before", async () => {
    screen = await openScreen(140, 40);
    await screen.press("jjx");
    expect(screen.dispatched).toEqual([{ type: "kill", node: "3" }]);
  });

  test("a key that does nothing now says why", async () => {
    screen = await openScreen(140, 40);
    await screen.press("r");
    expect(screen.dispatched).toEqual([]);
    expect(screen.text()).toContain("start: already up");
  });

  test("an unclean election asks first", async () => {
    screen = await openScreen(140, 40);
    await screen.press("2", "u");
    expect(screen.text()).toContain("Elect an unclean leader for orders-0?");
    await screen.press("n");
    expect(screen.dispatched).toEqual([]);
    await screen.press("u", "y");
    expect(screen.dispatched).toEqual([{ type: "elect-leader", topic: "orders", partition: 0, kind: "unclean" }]);
  });

  test("] raises the load to the next step", async () => {
    screen = await openScreen(140, 40);
    await screen.press("]");
    expect(screen.dispatched).toEqual([{ type: "change-load", producer: "p1", recordsPerSecond: 2000 }]);
  });

  test("space stops time, and the header says so by a shape", async () => {
    screen = await openScreen(140, 40);
    expect(screen.lines()[0]).toContain("▶ ");
    await screen.press(" ");
    expect(screen.lines()[0]).toContain("‖ ");
  });

  test("? lists every key; esc goes back", async () => {
    screen = await openScreen(140, 40);
    await screen.press("?");
    expect(screen.text()).toContain("What the screen shows");
    expect(screen.text()).toContain("elect unclean");
    await screen.press("\u001b");
    await expect.poll(() => screen.text()).toContain("1 Brokers");
  });

  test("/ filters the event log by what is typed", async () => {
    screen = await openScreen(140, 40);
    await screen.press("/", "f", "enced", "\r");
    expect(screen.text()).toContain("fenced broker 2");
    expect(screen.text()).not.toContain("high watermark of orders-0");
    await screen.press("\u001b");
    await expect.poll(() => screen.text()).toContain("high watermark of orders-0");
  });
});

describe("a filter that comes in one piece", () => {
  test("is taken whole", async () => {
    screen = await openScreen(140, 40);
    await screen.press("/fenced\r");
    expect(screen.store.get()).toMatchObject({ eventFilter: "fenced", mode: { kind: "panels" } });
  });
});

describe("the inspector", () => {
  test("what is longer than the screen is scrolled by the arrows, and says where it is", async () => {
    const views = handMadeViews();
    const facts = Array.from({ length: 60 }, (_, index) => ({ label: `fact ${index}`, value: "yes" }));
    const long = { ...views, detail: () => ({ title: "long", sections: [{ title: "", facts }] }) };
    screen = await openScreen(80, 24, { viewsOf: () => long });
    await screen.press("\r");
    expect(screen.text()).toContain("1-18 of 60");
    await screen.press("j");
    expect(screen.text()).toContain("2-19 of 60");
    await screen.press("G");
    expect(screen.text()).toContain("fact 59");
    await screen.press("g", "q");
    expect(screen.text()).toContain("[1 Brokers]");
  });
});

describe("the command palette", () => {
  test("esc leaves it and nothing else: the filter of the log stays", async () => {
    screen = await openScreen(140, 40);
    await screen.press("/", "fenced", "\r", ":", "\u001b");
    await expect.poll(() => screen.store.get().mode.kind).toBe("panels");
    expect(screen.store.get().eventFilter).toBe("fenced");
  });

  test("enter runs a command and opens nothing; q is a letter there", async () => {
    screen = await openScreen(140, 40);
    await screen.press(":", "kill 2", "\r");
    expect(screen.store.get().mode.kind).toBe("panels");
    await screen.press(":", "q");
    expect(screen.text()).toContain(": q");
  });

  test("esc with a key right after it is both", async () => {
    screen = await openScreen(140, 40);
    await screen.press("?", "\u001bx");
    expect(screen.store.get().mode.kind).toBe("panels");
    expect(screen.dispatched).toEqual([{ type: "kill", node: "1" }]);
    await screen.press(":", "\u001bS");
    expect(screen.store.get().mode.kind).toBe("panels");
  });

  test("runs a command that is typed, completed by tab", async () => {
    screen = await openScreen(140, 40);
    await screen.press(":", "iso", "\t", "3", "\r");
    expect(screen.dispatched).toEqual([{ type: "isolate", node: "3" }]);
  });

  test("a whole line that comes in one piece is run", async () => {
    screen = await openScreen(140, 40);
    await screen.press(":kill 2\r");
    expect(screen.dispatched).toEqual([{ type: "kill", node: "2" }]);
    screen.close();
    screen = await openScreen(140, 40);
    await screen.press(":", "kill 2\r");
    expect(screen.dispatched).toEqual([{ type: "kill", node: "2" }]);
  });

  test("what it does not know is worded, with the nearest name", async () => {
    screen = await openScreen(140, 40);
    await screen.press(":", "kil 2", "\r");
    expect(screen.text()).toContain("No command kil. Did you mean kill?");
    expect(screen.dispatched).toEqual([]);
  });
});

describe("the config list", () => {
  test("changes a producer's config, with its default, range and effect beside it", async () => {
    screen = await openScreen(140, 40);
    await screen.press("3", "c");
    expect(screen.text()).toContain("Configs of p1");
    expect(screen.text()).toMatch(/default +all/);
    expect(screen.text()).toContain("the client restarts with it");
    await screen.press("\r", "\u007f", "a", "ll", "\r");
    expect(screen.dispatched).toEqual([{ type: "alter-client-config", client: "p1", key: "acks", value: "all", restart: true }]);
  });

  test("/ searches all keys that Kafka knows", async () => {
    screen = await openScreen(100, 30);
    await screen.press("2", "c", "/", "reten", "\r");
    expect(screen.text()).toContain("retention.ms");
    expect(screen.text()).not.toContain("min.insync.replicas ");
  });
});
