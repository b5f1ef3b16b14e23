/** A case of cluster-facts.json, as its `howToRead` describes it. */
export interface ClusterFactsInput {
  brokers: number;
  configs: Record<string, string>;
  consumerConfig?: Record<string, string | number | boolean>;
  topics: { name: string; assignment: Record<string, number[]>; configs?: Record<string, string> }[];
  steps: Step[];
}

export interface Step {
  step: number;
  do: string;
  broker?: number;
  controller?: boolean;
  as?: string;
  topic?: string;
  from?: number;
  count?: number;
  perSecond?: number;
  bytes?: number;
  partition?: number | string;
  background?: boolean;
  noFlush?: boolean;
  config?: Record<string, string | number | boolean>;
  configs?: Record<string, string>;
  type?: "preferred" | "unclean";
  ms?: number;
  until?: Record<string, unknown>;
  timeoutMs?: number;
  forMs?: number;
  noWait?: boolean;
  see?: string[];
  group?: string;
  topics?: string[];
  commit?: "after" | "before";
  hangAfter?: number;
}

export interface Fact {
  step: number;
  fact: string;
  value: unknown;
}

export interface ClusterFactsOutput {
  facts: Fact[];
  varies?: { step: number; fact: string; values: unknown[] }[];
}

/** What the driver saw of one subject during a step: each different state, and how long it lasted. */
export interface Seen {
  value: unknown;
  lastedMs: number;
}

export interface DriverOutput {
  facts: Fact[];
  /** By "STEP changes of SUBJECT". */
  changes: Record<string, Seen[]>;
}
