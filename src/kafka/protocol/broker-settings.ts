import { type Configs, configReader } from "./config-reader.ts";

/**
 * What a broker or controller works with, its group coordinator and transaction coordinator included.
 * Models org.apache.kafka.server.config.AbstractKafkaConfig and the configs of its parts. Left out: threads, sockets, security, share and streams groups, tiered storage.
 */
export interface BrokerSettings {
  /** The broker's life in the controller's eyes. */
  brokerHeartbeatIntervalMs: number;
  brokerSessionTimeoutMs: number;
  controlledShutdownEnable: boolean;
  /** Broker to controller and broker to broker. */
  requestTimeoutMs: number;
  autoLeaderRebalanceEnable: boolean;
  leaderImbalanceCheckIntervalMs: number;
  uncleanLeaderElectionIntervalMs: number;

  replicaLagTimeMaxMs: number;
  replicaFetchMaxBytes: number;
  replicaFetchWaitMaxMs: number;
  replicaFetchMinBytes: number;
  replicaFetchResponseMaxBytes: number;
  replicaFetchBackoffMs: number;
  replicaSocketTimeoutMs: number;
  replicaHighWatermarkCheckpointIntervalMs: number;
  fetchMaxBytes: number;
  connectionsMaxIdleMs: number;

  autoCreateTopicsEnable: boolean;
  defaultReplicationFactor: number;
  numPartitions: number;
  logRetentionCheckIntervalMs: number;
  logInitialTaskDelayMs: number;

  offsetsTopicNumPartitions: number;
  offsetsTopicReplicationFactor: number;
  offsetsTopicSegmentBytes: number;
  offsetsRetentionMs: number;
  offsetsRetentionCheckIntervalMs: number;
  offsetsCommitTimeoutMs: number;
  offsetMetadataMaxBytes: number;

  groupInitialRebalanceDelayMs: number;
  groupMinSessionTimeoutMs: number;
  groupMaxSessionTimeoutMs: number;
  groupMaxSize: number;
  /** -1: as long as it takes to fill a write. */
  groupCoordinatorAppendLingerMs: number;
  groupConsumerSessionTimeoutMs: number;
  groupConsumerMinSessionTimeoutMs: number;
  groupConsumerMaxSessionTimeoutMs: number;
  groupConsumerHeartbeatIntervalMs: number;
  groupConsumerMinHeartbeatIntervalMs: number;
  groupConsumerMaxHeartbeatIntervalMs: number;
  groupConsumerMaxSize: number;
  groupConsumerAssignors: string[];
  groupConsumerMigrationPolicy: string;
  groupConsumerAssignmentIntervalMs: number;
  groupConsumerRegexRefreshIntervalMs: number;

  transactionStateLogNumPartitions: number;
  transactionStateLogReplicationFactor: number;
  transactionStateLogMinIsr: number;
  transactionMaxTimeoutMs: number;
  transactionalIdExpirationMs: number;
  transactionAbortTimedOutTransactionCleanupIntervalMs: number;
  transactionRemoveExpiredTransactionCleanupIntervalMs: number;
  transactionTwoPhaseCommitEnable: boolean;
  transactionPartitionVerificationEnable: boolean;
  producerIdExpirationMs: number;
  producerIdExpirationCheckIntervalMs: number;
  addPartitionsToTxnRetryBackoffMs: number;
  addPartitionsToTxnRetryBackoffMaxMs: number;
}

