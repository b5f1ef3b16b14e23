import { Phase } from "../../kernel/event.ts";
import { NETWORK_NODE, type NetworkEvents } from "../network/network.ts";
import type { Context } from "../protocol/context.ts";
import { backoffMs } from "../protocol/exponential-backoff.ts";
import type { ResponseBody, ResponseOf } from "../protocol/messages.ts";
import type { Broker } from "./broker.ts";
import { sendToController } from "./node-to-controller-channel.ts";

/**
 * A broker's life in the controller's eyes: registration, heartbeats, controlled shutdown.
 * Models kafka.server.BrokerLifecycleManager. Left out: the initial registration timeout, offline directories, log recovery (a broker is ready as soon as
 * it has caught up with the metadata).
 */
export interface BrokerLifecycle {
  state: BrokerState;
  /** Counts the starts of the process. */
  incarnation: number;
  /** -1 before the first registration. */
  brokerEpoch: number;
  /** What the clean-shutdown file on disk says at the next start: the epoch of a life that ended in order; -1: it did not. */
  previousBrokerEpoch: number;
  registered: boolean;
  readyToUnfence: boolean;
  /** As the controller said in its last answer. */
  fenced: boolean;
  communicationInFlight: boolean;
  nextSchedulingShouldBeImmediate: boolean;
  gotControlledShutdownResponse: boolean;
  failedAttempts: number;
  /** When the last heartbeat was answered, virtual milliseconds; -1: none was in this life. */
  lastHeartbeatMs: number;
  /** Timers of earlier schedulings carry an older number. */
  generation: number;
}

export type BrokerState = "NOT_RUNNING" | "STARTING" | "RECOVERY" | "RUNNING" | "PENDING_CONTROLLED_SHUTDOWN" | "SHUTTING_DOWN";

const COMMUNICATE = "lifecycle-communicate";
const SHUTDOWN_TIMEOUT = "lifecycle-shutdown-timeout";
/** BrokerServer.shutdown gives the controller so long to let the broker go. */
const CONTROLLED_SHUTDOWN_TIMEOUT_MS = 300_000;
const STARTING_INTERVAL_MS = 10;
const FIRST_SHUTDOWN_INTERVAL_MS = 50;
const RESEND_INITIAL_MS = 100;
const RESEND_JITTER = 0.02;

export function createBrokerLifecycle(): BrokerLifecycle {
  return {
    state: "NOT_RUNNING",
    incarnation: 0,
    brokerEpoch: -1,
    previousBrokerEpoch: -1,
    registered: false,
    readyToUnfence: false,
    fenced: true,
    communicationInFlight: false,
    nextSchedulingShouldBeImmediate: false,
    gotControlledShutdownResponse: false,
    failedAttempts: 0,
    lastHeartbeatMs: -1,
    generation: 0,
  };
}

/** The incarnation id of a broker's nth start. The first one is that of brokers that are registered before time begins. */
export function incarnationId(brokerId: number, incarnation: number): string {
  return `${brokerId}#${incarnation}`;
}

/** The process starts: it registers, then asks by heartbeats to be unfenced. */
export function startLifecycle(broker: Broker, context: Context): void {
  const { lifecycle } = broker;
  beginLife(lifecycle);
  lifecycle.state = "STARTING";
  openPort(broker, false, context);
  sendRegistration(broker, context);
}

/** The broker was running, registered and unfenced before time began; its heartbeats go on. */
export function bootstrapLifecycle(broker: Broker, brokerEpoch: number, context: Context): void {
  const { lifecycle } = broker;
  beginLife(lifecycle);
  lifecycle.state = "RUNNING";
  lifecycle.brokerEpoch = brokerEpoch;
  lifecycle.registered = true;
  lifecycle.readyToUnfence = true;
  lifecycle.fenced = false;
  lifecycle.lastHeartbeatMs = context.now;
  scheduleCommunication(broker, broker.settings.brokerHeartbeatIntervalMs, context);
}

