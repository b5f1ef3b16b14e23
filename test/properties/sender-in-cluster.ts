import { setProgram, startProducerClientWith } from "../../src/kafka/application/producer-application.ts";
import type { ProgramStep } from "../../src/kafka/application/producer-program.ts";
import { onAccepted } from "../../src/kafka/broker/request-channel.ts";
import { createConnection } from "../../src/kafka/client/connection-states.ts";
import { addTopic, updateMetadata } from "../../src/kafka/client/metadata.ts";
import { ClusterContext } from "../../src/kafka/cluster/cluster-context.ts";
import { createWorld, startCluster } from "../../src/kafka/cluster/start-cluster.ts";
import { transition } from "../../src/kafka/cluster/transition.ts";
import type { World } from "../../src/kafka/cluster/world.ts";
import { linkKey, ownLink } from "../../src/kafka/network/links.ts";
import { onNodeUp } from "../../src/kafka/network/network.ts";
import { createKafkaProducer, type KafkaProducer } from "../../src/kafka/producer/kafka-producer.ts";
import type { ClusterSpec, TopicSpec } from "../../src/kafka/protocol/cluster-spec.ts";
import type { RequestBody, ResponseOf } from "../../src/kafka/protocol/messages.ts";
import { producerSettings } from "../../src/kafka/protocol/producer-settings.ts";
import type { TraceEvent } from "../../src/kafka/protocol/trace-events.ts";
import type { Chance } from "../../src/kernel/chance.ts";
import { createKernel, takeNext } from "../../src/kernel/kernel.ts";
import type { Fields, SenderTraceInput } from "../golden/sender-trace/input.ts";
import { programOf } from "../golden/sender-trace/program.ts";
import { Recorder } from "../golden/sender-trace/recorder.ts";
import { ScriptedCluster } from "../golden/sender-trace/scripted-cluster.ts";
import { silentRecords } from "../golden/sender-trace/silent-context.ts";

/**
 * Runs a case of sender-trace whose input has no faults with samsa's own brokers instead of scripted ones: real network, real brokers, real controller.
 * As in the recordings chance is taken out, a client is never late, and a warm producer knows all and is connected.
 */
const NAME = "p";
const WARM_MS = -10_000;
const FIRST_PRODUCER_ID = 1000;

interface Times {
  requestMs: number;
  responseMs: number;
  handleMs: number;
}

export function runSenderInCluster(input: SenderTraceInput, untilMs: number): { events: Fields[]; records: Fields[] } {
  return new SenderInCluster(input).run(untilMs);
}

class SenderInCluster {
  private readonly input: SenderTraceInput;
  private readonly kernel = createKernel(1);
  private readonly world: World;
  private readonly context: ClusterContext;
  private readonly producer: KafkaProducer;
  private readonly recorder = new Recorder(() => this.kernel.now);
  private readonly nodeOfConnection = new Map<number, number>();
  private readonly requestEvents = new Map<number, Fields>();
  private sendIds: number[] = [];
  private sendTopics: string[] = [];

