/**
 * The producer's memory: bytes handed out to batches, and the send() call that waits for some.
 * Models org.apache.kafka.clients.producer.internals.BufferPool. Left out: more than one waiting thread (a producer here has one application thread).
 */
export interface BufferPool {
  /** buffer.memory */
  readonly totalBytes: number;
  /** batch.size: buffers of this size are kept for reuse. */
  readonly poolableBytes: number;
  /** Buffers of batch.size that are free. */
  freeBuffers: number;
  nonPooledBytes: number;
  /** null: nobody waits. */
  waiter: MemoryWaiter | null;
}

export interface MemoryWaiter {
  sizeBytes: number;
  accumulatedBytes: number;
  /** Memory was freed since it looked last. */
  isSignalled: boolean;
}

export function createBufferPool(totalBytes: number, poolableBytes: number): BufferPool {
  return { totalBytes, poolableBytes, freeBuffers: 0, nonPooledBytes: totalBytes, waiter: null };
}

export function availableBytes(pool: BufferPool): number {
  return pool.nonPooledBytes + pool.freeBuffers * pool.poolableBytes;
}

/** Takes `sizeBytes` now, or makes the call the one that waits. */
export function allocate(pool: BufferPool, sizeBytes: number): boolean {
  if (sizeBytes === pool.poolableBytes && pool.freeBuffers > 0) {
    pool.freeBuffers -= 1;
    return true;
  }
  if (availableBytes(pool) >= sizeBytes) {
    freeUp(pool, sizeBytes);
    pool.nonPooledBytes -= sizeBytes;
    return true;
  }
  pool.waiter = { sizeBytes, accumulatedBytes: 0, isSignalled: false };
  return false;
}

/** The waiting call looks again: true when it has all it needs; what is there it keeps. */
export function continueWaiting(pool: BufferPool): boolean {
  const waiter = pool.waiter!;
  waiter.isSignalled = false;
  if (waiter.accumulatedBytes === 0 && waiter.sizeBytes === pool.poolableBytes && pool.freeBuffers > 0) {
    pool.freeBuffers -= 1;
    waiter.accumulatedBytes = waiter.sizeBytes;
  } else {
    const missingBytes = waiter.sizeBytes - waiter.accumulatedBytes;
    freeUp(pool, missingBytes);
    const gotBytes = Math.min(missingBytes, pool.nonPooledBytes);
    pool.nonPooledBytes -= gotBytes;
    waiter.accumulatedBytes += gotBytes;
  }
  if (waiter.accumulatedBytes < waiter.sizeBytes) return false;
  pool.waiter = null;
  return true;
}

/** The waiting call gives up, and what it had gathered goes back. */
export function stopWaiting(pool: BufferPool): void {
  if (pool.waiter === null) return;
  pool.nonPooledBytes += pool.waiter.accumulatedBytes;
  pool.waiter = null;
}

/** Returns true when a waiting call should look again. */
export function deallocate(pool: BufferPool, sizeBytes: number): boolean {
  if (sizeBytes === pool.poolableBytes) pool.freeBuffers += 1;
  else pool.nonPooledBytes += sizeBytes;
  if (pool.waiter === null || pool.waiter.isSignalled) return false;
  pool.waiter.isSignalled = true;
  return true;
}

function freeUp(pool: BufferPool, sizeBytes: number): void {
  while (pool.freeBuffers > 0 && pool.nonPooledBytes < sizeBytes) {
    pool.freeBuffers -= 1;
    pool.nonPooledBytes += pool.poolableBytes;
  }
}
