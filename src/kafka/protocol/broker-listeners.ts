import { type ConfigRefusal, type ConfigView, isTrue, listOf, refusal, required, textOf } from "./config-checks.ts";

/**
 * A node's roles, listeners and voters. samsa knows where its nodes are and reads none of this; it is checked so that a mistake is told as Kafka tells it.
 * Models SocketServerConfigs.listenerListToEndPoints, QuorumConfig.parseVoterIds and the parts of KafkaConfig.validateValues about listeners.
 * Left out: security protocols, IPv6, the same port on several addresses.
 */
export interface Listeners {
  all: Listener[];
  advertised: Listener[];
  /** controller.listener.names */
  controllerNames: string[];
}

interface Listener {
  name: string;
  host: string;
  port: number;
}

const LISTENER = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/;

export function readListeners(view: ConfigView): Listeners | ConfigRefusal {
  const all = parseListeners(view, "listeners", listOf(view, "listeners"));
  if (!Array.isArray(all)) return all;
  const advertised = textOf(view, "advertised.listeners") === null ? all : parseListeners(view, "advertised.listeners", listOf(view, "advertised.listeners"));
  if (!Array.isArray(advertised)) return advertised;
  return { all, advertised, controllerNames: listOf(view, "controller.listener.names") };
}

function parseListeners(view: ConfigView, key: string, texts: string[]): Listener[] | ConfigRefusal {
  const listeners: Listener[] = [];
  const failed = (reason: string): ConfigRefusal =>
    refusal("IllegalArgumentException", `Error creating broker listeners from '[${texts.join(", ")}]': ${reason}`, key);
  for (const text of texts) {
    const match = LISTENER.exec(text);
    if (match === null) return text.includes("://") ? failed(`Unable to parse ${text} to a broker endpoint`) : refusal("KafkaException", `Unable to parse a listener name from ${text}`, key);
    const name = match[1]!.toUpperCase();
    if (!securityNames(view).has(name)) return failed(`No security protocol defined for listener ${name}`);
    listeners.push({ name, host: match[2]!, port: Number(match[3]) });
  }
  if (new Set(listeners.map((listener) => listener.name)).size !== listeners.length) return failed(`Each listener must have a different name, listeners: [${texts.join(", ")}]`);
  const ports = listeners.map((listener) => listener.port).filter((port) => port !== 0);
  if (key === "listeners" && new Set(ports).size !== ports.length) return failed(`Each listener must have a different port, listeners: [${texts.join(", ")}]`);
  return listeners;
}

const MAP_KEY = "listener.security.protocol.map";

/** Listeners whose protocol is known: those of the map, and, while the map has its default and nothing but PLAINTEXT is in use, the controllers'. */
function securityNames(view: ConfigView): Set<string> {
  const names = new Set((textOf(view, MAP_KEY) ?? "").split(",").map((entry) => entry.split(":")[0]!.trim().toUpperCase()));
  if (view.given[MAP_KEY] === undefined) for (const name of listOf(view, "controller.listener.names")) names.add(name.toUpperCase());
  return names;
}

export function checkEarlyStartListeners(view: ConfigView, listeners: Listeners): ConfigRefusal | null {
  const key = "early.start.listeners";
  const known = [...listeners.all.map((listener) => listener.name), ...listeners.controllerNames];
  const stranger = listOf(view, key).find((name) => !known.includes(name));
  return stranger === undefined ? null : refusal("ConfigException", `${key} contains listener ${stranger}, but this is not contained in listeners or controller.listener.names`, key);
}

export function checkRoles(view: ConfigView, listeners: Listeners): ConfigRefusal | null {
  const voters = parseVoterIds(view);
  if (!(voters instanceof Set)) return voters;
  const roles = listOf(view, "process.roles");
  const ofControllers = listeners.all.filter((listener) => listeners.controllerNames.includes(listener.name));
  if (voters.size === 0 && listOf(view, "controller.quorum.bootstrap.servers").length === 0) {
    const message =
      "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.";
    return refusal("ConfigException", message, "controller.quorum.bootstrap.servers");
  }
  return roles.includes("controller") ? checkController(view, voters, listeners, ofControllers, roles.length === 1) : checkBrokerOnly(view, voters, ofControllers);
}

