import { expect, test } from "vitest";
import { buildPartitionChange, type Election } from "../../../src/kafka/controller/partition-change-builder.ts";

function elect(election: Election, targetIsr: number[] | null): unknown {
  return buildPartitionChange({
    partition: {
      replicas: [2, 1, 3],
      isr: [2, 1, 3],
      elr: [],
      lastKnownElr: [],
      leader: 1,
      leaderRecoveryState: "RECOVERED",
      leaderEpoch: 100,
      partitionEpoch: 200,
    },
    adding: [],
    removing: [],
    targetIsr,
    uncleanShutdown: [],
    isAcceptableLeader: (broker) => broker !== 3,
    election,
    minIsr: 1,
    elrEnabled: false,
    targetLeaderRecoveryState: null,
  });
}

test("an online election keeps a leader that may lead, a preferred one does not (case 62)", () => {
  expect(elect("PREFERRED", null)).toEqual({ leader: 2, leaderEpochBumped: true });
  expect(elect("ONLINE", null)).toBeNull();
});

test("with only a dead broker in sync nobody leads, unless the election may be unclean (case 62)", () => {
  expect(elect("ONLINE", [3])).toEqual({ leader: -1, leaderEpochBumped: true, isr: [3] });
  expect(elect("UNCLEAN", [3])).toEqual({ leader: 2, leaderEpochBumped: true, isr: [2], leaderRecoveryState: "RECOVERING" });
});
