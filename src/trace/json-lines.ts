import { type TraceEvent, type TraceType, traceEvents } from "../kafka/protocol/trace-events.ts";

/** The trace as JSON Lines: at, seq, cause, node, type, then the type's fields in the order of the table. So equal runs are equal byte for byte. */

const fieldNames = Object.fromEntries(Object.entries(traceEvents).map(([type, { fields }]) => [type, Object.keys(fields)])) as Record<
  TraceType,
  string[]
>;

/** One line, without its end. */
export function jsonLineOf(event: TraceEvent): string {
  let line = `{"at":${event.at},"seq":${event.seq},"cause":${event.cause},"node":${JSON.stringify(event.node)},"type":"${event.type}"`;
  const fields = event.fields as Record<string, unknown>;
  for (const name of fieldNames[event.type]) line += `,"${name}":${JSON.stringify(fields[name] ?? null)}`;
  return `${line}}`;
}

export function parseJsonLine(line: string): TraceEvent {
  const { at, seq, cause, node, type, ...fields } = JSON.parse(line) as TraceEvent & Record<string, unknown>;
  return { at, seq, cause, node, type, fields } as unknown as TraceEvent;
}
