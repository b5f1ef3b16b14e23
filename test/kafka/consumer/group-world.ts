/**
 * A small world for consumers: scripted brokers that share one perfect log, real group coordinators on them, links of 1 ms.
 * Everything that a consumer does goes through the ordinary kernel, network client and coordinator shard.
 */

import {
  type ConsumerClient,
  createConsumerClient,
  killConsumerClient,
  onConsumerClientEvent,
  startConsumerClient,
  stopConsumerClient,
} from "../../../src/kafka/application/consumer-application.ts";
import {
  createGroupCoordinatorShard,
  type GroupCoordinatorShard,
  type GroupRequest,
  type GroupResult,
  type GroupTimer,
  onAppendCommitted,
  onGroupRequest,
  onGroupTimer,
  onShardLoaded,
  replayRecord,
} from "../../../src/kafka/group-coordinator/group-coordinator-shard.ts";
import { brokerSettings } from "../../../src/kafka/protocol/broker-settings.ts";
import type { ConsumerProcessing } from "../../../src/kafka/protocol/cluster-spec.ts";
import type { Context } from "../../../src/kafka/protocol/context.ts";
import type { RequestBody, RequestOf, ResponseBody } from "../../../src/kafka/protocol/messages.ts";
import type { InternalRecord, RecordBatch } from "../../../src/kafka/protocol/record-batch.ts";
import { partitionOf } from "../../../src/kafka/protocol/topic-partition.ts";
import { seededChance } from "../../../src/kernel/chance.ts";
import { Phase, type SimEvent } from "../../../src/kernel/event.ts";
import { addEvent, createKernel, type Kernel, takeNext } from "../../../src/kernel/kernel.ts";

const LATENCY_MS = 1;

interface Connection {
  client: string;
  server: string;
  open: boolean;
  queue: { correlationId: number; body: RequestBody }[];
  busy: boolean;
}

interface Parked {
  connection: number;
  correlationId: number;
  server: string;
  body: RequestOf<"Fetch">;
}

export interface Traced {
  at: number;
  type: string;
  node: string;
  fields: Record<string, unknown>;
  cause: number;
  seq: number;
}

export interface GroupWorld {
  kernel: Kernel;
  context: Context;
  clients: Record<string, ConsumerClient>;
  down: string[];
  paused: Record<string, SimEvent[]>;
  brokerIds: number[];
  topics: Record<string, number>;
  logs: Record<string, RecordBatch[]>;
  logEnd: Record<string, number>;
  coordinatorId: number;
  shard: GroupCoordinatorShard;
  shardLog: InternalRecord[];
  brokerConfigs: Record<string, string>;
  connections: Connection[];
  parked: Parked[];
  groupRequests: { connection: number; correlationId: number; server: string }[];
  traced: Traced[];
  returned: { member: string; topicPartition: string; from: number; to: number; at: number }[];
  processed: { member: string; topicPartition: string; from: number; to: number; at: number }[];
  committed: { topicPartition: string; offset: number; at: number }[];
  /** Every request that reached a broker. */
  requests: { at: number; from: string; server: string; api: string; body: RequestBody }[];
  events: number;
  silence: Record<string, number>;
  /** Answers instead of the coordinator's, one use each. */
  scripted: { api: string; body: ResponseBody }[];
}

const ignored = (): void => undefined;

export function createGroupWorld(
  options: { topics?: Record<string, number>; brokers?: number; brokerConfigs?: Record<string, string> } = {},
): GroupWorld {
  const kernel = createKernel(7);
  const brokerConfigs = options.brokerConfigs ?? {};
  const topics = options.topics ?? { orders: 6 };
  const world = {
    kernel,
    clients: {},
    down: [],
    paused: {},
    brokerIds: Array.from({ length: options.brokers ?? 3 }, (_, index) => index + 1),
    topics,
    logs: {},
    logEnd: {},
    coordinatorId: 1,
    shard: createGroupCoordinatorShard("1", "__consumer_offsets-0", 0),
    shardLog: [],
    brokerConfigs,
    connections: [],
    parked: [],
    groupRequests: [],
    traced: [],
    returned: [],
    processed: [],
    committed: [],
    requests: [],
    events: 0,
    silence: {},
    scripted: [],
  } as unknown as GroupWorld;
  world.context = contextOf(world);
  onShardLoaded(world.shard, world.context, brokerSettings(brokerConfigs));
  return world;
}

