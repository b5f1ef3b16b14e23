import { type Broker, crashBroker, createBroker, onBrokerEvent, startBroker, startBrokerWarm } from "../../../src/kafka/broker/broker.ts";
import type { ConnectionId, Context, NodeId } from "../../../src/kafka/protocol/context.ts";
import type { RequestBody, RequestOf, ResponseBody } from "../../../src/kafka/protocol/messages.ts";
import {
  applyMetadataRecord,
  emptyImage,
  type MetadataImage,
  type MetadataRecord,
  type PartitionRegistration,
} from "../../../src/kafka/protocol/metadata-records.ts";
import type { RecordBatch } from "../../../src/kafka/protocol/record-batch.ts";
import type { TraceEvent } from "../../../src/kafka/protocol/trace-events.ts";
import { seededChance } from "../../../src/kernel/chance.ts";
import { Phase } from "../../../src/kernel/event.ts";
import { addEvent, createKernel, type Kernel, takeNext } from "../../../src/kernel/kernel.ts";

/**
 * A few brokers, a controller that agrees to everything unless told otherwise, and a client that a test speaks through.
 * Every link takes 1 ms and every broker works for nothing.
 */
export interface SmallWorld {
  kernel: Kernel;
  context: Context;
  brokers: Record<string, Broker>;
  metadata: MetadataRecord[];
  image: MetadataImage;
  /** Nodes whose deliveries and timers are dropped. */
  dead: Set<NodeId>;
  /** Links on which nothing travels, "1>2". */
  cut: Set<string>;
  /** What the client got, by correlation id; "closed" when its connection was closed. */
  responses: Map<number, { at: number; body: ResponseBody }>;
  closed: Set<ConnectionId>;
  events: TraceEvent[];
  ledger: string[];
  alterPartitions: RequestOf<"AlterPartition">[];
  /** What the controller says to AlterPartition instead of agreeing. */
  refuseAlterPartition: string | null;
  /** The controller keeps the answers of AlterPartition for itself. */
  holdAlterPartition: boolean;
  held: (() => void)[];
  parkedMetadata: Map<NodeId, { connection: ConnectionId; correlationId: number; fetchOffset: number }>;
  connections: Map<ConnectionId, { client: NodeId; server: NodeId }>;
  nextCorrelation: number;
  nextConnection: number;
  clientConnections: Map<NodeId, ConnectionId>;
  /** Counts the deaths of brokers. */
  lives: Record<NodeId, number>;
}

const CONTROLLER = "100";
const CLIENT = "client";

export interface SmallWorldOptions {
  brokers?: number;
  configs?: Record<string, string>;
  topicConfigs?: Record<string, string>;
  partitions?: number;
  replicas?: number[];
  topics?: string[];
}

export function createSmallWorld(options: SmallWorldOptions = {}): SmallWorld {
  const kernel = createKernel(1);
  const world = {
    kernel,
    brokers: {},
    metadata: [],
    image: emptyImage(),
    dead: new Set<NodeId>(),
    cut: new Set<string>(),
    responses: new Map(),
    closed: new Set<ConnectionId>(),
    events: [],
    ledger: [],
    alterPartitions: [],
    refuseAlterPartition: null,
    holdAlterPartition: false,
    held: [],
    parkedMetadata: new Map(),
    connections: new Map(),
    nextCorrelation: 1,
    nextConnection: 1,
    clientConnections: new Map(),
    lives: {},
  } as unknown as SmallWorld;
  world.context = contextOf(world);
  const count = options.brokers ?? 3;
  const ids = Array.from({ length: count }, (_, i) => i + 1);
  const records: MetadataRecord[] = [{ type: "ActiveControllerRecord", controllerId: Number(CONTROLLER), controllerEpoch: 1 }];
  for (const id of ids)
    records.push({
      type: "RegisterBrokerRecord",
      brokerId: id,
      incarnationId: `${id}#1`,
      brokerEpoch: id,
      rack: null,
      fenced: false,
      inControlledShutdown: false,
    });
  const replicas = options.replicas ?? ids;
  for (const topic of options.topics ?? ["orders"]) {
    records.push({ type: "TopicRecord", name: topic });
    for (const [key, value] of Object.entries(options.topicConfigs ?? {}))
      records.push({ type: "ConfigRecord", scope: "topic", resource: topic, key, value });
    for (let partition = 0; partition < (options.partitions ?? 1); partition++)
      records.push({ type: "PartitionRecord", topicPartition: `${topic}-${partition}`, topic, partition, state: registration(replicas) });
  }
  for (const record of records) applyMetadataRecord(world.image, record);
  world.metadata = records;
  for (const id of ids)
    world.brokers[id] = createBroker(
      { id, rack: null, configs: {}, costs: { perRequestMicros: 0, perKilobyteMicros: 0 } },
      options.configs ?? {},
      [100],
    );
  for (const id of ids) startBrokerWarm(world.brokers[id]!, id, structuredClone(records), records.length, world.context);
  run(world, 10);
  return world;
}

