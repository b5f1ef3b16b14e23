import { describe, expect, test } from "vitest";
import {
  alterConfig,
  onControllerDown,
  onControllerHung,
  onControllerIsolated,
  onControllerUp,
} from "../../../src/kafka/controller/quorum.ts";
import { type QuorumUnderTest, quorumUnderTest, runUntil, send, stateOf } from "./quorum-under-test.ts";

function lose(cluster: QuorumUnderTest, id: string): void {
  cluster.silent.add(id);
  onControllerDown(cluster.quorum, id, cluster.context);
}

describe("when the active controller dies", () => {
  test("nothing is decided until the next one takes over after the failover time", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] } });
    runUntil(cluster, 1_000);
    lose(cluster, "101");
    expect(cluster.quorum.activeController).toBe(-1);
    expect(alterConfig(cluster.quorum, "topic", "t", "retention.ms", "5", cluster.context).error).toBe("REQUEST_TIMED_OUT");
    runUntil(cluster, 2_999);
    expect(cluster.quorum.activeController).toBe(-1);
    runUntil(cluster, 3_000);
    expect(cluster.quorum).toMatchObject({ activeController: 102, controllerEpoch: 2, lostAtMs: -1 });
    expect(cluster.traces.at(-1)).toMatchObject({ type: "controller-changed", fields: { controllerId: 102, controllerEpoch: 2 } });
  });

  test("brokers get a whole new session from the next one, the dead ones too", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] } });
    runUntil(cluster, 8_000, [2, 3]);
    lose(cluster, "101");
    runUntil(cluster, 10_000);
    runUntil(cluster, 40_000, [2, 3]);
    // Active at 10 000; checks every 1125 ms from then on, the first that finds 9000 ms exceeded is the ninth.
    expect(cluster.traces.find(({ type }) => type === "broker-fenced")).toMatchObject({
      at: 20_125,
      fields: { brokerId: 1, silentMs: 10_125 },
    });
  });

  test("another takes over if the candidate dies too, as long as a majority is left", () => {
    const cluster = quorumUnderTest({ controllers: [101, 102, 103, 104, 105] });
    lose(cluster, "101");
    lose(cluster, "102");
    runUntil(cluster, 2_000);
    expect(cluster.quorum.activeController).toBe(103);
  });

  test("without a majority nobody does, until one of them is back", () => {
    const cluster = quorumUnderTest();
    lose(cluster, "101");
    lose(cluster, "102");
    runUntil(cluster, 60_000);
    expect(cluster.quorum.activeController).toBe(-1);
    cluster.silent.delete("102");
    onControllerUp(cluster.quorum, "102", cluster.context);
    runUntil(cluster, 60_000);
    expect(cluster.quorum.activeController).toBe(102);
  });
});

describe("when the active controller hangs", () => {
  test("for less than the failover time it stays the active one", () => {
    const cluster = quorumUnderTest();
    onControllerHung(cluster.quorum, "101", cluster.context);
    runUntil(cluster, 1_999);
    onControllerUp(cluster.quorum, "101", cluster.context);
    runUntil(cluster, 5_000, [1, 2, 3]);
    expect(cluster.quorum).toMatchObject({ activeController: 101, controllerEpoch: 1 });
  });

  test("for longer it finds another one active when it goes on, and answers NOT_CONTROLLER", () => {
    const cluster = quorumUnderTest();
    onControllerHung(cluster.quorum, "101", cluster.context);
    runUntil(cluster, 3_000);
    onControllerUp(cluster.quorum, "101", cluster.context);
    send(cluster, 1, 1, { api: "MetadataFetch", brokerId: 1, fetchOffset: 0, maxWaitMs: 500 }, "101");
    expect(cluster.answers.at(-1)!.body).toMatchObject({ error: "NOT_CONTROLLER" });
    expect(cluster.quorum.activeController).toBe(102);
  });

  test("and is the only one, it gives every broker a whole new session when it goes on", () => {
    const cluster = quorumUnderTest({ controllers: [101], topics: { t: [[1, 2, 3]] } });
    runUntil(cluster, 5_000, [1, 2, 3]);
    cluster.silent.add("101");
    onControllerHung(cluster.quorum, "101", cluster.context);
    runUntil(cluster, 30_000);
    cluster.silent.delete("101");
    onControllerUp(cluster.quorum, "101", cluster.context);
    expect(cluster.quorum.controllerEpoch).toBe(2);
    runUntil(cluster, 39_000, [2, 3]);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1,2,3");
    runUntil(cluster, 41_000, [2, 3]);
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 1 isr 2,3");
  });
});

