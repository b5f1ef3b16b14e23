/**
 * Sends a broker's wishes to change ISRs to the controller: all that have gathered in one request, one request at a time.
 * Models kafka.server.DefaultAlterPartitionManager.
 */
import { Phase } from "../../kernel/event.ts";
import type { Context } from "../protocol/context.ts";
import type { RequestOf, ResponseBody } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import { sendToController } from "./node-to-controller-channel.ts";
import { onAlterPartitionAnswered } from "./partition-isr.ts";

type AlterPartitionItem = RequestOf<"AlterPartition">["partitions"][number];

export interface AlterPartitionManager {
  /** In order of asking; one for each partition. */
  unsent: AlterPartitionItem[];
  /** Partitions of the request in flight with the leader epochs in which they ask. */
  inFlight: { topicPartition: string; leaderEpoch: number }[];
  requestInFlight: boolean;
}

const RETRY_MS = 50;
export const ALTER_PARTITION_RETRY = "alter-partition-retry";

export function createAlterPartitionManager(): AlterPartitionManager {
  return { unsent: [], inFlight: [], requestInFlight: false };
}

/** Returns false if something is already asked for the partition. */
export function submitAlterPartition(broker: Broker, item: AlterPartitionItem, context: Context): boolean {
  const manager = broker.alterPartitions;
  if (manager.unsent.some(({ topicPartition }) => topicPartition === item.topicPartition)) return false;
  if (manager.inFlight.some(({ topicPartition }) => topicPartition === item.topicPartition)) return false;
  manager.unsent.push(item);
  maybeSend(broker, context);
  return true;
}

function maybeSend(broker: Broker, context: Context): void {
  const manager = broker.alterPartitions;
  if (manager.requestInFlight || manager.unsent.length === 0) return;
  manager.requestInFlight = true;
  manager.inFlight = manager.unsent.map(({ topicPartition, leaderEpoch }) => ({ topicPartition, leaderEpoch }));
  const partitions = manager.unsent.map((item) => ({
    topicPartition: item.topicPartition,
    leaderEpoch: item.leaderEpoch,
    partitionEpoch: item.partitionEpoch,
    newIsr: item.newIsr.map(({ brokerId, brokerEpoch }) => ({ brokerId, brokerEpoch })),
    leaderRecoveryState: item.leaderRecoveryState,
  }));
  const { brokerEpoch } = broker.lifecycle;
  sendToController(
    broker,
    "alter-partition",
    { api: "AlterPartition", brokerId: broker.id, brokerEpoch, partitions },
    "alter-partition",
    context,
  );
}

export function onAlterPartitionReply(broker: Broker, reply: ResponseBody | null, context: Context): void {
  const manager = broker.alterPartitions;
  manager.requestInFlight = false;
  if (reply === null || reply.api !== "AlterPartition" || reply.error !== "NONE") {
    // The whole request failed: what it asked for is asked again.
    manager.inFlight = [];
    context.schedule(context.now + RETRY_MS, Phase.Timer, broker.nodeId, ALTER_PARTITION_RETRY, {});
    return;
  }
  const asked = manager.inFlight.map(({ topicPartition, leaderEpoch }) => ({ topicPartition, leaderEpoch }));
  manager.inFlight = [];
  const kept: AlterPartitionItem[] = [];
  const cause = context.cause;
  for (const item of manager.unsent) {
    const place = asked.find(({ topicPartition }) => topicPartition === item.topicPartition);
    if (place === undefined) kept.push(item);
  }
  const answered = manager.unsent;
  manager.unsent = kept;
  for (const { topicPartition, leaderEpoch } of asked) {
    const answer = reply.partitions.find((partition) => partition.topicPartition === topicPartition);
    context.cause = cause;
    const again = answer === undefined ? false : onAlterPartitionAnswered(broker, leaderEpoch, answer, context);
    const item = again ? answered.find((candidate) => candidate.topicPartition === topicPartition) : undefined;
    if (item !== undefined) manager.unsent.push(item);
  }
  maybeSend(broker, context);
}

export function onAlterPartitionRetry(broker: Broker, context: Context): void {
  maybeSend(broker, context);
}

/** The broker's epoch or leadership changed: what it wanted in another epoch is not asked any more. */
export function dropUnsent(broker: Broker, topicPartition: string): void {
  const manager = broker.alterPartitions;
  if (manager.requestInFlight && manager.inFlight.some((item) => item.topicPartition === topicPartition)) return;
  const place = manager.unsent.findIndex((item) => item.topicPartition === topicPartition);
  if (place !== -1) manager.unsent.splice(place, 1);
}
