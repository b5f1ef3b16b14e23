import type { ErrorName } from "./errors.ts";
import type { MetadataRecord } from "./metadata-records.ts";
import type { RecordBatch } from "./record-batch.ts";

/**
 * Requests and responses by Kafka's own names (clients/src/main/resources/common/message). Partitions are named "topic-partition".
 * Left out: versions, authorisation, fields that no room reads. Every field is always there, so that a message has one shape.
 */
export interface Requests {
  ApiVersions: Record<string, never>;
  /** topics null: all. */
  Metadata: { topics: string[] | null };
  Produce: {
    acks: number;
    timeoutMs: number;
    transactionalId: string | null;
    partitions: { topicPartition: string; batch: RecordBatch }[];
  };
  InitProducerId: { transactionalId: string | null; transactionTimeoutMs: number; producerId: number; producerEpoch: number };
  Fetch: {
    /** -1 for a consumer. */
    replicaId: number;
    replicaEpoch: number;
    maxWaitMs: number;
    minBytes: number;
    maxBytes: number;
    readCommitted: boolean;
    partitions: {
      topicPartition: string;
      currentLeaderEpoch: number;
      fetchOffset: number;
      lastFetchedEpoch: number;
      logStartOffset: number;
      partitionMaxBytes: number;
    }[];
  };
  /** timestamp -1: latest, -2: earliest. */
  ListOffsets: {
    replicaId: number;
    readCommitted: boolean;
    partitions: { topicPartition: string; currentLeaderEpoch: number; timestamp: number }[];
  };
  FindCoordinator: { keyType: "group" | "transaction"; key: string };
  JoinGroup: {
    groupId: string;
    sessionTimeoutMs: number;
    rebalanceTimeoutMs: number;
    memberId: string;
    groupInstanceId: string | null;
    clientId: string;
    protocolType: string;
    protocols: { name: string; metadata: string }[];
    reason: string;
  };
  SyncGroup: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupInstanceId: string | null;
    protocolType: string | null;
    protocolName: string | null;
    assignments: { memberId: string; assignment: string }[];
  };
  Heartbeat: { groupId: string; generationId: number; memberId: string; groupInstanceId: string | null };
  LeaveGroup: { groupId: string; members: { memberId: string; groupInstanceId: string | null; reason: string }[] };
  OffsetCommit: {
    groupId: string;
    generationIdOrMemberEpoch: number;
    memberId: string;
    groupInstanceId: string | null;
    partitions: { topicPartition: string; committedOffset: number; committedLeaderEpoch: number; metadata: string }[];
  };
  /** partitions null: all that are committed. */
  OffsetFetch: { groupId: string; memberId: string | null; memberEpoch: number; requireStable: boolean; partitions: string[] | null };
  BrokerRegistration: { brokerId: number; incarnationId: string; rack: string | null; previousBrokerEpoch: number };
  BrokerHeartbeat: { brokerId: number; brokerEpoch: number; currentMetadataOffset: number; wantFence: boolean; wantShutDown: boolean };
  AlterPartition: {
    brokerId: number;
    brokerEpoch: number;
    partitions: {
      topicPartition: string;
      leaderEpoch: number;
      partitionEpoch: number;
      newIsr: { brokerId: number; brokerEpoch: number }[];
      leaderRecoveryState: LeaderRecoveryState;
    }[];
  };
  AllocateProducerIds: { brokerId: number; brokerEpoch: number };
  /** A broker's fetch of the metadata log (Kafka: Fetch of __cluster_metadata); parked until there is something new or maxWaitMs is over. */
  MetadataFetch: { brokerId: number; fetchOffset: number; maxWaitMs: number };
}

export type LeaderRecoveryState = "RECOVERED" | "RECOVERING";

export interface CurrentLeader {
  leaderId: number;
  leaderEpoch: number;
}

