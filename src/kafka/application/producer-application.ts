import { Phase } from "../../kernel/event.ts";
import {
  CALL_RESUMED,
  type CallState,
  close,
  createKafkaProducer,
  flush,
  get,
  type KafkaProducer,
  onProducerEvent,
  resumeCallOf,
  sendRecords,
  startProducer,
} from "../producer/kafka-producer.ts";
import type { ProducerStatistics } from "../producer/producer-state.ts";
import { createStatistics } from "../producer/statistics.ts";
import type { ProducerSpec } from "../protocol/cluster-spec.ts";
import type { Context, NodeId } from "../protocol/context.ts";
import { producerSettings } from "../protocol/producer-settings.ts";
import { type CallResult, CLOSE_TIMEOUT_MS, type ProgramStep } from "./producer-program.ts";
import { createWorkloadState, nextStepAt, setRate, takeStep, type WorkloadState } from "./producer-workload.ts";

/**
 * A producer's node: its process with the application's thread and the KafkaProducer in it.
 * The thread is blocked on one thing at a time; a call whose time has passed starts at the instant the one before returns.
 */
export interface ProducerClient {
  readonly name: NodeId;
  /** What its next start uses. */
  configs: Record<string, string>;
  bootstrapNodes: NodeId[];
  status: ProducerStatus;
  thread: ProducerThread;
  load: WorkloadState;
  /** null: the process is down. */
  producer: KafkaProducer | null;
  /** Ids of its records go on over all its lives. */
  nextRecordId: number;
  /** Of earlier lives, while the process is down. */
  statistics: ProducerStatistics | null;
}

export type ProducerStatus = "not-started" | "running" | "closing" | "stopped" | "killed";

export interface ProducerThread {
  /** running: between two calls. waiting: for the time of the next step. blocked: in a call. ended: no step is left. */
  state: "not-started" | "running" | "waiting" | "blocked" | "ended";
  /** The step whose call is going on, with the records of it that are left (send-and-get makes one call a record). */
  step: ProgramStep | null;
  stepIsGetting: boolean;
  /** A list of steps instead of the workload. */
  program: ProgramStep[] | null;
  nextStep: number;
  /** A turn that was scheduled under another generation is stale. */
  generation: number;
  wakesAtMs: number;
  mustClose: boolean;
  /** How calls other than send() went. */
  calls: CallResult[];
}

/** The event of the thread's next turn; payload { generation }. */
export const APPLICATION_TURN = "application-turn";

const MOST_CALLS_KEPT = 64;

export function createProducerClient(spec: ProducerSpec, bootstrapNodes: NodeId[]): ProducerClient {
  return {
    name: spec.name,
    configs: { ...spec.configs },
    bootstrapNodes: bootstrapNodes.slice(),
    status: "not-started",
    thread: createThread(null),
    load: createWorkloadState(spec.workload),
    producer: null,
    nextRecordId: 0,
    statistics: createStatistics(),
  };
}

function createThread(program: ProgramStep[] | null): ProducerThread {
  return {
    state: "not-started",
    step: null,
    stepIsGetting: false,
    program,
    nextStep: 0,
    generation: 0,
    wakesAtMs: -1,
    mustClose: false,
    calls: [],
  };
}

/** Counts over all lives. */
export function statisticsOf(client: ProducerClient): ProducerStatistics {
  return client.producer?.statistics ?? client.statistics!;
}

/** Runs these steps instead of its workload; to be called before it starts. */
export function setProgram(client: ProducerClient, program: ProgramStep[]): void {
  client.thread.program = program;
}

export function startProducerClient(client: ProducerClient, context: Context): void {
  const producer = createKafkaProducer(client.name, client.bootstrapNodes, producerSettings(client.configs));
  startProducerClientWith(client, producer, context);
}

/** For a driver that prepares the producer itself. */
export function startProducerClientWith(client: ProducerClient, producer: KafkaProducer, context: Context): void {
  if (client.statistics !== null) producer.statistics = client.statistics;
  client.statistics = null;
  client.producer = producer;
  client.status = "running";
  const generation = client.thread.generation + 1;
  client.thread = createThread(client.thread.program);
  client.thread.generation = generation;
  setRate(client.load, client.load.recordsPerSecond, context.now);
  startProducer(producer, context);
  scheduleTurn(client, context.now, context);
}

function scheduleTurn(client: ProducerClient, at: number, context: Context): void {
  const { thread } = client;
  thread.generation += 1;
  thread.wakesAtMs = at;
  context.schedule(Math.max(at, context.now), Phase.Application, client.name, APPLICATION_TURN, { generation: thread.generation });
}

