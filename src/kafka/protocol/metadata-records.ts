import type { LeaderRecoveryState } from "./messages.ts";

/** Records of the metadata log, by Kafka's names (metadata/src/main/resources/common/metadata). Left out: topic ids, directories, ACLs, quotas. */
export type MetadataRecord =
  | {
      type: "RegisterBrokerRecord";
      brokerId: number;
      incarnationId: string;
      brokerEpoch: number;
      rack: string | null;
      fenced: boolean;
      inControlledShutdown: boolean;
    }
  /** null: unchanged. */
  | {
      type: "BrokerRegistrationChangeRecord";
      brokerId: number;
      brokerEpoch: number;
      fenced: boolean | null;
      inControlledShutdown: boolean | null;
    }
  | { type: "TopicRecord"; name: string }
  | { type: "PartitionRecord"; topicPartition: string; topic: string; partition: number; state: PartitionRegistration }
  /** Only what changes; absent fields stay. Models PartitionChangeRecord. */
  | {
      type: "PartitionChangeRecord";
      topicPartition: string;
      change: Partial<Omit<PartitionRegistration, "leaderEpoch" | "partitionEpoch">> & { leaderEpochBumped: boolean };
    }
  /** Scope "broker" with resource "" is the cluster-wide default; value null removes the key. */
  | { type: "ConfigRecord"; scope: "topic" | "broker" | "group"; resource: string; key: string; value: string | null }
  | { type: "ProducerIdsRecord"; brokerId: number; nextProducerId: number }
  | { type: "ActiveControllerRecord"; controllerId: number; controllerEpoch: number };

/** A partition as the controller knows it. Models org.apache.kafka.metadata.PartitionRegistration. */
export interface PartitionRegistration {
  replicas: number[];
  isr: number[];
  elr: number[];
  lastKnownElr: number[];
  /** -1: no leader. */
  leader: number;
  leaderRecoveryState: LeaderRecoveryState;
  leaderEpoch: number;
  partitionEpoch: number;
}

/** The broker registration as metadata shows it. */
export interface BrokerImage {
  brokerEpoch: number;
  incarnationId: string;
  rack: string | null;
  fenced: boolean;
  inControlledShutdown: boolean;
}

/**
 * What a node has understood of the metadata log up to `offset` (exclusive). Models org.apache.kafka.image.MetadataImage.
 * Every broker owns one of its own, so two brokers may know different things at one instant, as in Kafka.
 */
export interface MetadataImage {
  offset: number;
  controllerId: number;
  brokers: Record<string, BrokerImage>;
  topics: Record<string, { partitionCount: number }>;
  partitions: Record<string, PartitionRegistration>;
  /** "topic:orders", "broker:1", "broker:", "group:billing" to key to value. */
  configs: Record<string, Record<string, string>>;
  nextProducerId: number;
}

export function emptyImage(): MetadataImage {
  return { offset: 0, controllerId: -1, brokers: {}, topics: {}, partitions: {}, configs: {}, nextProducerId: 0 };
}

/** Applies one record in place. The record stays the caller's: what the image keeps is copied. */
export function applyMetadataRecord(image: MetadataImage, record: MetadataRecord): void {
  image.offset += 1;
  switch (record.type) {
    case "RegisterBrokerRecord":
      image.brokers[record.brokerId] = {
        brokerEpoch: record.brokerEpoch,
        incarnationId: record.incarnationId,
        rack: record.rack,
        fenced: record.fenced,
        inControlledShutdown: record.inControlledShutdown,
      };
      return;
    case "BrokerRegistrationChangeRecord": {
      const broker = image.brokers[record.brokerId];
      if (broker === undefined) return;
      if (record.fenced !== null) broker.fenced = record.fenced;
      if (record.inControlledShutdown !== null) broker.inControlledShutdown = record.inControlledShutdown;
      return;
    }
    case "TopicRecord":
      image.topics[record.name] = { partitionCount: 0 };
      return;
    case "PartitionRecord":
      image.partitions[record.topicPartition] = copyRegistration(record.state);
      image.topics[record.topic]!.partitionCount += 1;
      return;
    case "PartitionChangeRecord":
      applyPartitionChange(image, record);
      return;
    case "ConfigRecord": {
      const resource = `${record.scope}:${record.resource}`;
      image.configs[resource] ??= {};
      const configs = image.configs[resource];
      if (record.value === null) delete configs[record.key];
      else configs[record.key] = record.value;
      return;
    }
    case "ProducerIdsRecord":
      image.nextProducerId = record.nextProducerId;
      return;
    case "ActiveControllerRecord":
      image.controllerId = record.controllerId;
      return;
  }
}

function applyPartitionChange(image: MetadataImage, record: Extract<MetadataRecord, { type: "PartitionChangeRecord" }>): void {
  const partition = image.partitions[record.topicPartition];
  if (partition === undefined) return;
  const { change } = record;
  if (change.replicas !== undefined) partition.replicas = change.replicas.slice();
  if (change.isr !== undefined) partition.isr = change.isr.slice();
  if (change.elr !== undefined) partition.elr = change.elr.slice();
  if (change.lastKnownElr !== undefined) partition.lastKnownElr = change.lastKnownElr.slice();
  if (change.leader !== undefined) partition.leader = change.leader;
  if (change.leaderRecoveryState !== undefined) partition.leaderRecoveryState = change.leaderRecoveryState;
  if (change.leaderEpochBumped) partition.leaderEpoch += 1;
  partition.partitionEpoch += 1;
}

export function copyRegistration(state: PartitionRegistration): PartitionRegistration {
  return {
    replicas: state.replicas.slice(),
    isr: state.isr.slice(),
    elr: state.elr.slice(),
    lastKnownElr: state.lastKnownElr.slice(),
    leader: state.leader,
    leaderRecoveryState: state.leaderRecoveryState,
    leaderEpoch: state.leaderEpoch,
    partitionEpoch: state.partitionEpoch,
  };
}
