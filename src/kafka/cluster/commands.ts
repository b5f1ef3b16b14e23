import { Phase } from "../../kernel/event.ts";
import { addEvent } from "../../kernel/kernel.ts";
import { unsupportedConsumerConfigs } from "../application/consumer-application.ts";
import type { Command } from "../protocol/commands.ts";
import { validateConfigs } from "../protocol/config-validation.ts";
import { addConsumer, addProducer, alterClientConfig, changeLoad, removeConsumer, triggerRebalanceOf } from "./client-commands.ts";
import { addPartitionsTo, alterConfig, createTopic, electLeaderOf, loseDiskOf } from "./cluster-commands.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { cutLinkOf, healLinkOf, isolateNode, rejoinNode, slowLinkOf } from "./link-commands.ts";
import { killNode, pauseNode, resumeNode, startNode, stopNode } from "./processes.ts";
import type { World } from "./world.ts";

/** The node to which commands are addressed: whoever operates the cluster. */
export const OPERATOR = "operator";

/** The type of the event by which a client's process starts at its time. */
export const BEGIN = "begin";

export function scheduleCommand(context: ClusterContext, at: number, command: Command): void {
  const { kernel } = context;
  addEvent(kernel, { at, phase: Phase.Command, seq: kernel.seq++, life: 0, node: OPERATOR, type: "command", payload: command, cause: -1 });
}

/** Does a command now. One that makes no sense (kill what is dead) does nothing, as a script's would; `context.refusal` says why. */
export function runCommand(context: ClusterContext, command: Command): void {
  context.refusal = refusalOf(context.world, command);
  if (context.refusal !== null) return;
  if (context.tracing) {
    const { type, ...rest } = command;
    const target = "node" in command ? command.node : String(Object.values(rest)[0] ?? "");
    context.cause = context.trace("command", OPERATOR, { command: type, target, details: JSON.stringify(rest) }, -1);
  }
  switch (command.type) {
    case "kill":
      return killNode(context, command.node);
    case "stop":
      return stopNode(context, command.node);
    case "start":
      return startNode(context, command.node);
    case "pause":
      return pauseNode(context, command.node);
    case "resume":
      return resumeNode(context, command.node);
    case "cut-link":
      return cutLinkOf(context, command);
    case "slow-link":
      return slowLinkOf(context, command);
    case "heal-link":
      return healLinkOf(context, command);
    case "isolate":
      return isolateNode(context, command.node);
    case "rejoin":
      return rejoinNode(context, command.node);
    case "lose-disk":
      return loseDiskOf(context, command.broker);
    case "alter-topic-config":
      return alterConfig(context, "topic", command.topic, command.key, command.value);
    case "alter-broker-config":
      return alterConfig(context, "broker", command.broker === null ? "" : String(command.broker), command.key, command.value);
    case "alter-group-config":
      return alterConfig(context, "group", command.group, command.key, command.value);
    case "alter-client-config":
      return alterClientConfig(context, command);
    case "create-topic":
      return createTopic(context, command);
    case "add-partitions":
      return addPartitionsTo(context, command);
    case "elect-leader":
      return electLeaderOf(context, command);
    case "change-load":
      return changeLoad(context, command);
    case "add-consumer":
      return addConsumer(context, command);
    case "add-producer":
      return addProducer(context, command);
    case "remove-consumer":
      return removeConsumer(context, command.consumer);
    case "trigger-rebalance":
      return triggerRebalanceOf(context, command.group);
  }
}

/** Why a command can't be done now, in words for a person; null when it can. */
export function refusalOf(world: World, command: Command): string | null {
  switch (command.type) {
    case "kill":
      return requireNode(world, command.node, (state) => (state === "down" ? "is already down" : null));
    case "stop":
      return requireNode(world, command.node, (state) =>
        state === "down" ? "is already down" : state === "hung" ? "hangs: resume or kill it" : null,
      );
    case "start":
      return requireNode(world, command.node, (state) => (state === "down" ? null : "is already up"));
    case "pause":
      return requireNode(world, command.node, (state) => (state === "up" ? null : state === "hung" ? "hangs already" : "is down"));
    case "resume":
      return requireNode(world, command.node, (state) => (state === "hung" ? null : "does not hang"));
    case "cut-link":
    case "slow-link":
    case "heal-link":
      if (command.from === command.to) return "a link has two ends";
      if (command.type === "slow-link" && command.latencyMs < 1) return "a link takes at least 1 ms";
      return requireNode(world, command.from, () => null) ?? requireNode(world, command.to, () => null);
    case "isolate":
    case "rejoin":
      return requireNode(world, command.node, () => null);
    case "lose-disk":
      if (world.brokers[command.broker] === undefined) return `there is no broker ${command.broker}`;
      return requireNode(world, String(command.broker), (state) => (state === "down" ? null : "is up: kill it first"));
    case "alter-client-config":
      return refusedClientConfig(world, command.client, { [command.key]: command.value });
    case "change-load":
      if (command.recordsPerSecond < 0 || !Number.isFinite(command.recordsPerSecond))
        return "records per second: a number from 0 up is needed";
      return world.producers[command.producer] ? null : `there is no producer ${command.producer}`;
    case "add-producer":
      if (command.name !== null && world.nodes[command.name] !== undefined) return `there is a node ${command.name} already`;
      if (world.producers[command.like] === undefined) return `there is no producer ${command.like}`;
      return refusedClientConfig(world, command.like, command.configs);
    case "add-consumer":
      if (command.name !== null && world.nodes[command.name] !== undefined) return `there is a node ${command.name} already`;
      return (
        requireGroup(world, command.group) ?? refusedConfigs("consumer", { ...groupConfigs(world, command.group), ...command.configs })
      );
    case "remove-consumer":
      return world.consumers[command.consumer] ? null : `there is no consumer ${command.consumer}`;
    case "trigger-rebalance":
      return requireGroup(world, command.group);
    default:
      return null;
  }
}

function requireNode(world: World, id: string, check: (state: "up" | "down" | "hung") => string | null): string | null {
  const node = world.nodes[id];
  if (node === undefined) return `there is no node ${id}`;
  const refusal = check(node.state);
  return refusal === null ? null : `${node.kind} ${id} ${refusal}`;
}

/** What Kafka would say of a client with these changes to its configs; null removes a key. */
function refusedClientConfig(world: World, name: string, changes: Record<string, string | null>): string | null {
  const producer = world.producers[name];
  const consumer = world.consumers[name];
  const client = producer ?? consumer;
  if (client === undefined) return `there is no client ${name}`;
  const configs: Record<string, string> = consumer === undefined ? {} : { "group.id": consumer.group };
  Object.assign(configs, client.configs);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete configs[key];
    else configs[key] = value;
  }
  return refusedConfigs(producer === undefined ? "consumer" : "producer", configs);
}

function refusedConfigs(scope: "producer" | "consumer", configs: Record<string, string>): string | null {
  const checked = validateConfigs(scope, configs);
  if (!checked.ok) return checked.error.message;
  return scope === "consumer" ? (unsupportedConsumerConfigs(configs)?.message ?? null) : null;
}

function groupConfigs(world: World, group: string): Record<string, string> {
  return { "group.id": group, ...world.spec.groups.find(({ name }) => name === group)!.configs };
}

function requireGroup(world: World, group: string): string | null {
  return world.spec.groups.some(({ name }) => name === group) ? null : `there is no group ${group}`;
}
