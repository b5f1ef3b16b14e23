import {
  createProducerClient,
  onProducerClientEvent,
  type ProducerClient,
  setProgram,
  startProducerClientWith,
} from "../../../src/kafka/application/producer-application.ts";
import type { ProgramStep } from "../../../src/kafka/application/producer-program.ts";
import { createConnection } from "../../../src/kafka/client/connection-states.ts";
import { addTopic, updateMetadata } from "../../../src/kafka/client/metadata.ts";
import { inFlightRequestCount, type NetworkClient } from "../../../src/kafka/client/network-client.ts";
import { availableBytes } from "../../../src/kafka/producer/buffer-pool.ts";
import { createKafkaProducer, type KafkaProducer } from "../../../src/kafka/producer/kafka-producer.ts";
import type { Context } from "../../../src/kafka/protocol/context.ts";
import type { RequestBody } from "../../../src/kafka/protocol/messages.ts";
import { producerSettings } from "../../../src/kafka/protocol/producer-settings.ts";
import type { TraceFields, TraceType } from "../../../src/kafka/protocol/trace-events.ts";
import type { Chance } from "../../../src/kernel/chance.ts";
import type { Phase } from "../../../src/kernel/event.ts";
import { addEvent, createKernel, takeNext } from "../../../src/kernel/kernel.ts";
import type { Fields, SenderTraceInput } from "./input.ts";
import { programOf } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { ScriptedCluster } from "./scripted-cluster.ts";
import { silentRecords } from "./silent-context.ts";

/**
 * Runs samsa's own application, producer and network client on the ordinary kernel against scripted brokers, and records what they do in the form
 * of the recordings. Only the brokers, the link to them and chance are the driver's.
 */
export function runSenderTrace(input: SenderTraceInput): unknown {
  return new Driver(input).run();
}

const NAME = "p";
const SCRIPTED = "scripted";
const WARM_MS = -10_000;

class Driver {
  private readonly kernel = createKernel(1);
  private readonly input: SenderTraceInput;
  private readonly recorder: Recorder;
  private readonly cluster: ScriptedCluster;
  private readonly client: ProducerClient;
  private readonly producer: KafkaProducer;
  private readonly context: Context;
  private readonly scripts: (() => void)[] = [];
  private readonly requestEvents = new Map<number, Fields>();
  private sendIds: number[] = [];
  private sendTopics: string[] = [];
  private stickyDraws = 0;

  constructor(input: SenderTraceInput) {
    this.input = input;
    this.recorder = new Recorder(() => this.kernel.now);
    this.context = this.createContext();
    this.cluster = new ScriptedCluster(input, {
      now: () => this.kernel.now,
      schedule: (at, phase, run) => this.schedule(at, phase, SCRIPTED, "run", this.scripts.push(run) - 1),
      toClient: (type, payload) => onProducerClientEvent(this.client, type, payload, this.context),
    });
    const configs = Object.fromEntries(Object.entries(input.configs).map(([key, value]) => [key, String(value)]));
    const workload = {
      topic: "t",
      recordsPerSecond: 0,
      count: null,
      valueSizeBytes: 0,
      keys: "none",
      keyCount: 1,
      mode: "async",
      records: null,
    } as const;
    this.client = createProducerClient({ name: NAME, configs, workload, startAtMs: 0 }, ["bootstrap"]);
    this.producer = createKafkaProducer(NAME, ["bootstrap"], producerSettings(configs));
    this.producer.networkClient.lateMs = 0;
    if (input.start === "warm") this.warmUp();
    setProgram(this.client, this.program());
    startProducerClientWith(this.client, this.producer, this.context);
  }

  private schedule(at: number, phase: Phase, node: string, type: string, payload: unknown): void {
    const { kernel } = this;
    addEvent(kernel, { at, phase, seq: kernel.seq++, life: 0, node, type, payload, cause: -1 });
  }

