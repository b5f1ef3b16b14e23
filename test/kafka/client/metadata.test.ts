import { expect, test } from "vitest";
import {
  addTopic,
  bootstrap,
  createMetadata,
  currentLeader,
  type Metadata,
  nextMetadataRequest,
  rebootstrap,
  requestUpdate,
  setTopics,
  timeToNextUpdateMs,
  updateMetadata,
  updatePartitionLeadership,
} from "../../../src/kafka/client/metadata.ts";
import { leaderOf } from "../../../src/kafka/client/metadata-cache.ts";
import type { ResponseOf } from "../../../src/kafka/protocol/messages.ts";
import { silentContext } from "../../golden/sender-trace/silent-context.ts";

const chance = { int31: () => 0, below: () => 0, jitter: () => 1 };

function producerMetadata(): Metadata {
  const settings = { chanceStream: "m", retryBackoffMs: 100, retryBackoffMaxMs: 1000, metadataMaxAgeMs: 300_000, metadataMaxIdleMs: 5_000 };
  const metadata = createMetadata(settings);
  bootstrap(metadata, 1);
  return metadata;
}

function response(topics: Record<string, [leader: number, epoch: number][]>): ResponseOf<"Metadata"> {
  return {
    api: "Metadata",
    throttleTimeMs: 0,
    brokers: [1, 2].map((nodeId) => ({ nodeId, rack: null })),
    controllerId: 1,
    topics: Object.entries(topics).map(([name, partitions]) => ({
      error: "NONE",
      name,
      partitions: partitions.map(([leaderId, leaderEpoch], partition) => ({
        error: "NONE",
        partition,
        leaderId,
        leaderEpoch,
        replicas: [1, 2],
        isr: [1, 2],
        offlineReplicas: [],
      })),
    })),
  };
}

function update(metadata: Metadata, topics: Record<string, [number, number][]>, nowMs: number): void {
  updateMetadata(metadata, nextMetadataRequest(metadata, nowMs), response(topics), nowMs);
}

test("a producer asks only for its new topic while the rest is fresh", () => {
  const metadata = producerMetadata();
  addTopic(metadata, "a", 0);
  update(metadata, { a: [[1, 0]] }, 0);
  addTopic(metadata, "b", 10);
  expect(nextMetadataRequest(metadata, 10)).toMatchObject({ topics: ["b"], isPartialUpdate: true });
  update(metadata, { b: [[2, 0]] }, 10);
  expect(leaderOf(metadata.cache, "a", 0)).toBe(1);
  expect(leaderOf(metadata.cache, "b", 0)).toBe(2);
});

test("a leader of an older epoch is not believed", () => {
  const metadata = producerMetadata();
  addTopic(metadata, "a", 0);
  update(metadata, { a: [[2, 5]] }, 0);
  requestUpdate(metadata);
  update(metadata, { a: [[1, 4]] }, 10);
  expect(currentLeader(metadata, "a-0")).toEqual({ leaderId: 2, leaderEpoch: 5 });
});

test("a leader that an error named is taken at once, unless its epoch or its node is not news", () => {
  const metadata = producerMetadata();
  addTopic(metadata, "a", 0);
  update(
    metadata,
    {
      a: [
        [1, 3],
        [1, 3],
        [1, 3],
      ],
    },
    0,
  );
  const updated = updatePartitionLeadership(metadata, [
    { topicPartition: "a-0", leader: { leaderId: 2, leaderEpoch: 4 } },
    { topicPartition: "a-1", leader: { leaderId: 2, leaderEpoch: 3 } },
    { topicPartition: "a-2", leader: { leaderId: 9, leaderEpoch: 4 } },
  ]);
  expect(updated).toEqual(["a-0"]);
  expect(metadata.cache.leadBy[2]).toEqual({ topics: ["a"], partitions: [0] });
});

test("a topic that nobody sends to is forgotten after metadata.max.idle.ms", () => {
  const metadata = producerMetadata();
  addTopic(metadata, "a", 0);
  update(metadata, { a: [[1, 0]] }, 0);
  requestUpdate(metadata);
  update(metadata, { a: [[1, 0]] }, 5_000);
  expect(metadata.topics).toEqual({});
  expect(metadata.cache.topics).toEqual({});
});

test("answers that tell nothing new make the next refresh wait longer and longer", () => {
  const metadata = producerMetadata();
  const context = silentContext(chance);
  addTopic(metadata, "a", 0);
  update(metadata, { a: [[1, 0]] }, 0);
  const waits: number[] = [];
  for (let i = 0; i < 5; i++) {
    requestUpdate(metadata);
    const waitMs = timeToNextUpdateMs(metadata, context);
    waits.push(waitMs);
    context.now += waitMs;
    update(metadata, { a: [[1, 0]] }, context.now);
  }
  expect(waits).toEqual([100, 100, 200, 400, 800]);
});

test("after a rebootstrap only bootstrap servers are known, and epochs begin anew", () => {
  const metadata = producerMetadata();
  addTopic(metadata, "a", 0);
  update(metadata, { a: [[1, 7]] }, 0);
  rebootstrap(metadata);
  expect(metadata.cache.nodeIds).toEqual([-1]);
  update(metadata, { a: [[2, 1]] }, 10);
  expect(currentLeader(metadata, "a-0")).toEqual({ leaderId: 2, leaderEpoch: 1 });
});

test("a consumer asks for all of its subscription each time", () => {
  const settings = { chanceStream: "m", retryBackoffMs: 100, retryBackoffMaxMs: 1000, metadataMaxAgeMs: 300_000, metadataMaxIdleMs: null };
  const metadata = createMetadata(settings);
  bootstrap(metadata, 1);
  setTopics(metadata, ["a"]);
  update(metadata, { a: [[1, 0]] }, 0);
  setTopics(metadata, ["a", "b"]);
  expect(nextMetadataRequest(metadata, 10)).toMatchObject({ topics: ["a", "b"], isPartialUpdate: false });
});
