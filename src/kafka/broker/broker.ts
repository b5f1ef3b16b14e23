/**
 * A broker: what is on its disk, what its process knows, and the one entry by which events reach it.
 * Models kafka.server.BrokerServer. Left out: log directories, quotas, security, share and transaction coordinators.
 */
import { Phase } from "../../kernel/event.ts";
import type { GroupTimer } from "../group-coordinator/group-coordinator-shard.ts";
import { closeLog, recoverLog, type UnifiedLog } from "../log/unified-log.ts";
import { type BrokerSettings, brokerConfigsInForce, brokerSettings } from "../protocol/broker-settings.ts";
import type { BrokerCosts, BrokerSpec } from "../protocol/cluster-spec.ts";
import type { ConnectionEvents } from "../protocol/connection-events.ts";
import type { ConnectionId, Context, NodeId } from "../protocol/context.ts";
import type { ResponseBody } from "../protocol/messages.ts";
import { emptyImage, type MetadataImage, type MetadataRecord } from "../protocol/metadata-records.ts";
import {
  ALTER_PARTITION_RETRY,
  type AlterPartitionManager,
  createAlterPartitionManager,
  onAlterPartitionReply,
  onAlterPartitionRetry,
} from "./alter-partition-manager.ts";
import {
  type BrokerLifecycle,
  beginControlledShutdown,
  bootstrapLifecycle,
  createBrokerLifecycle,
  endLifecycle,
  mayStop,
  onLifecycleEvent,
  onLifecycleReply,
  startLifecycle,
} from "./broker-lifecycle.ts";
import {
  COORDINATOR_COMMITTED,
  COORDINATOR_LOAD,
  COORDINATOR_TIMEOUT,
  type CoordinatorRuntime,
  createCoordinatorRuntime,
  onCoordinatorCommitted,
  onCoordinatorLoad,
  onCoordinatorTimeout,
  onCoordinatorTimer,
} from "./coordinator-runtime.ts";
import { onPurgatoryTimer } from "./delayed-operations.ts";
import { PARTITION_BACKOFF } from "./fetched-partitions.ts";
import type { ReplicaFetcher } from "./fetcher-state.ts";
import { handleRequest } from "./kafka-apis.ts";
import { createMetadataLoader, loadSnapshot, type MetadataLoader, onMetadataReply, startMetadataLoader } from "./metadata-loader.ts";
import { applyMetadata } from "./metadata-publisher.ts";
import {
  type ChannelName,
  channelNames,
  createChannel,
  type NodeToControllerChannel,
  onChannelBackoffOver,
  onChannelConnected,
  onChannelDisconnected,
  onChannelResponse,
  onChannelTimeout,
} from "./node-to-controller-channel.ts";
import type { Partition } from "./partition.ts";
import { onIsrExpirationCheck } from "./partition-isr.ts";
import { createProducerIdManager, onProducerIdsReply, type ProducerIdManager } from "./producer-id-manager.ts";
import { createPurgatory, PURGATORY_TIMER, type Purgatory } from "./purgatory.ts";
import {
  FETCHER_BACKOFF,
  FETCHER_TIMER,
  onFetcherBackoffOver,
  onFetcherConnected,
  onFetcherDisconnected,
  onFetcherResponse,
  onFetcherTimer,
  onPartitionBackoffOver,
} from "./replica-fetcher.ts";
import { onProducerExpiryCheck, onRetentionCheck, onSessionEnded } from "./replica-manager.ts";
import { HANDLE_REQUEST, onAccepted, onPeerClosed, onRequestArrived, type ServerConnection } from "./request-channel.ts";

export interface Broker {
  readonly id: number;
  /** `id` as text. */
  readonly nodeId: NodeId;
  readonly rack: string | null;
  readonly costs: BrokerCosts;
  /** The controllers' ids. */
  readonly controllers: number[];
  /** What its file says: the cluster-wide configs of the scenario with its own over them. */
  configs: Record<string, string>;
  status: BrokerStatus;

