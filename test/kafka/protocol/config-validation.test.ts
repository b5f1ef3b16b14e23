import { expect, test } from "vitest";
import { type ConfigScope, configScopes } from "../../../src/kafka/protocol/config-catalogue.ts";
import type { Configs } from "../../../src/kafka/protocol/config-reader.ts";
import { validateConfigs } from "../../../src/kafka/protocol/config-validation.ts";
import { describedConfigs } from "../../../src/kafka/protocol/modelled-configs.ts";

function errorOf(scope: ConfigScope, configs: Configs, brokerConfigs?: Configs): string {
  const validation = validateConfigs(scope, configs, brokerConfigs);
  return validation.ok ? "" : validation.error.message;
}

test("acks=1 turns idempotence off without a word, unless it was asked for", () => {
  const silent = validateConfigs("producer", { acks: "1" });
  expect(silent.ok && silent.effective.values["enable.idempotence"]).toBe("false");
  expect(errorOf("producer", { acks: "1", "enable.idempotence": "true" })).toContain("Must set acks to all");
});

test("six requests in flight are refused even with acks=1, as long as idempotence is not switched off by hand", () => {
  expect(errorOf("producer", { acks: "1", "max.in.flight.requests.per.connection": "6" })).toContain(
    "must be set to at most 5. Current value is 6.",
  );
  expect(errorOf("producer", { "enable.idempotence": "false", "max.in.flight.requests.per.connection": "6" })).toBe("");
});

test("a delivery.timeout.ms that equals its default is an error when linger.ms makes it too short; not set, it is not", () => {
  expect(errorOf("producer", { "linger.ms": "90001", "delivery.timeout.ms": "120000" })).toContain(
    "delivery.timeout.ms should be equal to or larger",
  );
  expect(errorOf("producer", { "linger.ms": "90001" })).toBe("");
});

test("the consumer protocol refuses what its broker decides, even at the default", () => {
  const message = errorOf("consumer", { "group.protocol": "Consumer", "session.timeout.ms": "45000", "heartbeat.interval.ms": "3000" });
  expect(message).toBe("heartbeat.interval.ms, session.timeout.ms cannot be set when group.protocol=CONSUMER");
});

test("only topics and groups refuse unknown keys; the others warn and say what was meant", () => {
  const topic = validateConfigs("topic", { "retention.sm": "1" });
  expect(!topic.ok && topic.error).toMatchObject({ message: "Unknown topic config name: retention.sm", suggestion: "retention.ms" });
  const producer = validateConfigs("producer", { linger_ms: "1" });
  expect(producer.ok && producer.warnings).toMatchObject([{ key: "linger_ms", kind: "unknown", suggestion: "linger.ms" }]);
});

test("a broker's key on a topic is refused with the topic's own key for the same thing", () => {
  const topic = validateConfigs("topic", { "log.retention.hours": "1" });
  expect(!topic.ok && topic.error.suggestion).toBe("retention.ms");
});

test("a key that Kafka knows and samsa does not model is accepted with a warning", () => {
  const producer = validateConfigs("producer", { "ssl.protocol": "TLSv1.3" });
  expect(producer.ok && producer.warnings).toMatchObject([{ key: "ssl.protocol", kind: "not-modelled" }]);
});

test("a value that is nearly right is refused with the right one", () => {
  const producer = validateConfigs("producer", { acks: "ALL" });
  expect(!producer.ok && producer.error).toMatchObject({
    message: "Invalid value ALL for configuration acks: String must be one of: all, -1, 0, 1",
    suggestion: "all",
    key: "acks",
  });
});

test("the first wrong key in Kafka's order is reported, not the first one given", () => {
  expect(errorOf("topic", { "retention.ms": "x", "segment.ms": "0" })).toContain("segment.ms");
});

test("a group's session needs the broker's bounds to move, too", () => {
  expect(errorOf("group", { "consumer.session.timeout.ms": "30000" })).toBe(
    "consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.",
  );
  expect(errorOf("group", { "consumer.session.timeout.ms": "30000" }, { "group.consumer.min.session.timeout.ms": "10000" })).toBe("");
});

test("every modelled key is one of Kafka's and every suggested value is one that Kafka takes", () => {
  for (const scope of configScopes) {
    for (const { definition, suggested } of describedConfigs(scope)) {
      for (const value of suggested) {
        const validation = validateConfigs(scope, { [definition.key]: value });
        if (!validation.ok && validation.error.message.startsWith("Invalid value")) expect.fail(validation.error.message);
      }
    }
  }
});
