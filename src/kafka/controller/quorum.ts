import { NO_CAUSE, Phase } from "../../kernel/event.ts";
import { brokerSettings } from "../protocol/broker-settings.ts";
import type { ClusterSpec } from "../protocol/cluster-spec.ts";
import type { ConnectionEvents } from "../protocol/connection-events.ts";
import type { ConnectionId, Context, NodeId } from "../protocol/context.ts";
import type { RequestBody, RequestOf, ResponseBody } from "../protocol/messages.ts";
import { emptyImage } from "../protocol/metadata-records.ts";
import { activate, onPeriodicTask } from "./activation.ts";
import { createBrokerHeartbeatManager } from "./broker-heartbeat-manager.ts";
import { onBrokerHeartbeat, onBrokerRegistration } from "./cluster-control-manager.ts";
import { isFit, onFailoverDue, reviewLeadership } from "./failover.ts";
import { createMetadataLog } from "./metadata-log.ts";
import { answerFetch, writeRecords } from "./metadata-writer.ts";
import { type ControllerQuorum, staleBrokerEpoch } from "./quorum-state.ts";
import { onAlterPartition } from "./replication-control-manager.ts";

export { addPartitions, alterConfig, createTopic, electLeader } from "./admin-commands.ts";
export { bootstrapQuorum, metadataSnapshot } from "./bootstrap.ts";
export type { AdminResult, ControllerQuorum } from "./quorum-state.ts";

/** The controllers' entry: requests of brokers, timers, and the lives of controllers. What is modelled and what not: see quorum-state.ts. */

const PRODUCER_ID_BLOCK_SIZE = 1000;

export function createQuorum(spec: ClusterSpec): ControllerQuorum {
  const settings = brokerSettings(spec.brokerConfigs);
  const quorum: ControllerQuorum = {
    controllers: {},
    activeController: -1,
    controllerEpoch: 0,
    failoverMs: spec.controllerFailoverMs,
    lostAtMs: -1,
    lostCause: NO_CAUSE,
    generation: 0,
    failoverGeneration: 0,
    elrEnabled: true,
    staticConfigs: { ...spec.brokerConfigs },
    image: emptyImage(),
    log: createMetadataLog(),
    heartbeats: createBrokerHeartbeatManager(settings.brokerSessionTimeoutMs),
    registrationOffsets: {},
    waitingFetches: [],
    fetchedOffsets: {},
  };
  for (const id of spec.controllers) quorum.controllers[String(id)] = { id, state: "up", isolated: false };
  return quorum;
}

/** Everything that the network or a timer brings to a controller. */
export function onControllerEvent(quorum: ControllerQuorum, controllerId: NodeId, type: string, payload: unknown, context: Context): void {
  switch (type) {
    case "request": {
      const { connection, correlationId, body } = payload as ConnectionEvents["request"];
      onRequest(quorum, controllerId, connection, correlationId, body, context);
      return;
    }
    case "disconnected": {
      const { connection } = payload as ConnectionEvents["disconnected"];
      if (quorum.waitingFetches.some((fetch) => fetch.connection === connection)) {
        quorum.waitingFetches = quorum.waitingFetches.filter((fetch) => fetch.connection !== connection);
      }
      return;
    }
    case "controller-failover":
      if ((payload as { generation: number }).generation === quorum.failoverGeneration) onFailoverDue(quorum, context, activate);
      return;
    case "controller-fetch-timeout": {
      const { connection, correlationId } = payload as { connection: ConnectionId; correlationId: number };
      onFetchTimeout(quorum, controllerId, connection, correlationId, context);
      return;
    }
    case "controller-session-check":
    case "controller-balance":
    case "controller-unclean-elections":
      onPeriodicTask(quorum, controllerId, type, (payload as { generation: number }).generation, context);
      return;
  }
}

export function onControllerDown(quorum: ControllerQuorum, controllerId: NodeId, context: Context): void {
  const controller = quorum.controllers[controllerId];
  if (controller === undefined) return;
  controller.state = "down";
  if (quorum.activeController === controller.id) {
    quorum.activeController = -1;
    quorum.waitingFetches = [];
  }
  reviewLeadership(quorum, context, activate);
}

/** It hangs: nobody else is active until the others have noticed. */
export function onControllerHung(quorum: ControllerQuorum, controllerId: NodeId, context: Context): void {
  const controller = quorum.controllers[controllerId];
  if (controller === undefined) return;
  controller.state = "hung";
  reviewLeadership(quorum, context, activate);
}

/** It started, or goes on after it hung. */
export function onControllerUp(quorum: ControllerQuorum, controllerId: NodeId, context: Context): void {
  const controller = quorum.controllers[controllerId];
  if (controller === undefined) return;
  controller.state = "up";
  reviewLeadership(quorum, context, activate);
}

