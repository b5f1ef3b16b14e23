import { NO_CAUSE } from "../../kernel/event.ts";
import type { Context } from "../protocol/context.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import type { MetadataRecord } from "../protocol/metadata-records.ts";
import {
  currentBrokerState,
  enterControlledShutdown,
  findOneStaleBroker,
  forgetBroker,
  hasValidSession,
  nextBrokerState,
  registerHeartbeats,
  touch,
} from "./broker-heartbeat-manager.ts";
import { type WriteReason, writeRecords } from "./metadata-writer.ts";
import { type ControllerQuorum, staleBrokerEpoch } from "./quorum-state.ts";
import { hasLeaderships, leaderAndIsrUpdates } from "./replication-control-manager.ts";

/**
 * The brokers: registration, fencing, unfencing, controlled shutdown, and what that means for their partitions.
 * Models org.apache.kafka.controller.ClusterControlManager and the handleBroker… methods of ReplicationControlManager.
 * Left out: features, listeners, directories, unregistering, controller registrations.
 */

export function onBrokerRegistration(
  quorum: ControllerQuorum,
  request: RequestOf<"BrokerRegistration">,
  context: Context,
): ResponseOf<"BrokerRegistration"> {
  const { brokerId, incarnationId, rack, previousBrokerEpoch } = request;
  const existing = quorum.image.brokers[brokerId];
  const isNewIncarnation = existing?.incarnationId !== incarnationId;
  if (existing !== undefined && isNewIncarnation && hasValidSession(quorum.heartbeats, brokerId, context.now)) {
    return { api: "BrokerRegistration", error: "DUPLICATE_BROKER_REGISTRATION", brokerEpoch: -1 };
  }
  const records: MetadataRecord[] = [];
  // Unless its last life ended in order (it knows the epoch of it), it may have lost the end of its logs.
  if (existing !== undefined && isNewIncarnation && existing.brokerEpoch !== previousBrokerEpoch) {
    records.push(...leaderAndIsrUpdates(quorum, { uncleanShutdown: brokerId }, ({ isr }) => isr.includes(brokerId)));
    records.push(...leaderAndIsrUpdates(quorum, { uncleanShutdown: brokerId }, ({ elr }) => elr.includes(brokerId)));
  }
  const brokerEpoch = isNewIncarnation ? quorum.log.endOffset + records.length : existing.brokerEpoch;
  const fenced = isNewIncarnation ? true : existing.fenced;
  const inControlledShutdown = isNewIncarnation ? false : existing.inControlledShutdown;
  records.push({ type: "RegisterBrokerRecord", brokerId, incarnationId, brokerEpoch, rack, fenced, inControlledShutdown });
  if (isNewIncarnation) forgetBroker(quorum.heartbeats, brokerId);
  registerHeartbeats(quorum.heartbeats, brokerId, fenced, context.now);
  quorum.registrationOffsets[brokerId] = quorum.log.endOffset + records.length - 1;
  if (context.tracing) context.cause = context.trace("broker-registered", String(quorum.activeController), { brokerId, brokerEpoch });
  writeRecords(quorum, records, { kind: "clean", reason: "unclean shutdown", config: "" }, context);
  return { api: "BrokerRegistration", error: "NONE", brokerEpoch };
}

