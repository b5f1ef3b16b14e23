import { expect, test } from "vitest";
import { naturalLog, power } from "../../src/kernel/power.ts";

test("powers and logarithms are those of StrictMath, to the last bit", () => {
  // Recorded from Java's StrictMath.
  expect(power(2, 3.321928094887362)).toBe(9.999999999999998);
  expect(power(2, 0.1)).toBe(1.0717734625362931);
  expect(power(17, -1.1)).toBe(0.04431045264264934);
  expect(power(1.0000001, 1e7)).toBe(2.7182816941320818);
  expect(naturalLog(20)).toBe(2.995732273553991);
  expect(naturalLog(2)).toBe(Math.LN2);
  expect(naturalLog(1e-300)).toBe(-690.7755278982137);
});

test("the ends of the range are kept", () => {
  expect(power(0, 2)).toBe(0);
  expect(power(0, -1)).toBe(Infinity);
  expect(power(10, 400)).toBe(Infinity);
  expect(power(10, -400)).toBe(0);
  expect(power(2, -1074)).toBe(Number.MIN_VALUE);
  expect(power(7, 0)).toBe(1);
  expect(power(-2, 2)).toBeNaN();
  expect(naturalLog(0)).toBe(-Infinity);
  expect(naturalLog(-1)).toBeNaN();
  expect(naturalLog(1)).toBe(0);
});
