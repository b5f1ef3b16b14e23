import type { Context } from "../protocol/context.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { LeaderRecoveryState, RequestOf, ResponseOf } from "../protocol/messages.ts";
import type { MetadataRecord, PartitionRegistration } from "../protocol/metadata-records.ts";
import { topicOf, topicPartitionOf } from "../protocol/topic-partition.ts";
import { effectiveMinIsr, isUncleanElectionEnabled } from "./configuration-control-manager.ts";
import { writeRecords } from "./metadata-writer.ts";
import { buildPartitionChange, type Election, type PartitionChangeInput } from "./partition-change-builder.ts";
import { type AdminResult, adminResult, type ControllerQuorum, isActive, staleBrokerEpoch } from "./quorum-state.ts";

/**
 * Who leads each partition and who is in its ISR. Models org.apache.kafka.controller.ReplicationControlManager.
 * Left out: deletion of topics, reassignments, directories, quotas. Partitions are walked in the order of their creation, where Kafka walks a hash table.
 */

/** At most so many elections are done in one go of balancing or of the unclean pass. */
const MAX_ELECTIONS_PER_PASS = 1000;

type AlterPartitionRequest = RequestOf<"AlterPartition">;
type PartitionRequest = AlterPartitionRequest["partitions"][number];
type PartitionResponse = ResponseOf<"AlterPartition">["partitions"][number];

/** What happens to brokers, as far as partitions are concerned; -1: to none. */
interface BrokerChange {
  remove: number;
  add: number;
  uncleanShutdown: number;
}

/** Records that take a broker out of (or, when `add`, into) leadership and ISRs, for those partitions that `concerns` picks. */
export function leaderAndIsrUpdates(
  quorum: ControllerQuorum,
  change: Partial<BrokerChange>,
  concerns: (partition: PartitionRegistration) => boolean,
): MetadataRecord[] {
  const { remove = -1, add = -1, uncleanShutdown = -1 } = change;
  const isAcceptableLeader = (broker: number): boolean =>
    broker !== remove && broker !== uncleanShutdown && (broker === add || isActive(quorum, broker));
  const records: MetadataRecord[] = [];
  for (const [topicPartition, partition] of Object.entries(quorum.image.partitions)) {
    if (!concerns(partition)) continue;
    const targetIsr = partition.isr.filter((replica) => replica !== remove && replica !== uncleanShutdown);
    const election: Election = isUncleanElectionEnabled(quorum, topicOf(topicPartition)) ? "UNCLEAN" : "ONLINE";
    const unclean = uncleanShutdown === -1 ? [] : [uncleanShutdown];
    const record = partitionChange(quorum, topicPartition, partition, {
      targetIsr,
      election,
      uncleanShutdown: unclean,
      isAcceptableLeader,
    });
    if (record !== null) records.push(record);
  }
  return records;
}

export function hasLeaderships(quorum: ControllerQuorum, brokerId: number): boolean {
  for (const partition of Object.values(quorum.image.partitions)) {
    if (partition.leader === brokerId && partition.isr.includes(brokerId)) return true;
  }
  return false;
}

export function onAlterPartition(quorum: ControllerQuorum, request: AlterPartitionRequest, context: Context): ResponseOf<"AlterPartition"> {
  const { brokerId, brokerEpoch } = request;
  if (staleBrokerEpoch(quorum, brokerId, brokerEpoch)) return { api: "AlterPartition", error: "STALE_BROKER_EPOCH", partitions: [] };
  const records: MetadataRecord[] = [];
  const errors: ErrorName[] = [];
  for (const asked of request.partitions) {
    const partition = quorum.image.partitions[asked.topicPartition];
    const error = partition === undefined ? "UNKNOWN_TOPIC_OR_PARTITION" : refusalOfAlterPartition(quorum, brokerId, partition, asked);
    errors.push(error);
    if (error !== "NONE" || partition === undefined) continue;
    const record = partitionChange(quorum, asked.topicPartition, partition, {
      targetIsr: asked.newIsr.map((replica) => replica.brokerId),
      targetLeaderRecoveryState: asked.leaderRecoveryState,
      election: isUncleanElectionEnabled(quorum, topicOf(asked.topicPartition)) ? "UNCLEAN" : "ONLINE",
    });
    if (record !== null) records.push(record);
  }
  writeRecords(quorum, records, { kind: "clean", reason: "asked by the leader", config: "" }, context);
  const partitions = request.partitions.map((asked, index) => alterPartitionAnswer(quorum, brokerId, asked.topicPartition, errors[index]!));
  return { api: "AlterPartition", error: "NONE", partitions };
}

