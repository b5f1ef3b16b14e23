import type { SimEvent } from "../../kernel/event.ts";
import { copyPlain } from "../../kernel/kernel.ts";
import { onConsumerClientEvent } from "../application/consumer-application.ts";
import { onProducerClientEvent } from "../application/producer-application.ts";
import { onBrokerEvent } from "../broker/broker.ts";
import { onControllerEvent } from "../controller/quorum.ts";
import { isDeliverable, NETWORK_NODE, onNetworkEvent } from "../network/network.ts";
import type { Command } from "../protocol/commands.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { BEGIN, OPERATOR, runCommand } from "./commands.ts";
import { afterNodeEvent, HELD, type HeldPayload, startNode } from "./processes.ts";
import type { ClusterNode } from "./world.ts";

/**
 * The one switch from an event to the room that handles it. What was meant for an earlier life of a node is dropped,
 * what is due at a node that hangs is kept until it goes on.
 */
export function transition(context: ClusterContext, event: SimEvent): void {
  const { world } = context;
  const { node: id, type, payload } = event;
  context.cause = event.cause;
  if (id === NETWORK_NODE) {
    onNetworkEvent(world.network, type, payload, context);
    return;
  }
  if (id === OPERATOR) {
    if (type === BEGIN) startNode(context, (payload as { node: string }).node);
    else runCommand(context, payload as Command);
    return;
  }
  const node = world.nodes[id];
  if (node === undefined || node.life !== event.life || node.state === "down") return;
  // What was held already has arrived: what became of its connection since then does not matter any more.
  const held = type === HELD ? (payload as HeldPayload) : null;
  if (held === null && !isDeliverable(world.network, type, payload, id)) return;
  const actual = held ?? { type, payload };
  if (node.state === "hung")
    node.held.push({ phase: event.phase, type: actual.type, payload: copyPlain(actual.payload), cause: event.cause });
  else deliver(context, node, actual.type, actual.payload);
}

function deliver(context: ClusterContext, node: ClusterNode, type: string, payload: unknown): void {
  const { world } = context;
  const { id } = node;
  switch (node.kind) {
    case "broker":
      onBrokerEvent(world.brokers[id]!, type, payload, context);
      break;
    case "controller":
      onControllerEvent(world.quorum, id, type, payload, context);
      break;
    case "producer":
      onProducerClientEvent(world.producers[id]!, type, payload, context);
      break;
    case "consumer":
      onConsumerClientEvent(world.consumers[id]!, type, payload, context);
      break;
  }
  if (node.stopping) afterNodeEvent(context, id);
}
