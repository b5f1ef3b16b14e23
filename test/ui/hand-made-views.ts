/** Views as a frame would give them, made by hand: for tests of drawing, and for looking at a screen without an engine. */
import type { Frame, Session } from "../../src/ui/session.ts";
import type { BrokersView } from "../../src/ui/view-model/broker-rows.ts";
import type { EventRow } from "../../src/ui/view-model/event-rows.ts";
import type { FrameViews } from "../../src/ui/view-model/frame-views.ts";
import type { GroupView } from "../../src/ui/view-model/group-view.ts";
import type { HeaderView } from "../../src/ui/view-model/header-view.ts";
import type { LedgerView } from "../../src/ui/view-model/ledger-view.ts";
import type { PartitionRow, PartitionsView } from "../../src/ui/view-model/partition-rows.ts";
import type { ProducerView } from "../../src/ui/view-model/producer-view.ts";

export const header: HeaderView = {
  title: "The leader dies (acks=1)",
  seed: 42,
  now: 21_480,
  paused: false,
  speed: 0.05,
  reachedSpeed: 0.05,
  rates: {
    sentPerSecond: 1200,
    acknowledgedPerSecond: 1180,
    readPerSecond: 1170,
    acknowledgeLatencyMs: { p50: 4, p99: 14 },
    readLatencyMs: { p50: 12, p99: 41 },
  },
  alert: {
    at: 21_400,
    seq: 900,
    severity: "bad",
    text: "Broker 2 fenced: no heartbeat for 9.0 s (broker.session.timeout.ms). 2 partitions moved.",
    newestSeq: 0,
    others: 0,
  },
  narration: "Broker 2 leads partitions 1 and 4. Watch the sender: it retries by itself, the application never sees it.",
};

export const ledger: LedgerView = {
  sent: 12_040,
  acknowledged: 12_016,
  lost: 3,
  pending: 21,
  failed: 0,
  failedYetReadable: 0,
  duplicated: 0,
  reordered: 0,
  readable: 12_000,
  aboveHighWatermark: 16,
  gone: 0,
  groups: [
    { group: "billing", read: 11_990, twice: 0, skipped: 0, notYet: 26 },
    { group: "audit", read: 11_204, twice: 14, skipped: 0, notYet: 798 },
  ],
};

export const brokers: BrokersView = {
  brokersUp: 2,
  brokers: [
    {
      id: "1",
      health: "up",
      forMs: null,
      isFenced: false,
      leads: 3,
      inSync: 6,
      replicas: 6,
      heartbeatAgeMs: 300,
      sessionTimeoutMs: 9000,
      logBytes: 18_400_000,
      waitingRequests: 2,
      rack: null,
    },
    {
      id: "2",
      health: "fenced",
      forMs: 400,
      isFenced: true,
      leads: 0,
      inSync: 0,
      replicas: 6,
      heartbeatAgeMs: 9000,
      sessionTimeoutMs: 9000,
      logBytes: 17_100_000,
      waitingRequests: 0,
      rack: null,
    },
    {
      id: "3",
      health: "up",
      forMs: null,
      isFenced: false,
      leads: 3,
      inSync: 6,
      replicas: 6,
      heartbeatAgeMs: 1900,
      sessionTimeoutMs: 9000,
      logBytes: 18_400_000,
      waitingRequests: 1,
      rack: null,
    },
  ],
  controllers: [
    { id: "101", health: "up", isActive: true },
    { id: "102", health: "up", isActive: false },
    { id: "103", health: "up", isActive: false },
  ],
};

