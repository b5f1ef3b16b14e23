import type { ModelledEntry } from "./modelled-configs.ts";

/** Client keys that samsa acts on. A client reads them once, when it is made. */

const booleans = ["true", "false"];
const opposite = ["false", "true"];
const milliseconds = "0 ms and more";

/** Of the network client, which every producer and consumer has. */
const networkClientConfigs: Readonly<Record<string, ModelledEntry>> = {
  "client.id": ["any text", "The name under which brokers see the client; empty: Kafka makes one up."],
  "client.rack": ["any text", "Where the client stands, in the words of the brokers' broker.rack."],
  "request.timeout.ms": [
    milliseconds,
    "A request without an answer for longer costs its whole connection, and all that is in flight on it counts as timed out.",
    ["30000", "5000", "1000"],
  ],
  "retry.backoff.ms": [milliseconds, "The wait before the first retry; each further one waits about twice as long.", ["100", "1000"]],
  "retry.backoff.max.ms": [
    milliseconds,
    "Where the doubling of retry.backoff.ms ends; at or below it, every wait is this long.",
    ["1000", "100", "10000"],
  ],
  "reconnect.backoff.ms": [
    milliseconds,
    "The wait before a broker is connected to again; set alone, it also sets its max.",
    ["50", "1000"],
  ],
  "reconnect.backoff.max.ms": [milliseconds, "Where the doubling of reconnect.backoff.ms ends.", ["1000", "10000"]],
  "socket.connection.setup.timeout.ms": [
    "any number of ms",
    "How long a first try to connect may take; each further one about twice as long.",
    ["10000", "1000"],
  ],
  "socket.connection.setup.timeout.max.ms": [
    "any number of ms",
    "Where the doubling of socket.connection.setup.timeout.ms ends.",
    ["30000"],
  ],
  "metadata.max.age.ms": [
    milliseconds,
    "Metadata older than this is asked for again even when nothing went wrong.",
    ["300000", "30000", "5000"],
  ],
  "metadata.recovery.strategy": [
    "rebootstrap, none",
    "What a client does that can reach no broker it knows: begin anew at the bootstrap servers, or keep trying.",
    ["rebootstrap", "none"],
  ],
  "metadata.recovery.rebootstrap.trigger.ms": [
    milliseconds,
    "How long metadata may be missing before a client begins anew at the bootstrap servers.",
    ["300000"],
  ],
};

export const modelledProducerConfigs: Readonly<Record<string, ModelledEntry>> = {
  ...networkClientConfigs,
  acks: [
    "all (= -1), 1, 0",
    "Who must have a record before the producer is told that it is safe: every replica in sync, the leader alone, or nobody.",
    ["all", "1", "0"],
  ],
  "enable.idempotence": [
    "true, false",
    "Whether brokers recognise a batch that is sent again, so that retries neither duplicate nor reorder.",
    booleans,
  ],
  "transactional.id": [
    "any text but the empty one",
    "The name under which a producer's transactions outlive its process and fence its older self.",
  ],
  "transaction.timeout.ms": [
    "up to the broker's transaction.max.timeout.ms",
    "A transaction open for longer is aborted by its coordinator.",
    ["60000", "10000"],
  ],
  "transaction.two.phase.commit.enable": [
    "true, false",
    "Whether transactions wait for an outside coordinator and never time out.",
    opposite,
  ],
  retries: [
    "0 to 2147483647",
    "How often the sender tries a batch again; the time budget of delivery.timeout.ms usually ends it sooner.",
    ["2147483647", "0", "3"],
  ],
  "max.in.flight.requests.per.connection": [
    "1 and more, at most 5 with idempotence",
    "Requests that may wait for an answer on one connection; more than one without idempotence lets a retry overtake.",
    ["5", "1"],
  ],
  "delivery.timeout.ms": [
    "at least linger.ms + request.timeout.ms",
    "The whole time that a record may take from its batch's beginning to its acknowledgement, retries included.",
    ["120000", "30000", "10000"],
  ],
  "linger.ms": [milliseconds, "How long a batch that is not full waits for more records.", ["5", "0", "10", "100"]],
  "batch.size": [
    "0 bytes and more (0 acts as 1)",
    "The size at which a batch is full and goes out without lingering.",
    ["16384", "1024", "65536", "1048576"],
  ],
  "buffer.memory": [
    "0 bytes and more",
    "Memory for all batches that are not acknowledged yet; when it is full, send() blocks.",
    ["33554432", "1048576", "65536"],
  ],
  "max.block.ms": [milliseconds, "How long send() may block for memory or metadata before it fails.", ["60000", "5000", "0"]],
  "max.request.size": [
    "0 bytes and more",
    "The largest request, and so the largest record, that the producer sends.",
    ["1048576", "5242880"],
  ],
  "metadata.max.idle.ms": [
    "5000 ms and more",
    "A topic that was not written to for longer is forgotten until it is needed again.",
    ["300000"],
  ],
  "partitioner.ignore.keys": ["true, false", "Whether keyed records, too, are spread without regard to their key.", opposite],
  "partitioner.adaptive.partitioning.enable": [
    "true, false",
    "Whether keyless records prefer partitions whose broker answers quickly.",
    booleans,
  ],
  "partitioner.availability.timeout.ms": [
    "0 ms (off) and more",
    "Keyless records avoid a partition whose broker has taken no batch for longer.",
    ["0", "100", "1000"],
  ],
  "partitioner.rack.aware": [
    "true, false (true needs client.rack)",
    "Whether keyless records prefer leaders in the producer's own rack.",
    opposite,
  ],
};

