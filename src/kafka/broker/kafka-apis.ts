/**
 * What a broker does with each request. Models kafka.server.KafkaApis.
 * Left out: authorisation, quotas, versions, transactions and administration (the operator speaks to the controller).
 */
import { offsetForTimestamp } from "../log/unified-log.ts";
import type { ConnectionId, Context } from "../protocol/context.ts";
import type { RequestOf, ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import { isGroupRequest, onCoordinatorRequest } from "./coordinator-runtime.ts";
import { refusalOf } from "./fetch-session.ts";
import { findCoordinatorResponse, metadataResponse } from "./metadata-cache.ts";
import { generateProducerId } from "./producer-id-manager.ts";
import { onFetch, onProduce } from "./replica-manager.ts";
import { type ServerConnection, sendResponse } from "./request-channel.ts";

/** The work of the request at the head of the connection's queue is done. */
export function handleRequest(broker: Broker, id: ConnectionId, connection: ServerConnection, context: Context): void {
  const request = connection.queue[0];
  if (request === undefined) return;
  const { body } = request;
  switch (body.api) {
    case "Produce":
      return onProduce(broker, id, connection, body, context);
    case "Fetch":
      return onFetch(broker, id, connection, body, context);
    case "Metadata":
      return sendResponse(broker, id, metadataResponse(broker.image, body), context);
    case "ListOffsets":
      return sendResponse(broker, id, listOffsetsResponse(broker, body), context);
    case "FindCoordinator":
      return sendResponse(broker, id, findCoordinatorResponse(broker.image, body), context);
    case "InitProducerId":
      return sendResponse(broker, id, initProducerIdResponse(broker, body, context), context);
    case "ApiVersions":
      return sendResponse(broker, id, { api: "ApiVersions", error: "NONE" }, context);
  }
  if (isGroupRequest(body)) onCoordinatorRequest(broker, id, body, context);
  else throw new Error(`broker ${broker.id} got a request for a controller: ${body.api}`);
}

function initProducerIdResponse(broker: Broker, body: RequestOf<"InitProducerId">, context: Context): ResponseOf<"InitProducerId"> {
  if (body.transactionalId !== null)
    return { api: "InitProducerId", error: "COORDINATOR_NOT_AVAILABLE", producerId: -1, producerEpoch: -1 };
  const producerId = generateProducerId(broker, context);
  if (producerId === -1) return { api: "InitProducerId", error: "COORDINATOR_LOAD_IN_PROGRESS", producerId: -1, producerEpoch: -1 };
  return { api: "InitProducerId", error: "NONE", producerId, producerEpoch: 0 };
}

const LATEST_TIMESTAMP = -1;
const EARLIEST_TIMESTAMP = -2;

type ListedOffset = ResponseOf<"ListOffsets">["partitions"][number];

function listOffsetsResponse(broker: Broker, body: RequestOf<"ListOffsets">): ResponseOf<"ListOffsets"> {
  const asFollower = body.replicaId !== -1;
  return { api: "ListOffsets", partitions: body.partitions.map((asked) => listOffset(broker, asked, asFollower)) };
}

function listOffset(broker: Broker, asked: RequestOf<"ListOffsets">["partitions"][number], asFollower: boolean): ListedOffset {
  const { topicPartition, timestamp } = asked;
  const partition = broker.partitions[topicPartition];
  const log = broker.logs[topicPartition];
  let error = refusalOf(partition, asked.currentLeaderEpoch);
  // A replica that is not here, of a partition that exists.
  if (partition === undefined && broker.image.partitions[topicPartition] !== undefined) error = "NOT_LEADER_OR_FOLLOWER";
  const failed = (name: ListedOffset["error"]): ListedOffset => ({
    topicPartition,
    error: name,
    timestamp: -1,
    offset: -1,
    leaderEpoch: -1,
  });
  if (error !== "NONE" || partition === undefined || log === undefined) return failed(error);
  const { leaderEpoch } = partition;
  if (timestamp === EARLIEST_TIMESTAMP) return { topicPartition, error: "NONE", timestamp: -1, offset: log.logStartOffset, leaderEpoch };
  // A new leader's high watermark may lag behind what its predecessor had told consumers: it answers only when it has reached its own epoch.
  const mayLag = !asFollower && partition.leaderEpochStartOffset > log.highWatermark;
  if (timestamp === LATEST_TIMESTAMP) {
    if (mayLag) return failed("OFFSET_NOT_AVAILABLE");
    return { topicPartition, error: "NONE", timestamp: -1, offset: asFollower ? log.logEndOffset : log.highWatermark, leaderEpoch };
  }
  const found = offsetForTimestamp(log, timestamp, asFollower ? log.logEndOffset : log.highWatermark);
  if (found.offset === -1)
    return mayLag ? failed("OFFSET_NOT_AVAILABLE") : { topicPartition, error: "NONE", timestamp: -1, offset: -1, leaderEpoch: -1 };
  return { topicPartition, error: "NONE", timestamp: found.timestamp, offset: found.offset, leaderEpoch };
}
