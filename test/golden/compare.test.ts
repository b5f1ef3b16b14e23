import { expect, test } from "vitest";
import { firstDifference } from "./compare.ts";

test.each<[unknown, unknown]>([
  [{ a: 1 }, { a: 1, b: null, c: [], d: {} }],
  [{ a: [] }, {}],
  [null, { a: { b: [] } }],
  [
    [1, [null]],
    [1, [{}]],
  ],
  [undefined, []],
])("absent, null and empty are one: %j and %j", (expected, actual) => {
  expect(firstDifference(expected, actual)).toBeNull();
  expect(firstDifference(actual, expected)).toBeNull();
});

test.each<[unknown, unknown, string]>([
  [{ a: 0 }, {}, "a: expected 0, got nothing"],
  [{ a: "" }, {}, 'a: expected "", got nothing'],
  [{ a: false }, { a: null }, "a: expected false, got null"],
  [{ a: 1 }, { a: "1" }, 'a: expected 1, got "1"'],
  [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, "a[0].b: expected 1, got 2"],
  [{ a: [1, 2] }, { a: [1] }, "a: expected 2 entries, got 1; [1]: expected 2, got nothing"],
  [{ a: [1, null] }, { a: [1] }, "a: expected 2 entries, got 1; [1]: expected null, got nothing"],
  [{ a: [1] }, { a: { 0: 1 } }, 'a: expected [1], got {"0":1}'],
  [{}, { surplus: 3 }, "surplus: expected nothing, got 3"],
])("a difference is named: %j and %j", (expected, actual, difference) => {
  expect(firstDifference(expected, actual)).toBe(difference);
});
