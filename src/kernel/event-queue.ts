import { comesBefore, type SimEvent } from "./event.ts";

/** A binary heap in one array, so that it can be copied with the moment that it belongs to. */
export type EventQueue = SimEvent[];

export function pushEvent(queue: EventQueue, event: SimEvent): void {
  let index = queue.length;
  queue.push(event);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = queue[parent]!;
    if (!comesBefore(event, above)) break;
    queue[index] = above;
    index = parent;
  }
  queue[index] = event;
}

export function popEvent(queue: EventQueue): SimEvent | undefined {
  const first = queue[0];
  const last = queue.pop();
  if (first === undefined || last === undefined || queue.length === 0) return first;
  let index = 0;
  const half = queue.length >> 1;
  while (index < half) {
    let child = 2 * index + 1;
    if (child + 1 < queue.length && comesBefore(queue[child + 1]!, queue[child]!)) child += 1;
    const below = queue[child]!;
    if (!comesBefore(below, last)) break;
    queue[index] = below;
    index = child;
  }
  queue[index] = last;
  return first;
}
