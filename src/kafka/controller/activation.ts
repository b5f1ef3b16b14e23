import { NO_CAUSE, Phase } from "../../kernel/event.ts";
import { type BrokerSettings, brokerSettings } from "../protocol/broker-settings.ts";
import type { Context, NodeId } from "../protocol/context.ts";
import { createBrokerHeartbeatManager, registerHeartbeats, sessionCheckIntervalMs } from "./broker-heartbeat-manager.ts";
import { fenceOneStaleBroker } from "./cluster-control-manager.ts";
import { isFit } from "./failover.ts";
import { writeRecords } from "./metadata-writer.ts";
import type { ControllerQuorum } from "./quorum-state.ts";
import { balanceLeaders, electUncleanLeaders } from "./replication-control-manager.ts";

/** What a controller does because time passes, from the moment at which it becomes the active one. Models org.apache.kafka.controller.PeriodicTaskControlManager. */

/** A pass that found something to do comes again so soon. */
const REPEAT_MS = 10;

/** Makes a controller the active one: it knows the metadata, but not when brokers were heard of last, so their sessions start anew. */
export function activate(quorum: ControllerQuorum, id: number, context: Context): void {
  quorum.activeController = id;
  quorum.controllerEpoch += 1;
  quorum.generation += 1;
  quorum.waitingFetches = [];
  quorum.heartbeats = createBrokerHeartbeatManager(quorum.heartbeats.sessionTimeoutMs);
  for (const [brokerId, broker] of Object.entries(quorum.image.brokers))
    registerHeartbeats(quorum.heartbeats, Number(brokerId), broker.fenced, context.now);
  const { controllerEpoch } = quorum;
  if (context.tracing) context.cause = context.trace("controller-changed", String(id), { controllerId: id, controllerEpoch });
  writeRecords(
    quorum,
    [{ type: "ActiveControllerRecord", controllerId: id, controllerEpoch }],
    { kind: "clean", reason: "", config: "" },
    context,
  );
  context.cause = NO_CAUSE;
  const settings = settingsOf(quorum);
  scheduleTask(quorum, "controller-session-check", sessionCheckIntervalMs(quorum.heartbeats), context);
  if (settings.autoLeaderRebalanceEnable) scheduleTask(quorum, "controller-balance", settings.leaderImbalanceCheckIntervalMs, context);
  scheduleTask(quorum, "controller-unclean-elections", settings.uncleanLeaderElectionIntervalMs, context);
}

export function onPeriodicTask(quorum: ControllerQuorum, controllerId: NodeId, type: string, generation: number, context: Context): void {
  if (generation !== quorum.generation || String(quorum.activeController) !== controllerId) return;
  context.cause = NO_CAUSE;
  if (!isFit(quorum)) {
    // Cut off for a moment: it can decide nothing, but goes on if it is back before it is replaced.
    scheduleTask(quorum, type, sessionCheckIntervalMs(quorum.heartbeats), context);
    return;
  }
  if (type === "controller-session-check") {
    const found = fenceOneStaleBroker(quorum, context);
    context.cause = NO_CAUSE;
    scheduleTask(quorum, type, found ? REPEAT_MS : sessionCheckIntervalMs(quorum.heartbeats), context);
    return;
  }
  const settings = settingsOf(quorum);
  if (type === "controller-balance") balanceLeaders(quorum, context);
  else electUncleanLeaders(quorum, context);
  context.cause = NO_CAUSE;
  scheduleTask(
    quorum,
    type,
    type === "controller-balance" ? settings.leaderImbalanceCheckIntervalMs : settings.uncleanLeaderElectionIntervalMs,
    context,
  );
}

function scheduleTask(quorum: ControllerQuorum, type: string, afterMs: number, context: Context): void {
  context.schedule(context.now + afterMs, Phase.Timer, String(quorum.activeController), type, { generation: quorum.generation });
}

function settingsOf(quorum: ControllerQuorum): BrokerSettings {
  return brokerSettings({ ...quorum.staticConfigs, ...quorum.image.configs["broker:"] });
}