function contextOf(world: GroupWorld): Context {
  const { kernel } = world;
  return {
    get now() {
      return kernel.now;
    },
    chance: seededChance(kernel.random),
    records: {
      sent: ignored,
      accepted: ignored,
      appended: ignored,
      truncated: ignored,
      logLost: ignored,
      deletedBefore: ignored,
      highWatermark: ignored,
      leadership: ignored,
      acknowledged: ignored,
      failed: ignored,
      returned: (_group, member, topicPartition, from, to, at) => world.returned.push({ member, topicPartition, from, to, at }),
      processed: (_group, member, topicPartition, from, to, at) => world.processed.push({ member, topicPartition, from, to, at }),
      committed: (_group, topicPartition, offset) => world.committed.push({ topicPartition, offset, at: kernel.now }),
    },
    transport: {
      connect: (from, to) => connect(world, from, to),
      sendRequest: (connection, _from, correlationId, body) => {
        // What a message holds must be plain and its own.
        deliver(world, world.connections[connection]!.server, "request", { connection, correlationId, body: structuredClone(body) });
      },
      sendResponse: ignored,
      close: (connection) => {
        world.connections[connection]!.open = false;
      },
    },
    tracing: true,
    cause: -1,
    causeOfSilence: (node) => world.silence[node] ?? -1,
    schedule: (at, phase, node, type, payload) => schedule(world, at, phase, node, type, payload),
    trace: (type, node, fields, cause) => {
      const seq = world.traced.length;
      world.traced.push({
        at: kernel.now,
        type,
        node,
        fields: fields as Record<string, unknown>,
        cause: cause ?? world.context.cause,
        seq,
      });
      return seq;
    },
  };
}

function schedule(world: GroupWorld, at: number, phase: Phase, node: string, type: string, payload: unknown): void {
  const { kernel } = world;
  addEvent(kernel, { at, phase, seq: kernel.seq++, life: 0, node, type, payload, cause: world.context.cause });
}

function deliver(world: GroupWorld, node: string, type: string, payload: unknown): void {
  schedule(world, world.kernel.now + LATENCY_MS, Phase.Delivery, node, type, payload);
}

function connect(world: GroupWorld, client: string, server: string): number {
  const id = world.connections.length;
  const up = !world.down.includes(server);
  world.connections.push({ client, server, open: up, queue: [], busy: false });
  schedule(world, world.kernel.now + 2 * LATENCY_MS, Phase.Delivery, client, up ? "connected" : "disconnected", {
    connection: id,
    peer: server,
    reason: "refused",
  });
  return id;
}

export function addConsumer(
  world: GroupWorld,
  name: string,
  configs: Record<string, string> = {},
  processing: ConsumerProcessing = { perRecordMicros: 0, commit: "auto" },
): ConsumerClient {
  const group = {
    name: "billing",
    topics: Object.keys(world.topics),
    configs: { "auto.offset.reset": "earliest" },
    members: [],
    processing,
  };
  const client = createConsumerClient(group, { name, configs, startAtMs: 0 }, world.brokerIds.map(String));
  world.clients[name] = client;
  startConsumerClient(client, world.context);
  return client;
}

export function produce(world: GroupWorld, topicPartition: string, count: number): void {
  const baseOffset = world.logEnd[topicPartition] ?? 0;
  const now = world.kernel.now;
  world.logs[topicPartition] ??= [];
  world.logs[topicPartition].push({
    baseOffset,
    recordCount: count,
    sizeBytes: 61 + count * 100,
    partitionLeaderEpoch: 0,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    transactional: false,
    baseTimestamp: now,
    maxTimestamp: now,
    producer: "p1",
    ids: [baseOffset, count],
    internal: null,
  });
  world.logEnd[topicPartition] = baseOffset + count;
  for (const parked of world.parked.splice(0)) if (!answerFetch(world, parked, false)) world.parked.push(parked);
}

/** Handles all events up to `untilMs`. */
export function runUntil(world: GroupWorld, untilMs: number): void {
  for (let event = takeNext(world.kernel, untilMs); event !== undefined; event = takeNext(world.kernel, untilMs)) {
    if (world.paused[event.node] !== undefined) world.paused[event.node]!.push(event);
    else handle(world, event);
  }
  world.kernel.now = untilMs;
}

function handle(world: GroupWorld, event: SimEvent): void {
  world.events += 1;
  world.context.cause = event.cause;
  const client = world.clients[event.node];
  if (client !== undefined) onConsumerClientEvent(client, event.type, event.payload, world.context);
  else if (!world.down.includes(event.node)) onBrokerEvent(world, event);
}

