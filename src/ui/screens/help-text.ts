import { fit, type Line, span } from "../cell-text.ts";
import { keyGroups, shownKey } from "../keymap.ts";
import type { Theme } from "../theme.ts";
import { framePanel } from "../widgets/panel-frame.ts";

/** The help overlay: the keymap, and what the bars mean. */
export function helpText(width: number, height: number, theme: Theme): string {
  const { words, glyphs, language } = theme;
  const keys: Line[] = keyGroups.flatMap(({ title, bindings }): Line[] => [
    [span(title[language], "accent")],
    ...bindings.map((binding): Line => [span(" "), ...fit([span(shownKey(binding), "key")], 10), span(binding.title[language])]),
    [],
  ]);
  const legend: Line[] = [
    [span(words.legend, "accent")],
    [span(` ${glyphs.bar.full.repeat(4)}      `, "fillGood"), span(words.legendBars)],
    [span(` ${glyphs.bar.pending.repeat(4)}      `, "fillWarn"), span(words.legendPending)],
    [span(` ${glyphs.bar.full.repeat(2)}        `, "fill"), span(words.legendGap)],
    [span(` ${glyphs.cross}         `, "bad"), span(words.legendOut)],
    [span(" L         ", "fillGood"), span(words.leader)],
    [
      span(` [${glyphs.slotUsed.repeat(2)}${glyphs.slotFree.repeat(3)}]   `, "good"),
      span(`${words.inFlight} (max.in.flight.requests.per.connection)`),
    ],
  ];
  const lines = inColumns([...keys, ...legend], width - 2, height - 2);
  return framePanel(
    { title: [span(words.help, "title")], summary: [span(words.helpClose, "label")], lines, selectedLine: null },
    width,
    height,
    true,
    theme,
  );
}

/** Flows lines down one column, then the next, as many as are needed. */
function inColumns(lines: readonly Line[], width: number, height: number): Line[] {
  const rows = Math.max(1, height);
  const needed = Math.max(1, Math.ceil(lines.length / rows));
  const fitting = Math.max(1, Math.floor(width / 36));
  const columns = Math.min(needed, fitting);
  const columnWidth = Math.floor((width - 1) / columns);
  return Array.from({ length: Math.min(rows, lines.length) }, (_, row): Line => {
    const cells = Array.from({ length: columns }, (_, column) => fit(lines[column * rows + row] ?? [], columnWidth));
    return [span(" "), ...cells.flat()];
  });
}
