import { describe, expect, test } from "vitest";
import { compileScenario } from "../../src/scenario/compile.ts";
import { ScenarioError } from "../../src/scenario/scenario-error.ts";

/** The beginning of most files: three lines. */
const T = `title: T
topics:
  - { name: orders, partitions: 3 }
`;

/** What is wrong with the file, the file, and what samsa says of it. */
const broken: [what: string, text: string, message: string][] = [
  [
    "a config value that Kafka refuses",
    `${T}producers:
  - name: p1
    topic: orders
    configs:
      acks: 2
`,
    "orders.yaml:8:7  producers[0].configs.acks: Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1",
  ],
  [
    "a config value that is almost right",
    `${T}producers:
  - name: p1
    topic: orders
    configs: { acks: al }
`,
    "orders.yaml:7:16  producers[0].configs.acks: Invalid value al for configuration acks: String must be one of: all, -1, 0, 1. Did you mean all?",
  ],
  [
    "configs that contradict each other",
    `${T}producers:
  - name: p1
    topic: orders
    configs: { acks: 1, enable.idempotence: true }
`,
    "orders.yaml:7:16  producers[0].configs.acks: Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
  ],
  [
    "a delivery timeout below linger and request timeout",
    `${T}producers:
  - name: p1
    topic: orders
    configs:
      delivery.timeout.ms: 1000
`,
    "orders.yaml:8:7  producers[0].configs.delivery.timeout.ms: delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
  ],
  [
    "a topic config that Kafka does not know",
    `title: T
topics:
  - name: orders
    configs: { min.insync.replica: 2 }
`,
    "orders.yaml:4:16  topics[0].configs.min.insync.replica: Unknown topic config name: min.insync.replica. Did you mean min.insync.replicas?",
  ],
  [
    "a broker's key on a topic",
    `title: T
topics:
  - name: orders
    configs: { log.retention.ms: 60000 }
`,
    "orders.yaml:4:16  topics[0].configs.log.retention.ms: Unknown topic config name: log.retention.ms. Did you mean retention.ms?",
  ],
  [
    "a broker config out of range",
    `${T}kafka:
  configs: { replica.lag.time.max.ms: -5 }
`,
    "orders.yaml:5:3  kafka.configs: requirement failed: replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent frequent changes in ISR",
  ],
  [
    "a consumer config that is no number",
    `${T}groups:
  - name: billing
    topics: [orders]
    configs: { session.timeout.ms: soon }
`,
    "orders.yaml:7:16  groups[0].configs.session.timeout.ms: Invalid value soon for configuration session.timeout.ms: Not a number of type INT",
  ],
  [
    "a member's config, over a right one of its group",
    `${T}groups:
  - name: billing
    topics: [orders]
    configs: { session.timeout.ms: 45000 }
    members:
      - { name: c1, configs: { heartbeat.interval.ms: 60000 } }
`,
    "orders.yaml:9:32  groups[0].members[0].configs.heartbeat.interval.ms: Heartbeat must be set lower than the session timeout",
  ],
  [
    "a field with a typo",
    `${T}producer:
  - { name: p1, topic: orders }
`,
    "orders.yaml:4:1  producer: there is no such field here. Did you mean producers?",
  ],
  [
    "a field of a part with a typo",
    `${T}producers:
  - { name: p1, topic: orders, rat: 5 }
`,
    "orders.yaml:5:32  producers[0].rat: there is no such field here. Did you mean rate?",
  ],
  [
    "a field that is nothing like any",
    `${T}network: { speed: 3 }
`,
    "orders.yaml:4:12  network.speed: there is no such field here. Fields: latency, bandwidthBytesPerSecond",
  ],
  [
    "a missing field",
    `${T}producers:
  - { name: p1 }
`,
    "orders.yaml:5:5  producers[0].topic: this is missing: a text is needed",
  ],
  [
    "no title",
    `topics:
  - { name: orders }
`,
    "orders.yaml:1:1  title: this is missing: a text or a map is needed",
  ],
  [
    "no topics",
    `title: T
`,
    "orders.yaml:1:1  topics: this is missing: a list is needed",
  ],
  [
    "an empty list of topics",
    `title: T
topics: []
`,
    "orders.yaml:2:1  topics: a list of 0 is too small: at least 1",
  ],
  [
    "a text for a number",
    `${T}producers:
  - { name: p1, topic: orders, rate: fast }
`,
    'orders.yaml:5:32  producers[0].rate: a number is needed, not "fast"',
  ],
  [
    "half a record",
    `${T}producers:
  - { name: p1, topic: orders, count: 1.5 }
`,
    "orders.yaml:5:32  producers[0].count: a whole number is needed, not 1.5",
  ],
  [
    "a number out of range",
    `${T}kafka: { brokers: 0 }
`,
    "orders.yaml:4:10  kafka.brokers: 0 is too small: at least 1",
  ],
  [
    "a list for a number or a list of maps",
    `${T}groups:
  - { name: billing, topics: [orders], members: three }
`,
    'orders.yaml:5:40  groups[0].members: a number or a list is needed, not "three"',
  ],
  [
    "a member without a name",
    `${T}groups:
  - { name: billing, topics: [orders], members: [{ start: 5s }] }
`,
    "orders.yaml:5:50  groups[0].members[0].name: this is missing: a text is needed",
  ],
  [
    "a word that is not among those allowed",
    `${T}producers:
  - { name: p1, topic: orders, mode: synch }
`,
    'orders.yaml:5:32  producers[0].mode: "synch" is not among async, sync. Did you mean sync?',
  ],
  [
    "a time without a unit that there is",
    `${T}end: 30 sec
`,
    'orders.yaml:4:1  end: "30 sec" is no time: write 500ms, 1.5s, 2m or 1h (100000h at most)',
  ],
  [
    "a name that a topic can't have",
    `title: T
topics:
  - { name: "my orders" }
`,
    "orders.yaml:3:7  topics[0].name: a topic's name has letters, digits, '.', '_' and '-' only, 249 at most",
  ],
  [
    "two topics of one name",
    `${T}  - { name: orders }
`,
    "orders.yaml:4:7  topics[1].name: there are two of the name orders: each topic needs its own",
  ],
  [
    "a producer of the name that a counted member gets",
    `${T}producers:
  - { name: c2, topic: orders }
groups:
  - { name: billing, topics: [orders], members: 3 }
`,
    "orders.yaml:7:40  groups[0].members: there are two of the name c2: each client needs its own",
  ],
  [
    "a topic that is not there",
    `${T}producers:
  - { name: p1, topic: order }
`,
    "orders.yaml:5:17  producers[0].topic: there is no topic order. Did you mean orders?",
  ],
  [
    "more replicas than brokers",
    `title: T
kafka: { brokers: 2 }
topics:
  - name: orders
    replicationFactor: 3
`,
    "orders.yaml:5:5  topics[0].replicationFactor: Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 2 broker(s) are registered.",
  ],
  [
    "a replica on a broker that is not there",
    `title: T
topics:
  - name: orders
    assignment: [[1, 2], [2, 4]]
`,
    "orders.yaml:4:26  topics[0].assignment[1]: there is no broker 4: there are 1, 2, 3",
  ],
  [
    "unequal numbers of replicas",
    `title: T
topics:
  - name: orders
    assignment:
      - [1, 2]
      - [3]
`,
    "orders.yaml:6:9  topics[0].assignment[1]: partition 1 has 1 replicas, partition 0 has 2: all need as many",
  ],
  [
    "a broker twice in an assignment",
    `title: T
topics:
  - { name: orders, assignment: [[1, 1]] }
`,
    "orders.yaml:3:34  topics[0].assignment[0]: a broker can hold one replica of a partition only",
  ],
  [
    "a rate and a list of records",
    `${T}producers:
  - { name: p1, topic: orders, rate: 5, records: [{ at: 1s }] }
`,
    "orders.yaml:5:32  producers[0].rate: a producer has a rate or a list of records, not both",
  ],
  [
    "a record for a partition that is not there",
    `${T}producers:
  - { name: p1, topic: orders, records: [{ at: 1s, partition: 3 }] }
`,
    "orders.yaml:5:52  producers[0].records[0].partition: orders has no partition 3: it has 3, counted from 0",
  ],
  [
    "a command with a typo",
    `${T}timeline:
  - { at: 1s, do: kil, node: 1 }
`,
    'orders.yaml:5:15  timeline[0].do: there is no command "kil". Did you mean kill?',
  ],
  [
    "a command without what it needs",
    `${T}timeline:
  - { at: 1s, do: kill }
`,
    "orders.yaml:5:5  timeline[0].node: this is missing: a number or a text is needed",
  ],
  [
    "a command with a field of another",
    `${T}timeline:
  - { at: 1s, do: kill, node: 1, latencyMs: 5 }
`,
    "orders.yaml:5:34  timeline[0].latencyMs: there is no such field here. Fields: do, node, at, when, delay, say",
  ],
  [
    "a node that is not there",
    `${T}timeline:
  - at: 1s
    do: kill
    node: 4
`,
    "orders.yaml:7:5  timeline[0].node: there is no node 4; known: 1, 2, 3, 101, 102, 103",
  ],
  [
    "a step without a time",
    `${T}timeline:
  - { do: kill, node: 1 }
`,
    "orders.yaml:5:5  timeline[0]: a step needs at: (a time), when: (a condition), or both",
  ],
  [
    "a step that does nothing",
    `${T}timeline:
  - { at: 1s }
`,
    "orders.yaml:5:5  timeline[0]: a step needs do: (a command), say: (a line of narration), or both",
  ],
  [
    "a step after the end",
    `${T}end: 10s
timeline:
  - { at: 11s, do: kill, node: 1 }
`,
    "orders.yaml:6:7  timeline[0].at: this is after the end of the scenario (10000 ms)",
  ],
  [
    "a config value that a command would be refused",
    `${T}timeline:
  - { at: 1s, do: alter-topic-config, topic: orders, key: cleanup.policy, value: delte }
`,
    "orders.yaml:5:75  timeline[0].value: Invalid value delte for configuration cleanup.policy: String must be one of: compact, delete. Did you mean delete?",
  ],
  [
    "a config key that a command would be refused",
    `${T}timeline:
  - { at: 1s, do: alter-topic-config, topic: orders, key: retention, value: 5 }
`,
    "orders.yaml:5:54  timeline[0].key: Unknown topic config name: retention",
  ],
  [
    "a link with one end",
    `${T}timeline:
  - { at: 1s, do: cut-link, from: 1, to: 1 }
`,
    "orders.yaml:5:38  timeline[0].to: a link has two ends",
  ],
  [
    "an expectation of nothing",
    `${T}expect:
  - { name: nothing, at: end }
`,
    "orders.yaml:5:5  expect[0]: an expectation needs partition, group, broker, controller, ledger, statistics or trace",
  ],
  [
    "an expectation at two times",
    `${T}expect:
  - { name: twice, at: end, always: true, ledger: { lost: 0 } }
`,
    "orders.yaml:5:29  expect[0].always: an expectation has one of at, within, always, never: this has at and always",
  ],
  [
    "a part of an expectation that asks for nothing",
    `${T}expect:
  - { name: leader, at: end, partition: { of: orders-0 } }
`,
    "orders.yaml:5:30  expect[0].partition: this names nothing that should be so",
  ],
  [
    "an expectation of a partition that is not there",
    `${T}expect:
  - { name: leader, at: end, partition: { of: orders-3, leader: 1 } }
`,
    "orders.yaml:5:43  expect[0].partition.of: orders has no partition 3: it has 3, counted from 0",
  ],
  [
    "a partition without a number",
    `${T}expect:
  - { name: leader, at: end, partition: { of: orders, leader: 1 } }
`,
    "orders.yaml:5:43  expect[0].partition.of: a partition is named TOPIC-NUMBER, such as orders-0",
  ],
  [
    "a fact of the ledger that there is not",
    `${T}expect:
  - { name: none, at: end, ledger: { lots: 0 } }
`,
    "orders.yaml:5:38  expect[0].ledger.lots: there is no such field here. Did you mean lost?",
  ],
  [
    "bounds that nothing meets",
    `${T}expect:
  - { name: none, at: end, ledger: { lost: { min: 5, max: 3 } } }
`,
    "orders.yaml:5:38  expect[0].ledger.lost: no number is within these bounds",
  ],
  [
    "bounds with a typo",
    `${T}expect:
  - { name: none, at: end, ledger: { lost: { mn: 5 } } }
`,
    "orders.yaml:5:46  expect[0].ledger.lost.mn: there is no such field here. Did you mean min?",
  ],
  [
    "a trace event that there is not",
    `${T}expect:
  - { name: none, at: end, trace: { type: record-lots } }
`,
    "orders.yaml:5:37  expect[0].trace.type: there is no type of trace event record-lots. Did you mean record-lost?",
  ],
  [
    "a field that a trace event has not",
    `${T}expect:
  - { name: none, at: end, trace: { type: broker-fenced, where: { broker: 1 } } }
`,
    "orders.yaml:5:67  expect[0].trace.where.broker: there is no field broker. Did you mean brokerId?",
  ],
  [
    "a window that ends before it begins",
    `${T}expect:
  - { name: none, within: { from: 5s, to: 4s }, ledger: { lost: 0 } }
`,
    "orders.yaml:5:39  expect[0].within.to: this is before from (5000 ms)",
  ],
  [
    "a time of an expectation that is none",
    `${T}expect:
  - { name: none, at: later, ledger: { lost: 0 } }
`,
    'orders.yaml:5:19  expect[0].at: "later" is no time: write end, 500ms, 1.5s, 2m or 1h',
  ],
  [
    "a flip that breaks what is not expected",
    `${T}expect:
  - { name: none-lost, at: end, ledger: { lost: 0 } }
flip: { set: { end: 10s }, breaks: nothing-lost }
`,
    "orders.yaml:6:28  flip.breaks: there is no expectation nothing-lost; known: none-lost",
  ],
  [
    "a flip of a producer that is not there",
    `${T}expect:
  - { name: none-lost, at: end, ledger: { lost: 0 } }
flip:
  set: { producers.p1.acks: 1 }
  breaks: none-lost
`,
    "orders.yaml:7:10  flip.set.producers.p1.acks: the scenario has no producer",
  ],
  [
    "a flip to a value that Kafka refuses",
    `${T}producers:
  - { name: p1, topic: orders }
expect:
  - { name: none-lost, at: end, ledger: { lost: 0 } }
flip:
  set: { producers.p1.acks: 7 }
  breaks: none-lost
`,
    "orders.yaml:9:10  flip.set.producers.p1.acks: Invalid value 7 for configuration acks: String must be one of: all, -1, 0, 1",
  ],
  [
    "a transactional producer",
    `${T}producers:
  - { name: p1, topic: orders, configs: { transactional.id: t1 } }
`,
    "orders.yaml:5:43  producers[0].configs.transactional.id: samsa does not model transactions yet: leave transactional.id out",
  ],
  [
    "the consumer protocol",
    `${T}groups:
  - { name: billing, topics: [orders], configs: { group.protocol: consumer } }
`,
    "orders.yaml:5:51  groups[0].configs.group.protocol: group.protocol=consumer (KIP-848) is not modelled yet; use classic",
  ],
  [
    "a consumer that a command adds with a wrong config",
    `${T}groups:
  - { name: billing, topics: [orders] }
timeline:
  - { at: 1s, do: add-consumer, group: billing, configs: { max.poll.records: 0 } }
`,
    "orders.yaml:7:60  timeline[0].configs.max.poll.records: Invalid value 0 for configuration max.poll.records: Value must be at least 1",
  ],
  [
    "a field twice",
    `title: T
title: U
topics: []
`,
    "orders.yaml:2:1  title: this is given twice: once is needed",
  ],
  [
    "a tab for indentation",
    `title: T
topics:
	- name: orders
`,
    "orders.yaml:3:1  this is no YAML: Tabs are not allowed as indentation",
  ],
  [
    "a bracket that is not closed",
    `title: T
topics: [
`,
    "orders.yaml:3:1  this is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
  [
    "a colon too many",
    `title: a: b
`,
    "orders.yaml:1:8  this is no YAML: Nested mappings are not allowed in compact mappings",
  ],
  ["nothing", "", "orders.yaml:1:1  the file is empty: a scenario is a map that begins with title: and topics:"],
  [
    "only a comment",
    `# nothing
`,
    "orders.yaml:1:1  the file is empty: a scenario is a map that begins with title: and topics:",
  ],
  [
    "a list",
    `- title: T
`,
    "orders.yaml:1:1  a scenario is a map that begins with title: and topics:, not a list",
  ],
  [
    "a word",
    `hello
`,
    "orders.yaml:1:1  a scenario is a map that begins with title: and topics:, not a text",
  ],
  [
    "two documents",
    `title: T
topics: [{ name: a }]
---
title: U
`,
    "orders.yaml:3:1  a second document begins here: a file holds one scenario",
  ],
  [
    "a tag",
    `${T}seed: !!float 3
kafka: !custom { brokers: 3 }
`,
    "orders.yaml:4:7  this is no YAML: Unresolved tag: tag:yaml.org,2002:float",
  ],
  [
    "a tag of YAML 1.1",
    `%YAML 1.1
---
title: T
topics: !!omap [a: 1]
`,
    "orders.yaml:4:16  topics: a scenario has no tags such as tag:yaml.org,2002:omap: leave it out",
  ],
  [
    "binary data",
    `%YAML 1.1
---
title: !!binary aGVsbG8=
topics: []
`,
    "orders.yaml:3:17  title: this is neither a text, a number nor true or false",
  ],
  [
    "an anchor that is not there",
    `${T}kafka: *cluster
`,
    "orders.yaml:4:8  kafka: nothing before this is anchored as &cluster",
  ],
  [
    "an alias to what contains it",
    `${T}kafka: &k { configs: *k }
`,
    "orders.yaml:4:22  kafka.configs: this contains itself",
  ],
  [
    "a merge of a text",
    `${T}kafka: { <<: three }
`,
    "orders.yaml:4:10  kafka.<<: << takes a map, or a list of maps",
  ],
  [
    "a map for a key",
    `${T}? { a: b }
: c
`,
    "orders.yaml:4:3  a field's name is a text",
  ],
  [
    "a key named __proto__",
    `${T}kafka: { __proto__: { brokers: 5 } }
`,
    "orders.yaml:4:10  kafka.__proto__: a field can't be named __proto__",
  ],
  [
    "a field named constructor",
    `${T}constructor: 5
`,
    "orders.yaml:4:1  constructor: there is no such field here. Fields: title, description, seed, end, kafka, topics, producers, groups, network, timeline, expect, flip",
  ],
  [
    "an escape sequence in a text",
    'title: "\\e[2J cleared"\ntopics: [{ name: a }]\n',
    "orders.yaml:1:8  title: a text can't hold the character \\u001b",
  ],
  [
    "an escape sequence in a name",
    `${T}producers:
  - { name: "p\\e[31m", topic: orders }
`,
    "orders.yaml:5:13  producers[0].name: a text can't hold the character \\u001b",
  ],
  ["a NUL", "title: a\u0000b\ntopics: [{ name: a }]\n", "orders.yaml:1:8  title: a text can't hold the character \\u0000"],
  [
    "a whole number too long for its place",
    `${T}producers:
  - { name: p1, topic: orders, count: 99999999999999999999 }
`,
    'orders.yaml:5:32  producers[0].count: a number is needed, not "99999999999999999999"',
  ],
  [
    "infinity",
    `${T}producers:
  - { name: p1, topic: orders, rate: .inf }
`,
    "orders.yaml:5:32  producers[0].rate: a number is needed, not Infinity",
  ],
  [
    "too many partitions in all",
    `title: T
topics:
${Array.from({ length: 6 }, (_, index) => `  - { name: t${index}, partitions: 10000 }`).join("\n")}
`,
    "orders.yaml:2:1  topics: 60000 partitions in all are too many: at most 50000",
  ],
];

describe("a broken file is told by line, column and path, and what would be right", () => {
  test.each(broken)("%s", (_what, text, message) => {
    expect(messageOf(text)).toBe(message);
  });
});

function messageOf(text: string): string {
  try {
    compileScenario(text, "orders.yaml");
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return "it was accepted";
}