  /** On disk: they outlive the process. By topic-partition. */
  logs: Record<string, UnifiedLog>;

  // All below is the process's own, and gone when it ends.
  /** Its configs as they hold now. */
  settings: BrokerSettings;
  image: MetadataImage;
  partitions: Record<string, Partition>;
  /** By leader. */
  fetchers: Record<string, ReplicaFetcher>;
  /** As a server. */
  connections: Record<ConnectionId, ServerConnection>;
  /** As a client of other brokers and of controllers. */
  clientConnections: Record<ConnectionId, ClientConnection>;
  /** Virtual microseconds. */
  busyUntilMicros: number;
  purgatory: Purgatory;
  alterPartitions: AlterPartitionManager;
  producerIds: ProducerIdManager;
  coordinators: CoordinatorRuntime;
  channels: Record<ChannelName, NodeToControllerChannel>;
  lifecycle: BrokerLifecycle;
  metadataLoader: MetadataLoader;
}

/** stopped: it has done all that a controlled shutdown asks for, and its process may end. */
export type BrokerStatus = "down" | "running" | "stopping" | "stopped";

export type ClientConnection = { use: "channel"; name: ChannelName } | { use: "fetcher"; leader: number };

const ISR_EXPIRATION = "isr-expiration";
const RETENTION = "log-retention";
const PRODUCER_EXPIRY = "producer-expiry";

export function createBroker(spec: BrokerSpec, clusterConfigs: Readonly<Record<string, string>>, controllers: readonly number[]): Broker {
  const configs = { ...clusterConfigs, ...spec.configs };
  return {
    id: spec.id,
    nodeId: String(spec.id),
    rack: spec.rack,
    costs: { perRequestMicros: spec.costs.perRequestMicros, perKilobyteMicros: spec.costs.perKilobyteMicros },
    controllers: controllers.slice(),
    configs,
    status: "down",
    logs: {},
    ...createProcess(configs, controllers),
    lifecycle: createBrokerLifecycle(),
  };
}

type Process = Omit<Broker, "id" | "nodeId" | "rack" | "costs" | "controllers" | "configs" | "status" | "logs" | "lifecycle">;

function createProcess(configs: Readonly<Record<string, string>>, controllers: readonly number[]): Process {
  const first = controllers[0] ?? -1;
  return {
    settings: brokerSettings(configs),
    image: emptyImage(),
    partitions: {},
    fetchers: {},
    connections: {},
    clientConnections: {},
    busyUntilMicros: 0,
    purgatory: createPurgatory(),
    alterPartitions: createAlterPartitionManager(),
    producerIds: createProducerIdManager(),
    coordinators: createCoordinatorRuntime(),
    channels: {
      heartbeat: createChannel("heartbeat", first),
      "alter-partition": createChannel("alter-partition", first),
      forwarding: createChannel("forwarding", first),
      metadata: createChannel("metadata", first),
    },
    metadataLoader: createMetadataLoader(),
  };
}

// ── Its life ──

/** The process starts with what is on its disk: logs with the high watermarks of the last checkpoint. It knows no metadata and is fenced at first. */
export function startBroker(broker: Broker, context: Context): void {
  for (const topicPartition of Object.keys(broker.logs)) recoverLog(broker.logs[topicPartition]!);
  Object.assign(broker, createProcess(broker.configs, broker.controllers));
  broker.status = "running";
  armTimers(broker, context);
  startLifecycle(broker, context);
  startMetadataLoader(broker, context);
}

/** The broker was running before time began: registered and unfenced, with all the metadata up to `endOffset`. */
export function startBrokerWarm(
  broker: Broker,
  brokerEpoch: number,
  metadata: MetadataRecord[],
  endOffset: number,
  context: Context,
): void {
  broker.status = "running";
  armTimers(broker, context);
  bootstrapLifecycle(broker, brokerEpoch, context);
  loadSnapshot(broker, metadata, endOffset, context);
  const { controllerId } = broker.image;
  if (controllerId !== -1) for (const name of channelNames) broker.channels[name].controller = controllerId;
  startMetadataLoader(broker, context);
}

