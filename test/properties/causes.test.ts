import { describe, expect, test } from "vitest";
import { startScenario } from "../../src/engine/scenario-run.ts";
import { run as runEvents } from "../../src/engine/simulation.ts";
import type { TraceEvent, TraceFields, TraceType } from "../../src/kafka/protocol/trace-events.ts";
import { compileScenario } from "../../src/scenario/compile.ts";
import { chainOf } from "../../src/trace/causes.ts";

/**
 * From an effect the causes lead to the one fault that brought it about, also when something else broke at the same instant, before it or after it.
 * The deciding config is named by the event that it decided.
 */
interface Step {
  at: number;
  do: string;
  [field: string]: unknown;
}

interface Situation {
  guilty: Step;
  /** What had to be so for the fault to have its effect. */
  before?: Step[];
  after?: Step[];
  producer?: Record<string, unknown>;
  rate?: number;
  latency?: number;
}

const FAULT_AT = 4_000;

function traceOf(situation: Situation, bystander: Step | null, isFirst: boolean): TraceEvent[] {
  const faults = bystander === null ? [situation.guilty] : isFirst ? [bystander, situation.guilty] : [situation.guilty, bystander];
  const scenario = {
    title: "causes",
    seed: 3,
    end: 10_000,
    kafka: {
      configs: {
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "replica.lag.time.max.ms": 2000,
        "group.min.session.timeout.ms": 1000,
        "group.initial.rebalance.delay.ms": 0,
      },
    },
    topics: [{ name: "orders", assignment: [[1, 2, 3]] }],
    producers: [
      {
        name: "p1",
        topic: "orders",
        rate: situation.rate ?? 50,
        configs: { acks: 1, "enable.idempotence": false, "request.timeout.ms": 1000, "delivery.timeout.ms": 30_000, ...situation.producer },
      },
    ],
    groups: [{ name: "billing", topics: ["orders"], members: 2, configs: { "session.timeout.ms": 3000, "heartbeat.interval.ms": 500 } }],
    network: { latency: situation.latency ?? 2 },
    timeline: [...(situation.before ?? []), ...faults, ...(situation.after ?? [])],
  };
  const events: TraceEvent[] = [];
  const run = startScenario(compileScenario(JSON.stringify(scenario), "causes.yaml"), { sink: (event) => events.push(event) });
  runEvents(run.simulation, { untilMs: 10_000, events: Number.POSITIVE_INFINITY });
  return events;
}

function first<T extends TraceType>(
  events: TraceEvent[],
  type: T,
  is: (fields: TraceFields[T], node: string) => boolean = () => true,
): TraceEvent {
  const found = events.find((event) => event.at >= FAULT_AT && event.type === type && is(event.fields as TraceFields[T], event.node));
  if (found === undefined) throw new Error(`the run has no such ${type}`);
  return found;
}

/** The commands in a chain, as one would type them. */
function rootOf(chain: TraceEvent[]): string {
  const commands = chain.filter(({ type }) => type === "command").map(({ fields }) => fields as TraceFields["command"]);
  return commands
    .map(
      ({ command, details }) =>
        `${command} ${Object.values(JSON.parse(details))
          .filter((part) => typeof part === "string")
          .join(" ")}`,
    )
    .join(", ");
}

const bystanders: Record<string, Step> = {
  "broker 3 is killed": { at: FAULT_AT, do: "kill", node: "3" },
  "consumer c2 is killed": { at: FAULT_AT, do: "kill", node: "c2" },
  "consumer c2 is paused": { at: FAULT_AT, do: "pause", node: "c2" },
  "the link of broker 3 and c2 is cut": { at: FAULT_AT, do: "cut-link", from: "3", to: "c2" },
  "another link of the same broker is cut": { at: FAULT_AT, do: "cut-link", from: "1", to: "c2" },
  "another link of its follower is cut": { at: FAULT_AT, do: "cut-link", from: "2", to: "c2" },
};

interface Expected {
  /** The commands in the chain: one. */
  root: string;
  effect: (events: TraceEvent[]) => TraceEvent;
  /** Types that the chain must pass, in this order. */
  passes: TraceType[];
  /** null: no config decided it. */
  config: string | null;
}

function underEachFault(situation: Situation, expected: Expected): void {
  const check = (bystander: Step | null, isFirst: boolean): void => {
    const events = traceOf(situation, bystander, isFirst);
    const chain = chainOf(events, expected.effect(events).seq);
    const told = chain.map(({ type, node }) => `${type} ${node}`).join(" ← ");
    expect(rootOf(chain), told).toBe(expected.root);
    expect(chain.at(-1)!.type, told).toBe("command");
    const types = chain.map(({ type }) => type).filter((type) => expected.passes.includes(type));
    expect([...new Set(types)], told).toEqual(expected.passes);
    const configs = chain.map(({ fields }) => (fields as { config?: string }).config);
    if (expected.config !== null) expect(configs, told).toContain(expected.config);
  };
  test("and nothing else breaks", () => check(null, true));
  for (const [name, bystander] of Object.entries(bystanders)) {
    test(`and just before it ${name}`, () => check(bystander, true));
    test(`and just after it ${name}`, () => check(bystander, false));
  }
}

