import { configDefinition } from "./config-catalogue.ts";
import { type Configs, readInt } from "./config-reader.ts";
import { trim } from "./config-values.ts";

/**
 * What one consumer group (KIP-848) works with: the group's own configs over the broker's `group.` keys.
 * Models org.apache.kafka.coordinator.group.GroupConfig. Left out: share and streams groups.
 */
export interface GroupSettings {
  consumerSessionTimeoutMs: number;
  consumerHeartbeatIntervalMs: number;
  consumerAssignmentIntervalMs: number;
}

export function groupSettings(groupConfigs: Configs, brokerConfigs: Configs): GroupSettings {
  const valueOf = (key: string): number => readInt(groupConfigValue(key, groupConfigs, brokerConfigs));
  return {
    consumerSessionTimeoutMs: valueOf("consumer.session.timeout.ms"),
    consumerHeartbeatIntervalMs: valueOf("consumer.heartbeat.interval.ms"),
    consumerAssignmentIntervalMs: valueOf("consumer.assignment.interval.ms"),
  };
}

/** The group's own value, else the broker's under the same name behind "group.", else Kafka's default. */
export function groupConfigValue(key: string, groupConfigs: Configs, brokerConfigs: Configs): string | null {
  const given = groupConfigs[key] ?? brokerConfigs[`group.${key}`];
  return given === undefined ? (configDefinition("group", key)?.default ?? null) : trim(given);
}