  constructor(input: SenderTraceInput) {
    this.input = input;
    this.world = createWorld(specOf(input));
    this.context = new ClusterContext(this.kernel, this.world, silentRecords, (event) => {
      if (event.node === NAME) this.onTrace(event);
    });
    let stickyDraws = 0;
    const chance: Chance = { int31: (stream) => (stream.startsWith("producer/") ? stickyDraws++ : 0), below: () => 0, jitter: () => 1 };
    const { context } = this;
    const transport = {
      connect: (from: string, to: string) => this.onConnect(from, to),
      sendRequest: (connection: number, from: string, correlationId: number, body: RequestBody) => {
        if (from === NAME) this.onRequest(correlationId, body);
        ClusterContext.prototype.sendRequest.call(context, connection, from, correlationId, body);
      },
      sendResponse: ClusterContext.prototype.sendResponse.bind(context),
      close: ClusterContext.prototype.close.bind(context),
    };
    Object.assign(context, { chance, transport });
    for (const id of input.brokers) {
      const { requestMs, responseMs } = timesOf(input, id);
      ownLink(this.world.network.links, NAME, String(id)).latencyMs = requestMs;
      ownLink(this.world.network.links, String(id), NAME).latencyMs = responseMs;
    }
    startCluster(context);
    // The brokers have given out producer ids before; else the first request makes them fetch a block, and is answered with an error.
    for (const broker of Object.values(this.world.brokers))
      Object.assign(broker.producerIds, { firstId: FIRST_PRODUCER_ID, nextId: FIRST_PRODUCER_ID, endId: 2 * FIRST_PRODUCER_ID });
    const client = this.world.producers[NAME]!;
    Object.assign(this.world.nodes[NAME]!, { state: "up", life: 1 });
    onNodeUp(this.world.network, NAME);
    client.bootstrapNodes = [String(input.brokers[0])];
    this.producer = createKafkaProducer(NAME, client.bootstrapNodes, producerSettings(client.configs));
    this.producer.networkClient.lateMs = 0;
    if (input.start === "warm") this.warmUp();
    setProgram(client, this.program());
    startProducerClientWith(client, this.producer, context);
  }

  private warmUp(): void {
    const { metadata, networkClient, transactionManager } = this.producer;
    for (const { topic } of this.input.partitions) addTopic(metadata, topic, WARM_MS);
    updateMetadata(
      metadata,
      { topics: null, requestVersion: metadata.requestVersion, isPartialUpdate: false },
      metadataOf(this.input),
      WARM_MS,
    );
    const { network, brokers } = this.world;
    for (const id of this.input.brokers) {
      const tcp = network.nextConnection++;
      const direction = (from: string, to: string) => ({ link: linkKey(from, to), lost: false, lastArrivalMs: 0 });
      const ends = { client: NAME, server: String(id), clientOpen: true, serverOpen: true, ended: false };
      network.connections[tcp] = { ...ends, toServer: direction(NAME, String(id)), toClient: direction(String(id), NAME) };
      onAccepted(brokers[id]!, tcp, NAME);
      this.nodeOfConnection.set(tcp, id);
      const connection = createConnection(id, String(id), networkClient.settings, this.context);
      networkClient.connections[id] = Object.assign(connection, { state: "READY", established: true, tcp, lastConnectAttemptMs: WARM_MS });
    }
    if (transactionManager === null) return;
    transactionManager.state = "READY";
    transactionManager.producerId = FIRST_PRODUCER_ID;
    transactionManager.producerEpoch = 0;
  }

  private program(): ProgramStep[] {
    const { steps, sendIds, sendTopics } = programOf(this.input);
    this.sendIds = sendIds;
    this.sendTopics = sendTopics;
    return steps;
  }

  run(untilMs: number): { events: Fields[]; records: Fields[] } {
    for (let event = takeNext(this.kernel, untilMs); event !== undefined; event = takeNext(this.kernel, untilMs))
      transition(this.context, event);
    this.recorder.flush();
    return {
      events: this.recorder.events,
      records: [...this.recorder.records.values()].sort((a, b) => (a.id as number) - (b.id as number)),
    };
  }

  /** The client knows its bootstrap server as broker -1, which the network cannot tell from the broker that it is. */
  private onConnect(from: string, to: string): number {
    const connection = ClusterContext.prototype.connect.call(this.context, from, to);
    if (from === NAME) {
      const { connections } = this.producer.networkClient;
      const nodeId = Object.values(connections).find(({ peer, state, tcp }) => peer === to && state === "CONNECTING" && tcp < 0)!.nodeId;
      this.nodeOfConnection.set(connection, nodeId);
      this.recorder.log("connect", { broker: nodeId });
    }
    return connection;
  }

