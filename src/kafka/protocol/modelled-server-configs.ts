import type { ModelledEntry } from "./modelled-configs.ts";

/** Topic, broker and group keys that samsa acts on. */

const booleans = ["true", "false"];
const opposite = ["false", "true"];
const never = "9223372036854775807 = never";

export const modelledTopicConfigs: Readonly<Record<string, ModelledEntry>> = {
  "min.insync.replicas": [
    "1 and more; above the replication factor it counts as the replication factor",
    "With fewer replicas in sync, acks=all is refused and nothing becomes readable.",
    ["1", "2", "3"],
  ],
  "unclean.leader.election.enable": [
    "true, false",
    "Whether a replica that was not in sync may lead when no other can, at the price of what it lacks.",
    opposite,
  ],
  "retention.ms": ["-1 (for ever) and more", "Segments whose newest record is older are deleted.", ["604800000", "60000", "3600000", "-1"]],
  "retention.bytes": [
    "-1 (no limit) and more",
    "Old segments of a partition are deleted while it stays at least this large.",
    ["-1", "10485760", "1073741824"],
  ],
  "segment.bytes": [
    "1048576 bytes and more",
    "The size at which a log begins a new segment; only whole old segments are deleted.",
    ["1073741824", "1048576", "104857600"],
  ],
  "segment.ms": ["1 ms and more", "The age at which a log begins a new segment even if it is small.", ["604800000", "60000"]],
  "segment.jitter.ms": [
    "0 ms and more",
    "At most so much is taken off segment.ms by chance, so that segments do not all roll at once.",
    ["0", "10000"],
  ],
  "file.delete.delay.ms": ["0 ms and more", "How long the file of a deleted segment stays on disk.", ["60000"]],
  "max.message.bytes": ["0 bytes and more", "The largest batch that the topic takes.", ["1048588", "10485760"]],
  "message.timestamp.type": [
    "CreateTime, LogAppendTime",
    "Whether a record's time is the producer's or the leader's.",
    ["CreateTime", "LogAppendTime"],
  ],
  "message.timestamp.before.max.ms": [`0 ms and more, ${never}`, "A record whose time lies further in the past is refused."],
  "message.timestamp.after.max.ms": [`0 ms and more, ${never}`, "A record whose time lies further in the future is refused.", ["3600000"]],
};