test("an isolated controller is replaced, and is no longer active when it rejoins", () => {
  const cluster = quorumUnderTest();
  onControllerIsolated(cluster.quorum, "101", true, cluster.context);
  runUntil(cluster, 2_000);
  expect(cluster.quorum.activeController).toBe(102);
  onControllerIsolated(cluster.quorum, "101", false, cluster.context);
  runUntil(cluster, 9_000, [1, 2, 3]);
  expect(cluster.quorum.activeController).toBe(102);
});

describe("a fetch of the metadata log", () => {
  test("waits for something new, and carries what caused it", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] } });
    const fetchOffset = cluster.quorum.log.endOffset;
    send(cluster, 5, 1, { api: "MetadataFetch", brokerId: 2, fetchOffset, maxWaitMs: 500 });
    expect(cluster.answers).toEqual([]);
    alterConfig(cluster.quorum, "topic", "t", "retention.ms", "5", cluster.context);
    expect(cluster.answers).toMatchObject([
      {
        connection: 5,
        body: {
          api: "MetadataFetch",
          error: "NONE",
          highWatermark: fetchOffset + 1,
          snapshotEndOffset: -1,
          records: [{ type: "ConfigRecord" }],
        },
      },
    ]);
  });

  test("is answered empty after its wait", () => {
    const cluster = quorumUnderTest();
    send(cluster, 5, 1, { api: "MetadataFetch", brokerId: 2, fetchOffset: cluster.quorum.log.endOffset, maxWaitMs: 500 });
    runUntil(cluster, 499);
    expect(cluster.answers).toEqual([]);
    runUntil(cluster, 500);
    expect(cluster.answers).toMatchObject([{ connection: 5, at: 500, body: { records: [] } }]);
  });

  test("from before what is kept gets a snapshot that leads to the same image", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] } });
    for (let i = 0; i < 5_000; i++) alterConfig(cluster.quorum, "topic", "t", "retention.ms", String(i), cluster.context);
    expect(cluster.quorum.log.chunks.length).toBeLessThanOrEqual(17);
    cluster.answers = [];
    send(cluster, 5, 1, { api: "MetadataFetch", brokerId: 2, fetchOffset: 0, maxWaitMs: 500 });
    const body = cluster.answers[0]!.body;
    if (body.api !== "MetadataFetch") throw new Error("not an answer to the fetch");
    expect(body.snapshotEndOffset).toBe(cluster.quorum.log.endOffset);
    expect(body.records).toContainEqual({ type: "ConfigRecord", scope: "topic", resource: "t", key: "retention.ms", value: "4999" });
  });
});

test("producer ids are given out in blocks of 1000 that never overlap", () => {
  const cluster = quorumUnderTest();
  const block = (brokerId: number) => {
    send(cluster, 3, 1, { api: "AllocateProducerIds", brokerId, brokerEpoch: cluster.quorum.image.brokers[brokerId]!.brokerEpoch });
    return cluster.answers.at(-1)!.body;
  };
  expect(block(1)).toMatchObject({ error: "NONE", producerIdStart: 0, producerIdLen: 1000 });
  expect(block(2)).toMatchObject({ error: "NONE", producerIdStart: 1000, producerIdLen: 1000 });
});
