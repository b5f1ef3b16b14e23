import { type Line, span } from "../cell-text.ts";
import { count, duration } from "../quantities.ts";
import type { Style } from "../theme.ts";
import type { Countdown, GroupPartitionRow, GroupView, MemberRow } from "../view-model/group-view.ts";
import { fill } from "../widgets/bar.ts";
import { healthGlyph, healthStyle, healthText, selectionMark } from "../widgets/marks.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import { type Column, headingLine, placeColumns, rowLine, windowAround } from "../widgets/table.ts";
import type { PanelInput } from "./panel-input.ts";

export function drawGroup(view: GroupView | null, input: PanelInput): PanelContent {
  const { theme, width } = input;
  const { words } = theme;
  if (view === null) {
    return {
      title: [span("4 ", "faint"), span(words.groups, "title")],
      summary: [],
      lines: [[span(`  ${words.noGroups}`, "faint")]],
      selectedLine: null,
    };
  }
  const memberRoom = Math.max(1, Math.min(view.members.length, Math.ceil((input.height - 2) / 2)));
  const selected = view.members.findIndex((row) => row.id === input.selectedId);
  const shown = windowAround(view.members.length, memberRoom, Math.max(0, selected));
  const columns = placeColumns(memberColumns(input), width);
  const members = view.members.slice(shown.from, shown.to).map((row) => rowLine(columns, row, theme));
  if (members.length === 0) members.push([span(`  ${words.noMembers}`, "faint")]);
  const partitionLines = input.height - 1 - members.length >= 2 ? partitionTable(view, input, input.height - 1 - members.length) : [];
  return {
    title: titleOf(view, input),
    extras: extrasOf(view, input),
    summary: [span(`${words.lag} ${count(view.lag)}`, view.lag > 0 ? "plain" : "label")],
    lines: [headingLine(columns, theme), ...members, ...partitionLines],
    selectedLine: selected < 0 ? null : selected - shown.from + 1,
    scroll: { from: shown.from, visible: memberRoom, total: view.members.length },
  };
}

function titleOf(view: GroupView, input: PanelInput): Line {
  const { words } = input.theme;
  const many = view.groups > 1 ? [span(` ${view.index + 1}/${view.groups}`, "faint")] : [];
  return [span("4 ", "faint"), span(`${words.group} ${view.name}`, "title"), ...many];
}

function extrasOf(view: GroupView, input: PanelInput): Line[] {
  const { words, glyphs } = input.theme;
  const isStable = view.state === "Stable";
  const coordinator: Line =
    view.coordinator === null
      ? [span(`${glyphs.cross} ${words.coordinator} ${words.none}`, "bad")]
      : [span(`${words.coordinator} ${view.coordinator}`, "label"), span(view.isLoading ? ` ${words.loading}` : "", "warn")];
  return [
    [
      span(
        `${isStable ? glyphs.up : glyphs.starting} ${view.state}`,
        isStable ? "good" : view.state === "Dead" || view.state === "Empty" ? "label" : "warn",
      ),
    ],
    [span(`${view.protocol === "consumer" ? words.epoch : words.generation} ${view.generation}`, "label")],
    coordinator,
    view.assignor === null ? [] : [span(view.assignor, "label")],
  ];
}

function memberColumns(input: PanelInput): Column<MemberRow>[] {
  const { words } = input.theme;
  return [
    { heading: "", width: 2, priority: 0, cell: (row) => [selectionMark(row.id === input.selectedId, input)] },
    { heading: words.member, width: 8, priority: 0, cell: (row) => [span(row.name, "strong"), span(row.isLeader ? " L" : "", "info")] },
    { heading: words.state, width: 12, priority: 0, cell: (row) => doingCell(row, input) },
    {
      heading: words.beat,
      width: 6,
      align: "right",
      priority: 3,
      cell: (row) => [
        span(row.heartbeat === null ? input.theme.glyphs.separator : duration(row.heartbeat.leftMs, Math.max(input.grainMs, 10)), "label"),
      ],
    },
    { heading: words.session, width: 12, priority: 1, cell: (row) => countdownCell(row.session, input) },
    { heading: words.poll, width: 11, priority: 2, cell: (row) => countdownCell(row.poll, input) },
    {
      heading: words.owns,
      width: 10,
      priority: 0,
      grows: true,
      cell: (row) => [span(row.partitions.join(" "), row.partitions.length === 0 ? "faint" : "accent")],
    },
    { heading: words.lag, width: 5, align: "right", priority: 0, cell: (row) => [span(count(row.lag), row.lag === 0 ? "faint" : "plain")] },
  ];
}

