import fc from "fast-check";
import { expect, test } from "vitest";
import { addRun, createRunSet, forEachRun, hasId, lookup, removeRun } from "../../src/ledger/run-set.ts";
import { addTimes, clearTimes, covers, type Times, timesAt } from "../../src/ledger/times.ts";

const change = fc.tuple(fc.boolean(), fc.nat(3000), fc.integer({ min: 1, max: 12 }));

test("a set of runs holds what a set of numbers holds, in merged runs, and tells where membership changes", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 50, maxLength: 900, size: "max" }), (changes) => {
      const runs = createRunSet();
      const numbers = new Set<number>();
      for (const [add, first, count] of changes) {
        let removed = 0;
        for (let id = first; id < first + count; id++) {
          if (add) numbers.add(id);
          else if (numbers.delete(id)) removed += 1;
        }
        if (add) addRun(runs, first, first + count);
        else expect(removeRun(runs, first, first + count)).toBe(removed);
      }
      expect(runs.count).toBe(numbers.size);
      const found: number[] = [];
      let end = -1;
      forEachRun(runs, (first, stop) => {
        expect(first).toBeGreaterThan(end);
        for (let id = first; id < stop; id++) found.push(id);
        end = stop;
      });
      expect(found).toEqual([...numbers].sort((a, b) => a - b));
      for (const id of [0, 500, 1500, 2999]) {
        expect(hasId(runs, id)).toBe(numbers.has(id));
        const { boundary } = lookup;
        if (boundary !== Number.POSITIVE_INFINITY) expect(numbers.has(boundary)).toBe(!numbers.has(id));
      }
    }),
    { numRuns: 40 },
  );
});

test("times count how often each offset was processed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.nat(60), fc.integer({ min: 1, max: 12 })), { maxLength: 60, size: "max" }),
      (changes) => {
        const times: Times = [];
        const counts = new Array<number>(80).fill(0);
        for (const [clear, from, count] of changes) {
          if (clear && count < 4) {
            clearTimes(times, from, from + count);
            counts.fill(0, from, from + count);
            continue;
          }
          const before = counts.slice();
          addTimes(times, from, from + count, 1, (first, end, old) => {
            for (let at = first; at < end; at++) {
              expect(before[at]).toBe(old);
              counts[at]! += 1;
            }
          });
          for (let at = from; at < from + count; at++) expect(counts[at]).toBe(before[at]! + 1);
        }
        for (let at = 0; at < 80; at++) expect(timesAt(times, at)).toBe(counts[at]);
        for (let i = 3; i < times.length; i += 3) expect(times[i] === times[i - 2] && times[i + 2] === times[i - 1]).toBe(false);
        expect(covers(times, 10, 30)).toBe(counts.slice(10, 30).every((count) => count > 0));
      },
    ),
  );
});
