import type { ConnectionId, NodeId } from "../../../src/kafka/protocol/context.ts";
import type { ErrorName } from "../../../src/kafka/protocol/errors.ts";
import type { RequestBody, RequestOf, ResponseBody, ResponseOf } from "../../../src/kafka/protocol/messages.ts";
import { Phase } from "../../../src/kernel/event.ts";
import type { Fault, Fields, SenderTraceInput } from "./input.ts";
import { appendToLog, createLogs, type ScriptedPartition } from "./scripted-log.ts";

/** The scripted brokers and the links to them: all that a case scripts besides the application. */
export interface Broker {
  id: number;
  requestMs: number;
  responseMs: number;
  handleMs: number;
  isDown: boolean;
  isUnreachable: boolean;
  produceCount: number;
}

export interface Connection {
  id: ConnectionId;
  /** As the client knows it: -1 for the bootstrap server. */
  nodeId: number;
  broker: Broker;
  established: boolean;
  closed: boolean;
  serverClosed: boolean;
  requestsLost: boolean;
  responsesLost: boolean;
  isBusy: boolean;
  queue: { correlationId: number; body: RequestBody; number: number }[];
}

/** Something that will happen on the network, and whether it still matters to anybody. */
interface Pending {
  isLive: () => boolean;
}

/** What the cluster asks of the driver. */
export interface Surroundings {
  now(): number;
  schedule(at: number, phase: Phase, run: () => void): void;
  toClient(type: "connected" | "disconnected" | "response", payload: unknown): void;
}

const AFTER_APPEND = ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "REQUEST_TIMED_OUT"];

export class ScriptedCluster {
  readonly brokers: Broker[];
  readonly logs: Map<string, ScriptedPartition>;
  readonly connections: Connection[] = [];
  /** By correlation id: how the recording shows the response. */
  readonly responseFields = new Map<number, Fields>();
  nextProducerId = 1000;
  private readonly input: SenderTraceInput;
  private readonly around: Surroundings;
  private readonly pending = new Set<Pending>();
  private readonly apiCounts = new Map<string, number>();

  constructor(input: SenderTraceInput, around: Surroundings) {
    this.input = input;
    this.around = around;
    this.logs = createLogs(input);
    this.brokers = input.brokers.map((id) => {
      const times = { requestMs: 1, responseMs: 1, handleMs: 0, ...input.network, ...(input.network?.[id] as object | undefined) };
      const { requestMs, responseMs, handleMs } = times;
      return { id, requestMs, responseMs, handleMs, isDown: false, isUnreachable: false, produceCount: 0 };
    });
    for (const fault of input.faults ?? [])
      if (fault.at !== undefined)
        this.at(
          fault.at,
          Phase.Command,
          () => true,
          () => this.apply(fault),
        );
  }

  hasLiveEvents(): boolean {
    for (const pending of this.pending) if (pending.isLive()) return true;
    return false;
  }

  broker(id: number): Broker {
    return this.brokers.find((broker) => broker.id === id)!;
  }

  connectionById(id: ConnectionId): Connection {
    return this.connections[id]!;
  }

  private at(at: number, phase: Phase, isLive: () => boolean, run: () => void): void {
    const pending = { isLive };
    this.pending.add(pending);
    this.around.schedule(at, phase, () => {
      this.pending.delete(pending);
      run();
    });
  }

  private later(delayMs: number, isLive: () => boolean, run: () => void): void {
    this.at(this.around.now() + delayMs, Phase.Delivery, isLive, run);
  }

  open(nodeId: number, established: boolean): Connection {
    const broker = this.broker(nodeId < 0 ? this.input.brokers[0]! : nodeId);
    const flags = { closed: false, serverClosed: false, requestsLost: false, responsesLost: false, isBusy: false };
    const connection: Connection = { id: this.connections.length, nodeId, broker, established, ...flags, queue: [] };
    this.connections.push(connection);
    return connection;
  }

  connect(nodeId: number): ConnectionId {
    const connection = this.open(nodeId, false);
    const { broker } = connection;
    const isLive = () => !connection.closed;
    this.later(broker.requestMs, isLive, () => {
      if (connection.closed || broker.isUnreachable) return;
      const isRefused = broker.isDown;
      this.later(broker.responseMs, isLive, () => {
        if (connection.closed || connection.serverClosed) return;
        if (isRefused) {
          this.drop(connection, "refused");
          return;
        }
        connection.established = true;
        this.around.toClient("connected", { connection: connection.id, peer: this.peerOf(connection) });
      });
    });
    return connection.id;
  }

  private peerOf(connection: Connection): NodeId {
    return connection.nodeId < 0 ? "bootstrap" : String(connection.nodeId);
  }

