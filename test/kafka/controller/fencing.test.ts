import { describe, expect, test } from "vitest";
import { ask, heartbeat, killAndFence, quorumUnderTest, register, runUntil, stateOf } from "./quorum-under-test.ts";

const MIN_ISR_1 = { "min.insync.replicas": "1" };

describe("a broker that falls silent", () => {
  test("is fenced by the first check, an eighth of the session timeout apart, at which its session is over", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] } });
    runUntil(cluster, 20_000, [2, 3]);
    const fenced = cluster.traces.find(({ type }) => type === "broker-fenced");
    // Checks come every 1125 ms; at 9000 the session is not over yet (strictly greater), at 10125 it is.
    expect(fenced).toMatchObject({ at: 10_125, fields: { brokerId: 1, silentMs: 10_125, config: "broker.session.timeout.ms" } });
  });

  test("is the cause of the elections that follow, by what silenced it", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] } });
    cluster.silenceCauses["1"] = 77;
    killAndFence(cluster, 1);
    const fenced = cluster.traces.find(({ type }) => type === "broker-fenced")!;
    expect(fenced.cause).toBe(77);
    const elected = cluster.traces.find(({ type, fields }) => type === "leader-elected" && fields.topicPartition === "t-0")!;
    expect(elected).toMatchObject({
      cause: fenced.seq,
      fields: { leader: 2, previousLeader: 1, kind: "clean", config: "broker.session.timeout.ms" },
    });
    expect(cluster.elections).toContain("t-0 2 of 2,3");
  });

  test("loses its leaders and its place in every ISR, but stays a replica (case 58)", () => {
    const cluster = quorumUnderTest({
      brokers: [0, 1, 2, 3, 4],
      topics: {
        t: [
          [1, 2, 3],
          [2, 3, 4],
          [0, 2, 1],
        ],
      },
      configs: MIN_ISR_1,
    });
    killAndFence(cluster, 2, 3);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1");
    expect(stateOf(cluster, "t-1")).toBe("leader 4 epoch 2 isr 4");
    expect(stateOf(cluster, "t-2")).toBe("leader 0 epoch 0 isr 0,1");
    expect(cluster.quorum.image.partitions["t-1"]!.replicas).toEqual([2, 3, 4]);
  });

  test("leaves the ISR apart from another that died with it, so that below the min ISR the ELR holds only the one removed last", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: { "min.insync.replicas": "2" } });
    killAndFence(cluster, 2, 3);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1 elr 3");
  });

  test("that goes on with heartbeats is unfenced, and leads again only what has no leader", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]], u: [[1]] }, configs: MIN_ISR_1 });
    killAndFence(cluster, 1);
    expect(stateOf(cluster, "u-0")).toBe("leader -1 epoch 1 isr  elr 1 last 1");
    expect(heartbeat(cluster, 1)).toMatchObject({ error: "NONE", isFenced: false });
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 1 isr 2,3");
    expect(stateOf(cluster, "u-0")).toBe("leader 1 epoch 2 isr 1");
  });
});

