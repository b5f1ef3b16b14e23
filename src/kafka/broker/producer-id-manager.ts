/**
 * Producer ids of a broker: blocks of 1000 from the controller; the next block is asked for when 90 % of one are given out.
 * Models kafka.coordinator.transaction.RPCProducerIdManager.
 */
import type { Context } from "../protocol/context.ts";
import type { ResponseBody } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import { sendToController } from "./node-to-controller-channel.ts";

export interface ProducerIdManager {
  firstId: number;
  nextId: number;
  endId: number;
  /** The block that follows; -1: none yet. */
  nextBlockStart: number;
  nextBlockLength: number;
  requestInFlight: boolean;
  /** After an error of the controller. */
  retryAtMs: number;
}

const PREFETCH_SHARE = 0.9;
const RETRY_BACKOFF_MS = 50;

export function createProducerIdManager(): ProducerIdManager {
  return { firstId: 0, nextId: 0, endId: 0, nextBlockStart: -1, nextBlockLength: 0, requestInFlight: false, retryAtMs: -1 };
}

/** -1: there is none yet; the client is to come again (COORDINATOR_LOAD_IN_PROGRESS). */
export function generateProducerId(broker: Broker, context: Context): number {
  const manager = broker.producerIds;
  if (manager.nextId === manager.endId) {
    if (manager.nextBlockStart === -1) {
      requestNextBlock(broker, context);
      return -1;
    }
    manager.firstId = manager.nextBlockStart;
    manager.nextId = manager.nextBlockStart;
    manager.endId = manager.nextBlockStart + manager.nextBlockLength;
    manager.nextBlockStart = -1;
    manager.requestInFlight = false;
  }
  const id = manager.nextId;
  manager.nextId += 1;
  if (id === manager.firstId + Math.floor((manager.endId - manager.firstId) * PREFETCH_SHARE)) requestNextBlock(broker, context);
  return id;
}

function requestNextBlock(broker: Broker, context: Context): void {
  const manager = broker.producerIds;
  if (manager.requestInFlight || manager.nextBlockStart !== -1 || context.now < manager.retryAtMs) return;
  manager.requestInFlight = true;
  const { brokerEpoch } = broker.lifecycle;
  sendToController(broker, "forwarding", { api: "AllocateProducerIds", brokerId: broker.id, brokerEpoch }, "producer-ids", context);
}

export function onProducerIdsReply(broker: Broker, reply: ResponseBody | null, context: Context): void {
  const manager = broker.producerIds;
  if (reply !== null && reply.api === "AllocateProducerIds" && reply.error === "NONE") {
    manager.nextBlockStart = reply.producerIdStart;
    manager.nextBlockLength = reply.producerIdLen;
    return;
  }
  manager.requestInFlight = false;
  if (reply !== null) manager.retryAtMs = context.now + RETRY_BACKOFF_MS;
}
