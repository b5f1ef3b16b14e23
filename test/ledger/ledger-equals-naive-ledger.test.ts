import fc from "fast-check";
import { produce } from "immer";
import { describe, expect, test } from "vitest";
import { createLedger, type Ledger, ledgerListener } from "../../src/ledger/ledger.ts";
import { producerCount, recordFate, runsOf, type Totals, totalsOf } from "../../src/ledger/queries.ts";
import { NaiveLedger } from "./naive-ledger.ts";
import { History } from "./random-history.ts";

const step = fc.tuple(fc.nat(99), fc.nat(1000), fc.nat(1000), fc.nat(1000));

function compare(ledger: Ledger, naive: NaiveLedger): void {
  const counts = {
    pending: 0,
    acknowledged: 0,
    failed: 0,
    notReadable: 0,
    readable: 0,
    gone: 0,
    unconfirmed: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    failedYetReadable: 0,
  };
  const groups: Totals["groups"] = {};
  for (const partition of Object.values(ledger.partitions))
    for (const name of Object.keys(partition.groups)) groups[name] = { once: 0, moreThanOnce: 0, skipped: 0, notYet: 0 };
  const listed = { lost: 0, duplicated: 0, reordered: 0, failedYetReadable: 0 };
  for (const record of naive.records.values()) {
    const fate = naive.fate(record);
    counts[record.told] += 1;
    if (fate.log === "not readable") counts.notReadable += 1;
    if (fate.log === "readable") counts.readable += 1;
    if (fate.log === "gone") counts.gone += 1;
    for (const flag of ["unconfirmed", "lost", "duplicated", "reordered", "failedYetReadable"] as const) if (fate[flag]) counts[flag] += 1;
    for (const [name, state] of Object.entries(fate.groups)) {
      const sum = groups[name]!;
      if (state === "once") sum.once += 1;
      if (state === "more than once") sum.moreThanOnce += 1;
      if (state === "skipped") sum.skipped += 1;
      if (state === "not yet") sum.notYet += 1;
    }
    const found = recordFate(ledger, record.producer, record.id);
    expect([record.id, found.told, found.log]).toEqual([record.id, record.told, fate.log]);
    if (fate.log === "gone") continue;
    const { unconfirmed, lost, duplicated, reordered, failedYetReadable } = found;
    expect({ id: record.id, unconfirmed, lost, duplicated, reordered, failedYetReadable }).toEqual({
      id: record.id,
      unconfirmed: fate.unconfirmed,
      lost: fate.lost,
      duplicated: fate.duplicated,
      reordered: fate.reordered,
      failedYetReadable: fate.failedYetReadable,
    });
    if (fate.log !== "absent") expect({ id: record.id, ...found.groups }).toEqual({ id: record.id, ...fate.groups });
  }
  const { sent, ...totals } = totalsOf(ledger);
  expect(sent).toBe(naive.records.size);
  expect(totals).toEqual({ ...counts, groups });
  const asked = [
    "sent",
    "pending",
    "acknowledged",
    "failed",
    "unconfirmed",
    "lost",
    "duplicated",
    "reordered",
    "failedYetReadable",
  ] as const;
  for (const count of asked) expect(producerCount(ledger, count, null), count).toBe({ sent, ...totals }[count]);
  for (const list of Object.keys(listed) as (keyof typeof listed)[]) {
    const { total, runs } = runsOf(ledger, list, 1000);
    expect(
      runs.reduce((sum, run) => sum + run.count, 0),
      list,
    ).toBe(total);
  }
}

describe("the ledger in runs says of every record what a ledger of single records says", () => {
  test("after every step of random histories of sends, retries, elections, truncations, retention and reads", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 70, size: "max" }), (steps) => {
        const ledger = createLedger();
        const naive = new NaiveLedger();
        const history = new History(ledgerListener(ledger), naive);
        for (const one of steps) {
          history.take(one);
          compare(ledger, naive);
        }
      }),
      {
        numRuns: Number(process.env.LEDGER_RUNS ?? 25),
        ...(process.env.LEDGER_SEED === undefined ? {} : { seed: Number(process.env.LEDGER_SEED) }),
      },
    );
  });

  test("on immer drafts too, and both end in the same state", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 70, size: "max" }), (steps) => {
        const bare = createLedger();
        const bareHistory = new History(ledgerListener(bare), new NaiveLedger());
        for (const one of steps) bareHistory.take(one);
        let frame = createLedger();
        const history = new History(ledgerListener(frame), new NaiveLedger());
        for (const one of steps) {
          frame = produce(frame, (draft) => {
            history.listener = ledgerListener(draft);
            history.take(one);
          });
        }
        expect(frame).toEqual(bare);
      }),
      { numRuns: 60 },
    );
  });
});
