import { describe, expect, test } from "vitest";
import { type ScenarioRun, startScenario } from "../../../src/engine/scenario-run.ts";
import { giveCommand, run as runEvents } from "../../../src/engine/simulation.ts";
import { refusalOf } from "../../../src/kafka/cluster/commands.ts";
import { type Command, commandDocumentation } from "../../../src/kafka/protocol/commands.ts";
import { totalsOf } from "../../../src/ledger/queries.ts";
import { compileScenario } from "../../../src/scenario/compile.ts";
import { groupFacts, partitionFacts } from "../../../src/scenario/facts.ts";

const scenario = compileScenario(
  JSON.stringify({
    title: "commands",
    seed: 1,
    end: "10m",
    kafka: { configs: { "group.initial.rebalance.delay.ms": 0 } },
    topics: [
      {
        name: "orders",
        assignment: [
          [1, 2, 3],
          [2, 3, 1],
        ],
      },
    ],
    producers: [{ name: "p1", topic: "orders", rate: 100 }],
    groups: [{ name: "billing", topics: ["orders"], members: 2, configs: { "auto.offset.reset": "earliest" } }],
  }),
  "commands.yaml",
);

function started(untilMs = 2000): ScenarioRun {
  const run = startScenario(scenario, { sink: null });
  advance(run, untilMs);
  return run;
}

function advance(run: ScenarioRun, untilMs: number): void {
  runEvents(run.simulation, { untilMs, events: Number.POSITIVE_INFINITY });
}

/** Gives a command and lets it take effect. Returns why it was refused, or null. */
function give(run: ScenarioRun, command: Command): string | null {
  const refused = refusalOf(run.simulation.world, command);
  if (refused !== null) return refused;
  giveCommand(run.simulation, command);
  advance(run, run.simulation.kernel.now);
  return run.simulation.context.refusal;
}

const partition = (run: ScenarioRun, name: string) => partitionFacts(run.simulation.world, name)!;
const group = (run: ScenarioRun) => groupFacts(run.simulation.world, "billing")!;

describe("the lives of processes", () => {
  test("a killed broker is fenced after its session and its partitions get the next in-sync replica as leader", () => {
    const run = started();
    expect(give(run, { type: "kill", node: "1" })).toBeNull();
    advance(run, 8000);
    expect(partition(run, "orders-0").leader).toBe(1);
    advance(run, 15_000);
    expect(partition(run, "orders-0")).toMatchObject({ leader: 2, leaderEpoch: 1, isr: [2, 3] });
    expect(give(run, { type: "start", node: "1" })).toBeNull();
    advance(run, 40_000);
    expect(partition(run, "orders-0")).toMatchObject({ leader: 2, isr: expect.arrayContaining([1, 2, 3]) });
  });

  test("a broker that is stopped in order hands its leaders over at once and goes down", () => {
    const run = started();
    give(run, { type: "stop", node: "1" });
    advance(run, 5000);
    expect(partition(run, "orders-0").leader).toBe(2);
    expect(run.simulation.world.nodes["1"]!.state).toBe("down");
    expect(totalsOf(run.simulation.ledger)).toMatchObject({ failed: 0, lost: 0 });
  });

  test("a broker that hangs for less than its session keeps its partitions", () => {
    const run = started();
    give(run, { type: "pause", node: "1" });
    advance(run, 6000);
    give(run, { type: "resume", node: "1" });
    advance(run, 20_000);
    expect(partition(run, "orders-0")).toMatchObject({ leader: 1, leaderEpoch: 0 });
    expect(totalsOf(run.simulation.ledger)).toMatchObject({ failed: 0, lost: 0, duplicated: 0 });
  });

  test("without an active controller data flows but nobody is elected; the next controller makes up for it", () => {
    const run = started();
    give(run, { type: "kill", node: "101" });
    give(run, { type: "kill", node: "1" });
    advance(run, 3000);
    expect(run.simulation.world.quorum.activeController).toBe(-1);
    advance(run, 30_000);
    expect([102, 103]).toContain(run.simulation.world.quorum.activeController);
    expect(partition(run, "orders-0").leader).toBe(2);
  });
});

