import { columnsOfLine, fit, type Line, span, spread } from "../cell-text.ts";
import { bytes, bytesOf, compactBytes, count, duration, fixedDuration, rate } from "../quantities.ts";
import type { Style } from "../theme.ts";
import type { BatchMark, ConnectionRow, DequeRow, ProducerView, SenderDoing } from "../view-model/producer-view.ts";
import { fill, gauge } from "../widgets/bar.ts";
import { healthGlyph, healthStyle, healthText, labelled, selectionMark, withGaps } from "../widgets/marks.ts";
import type { PanelContent } from "../widgets/panel-frame.ts";
import { windowAround } from "../widgets/table.ts";
import type { PanelInput } from "./panel-input.ts";

export function drawProducer(view: ProducerView | null, input: PanelInput): PanelContent {
  const { theme } = input;
  const { words } = theme;
  if (view === null) {
    return {
      title: [span("3 ", "faint"), span(words.producer, "title")],
      summary: [],
      lines: [[span(`  ${words.noProducers}`, "faint")]],
      selectedLine: null,
    };
  }
  const connections = view.connections.map((row) => connectionLine(row, input));
  if (connections.length === 0) connections.push([span(`  ${words.noConnections}`, "faint")]);
  const room = input.height - 3 - Math.min(connections.length, 4);
  const dequeRows = Math.max(1, room);
  const selected = view.deques.findIndex((row) => row.id === input.selectedId);
  const shown = windowAround(view.deques.length, dequeRows, Math.max(0, selected));
  const labelWidth = Math.max(5, ...view.deques.map((row) => columnsOfLine(dequeLabel(row, input))));
  const deques = view.deques.slice(shown.from, shown.to).map((row) => dequeLine(row, labelWidth, input));
  if (deques.length === 0) deques.push([span(`  ${words.noBatches}`, "faint")]);
  while (deques.length < Math.min(dequeRows, view.deques.length)) deques.push([]);
  return {
    title: titleOf(view, input),
    extras: extrasOf(view, input),
    summary: summaryOf(view, input),
    lines: [memoryLine(view, input), dequeHeading(labelWidth, input), ...deques, inFlightHeading(input), ...connections],
    selectedLine: selected < 0 ? null : selected - shown.from + 2,
    scroll: { from: shown.from, visible: dequeRows, total: view.deques.length },
  };
}

function titleOf(view: ProducerView, input: PanelInput): Line {
  const { words } = input.theme;
  const many = view.producers > 1 ? [span(` ${view.index + 1}/${view.producers}`, "faint")] : [];
  const health: Line =
    view.health === "up"
      ? []
      : [span(` ${healthGlyph(view.health, input.theme)} ${healthText(view.health, words)}`, healthStyle(view.health))];
  return [span("3 ", "faint"), span(`${words.producer} ${view.name}`, "title"), ...many, ...health];
}

function extrasOf(view: ProducerView, input: PanelInput): Line[] {
  const { words } = input.theme;
  return [
    [span(`acks=${view.acks}`, view.acks === "all" || view.acks === "-1" ? "label" : "warn")],
    [span(view.idempotent ? words.idempotent : words.notIdempotent, view.idempotent ? "label" : "warn")],
    [span(`${words.linger} ${fixedDuration(view.lingerMs)}`, "label")],
    [span(`${words.batch} ${bytes(view.batchSizeBytes)}`, "label")],
    [span(`${words.inFlightMax} ${view.maxInFlight}`, "label")],
  ];
}

function summaryOf(view: ProducerView, input: PanelInput): Line {
  return view.recordsPerSecond === null ? [] : [span(`${rate(view.recordsPerSecond)} ${input.theme.words.perSecond}`, "label")];
}

