/**
 * How a leader asks for a smaller or larger ISR, and what becomes of the answer.
 * Models maybeShrinkIsr, maybeExpandIsr and submitAlterPartition of kafka.cluster.Partition.
 */
import type { UnifiedLog } from "../log/unified-log.ts";
import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseOf } from "../protocol/messages.ts";
import { submitAlterPartition } from "./alter-partition-manager.ts";
import type { Broker } from "./broker.ts";
import { onHighWatermarkMoved } from "./delayed-operations.ts";
import { watchOutOfIsr } from "./fetch-session.ts";
import { isCaughtUp, isIsrEligible, maybeIncrementHighWatermark, type Partition, type RemoteReplica, remoteOf } from "./partition.ts";

/** Tested at each fetch of a follower: it joins once it has all that is committed and has come into the leader's epoch. */
export function maybeExpandIsr(broker: Broker, partition: Partition, remote: RemoteReplica, log: UnifiedLog, context: Context): void {
  if (partition.pendingIsr !== null || partition.isr.includes(remote.brokerId)) return;
  if (remote.logEndOffset < log.highWatermark || remote.logEndOffset < partition.leaderEpochStartOffset) return;
  if (!isIsrEligible(broker.image, remote)) return;
  const isr = [...partition.isr, remote.brokerId];
  partition.pendingIsr = { kind: "expand", isr: isr.slice() };
  // The high watermark waits for the newcomer from now on; acks=all and min.insync.replicas only when the controller has agreed.
  partition.maximalIsr = isr.slice();
  if (context.tracing)
    context.cause = context.trace("isr-expand-requested", broker.nodeId, {
      topicPartition: partition.topicPartition,
      added: [remote.brokerId],
      isr: isr.slice(),
    });
  submit(broker, partition, isr, context);
}

/** Every replica.lag.time.max.ms / 2: followers that have not caught up for longer than replica.lag.time.max.ms are to leave. */
export function onIsrExpirationCheck(broker: Broker, context: Context): void {
  const tickCause = context.cause;
  for (const topicPartition of Object.keys(broker.partitions)) {
    const partition = broker.partitions[topicPartition]!;
    if (partition.role !== "leader" || partition.isr.length < 2) continue;
    context.cause = tickCause;
    maybeShrinkIsr(broker, partition, context);
  }
}

function maybeShrinkIsr(broker: Broker, partition: Partition, context: Context): void {
  if (partition.pendingIsr !== null) return;
  const { logEndOffset } = broker.logs[partition.topicPartition]!;
  const removed = partition.isr.filter((id) => {
    const remote = id === broker.id ? null : remoteOf(partition, id);
    return remote !== null && !isCaughtUp(remote, logEndOffset, context.now, broker.settings.replicaLagTimeMaxMs);
  });
  if (removed.length === 0) return;
  const isr = partition.isr.filter((id) => !removed.includes(id));
  partition.pendingIsr = { kind: "shrink", isr: isr.slice() };
  if (context.tracing) {
    const silence =
      removed
        .map((id) => context.causeOfSilence(String(id), broker.nodeId, remoteOf(partition, id)!.lastCaughtUpTimeMs))
        .find((cause) => cause !== -1) ?? context.cause;
    const { topicPartition } = partition;
    context.cause = context.trace(
      "isr-shrink-requested",
      broker.nodeId,
      { topicPartition, removed, isr: isr.slice(), config: "replica.lag.time.max.ms" },
      silence,
    );
  }
  submit(broker, partition, isr, context);
}

function submit(broker: Broker, partition: Partition, isr: number[], context: Context): void {
  const { brokerEpoch } = broker.lifecycle;
  const newIsr = isr.map((brokerId) => ({
    brokerId,
    brokerEpoch: brokerId === broker.id ? brokerEpoch : (remoteOf(partition, brokerId)?.brokerEpoch ?? -1),
  }));
  const { topicPartition, leaderEpoch, partitionEpoch } = partition;
  const accepted = submitAlterPartition(
    broker,
    { topicPartition, leaderEpoch, partitionEpoch, newIsr, leaderRecoveryState: "RECOVERED" },
    context,
  );
  if (!accepted) revert(partition);
}

function revert(partition: Partition): void {
  partition.pendingIsr = null;
  partition.maximalIsr = partition.isr.slice();
}

type AlteredPartition = ResponseOf<"AlterPartition">["partitions"][number];

/** The controller has answered for one partition. Returns true if the same is to be asked again. */
export function onAlterPartitionAnswered(broker: Broker, leaderEpochAsked: number, answer: AlteredPartition, context: Context): boolean {
  const partition = broker.partitions[answer.topicPartition];
  if (partition === undefined || partition.pendingIsr === null || partition.role !== "leader" || partition.leaderEpoch !== leaderEpochAsked)
    return false;
  if (answer.error !== "NONE") return onRefused(broker, partition, answer.error, context);
  if (answer.leaderEpoch !== partition.leaderEpoch || answer.partitionEpoch < partition.partitionEpoch) return false;
  partition.isr = answer.isr.slice();
  partition.maximalIsr = answer.isr.slice();
  partition.pendingIsr = null;
  partition.partitionEpoch = answer.partitionEpoch;
  watchOutOfIsr(broker, partition);
  const log = broker.logs[partition.topicPartition]!;
  if (maybeIncrementHighWatermark(broker, partition, log, context)) onHighWatermarkMoved(broker, partition, context);
  return false;
}

function onRefused(broker: Broker, partition: Partition, error: ErrorName, context: Context): boolean {
  if (context.tracing)
    context.cause = context.trace("alter-partition-refused", broker.nodeId, { topicPartition: partition.topicPartition, error });
  switch (error) {
    case "OPERATION_NOT_ATTEMPTED":
    case "INELIGIBLE_REPLICA":
      revert(partition);
      return false;
    case "UNKNOWN_TOPIC_OR_PARTITION":
    case "FENCED_LEADER_EPOCH":
    case "INVALID_UPDATE_VERSION":
    case "INVALID_REQUEST":
    case "NEW_LEADER_ELECTED":
      // The controller knows something newer: it stays pending until the metadata says what.
      return false;
    default:
      return true;
  }
}
