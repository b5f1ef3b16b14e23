import {
  BATCH_HEADER_BYTES,
  batchAllocationBytes,
  hasRoomFor,
  headerSize,
  headersSize,
  isFull,
  NO_HEADERS_BYTES,
  recordSizeInBytes,
  recordTooLarge,
  recordUpperBound,
} from "../../src/kafka/protocol/record-sizes.ts";

interface Input {
  "batch.size": number;
  "max.request.size": number;
  "buffer.memory": number;
  producer: string;
  records: { key?: number | null; value?: number | null; timestamp: number; headers?: [number, number | null][] }[];
}

interface Batch {
  first: number;
  records: number;
  allocated: number;
  full: boolean;
  sizes: number[];
  sizeInBytes: number;
}

/** Cuts records of one partition into batches as the accumulator does, by the same functions. */
export function runCase(input: Input): unknown {
  const upperBounds: number[] = [];
  const tooLarge: [number, string, string][] = [];
  const batches: Batch[] = [];
  let batch: Batch | undefined;
  let baseTimestamp = 0;
  input.records.forEach((record, index) => {
    const keySize = record.key ?? -1;
    const valueSize = record.value ?? -1;
    const headersBytes = sizeOfHeaders(record.headers ?? []);
    const upperBound = recordUpperBound(keySize, valueSize, headersBytes);
    upperBounds.push(upperBound);
    const refusal = recordTooLarge(upperBound, input["max.request.size"], input["buffer.memory"]);
    if (refusal !== null) {
      tooLarge.push([index, "MESSAGE_TOO_LARGE", refusal]);
      return;
    }
    if (batch !== undefined) {
      const size = recordSizeInBytes(batch.records, record.timestamp - baseTimestamp, keySize, valueSize, headersBytes);
      if (hasRoomFor(batch.allocated, batch.records, batch.sizeInBytes, size)) return append(batch, size);
    }
    baseTimestamp = record.timestamp;
    batch = {
      first: index,
      records: 0,
      allocated: batchAllocationBytes(input["batch.size"], upperBound),
      full: false,
      sizes: [],
      sizeInBytes: BATCH_HEADER_BYTES,
    };
    batches.push(batch);
    append(batch, recordSizeInBytes(0, 0, keySize, valueSize, headersBytes));
  });
  return { upperBounds, tooLarge, batches };
}

function append(batch: Batch, recordSize: number): void {
  batch.records += 1;
  batch.sizeInBytes += recordSize;
  batch.sizes.push(batch.sizeInBytes);
  batch.full = isFull(batch.allocated, batch.records, batch.sizeInBytes);
}

function sizeOfHeaders(headers: [number, number | null][]): number {
  if (headers.length === 0) return NO_HEADERS_BYTES;
  let sum = 0;
  for (const [nameSize, valueSize] of headers) sum += headerSize(nameSize, valueSize ?? -1);
  return headersSize(headers.length, sum);
}