function partition(
  index: number,
  leader: string,
  epoch: number,
  end: number,
  highWatermark: number,
  lags: Record<string, number>,
  down: string | null,
): PartitionRow {
  const isr = ["1", "2", "3"].filter((broker) => broker !== down);
  return {
    id: `orders-${index}`,
    topic: "orders",
    partition: index,
    leader,
    leaderEpoch: epoch,
    isr,
    replicas: ["1", "2", "3"].map((broker) => ({
      broker,
      role: broker === leader ? "leader" : broker === down ? "down" : "in sync",
      logEndOffset: end - (lags[broker] ?? 0),
      highWatermark: Math.min(highWatermark, end - (lags[broker] ?? 0)),
      lag: lags[broker] ?? 0,
    })),
    logStartOffset: 0,
    logEndOffset: end,
    highWatermark,
    lastStableOffset: highWatermark,
    isUnderReplicated: down !== null,
    isUnderMinIsr: false,
  };
}

export const partitions: PartitionsView = {
  topics: [{ name: "orders", partitions: 6, replicationFactor: 3, minInsyncReplicas: 1, underReplicated: 6, underMinIsr: 0, offline: 0 }],
  brokerColumns: ["1", "2", "3"],
  barSpan: 256,
  rows: [
    partition(0, "1", 4, 2013, 2004, { "2": 70, "3": 9 }, "2"),
    partition(1, "3", 5, 1990, 1990, { "2": 66 }, "2"),
    partition(2, "3", 4, 2040, 2031, { "1": 4, "2": 120 }, "2"),
    partition(3, "1", 4, 1998, 1998, { "2": 88 }, "2"),
    partition(4, "3", 5, 2002, 1996, { "1": 6, "2": 61 }, "2"),
    partition(5, "1", 4, 1997, 1997, { "2": 90 }, "2"),
  ],
};

export const producer: ProducerView = {
  name: "p1",
  index: 0,
  producers: 1,
  health: "up",
  acks: "1",
  idempotent: false,
  lingerMs: 5,
  batchSizeBytes: 16_384,
  maxInFlight: 5,
  recordsPerSecond: 1200,
  producerId: null,
  usedBytes: 1_258_291,
  totalBytes: 33_554_432,
  blockedSends: 0,
  blockedFor: null,
  sender: { kind: "backoff", leftMs: 62 },
  deques: [
    {
      id: "orders-0",
      label: "0",
      leader: "1",
      batches: [
        {
          id: "11",
          records: 160,
          sizeBytes: 16_384,
          capacityBytes: 16_384,
          phase: { kind: "sending", ageMs: 2 },
          attempts: 1,
          ageMs: 9,
          deliveryLeftMs: 119_990,
          baseSequence: null,
        },
        {
          id: "12",
          records: 60,
          sizeBytes: 6_246,
          capacityBytes: 16_384,
          phase: { kind: "filling", leftMs: 3 },
          attempts: 0,
          ageMs: 2,
          deliveryLeftMs: 119_998,
          baseSequence: null,
        },
      ],
    },
    {
      id: "orders-1",
      label: "1",
      leader: "3",
      batches: [
        {
          id: "8",
          records: 160,
          sizeBytes: 16_384,
          capacityBytes: 16_384,
          phase: { kind: "retry", leftMs: 62 },
          attempts: 2,
          ageMs: 8000,
          deliveryLeftMs: 112_000,
          baseSequence: null,
        },
        {
          id: "9",
          records: 160,
          sizeBytes: 16_000,
          capacityBytes: 16_384,
          phase: { kind: "ready", reason: null },
          attempts: 0,
          ageMs: 7000,
          deliveryLeftMs: 113_000,
          baseSequence: null,
        },
        {
          id: "10",
          records: 32,
          sizeBytes: 3_200,
          capacityBytes: 16_384,
          phase: { kind: "filling", leftMs: 3 },
          attempts: 0,
          ageMs: 2,
          deliveryLeftMs: 119_998,
          baseSequence: null,
        },
      ],
    },
    {
      id: "orders-2",
      label: "2",
      leader: "3",
      batches: [
        {
          id: "13",
          records: 10,
          sizeBytes: 1_060,
          capacityBytes: 16_384,
          phase: { kind: "filling", leftMs: 5 },
          attempts: 0,
          ageMs: 0,
          deliveryLeftMs: 120_000,
          baseSequence: null,
        },
      ],
    },
    { id: "orders-3", label: "3", leader: "1", batches: [] },
    { id: "orders-4", label: "4", leader: "3", batches: [] },
    {
      id: "orders-5",
      label: "5",
      leader: "1",
      batches: [
        {
          id: "14",
          records: 120,
          sizeBytes: 12_060,
          capacityBytes: 16_384,
          phase: { kind: "sending", ageMs: 2 },
          attempts: 1,
          ageMs: 6,
          deliveryLeftMs: 119_994,
          baseSequence: null,
        },
      ],
    },
  ],
  connections: [
    {
      node: "1",
      state: "connected",
      leftMs: null,
      slots: 5,
      requests: [
        {
          correlationId: 118,
          api: "Produce",
          partitions: ["0", "5"],
          records: 280,
          baseSequence: null,
          ageMs: 2,
          timeoutMs: 30_000,
          attempt: 1,
        },
        { correlationId: 121, api: "Produce", partitions: ["3"], records: 40, baseSequence: null, ageMs: 1, timeoutMs: 30_000, attempt: 1 },
      ],
    },
    { node: "2", state: "backing off", leftMs: 780, slots: 5, requests: [] },
    {
      node: "3",
      state: "connected",
      leftMs: null,
      slots: 5,
      requests: [
        {
          correlationId: 120,
          api: "Produce",
          partitions: ["4"],
          records: 21,
          baseSequence: null,
          ageMs: 12_400,
          timeoutMs: 30_000,
          attempt: 2,
        },
      ],
    },
  ],
};