function registration(replicas: number[]): PartitionRegistration {
  return {
    replicas,
    isr: replicas,
    elr: [],
    lastKnownElr: [],
    leader: replicas[0]!,
    leaderRecoveryState: "RECOVERED",
    leaderEpoch: 0,
    partitionEpoch: 0,
  };
}

function contextOf(world: SmallWorld): Context {
  const { kernel } = world;
  const deliver = (from: NodeId, to: NodeId, type: string, payload: unknown): void => {
    if (world.cut.has(`${from}>${to}`)) return;
    context.schedule(kernel.now + 1, Phase.Delivery, to, type, structuredClone(payload));
  };
  const context: Context = {
    get now() {
      return kernel.now;
    },
    chance: seededChance(kernel.random),
    tracing: true,
    cause: -1,
    causeOfSilence: () => -1,
    records: {
      sent() {},
      accepted() {},
      appended: (broker, topicPartition, _producer, baseOffset, _ids, asLeader) =>
        world.ledger.push(`${broker} ${asLeader ? "leads" : "copies"} ${topicPartition}@${baseOffset}`),
      truncated: (broker, topicPartition, offset) => world.ledger.push(`${broker} truncates ${topicPartition}@${offset}`),
      logLost: (broker, topicPartition) => world.ledger.push(`${broker} loses ${topicPartition}`),
      deletedBefore: (broker, topicPartition, offset) => world.ledger.push(`${broker} deletes ${topicPartition}<${offset}`),
      highWatermark: (broker, topicPartition, offset) => world.ledger.push(`${broker} commits ${topicPartition}<${offset}`),
      leadership() {},
      acknowledged() {},
      failed() {},
      returned() {},
      processed() {},
      committed() {},
    },
    transport: {
      connect(from, to) {
        const connection = world.nextConnection++;
        world.connections.set(connection, { client: from, server: to });
        if (world.dead.has(to)) deliver(to, from, "disconnected", { connection, peer: to, reason: "refused" });
        else if (!world.cut.has(`${from}>${to}`)) {
          deliver(from, to, "accepted", { connection, peer: from });
          context.schedule(kernel.now + 2, Phase.Delivery, from, "connected", { connection, peer: to });
        }
        return connection;
      },
      sendRequest(connection, from, correlationId, body) {
        const ends = world.connections.get(connection);
        if (ends === undefined) return;
        const { server } = ends;
        deliver(from, server, "request", { connection, peer: from, correlationId, body, sizeBytes: 100 });
      },
      sendResponse(connection, from, correlationId, body) {
        const ends = world.connections.get(connection);
        if (ends === undefined) return;
        const { client } = ends;
        deliver(from, client, "response", { connection, peer: from, correlationId, body, sizeBytes: 100 });
      },
      close(connection, from) {
        const ends = world.connections.get(connection);
        if (ends === undefined) return;
        const { client, server } = ends;
        deliver(from, from === client ? server : client, "disconnected", { connection, peer: from, reason: "closedByPeer" });
      },
    },
    schedule(at, phase, node, type, payload) {
      addEvent(kernel, { at, phase, seq: kernel.seq++, life: world.lives[node] ?? 0, node, type, payload, cause: context.cause });
    },
    trace(type, node, fields, cause = context.cause) {
      const seq = kernel.traceSeq++;
      world.events.push({ at: kernel.now, seq, cause, node, type, fields });
      return seq;
    },
  };
  return context;
}

