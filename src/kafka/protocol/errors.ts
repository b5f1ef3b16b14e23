/**
 * Kafka's errors: those that travel in responses, and those that a client makes itself.
 * Models org.apache.kafka.common.protocol.Errors and the classes of org.apache.kafka.common.errors.
 * Left out: errors of security, delegation tokens, features, telemetry, tiered storage, voters, share and streams groups.
 */
export interface ErrorDefinition {
  /** Its number in the protocol; null: never on the wire. */
  readonly code: number | null;
  /** RetriableException: the client may send the same request again. */
  readonly retriable: boolean;
  /** InvalidMetadataException: the client also asks for new metadata. */
  readonly invalidMetadata: boolean;
  /** The exception that an application of the Java client sees. */
  readonly exception: string;
  /** Kafka's standard text. */
  readonly message: string;
}

/** metadata: retriable, and the client also asks for new metadata. */
type Kind = "final" | "retriable" | "metadata";

const protocolErrors = {
  UNKNOWN_SERVER_ERROR: [-1, "final", "UnknownServerException", "The server experienced an unexpected error when processing the request."],
  NONE: [0, "final", "", ""],
  OFFSET_OUT_OF_RANGE: [
    1,
    "final",
    "OffsetOutOfRangeException",
    "The requested offset is not within the range of offsets maintained by the server.",
  ],
  CORRUPT_MESSAGE: [
    2,
    "retriable",
    "CorruptRecordException",
    "This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt.",
  ],
  UNKNOWN_TOPIC_OR_PARTITION: [3, "metadata", "UnknownTopicOrPartitionException", "This server does not host this topic-partition."],
  INVALID_FETCH_SIZE: [4, "final", "InvalidFetchSizeException", "The requested fetch size is invalid."],
  LEADER_NOT_AVAILABLE: [
    5,
    "metadata",
    "LeaderNotAvailableException",
    "There is no leader for this topic-partition as we are in the middle of a leadership election.",
  ],
  NOT_LEADER_OR_FOLLOWER: [
    6,
    "metadata",
    "NotLeaderOrFollowerException",
    "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.",
  ],
  REQUEST_TIMED_OUT: [7, "retriable", "TimeoutException", "The request timed out."],
  BROKER_NOT_AVAILABLE: [8, "final", "BrokerNotAvailableException", "The broker is not available."],
  REPLICA_NOT_AVAILABLE: [
    9,
    "metadata",
    "ReplicaNotAvailableException",
    "The replica is not available for the requested topic-partition. Produce/Fetch requests and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition.",
  ],
  MESSAGE_TOO_LARGE: [
    10,
    "final",
    "RecordTooLargeException",
    "The request included a message larger than the max message size the server will accept.",
  ],
  STALE_CONTROLLER_EPOCH: [11, "final", "ControllerMovedException", "The controller moved to another broker."],
  OFFSET_METADATA_TOO_LARGE: [12, "final", "OffsetMetadataTooLarge", "The metadata field of the offset request was too large."],
  NETWORK_EXCEPTION: [13, "metadata", "NetworkException", "The server disconnected before a response was received."],
  COORDINATOR_LOAD_IN_PROGRESS: [
    14,
    "retriable",
    "CoordinatorLoadInProgressException",
    "The coordinator is loading and hence can't process requests.",
  ],
  COORDINATOR_NOT_AVAILABLE: [15, "retriable", "CoordinatorNotAvailableException", "The coordinator is not available."],
  NOT_COORDINATOR: [16, "retriable", "NotCoordinatorException", "This is not the correct coordinator."],
  INVALID_TOPIC_EXCEPTION: [17, "final", "InvalidTopicException", "The request attempted to perform an operation on an invalid topic."],
  RECORD_LIST_TOO_LARGE: [
    18,
    "final",
    "RecordBatchTooLargeException",
    "The request included message batch larger than the configured segment size on the server.",
  ],
  NOT_ENOUGH_REPLICAS: [
    19,
    "retriable",
    "NotEnoughReplicasException",
    "Messages are rejected since there are fewer in-sync replicas than required.",
  ],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [
    20,
    "retriable",
    "NotEnoughReplicasAfterAppendException",
    "Messages are written to the log, but to fewer in-sync replicas than required.",
  ],
  INVALID_REQUIRED_ACKS: [21, "final", "InvalidRequiredAcksException", "Produce request specified an invalid value for required acks."],
  ILLEGAL_GENERATION: [22, "final", "IllegalGenerationException", "Specified group generation id is not valid."],
  INCONSISTENT_GROUP_PROTOCOL: [
    23,
    "final",
    "InconsistentGroupProtocolException",
    "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list.",
  ],
  INVALID_GROUP_ID: [24, "final", "InvalidGroupIdException", "The group id is invalid."],
  UNKNOWN_MEMBER_ID: [25, "final", "UnknownMemberIdException", "The coordinator is not aware of this member."],
  INVALID_SESSION_TIMEOUT: [
    26,
    "final",
    "InvalidSessionTimeoutException",
    "The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms).",
  ],
  REBALANCE_IN_PROGRESS: [27, "final", "RebalanceInProgressException", "The group is rebalancing, so a rejoin is needed."],
  INVALID_COMMIT_OFFSET_SIZE: [28, "final", "InvalidCommitOffsetSizeException", "The committing offset data size is not valid."],
  TOPIC_AUTHORIZATION_FAILED: [29, "final", "TopicAuthorizationException", "Topic authorization failed."],
  GROUP_AUTHORIZATION_FAILED: [30, "final", "GroupAuthorizationException", "Group authorization failed."],
  CLUSTER_AUTHORIZATION_FAILED: [31, "final", "ClusterAuthorizationException", "Cluster authorization failed."],
  INVALID_TIMESTAMP: [32, "final", "InvalidTimestampException", "The timestamp of the message is out of acceptable range."],
  UNSUPPORTED_VERSION: [35, "final", "UnsupportedVersionException", "The version of API is not supported."],
  TOPIC_ALREADY_EXISTS: [36, "final", "TopicExistsException", "Topic with this name already exists."],
  INVALID_PARTITIONS: [37, "final", "InvalidPartitionsException", "Number of partitions is below 1."],
  INVALID_REPLICATION_FACTOR: [
    38,
    "final",
    "InvalidReplicationFactorException",
    "Replication factor is below 1 or larger than the number of available brokers.",
  ],
  INVALID_REPLICA_ASSIGNMENT: [39, "final", "InvalidReplicaAssignmentException", "Replica assignment is invalid."],
  INVALID_CONFIG: [40, "final", "InvalidConfigurationException", "Configuration is invalid."],
  NOT_CONTROLLER: [41, "retriable", "NotControllerException", "This is not the correct controller for this cluster."],
  INVALID_REQUEST: [
    42,
    "final",
    "InvalidRequestException",
    "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.",
  ],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [
    43,
    "final",
    "UnsupportedForMessageFormatException",
    "The message format version on the broker does not support the request.",
  ],
  POLICY_VIOLATION: [44, "final", "PolicyViolationException", "Request parameters do not satisfy the configured policy."],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, "final", "OutOfOrderSequenceException", "The broker received an out of order sequence number."],
  DUPLICATE_SEQUENCE_NUMBER: [46, "final", "DuplicateSequenceException", "The broker received a duplicate sequence number."],
  INVALID_PRODUCER_EPOCH: [47, "final", "InvalidProducerEpochException", "Producer attempted to produce with an old epoch."],
  INVALID_TXN_STATE: [48, "final", "InvalidTxnStateException", "The producer attempted a transactional operation in an invalid state."],
  INVALID_PRODUCER_ID_MAPPING: [
    49,
    "final",
    "InvalidPidMappingException",
    "The producer attempted to use a producer id which is not currently assigned to its transactional id.",
  ],
  INVALID_TRANSACTION_TIMEOUT: [
    50,
    "final",
    "InvalidTxnTimeoutException",
    "The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms).",
  ],
  CONCURRENT_TRANSACTIONS: [
    51,
    "retriable",
    "ConcurrentTransactionsException",
    "The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing.",
  ],
  TRANSACTION_COORDINATOR_FENCED: [
    52,
    "final",
    "TransactionCoordinatorFencedException",
    "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer.",
  ],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [53, "final", "TransactionalIdAuthorizationException", "Transactional Id authorization failed."],
  OPERATION_NOT_ATTEMPTED: [
    55,
    "final",
    "OperationNotAttemptedException",
    "The broker did not attempt to execute this operation. This may happen for batched RPCs where some operations in the batch failed, causing the broker to respond without trying the rest.",
  ],
  KAFKA_STORAGE_ERROR: [56, "metadata", "KafkaStorageException", "Disk error when trying to access log file on the disk."],
  UNKNOWN_PRODUCER_ID: [
    59,
    "final",
    "UnknownProducerIdException",
    "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception.",
  ],
  NON_EMPTY_GROUP: [68, "final", "GroupNotEmptyException", "The group is not empty."],
  GROUP_ID_NOT_FOUND: [69, "final", "GroupIdNotFoundException", "The group id does not exist."],
  TOPIC_DELETION_DISABLED: [73, "final", "TopicDeletionDisabledException", "Topic deletion is disabled."],
  FENCED_LEADER_EPOCH: [
    74,
    "metadata",
    "FencedLeaderEpochException",
    "The leader epoch in the request is older than the epoch on the broker.",
  ],
  UNKNOWN_LEADER_EPOCH: [
    75,
    "retriable",
    "UnknownLeaderEpochException",
    "The leader epoch in the request is newer than the epoch on the broker.",
  ],
  STALE_BROKER_EPOCH: [77, "final", "StaleBrokerEpochException", "Broker epoch has changed."],
  OFFSET_NOT_AVAILABLE: [
    78,
    "retriable",
    "OffsetNotAvailableException",
    "The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing.",
  ],
  MEMBER_ID_REQUIRED: [
    79,
    "final",
    "MemberIdRequiredException",
    "The group member needs to have a valid member id before actually entering a consumer group.",
  ],
  PREFERRED_LEADER_NOT_AVAILABLE: [80, "metadata", "PreferredLeaderNotAvailableException", "The preferred leader was not available."],
  GROUP_MAX_SIZE_REACHED: [81, "final", "GroupMaxSizeReachedException", "The group has reached its maximum size."],
  FENCED_INSTANCE_ID: [
    82,
    "final",
    "FencedInstanceIdException",
    "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.",
  ],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: [
    83,
    "metadata",
    "EligibleLeadersNotAvailableException",
    "Eligible topic partition leaders are not available.",
  ],
  ELECTION_NOT_NEEDED: [84, "metadata", "ElectionNotNeededException", "Leader election not needed for topic partition."],
  GROUP_SUBSCRIBED_TO_TOPIC: [
    86,
    "final",
    "GroupSubscribedToTopicException",
    "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.",
  ],
  INVALID_RECORD: [87, "final", "InvalidRecordException", "This record has failed the validation on broker and hence will be rejected."],
  UNSTABLE_OFFSET_COMMIT: [88, "retriable", "UnstableOffsetCommitException", "There are unstable offsets that need to be cleared."],
  THROTTLING_QUOTA_EXCEEDED: [89, "retriable", "ThrottlingQuotaExceededException", "The throttling quota has been exceeded."],
  PRODUCER_FENCED: [
    90,
    "final",
    "ProducerFencedException",
    "There is a newer producer with the same transactionalId which fences the current one.",
  ],
  INVALID_UPDATE_VERSION: [95, "final", "InvalidUpdateVersionException", "The given update version was invalid."],
  UNKNOWN_TOPIC_ID: [100, "metadata", "UnknownTopicIdException", "This server does not host this topic ID."],
  DUPLICATE_BROKER_REGISTRATION: [101, "final", "DuplicateBrokerRegistrationException", "This broker ID is already in use."],
  BROKER_ID_NOT_REGISTERED: [102, "final", "BrokerIdNotRegisteredException", "The given broker ID was not registered."],
  INCONSISTENT_TOPIC_ID: [103, "metadata", "InconsistentTopicIdException", "The log's topic ID did not match the topic ID in the request."],
  TRANSACTIONAL_ID_NOT_FOUND: [105, "final", "TransactionalIdNotFoundException", "The transactionalId could not be found."],
  INELIGIBLE_REPLICA: [107, "final", "IneligibleReplicaException", "The new ISR contains at least one ineligible replica."],
  NEW_LEADER_ELECTED: [
    108,
    "final",
    "NewLeaderElectedException",
    "The AlterPartition request successfully updated the partition state but the leader has changed.",
  ],
  FENCED_MEMBER_EPOCH: [
    110,
    "final",
    "FencedMemberEpochException",
    "The member epoch is fenced by the group coordinator. The member must abandon all its partitions and rejoin.",
  ],
  UNRELEASED_INSTANCE_ID: [
    111,
    "final",
    "UnreleasedInstanceIdException",
    "The instance ID is still used by another member in the consumer group. That member must leave first.",
  ],
  UNSUPPORTED_ASSIGNOR: [
    112,
    "final",
    "UnsupportedAssignorException",
    "The assignor or its version range is not supported by the consumer group.",
  ],
  STALE_MEMBER_EPOCH: [
    113,
    "final",
    "StaleMemberEpochException",
    "The member epoch is stale. The member must retry after receiving its updated member epoch via the ConsumerGroupHeartbeat API.",
  ],
  TRANSACTION_ABORTABLE: [
    120,
    "final",
    "TransactionAbortableException",
    "The server encountered an error with the transaction. The client can abort the transaction to continue using this transactional ID.",
  ],
  INVALID_REGULAR_EXPRESSION: [128, "final", "InvalidRegularExpression", "The regular expression is not valid."],
  REBOOTSTRAP_REQUIRED: [
    129,
    "final",
    "RebootstrapRequiredException",
    "Client metadata is stale. The client should rebootstrap to obtain new metadata.",
  ],
  GROUP_DELETION_FAILED: [
    134,
    "final",
    "GroupDeletionFailedException",
    "DeleteGroups could not complete; see the error message on the per-group result for details.",
  ],
} as const satisfies Record<string, readonly [code: number, kind: Kind, exception: string, message: string]>;

