import { recordFieldsBytes } from "../../src/kafka/application/producer-workload.ts";
import { indexCache, type MetadataCache, setNodes } from "../../src/kafka/client/metadata-cache.ts";
import { append } from "../../src/kafka/producer/append.ts";
import { completeAndRelease } from "../../src/kafka/producer/completion.ts";
import { createKafkaProducer, type KafkaProducer } from "../../src/kafka/producer/kafka-producer.ts";
import {
  createPartitioner,
  type PartitionLoadStats,
  peekPartition,
  updateLoadStats,
  updatePartition,
} from "../../src/kafka/producer/partitioner.ts";
import type { SendCall } from "../../src/kafka/producer/producer-state.ts";
import { drain, ready, updateNodeLatency } from "../../src/kafka/producer/record-accumulator.ts";
import type { Context } from "../../src/kafka/protocol/context.ts";
import { producerSettings } from "../../src/kafka/protocol/producer-settings.ts";
import type { Chance } from "../../src/kernel/chance.ts";
import { silentContext } from "./sender-trace/silent-context.ts";

type Partitions = [number, number | null, string | null][];

interface Input {
  level: "partitioner" | "accumulator";
  partitions: Partitions;
  "batch.size": number;
  "partitioner.rack.aware": boolean;
  "client.rack": string;
  "partitioner.adaptive.partitioning.enable"?: boolean;
  "partitioner.availability.timeout.ms"?: number;
  "linger.ms"?: number;
  randoms: number[];
  steps: Step[];
}

interface Step {
  append?: number;
  at?: number;
  canSwitch?: boolean;
  load?: [number, number][] | null;
  all?: number;
  partitions?: Partitions;
  sender?: number;
  notReady?: number[];
}

const TOPIC = "topic";

export function runCase(input: Input): unknown {
  const draws = { count: 0 };
  const chance: Chance = { int31: () => input.randoms[draws.count++]!, below: () => 0, jitter: () => 1 };
  const steps = input.level === "partitioner" ? runPartitioner(input, chance) : runAccumulator(input, chance, draws);
  return { steps };
}

function fill(cache: MetadataCache, partitions: Partitions): void {
  const racks = new Map<number, string | null>();
  for (const [, leader, rack] of partitions) if (leader !== null) racks.set(leader, rack);
  setNodes(
    cache,
    [...racks].map(([nodeId, rack]) => ({ nodeId, rack })),
  );
  cache.topics[TOPIC] = partitions.map(([partition, leader]) => ({
    error: leader === null ? "LEADER_NOT_AVAILABLE" : "NONE",
    partition,
    leaderId: leader ?? -1,
    leaderEpoch: 0,
    replicas: [],
    isr: [],
    offlineReplicas: [],
  }));
  indexCache(cache);
}

function tableOf(stats: PartitionLoadStats | null): number[][] | null {
  return stats === null ? null : stats.partitions.map((partition, index) => [partition, stats.cumulativeWeights[index]!]);
}

function runPartitioner(input: Input, chance: Chance): unknown[] {
  const context: Context = silentContext(chance);
  const partitioner = createPartitioner(input["batch.size"], input["partitioner.rack.aware"], input["client.rack"], "sticky");
  const { cache } = createKafkaProducer("p", ["b"], producerSettings({})).metadata;
  fill(cache, input.partitions);
  return input.steps.map((step) => {
    if (step.partitions !== undefined) {
      fill(cache, step.partitions);
      return {};
    }
    if (step.append !== undefined) {
      const { partition } = peekPartition(partitioner, TOPIC, cache, context);
      const switched = updatePartition(partitioner, step.append, step.canSwitch!, TOPIC, cache, context);
      return { partition, switched, next: peekPartition(partitioner, TOPIC, cache, context).partition };
    }
    const load = step.load ?? null;
    const racks = (load ?? []).map(([partition]) => cache.racks[cache.topics[TOPIC]![partition]!.leaderId] ?? null);
    updateLoadStats(
      partitioner,
      load === null ? null : { partitions: load.map(([id]) => id), queueSizes: load.map(([, size]) => size), racks, allCount: step.all! },
    );
    return {
      table: tableOf(partitioner.loadStats),
      ...(input["partitioner.rack.aware"] ? { rackTable: tableOf(partitioner.rackLoadStats) } : {}),
    };
  });
}

