import { type Line, span } from "../cell-text.ts";
import { count, shortCount } from "../quantities.ts";
import type { Style } from "../theme.ts";
import type { PartitionRow, PartitionsView, ReplicaMark, TopicSummary } from "../view-model/partition-rows.ts";
import { logBar } from "../widgets/bar.ts";
import { selectionMark } from "../widgets/marks.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import { type Column, headingLine, placeColumns, rowLine, windowAround } from "../widgets/table.ts";
import type { PanelInput } from "./panel-input.ts";

export function drawPartitions(view: PartitionsView, input: PanelInput): PanelContent {
  const { theme, width, height } = input;
  const selected = Math.max(
    0,
    view.rows.findIndex((row) => row.id === input.selectedId),
  );
  const topic = view.topics.find((candidate) => candidate.name === view.rows[selected]?.topic) ?? view.topics[0];
  const columns = placeColumns(partitionColumns(view, input), width);
  const rows = Math.max(1, height - 1);
  const shown = windowAround(view.rows.length, rows, selected);
  const lines = view.rows.slice(shown.from, shown.to).map((row) => rowLine(columns, row, theme));
  if (view.rows.length === 0) lines.push([span(`  ${theme.words.noTopics}`, "faint")]);
  return {
    title: titleOf(topic, view, input),
    extras: extrasOf(topic),
    summary: summaryOf(view, shown, input),
    lines: [headingLine(columns, theme), ...lines],
    selectedLine: view.rows.length === 0 ? null : selected - shown.from + 1,
    scroll: { from: shown.from, visible: rows, total: view.rows.length },
  };
}

function titleOf(topic: TopicSummary | undefined, view: PartitionsView, input: PanelInput): Line {
  const { words } = input.theme;
  if (topic === undefined) return [span("2 ", "faint"), span(words.partitions, "title")];
  const many = view.topics.length > 1 ? [span(` ${view.topics.indexOf(topic) + 1}/${view.topics.length}`, "faint")] : [];
  return [span("2 ", "faint"), span(topic.name, "title"), ...many];
}

function extrasOf(topic: TopicSummary | undefined): Line[] {
  if (topic === undefined) return [];
  return [[span(`RF ${topic.replicationFactor}`, "label")], [span(`min.insync.replicas ${topic.minInsyncReplicas}`, "label")]];
}

function summaryOf(view: PartitionsView, shown: { from: number; to: number }, input: PanelInput): Line {
  const { words } = input.theme;
  const sum = (pick: (topic: TopicSummary) => number): number => view.topics.reduce((total, topic) => total + pick(topic), 0);
  const offline = sum((topic) => topic.offline);
  const underMinIsr = sum((topic) => topic.underMinIsr);
  const underReplicated = sum((topic) => topic.underReplicated);
  const total = view.rows.length;
  const place: Line = shown.to - shown.from < total ? [span(`${shown.from + 1}-${shown.to} ${words.of} ${count(total)}  `, "label")] : [];
  if (offline > 0) return [...place, span(`${offline} ${words.offline}`, "bad")];
  if (underMinIsr > 0) return [...place, span(`${underMinIsr} ${words.underMinIsr}`, "bad")];
  if (underReplicated > 0) return [...place, span(`${underReplicated} ${words.underReplicated}`, "warn")];
  return [...place, span(words.allInSync, "label")];
}

const cellsOfNumber = 7;

