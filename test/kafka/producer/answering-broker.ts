import { createProducerClient, onProducerClientEvent, type ProducerClient } from "../../../src/kafka/application/producer-application.ts";
import type { ProducerSpec, ProducerWorkload } from "../../../src/kafka/protocol/cluster-spec.ts";
import type { Context } from "../../../src/kafka/protocol/context.ts";
import type { RequestBody, RequestOf, ResponseBody } from "../../../src/kafka/protocol/messages.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import type { Chance } from "../../../src/kernel/chance.ts";
import { addEvent, createKernel, type Kernel, takeNext } from "../../../src/kernel/kernel.ts";
import { silentRecords } from "../../golden/sender-trace/silent-context.ts";

/** A kernel, one producer and brokers that answer everything 2 ms later, until they are told not to. */
export interface ProducerLab {
  kernel: Kernel;
  client: ProducerClient;
  context: Context;
  /** Records that the broker has, by id, with the time at which each arrived. */
  arrived: Map<number, number>;
  produceRequests: RequestOf<"Produce">[];
  told: { sent: number[]; acknowledged: number[]; failed: number[] };
  /** false: nothing is answered any more. */
  answers: boolean;
  run(untilMs: number): void;
}

export const quietWorkload: ProducerWorkload = {
  topic: "t",
  recordsPerSecond: 0,
  count: null,
  valueSizeBytes: 100,
  keys: "none",
  keyCount: 1,
  mode: "async",
  records: null,
};

export function createProducerLab(configs: Record<string, string>, workload: Partial<ProducerWorkload>, partitions = 3): ProducerLab {
  const kernel = createKernel(1);
  const spec: ProducerSpec = { name: "p1", configs, workload: { ...quietWorkload, ...workload }, startAtMs: 0 };
  const told: ProducerLab["told"] = { sent: [], acknowledged: [], failed: [] };
  const lab: ProducerLab = {
    kernel,
    client: createProducerClient(spec, ["1"]),
    context: null as never,
    arrived: new Map(),
    produceRequests: [],
    told,
    answers: true,
    run: (untilMs) => {
      for (let event = takeNext(kernel, untilMs); event !== undefined; event = takeNext(kernel, untilMs))
        onProducerClientEvent(lab.client, event.type, event.payload, lab.context);
      kernel.now = untilMs;
    },
  };
  lab.context = contextOf(lab, partitions);
  return lab;
}

function contextOf(lab: ProducerLab, partitions: number): Context {
  const { kernel } = lab;
  let draws = 0;
  let connections = 0;
  const chance: Chance = { int31: () => draws++, below: () => 0, jitter: () => 1 };
  const schedule: Context["schedule"] = (at, phase, node, type, payload) =>
    addEvent(kernel, { at, phase, seq: kernel.seq++, life: 0, node, type, payload, cause: -1 });
  return {
    get now() {
      return kernel.now;
    },
    chance,
    records: listener(lab),
    tracing: false,
    cause: -1,
    causeOfSilence: () => -1,
    schedule,
    trace: () => -1,
    transport: {
      connect: (_from, to) => {
        if (lab.answers) schedule(kernel.now + 2, 3, "p1", "connected", { connection: connections, peer: to });
        return connections++;
      },
      sendRequest: (connection, _from, correlationId, body) => {
        const response = lab.answers ? answer(lab, body, partitions) : null;
        if (response !== null)
          schedule(kernel.now + 2, 3, "p1", "response", { connection, peer: "1", correlationId, body: response, sizeBytes: 0 });
      },
      sendResponse() {},
      close() {},
    },
  };
}

function expand(ids: number[]): number[] {
  const all: number[] = [];
  for (let i = 0; i < ids.length; i += 2) for (let k = 0; k < ids[i + 1]!; k++) all.push(ids[i]! + k);
  return all;
}

function listener({ told }: ProducerLab): RecordListener {
  return {
    ...silentRecords,
    sent: (_producer, _topic, firstId, count) => told.sent.push(...expand([firstId, count])),
    acknowledged: (_producer, _topicPartition, ids) => told.acknowledged.push(...expand(ids)),
    failed: (_producer, _topicPartition, ids) => told.failed.push(...expand(ids)),
  };
}

function answer(lab: ProducerLab, body: RequestBody, partitions: number): ResponseBody {
  switch (body.api) {
    case "ApiVersions":
      return { api: "ApiVersions", error: "NONE" };
    case "InitProducerId":
      return { api: "InitProducerId", error: "NONE", producerId: 7, producerEpoch: 0 };
    case "Metadata":
      return {
        api: "Metadata",
        throttleTimeMs: 0,
        brokers: [{ nodeId: 1, rack: null }],
        controllerId: 1,
        topics: [
          {
            error: "NONE",
            name: "t",
            partitions: Array.from({ length: partitions }, (_, partition) => ({
              error: "NONE" as const,
              partition,
              leaderId: 1,
              leaderEpoch: 0,
              replicas: [1],
              isr: [1],
              offlineReplicas: [],
            })),
          },
        ],
      };
    case "Produce":
      lab.produceRequests.push(body);
      for (const { batch } of body.partitions) for (const id of expand(batch.ids)) lab.arrived.set(id, lab.kernel.now);
      return {
        api: "Produce",
        throttleTimeMs: 0,
        partitions: body.partitions.map(({ topicPartition }) => ({
          topicPartition,
          error: "NONE",
          errorMessage: null,
          baseOffset: 0,
          logAppendTimeMs: -1,
          logStartOffset: 0,
          currentLeader: null,
        })),
        recordErrors: [],
      };
    default:
      throw new Error(`unexpected ${body.api}`);
  }
}
