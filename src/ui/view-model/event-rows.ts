import type { TraceEvent, TraceType } from "../../kafka/protocol/trace-events.ts";
import type { Alert } from "../session.ts";
import { isInternalTopic } from "./internal-topics.ts";

export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly node: string;
  readonly type: string;
  readonly text: string;
  readonly severity: "faint" | "plain" | "good" | "info" | "warn" | "bad";
}

/** Says an event in a sentence. */
export type EventTeller = (event: TraceEvent) => { readonly text: string; readonly severity: EventRow["severity"] };

/** What happens so often that it would bury the rest; shown when asked for. */
const routine: ReadonlySet<TraceType> = new Set([
  "request-sent",
  "response-received",
  "batch-created",
  "batch-closed",
  "batch-drained",
  "batch-completed",
  "produce-appended",
  "produce-waiting",
  "replica-appended",
  "high-watermark",
  "records-returned",
  "offsets-committed",
  "metadata-updated",
  "send-unblocked",
]);

export function isRoutine(event: TraceEvent): boolean {
  if (routine.has(event.type)) return true;
  const { topicPartition } = event.fields as { topicPartition?: string };
  if (topicPartition !== undefined && isInternalTopic(topicPartition)) return true;
  // Trying again and again to reach a broker that is down.
  return event.type === "disconnected" && (event.fields as TraceEvent<"disconnected">["fields"]).reason === "refused";
}

const noticeable = 500;
const mostCauses = 5000;

/**
 * The events that are not routine, kept longer than the frame's ring keeps all of them.
 * Fed with each frame; of what a fast run pushes out of the ring between two frames the alerts are left.
 */
export interface EventMemory {
  kept: TraceEvent[];
  /** What led to the kept ones, routine or not, by seq: a chain of causes outlives the ring. */
  readonly causes: Map<number, TraceEvent>;
  alerts: Alert[];
  lastSeq: number;
}

export function createEventMemory(): EventMemory {
  return { kept: [], causes: new Map(), alerts: [], lastSeq: -1 };
}

export function remember(memory: EventMemory, events: readonly TraceEvent[], alerts: readonly Alert[]): void {
  const newest = memory.alerts[memory.alerts.length - 1]?.seq ?? -1;
  for (const alert of alerts) if (alert.seq > newest) memory.alerts.push(alert);
  if (memory.alerts.length > noticeable * 2) memory.alerts = memory.alerts.slice(-noticeable);
  let first = events.length;
  while (first > 0 && events[first - 1]!.seq > memory.lastSeq) first -= 1;
  for (let index = first; index < events.length; index++) {
    if (isRoutine(events[index]!)) continue;
    memory.kept.push(events[index]!);
    keepCauses(memory.causes, events, events[index]!);
  }
  if (memory.kept.length > noticeable * 2) memory.kept = memory.kept.slice(-noticeable);
  memory.lastSeq = events[events.length - 1]?.seq ?? memory.lastSeq;
}

/** Seqs run on without gaps in the ring, so that a cause is found by its distance from the first. */
function keepCauses(causes: Map<number, TraceEvent>, events: readonly TraceEvent[], event: TraceEvent): void {
  const firstSeq = events[0]!.seq;
  for (let seq = event.cause; seq >= 0 && !causes.has(seq); ) {
    const cause = events[seq - firstSeq];
    if (cause === undefined) break;
    causes.set(seq, cause);
    seq = cause.cause;
  }
  for (const seq of causes.keys()) {
    if (causes.size <= mostCauses) break;
    causes.delete(seq);
  }
}

/** Rows of the log, the newest last. A filter looks at type, node and sentence; several words must all be found. */
export function eventRows(
  events: readonly TraceEvent[],
  alerts: readonly Alert[],
  filter: string,
  teller: EventTeller,
  atMost: number,
): EventRow[] {
  const wanted = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const rows: EventRow[] = [];
  const take = (row: EventRow): void => {
    const searched = `${row.type} ${row.node} ${row.text}`.toLowerCase();
    if (wanted.every((word) => searched.includes(word))) rows.push(row);
  };
  let alertIndex = alerts.length - 1;
  for (let index = events.length - 1; index >= 0 && rows.length < atMost; index--) {
    const event = events[index]!;
    for (; alertIndex >= 0 && alerts[alertIndex]!.seq >= event.seq; alertIndex--) {
      if (alerts[alertIndex]!.seq > event.seq) take(rowOfAlert(alerts[alertIndex]!));
    }
    take({ seq: event.seq, at: event.at, node: event.node, type: event.type, ...teller(event) });
  }
  for (; alertIndex >= 0 && rows.length < atMost; alertIndex--) take(rowOfAlert(alerts[alertIndex]!));
  return rows.reverse();
}

function rowOfAlert({ seq, at, severity, text }: Alert): EventRow {
  return { seq, at, node: "", type: "", text, severity };
}