export function run(world: SmallWorld, untilMs: number): void {
  for (;;) {
    const event = takeNext(world.kernel, untilMs);
    if (event === undefined) break;
    if (world.dead.has(event.node) || event.life !== (world.lives[event.node] ?? 0)) continue;
    world.context.cause = event.cause;
    if (event.node === CONTROLLER) onControllerEvent(world, event.type, event.payload);
    else if (event.node === CLIENT) onClientEvent(world, event.type, event.payload);
    else if (event.node !== "network") onBrokerEvent(world.brokers[event.node]!, event.type, event.payload, world.context);
  }
  world.kernel.now = untilMs;
}

/** SIGKILL: whoever was connected to the broker sees the end of the connection. */
export function kill(world: SmallWorld, broker: number): void {
  const node = String(broker);
  world.dead.add(node);
  world.lives[node] = (world.lives[node] ?? 0) + 1;
  world.clientConnections.delete(node);
  for (const [connection, { client, server }] of world.connections) {
    if (client !== node && server !== node) continue;
    world.connections.delete(connection);
    const peer = client === node ? server : client;
    world.context.schedule(world.kernel.now + 1, Phase.Delivery, peer, "disconnected", { connection, peer: node, reason: "closedByPeer" });
  }
  crashBroker(world.brokers[node]!, world.context);
}

export function restart(world: SmallWorld, broker: number): void {
  world.dead.delete(String(broker));
  startBroker(world.brokers[broker]!, world.context);
}

export function runFor(world: SmallWorld, ms: number): void {
  run(world, world.kernel.now + ms);
}

// ── The controller ──

function onControllerEvent(world: SmallWorld, type: string, payload: unknown): void {
  if (type === "park-over") return answerMetadata(world, (payload as { broker: NodeId }).broker);
  if (type !== "request") return;
  const { connection, correlationId, body, peer } = payload as {
    connection: ConnectionId;
    correlationId: number;
    body: RequestBody;
    peer: NodeId;
  };
  const reply = (response: ResponseBody): void => world.context.transport.sendResponse(connection, CONTROLLER, correlationId, response);
  switch (body.api) {
    case "MetadataFetch":
      world.parkedMetadata.set(peer, { connection, correlationId, fetchOffset: body.fetchOffset });
      if (body.fetchOffset < world.metadata.length) answerMetadata(world, peer);
      else world.context.schedule(world.kernel.now + body.maxWaitMs, Phase.Timer, CONTROLLER, "park-over", { broker: peer });
      return;
    case "BrokerHeartbeat":
      return reply({ api: "BrokerHeartbeat", error: "NONE", isCaughtUp: true, isFenced: false, shouldShutDown: false });
    case "BrokerRegistration":
      return reply({ api: "BrokerRegistration", error: "NONE", brokerEpoch: world.image.brokers[peer]!.brokerEpoch });
    case "AllocateProducerIds":
      return reply({ api: "AllocateProducerIds", error: "NONE", producerIdStart: 5000, producerIdLen: 1000 });
    case "AlterPartition": {
      world.alterPartitions.push(structuredClone(body));
      const act = (): void => reply(alterPartition(world, body));
      if (world.holdAlterPartition) world.held.push(act);
      else act();
    }
  }
}

function alterPartition(world: SmallWorld, body: RequestOf<"AlterPartition">): ResponseBody {
  const error = world.refuseAlterPartition;
  const partitions = body.partitions.map(({ topicPartition, newIsr }) => {
    if (error === null) changePartition(world, topicPartition, { isr: newIsr.map(({ brokerId }) => brokerId) });
    const { leader, leaderEpoch, isr, partitionEpoch } = world.image.partitions[topicPartition]!;
    return {
      topicPartition,
      error: (error ?? "NONE") as "NONE",
      leaderId: leader,
      leaderEpoch,
      isr: isr.slice(),
      leaderRecoveryState: "RECOVERED" as const,
      partitionEpoch,
    };
  });
  return { api: "AlterPartition", error: "NONE", partitions };
}