/** SIGTERM: asks the controller to move the leaders away; from any other state than running the broker just stops. */
export function beginControlledShutdown(broker: Broker, context: Context): void {
  const { lifecycle } = broker;
  if (lifecycle.state === "PENDING_CONTROLLED_SHUTDOWN" || lifecycle.state === "SHUTTING_DOWN") return;
  if (lifecycle.state !== "RUNNING") {
    shutDown(lifecycle);
    return;
  }
  lifecycle.state = "PENDING_CONTROLLED_SHUTDOWN";
  const payload = { incarnation: lifecycle.incarnation };
  context.schedule(context.now + CONTROLLED_SHUTDOWN_TIMEOUT_MS, Phase.Timer, String(broker.id), SHUTDOWN_TIMEOUT, payload);
  scheduleCommunication(broker, 0, context);
}

/** The process has ended, in order or not: only what is on disk stays. */
export function endLifecycle(lifecycle: BrokerLifecycle): void {
  lifecycle.previousBrokerEpoch = lifecycle.state === "SHUTTING_DOWN" ? lifecycle.brokerEpoch : -1;
  lifecycle.state = "NOT_RUNNING";
  lifecycle.generation += 1;
}

/** The controller has let the broker go, or was waited for long enough: its process may end. */
export function mayStop(lifecycle: BrokerLifecycle): boolean {
  return lifecycle.state === "SHUTTING_DOWN";
}

/** Timers: event types that begin with "lifecycle-". */
export function onLifecycleEvent(broker: Broker, type: string, payload: unknown, context: Context): void {
  const { lifecycle } = broker;
  if (type === SHUTDOWN_TIMEOUT) {
    // No controller has let it go: it ends without leave, and its leaders with it.
    const isThisLife = (payload as { incarnation: number }).incarnation === lifecycle.incarnation;
    if (isThisLife && lifecycle.state === "PENDING_CONTROLLED_SHUTDOWN") shutDown(lifecycle);
    return;
  }
  if ((payload as { generation: number }).generation !== lifecycle.generation) return;
  if (lifecycle.communicationInFlight) lifecycle.nextSchedulingShouldBeImmediate = true;
  else if (lifecycle.registered) sendHeartbeat(broker, context);
  else sendRegistration(broker, context);
}

/** Answers of the controller by the channel "heartbeat"; null: it gave up. */
export function onLifecycleReply(broker: Broker, tag: string, reply: ResponseBody | null, context: Context): void {
  const { lifecycle } = broker;
  lifecycle.communicationInFlight = false;
  if (lifecycle.state === "SHUTTING_DOWN" || lifecycle.state === "NOT_RUNNING") return;
  if (reply === null || !("error" in reply) || reply.error !== "NONE") scheduleAfterFailure(broker, context);
  else if (tag === "registration" && reply.api === "BrokerRegistration") onRegistered(broker, reply.brokerEpoch, context);
  else if (reply.api === "BrokerHeartbeat") onHeartbeatAnswered(broker, reply, context);
}

function onRegistered(broker: Broker, brokerEpoch: number, context: Context): void {
  const { lifecycle } = broker;
  lifecycle.failedAttempts = 0;
  lifecycle.brokerEpoch = brokerEpoch;
  lifecycle.registered = true;
  scheduleCommunication(broker, 0, context);
}

