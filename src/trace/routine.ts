import type { TraceEvent, TraceType } from "../kafka/protocol/trace-events.ts";

/** What happens so often that it would bury the rest of a log; shown when asked for. */
const routine: ReadonlySet<TraceType> = new Set([
  "request-sent",
  "response-received",
  "batch-created",
  "batch-closed",
  "batch-drained",
  "batch-completed",
  "produce-appended",
  "produce-waiting",
  "replica-appended",
  "high-watermark",
  "records-returned",
  "offsets-committed",
  "metadata-updated",
  "send-unblocked",
]);

export function isRoutine(event: TraceEvent): boolean {
  if (routine.has(event.type)) return true;
  const { topicPartition } = event.fields as { topicPartition?: string };
  if (topicPartition?.startsWith("__") === true) return true;
  // Trying again and again to reach a broker that is down.
  return event.type === "disconnected" && (event.fields as TraceEvent<"disconnected">["fields"]).reason === "refused";
}