/** What a client throws or fails a future with on its own account. TimeoutException is what an expired batch or a wait that was too long ends with. */
const clientExceptions = {
  TimeoutException: ["retriable", ""],
  BufferExhaustedException: ["retriable", ""],
  RecordTooLargeException: ["final", ""],
  KafkaException: ["final", ""],
  IllegalStateException: ["final", ""],
  IllegalArgumentException: ["final", ""],
  InterruptException: ["final", ""],
  SerializationException: ["final", ""],
  ConfigException: ["final", ""],
  WakeupException: ["final", ""],
  InvalidTopicException: ["final", ""],
  TransactionAbortedException: ["final", "Failing batch since transaction was aborted"],
  TransactionAbortableException: ["final", ""],
  ProducerFencedException: ["final", ""],
  InvalidProducerEpochException: ["final", ""],
  OutOfOrderSequenceException: ["final", ""],
  UnsupportedVersionException: ["final", ""],
  AuthenticationException: ["final", ""],
  AuthorizationException: ["final", ""],
  CommitFailedException: [
    "final",
    "Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group.",
  ],
  RetriableCommitFailedException: ["retriable", ""],
  RebalanceInProgressException: ["final", ""],
  FencedInstanceIdException: ["final", ""],
  NoOffsetForPartitionException: ["final", ""],
  OffsetOutOfRangeException: ["final", ""],
  InvalidGroupIdException: ["final", ""],
  LogTruncationException: ["final", ""],
} as const satisfies Record<string, readonly [kind: Kind, message: string]>;

export type ErrorName = keyof typeof protocolErrors | keyof typeof clientExceptions;

const definitions: Readonly<Record<string, ErrorDefinition>> = {
  ...Object.fromEntries(Object.entries(clientExceptions).map(([name, [kind, message]]) => [name, definitionOf(null, kind, name, message)])),
  ...Object.fromEntries(
    Object.entries(protocolErrors).map(([name, [code, kind, exception, message]]) => [name, definitionOf(code, kind, exception, message)]),
  ),
};

function definitionOf(code: number | null, kind: Kind, exception: string, message: string): ErrorDefinition {
  return { code, retriable: kind !== "final", invalidMetadata: kind === "metadata", exception, message };
}

export function errorDefinition(name: ErrorName): ErrorDefinition {
  return definitions[name]!;
}

export function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(definitions, name);
}

export function isRetriable(name: ErrorName): boolean {
  return definitions[name]!.retriable;
}

/** Whether a client that sees it asks for new metadata. */
export function refreshesMetadata(name: ErrorName): boolean {
  return definitions[name]!.invalidMetadata;
}

export function messageOf(name: ErrorName): string {
  return definitions[name]!.message;
}