/** SIGSTOP: what is due waits. */
export function pause(world: GroupWorld, node: string): void {
  world.silence[node] = world.context.trace("node-paused", node, {});
  world.paused[node] = [];
}

export function resume(world: GroupWorld, node: string): void {
  const held = world.paused[node]!;
  delete world.paused[node];
  for (const event of held) schedule(world, world.kernel.now, event.phase, event.node, event.type, event.payload);
}

export function killConsumer(world: GroupWorld, name: string): void {
  world.silence[name] = world.context.trace("node-killed", name, {});
  killConsumerClient(world.clients[name]!, world.context);
  for (const connection of world.connections) if (connection.client === name) connection.open = false;
}

export function stopConsumer(world: GroupWorld, name: string): void {
  stopConsumerClient(world.clients[name]!, world.context);
}

/** The broker dies; another one leads its partitions and is the coordinator if it was. */
export function killBroker(world: GroupWorld, id: number): void {
  world.down.push(String(id));
  for (let index = 0; index < world.connections.length; index++) {
    const connection = world.connections[index]!;
    if (connection.server !== String(id) || !connection.open) continue;
    connection.open = false;
    deliver(world, connection.client, "disconnected", { connection: index, peer: connection.server, reason: "closedByPeer" });
  }
  if (world.coordinatorId !== id) return;
  world.coordinatorId = upBrokers(world)[0]!;
  world.shard = createGroupCoordinatorShard(String(world.coordinatorId), "__consumer_offsets-0", world.shard.epoch + 1);
  for (const { key, value } of structuredClone(world.shardLog)) replayRecord(world.shard, key, value);
  onShardLoaded(world.shard, world.context, brokerSettings(world.brokerConfigs));
}

function upBrokers(world: GroupWorld): number[] {
  return world.brokerIds.filter((id) => !world.down.includes(String(id)));
}

export function leaderOf(world: GroupWorld, topicPartition: string): number {
  const up = upBrokers(world);
  const preferred = world.brokerIds[partitionOf(topicPartition) % world.brokerIds.length]!;
  return up.includes(preferred) ? preferred : up[partitionOf(topicPartition) % up.length]!;
}

function onBrokerEvent(world: GroupWorld, event: SimEvent): void {
  if (event.type === "request") {
    const { connection: id, correlationId, body } = event.payload as { connection: number; correlationId: number; body: RequestBody };
    const connection = world.connections[id]!;
    world.requests.push({ at: event.at, from: connection.client, server: event.node, api: body.api, body });
    connection.queue.push({ correlationId, body });
    next(world, id);
  } else if (event.type === "fetch-timeout") {
    const parked = world.parked.find(
      (other) =>
        other.connection === (event.payload as Parked).connection && other.correlationId === (event.payload as Parked).correlationId,
    );
    if (parked === undefined) return;
    world.parked.splice(world.parked.indexOf(parked), 1);
    answerFetch(world, parked, true);
  } else if (event.type === "group-timer")
    settle(world, onGroupTimer(world.shard, event.payload as GroupTimer, world.context, brokerSettings(world.brokerConfigs)));
}

function next(world: GroupWorld, id: number): void {
  const connection = world.connections[id]!;
  if (connection.busy) return;
  const request = connection.queue.shift();
  if (request === undefined) return;
  connection.busy = true;
  serve(world, id, connection.server, request.correlationId, request.body);
}

function respond(world: GroupWorld, id: number, correlationId: number, body: ResponseBody): void {
  const connection = world.connections[id]!;
  connection.busy = false;
  if (connection.open)
    deliver(world, connection.client, "response", {
      connection: id,
      peer: connection.server,
      correlationId,
      body: structuredClone(body),
      sizeBytes: 100,
    });
  next(world, id);
}

