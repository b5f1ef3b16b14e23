import type { IdRuns, RecordListener } from "../../src/kafka/protocol/record-listener.ts";
import { each, type NaiveLedger } from "./naive-ledger.ts";

interface Batch {
  producer: string;
  partition: string;
  ids: IdRuns;
}

interface Placed {
  base: number;
  batch: Batch;
}

interface Replica {
  log: Placed[];
  /** Led before and has not learnt better. */
  zombie: boolean;
}

const BROKERS = [1, 2, 3];

/** Turns numbers into a history that a cluster could have: logs are equal up to where they diverge, followers truncate before they follow. */
export class History {
  listener: RecordListener;
  readonly naive: NaiveLedger;
  readonly batches: Batch[] = [];
  readonly next: Record<string, number> = { p1: 0, p2: 0 };
  readonly replicas: Record<string, Record<number, Replica>> = {};
  readonly leaders: Record<string, number> = {};
  readonly starts: Record<string, number> = {};
  readonly hw: Record<string, number> = {};

  constructor(listener: RecordListener, naive: NaiveLedger) {
    this.listener = listener;
    this.naive = naive;
    for (const partition of ["orders-0", "orders-1"]) {
      this.replicas[partition] = {};
      for (const broker of BROKERS) this.replicas[partition][broker] = { log: [], zombie: false };
      this.starts[partition] = 0;
      this.hw[partition] = 0;
      this.leaders[partition] = -1;
      this.lead(partition, 1, [1, 2, 3]);
      for (const group of ["g", "h"]) {
        listener.committed(group, partition, 0);
        naive.group(partition, group);
      }
    }
  }

  take([op, a, b, c]: [number, number, number, number]): void {
    const partition = a % 5 === 0 ? "orders-1" : "orders-0";
    if (op < 14) this.send(partition, b, c);
    else if (op < 30) this.append(partition, b, c);
    else if (op < 50) this.follow(partition, BROKERS[b % 3]!);
    else if (op < 58) this.tell(b, c);
    else if (op < 66) this.raise(partition, b);
    else if (op < 72) this.elect(partition, b, c);
    else if (op < 74) this.loseDisk(partition, BROKERS[b % 3]!);
    else if (op < 79) this.retain(partition, b, c);
    else if (op < 90) this.read(partition, c % 2 === 0 ? "g" : "h", b, c);
    else this.process(partition, c % 2 === 0 ? "g" : "h", b);
  }

  send(partition: string, b: number, c: number): void {
    const producer = b % 3 === 0 ? "p2" : "p1";
    const first = this.next[producer]!;
    const count = 1 + (c % 5);
    this.next[producer] = first + count + 1;
    this.naive.sent(producer, first, count + 1);
    this.listener.sent(producer, "orders", first, count + 1, 0);
    // One id goes to another batch, so that runs have holes, as keyed records have.
    const hole = first + (c % (count + 1));
    const ids: IdRuns = [];
    for (let id = first; id <= first + count; id++) {
      if (id === hole) continue;
      if (ids.length > 0 && ids[ids.length - 2]! + ids[ids.length - 1]! === id) ids[ids.length - 1]! += 1;
      else ids.push(id, 1);
    }
    const other = partition === "orders-0" ? "orders-1" : "orders-0";
    this.accept({ producer, partition, ids });
    this.accept({ producer, partition: other, ids: [hole, 1] });
  }

  accept(batch: Batch): void {
    this.batches.push(batch);
    this.naive.accepted(batch.producer, batch.partition, batch.ids);
    this.listener.accepted(batch.producer, batch.partition, batch.ids.slice());
  }

  append(partition: string, b: number, c: number): void {
    const candidates = this.batches.filter((batch) => batch.partition === partition && !this.isGone(batch));
    // Mostly one that is in no log yet, the oldest first; sometimes any (a retry, or out of order).
    const fresh = candidates.filter((batch) => !this.isAnywhere(batch));
    const batch = c % 4 === 0 || fresh.length === 0 ? candidates[b % Math.max(1, candidates.length)] : fresh[0];
    if (batch === undefined) return;
    let broker = this.leaders[partition]!;
    const zombies = BROKERS.filter((one) => this.replicas[partition]![one]!.zombie);
    if (zombies.length > 0 && b % 3 === 0) broker = zombies[0]!;
    if (broker === -1) return;
    this.put(partition, broker, { base: this.endOf(partition, broker), batch }, true);
  }

