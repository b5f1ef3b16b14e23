import { expect, test } from "vitest";
import { endOffsetFor } from "../../../src/kafka/log/leader-epoch-cache.ts";
import { compactInternal, deleteOldSegments } from "../../../src/kafka/log/retention.ts";
import {
  appendAsLeader,
  bytesBetween,
  closeLog,
  createLog,
  readLog,
  recoverLog,
  setHighWatermark,
  truncateTo,
  type UnifiedLog,
} from "../../../src/kafka/log/unified-log.ts";
import type { RecordBatch } from "../../../src/kafka/protocol/record-batch.ts";
import { topicSettings } from "../../../src/kafka/protocol/topic-settings.ts";

const settings = topicSettings({}, {});

function batch(recordCount: number, fields: Partial<RecordBatch> = {}): RecordBatch {
  return {
    baseOffset: 0,
    recordCount,
    sizeBytes: 100 * recordCount,
    partitionLeaderEpoch: -1,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    transactional: false,
    baseTimestamp: 0,
    maxTimestamp: 0,
    producer: "p",
    ids: [0, recordCount],
    internal: null,
    ...fields,
  };
}

function logOf(batches: number, recordCount = 3, epoch = 0): UnifiedLog {
  const log = createLog("t-0");
  for (let i = 0; i < batches; i++)
    appendAsLeader(log, batch(recordCount, { baseTimestamp: i * 1000, maxTimestamp: i * 1000 }), epoch, settings, i * 1000);
  return log;
}

test("a read begins with the whole batch that holds the offset, and never ends in the middle of one", () => {
  const log = logOf(1000);
  expect(log.segments.length).toBe(4);
  for (const from of [0, 1, 2, 767, 768, 769, 1500, 2997, 2999]) {
    const read = readLog(log, from, 700, 3000, true);
    expect(read[0]!.baseOffset).toBe(from - (from % 3));
    expect(read.length).toBe(Math.min(2, (3000 - read[0]!.baseOffset) / 3));
  }
  expect(readLog(log, 10, 1_000_000, 16, true).map(({ baseOffset }) => baseOffset)).toEqual([9, 12]);
  expect(readLog(log, 3000, 700, 3000, true)).toEqual([]);
});

test("a first batch larger than the fetch is returned only if nothing else has been", () => {
  const log = logOf(2, 50);
  expect(readLog(log, 0, 10, 100, true).length).toBe(1);
  expect(readLog(log, 0, 10, 100, false).length).toBe(0);
});

test("a read hands out copies: the log's own batches are never seen outside", () => {
  const log = logOf(1);
  const [read] = readLog(log, 0, 1000, 3, true);
  read!.ids[0] = 99;
  read!.baseOffset = 77;
  expect(log.segments[0]!.batches[0]).toMatchObject({ baseOffset: 0, ids: [0, 3] });
});

test("bytes between two offsets are those of the batches between them", () => {
  const log = logOf(1000);
  expect(bytesBetween(log, 0, 3000, Number.MAX_SAFE_INTEGER)).toBe(300_000);
  expect(bytesBetween(log, 2997, 3000, Number.MAX_SAFE_INTEGER)).toBe(300);
  expect(bytesBetween(log, 760, 780, Number.MAX_SAFE_INTEGER)).toBe(2100);
});

test("a truncation drops every batch that reaches the offset, with its bytes and its epochs", () => {
  const log = logOf(600);
  appendAsLeader(log, batch(4), 5, settings, 0);
  expect(truncateTo(log, 1000)).toBe(999);
  expect(log).toMatchObject({ logEndOffset: 999, sizeBytes: 99_900, epochs: [{ epoch: 0, startOffset: 0 }] });
  expect(log.segments.length).toBe(2);
  appendAsLeader(log, batch(1), 6, settings, 0);
  expect(readLog(log, 998, 1000, 1000, true).map(({ baseOffset }) => baseOffset)).toEqual([996, 999]);
  expect(truncateTo(log, 0)).toBe(0);
  expect(log).toMatchObject({ sizeBytes: 0, epochs: [], highWatermark: 0 });
});

