import type { TraceEvent, TraceType } from "../kafka/protocol/trace-events.ts";
import { english, type Sentences } from "./sentences-en.ts";
import { korean } from "./sentences-ko.ts";
import type { Language } from "./words.ts";

/** What an event says to a person, in one short line. */
export function sentenceOf(event: TraceEvent, language: Language): string {
  const table: Sentences = language === "ko" ? korean : english;
  const sentence = table[event.type] as (fields: unknown, node: string) => string;
  return sentence(event.fields, event.node);
}

export type Severity = "good" | "info" | "warn" | "bad";

export interface Alert {
  severity: Severity;
  text: string;
}

const severities: Partial<Record<TraceType, Severity>> = {
  command: "info",
  narration: "info",
  "node-killed": "bad",
  "node-stopped": "warn",
  "node-started": "good",
  "node-paused": "warn",
  "node-resumed": "good",
  "disk-lost": "bad",
  "request-timed-out": "warn",
  "send-blocked": "warn",
  "batch-failed": "bad",
  "record-failed": "bad",
  "producer-epoch-bumped": "warn",
  "produce-refused": "warn",
  "produce-expired": "warn",
  truncated: "warn",
  "broker-unfenced": "good",
  "broker-fenced": "bad",
  "broker-shutting-down": "warn",
  "controller-changed": "info",
  "topic-created": "info",
  "config-changed": "info",
  "group-state": "info",
  "member-expired": "warn",
  "partitions-lost": "warn",
  "poll-interval-exceeded": "warn",
  "commit-failed": "warn",
  "consumer-failed": "bad",
  "record-lost": "bad",
  "record-recovered": "good",
  "record-duplicated": "bad",
  "record-reordered": "bad",
  "record-failed-yet-readable": "bad",
  "workload-changed": "info",
  "leader-elected": "info",
  "isr-changed": "info",
};

/** What deserves a line of its own above all others; null: nothing. Internal topics are only in the event log. */
export function alertOf(event: TraceEvent, language: Language): Alert | null {
  const severity = severityOf(event);
  return severity === null ? null : { severity, text: sentenceOf(event, language) };
}

function severityOf(event: TraceEvent): Severity | null {
  const { topicPartition, topic } = event.fields as { topicPartition?: string; topic?: string };
  if (topicPartition?.startsWith("__") === true || topic?.startsWith("__") === true) return null;
  switch (event.type) {
    case "leader-elected": {
      const { leader, kind } = event.fields as TraceEvent<"leader-elected">["fields"];
      return leader === -1 || kind === "unclean" ? "bad" : "info";
    }
    case "isr-changed": {
      const { isr, previousIsr } = event.fields as TraceEvent<"isr-changed">["fields"];
      return isr.length < previousIsr.length ? "warn" : "good";
    }
    case "group-state":
      return (event.fields as TraceEvent<"group-state">["fields"]).state === "Stable" ? "good" : "info";
    default:
      return severities[event.type] ?? null;
  }
}

/** Where "jump to the next event that matters" stops. */
export function isImportant(event: TraceEvent): boolean {
  return (
    severityOf(event) !== null && event.type !== "config-changed" && event.type !== "workload-changed" && event.type !== "topic-created"
  );
}
