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

export const protocolErrors = {
  UNKNOWN_SERVER_ERROR: { code: -1, retriable: false, invalidMetadata: false, exception: "UnknownServerException", message: "The server experienced an unexpected error when processing the request." },
  NONE: { code: 0, retriable: false, invalidMetadata: false, exception: "", message: "" },
  OFFSET_OUT_OF_RANGE: { code: 1, retriable: false, invalidMetadata: false, exception: "OffsetOutOfRangeException", message: "The requested offset is not within the range of offsets maintained by the server." },
  CORRUPT_MESSAGE: { code: 2, retriable: true, invalidMetadata: false, exception: "CorruptRecordException", message: "This message has failed its CRC checksum, exceeds the valid size, has a null key for a compacted topic, or is otherwise corrupt." },
  UNKNOWN_TOPIC_OR_PARTITION: { code: 3, retriable: true, invalidMetadata: true, exception: "UnknownTopicOrPartitionException", message: "This server does not host this topic-partition." },
  INVALID_FETCH_SIZE: { code: 4, retriable: false, invalidMetadata: false, exception: "InvalidFetchSizeException", message: "The requested fetch size is invalid." },
  LEADER_NOT_AVAILABLE: { code: 5, retriable: true, invalidMetadata: true, exception: "LeaderNotAvailableException", message: "There is no leader for this topic-partition as we are in the middle of a leadership election." },
  NOT_LEADER_OR_FOLLOWER: { code: 6, retriable: true, invalidMetadata: true, exception: "NotLeaderOrFollowerException", message: "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition." },
  REQUEST_TIMED_OUT: { code: 7, retriable: true, invalidMetadata: false, exception: "TimeoutException", message: "The request timed out." },
  BROKER_NOT_AVAILABLE: { code: 8, retriable: false, invalidMetadata: false, exception: "BrokerNotAvailableException", message: "The broker is not available." },
  REPLICA_NOT_AVAILABLE: { code: 9, retriable: true, invalidMetadata: true, exception: "ReplicaNotAvailableException", message: "The replica is not available for the requested topic-partition. Produce/Fetch requests and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition." },
  MESSAGE_TOO_LARGE: { code: 10, retriable: false, invalidMetadata: false, exception: "RecordTooLargeException", message: "The request included a message larger than the max message size the server will accept." },
  STALE_CONTROLLER_EPOCH: { code: 11, retriable: false, invalidMetadata: false, exception: "ControllerMovedException", message: "The controller moved to another broker." },
  OFFSET_METADATA_TOO_LARGE: { code: 12, retriable: false, invalidMetadata: false, exception: "OffsetMetadataTooLarge", message: "The metadata field of the offset request was too large." },
  NETWORK_EXCEPTION: { code: 13, retriable: true, invalidMetadata: true, exception: "NetworkException", message: "The server disconnected before a response was received." },
  COORDINATOR_LOAD_IN_PROGRESS: { code: 14, retriable: true, invalidMetadata: false, exception: "CoordinatorLoadInProgressException", message: "The coordinator is loading and hence can't process requests." },
  COORDINATOR_NOT_AVAILABLE: { code: 15, retriable: true, invalidMetadata: false, exception: "CoordinatorNotAvailableException", message: "The coordinator is not available." },
  NOT_COORDINATOR: { code: 16, retriable: true, invalidMetadata: false, exception: "NotCoordinatorException", message: "This is not the correct coordinator." },
  INVALID_TOPIC_EXCEPTION: { code: 17, retriable: false, invalidMetadata: false, exception: "InvalidTopicException", message: "The request attempted to perform an operation on an invalid topic." },
  RECORD_LIST_TOO_LARGE: { code: 18, retriable: false, invalidMetadata: false, exception: "RecordBatchTooLargeException", message: "The request included message batch larger than the configured segment size on the server." },
  NOT_ENOUGH_REPLICAS: { code: 19, retriable: true, invalidMetadata: false, exception: "NotEnoughReplicasException", message: "Messages are rejected since there are fewer in-sync replicas than required." },
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: { code: 20, retriable: true, invalidMetadata: false, exception: "NotEnoughReplicasAfterAppendException", message: "Messages are written to the log, but to fewer in-sync replicas than required." },
  INVALID_REQUIRED_ACKS: { code: 21, retriable: false, invalidMetadata: false, exception: "InvalidRequiredAcksException", message: "Produce request specified an invalid value for required acks." },
  ILLEGAL_GENERATION: { code: 22, retriable: false, invalidMetadata: false, exception: "IllegalGenerationException", message: "Specified group generation id is not valid." },
  INCONSISTENT_GROUP_PROTOCOL: { code: 23, retriable: false, invalidMetadata: false, exception: "InconsistentGroupProtocolException", message: "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list." },
  INVALID_GROUP_ID: { code: 24, retriable: false, invalidMetadata: false, exception: "InvalidGroupIdException", message: "The group id is invalid." },
  UNKNOWN_MEMBER_ID: { code: 25, retriable: false, invalidMetadata: false, exception: "UnknownMemberIdException", message: "The coordinator is not aware of this member." },
  INVALID_SESSION_TIMEOUT: { code: 26, retriable: false, invalidMetadata: false, exception: "InvalidSessionTimeoutException", message: "The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms)." },
  REBALANCE_IN_PROGRESS: { code: 27, retriable: false, invalidMetadata: false, exception: "RebalanceInProgressException", message: "The group is rebalancing, so a rejoin is needed." },
  INVALID_COMMIT_OFFSET_SIZE: { code: 28, retriable: false, invalidMetadata: false, exception: "InvalidCommitOffsetSizeException", message: "The committing offset data size is not valid." },
  TOPIC_AUTHORIZATION_FAILED: { code: 29, retriable: false, invalidMetadata: false, exception: "TopicAuthorizationException", message: "Topic authorization failed." },
  GROUP_AUTHORIZATION_FAILED: { code: 30, retriable: false, invalidMetadata: false, exception: "GroupAuthorizationException", message: "Group authorization failed." },
  CLUSTER_AUTHORIZATION_FAILED: { code: 31, retriable: false, invalidMetadata: false, exception: "ClusterAuthorizationException", message: "Cluster authorization failed." },
  INVALID_TIMESTAMP: { code: 32, retriable: false, invalidMetadata: false, exception: "InvalidTimestampException", message: "The timestamp of the message is out of acceptable range." },
  UNSUPPORTED_VERSION: { code: 35, retriable: false, invalidMetadata: false, exception: "UnsupportedVersionException", message: "The version of API is not supported." },
  TOPIC_ALREADY_EXISTS: { code: 36, retriable: false, invalidMetadata: false, exception: "TopicExistsException", message: "Topic with this name already exists." },
  INVALID_PARTITIONS: { code: 37, retriable: false, invalidMetadata: false, exception: "InvalidPartitionsException", message: "Number of partitions is below 1." },
  INVALID_REPLICATION_FACTOR: { code: 38, retriable: false, invalidMetadata: false, exception: "InvalidReplicationFactorException", message: "Replication factor is below 1 or larger than the number of available brokers." },
  INVALID_REPLICA_ASSIGNMENT: { code: 39, retriable: false, invalidMetadata: false, exception: "InvalidReplicaAssignmentException", message: "Replica assignment is invalid." },
  INVALID_CONFIG: { code: 40, retriable: false, invalidMetadata: false, exception: "InvalidConfigurationException", message: "Configuration is invalid." },
  NOT_CONTROLLER: { code: 41, retriable: true, invalidMetadata: false, exception: "NotControllerException", message: "This is not the correct controller for this cluster." },
  INVALID_REQUEST: { code: 42, retriable: false, invalidMetadata: false, exception: "InvalidRequestException", message: "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details." },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: { code: 43, retriable: false, invalidMetadata: false, exception: "UnsupportedForMessageFormatException", message: "The message format version on the broker does not support the request." },
  POLICY_VIOLATION: { code: 44, retriable: false, invalidMetadata: false, exception: "PolicyViolationException", message: "Request parameters do not satisfy the configured policy." },
  OUT_OF_ORDER_SEQUENCE_NUMBER: { code: 45, retriable: false, invalidMetadata: false, exception: "OutOfOrderSequenceException", message: "The broker received an out of order sequence number." },
  DUPLICATE_SEQUENCE_NUMBER: { code: 46, retriable: false, invalidMetadata: false, exception: "DuplicateSequenceException", message: "The broker received a duplicate sequence number." },
  INVALID_PRODUCER_EPOCH: { code: 47, retriable: false, invalidMetadata: false, exception: "InvalidProducerEpochException", message: "Producer attempted to produce with an old epoch." },
  INVALID_TXN_STATE: { code: 48, retriable: false, invalidMetadata: false, exception: "InvalidTxnStateException", message: "The producer attempted a transactional operation in an invalid state." },
  INVALID_PRODUCER_ID_MAPPING: { code: 49, retriable: false, invalidMetadata: false, exception: "InvalidPidMappingException", message: "The producer attempted to use a producer id which is not currently assigned to its transactional id." },
  INVALID_TRANSACTION_TIMEOUT: { code: 50, retriable: false, invalidMetadata: false, exception: "InvalidTxnTimeoutException", message: "The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms)." },
  CONCURRENT_TRANSACTIONS: { code: 51, retriable: true, invalidMetadata: false, exception: "ConcurrentTransactionsException", message: "The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing." },
  TRANSACTION_COORDINATOR_FENCED: { code: 52, retriable: false, invalidMetadata: false, exception: "TransactionCoordinatorFencedException", message: "Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer." },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: { code: 53, retriable: false, invalidMetadata: false, exception: "TransactionalIdAuthorizationException", message: "Transactional Id authorization failed." },
  OPERATION_NOT_ATTEMPTED: { code: 55, retriable: false, invalidMetadata: false, exception: "OperationNotAttemptedException", message: "The broker did not attempt to execute this operation. This may happen for batched RPCs where some operations in the batch failed, causing the broker to respond without trying the rest." },
  KAFKA_STORAGE_ERROR: { code: 56, retriable: true, invalidMetadata: true, exception: "KafkaStorageException", message: "Disk error when trying to access log file on the disk." },
  UNKNOWN_PRODUCER_ID: { code: 59, retriable: false, invalidMetadata: false, exception: "UnknownProducerIdException", message: "This exception is raised by the broker if it could not locate the producer metadata associated with the producerId in question. This could happen if, for instance, the producer's records were deleted because their retention time had elapsed. Once the last records of the producerId are removed, the producer's metadata is removed from the broker, and future appends by the producer will return this exception." },
  NON_EMPTY_GROUP: { code: 68, retriable: false, invalidMetadata: false, exception: "GroupNotEmptyException", message: "The group is not empty." },
  GROUP_ID_NOT_FOUND: { code: 69, retriable: false, invalidMetadata: false, exception: "GroupIdNotFoundException", message: "The group id does not exist." },
  TOPIC_DELETION_DISABLED: { code: 73, retriable: false, invalidMetadata: false, exception: "TopicDeletionDisabledException", message: "Topic deletion is disabled." },
  FENCED_LEADER_EPOCH: { code: 74, retriable: true, invalidMetadata: true, exception: "FencedLeaderEpochException", message: "The leader epoch in the request is older than the epoch on the broker." },
  UNKNOWN_LEADER_EPOCH: { code: 75, retriable: true, invalidMetadata: false, exception: "UnknownLeaderEpochException", message: "The leader epoch in the request is newer than the epoch on the broker." },
  STALE_BROKER_EPOCH: { code: 77, retriable: false, invalidMetadata: false, exception: "StaleBrokerEpochException", message: "Broker epoch has changed." },
  OFFSET_NOT_AVAILABLE: { code: 78, retriable: true, invalidMetadata: false, exception: "OffsetNotAvailableException", message: "The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing." },
  MEMBER_ID_REQUIRED: { code: 79, retriable: false, invalidMetadata: false, exception: "MemberIdRequiredException", message: "The group member needs to have a valid member id before actually entering a consumer group." },
  PREFERRED_LEADER_NOT_AVAILABLE: { code: 80, retriable: true, invalidMetadata: true, exception: "PreferredLeaderNotAvailableException", message: "The preferred leader was not available." },
  GROUP_MAX_SIZE_REACHED: { code: 81, retriable: false, invalidMetadata: false, exception: "GroupMaxSizeReachedException", message: "The group has reached its maximum size." },
  FENCED_INSTANCE_ID: { code: 82, retriable: false, invalidMetadata: false, exception: "FencedInstanceIdException", message: "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id." },
  ELIGIBLE_LEADERS_NOT_AVAILABLE: { code: 83, retriable: true, invalidMetadata: true, exception: "EligibleLeadersNotAvailableException", message: "Eligible topic partition leaders are not available." },
  ELECTION_NOT_NEEDED: { code: 84, retriable: true, invalidMetadata: true, exception: "ElectionNotNeededException", message: "Leader election not needed for topic partition." },
  GROUP_SUBSCRIBED_TO_TOPIC: { code: 86, retriable: false, invalidMetadata: false, exception: "GroupSubscribedToTopicException", message: "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it." },
  INVALID_RECORD: { code: 87, retriable: false, invalidMetadata: false, exception: "InvalidRecordException", message: "This record has failed the validation on broker and hence will be rejected." },
  UNSTABLE_OFFSET_COMMIT: { code: 88, retriable: true, invalidMetadata: false, exception: "UnstableOffsetCommitException", message: "There are unstable offsets that need to be cleared." },
  THROTTLING_QUOTA_EXCEEDED: { code: 89, retriable: true, invalidMetadata: false, exception: "ThrottlingQuotaExceededException", message: "The throttling quota has been exceeded." },
  PRODUCER_FENCED: { code: 90, retriable: false, invalidMetadata: false, exception: "ProducerFencedException", message: "There is a newer producer with the same transactionalId which fences the current one." },
  INVALID_UPDATE_VERSION: { code: 95, retriable: false, invalidMetadata: false, exception: "InvalidUpdateVersionException", message: "The given update version was invalid." },
  UNKNOWN_TOPIC_ID: { code: 100, retriable: true, invalidMetadata: true, exception: "UnknownTopicIdException", message: "This server does not host this topic ID." },
  DUPLICATE_BROKER_REGISTRATION: { code: 101, retriable: false, invalidMetadata: false, exception: "DuplicateBrokerRegistrationException", message: "This broker ID is already in use." },
  BROKER_ID_NOT_REGISTERED: { code: 102, retriable: false, invalidMetadata: false, exception: "BrokerIdNotRegisteredException", message: "The given broker ID was not registered." },
  INCONSISTENT_TOPIC_ID: { code: 103, retriable: true, invalidMetadata: true, exception: "InconsistentTopicIdException", message: "The log's topic ID did not match the topic ID in the request." },
  TRANSACTIONAL_ID_NOT_FOUND: { code: 105, retriable: false, invalidMetadata: false, exception: "TransactionalIdNotFoundException", message: "The transactionalId could not be found." },
  INELIGIBLE_REPLICA: { code: 107, retriable: false, invalidMetadata: false, exception: "IneligibleReplicaException", message: "The new ISR contains at least one ineligible replica." },
  NEW_LEADER_ELECTED: { code: 108, retriable: false, invalidMetadata: false, exception: "NewLeaderElectedException", message: "The AlterPartition request successfully updated the partition state but the leader has changed." },
  FENCED_MEMBER_EPOCH: { code: 110, retriable: false, invalidMetadata: false, exception: "FencedMemberEpochException", message: "The member epoch is fenced by the group coordinator. The member must abandon all its partitions and rejoin." },
  UNRELEASED_INSTANCE_ID: { code: 111, retriable: false, invalidMetadata: false, exception: "UnreleasedInstanceIdException", message: "The instance ID is still used by another member in the consumer group. That member must leave first." },
  UNSUPPORTED_ASSIGNOR: { code: 112, retriable: false, invalidMetadata: false, exception: "UnsupportedAssignorException", message: "The assignor or its version range is not supported by the consumer group." },
  STALE_MEMBER_EPOCH: { code: 113, retriable: false, invalidMetadata: false, exception: "StaleMemberEpochException", message: "The member epoch is stale. The member must retry after receiving its updated member epoch via the ConsumerGroupHeartbeat API." },
  TRANSACTION_ABORTABLE: { code: 120, retriable: false, invalidMetadata: false, exception: "TransactionAbortableException", message: "The server encountered an error with the transaction. The client can abort the transaction to continue using this transactional ID." },
  INVALID_REGULAR_EXPRESSION: { code: 128, retriable: false, invalidMetadata: false, exception: "InvalidRegularExpression", message: "The regular expression is not valid." },
  REBOOTSTRAP_REQUIRED: { code: 129, retriable: false, invalidMetadata: false, exception: "RebootstrapRequiredException", message: "Client metadata is stale. The client should rebootstrap to obtain new metadata." },
  GROUP_DELETION_FAILED: { code: 134, retriable: false, invalidMetadata: false, exception: "GroupDeletionFailedException", message: "DeleteGroups could not complete; see the error message on the per-group result for details." },
} as const satisfies Record<string, ErrorDefinition>;

