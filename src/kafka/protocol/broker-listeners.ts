import { type ConfigRefusal, type ConfigView, isTrue, listOf, refusal, required, textOf } from "./config-checks.ts";
import { readInt } from "./config-reader.ts";

/**
 * A node's roles, listeners and voters. samsa knows where its nodes are and reads none of this; it is checked so that a mistake is told as Kafka tells it.
 * Models SocketServerConfigs.listenerListToEndPoints, QuorumConfig.parseVoterIds and the parts of KafkaConfig.validateValues about listeners.
 * Left out: security protocols, IPv6, the same port on several addresses.
 */
export interface Listener {
  name: string;
  host: string;
  port: number;
}

const LISTENER = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/;

export function readListeners(view: ConfigView): Listener[] | ConfigRefusal {
  const nameless = listOf(view, "listeners").find((text) => !text.includes("://"));
  if (nameless !== undefined) return refusal("KafkaException", `Unable to parse a listener name from ${nameless}`, "listeners");
  return parseListeners(view, "listeners");
}

/** Without advertised.listeners a node advertises its listeners. */
export function readAdvertised(view: ConfigView, listeners: Listener[]): Listener[] | ConfigRefusal {
  return textOf(view, "advertised.listeners") === null ? listeners : parseListeners(view, "advertised.listeners");
}

function parseListeners(view: ConfigView, key: string): Listener[] | ConfigRefusal {
  const texts = listOf(view, key);
  const listeners: Listener[] = [];
  const failed = (reason: string): ConfigRefusal =>
    refusal("IllegalArgumentException", `Error creating broker listeners from '[${texts.join(", ")}]': ${reason}`, key);
  for (const text of texts) {
    const match = LISTENER.exec(text);
    if (match === null) return failed(`Unable to parse ${text} to a broker endpoint`);
    const name = match[1]!.toUpperCase();
    if (!securityNames(view).has(name)) return failed(`No security protocol defined for listener ${name}`);
    listeners.push({ name, host: match[2]!, port: Number(match[3]) });
  }
  const names = new Set(listeners.map((listener) => listener.name));
  if (names.size !== listeners.length) return failed(`Each listener must have a different name, listeners: [${texts.join(", ")}]`);
  const ports = listeners.map((listener) => listener.port).filter((port) => port !== 0);
  if (key === "listeners" && new Set(ports).size !== ports.length) {
    return failed(`Each listener must have a different port, listeners: [${texts.join(", ")}]`);
  }
  return listeners;
}

const MAP_KEY = "listener.security.protocol.map";

/** Listeners whose protocol is known: those of the map and, while the map is not set and no SSL or SASL is in use, the controllers', as they are written. */
function securityNames(view: ConfigView): Set<string> {
  const names = new Set((textOf(view, MAP_KEY) ?? "").split(",").map((entry) => entry.split(":")[0]!.trim().toUpperCase()));
  const ofControllers = listOf(view, "controller.listener.names");
  const inUse = [...ofControllers, ...listOf(view, "listeners").map((text) => text.split("://")[0]!)];
  const onlyPlaintext = !inUse.some((name) => name === "SSL" || name.startsWith("SASL_"));
  if (view.given[MAP_KEY] === undefined && onlyPlaintext) for (const name of ofControllers) names.add(name);
  return names;
}

export function checkEarlyStartListeners(view: ConfigView, listeners: Listener[]): ConfigRefusal | null {
  const key = "early.start.listeners";
  const stranger = listOf(view, key).find((name) => listeners.every((listener) => listener.name !== name.toUpperCase()));
  if (stranger === undefined) return null;
  const message = `${key} contains listener ${stranger.toUpperCase()}, but this is not contained in listeners or controller.listener.names`;
  return refusal("ConfigException", message, key);
}

export function checkRoles(view: ConfigView, listeners: Listener[]): ConfigRefusal | null {
  const voters = voterIds(view);
  const roles = listOf(view, "process.roles");
  if (voters.size === 0 && listOf(view, "controller.quorum.bootstrap.servers").length === 0) {
    const message =
      "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers.";
    return refusal("ConfigException", message, "controller.quorum.bootstrap.servers");
  }
  return roles.includes("controller")
    ? checkController(view, voters, listeners, roles.length === 1)
    : checkBrokerOnly(view, voters, listeners);
}

function isForControllers(view: ConfigView, listener: Listener): boolean {
  return listOf(view, "controller.listener.names").includes(listener.name);
}

