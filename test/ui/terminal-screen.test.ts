import { EventEmitter } from "node:events";
import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTerminalScreen, paintChanges, parseLine } from "../../src/ui/terminal-screen.ts";

class Recorder extends EventEmitter {
  columns: number;
  rows: number;
  written: string[] = [];
  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }
  write(chunk: string): boolean {
    this.written.push(chunk);
    return true;
  }
}

function open(columns: number, rows: number): { stdout: Recorder; screen: NodeJS.WriteStream } {
  const stdout = new Recorder(columns, rows);
  return { stdout, screen: createTerminalScreen(stdout as unknown as NodeJS.WriteStream) };
}

/** What a real terminal shows after these writes, with the colours of its cells. */
async function shownBy(writes: readonly string[], columns: number, rows: number): Promise<string> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(writes.join(""), resolve));
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const line = terminal.buffer.active.getLine(row)!;
    let text = "";
    for (let column = 0; column < columns; column++) {
      const cell = line.getCell(column)!;
      const letters = cell.getChars() || " ";
      text += `${letters}${letters === " " ? "" : `${cell.getFgColor()}${cell.isBold() ? "b" : ""}`}${cell.getBgColor()};`;
    }
    lines.push(text);
  }
  return lines.join("\n");
}

describe("the terminal's screen", () => {
  test("an equal frame writes nothing", () => {
    const { stdout, screen } = open(20, 2);
    screen.write("one\ntwo");
    const before = stdout.written.length;
    screen.write("one\ntwo");
    expect(stdout.written).toHaveLength(before);
  });

  test("one changed number writes that number and nothing else of its line", () => {
    const { stdout, screen } = open(40, 2);
    screen.write("heartbeat 1.2 s     lag 12\nstill");
    screen.write("heartbeat 1.3 s     lag 12\nstill");
    expect(stdout.written.at(-1)).toBe("\u001b[?2026h\u001b[1;13H3\u001b[?2026l");
  });

  test("after the alternate screen was entered anew everything is painted again", () => {
    const { stdout, screen } = open(20, 2);
    screen.write("one");
    screen.write("\u001b[?1049h");
    screen.write("one");
    expect(stdout.written.at(-1)).toContain("one");
  });

  test("a frame that is too large for the terminal never wraps around its edge", async () => {
    const { stdout, screen } = open(6, 2);
    screen.write("0123456789\n한글한글\nthird");
    expect(await shownBy(stdout.written, 6, 2)).toBe(await shownBy(["012345\r\n한글한"], 6, 2));
  });

  test("after any frames the terminal shows the last one as if nothing else had been written", async () => {
    const piece = fc.constantFrom(
      "a",
      " ",
      "한",
      "█",
      "\u001b[31mr\u001b[39m",
      "\u001b[1mB\u001b[22m",
      "\u001b[48;5;236m.\u001b[49m",
      "\u001b[38;5;80mx\u001b[0m",
      "e\u0301",
    );
    const line = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(""));
    const frame = fc.array(line, { minLength: 3, maxLength: 3 }).map((lines) => lines.join("\n"));
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 2, maxLength: 5 }), async (frames) => {
        const { stdout, screen } = open(12, 3);
        for (const one of frames) screen.write(one);
        const fresh = open(12, 3);
        fresh.screen.write(frames.at(-1)!);
        expect(await shownBy(stdout.written, 12, 3)).toBe(await shownBy(fresh.stdout.written, 12, 3));
      }),
      { numRuns: 60 },
    );
  });

  test("changes that lie far apart in a line are written apart", () => {
    const old = parseLine(`${"a".repeat(10)}${"b".repeat(20)}c`, 80);
    const next = parseLine(`X${"a".repeat(9)}${"b".repeat(20)}Y`, 80);
    expect(paintChanges([old], [next])).toBe("\u001b[1;1HX\u001b[1;31HY");
  });
});
