import { bootstrapQuorum, type ControllerQuorum, createQuorum, onControllerEvent } from "../../../src/kafka/controller/quorum.ts";
import type { BrokerSpec, ClusterSpec, TopicSpec } from "../../../src/kafka/protocol/cluster-spec.ts";
import type { Context, NodeId } from "../../../src/kafka/protocol/context.ts";
import type { ApiName, RequestOf, ResponseBody, ResponseOf } from "../../../src/kafka/protocol/messages.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import type { TraceFields, TraceType } from "../../../src/kafka/protocol/trace-events.ts";
import type { Chance } from "../../../src/kernel/chance.ts";
import { comesBefore, type SimEvent } from "../../../src/kernel/event.ts";

export interface TracedEvent {
  at: number;
  seq: number;
  cause: number;
  type: TraceType;
  fields: Record<string, unknown>;
}

/** Controllers without brokers: requests are put into their hands, answers, elections and traces are kept. */
export interface QuorumUnderTest {
  quorum: ControllerQuorum;
  context: Context & { now: number };
  queue: SimEvent[];
  answers: { connection: number; body: ResponseBody; at: number }[];
  elections: string[];
  traces: TracedEvent[];
  /** Controllers that handle nothing. */
  silent: Set<NodeId>;
  /** What the cluster would name as the cause of a node's silence. */
  silenceCauses: Record<NodeId, number>;
}

interface Options {
  brokers?: number[];
  racks?: Record<number, string>;
  topics?: Record<string, number[][]>;
  configs?: Record<string, string>;
  topicConfigs?: Record<string, string>;
  controllers?: number[];
}

export function quorumUnderTest({
  brokers = [1, 2, 3],
  racks = {},
  topics = {},
  configs = {},
  topicConfigs = {},
  controllers = [101, 102, 103],
}: Options = {}): QuorumUnderTest {
  const spec: ClusterSpec = {
    seed: 1,
    controllers,
    controllerFailoverMs: 2000,
    brokers: brokers.map(
      (id): BrokerSpec => ({ id, rack: racks[id] ?? null, configs: {}, costs: { perRequestMicros: 0, perKilobyteMicros: 0 } }),
    ),
    brokerConfigs: { "offsets.topic.num.partitions": "1", ...configs },
    topics: Object.entries(topics).map(
      ([name, assignment]): TopicSpec => ({ name, partitions: assignment.length, replicationFactor: 0, assignment, configs: topicConfigs }),
    ),
    producers: [],
    groups: [],
    network: { latencyMs: 1, bandwidthBytesPerSecond: null },
  };
  const quorum = createQuorum(spec);
  const test: QuorumUnderTest = {
    quorum,
    context: null as never,
    queue: [],
    answers: [],
    elections: [],
    traces: [],
    silent: new Set(),
    silenceCauses: {},
  };
  test.context = contextOf(test);
  bootstrapQuorum(quorum, spec, test.context);
  test.elections = [];
  return test;
}

const FIRST: Chance = { int31: () => 0, below: () => 0, jitter: () => 1 };

function contextOf(test: QuorumUnderTest): Context & { now: number } {
  const listener = {
    leadership: (topicPartition: string, leader: number, candidates: number[]) =>
      test.elections.push(`${topicPartition} ${leader} of ${candidates.join(",")}`),
  };
  const unused = (): never => {
    throw new Error("a controller does not connect");
  };
  return {
    now: 0,
    chance: FIRST,
    records: listener as unknown as RecordListener,
    transport: {
      connect: unused,
      sendRequest: unused,
      close: unused,
      sendResponse: (connection, _from, _correlationId, body) => test.answers.push({ connection, body, at: test.context.now }),
    },
    tracing: true,
    cause: -1,
    causeOfSilence: (node) => test.silenceCauses[node] ?? -1,
    schedule(at, phase, node, type, payload) {
      test.queue.push({ at, phase, seq: test.queue.length, life: 0, node, type, payload, cause: this.cause });
    },
    trace<T extends TraceType>(type: T, _node: NodeId, fields: TraceFields[T], cause?: number): number {
      const seq = test.traces.length;
      test.traces.push({ at: test.context.now, seq, cause: cause ?? this.cause, type, fields: fields as Record<string, unknown> });
      return seq;
    },
  };
}