  private createContext(): Context {
    const driver = this;
    const chance: Chance = {
      int31: () => driver.stickyDraws++,
      below: () => 0,
      jitter: () => 1,
    };
    return {
      get now() {
        return driver.kernel.now;
      },
      chance,
      records: silentRecords,
      tracing: true,
      cause: -1,
      causeOfSilence: () => -1,
      schedule: (at, phase, node, type, payload) => driver.schedule(at, phase, node, type, payload),
      trace: (type, _node, fields) => {
        driver.onTrace(type, fields);
        return driver.kernel.traceSeq++;
      },
      transport: {
        connect: (_from, to) => {
          const nodeId = nodeIdOf(to);
          driver.recorder.log("connect", { broker: nodeId });
          return driver.cluster.connect(nodeId);
        },
        sendRequest: (connection, _from, correlationId, body) => driver.onRequest(connection, correlationId, body),
        sendResponse: () => {
          throw new Error("a client sends no responses");
        },
        close: (connection) => driver.cluster.close(connection),
      },
    };
  }

  private warmUp(): void {
    const { metadata, networkClient, transactionManager } = this.producer;
    for (const { topic } of this.input.partitions) addTopic(metadata, topic, WARM_MS);
    updateMetadata(
      metadata,
      { topics: null, requestVersion: metadata.requestVersion, isPartialUpdate: false },
      this.cluster.metadata(null),
      WARM_MS,
    );
    for (const id of this.input.brokers) this.addReadyConnection(networkClient, id);
    if (transactionManager === null) return;
    transactionManager.state = "READY";
    transactionManager.producerId = this.cluster.nextProducerId++;
    transactionManager.producerEpoch = 0;
  }

  private addReadyConnection(networkClient: NetworkClient, id: number): void {
    const connection = createConnection(id, String(id), networkClient.settings, this.context);
    Object.assign(connection, { state: "READY", established: true, tcp: this.cluster.open(id, true).id, lastConnectAttemptMs: WARM_MS });
    networkClient.connections[id] = connection;
  }

  private program(): ProgramStep[] {
    const { steps, sendIds, sendTopics } = programOf(this.input);
    this.sendIds = sendIds;
    this.sendTopics = sendTopics;
    return steps;
  }

  run(): unknown {
    const endedBy = this.loop();
    this.recorder.flush();
    return this.output(endedBy);
  }

  private loop(): string {
    const { kernel, input } = this;
    let idleSince = kernel.now;
    let eventsAtOnce = 0;
    for (;;) {
      const next = kernel.queue[0];
      if (this.producer.sender.isFinished && (next === undefined || next.at > kernel.now)) return "closed";
      if (next === undefined || next.at > kernel.now) {
        if (this.isPolling() && this.isQuiet()) return "quiet";
        if (next === undefined || next.at > input.untilMs) {
          kernel.now = input.untilMs;
          return "untilMs";
        }
      }
      eventsAtOnce = next.at === idleSince ? eventsAtOnce + 1 : 0;
      idleSince = next.at;
      if (eventsAtOnce > 100_000) throw new Error(`busy loop at ${next.at}`);
      const event = takeNext(kernel, next.at)!;
      if (event.node === SCRIPTED) this.scripts[event.payload as number]!();
      else onProducerClientEvent(this.client, event.type, event.payload, this.context);
    }
  }

  private isPolling(): boolean {
    const { at } = this.producer.sender.thread;
    return at === "poll" || at === "await-ready";
  }

  private isQuiet(): boolean {
    return (
      this.client.thread.state === "ended" &&
      this.producer.accumulator.incompleteCount === 0 &&
      inFlightRequestCount(this.producer.networkClient) === 0 &&
      !this.cluster.hasLiveEvents()
    );
  }

  private onRequest(connection: number, correlationId: number, body: RequestBody): void {
    // A request that was handed over and never written shows no more than its broker.
    const event = this.requestEvents.get(correlationId)!;
    event.api = body.api;
    event.correlationId = correlationId;
    if (body.api === "Produce") {
      const request = this.producer.networkClient.connections[this.cluster.connectionById(connection).nodeId]!.inFlight.find(
        (candidate) => candidate.correlationId === correlationId,
      )!;
      event.acks = body.acks;
      event.timeoutMs = body.timeoutMs;
      event.batches = body.partitions.map(({ topicPartition, batch }, index) => ({
        partition: topicPartition,
        ids: this.idsOf(batch.ids),
        sizeInBytes: batch.sizeBytes,
        baseSequence: batch.baseSequence,
        producerId: batch.producerId,
        producerEpoch: batch.producerEpoch,
        attempt: request.contents[index]!.attempt,
      }));
    }
    this.cluster.request(connection, correlationId, body);
  }