function answerMetadata(world: SmallWorld, broker: NodeId): void {
  const parked = world.parkedMetadata.get(broker);
  if (parked === undefined) return;
  world.parkedMetadata.delete(broker);
  const records = world.metadata.slice(parked.fetchOffset);
  const body = {
    api: "MetadataFetch",
    error: "NONE",
    records,
    highWatermark: world.metadata.length,
    snapshotEndOffset: -1,
  } as ResponseBody;
  world.context.transport.sendResponse(parked.connection, CONTROLLER, parked.correlationId, body);
}

export function publish(world: SmallWorld, record: MetadataRecord): void {
  applyMetadataRecord(world.image, record);
  world.metadata.push(record);
  for (const broker of [...world.parkedMetadata.keys()]) answerMetadata(world, broker);
}

export function changePartition(
  world: SmallWorld,
  topicPartition: string,
  change: Partial<Omit<PartitionRegistration, "leaderEpoch" | "partitionEpoch">> & { leaderEpochBumped?: boolean },
): void {
  publish(world, { type: "PartitionChangeRecord", topicPartition, change: { leaderEpochBumped: false, ...structuredClone(change) } });
}

// ── The client ──

function onClientEvent(world: SmallWorld, type: string, payload: unknown): void {
  const { connection } = payload as { connection: ConnectionId };
  if (type === "disconnected") world.closed.add(connection);
  if (type !== "response") return;
  const { correlationId, body } = payload as { correlationId: number; body: ResponseBody };
  world.responses.set(correlationId, { at: world.kernel.now, body });
}

/** Sends a request to a broker over the client's one connection to it, and returns its correlation id. */
export function send(world: SmallWorld, broker: number, body: RequestBody): number {
  let connection = world.clientConnections.get(String(broker));
  if (connection === undefined) {
    connection = world.context.transport.connect(CLIENT, String(broker));
    world.clientConnections.set(String(broker), connection);
    runFor(world, 2);
  }
  const correlationId = world.nextCorrelation++;
  world.context.transport.sendRequest(connection, CLIENT, correlationId, body);
  return correlationId;
}

export function answer<A extends ResponseBody["api"]>(world: SmallWorld, correlationId: number, api: A): Extract<ResponseBody, { api: A }> {
  const response = world.responses.get(correlationId);
  if (response === undefined) throw new Error(`no response to ${correlationId} by ${world.kernel.now} ms`);
  if (response.body.api !== api) throw new Error(`${response.body.api}, not ${api}`);
  return response.body as Extract<ResponseBody, { api: A }>;
}

let nextId = 0;

export function batchOf(records: number, fields: Partial<RecordBatch> = {}): RecordBatch {
  nextId += records;
  return {
    baseOffset: 0,
    recordCount: records,
    sizeBytes: 61 + 100 * records,
    partitionLeaderEpoch: -1,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    transactional: false,
    baseTimestamp: 0,
    maxTimestamp: 0,
    producer: "p1",
    ids: [nextId - records, records],
    internal: null,
    ...fields,
  };
}

export function produce(
  world: SmallWorld,
  broker: number,
  batch: RecordBatch,
  acks = -1,
  topicPartition = "orders-0",
  timeoutMs = 30_000,
): number {
  return send(world, broker, { api: "Produce", acks, timeoutMs, transactionalId: null, partitions: [{ topicPartition, batch }] });
}

export function fetchAt(world: SmallWorld, broker: number, fetchOffset: number, maxWaitMs = 500, topicPartition = "orders-0"): number {
  return send(world, broker, {
    api: "Fetch",
    replicaId: -1,
    replicaEpoch: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes: 52428800,
    readCommitted: false,
    partitions: [
      { topicPartition, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1, logStartOffset: -1, partitionMaxBytes: 1048576 },
    ],
  });
}

export function partitionAt(world: SmallWorld, broker: number, topicPartition = "orders-0") {
  return world.brokers[broker]!.partitions[topicPartition]!;
}

export function logAt(world: SmallWorld, broker: number, topicPartition = "orders-0") {
  return world.brokers[broker]!.logs[topicPartition]!;
}