const handled = new WeakSet<SimEvent>();

/** Lets the timers go on until then; every broker named in `alive` sends a heartbeat each second. */
export function runUntil(test: QuorumUnderTest, untilMs: number, alive: number[] = []): void {
  let nextHeartbeat = test.context.now - (test.context.now % 1000) + 1000;
  for (;;) {
    const due = test.queue.filter((event) => !handled.has(event) && event.at <= untilMs);
    const event = due.length === 0 ? null : due.reduce((first, other) => (comesBefore(other, first) ? other : first));
    if (alive.length > 0 && nextHeartbeat <= untilMs && (event === null || nextHeartbeat < event.at)) {
      test.context.now = nextHeartbeat;
      for (const id of alive) heartbeat(test, id);
      nextHeartbeat += 1000;
      continue;
    }
    if (event === null) break;
    handled.add(event);
    test.context.now = event.at;
    test.context.cause = event.cause;
    if (!test.silent.has(event.node)) onControllerEvent(test.quorum, event.node, event.type, event.payload, test.context);
  }
  test.context.now = untilMs;
}

/** One request to the active controller (or another one), answered at once. */
export function ask<A extends ApiName>(
  test: QuorumUnderTest,
  body: RequestOf<A>,
  controller = String(test.quorum.activeController),
): ResponseOf<A> {
  const before = test.answers.length;
  send(test, 9, before, body, controller);
  const answer = test.answers.slice(before).find(({ connection }) => connection === 9);
  if (answer === undefined) throw new Error(`${body.api} was not answered`);
  return answer.body as ResponseOf<A>;
}

export function send<A extends ApiName>(
  test: QuorumUnderTest,
  connection: number,
  correlationId: number,
  body: RequestOf<A>,
  controller = String(test.quorum.activeController),
): void {
  test.context.cause = -1;
  onControllerEvent(test.quorum, controller, "request", { connection, peer: "", correlationId, body, sizeBytes: 0 }, test.context);
}

export function heartbeat(
  test: QuorumUnderTest,
  brokerId: number,
  wish: { wantShutDown?: boolean; offset?: number } = {},
): ResponseOf<"BrokerHeartbeat"> {
  const brokerEpoch = test.quorum.image.brokers[brokerId]!.brokerEpoch;
  const currentMetadataOffset = wish.offset ?? test.quorum.log.endOffset - 1;
  return ask(test, {
    api: "BrokerHeartbeat",
    brokerId,
    brokerEpoch,
    currentMetadataOffset,
    wantFence: false,
    wantShutDown: wish.wantShutDown ?? false,
  });
}

/** A new process of the broker registers. */
export function register(
  test: QuorumUnderTest,
  brokerId: number,
  incarnation: number,
  previousBrokerEpoch = -1,
): ResponseOf<"BrokerRegistration"> {
  return ask(test, { api: "BrokerRegistration", brokerId, incarnationId: `${brokerId}#${incarnation}`, rack: null, previousBrokerEpoch });
}

/** Lets the sessions of these brokers end while the others go on. */
export function killAndFence(test: QuorumUnderTest, ...dead: number[]): void {
  const alive = Object.keys(test.quorum.image.brokers)
    .map(Number)
    .filter((id) => !dead.includes(id) && !test.quorum.image.brokers[id]!.fenced);
  runUntil(test, test.context.now + 12_000, alive);
}

/** "leader 2 epoch 1 isr 2,3 elr 1 last 1", without what is empty. */
export function stateOf(test: QuorumUnderTest, topicPartition: string): string {
  const { leader, leaderEpoch, isr, elr, lastKnownElr } = test.quorum.image.partitions[topicPartition]!;
  const elrText = elr.length === 0 ? "" : ` elr ${elr.join(",")}`;
  return `leader ${leader} epoch ${leaderEpoch} isr ${isr.join(",")}${elrText}${lastKnownElr.length === 0 ? "" : ` last ${lastKnownElr.join(",")}`}`;
}
