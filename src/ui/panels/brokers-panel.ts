import { type Line, span } from "../cell-text.ts";
import { bytes, duration } from "../quantities.ts";
import type { BrokerRow, BrokersView, ControllerMark } from "../view-model/broker-rows.ts";
import { fill } from "../widgets/bar.ts";
import { healthGlyph, healthStyle, healthText, selectionMark } from "../widgets/marks.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import { type Column, headingLine, placeColumns, rowLine, windowAround } from "../widgets/table.ts";
import type { PanelInput } from "./panel-input.ts";

export function drawBrokers(view: BrokersView, input: PanelInput): PanelContent {
  const { theme, width, height } = input;
  const columns = placeColumns(brokerColumns(input), width);
  const rows = Math.max(1, height - 2);
  const selected = view.brokers.findIndex((row) => row.id === input.selectedId);
  const shown = windowAround(view.brokers.length, rows, Math.max(0, selected));
  const lines = view.brokers.slice(shown.from, shown.to).map((row) => rowLine(columns, row, theme));
  const healthy = view.brokersUp === view.brokers.length;
  const onController = view.controllers.some((mark) => `controller ${mark.id}` === input.selectedId);
  return {
    title: [span("1 ", "faint"), span(theme.words.brokers, "title")],
    summary: [span(`${view.brokersUp} ${theme.words.of} ${view.brokers.length} ${theme.words.brokersUp}`, healthy ? "label" : "bad")],
    lines: [headingLine(columns, theme), ...lines, controllersLine(view.controllers, input)],
    selectedLine: onController ? lines.length + 1 : selected < 0 ? null : selected - shown.from + 1,
    scroll: { from: shown.from, visible: rows, total: view.brokers.length },
  };
}

function brokerColumns(input: PanelInput): Column<BrokerRow>[] {
  const { theme, grainMs } = input;
  const { words } = theme;
  return [
    { heading: "", width: 2, priority: 0, cell: (row) => [selectionMark(row.id === input.selectedId, input)] },
    { heading: words.node, width: 4, priority: 0, cell: (row) => [span(row.id, "strong")] },
    { heading: words.state, width: 22, priority: 0, grows: true, cell: (row) => stateCell(row, input) },
    {
      heading: words.leads,
      width: 5,
      align: "right",
      priority: 1,
      cell: (row) => [span(String(row.leads), row.leads === 0 ? "faint" : "plain")],
    },
    {
      heading: words.inSync,
      width: 9,
      align: "right",
      priority: 2,
      cell: (row) => [span(`${row.inSync} ${words.of} ${row.replicas}`, row.inSync < row.replicas ? "warn" : "plain")],
    },
    { heading: ` ${words.heartbeat}`, width: 14, priority: 3, cell: (row) => heartbeatCell(row, input, grainMs) },
    {
      heading: words.requests,
      width: 7,
      align: "right",
      priority: 5,
      cell: (row) => [span(String(row.waitingRequests), row.waitingRequests === 0 ? "faint" : "plain")],
    },
    { heading: words.disk, width: 8, align: "right", priority: 4, cell: (row) => [span(bytes(row.logBytes), "label")] },
  ];
}

function stateCell(row: BrokerRow, input: PanelInput): Line {
  const style = healthStyle(row.health);
  const isPlain = row.health === "up";
  const since = row.forMs === null || isPlain ? "" : ` ${duration(row.forMs, input.grainMs)}`;
  const fenced = row.isFenced && row.health !== "fenced" && row.health !== "starting" ? [span(` ${input.theme.words.fenced}`, "bad")] : [];
  return [
    span(`${healthGlyph(row.health, input.theme)} `, style),
    span(healthText(row.health, input.theme.words), isPlain ? "plain" : style),
    span(since, "label"),
    ...fenced,
  ];
}

/** The age of the last heartbeat on the way to broker.session.timeout.ms. */
function heartbeatCell(row: BrokerRow, input: PanelInput, grainMs: number): Line {
  if (row.heartbeatAgeMs === null) return [span(` ${input.theme.glyphs.separator}`, "faint")];
  const fraction = row.heartbeatAgeMs / row.sessionTimeoutMs;
  const style = fraction >= 0.9 ? "fillBad" : fraction >= 0.4 ? "fillWarn" : "fill";
  const text = duration(row.heartbeatAgeMs, grainMs).padStart(7);
  return [
    span(" "),
    ...fill(Math.min(1, fraction), 5, style, input.theme),
    span(text, fraction >= 0.9 ? "bad" : fraction >= 0.4 ? "warn" : "label"),
  ];
}

function controllersLine(controllers: readonly ControllerMark[], input: PanelInput): Line {
  const { words, glyphs } = input.theme;
  const selected = controllers.find((mark) => `controller ${mark.id}` === input.selectedId);
  const parts: Line = controllers.flatMap((mark) => {
    const isSelected = mark === selected;
    const health = mark.health === "up" ? "" : ` ${healthGlyph(mark.health, input.theme)} ${healthText(mark.health, words)}`;
    return [
      span("  "),
      isSelected ? span(`${glyphs.selected}`, input.isFocused ? "accent" : "faint") : span(""),
      span(mark.id, mark.isActive || isSelected ? "strong" : mark.health === "up" ? "label" : "bad"),
      span(mark.isActive ? ` ${glyphs.active} ${words.active}` : "", "info"),
      span(health, healthStyle(mark.health)),
    ];
  });
  const none = controllers.some((mark) => mark.isActive) ? [] : [span(`  ${glyphs.alert} ${words.noController}`, "bad")];
  return [selectionMark(selected !== undefined, input), span(words.controllers, "label"), ...parts, ...none];
}
