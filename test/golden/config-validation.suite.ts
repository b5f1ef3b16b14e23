import { type ConfigScope, configDefinition } from "../../src/kafka/protocol/config-catalogue.ts";
import { type ConfigView, valuesSet } from "../../src/kafka/protocol/config-checks.ts";
import { suppliedConfigs, validateConfigs } from "../../src/kafka/protocol/config-validation.ts";
import { producerSettings } from "../../src/kafka/protocol/producer-settings.ts";
import { topicConfigValue } from "../../src/kafka/protocol/topic-settings.ts";

interface Input {
  scope: ConfigScope;
  config: Record<string, string>;
  broker?: Record<string, string>;
  without?: string[];
}

export function runCase({ scope, config, broker = {}, without = [] }: Input): unknown {
  const supplied = Object.fromEntries(Object.entries(suppliedConfigs[scope]).filter(([key]) => !without.includes(key)));
  const validation = validateConfigs(scope, config, broker, supplied);
  if (!validation.ok) {
    const { stage, name, message } = validation.error;
    const error = { result: "error", stage, error: name, message };
    return stage === "client" ? { ...error, wrappedIn: `Failed to construct kafka ${scope}` } : error;
  }
  const all = Object.keys(config).length + Object.keys(broker).length + without.length === 0;
  const output = { result: "ok", effective: effectiveOf(validation.effective, config, all) };
  if (scope === "producer") return { ...output, client: clientOf(config) };
  if (scope === "broker") return { ...output, topicDefaults: topicDefaultsOf(validation.effective, all) };
  return output;
}

/** What was given, and what the recorder compares where it is not the default. */
function effectiveOf(view: ConfigView, config: Record<string, string>, all: boolean): Record<string, string | null> {
  const effective: Record<string, string | null> = {};
  for (const key of new Set([...comparedKeys[view.scope], ...Object.keys(config)])) {
    const definition = configDefinition(view.scope, key);
    if (definition === undefined) continue;
    const value = view.values[key] ?? null;
    const supplied = view.scope === "broker" && suppliedConfigs.broker[key] === value;
    if (all || key in config || (value !== definition.default && !supplied)) effective[key] = value;
  }
  return effective;
}

function clientOf(config: Record<string, string>): unknown {
  const settings = producerSettings(config);
  return {
    "delivery.timeout.ms": String(settings.deliveryTimeoutMs),
    "linger.ms": String(settings.lingerMs),
    "batch.size": String(settings.batchSizeBytes),
    idempotent: settings.idempotent,
    transactional: settings.transactionalId !== null,
  };
}

function topicDefaultsOf(broker: ConfigView, all: boolean): Record<string, string | null> {
  const defaults: Record<string, string | null> = {};
  for (const key of comparedKeys.topic) {
    if (key === "remote.storage.enable") continue;
    const value = topicConfigValue(key, {}, valuesSet(broker));
    if (all || value !== (configDefinition("topic", key)?.default ?? null)) defaults[key] = value;
  }
  return defaults;
}

function keys(text: string): string[] {
  return text.trim().split(/\s+/);
}