/** Every link of it was cut, or healed: as far as the others are concerned it is lost, or back. */
export function onControllerIsolated(quorum: ControllerQuorum, controllerId: NodeId, isolated: boolean, context: Context): void {
  const controller = quorum.controllers[controllerId];
  if (controller === undefined) return;
  controller.isolated = isolated;
  reviewLeadership(quorum, context, activate);
}

function onRequest(
  quorum: ControllerQuorum,
  controllerId: NodeId,
  connection: ConnectionId,
  correlationId: number,
  body: RequestBody,
  context: Context,
): void {
  const isActiveController = String(quorum.activeController) === controllerId && isFit(quorum);
  if (body.api === "MetadataFetch" && isActiveController) {
    onMetadataFetch(quorum, controllerId, connection, correlationId, body, context);
    return;
  }
  const answer = isActiveController ? answerOf(quorum, body, context) : notController(body);
  if (answer !== null) context.transport.sendResponse(connection, controllerId, correlationId, answer);
}

function answerOf(quorum: ControllerQuorum, body: RequestBody, context: Context): ResponseBody | null {
  switch (body.api) {
    case "ApiVersions":
      return { api: "ApiVersions", error: "NONE" };
    case "BrokerRegistration":
      return onBrokerRegistration(quorum, body, context);
    case "BrokerHeartbeat":
      return onBrokerHeartbeat(quorum, body, context);
    case "AlterPartition":
      return onAlterPartition(quorum, body, context);
    case "AllocateProducerIds":
      return onAllocateProducerIds(quorum, body, context);
    default:
      return null;
  }
}

function notController(body: RequestBody): ResponseBody | null {
  const error = "NOT_CONTROLLER";
  switch (body.api) {
    case "ApiVersions":
      return { api: "ApiVersions", error: "NONE" };
    case "BrokerRegistration":
      return { api: "BrokerRegistration", error, brokerEpoch: -1 };
    case "BrokerHeartbeat":
      return { api: "BrokerHeartbeat", error, isCaughtUp: false, isFenced: false, shouldShutDown: false };
    case "AlterPartition":
      return { api: "AlterPartition", error, partitions: [] };
    case "AllocateProducerIds":
      return { api: "AllocateProducerIds", error, producerIdStart: -1, producerIdLen: 0 };
    case "MetadataFetch":
      return { api: "MetadataFetch", error, records: [], highWatermark: -1, snapshotEndOffset: -1 };
    default:
      return null;
  }
}

function onMetadataFetch(
  quorum: ControllerQuorum,
  controllerId: NodeId,
  connection: ConnectionId,
  correlationId: number,
  body: RequestOf<"MetadataFetch">,
  context: Context,
): void {
  const { brokerId, fetchOffset, maxWaitMs } = body;
  quorum.fetchedOffsets[brokerId] = fetchOffset;
  if (answerFetch(quorum, connection, correlationId, fetchOffset, false, context)) return;
  quorum.waitingFetches.push({ connection, correlationId, fetchOffset });
  context.cause = NO_CAUSE;
  context.schedule(context.now + maxWaitMs, Phase.Timer, controllerId, "controller-fetch-timeout", { connection, correlationId });
}

function onFetchTimeout(
  quorum: ControllerQuorum,
  controllerId: NodeId,
  connection: ConnectionId,
  correlationId: number,
  context: Context,
): void {
  const index = quorum.waitingFetches.findIndex((fetch) => fetch.connection === connection && fetch.correlationId === correlationId);
  if (index === -1 || String(quorum.activeController) !== controllerId) return;
  const [fetch] = quorum.waitingFetches.splice(index, 1);
  answerFetch(quorum, connection, correlationId, fetch!.fetchOffset, true, context);
}

/** Producer ids are given to brokers in blocks. Models org.apache.kafka.controller.ProducerIdControlManager. */
function onAllocateProducerIds(quorum: ControllerQuorum, body: RequestOf<"AllocateProducerIds">, context: Context): ResponseBody {
  const { brokerId, brokerEpoch } = body;
  if (staleBrokerEpoch(quorum, brokerId, brokerEpoch))
    return { api: "AllocateProducerIds", error: "STALE_BROKER_EPOCH", producerIdStart: -1, producerIdLen: 0 };
  const producerIdStart = quorum.image.nextProducerId;
  const nextProducerId = producerIdStart + PRODUCER_ID_BLOCK_SIZE;
  writeRecords(quorum, [{ type: "ProducerIdsRecord", brokerId, nextProducerId }], { kind: "clean", reason: "", config: "" }, context);
  return { api: "AllocateProducerIds", error: "NONE", producerIdStart, producerIdLen: PRODUCER_ID_BLOCK_SIZE };
}
