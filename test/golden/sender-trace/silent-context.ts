import type { Context } from "../../../src/kafka/protocol/context.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import type { Chance } from "../../../src/kernel/chance.ts";

export const silentRecords: RecordListener = {
  sent() {},
  accepted() {},
  appended() {},
  truncated() {},
  logLost() {},
  deletedBefore() {},
  highWatermark() {},
  leadership() {},
  acknowledged() {},
  failed() {},
  returned() {},
  processed() {},
  committed() {},
};

/** A context in which only chance and time matter: nothing is scheduled, sent or traced. */
export function silentContext(chance: Chance): Context & { now: number } {
  return {
    now: 0,
    chance,
    records: silentRecords,
    transport: { connect: () => 0, sendRequest() {}, sendResponse() {}, close() {} },
    tracing: false,
    cause: -1,
    causeOfSilence: () => -1,
    schedule() {},
    trace: () => -1,
  };
}
