import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileScenario } from "../../src/scenario/compile.ts";

const T = "title: T\ntopics:\n  - { name: orders }\n";

function compile(rest: string) {
  return compileScenario(T + rest, "orders.yaml");
}

describe("what a scenario leaves out is as in Kafka, or as in a small cluster", () => {
  const { spec, endMs, timeline, expectations, flip, warnings } = compile(
    "producers: [{ name: p1, topic: orders }]\ngroups: [{ name: g, topics: [orders] }]\n",
  );

  test("three brokers, three controllers above them, one partition with three replicas, 1 ms of latency", () => {
    expect(spec.brokers.map(({ id, rack }) => [id, rack])).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ]);
    expect(spec.controllers).toEqual([101, 102, 103]);
    expect(spec.topics).toEqual([{ name: "orders", partitions: 1, replicationFactor: 3, assignment: null, configs: {} }]);
    expect(spec.network).toEqual({ latencyMs: 1, bandwidthBytesPerSecond: null });
    expect([endMs, timeline, expectations, flip, warnings]).toEqual([30_000, [], [], null, []]);
  });

  test("an idle producer of 100-byte values without keys, and one consumer with auto-commit", () => {
    expect(spec.producers[0]!.workload).toEqual({
      topic: "orders",
      recordsPerSecond: 0,
      count: null,
      valueSizeBytes: 100,
      keys: "none",
      keyCount: 100,
      mode: "async",
      records: null,
    });
    expect(spec.groups[0]).toMatchObject({
      members: [{ name: "c1", configs: {}, startAtMs: 0 }],
      processing: { perRecordMicros: 0, commit: "auto" },
    });
  });
});

describe("values", () => {
  test("a LONG that doubles can't hold stays as it is written", () => {
    const { spec } = compileScenario(
      "title: T\ntopics:\n  - { name: orders, configs: { flush.messages: 9223372036854775807 } }\n",
      "a.yaml",
    );
    expect(spec.topics[0]!.configs).toEqual({ "flush.messages": "9223372036854775807" });
  });

  test("numbers, truths and texts of configs become Kafka's texts", () => {
    const { spec } = compile(
      "producers: [{ name: p1, topic: orders, configs: { linger.ms: 5, enable.idempotence: true, acks: all, client.id: '007' } }]\n",
    );
    expect(spec.producers[0]!.configs).toEqual({ "linger.ms": "5", "enable.idempotence": "true", acks: "all", "client.id": "007" });
  });

  test("members that are only counted are named on from group to group", () => {
    const { spec } = compile("groups:\n  - { name: a, topics: [orders], members: 2 }\n  - { name: b, topics: [orders], members: 1 }\n");
    expect(spec.groups.map(({ members }) => members.map(({ name }) => name))).toEqual([["c1", "c2"], ["c3"]]);
  });

  test("racks are dealt to the brokers in turn", () => {
    expect(compile("kafka: { brokers: 3, racks: [a, b] }\n").spec.brokers.map(({ rack }) => rack)).toEqual(["a", "b", "a"]);
  });

  test("controllers begin above a broker of the number 250", () => {
    expect(compile("kafka: { brokers: [{ id: 1 }, { id: 2 }, { id: 250 }] }\n").spec.controllers).toEqual([301, 302, 303]);
  });

  test("an explicit list of records is in order of time, as often as `count` says", () => {
    const { spec } = compile("producers: [{ name: p1, topic: orders, records: [{ at: 2s, key: b }, { at: 1s, key: a, count: 2 }] }]\n");
    expect(spec.producers[0]!.workload.records!.map(({ atMs, key }) => [atMs, key])).toEqual([
      [1000, "a"],
      [1000, "a"],
      [2000, "b"],
    ]);
  });

  test("anchors, aliases and merge keys say a thing once", () => {
    const { spec } = compile("producers:\n  - &p { name: p1, topic: orders, rate: 5, configs: { acks: 1 } }\n  - { <<: *p, name: p2 }\n");
    expect(spec.producers.map(({ name, workload, configs }) => [name, workload.recordsPerSecond, configs.acks])).toEqual([
      ["p1", 5, "1"],
      ["p2", 5, "1"],
    ]);
  });

  test("texts may be folded over lines, and in one language or two", () => {
    const { title, description } = compileScenario(
      "title: >\n  A long\n  title\ndescription: { en: one, ko: 하나 }\ntopics: [{ name: a }]\n",
      "a.yaml",
    );
    expect([title, description]).toEqual([
      { en: "A long title", ko: "A long title" },
      { en: "one", ko: "하나" },
    ]);
  });
});