const comparedKeys: Record<ConfigScope, string[]> = {
  producer: keys(`
    acks enable.idempotence retries max.in.flight.requests.per.connection linger.ms delivery.timeout.ms request.timeout.ms batch.size buffer.memory
    max.request.size max.block.ms retry.backoff.ms retry.backoff.max.ms reconnect.backoff.ms reconnect.backoff.max.ms transactional.id
    transaction.timeout.ms transaction.two.phase.commit.enable partitioner.ignore.keys partitioner.adaptive.partitioning.enable
    partitioner.availability.timeout.ms partitioner.rack.aware client.rack compression.type metadata.max.age.ms metadata.max.idle.ms
    connections.max.idle.ms socket.connection.setup.timeout.ms socket.connection.setup.timeout.max.ms metadata.recovery.strategy
    metadata.recovery.rebootstrap.trigger.ms
  `),
  consumer: keys(`
    group.id group.instance.id group.protocol group.remote.assignor partition.assignment.strategy isolation.level auto.offset.reset session.timeout.ms
    heartbeat.interval.ms max.poll.interval.ms max.poll.records enable.auto.commit auto.commit.interval.ms fetch.min.bytes fetch.max.bytes
    fetch.max.wait.ms max.partition.fetch.bytes request.timeout.ms default.api.timeout.ms retry.backoff.ms retry.backoff.max.ms reconnect.backoff.ms
    reconnect.backoff.max.ms metadata.max.age.ms connections.max.idle.ms allow.auto.create.topics exclude.internal.topics client.rack check.crcs
  `),
  topic: keys(`
    segment.bytes segment.ms segment.jitter.ms segment.index.bytes flush.messages flush.ms retention.bytes retention.ms max.message.bytes
    index.interval.bytes delete.retention.ms min.compaction.lag.ms max.compaction.lag.ms file.delete.delay.ms min.cleanable.dirty.ratio cleanup.policy
    unclean.leader.election.enable min.insync.replicas compression.type preallocate message.timestamp.type message.timestamp.before.max.ms
    message.timestamp.after.max.ms local.retention.ms local.retention.bytes remote.storage.enable
  `),
  broker: keys(`
    broker.id node.id num.partitions default.replication.factor min.insync.replicas unclean.leader.election.enable unclean.leader.election.interval.ms
    auto.create.topics.enable auto.leader.rebalance.enable leader.imbalance.check.interval.seconds replica.lag.time.max.ms replica.fetch.wait.max.ms
    replica.fetch.min.bytes replica.fetch.max.bytes replica.fetch.response.max.bytes replica.fetch.backoff.ms replica.socket.timeout.ms
    replica.high.watermark.checkpoint.interval.ms num.replica.fetchers broker.heartbeat.interval.ms broker.session.timeout.ms message.max.bytes
    log.segment.bytes log.roll.ms log.roll.hours log.roll.jitter.ms log.retention.ms log.retention.minutes log.retention.hours log.retention.bytes
    log.retention.check.interval.ms log.cleanup.policy log.flush.interval.messages log.flush.interval.ms log.message.timestamp.type
    log.message.timestamp.before.max.ms log.message.timestamp.after.max.ms log.cleaner.min.compaction.lag.ms log.cleaner.max.compaction.lag.ms
    log.cleaner.dedupe.buffer.size log.cleaner.threads compression.type group.min.session.timeout.ms group.max.session.timeout.ms
    group.initial.rebalance.delay.ms group.max.size group.coordinator.rebalance.protocols group.consumer.session.timeout.ms
    group.consumer.min.session.timeout.ms group.consumer.max.session.timeout.ms group.consumer.heartbeat.interval.ms
    group.consumer.min.heartbeat.interval.ms group.consumer.max.heartbeat.interval.ms group.consumer.max.size group.consumer.assignors
    group.consumer.migration.policy offsets.topic.replication.factor offsets.topic.num.partitions offsets.retention.minutes offsets.commit.timeout.ms
    offset.metadata.max.bytes transaction.max.timeout.ms transactional.id.expiration.ms transaction.abort.timed.out.transaction.cleanup.interval.ms
    transaction.state.log.replication.factor transaction.state.log.num.partitions transaction.state.log.min.isr
    transaction.partition.verification.enable transaction.two.phase.commit.enable producer.id.expiration.ms connections.max.idle.ms fetch.max.bytes
    max.connections.per.ip queued.max.requests socket.request.max.bytes max.incremental.fetch.session.cache.slots controller.quorum.election.timeout.ms
    controller.quorum.fetch.timeout.ms request.timeout.ms process.roles listeners controller.listener.names controller.quorum.voters
    controller.quorum.bootstrap.servers
  `),
  group: keys(`
    consumer.session.timeout.ms consumer.heartbeat.interval.ms consumer.assignment.interval.ms
  `),
};