export const group: GroupView = {
  name: "billing",
  index: 0,
  groups: 2,
  protocol: "classic",
  state: "Stable",
  generation: 3,
  coordinator: "3",
  isLoading: false,
  assignor: "range",
  members: [
    {
      id: "c1",
      name: "c1",
      health: "up",
      doing: "polling",
      isLeader: true,
      heartbeat: { leftMs: 1800, totalMs: 3000 },
      session: { leftMs: 43_800, totalMs: 45_000 },
      poll: { leftMs: 299_000, totalMs: 300_000 },
      partitions: ["0", "1"],
      lag: 12,
    },
    {
      id: "c2",
      name: "c2",
      health: "up",
      doing: "processing",
      isLeader: false,
      heartbeat: { leftMs: 600, totalMs: 3000 },
      session: { leftMs: 42_600, totalMs: 45_000 },
      poll: { leftMs: 280_000, totalMs: 300_000 },
      partitions: ["2", "3"],
      lag: 340,
    },
    {
      id: "c3",
      name: "c3",
      health: "paused",
      doing: "stable",
      isLeader: false,
      heartbeat: null,
      session: { leftMs: 8_100, totalMs: 45_000 },
      poll: { leftMs: 120_000, totalMs: 300_000 },
      partitions: ["4", "5"],
      lag: 1204,
    },
  ],
  partitions: [0, 1, 2, 3, 4, 5].map((index) => ({
    id: `orders-${index}`,
    label: String(index),
    owner: ["c1", "c1", "c2", "c2", "c3", "c3"][index]!,
    position: 2000 + index,
    committed: 1980,
    endOffset: 2004 + index * index * 30,
    lag: 4 + index * index * 30,
  })),
  lag: 1556,
};

