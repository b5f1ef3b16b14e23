import type { ErrorName } from "../protocol/errors.ts";
import type { ResponseOf } from "../protocol/messages.ts";

/** Where a member stands with its group and coordinator. Models the fields of AbstractCoordinator, Heartbeat and ConsumerCoordinator. */
export type MemberState = "UNJOINED" | "PREPARING_REBALANCE" | "COMPLETING_REBALANCE" | "STABLE";

export interface CoordinatorState {
  /** The broker; -1: unknown. */
  coordinatorId: number;
  findInFlight: boolean;
  findRetryMs: number;
  findAttempts: number;

  state: MemberState;
  /** -1: none. */
  generationId: number;
  memberId: string;
  protocolName: string | null;
  isLeader: boolean;
  rejoinNeeded: boolean;
  rejoinReason: string;
  needsJoinPrepare: boolean;
  /** A JoinGroup or SyncGroup is under way, or its answer waits for the application to call poll(). */
  joinInProgress: boolean;
  /** Counts joins: the answer to an abandoned one is void. */
  joinAttempt: number;
  joinRetryMs: number;
  joinFailures: number;
  /** The leader's JoinGroup answer, while it waits for metadata of the group's topics. */
  waitingLeader: ResponseOf<"JoinGroup"> | null;
  /** What SyncGroup brought; poll() takes it. */
  received: { generationId: number; assignment: string } | null;
  /** The leader's: partition counts of the group's topics when it assigned; "" unless leader. */
  assignmentSnapshot: string;
  /** What the sticky assignor remembers of the last assignment; "": nothing. */
  stickyMemory: string;
  /** The leader's: all topics of the group. */
  groupTopics: string[];

  heartbeatEnabled: boolean;
  heartbeatInFlight: boolean;
  /** When the next heartbeat goes. */
  heartbeatDueMs: number;
  /** When the coordinator is given up because no heartbeat was answered. */
  sessionDeadlineMs: number;
  /** The last time that the application was inside poll(). */
  lastPollMs: number;
  /** The trace event of what the last poll() returned (-1: untraced): what the application is busy with since. */
  lastPollCause: number;

  offsetFetchInFlight: boolean;
  offsetFetchRetryMs: number;

  nextCommitId: number;
  commitsInFlight: number;
  nextAutoCommitMs: number;
  /** The commit before a rebalance: not begun, in flight, or over. */
  prepareCommit: "none" | "in-flight" | "retry" | "done";
  prepareCommitId: number;
  prepareRetryMs: number;
  prepareDeadlineMs: number;
  /** commitSync(); null: none under way. */
  commitSync: CommitSync | null;
}

export interface CommitSync {
  commitId: number;
  offsets: [string, number][];
  deadlineMs: number;
  retryMs: number;
  inFlight: boolean;
  attempts: number;
  /** null: not over yet; "NONE": it is done; else what it throws. */
  outcome: ErrorName | null;
}

export function createCoordinatorState(now: number, autoCommitIntervalMs: number): CoordinatorState {
  return {
    coordinatorId: -1,
    findInFlight: false,
    findRetryMs: 0,
    findAttempts: 0,
    state: "UNJOINED",
    generationId: -1,
    memberId: "",
    protocolName: null,
    isLeader: false,
    rejoinNeeded: true,
    rejoinReason: "",
    needsJoinPrepare: true,
    joinInProgress: false,
    joinAttempt: 0,
    joinRetryMs: 0,
    joinFailures: 0,
    waitingLeader: null,
    received: null,
    assignmentSnapshot: "",
    stickyMemory: "",
    groupTopics: [],
    heartbeatEnabled: false,
    heartbeatInFlight: false,
    heartbeatDueMs: now,
    sessionDeadlineMs: now,
    lastPollMs: now,
    lastPollCause: -1,
    offsetFetchInFlight: false,
    offsetFetchRetryMs: 0,
    nextCommitId: 0,
    commitsInFlight: 0,
    nextAutoCommitMs: now + autoCommitIntervalMs,
    prepareCommit: "none",
    prepareCommitId: -1,
    prepareRetryMs: 0,
    prepareDeadlineMs: 0,
    commitSync: null,
  };
}
