/**
 * The application around a consumer as a program in data: poll, process each record, commit; one thread, blocked on one thing.
 * Models the loop that Kafka's documentation of KafkaConsumer shows. A commit that fails because the group moves on or the coordinator cannot be reached in time is passed over, as such loops do;
 * anything else that is thrown ends the program, which closes its consumer. Left out: several threads, seek, rebalance listeners.
 */
import { Phase } from "../../kernel/event.ts";
import { POLL_RETURN } from "../client/network-client.ts";
import { requestRejoin } from "../consumer/abstract-coordinator.ts";
import { assignorOf } from "../consumer/assignors/all-assignors.ts";
import { rebalanceProtocolOf } from "../consumer/consumer-coordinator.ts";
import type { ReturnedRange } from "../consumer/fetcher.ts";
import {
  beginClose,
  beginRound,
  commitSync,
  continueClose,
  continueCommitSync,
  createKafkaConsumer,
  endRound,
  failConsumer,
  type KafkaConsumer,
  notifyNetwork,
  onNetworkEvent,
  poll,
  startLoop,
} from "../consumer/kafka-consumer.ts";
import type { GroupSpec, MemberSpec } from "../protocol/cluster-spec.ts";
import { consumerSettings } from "../protocol/consumer-settings.ts";
import type { Context } from "../protocol/context.ts";
import { createLatencyHistogram, type LatencyHistogram } from "../protocol/latency-histogram.ts";

/** A consumer's node: its process with the application's thread and the KafkaConsumer in it. */
export interface ConsumerClient {
  readonly name: string;
  readonly group: string;
  topics: string[];
  /** The group's, then the member's; group.id and client.id are added when it starts. */
  configs: Record<string, string>;
  bootstrapNodes: string[];
  processing: { perRecordMicros: number; commit: "auto" | "after" | "before" | "none" };
  status: ConsumerStatus;
  /** The error that ended the program; "" without one. */
  failure: string;
  thread: ApplicationThread;
  consumer: KafkaConsumer | null;
  /** Over all lives of the process. */
  recordsReturned: number;
  recordsProcessed: number;
  /** From the producer's timestamp to the return of poll(), by record. */
  latency: LatencyHistogram;
}

/** failed: the program ended by an exception and has closed its consumer. */
export type ConsumerStatus = "not-started" | "running" | "closing" | "stopped" | "killed" | "failed";

/** What the application is doing now. */
export interface ApplicationThread {
  state: "idle" | "polling" | "processing" | "committing" | "closing";
  /** What poll() returned and is not done yet. */
  batch: ReturnedRange[];
  records: number;
  /** Processing: the thread is busy until then, in whole microseconds. */
  busyUntilMicros: number;
  /** Processing: when its event comes. */
  untilMs: number;
  /** The number of the step: the event of an older one is void. */
  step: number;
  /** stop() was asked for and takes effect when the present call returns. */
  mustClose: boolean;
  polls: number;
}

/** What such loops catch around commitSync(): a later commit makes up for it, or another member has the partitions now. */
const passedOver: readonly string[] = ["RebalanceInProgressException", "CommitFailedException", "TimeoutException"];

/** Payload { step }. */
export const applicationResumeType = "application-resume";

export function createConsumerClient(group: GroupSpec, member: MemberSpec, bootstrapNodes: string[]): ConsumerClient {
  return {
    name: member.name,
    group: group.name,
    topics: group.topics.slice(),
    configs: { ...group.configs, ...member.configs },
    bootstrapNodes: bootstrapNodes.slice(),
    processing: { perRecordMicros: group.processing.perRecordMicros, commit: group.processing.commit },
    status: "not-started",
    failure: "",
    thread: idleThread(0),
    consumer: null,
    recordsReturned: 0,
    recordsProcessed: 0,
    latency: createLatencyHistogram(),
  };
}

function idleThread(step: number): ApplicationThread {
  return { state: "idle", batch: [], records: 0, busyUntilMicros: 0, untilMs: 0, step, mustClose: false, polls: 0 };
}