function partitionColumns(view: PartitionsView, input: PanelInput): Column<PartitionRow>[] {
  const { theme } = input;
  const { words } = theme;
  const severalTopics = view.topics.length > 1;
  const byBroker = view.brokerColumns.length > 0;
  const replicas = byBroker ? view.brokerColumns.length : Math.max(1, ...view.rows.slice(0, 1).map((row) => row.replicas.length));
  const named = severalTopics ? Math.min(24, Math.max(...view.topics.map((topic) => topic.name.length + 4))) : 3;
  const isrWidth = Math.max(3, Math.min(11, replicas * 2 - 1));
  const markWidth = byBroker ? 1 : 4;
  const room = Math.floor((input.width - (2 + named + 6 + isrWidth + 3)) / replicas) - 1;
  const barCells = Math.max(3, Math.min(16, room - markWidth - cellsOfNumber));
  const columns: Column<PartitionRow>[] = [
    { heading: "", width: 2, priority: 0, cell: (row) => [selectionMark(row.id === input.selectedId, input)] },
    {
      heading: severalTopics ? words.partitions.toLowerCase() : words.partitionColumn,
      width: named,
      priority: 0,
      cell: (row) => [span(severalTopics ? row.id : String(row.partition), "strong")],
    },
    { heading: words.leader, width: 6, priority: 0, cell: (row) => leaderCell(row, input) },
    { heading: words.isr, width: isrWidth, priority: 0, cell: (row) => [span(row.isr.join(","), isrStyle(row))] },
  ];
  for (let slot = 0; slot < replicas; slot++) {
    columns.push({
      heading: ` ${view.brokerColumns[slot] ?? ""}`,
      width: markWidth + barCells + cellsOfNumber,
      priority: slot,
      cell: (row) => replicaCell(replicaIn(row, slot, view), row, view, barCells, input, !byBroker),
    });
  }
  return columns;
}

function replicaIn(row: PartitionRow, slot: number, view: PartitionsView): ReplicaMark | undefined {
  const broker = view.brokerColumns[slot];
  return view.brokerColumns.length === 0 ? row.replicas[slot] : row.replicas.find((replica) => replica.broker === broker);
}

/** Leader and epoch, as one reads them in Kafka's logs: 3·5. */
function leaderCell(row: PartitionRow, input: PanelInput): Line {
  const { glyphs, words } = input.theme;
  if (row.leader === null) return [span(`${glyphs.cross}${words.noLeader}`, "bad")];
  return [span(row.leader, "accent"), span(`${glyphs.separator}${row.leaderEpoch}`, "label")];
}

function isrStyle(row: PartitionRow): Style {
  if (row.isUnderMinIsr) return "bad";
  return row.isUnderReplicated ? "warn" : "plain";
}

function replicaCell(
  replica: ReplicaMark | undefined,
  row: PartitionRow,
  view: PartitionsView,
  cells: number,
  input: PanelInput,
  isNamed: boolean,
): Line {
  const { theme } = input;
  if (replica === undefined) return [];
  const longest = Math.max(row.logEndOffset, ...row.replicas.map((other) => other.logEndOffset));
  const end = Math.max(longest, view.barSpan);
  const { mark, style, pending, number, numberStyle } = looksOf(replica, theme.glyphs.cross);
  const bar = logBar(
    { start: end - view.barSpan, end, highWatermark: replica.highWatermark, logEndOffset: replica.logEndOffset },
    cells,
    style,
    pending,
    replica.role === "leader",
    theme,
  );
  const name: Line = isNamed ? [span(replica.broker.padStart(2), replica.role === "leader" ? "accent" : "label"), span(" ")] : [];
  return [...name, span(mark, style), ...bar, span(number.padStart(cellsOfNumber), numberStyle)];
}

function looksOf(replica: ReplicaMark, cross: string): { mark: string; style: Style; pending: Style; number: string; numberStyle: Style } {
  const behind = replica.lag > 0 ? `-${shortCount(replica.lag)}` : "";
  switch (replica.role) {
    case "leader":
      return { mark: "L", style: "fillGood", pending: "fillWarn", number: count(replica.logEndOffset), numberStyle: "plain" };
    case "in sync":
      return { mark: " ", style: "fill", pending: "fillWarn", number: behind, numberStyle: "label" };
    case "out":
      return { mark: cross, style: "fillWarn", pending: "fillWarn", number: behind, numberStyle: "warn" };
    case "down":
      return { mark: cross, style: "fillBad", pending: "fillBad", number: behind, numberStyle: "bad" };
  }
}