export function brokerSettings(configs: Configs): BrokerSettings {
  const reader = configReader("broker", configs);
  return {
    brokerHeartbeatIntervalMs: reader.int("broker.heartbeat.interval.ms"),
    brokerSessionTimeoutMs: reader.int("broker.session.timeout.ms"),
    controlledShutdownEnable: reader.boolean("controlled.shutdown.enable"),
    requestTimeoutMs: reader.int("request.timeout.ms"),
    autoLeaderRebalanceEnable: reader.boolean("auto.leader.rebalance.enable"),
    leaderImbalanceCheckIntervalMs: reader.long("leader.imbalance.check.interval.seconds") * 1000,
    uncleanLeaderElectionIntervalMs: reader.long("unclean.leader.election.interval.ms"),
    replicaLagTimeMaxMs: reader.long("replica.lag.time.max.ms"),
    replicaFetchMaxBytes: reader.int("replica.fetch.max.bytes"),
    replicaFetchWaitMaxMs: reader.int("replica.fetch.wait.max.ms"),
    replicaFetchMinBytes: reader.int("replica.fetch.min.bytes"),
    replicaFetchResponseMaxBytes: reader.int("replica.fetch.response.max.bytes"),
    replicaFetchBackoffMs: reader.int("replica.fetch.backoff.ms"),
    replicaSocketTimeoutMs: reader.int("replica.socket.timeout.ms"),
    replicaHighWatermarkCheckpointIntervalMs: reader.long("replica.high.watermark.checkpoint.interval.ms"),
    fetchMaxBytes: reader.int("fetch.max.bytes"),
    connectionsMaxIdleMs: reader.long("connections.max.idle.ms"),
    autoCreateTopicsEnable: reader.boolean("auto.create.topics.enable"),
    defaultReplicationFactor: reader.int("default.replication.factor"),
    numPartitions: reader.int("num.partitions"),
    logRetentionCheckIntervalMs: reader.long("log.retention.check.interval.ms"),
    logInitialTaskDelayMs: reader.long("log.initial.task.delay.ms"),
    offsetsTopicNumPartitions: reader.int("offsets.topic.num.partitions"),
    offsetsTopicReplicationFactor: reader.int("offsets.topic.replication.factor"),
    offsetsTopicSegmentBytes: reader.int("offsets.topic.segment.bytes"),
    offsetsRetentionMs: reader.int("offsets.retention.minutes") * 60_000,
    offsetsRetentionCheckIntervalMs: reader.long("offsets.retention.check.interval.ms"),
    offsetsCommitTimeoutMs: reader.int("offsets.commit.timeout.ms"),
    offsetMetadataMaxBytes: reader.int("offset.metadata.max.bytes"),
    groupInitialRebalanceDelayMs: reader.int("group.initial.rebalance.delay.ms"),
    groupMinSessionTimeoutMs: reader.int("group.min.session.timeout.ms"),
    groupMaxSessionTimeoutMs: reader.int("group.max.session.timeout.ms"),
    groupMaxSize: reader.int("group.max.size"),
    groupCoordinatorAppendLingerMs: reader.int("group.coordinator.append.linger.ms"),
    groupConsumerSessionTimeoutMs: reader.int("group.consumer.session.timeout.ms"),
    groupConsumerMinSessionTimeoutMs: reader.int("group.consumer.min.session.timeout.ms"),
    groupConsumerMaxSessionTimeoutMs: reader.int("group.consumer.max.session.timeout.ms"),
    groupConsumerHeartbeatIntervalMs: reader.int("group.consumer.heartbeat.interval.ms"),
    groupConsumerMinHeartbeatIntervalMs: reader.int("group.consumer.min.heartbeat.interval.ms"),
    groupConsumerMaxHeartbeatIntervalMs: reader.int("group.consumer.max.heartbeat.interval.ms"),
    groupConsumerMaxSize: reader.int("group.consumer.max.size"),
    groupConsumerAssignors: reader.list("group.consumer.assignors"),
    groupConsumerMigrationPolicy: (reader.text("group.consumer.migration.policy") ?? "").toLowerCase(),
    groupConsumerAssignmentIntervalMs: reader.int("group.consumer.assignment.interval.ms"),
    groupConsumerRegexRefreshIntervalMs: reader.int("group.consumer.regex.refresh.interval.ms"),
    transactionStateLogNumPartitions: reader.int("transaction.state.log.num.partitions"),
    transactionStateLogReplicationFactor: reader.int("transaction.state.log.replication.factor"),
    transactionStateLogMinIsr: reader.int("transaction.state.log.min.isr"),
    transactionMaxTimeoutMs: reader.int("transaction.max.timeout.ms"),
    transactionalIdExpirationMs: reader.int("transactional.id.expiration.ms"),
    transactionAbortTimedOutTransactionCleanupIntervalMs: reader.int("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
    transactionRemoveExpiredTransactionCleanupIntervalMs: reader.int("transaction.remove.expired.transaction.cleanup.interval.ms"),
    transactionTwoPhaseCommitEnable: reader.boolean("transaction.two.phase.commit.enable"),
    transactionPartitionVerificationEnable: reader.boolean("transaction.partition.verification.enable"),
    producerIdExpirationMs: reader.int("producer.id.expiration.ms"),
    producerIdExpirationCheckIntervalMs: reader.int("producer.id.expiration.check.interval.ms"),
    addPartitionsToTxnRetryBackoffMs: reader.int("add.partitions.to.txn.retry.backoff.ms"),
    addPartitionsToTxnRetryBackoffMaxMs: reader.int("add.partitions.to.txn.retry.backoff.max.ms"),
  };
}

/** A broker's configs as they hold now: its own dynamic value, else the cluster-wide one, else what its file says. */
export function brokerConfigsInForce(inFile: Configs, clusterWide: Configs, ownDynamic: Configs): Configs {
  return { ...inFile, ...clusterWide, ...ownDynamic };
}
