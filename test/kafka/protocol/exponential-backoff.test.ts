import { expect, test } from "vitest";
import { backoffMs, isJittered } from "../../../src/kafka/protocol/exponential-backoff.ts";

test("waits double from the first to the limit", () => {
  expect([0, 1, 2, 3, 4, 50].map((attempts) => backoffMs(100, 1000, attempts, 1))).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test("jitter comes before the cap: at the limit a wait is between 80 and 100 percent of it", () => {
  expect(backoffMs(100, 1000, 9, 0.8)).toBe(800);
  expect(backoffMs(100, 1000, 9, 1.19)).toBe(1000);
  expect(backoffMs(100, 1000, 0, 0.8)).toBe(80);
});

test("a limit at or below the first wait is a constant without jitter", () => {
  expect(isJittered(100, 50)).toBe(false);
  expect(backoffMs(100, 50, 3, 1.19)).toBe(50);
});

test("at the limit Kafka's floating point may be a millisecond short", () => {
  expect(backoffMs(20, 1000, 9, 1)).toBe(999);
});
