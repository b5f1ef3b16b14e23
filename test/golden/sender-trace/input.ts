/** The input of a case, as howToRead of sender-trace.json tells it. */
export interface SenderTraceInput {
  configs: Record<string, string | number | boolean>;
  brokers: number[];
  partitions: { topic: string; partition: number; leader: number }[];
  network?: NetworkTimes & Record<string, unknown>;
  start: "warm" | "cold";
  maxMessageBytes?: number | null;
  sends?: { at: number; id: number; topic: string; partition?: number | null; keySize?: number | null; valueSize?: number | null }[];
  calls?: { at: number; call: "flush" | "close"; timeoutMs?: number }[];
  faults?: Fault[];
  untilMs: number;
}

export interface NetworkTimes {
  requestMs?: number;
  responseMs?: number;
  handleMs?: number;
}

export interface Fault {
  at?: number;
  broker?: number;
  produceRequest?: number;
  api?: string;
  nth?: number;
  then?: "error" | "dropRequest" | "dropResponse" | "delay" | "throttle";
  error?: string;
  errors?: Record<string, string>;
  currentLeader?: Record<string, { leader: number; epoch: number }>;
  throttleMs?: number;
  ms?: number;
  disconnect?: number;
  down?: number;
  up?: number;
  unreachable?: number;
  leader?: Record<string, number>;
  leaderInfo?: boolean;
  forgetProducers?: string[];
}

export type Fields = Record<string, unknown>;
