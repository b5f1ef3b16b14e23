import {
  createNetwork,
  isDeliverable,
  NETWORK_NODE,
  type Network,
  type NetworkContext,
  onNetworkEvent,
  onNodeUp,
} from "../../../src/kafka/network/network.ts";
import type { NodeId } from "../../../src/kafka/protocol/context.ts";
import { comesBefore, type SimEvent } from "../../../src/kernel/event.ts";

interface Delivery {
  at: number;
  node: NodeId;
  type: string;
  payload: Record<string, unknown>;
}

/** A network whose nodes only write down what reaches them. */
export interface TestNetwork {
  network: Network;
  context: NetworkContext & { now: number };
  queue: SimEvent[];
  deliveries: Delivery[];
}

export function networkOfNodes(nodes: NodeId[], latencyMs = 1, bandwidthBytesPerSecond: number | null = null): TestNetwork {
  const queue: SimEvent[] = [];
  const context = {
    now: 0,
    cause: -1,
    tracing: false,
    trace: () => -1,
    schedule(at: number, phase: 0 | 1 | 2 | 3 | 4, node: NodeId, type: string, payload: unknown): void {
      queue.push({ at, phase, seq: queue.length, life: 0, node, type, payload, cause: -1 });
    },
  };
  const network = createNetwork({ latencyMs, bandwidthBytesPerSecond });
  for (const node of nodes) onNodeUp(network, node);
  return { network, context, queue, deliveries: [] };
}

const handled = new WeakSet<SimEvent>();

/** Lets everything happen that is due until then. */
export function runUntil(test: TestNetwork, untilMs: number): void {
  for (;;) {
    const due = test.queue.filter((event) => !handled.has(event) && event.at <= untilMs);
    if (due.length === 0) break;
    const event = due.reduce((first, other) => (comesBefore(other, first) ? other : first));
    handled.add(event);
    test.context.now = event.at;
    if (event.node === NETWORK_NODE) onNetworkEvent(test.network, event.type, event.payload, test.context);
    else if (test.network.endpoints[event.node]?.state === "up" && isDeliverable(test.network, event.type, event.payload, event.node)) {
      test.deliveries.push({ at: event.at, node: event.node, type: event.type, payload: event.payload as Record<string, unknown> });
    }
  }
  test.context.now = untilMs;
}

/** "at node type" of each delivery since the last look. */
export function takeDeliveries(test: TestNetwork): string[] {
  const lines = test.deliveries.map(
    ({ at, node, type, payload }) =>
      `${at} ${node} ${type}${payload.reason === undefined ? "" : ` ${payload.reason}`}${payload.correlationId === undefined ? "" : ` #${payload.correlationId}`}`,
  );
  test.deliveries = [];
  return lines;
}
