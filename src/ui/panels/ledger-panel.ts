import { columnsOfLine, fit, type Line, pad, span } from "../cell-text.ts";
import { count } from "../quantities.ts";
import type { Style } from "../theme.ts";
import type { LedgerView } from "../view-model/ledger-view.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import type { PanelInput } from "./panel-input.ts";

/** Room of each column: label and number, so that the rows stand under each other. */
const columnWidths = [16, 14, 11, 13] as const;

interface Cell {
  readonly label: string;
  readonly value: number;
  /** How it looks when it is not zero. */
  readonly style: Style;
}

/** The three axes of the ledger: what the producers were told, what the log holds, what each group did. */
export function drawLedger(view: LedgerView, input: PanelInput): PanelContent {
  const { words } = input.theme;
  const told: Cell[] = [
    { label: words.acked, value: view.acknowledged, style: "good" },
    { label: words.pending, value: view.pending, style: "plain" },
    { label: words.failed, value: view.failed, style: "warn" },
    { label: words.lost, value: view.lost, style: "bad" },
  ];
  const log: Cell[] = [
    { label: words.readable, value: view.readable, style: "plain" },
    { label: words.aboveHw, value: view.aboveHighWatermark, style: "plain" },
    { label: words.readTwice, value: view.duplicated, style: "warn" },
    { label: words.reordered, value: view.reordered, style: "warn" },
  ];
  const groups = view.groups.map((group): Line => {
    const cells: Cell[] = [
      { label: words.once, value: group.read, style: "plain" },
      { label: words.notYet, value: group.notYet, style: "plain" },
      { label: words.readTwice, value: group.twice, style: "warn" },
      { label: words.skipped, value: group.skipped, style: "bad" },
    ];
    return ledgerRow(group.group, cells, input);
  });
  return {
    title: [span(words.ledger, "title")],
    summary: [span(`${count(view.sent)} ${words.sent}`, "label")],
    lines: [ledgerRow(words.told, told, input), ledgerRow(words.inLog, log, input), ...groups],
    selectedLine: null,
  };
}

function ledgerRow(label: string, cells: readonly Cell[], input: PanelInput): Line {
  const { more, cross } = input.theme.glyphs;
  const labelWidth = Math.max(9, Math.min(14, input.width - 2 - columnWidths.reduce((sum, width) => sum + width, 0)));
  return [
    span("  "),
    span(pad(label, labelWidth, "left", more), "info"),
    ...cells.flatMap((cell, index): Line => {
      const isBad = cell.value > 0 && (cell.style === "bad" || cell.style === "warn");
      const value = `${isBad ? `${cross} ` : ""}${count(cell.value)}`;
      const text: Line = [
        span(`${cell.label} `, cell.value === 0 ? "faint" : "label"),
        span(value, cell.value === 0 ? "faint" : cell.style),
        span(" "),
      ];
      // A number is never cut: a long one pushes what follows.
      return fit(text, Math.max(columnsOfLine(text), columnWidths[index] ?? 12));
    }),
  ];
}
