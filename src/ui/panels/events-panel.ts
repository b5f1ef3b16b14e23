import { type Line, span } from "../cell-text.ts";
import { clockTime } from "../quantities.ts";
import type { EventRow } from "../view-model/event-rows.ts";
import { selectionMark } from "../widgets/marks.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import type { PanelInput } from "./panel-input.ts";

/** The newest at the bottom. While an event is selected the list stands still around it. */
export function drawEvents(rows: readonly EventRow[], filter: string, everything: boolean, input: PanelInput): PanelContent {
  const { words } = input.theme;
  const visible = Math.max(1, input.height);
  const found = rows.findIndex((row) => String(row.seq) === input.selectedId);
  const selected = found < 0 ? rows.length - 1 : found;
  const to = found < 0 ? rows.length : Math.min(rows.length, Math.max(visible, selected + Math.ceil(visible / 2)));
  const from = Math.max(0, to - visible);
  const lines = rows.slice(from, to).map((row) => eventLine(row, found >= 0 && row === rows[found], input));
  if (rows.length === 0) lines.push([span(`  ${filter === "" ? words.noEvents : words.noMatches}`, "faint")]);
  return {
    title: [
      span("5 ", "faint"),
      span(words.events, "title"),
      span(everything ? `  ${words.everyEvent}` : "", "label"),
      span(filter === "" ? "" : `  ${words.filter}: ${filter}`, "accent"),
    ],
    summary: [],
    lines,
    selectedLine: found < 0 ? null : selected - from,
    scroll: { from, visible, total: rows.length },
  };
}

function eventLine(row: EventRow, isSelected: boolean, input: PanelInput): Line {
  return [
    selectionMark(isSelected, input),
    span(`${clockTime(row.at)} `, "faint"),
    ...(row.severity === "bad" || row.severity === "warn" ? [span(`${input.theme.glyphs.alert} `, row.severity)] : []),
    span(row.text, row.severity),
  ];
}
