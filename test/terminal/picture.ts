import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IBufferCell } from "@xterm/headless";
import { Terminal } from "./terminal.ts";

/**
 * Draws README's picture from the program's own screen: `node test/terminal/picture.ts` runs the built program in a pseudo-terminal,
 * kills a leader, waits until it is fenced, and writes what the terminal shows to .github/samsa.svg.
 */
const COLS = 140;
const ROWS = 40;
const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 17;
const BACKGROUND = "#14171c";
const FOREGROUND = "#d7dae0";

const terminal = new Terminal(["--speed", "1"], { cols: COLS, rows: ROWS });
await terminal.shows(/Stable/, 60_000);
terminal.type("x");
await terminal.shows(/fenced/i, 120_000);
await terminal.shows("acks", 5000);
writeFileSync(join(import.meta.dirname, "../../.github/samsa.svg"), svgOf(terminal));
terminal.type("q");
await terminal.exits();
terminal.close();

function svgOf(screen: Terminal): string {
  const parts: string[] = [];
  for (let row = 0; row < ROWS; row++) parts.push(...rowOf(screen, row));
  const width = Math.ceil(COLS * CELL_WIDTH + 20);
  const height = Math.ceil(ROWS * CELL_HEIGHT + 20);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The dashboard of samsa after a broker was killed">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...parts,
    "</g></svg>",
    "",
  ].join("\n");
}

/** Cells of equal looks become one text; a text is stretched to its columns, so that no font can shift the table. */
function rowOf(screen: Terminal, row: number): string[] {
  const parts: string[] = [];
  let column = 0;
  while (column < COLS) {
    const look = lookOf(screen.cell(row, column));
    const from = column;
    let text = "";
    while (column < COLS && lookOf(screen.cell(row, column)) === look) {
      const cell = screen.cell(row, column);
      text += cell?.getChars() || " ";
      column += Math.max(1, cell?.getWidth() ?? 1);
    }
    parts.push(...runOf(text, look, row, from, column));
  }
  return parts;
}

function runOf(text: string, look: string, row: number, from: number, to: number): string[] {
  const [foreground, background, bold] = look.split(" ");
  const x = (10 + from * CELL_WIDTH).toFixed(1);
  const width = ((to - from) * CELL_WIDTH).toFixed(1);
  const top = 10 + row * CELL_HEIGHT;
  const parts: string[] = [];
  if (background !== BACKGROUND) parts.push(`<rect x="${x}" y="${top}" width="${width}" height="${CELL_HEIGHT}" fill="${background}"/>`);
  if (text.trim() === "") return parts;
  const weight = bold === "bold" ? ' font-weight="bold"' : "";
  parts.push(
    `<text x="${x}" y="${top + 13}" textLength="${width}" lengthAdjust="spacingAndGlyphs" fill="${foreground}"${weight}>${escaped(text)}</text>`,
  );
  return parts;
}

function lookOf(cell: IBufferCell | undefined): string {
  if (cell === undefined) return `${FOREGROUND} ${BACKGROUND} plain`;
  const foreground = cell.isFgDefault() ? FOREGROUND : colourOf(cell.getFgColor(), cell.isFgRGB());
  const background = cell.isBgDefault() ? BACKGROUND : colourOf(cell.getBgColor(), cell.isBgRGB());
  const [front, back] = cell.isInverse() ? [background, foreground] : [foreground, background];
  return `${cell.isDim() ? mixed(front, back) : front} ${back} ${cell.isBold() ? "bold" : "plain"}`;
}

const SIXTEEN = [
  "#2a2f38",
  "#e06c75",
  "#7ec77e",
  "#e5c07b",
  "#61afef",
  "#c678dd",
  "#56b6c2",
  "#d7dae0",
  "#6b7280",
  "#ff7a85",
  "#98d998",
  "#ffd787",
  "#7cc4ff",
  "#d99cf0",
  "#7adbe6",
  "#ffffff",
];

function colourOf(colour: number, isRgb: boolean): string {
  if (isRgb) return `#${colour.toString(16).padStart(6, "0")}`;
  if (colour < 16) return SIXTEEN[colour]!;
  if (colour >= 232) return grey(8 + (colour - 232) * 10);
  const steps = [0, 95, 135, 175, 215, 255];
  const index = colour - 16;
  return hex(steps[Math.floor(index / 36)]!, steps[Math.floor(index / 6) % 6]!, steps[index % 6]!);
}

function grey(level: number): string {
  return hex(level, level, level);
}

function hex(...parts: number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function mixed(front: string, back: string): string {
  const parts = (colour: string): number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const [a, b] = [parts(front), parts(back)];
  return hex(...a.map((part, index) => Math.round(part * 0.6 + b[index]! * 0.4)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
