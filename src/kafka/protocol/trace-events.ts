/**
 * The public table of trace events: type to its fields, each with one line of documentation. TRACE.md is generated from it.
 * Every event also has `at` (virtual ms), `seq`, `cause` (the seq of what caused it, -1: nothing traced), `node` and `type`.
 * Field kinds: n number, t text, N numbers, T texts, b boolean.
 */
export const traceEvents = {
  command: { about: "A person or the scenario's timeline did something.", fields: { command: "t", target: "t", details: "t" } },
  narration: { about: "A line of narration of the scenario's timeline.", fields: { text: "t" } },
  "node-killed": { about: "A node's process died; its connections are reset.", fields: {} },
  "node-stopped": { about: "A node ended in order (brokers: after a controlled shutdown).", fields: {} },
  "node-started": { about: "A node's process started.", fields: { incarnation: "n" } },
  "node-paused": { about: "A node hangs: its process is stopped, its connections stay open.", fields: {} },
  "node-resumed": { about: "A hanging node goes on; what had waited for it happens now.", fields: { held: "n" } },
  "disk-lost": { about: "A broker lost its disk: all its logs are gone.", fields: {} },
  "link-changed": {
    about: "A link between two nodes was cut, slowed or healed.",
    fields: { from: "t", to: "t", cut: "b", latencyMs: "n", bandwidthBytesPerSecond: "n" },
  },
  "connection-lost": {
    about: "Everything in transit on a connection from now on is lost (a cut).",
    fields: { connection: "n", peer: "t" },
  },
  connected: { about: "A client's connection is established.", fields: { connection: "n", peer: "t" } },
  disconnected: { about: "A node saw a connection end.", fields: { connection: "n", peer: "t", reason: "t" } },
  "request-sent": {
    about: "A client wrote a request.",
    fields: { connection: "n", peer: "t", correlationId: "n", api: "t", sizeBytes: "n" },
  },
  "response-received": {
    about: "A client read a response.",
    fields: { connection: "n", peer: "t", correlationId: "n", api: "t", error: "t" },
  },
  "request-timed-out": {
    about: "A client gave up waiting for a response (request.timeout.ms) and closed the connection.",
    fields: { connection: "n", peer: "t", api: "t", waitedMs: "n", config: "t" },
  },
  "metadata-updated": {
    about: "A client's view of the cluster changed.",
    fields: { brokers: "N", leaders: "T", by: "t", partitions: "T" },
  },
  "send-blocked": {
    about: "A send() call waits: for buffer.memory or for metadata.",
    fields: { recordId: "n", waitsFor: "t", sizeBytes: "n", availableBytes: "n", config: "t" },
  },
  "send-unblocked": { about: "A send() call goes on.", fields: { recordId: "n", waitedMs: "n" } },
  "batch-created": { about: "The accumulator opened a batch.", fields: { topicPartition: "t", batch: "n", firstRecordId: "n" } },
  "batch-closed": {
    about: "A batch takes no more records.",
    fields: { topicPartition: "t", batch: "n", records: "n", sizeBytes: "n", reason: "t" },
  },
  "batch-drained": {
    about: "The sender took a batch for a request.",
    fields: { topicPartition: "t", batch: "n", records: "n", sizeBytes: "n", baseSequence: "n", attempt: "n", peer: "t" },
  },
  "batch-retried": {
    about: "The sender put a batch back after an error; it goes out again after its backoff.",
    fields: { topicPartition: "t", batch: "n", attempt: "n", error: "t", backoffMs: "n", rule: "t" },
  },
  "batch-split": { about: "A batch was refused as too large and became several.", fields: { topicPartition: "t", batch: "n", into: "N" } },
  "batch-completed": {
    about: "Records of a batch were acknowledged.",
    fields: { topicPartition: "t", batch: "n", records: "n", baseOffset: "n", ids: "N", latencyMs: "n" },
  },
  "batch-failed": {
    about: "Records of a batch failed for good.",
    fields: { topicPartition: "t", batch: "n", records: "n", error: "t", message: "t", ids: "N", config: "t" },
  },
  "record-failed": {
    about: "A send() call failed before its record was in a batch.",
    fields: { recordId: "n", topicPartition: "t", error: "t", message: "t", config: "t" },
  },
  "send-threw": { about: "A send() call threw, although its record is in a batch.", fields: { recordId: "n", error: "t", message: "t" } },
  "producer-id-assigned": { about: "The producer has its producer id.", fields: { producerId: "n", producerEpoch: "n" } },
  "producer-epoch-bumped": {
    about: "The producer raised its epoch and starts its sequences again.",
    fields: { producerId: "n", producerEpoch: "n", reason: "t" },
  },
  "produce-appended": {
    about: "A leader appended a batch of a producer.",
    fields: { topicPartition: "t", producer: "t", baseOffset: "n", records: "n", ids: "N", leaderEpoch: "n", acks: "n" },
  },
  "produce-duplicate": {
    about: "A leader recognised a batch that it has already and answered with its first offset.",
    fields: { topicPartition: "t", producer: "t", baseOffset: "n", records: "n" },
  },
  "produce-refused": { about: "A broker refused a batch.", fields: { topicPartition: "t", producer: "t", error: "t", config: "t" } },
  "produce-waiting": { about: "An acks=all request waits for the ISR.", fields: { topicPartition: "t", requiredOffset: "n", isr: "N" } },
  "produce-expired": { about: "An acks=all request waited too long for the ISR.", fields: { topicPartition: "t", config: "t" } },
  "replica-appended": {
    about: "A follower appended what it fetched.",
    fields: { topicPartition: "t", baseOffset: "n", logEndOffset: "n", leader: "n" },
  },
  "high-watermark": { about: "A leader's high watermark moved.", fields: { topicPartition: "t", offset: "n" } },
  truncated: {
    about: "A replica dropped records from its log's end.",
    fields: { topicPartition: "t", offset: "n", previousLogEndOffset: "n", leader: "n", leaderEpoch: "n" },
  },
  "records-deleted": {
    about: "A log's start moved by retention or DeleteRecords.",
    fields: { topicPartition: "t", logStartOffset: "n", reason: "t", config: "t" },
  },
  "isr-shrink-requested": {
    about: "A leader asks the controller to take replicas out of the ISR.",
    fields: { topicPartition: "t", removed: "N", isr: "N", config: "t" },
  },
  "isr-expand-requested": {
    about: "A leader asks the controller to let a replica into the ISR.",
    fields: { topicPartition: "t", added: "N", isr: "N" },
  },
  "isr-changed": {
    about: "The ISR of a partition changed in the controller's metadata.",
    fields: { topicPartition: "t", isr: "N", previousIsr: "N", partitionEpoch: "n", reason: "t" },
  },
  "alter-partition-refused": { about: "The controller refused a change of ISR.", fields: { topicPartition: "t", error: "t" } },
  "leader-elected": {
    about: "The controller elected a leader (-1: there is none).",
    fields: { topicPartition: "t", leader: "n", previousLeader: "n", leaderEpoch: "n", isr: "N", elr: "N", kind: "t", config: "t" },
  },
  "became-leader": {
    about: "A broker learnt that it leads a partition.",
    fields: { topicPartition: "t", leaderEpoch: "n", epochStartOffset: "n" },
  },
  "became-follower": { about: "A broker learnt that it follows.", fields: { topicPartition: "t", leaderEpoch: "n", leader: "n" } },
  "became-offline": { about: "A broker learnt that a partition of its has no leader.", fields: { topicPartition: "t", leaderEpoch: "n" } },
  "broker-registered": { about: "The controller registered a broker, fenced at first.", fields: { brokerId: "n", brokerEpoch: "n" } },
  "broker-unfenced": { about: "The controller unfenced a broker.", fields: { brokerId: "n" } },
  "broker-fenced": { about: "The controller fenced a broker.", fields: { brokerId: "n", silentMs: "n", config: "t" } },
  "broker-shutting-down": { about: "A broker asked for a controlled shutdown.", fields: { brokerId: "n" } },
  "controller-changed": { about: "Another controller is active.", fields: { controllerId: "n", controllerEpoch: "n" } },
  "topic-created": { about: "The controller made a topic.", fields: { topic: "t", partitions: "n", replicationFactor: "n" } },
  "config-changed": { about: 'A config was changed (value "" removes it).', fields: { scope: "t", resource: "t", key: "t", value: "t" } },
  "coordinator-loaded": {
    about: "A broker became coordinator of a partition and replayed its log.",
    fields: { topicPartition: "t", records: "n" },
  },
  "coordinator-unloaded": { about: "A broker is no longer coordinator of a partition.", fields: { topicPartition: "t" } },
  "group-state": { about: "A group changed its state.", fields: { group: "t", state: "t", generation: "n", reason: "t", members: "T" } },
  "member-joined": { about: "A member joined a group.", fields: { group: "t", member: "t", clientId: "t" } },
  "member-left": { about: "A member left a group in order.", fields: { group: "t", member: "t", reason: "t" } },
  "member-expired": {
    about: "A member was removed because nothing was heard of it.",
    fields: { group: "t", member: "t", silentMs: "n", config: "t" },
  },
  "assignment-received": { about: "A consumer got its partitions.", fields: { group: "t", generation: "n", partitions: "T" } },
  "partitions-revoked": { about: "A consumer gave partitions up.", fields: { group: "t", generation: "n", partitions: "T" } },
  "partitions-lost": {
    about: "A consumer lost its membership and with it its partitions.",
    fields: { group: "t", partitions: "T", reason: "t" },
  },
  "poll-interval-exceeded": { about: "A consumer did not call poll() in time and leaves its group.", fields: { group: "t", config: "t" } },
  "offsets-committed": { about: "A coordinator made commits durable.", fields: { group: "t", member: "t", partitions: "T", offsets: "N" } },
  "commit-failed": { about: "A commit was refused.", fields: { group: "t", error: "t", partitions: "T" } },
  "position-reset": { about: "A consumer's position was reset by policy.", fields: { topicPartition: "t", offset: "n", policy: "t" } },
  "consumer-failed": {
    about: "A call of the consumer threw; the application ends.",
    fields: { group: "t", error: "t", message: "t", config: "t" },
  },
  "records-returned": {
    about: "poll() returned records to the application.",
    fields: { group: "t", topicPartition: "t", from: "n", to: "n" },
  },
  "record-lost": {
    about: "Acknowledged records are in no replica that may lead cleanly.",
    fields: { topicPartition: "t", producer: "t", ids: "N", config: "t" },
  },
  "record-recovered": { about: "Records counted as lost are back.", fields: { topicPartition: "t", producer: "t", ids: "N" } },
  "record-duplicated": { about: "Records stand twice in a partition.", fields: { topicPartition: "t", producer: "t", ids: "N" } },
  "record-reordered": {
    about: "A record of a producer stands behind a younger one of the same partition.",
    fields: { topicPartition: "t", producer: "t", ids: "N" },
  },
  "record-failed-yet-readable": {
    about: "Records that the producer was told have failed can be read.",
    fields: { topicPartition: "t", producer: "t", ids: "N" },
  },
  "workload-changed": { about: "The load of a producer was changed.", fields: { recordsPerSecond: "n" } },
} as const satisfies Record<string, TraceEventDefinition>;

interface TraceEventDefinition {
  about: string;
  fields: Record<string, FieldKind>;
}

type FieldKind = "n" | "t" | "N" | "T" | "b";
type FieldValue<K> = K extends "n" ? number : K extends "t" ? string : K extends "N" ? number[] : K extends "T" ? string[] : boolean;

export type TraceType = keyof typeof traceEvents;
export type TraceFields = {
  [T in TraceType]: { -readonly [F in keyof (typeof traceEvents)[T]["fields"]]: FieldValue<(typeof traceEvents)[T]["fields"][F]> };
};

export interface TraceEvent<T extends TraceType = TraceType> {
  at: number;
  seq: number;
  cause: number;
  node: string;
  type: T;
  fields: TraceFields[T];
}
