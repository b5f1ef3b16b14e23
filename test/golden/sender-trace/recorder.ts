import { type ErrorName, errorDefinition, isErrorName, messageOf } from "../../../src/kafka/protocol/errors.ts";
import type { Fields } from "./input.ts";

interface Done {
  id: number;
  partition: string;
  offset: number;
  error: string | null;
  message: string | null;
}

/** What the recordings show: events in order, and each record's end. Results that come out at one point are grouped as howToRead says. */
export class Recorder {
  readonly events: Fields[] = [];
  readonly records = new Map<number, Fields>();
  private done: Done[] = [];
  private doneAt = 0;
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  log(type: string, fields: Fields): Fields {
    this.flush();
    const event: Fields = { at: this.now(), type, ...fields };
    this.events.push(event);
    return event;
  }

  completed(partition: string, ids: number[], baseOffset: number): void {
    ids.forEach((id, index) => {
      this.end({ id, partition, offset: baseOffset < 0 ? -1 : baseOffset + index, error: null, message: null });
    });
  }

  failed(partition: string, ids: number[], error: string, message: string): void {
    const standard = isErrorName(error) && errorDefinition(error).code !== null ? messageOf(error as ErrorName) : null;
    for (const id of ids) this.end({ id, partition, offset: -1, error, message: message === standard || message === "" ? null : message });
  }

  private end(done: Done): void {
    const { id, offset, error, message } = done;
    if (this.records.has(id)) throw new Error(`record ${id} ended twice`);
    this.records.set(
      id,
      error === null
        ? { id, at: this.now(), offset }
        : message === null
          ? { id, at: this.now(), error }
          : { id, at: this.now(), error, message },
    );
    if (this.done.length > 0 && this.doneAt !== this.now()) this.flush();
    this.doneAt = this.now();
    this.done.push(done);
  }

  flush(): void {
    const all = this.done;
    this.done = [];
    const partitions = [...new Set(all.map((done) => done.partition))].sort();
    for (const partition of partitions) {
      const part = all.filter((done) => done.partition === partition);
      if (part.every((done) => done.error !== null)) part.sort((a, b) => a.id - b.id);
      let from = 0;
      for (let to = 1; to <= part.length; to++) {
        if (to < part.length && this.belongTogether(part[from]!, part[to]!, to - from)) continue;
        const { offset, error } = part[from]!;
        const ids = part.slice(from, to).map((done) => done.id);
        this.events.push({ at: this.doneAt, type: "completed", partition, ids, ...(error === null ? { offset } : { error }) });
        from = to;
      }
    }
  }

  private belongTogether(first: Done, other: Done, distance: number): boolean {
    if (other.error !== first.error || other.message !== first.message) return false;
    if (first.error !== null) return true;
    return first.offset < 0 ? other.offset < 0 : other.offset === first.offset + distance;
  }
}
