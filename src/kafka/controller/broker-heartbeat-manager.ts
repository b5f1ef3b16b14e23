/**
 * When each broker was heard of last, and what follows from a heartbeat. Models org.apache.kafka.controller.BrokerHeartbeatManager.
 * This state is not in the metadata log: a controller that becomes active knows nothing of it and gives every broker a whole new session.
 */
export interface BrokerHeartbeatManager {
  readonly sessionTimeoutMs: number;
  /** By broker id. */
  brokers: Record<string, BrokerHeartbeatState>;
}

export interface BrokerHeartbeatState {
  fenced: boolean;
  lastContactMs: number;
  /** The offset of the last metadata record that the broker has, by its own account. */
  metadataOffset: number;
  /** All active brokers must have got this far before a broker in controlled shutdown may go; -1: it is in none. */
  controlledShutdownOffset: number;
}

export type BrokerControlState = "FENCED" | "UNFENCED" | "CONTROLLED_SHUTDOWN" | "SHUTDOWN_NOW";

export interface HeartbeatWish {
  currentMetadataOffset: number;
  wantFence: boolean;
  wantShutDown: boolean;
}

export function createBrokerHeartbeatManager(sessionTimeoutMs: number): BrokerHeartbeatManager {
  return { sessionTimeoutMs, brokers: {} };
}

/** Sessions are looked at this often: a broker is fenced between one session timeout and an eighth more after its last heartbeat. */
export function sessionCheckIntervalMs(manager: BrokerHeartbeatManager): number {
  return Math.max(1, Math.floor(manager.sessionTimeoutMs / 8));
}

export function registerHeartbeats(manager: BrokerHeartbeatManager, brokerId: number, fenced: boolean, now: number): void {
  const known = manager.brokers[brokerId];
  if (known === undefined) manager.brokers[brokerId] = { fenced, lastContactMs: now, metadataOffset: -1, controlledShutdownOffset: -1 };
  else touch(manager, brokerId, fenced, known.fenced === fenced ? -1 : known.metadataOffset, now);
}

export function forgetBroker(manager: BrokerHeartbeatManager, brokerId: number): void {
  delete manager.brokers[brokerId];
}

export function touch(manager: BrokerHeartbeatManager, brokerId: number, fenced: boolean, metadataOffset: number, now: number): void {
  const broker = manager.brokers[brokerId];
  if (broker === undefined) return;
  broker.lastContactMs = now;
  broker.metadataOffset = metadataOffset;
  broker.fenced = fenced;
  if (fenced) broker.controlledShutdownOffset = -1;
}

/** A broker that was heard of exactly one session timeout ago is still alive. */
export function hasValidSession(manager: BrokerHeartbeatManager, brokerId: number, now: number): boolean {
  const broker = manager.brokers[brokerId];
  return broker !== undefined && !broker.fenced && broker.lastContactMs + manager.sessionTimeoutMs >= now;
}

/** The unfenced broker that has been silent longest, if it is stale; -1: none. */
export function findOneStaleBroker(manager: BrokerHeartbeatManager, now: number): number {
  let stale = -1;
  let lastContactMs = now - manager.sessionTimeoutMs;
  for (const [id, broker] of Object.entries(manager.brokers)) {
    if (broker.fenced || broker.lastContactMs >= lastContactMs) continue;
    stale = Number(id);
    lastContactMs = broker.lastContactMs;
  }
  return stale;
}

/** What a heartbeat makes of its broker. `hasLeaderships` is asked only when it matters. */
export function nextBrokerState(
  manager: BrokerHeartbeatManager,
  brokerId: number,
  wish: HeartbeatWish,
  registrationOffset: number,
  hasLeaderships: () => boolean,
): BrokerControlState {
  switch (currentBrokerState(manager, brokerId)) {
    case "FENCED":
      if (wish.wantShutDown) return "SHUTDOWN_NOW";
      return !wish.wantFence && wish.currentMetadataOffset >= registrationOffset ? "UNFENCED" : "FENCED";
    case "UNFENCED":
      if (wish.wantFence) return wish.wantShutDown ? "SHUTDOWN_NOW" : "FENCED";
      if (!wish.wantShutDown) return "UNFENCED";
      return hasLeaderships() ? "CONTROLLED_SHUTDOWN" : "SHUTDOWN_NOW";
    case "CONTROLLED_SHUTDOWN":
      if (hasLeaderships()) return "CONTROLLED_SHUTDOWN";
      return manager.brokers[brokerId]!.controlledShutdownOffset <= lowestActiveOffset(manager) ? "SHUTDOWN_NOW" : "CONTROLLED_SHUTDOWN";
    default:
      return "SHUTDOWN_NOW";
  }
}

export function currentBrokerState(manager: BrokerHeartbeatManager, brokerId: number): BrokerControlState {
  const broker = manager.brokers[brokerId];
  if (broker === undefined || broker.fenced) return "FENCED";
  return broker.controlledShutdownOffset >= 0 ? "CONTROLLED_SHUTDOWN" : "UNFENCED";
}

/** The first heartbeat that asks for the shutdown decides how far the others must get. */
export function enterControlledShutdown(manager: BrokerHeartbeatManager, brokerId: number, offset: number): void {
  const broker = manager.brokers[brokerId];
  if (broker !== undefined && broker.controlledShutdownOffset < 0) broker.controlledShutdownOffset = offset;
}

function lowestActiveOffset(manager: BrokerHeartbeatManager): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const broker of Object.values(manager.brokers)) {
    if (!broker.fenced && broker.controlledShutdownOffset < 0) lowest = Math.min(lowest, broker.metadataOffset);
  }
  return lowest;
}
