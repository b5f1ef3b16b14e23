import { expect, test } from "vitest";
import {
  BATCH_HEADER_BYTES,
  batchAllocationBytes,
  hasRoomFor,
  isFull,
  NO_HEADERS_BYTES,
  recordSizeInBytes,
  recordTooLarge,
  recordUpperBound,
  varintSize,
} from "../../../src/kafka/protocol/record-sizes.ts";

test("a negative timestamp delta can cost ten bytes", () => {
  expect(varintSize(-64)).toBe(1);
  expect(varintSize(64)).toBe(2);
  expect(varintSize(-65)).toBe(2);
  expect(varintSize(-1.7e12)).toBe(6);
  expect(varintSize(-(2 ** 62))).toBe(9);
  expect(varintSize(-(2 ** 63))).toBe(10);
});

test("a null key takes one byte, as an empty one does", () => {
  expect(recordSizeInBytes(0, 0, -1, 100, NO_HEADERS_BYTES)).toBe(recordSizeInBytes(0, 0, 0, 100, NO_HEADERS_BYTES));
});

test("a batch of one record stays under the upper bound that was allocated for it", () => {
  for (const size of [-1, 0, 63, 64, 8191, 8192, 1_000_000]) {
    expect(BATCH_HEADER_BYTES + recordSizeInBytes(0, 0, size, size, NO_HEADERS_BYTES)).toBeLessThan(
      recordUpperBound(size, size, NO_HEADERS_BYTES),
    );
  }
});

test("after an oversized first record a small one may still fit, because the upper bound was allocated", () => {
  const limit = batchAllocationBytes(100, recordUpperBound(-1, 1000, NO_HEADERS_BYTES));
  const first = BATCH_HEADER_BYTES + recordSizeInBytes(0, 0, -1, 1000, NO_HEADERS_BYTES);
  expect(hasRoomFor(limit, 1, first, recordSizeInBytes(1, 0, -1, 1, NO_HEADERS_BYTES))).toBe(true);
  expect(hasRoomFor(limit, 1, first, recordSizeInBytes(1, 0, -1, 100, NO_HEADERS_BYTES))).toBe(false);
});

test("batch.size 0 makes batches of one record, never empty ones", () => {
  expect(batchAllocationBytes(0, 1)).toBe(1);
  expect(hasRoomFor(1, 0, BATCH_HEADER_BYTES, 10_000)).toBe(true);
  expect(isFull(1, 0, BATCH_HEADER_BYTES)).toBe(false);
  expect(isFull(1, 1, BATCH_HEADER_BYTES + 10)).toBe(true);
});

test("a record is as large as max.request.size at most, judged by its upper bound", () => {
  expect(recordTooLarge(1048576, 1048576, 33554432)).toBeNull();
  expect(recordTooLarge(1048577, 1048576, 33554432)).toContain("max.request.size");
  expect(recordTooLarge(2000, 1048576, 1999)).toContain("buffer.memory");
});