export const events: EventRow[] = [
  { seq: 880, at: 12_380, node: "2", type: "node-killed", text: "broker 2 was killed", severity: "bad" },
  { seq: 881, at: 12_381, node: "p1", type: "disconnected", text: "lost its connection to 2", severity: "warn" },
  {
    seq: 885,
    at: 12_410,
    node: "p1",
    type: "batch-retried",
    text: "puts batch 8 of orders-1 back: NETWORK_EXCEPTION, goes out again after 100 ms (retry.backoff.ms)",
    severity: "warn",
  },
  {
    seq: 899,
    at: 21_400,
    node: "101",
    type: "broker-fenced",
    text: "fenced broker 2: no heartbeat for 9.0 s (broker.session.timeout.ms)",
    severity: "bad",
  },
  { seq: 900, at: 21_400, node: "101", type: "leader-elected", text: "orders-1: leader 2 → 3, leader epoch 5, ISR 1,3", severity: "info" },
  { seq: 901, at: 21_400, node: "101", type: "leader-elected", text: "orders-4: leader 2 → 3, leader epoch 5, ISR 1,3", severity: "info" },
  { seq: 903, at: 21_404, node: "3", type: "became-leader", text: "leads orders-1 from offset 1924 (epoch 5)", severity: "plain" },
  { seq: 910, at: 21_412, node: "1", type: "high-watermark", text: "high watermark of orders-0 is 2004", severity: "faint" },
];

const nodes = ["1", "2", "3", "101", "102", "103", "p1", "c1", "c2", "c3"];

export function handMadeViews(
  changes: Partial<{
    header: HeaderView;
    events: EventRow[];
    producer: ProducerView | null;
    group: GroupView | null;
    partitions: PartitionsView;
    brokers: BrokersView;
    ledger: LedgerView;
  }> = {},
): FrameViews {
  return {
    header: changes.header ?? header,
    ledger: () => changes.ledger ?? ledger,
    brokers: () => changes.brokers ?? brokers,
    partitions: (filter) => {
      const all = changes.partitions ?? partitions;
      return filter === "" ? all : { ...all, rows: all.rows.filter((row) => row.id.includes(filter)) };
    },
    producer: () => (changes.producer === undefined ? producer : changes.producer),
    group: () => (changes.group === undefined ? group : changes.group),
    producerNames: ["p1"],
    groupNames: ["billing", "audit"],
    events: (filter: string) => (changes.events ?? events).filter((row) => row.text.includes(filter)),
    detail: (target) => ({
      title: target.kind,
      sections: [
        {
          title: "Broker 1",
          facts: [
            { label: "state", value: "up since 0:00.120" },
            { label: "epoch", value: "12" },
            { label: "partitions", value: "leads 3, follows 3" },
          ],
        },
        { title: "Last events", facts: events.map((row) => ({ label: "", value: row.text })) },
      ],
    }),
    configs: (target) => {
      if (target.kind === "partition")
        return { scope: "topic", name: target.row.topic, set: { "min.insync.replicas": "1" }, inherited: {} };
      if (target.kind === "producer")
        return { scope: "producer", name: target.view.name, set: { acks: "1", "enable.idempotence": "false" }, inherited: {} };
      if (target.kind === "broker") return { scope: "broker", name: target.row.id, set: {}, inherited: {} };
      return target.kind === "member" ? { scope: "consumer", name: target.row.name, set: {}, inherited: {} } : null;
    },
    names: {
      nodes,
      brokers: ["1", "2", "3"],
      topics: ["orders"],
      groups: ["billing", "audit"],
      producers: ["p1"],
      consumers: ["c1", "c2", "c3"],
    },
  };
}

/** A session whose frame never changes by itself. */
export function stillSession(dispatched: unknown[] = []): Session & { frame(): Frame } {
  const listeners = new Set<() => void>();
  let frame = { ...header, speedIndex: 5, eventsHandled: 0, alerts: [], events: [], notable: [], narration: null } as unknown as Frame;
  const change = (changes: Partial<Frame>): void => {
    frame = { ...frame, ...changes };
    for (const listener of listeners) listener();
  };
  return {
    speeds: [0.001, 0.01, 0.02, 0.05, 0.1, 1, 10, 100],
    frame: () => frame,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch: (command) => {
      dispatched.push(command);
      return { ok: true };
    },
    togglePause: () => change({ paused: !frame.paused }),
    setSpeed: (speedIndex) => change({ speedIndex }),
    step: () => change({ now: frame.now + 1 }),
    jumpToNextEvent: () => change({ now: frame.now + 100 }),
  };
}