  private drop(connection: Connection, reason: "closedByPeer" | "refused"): void {
    connection.closed = true;
    connection.serverClosed = true;
    this.around.toClient("disconnected", { connection: connection.id, peer: this.peerOf(connection), reason });
  }

  close(id: ConnectionId): void {
    this.connections[id]!.closed = true;
  }

  request(id: ConnectionId, correlationId: number, body: RequestBody): void {
    const connection = this.connections[id]!;
    const { broker } = connection;
    let number: number;
    if (body.api === "Produce") {
      broker.produceCount += 1;
      number = broker.produceCount;
    } else {
      number = -(1 + (this.apiCounts.get(body.api) ?? 0));
      this.apiCounts.set(body.api, -number);
    }
    if (this.fault(broker, body.api, number, "dropRequest") !== undefined) connection.requestsLost = true;
    if (connection.requestsLost) return;
    this.later(
      broker.requestMs,
      () => true,
      () => {
        if (connection.serverClosed) return;
        connection.queue.push({ correlationId, body, number });
        if (!connection.isBusy) this.handleNext(connection);
      },
    );
  }

  private fault(broker: Broker, api: string, number: number, then: Fault["then"]): Fault | undefined {
    return (this.input.faults ?? []).find(
      (fault) =>
        fault.then === then &&
        (number > 0 ? fault.broker === broker.id && fault.produceRequest === number : fault.api === api && fault.nth === -number),
    );
  }

  private handleNext(connection: Connection): void {
    if (connection.serverClosed) return;
    const next = connection.queue.shift();
    if (next === undefined) return;
    const { broker } = connection;
    const { correlationId, body, number } = next;
    connection.isBusy = true;
    const extraMs = this.fault(broker, body.api, number, "delay")?.ms ?? 0;
    const fields: Fields = { broker: connection.nodeId, api: body.api, correlationId };
    const { response, mustClose } = this.handle(broker, body, number, fields);
    this.responseFields.set(correlationId, fields);
    if (this.fault(broker, body.api, number, "dropResponse") !== undefined) connection.responsesLost = true;
    const finish = () => {
      connection.isBusy = false;
      if (connection.serverClosed) return;
      if (mustClose) {
        connection.serverClosed = true;
        connection.queue = [];
        this.later(
          broker.responseMs,
          () => !connection.closed,
          () => {
            if (!connection.closed) this.drop(connection, "closedByPeer");
          },
        );
        return;
      }
      if (response !== null && !connection.responsesLost)
        this.later(
          broker.responseMs,
          () => !connection.closed,
          () => {
            if (!connection.closed)
              this.around.toClient("response", {
                connection: connection.id,
                peer: this.peerOf(connection),
                correlationId,
                body: response,
                sizeBytes: 0,
              });
          },
        );
      this.handleNext(connection);
    };
    if (broker.handleMs + extraMs === 0) finish();
    else this.later(broker.handleMs + extraMs, () => !connection.closed || connection.queue.length > 0, finish);
  }

  private handle(broker: Broker, body: RequestBody, number: number, fields: Fields): { response: ResponseBody | null; mustClose: boolean } {
    switch (body.api) {
      case "ApiVersions":
        return { response: { api: "ApiVersions", error: "NONE" }, mustClose: false };
      case "Metadata":
        return { response: this.metadata(body.topics), mustClose: false };
      case "InitProducerId":
        return { response: this.initProducerId(number, fields), mustClose: false };
      case "Produce":
        return this.produce(broker, body, number, fields);
      default:
        throw new Error(`the scripted broker knows no ${body.api}`);
    }
  }

  private initProducerId(number: number, fields: Fields): ResponseBody {
    const error = (this.fault(this.brokers[0]!, "InitProducerId", number, "error")?.error ?? "NONE") as ErrorName;
    if (error !== "NONE") {
      fields.error = error;
      return { api: "InitProducerId", error, producerId: -1, producerEpoch: -1 };
    }
    const producerId = this.nextProducerId;
    this.nextProducerId += 1;
    Object.assign(fields, { producerId, producerEpoch: 0 });
    return { api: "InitProducerId", error, producerId, producerEpoch: 0 };
  }