describe("the timeline and what is expected", () => {
  test("a step does a command at a time, or so long after a condition came true", () => {
    const { timeline } = compile(
      "timeline:\n  - { at: 1s, do: kill, node: 2 }\n  - { when: { broker: { of: 2, fenced: true } }, delay: 500ms, say: Fenced. }\n",
    );
    expect(timeline).toEqual([
      { atMs: 1000, when: null, delayMs: 0, command: { type: "kill", node: "2" }, say: null },
      { atMs: 0, when: { broker: { of: 2, fenced: true } }, delayMs: 500, command: null, say: { en: "Fenced.", ko: "Fenced." } },
    ]);
  });

  test("a command's fields that are left out have the values of the catalogue", () => {
    const { timeline } = compile(
      "groups: [{ name: g, topics: [orders] }]\ntimeline:\n  - { at: 1s, do: add-consumer, group: g }\n  - { at: 1s, do: cut-link, from: 1, to: c1 }\n",
    );
    expect(timeline.map(({ command }) => command)).toEqual([
      { type: "add-consumer", group: "g", name: null, configs: {} },
      { type: "cut-link", from: "1", to: "c1", oneWay: false },
    ]);
  });

  test("an expectation without a time is looked at when the run is over", () => {
    const { expectations } = compile(
      "end: 9s\nexpect:\n  - { name: a, ledger: { lost: 0 } }\n  - { name: b, always: true, ledger: { lost: 0 } }\n  - { name: c, never: { from: 2s }, ledger: { lost: 1 } }\n  - { name: d, within: { to: 3s }, ledger: { sent: 0 } }\n",
    );
    expect(expectations.map(({ kind, fromMs, toMs }) => [kind, fromMs, toMs])).toEqual([
      ["at", 9000, 9000],
      ["always", 0, 9000],
      ["never", 2000, 9000],
      ["within", 0, 3000],
    ]);
  });

  test("only a condition on trace events makes a run trace", () => {
    expect(compile("expect: [{ name: a, ledger: { lost: 0 } }]\n").needsTrace).toBe(false);
    expect(compile("expect: [{ name: a, trace: { type: record-lost, count: 0 } }]\n").needsTrace).toBe(true);
  });

  test("a client that a command makes may be killed by a later one", () => {
    expect(
      compile(
        "groups: [{ name: g, topics: [orders] }]\ntimeline:\n  - { at: 1s, do: add-consumer, group: g, name: late }\n  - { at: 2s, do: kill, node: late }\n",
      ).timeline.length,
    ).toBe(2);
  });
});

describe("warnings", () => {
  test("a key that Kafka ignores is warned of, with what was probably meant, at its place", () => {
    expect(compile("producers:\n  - name: p1\n    topic: orders\n    configs:\n      linger.msec: 5\n").warnings).toEqual([
      "orders.yaml:8:7  producers[0].configs.linger.msec: Kafka knows no producer config linger.msec and ignores it. Did you mean linger.ms?",
    ]);
  });

  test("a key that Kafka knows and samsa does not act on is warned of", () => {
    expect(compile("kafka:\n  configs: { background.threads: 5 }\n").warnings).toEqual([
      "orders.yaml:5:14  kafka.configs.background.threads: samsa does not model the broker config background.threads: it changes nothing here.",
    ]);
  });
});

const folder = join(import.meta.dirname, "../../scenarios");

test.each(readdirSync(folder).filter((name) => name.endsWith(".yaml")))(
  "%s is the same scenario with the line ends of Windows and a byte order mark",
  (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(compileScenario(`\ufeff${text.replaceAll("\n", "\r\n")}`, name)).toEqual(compileScenario(text, name));
  },
);
