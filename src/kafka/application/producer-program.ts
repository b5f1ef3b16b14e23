/** Programs of a producer's application thread, as data: one call after the other; a call that is late starts when the one before returns. */
export type ProgramStep =
  /** send(), of `count` equal records one after the other; "send-and-get" waits for each one's result (send().get()). */
  | {
      do: "send" | "send-and-get";
      at: number;
      topic: string;
      partition: number;
      keyHash: number | null;
      fieldsBytes: number;
      count: number;
    }
  | { do: "flush"; at: number }
  | { do: "close"; at: number; timeoutMs: number };

/** How a call went; kept for calls other than send(). */
export interface CallResult {
  do: ProgramStep["do"];
  at: number;
  startedAtMs: number;
  /** -1: it has not returned. */
  returnedAtMs: number;
}

/** Kafka's close() waits for ever; whatever ends at all ends sooner. */
export const CLOSE_TIMEOUT_MS = 1_000_000_000;