  put(partition: string, broker: number, placed: Placed, asLeader: boolean): void {
    const { batch, base } = placed;
    this.replicas[partition]![broker]!.log.push(placed);
    this.naive.appended(broker, partition, batch.producer, base, batch.ids);
    this.listener.appended(broker, partition, batch.producer, base, batch.ids.slice(), asLeader, 0);
  }

  follow(partition: string, broker: number): void {
    const zombie = BROKERS.find((one) => one !== broker && this.replicas[partition]![one]!.zombie);
    const leader = zombie !== undefined && broker === 3 ? zombie : this.leaders[partition]!;
    if (leader === -1 || broker === leader || broker === this.naive.partition(partition).reference) return;
    const follower = this.replicas[partition]![broker]!;
    const own = follower.log;
    const theirs = this.replicas[partition]![leader]!.log;
    follower.zombie = false;
    let same = 0;
    const start = own[0]?.base ?? 0;
    const offset =
      own.length === 0
        ? theirs.findIndex((placed) => placed.base + sizeOf(placed) > this.starts[partition]!)
        : theirs.findIndex((placed) => placed.base === start);
    if (offset === -1 && theirs.length > 0 && own.length > 0) {
      this.cut(partition, broker, 0);
      return;
    }
    while (
      same < own.length &&
      theirs[offset + same] !== undefined &&
      own[same]!.base === theirs[offset + same]!.base &&
      own[same]!.batch === theirs[offset + same]!.batch
    )
      same += 1;
    if (same < own.length) this.cut(partition, broker, own[same]!.base);
    else if (offset >= 0 && theirs[offset + same] !== undefined)
      this.put(partition, broker, { base: theirs[offset + same]!.base, batch: theirs[offset + same]!.batch }, false);
  }

  cut(partition: string, broker: number, offset: number): void {
    const replica = this.replicas[partition]![broker]!;
    replica.log = replica.log.filter((placed) => placed.base < offset);
    this.naive.truncated(broker, partition, offset);
    this.listener.truncated(broker, partition, offset);
  }

  tell(b: number, c: number): void {
    const batch = this.batches[b % Math.max(1, this.batches.length)];
    if (batch === undefined) return;
    if (c % 4 === 0) {
      const nowhere = !this.isAnywhere(batch) && c % 8 === 0;
      const partition = nowhere ? null : batch.partition;
      if (nowhere) return;
      this.naive.failed(batch.producer, partition, batch.ids);
      this.listener.failed(batch.producer, partition, batch.ids.slice(), "REQUEST_TIMED_OUT", 0);
      return;
    }
    const placed = this.replicas[batch.partition]![1]!.log.find((one) => one.batch === batch);
    const base = placed !== undefined && c % 3 !== 0 ? placed.base : c % 5 === 0 ? 7 : -1;
    this.naive.acknowledged(batch.producer, batch.ids, base);
    this.listener.acknowledged(batch.producer, batch.partition, batch.ids.slice(), base, 0);
  }

  raise(partition: string, b: number): void {
    const leader = this.leaders[partition]!;
    if (leader === -1) return;
    const end = this.endOf(partition, leader);
    const hw = b % 3 === 0 ? b % (end + 1) : end;
    if (hw < this.starts[partition]!) return;
    this.hw[partition] = hw;
    this.naive.highWatermark(leader, partition, hw);
    this.listener.highWatermark(leader, partition, hw);
  }

