import type { SimEvent } from "./event.ts";
import { type EventQueue, popEvent, pushEvent } from "./event-queue.ts";
import { cloneRandomStreams, createRandomStreams, type RandomStreams } from "./random-streams.ts";

/** Virtual time, what is still to happen, and chance. Nothing here knows what is simulated. */
export interface Kernel {
  /** Virtual milliseconds. */
  now: number;
  seq: number;
  /** The number of the next trace event; stands still in untraced runs. */
  traceSeq: number;
  eventsHandled: number;
  readonly queue: EventQueue;
  readonly random: RandomStreams;
}

export function createKernel(seed: number): Kernel {
  return { now: 0, seq: 0, traceSeq: 0, eventsHandled: 0, queue: [], random: createRandomStreams(seed) };
}

/** Takes the next event due at or before `untilMs` and moves time to it. */
export function takeNext(kernel: Kernel, untilMs: number): SimEvent | undefined {
  const first = kernel.queue[0];
  if (first === undefined || first.at > untilMs) return undefined;
  popEvent(kernel.queue);
  kernel.now = first.at;
  kernel.eventsHandled += 1;
  return first;
}

export function addEvent(kernel: Kernel, event: SimEvent): void {
  if (event.at < kernel.now)
    throw new Error(`event ${event.type} of ${event.node} at ${event.at} ms is in the past (now ${kernel.now} ms)`);
  pushEvent(kernel.queue, event);
}

/** Payloads are never changed once scheduled, so copies of a kernel may share them until one takes its event. */
export function cloneKernel(kernel: Kernel): Kernel {
  return {
    now: kernel.now,
    seq: kernel.seq,
    traceSeq: kernel.traceSeq,
    eventsHandled: kernel.eventsHandled,
    queue: kernel.queue.map((event) => ({ ...event, payload: copyPlain(event.payload) })),
    random: cloneRandomStreams(kernel.random),
  };
}

/** A deep copy of plain data; reads through drafts, so the copy never holds one. */
export function copyPlain<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyPlain) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = copyPlain((value as Record<string, unknown>)[key]);
  return copy as T;
}