function alterPartitionAnswer(quorum: ControllerQuorum, brokerId: number, topicPartition: string, error: ErrorName): PartitionResponse {
  const partition = quorum.image.partitions[topicPartition];
  if (error !== "NONE" || partition === undefined) {
    return { topicPartition, error, leaderId: 0, leaderEpoch: 0, isr: [], leaderRecoveryState: "RECOVERED", partitionEpoch: 0 };
  }
  const { leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch } = partition;
  // The change ended the leadership of the one that asked for it.
  const answer: ErrorName = leader === brokerId ? "NONE" : "NEW_LEADER_ELECTED";
  return { topicPartition, error: answer, leaderId: leader, leaderEpoch, isr: isr.slice(), leaderRecoveryState, partitionEpoch };
}

function refusalOfAlterPartition(
  quorum: ControllerQuorum,
  brokerId: number,
  partition: PartitionRegistration,
  asked: PartitionRequest,
): ErrorName {
  // A leader that knows more than this controller should look for a newer one.
  if (asked.leaderEpoch > partition.leaderEpoch || asked.partitionEpoch > partition.partitionEpoch) return "NOT_CONTROLLER";
  if (asked.leaderEpoch < partition.leaderEpoch) return "FENCED_LEADER_EPOCH";
  if (brokerId !== partition.leader) return "INVALID_REQUEST";
  if (asked.partitionEpoch < partition.partitionEpoch) return "INVALID_UPDATE_VERSION";
  const newIsr = asked.newIsr.map((replica) => replica.brokerId);
  if (!isValidIsr(partition.replicas, newIsr) || !newIsr.includes(partition.leader)) return "INVALID_REQUEST";
  if (asked.leaderRecoveryState === "RECOVERING" && (newIsr.length > 1 || partition.leaderRecoveryState === "RECOVERED"))
    return "INVALID_REQUEST";
  const eligible = asked.newIsr.every(({ brokerId: replica, brokerEpoch }) => {
    const broker = quorum.image.brokers[replica];
    return (
      broker !== undefined && !broker.fenced && !broker.inControlledShutdown && (brokerEpoch === -1 || brokerEpoch === broker.brokerEpoch)
    );
  });
  return eligible ? "NONE" : "INELIGIBLE_REPLICA";
}

function isValidIsr(replicas: readonly number[], isr: readonly number[]): boolean {
  return isr.length > 0 && new Set(isr).size === isr.length && isr.every((replica) => replicas.includes(replica));
}

/** An election that a person asked for. */
export function electLeaderByHand(
  quorum: ControllerQuorum,
  topic: string,
  partitionId: number,
  kind: "preferred" | "unclean",
  context: Context,
): AdminResult {
  if (quorum.image.topics[topic] === undefined) return adminResult("UNKNOWN_TOPIC_OR_PARTITION", `No such topic as ${topic}`);
  const topicPartition = topicPartitionOf(topic, partitionId);
  const partition = quorum.image.partitions[topicPartition];
  if (partition === undefined) return adminResult("UNKNOWN_TOPIC_OR_PARTITION", `No such partition as ${topicPartition}`);
  const isUnneeded = kind === "preferred" ? partition.leader === partition.replicas[0] : partition.leader !== -1;
  if (isUnneeded) return adminResult("ELECTION_NOT_NEEDED", "Leader election not needed for topic partition.");
  const record = partitionChange(quorum, topicPartition, partition, { election: kind === "preferred" ? "PREFERRED" : "UNCLEAN" });
  if (record === null) {
    return kind === "preferred"
      ? adminResult("PREFERRED_LEADER_NOT_AVAILABLE", "The preferred leader was not available.")
      : adminResult("ELIGIBLE_LEADERS_NOT_AVAILABLE", "Eligible topic partition leaders are not available.");
  }
  writeRecords(
    quorum,
    [record],
    { kind: kind === "preferred" ? "preferred" : "unclean", reason: `${kind} election by hand`, config: "" },
    context,
  );
  return adminResult("NONE");
}