  private idsOf(runs: number[]): number[] {
    const ids: number[] = [];
    for (let i = 0; i < runs.length; i += 2) for (let id = 0; id < runs[i + 1]!; id++) ids.push(this.sendIds[runs[i]! + id]!);
    return ids;
  }

  private onTrace<T extends TraceType>(type: T, given: TraceFields[T]): void {
    const { recorder } = this;
    const fields = given as Record<string, never>;
    switch (type) {
      case "connected":
        recorder.log("connected", { broker: nodeIdOf(fields.peer!) });
        break;
      case "disconnected":
        recorder.log("disconnected", { broker: nodeIdOf(fields.peer!), reason: this.reasonOf(fields.reason!, fields.connection!) });
        break;
      case "request-sent":
        this.requestEvents.set(fields.correlationId!, recorder.log("request", { broker: nodeIdOf(fields.peer!) }));
        break;
      case "response-received":
        recorder.log("response", this.cluster.responseFields.get(fields.correlationId!)!);
        break;
      case "metadata-updated":
        recorder.log("metadataUpdated", { by: fields.by, partitions: (fields.partitions! as string[]).toSorted() });
        break;
      case "batch-completed":
        recorder.completed(fields.topicPartition!, this.idsOf(fields.ids!), fields.baseOffset!);
        break;
      case "batch-failed":
        recorder.failed(fields.topicPartition!, this.idsOf(fields.ids!), fields.error!, fields.message!);
        break;
      case "record-failed":
        recorder.failed(
          fields.topicPartition === "" ? `${this.sendTopics[fields.recordId!]}--1` : fields.topicPartition!,
          [this.sendIds[fields.recordId!]!],
          fields.error!,
          fields.message!,
        );
        break;
      case "send-blocked":
        recorder.log("blocked", { id: this.sendIds[fields.recordId!], on: fields.waitsFor });
        break;
      case "send-unblocked":
        recorder.log("unblocked", { id: this.sendIds[fields.recordId!] });
        break;
      case "send-threw":
        recorder.log("sendThrew", { id: this.sendIds[fields.recordId!], error: fields.error, message: fields.message });
        break;
      case "batch-split":
        this.logSplit(fields.topicPartition!, fields.batch!, fields.into!);
        break;
      default:
    }
  }

  private reasonOf(reason: string, connection: number): string {
    if (reason === "closedByPeer") return "closedByBroker";
    if (reason === "refused") return "refused";
    return this.cluster.connectionById(connection).established ? "requestTimeout" : "connectionSetupTimeout";
  }

  private logSplit(partition: string, big: number, into: number[]): void {
    const { accumulator } = this.producer;
    const idsOf = (batch: number) => this.idsOf(accumulator.batches[batch]!.ids);
    this.recorder.log("split", { partition, ids: idsOf(big), into: into.map(idsOf) });
  }

  private output(endedBy: string): unknown {
    const { recorder, producer, client } = this;
    const { accumulator, transactionManager } = producer;
    const undrainedByPartition: Record<string, number> = {};
    for (const info of Object.values(accumulator.topics))
      for (const queue of info.queues)
        if (queue !== null && queue.batches.length > 0) undrainedByPartition[queue.topicPartition] = queue.batches.length;
    const logEndOffset = Object.fromEntries([...this.cluster.logs].map(([name, log]) => [name, log.logEndOffset]));
    return {
      events: recorder.events,
      records: [...recorder.records.values()].sort((a, b) => (a.id as number) - (b.id as number)),
      calls: client.thread.calls.map(({ do: call, at, startedAtMs, returnedAtMs }) =>
        returnedAtMs < 0
          ? { call, at, startedAt: startedAtMs }
          : { call, at, startedAt: startedAtMs, returnedAt: returnedAtMs, result: "ok" },
      ),
      final: {
        at: recorder.events.at(-1)?.at ?? 0,
        endedBy,
        // The thread that waits for memory is stopped first, and what it had gathered goes back.
        availableMemory: availableBytes(accumulator.pool) + (accumulator.pool.waiter?.accumulatedBytes ?? 0),
        incomplete: accumulator.incompleteCount,
        undrainedByPartition,
        logEndOffset,
        producerId: transactionManager?.producerId,
        producerEpoch: transactionManager?.producerEpoch,
      },
    };
  }
}

function nodeIdOf(peer: string): number {
  return peer === "bootstrap" ? -1 : Number(peer);
}
