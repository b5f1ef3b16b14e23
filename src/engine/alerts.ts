import type { TraceEvent } from "../kafka/protocol/trace-events.ts";
import { alertOf } from "../trace/sentences.ts";
import { type Language, plural } from "../trace/words.ts";
import type { Alert } from "./session.ts";

const KEPT_ALERTS = 50;

interface Fencing {
  readonly broker: number;
  readonly alert: Alert;
  moved: number;
  leaderless: number;
}

/** The newest alerts. A fencing also says what became of the broker's partitions, which only the elections of the same instant tell. */
export interface AlertLog {
  alerts: Alert[];
  fencing: Fencing | null;
}

export function createAlertLog(): AlertLog {
  return { alerts: [], fencing: null };
}

export function noteAlert(log: AlertLog, event: TraceEvent, language: Language): void {
  // Narration has a line of its own.
  if (event.type === "narration") return;
  const told = alertOf(event, language);
  if (told === null) return;
  const alert: Alert = { at: event.at, seq: event.seq, severity: told.severity, text: told.text };
  log.alerts.push(alert);
  if (event.type === "broker-fenced") {
    const { brokerId } = event.fields as TraceEvent<"broker-fenced">["fields"];
    log.fencing = { broker: brokerId, alert, moved: 0, leaderless: 0 };
  } else if (event.type === "leader-elected") addElection(log, event as TraceEvent<"leader-elected">, language);
}

/** A new list for each frame: those that were given out do not change. */
export function alertsNow(log: AlertLog): readonly Alert[] {
  log.alerts = log.alerts.slice(-KEPT_ALERTS);
  return log.alerts;
}

function addElection(log: AlertLog, { at, fields }: TraceEvent<"leader-elected">, language: Language): void {
  const { fencing } = log;
  if (fencing === null || at !== fencing.alert.at || fields.previousLeader !== fencing.broker) return;
  if (fields.leader < 0) fencing.leaderless += 1;
  else fencing.moved += 1;
  const index = log.alerts.findLastIndex((alert) => alert.seq === fencing.alert.seq);
  if (index >= 0) log.alerts[index] = { ...fencing.alert, text: `${fencing.alert.text} ${consequence(fencing, language)}` };
}

function consequence({ moved, leaderless }: Fencing, language: Language): string {
  const parts =
    language === "ko"
      ? [`· 파티션 ${moved}개 리더 이동`, `· 파티션 ${leaderless}개 리더 없음`]
      : [`${plural(moved, "partition")} moved.`, `${plural(leaderless, "partition")} without a leader.`];
  return parts.filter((_, index) => [moved, leaderless][index]! > 0).join(" ");
}