/** The client's configs as its constructor sees them. A program that commits by itself turns auto-commit off, unless it was set. */
export function effectiveConsumerConfigs(client: ConsumerClient): Record<string, string> {
  const configs: Record<string, string> = { "client.id": client.name, "group.id": client.group, ...client.configs };
  if (client.processing.commit !== "auto" && configs["enable.auto.commit"] === undefined) configs["enable.auto.commit"] = "false";
  return configs;
}

/** What of these configs samsa cannot run, in words for the author of a scenario; null: all well. */
export function unsupportedConsumerConfigs(configs: Readonly<Record<string, string>>): { key: string; message: string } | null {
  const settings = consumerSettings(configs);
  if (settings.groupProtocol === "consumer")
    return { key: "group.protocol", message: "group.protocol=consumer (KIP-848) is not modelled yet; use classic" };
  const key = "partition.assignment.strategy";
  const unknown = settings.assignors.find((name) => assignorOf(name) === undefined);
  if (unknown !== undefined)
    return {
      key,
      message: `${unknown}: an assignor of one's own is not modelled; there are range, roundrobin, sticky and cooperative-sticky`,
    };
  if (rebalanceProtocolOf(settings.assignors) === null) {
    return { key, message: "Specified assignors do not have commonly supported rebalance protocol" };
  }
  return null;
}

export function startConsumerClient(client: ConsumerClient, context: Context): void {
  client.consumer = createKafkaConsumer(client.name, effectiveConsumerConfigs(client), client.topics, client.bootstrapNodes, context.now);
  client.status = "running";
  client.failure = "";
  client.thread = idleThread(client.thread.step + 1);
  const thread = client.thread;
  thread.state = "polling";
  thread.busyUntilMicros = context.now * 1000;
  startLoop(client.consumer, context);
  scheduleResume(client, context.now, context);
}

/** The single entry of everything that happens at the node. */
export function onConsumerClientEvent(client: ConsumerClient, type: string, payload: unknown, context: Context): void {
  const { consumer } = client;
  if (consumer === null) return;
  if (type === POLL_RETURN) {
    if (!beginRound(consumer, payload, context)) return;
    runThread(client, context);
    if (client.consumer !== null) endRound(consumer, context);
    return;
  }
  if (onNetworkEvent(consumer, type, payload, context)) return;
  if (type !== applicationResumeType || (payload as { step: number }).step !== client.thread.step) return;
  if (client.thread.state === "processing") finishProcessing(client, context);
  runThread(client, context);
  if (client.consumer !== null) notifyNetwork(consumer, context);
}

/** close() once the call that the thread is in returns: commits (auto), leaves the group, closes the connections. */
export function stopConsumerClient(client: ConsumerClient, context: Context): void {
  const { consumer, thread } = client;
  if (consumer === null || client.status !== "running") {
    if (client.status !== "closing") client.status = "stopped";
    return;
  }
  client.status = "closing";
  thread.mustClose = true;
  // wakeup() gets a thread out of poll(); processing and committing are waited for.
  if (thread.state !== "polling" && thread.state !== "idle") return;
  runThread(client, context);
  if (client.consumer !== null) notifyNetwork(consumer, context);
}

/** The process is gone; the network resets its connections by itself. */
export function killConsumerClient(client: ConsumerClient, _context: Context): void {
  if (client.status === "running" || client.status === "closing") client.status = "killed";
  end(client);
}

/** enforceRebalance(): the member rejoins at its next poll(). */
export function triggerRebalance(client: ConsumerClient, context: Context): void {
  const { consumer, thread } = client;
  if (consumer === null || client.status !== "running") return;
  requestRejoin(consumer, "rebalance enforced by user");
  if (thread.state !== "polling") return;
  runThread(client, context);
  if (client.consumer !== null) notifyNetwork(consumer, context);
}

