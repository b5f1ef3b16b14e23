import type { ErrorName } from "./errors.ts";

/**
 * Runs of record ids: [first, count, first, count, ...]. A record's id counts from 0 within its producer.
 * Ids of one producer are given out in the order of its send() calls.
 */
export type IdRuns = number[];

/** Who listens to the fate of records (the ledger). Rooms call it always, traced or not, bare or under immer. */
export interface RecordListener {
  /** send() was called; nothing is known of the partition yet. `count` ids from `firstId`. */
  sent(producer: string, topic: string, firstId: number, count: number, at: number): void;
  /** The accumulator took records for a partition (the place where order per partition begins). */
  accepted(producer: string, topicPartition: string, ids: IdRuns): void;
  /** A replica's log has the records at these offsets (one batch; offsets run on from baseOffset in the order of ids). */
  appended(broker: number, topicPartition: string, producer: string, baseOffset: number, ids: IdRuns, asLeader: boolean, at: number): void;
  /** A replica dropped everything from `offset` on. */
  truncated(broker: number, topicPartition: string, offset: number): void;
  /** A replica lost its whole log of the partition (its disk was lost). */
  logLost(broker: number, topicPartition: string): void;
  /** A replica's log begins at `logStartOffset` now, by retention or deletion. */
  deletedBefore(broker: number, topicPartition: string, logStartOffset: number): void;
  /** The leader's high watermark (or, after an election, another one's). */
  highWatermark(broker: number, topicPartition: string, offset: number): void;
  /** An election: who leads now (-1: nobody) and which replicas may lead cleanly (ISR, and ELR when the ISR is empty). */
  leadership(topicPartition: string, leader: number, cleanCandidates: number[]): void;
  /** The producer was told: success; offsets run on from baseOffset (-1: unknown). */
  acknowledged(producer: string, topicPartition: string, ids: IdRuns, baseOffset: number, at: number): void;
  /** The producer was told: failure. topicPartition is null when it failed before a partition was chosen. */
  failed(producer: string, topicPartition: string | null, ids: IdRuns, error: ErrorName, at: number): void;
  /** poll() returned records of these offsets [from, to) to the application of a group's member. */
  returned(group: string, member: string, topicPartition: string, from: number, to: number, at: number): void;
  /** The application of a member has processed records of these offsets [from, to). */
  processed(group: string, member: string, topicPartition: string, from: number, to: number, at: number): void;
  /** The group's committed offset of a partition. */
  committed(group: string, topicPartition: string, offset: number): void;
}
