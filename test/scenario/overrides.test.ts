import { describe, expect, test } from "vitest";
import { compileScenario, type Scenario } from "../../src/scenario/compile.ts";
import { parseOverride } from "../../src/scenario/overrides.ts";
import { ScenarioError } from "../../src/scenario/scenario-error.ts";

const TEXT = `title: T
topics:
  - { name: orders, partitions: 3 }
  - { name: orders.eu, assignment: [[1, 2], [2, 3]] }
producers:
  - { name: p1, topic: orders, configs: { acks: 1, linger.ms: 5 } }
  - { name: p1.eu, topic: orders.eu }
groups:
  - { name: billing, topics: [orders], members: 2 }
  - { name: audit, topics: [orders], members: [{ name: a1, start: 1s }] }
`;

function withSet(...texts: string[]): Scenario {
  return compileScenario(TEXT, "orders.yaml", texts.map(parseOverride));
}

function refusal(...texts: string[]): string {
  try {
    withSet(...texts);
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return "it was accepted";
}

describe("--set changes what it names, and nothing else", () => {
  const before = withSet();

  test("a producer's config, even if the file gives another value", () => {
    const { spec } = withSet("producers.p1.acks=all");
    expect(spec.producers[0]!.configs).toEqual({ acks: "all", "linger.ms": "5" });
    expect(spec.producers[1]).toEqual(before.spec.producers[1]);
  });

  test("the producer whose name has a dot, not the one that has the first half of it", () => {
    const { spec } = withSet("producers.p1.eu.linger.ms=7");
    expect(spec.producers.map(({ configs }) => configs["linger.ms"])).toEqual(["5", "7"]);
  });

  test("all producers at once", () => {
    expect(withSet("producers.*.rate=250").spec.producers.map(({ workload }) => workload.recordsPerSecond)).toEqual([250, 250]);
  });

  test("a value with an equals sign in it", () => {
    expect(parseOverride("producers.p1.client.id=a=b")).toEqual(["producers.p1.client.id", "a=b"]);
  });

  test("the load of a producer", () => {
    const { workload, startAtMs } = withSet(
      "producers.p1.count=10",
      "producers.p1.keys=zipf",
      "producers.p1.mode=sync",
      "producers.p1.start=2s",
    ).spec.producers[0]!;
    expect([workload.count, workload.keys, workload.mode, startAtMs]).toEqual([10, "zipf", "sync", 2000]);
    expect(withSet("producers.p1.count=10", "producers.p1.count=null").spec.producers[0]!.workload.count).toBeNull();
  });

  test("the number of members of a group, and what it does with records", () => {
    const { spec } = withSet(
      "groups.billing.members=4",
      "groups.billing.processing.perRecordMicros=500",
      "groups.billing.processing.commit=after",
    );
    expect(spec.groups[0]!.members.map(({ name }) => name)).toEqual(["c1", "c2", "c3", "c4"]);
    expect(spec.groups[0]!.processing).toEqual({ perRecordMicros: 500, commit: "after" });
  });

  test("one member of a group that is only counted", () => {
    const { members } = withSet("members.c2.max.poll.records=1", "members.c2.start=3s").spec.groups[0]!;
    expect(members).toEqual([
      { name: "c1", configs: {}, startAtMs: 0 },
      { name: "c2", configs: { "max.poll.records": "1" }, startAtMs: 3000 },
    ]);
  });

  test("one member of a group that is listed, which keeps its name and its start", () => {
    const [member] = withSet("members.a1.session.timeout.ms=30000").spec.groups[1]!.members;
    expect(member).toEqual({ name: "a1", configs: { "session.timeout.ms": "30000" }, startAtMs: 1000 });
  });

  test("a topic's partitions and configs", () => {
    const { topics } = withSet("topics.orders.partitions=6", "topics.*.min.insync.replicas=2").spec;
    expect(topics.map(({ partitions, configs }) => [partitions, configs])).toEqual([
      [6, { "min.insync.replicas": "2" }],
      [2, { "min.insync.replicas": "2" }],
    ]);
  });

  test("all brokers, or one of them", () => {
    const { spec } = withSet("brokers.unclean.leader.election.enable=true", "brokers.2.log.retention.ms=60000");
    expect(spec.brokerConfigs).toEqual({ "unclean.leader.election.enable": "true" });
    expect(spec.brokers.map(({ id, configs }) => [id, configs])).toEqual([
      [1, {}],
      [2, { "log.retention.ms": "60000" }],
      [3, {}],
    ]);
  });

  test("cluster, network, seed and end", () => {
    const { spec, endMs } = withSet(
      "kafka.brokers=5",
      "kafka.controllerFailover=1s",
      "network.latency=20ms",
      "network.bandwidthBytesPerSecond=1000000",
      "seed=9",
      "end=2m",
    );
    expect([spec.brokers.length, spec.controllerFailoverMs, spec.network, spec.seed, endMs]).toEqual([
      5,
      1000,
      { latencyMs: 20, bandwidthBytesPerSecond: 1_000_000 },
      9,
      120_000,
    ]);
  });

  test("what an anchor gives to two producers is changed for one of them only", () => {
    const text =
      "title: T\ntopics: [{ name: a }]\nproducers:\n  - { name: p1, topic: a, configs: &c { linger.ms: 1 } }\n  - { name: p2, topic: a, configs: *c }\n";
    const { spec } = compileScenario(text, "a.yaml", [["producers.p1.linger.ms", "9"]]);
    expect(spec.producers.map(({ configs }) => configs["linger.ms"])).toEqual(["9", "1"]);
  });
});

describe("a wrong --set is told by its own text, not by a line of the file", () => {
  test.each([
    ["producers.p1.acks=2", "--set producers.p1.acks=2  Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1"],
    [
      "producers.p1.acks=al",
      "--set producers.p1.acks=al  Invalid value al for configuration acks: String must be one of: all, -1, 0, 1. Did you mean all?",
    ],
    ["producers.p2.acks=1", "--set producers.p2.acks=1  there is no producer p2: there are p1, p1.eu. Did you mean p1?"],
    [
      "producers.p1.ack=1",
      "--set producers.p1.ack=1  ack is no producer config of Kafka, and no field (rate, count, valueSize, keys, keyCount, mode, start). Did you mean acks?",
    ],
    [
      "producers.p1.rte=5",
      "--set producers.p1.rte=5  rte is no producer config of Kafka, and no field (rate, count, valueSize, keys, keyCount, mode, start). Did you mean rate?",
    ],
    ["producers.p1=5", "--set producers.p1=5  write producers.p1.KEY=VALUE"],
    ["producers=5", "--set producers=5  write producers.NAME.KEY=VALUE"],
    [
      "producer.p1.acks=1",
      "--set producer.p1.acks=1  begin with one of producers, groups, members, topics, brokers, kafka, network, seed, end. Did you mean producers?",
    ],
    ["producers.p1.rate=fast", '--set producers.p1.rate=fast  a number is needed, not "fast"'],
    ["producers.p1.mode=synch", '--set producers.p1.mode=synch  "synch" is not among async, sync. Did you mean sync?'],
    [
      "topics.order.partitions=3",
      "--set topics.order.partitions=3  there is no topic order: there are orders, orders.eu. Did you mean orders?",
    ],
    ["topics.orders.partitions=0", "--set topics.orders.partitions=0  0 is too small: at least 1"],
    [
      "topics.orders.eu.partitions=3",
      "--set topics.orders.eu.partitions=3  the topic orders.eu has an assignment, which says how many partitions there are",
    ],
    [
      "topics.orders.retention.m=3",
      "--set topics.orders.retention.m=3  retention.m is no topic config of Kafka, and no field (partitions, replicationFactor). Did you mean retention.ms?",
    ],
    ["members.c9.start=3s", "--set members.c9.start=3s  there is no member c9: there are c1, c2, a1. Did you mean c1?"],
    ["brokers.7.log.retention.ms=5", "--set brokers.7.log.retention.ms=5  there is no broker 7: there are 1, 2, 3"],
    [
      "brokers.log.retention=5",
      "--set brokers.log.retention=5  log.retention is no broker config of Kafka. Did you mean log.retention.ms?",
    ],
    [
      "kafka.broker=5",
      "--set kafka.broker=5  there is no such field. Did you mean brokers? Fields: brokers, controllers, controllerFailover",
    ],
    ["network.latency=0", "--set network.latency=0  a link takes at least 1 ms"],
    ["end=soon", '--set end=soon  "soon" is no time: write 500ms, 1.5s, 2m or 1h (100000h at most)'],
    ["seed=-1", "--set seed=-1  -1 is too small: at least 0"],
    ["seed.x=1", "--set seed.x=1  write seed=VALUE"],
    ["acks", "--set acks  write KEY=VALUE, such as producers.p1.acks=1"],
    ["=1", "--set =1  write KEY=VALUE, such as producers.p1.acks=1"],
    ["producers.p1.client.id=\u001b[31m", "--set producers.p1.client.id=\\u001b[31m  a text can't hold the character \\u001b"],
  ])("%s", (set, message) => {
    expect(refusal(set)).toBe(message);
  });

  test("fewer brokers than a topic needs replicas: the --set is named, and the place that it made wrong", () => {
    expect(refusal("kafka.brokers=2")).toContain(
      "--set kafka.brokers=2  topics[0].replicationFactor: Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 2 broker(s) are registered.",
    );
  });

  test("of several, the one that Kafka refuses", () => {
    expect(refusal("producers.p1.linger.ms=1", "producers.p1.delivery.timeout.ms=1000", "end=10s")).toBe(
      "--set producers.p1.delivery.timeout.ms=1000  delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
    );
  });

  test("what Kafka says of a key that the --set only contradicts", () => {
    expect(refusal("producers.p1.enable.idempotence=true")).toBe(
      "--set producers.p1.enable.idempotence=true  producers[0].configs.acks: Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
    );
  });

  test("a file that is wrong itself is told of by its line, whatever is set", () => {
    expect(() => compileScenario(TEXT.replace("acks: 1", "acks: 2"), "orders.yaml", [["producers.p1.acks", "all"]])).toThrow(
      /^orders\.yaml:6:43 {2}producers\[0\]\.configs\.acks/,
    );
  });
});