function checkBrokerOnly(view: ConfigView, voters: Set<string>, ofControllers: Listener[]): ConfigRefusal | null {
  const nodeId = textOf(view, "node.id") ?? "";
  return (
    required(
      !voters.has(nodeId),
      `If process.roles contains just the 'broker' role, the node id ${nodeId} must not be included in the set of voters controller.quorum.voters=${setAsText(voters)}`,
      "controller.quorum.voters",
    ) ??
    required(
      ofControllers.length === 0,
      "controller.listener.names must not contain a value appearing in the 'listeners' configuration when running KRaft with just the broker role",
      "controller.listener.names",
    ) ??
    required(
      !isTrue(view, "controller.quorum.auto.join.enable"),
      "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role.",
      "controller.quorum.auto.join.enable",
    )
  );
}

function checkController(view: ConfigView, voters: Set<string>, listeners: Listeners, ofControllers: Listener[], alone: boolean): ConfigRefusal | null {
  const nodeId = textOf(view, "node.id") ?? "";
  const names = listeners.all.map((listener) => listener.name);
  return (
    required(
      !alone || ofControllers.length === listeners.all.length,
      "The listeners config must only contain KRaft controller listeners from controller.listener.names when process.roles=controller",
      "listeners",
    ) ??
    required(
      voters.size === 0 || voters.has(nodeId),
      `If process.roles contains the 'controller' role, the node id ${nodeId} must be included in the set of voters controller.quorum.voters=${setAsText(voters)}`,
      "controller.quorum.voters",
    ) ??
    required(
      ofControllers.length > 0,
      "controller.listener.names must contain at least one value appearing in the 'listeners' configuration when running the KRaft controller role",
      "controller.listener.names",
    ) ??
    required(
      listeners.controllerNames.every((name) => names.includes(name)),
      "controller.listener.names must only contain values appearing in the 'listeners' configuration when running the KRaft controller role",
      "controller.listener.names",
    )
  );
}

function parseVoterIds(view: ConfigView): Set<string> | ConfigRefusal {
  const key = "controller.quorum.voters";
  const form = "Each entry should be in the form `{id}@{host}:{port}`.";
  const ids = new Set<string>();
  for (const entry of listOf(view, key)) {
    const [id, address, ...more] = entry.split("@");
    if (address === undefined || more.length > 0) return refusal("ConfigException", `Invalid configuration value for ${key}. ${form}`, key);
    if (!/^[+-]?\d+$/.test(id!)) return refusal("ConfigException", `Failed to parse voter ID as an integer from ${id}`, key);
    if (!/^\[?.+\]?:\d+$/.test(address)) return refusal("ConfigException", `Failed to parse host name from entry ${entry} for the configuration ${key}. ${form}`, key);
    ids.add(String(Number(id)));
  }
  return ids;
}

/** As Scala writes a small set. */
function setAsText(ids: Set<string>): string {
  return `Set(${[...ids].join(", ")})`;
}

export function checkListeners(view: ConfigView, listeners: Listeners): ConfigRefusal | null {
  if (!listOf(view, "process.roles").includes("broker")) return null;
  const names = listeners.all.map((listener) => listener.name);
  const advertised = listeners.advertised.map((listener) => listener.name).filter((name) => !listeners.controllerNames.includes(name));
  const interBroker = textOf(view, "inter.broker.listener.name") ?? textOf(view, "security.inter.broker.protocol") ?? "";
  return (
    required(advertised.length > 0, "There must be at least one broker advertised listener. Perhaps all listeners appear in controller.listener.names?", "advertised.listeners") ??
    required(
      advertised.includes(interBroker),
      `inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options based on currently configured listeners are ${advertised.join(",")}`,
      "inter.broker.listener.name",
    ) ??
    required(
      advertised.every((name) => names.includes(name)),
      `advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found ${advertised.join(",")}. The valid options based on the current configuration are ${names.join(",")}`,
      "advertised.listeners",
    )
  );
}

export function checkRoutableAddresses(listeners: Listeners): ConfigRefusal | null {
  return required(
    listeners.advertised.every((listener) => listener.host !== "0.0.0.0"),
    "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.",
    "advertised.listeners",
  );
}