export const modelledBrokerConfigs: Readonly<Record<string, ModelledEntry>> = {
  "broker.rack": ["any text", "Where the broker stands: replicas of a partition are spread over racks."],
  "broker.heartbeat.interval.ms": [
    "at most half of broker.session.timeout.ms",
    "How often a broker shows the controller that it is alive.",
    ["2000", "500"],
  ],
  "broker.session.timeout.ms": [
    "any number of ms",
    "A broker that the controller has not heard of for longer is fenced, and its leaders move.",
    ["9000", "3000", "18000"],
  ],
  "controlled.shutdown.enable": ["true, false", "Whether a broker that is stopped hands its leaders over first.", booleans],
  "auto.leader.rebalance.enable": [
    "true, false",
    "Whether the controller moves leaders back to their preferred replicas by itself.",
    booleans,
  ],
  "leader.imbalance.check.interval.seconds": ["1 s and more", "How often the controller looks for leaders to move back.", ["300", "10"]],
  "unclean.leader.election.enable": [
    "true, false",
    "The default of topics: whether a replica that was not in sync may lead when no other can.",
    opposite,
  ],
  "unclean.leader.election.interval.ms": [
    "1 ms and more",
    "How often the controller looks for leaderless partitions that an unclean election may help.",
    ["300000"],
  ],
  "min.insync.replicas": ["1 and more", "The default of topics: with fewer replicas in sync, acks=all is refused.", ["1", "2"]],
  "default.replication.factor": ["1 and more", "Replicas of a topic that is made without saying how many.", ["1", "3"]],
  "num.partitions": ["1 and more", "Partitions of a topic that is made without saying how many.", ["1", "6"]],
  "auto.create.topics.enable": ["true, false", "Whether a client that asks for an unknown topic makes it.", booleans],
  "replica.lag.time.max.ms": [
    "at least replica.fetch.wait.max.ms",
    "A follower that was not caught up for longer leaves the ISR.",
    ["30000", "10000", "5000"],
  ],
  "replica.fetch.max.bytes": ["0 bytes and more", "The most that a follower's fetch brings of one partition.", ["1048576"]],
  "replica.fetch.wait.max.ms": [
    "at most replica.lag.time.max.ms",
    "How long a leader lets a follower's fetch wait for records.",
    ["500", "100"],
  ],
  "replica.fetch.min.bytes": ["any number of bytes", "A leader with less than this lets a follower's fetch wait.", ["1"]],
  "replica.fetch.response.max.bytes": ["0 bytes and more", "The most that one fetch of a follower brings.", ["10485760"]],
  "replica.fetch.backoff.ms": ["0 ms and more", "How long a follower leaves a partition alone after an error.", ["1000", "100"]],
  "replica.socket.timeout.ms": ["at least replica.fetch.wait.max.ms", "How long a follower waits for its leader's answer.", ["30000"]],
  "replica.high.watermark.checkpoint.interval.ms": [
    "any number of ms",
    "How often high watermarks are written to disk: what a broker knows of them when it starts again.",
    ["5000"],
  ],
  "fetch.max.bytes": ["1024 bytes and more", "The most that any fetch of a client brings.", ["57671680"]],
  "message.max.bytes": ["0 bytes and more", "The default of topics: the largest batch.", ["1048588", "10485760"]],
  "log.retention.ms": ["1 ms and more, negative: for ever", "The default of topics: how long records are kept.", ["604800000", "60000"]],
  "log.retention.minutes": ["1 and more, negative: for ever", "As log.retention.ms, which goes before it."],
  "log.retention.hours": ["1 and more, negative: for ever", "As log.retention.ms and minutes, which go before it.", ["168", "1"]],
  "log.retention.bytes": ["-1 (no limit) and more", "The default of topics: how large a partition is kept.", ["-1"]],
  "log.retention.check.interval.ms": ["1 ms and more", "How often a broker looks for segments to delete.", ["300000", "10000"]],
  "log.segment.bytes": ["1048576 bytes and more", "The default of topics: the size of a segment.", ["1073741824", "1048576"]],
  "log.segment.delete.delay.ms": [
    "0 ms and more",
    "The default of topics: how long the file of a deleted segment stays on disk.",
    ["60000"],
  ],
  "log.roll.ms": ["1 ms and more", "The default of topics: the age at which a segment ends."],
  "log.roll.hours": ["1 and more", "As log.roll.ms, which goes before it.", ["168"]],
  "log.roll.jitter.ms": ["0 ms and more", "The default of topics: at most so much is taken off log.roll.ms by chance."],
  "log.roll.jitter.hours": ["0 and more", "As log.roll.jitter.ms, which goes before it."],
  "log.message.timestamp.type": [
    "CreateTime, LogAppendTime",
    "The default of topics: whose clock stamps records.",
    ["CreateTime", "LogAppendTime"],
  ],
  "log.message.timestamp.before.max.ms": [`0 ms and more, ${never}`, "The default of topics: how far in the past a record's time may lie."],
  "log.message.timestamp.after.max.ms": [
    `0 ms and more, ${never}`,
    "The default of topics: how far in the future a record's time may lie.",
    ["3600000"],
  ],
  "offsets.topic.num.partitions": [
    "1 and more; fixed once the topic exists",
    "Partitions of __consumer_offsets, over whose leaders groups are spread.",
    ["50", "1"],
  ],
  "offsets.topic.replication.factor": ["1 and more", "Replicas of __consumer_offsets.", ["3", "1"]],
  "offsets.topic.segment.bytes": ["1 byte and more", "The size of a segment of __consumer_offsets.", ["104857600"]],
  "offsets.commit.timeout.ms": ["1 ms and more", "How long a commit may wait for the replicas of __consumer_offsets.", ["5000"]],
  "offset.metadata.max.bytes": ["any number of bytes", "The most text that may go with a committed offset.", ["4096"]],
  "offsets.retention.minutes": ["1 and more", "How long offsets of a group without members are kept.", ["10080", "1"]],
  "offsets.retention.check.interval.ms": ["1 ms and more", "How often a coordinator looks for offsets and groups to drop.", ["600000"]],
  "group.initial.rebalance.delay.ms": [
    "any number of ms",
    "How long the first rebalance of an empty group waits for further members.",
    ["3000", "0"],
  ],
  "group.min.session.timeout.ms": ["any number of ms", "The least session.timeout.ms that a classic member may ask for.", ["6000", "1000"]],
  "group.max.session.timeout.ms": ["any number of ms", "The greatest session.timeout.ms that a classic member may ask for.", ["1800000"]],
  "group.max.size": ["1 and more", "The most members of a classic group.", ["2147483647", "2"]],
  "group.consumer.session.timeout.ms": [
    "between its min and max",
    "A member of a KIP-848 group that is not heard of for longer is fenced.",
    ["45000"],
  ],
  "group.consumer.min.session.timeout.ms": ["1 ms and more", "The least consumer.session.timeout.ms of a group.", ["45000", "5000"]],
  "group.consumer.max.session.timeout.ms": ["1 ms and more", "The greatest consumer.session.timeout.ms of a group.", ["60000"]],
  "group.consumer.heartbeat.interval.ms": [
    "between its min and max",
    "How often members of KIP-848 groups are told to send heartbeats.",
    ["5000"],
  ],
  "group.consumer.min.heartbeat.interval.ms": ["1 ms and more", "The least consumer.heartbeat.interval.ms of a group.", ["5000", "1000"]],
  "group.consumer.max.heartbeat.interval.ms": ["1 ms and more", "The greatest consumer.heartbeat.interval.ms of a group.", ["15000"]],
  "group.consumer.max.size": ["1 and more", "The most members of a KIP-848 group.", ["2147483647", "2"]],
  "group.consumer.assignors": [
    "uniform, range, in order of preference",
    "Assignors that a coordinator offers; the first is the default.",
    ["uniform,range", "range,uniform"],
  ],
  "group.consumer.assignment.interval.ms": [
    "between its min and max",
    "The least time between two computations of a KIP-848 group's target assignment.",
    ["1000", "0"],
  ],
  "transaction.state.log.num.partitions": [
    "1 and more; fixed once the topic exists",
    "Partitions of __transaction_state, over whose leaders transactional ids are spread.",
    ["50", "1"],
  ],
  "transaction.state.log.replication.factor": ["1 and more", "Replicas of __transaction_state.", ["3", "1"]],
  "transaction.state.log.min.isr": ["1 and more", "min.insync.replicas of __transaction_state.", ["2", "1"]],
  "transaction.max.timeout.ms": ["1 ms and more", "The greatest transaction.timeout.ms that a producer may ask for.", ["900000"]],
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": [
    "1 ms and more",
    "How often a coordinator looks for transactions that have been open for too long.",
    ["10000", "1000"],
  ],
  "transactional.id.expiration.ms": ["1 ms and more", "How long a transactional id that is not used is remembered.", ["604800000"]],
  "producer.id.expiration.ms": [
    "1 ms and more",
    "How long a partition remembers the sequences of a producer that writes nothing.",
    ["86400000", "60000"],
  ],
};

export const modelledGroupConfigs: Readonly<Record<string, ModelledEntry>> = {
  "consumer.session.timeout.ms": [
    "between the broker's group.consumer.min and max",
    "A member of this group that is not heard of for longer is fenced.",
    ["45000", "60000"],
  ],
  "consumer.heartbeat.interval.ms": [
    "between the broker's group.consumer.min and max",
    "How often members of this group are told to send heartbeats.",
    ["5000", "15000"],
  ],
  "consumer.assignment.interval.ms": [
    "between the broker's group.consumer.min and max",
    "The least time between two computations of this group's target assignment.",
    ["1000", "0"],
  ],
};