function serve(world: GroupWorld, id: number, server: string, correlationId: number, body: RequestBody): void {
  const scripted = world.scripted.findIndex((other) => other.api === body.api);
  if (scripted !== -1) return respond(world, id, correlationId, world.scripted.splice(scripted, 1)[0]!.body);
  switch (body.api) {
    case "ApiVersions":
      return respond(world, id, correlationId, { api: "ApiVersions", error: "NONE" });
    case "Metadata":
      return respond(world, id, correlationId, metadataOf(world, body.topics ?? Object.keys(world.topics)));
    case "FindCoordinator":
      return respond(world, id, correlationId, { api: "FindCoordinator", error: "NONE", errorMessage: null, nodeId: world.coordinatorId });
    case "ListOffsets":
      return respond(world, id, correlationId, {
        api: "ListOffsets",
        partitions: body.partitions.map(({ topicPartition, timestamp }) => ({
          topicPartition,
          error: "NONE",
          timestamp: -1,
          offset: timestamp === -2 ? 0 : (world.logEnd[topicPartition] ?? 0),
          leaderEpoch: 0,
        })),
      });
    case "Fetch": {
      const parked = { connection: id, correlationId, server, body };
      if (answerFetch(world, parked, false)) return;
      world.parked.push(parked);
      schedule(world, world.kernel.now + body.maxWaitMs, Phase.Timer, server, "fetch-timeout", { connection: id, correlationId });
      return;
    }
    default: {
      if (server !== String(world.coordinatorId)) return respond(world, id, correlationId, notCoordinator(body as GroupRequest));
      world.groupRequests.push({ connection: id, correlationId, server });
      settle(
        world,
        onGroupRequest(
          world.shard,
          world.groupRequests.length - 1,
          body as GroupRequest,
          world.context,
          brokerSettings(world.brokerConfigs),
        ),
      );
    }
  }
}

function notCoordinator(body: GroupRequest): ResponseBody {
  const error = "NOT_COORDINATOR" as const;
  switch (body.api) {
    case "JoinGroup":
      return {
        api: body.api,
        error,
        generationId: -1,
        protocolType: null,
        protocolName: null,
        leader: "",
        skipAssignment: false,
        memberId: "",
        members: [],
      };
    case "SyncGroup":
      return { api: body.api, error, protocolType: null, protocolName: null, assignment: "" };
    case "OffsetCommit":
      return { api: body.api, partitions: body.partitions.map(({ topicPartition }) => ({ topicPartition, error })) };
    case "OffsetFetch":
      return { api: body.api, error, partitions: [] };
    case "LeaveGroup":
      return { api: body.api, error, members: [] };
    default:
      return { api: body.api, error };
  }
}

/** The log commits one link's way later, as if replicated. */
function settle(world: GroupWorld, result: GroupResult): void {
  world.shardLog.push(...structuredClone(result.records));
  for (const { requestId, body } of result.answers) {
    const request = world.groupRequests[requestId];
    if (request === undefined || request.server !== String(world.coordinatorId)) continue;
    respond(world, request.connection, request.correlationId, body);
  }
  if (result.appendId !== -1) settle(world, onAppendCommitted(world.shard, result.appendId, world.context));
}

function metadataOf(world: GroupWorld, topics: string[]): ResponseBody {
  return {
    api: "Metadata",
    throttleTimeMs: 0,
    brokers: upBrokers(world).map((nodeId) => ({ nodeId, rack: null })),
    controllerId: 1,
    topics: topics.map((name) => ({
      error: "NONE",
      name,
      partitions: Array.from({ length: world.topics[name] ?? 0 }, (_, partition) => ({
        error: "NONE",
        partition,
        leaderId: leaderOf(world, `${name}-${partition}`),
        leaderEpoch: world.down.length,
        replicas: world.brokerIds,
        isr: upBrokers(world),
        offlineReplicas: [],
      })),
    })),
  };
}

function answerFetch(world: GroupWorld, parked: Parked, timedOut: boolean): boolean {
  const { body } = parked;
  const found = body.partitions.some(({ topicPartition, fetchOffset }) => (world.logEnd[topicPartition] ?? 0) > fetchOffset);
  if (!found && !timedOut) return false;
  respond(world, parked.connection, parked.correlationId, {
    api: "Fetch",
    throttleTimeMs: 0,
    error: "NONE",
    partitions: body.partitions.map(({ topicPartition, fetchOffset }) => ({
      topicPartition,
      error: fetchOffset > (world.logEnd[topicPartition] ?? 0) ? "OFFSET_OUT_OF_RANGE" : "NONE",
      highWatermark: world.logEnd[topicPartition] ?? 0,
      lastStableOffset: world.logEnd[topicPartition] ?? 0,
      logStartOffset: 0,
      divergingEpoch: null,
      currentLeader: null,
      batches: (world.logs[topicPartition] ?? []).filter((batch) => batch.baseOffset + batch.recordCount > fetchOffset),
    })),
  });
  return true;
}

export function assignmentOf(world: GroupWorld, name: string): string[] {
  const { consumer } = world.clients[name]!;
  return consumer === null ? [] : Object.keys(consumer.subscription.assigned);
}

export function tracedOf(world: GroupWorld, type: string, node?: string): Traced[] {
  return world.traced.filter((event) => event.type === type && (node === undefined || event.node === node));
}
