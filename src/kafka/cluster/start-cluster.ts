import { Phase } from "../../kernel/event.ts";
import { addEvent } from "../../kernel/kernel.ts";
import { createConsumerClient } from "../application/consumer-application.ts";
import { createProducerClient } from "../application/producer-application.ts";
import { createBroker, startBrokerWarm } from "../broker/broker.ts";
import { bootstrapQuorum, createQuorum, metadataSnapshot } from "../controller/quorum.ts";
import { createNetwork, onNodeUp } from "../network/network.ts";
import type { ClusterSpec } from "../protocol/cluster-spec.ts";
import { bootstrapOf } from "./client-commands.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { BEGIN, OPERATOR } from "./commands.ts";
import { createNode, type World } from "./world.ts";

/** A world in which nothing has started yet. */
export function createWorld(spec: ClusterSpec): World {
  const world: World = {
    spec,
    nodes: {},
    network: createNetwork(spec.network),
    quorum: createQuorum(spec),
    brokers: {},
    producers: {},
    consumers: {},
  };
  for (const id of spec.controllers) world.nodes[id] = createNode(String(id), "controller", true);
  for (const broker of spec.brokers) {
    world.nodes[broker.id] = createNode(String(broker.id), "broker", true);
    world.brokers[broker.id] = createBroker(broker, spec.brokerConfigs, spec.controllers);
  }
  const bootstrap = bootstrapOf(world);
  for (const producer of spec.producers) {
    world.nodes[producer.name] = createNode(producer.name, "producer", false);
    world.producers[producer.name] = createProducerClient(producer, bootstrap);
  }
  for (const group of spec.groups) {
    for (const member of group.members) {
      world.nodes[member.name] = createNode(member.name, "consumer", false);
      world.consumers[member.name] = createConsumerClient(group, member, bootstrap);
    }
  }
  return world;
}

/**
 * Time 0: the cluster is up and has been for a while, so brokers are registered and unfenced, topics exist with every replica in the ISR.
 * Clients start from nothing, each at its time.
 */
export function startCluster(context: ClusterContext): void {
  const { world, kernel } = context;
  const { spec } = world;
  for (const id of [...spec.controllers, ...spec.brokers.map((broker) => broker.id)]) onNodeUp(world.network, String(id));
  bootstrapQuorum(world.quorum, spec, context);
  for (const { id } of spec.brokers) {
    const { records, endOffset } = metadataSnapshot(world.quorum);
    startBrokerWarm(world.brokers[id]!, world.quorum.image.brokers[id]!.brokerEpoch, records, endOffset, context);
  }
  const clients = [...spec.producers, ...spec.groups.flatMap(({ members }) => members)];
  for (const { name, startAtMs } of clients) {
    addEvent(kernel, {
      at: startAtMs,
      phase: Phase.Command,
      seq: kernel.seq++,
      life: 0,
      node: OPERATOR,
      type: BEGIN,
      payload: { node: name },
      cause: -1,
    });
  }
}
