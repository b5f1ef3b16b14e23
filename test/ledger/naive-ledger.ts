import type { IdRuns } from "../../src/kafka/protocol/record-listener.ts";

/** The same definitions as src/ledger, record by record, from scratch at every question. */
interface Copy {
  offset: number;
  id: number;
  producer: string;
}

interface Partition {
  reference: number;
  leader: number;
  clean: number[];
  known: boolean;
  hw: number;
  logStart: number;
  logs: Map<number, Copy[]>;
  starts: Map<number, number>;
  groups: Map<string, { position: number; from: number; to: number }>;
  /** What retention took from the reference's log. */
  history: Copy[];
}

interface NaiveRecord {
  id: number;
  producer: string;
  told: "pending" | "acknowledged" | "failed";
  partition: string | null;
  unconfirmed: boolean;
  /** How often each group has processed it. */
  times: Map<string, number>;
}

export class NaiveLedger {
  readonly records = new Map<string, NaiveRecord>();
  readonly partitions = new Map<string, Partition>();

  partition(name: string): Partition {
    let found = this.partitions.get(name);
    if (found === undefined) {
      found = {
        reference: -1,
        leader: -1,
        clean: [],
        known: false,
        hw: 0,
        logStart: 0,
        logs: new Map(),
        starts: new Map(),
        groups: new Map(),
        history: [],
      };
      this.partitions.set(name, found);
    }
    return found;
  }

  record(producer: string, id: number): NaiveRecord {
    return this.records.get(`${producer}/${id}`)!;
  }

  sent(producer: string, firstId: number, count: number): void {
    for (let id = firstId; id < firstId + count; id++)
      this.records.set(`${producer}/${id}`, { id, producer, told: "pending", partition: null, unconfirmed: false, times: new Map() });
  }

  accepted(producer: string, name: string, ids: IdRuns): void {
    for (const id of each(ids)) this.record(producer, id).partition = name;
  }

  appended(broker: number, name: string, producer: string, base: number, ids: IdRuns): void {
    const p = this.partition(name);
    if (p.reference === -1) {
      p.reference = broker;
      if (!p.known) p.clean = [broker];
    }
    const log = logOf(p, broker);
    let offset = base;
    const list = each(ids);
    if (broker === p.reference)
      for (const record of this.records.values())
        if (record.partition === name && record.producer === producer && record.unconfirmed && record.id < list[0]!)
          record.unconfirmed = false;
    for (const id of list) {
      this.record(producer, id).unconfirmed = false;
      if (!p.history.some((copy) => copy.offset === offset && copy.id === id && copy.producer === producer))
        log.push({ offset, id, producer });
      offset += 1;
    }
  }

  truncated(broker: number, name: string, offset: number): void {
    const p = this.partition(name);
    p.logs.set(
      broker,
      logOf(p, broker).filter((copy) => copy.offset < offset),
    );
  }

  logLost(broker: number, name: string): void {
    const p = this.partition(name);
    if (broker === p.reference) {
      let best = -1;
      let bestEnd = 0;
      for (const [other] of [...p.logs].sort(([a], [b]) => a - b)) {
        const end = commonEnd(logOf(p, broker), logOf(p, other));
        if (other !== broker && end > bestEnd) {
          best = other;
          bestEnd = end;
        }
      }
      if (best >= 0) this.refer(p, best);
    }
    p.logs.set(broker, []);
    p.starts.set(broker, 0);
  }

  refer(p: Partition, broker: number): void {
    if (broker === p.reference) return;
    p.reference = broker;
    p.hw = Math.min(p.hw, end(logOf(p, broker)));
    this.delete(p, p.starts.get(broker) ?? 0);
  }

  leadership(name: string, leader: number, clean: number[]): void {
    const p = this.partition(name);
    if (leader !== p.leader && p.known)
      for (const record of this.records.values()) if (record.partition === name) record.unconfirmed = false;
    p.known = true;
    p.leader = leader;
    p.clean = clean.slice();
    if (leader !== -1) this.refer(p, leader);
  }

  highWatermark(broker: number, name: string, offset: number): void {
    const p = this.partition(name);
    if (broker === p.reference) p.hw = offset;
  }

  deletedBefore(broker: number, name: string, offset: number): void {
    const p = this.partition(name);
    p.starts.set(broker, Math.max(offset, p.starts.get(broker) ?? 0));
    if (broker === p.reference) this.delete(p, offset);
  }

  delete(p: Partition, offset: number): void {
    if (offset <= p.logStart) return;
    p.logStart = offset;
    const taken = logOf(p, p.reference).filter((copy) => copy.offset < offset);
    p.history.push(...taken);
    for (const [broker, log] of p.logs)
      p.logs.set(
        broker,
        log.filter(
          (copy) => !taken.some((other) => other.offset === copy.offset && other.id === copy.id && other.producer === copy.producer),
        ),
      );
  }

