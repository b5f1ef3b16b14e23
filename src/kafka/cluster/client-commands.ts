import { createConsumerClient, startConsumerClient, stopConsumerClient, triggerRebalance } from "../application/consumer-application.ts";
import { changeLoad as changeLoadOf, createProducerClient, startProducerClient } from "../application/producer-application.ts";
import { onNodeUp } from "../network/network.ts";
import type { Command } from "../protocol/commands.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { afterNodeEvent, startNode, stopNode } from "./processes.ts";
import { createNode, nodeOf, type World } from "./world.ts";

type CommandOf<T extends Command["type"]> = Extract<Command, { type: T }>;

export function changeLoad(context: ClusterContext, command: CommandOf<"change-load">): void {
  changeLoadOf(context.world.producers[command.producer]!, command.recordsPerSecond, context);
}

export function addConsumer(context: ClusterContext, command: CommandOf<"add-consumer">): void {
  const { world } = context;
  const group = world.spec.groups.find(({ name }) => name === command.group)!;
  const name = command.name ?? freeName(world, Object.keys(world.consumers), "c");
  const spec = JSON.parse(JSON.stringify(group));
  world.consumers[name] = createConsumerClient(spec, { name, configs: { ...command.configs }, startAtMs: context.now }, bootstrapOf(world));
  world.nodes[name] = createNode(name, "consumer", true);
  world.nodes[name]!.sinceMs = context.now;
  onNodeUp(world.network, name);
  startConsumerClient(world.consumers[name]!, context);
}

export function addProducer(context: ClusterContext, command: CommandOf<"add-producer">): void {
  const { world } = context;
  const like = world.spec.producers.find(({ name }) => name === command.like) ?? world.spec.producers[0]!;
  const name = command.name ?? freeName(world, Object.keys(world.producers), "p");
  const spec = JSON.parse(JSON.stringify(like));
  world.producers[name] = createProducerClient(
    { ...spec, name, configs: { ...spec.configs, ...command.configs }, startAtMs: context.now },
    bootstrapOf(world),
  );
  world.nodes[name] = createNode(name, "producer", true);
  world.nodes[name]!.sinceMs = context.now;
  onNodeUp(world.network, name);
  startProducerClient(world.producers[name]!, context);
}

export function removeConsumer(context: ClusterContext, name: string): void {
  const { world } = context;
  const node = nodeOf(world, name);
  if (node.state !== "up") return;
  node.stopping = true;
  stopConsumerClient(world.consumers[name]!, context);
  afterNodeEvent(context, name);
}

export function triggerRebalanceOf(context: ClusterContext, group: string): void {
  const { world } = context;
  for (const name of Object.keys(world.consumers)) {
    const client = world.consumers[name]!;
    if (client.group !== group || world.nodes[name]!.state !== "up") continue;
    triggerRebalance(client, context);
    return;
  }
}

export function alterClientConfig(context: ClusterContext, command: CommandOf<"alter-client-config">): void {
  const { world } = context;
  const client = world.producers[command.client] ?? world.consumers[command.client]!;
  if (command.value === null) delete client.configs[command.key];
  else client.configs[command.key] = command.value;
  if (context.tracing) {
    context.cause = context.trace("config-changed", command.client, {
      scope: world.producers[command.client] === undefined ? "consumer" : "producer",
      resource: command.client,
      key: command.key,
      value: command.value ?? "",
    });
  }
  const node = nodeOf(world, command.client);
  if (!command.restart || node.state !== "up") return;
  node.restartWhenStopped = true;
  stopNode(context, command.client);
  if (nodeOf(world, command.client).state === "down") startNode(context, command.client);
}

export function bootstrapOf(world: World): string[] {
  return world.spec.brokers.map(({ id }) => String(id));
}

function freeName(world: World, like: string[], fallback: string): string {
  const prefix = /^(.*?)\d*$/.exec(like[0] ?? fallback)?.[1] ?? fallback;
  let number = like.length + 1;
  while (world.nodes[`${prefix}${number}`] !== undefined) number += 1;
  return `${prefix}${number}`;
}
