import { type Configs, configReader } from "./config-reader.ts";
import { reconnectBackoffMaxOf, recoveryStrategyOf } from "./producer-settings.ts";

/**
 * What a consumer really works with, read once when it is made.
 * Models the fields that KafkaConsumer takes from ConsumerConfig, after its adjustments. Left out: deserializers, security, metrics, buffers of sockets.
 */
export interface ConsumerSettings {
  clientId: string;
  clientRack: string;
  /** null: no group, and so no commits. */
  groupId: string | null;
  /** null: a dynamic member. */
  groupInstanceId: string | null;
  groupProtocol: "classic" | "consumer";
  /** The assignor on the broker (consumer protocol); null: the group's default. */
  groupRemoteAssignor: string | null;
  /** Names as they travel ("range", "cooperative-sticky"), in order of preference. */
  assignors: string[];
  sessionTimeoutMs: number;
  heartbeatIntervalMs: number;
  /** Also the rebalance timeout. */
  maxPollIntervalMs: number;
  maxPollRecords: number;
  /** false without a group. */
  enableAutoCommit: boolean;
  autoCommitIntervalMs: number;
  /** latest, earliest, none or by_duration:… */
  autoOffsetReset: string;
  isolationLevel: "read_uncommitted" | "read_committed";
  fetchMinBytes: number;
  fetchMaxBytes: number;
  fetchMaxWaitMs: number;
  maxPartitionFetchBytes: number;
  requestTimeoutMs: number;
  defaultApiTimeoutMs: number;
  retryBackoffMs: number;
  retryBackoffMaxMs: number;
  reconnectBackoffMs: number;
  reconnectBackoffMaxMs: number;
  socketConnectionSetupTimeoutMs: number;
  socketConnectionSetupTimeoutMaxMs: number;
  connectionsMaxIdleMs: number;
  metadataMaxAgeMs: number;
  metadataRecoveryStrategy: "none" | "rebootstrap";
  metadataRecoveryRebootstrapTriggerMs: number;
  allowAutoCreateTopics: boolean;
  excludeInternalTopics: boolean;
}

export function consumerSettings(configs: Configs): ConsumerSettings {
  const reader = configReader("consumer", configs);
  const groupId = reader.text("group.id");
  return {
    clientId: reader.text("client.id") ?? "",
    clientRack: reader.text("client.rack") ?? "",
    groupId,
    groupInstanceId: reader.text("group.instance.id"),
    groupProtocol: reader.text("group.protocol")?.toLowerCase() === "consumer" ? "consumer" : "classic",
    groupRemoteAssignor: reader.text("group.remote.assignor"),
    assignors: reader.list("partition.assignment.strategy").map(assignorNameOf),
    sessionTimeoutMs: reader.int("session.timeout.ms"),
    heartbeatIntervalMs: reader.int("heartbeat.interval.ms"),
    maxPollIntervalMs: reader.int("max.poll.interval.ms"),
    maxPollRecords: reader.int("max.poll.records"),
    enableAutoCommit: groupId !== null && reader.boolean("enable.auto.commit"),
    autoCommitIntervalMs: reader.int("auto.commit.interval.ms"),
    autoOffsetReset: reader.text("auto.offset.reset") ?? "latest",
    isolationLevel: reader.text("isolation.level") === "read_committed" ? "read_committed" : "read_uncommitted",
    fetchMinBytes: reader.int("fetch.min.bytes"),
    fetchMaxBytes: reader.int("fetch.max.bytes"),
    fetchMaxWaitMs: reader.int("fetch.max.wait.ms"),
    maxPartitionFetchBytes: reader.int("max.partition.fetch.bytes"),
    requestTimeoutMs: reader.int("request.timeout.ms"),
    defaultApiTimeoutMs: reader.int("default.api.timeout.ms"),
    retryBackoffMs: reader.long("retry.backoff.ms"),
    retryBackoffMaxMs: reader.long("retry.backoff.max.ms"),
    reconnectBackoffMs: reader.long("reconnect.backoff.ms"),
    reconnectBackoffMaxMs: reconnectBackoffMaxOf(reader),
    socketConnectionSetupTimeoutMs: reader.long("socket.connection.setup.timeout.ms"),
    socketConnectionSetupTimeoutMaxMs: reader.long("socket.connection.setup.timeout.max.ms"),
    connectionsMaxIdleMs: reader.long("connections.max.idle.ms"),
    metadataMaxAgeMs: reader.long("metadata.max.age.ms"),
    metadataRecoveryStrategy: recoveryStrategyOf(reader),
    metadataRecoveryRebootstrapTriggerMs: reader.long("metadata.recovery.rebootstrap.trigger.ms"),
    allowAutoCreateTopics: reader.boolean("allow.auto.create.topics"),
    excludeInternalTopics: reader.boolean("exclude.internal.topics"),
  };
}

const assignorNames: Readonly<Record<string, string>> = {
  "org.apache.kafka.clients.consumer.RangeAssignor": "range",
  "org.apache.kafka.clients.consumer.RoundRobinAssignor": "roundrobin",
  "org.apache.kafka.clients.consumer.StickyAssignor": "sticky",
  "org.apache.kafka.clients.consumer.CooperativeStickyAssignor": "cooperative-sticky",
};

/** A class of Kafka's by the name that its assignor has in JoinGroup; a name is left as it is. */
export function assignorNameOf(className: string): string {
  return assignorNames[className] ?? className;
}