describe("clients", () => {
  test("a consumer that is added shares the partitions, one that is removed gives its back", () => {
    const run = started(5000);
    expect(group(run)).toMatchObject({ state: "Stable", members: 2 });
    give(run, { type: "add-consumer", group: "billing", name: null, configs: {} });
    advance(run, 15_000);
    expect(group(run)).toMatchObject({ state: "Stable", members: 3, unassignedMembers: 1 });
    expect(Object.keys(run.simulation.world.consumers)).toContain("c3");
    give(run, { type: "remove-consumer", consumer: "c1" });
    advance(run, 30_000);
    expect(group(run)).toMatchObject({ state: "Stable", members: 2, unassignedMembers: 0 });
  });

  test("a triggered rebalance gives the group a new generation", () => {
    const run = started(5000);
    const before = group(run).generation as number;
    give(run, { type: "trigger-rebalance", group: "billing" });
    advance(run, 15_000);
    expect(group(run)).toMatchObject({ state: "Stable", generation: before + 1 });
  });

  test("a changed client config restarts the client with it, and its record ids go on", () => {
    const run = started();
    const before = totalsOf(run.simulation.ledger).sent;
    give(run, { type: "alter-client-config", client: "p1", key: "acks", value: "1", restart: true });
    advance(run, 4000);
    const { producer } = run.simulation.world.producers.p1!;
    expect(producer!.settings.acks).toBe(1);
    const totals = totalsOf(run.simulation.ledger);
    expect(totals.sent).toBeGreaterThan(before);
    expect(totals).toMatchObject({ failed: 0, duplicated: 0, reordered: 0 });
  });

  test("a config that Kafka would refuse is refused in Kafka's words and the client goes on as it was", () => {
    const run = started();
    expect(give(run, { type: "alter-client-config", client: "p1", key: "acks", value: "2", restart: true })).toContain(
      "Invalid value 2 for configuration acks",
    );
    advance(run, 3000);
    expect(run.simulation.world.producers.p1!.producer!.settings.acks).toBe(-1);
  });

  test("the load changes at once", () => {
    const run = started();
    const before = totalsOf(run.simulation.ledger).sent;
    give(run, { type: "change-load", producer: "p1", recordsPerSecond: 1000 });
    advance(run, 4000);
    const sent = totalsOf(run.simulation.ledger).sent - before;
    expect(sent).toBeGreaterThan(1900);
    expect(sent).toBeLessThan(2100);
  });
});

describe("topics and elections", () => {
  test("a created topic has leaders, and partitions can be added to it", () => {
    const run = started();
    expect(give(run, { type: "create-topic", topic: "payments", partitions: 2, replicationFactor: 3, configs: {} })).toBeNull();
    expect(give(run, { type: "create-topic", topic: "payments", partitions: 2, replicationFactor: 3, configs: {} })).toContain(
      "TOPIC_ALREADY_EXISTS",
    );
    expect(give(run, { type: "add-partitions", topic: "payments", partitions: 4 })).toBeNull();
    advance(run, 4000);
    expect(partition(run, "payments-3").leader).toBeGreaterThan(0);
  });

  test("a preferred election of a healthy leader is not needed; after a restart it brings the leader back", () => {
    const run = started();
    const elect: Command = { type: "elect-leader", topic: "orders", partition: 0, kind: "preferred" };
    expect(give(run, elect)).toContain("ELECTION_NOT_NEEDED");
    give(run, { type: "stop", node: "1" });
    advance(run, 6000);
    give(run, { type: "start", node: "1" });
    advance(run, 30_000);
    expect(give(run, elect)).toBeNull();
    expect(partition(run, "orders-0").leader).toBe(1);
  });

  test("an unknown topic config is refused, as Kafka refuses it", () => {
    const run = started();
    expect(give(run, { type: "alter-topic-config", topic: "orders", key: "min.insync.replica", value: "2" })).toContain("INVALID_CONFIG");
  });
});

describe("links", () => {
  test("an isolated broker is fenced although it lives, and serves again when it rejoins", () => {
    const run = started();
    give(run, { type: "isolate", node: "1" });
    advance(run, 20_000);
    expect(partition(run, "orders-0").leader).toBe(2);
    expect(run.simulation.world.nodes["1"]!.state).toBe("up");
    give(run, { type: "rejoin", node: "1" });
    advance(run, 90_000);
    expect(partition(run, "orders-0").isr).toContain(1);
  });

  test("a follower that is cut off from its leader leaves the ISR after replica.lag.time.max.ms", () => {
    const run = started();
    give(run, { type: "cut-link", from: "1", to: "2", oneWay: false });
    advance(run, 30_000);
    expect(partition(run, "orders-0").isr).toContain(2);
    advance(run, 60_000);
    expect(partition(run, "orders-0").isr).not.toContain(2);
    give(run, { type: "heal-link", from: "1", to: "2" });
    advance(run, 120_000);
    expect(partition(run, "orders-0").isr).toContain(2);
  });
});

describe("what makes no sense", () => {
  const run = started();
  test.each<[Command, RegExp]>([
    [{ type: "kill", node: "9" }, /no node 9/],
    [{ type: "start", node: "1" }, /already up/],
    [{ type: "resume", node: "1" }, /does not hang/],
    [{ type: "lose-disk", broker: 1 }, /kill it first/],
    [{ type: "cut-link", from: "1", to: "1", oneWay: false }, /two ends/],
    [{ type: "add-consumer", group: "nobody", name: null, configs: {} }, /no group nobody/],
    [{ type: "add-consumer", group: "billing", name: "c1", configs: {} }, /c1 already/],
    [{ type: "change-load", producer: "p1", recordsPerSecond: -1 }, /from 0 up/],
    [{ type: "remove-consumer", consumer: "p1" }, /no consumer p1/],
  ])("%j is refused in words", (command, words) => {
    expect(refusalOf(run.simulation.world, command)).toMatch(words);
  });

  test("every command has a sentence in English and in Korean and an example", () => {
    for (const { about, example } of Object.values(commandDocumentation)) {
      expect(about.en).not.toBe("");
      expect(about.ko).toMatch(/[가-힣]/);
      expect(example).not.toBe("");
    }
  });
});