export const modelledConsumerConfigs: Readonly<Record<string, ModelledEntry>> = {
  ...networkClientConfigs,
  "group.id": ["any text but blanks", "The group that the consumer shares partitions and committed offsets with."],
  "group.instance.id": [
    "1 to 249 letters, digits, dots, underscores, hyphens",
    "Makes the member static: it may be away for a session without a rebalance.",
  ],
  "group.protocol": [
    "classic, consumer",
    "Who computes assignments: a member (classic), or the coordinator (KIP-848).",
    ["classic", "consumer"],
  ],
  "group.remote.assignor": [
    "uniform, range (consumer protocol)",
    "The assignor that the member asks its coordinator for.",
    ["uniform", "range"],
  ],
  "partition.assignment.strategy": [
    "classes of assignors, by preference (classic protocol)",
    "How a classic group deals its partitions out; the first that all members know.",
    [
      "org.apache.kafka.clients.consumer.RangeAssignor",
      "org.apache.kafka.clients.consumer.RoundRobinAssignor",
      "org.apache.kafka.clients.consumer.StickyAssignor",
      "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
    ],
  ],
  "session.timeout.ms": [
    "between the broker's group.min and group.max.session.timeout.ms (classic protocol)",
    "A member that is not heard of for longer is thrown out and its partitions move.",
    ["45000", "10000", "6000"],
  ],
  "heartbeat.interval.ms": [
    "less than session.timeout.ms (classic protocol)",
    "How often a member shows that it is alive and asks whether a rebalance is on.",
    ["3000", "1000"],
  ],
  "max.poll.interval.ms": [
    "1 ms and more",
    "A member whose application does not call poll() for longer leaves the group; also how long a rebalance waits for it.",
    ["300000", "30000", "10000"],
  ],
  "max.poll.records": ["1 and more", "The most records that one poll() returns; more are kept for the next.", ["500", "1", "50", "5000"]],
  "enable.auto.commit": ["true, false", "Whether poll() itself commits what it returned before, whether processed or not.", booleans],
  "auto.commit.interval.ms": [milliseconds, "How much time lies between two automatic commits.", ["5000", "1000"]],
  "auto.offset.reset": [
    "latest, earliest, none, by_duration:PT1H",
    "Where a consumer begins that finds no committed offset, or one that is gone.",
    ["latest", "earliest", "none"],
  ],
  "isolation.level": [
    "read_uncommitted, read_committed",
    "Whether records of open and aborted transactions are handed out.",
    ["read_uncommitted", "read_committed"],
  ],
  "fetch.min.bytes": ["0 bytes and more", "A broker with less than this lets a fetch wait.", ["1", "1024", "100000"]],
  "fetch.max.wait.ms": [milliseconds, "How long a broker lets a fetch wait for fetch.min.bytes.", ["500", "100", "5000"]],
  "fetch.max.bytes": ["0 bytes and more", "The most that one fetch brings; a first batch always comes whole.", ["52428800", "1048576"]],
  "max.partition.fetch.bytes": [
    "0 bytes and more",
    "The most that one fetch brings of one partition; a first batch always comes whole.",
    ["1048576", "65536"],
  ],
  "default.api.timeout.ms": [milliseconds, "How long calls such as commitSync() go on trying.", ["60000", "5000"]],
};
