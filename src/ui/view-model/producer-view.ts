import type { NodeHealth } from "./broker-rows.ts";

export type BatchPhase =
  | { readonly kind: "filling"; readonly leftMs: number }
  | { readonly kind: "ready"; readonly reason: string | null }
  | { readonly kind: "sending"; readonly ageMs: number }
  | { readonly kind: "retry"; readonly leftMs: number };

export interface BatchMark {
  readonly id: string;
  readonly records: number;
  readonly sizeBytes: number;
  readonly capacityBytes: number;
  readonly phase: BatchPhase;
  /** Sendings so far; 0 or 1: no retry. */
  readonly attempts: number;
  readonly ageMs: number;
  readonly deliveryLeftMs: number;
  readonly baseSequence: number | null;
}

export interface DequeRow {
  /** topic-partition */
  readonly id: string;
  readonly label: string;
  readonly leader: string | null;
  /** In the order in which they are sent, those in flight first. */
  readonly batches: readonly BatchMark[];
}

export interface RequestMark {
  readonly correlationId: number;
  readonly api: string;
  readonly partitions: readonly string[];
  readonly records: number;
  readonly baseSequence: number | null;
  readonly ageMs: number;
  readonly timeoutMs: number;
  readonly attempt: number;
}

export interface ConnectionRow {
  readonly node: string;
  readonly state: "connected" | "connecting" | "disconnected" | "backing off" | "checking";
  /** Of a state that ends. */
  readonly leftMs: number | null;
  readonly slots: number;
  readonly requests: readonly RequestMark[];
}

export type SenderDoing =
  | { readonly kind: "idle" }
  | { readonly kind: "answers" }
  | { readonly kind: "linger"; readonly leftMs: number }
  | { readonly kind: "backoff"; readonly leftMs: number }
  | { readonly kind: "metadata" }
  | { readonly kind: "producer id" }
  | { readonly kind: "full connection"; readonly node: string }
  | { readonly kind: "said"; readonly text: string };

export interface ProducerView {
  readonly name: string;
  readonly index: number;
  readonly producers: number;
  readonly health: NodeHealth;
  readonly acks: string;
  readonly idempotent: boolean;
  readonly lingerMs: number;
  readonly batchSizeBytes: number;
  readonly maxInFlight: number;
  readonly recordsPerSecond: number | null;
  readonly producerId: string | null;
  readonly usedBytes: number;
  readonly totalBytes: number;
  readonly blockedSends: number;
  readonly blockedFor: "buffer.memory" | "metadata" | null;
  readonly sender: SenderDoing;
  readonly deques: readonly DequeRow[];
  readonly connections: readonly ConnectionRow[];
}
