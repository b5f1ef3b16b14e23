import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import { eventOf } from "../trace/causes.ts";
import { isRoutine } from "../trace/routine.ts";

/** So many are kept for certain; twice as many before the oldest go. */
const KEPT_FOR_CERTAIN = 2000;

/**
 * The newest events that are not routine, and whatever led to them, routine or not, in order of seq: an event's chain of causes can be
 * followed to its root long after the ring of all events has moved on.
 */
export interface NotableEvents {
  /** Copied before it is changed once a frame has it: see `notableNow`. */
  events: TraceEvent[];
  isGivenOut: boolean;
}

export function createNotableEvents(): NotableEvents {
  return { events: [], isGivenOut: false };
}

/** `recent`: the newest events of all kinds; the causes are looked for there. */
export function noteEvent(notable: NotableEvents, event: TraceEvent, recent: readonly TraceEvent[]): void {
  if (isRoutine(event)) return;
  if (notable.isGivenOut) notable.events = notable.events.slice();
  notable.isGivenOut = false;
  const { events } = notable;
  events.push(event);
  let seq = event.cause;
  while (seq >= 0 && eventOf(events, seq) === null) {
    const cause = eventOf(recent, seq);
    if (cause === null) break;
    insert(events, cause);
    seq = cause.cause < seq ? cause.cause : -1;
  }
  if (events.length > 2 * KEPT_FOR_CERTAIN) notable.events = newestWithCauses(events);
}

/** For a frame. */
export function notableNow(notable: NotableEvents): readonly TraceEvent[] {
  notable.isGivenOut = true;
  return notable.events;
}

/** Causes are nearly always among the newest, so the place is looked for from the end. */
function insert(events: TraceEvent[], event: TraceEvent): void {
  let at = events.length;
  while (at > 0 && events[at - 1]!.seq > event.seq) at -= 1;
  events.splice(at, 0, event);
}

function newestWithCauses(events: readonly TraceEvent[]): TraceEvent[] {
  const newest = events.slice(-KEPT_FOR_CERTAIN);
  const older: TraceEvent[] = [];
  const seen = new Set<number>();
  for (const event of newest) {
    let cause = event.cause;
    while (cause >= 0 && !seen.has(cause)) {
      seen.add(cause);
      const found = eventOf(events, cause);
      if (found === null) break;
      if (found.seq < newest[0]!.seq) older.push(found);
      cause = found.cause;
    }
  }
  return [...older.sort((a, b) => a.seq - b.seq).slice(-KEPT_FOR_CERTAIN / 2), ...newest];
}
