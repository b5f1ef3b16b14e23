/**
 * Text measured in terminal columns: spans of one style each, joined to lines that fit a width exactly.
 * A Korean syllable takes two columns, a combining mark none; string-width decides, as in Ink.
 */
import stringWidth from "string-width";
import type { Style } from "./theme.ts";

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

/** Spans of one line: texts without a style are plain. */
export function line(...parts: readonly (Span | string)[]): Line {
  return parts.map((part) => (typeof part === "string" ? span(part) : part));
}

const controls = /\p{Cc}/gu;

/** One column a character: Latin letters, box drawing and block elements. Everything else is measured. */
function isPlainlyNarrow(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const narrow = (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x300) || (code >= 0x2500 && code < 0x25a0);
    if (!narrow) return false;
  }
  return true;
}

export function columnsOf(text: string): number {
  return isPlainlyNarrow(text) ? text.length : stringWidth(text);
}

/** Texts from files and people may hold control characters, which would move the cursor. */
export function withoutControls(text: string): string {
  return isPlainlyNarrow(text) ? text : text.replaceAll(controls, " ");
}

export function columnsOfLine(parts: Line): number {
  let columns = 0;
  for (const part of parts) columns += columnsOf(part.text);
  return columns;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The longest beginning of the text that takes at most so many columns. */
export function cut(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (isPlainlyNarrow(text)) return text.slice(0, columns);
  let taken = "";
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const width = stringWidth(segment);
    if (used + width > columns) break;
    taken += segment;
    used += width;
  }
  return taken;
}

export function pad(text: string, columns: number, align: "left" | "right" = "left", more = "…"): string {
  const width = columnsOf(text);
  if (width === columns) return text;
  if (width < columns) {
    const spaces = " ".repeat(columns - width);
    return align === "left" ? text + spaces : spaces + text;
  }
  if (columns <= 0) return "";
  const kept = cut(text, columns - columnsOf(more));
  return pad(kept + cut(more, columns), columns, "left", "");
}

/** Exactly so many columns: padded with spaces, or cut with a sign that there was more. */
export function fit(parts: Line, columns: number, align: "left" | "right" = "left", more = "…"): Line {
  const width = columnsOfLine(parts);
  if (width === columns) return parts;
  if (width < columns) {
    const spaces = span(" ".repeat(columns - width));
    return align === "left" ? [...parts, spaces] : [spaces, ...parts];
  }
  const fitted: Span[] = [];
  let left = columns;
  for (const part of parts) {
    const partWidth = columnsOf(part.text);
    if (partWidth < left) {
      fitted.push(part);
      left -= partWidth;
      continue;
    }
    const isLast = part === parts[parts.length - 1];
    if (partWidth === left && isLast) fitted.push(part);
    else fitted.push({ text: pad(partWidth === left ? `${part.text} ` : part.text, left, "left", more), style: part.style });
    return fitted;
  }
  return fitted;
}

/** Left text and right text on one line; the right one stays whole as long as it can. */
export function spread(left: Line, right: Line, columns: number, more = "…"): Line {
  const rightWidth = columnsOfLine(right);
  if (rightWidth + 2 > columns) return fit(left, columns, "left", more);
  return [...fit(left, columns - rightWidth, "left", more), ...right];
}

/** Words broken over lines of at most so many columns. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of withoutControls(text).split(" ")) {
    const candidate = current === "" ? word : `${current} ${word}`;
    if (columnsOf(candidate) <= columns) {
      current = candidate;
      continue;
    }
    if (current !== "") lines.push(current);
    let rest = word;
    while (columnsOf(rest) > columns) {
      const piece = cut(rest, columns);
      if (piece === "") break;
      lines.push(piece);
      rest = rest.slice(piece.length);
    }
    current = rest;
  }
  lines.push(current);
  return lines;
}

export function textOf(parts: Line): string {
  return parts.map((part) => part.text).join("");
}
