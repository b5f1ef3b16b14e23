/**
 * What a broker tells clients of the cluster, from its own image of the metadata.
 * Models kafka.server.metadata.KRaftMetadataCache and the FindCoordinator part of KafkaApis. Left out: listeners, topic ids, authorisation, automatic creation of topics.
 */
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import type { MetadataImage } from "../protocol/metadata-records.ts";
import { topicPartitionOf } from "../protocol/topic-partition.ts";

type MetadataTopic = ResponseOf<"Metadata">["topics"][number];

export const GROUP_METADATA_TOPIC = "__consumer_offsets";
const TRANSACTION_STATE_TOPIC = "__transaction_state";

export function metadataResponse(image: MetadataImage, request: RequestOf<"Metadata">): ResponseOf<"Metadata"> {
  const brokers = [];
  for (const id of Object.keys(image.brokers)) {
    const broker = image.brokers[id]!;
    if (!broker.fenced) brokers.push({ nodeId: Number(id), rack: broker.rack });
  }
  const names = request.topics ?? Object.keys(image.topics);
  return {
    api: "Metadata",
    throttleTimeMs: 0,
    brokers,
    controllerId: image.controllerId,
    topics: names.map((name) => metadataOfTopic(image, name)),
  };
}

function metadataOfTopic(image: MetadataImage, name: string): MetadataTopic {
  const topic = image.topics[name];
  if (topic === undefined) return { error: "UNKNOWN_TOPIC_OR_PARTITION", name, partitions: [] };
  const partitions: MetadataTopic["partitions"] = [];
  for (let partition = 0; partition < topic.partitionCount; partition++) {
    const state = image.partitions[topicPartitionOf(name, partition)];
    if (state === undefined) continue;
    const hasLeader = state.leader !== -1 && image.brokers[state.leader] !== undefined;
    partitions.push({
      error: hasLeader ? "NONE" : "LEADER_NOT_AVAILABLE",
      partition,
      leaderId: hasLeader ? state.leader : -1,
      leaderEpoch: state.leaderEpoch,
      replicas: state.replicas.slice(),
      isr: state.isr.slice(),
      offlineReplicas: state.replicas.filter((id) => image.brokers[id]?.fenced ?? true),
    });
  }
  return { error: "NONE", name, partitions };
}

export function findCoordinatorResponse(image: MetadataImage, request: RequestOf<"FindCoordinator">): ResponseOf<"FindCoordinator"> {
  const topic = request.keyType === "group" ? GROUP_METADATA_TOPIC : TRANSACTION_STATE_TOPIC;
  const state = image.partitions[coordinatorPartition(image, topic, request.key)];
  const leader = state === undefined ? undefined : image.brokers[state.leader];
  if (state === undefined || leader === undefined || leader.fenced)
    return { api: "FindCoordinator", error: "COORDINATOR_NOT_AVAILABLE", errorMessage: null, nodeId: -1 };
  return { api: "FindCoordinator", error: "NONE", errorMessage: null, nodeId: state.leader };
}

/** The partition of a coordinator's topic that is responsible for a group or transactional id. */
export function coordinatorPartition(image: MetadataImage, topic: string, key: string): string {
  const partitionCount = image.topics[topic]?.partitionCount ?? 0;
  return topicPartitionOf(topic, partitionCount === 0 ? 0 : absolute(javaHashCode(key)) % partitionCount);
}

/** java.lang.String.hashCode */
function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Utils.abs: the one integer that has no opposite becomes 0. */
function absolute(value: number): number {
  return value === -0x80000000 ? 0 : Math.abs(value);
}
