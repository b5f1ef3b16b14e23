import type { TraceEvent } from "../../kafka/protocol/trace-events.ts";
import { isRoutine } from "../../trace/routine.ts";

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

/** Rows of the log, the newest last. A filter looks at type, node and sentence; several words must all be found. */
export function eventRows(
  events: readonly TraceEvent[],
  withRoutine: boolean,
  filter: string,
  teller: EventTeller,
  atMost: number,
): EventRow[] {
  const wanted = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const rows: EventRow[] = [];
  for (let index = events.length - 1; index >= 0 && rows.length < atMost; index--) {
    const event = events[index]!;
    if (!withRoutine && isRoutine(event)) continue;
    const row: EventRow = { seq: event.seq, at: event.at, node: event.node, type: event.type, ...teller(event) };
    const searched = `${row.type} ${row.node} ${row.text}`.toLowerCase();
    if (wanted.every((word) => searched.includes(word))) rows.push(row);
  }
  return rows.reverse();
}
