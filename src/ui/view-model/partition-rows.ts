export interface ReplicaMark {
  readonly broker: string;
  readonly role: "leader" | "in sync" | "out" | "down";
  readonly logEndOffset: number;
  readonly highWatermark: number;
  /** Behind the leader (or the longest log when nobody leads). */
  readonly lag: number;
}

export interface PartitionRow {
  /** topic-partition */
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  /** null: nobody leads. */
  readonly leader: string | null;
  readonly leaderEpoch: number;
  readonly isr: readonly string[];
  readonly replicas: readonly ReplicaMark[];
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly isUnderReplicated: boolean;
  readonly isUnderMinIsr: boolean;
}

export interface TopicSummary {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minInsyncReplicas: number;
  readonly underReplicated: number;
  readonly underMinIsr: number;
  readonly offline: number;
}

export interface PartitionsView {
  readonly topics: readonly TopicSummary[];
  readonly rows: readonly PartitionRow[];
  /** Columns of the table: every broker when they are few, else none and each row names its own replicas. */
  readonly brokerColumns: readonly string[];
  /** Newest records that each bar shows. */
  readonly barSpan: number;
}
