import type { Metadata } from "../client/metadata.ts";
import type { NetworkClient } from "../client/network-client.ts";
import type { NodeId } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { LatencyHistogram } from "../protocol/latency-histogram.ts";
import type { ProducerSettings } from "../protocol/producer-settings.ts";
import type { RecordAccumulator } from "./record-accumulator.ts";
import type { Sender } from "./sender.ts";
import type { TransactionManager } from "./transaction-manager.ts";

/** A producer: what its application and its sender thread share. Models org.apache.kafka.clients.producer.KafkaProducer. */
export interface KafkaProducer {
  /** Its node on the network, and its name everywhere. */
  readonly name: NodeId;
  readonly settings: ProducerSettings;
  metadata: Metadata;
  networkClient: NetworkClient;
  accumulator: RecordAccumulator;
  sender: Sender;
  /** null: neither idempotent nor transactional. */
  transactionManager: TransactionManager | null;
  /** The call in which the application thread is now; null: none, or it has returned. */
  call: ProducerCall | null;
  /** A resumption of a call that was scheduled under another generation is stale. */
  callGeneration: number;
  /** The batch that took the last record of the last send(); -1: none did. For get(). */
  lastSendBatch: number;
  statistics: ProducerStatistics;
}

export type ProducerCall = SendCall | FlushCall | GetCall | CloseCall;

/** send(), of one record or of a run of equal ones. */
export interface SendCall {
  kind: "send";
  topic: string;
  /** -1: the partitioner chooses. */
  partition: number;
  /** murmur2 of the key; null: no key. */
  keyHash: number | null;
  /** The id of the record that is being sent, and how many are left with it. */
  firstId: number;
  count: number;
  /** The ids before this one were told to the record listener. */
  announcedTo: number;
  /** Key, value and headers as they are written. */
  fieldsBytes: number;
  startedAtMs: number;
  timestampMs: number;
  waitsFor: "nothing" | "metadata" | "memory";
  /** Time left to block for memory, counted from when it began to. */
  blockBudgetMs: number;
  blockedSinceMs: number;
  /** Metadata answers that had come when it began to wait. */
  notificationsSeen: number;
  /** How many partitions the topic had when it last looked; 0: it was not known. */
  partitionsSeen: number;
  /** Memory that it holds and has not put into a batch; 0: none. */
  heldBytes: number;
  cause: number;
}

/** flush(): waits until every batch there was is done. */
export interface FlushCall {
  kind: "flush";
  startedAtMs: number;
  batchesLeft: number;
}

/** Future.get() of a record in this batch. */
export interface GetCall {
  kind: "get";
  startedAtMs: number;
  batch: number;
  recordId: number;
}

export interface CloseCall {
  kind: "close";
  startedAtMs: number;
  deadlineMs: number;
}

export interface ProducerStatistics {
  recordsSent: number;
  recordsAcknowledged: number;
  recordsFailed: number;
  /** Records of batches that were put back. */
  recordsRetried: number;
  bytesAcknowledged: number;
  requestsSent: number;
  /** Batches put into requests, and their records; each attempt counts. */
  batchesDrained: number;
  recordsDrained: number;
  /** Records acknowledged without an offset. */
  unknownOffsets: number;
  /** send() calls that had to wait, for metadata or memory. */
  blockedSends: number;
  batchesRetried: number;
  batchesSplit: number;
  blockedMs: number;
  lastError: ErrorName | null;
  /** From send() to acknowledgement. */
  latency: LatencyHistogram;
}