export interface Responses {
  ApiVersions: { error: ErrorName };
  Metadata: {
    throttleTimeMs: number;
    brokers: { nodeId: number; rack: string | null }[];
    controllerId: number;
    topics: {
      error: ErrorName;
      name: string;
      partitions: {
        error: ErrorName;
        partition: number;
        leaderId: number;
        leaderEpoch: number;
        replicas: number[];
        isr: number[];
        offlineReplicas: number[];
      }[];
    }[];
  };
  Produce: {
    throttleTimeMs: number;
    partitions: {
      topicPartition: string;
      error: ErrorName;
      errorMessage: string | null;
      /** -1 on error. */
      baseOffset: number;
      logAppendTimeMs: number;
      logStartOffset: number;
      /** KIP-951: who leads now, if the broker knows better; null otherwise. */
      currentLeader: CurrentLeader | null;
    }[];
    /** Indices of records refused one by one (KIP-467); empty as a rule. */
    recordErrors: { topicPartition: string; index: number; message: string | null }[];
  };
  InitProducerId: { error: ErrorName; producerId: number; producerEpoch: number };
  Fetch: {
    throttleTimeMs: number;
    error: ErrorName;
    partitions: {
      topicPartition: string;
      error: ErrorName;
      highWatermark: number;
      lastStableOffset: number;
      logStartOffset: number;
      divergingEpoch: { epoch: number; endOffset: number } | null;
      currentLeader: CurrentLeader | null;
      batches: RecordBatch[];
    }[];
  };
  ListOffsets: { partitions: { topicPartition: string; error: ErrorName; timestamp: number; offset: number; leaderEpoch: number }[] };
  FindCoordinator: { error: ErrorName; errorMessage: string | null; nodeId: number };
  JoinGroup: {
    error: ErrorName;
    generationId: number;
    protocolType: string | null;
    protocolName: string | null;
    leader: string;
    skipAssignment: boolean;
    memberId: string;
    members: { memberId: string; groupInstanceId: string | null; metadata: string }[];
  };
  SyncGroup: { error: ErrorName; protocolType: string | null; protocolName: string | null; assignment: string };
  Heartbeat: { error: ErrorName };
  LeaveGroup: { error: ErrorName; members: { memberId: string; groupInstanceId: string | null; error: ErrorName }[] };
  OffsetCommit: { partitions: { topicPartition: string; error: ErrorName }[] };
  OffsetFetch: {
    error: ErrorName;
    partitions: { topicPartition: string; committedOffset: number; committedLeaderEpoch: number; metadata: string; error: ErrorName }[];
  };
  BrokerRegistration: { error: ErrorName; brokerEpoch: number };
  BrokerHeartbeat: { error: ErrorName; isCaughtUp: boolean; isFenced: boolean; shouldShutDown: boolean };
  AlterPartition: {
    error: ErrorName;
    partitions: {
      topicPartition: string;
      error: ErrorName;
      leaderId: number;
      leaderEpoch: number;
      isr: number[];
      leaderRecoveryState: LeaderRecoveryState;
      partitionEpoch: number;
    }[];
  };
  AllocateProducerIds: { error: ErrorName; producerIdStart: number; producerIdLen: number };
  /**
   * `records` run on from the request's fetchOffset; or, if `snapshotEndOffset` is not -1, they are a snapshot of everything before that offset
   * (what the broker asked for is no longer kept as single records).
   */
  MetadataFetch: { error: ErrorName; records: MetadataRecord[]; highWatermark: number; snapshotEndOffset: number };
}

export type ApiName = keyof Requests;
export type RequestBody = { [A in ApiName]: { api: A } & Requests[A] }[ApiName];
export type ResponseBody = { [A in ApiName]: { api: A } & Responses[A] }[ApiName];
export type RequestOf<A extends ApiName> = Extract<RequestBody, { api: A }>;
export type ResponseOf<A extends ApiName> = Extract<ResponseBody, { api: A }>;
