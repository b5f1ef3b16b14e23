export type NodeHealth = "up" | "down" | "fenced" | "paused" | "isolated" | "starting" | "stopping";

export interface BrokerRow {
  readonly id: string;
  readonly health: NodeHealth;
  /** How long it has been so; null: since the beginning. */
  readonly forMs: number | null;
  readonly leads: number;
  /** Partitions in whose ISR it is, of those that it has. */
  readonly inSync: number;
  readonly replicas: number;
  /** Since the controller heard of it; null: never. */
  readonly heartbeatAgeMs: number | null;
  readonly sessionTimeoutMs: number;
  readonly logBytes: number;
  /** Requests that wait in a queue or purgatory. */
  readonly waitingRequests: number;
  readonly rack: string | null;
}

export interface ControllerMark {
  readonly id: string;
  readonly health: NodeHealth;
  readonly isActive: boolean;
}

export interface BrokersView {
  readonly brokers: readonly BrokerRow[];
  readonly controllers: readonly ControllerMark[];
  readonly brokersUp: number;
}