describe("a broker that starts again", () => {
  test("is refused as a duplicate while the session of its dead process lives", () => {
    const cluster = quorumUnderTest();
    runUntil(cluster, 9_000, [2, 3]);
    expect(register(cluster, 1, 2).error).toBe("DUPLICATE_BROKER_REGISTRATION");
    runUntil(cluster, 9_001, [2, 3]);
    expect(register(cluster, 1, 2).error).toBe("NONE");
  });

  test("is fenced under a new epoch until it has read its own registration", () => {
    const cluster = quorumUnderTest();
    const epochBefore = cluster.quorum.image.brokers[1]!.brokerEpoch;
    killAndFence(cluster, 1);
    const { brokerEpoch } = register(cluster, 1, 2);
    expect(brokerEpoch).toBeGreaterThan(epochBefore);
    expect(heartbeat(cluster, 1, { offset: brokerEpoch - 1 })).toMatchObject({ isCaughtUp: false, isFenced: true });
    expect(heartbeat(cluster, 1, { offset: brokerEpoch })).toMatchObject({ isCaughtUp: true, isFenced: false });
  });

  test("after a kill is dropped from the ELR; the last known leader is then elected anyway, in recovery", () => {
    const cluster = quorumUnderTest({ topics: { t: [[3]] }, configs: MIN_ISR_1 });
    killAndFence(cluster, 3);
    expect(stateOf(cluster, "t-0")).toBe("leader -1 epoch 1 isr  elr 3 last 3");
    register(cluster, 3, 2);
    expect(stateOf(cluster, "t-0")).toBe("leader -1 epoch 1 isr  last 3");
    heartbeat(cluster, 3);
    expect(stateOf(cluster, "t-0")).toBe("leader 3 epoch 2 isr 3");
    expect(cluster.quorum.image.partitions["t-0"]!.leaderRecoveryState).toBe("RECOVERING");
  });

  test("after an orderly stop keeps its place in the ELR and is elected cleanly", () => {
    const cluster = quorumUnderTest({ topics: { t: [[3]] }, configs: MIN_ISR_1 });
    const { brokerEpoch } = cluster.quorum.image.brokers[3]!;
    heartbeat(cluster, 3, { wantShutDown: true });
    killAndFence(cluster, 3);
    register(cluster, 3, 2, brokerEpoch);
    expect(stateOf(cluster, "t-0")).toBe("leader -1 epoch 1 isr  elr 3 last 3");
    heartbeat(cluster, 3);
    expect(stateOf(cluster, "t-0")).toBe("leader 3 epoch 2 isr 3");
    expect(cluster.quorum.image.partitions["t-0"]!.leaderRecoveryState).toBe("RECOVERED");
  });

  test("with a stale epoch in its heartbeat is told so", () => {
    const cluster = quorumUnderTest();
    killAndFence(cluster, 1);
    const old = cluster.quorum.image.brokers[1]!.brokerEpoch;
    register(cluster, 1, 2);
    const answer = ask(cluster, {
      api: "BrokerHeartbeat",
      brokerId: 1,
      brokerEpoch: old,
      currentMetadataOffset: 0,
      wantFence: false,
      wantShutDown: false,
    });
    expect(answer.error).toBe("STALE_BROKER_EPOCH");
  });
});

describe("the ELR", () => {
  test("keeps who left below the min ISR, loses who came back from a crash (case 60)", () => {
    const cluster = quorumUnderTest({ brokers: [0, 1, 2, 3], topics: { t: [[0, 1, 2, 3]] }, configs: { "min.insync.replicas": "3" } });
    killAndFence(cluster, 1);
    killAndFence(cluster, 2);
    killAndFence(cluster, 3);
    expect(stateOf(cluster, "t-0")).toBe("leader 0 epoch 0 isr 0 elr 2,3");
    register(cluster, 3, 2);
    expect(stateOf(cluster, "t-0")).toBe("leader 0 epoch 0 isr 0 elr 2");
    cluster.quorum.heartbeats.brokers[0]!.lastContactMs = -100_000;
    register(cluster, 0, 2);
    expect(stateOf(cluster, "t-0")).toBe("leader -1 epoch 1 isr  elr 2 last 0");
  });
});

describe("a controlled shutdown", () => {
  test("moves leaders and ISR membership at once (case 59), and lets the broker go when the others have read that far", () => {
    const cluster = quorumUnderTest({ brokers: [0, 1, 2], topics: { t: [[0, 1, 2]] } });
    const before = cluster.quorum.log.endOffset - 1;
    expect(heartbeat(cluster, 0, { wantShutDown: true })).toMatchObject({ shouldShutDown: false, isFenced: false });
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 1 isr 1,2");
    heartbeat(cluster, 1);
    heartbeat(cluster, 2, { offset: before });
    expect(heartbeat(cluster, 0, { wantShutDown: true }).shouldShutDown).toBe(false);
    heartbeat(cluster, 2);
    expect(heartbeat(cluster, 0, { wantShutDown: true })).toMatchObject({ shouldShutDown: true, isFenced: true });
    expect(cluster.quorum.image.brokers[0]!.fenced).toBe(true);
    const elected = cluster.traces.find(({ type, fields }) => type === "leader-elected" && fields.topicPartition === "t-0")!;
    expect(elected.fields).toMatchObject({ kind: "controlled", leader: 1 });
  });

  test("of a broker that leads nothing is granted immediately", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2]], __consumer_offsets: [[1]] } });
    expect(heartbeat(cluster, 3, { wantShutDown: true })).toMatchObject({ shouldShutDown: true });
  });
});