/** The single entry of everything that happens at the node. */
export function onProducerClientEvent(client: ProducerClient, type: string, payload: unknown, context: Context): void {
  const { producer, thread } = client;
  if (producer === null) return;
  if (type === APPLICATION_TURN) {
    if ((payload as { generation: number }).generation === thread.generation) runThread(client, context);
  } else if (type === CALL_RESUMED) {
    if (resumeCallOf(producer, payload, context) === "returned" && afterCall(client, context) === "returned") runThread(client, context);
  } else onProducerEvent(producer, type, payload, context);
}

/** Makes one call after the other until one blocks, or the next is not due yet. */
function runThread(client: ProducerClient, context: Context): void {
  const { thread } = client;
  for (;;) {
    if (client.status === "stopped") return;
    thread.state = "running";
    if (thread.step === null) {
      if (thread.mustClose && client.status === "running") thread.step = { do: "close", at: context.now, timeoutMs: CLOSE_TIMEOUT_MS };
      else if (client.status === "closing") return;
      else {
        const at = nextAt(client);
        if (at === null) {
          thread.state = "ended";
          return;
        }
        if (at > context.now) {
          thread.state = "waiting";
          scheduleTurn(client, at, context);
          return;
        }
        thread.step = takeNextStep(client, context);
      }
    }
    if (startCall(client, context) === "blocked" || afterCall(client, context) === "blocked") {
      thread.state = "blocked";
      return;
    }
  }
}

function nextAt(client: ProducerClient): number | null {
  const { program, nextStep } = client.thread;
  if (program !== null) return program[nextStep]?.at ?? null;
  return nextStepAt(client.load);
}

function takeNextStep(client: ProducerClient, context: Context): ProgramStep {
  const { program } = client.thread;
  if (program === null) return takeStep(client.load, client.name, context.now, context);
  const step = program[client.thread.nextStep]!;
  client.thread.nextStep += 1;
  return { ...step };
}

function startCall(client: ProducerClient, context: Context): CallState {
  const { thread } = client;
  const producer = client.producer!;
  const step = thread.step!;
  if (step.do === "flush" || step.do === "close") {
    thread.calls.push({ do: step.do, at: step.at, startedAtMs: context.now, returnedAtMs: -1 });
    if (thread.calls.length > MOST_CALLS_KEPT) thread.calls.shift();
    if (step.do === "flush") return flush(producer, context);
    client.status = "closing";
    return close(producer, step.timeoutMs, context);
  }
  const { topic, partition, keyHash, fieldsBytes } = step;
  const firstId = client.nextRecordId;
  const count = step.do === "send" ? step.count : 1;
  client.nextRecordId += count;
  return sendRecords(producer, { topic, partition, keyHash, fieldsBytes, firstId, count }, context);
}

/** The present call has returned: the step is over, or goes on with its next call. */
function afterCall(client: ProducerClient, context: Context): CallState {
  const { thread } = client;
  const step = thread.step!;
  if (step.do === "send-and-get") {
    const producer = client.producer!;
    if (!thread.stepIsGetting && get(producer, producer.lastSendBatch, client.nextRecordId - 1, context) === "blocked") {
      thread.stepIsGetting = true;
      return "blocked";
    }
    thread.stepIsGetting = false;
    step.count -= 1;
    if (step.count > 0) return "returned";
  } else if (step.do !== "send") {
    const call = thread.calls[thread.calls.length - 1]!;
    call.returnedAtMs = context.now;
    if (step.do === "close") {
      client.status = "stopped";
      thread.program = null;
      thread.state = "ended";
    }
  }
  thread.step = null;
  return "returned";
}

/** SIGTERM: the present call returns first, then the producer closes in order. status becomes "stopped". */
export function stopProducerClient(client: ProducerClient, context: Context): void {
  if (client.producer === null) {
    client.status = "stopped";
    return;
  }
  client.thread.mustClose = true;
  if (client.thread.state === "waiting" || client.thread.state === "ended" || client.thread.state === "not-started")
    scheduleTurn(client, context.now, context);
}

/** SIGKILL: everything volatile is gone. What was not acknowledged stays as it is for whoever counts. */
export function killProducerClient(client: ProducerClient, _context: Context): void {
  if (client.producer !== null) client.statistics = client.producer.statistics;
  client.producer = null;
  if (client.status !== "stopped" && client.status !== "not-started") client.status = "killed";
  client.thread.state = "ended";
  client.thread.generation += 1;
}

/** The rate from now on. */
export function changeLoad(client: ProducerClient, recordsPerSecond: number, context: Context): void {
  setRate(client.load, recordsPerSecond, context.now);
  if (context.tracing) context.trace("workload-changed", client.name, { recordsPerSecond });
  const { state } = client.thread;
  if (client.producer !== null && client.status === "running" && (state === "waiting" || state === "ended"))
    scheduleTurn(client, context.now, context);
}