function doingCell(row: MemberRow, input: PanelInput): Line {
  const { words } = input.theme;
  if (row.health !== "up") {
    const style = healthStyle(row.health);
    return [span(`${healthGlyph(row.health, input.theme)} ${healthText(row.health, words)}`, style)];
  }
  const text = { ...words, down: words.down }[row.doing];
  const style: Style =
    row.doing === "joining" || row.doing === "syncing" || row.doing === "leaving" ? "warn" : row.doing === "processing" ? "info" : "label";
  return [span(`${input.theme.glyphs.up} `, style === "warn" ? "warn" : "good"), span(text, style)];
}

/** What is left of a time: it shrinks, and reddens when it is nearly over. */
function countdownCell(countdown: Countdown | null, input: PanelInput): Line {
  if (countdown === null) return [span(input.theme.glyphs.separator, "faint")];
  const fraction = countdown.leftMs / countdown.totalMs;
  const isLow = fraction < 0.5;
  const style: Style = fraction < 0.2 ? "fillBad" : isLow ? "fillWarn" : "fill";
  return [
    ...fill(fraction, 4, style, input.theme),
    span(` ${duration(countdown.leftMs, Math.max(input.grainMs, 10))}`, fraction < 0.2 ? "bad" : isLow ? "warn" : "label"),
  ];
}

/** The group's partitions under its members: where each one reads, what it has committed, what it has still before it. */
function partitionTable(view: GroupView, input: PanelInput, rows: number): Line[] {
  const { theme, width } = input;
  const longest = Math.max(1, ...view.partitions.map((row) => row.lag));
  const columns = placeColumns(groupPartitionColumns(input, longest), width);
  const shown = windowAround(view.partitions.length, rows - 1, 0);
  const lines = view.partitions.slice(shown.from, shown.to).map((row) => rowLine(columns, row, theme));
  return [headingLine(columns, theme), ...lines];
}

function groupPartitionColumns(input: PanelInput, longest: number): Column<GroupPartitionRow>[] {
  const { words, glyphs } = input.theme;
  const number = (value: number | null, style: Style = "plain"): Line =>
    value === null ? [span(glyphs.separator, "faint")] : [span(count(value), style)];
  return [
    { heading: "", width: 2, priority: 0, cell: () => [] },
    { heading: words.partitionColumn, width: 8, priority: 0, cell: (row) => [span(row.label, "strong")] },
    {
      heading: words.owner,
      width: 12,
      priority: 1,
      cell: (row) => [row.owner === null ? span(`${glyphs.cross} ${words.nobody}`, "warn") : span(row.owner, "accent")],
    },
    { heading: words.committed, width: 10, align: "right", priority: 0, cell: (row) => number(row.committed, "label") },
    { heading: words.position, width: 10, align: "right", priority: 0, cell: (row) => number(row.position) },
    { heading: words.end, width: 10, align: "right", priority: 2, cell: (row) => number(row.endOffset, "label") },
    {
      heading: "",
      width: 6,
      priority: 3,
      grows: true,
      cell: (row, width) => [
        span("  "),
        ...(row.lag === 0
          ? []
          : fill(
              row.lag / Math.max(longest, 20),
              Math.max(1, Math.min(20, width - 2)),
              row.lag > 1000 ? "fillWarn" : "fillSoft",
              input.theme,
            )),
      ],
    },
    { heading: words.lag, width: 6, align: "right", priority: 0, cell: (row) => number(row.lag, row.lag === 0 ? "faint" : "plain") },
  ];
}
