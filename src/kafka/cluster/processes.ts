import { Phase } from "../../kernel/event.ts";
import { copyPlain } from "../../kernel/kernel.ts";
import { killConsumerClient, startConsumerClient, stopConsumerClient } from "../application/consumer-application.ts";
import { killProducerClient, startProducerClient, stopProducerClient } from "../application/producer-application.ts";
import { crashBroker, startBroker, stopBroker } from "../broker/broker.ts";
import { onControllerDown, onControllerHung, onControllerUp } from "../controller/quorum.ts";
import { onNodeDown, onNodeUp, setHung } from "../network/network.ts";
import type { NodeId } from "../protocol/context.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { beginSilence, endSilence } from "./silences.ts";
import { type ClusterNode, nodeOf } from "./world.ts";

/** The lives of processes: what SIGKILL, SIGTERM, SIGSTOP, SIGCONT and a start do to a node, whatever runs in it. */

/** The type of an event that was due while its node hung. */
export const HELD = "held";

export interface HeldPayload {
  type: string;
  payload: unknown;
}

export function killNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  if (context.tracing) context.cause = context.trace("node-killed", id, {});
  beginSilence(node, context.cause, context.now);
  takeDown(context, node);
}

export function stopNode(context: ClusterContext, id: NodeId): void {
  const { world } = context;
  const node = nodeOf(world, id);
  beginSilence(node, context.cause, context.now);
  switch (node.kind) {
    case "controller":
      endInOrder(context, node);
      return;
    case "broker":
      node.stopping = true;
      stopBroker(world.brokers[id]!, context);
      break;
    case "producer":
      node.stopping = true;
      stopProducerClient(world.producers[id]!, context);
      break;
    case "consumer":
      node.stopping = true;
      stopConsumerClient(world.consumers[id]!, context);
      break;
  }
  afterNodeEvent(context, id);
}

/** A node that was asked to stop says by its status when it has; its process ends then. */
export function afterNodeEvent(context: ClusterContext, id: NodeId): void {
  const { world } = context;
  const node = nodeOf(world, id);
  if (!node.stopping) return;
  const status = (node.kind === "broker" ? world.brokers[id] : node.kind === "producer" ? world.producers[id] : world.consumers[id])
    ?.status;
  if (status !== "stopped") return;
  const restart = node.restartWhenStopped;
  endInOrder(context, node);
  if (restart) startNode(context, id);
}

function endInOrder(context: ClusterContext, node: ClusterNode): void {
  if (context.tracing) context.cause = context.trace("node-stopped", node.id, {});
  beginSilence(node, context.cause, context.now);
  takeDown(context, node);
}

function takeDown(context: ClusterContext, node: ClusterNode): void {
  const { world } = context;
  const { id } = node;
  node.state = "down";
  node.stopping = false;
  node.restartWhenStopped = false;
  node.life += 1;
  node.sinceMs = context.now;
  node.held = [];
  onNodeDown(world.network, id, context);
  switch (node.kind) {
    case "controller":
      onControllerDown(world.quorum, id, context);
      break;
    case "broker":
      crashBroker(world.brokers[id]!, context);
      break;
    case "producer":
      killProducerClient(world.producers[id]!, context);
      break;
    case "consumer":
      killConsumerClient(world.consumers[id]!, context);
      break;
  }
}

export function startNode(context: ClusterContext, id: NodeId): void {
  const { world } = context;
  const node = nodeOf(world, id);
  node.state = "up";
  node.life += 1;
  node.sinceMs = context.now;
  if (context.tracing) context.cause = context.trace("node-started", id, { incarnation: node.life });
  endSilence(node, context.now);
  onNodeUp(world.network, id);
  switch (node.kind) {
    case "controller":
      onControllerUp(world.quorum, id, context);
      break;
    case "broker":
      startBroker(world.brokers[id]!, context);
      break;
    case "producer":
      startProducerClient(world.producers[id]!, context);
      break;
    case "consumer":
      startConsumerClient(world.consumers[id]!, context);
      break;
  }
}

export function pauseNode(context: ClusterContext, id: NodeId): void {
  const node = nodeOf(context.world, id);
  node.state = "hung";
  node.sinceMs = context.now;
  if (context.tracing) context.cause = context.trace("node-paused", id, {});
  beginSilence(node, context.cause, context.now);
  setHung(context.world.network, id, true);
  if (node.kind === "controller") onControllerHung(context.world.quorum, id, context);
}

/** What was due while the node hung happens now, in the order in which it was due within each phase. */
export function resumeNode(context: ClusterContext, id: NodeId): void {
  const { world } = context;
  const node = nodeOf(world, id);
  const held = copyPlain(node.held);
  node.state = "up";
  node.sinceMs = context.now;
  node.held = [];
  if (context.tracing) context.cause = context.trace("node-resumed", id, { held: held.length });
  endSilence(node, context.now);
  setHung(world.network, id, false);
  if (node.kind === "controller") onControllerUp(world.quorum, id, context);
  const resumeCause = context.cause;
  for (const event of held) {
    context.cause = event.cause;
    const payload: HeldPayload = { type: event.type, payload: event.payload };
    context.schedule(context.now, event.phase === Phase.Command ? Phase.Timer : event.phase, id, HELD, payload);
  }
  context.cause = resumeCause;
}
