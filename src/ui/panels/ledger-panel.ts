import { type Line, pad, span } from "../cell-text.ts";
import { count } from "../quantities.ts";
import type { Style } from "../theme.ts";
import type { LedgerView } from "../view-model/ledger-view.ts";
import { fill } from "../widgets/bar.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import type { PanelInput } from "./panel-input.ts";

/** The three axes of the ledger: what the producer was told, what the log holds, what each group did. */
export function drawLedger(view: LedgerView, input: PanelInput): PanelContent {
  const { words } = input.theme;
  const lines: Line[] = [
    ledgerRow(words.acked, view.acknowledged, view.sent, "fillGood", "plain", input),
    ledgerRow(words.pending, view.pending, view.sent, "fill", "plain", input),
    ledgerRow(words.failed, view.failed, view.sent, "fillWarn", "warn", input),
    ledgerRow(words.lost, view.lost, view.sent, "fillBad", "bad", input),
    ledgerRow(words.duplicated, view.duplicated, view.sent, "fillWarn", "warn", input),
    ledgerRow(words.reordered, view.reordered, view.sent, "fillWarn", "warn", input),
  ];
  const groups = view.groups.map((group): Line => {
    const twice: Line = group.twice > 0 ? [span(`  ${words.readTwice} ${count(group.twice)}`, "warn")] : [];
    const skipped: Line = group.skipped > 0 ? [span(`  ${words.skipped} ${count(group.skipped)}`, "bad")] : [];
    return [...ledgerRow(`${group.group} ${words.readOnce}`, group.read, view.sent, "fillSoft", "plain", input), ...twice, ...skipped];
  });
  // The groups are worth more than zeros when not everything fits.
  const room = Math.max(0, input.height - Math.min(groups.length, 2));
  return { title: [span(words.ledger, "title")], summary: [span(`${count(view.sent)} ${words.sent}`, "label")], lines: [...lines.slice(0, room), ...groups], selectedLine: null };
}

function ledgerRow(label: string, value: number, all: number, bar: Style, style: Style, input: PanelInput): Line {
  const cells = Math.max(4, Math.min(24, input.width - 40));
  const isNone = value === 0;
  return [
    span("  "),
    span(pad(label, 16, "left", input.theme.glyphs.more), "label"),
    span(count(value).padStart(9), isNone ? "faint" : style),
    span("  "),
    ...(isNone ? [] : fill(all === 0 ? 0 : value / all, cells, bar, input.theme)),
  ];
}
