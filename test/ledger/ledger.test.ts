import { describe, expect, test } from "vitest";
import type { RecordListener } from "../../src/kafka/protocol/record-listener.ts";
import { createLedger, type Ledger, ledgerListener } from "../../src/ledger/ledger.ts";
import { recordFate, runsOf, totalsOf } from "../../src/ledger/queries.ts";

interface Cluster {
  ledger: Ledger;
  records: RecordListener;
  told: string[];
}

/** orders-0 on brokers 1, 2 and 3; broker 1 leads. */
function cluster(): Cluster {
  const ledger = createLedger();
  const told: string[] = [];
  const records = ledgerListener(ledger, (type, node, fields) => told.push(`${type} ${node} ${JSON.stringify(fields.ids)}`));
  records.leadership("orders-0", 1, [1, 2, 3]);
  return { ledger, records, told };
}

function send(records: RecordListener, first: number, count: number): void {
  records.sent("p1", "orders", first, count, 0);
  records.accepted("p1", "orders-0", [first, count]);
}

function append(records: RecordListener, brokers: number[], base: number, ids: number[]): void {
  for (const broker of brokers) records.appended(broker, "orders-0", "p1", base, ids.slice(), broker === brokers[0], 0);
}

describe("lost", () => {
  test("a record that only the dead leader had is lost when another is elected, and back when the old one leads again", () => {
    const { ledger, records, told } = cluster();
    send(records, 0, 10);
    append(records, [1, 2, 3], 0, [0, 5]);
    append(records, [1], 5, [5, 5]);
    records.acknowledged("p1", "orders-0", [0, 5], 0, 0);
    records.acknowledged("p1", "orders-0", [5, 5], 5, 0);
    expect(totalsOf(ledger).lost).toBe(0);
    records.leadership("orders-0", 2, [2, 3]);
    expect(totalsOf(ledger)).toMatchObject({ acknowledged: 10, lost: 5 });
    expect(told).toEqual(["record-lost 2 [5,5]"]);
    expect(recordFate(ledger, "p1", 7)).toMatchObject({ told: "acknowledged", log: "absent", lost: true });
    records.leadership("orders-0", 1, [1]);
    expect(totalsOf(ledger).lost).toBe(0);
    expect(told.at(-1)).toBe("record-recovered 1 [5,5]");
  });

  test("once the old leader has truncated to the new one, the records cannot come back with it", () => {
    const { ledger, records } = cluster();
    send(records, 0, 5);
    append(records, [1], 0, [0, 5]);
    records.acknowledged("p1", "orders-0", [0, 5], 0, 0);
    records.leadership("orders-0", 2, [2, 3]);
    records.truncated(1, "orders-0", 0);
    records.leadership("orders-0", 1, [1, 2, 3]);
    expect(runsOf(ledger, "lost", 10)).toEqual({ total: 5, runs: [{ topicPartition: "orders-0", producer: "p1", firstId: 0, count: 5 }] });
  });

  test("without a leader nothing is lost as long as an ISR member has it", () => {
    const { ledger, records } = cluster();
    send(records, 0, 5);
    append(records, [1], 0, [0, 5]);
    records.acknowledged("p1", "orders-0", [0, 5], 0, 0);
    records.leadership("orders-0", 1, [1]);
    records.leadership("orders-0", -1, [1]);
    expect(totalsOf(ledger).lost).toBe(0);
    records.logLost(1, "orders-0");
    expect(totalsOf(ledger).lost).toBe(5);
  });

  test("with acks=0 a record in transit is unconfirmed, not lost; it is lost when the leader changes without it", () => {
    const { ledger, records } = cluster();
    send(records, 0, 5);
    records.acknowledged("p1", "orders-0", [0, 5], -1, 0);
    expect(totalsOf(ledger)).toMatchObject({ acknowledged: 5, unconfirmed: 5, lost: 0 });
    records.leadership("orders-0", 2, [2, 3]);
    expect(totalsOf(ledger)).toMatchObject({ unconfirmed: 0, lost: 5 });
    append(records, [2], 0, [0, 5]);
    expect(totalsOf(ledger)).toMatchObject({ unconfirmed: 0, lost: 0 });
  });

  test("with acks=0 a record that a younger one has overtaken will not arrive any more", () => {
    const { ledger, records } = cluster();
    send(records, 0, 5);
    records.acknowledged("p1", "orders-0", [0, 5], -1, 0);
    append(records, [1], 0, [3, 2]);
    expect(totalsOf(ledger)).toMatchObject({ unconfirmed: 0, lost: 3 });
  });

  test("what retention deletes is gone, not lost, also when its acknowledgement comes later", () => {
    const { ledger, records } = cluster();
    send(records, 0, 10);
    append(records, [1, 2, 3], 0, [0, 5]);
    append(records, [1, 2, 3], 5, [5, 5]);
    records.highWatermark(1, "orders-0", 10);
    records.acknowledged("p1", "orders-0", [0, 5], 0, 0);
    records.deletedBefore(1, "orders-0", 10);
    records.acknowledged("p1", "orders-0", [5, 5], 5, 0);
    expect(totalsOf(ledger)).toMatchObject({ acknowledged: 10, gone: 10, readable: 0, lost: 0 });
    expect(recordFate(ledger, "p1", 7)).toMatchObject({ told: "acknowledged", log: "gone", lost: false });
  });
});