  elect(partition: string, b: number, c: number): void {
    const old = this.leaders[partition]!;
    const leader = b % 5 === 0 ? -1 : BROKERS[b % 3]!;
    // What retention has deleted was committed: only a replica that had it can lead.
    if (leader !== -1 && !this.hadAllDeleted(partition, leader)) return;
    const clean = BROKERS.filter((broker, index) => broker === leader || (c >> index) % 2 === 0);
    if (old !== -1 && old !== leader) this.replicas[partition]![old]!.zombie = true;
    if (leader !== -1) this.replicas[partition]![leader]!.zombie = false;
    this.lead(partition, leader, clean);
  }

  lead(partition: string, leader: number, clean: number[]): void {
    this.leaders[partition] = leader;
    if (leader !== -1) this.hw[partition] = Math.min(this.hw[partition]!, this.endOf(partition, leader));
    this.naive.leadership(partition, leader, clean);
    this.listener.leadership(partition, leader, clean);
  }

  loseDisk(partition: string, broker: number): void {
    if (this.leaders[partition] === broker) return;
    // Once retention has begun the naive ledger cannot say which copy the log goes on as.
    if (this.starts[partition]! > 0 && this.naive.partition(partition).reference === broker) return;
    // The last copy of a log that has begun to be deleted is left alone: nothing could follow it.
    if (BROKERS.every((one) => one === broker || !this.hadAllDeleted(partition, one))) return;
    this.replicas[partition]![broker]!.log = [];
    this.replicas[partition]![broker]!.zombie = false;
    this.naive.logLost(broker, partition);
    this.listener.logLost(broker, partition);
  }

  retain(partition: string, b: number, c: number): void {
    const leader = this.leaders[partition]!;
    if (leader === -1 || this.hw[partition] === 0) return;
    const offset = 1 + (b % this.hw[partition]!);
    if (c % 4 !== 0) this.starts[partition] = Math.max(this.starts[partition]!, offset);
    const broker = c % 4 === 0 ? BROKERS[b % 3]! : leader;
    if (broker !== leader) return;
    this.starts[partition] = Math.max(this.starts[partition]!, offset);
    this.naive.deletedBefore(broker, partition, offset);
    this.listener.deletedBefore(broker, partition, offset);
  }

  read(partition: string, group: string, b: number, c: number): void {
    const hw = this.hw[partition]!;
    if (hw === 0) return;
    const g = this.naive.group(partition, group);
    const from = b % 3 === 0 ? b % hw : Math.max(g.to, this.starts[partition]!);
    const to = Math.min(hw, from + 1 + (c % 9));
    if (to <= from || from < this.starts[partition]!) return;
    this.naive.returned(group, partition, from, to);
    this.listener.returned(group, "m", partition, from, to, 0);
  }

  process(partition: string, group: string, b: number): void {
    const g = this.naive.group(partition, group);
    if (g.to <= g.from) return;
    const to = b % 3 === 0 ? g.from + 1 + (b % (g.to - g.from)) : g.to;
    const from = g.from;
    this.naive.processed(group, partition, from, to);
    this.listener.processed(group, "m", partition, from, to, 0);
  }

  endOf(partition: string, broker: number): number {
    const last = this.replicas[partition]![broker]!.log.at(-1);
    return last === undefined ? 0 : last.base + sizeOf(last);
  }

  hadAllDeleted(partition: string, broker: number): boolean {
    const start = this.starts[partition]!;
    if (start === 0) return true;
    const reference = this.naive.partition(partition).reference;
    const at = (one: number): Placed | undefined =>
      this.replicas[partition]![one]!.log.find((placed) => placed.base < start && placed.base + sizeOf(placed) >= start);
    const own = at(broker);
    const theirs = at(reference);
    return own !== undefined && own.base === theirs?.base && own.batch === theirs.batch;
  }

  isAnywhere(batch: Batch): boolean {
    return (
      this.isGone(batch) || BROKERS.some((broker) => this.replicas[batch.partition]![broker]!.log.some((placed) => placed.batch === batch))
    );
  }

  isGone(batch: Batch): boolean {
    const p = this.naive.partition(batch.partition);
    const ids = each(batch.ids);
    return p.history.some((copy) => copy.producer === batch.producer && ids.includes(copy.id));
  }
}

function sizeOf(placed: Placed): number {
  return each(placed.batch.ids).length;
}
