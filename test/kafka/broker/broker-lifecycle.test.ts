import { describe, expect, test } from "vitest";
import { clusterOfBrokers, give, leaderOf, runUntil, whenTraced } from "./cluster-of-brokers.ts";

describe("heartbeats", () => {
  test("are sent broker.heartbeat.interval.ms after the answer to the one before", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 30_000);
    // The first at 2000 also connects, 2 ms, and is answered after 2 ms more; from then on each takes 2 ms.
    expect(cluster.world.quorum.heartbeats.brokers[1]!.lastContactMs).toBe(2003 + 13 * 2002);
    expect(whenTraced(cluster, "broker-fenced", 1)).toBe(-1);
  });
});

describe("a broker that is killed", () => {
  test("is fenced 9 to 10.2 s after its last heartbeat and its partitions move then", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    const lastContact = cluster.world.quorum.heartbeats.brokers[1]!.lastContactMs;
    give(cluster, { type: "kill", node: "1" });
    runUntil(cluster, lastContact + 9_000);
    expect(leaderOf(cluster)).toBe("leader 1 epoch 0 isr 1,2,3");
    runUntil(cluster, lastContact + 10_200);
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3");
  });

  test("and started at once is refused until its old session is over, then comes back", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    const lastContact = cluster.world.quorum.heartbeats.brokers[1]!.lastContactMs;
    give(cluster, { type: "kill", node: "1" });
    give(cluster, { type: "start", node: "1" });
    runUntil(cluster, lastContact + 9_000);
    expect(cluster.world.brokers[1]!.lifecycle.state).toBe("STARTING");
    runUntil(cluster, lastContact + 30_000);
    expect(whenTraced(cluster, "broker-registered", 1)).toBeGreaterThan(lastContact + 9_000);
    expect(cluster.world.brokers[1]!.lifecycle).toMatchObject({ state: "RUNNING", incarnation: 2, fenced: false });
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3,1");
  });

  test("and started again cannot be connected to before it is unfenced, though it is still the leader", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "kill", node: "1" });
    give(cluster, { type: "start", node: "1" });
    runUntil(cluster, 6_000);
    expect(leaderOf(cluster)).toBe("leader 1 epoch 0 isr 1,2,3");
    expect(cluster.world.network.endpoints["1"]).toEqual({ state: "up", listening: false });
    runUntil(cluster, 30_000);
    expect(cluster.world.network.endpoints["1"]).toEqual({ state: "up", listening: true });
  });

  test("is found guilty of its fencing, and no other fault is", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "pause", node: "3" });
    give(cluster, { type: "kill", node: "1" });
    runUntil(cluster, 20_000);
    const fenced = cluster.traces.find(({ type, fields }) => type === "broker-fenced" && "brokerId" in fields && fields.brokerId === 1)!;
    expect(cluster.traces[fenced.cause]).toMatchObject({ type: "node-killed", node: "1" });
    const becameLeader = cluster.traces.find(({ type, node, at }) => type === "became-leader" && node === "2" && at > 5_000)!;
    let event = becameLeader;
    const chain: string[] = [];
    while (event !== undefined) {
      chain.push(event.type);
      event = cluster.traces[event.cause]!;
    }
    expect(chain.slice(-3)).toEqual(["broker-fenced", "node-killed", "command"]);
  });
});

describe("a broker that is stopped", () => {
  test("hands its leaders over at once and is fenced before its process ends", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "stop", node: "1" });
    runUntil(cluster, 5_010);
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3");
    runUntil(cluster, 12_000);
    const stopped = cluster.traces.find(({ type }) => type === "node-stopped")!.at;
    expect(whenTraced(cluster, "broker-fenced", 1)).toBeLessThanOrEqual(stopped);
    expect(stopped).toBeLessThan(9_500);
  });

  test("waits five minutes for a controller to let it go, then ends all the same", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    for (const controller of Object.keys(cluster.world.quorum.controllers)) give(cluster, { type: "kill", node: controller });
    give(cluster, { type: "stop", node: "1" });
    runUntil(cluster, 304_999);
    expect(cluster.world.brokers[1]!.status).toBe("stopping");
    runUntil(cluster, 305_001);
    expect(cluster.world.brokers[1]!.status).toBe("down");
  });

  test("and started again registers without waiting and without an unclean shutdown", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "stop", node: "1" });
    runUntil(cluster, 12_000);
    expect(cluster.world.brokers[1]!.lifecycle.previousBrokerEpoch).toBe(cluster.world.quorum.image.brokers[1]!.brokerEpoch);
    give(cluster, { type: "start", node: "1" });
    runUntil(cluster, 12_100);
    expect(cluster.world.brokers[1]!.lifecycle).toMatchObject({ fenced: false, registered: true });
    expect(cluster.world.nodes[1]!.state).toBe("up");
  });
});