export function onBrokerHeartbeat(
  quorum: ControllerQuorum,
  request: RequestOf<"BrokerHeartbeat">,
  context: Context,
): ResponseOf<"BrokerHeartbeat"> {
  const { brokerId, brokerEpoch, currentMetadataOffset } = request;
  if (staleBrokerEpoch(quorum, brokerId, brokerEpoch)) {
    return { api: "BrokerHeartbeat", error: "STALE_BROKER_EPOCH", isCaughtUp: false, isFenced: true, shouldShutDown: false };
  }
  const { heartbeats } = quorum;
  const registrationOffset = quorum.registrationOffsets[brokerId] ?? 0;
  const current = currentBrokerState(heartbeats, brokerId);
  const next = nextBrokerState(heartbeats, brokerId, request, registrationOffset, () => hasLeaderships(quorum, brokerId));
  // A heartbeat that changes nothing of the broker's state writes nothing.
  touch(heartbeats, brokerId, next === "FENCED" || next === "SHUTDOWN_NOW", currentMetadataOffset, context.now);
  if (current !== next) {
    if (next === "UNFENCED") unfenceBroker(quorum, brokerId, context);
    else if (next === "CONTROLLED_SHUTDOWN") beginControlledShutdown(quorum, brokerId, context);
    else if (current !== "FENCED") {
      if (context.tracing)
        context.cause = context.trace("broker-fenced", String(quorum.activeController), { brokerId, silentMs: 0, config: "" });
      fenceBroker(quorum, brokerId, { kind: "controlled", reason: "controlled shutdown", config: "" }, context);
    }
  }
  if (next === "CONTROLLED_SHUTDOWN") enterControlledShutdown(heartbeats, brokerId, quorum.log.endOffset - 1);
  const isFenced = next === "FENCED" || next === "SHUTDOWN_NOW";
  const isCaughtUp = currentMetadataOffset >= registrationOffset;
  return { api: "BrokerHeartbeat", error: "NONE", isCaughtUp, isFenced, shouldShutDown: next === "SHUTDOWN_NOW" };
}

/** Fences the broker whose session is over, if there is one; one at a time, so that each fencing sees what the one before it left. */
export function fenceOneStaleBroker(quorum: ControllerQuorum, context: Context): boolean {
  const { heartbeats } = quorum;
  const brokerId = findOneStaleBroker(heartbeats, context.now);
  if (brokerId === -1) return false;
  const broker = heartbeats.brokers[brokerId]!;
  broker.fenced = true;
  const config = "broker.session.timeout.ms";
  if (context.tracing) {
    const silenced = context.causeOfSilence(String(brokerId), String(quorum.activeController), broker.lastContactMs);
    const cause = silenced === NO_CAUSE ? context.cause : silenced;
    context.cause = context.trace(
      "broker-fenced",
      String(quorum.activeController),
      { brokerId, silentMs: context.now - broker.lastContactMs, config },
      cause,
    );
  }
  fenceBroker(quorum, brokerId, { kind: "clean", reason: "fenced", config }, context);
  return true;
}

function fenceBroker(quorum: ControllerQuorum, brokerId: number, why: WriteReason, context: Context): void {
  const broker = quorum.image.brokers[brokerId];
  if (broker === undefined) return;
  const records = leaderAndIsrUpdates(quorum, { remove: brokerId }, ({ isr }) => isr.includes(brokerId));
  records.push({
    type: "BrokerRegistrationChangeRecord",
    brokerId,
    brokerEpoch: broker.brokerEpoch,
    fenced: true,
    inControlledShutdown: null,
  });
  writeRecords(quorum, records, why, context);
}

/** Partitions without a leader may get one: the broker counts as active already. */
function unfenceBroker(quorum: ControllerQuorum, brokerId: number, context: Context): void {
  const { brokerEpoch } = quorum.image.brokers[brokerId]!;
  if (context.tracing) context.cause = context.trace("broker-unfenced", String(quorum.activeController), { brokerId });
  const records: MetadataRecord[] = [
    { type: "BrokerRegistrationChangeRecord", brokerId, brokerEpoch, fenced: false, inControlledShutdown: null },
  ];
  records.push(...leaderAndIsrUpdates(quorum, { add: brokerId }, ({ leader }) => leader === -1));
  writeRecords(quorum, records, { kind: "clean", reason: "unfenced", config: "" }, context);
}

function beginControlledShutdown(quorum: ControllerQuorum, brokerId: number, context: Context): void {
  const { brokerEpoch, inControlledShutdown } = quorum.image.brokers[brokerId]!;
  if (context.tracing) context.cause = context.trace("broker-shutting-down", String(quorum.activeController), { brokerId });
  const records: MetadataRecord[] = [];
  if (!inControlledShutdown)
    records.push({ type: "BrokerRegistrationChangeRecord", brokerId, brokerEpoch, fenced: null, inControlledShutdown: true });
  records.push(...leaderAndIsrUpdates(quorum, { remove: brokerId }, ({ isr }) => isr.includes(brokerId)));
  writeRecords(quorum, records, { kind: "controlled", reason: "controlled shutdown", config: "" }, context);
}