/** Everything that the thread can do now; it ends blocked in something. */
function runThread(client: ConsumerClient, context: Context): void {
  const { thread } = client;
  for (;;) {
    const { consumer } = client;
    if (consumer === null) return;
    if (consumer.error !== null && thread.state !== "closing") fail(client, consumer, context);
    switch (thread.state) {
      case "polling":
        if (thread.mustClose) {
          beginClosing(client, consumer, context);
          break;
        }
        if (!pollOnce(client, consumer, context)) {
          if (consumer.error !== null) break;
          return;
        }
        break;
      case "processing":
        return;
      case "committing":
        continueCommitSync(consumer, context);
        if (consumer.coordinator.commitSync?.outcome === null) return;
        finishCommit(client, consumer, context);
        break;
      case "closing":
        if (!continueClose(consumer, context)) return;
        client.status = client.failure === "" || client.thread.mustClose ? "stopped" : "failed";
        end(client);
        return;
      case "idle":
        return;
    }
  }
}

/** false: poll() waits. */
function pollOnce(client: ConsumerClient, consumer: KafkaConsumer, context: Context): boolean {
  const { thread } = client;
  const returned = poll(consumer, client.latency, context);
  if (returned === null) return false;
  thread.polls += 1;
  thread.batch = returned;
  thread.records = 0;
  for (const { topicPartition, from, to } of returned) {
    thread.records += to - from;
    context.records.returned(client.group, client.name, topicPartition, from, to, context.now);
    if (!context.tracing) continue;
    consumer.coordinator.lastPollCause = context.trace("records-returned", client.name, { group: client.group, topicPartition, from, to });
  }
  client.recordsReturned += thread.records;
  if (client.processing.commit === "before") beginCommit(client, consumer, context);
  else beginProcessing(client, context);
  return true;
}

/** Whole milliseconds are waited for by an event; what is left of the last one is carried on. */
function beginProcessing(client: ConsumerClient, context: Context): void {
  const { thread, processing } = client;
  thread.busyUntilMicros = Math.max(thread.busyUntilMicros, context.now * 1000) + thread.records * processing.perRecordMicros;
  const untilMs = Math.floor(thread.busyUntilMicros / 1000);
  if (untilMs <= context.now) {
    finishProcessing(client, context);
    return;
  }
  thread.state = "processing";
  scheduleResume(client, untilMs, context);
}

function finishProcessing(client: ConsumerClient, context: Context): void {
  const { thread, consumer } = client;
  for (const { topicPartition, from, to } of thread.batch)
    context.records.processed(client.group, client.name, topicPartition, from, to, context.now);
  client.recordsProcessed += thread.records;
  if (client.processing.commit === "after" && consumer !== null) beginCommit(client, consumer, context);
  else backToPoll(thread);
}

function backToPoll(thread: ApplicationThread): void {
  thread.state = "polling";
  thread.batch = [];
  thread.records = 0;
}

function beginCommit(client: ConsumerClient, consumer: KafkaConsumer, context: Context): void {
  client.thread.state = "committing";
  commitSync(consumer, context);
}

function finishCommit(client: ConsumerClient, consumer: KafkaConsumer, context: Context): void {
  const outcome = consumer.coordinator.commitSync!.outcome!;
  consumer.coordinator.commitSync = null;
  const goesOn = outcome === "NONE" || passedOver.includes(outcome);
  if (!goesOn) failConsumer(consumer, outcome, "", context);
  if (client.processing.commit === "before" && goesOn) beginProcessing(client, context);
  else backToPoll(client.thread);
}

function fail(client: ConsumerClient, consumer: KafkaConsumer, context: Context): void {
  const { error, message } = consumer.error!;
  client.failure = message === "" ? error : `${error}: ${message}`;
  client.status = "closing";
  beginClosing(client, consumer, context);
}

function beginClosing(client: ConsumerClient, consumer: KafkaConsumer, context: Context): void {
  client.thread.state = "closing";
  client.thread.step += 1;
  beginClose(consumer, context);
}

function end(client: ConsumerClient): void {
  client.consumer = null;
  client.thread = idleThread(client.thread.step + 1);
}

function scheduleResume(client: ConsumerClient, at: number, context: Context): void {
  client.thread.step += 1;
  client.thread.untilMs = at;
  context.schedule(at, Phase.Application, client.name, applicationResumeType, { step: client.thread.step });
}
