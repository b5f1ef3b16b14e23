import {
  buildPartitionChange,
  completesReassignment,
  type PartitionChange,
  type PartitionChangeInput,
} from "../../src/kafka/controller/partition-change-builder.ts";
import {
  applyMetadataRecord,
  copyRegistration,
  emptyImage,
  type PartitionRegistration,
} from "../../src/kafka/protocol/metadata-records.ts";

interface Input {
  partition: PartitionRegistration & { adding?: number[]; removing?: number[] };
  targetIsr: number[] | null;
  uncleanShutdown: number[] | null;
  acceptableLeaders: number[];
  election: "ONLINE" | "PREFERRED" | "UNCLEAN";
  minIsr: number;
  elrEnabled: boolean;
  targetLeaderRecoveryState: "RECOVERED" | "RECOVERING" | null;
}

/** One decision of the controller, as the recording writes it: the fields that the change record sets, and the registration after it. */
export function runCase(input: unknown): unknown {
  const { partition: given, ...rest } = input as Input;
  const { adding = [], removing = [] } = given;
  const partition = copyRegistration(given);
  const decision: PartitionChangeInput = {
    partition,
    adding,
    removing,
    targetIsr: rest.targetIsr,
    uncleanShutdown: rest.uncleanShutdown ?? [],
    isAcceptableLeader: (broker) => rest.acceptableLeaders.includes(broker),
    election: rest.election,
    minIsr: rest.minIsr,
    elrEnabled: rest.elrEnabled,
    targetLeaderRecoveryState: rest.targetLeaderRecoveryState,
  };
  const change = buildPartitionChange(decision);
  const completed = completesReassignment(decision);
  const after = change === null ? partition : afterChange(partition, change);
  const reassignment = completed ? {} : { ...(adding.length > 0 && { adding }), ...(removing.length > 0 && { removing }) };
  return { change: change === null ? null : shownChange(change, completed, adding, removing), after: { ...shown(after), ...reassignment } };
}

function afterChange(partition: PartitionRegistration, change: PartitionChange): PartitionRegistration {
  const image = { ...emptyImage(), partitions: { "t-0": partition } };
  applyMetadataRecord(image, { type: "PartitionChangeRecord", topicPartition: "t-0", change });
  return image.partitions["t-0"]!;
}

function shownChange(change: PartitionChange, completed: boolean, adding: number[], removing: number[]): unknown {
  const { leaderEpochBumped: _, ...fields } = change;
  const ended = completed ? { ...(adding.length > 0 && { adding: [] }), ...(removing.length > 0 && { removing: [] }) } : {};
  return { ...fields, ...(fields.elr && { elr: [...fields.elr].sort((a, b) => a - b) }), ...ended };
}

function shown(partition: PartitionRegistration): PartitionRegistration {
  return { ...partition, elr: [...partition.elr].sort((a, b) => a - b) };
}