  private onRequest(correlationId: number, body: RequestBody): void {
    const event = this.requestEvents.get(correlationId)!;
    event.api = body.api;
    if (body.api !== "Produce") return;
    const request = Object.values(this.producer.networkClient.connections)
      .flatMap(({ inFlight }) => inFlight)
      .find((candidate) => candidate.correlationId === correlationId)!;
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

  private idsOf(runs: number[]): number[] {
    const ids: number[] = [];
    for (let i = 0; i < runs.length; i += 2) for (let id = 0; id < runs[i + 1]!; id++) ids.push(this.sendIds[runs[i]! + id]!);
    return ids;
  }

  private onTrace({ type, fields: given }: TraceEvent): void {
    const { recorder } = this;
    const fields = given as Record<string, never>;
    const broker = this.nodeOfConnection.get(fields.connection!);
    switch (type) {
      case "connected":
        recorder.log("connected", { broker });
        break;
      case "disconnected":
        recorder.log("disconnected", { broker });
        break;
      case "request-sent":
        this.requestEvents.set(fields.correlationId!, recorder.log("request", { broker }));
        break;
      case "response-received":
        recorder.log("response", { broker, api: fields.api });
        break;
      case "batch-completed":
        recorder.completed(fields.topicPartition!, this.idsOf(fields.ids!), fields.baseOffset!);
        break;
      case "batch-failed":
        recorder.failed(fields.topicPartition!, this.idsOf(fields.ids!), fields.error!, fields.message!);
        break;
      case "record-failed": {
        const partition = fields.topicPartition === "" ? `${this.sendTopics[fields.recordId!]}--1` : fields.topicPartition!;
        recorder.failed(partition, [this.sendIds[fields.recordId!]!], fields.error!, fields.message!);
        break;
      }
      case "send-blocked":
        recorder.log("blocked", { id: this.sendIds[fields.recordId!], on: fields.waitsFor });
        break;
      case "send-unblocked":
        recorder.log("unblocked", { id: this.sendIds[fields.recordId!] });
        break;
      case "send-threw":
        recorder.log("sendThrew", { id: this.sendIds[fields.recordId!], error: fields.error, message: fields.message });
        break;
      case "batch-split": {
        const { batches } = this.producer.accumulator;
        const of = (batch: number) => this.idsOf(batches[batch]!.ids);
        recorder.log("split", { partition: fields.topicPartition, ids: of(fields.batch!), into: (fields.into! as number[]).map(of) });
        break;
      }
      default:
    }
  }
}

function timesOf(input: SenderTraceInput, broker: number): Times {
  return { requestMs: 1, responseMs: 1, handleMs: 0, ...input.network, ...(input.network?.[broker] as object | undefined) };
}

/** One replica a partition, so that nothing but the broker itself decides when it answers. Its work takes handleMs a request. */
function specOf(input: SenderTraceInput): ClusterSpec {
  const topics: Record<string, TopicSpec> = {};
  const limit: Record<string, string> = input.maxMessageBytes == null ? {} : { "max.message.bytes": String(input.maxMessageBytes) };
  for (const { topic, partition, leader } of input.partitions) {
    topics[topic] ??= { name: topic, partitions: 0, replicationFactor: 1, assignment: [], configs: { ...limit } };
    topics[topic].partitions += 1;
    topics[topic].assignment![partition] = [leader];
  }
  return {
    seed: 1,
    controllers: [101],
    controllerFailoverMs: 1000,
    brokers: input.brokers.map((id) => ({
      id,
      rack: null,
      configs: {},
      costs: { perRequestMicros: timesOf(input, id).handleMs * 1000, perKilobyteMicros: 0 },
    })),
    brokerConfigs: { "offsets.topic.num.partitions": "1", "offsets.topic.replication.factor": "1" },
    topics: Object.values(topics),
    producers: [
      {
        name: NAME,
        configs: Object.fromEntries(Object.entries(input.configs).map(([key, value]) => [key, String(value)])),
        workload: {
          topic: "t",
          recordsPerSecond: 0,
          count: null,
          valueSizeBytes: 0,
          keys: "none",
          keyCount: 1,
          mode: "async",
          records: null,
        },
        startAtMs: 1_000_000_000,
      },
    ],
    groups: [],
    network: { latencyMs: 1, bandwidthBytesPerSecond: null },
  };
}

function metadataOf(input: SenderTraceInput): ResponseOf<"Metadata"> {
  return new ScriptedCluster(input, { now: () => 0, schedule() {}, toClient() {} }).metadata(null);
}
