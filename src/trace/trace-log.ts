import type { TraceEvent } from "../kafka/protocol/trace-events.ts";

/**
 * Collects trace events: the newest `capacity` are kept for the event log, and each goes to `sink` (a file) as it comes.
 * It belongs to whoever watches a run, so it is no part of the world.
 */
export interface TraceLog {
  readonly capacity: number;
  readonly sink: ((event: TraceEvent) => void) | null;
  /** A ring; use eventsOf to read it. */
  readonly ring: TraceEvent[];
  /** How many events there have been. */
  count: number;
}

export function createTraceLog(capacity: number, sink: ((event: TraceEvent) => void) | null = null): TraceLog {
  return { capacity, sink, ring: [], count: 0 };
}

export function collect(log: TraceLog, event: TraceEvent): void {
  if (log.capacity > 0) {
    if (log.ring.length < log.capacity) log.ring.push(event);
    else log.ring[log.count % log.capacity] = event;
  }
  log.count += 1;
  log.sink?.(event);
}

/** The kept events, oldest first. */
export function eventsOf(log: TraceLog): TraceEvent[] {
  if (log.count <= log.ring.length) return log.ring.slice();
  const first = log.count % log.capacity;
  return [...log.ring.slice(first), ...log.ring.slice(0, first)];
}
