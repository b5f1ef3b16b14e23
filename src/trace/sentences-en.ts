import type { TraceFields, TraceType } from "../kafka/protocol/trace-events.ts";
import { by, commandDetails, duration, list, nodeName, plural, recordsOf } from "./words.ts";

export type Sentences = { [T in TraceType]: (fields: TraceFields[T], node: string) => string };

const name = (id: string | number): string => nodeName(String(id), "en");
const records = (ids: readonly number[]): string => recordsOf(ids, "en");
const Records = (ids: readonly number[]): string => records(ids).replace(/^r/, "R");
const was = (ids: readonly number[]): string => (ids.length === 2 && ids[1] === 1 ? "is" : "are");

export const english: Sentences = {
  command: (f) => `Command: ${f.command} ${commandDetails(f.target, f.details)}`.trimEnd(),
  narration: (f) => f.text,
  "node-killed": (_f, node) => `${name(node)} killed.`,
  "node-stopped": (_f, node) => `${name(node)} stopped.`,
  "node-started": (_f, node) => `${name(node)} started.`,
  "node-paused": (_f, node) => `${name(node)} hangs.`,
  "node-resumed": (f, node) => `${name(node)} goes on${f.held > 0 ? `; ${plural(f.held, "thing")} had waited` : ""}.`,
  "disk-lost": (_f, node) => `${name(node)} lost its disk: all its logs are gone.`,
  "link-changed": (f) =>
    `Link ${f.from} to ${f.to} ${f.cut ? "cut" : `open: ${f.latencyMs} ms${f.bandwidthBytesPerSecond > 0 ? `, ${f.bandwidthBytesPerSecond} B/s` : ""}`}.`,
  "connection-lost": (f, node) => `${name(node)}: connection to ${f.peer} carries nothing any more.`,
  connected: (f, node) => `${name(node)} connected to ${f.peer}.`,
  disconnected: (f, node) => `${name(node)} disconnected from ${f.peer} (${f.reason}).`,
  "request-sent": (f, node) => `${name(node)} sent ${f.api} to ${f.peer} (${f.sizeBytes} B).`,
  "response-received": (f, node) =>
    `${name(node)} got ${f.api} from ${f.peer}${f.error === "NONE" || f.error === "" ? "" : `: ${f.error}`}.`,
  "request-timed-out": (f, node) => `${name(node)} gave up on ${f.api} to ${f.peer} after ${duration(f.waitedMs)}${by(f.config)}.`,
  "metadata-updated": (f, node) => `${name(node)} has new metadata: brokers ${list(f.brokers, "none")}.`,
  "send-blocked": (f, node) => `${name(node)}: send() of record ${f.recordId} waits for ${f.waitsFor}${by(f.config)}.`,
  "send-unblocked": (f, node) => `${name(node)}: send() of record ${f.recordId} goes on after ${duration(f.waitedMs)}.`,
  "batch-created": (f, node) => `${name(node)} opened batch ${f.batch} for ${f.topicPartition}.`,
  "batch-closed": (f, node) =>
    `${name(node)} closed batch ${f.batch} of ${f.topicPartition}: ${plural(f.records, "record")}, ${f.sizeBytes} B (${f.reason}).`,
  "batch-drained": (f, node) =>
    `${name(node)} sends batch ${f.batch} of ${f.topicPartition} to ${f.peer}: ${plural(f.records, "record")}${f.attempt > 0 ? `, retry ${f.attempt}` : ""}.`,
  "batch-retried": (f, node) => `${name(node)} retries batch ${f.batch} of ${f.topicPartition} in ${duration(f.backoffMs)}: ${f.error}.`,
  "batch-split": (f, node) =>
    `${name(node)} split batch ${f.batch} of ${f.topicPartition} into ${plural(f.into.length, "batch", "batches")}.`,
  "batch-completed": (f, node) =>
    `${name(node)}: ${records(f.ids)} of ${f.topicPartition} acknowledged${f.baseOffset < 0 ? " without an offset" : ` at offset ${f.baseOffset}`} after ${duration(f.latencyMs)}.`,
  "batch-failed": (f, node) => `${name(node)}: ${records(f.ids)} of ${f.topicPartition} failed: ${f.error}${by(f.config)}.`,
  "record-failed": (f, node) => `${name(node)}: send() of record ${f.recordId} failed: ${f.error}${by(f.config)}.`,
  "send-threw": (f, node) => `${name(node)}: send() of record ${f.recordId} threw ${f.error}.`,
  "producer-id-assigned": (f, node) => `${name(node)} has producer id ${f.producerId}, epoch ${f.producerEpoch}.`,
  "producer-epoch-bumped": (f, node) => `${name(node)} raised its producer epoch to ${f.producerEpoch}: ${f.reason}.`,
  "produce-appended": (f, node) =>
    `${name(node)} appended ${records(f.ids)} of ${f.producer} to ${f.topicPartition} at offset ${f.baseOffset} (acks=${f.acks === -1 ? "all" : f.acks}).`,
  "produce-duplicate": (f, node) => `${name(node)} had ${f.producer}'s batch of ${f.topicPartition} already, at offset ${f.baseOffset}.`,
  "produce-refused": (f, node) => `${name(node)} refused a batch of ${f.producer} for ${f.topicPartition}: ${f.error}${by(f.config)}.`,
  "produce-waiting": (f, node) =>
    `${name(node)} waits for ISR ${list(f.isr, "none")} of ${f.topicPartition} to reach offset ${f.requiredOffset}.`,
  "produce-expired": (f, node) => `${name(node)}: the ISR of ${f.topicPartition} did not catch up in time${by(f.config)}.`,
  "replica-appended": (f, node) => `${name(node)} copied ${f.topicPartition} from ${f.leader} up to offset ${f.logEndOffset}.`,
  "high-watermark": (f, node) => `${name(node)}: high watermark of ${f.topicPartition} is ${f.offset}.`,
  truncated: (f, node) =>
    `${name(node)} truncated ${f.topicPartition} from ${f.previousLogEndOffset} to ${f.offset}, as leader ${f.leader} has it.`,
  "records-deleted": (f, node) =>
    `${name(node)}: ${f.topicPartition} begins at offset ${f.logStartOffset} now (${f.reason}${f.config === "" ? "" : `, ${f.config}`}).`,
  "isr-shrink-requested": (f, node) =>
    `${name(node)} wants ${list(f.removed, "none")} out of the ISR of ${f.topicPartition}${by(f.config)}.`,
  "isr-expand-requested": (f, node) => `${name(node)} wants ${list(f.added, "none")} in the ISR of ${f.topicPartition}.`,
  "isr-changed": (f) => `ISR of ${f.topicPartition} is ${list(f.isr, "empty")} (was ${list(f.previousIsr, "empty")}).`,
  "alter-partition-refused": (f) => `ISR change of ${f.topicPartition} refused: ${f.error}.`,
  "leader-elected": (f) =>
    f.leader === -1
      ? `${f.topicPartition} has no leader${by(f.config)}.`
      : `Broker ${f.leader} elected leader of ${f.topicPartition}${f.previousLeader === -1 ? "" : ` after broker ${f.previousLeader}`}, epoch ${f.leaderEpoch}${f.kind === "unclean" ? ", unclean" : ""}${by(f.config)}.`,
  "became-leader": (f, node) => `${name(node)} leads ${f.topicPartition} from offset ${f.epochStartOffset}, epoch ${f.leaderEpoch}.`,
  "became-follower": (f, node) => `${name(node)} follows ${f.leader} in ${f.topicPartition}, epoch ${f.leaderEpoch}.`,
  "became-offline": (f, node) => `${name(node)} knows no leader of ${f.topicPartition}.`,
  "broker-registered": (f) => `Broker ${f.brokerId} registered, fenced.`,
  "broker-unfenced": (f) => `Broker ${f.brokerId} unfenced.`,
  "broker-fenced": (f) =>
    `Broker ${f.brokerId} fenced${f.silentMs > 0 ? `: no heartbeat for ${duration(f.silentMs)}` : ""}${by(f.config)}.`,
  "broker-shutting-down": (f) => `Broker ${f.brokerId} asks to shut down in order.`,
  "controller-changed": (f) =>
    f.controllerId === -1 ? "No controller is active." : `Controller ${f.controllerId} is active, epoch ${f.controllerEpoch}.`,
  "topic-created": (f) => `Topic ${f.topic} created: ${plural(f.partitions, "partition")}, RF ${f.replicationFactor}.`,
  "config-changed": (f) =>
    `${f.scope} ${f.resource === "" ? "default" : f.resource}: ${f.key} ${f.value === "" ? "removed" : `= ${f.value}`}.`.replace(
      /^./,
      (first) => first.toUpperCase(),
    ),
  "coordinator-loaded": (f, node) => `${name(node)} coordinates ${f.topicPartition}: ${plural(f.records, "record")} replayed.`,
  "coordinator-unloaded": (f, node) => `${name(node)} no longer coordinates ${f.topicPartition}.`,
  "group-state": (f) => `Group ${f.group} is ${f.state}, generation ${f.generation}${f.reason === "" ? "" : `: ${f.reason}`}.`,
  "member-joined": (f) => `${f.clientId} joined group ${f.group}.`,
  "member-left": (f) => `${f.member} left group ${f.group}${f.reason === "" ? "" : `: ${f.reason}`}.`,
  "member-expired": (f) => `${f.member} removed from group ${f.group}: silent for ${duration(f.silentMs)}${by(f.config)}.`,
  "assignment-received": (f, node) =>
    `${name(node)} got ${list(f.partitions, "no partition")} (group ${f.group}, generation ${f.generation}).`,
  "partitions-revoked": (f, node) => `${name(node)} gave up ${list(f.partitions, "no partition")} (group ${f.group}).`,
  "partitions-lost": (f, node) => `${name(node)} lost ${list(f.partitions, "no partition")} (group ${f.group}): ${f.reason}.`,
  "poll-interval-exceeded": (f, node) => `${name(node)} did not poll in time and leaves group ${f.group}${by(f.config)}.`,
  "offsets-committed": (f) =>
    `Group ${f.group} committed ${f.partitions.map((partition, index) => `${partition} at ${f.offsets[index]}`).join(", ")}.`,
  "commit-failed": (f, node) => `${name(node)}: commit of group ${f.group} refused: ${f.error}.`,
  "position-reset": (f, node) => `${name(node)} reset ${f.topicPartition} to offset ${f.offset} (auto.offset.reset=${f.policy}).`,
  "consumer-failed": (f, node) => `${name(node)} ended: ${f.error}${by(f.config)}.`,
  "records-returned": (f, node) => `${name(node)}: poll() returned ${f.topicPartition} ${f.from} to ${f.to - 1}.`,
  "record-lost": (f) =>
    `${Records(f.ids)} of ${f.producer} lost from ${f.topicPartition}: acknowledged, and on no replica that may lead${by(f.config)}.`,
  "record-recovered": (f) => `${Records(f.ids)} of ${f.producer} ${was(f.ids)} back in ${f.topicPartition}.`,
  "record-duplicated": (f) => `${Records(f.ids)} of ${f.producer} ${was(f.ids)} twice in ${f.topicPartition}.`,
  "record-reordered": (f) => `${Records(f.ids)} of ${f.producer} ${was(f.ids)} behind a younger record in ${f.topicPartition}.`,
  "record-failed-yet-readable": (f) => `${Records(f.ids)} of ${f.producer} failed, and can be read in ${f.topicPartition}.`,
  "workload-changed": (f, node) => `${name(node)} sends ${plural(f.recordsPerSecond, "record")} a second.`,
};