test("an epoch ends where the next one begins, the newest at the log's end", () => {
  const epochs = [
    { epoch: 2, startOffset: 0 },
    { epoch: 4, startOffset: 10 },
    { epoch: 7, startOffset: 20 },
  ];
  expect(endOffsetFor(epochs, 7, 33)).toEqual({ epoch: 7, endOffset: 33 });
  expect(endOffsetFor(epochs, 5, 33)).toEqual({ epoch: 4, endOffset: 20 });
  expect(endOffsetFor(epochs, 3, 33)).toEqual({ epoch: 2, endOffset: 10 });
  expect(endOffsetFor(epochs, 1, 33)).toEqual({ epoch: 1, endOffset: 0 });
  expect(endOffsetFor(epochs, 8, 33)).toEqual({ epoch: -1, endOffset: -1 });
});

test("a killed broker knows its high watermark only as of the last checkpoint, a stopped one exactly", () => {
  const log = logOf(5);
  setHighWatermark(log, 3, 1_000, 5_000);
  setHighWatermark(log, 6, 4_999, 5_000);
  setHighWatermark(log, 9, 6_000, 5_000);
  setHighWatermark(log, 12, 7_000, 5_000);
  const killed = structuredClone(log);
  closeLog(killed, false, 7_500, 5_000);
  recoverLog(killed);
  expect(killed.highWatermark).toBe(6);
  const killedLater = structuredClone(log);
  closeLog(killedLater, false, 10_000, 5_000);
  recoverLog(killedLater);
  expect(killedLater.highWatermark).toBe(12);
  closeLog(log, true, 7_500, 5_000);
  recoverLog(log);
  expect(log.highWatermark).toBe(12);
});

test("retention deletes whole segments of committed records, the active one too once it is old enough", () => {
  const log = logOf(300);
  const minute = topicSettings({ "retention.ms": "60000" }, {});
  expect(deleteOldSegments(log, minute, 300_000)).toBeNull();
  setHighWatermark(log, 900, 300_000, 5_000);
  expect(deleteOldSegments(log, minute, 320_000)).toEqual({ logStartOffset: 768, config: "retention.ms" });
  expect(deleteOldSegments(log, minute, 400_000)).toEqual({ logStartOffset: 900, config: "retention.ms" });
  expect(log).toMatchObject({ sizeBytes: 0, logEndOffset: 900 });
  expect(appendAsLeader(log, batch(1), 0, minute, 400_000)).toBe(900);
});

test("retention.bytes keeps at least as many bytes as it says", () => {
  const log = logOf(1000);
  setHighWatermark(log, 3000, 0, 5_000);
  const small = topicSettings({ "retention.ms": "-1", "retention.bytes": "100000" }, {});
  expect(deleteOldSegments(log, small, 0)).toEqual({ logStartOffset: 1536, config: "retention.bytes" });
  expect(log.sizeBytes).toBeGreaterThanOrEqual(100_000);
});

test("memory stays bounded over hours of writing when retention is a minute", () => {
  const log = createLog("t-0");
  const minute = topicSettings({ "retention.ms": "60000" }, {});
  let most = 0;
  for (let second = 0; second < 7200; second++) {
    for (let i = 0; i < 10; i++) appendAsLeader(log, batch(1, { maxTimestamp: second * 1000 + i }), 0, minute, second * 1000);
    setHighWatermark(log, log.logEndOffset, second * 1000, 5_000);
    most = Math.max(
      most,
      log.segments.reduce((sum, { batches }) => sum + batches.length, 0),
    );
    if (second % 300 === 0) deleteOldSegments(log, minute, second * 1000);
  }
  expect(most).toBeLessThan(4000);
  expect(log.logEndOffset).toBe(72_000);
});

test("a coordinator's log keeps the newest value of every key, and a reader passes the gaps", () => {
  const compacted = topicSettings({ "cleanup.policy": "compact" }, {});
  const log = createLog("__consumer_offsets-0");
  const write = (key: string, value: number): number => appendAsLeader(log, batch(1, { internal: [{ key, value }] }), 0, compacted, 0);
  write("once", 1);
  for (let i = 0; i < 1000; i++) write(`key-${i % 3}`, i);
  setHighWatermark(log, log.logEndOffset, 0, 5_000);
  compactInternal(log, compacted);
  const kept = readLog(log, 0, Number.MAX_SAFE_INTEGER, log.logEndOffset, true);
  expect(kept.length).toBeLessThan(260);
  const values: Record<string, unknown> = {};
  for (const { internal } of kept) for (const { key, value } of internal!) values[key] = value;
  expect(values).toEqual({ once: 1, "key-0": 999, "key-1": 997, "key-2": 998 });
  expect(readLog(log, 400, 1, log.logEndOffset, true)[0]!.baseOffset).toBeGreaterThanOrEqual(400);
});
