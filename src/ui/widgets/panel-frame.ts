import { columnsOfLine, fit, type Line, span } from "../cell-text.ts";
import { paint, type Style, type Theme } from "../theme.ts";

export interface PanelContent {
  readonly title: Line;
  /** More about the thing, in order of importance: each stands whole or not at all. */
  readonly extras?: readonly Line[];
  /** What stands at the right end of the upper border: counts and sums. */
  readonly summary: Line;
  readonly lines: readonly Line[];
  /** Index in `lines` of what is selected. */
  readonly selectedLine: number | null;
  /** A place among many: from, to, all. */
  readonly scroll?: { from: number; visible: number; total: number } | null;
}

/** One panel as text: border, title, and exactly width × height cells, whatever it was given. */
export function framePanel(content: PanelContent, width: number, height: number, isFocused: boolean, theme: Theme): string {
  const { border } = theme.glyphs;
  const style: Style = isFocused ? "borderFocus" : "border";
  const inner = width - 2;
  const painted = [paint(topBorder(content, width, style, theme), theme)];
  const side = paint([span(border.vertical, style)], theme);
  const marks = scrollMarks(content, height - 2, theme);
  for (let row = 0; row < height - 2; row++) {
    const line = fit(content.lines[row] ?? [], inner, "left", theme.glyphs.more);
    const right = marks?.[row] ?? side;
    painted.push(side + paint(line, theme, isFocused && row === content.selectedLine) + right);
  }
  painted.push(paint([span(border.bottomLeft + border.horizontal.repeat(inner) + border.bottomRight, style)], theme));
  return painted.join("\n");
}

function topBorder(content: PanelContent, width: number, style: Style, theme: Theme): Line {
  const { border, more } = theme.glyphs;
  const room = width - 4;
  const summaryWidth = content.summary.length === 0 ? 0 : columnsOfLine(content.summary) + 2;
  const showsSummary = summaryWidth > 0 && summaryWidth + Math.min(columnsOfLine(content.title), 12) + 2 <= room;
  const titleRoom = room - (showsSummary ? summaryWidth + 1 : 0) - 2;
  const whole = withExtras(content, titleRoom);
  const titleWidth = Math.min(columnsOfLine(whole), Math.max(0, titleRoom));
  const title = fit(whole, titleWidth, "left", more);
  const used = titleWidth + 2 + (showsSummary ? summaryWidth : 0);
  const dashes = border.horizontal.repeat(Math.max(0, room - used));
  return [
    span(border.topLeft + border.horizontal, style),
    span(" "),
    ...title,
    span(" "),
    span(dashes, style),
    ...(showsSummary ? [span(" "), ...content.summary, span(" ")] : []),
    span(border.horizontal + border.topRight, style),
  ];
}

function withExtras({ title, extras = [] }: PanelContent, room: number): Line {
  let used = columnsOfLine(title);
  let whole = title;
  for (const extra of extras) {
    const width = columnsOfLine(extra) + 2;
    if (extra.length === 0) continue;
    if (used + width > room) break;
    whole = [...whole, span("  "), ...extra];
    used += width;
  }
  return whole;
}

/** A thumb on the right border when there is more than fits. */
function scrollMarks(content: PanelContent, rows: number, theme: Theme): string[] | null {
  const scroll = content.scroll;
  if (scroll === undefined || scroll === null || scroll.total <= scroll.visible || rows < 3) return null;
  const thumb = Math.max(1, Math.round((scroll.visible / scroll.total) * rows));
  const start = Math.round((scroll.from / Math.max(1, scroll.total - scroll.visible)) * (rows - thumb));
  const on = paint([span(theme.glyphs.scroll.thumb, "borderFocus")], theme);
  const off = paint([span(theme.glyphs.scroll.track, "border")], theme);
  return Array.from({ length: rows }, (_, row) => (row >= start && row < start + thumb ? on : off));
}
