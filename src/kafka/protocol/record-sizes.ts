/**
 * How many bytes records take, and when a batch takes one more: the arithmetic alone, no bytes and no allocation.
 * Models the size methods of org.apache.kafka.common.record.internal.DefaultRecord, DefaultRecordBatch, AbstractRecords and the room checks of
 * MemoryRecordsBuilder and ProducerBatch (message format v2). Left out: compression. A size of -1 is null.
 */

export const BATCH_HEADER_BYTES = 61;
/** What a record's own fields (length, attributes, deltas, lengths of key and value, count of headers) can take at most. */
export const MAX_RECORD_OVERHEAD_BYTES = 21;

/** Of a zig-zag varint, 7 bits a byte; from 32 bits on it is a varlong, whose sizes are the same. */
export function varintSize(value: number): number {
  // Zig-zag puts -1 beside 1 and -n - 1 beside n: a negative number is as long as its complement.
  const magnitude = value < 0 ? -1 - value : value;
  if (magnitude < 0x40) return 1;
  if (magnitude < 0x2000) return 2;
  if (magnitude < 0x100000) return 3;
  if (magnitude < 0x8000000) return 4;
  if (magnitude < 0x400000000) return 5;
  if (magnitude < 0x20000000000) return 6;
  if (magnitude < 0x1000000000000) return 7;
  // Beyond 2^53 a double no longer holds the complement of every integer, yet these borders it holds.
  if (value >= -(2 ** 55) && value < 2 ** 55) return 8;
  if (value >= -(2 ** 62) && value < 2 ** 62) return 9;
  return 10;
}

/** A key or a value with its length. */
function fieldSize(sizeBytes: number): number {
  return sizeBytes < 0 ? 1 : varintSize(sizeBytes) + sizeBytes;
}

/** One header with its lengths. */
export function headerSize(nameSizeBytes: number, valueSizeBytes: number): number {
  return varintSize(nameSizeBytes) + nameSizeBytes + fieldSize(valueSizeBytes);
}

/** The headers of a record with their count: what the functions below call headersSizeBytes. One byte when there are none. */
export function headersSize(count: number, sumOfHeaderSizes: number): number {
  return varintSize(count) + sumOfHeaderSizes;
}

export const NO_HEADERS_BYTES = 1;

/** A record without the varint of its own length. */
export function recordBodySizeInBytes(
  offsetDelta: number,
  timestampDelta: number,
  keySize: number,
  valueSize: number,
  headersSizeBytes: number,
): number {
  return 1 + varintSize(timestampDelta) + varintSize(offsetDelta) + fieldSize(keySize) + fieldSize(valueSize) + headersSizeBytes;
}

/** A record in a batch. */
export function recordSizeInBytes(
  offsetDelta: number,
  timestampDelta: number,
  keySize: number,
  valueSize: number,
  headersSizeBytes: number,
): number {
  const bodySizeBytes = recordBodySizeInBytes(offsetDelta, timestampDelta, keySize, valueSize, headersSizeBytes);
  return varintSize(bodySizeBytes) + bodySizeBytes;
}

/** The most that a batch of this one record can take: what is compared with max.request.size and buffer.memory, and allocated. */
export function recordUpperBound(keySize: number, valueSize: number, headersSizeBytes: number): number {
  return BATCH_HEADER_BYTES + MAX_RECORD_OVERHEAD_BYTES + fieldSize(keySize) + fieldSize(valueSize) + headersSizeBytes;
}

/** What a new batch takes from buffer.memory, and with it the limit of what is written to it: an oversized first record raises it. */
export function batchAllocationBytes(batchSizeBytes: number, firstRecordUpperBound: number): number {
  return Math.max(1, batchSizeBytes, firstRecordUpperBound);
}

/** Full by size: a batch of at least one record that has reached its limit. (A batch also counts as full once it is closed for appends.) */
export function isFull(writeLimitBytes: number, recordCount: number, batchSizeInBytes: number): boolean {
  return recordCount > 0 && writeLimitBytes <= batchSizeInBytes;
}

/** Whether a batch takes a record of this exact size; the first one is always taken. */
export function hasRoomFor(writeLimitBytes: number, recordCount: number, batchSizeInBytes: number, recordSizeBytes: number): boolean {
  return recordCount === 0 || (writeLimitBytes > batchSizeInBytes && writeLimitBytes >= batchSizeInBytes + recordSizeBytes);
}

/** null: the producer takes the record; otherwise the message of its RecordTooLargeException. */
export function recordTooLarge(upperBoundBytes: number, maxRequestSizeBytes: number, bufferMemoryBytes: number): string | null {
  if (upperBoundBytes > maxRequestSizeBytes)
    return `The message is ${upperBoundBytes} bytes when serialized which is larger than ${maxRequestSizeBytes}, which is the value of the max.request.size configuration.`;
  if (upperBoundBytes > bufferMemoryBytes)
    return `The message is ${upperBoundBytes} bytes when serialized which is larger than the total memory buffer you have configured with the buffer.memory configuration.`;
  return null;
}
