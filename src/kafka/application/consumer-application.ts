/**
 * The application thread around a consumer, as a program in data: poll, process each record, commit; one thread, blocked on one thing.
 * Models the loop that Kafka's documentation of KafkaConsumer shows. Left out: several threads, seek, pause of partitions by the application.
 */
import type { GroupSpec, MemberSpec } from "../cluster/cluster-spec.ts";
import type { Context } from "../protocol/context.ts";
import type { KafkaConsumer } from "../consumer/kafka-consumer.ts";

/** A consumer's node: its process with the application thread and the KafkaConsumer in it. */
export interface ConsumerClient {
  readonly name: string;
  readonly group: string;
  topics: string[];
  /** Over the defaults: the group's, then the member's; group.id and client.id are set by the client itself. */
  configs: Record<string, string>;
  bootstrapNodes: string[];
  processing: { perRecordMicros: number; commit: "auto" | "after" | "before" | "none" };
  status: "not-started" | "running" | "closing" | "closed" | "killed" | "failed";
  /** The error that ended the program; "" without one. */
  failure: string;
  thread: ApplicationThread;
  consumer: KafkaConsumer | null;
  /** Counts starts: events of an earlier life are void. */
  life: number;
}

/** What the application is doing now. */
export interface ApplicationThread {
  state: "idle" | "polling" | "processing" | "committing" | "closing";
  /** processing: what poll() returned, as ranges [from, to) per partition. */
  batch: { topicPartition: string; from: number; to: number }[];
  records: number;
  /** processing: when it will be done (virtual ms, and the whole microseconds that the thread has been busy beyond it). */
  untilMs: number;
  busyUntilMicros: number;
  /** Work of an earlier step is void: the number of the step. */
  step: number;
}

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
    thread: { state: "idle", batch: [], records: 0, untilMs: 0, busyUntilMicros: 0, step: 0 },
    consumer: null,
    life: 0,
  };
}

export function startConsumerClient(client: ConsumerClient, context: Context): void {
  throw new Error(`not written yet: ${client.name} ${context.now}`);
}

/** The single entry of everything that happens at the node. */
export function onConsumerClientEvent(client: ConsumerClient, type: string, payload: unknown, context: Context): void {
  throw new Error(`not written yet: ${client.name} ${type} ${String(payload)} ${context.now}`);
}

/** close(): commits (auto), leaves the group, closes its connections. */
export function stopConsumerClient(client: ConsumerClient, context: Context): void {
  throw new Error(`not written yet: ${client.name} ${context.now}`);
}

/** The process is gone; the network resets its connections by itself. */
export function killConsumerClient(client: ConsumerClient, context: Context): void {
  throw new Error(`not written yet: ${client.name} ${context.now}`);
}

/** enforceRebalance(): the member rejoins at its next poll. */
export function triggerRebalance(client: ConsumerClient, context: Context): void {
  throw new Error(`not written yet: ${client.name} ${context.now}`);
}