/** What a client throws or fails a future with on its own account. TimeoutException is what an expired batch or a wait that was too long ends with. */
export const clientExceptions = {
  TimeoutException: { code: null, retriable: true, invalidMetadata: false, exception: "TimeoutException", message: "" },
  BufferExhaustedException: { code: null, retriable: true, invalidMetadata: false, exception: "BufferExhaustedException", message: "" },
  RecordTooLargeException: { code: null, retriable: false, invalidMetadata: false, exception: "RecordTooLargeException", message: "" },
  KafkaException: { code: null, retriable: false, invalidMetadata: false, exception: "KafkaException", message: "" },
  IllegalStateException: { code: null, retriable: false, invalidMetadata: false, exception: "IllegalStateException", message: "" },
  IllegalArgumentException: { code: null, retriable: false, invalidMetadata: false, exception: "IllegalArgumentException", message: "" },
  InterruptException: { code: null, retriable: false, invalidMetadata: false, exception: "InterruptException", message: "" },
  SerializationException: { code: null, retriable: false, invalidMetadata: false, exception: "SerializationException", message: "" },
  ConfigException: { code: null, retriable: false, invalidMetadata: false, exception: "ConfigException", message: "" },
  WakeupException: { code: null, retriable: false, invalidMetadata: false, exception: "WakeupException", message: "" },
  InvalidTopicException: { code: null, retriable: false, invalidMetadata: false, exception: "InvalidTopicException", message: "" },
  TransactionAbortedException: { code: null, retriable: false, invalidMetadata: false, exception: "TransactionAbortedException", message: "Failing batch since transaction was aborted" },
  TransactionAbortableException: { code: null, retriable: false, invalidMetadata: false, exception: "TransactionAbortableException", message: "" },
  ProducerFencedException: { code: null, retriable: false, invalidMetadata: false, exception: "ProducerFencedException", message: "" },
  InvalidProducerEpochException: { code: null, retriable: false, invalidMetadata: false, exception: "InvalidProducerEpochException", message: "" },
  OutOfOrderSequenceException: { code: null, retriable: false, invalidMetadata: false, exception: "OutOfOrderSequenceException", message: "" },
  UnsupportedVersionException: { code: null, retriable: false, invalidMetadata: false, exception: "UnsupportedVersionException", message: "" },
  AuthenticationException: { code: null, retriable: false, invalidMetadata: false, exception: "AuthenticationException", message: "" },
  AuthorizationException: { code: null, retriable: false, invalidMetadata: false, exception: "AuthorizationException", message: "" },
  CommitFailedException: { code: null, retriable: false, invalidMetadata: false, exception: "CommitFailedException", message: "Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group." },
  RetriableCommitFailedException: { code: null, retriable: true, invalidMetadata: false, exception: "RetriableCommitFailedException", message: "" },
  RebalanceInProgressException: { code: null, retriable: false, invalidMetadata: false, exception: "RebalanceInProgressException", message: "" },
  FencedInstanceIdException: { code: null, retriable: false, invalidMetadata: false, exception: "FencedInstanceIdException", message: "" },
  NoOffsetForPartitionException: { code: null, retriable: false, invalidMetadata: false, exception: "NoOffsetForPartitionException", message: "" },
  OffsetOutOfRangeException: { code: null, retriable: false, invalidMetadata: false, exception: "OffsetOutOfRangeException", message: "" },
  InvalidGroupIdException: { code: null, retriable: false, invalidMetadata: false, exception: "InvalidGroupIdException", message: "" },
  LogTruncationException: { code: null, retriable: false, invalidMetadata: false, exception: "LogTruncationException", message: "" },
} as const satisfies Record<string, ErrorDefinition>;

export type ProtocolErrorName = keyof typeof protocolErrors;
export type ClientExceptionName = keyof typeof clientExceptions;
export type ErrorName = ProtocolErrorName | ClientExceptionName;

const definitions: Readonly<Record<string, ErrorDefinition>> = { ...clientExceptions, ...protocolErrors };

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
