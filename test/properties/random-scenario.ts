import fc from "fast-check";
import { compileScenario, type Scenario } from "../../src/scenario/compile.ts";

/** Random clusters, configs, loads and faults, as scenario files. */
const fault = fc.record({
  at: fc.integer({ min: 200, max: 15_000 }),
  what: fc.constantFrom(
    "kill",
    "stop",
    "start",
    "pause",
    "resume",
    "isolate",
    "rejoin",
    "cut",
    "slow",
    "heal",
    "load",
    "join",
    "leave",
    "rebalance",
    "min-isr",
    "elect",
  ),
  node: fc.constantFrom("1", "2", "3", "101", "102", "p1", "c1", "c2"),
  other: fc.constantFrom("1", "2", "3", "p1", "c1"),
});

export const randomScenario: fc.Arbitrary<Scenario> = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    partitions: fc.integer({ min: 1, max: 4 }),
    minIsr: fc.integer({ min: 1, max: 3 }),
    acks: fc.constantFrom("0", "1", "all"),
    idempotence: fc.boolean(),
    inFlight: fc.integer({ min: 1, max: 5 }),
    lingerMs: fc.constantFrom(0, 5, 50),
    batchSize: fc.constantFrom(200, 16384),
    rate: fc.constantFrom(20, 200),
    keys: fc.constantFrom("none", "random"),
    mode: fc.constantFrom("async", "sync"),
    members: fc.integer({ min: 2, max: 3 }),
    unclean: fc.boolean(),
    quick: fc.boolean(),
    latency: fc.integer({ min: 1, max: 20 }),
    faults: fc.array(fault, { maxLength: 8 }),
  })
  .map((given) => compileScenario(scenarioText(given), "random.yaml"));

function scenarioText(given: {
  seed: number;
  partitions: number;
  minIsr: number;
  acks: string;
  idempotence: boolean;
  inFlight: number;
  lingerMs: number;
  batchSize: number;
  rate: number;
  keys: string;
  mode: string;
  members: number;
  unclean: boolean;
  quick: boolean;
  latency: number;
  faults: { at: number; what: string; node: string; other: string }[];
}): string {
  const idempotence = given.acks === "all" && given.idempotence;
  return JSON.stringify({
    title: "random",
    seed: given.seed,
    end: 20_000,
    kafka: {
      configs: given.quick
        ? {
            "broker.session.timeout.ms": 2000,
            "broker.heartbeat.interval.ms": 500,
            "replica.lag.time.max.ms": 2000,
            "group.min.session.timeout.ms": 1000,
            "group.initial.rebalance.delay.ms": 500,
          }
        : {},
    },
    topics: [
      {
        name: "orders",
        partitions: given.partitions,
        replicationFactor: 3,
        configs: { "min.insync.replicas": given.minIsr, "unclean.leader.election.enable": given.unclean },
      },
    ],
    producers: [
      {
        name: "p1",
        topic: "orders",
        rate: given.rate,
        keys: given.keys,
        mode: given.mode,
        configs: {
          acks: given.acks,
          "enable.idempotence": idempotence,
          "max.in.flight.requests.per.connection": given.inFlight,
          "linger.ms": given.lingerMs,
          "batch.size": given.batchSize,
          "request.timeout.ms": 2000,
          "delivery.timeout.ms": 8000,
          "max.block.ms": 3000,
        },
      },
    ],
    groups: [
      {
        name: "billing",
        topics: ["orders"],
        members: given.members,
        configs: { "auto.offset.reset": "earliest", ...(given.quick ? { "session.timeout.ms": 3000, "heartbeat.interval.ms": 500 } : {}) },
      },
    ],
    network: { latency: given.latency },
    timeline: given.faults.map(timelineEntry),
  });
}

function timelineEntry({ at, what, node, other }: { at: number; what: string; node: string; other: string }): object {
  const from = node === other ? "1" : node;
  const to = node === other ? "2" : other;
  switch (what) {
    case "cut":
      return { at, do: "cut-link", from, to: from === to ? "3" : to, oneWay: at % 2 === 0 };
    case "slow":
      return { at, do: "slow-link", from, to: from === to ? "3" : to, latencyMs: 300 };
    case "heal":
      return { at, do: "heal-link", from, to: from === to ? "3" : to };
    case "load":
      return { at, do: "change-load", producer: "p1", recordsPerSecond: at % 500 };
    case "join":
      return { at, do: "add-consumer", group: "billing" };
    case "leave":
      return { at, do: "remove-consumer", consumer: "c1" };
    case "rebalance":
      return { at, do: "trigger-rebalance", group: "billing" };
    case "min-isr":
      return { at, do: "alter-topic-config", topic: "orders", key: "min.insync.replicas", value: 1 + (at % 3) };
    case "elect":
      return { at, do: "elect-leader", topic: "orders", partition: 0, kind: at % 2 === 0 ? "preferred" : "unclean" };
    default:
      return { at, do: what, node };
  }
}
