/**
 * What the terminal shows, kept so that a new frame costs only the cells that differ. It stands between Ink and the terminal:
 * Ink writes whole frames (its `debug` mode), this writes the differences, in one synchronized update.
 * Ink's own incremental rendering rewrites a line from the first changed cell to its end: twice the bytes on a screen of two columns.
 */
import stringWidth from "string-width";

const beginUpdate = "\u001B[?2026h";
const endUpdate = "\u001B[?2026l";

/** Two runs of changed cells this close are written as one: moving the cursor costs as much. */
const gapBridged = 5;

type Callback = (error?: Error | null) => void;

/** The stream to give to Ink instead of the terminal's. */
export function createTerminalScreen(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  let shown: ScreenLine[] | null = null;
  let shownColumns = 0;
  let shownRows = 0;

  const write = (chunk: string, ...rest: unknown[]): boolean => {
    const callback = rest.find((argument) => typeof argument === "function") as Callback | undefined;
    // Modes of the terminal (alternate screen, cursor) are no frames; after them nothing is known of the screen.
    if (chunk === "" || chunk.startsWith("\u001B[?")) {
      if (chunk.includes("1049")) shown = null;
      return stdout.write(chunk, callback);
    }
    // While the terminal is resized Ink draws once more at the old size: nothing may wrap around the edge.
    const next = chunk
      .split("\n")
      .slice(0, stdout.rows)
      .map((line) => parseLine(line, stdout.columns));
    const isResized = stdout.columns !== shownColumns || stdout.rows !== shownRows;
    const changes = shown === null || isResized ? `\u001B[m\u001B[H\u001B[J${paintChanges([], next)}` : paintChanges(shown, next);
    shown = next;
    shownColumns = stdout.columns;
    shownRows = stdout.rows;
    if (changes !== "") return stdout.write(beginUpdate + changes + endUpdate, callback);
    if (callback !== undefined) queueMicrotask(() => callback(null));
    return true;
  };

  return new Proxy(stdout, {
    get: (target, property) => {
      if (property === "write") return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}

/** One cell a column. The second column of a wide character is "". */
export interface ScreenLine {
  readonly source: string;
  readonly characters: readonly string[];
  readonly styles: readonly CellStyle[];
}

interface CellStyle {
  readonly intensity: string;
  readonly inverse: string;
  readonly foreground: string;
  readonly background: string;
}

const plain: CellStyle = { intensity: "", inverse: "", foreground: "", background: "" };
const controlIntroducer = "\u001B";
const sgr = new RegExp(`${controlIntroducer}\\[([\\d;]*)m`, "y");

export function parseLine(source: string, columns: number): ScreenLine {
  const characters: string[] = [];
  const styles: CellStyle[] = [];
  let style = plain;
  let at = 0;
  while (at < source.length) {
    sgr.lastIndex = at;
    const match = source.charCodeAt(at) === 0x1b ? sgr.exec(source) : null;
    if (match !== null) {
      style = applySgr(style, match[1]!);
      at += match[0].length;
      continue;
    }
    const character = String.fromCodePoint(source.codePointAt(at)!);
    at += character.length;
    const width = columnsOfCharacter(character);
    if (characters.length + width > columns) break;
    if (width === 0) {
      const last = lastCharacterIndex(characters);
      if (last >= 0) characters[last] += character;
      continue;
    }
    characters.push(character);
    styles.push(style);
    if (width === 2) {
      characters.push("");
      styles.push(style);
    }
  }
  return { source, characters, styles };
}

function lastCharacterIndex(characters: readonly string[]): number {
  let index = characters.length - 1;
  while (index > 0 && characters[index] === "") index -= 1;
  return index;
}

function columnsOfCharacter(character: string): number {
  const code = character.codePointAt(0)!;
  if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x300) || (code >= 0x2500 && code < 0x25a0)) return 1;
  return stringWidth(character);
}

function applySgr(style: CellStyle, parameters: string): CellStyle {
  const codes = parameters === "" ? ["0"] : parameters.split(";");
  let { intensity, inverse, foreground, background } = style;
  for (let index = 0; index < codes.length; index++) {
    const code = Number(codes[index]);
    if (code === 0) intensity = inverse = foreground = background = "";
    else if (code === 1 || code === 2) intensity = intensity === "" || intensity === String(code) ? String(code) : "1;2";
    else if (code === 22) intensity = "";
    else if (code === 7) inverse = "7";
    else if (code === 27) inverse = "";
    else if (code === 39) foreground = "";
    else if (code === 49) background = "";
    else if (code === 38 || code === 48) {
      const length = codes[index + 1] === "2" ? 5 : 3;
      const colour = codes.slice(index, index + length).join(";");
      if (code === 38) foreground = colour;
      else background = colour;
      index += length - 1;
    } else if ((code >= 30 && code < 38) || (code >= 90 && code < 98)) foreground = String(code);
    else if ((code >= 40 && code < 48) || (code >= 100 && code < 108)) background = String(code);
  }
  return { intensity, inverse, foreground, background };
}

/** What must be written to get from one screen to the other. */
export function paintChanges(before: readonly ScreenLine[], after: readonly ScreenLine[]): string {
  let painted = "";
  let style = plain;
  const rows = Math.max(before.length, after.length);
  for (let row = 0; row < rows; row++) {
    const old = before[row] ?? emptyLine;
    const next = after[row] ?? emptyLine;
    if (old.source === next.source) continue;
    for (const [from, to] of changedRuns(old, next)) {
      painted += `\u001B[${row + 1};${from + 1}H`;
      for (let column = from; column < to; column++) {
        const wanted = next.styles[column] ?? plain;
        painted += transition(style, wanted) + (next.characters[column] ?? " ");
        style = wanted;
      }
    }
  }
  return painted + transition(style, plain);
}

const emptyLine: ScreenLine = { source: "", characters: [], styles: [] };

function changedRuns(old: ScreenLine, next: ScreenLine): [number, number][] {
  const runs: [number, number][] = [];
  const columns = Math.max(old.characters.length, next.characters.length);
  for (let column = 0; column < columns; column++) {
    if (isSameCell(old, next, column)) continue;
    // A wide character is written from its first column on.
    const from = next.characters[column] === "" ? column - 1 : column;
    const last = runs[runs.length - 1];
    if (last !== undefined && from - last[1] <= gapBridged) last[1] = column + 1;
    else runs.push([Math.max(0, from), column + 1]);
  }
  for (const run of runs) if (next.characters[run[1]] === "") run[1] += 1;
  return runs;
}

function isSameCell(old: ScreenLine, next: ScreenLine, column: number): boolean {
  const a = old.characters[column] ?? " ";
  const b = next.characters[column] ?? " ";
  if (a !== b) return false;
  const styleA = old.styles[column] ?? plain;
  const styleB = next.styles[column] ?? plain;
  if (styleA === styleB) return true;
  if (styleA.background !== styleB.background || styleA.inverse !== styleB.inverse) return false;
  // A space looks the same in every foreground.
  return a === " " || (styleA.foreground === styleB.foreground && styleA.intensity === styleB.intensity);
}

function transition(from: CellStyle, to: CellStyle): string {
  if (from === to) return "";
  const isPlain = to.intensity === "" && to.inverse === "" && to.foreground === "" && to.background === "";
  const codes: string[] = [];
  if (from.intensity !== to.intensity) {
    if (from.intensity !== "") codes.push("22");
    if (to.intensity !== "") codes.push(to.intensity);
  }
  if (from.inverse !== to.inverse) codes.push(to.inverse === "" ? "27" : "7");
  if (from.foreground !== to.foreground) codes.push(to.foreground === "" ? "39" : to.foreground);
  if (from.background !== to.background) codes.push(to.background === "" ? "49" : to.background);
  if (codes.length === 0) return "";
  return isPlain ? "\u001B[m" : `\u001B[${codes.join(";")}m`;
}
