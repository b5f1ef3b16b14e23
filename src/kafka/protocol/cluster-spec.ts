/** What a cluster and its clients are made of before time begins: the plain data that a scenario compiles to. */
export interface ClusterSpec {
  seed: number;
  controllers: number[];
  /** Milliseconds after the loss of the active controller until another one is active. */
  controllerFailoverMs: number;
  brokers: BrokerSpec[];
  /** Configs of all brokers and controllers, Kafka's keys. */
  brokerConfigs: Record<string, string>;
  topics: TopicSpec[];
  producers: ProducerSpec[];
  groups: GroupSpec[];
  network: NetworkSpec;
}

export interface BrokerSpec {
  id: number;
  rack: string | null;
  configs: Record<string, string>;
  costs: BrokerCosts;
}

/** What work costs on a broker, in whole microseconds. */
export interface BrokerCosts {
  perRequestMicros: number;
  perKilobyteMicros: number;
}

export interface TopicSpec {
  name: string;
  partitions: number;
  replicationFactor: number;
  /** Replicas of each partition in order of preference; null: placed by the controller. */
  assignment: number[][] | null;
  configs: Record<string, string>;
}

export interface NetworkSpec {
  /** One way, whole milliseconds, at least 1. */
  latencyMs: number;
  /** null: no limit. */
  bandwidthBytesPerSecond: number | null;
}

export interface ProducerSpec {
  name: string;
  configs: Record<string, string>;
  workload: ProducerWorkload;
  /** When its process starts, virtual milliseconds. */
  startAtMs: number;
}

export interface ProducerWorkload {
  topic: string;
  /** Used when records is null. 0: idle. */
  recordsPerSecond: number;
  /** How many records in all; null: without end. */
  count: number | null;
  valueSizeBytes: number;
  /** How keys are made: none (null keys), sequential ("k-0", "k-1", ... of `keyCount`), random (uniform) or zipf of `keyCount`. */
  keys: "none" | "sequential" | "random" | "zipf";
  keyCount: number;
  /** sync: send().get(); async: send() with a callback. */
  mode: "sync" | "async";
  /** An explicit list instead of a rate. */
  records: ExplicitRecord[] | null;
}

export interface ExplicitRecord {
  atMs: number;
  key: string | null;
  partition: number | null;
  valueSizeBytes: number;
}

export interface GroupSpec {
  name: string;
  topics: string[];
  configs: Record<string, string>;
  members: MemberSpec[];
  processing: ConsumerProcessing;
}

export interface MemberSpec {
  name: string;
  /** Over the group's configs. */
  configs: Record<string, string>;
  startAtMs: number;
}

export interface ConsumerProcessing {
  /** Time that the application takes for each record, in whole microseconds. */
  perRecordMicros: number;
  /** auto: enable.auto.commit; after: commitSync after processing; before: commitSync ahead of processing; none. */
  commit: "auto" | "after" | "before" | "none";
}