function onHeartbeatAnswered(broker: Broker, reply: ResponseOf<"BrokerHeartbeat">, context: Context): void {
  const { lifecycle, settings } = broker;
  lifecycle.failedAttempts = 0;
  lifecycle.fenced = reply.isFenced;
  lifecycle.lastHeartbeatMs = context.now;
  switch (lifecycle.state) {
    case "STARTING":
      if (reply.isCaughtUp) {
        lifecycle.state = "RECOVERY";
        // With nothing to recover the broker asks to be unfenced right away.
        lifecycle.readyToUnfence = true;
        scheduleCommunication(broker, 0, context);
      } else scheduleCommunication(broker, STARTING_INTERVAL_MS, context);
      return;
    case "RECOVERY":
      if (!reply.isFenced) {
        lifecycle.state = "RUNNING";
        openPort(broker, true, context);
      }
      scheduleCommunication(broker, settings.brokerHeartbeatIntervalMs, context);
      return;
    case "PENDING_CONTROLLED_SHUTDOWN":
      if (reply.shouldShutDown) shutDown(lifecycle);
      else
        scheduleCommunication(
          broker,
          lifecycle.gotControlledShutdownResponse ? settings.brokerHeartbeatIntervalMs : FIRST_SHUTDOWN_INTERVAL_MS,
          context,
        );
      lifecycle.gotControlledShutdownResponse = true;
      return;
    default:
      scheduleCommunication(broker, settings.brokerHeartbeatIntervalMs, context);
  }
}

function beginLife(lifecycle: BrokerLifecycle): void {
  const { incarnation, previousBrokerEpoch, generation } = lifecycle;
  Object.assign(lifecycle, createBrokerLifecycle(), { incarnation: incarnation + 1, previousBrokerEpoch, generation: generation + 1 });
}

/** Until it is unfenced for the first time in its life a broker cannot be connected to, even if the metadata still names it as a leader. */
function openPort(broker: Broker, listening: boolean, context: Context): void {
  const payload: NetworkEvents["network-listen"] = { node: String(broker.id), listening };
  context.schedule(context.now, Phase.Application, NETWORK_NODE, "network-listen", payload);
}

function shutDown(lifecycle: BrokerLifecycle): void {
  lifecycle.state = "SHUTTING_DOWN";
  lifecycle.generation += 1;
}

function sendRegistration(broker: Broker, context: Context): void {
  const { lifecycle } = broker;
  lifecycle.communicationInFlight = true;
  sendToController(
    broker,
    "heartbeat",
    {
      api: "BrokerRegistration",
      brokerId: broker.id,
      incarnationId: incarnationId(broker.id, lifecycle.incarnation),
      rack: broker.rack,
      previousBrokerEpoch: lifecycle.previousBrokerEpoch,
    },
    "registration",
    context,
  );
}

function sendHeartbeat(broker: Broker, context: Context): void {
  const { lifecycle } = broker;
  lifecycle.communicationInFlight = true;
  sendToController(
    broker,
    "heartbeat",
    {
      api: "BrokerHeartbeat",
      brokerId: broker.id,
      brokerEpoch: lifecycle.brokerEpoch,
      // Kafka names the last record that it has, the image here the next one.
      currentMetadataOffset: broker.image.offset - 1,
      wantFence: !lifecycle.readyToUnfence,
      wantShutDown: lifecycle.state === "PENDING_CONTROLLED_SHUTDOWN",
    },
    "heartbeat",
    context,
  );
}

function scheduleAfterFailure(broker: Broker, context: Context): void {
  const { lifecycle, settings } = broker;
  const jitter = context.chance.jitter(`broker/${broker.id}/lifecycle`, RESEND_JITTER);
  const delayMs = backoffMs(RESEND_INITIAL_MS, settings.brokerSessionTimeoutMs, lifecycle.failedAttempts, jitter);
  lifecycle.failedAttempts += 1;
  lifecycle.nextSchedulingShouldBeImmediate = false;
  scheduleCommunication(broker, delayMs, context);
}

function scheduleCommunication(broker: Broker, afterMs: number, context: Context): void {
  const { lifecycle } = broker;
  const delayMs = lifecycle.nextSchedulingShouldBeImmediate ? 0 : afterMs;
  lifecycle.nextSchedulingShouldBeImmediate = false;
  lifecycle.generation += 1;
  context.schedule(context.now + delayMs, Phase.Timer, String(broker.id), COMMUNICATE, { generation: lifecycle.generation });
}