/** auto.leader.rebalance.enable: every partition goes back to its preferred leader if that may lead. */
export function balanceLeaders(quorum: ControllerQuorum, context: Context): void {
  const records: MetadataRecord[] = [];
  for (const [topicPartition, partition] of Object.entries(quorum.image.partitions)) {
    if (partition.leader === partition.replicas[0]) continue;
    const record = partitionChange(quorum, topicPartition, partition, { election: "PREFERRED" });
    if (record !== null) records.push(record);
    if (records.length >= MAX_ELECTIONS_PER_PASS) break;
  }
  writeRecords(quorum, records, { kind: "preferred", reason: "preferred leaders", config: "auto.leader.rebalance.enable" }, context);
}

/** Partitions without a leader get one that may have lost records, where the topic allows it. */
export function electUncleanLeaders(quorum: ControllerQuorum, context: Context): void {
  const records: MetadataRecord[] = [];
  for (const [topicPartition, partition] of Object.entries(quorum.image.partitions)) {
    if (partition.leader !== -1 || !isUncleanElectionEnabled(quorum, topicOf(topicPartition))) continue;
    const record = partitionChange(quorum, topicPartition, partition, { election: "UNCLEAN" });
    if (record !== null) records.push(record);
    if (records.length >= MAX_ELECTIONS_PER_PASS) break;
  }
  writeRecords(quorum, records, { kind: "unclean", reason: "unclean election", config: "unclean.leader.election.enable" }, context);
}

/** A lower min.insync.replicas may make an ELR unnecessary at once. `topic` null: all. */
export function updateElrs(quorum: ControllerQuorum, topic: string | null, context: Context): void {
  const records: MetadataRecord[] = [];
  for (const [topicPartition, partition] of Object.entries(quorum.image.partitions)) {
    if (partition.elr.length === 0 || (topic !== null && topicOf(topicPartition) !== topic)) continue;
    const record = partitionChange(quorum, topicPartition, partition, { election: "ONLINE" });
    if (record !== null) records.push(record);
  }
  writeRecords(quorum, records, { kind: "clean", reason: "min.insync.replicas changed", config: "min.insync.replicas" }, context);
}

function partitionChange(
  quorum: ControllerQuorum,
  topicPartition: string,
  partition: PartitionRegistration,
  decision: Pick<PartitionChangeInput, "election"> & {
    targetIsr?: number[];
    targetLeaderRecoveryState?: LeaderRecoveryState;
    uncleanShutdown?: number[];
    isAcceptableLeader?: (broker: number) => boolean;
  },
): MetadataRecord | null {
  const change = buildPartitionChange({
    partition,
    adding: [],
    removing: [],
    targetIsr: decision.targetIsr ?? null,
    uncleanShutdown: decision.uncleanShutdown ?? [],
    isAcceptableLeader: decision.isAcceptableLeader ?? ((broker) => isActive(quorum, broker)),
    election: decision.election,
    minIsr: effectiveMinIsr(quorum, topicOf(topicPartition), partition.replicas.length),
    elrEnabled: quorum.elrEnabled,
    targetLeaderRecoveryState: decision.targetLeaderRecoveryState ?? null,
  });
  return change === null ? null : { type: "PartitionChangeRecord", topicPartition, change };
}
