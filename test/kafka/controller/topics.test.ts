import { describe, expect, test } from "vitest";
import { addPartitions, alterConfig, createTopic } from "../../../src/kafka/controller/quorum.ts";
import type { TopicSpec } from "../../../src/kafka/protocol/cluster-spec.ts";
import { killAndFence, quorumUnderTest, stateOf } from "./quorum-under-test.ts";

function topic(change: Partial<TopicSpec> = {}): TopicSpec {
  return { name: "orders", partitions: 2, replicationFactor: 3, assignment: null, configs: {}, ...change };
}

describe("a new topic", () => {
  test("has its live replicas in the ISR, the first of them leads, and all epochs are 0", () => {
    const cluster = quorumUnderTest();
    killAndFence(cluster, 1);
    expect(createTopic(cluster.quorum, topic({ assignment: [[1, 2, 3]] }), cluster.context).error).toBe("NONE");
    expect(stateOf(cluster, "orders-0")).toBe("leader 2 epoch 0 isr 2,3");
    expect(cluster.traces.at(-1)).toMatchObject({
      type: "topic-created",
      fields: { topic: "orders", partitions: 1, replicationFactor: 3 },
    });
  });

  test("is refused with Kafka's errors and words", () => {
    const cluster = quorumUnderTest({ topics: { "a.b": [[1]] } });
    const refused = (change: Partial<TopicSpec>) => createTopic(cluster.quorum, topic(change), cluster.context);
    expect(refused({ name: "a.b" })).toEqual({ error: "TOPIC_ALREADY_EXISTS", message: "Topic 'a.b' already exists." });
    expect(refused({ name: "a_b" })).toEqual({
      error: "INVALID_TOPIC_EXCEPTION",
      message: "Topic 'a_b' collides with existing topic: a.b",
    });
    expect(refused({ name: "a b" }).error).toBe("INVALID_TOPIC_EXCEPTION");
    expect(refused({ partitions: 0 })).toEqual({
      error: "INVALID_PARTITIONS",
      message: "Number of partitions was set to an invalid non-positive value.",
    });
    expect(refused({ replicationFactor: 4 })).toEqual({
      error: "INVALID_REPLICATION_FACTOR",
      message:
        "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered.",
    });
    expect(refused({ assignment: [[1, 1]] }).error).toBe("INVALID_REPLICA_ASSIGNMENT");
    expect(refused({ assignment: [[1, 9]] }).error).toBe("INVALID_REPLICA_ASSIGNMENT");
    expect(refused({ assignment: [[1], [1, 2]] }).error).toBe("INVALID_REPLICA_ASSIGNMENT");
    expect(refused({ configs: { "no.such.key": "1" } })).toEqual({
      error: "INVALID_CONFIG",
      message: "Unknown topic config name: no.such.key",
    });
  });

  test("keeps its configs", () => {
    const cluster = quorumUnderTest();
    createTopic(cluster.quorum, topic({ configs: { "min.insync.replicas": "2" } }), cluster.context);
    expect(cluster.quorum.image.configs["topic:orders"]).toEqual({ "min.insync.replicas": "2" });
  });
});

test("the topic of committed offsets is there from the beginning, with no more replicas than brokers", () => {
  const { image } = quorumUnderTest({ brokers: [1, 2], configs: { "offsets.topic.num.partitions": "50" } }).quorum;
  expect(image.topics.__consumer_offsets).toEqual({ partitionCount: 50 });
  expect(image.partitions["__consumer_offsets-49"]!.replicas).toHaveLength(2);
});

describe("partitions", () => {
  test("can only be added", () => {
    const cluster = quorumUnderTest({
      topics: {
        t: [
          [1, 2],
          [2, 3],
        ],
      },
    });
    expect(addPartitions(cluster.quorum, "t", 2, cluster.context).message).toBe("Topic already has 2 partition(s).");
    expect(addPartitions(cluster.quorum, "t", 1, cluster.context).message).toBe(
      "The topic t currently has 2 partition(s); 1 would not be an increase.",
    );
    expect(addPartitions(cluster.quorum, "x", 4, cluster.context).error).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    expect(addPartitions(cluster.quorum, "t", 4, cluster.context).error).toBe("NONE");
    expect(cluster.quorum.image.topics.t).toEqual({ partitionCount: 4 });
    expect(cluster.quorum.image.partitions["t-3"]!.replicas).toHaveLength(2);
  });
});

describe("a config change", () => {
  test("is written, traced and refused as Kafka does", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1]] } });
    expect(alterConfig(cluster.quorum, "topic", "t", "retention.ms", "5", cluster.context).error).toBe("NONE");
    expect(cluster.traces.at(-1)).toMatchObject({
      type: "config-changed",
      fields: { scope: "topic", resource: "t", key: "retention.ms", value: "5" },
    });
    expect(cluster.quorum.image.configs["topic:t"]).toEqual({ "retention.ms": "5" });
    alterConfig(cluster.quorum, "topic", "t", "retention.ms", null, cluster.context);
    expect(cluster.quorum.image.configs["topic:t"]).toEqual({});
    expect(alterConfig(cluster.quorum, "topic", "x", "retention.ms", "5", cluster.context).error).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    expect(alterConfig(cluster.quorum, "topic", "t", "retention.ms", "soon", cluster.context).error).toBe("INVALID_CONFIG");
    expect(alterConfig(cluster.quorum, "group", "g", "nonsense", "1", cluster.context).error).toBe("INVALID_CONFIG");
    expect(alterConfig(cluster.quorum, "broker", "9", "num.io.threads", "1", cluster.context).error).toBe("BROKER_ID_NOT_REGISTERED");
  });
});