function memoryLine(view: ProducerView, input: PanelInput): Line {
  const { words, glyphs } = input.theme;
  const fraction = view.usedBytes / view.totalBytes;
  const style: Style = fraction > 0.9 ? "fillBad" : fraction > 0.6 ? "fillWarn" : "fill";
  const cells = input.width >= 64 ? 12 : 6;
  const blocked: Line =
    view.blockedSends > 0
      ? [
          span(`${glyphs.alert} ${count(view.blockedSends)} ${words.blocked}`, "bad"),
          span(view.blockedFor === null ? "" : ` (${view.blockedFor})`, "label"),
        ]
      : [];
  const left = withGaps([
    [
      span("  "),
      span(`${words.memory} `, "label"),
      ...gauge(fraction, cells, style, input.theme),
      span(` ${bytesOf(view.usedBytes, view.totalBytes, words.of)}`, "label"),
    ],
    blocked,
  ]);
  return spread(left, [span(`${words.sender} `, "label"), ...senderText(view.sender, input), span(" ")], input.width, glyphs.more);
}

function senderText(doing: SenderDoing, input: PanelInput): Line {
  const { words } = input.theme;
  switch (doing.kind) {
    case "idle":
      return [span(words.senderIdle, "faint")];
    case "answers":
      return [span(words.senderPolling, "info")];
    case "linger":
      return [span(`${words.senderLinger} ${duration(doing.leftMs, input.grainMs)}`, "plain")];
    case "backoff":
      return [span(`${words.senderBackingOff} ${duration(doing.leftMs, input.grainMs)}`, "warn")];
    case "metadata":
      return [span(words.senderMetadata, "warn")];
    case "producer id":
      return [span(words.senderProducerId, "warn")];
    case "full connection":
      return [span(`${doing.node}: ${words.senderBusyConnection}`, "warn")];
    case "said":
      return [span(doing.text, "plain")];
  }
}

function dequeLabel(row: DequeRow, input: PanelInput): Line {
  return [
    span(row.label, "strong"),
    span(` ${input.theme.glyphs.arrow} `, "faint"),
    span(row.leader ?? "?", row.leader === null ? "bad" : "accent"),
  ];
}

function dequeHeading(labelWidth: number, input: PanelInput): Line {
  const { words } = input.theme;
  return spread(
    [...fit([span(`  ${words.partitionColumn}`, "faint")], labelWidth + 3), span(words.batchesOldestFirst, "faint")],
    [span(words.delivery, "faint")],
    input.width,
  );
}

function inFlightHeading(input: PanelInput): Line {
  const { words } = input.theme;
  return spread([span(`  ${words.inFlight}`, "faint")], [span("request.timeout.ms", "faint")], input.width);
}

const budgetWidth = 6;

/** A partition's deque: the batch that goes first stands first. At the end of the line what is left of its delivery.timeout.ms. */
function dequeLine(row: DequeRow, labelWidth: number, input: PanelInput): Line {
  const { theme } = input;
  const head: Line = [selectionMark(row.id === input.selectedId, input), ...fit(dequeLabel(row, input), labelWidth), span(" ")];
  const first = row.batches[0];
  if (first === undefined) return [...head, span(`${theme.glyphs.separator}`, "faint")];
  const room = input.width - columnsOfLine(head) - budgetWidth - 4;
  const cellWidth = room >= 2 * batchCellWidth ? Math.floor(room / Math.min(4, Math.floor(room / batchCellWidth))) : room;
  const visible = Math.max(1, Math.floor(room / cellWidth));
  const batches = row.batches
    .slice(0, visible)
    .flatMap((batch) => fit(batchCell(batch, input, cellWidth), cellWidth, "left", theme.glyphs.more));
  const more = row.batches.length > visible ? `+${row.batches.length - visible}` : "";
  const budget = duration(first.deliveryLeftMs, Math.max(input.grainMs, 100));
  const isShort = first.deliveryLeftMs < 10_000;
  const right: Line = [
    span(more.padStart(4), "label"),
    span(budget.padStart(budgetWidth), isShort ? "bad" : first.attempts > 1 ? "warn" : "faint"),
  ];
  return spread([...head, ...batches], right, input.width, theme.glyphs.more);
}

const batchCellWidth = 26;