function checkBrokerOnly(view: ConfigView, voters: Set<string>, listeners: Listener[]): ConfigRefusal | null {
  const nodeId = textOf(view, "node.id") ?? "";
  return (
    required(
      !voters.has(nodeId),
      `If process.roles contains just the 'broker' role, the node id ${nodeId} must not be included in the set of voters controller.quorum.voters=${setAsText(voters)}`,
      "controller.quorum.voters",
    ) ??
    required(
      listeners.every((listener) => !isForControllers(view, listener)),
      "controller.listener.names must not contain a value appearing in the 'listeners' configuration when running KRaft with just the broker role",
      "controller.listener.names",
    ) ??
    checkControllerListenerNames(view) ??
    required(
      !isTrue(view, "controller.quorum.auto.join.enable"),
      "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' role.",
      "controller.quorum.auto.join.enable",
    )
  );
}

function checkControllerListenerNames(view: ConfigView): ConfigRefusal | null {
  const key = "controller.listener.names";
  const known = securityNames(view);
  const stranger = listOf(view, key).find((name) => !known.has(name.toUpperCase()));
  if (stranger === undefined) return null;
  const message = `Controller listener with name ${stranger.toUpperCase()} defined in ${key} not found in ${MAP_KEY}  (an explicit security mapping for each controller listener is required if ${MAP_KEY} is non-empty, or if there are security protocols other than PLAINTEXT in use)`;
  return refusal("ConfigException", message, key);
}

function checkController(view: ConfigView, voters: Set<string>, listeners: Listener[], alone: boolean): ConfigRefusal | null {
  const nodeId = textOf(view, "node.id") ?? "";
  const names = listeners.map((listener) => listener.name);
  const ofControllers = listeners.filter((listener) => isForControllers(view, listener));
  return (
    required(
      !alone || ofControllers.length === listeners.length,
      "The listeners config must only contain KRaft controller listeners from controller.listener.names when process.roles=controller",
      "listeners",
    ) ??
    (alone ? checkNoInterBrokerListener(view) : null) ??
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
      listOf(view, "controller.listener.names").every((name) => names.includes(name)),
      "controller.listener.names must only contain values appearing in the 'listeners' configuration when running the KRaft controller role",
      "controller.listener.names",
    )
  );
}

function checkNoInterBrokerListener(view: ConfigView): ConfigRefusal | null {
  const key = "inter.broker.listener.name";
  if (textOf(view, key) === null) return null;
  const message = `controller.listener.names must not contain an explicitly set ${key} configuration value when process.roles=controller'`;
  const name = interBrokerName(view);
  return checkMapped(view, name) ?? required(!listOf(view, "controller.listener.names").includes(name), message, key);
}

function interBrokerName(view: ConfigView): string {
  return textOf(view, "inter.broker.listener.name")?.toUpperCase() ?? textOf(view, "security.inter.broker.protocol") ?? "";
}

function checkMapped(view: ConfigView, name: string): ConfigRefusal | null {
  if (securityNames(view).has(name)) return null;
  return refusal(
    "ConfigException",
    `Listener with name ${name} defined in inter.broker.listener.name not found in ${MAP_KEY}.`,
    "inter.broker.listener.name",
  );
}

function voterIds(view: ConfigView): Set<string> {
  const ids = listOf(view, "controller.quorum.voters").map((voter) => readInt(voter.split("@")[0]!));
  return new Set(ids.sort((a, b) => a - b).map(String));
}

/** As Scala writes a small set. */
function setAsText(ids: Set<string>): string {
  return `Set(${[...ids].join(", ")})`;
}

export function checkListeners(view: ConfigView, listeners: Listener[], advertised: Listener[]): ConfigRefusal | null {
  if (!listOf(view, "process.roles").includes("broker")) return null;
  const names = listeners.map((listener) => listener.name);
  const offered = advertised.filter((listener) => !isForControllers(view, listener)).map((listener) => listener.name);
  const key = "inter.broker.listener.name";
  const interBroker = interBrokerName(view);
  if (offered.length === 0) {
    return required(
      false,
      "There must be at least one broker advertised listener. Perhaps all listeners appear in controller.listener.names?",
      "advertised.listeners",
    );
  }
  return (
    checkMapped(view, interBroker) ??
    required(
      offered.includes(interBroker),
      `${key} must be a listener name defined in advertised.listeners. The valid options based on currently configured listeners are ${offered.join(",")}`,
      key,
    ) ??
    required(
      offered.every((name) => names.includes(name)),
      `advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. Found ${offered.join(",")}. The valid options based on the current configuration are ${names.join(",")}`,
      "advertised.listeners",
    )
  );
}

export function checkRoutableAddresses(advertised: Listener[]): ConfigRefusal | null {
  return required(
    advertised.every((listener) => listener.host !== "0.0.0.0"),
    "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.",
    "advertised.listeners",
  );
}