const followersAreSlow: Step[] = [
  { at: 3_000, do: "slow-link", from: "1", to: "2", oneWay: true, latencyMs: 700 },
  { at: 3_000, do: "slow-link", from: "1", to: "3", oneWay: true, latencyMs: 700 },
];

describe("a record is lost because its leader was killed (acks=1)", () => {
  underEachFault(
    { before: followersAreSlow, guilty: { at: FAULT_AT, do: "kill", node: "1" } },
    {
      root: "kill 1",
      effect: (events) => first(events, "record-lost"),
      passes: ["record-lost", "leader-elected", "broker-fenced", "node-killed"],
      config: "broker.session.timeout.ms",
    },
  );
});

describe("a follower leaves the ISR because it was paused", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "pause", node: "2" } },
    {
      root: "pause 2",
      effect: (events) => first(events, "isr-shrink-requested", ({ removed }) => removed.includes(2)),
      passes: ["isr-shrink-requested", "node-paused"],
      config: "replica.lag.time.max.ms",
    },
  );
});

describe("a follower leaves the ISR because its link to the leader was cut", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "cut-link", from: "1", to: "2" } },
    {
      root: "cut-link 1 2",
      effect: (events) => first(events, "isr-shrink-requested", ({ removed }) => removed.includes(2)),
      passes: ["isr-shrink-requested", "link-changed"],
      config: "replica.lag.time.max.ms",
    },
  );
});

describe("a broker is fenced because it was isolated", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "isolate", node: "2" } },
    {
      root: "isolate 2",
      effect: (events) => first(events, "broker-fenced", ({ brokerId }) => brokerId === 2),
      passes: ["broker-fenced", "link-changed"],
      config: "broker.session.timeout.ms",
    },
  );
});

describe("a member expires because it was killed", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "kill", node: "c1" } },
    {
      root: "kill c1",
      effect: (events) => first(events, "member-expired", ({ member }) => member.startsWith("c1")),
      passes: ["member-expired", "node-killed"],
      config: "session.timeout.ms",
    },
  );
});

describe("a produce request times out because the leader was paused", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "pause", node: "1" } },
    {
      root: "pause 1",
      effect: (events) => first(events, "request-timed-out", ({ api }, node) => node === "p1" && api === "Produce"),
      passes: ["request-timed-out", "node-paused"],
      config: "request.timeout.ms",
    },
  );
});

describe("a produce request with acks=all times out because a follower that it waits for was paused", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "pause", node: "2" }, producer: { acks: "all", "request.timeout.ms": 1000 } },
    {
      root: "pause 2",
      effect: (events) => first(events, "request-timed-out", ({ api }, node) => node === "p1" && api === "Produce"),
      passes: ["request-timed-out", "node-paused"],
      config: "request.timeout.ms",
    },
  );
});

describe("a record stands twice because the leader was paused and its answer came too late", () => {
  underEachFault(
    { guilty: { at: FAULT_AT, do: "pause", node: "1" }, after: [{ at: FAULT_AT + 2500, do: "resume", node: "1" }] },
    {
      root: "pause 1",
      effect: (events) => first(events, "record-duplicated"),
      passes: ["record-duplicated", "batch-retried", "request-timed-out", "node-paused"],
      config: "request.timeout.ms",
    },
  );
});

describe("a record stands twice because the link that carried its answer was cut", () => {
  underEachFault(
    {
      guilty: { at: FAULT_AT, do: "cut-link", from: "1", to: "p1", oneWay: true },
      after: [{ at: FAULT_AT + 2500, do: "heal-link", from: "1", to: "p1" }],
    },
    {
      root: "cut-link 1 p1",
      effect: (events) => first(events, "record-duplicated"),
      passes: ["record-duplicated", "batch-retried", "request-timed-out", "link-changed"],
      config: "request.timeout.ms",
    },
  );
});

describe("a record stands twice because the link was cut, and healed before the time-out: the connection is reset", () => {
  underEachFault(
    {
      guilty: { at: FAULT_AT, do: "cut-link", from: "1", to: "p1", oneWay: true },
      after: [{ at: FAULT_AT + 500, do: "heal-link", from: "1", to: "p1" }],
    },
    {
      root: "cut-link 1 p1",
      effect: (events) => first(events, "record-duplicated"),
      passes: ["record-duplicated", "batch-retried", "disconnected", "link-changed"],
      config: null,
    },
  );
});

describe("records change their order because five requests were in flight when the leader was killed", () => {
  underEachFault(
    {
      guilty: { at: FAULT_AT, do: "kill", node: "1" },
      producer: { "linger.ms": 0, "batch.size": 200, "retry.backoff.ms": 100 },
      rate: 200,
      latency: 20,
    },
    {
      root: "kill 1",
      effect: (events) => first(events, "record-reordered"),
      passes: ["record-reordered", "batch-retried", "disconnected", "node-killed"],
      config: null,
    },
  );
});
