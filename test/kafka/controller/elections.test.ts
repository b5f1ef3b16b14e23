import { describe, expect, test } from "vitest";
import { alterConfig, electLeader } from "../../../src/kafka/controller/quorum.ts";
import type { RequestOf } from "../../../src/kafka/protocol/messages.ts";
import { ask, heartbeat, killAndFence, type QuorumUnderTest, quorumUnderTest, register, runUntil, stateOf } from "./quorum-under-test.ts";

const MIN_ISR_1 = { "min.insync.replicas": "1" };

type Change = Partial<RequestOf<"AlterPartition">["partitions"][number]>;

function alterPartition(cluster: QuorumUnderTest, leader: number, isr: number[], change: Change = {}, brokerEpoch?: number): string {
  const { leaderEpoch, partitionEpoch } = cluster.quorum.image.partitions["t-0"]!;
  const epochOf = (id: number): number => cluster.quorum.image.brokers[id]?.brokerEpoch ?? -1;
  const newIsr = isr.map((brokerId) => ({ brokerId, brokerEpoch: epochOf(brokerId) }));
  const partition = { topicPartition: "t-0", leaderEpoch, partitionEpoch, newIsr, leaderRecoveryState: "RECOVERED" as const, ...change };
  const answer = ask(cluster, {
    api: "AlterPartition",
    brokerId: leader,
    brokerEpoch: brokerEpoch ?? epochOf(leader),
    partitions: [partition],
  });
  return answer.error === "NONE" ? answer.partitions[0]!.error : answer.error;
}

describe("AlterPartition", () => {
  test("changes the ISR and the partition epoch, never the leader epoch", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: MIN_ISR_1 });
    expect(alterPartition(cluster, 1, [1, 3])).toBe("NONE");
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1,3");
    expect(cluster.quorum.image.partitions["t-0"]!.partitionEpoch).toBe(1);
    expect(cluster.elections).toEqual(["t-0 1 of 1,3"]);
  });

  test("is refused with Kafka's errors", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: MIN_ISR_1 });
    expect(alterPartition(cluster, 1, [1, 2], { partitionEpoch: 5 })).toBe("NOT_CONTROLLER");
    expect(alterPartition(cluster, 1, [1, 2], { leaderEpoch: 5 })).toBe("NOT_CONTROLLER");
    expect(alterPartition(cluster, 2, [2])).toBe("INVALID_REQUEST");
    expect(alterPartition(cluster, 1, [2, 3])).toBe("INVALID_REQUEST");
    expect(alterPartition(cluster, 1, [1, 1])).toBe("INVALID_REQUEST");
    expect(alterPartition(cluster, 1, [1, 7])).toBe("INVALID_REQUEST");
    expect(alterPartition(cluster, 1, [1], { leaderRecoveryState: "RECOVERING" })).toBe("INVALID_REQUEST");
    expect(alterPartition(cluster, 1, [1], {}, 999)).toBe("STALE_BROKER_EPOCH");
    expect(alterPartition(cluster, 1, [1], { topicPartition: "x-0" })).toBe("UNKNOWN_TOPIC_OR_PARTITION");
    expect(
      alterPartition(cluster, 1, [1, 2], {
        newIsr: [
          { brokerId: 1, brokerEpoch: -1 },
          { brokerId: 2, brokerEpoch: 999 },
        ],
      }),
    ).toBe("INELIGIBLE_REPLICA");
    alterPartition(cluster, 1, [1, 3]);
    expect(alterPartition(cluster, 1, [1, 2, 3], { partitionEpoch: 0 })).toBe("INVALID_UPDATE_VERSION");
    killAndFence(cluster, 1);
    expect(alterPartition(cluster, 1, [1, 3], { leaderEpoch: 0 })).toBe("FENCED_LEADER_EPOCH");
    expect(alterPartition(cluster, 3, [3, 1])).toBe("INELIGIBLE_REPLICA");
  });

  test("of a broker in controlled shutdown back into the ISR is refused", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]], u: [[2, 1]] }, configs: MIN_ISR_1 });
    heartbeat(cluster, 2, { wantShutDown: true });
    expect(alterPartition(cluster, 1, [1, 3, 2])).toBe("INELIGIBLE_REPLICA");
  });

  test("that brings the ISR back to the minimum empties the ELR", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: { "min.insync.replicas": "2" } });
    alterPartition(cluster, 1, [1]);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1 elr 2,3");
    alterPartition(cluster, 1, [1, 3]);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1,3");
  });
});

