import { copyPlain } from "../../kernel/kernel.ts";
import type { MetadataImage, MetadataRecord } from "../protocol/metadata-records.ts";
import { copyRegistration } from "../protocol/metadata-records.ts";
import { partitionOf, topicOf } from "../protocol/topic-partition.ts";

/**
 * The committed metadata log. Models the log and snapshots of org.apache.kafka.raft for __cluster_metadata.
 * A record is committed as soon as it is written: replication among the controllers (Raft) comes later. Old records are dropped, for the image says the same.
 */
export interface MetadataLog {
  /** Offset of the first record that is kept. */
  startOffset: number;
  /** Offset of the next record. */
  endOffset: number;
  /** Chunks, so that a frame copies one of them and not the whole log. */
  chunks: MetadataRecord[][];
  /** The trace event of the last write; -1: untraced. */
  lastCause: number;
}

const CHUNK_RECORDS = 128;
/** A broker that is further behind gets a snapshot. */
const MAX_CHUNKS = 16;

export function createMetadataLog(): MetadataLog {
  return { startOffset: 0, endOffset: 0, chunks: [], lastCause: -1 };
}

/** The record is the log's from now on. */
export function appendToLog(log: MetadataLog, record: MetadataRecord): void {
  const last = log.chunks[log.chunks.length - 1];
  if (last === undefined || last.length >= CHUNK_RECORDS) log.chunks.push([record]);
  else last.push(record);
  log.endOffset += 1;
}

/** Copies of the records from an offset on; null: they are no longer kept. */
export function readLog(log: MetadataLog, offset: number): MetadataRecord[] | null {
  if (offset < log.startOffset) return null;
  const records: MetadataRecord[] = [];
  let chunkOffset = log.startOffset;
  for (const chunk of log.chunks) {
    for (let i = Math.max(0, offset - chunkOffset); i < chunk.length; i++) records.push(copyPlain(chunk[i]!));
    chunkOffset += chunk.length;
  }
  return records;
}

/** Drops full chunks that all brokers have (`fetchedOffset` is the least of them), and the oldest when there are too many. */
export function compactLog(log: MetadataLog, fetchedOffset: number): void {
  while (log.chunks.length > 1) {
    const first = log.chunks[0]!;
    if (log.startOffset + first.length > fetchedOffset && log.chunks.length <= MAX_CHUNKS) return;
    log.startOffset += first.length;
    log.chunks.shift();
  }
}

/** A snapshot: the shortest log that leads to this image. */
export function imageAsRecords(image: MetadataImage): MetadataRecord[] {
  const records: MetadataRecord[] = [];
  for (const [brokerId, { brokerEpoch, incarnationId, rack, fenced, inControlledShutdown }] of Object.entries(image.brokers)) {
    records.push({
      type: "RegisterBrokerRecord",
      brokerId: Number(brokerId),
      incarnationId,
      brokerEpoch,
      rack,
      fenced,
      inControlledShutdown,
    });
  }
  for (const name of Object.keys(image.topics)) records.push({ type: "TopicRecord", name });
  for (const [resource, configs] of Object.entries(image.configs)) {
    const separator = resource.indexOf(":");
    const scope = resource.slice(0, separator) as "topic" | "broker" | "group";
    for (const [key, value] of Object.entries(configs))
      records.push({ type: "ConfigRecord", scope, resource: resource.slice(separator + 1), key, value });
  }
  for (const [topicPartition, state] of Object.entries(image.partitions)) {
    const topic = topicOf(topicPartition);
    records.push({
      type: "PartitionRecord",
      topicPartition,
      topic,
      partition: partitionOf(topicPartition),
      state: copyRegistration(state),
    });
  }
  if (image.nextProducerId > 0) records.push({ type: "ProducerIdsRecord", brokerId: -1, nextProducerId: image.nextProducerId });
  if (image.controllerId !== -1) records.push({ type: "ActiveControllerRecord", controllerId: image.controllerId, controllerEpoch: -1 });
  return records;
}
