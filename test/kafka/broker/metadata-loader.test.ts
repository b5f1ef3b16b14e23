import { describe, expect, test } from "vitest";
import { clusterOfBrokers, give, runUntil } from "./cluster-of-brokers.ts";

describe("a broker's metadata", () => {
  test("follows the controller's after one way on the link", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 10_000);
    give(cluster, { type: "alter-topic-config", topic: "t", key: "retention.ms", value: "60000" });
    expect(cluster.world.brokers[2]!.image.configs["topic:t"]).toBeUndefined();
    runUntil(cluster, 10_003);
    for (const id of [1, 2, 3]) expect(cluster.world.brokers[id]!.image).toEqual(cluster.world.quorum.image);
  });

  test("is the same by a snapshot as by single records, removed configs included", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 10_000);
    give(cluster, { type: "alter-topic-config", topic: "t", key: "retention.ms", value: "60000" });
    runUntil(cluster, 10_010);
    give(cluster, { type: "isolate", node: "3" });
    give(cluster, { type: "alter-topic-config", topic: "t", key: "retention.ms", value: null });
    for (let i = 0; i < 3_000; i++) give(cluster, { type: "alter-topic-config", topic: "t", key: "segment.ms", value: String(i + 1) });
    runUntil(cluster, 13_000);
    expect(cluster.world.brokers[3]!.image.configs["topic:t"]).toEqual({ "retention.ms": "60000" });
    give(cluster, { type: "rejoin", node: "3" });
    runUntil(cluster, 60_000);
    expect(cluster.world.brokers[3]!.image).toEqual(cluster.world.quorum.image);
  });

  test("of a process that has just started is fetched from the beginning", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "stop", node: "3" });
    runUntil(cluster, 12_000);
    give(cluster, { type: "start", node: "3" });
    expect(cluster.world.brokers[3]!.image.offset).toBe(0);
    runUntil(cluster, 14_000);
    expect(cluster.world.brokers[3]!.image.partitions).toEqual(cluster.world.quorum.image.partitions);
  });
});