describe("twice and out of order", () => {
  test("a retry that is appended again makes duplicates, and stays one when retention takes the first copy", () => {
    const { ledger, records, told } = cluster();
    send(records, 0, 5);
    append(records, [1, 2, 3], 0, [0, 5]);
    append(records, [1, 2, 3], 5, [0, 5]);
    records.highWatermark(1, "orders-0", 10);
    expect(told).toEqual(["record-duplicated 1 [0,5]"]);
    expect(recordFate(ledger, "p1", 2)).toMatchObject({ duplicated: true, copies: 2, offset: 2, reordered: false });
    records.deletedBefore(1, "orders-0", 5);
    expect(totalsOf(ledger)).toMatchObject({ readable: 5, gone: 0, duplicated: 5 });
    records.deletedBefore(1, "orders-0", 10);
    expect(totalsOf(ledger)).toMatchObject({ readable: 0, gone: 5, duplicated: 5 });
  });

  test("a record behind a younger one of its producer and partition is out of order; other producers do not count", () => {
    const { ledger, records, told } = cluster();
    send(records, 0, 10);
    records.sent("p2", "orders", 0, 50, 0);
    records.appended(1, "orders-0", "p2", 0, [40, 5], true, 0);
    append(records, [1], 5, [5, 5]);
    append(records, [1], 10, [0, 5]);
    records.appended(1, "orders-0", "p2", 15, [45, 5], true, 0);
    expect(totalsOf(ledger).reordered).toBe(5);
    expect(told).toEqual(["record-reordered 1 [0,5]"]);
  });
});

describe("failed", () => {
  test("a record that timed out and was appended all the same has failed, yet can be read", () => {
    const { ledger, records, told } = cluster();
    send(records, 0, 5);
    records.failed("p1", "orders-0", [0, 5], "REQUEST_TIMED_OUT", 0);
    append(records, [1, 2, 3], 0, [0, 5]);
    expect(totalsOf(ledger).failedYetReadable).toBe(0);
    records.highWatermark(1, "orders-0", 5);
    expect(totalsOf(ledger)).toMatchObject({ failed: 5, failedYetReadable: 5, pending: 0 });
    expect(told).toEqual(["record-failed-yet-readable 1 [0,5]"]);
    expect(recordFate(ledger, "p1", 0)).toMatchObject({ told: "failed", error: "REQUEST_TIMED_OUT", failedYetReadable: true });
  });

  test("a record that failed before it had a partition counts for its producer", () => {
    const { ledger, records } = cluster();
    records.sent("p1", "orders", 0, 2, 0);
    records.failed("p1", null, [0, 1], "TimeoutException", 0);
    expect(totalsOf(ledger, { producer: "p1" })).toMatchObject({ sent: 2, failed: 1, pending: 1 });
  });
});