  acknowledged(producer: string, ids: IdRuns, base: number): void {
    for (const id of each(ids)) {
      const record = this.record(producer, id);
      if (record.told !== "pending") continue;
      record.told = "acknowledged";
      record.unconfirmed = base < 0 && this.copies(record).all === 0;
    }
  }

  failed(producer: string, name: string | null, ids: IdRuns): void {
    for (const id of each(ids)) {
      const record = this.record(producer, id);
      if (record.told !== "pending") continue;
      record.told = "failed";
      if (name === null) record.partition = null;
    }
  }

  group(name: string, group: string): { position: number; from: number; to: number } {
    const p = this.partition(name);
    let found = p.groups.get(group);
    if (found === undefined) {
      found = { position: 0, from: 0, to: 0 };
      p.groups.set(group, found);
    }
    return found;
  }

  returned(group: string, name: string, from: number, to: number): void {
    const g = this.group(name, group);
    g.position = from;
    g.from = from;
    g.to = to;
  }

  processed(group: string, name: string, from: number, to: number): void {
    const g = this.group(name, group);
    const p = this.partition(name);
    if (p.reference !== -1)
      for (const copy of wholeLog(p)) {
        if (copy.offset < from || copy.offset >= to) continue;
        const { times } = this.record(copy.producer, copy.id);
        times.set(group, (times.get(group) ?? 0) + 1);
      }
    if (from <= g.from && to > g.from) g.from = Math.min(to, g.to);
  }

  copies(record: NaiveRecord): { main: number[]; all: number; clean: boolean } {
    const result = { main: [] as number[], all: 0, clean: false };
    if (record.partition === null) return result;
    const p = this.partition(record.partition);
    for (const copy of p.history) {
      if (copy.id !== record.id || copy.producer !== record.producer) continue;
      result.all += 1;
      result.main.push(copy.offset);
    }
    for (const [broker, log] of p.logs) {
      for (const copy of log) {
        if (copy.id !== record.id || copy.producer !== record.producer) continue;
        result.all += 1;
        if (broker === p.reference) result.main.push(copy.offset);
        if (p.clean.includes(broker)) result.clean = true;
      }
    }
    return result;
  }

  /** Everything that is true of a record. */
  fate(record: NaiveRecord): {
    log: string;
    unconfirmed: boolean;
    lost: boolean;
    duplicated: boolean;
    reordered: boolean;
    failedYetReadable: boolean;
    groups: Record<string, string>;
  } {
    const { main, clean } = this.copies(record);
    const p = record.partition === null ? null : this.partition(record.partition);
    const live = p === null ? [] : main.filter((offset) => offset >= p.logStart);
    const gone = main.length > live.length;
    const readable = p === null ? [] : live.filter((offset) => offset < p.hw);
    const first = Math.min(...main);
    const reordered =
      main.length > 0 && wholeLog(p!).some((copy) => copy.offset < first && copy.producer === record.producer && copy.id > record.id);
    const groups: Record<string, string> = {};
    for (const [name, g] of p?.groups ?? []) {
      const times = record.times.get(name) ?? 0;
      const ahead = main.some(
        (offset) =>
          (offset >= p!.logStart ? offset < p!.hw && offset >= g.position : offset >= g.from && offset < g.to) ||
          (offset >= p!.logStart && offset < p!.hw && offset >= g.from && offset < g.to),
      );
      if (times > 1) groups[name] = "more than once";
      else if (times === 1) groups[name] = "once";
      else if (ahead) groups[name] = "not yet";
      else if (readable.length > 0 || gone) groups[name] = "skipped";
    }
    return {
      log: readable.length > 0 ? "readable" : live.length > 0 ? "not readable" : gone ? "gone" : "absent",
      unconfirmed: record.unconfirmed,
      lost: record.told === "acknowledged" && !clean && !gone && !record.unconfirmed,
      duplicated: main.length > 1,
      reordered,
      failedYetReadable: record.told === "failed" && (readable.length > 0 || gone),
      groups,
    };
  }
}

export function logOf(p: Partition, broker: number): Copy[] {
  let log = p.logs.get(broker);
  if (log === undefined) {
    log = [];
    p.logs.set(broker, log);
  }
  return log;
}

/** The partition's log with what retention took of it. */
function wholeLog(p: Partition): Copy[] {
  return [...p.history, ...logOf(p, p.reference)];
}

export function end(log: Copy[]): number {
  return log.length === 0 ? 0 : log[log.length - 1]!.offset + 1;
}

function commonEnd(a: Copy[], b: Copy[]): number {
  let common = 0;
  for (const copy of b) {
    if (!a.some((other) => other.offset === copy.offset && other.id === copy.id && other.producer === copy.producer)) break;
    common = copy.offset + 1;
  }
  return common;
}

export function each(ids: IdRuns): number[] {
  const list: number[] = [];
  for (let i = 0; i < ids.length; i += 2) for (let k = 0; k < ids[i + 1]!; k++) list.push(ids[i]! + k);
  return list;
}
