import { type ConfigReader, type Configs, configReader } from "./config-reader.ts";

/**
 * What a producer really works with, read once when it is made.
 * Models the fields that the constructor of KafkaProducer takes from ProducerConfig, after its adjustments. Left out: serializers, security, metrics, buffers of sockets.
 */
export interface ProducerSettings {
  clientId: string;
  clientRack: string;
  /** -1: all. */
  acks: -1 | 0 | 1;
  idempotent: boolean;
  /** null: not transactional. */
  transactionalId: string | null;
  transactionTimeoutMs: number;
  twoPhaseCommitEnabled: boolean;
  retries: number;
  maxInFlightRequestsPerConnection: number;
  /** At least 1. */
  batchSizeBytes: number;
  lingerMs: number;
  bufferMemoryBytes: number;
  maxBlockMs: number;
  maxRequestSizeBytes: number;
  requestTimeoutMs: number;
  /** After KafkaProducer.configureDeliveryTimeout: not set and too short, it is raised to linger + request timeout. */
  deliveryTimeoutMs: number;
  retryBackoffMs: number;
  retryBackoffMaxMs: number;
  reconnectBackoffMs: number;
  reconnectBackoffMaxMs: number;
  socketConnectionSetupTimeoutMs: number;
  socketConnectionSetupTimeoutMaxMs: number;
  connectionsMaxIdleMs: number;
  metadataMaxAgeMs: number;
  metadataMaxIdleMs: number;
  metadataRecoveryStrategy: "none" | "rebootstrap";
  metadataRecoveryRebootstrapTriggerMs: number;
  compressionType: string;
  /** null: the built-in partitioner. */
  partitionerClass: string | null;
  partitionerIgnoreKeys: boolean;
  partitionerAdaptivePartitioningEnable: boolean;
  partitionerAvailabilityTimeoutMs: number;
  partitionerRackAware: boolean;
}

const INT_MAX = 2147483647;

export function producerSettings(configs: Configs): ProducerSettings {
  const reader = configReader("producer", configs);
  const lingerMs = Math.min(reader.long("linger.ms"), INT_MAX);
  const requestTimeoutMs = reader.int("request.timeout.ms");
  const transactionalId = reader.text("transactional.id");
  return {
    clientId: reader.text("client.id") ?? "",
    clientRack: reader.text("client.rack") ?? "",
    acks: acksOf(reader.text("acks")),
    idempotent: isIdempotent(reader),
    transactionalId,
    transactionTimeoutMs: reader.int("transaction.timeout.ms"),
    twoPhaseCommitEnabled: reader.boolean("transaction.two.phase.commit.enable"),
    retries: reader.int("retries"),
    maxInFlightRequestsPerConnection: reader.int("max.in.flight.requests.per.connection"),
    batchSizeBytes: Math.max(1, reader.int("batch.size")),
    lingerMs,
    bufferMemoryBytes: reader.long("buffer.memory"),
    maxBlockMs: reader.long("max.block.ms"),
    maxRequestSizeBytes: reader.int("max.request.size"),
    requestTimeoutMs,
    deliveryTimeoutMs: deliveryTimeoutOf(reader, lingerMs, requestTimeoutMs),
    retryBackoffMs: reader.long("retry.backoff.ms"),
    retryBackoffMaxMs: reader.long("retry.backoff.max.ms"),
    reconnectBackoffMs: reader.long("reconnect.backoff.ms"),
    reconnectBackoffMaxMs: reconnectBackoffMaxOf(reader),
    socketConnectionSetupTimeoutMs: reader.long("socket.connection.setup.timeout.ms"),
    socketConnectionSetupTimeoutMaxMs: reader.long("socket.connection.setup.timeout.max.ms"),
    connectionsMaxIdleMs: reader.long("connections.max.idle.ms"),
    metadataMaxAgeMs: reader.long("metadata.max.age.ms"),
    metadataMaxIdleMs: reader.long("metadata.max.idle.ms"),
    metadataRecoveryStrategy: recoveryStrategyOf(reader),
    metadataRecoveryRebootstrapTriggerMs: reader.long("metadata.recovery.rebootstrap.trigger.ms"),
    compressionType: reader.text("compression.type") ?? "none",
    partitionerClass: reader.text("partitioner.class"),
    partitionerIgnoreKeys: reader.boolean("partitioner.ignore.keys"),
    partitionerAdaptivePartitioningEnable: reader.boolean("partitioner.adaptive.partitioning.enable"),
    partitionerAvailabilityTimeoutMs: reader.long("partitioner.availability.timeout.ms"),
    partitionerRackAware: reader.boolean("partitioner.rack.aware"),
  };
}

export function acksOf(text: string | null): -1 | 0 | 1 {
  return text === "0" ? 0 : text === "1" ? 1 : -1;
}

/** acks other than all, and retries of 0, turn idempotence off without a word unless it was asked for (then validation refuses). */
function isIdempotent(reader: ConfigReader): boolean {
  return reader.boolean("enable.idempotence") && acksOf(reader.text("acks")) === -1 && reader.int("retries") !== 0;
}

function deliveryTimeoutOf(reader: ConfigReader, lingerMs: number, requestTimeoutMs: number): number {
  const deliveryTimeoutMs = reader.int("delivery.timeout.ms");
  const leastMs = Math.min(lingerMs + requestTimeoutMs, INT_MAX);
  return Math.max(deliveryTimeoutMs, leastMs);
}

/** reconnect.backoff.ms alone also sets its max, even to less than the default. */
export function reconnectBackoffMaxOf(reader: ConfigReader): number {
  const grows = reader.isSet("reconnect.backoff.max.ms") || !reader.isSet("reconnect.backoff.ms");
  return reader.long(grows ? "reconnect.backoff.max.ms" : "reconnect.backoff.ms");
}

export function recoveryStrategyOf(reader: ConfigReader): "none" | "rebootstrap" {
  return reader.text("metadata.recovery.strategy")?.toLowerCase() === "none" ? "none" : "rebootstrap";
}
