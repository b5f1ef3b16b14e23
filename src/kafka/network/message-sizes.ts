import type { RequestBody, ResponseBody } from "../protocol/messages.ts";
import type { MetadataRecord } from "../protocol/metadata-records.ts";
import type { RecordBatch } from "../protocol/record-batch.ts";

/**
 * How many bytes a message takes on a link. Record batches count exactly; everything else is an estimate of Kafka's generated messages
 * (a header and so much for each element), since only batches are large enough to matter to a bandwidth.
 */
const REQUEST_HEADER_BYTES = 40;
const RESPONSE_HEADER_BYTES = 12;
const PARTITION_BYTES = 28;
const TEXT_ENTRY_BYTES = 24;

export function sizeOfRequest(body: RequestBody): number {
  let size = REQUEST_HEADER_BYTES;
  switch (body.api) {
    case "Produce":
      for (const partition of body.partitions) size += PARTITION_BYTES + partition.batch.sizeBytes;
      return size;
    case "Fetch":
      return size + 30 + body.partitions.length * (PARTITION_BYTES + 28);
    case "Metadata":
      return size + (body.topics?.length ?? 0) * TEXT_ENTRY_BYTES;
    case "ListOffsets":
    case "AlterPartition":
    case "OffsetCommit":
      return size + 40 + body.partitions.length * (PARTITION_BYTES + 16);
    case "OffsetFetch":
      return size + 40 + (body.partitions?.length ?? 0) * PARTITION_BYTES;
    case "JoinGroup":
      size += 80;
      for (const protocol of body.protocols) size += protocol.name.length + protocol.metadata.length;
      return size;
    case "SyncGroup":
      size += 60;
      for (const { memberId, assignment } of body.assignments) size += memberId.length + assignment.length;
      return size;
    default:
      return size + TEXT_ENTRY_BYTES;
  }
}

export function sizeOfResponse(body: ResponseBody): number {
  let size = RESPONSE_HEADER_BYTES;
  switch (body.api) {
    case "Produce":
      return size + body.partitions.length * (PARTITION_BYTES + 20);
    case "Fetch":
      for (const partition of body.partitions) size += PARTITION_BYTES + 40 + sizeOfBatches(partition.batches);
      return size;
    case "Metadata":
      size += body.brokers.length * TEXT_ENTRY_BYTES;
      for (const topic of body.topics) size += TEXT_ENTRY_BYTES + topic.partitions.length * 56;
      return size;
    case "ListOffsets":
    case "AlterPartition":
    case "OffsetCommit":
    case "OffsetFetch":
      return size + body.partitions.length * (PARTITION_BYTES + 16);
    case "JoinGroup":
      size += 80;
      for (const { memberId, metadata } of body.members) size += memberId.length + metadata.length;
      return size;
    case "SyncGroup":
      return size + 30 + body.assignment.length;
    case "MetadataFetch":
      for (const record of body.records) size += sizeOfMetadataRecord(record);
      return size;
    default:
      return size + TEXT_ENTRY_BYTES;
  }
}

function sizeOfBatches(batches: readonly RecordBatch[]): number {
  let size = 0;
  for (const batch of batches) size += batch.sizeBytes;
  return size;
}

function sizeOfMetadataRecord(record: MetadataRecord): number {
  return record.type === "PartitionRecord" ? 60 + record.state.replicas.length * 8 : 60;
}