function runAccumulator(input: Input, chance: Chance, draws: { count: number }): unknown[] {
  const context = silentContext(chance);
  const producer = createKafkaProducer("p", ["b"], {
    ...producerSettings({ "enable.idempotence": "false", "buffer.memory": String(2 ** 30) }),
    batchSizeBytes: input["batch.size"],
    lingerMs: input["linger.ms"]!,
    deliveryTimeoutMs: 120_000,
    partitionerAdaptivePartitioningEnable: input["partitioner.adaptive.partitioning.enable"]!,
    partitionerAvailabilityTimeoutMs: input["partitioner.availability.timeout.ms"]!,
    partitionerRackAware: input["partitioner.rack.aware"],
    clientRack: input["client.rack"],
  });
  fill(producer.metadata.cache, input.partitions);
  let nextId = 0;
  return input.steps.map((step) => {
    context.now = step.append === undefined ? step.sender! : step.at!;
    return step.append === undefined
      ? senderTurn(input, producer, step.notReady!, context)
      : appendStep(producer, step.append, nextId++, draws, context);
  });
}

function appendStep(producer: KafkaProducer, valueSize: number, firstId: number, draws: { count: number }, context: Context): unknown {
  const before = draws.count;
  const batchesBefore = producer.accumulator.nextBatchId;
  const call: SendCall = {
    kind: "send",
    topic: TOPIC,
    partition: -1,
    keyHash: null,
    firstId,
    count: 1,
    announcedTo: firstId,
    fieldsBytes: recordFieldsBytes(-1, valueSize),
    startedAtMs: context.now,
    timestampMs: context.now,
    waitsFor: "nothing",
    blockBudgetMs: 1000,
    blockedSinceMs: 0,
    notificationsSeen: 0,
    partitionsSeen: 0,
    heldBytes: 0,
    cause: -1,
  };
  const sizes = sizesOf(producer);
  const result = append(producer, call, context);
  const batch = producer.accumulator.batches[result.batch]!;
  const newBatch = producer.accumulator.nextBatchId > batchesBefore;
  const queue = producer.accumulator.topics[TOPIC]!.queues[batch.partition]!;
  const full = queue.batches.length > 1 || batch.isClosedForAppends || batch.writeLimitBytes <= batch.sizeBytes;
  return {
    partition: batch.partition,
    newBatch,
    full,
    appendedBytes: batch.sizeBytes - (sizes.get(batch.id) ?? 0),
    draws: draws.count - before,
  };
}

function sizesOf(producer: KafkaProducer): Map<number, number> {
  return new Map(Object.values(producer.accumulator.batches).map((batch) => [batch.id, batch.sizeBytes]));
}

function senderTurn(input: Input, producer: KafkaProducer, notReady: number[], context: Context): unknown {
  const { accumulator, metadata } = producer;
  const check = ready(accumulator, metadata.cache, context);
  for (const node of check.readyNodes) updateNodeLatency(accumulator, node, context.now, !notReady.includes(node));
  const nodes = check.readyNodes.filter((node) => !notReady.includes(node));
  const drained: number[][] = [];
  for (const { node, batches } of drain(accumulator, null, metadata.cache, nodes, 1024 * 1024, context)) {
    for (const id of batches) {
      const batch = accumulator.batches[id]!;
      drained.push([node, batch.partition, batch.recordCount, batch.sizeBytes]);
      completeAndRelease(producer, batch, context);
    }
  }
  const partitioner = accumulator.topics[TOPIC]?.partitioner;
  const delay = check.nextReadyCheckDelayMs;
  return {
    readyNodes: check.readyNodes,
    unknownLeader: check.unknownLeaderTopics.length > 0,
    nextReadyCheckDelayMs: delay === Number.MAX_SAFE_INTEGER ? null : delay,
    drained,
    table: tableOf(partitioner?.loadStats ?? null),
    ...(input["partitioner.rack.aware"] ? { rackTable: tableOf(partitioner?.rackLoadStats ?? null) } : {}),
  };
}
