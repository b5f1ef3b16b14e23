import type { TopicSpec } from "../protocol/cluster-spec.ts";
import type { Context } from "../protocol/context.ts";
import type { MetadataRecord, PartitionRegistration } from "../protocol/metadata-records.ts";
import { topicPartitionOf } from "../protocol/topic-partition.ts";
import { checkConfigs } from "./configuration-control-manager.ts";
import { writeRecords } from "./metadata-writer.ts";
import { type AdminResult, adminResult, type ControllerQuorum, isActive } from "./quorum-state.ts";
import { placeReplicas, type UsableBroker } from "./replica-placer.ts";

/**
 * New topics and new partitions. Models createTopics and createPartitions of org.apache.kafka.controller.ReplicationControlManager
 * and org.apache.kafka.common.internals.Topic. Left out: policies, quotas, topic ids.
 */
const MAX_NAME_LENGTH = 249;
const WHY = { kind: "clean", reason: "created", config: "" } as const;

type Assignment = { replicas: number[][]; refusal: null } | { replicas: null; refusal: AdminResult };

export function createTopicFrom(quorum: ControllerQuorum, wanted: TopicSpec, context: Context): AdminResult {
  const { name: topic, partitions, replicationFactor, configs } = wanted;
  const refused = refusalOfNewTopic(quorum, wanted);
  if (refused !== null) return refused;
  const { replicas, refusal } =
    wanted.assignment === null ? place(quorum, partitions, replicationFactor, context) : checkAssignment(quorum, wanted.assignment);
  if (replicas === null) return refusal;
  const records: MetadataRecord[] = [{ type: "TopicRecord", name: topic }];
  for (const [key, value] of Object.entries(configs)) records.push({ type: "ConfigRecord", scope: "topic", resource: topic, key, value });
  records.push(...newPartitions(quorum, topic, 0, replicas));
  const fields = { topic, partitions: replicas.length, replicationFactor: replicas[0]?.length ?? 0 };
  if (context.tracing) context.cause = context.trace("topic-created", String(quorum.activeController), fields);
  writeRecords(quorum, records, WHY, context);
  return adminResult("NONE");
}

/** Raises the partition count to `count`; new partitions are placed by the controller. */
export function addPartitionsTo(quorum: ControllerQuorum, topic: string, count: number, context: Context): AdminResult {
  const existing = quorum.image.topics[topic];
  if (existing === undefined) return adminResult("UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition.");
  const { partitionCount } = existing;
  if (count === partitionCount) return adminResult("INVALID_PARTITIONS", `Topic already has ${partitionCount} partition(s).`);
  if (count < partitionCount) {
    return adminResult(
      "INVALID_PARTITIONS",
      `The topic ${topic} currently has ${partitionCount} partition(s); ${count} would not be an increase.`,
    );
  }
  const replicationFactor = quorum.image.partitions[topicPartitionOf(topic, 0)]!.replicas.length;
  const { replicas, refusal } = place(quorum, count - partitionCount, replicationFactor, context);
  if (replicas === null) return refusal;
  writeRecords(quorum, newPartitions(quorum, topic, partitionCount, replicas), WHY, context);
  return adminResult("NONE");
}

function refusalOfNewTopic(
  quorum: ControllerQuorum,
  { name: topic, partitions, replicationFactor, assignment, configs }: TopicSpec,
): AdminResult | null {
  const badName = invalidTopicName(topic);
  if (badName !== null) return adminResult("INVALID_TOPIC_EXCEPTION", `Topic name is invalid: ${badName}`);
  const colliding = Object.keys(quorum.image.topics).find(
    (other) => other !== topic && unifyCollisionChars(other) === unifyCollisionChars(topic),
  );
  if (colliding !== undefined) return adminResult("INVALID_TOPIC_EXCEPTION", `Topic '${topic}' collides with existing topic: ${colliding}`);
  if (quorum.image.topics[topic] !== undefined) return adminResult("TOPIC_ALREADY_EXISTS", `Topic '${topic}' already exists.`);
  const checked = checkConfigs(quorum, "topic", configs);
  if (checked.error !== "NONE") return checked;
  if (assignment !== null) return null;
  if (replicationFactor <= 0)
    return adminResult("INVALID_REPLICATION_FACTOR", "Replication factor must be larger than 0, or -1 to use the default value.");
  if (partitions <= 0) return adminResult("INVALID_PARTITIONS", "Number of partitions was set to an invalid non-positive value.");
  return null;
}

function place(quorum: ControllerQuorum, partitions: number, replicationFactor: number, context: Context): Assignment {
  const usable: UsableBroker[] = [];
  for (const [id, { rack, fenced, inControlledShutdown }] of Object.entries(quorum.image.brokers)) {
    if (!inControlledShutdown) usable.push({ id: Number(id), rack, fenced });
  }
  const { replicas, refusal } = placeReplicas(usable, partitions, replicationFactor, context.chance);
  if (replicas !== null) return { replicas, refusal: null };
  return {
    replicas: null,
    refusal: adminResult("INVALID_REPLICATION_FACTOR", `Unable to replicate the partition ${replicationFactor} time(s): ${refusal}`),
  };
}

function checkAssignment(quorum: ControllerQuorum, assignment: readonly (readonly number[])[]): Assignment {
  let factor = -1;
  for (const [partition, replicas] of assignment.entries()) {
    const wrong = wrongReplicas(quorum, replicas, factor, partition);
    if (wrong !== null) return { replicas: null, refusal: adminResult("INVALID_REPLICA_ASSIGNMENT", wrong) };
    factor = replicas.length;
  }
  return { replicas: assignment.map((replicas) => replicas.slice()), refusal: null };
}

function wrongReplicas(quorum: ControllerQuorum, replicas: readonly number[], factor: number, partition: number): string | null {
  if (replicas.length === 0) return "The manual partition assignment includes an empty replica list.";
  const unknown = replicas.find((broker) => quorum.image.brokers[broker] === undefined);
  if (unknown !== undefined) return `The manual partition assignment includes broker ${unknown}, but no such broker is registered.`;
  const twice = replicas.find((broker, index) => replicas.indexOf(broker) !== index);
  if (twice !== undefined) return `The manual partition assignment includes the broker ${twice} more than once.`;
  if (factor !== -1 && replicas.length !== factor) {
    return `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which have ${factor} replica(s).`;
  }
  if (replicas.some((broker) => isActive(quorum, broker))) return null;
  return `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in controlled shutdown.`;
}

/** The first active replica leads; the active ones are in the ISR. */
function newPartitions(quorum: ControllerQuorum, topic: string, first: number, assignment: readonly number[][]): MetadataRecord[] {
  return assignment.map((replicas, index) => {
    const isr = replicas.filter((broker) => isActive(quorum, broker));
    const state: PartitionRegistration = {
      replicas,
      isr,
      elr: [],
      lastKnownElr: [],
      leader: isr[0] ?? -1,
      leaderRecoveryState: "RECOVERED",
      leaderEpoch: 0,
      partitionEpoch: 0,
    };
    return { type: "PartitionRecord", topicPartition: topicPartitionOf(topic, first + index), topic, partition: first + index, state };
  });
}

function invalidTopicName(name: string): string | null {
  if (name === "") return "the empty string is not allowed";
  if (name === ".") return "'.' is not allowed";
  if (name === "..") return "'..' is not allowed";
  if (name.length > MAX_NAME_LENGTH) return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  return null;
}

/** Metric names make no difference between dots and underscores. */
function unifyCollisionChars(name: string): string {
  return name.replaceAll(".", "_");
}
