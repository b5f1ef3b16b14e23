import type { RecordBatch } from "../../../src/kafka/protocol/record-batch.ts";
import type { SenderTraceInput } from "./input.ts";

/** The logs of the scripted brokers, one a partition, whoever leads it: offsets, and the broker's checks of sequences. */
export interface ScriptedPartition {
  topic: string;
  partition: number;
  leader: number;
  epoch: number;
  logEndOffset: number;
  leaderInfo: boolean;
  producers: Map<number, ProducerEntry>;
}

interface ProducerEntry {
  epoch: number;
  batches: { first: number; last: number; baseOffset: number }[];
}

const MAX_SEQUENCE = 2147483647;

export function createLogs(input: SenderTraceInput): Map<string, ScriptedPartition> {
  const logs = new Map<string, ScriptedPartition>();
  for (const { topic, partition, leader } of input.partitions)
    logs.set(`${topic}-${partition}`, { topic, partition, leader, epoch: 0, logEndOffset: 0, leaderInfo: false, producers: new Map() });
  return logs;
}

/** The offset of the first record, or the error. */
export function appendToLog(
  log: ScriptedPartition,
  batch: RecordBatch,
): number | "OUT_OF_ORDER_SEQUENCE_NUMBER" | "INVALID_PRODUCER_EPOCH" {
  if (batch.producerId >= 0) {
    const entry = log.producers.get(batch.producerId);
    const first = batch.baseSequence;
    const last = wrap(first + batch.recordCount - 1);
    const same = entry?.epoch === batch.producerEpoch ? entry.batches.find((old) => old.first === first && old.last === last) : undefined;
    if (same !== undefined) return same.baseOffset;
    if (entry !== undefined && batch.producerEpoch < entry.epoch) return "INVALID_PRODUCER_EPOCH";
    if (entry !== undefined && batch.producerEpoch !== entry.epoch && first !== 0) return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    if (entry !== undefined && batch.producerEpoch === entry.epoch && first !== wrap(entry.batches.at(-1)!.last + 1))
      return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    const next = entry !== undefined && entry.epoch === batch.producerEpoch ? entry : { epoch: batch.producerEpoch, batches: [] };
    next.batches.push({ first, last, baseOffset: log.logEndOffset });
    if (next.batches.length > 5) next.batches.shift();
    log.producers.set(batch.producerId, next);
  }
  const baseOffset = log.logEndOffset;
  log.logEndOffset += batch.recordCount;
  return baseOffset;
}

function wrap(sequence: number): number {
  return sequence > MAX_SEQUENCE ? sequence - MAX_SEQUENCE - 1 : sequence;
}
