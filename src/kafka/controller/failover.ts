import { Phase } from "../../kernel/event.ts";
import type { Context } from "../protocol/context.ts";
import type { ControllerNode, ControllerQuorum } from "./quorum-state.ts";

/**
 * Who is the active controller when controllers die, hang or are cut off. Stands for the leader election of org.apache.kafka.raft until that is modelled:
 * after a fixed time the next of them in order takes over, if a majority can still be reached; a controller that was away for longer than that has
 * lost its leadership even if nobody took it.
 */
type Activate = (quorum: ControllerQuorum, id: number, context: Context) => void;

/** Whether the active controller can decide anything: it runs, it can be reached, and so can a majority. */
export function isFit(quorum: ControllerQuorum): boolean {
  const active = quorum.controllers[String(quorum.activeController)];
  return active !== undefined && isReachable(active) && hasMajority(quorum);
}

/** To be called after every change of a controller's state. */
export function reviewLeadership(quorum: ControllerQuorum, context: Context, activate: Activate): void {
  if (isFit(quorum)) {
    const wasAwayMs = quorum.lostAtMs === -1 ? 0 : context.now - quorum.lostAtMs;
    endLoss(quorum);
    if (wasAwayMs >= quorum.failoverMs && wasAwayMs > 0) activate(quorum, quorum.activeController, context);
    return;
  }
  if (quorum.lostAtMs === -1) {
    quorum.lostAtMs = context.now;
    quorum.lostCause = context.cause;
  }
  quorum.failoverGeneration += 1;
  const candidate = nextCandidate(quorum);
  if (candidate === null) return;
  const at = Math.max(context.now, quorum.lostAtMs + quorum.failoverMs);
  context.schedule(at, Phase.Timer, String(candidate.id), "controller-failover", { generation: quorum.failoverGeneration });
}

/** The time is over: another controller takes over, or the active one gives up when it has no majority. */
export function onFailoverDue(quorum: ControllerQuorum, context: Context, activate: Activate): void {
  const candidate = nextCandidate(quorum);
  if (isFit(quorum) || candidate === null) return;
  if (!hasMajority(quorum)) {
    quorum.activeController = -1;
    quorum.waitingFetches = [];
    return;
  }
  context.cause = quorum.lostCause;
  endLoss(quorum);
  activate(quorum, candidate.id, context);
}

function endLoss(quorum: ControllerQuorum): void {
  quorum.lostAtMs = -1;
  quorum.failoverGeneration += 1;
}

/** The first reachable controller after the active one, in the order of their ids. */
function nextCandidate(quorum: ControllerQuorum): ControllerNode | null {
  const reachable = Object.values(quorum.controllers).filter(isReachable);
  return reachable.find(({ id }) => id > quorum.activeController) ?? reachable[0] ?? null;
}

function hasMajority(quorum: ControllerQuorum): boolean {
  const controllers = Object.values(quorum.controllers);
  return controllers.filter(isReachable).length * 2 > controllers.length;
}

function isReachable(controller: ControllerNode): boolean {
  return controller.state === "up" && !controller.isolated;
}