describe("groups", () => {
  function readable(): Cluster {
    const made = cluster();
    send(made.records, 0, 10);
    append(made.records, [1, 2, 3], 0, [0, 10]);
    made.records.highWatermark(1, "orders-0", 10);
    return made;
  }

  test("a group that reads again after a rebalance has processed some records more than once", () => {
    const { ledger, records } = readable();
    records.returned("g", "c1", "orders-0", 0, 10, 0);
    records.processed("g", "c1", "orders-0", 0, 6, 0);
    records.returned("g", "c2", "orders-0", 4, 10, 0);
    records.processed("g", "c2", "orders-0", 4, 10, 0);
    expect(totalsOf(ledger).groups.g).toEqual({ once: 8, moreThanOnce: 2, skipped: 0, notYet: 0 });
    expect(recordFate(ledger, "p1", 4).groups).toEqual({ g: "more than once" });
  });

  test("a group that committed before processing and lost the member has skipped records once it reads on", () => {
    const { ledger, records } = readable();
    records.returned("g", "c1", "orders-0", 0, 5, 0);
    records.committed("g", "orders-0", 5);
    expect(totalsOf(ledger).groups.g).toEqual({ once: 0, moreThanOnce: 0, skipped: 0, notYet: 10 });
    records.returned("g", "c2", "orders-0", 5, 10, 0);
    expect(totalsOf(ledger).groups.g).toEqual({ once: 0, moreThanOnce: 0, skipped: 5, notYet: 5 });
  });

  test("a duplicate is one record: a group that processes both copies has processed it more than once", () => {
    const { ledger, records } = readable();
    append(records, [1, 2, 3], 10, [0, 10]);
    records.highWatermark(1, "orders-0", 20);
    records.returned("g", "c1", "orders-0", 0, 20, 0);
    records.processed("g", "c1", "orders-0", 0, 20, 0);
    expect(totalsOf(ledger).groups.g).toEqual({ once: 0, moreThanOnce: 10, skipped: 0, notYet: 0 });
  });

  test("a member may process what retention has deleted meanwhile; what no member held is skipped", () => {
    const { ledger, records } = readable();
    records.returned("g", "c1", "orders-0", 0, 4, 0);
    records.deletedBefore(1, "orders-0", 8);
    expect(totalsOf(ledger).groups.g).toEqual({ once: 0, moreThanOnce: 0, skipped: 4, notYet: 6 });
    records.processed("g", "c1", "orders-0", 0, 4, 0);
    expect(totalsOf(ledger).groups.g).toEqual({ once: 4, moreThanOnce: 0, skipped: 4, notYet: 2 });
  });

  test("two groups do not see each other", () => {
    const { ledger, records } = readable();
    records.returned("g", "c1", "orders-0", 0, 10, 0);
    records.processed("g", "c1", "orders-0", 0, 10, 0);
    records.committed("h", "orders-0", 0);
    expect(totalsOf(ledger).groups).toEqual({
      g: { once: 10, moreThanOnce: 0, skipped: 0, notYet: 0 },
      h: { once: 0, moreThanOnce: 0, skipped: 0, notYet: 10 },
    });
  });
});

test("the ledger's memory follows the logs, not the length of the run", () => {
  const { ledger, records } = cluster();
  const sizes: number[] = [];
  let offset = 0;
  for (let batch = 0; batch < 20_000; batch++) {
    send(records, offset, 16);
    append(records, [1, 2, 3], offset, [offset, 16]);
    records.acknowledged("p1", "orders-0", [offset, 16], offset, 0);
    records.highWatermark(1, "orders-0", offset + 16);
    records.returned("g", "c1", "orders-0", offset, offset + 16, 0);
    records.processed("g", "c1", "orders-0", offset, offset + 16, 0);
    offset += 16;
    for (const broker of [1, 2, 3]) records.deletedBefore(broker, "orders-0", offset - 1600);
    if (batch === 1023 || batch === 19_967) sizes.push(JSON.stringify(ledger).length);
  }
  expect(totalsOf(ledger)).toMatchObject({ sent: 320_000, acknowledged: 320_000, readable: 1600, gone: 318_400 });
  expect(totalsOf(ledger).groups.g).toEqual({ once: 320_000, moreThanOnce: 0, skipped: 0, notYet: 0 });
  expect(sizes[1]! / sizes[0]!).toBeLessThan(1.5);
});
