/** The lines above and below the panels. */
import { columnsOfLine, fit, type Line, span, withoutControls } from "../cell-text.ts";
import { clockTime, count, rate, speedText } from "../quantities.ts";
import type { Percentiles } from "../session.ts";
import type { Style, Theme } from "../theme.ts";
import type { HeaderView } from "../view-model/header-view.ts";
import type { LedgerView } from "../view-model/ledger-view.ts";
import { labelled, withGaps } from "../widgets/marks.ts";

export function headerLine(view: HeaderView, columns: number, grainMs: number, theme: Theme): Line {
  const { glyphs, words } = theme;
  const times = theme.ascii ? "x" : "×";
  const isSlower = view.reachedSpeed < view.speed * 0.9 && !view.paused;
  const clock: Line = [
    span(view.paused ? `${glyphs.paused} ` : `${glyphs.playing} `, view.paused ? "warn" : "good"),
    span(clockTime(view.now, view.paused ? 1 : grainMs), "strong"),
    span(` ${words.speedAt} `, "label"),
    span(speedText(view.speed, times), "accent"),
    ...(isSlower ? [span(` (${words.reached} ${speedText(view.reachedSpeed, times)})`, "warn")] : []),
  ];
  const figures = [
    [span(`${words.seed} ${view.seed}`, "label")],
    [span(rate(view.rates.acknowledgedPerSecond), "strong"), span(` ${words.perSecond}`, "label")],
    percentiles(words.ackLatency, view.rates.acknowledgeLatencyMs),
    percentiles(words.readLatency, view.rates.readLatencyMs),
  ];
  const brand = span(" samsa ", "brand");
  const title = withoutControls(view.title);
  // What matters least goes first when the line is too long.
  for (const dropped of [[], [3], [3, 0], [3, 0, 2], [3, 0, 2, 1]]) {
    const right = withGaps([clock, ...figures.filter((_, index) => !dropped.includes(index))], "   ");
    const room = columns - columnsOfLine(right) - 2;
    if (room < 24 && dropped.length < 4) continue;
    return [
      ...fit([brand, span(" "), span(title, "title")], Math.max(8, room), "left", glyphs.more),
      span(" "),
      ...fit(right, Math.min(columnsOfLine(right), columns - 10)),
      span(" "),
    ];
  }
  return [];
}

function percentiles(label: string, value: Percentiles | null): Line {
  if (value === null) return [];
  return [span(`${label} p50 `, "label"), span(String(Math.round(value.p50))), span(" p99 ", "label"), span(`${Math.round(value.p99)} ms`)];
}

export function ledgerLine(view: LedgerView, theme: Theme, columns: number): Line {
  const { words, glyphs } = theme;
  const bad = (label: string, value: number, style: Style = "bad"): Line =>
    value === 0 ? [span(`${label} 0`, "faint")] : [span(`${glyphs.cross} ${label} `, style), span(count(value), style)];
  const parts: Line[] = [
    labelled(words.sent, count(view.sent), "strong"),
    labelled(words.acked, count(view.acknowledged), "good"),
    bad(words.lost, view.lost),
    labelled(words.pending, count(view.pending), view.pending === 0 ? "faint" : "plain"),
    bad(words.failed, view.failed, "warn"),
    bad(words.duplicated, view.duplicated, "warn"),
    bad(words.reordered, view.reordered, "warn"),
  ];
  if (view.failedYetReadable > 0) parts.push(bad(words.failedReadable, view.failedYetReadable, "warn"));
  const groups = view.groups.map(
    (group): Line => [
      span(`${group.group} `, "info"),
      ...labelled(words.readOnce, count(group.read)),
      ...(group.twice > 0 ? [span(`  ${words.readTwice} ${count(group.twice)}`, "warn")] : []),
      ...(group.skipped > 0 ? [span(`  ${words.skipped} ${count(group.skipped)}`, "bad")] : []),
    ],
  );
  const gap = columns >= 110 ? "   " : columns >= 90 ? "  " : " ";
  // Whole or not at all: half a number is worse than none.
  let line = withGaps([...parts], gap);
  for (const group of groups) {
    const longer = withGaps([line, group], gap);
    if (columnsOfLine(longer) + 1 <= columns) line = longer;
  }
  return fit([span(" "), ...line], columns, "left", glyphs.more);
}

export function narrationLine(text: string | null, columns: number, theme: Theme): Line {
  if (text === null || text === "") return fit([], columns);
  return fit([span(` ${theme.glyphs.quote} `, "brand"), span(withoutControls(text), "info")], columns, "left", theme.glyphs.more);
}

export function alertLine(view: HeaderView, columns: number, theme: Theme): Line {
  const { glyphs } = theme;
  const alert = view.alert;
  if (alert === null) return fit([], columns);
  const style: Style = alert.severity === "info" ? "info" : alert.severity;
  const sign = alert.severity === "good" ? glyphs.check : glyphs.alert;
  const more: Line = alert.others > 0 ? [span(`  +${alert.others}`, "label")] : [];
  const room = columns - columnsOfLine(more);
  const text: Line = [
    span(` ${sign} `, style),
    // The consequence stands last; on a narrow screen it is worth more than the time.
    span(columns < 100 ? "" : `${clockTime(alert.at)} `, "faint"),
    span(withoutControls(alert.text), alert.severity === "bad" ? "strong" : "plain"),
  ];
  return [...fit(text, Math.min(columnsOfLine(text), room), "left", glyphs.more), ...more];
}

export function tabsLine(titles: readonly string[], active: number, columns: number, theme: Theme): Line {
  const { border } = theme.glyphs;
  const parts = titles.flatMap((title, index): Line => {
    const isActive = index === active;
    return [span(" "), span(isActive ? `[${index + 1} ${title}]` : ` ${index + 1} ${title} `, isActive ? "key" : "label")];
  });
  void border;
  return fit(parts, columns, "left", theme.glyphs.more);
}

export interface KeyHint {
  readonly key: string;
  readonly title: string;
  readonly isEnabled: boolean;
}

/** As many hints as fit, whole ones only. */
export function keysLine(hints: readonly KeyHint[], fixed: readonly KeyHint[], columns: number, theme: Theme): Line {
  const render = (hint: KeyHint): Line => [
    span(hint.key, hint.isEnabled ? "key" : "faint"),
    span(` ${hint.title}`, hint.isEnabled ? "plain" : "faint"),
  ];
  const tail = withGaps(fixed.map(render));
  let used = columnsOfLine(tail) + 3;
  const shown: Line[] = [];
  for (const hint of hints) {
    const drawn = render(hint);
    const width = columnsOfLine(drawn) + 2;
    if (used + width > columns) continue;
    used += width;
    shown.push(drawn);
  }
  return fit([span(" "), ...withGaps([...shown, tail])], columns, "left", theme.glyphs.more);
}
