import { configDefinition } from "./config-catalogue.ts";
import { type Configs, readBoolean, readInt, readList, readLong } from "./config-reader.ts";
import { trim } from "./config-values.ts";

/**
 * What a topic's logs and partitions work with: the topic's own configs over the broker's.
 * Models org.apache.kafka.storage.internals.log.LogConfig. Left out: indexes, flushing, compression, tiered storage.
 */
export interface TopicSettings {
  minInsyncReplicas: number;
  uncleanLeaderElectionEnable: boolean;
  /** -1: kept for ever. */
  retentionMs: number;
  /** -1: no limit. */
  retentionBytes: number;
  segmentBytes: number;
  segmentMs: number;
  segmentJitterMs: number;
  fileDeleteDelayMs: number;
  maxMessageBytes: number;
  messageTimestampType: "CreateTime" | "LogAppendTime";
  messageTimestampBeforeMaxMs: number;
  messageTimestampAfterMaxMs: number;
  cleanupPolicy: string[];
  deleteRetentionMs: number;
}

export function topicSettings(topicConfigs: Configs, brokerConfigs: Configs): TopicSettings {
  const valueOf = (key: string): string | null => topicConfigValue(key, topicConfigs, brokerConfigs);
  return {
    minInsyncReplicas: readInt(valueOf("min.insync.replicas")),
    uncleanLeaderElectionEnable: readBoolean(valueOf("unclean.leader.election.enable")),
    retentionMs: Math.max(-1, readLong(valueOf("retention.ms"))),
    retentionBytes: readLong(valueOf("retention.bytes")),
    segmentBytes: readInt(valueOf("segment.bytes")),
    segmentMs: readLong(valueOf("segment.ms")),
    segmentJitterMs: readLong(valueOf("segment.jitter.ms")),
    fileDeleteDelayMs: readLong(valueOf("file.delete.delay.ms")),
    maxMessageBytes: readInt(valueOf("max.message.bytes")),
    messageTimestampType: valueOf("message.timestamp.type") === "LogAppendTime" ? "LogAppendTime" : "CreateTime",
    messageTimestampBeforeMaxMs: readLong(valueOf("message.timestamp.before.max.ms")),
    messageTimestampAfterMaxMs: readLong(valueOf("message.timestamp.after.max.ms")),
    cleanupPolicy: readList(valueOf("cleanup.policy")),
    deleteRetentionMs: readLong(valueOf("delete.retention.ms")),
  };
}

/** The topic's own value, else the first broker key that is set (in the topic's unit), else Kafka's default. */
export function topicConfigValue(key: string, topicConfigs: Configs, brokerConfigs: Configs): string | null {
  const own = topicConfigs[key];
  if (own !== undefined) return trim(own);
  const definition = configDefinition("topic", key);
  if (definition === undefined) throw new Error(`Kafka has no topic config ${key}`);
  for (const broker of definition.brokerKeys) {
    const given = brokerConfigs[broker.key];
    if (given !== undefined) return fromBroker(key, trim(given), broker.factor);
  }
  return definition.default;
}

/** In the topic's unit. Any negative retention of a broker means for ever, in whatever unit. */
function fromBroker(key: string, given: string, factor: number): string {
  const forEver = key === "retention.ms" && given.startsWith("-");
  if (forEver) return "-1";
  return factor === 1 ? given : String(readLong(given) * factor);
}
