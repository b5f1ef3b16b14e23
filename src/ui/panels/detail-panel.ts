import { columnsOf, fit, type Line, span, wrap } from "../cell-text.ts";
import type { DetailSection, DetailView } from "../view-model/frame-views.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import type { PanelInput } from "./panel-input.ts";

/** Everything known of one thing. Sections stand side by side when there is room. */
export function drawDetail(view: DetailView, input: PanelInput, scroll = 0): PanelContent {
  const columns = Math.max(1, Math.min(3, Math.floor(input.width / 58)));
  const width = Math.floor((input.width - 1) / columns);
  const stacks: Line[][] = Array.from({ length: columns }, () => []);
  for (const section of view.sections) {
    const lines = sectionLines(section, width - 2);
    const shortest = stacks.reduce((best, stack) => (stack.length < best.length ? stack : best));
    if (shortest.length > 0) shortest.push([]);
    shortest.push(...lines);
  }
  const rows = Math.max(...stacks.map((stack) => stack.length));
  const lines = Array.from(
    { length: rows },
    (_, row): Line => [span(" "), ...stacks.flatMap((stack) => fit(stack[row] ?? [], width, "left", input.theme.glyphs.more))],
  );
  const visible = Math.max(1, input.height);
  const from = Math.max(0, Math.min(scroll, rows - visible));
  const { words } = input.theme;
  return {
    title: [span(view.title, "title")],
    summary: rows > visible ? [span(`${from + 1}-${Math.min(rows, from + visible)} ${words.of} ${rows}`, "label")] : [],
    lines: lines.slice(from, from + visible),
    selectedLine: null,
    scroll: { from, visible, total: rows },
  };
}

function sectionLines(section: DetailSection, width: number): Line[] {
  const labelWidth = Math.min(Math.floor(width * 0.5), Math.max(8, ...section.facts.map((fact) => columnsOf(fact.label))));
  const lines: Line[] = section.title === "" ? [] : [[span(section.title, "accent")]];
  for (const fact of section.facts) {
    const room = Math.max(8, width - labelWidth - 2);
    const value = wrap(fact.value, fact.label === "" ? width : room);
    if (fact.label === "") {
      for (const text of value) lines.push([span(text, fact.isBad === true ? "bad" : "plain")]);
      continue;
    }
    value.forEach((text, index) => {
      lines.push([
        ...fit([span(index === 0 ? fact.label : "", "label")], labelWidth),
        span("  "),
        span(text, fact.isBad === true ? "bad" : "plain"),
      ]);
    });
  }
  return lines;
}
