import type { TraceEvent, TraceType } from "../../kafka/protocol/trace-events.ts";

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
  return routine.has(event.type);
}

const noticeable = 500;

/**
 * The events that are not routine, kept longer than the frame's ring keeps all of them.
 * Fed with each frame; what a frame has lost between two of them is lost here, too.
 */
export interface EventMemory {
  kept: TraceEvent[];
  lastSeq: number;
}

export function createEventMemory(): EventMemory {
  return { kept: [], lastSeq: -1 };
}

export function remember(memory: EventMemory, events: readonly TraceEvent[]): void {
  let first = events.length;
  while (first > 0 && events[first - 1]!.seq > memory.lastSeq) first -= 1;
  for (let index = first; index < events.length; index++) if (!isRoutine(events[index]!)) memory.kept.push(events[index]!);
  if (memory.kept.length > noticeable * 2) memory.kept = memory.kept.slice(-noticeable);
  memory.lastSeq = events[events.length - 1]?.seq ?? memory.lastSeq;
}

/** Rows of the log, the newest last. A filter looks at type, node and sentence; several words must all be found. */
export function eventRows(events: readonly TraceEvent[], filter: string, teller: EventTeller, atMost: number): EventRow[] {
  const wanted = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const rows: EventRow[] = [];
  for (let index = events.length - 1; index >= 0 && rows.length < atMost; index--) {
    const event = events[index]!;
    const { text, severity } = teller(event);
    if (wanted.length > 0) {
      const searched = `${event.type} ${event.node} ${text}`.toLowerCase();
      if (!wanted.every((word) => searched.includes(word))) continue;
    }
    rows.push({ seq: event.seq, at: event.at, node: event.node, type: event.type, text, severity });
  }
  return rows.reverse();
}