  metadata(topics: string[] | null): ResponseOf<"Metadata"> {
    const known = [...new Set(this.input.partitions.map(({ topic }) => topic))];
    const wanted = [...new Set(topics ?? known)].sort();
    return {
      api: "Metadata",
      throttleTimeMs: 0,
      brokers: this.brokers.map(({ id }) => ({ nodeId: id, rack: null })),
      controllerId: this.brokers[0]!.id,
      topics: wanted.map((name) => ({
        error: known.includes(name) ? "NONE" : "UNKNOWN_TOPIC_OR_PARTITION",
        name,
        partitions: [...this.logs.values()]
          .filter((log) => log.topic === name)
          .map((log) => ({
            error: log.leader < 0 ? "LEADER_NOT_AVAILABLE" : "NONE",
            partition: log.partition,
            leaderId: log.leader,
            leaderEpoch: log.epoch,
            replicas: [],
            isr: [],
            offlineReplicas: [],
          })),
      })),
    };
  }

  private produce(
    broker: Broker,
    body: RequestOf<"Produce">,
    number: number,
    fields: Fields,
  ): { response: ResponseBody | null; mustClose: boolean } {
    const fault = this.fault(broker, "Produce", number, "error");
    const partitions: ResponseOf<"Produce">["partitions"] = [];
    const shown: Fields[] = [];
    for (const { topicPartition, batch } of body.partitions) {
      const log = this.logs.get(topicPartition)!;
      const scripted = (fault?.errors?.[topicPartition] ?? fault?.errors?.["*"]) as ErrorName | undefined;
      const isAfterAppend = scripted !== undefined && AFTER_APPEND.includes(scripted);
      let error: ErrorName = scripted === undefined || isAfterAppend ? "NONE" : scripted;
      let baseOffset = -1;
      let currentLeader: { leaderId: number; leaderEpoch: number } | null = null;
      if (error === "NONE" && log.leader !== broker.id) {
        error = "NOT_LEADER_OR_FOLLOWER";
        if (log.leaderInfo && log.leader >= 0) currentLeader = { leaderId: log.leader, leaderEpoch: log.epoch };
      }
      const told = scripted === undefined ? undefined : fault?.currentLeader?.[topicPartition];
      if (told !== undefined) currentLeader = { leaderId: told.leader, leaderEpoch: told.epoch };
      if (error === "NONE" && batch.sizeBytes > (this.input.maxMessageBytes ?? 2147483647)) error = "MESSAGE_TOO_LARGE";
      if (error === "NONE") {
        const result = appendToLog(log, batch);
        if (typeof result === "number") baseOffset = result;
        else error = result;
        if (error === "NONE" && isAfterAppend) {
          error = scripted;
          baseOffset = -1;
        }
      }
      partitions.push({
        topicPartition,
        error,
        errorMessage: null,
        baseOffset,
        logAppendTimeMs: -1,
        logStartOffset: error === "NONE" ? 0 : -1,
        currentLeader,
      });
      const leader = currentLeader === null ? undefined : { leader: currentLeader.leaderId, epoch: currentLeader.leaderEpoch };
      shown.push({ partition: topicPartition, ...(error === "NONE" ? { baseOffset } : { error }), currentLeader: leader });
    }
    const throttleTimeMs = this.fault(broker, "Produce", number, "throttle")?.ms ?? fault?.throttleMs ?? 0;
    if (throttleTimeMs > 0 || fault?.throttleMs !== undefined) fields.throttleMs = throttleTimeMs;
    fields.partitions = shown;
    if (body.acks === 0) return { response: null, mustClose: partitions.some(({ error }) => error !== "NONE") };
    return { response: { api: "Produce", throttleTimeMs, partitions, recordErrors: [] }, mustClose: false };
  }

  private apply(fault: Fault): void {
    if (fault.disconnect !== undefined) this.cut(fault.disconnect);
    if (fault.down !== undefined) {
      this.broker(fault.down).isDown = true;
      this.cut(fault.down);
    }
    if (fault.unreachable !== undefined) {
      this.broker(fault.unreachable).isUnreachable = true;
      for (const connection of this.connections) {
        if (connection.broker.id !== fault.unreachable || connection.closed) continue;
        connection.requestsLost = true;
        connection.responsesLost = true;
      }
    }
    if (fault.up !== undefined) Object.assign(this.broker(fault.up), { isDown: false, isUnreachable: false });
    for (const [topicPartition, leader] of Object.entries(fault.leader ?? {})) {
      const log = this.logs.get(topicPartition)!;
      Object.assign(log, { leader, epoch: log.epoch + 1, leaderInfo: fault.leaderInfo === true });
    }
    for (const topicPartition of fault.forgetProducers ?? []) this.logs.get(topicPartition)!.producers.clear();
  }

  /** The broker closes its connections: the client sees it at once. */
  private cut(brokerId: number): void {
    for (const connection of this.connections) {
      if (connection.broker.id !== brokerId || connection.closed) continue;
      connection.queue = [];
      this.drop(connection, connection.established ? "closedByPeer" : "refused");
    }
  }
}