/** SIGTERM: leaders are handed over first; `status` is "stopped" when the process may end. */
export function stopBroker(broker: Broker, context: Context): void {
  if (broker.status !== "running") return;
  broker.status = "stopping";
  beginControlledShutdown(broker, context);
  if (mayStop(broker.lifecycle)) broker.status = "stopped";
}

/** The process is gone, killed or after a controlled shutdown. The logs stay; what else there was is wiped. */
export function crashBroker(broker: Broker, context: Context): void {
  const clean = broker.status === "stopped";
  for (const topicPartition of Object.keys(broker.logs))
    closeLog(broker.logs[topicPartition]!, clean, context.now, broker.settings.replicaHighWatermarkCheckpointIntervalMs);
  endLifecycle(broker.lifecycle);
  Object.assign(broker, createProcess(broker.configs, broker.controllers));
  broker.status = "down";
}

/** All logs of a broker that is down are gone. */
export function loseDisk(broker: Broker, context: Context): void {
  for (const topicPartition of Object.keys(broker.logs)) context.records.logLost(broker.id, topicPartition);
  broker.logs = {};
  broker.lifecycle.previousBrokerEpoch = -1;
}

function armTimers(broker: Broker, context: Context): void {
  const { settings, nodeId } = broker;
  context.schedule(context.now + (settings.replicaLagTimeMaxMs >> 1), Phase.Timer, nodeId, ISR_EXPIRATION, {});
  context.schedule(context.now + settings.logInitialTaskDelayMs, Phase.Timer, nodeId, RETENTION, {});
  context.schedule(context.now + settings.producerIdExpirationCheckIntervalMs, Phase.Timer, nodeId, PRODUCER_EXPIRY, {});
}

// ── Its metadata ──

/** Records of the metadata log from where the image stands. */
export function onMetadataRecords(broker: Broker, records: readonly MetadataRecord[], context: Context): void {
  applyMetadata(broker, records, context);
}

/** What its configs are after a change of the dynamic ones. */
export function reconfigure(broker: Broker): void {
  const { image, configs } = broker;
  broker.settings = brokerSettings(
    brokerConfigsInForce(configs, image.configs["broker:"] ?? {}, image.configs[`broker:${broker.id}`] ?? {}),
  );
}

// ── Events ──

export function onBrokerEvent(broker: Broker, type: string, payload: unknown, context: Context): void {
  switch (type) {
    case "request": {
      const arrived = payload as ConnectionEvents["request"];
      const connection = onRequestArrived(broker, arrived, context);
      if (connection !== null) handleRequest(broker, arrived.connection, connection, context);
      return;
    }
    case HANDLE_REQUEST: {
      const id = (payload as { connection: ConnectionId }).connection;
      const connection = broker.connections[id];
      if (connection !== undefined) handleRequest(broker, id, connection, context);
      return;
    }
    case "response":
      return onResponse(broker, payload as ConnectionEvents["response"], context);
    case "accepted": {
      const accepted = payload as ConnectionEvents["accepted"];
      return onAccepted(broker, accepted.connection, accepted.peer);
    }
    case "connected":
      return onConnected(broker, (payload as ConnectionEvents["connected"]).connection, context);
    case "disconnected":
      return onDisconnected(broker, (payload as ConnectionEvents["disconnected"]).connection, context);
    case PURGATORY_TIMER:
      return onPurgatoryTimer(broker, payload as Parameters<typeof onPurgatoryTimer>[1], context);
    default:
      return onTimer(broker, type, payload, context);
  }
}

