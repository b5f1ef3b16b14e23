import { expect, test } from "vitest";
import { brokerConfigsInForce, brokerSettings } from "../../../src/kafka/protocol/broker-settings.ts";
import { consumerSettings } from "../../../src/kafka/protocol/consumer-settings.ts";
import { groupSettings } from "../../../src/kafka/protocol/group-settings.ts";
import { producerSettings } from "../../../src/kafka/protocol/producer-settings.ts";
import { topicSettings } from "../../../src/kafka/protocol/topic-settings.ts";

test("a producer without configs has Kafka 4's defaults", () => {
  expect(producerSettings({})).toMatchObject({
    acks: -1,
    idempotent: true,
    lingerMs: 5,
    batchSizeBytes: 16384,
    bufferMemoryBytes: 33554432,
    deliveryTimeoutMs: 120000,
    retries: 2147483647,
    maxInFlightRequestsPerConnection: 5,
    transactionalId: null,
    metadataRecoveryStrategy: "rebootstrap",
  });
});

test("delivery.timeout.ms is raised inside the client when linger.ms and request.timeout.ms need more", () => {
  expect(producerSettings({ "linger.ms": "90001" }).deliveryTimeoutMs).toBe(120001);
  expect(producerSettings({ "linger.ms": "9223372036854775807" }).deliveryTimeoutMs).toBe(2147483647);
});

test("reconnect.backoff.ms alone sets its max to the same value; retry.backoff.ms does not", () => {
  const settings = producerSettings({ "reconnect.backoff.ms": "7", "retry.backoff.ms": "7" });
  expect(settings).toMatchObject({ reconnectBackoffMaxMs: 7, retryBackoffMaxMs: 1000 });
});

test("a consumer without a group does not commit by itself", () => {
  expect(consumerSettings({}).enableAutoCommit).toBe(false);
  expect(consumerSettings({ "group.id": "g" }).enableAutoCommit).toBe(true);
});

test("a consumer prefers range to cooperative-sticky by default", () => {
  expect(consumerSettings({}).assignors).toEqual(["range", "cooperative-sticky"]);
});

test("of a broker's three retentions ms wins over minutes over hours, and any negative one is for ever", () => {
  expect(topicSettings({}, { "log.retention.hours": "1" }).retentionMs).toBe(3_600_000);
  expect(topicSettings({}, { "log.retention.hours": "1", "log.retention.minutes": "2" }).retentionMs).toBe(120_000);
  expect(topicSettings({}, { "log.retention.minutes": "2", "log.retention.ms": "3" }).retentionMs).toBe(3);
  expect(topicSettings({}, { "log.retention.minutes": "-5" }).retentionMs).toBe(-1);
  expect(topicSettings({ "retention.ms": "9" }, { "log.retention.ms": "3" }).retentionMs).toBe(9);
});

test("a broker's own dynamic value wins over the cluster-wide one, and that over its file", () => {
  const inForce = brokerConfigsInForce(
    { "message.max.bytes": "1", "num.partitions": "4" },
    { "message.max.bytes": "2" },
    { "message.max.bytes": "3" },
  );
  expect(inForce["message.max.bytes"]).toBe("3");
  expect(brokerSettings(inForce).numPartitions).toBe(4);
});

test("a group without configs has its broker's", () => {
  expect(groupSettings({}, { "group.consumer.heartbeat.interval.ms": "6000" })).toMatchObject({
    consumerHeartbeatIntervalMs: 6000,
    consumerSessionTimeoutMs: 45000,
  });
});

test("values are trimmed, and signs and leading zeros are no matter", () => {
  expect(producerSettings({ "linger.ms": " +007 ", acks: " 0 " })).toMatchObject({ lingerMs: 7, acks: 0 });
});
