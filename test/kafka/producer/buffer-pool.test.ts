import { expect, test } from "vitest";
import {
  allocate,
  availableBytes,
  continueWaiting,
  createBufferPool,
  deallocate,
  stopWaiting,
} from "../../../src/kafka/producer/buffer-pool.ts";

test("a freed buffer of batch.size is kept for the next batch, any other goes back to the counter", () => {
  const pool = createBufferPool(65536, 1024);
  expect(allocate(pool, 1024)).toBe(true);
  expect(allocate(pool, 2048)).toBe(true);
  deallocate(pool, 1024);
  deallocate(pool, 2048);
  expect(pool.freeBuffers).toBe(1);
  expect(pool.nonPooledBytes).toBe(64512);
  expect(availableBytes(pool)).toBe(65536);
});

test("a waiting send() gathers freed memory piece by piece", () => {
  const pool = createBufferPool(3000, 1000);
  for (let i = 0; i < 3; i++) allocate(pool, 1000);
  expect(allocate(pool, 2500)).toBe(false);
  expect(deallocate(pool, 1000)).toBe(true);
  expect(continueWaiting(pool)).toBe(false);
  expect(availableBytes(pool)).toBe(0);
  deallocate(pool, 1000);
  expect(continueWaiting(pool)).toBe(false);
  deallocate(pool, 1000);
  expect(continueWaiting(pool)).toBe(true);
  expect(availableBytes(pool)).toBe(500);
});

test("a send() that gives up waiting gives back what it had gathered", () => {
  const pool = createBufferPool(2000, 1000);
  allocate(pool, 1000);
  allocate(pool, 1000);
  allocate(pool, 2000);
  deallocate(pool, 1000);
  continueWaiting(pool);
  stopWaiting(pool);
  expect(availableBytes(pool)).toBe(1000);
  expect(pool.waiter).toBe(null);
});