function onTimer(broker: Broker, type: string, payload: unknown, context: Context): void {
  switch (type) {
    case FETCHER_TIMER:
      return onFetcherTimer(broker, payload as Parameters<typeof onFetcherTimer>[1], context);
    case FETCHER_BACKOFF:
      return onFetcherBackoffOver(broker, payload as Parameters<typeof onFetcherBackoffOver>[1], context);
    case PARTITION_BACKOFF:
      return onPartitionBackoffOver(broker, payload as Parameters<typeof onPartitionBackoffOver>[1], context);
    case "group-timer":
      return onCoordinatorTimer(broker, payload as GroupTimer, context);
    case COORDINATOR_COMMITTED:
      return onCoordinatorCommitted(broker, (payload as { topicPartition: string }).topicPartition, context);
    case COORDINATOR_LOAD:
      return onCoordinatorLoad(broker, payload as Parameters<typeof onCoordinatorLoad>[1], context);
    case COORDINATOR_TIMEOUT:
      return onCoordinatorTimeout(broker, payload as Parameters<typeof onCoordinatorTimeout>[1], context);
    case ALTER_PARTITION_RETRY:
      return onAlterPartitionRetry(broker, context);
    case "channel-timeout": {
      const timeout = payload as { channel: ChannelName; generation: number };
      return onChannelTimeout(broker, timeout.channel, timeout.generation, context);
    }
    case "channel-backoff": {
      const backoff = payload as { channel: ChannelName; generation: number };
      for (const tag of onChannelBackoffOver(broker, backoff.channel, backoff.generation, context))
        onControllerReply(broker, tag, null, context);
      return;
    }
    case ISR_EXPIRATION:
      onIsrExpirationCheck(broker, context);
      context.schedule(context.now + (broker.settings.replicaLagTimeMaxMs >> 1), Phase.Timer, broker.nodeId, ISR_EXPIRATION, {});
      return;
    case RETENTION:
      onRetentionCheck(broker, context);
      context.schedule(context.now + broker.settings.logRetentionCheckIntervalMs, Phase.Timer, broker.nodeId, RETENTION, {});
      return;
    case PRODUCER_EXPIRY:
      onProducerExpiryCheck(broker, context);
      context.schedule(context.now + broker.settings.producerIdExpirationCheckIntervalMs, Phase.Timer, broker.nodeId, PRODUCER_EXPIRY, {});
      return;
    default:
      onLifecycleEvent(broker, type, payload, context);
      if (broker.status === "stopping" && mayStop(broker.lifecycle)) broker.status = "stopped";
  }
}

function onConnected(broker: Broker, id: ConnectionId, context: Context): void {
  const connection = broker.clientConnections[id];
  if (connection === undefined) return;
  if (connection.use === "channel") onChannelConnected(broker, broker.channels[connection.name], context);
  else onFetcherConnected(broker, connection.leader, context);
}

function onDisconnected(broker: Broker, id: ConnectionId, context: Context): void {
  const connection = broker.clientConnections[id];
  if (connection === undefined) {
    onSessionEnded(broker, id);
    onPeerClosed(broker, id);
  } else if (connection.use === "channel") onChannelDisconnected(broker, broker.channels[connection.name], context);
  else onFetcherDisconnected(broker, connection.leader, context);
}

function onResponse(broker: Broker, payload: ConnectionEvents["response"], context: Context): void {
  const connection = broker.clientConnections[payload.connection];
  if (connection === undefined) return;
  if (connection.use === "fetcher") {
    onFetcherResponse(broker, connection.leader, payload.correlationId, payload.body, context);
    return;
  }
  const answered = onChannelResponse(broker, broker.channels[connection.name], payload.correlationId, payload.body, context);
  if (answered !== null) onControllerReply(broker, answered.tag, answered.reply, context);
}

function onControllerReply(broker: Broker, tag: string, reply: ResponseBody | null, context: Context): void {
  switch (tag) {
    case "metadata":
      return onMetadataReply(broker, tag, reply, context);
    case "alter-partition":
      return onAlterPartitionReply(broker, reply, context);
    case "producer-ids":
      return onProducerIdsReply(broker, reply, context);
    default:
      onLifecycleReply(broker, tag, reply, context);
      if (broker.status === "stopping" && mayStop(broker.lifecycle)) broker.status = "stopped";
  }
}
