import type { BrokerSettings } from "../protocol/broker-settings.ts";
import type { ResponseBody } from "../protocol/messages.ts";
import type { InternalRecord } from "../protocol/record-batch.ts";

/** What a handler decided: records to write, and answers to requests that came now or earlier. Models CoordinatorResult. */
export interface GroupResult {
  records: InternalRecord[];
  answers: GroupAnswer[];
  /** Names the append of `records` for onAppendCommitted and onAppendFailed; -1 when there are no records. */
  appendId: number;
}

export interface GroupAnswer {
  requestId: number;
  body: ResponseBody;
  /** Wait until this result's records are committed. */
  afterCommit: boolean;
}

export type GroupCoordinatorSettings = Pick<
  BrokerSettings,
  | "groupInitialRebalanceDelayMs"
  | "groupMinSessionTimeoutMs"
  | "groupMaxSessionTimeoutMs"
  | "groupMaxSize"
  | "offsetsRetentionMs"
  | "offsetsRetentionCheckIntervalMs"
  | "offsetMetadataMaxBytes"
>;

export function emptyResult(): GroupResult {
  return { records: [], answers: [], appendId: -1 };
}

export function answer(result: GroupResult, requestId: number, body: ResponseBody, afterCommit = false): void {
  result.answers.push({ requestId, body, afterCommit });
}