describe("a broker that hangs", () => {
  test("is fenced like a dead one, and unfenced by its next heartbeat when it goes on", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "pause", node: "1" });
    runUntil(cluster, 20_000);
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3");
    give(cluster, { type: "resume", node: "1" });
    runUntil(cluster, 22_100);
    expect(whenTraced(cluster, "broker-unfenced", 1)).toBeGreaterThanOrEqual(20_000);
    expect(cluster.world.quorum.image.brokers[1]!.fenced).toBe(false);
  });
});

describe("when the active controller dies", () => {
  test("brokers find the next one and nobody is fenced", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "kill", node: "101" });
    runUntil(cluster, 60_000);
    expect(cluster.world.quorum.activeController).toBe(102);
    for (const id of [1, 2, 3]) expect(whenTraced(cluster, "broker-fenced", id)).toBe(-1);
    expect(cluster.world.brokers[1]!.image.controllerId).toBe(102);
    const changed = cluster.traces.find(({ type }) => type === "controller-changed")!;
    expect(cluster.traces[changed.cause]).toMatchObject({ type: "node-killed", node: "101" });
  });

  test("and a leader with it, the leader is replaced a whole session after the next controller took over", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "kill", node: "101" });
    give(cluster, { type: "kill", node: "1" });
    runUntil(cluster, 16_000);
    expect(leaderOf(cluster)).toBe("leader 1 epoch 0 isr 1,2,3");
    runUntil(cluster, 17_200);
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3");
  });
});

describe("when the active controller hangs", () => {
  test("brokers give it up and find the next one before their sessions end", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "pause", node: "101" });
    runUntil(cluster, 60_000);
    expect(cluster.world.quorum.activeController).toBe(102);
    for (const id of [1, 2, 3]) expect(whenTraced(cluster, "broker-fenced", id)).toBe(-1);
    give(cluster, { type: "resume", node: "101" });
    runUntil(cluster, 120_000);
    expect(cluster.world.quorum.activeController).toBe(102);
    for (const id of [1, 2, 3]) expect(whenTraced(cluster, "broker-fenced", id)).toBe(-1);
  });
});

describe("a broker whose links are all cut", () => {
  test("is fenced, and comes back by itself when they heal", () => {
    const cluster = clusterOfBrokers();
    runUntil(cluster, 5_000);
    give(cluster, { type: "isolate", node: "1" });
    runUntil(cluster, 20_000);
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3");
    give(cluster, { type: "rejoin", node: "1" });
    runUntil(cluster, 60_000);
    expect(leaderOf(cluster)).toBe("leader 2 epoch 1 isr 2,3,1");
    expect(cluster.world.brokers[1]!.lifecycle.state).toBe("RUNNING");
  });
});

test("an idle cluster keeps no connection, no parked request and no log that grows", () => {
  const cluster = clusterOfBrokers();
  runUntil(cluster, 60_000);
  const connections = Object.keys(cluster.world.network.connections).length;
  const { endOffset } = cluster.world.quorum.log;
  runUntil(cluster, 600_000);
  expect(Object.keys(cluster.world.network.connections)).toHaveLength(connections);
  expect(cluster.world.quorum.log.endOffset).toBe(endOffset);
  expect(cluster.world.quorum.waitingFetches.length).toBeLessThanOrEqual(3);
  expect(cluster.context.kernel.queue.length).toBeLessThan(100);
});
