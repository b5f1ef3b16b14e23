import { naturalLog, power } from "../../kernel/power.ts";
import type { ProducerWorkload } from "../protocol/cluster-spec.ts";
import type { Context } from "../protocol/context.ts";
import { murmur2OfText } from "../protocol/murmur2.ts";
import { BATCH_HEADER_BYTES, MAX_RECORD_OVERHEAD_BYTES, NO_HEADERS_BYTES, recordUpperBound } from "../protocol/record-sizes.ts";
import type { ProgramStep } from "./producer-program.ts";

/**
 * What a producer's application sends, and when: a workload of the scenario as the next step of a program.
 * Record k of a rate is due at the whole millisecond in which it falls, so that no record is lost to rounding at any rate.
 */
export interface WorkloadState {
  workload: ProducerWorkload;
  recordsPerSecond: number;
  /** Since when this rate holds, and how many records of it were sent. */
  rateSinceMs: number;
  sentAtRate: number;
  /** Over all lives of the process. */
  sentInAll: number;
}

export function createWorkloadState(workload: ProducerWorkload): WorkloadState {
  return {
    workload: { ...workload, records: workload.records === null ? null : workload.records.map((record) => ({ ...record })) },
    recordsPerSecond: workload.recordsPerSecond,
    rateSinceMs: 0,
    sentAtRate: 0,
    sentInAll: 0,
  };
}

/** The rate counts from now; what was due before and not sent is given up. */
export function setRate(state: WorkloadState, recordsPerSecond: number, nowMs: number): void {
  state.recordsPerSecond = recordsPerSecond;
  state.rateSinceMs = nowMs;
  state.sentAtRate = 0;
}

/** When the next step is due; null: there is none. */
export function nextStepAt(state: WorkloadState): number | null {
  const { records, count } = state.workload;
  if (records !== null) return records[state.sentInAll]?.atMs ?? null;
  if (state.recordsPerSecond <= 0 || (count !== null && state.sentInAll >= count)) return null;
  return state.rateSinceMs + Math.floor((state.sentAtRate * 1000) / state.recordsPerSecond);
}

/** Takes the step that is due now or overdue. Records without key and result go as one run. */
export function takeStep(state: WorkloadState, name: string, nowMs: number, context: Context): ProgramStep {
  const { workload } = state;
  if (workload.records !== null) {
    const record = workload.records[state.sentInAll]!;
    state.sentInAll += 1;
    return sendStep(workload, record.atMs, record.key, record.partition ?? -1, record.valueSizeBytes, 1);
  }
  const dueMs = nextStepAt(state)!;
  const isRun = workload.keys === "none" && workload.mode === "async";
  const count = isRun ? dueCount(state, nowMs) : 1;
  const key = keyOf(state, name, context);
  state.sentAtRate += count;
  state.sentInAll += count;
  return sendStep(workload, dueMs, key, -1, workload.valueSizeBytes, count);
}

function dueCount(state: WorkloadState, nowMs: number): number {
  const dueInAll = Math.ceil(((nowMs - state.rateSinceMs + 1) * state.recordsPerSecond) / 1000);
  const due = Math.max(1, dueInAll - state.sentAtRate);
  return state.workload.count === null ? due : Math.min(due, state.workload.count - state.sentInAll);
}

function sendStep(
  workload: ProducerWorkload,
  at: number,
  key: string | null,
  partition: number,
  valueSizeBytes: number,
  count: number,
): ProgramStep {
  const keySize = key === null ? -1 : utf8Length(key);
  return {
    do: workload.mode === "sync" ? "send-and-get" : "send",
    at,
    topic: workload.topic,
    partition,
    keyHash: key === null ? null : murmur2OfText(key),
    fieldsBytes: recordFieldsBytes(keySize, valueSizeBytes),
    count,
  };
}

/** Key, value and headers as a record writes them. A size of -1 is null. */
export function recordFieldsBytes(keySize: number, valueSize: number): number {
  return recordUpperBound(keySize, valueSize, NO_HEADERS_BYTES) - BATCH_HEADER_BYTES - MAX_RECORD_OVERHEAD_BYTES;
}

function keyOf(state: WorkloadState, name: string, context: Context): string | null {
  const { keys, keyCount } = state.workload;
  const among = Math.max(1, keyCount);
  const stream = `producer/${name}/keys`;
  if (keys === "none") return null;
  if (keys === "sequential") return `k-${state.sentInAll % among}`;
  if (keys === "random") return `k-${context.chance.below(stream, among)}`;
  return `k-${zipf(among, context.chance.int31(stream) / 0x80000000)}`;
}

/** Rank 0 is the most frequent: its share falls as 1 / (rank + 1). `uniform` is in [0, 1). */
export function zipf(count: number, uniform: number): number {
  if (uniform <= 0 || count < 2) return 0;
  return Math.min(count - 1, Math.floor(power(2, (uniform * naturalLog(count + 1)) / naturalLog(2))) - 1);
}

function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // The two halves of a surrogate pair make four bytes together.
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
  }
  return length;
}
