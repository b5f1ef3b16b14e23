/** One shard of a group coordinator on the ordinary kernel, with a log that commits at once, and a feeder of requests. */

import {
  createGroupCoordinatorShard,
  type GroupCoordinatorSettings,
  type GroupCoordinatorShard,
  type GroupRequest,
  type GroupResult,
  type GroupTimer,
  onAppendCommitted,
  onAppendFailed,
  onGroupRequest,
  onGroupTimer,
  onShardLoaded,
} from "../../../src/kafka/group-coordinator/group-coordinator-shard.ts";
import { brokerSettings } from "../../../src/kafka/protocol/broker-settings.ts";
import type { Context } from "../../../src/kafka/protocol/context.ts";
import type { ResponseBody } from "../../../src/kafka/protocol/messages.ts";
import type { InternalRecord } from "../../../src/kafka/protocol/record-batch.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import { Phase, type SimEvent } from "../../../src/kernel/event.ts";
import { addEvent, createKernel, type Kernel, takeNext } from "../../../src/kernel/kernel.ts";

export interface Coordinator {
  kernel: Kernel;
  shard: GroupCoordinatorShard;
  settings: GroupCoordinatorSettings;
  context: Context;
  log: InternalRecord[];
  answers: { at: number; requestId: number; body: ResponseBody }[];
  committed: { topicPartition: string; offset: number }[];
  traced: { at: number; type: string; fields: Record<string, unknown>; cause: number }[];
  /** What the next append ends with instead of being committed; null: it is committed. */
  appendError: "NOT_ENOUGH_REPLICAS" | null;
  /** false: appends wait until commitAll. */
  commitAtOnce: boolean;
  waiting: GroupResult[];
  nextRequestId: number;
  silenceCause: number;
}

const ignored = (): void => undefined;

export function createCoordinator(configs: Record<string, string> = {}): Coordinator {
  const kernel = createKernel(1);
  const committed: Coordinator["committed"] = [];
  const traced: Coordinator["traced"] = [];
  let generated = 0;
  const coordinator: Coordinator = {
    kernel,
    shard: createGroupCoordinatorShard("1", "__consumer_offsets-0", 0),
    settings: brokerSettings(configs),
    log: [],
    answers: [],
    committed,
    traced,
    appendError: null,
    commitAtOnce: true,
    waiting: [],
    nextRequestId: 0,
    silenceCause: -1,
    context: {
      get now() {
        return kernel.now;
      },
      // The N-th member id ends in N.
      chance: { int31: () => ++generated, below: () => 0, jitter: () => 1 },
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
        returned: ignored,
        processed: ignored,
        committed: (_group, topicPartition, offset) => committed.push({ topicPartition, offset }),
      } satisfies RecordListener,
      transport: { connect: () => 0, sendRequest: ignored, sendResponse: ignored, close: ignored },
      tracing: true,
      cause: -1,
      causeOfSilence: () => coordinator.silenceCause,
      schedule: (at, phase, node, type, payload) => schedule(kernel, at, phase, node, type, payload),
      trace: (type, _node, fields, cause) => {
        traced.push({ at: kernel.now, type, fields: fields as Record<string, unknown>, cause: cause ?? -1 });
        return traced.length;
      },
    },
  };
  onShardLoaded(coordinator.shard, coordinator.context, coordinator.settings);
  return coordinator;
}

function schedule(kernel: Kernel, at: number, phase: Phase, node: string, type: string, payload: unknown): void {
  addEvent(kernel, { at, phase, seq: kernel.seq++, life: 0, node, type, payload, cause: -1 });
}

/** Returns the request's id; its answer appears in `answers`. */
export function submit(coordinator: Coordinator, body: GroupRequest): number {
  const requestId = coordinator.nextRequestId++;
  settle(coordinator, onGroupRequest(coordinator.shard, requestId, body, coordinator.context, coordinator.settings));
  return requestId;
}

/** A function is called when the request arrives: it may depend on what was answered before. */
export function submitAt(coordinator: Coordinator, at: number, body: GroupRequest | (() => GroupRequest)): void {
  schedule(coordinator.kernel, at, Phase.Delivery, "1", "request", body);
}

/** Handles all that is due up to `untilMs`; `after` is called after each event with what it was. */
export function runUntil(coordinator: Coordinator, untilMs: number, after: (event: SimEvent) => void = ignored): void {
  for (let event = takeNext(coordinator.kernel, untilMs); event !== undefined; event = takeNext(coordinator.kernel, untilMs)) {
    coordinator.context.cause = -1;
    if (event.type === "request")
      submit(coordinator, typeof event.payload === "function" ? event.payload() : (event.payload as GroupRequest));
    else settle(coordinator, onGroupTimer(coordinator.shard, event.payload as GroupTimer, coordinator.context, coordinator.settings));
    after(event);
  }
  coordinator.kernel.now = untilMs;
}

function settle(coordinator: Coordinator, result: GroupResult): void {
  if (result.appendId !== -1 && !coordinator.commitAtOnce) {
    publish(coordinator, { ...result, answers: result.answers.filter((answer) => !answer.afterCommit) });
    coordinator.waiting.push({ ...result, answers: result.answers.filter((answer) => answer.afterCommit) });
    return;
  }
  commit(coordinator, result);
}

export function commitAll(coordinator: Coordinator): void {
  for (const result of coordinator.waiting.splice(0)) commit(coordinator, result);
}

function commit(coordinator: Coordinator, result: GroupResult): void {
  const { shard, context, appendError } = coordinator;
  if (result.appendId === -1) return publish(coordinator, result);
  if (appendError !== null) {
    publish(coordinator, { ...result, answers: result.answers.filter((answer) => !answer.afterCommit) });
    publish(coordinator, onAppendFailed(shard, result.appendId, appendError, context));
    return;
  }
  coordinator.log.push(...result.records);
  publish(coordinator, result);
  publish(coordinator, onAppendCommitted(shard, result.appendId, context));
}

function publish(coordinator: Coordinator, result: GroupResult): void {
  for (const { requestId, body } of result.answers) coordinator.answers.push({ at: coordinator.kernel.now, requestId, body });
}

export function answerTo(coordinator: Coordinator, requestId: number): ResponseBody | null {
  return coordinator.answers.find((answer) => answer.requestId === requestId)?.body ?? null;
}