function batchCell(batch: BatchMark, input: PanelInput, width: number): Line {
  const cells = width >= 32 ? 6 : 4;
  const { style, text, textStyle } = phaseLooks(batch, input);
  return [
    ...gauge(batch.sizeBytes / batch.capacityBytes, cells, style, input.theme),
    span(`${compactBytes(batch.sizeBytes).padStart(5)} `, "label"),
    span(text, textStyle),
    span(" "),
  ];
}

function phaseLooks(batch: BatchMark, input: PanelInput): { style: Style; text: string; textStyle: Style } {
  const { words } = input.theme;
  const phase = batch.phase;
  switch (phase.kind) {
    case "filling":
      return { style: "fill", text: `${words.filling} ${duration(phase.leftMs, Math.min(input.grainMs, 10))}`, textStyle: "label" };
    case "ready":
      return { style: "fill", text: phase.reason === null ? words.ready : `${words.ready}: ${phase.reason}`, textStyle: "plain" };
    case "sending":
      return {
        style: batch.attempts > 1 ? "fillWarn" : "fillGood",
        text: `${words.sending}${batch.attempts > 1 ? ` #${batch.attempts}` : ""} ${duration(phase.ageMs, input.grainMs)}`,
        textStyle: batch.attempts > 1 ? "warn" : "good",
      };
    case "retry":
      return {
        style: "fillWarn",
        text: `${words.retry} ${batch.attempts} ${duration(phase.leftMs, Math.min(input.grainMs, 10))}`,
        textStyle: "warn",
      };
  }
}

/** One connection: a slot for each request that max.in.flight.requests.per.connection allows, then the oldest of them. */
function connectionLine(row: ConnectionRow, input: PanelInput): Line {
  const { theme } = input;
  const { glyphs, words } = theme;
  const head: Line = [span("  "), span(row.node.padStart(2), "accent"), span(" ")];
  const used = Math.min(row.slots, row.requests.length);
  const slots: Line = [
    span("[", "faint"),
    span(glyphs.slotUsed.repeat(used), "good"),
    span(glyphs.slotFree.repeat(Math.max(0, row.slots - used)), "faint"),
    span("]", "faint"),
  ];
  if (row.state !== "connected" && row.requests.length === 0) {
    const text = {
      connecting: words.connecting,
      disconnected: words.disconnected,
      "backing off": words.backingOff,
      checking: words.authorising,
      connected: "",
    }[row.state];
    const left = row.leftMs === null ? "" : ` ${duration(row.leftMs, Math.min(input.grainMs, 10))}`;
    return [
      ...head,
      ...slots,
      span(` ${glyphs.starting} ${text}${left}`, row.state === "connecting" || row.state === "checking" ? "warn" : "bad"),
    ];
  }
  const oldest = row.requests[0];
  if (oldest === undefined) return [...head, ...slots, span(` ${words.senderIdle}`, "faint")];
  const fraction = oldest.ageMs / oldest.timeoutMs;
  const style: Style = fraction > 0.66 ? "fillBad" : fraction > 0.2 ? "fillWarn" : "fill";
  const detail = withGaps([
    [span(` #${oldest.correlationId}`, "plain"), span(oldest.api === "Produce" ? "" : ` ${oldest.api}`, "info")],
    oldest.partitions.length === 0 ? [] : [span(`p ${oldest.partitions.join(",")}`, "label")],
    oldest.records === 0 ? [] : [span(`${count(oldest.records)} ${words.rec}`, "label")],
    oldest.baseSequence === null ? [] : labelled("seq", count(oldest.baseSequence), "label"),
    oldest.attempt > 1 ? [span(`${words.retry} ${oldest.attempt - 1}`, "warn")] : [],
  ]);
  const age: Line = [
    ...fill(fraction, 4, style, theme),
    span(` ${duration(oldest.ageMs, input.grainMs)} ${words.of} ${fixedDuration(oldest.timeoutMs)} `, fraction > 0.2 ? "warn" : "label"),
  ];
  return spread([...head, ...slots, ...detail], age, input.width, glyphs.more);
}