describe("an election by hand", () => {
  test("of the preferred leader (case 61)", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: MIN_ISR_1 });
    const elect = () => electLeader(cluster.quorum, "t", 0, "preferred", cluster.context).error;
    expect(elect()).toBe("ELECTION_NOT_NEEDED");
    expect(electLeader(cluster.quorum, "x", 0, "preferred", cluster.context)).toEqual({
      error: "UNKNOWN_TOPIC_OR_PARTITION",
      message: "No such topic as x",
    });
    expect(electLeader(cluster.quorum, "t", 9, "preferred", cluster.context)).toEqual({
      error: "UNKNOWN_TOPIC_OR_PARTITION",
      message: "No such partition as t-9",
    });
    killAndFence(cluster, 1);
    expect(elect()).toBe("PREFERRED_LEADER_NOT_AVAILABLE");
    heartbeat(cluster, 1);
    expect(elect()).toBe("PREFERRED_LEADER_NOT_AVAILABLE");
    alterPartition(cluster, 2, [2, 3, 1]);
    expect(elect()).toBe("NONE");
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 2 isr 2,3,1");
    expect(cluster.traces.at(-1)).toMatchObject({ type: "leader-elected", fields: { kind: "preferred" } });
  });

  test("that may be unclean is not needed while there is a leader, and loses records when it picks one out of sync", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2]] }, configs: MIN_ISR_1 });
    const elect = () => electLeader(cluster.quorum, "t", 0, "unclean", cluster.context).error;
    expect(elect()).toBe("ELECTION_NOT_NEEDED");
    alterPartition(cluster, 1, [1]);
    killAndFence(cluster, 1);
    expect(stateOf(cluster, "t-0")).toBe("leader -1 epoch 1 isr  elr 1 last 1");
    expect(elect()).toBe("NONE");
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 2 isr 2");
    expect(cluster.quorum.image.partitions["t-0"]!.leaderRecoveryState).toBe("RECOVERING");
    expect(cluster.traces.findLast(({ type }) => type === "leader-elected")!.fields).toMatchObject({ kind: "unclean", leader: 2 });
  });

  test("of a preferred leader for a partition without one: not available", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2]] }, configs: MIN_ISR_1 });
    alterPartition(cluster, 1, [1]);
    killAndFence(cluster, 1);
    expect(electLeader(cluster.quorum, "t", 0, "preferred", cluster.context).error).toBe("PREFERRED_LEADER_NOT_AVAILABLE");
  });
});

describe("unclean.leader.election.enable", () => {
  function withoutLeader(): QuorumUnderTest {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2]] }, configs: MIN_ISR_1 });
    alterPartition(cluster, 1, [1]);
    killAndFence(cluster, 1);
    return cluster;
  }

  test("given to the topic takes effect at once", () => {
    const cluster = withoutLeader();
    expect(alterConfig(cluster.quorum, "topic", "t", "unclean.leader.election.enable", "true", cluster.context).error).toBe("NONE");
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 2 isr 2");
  });

  test("given to the cluster reaches topics that say nothing of it", () => {
    const cluster = withoutLeader();
    alterConfig(cluster.quorum, "broker", "", "unclean.leader.election.enable", "true", cluster.context);
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 2 isr 2");
  });

  test("lets a fencing go straight to a replica that is out of sync", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2]] }, configs: { ...MIN_ISR_1, "unclean.leader.election.enable": "true" } });
    alterPartition(cluster, 1, [1]);
    killAndFence(cluster, 1);
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 1 isr 2");
  });
});

describe("min.insync.replicas", () => {
  test("lowered empties the ELR at once", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: { "min.insync.replicas": "2" } });
    alterPartition(cluster, 1, [1]);
    alterConfig(cluster.quorum, "topic", "t", "min.insync.replicas", "1", cluster.context);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1");
  });

  test("counts no more replicas than the topic has", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1]] }, configs: { "min.insync.replicas": "3" } });
    killAndFence(cluster, 2);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 0 isr 1");
  });

  test("of a single broker cannot be set, that of the cluster cannot be removed", () => {
    const cluster = quorumUnderTest();
    expect(alterConfig(cluster.quorum, "broker", "1", "min.insync.replicas", "2", cluster.context).message).toBe(
      "Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
    );
    expect(alterConfig(cluster.quorum, "broker", "", "min.insync.replicas", null, cluster.context).message).toBe(
      "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
    );
  });
});

describe("auto.leader.rebalance.enable", () => {
  test("gives leadership back every leader.imbalance.check.interval.seconds", () => {
    const cluster = quorumUnderTest({
      topics: { t: [[1, 2, 3]] },
      configs: { ...MIN_ISR_1, "leader.imbalance.check.interval.seconds": "60" },
    });
    killAndFence(cluster, 1);
    heartbeat(cluster, 1);
    alterPartition(cluster, 2, [2, 3, 1]);
    runUntil(cluster, 59_999, [1, 2, 3]);
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 1 isr 2,3,1");
    runUntil(cluster, 60_000, [1, 2, 3]);
    expect(stateOf(cluster, "t-0")).toBe("leader 1 epoch 2 isr 2,3,1");
  });

  test("false leaves it where it is", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: { "auto.leader.rebalance.enable": "false" } });
    killAndFence(cluster, 1);
    heartbeat(cluster, 1);
    alterPartition(cluster, 2, [2, 3, 1]);
    runUntil(cluster, 700_000, [1, 2, 3]);
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 1 isr 2,3,1");
  });
});

describe("an unclean shutdown", () => {
  test("takes a leader out of the ISR even if its session had not ended", () => {
    const cluster = quorumUnderTest({ topics: { t: [[1, 2, 3]] }, configs: MIN_ISR_1 });
    runUntil(cluster, 9_001, [2, 3]);
    register(cluster, 1, 2);
    expect(stateOf(cluster, "t-0")).toBe("leader 2 epoch 1 isr 2,3");
    expect(alterPartition(cluster, 2, [2, 3, 1])).toBe("INELIGIBLE_REPLICA");
  });
});
