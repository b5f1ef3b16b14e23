import type { ProgramStep } from "../../../src/kafka/application/producer-program.ts";
import { recordFieldsBytes } from "../../../src/kafka/application/producer-workload.ts";
import { murmur2 } from "../../../src/kafka/protocol/murmur2.ts";
import type { SenderTraceInput } from "./input.ts";

/** A case's sends and calls as a program of the application. */
export interface SenderProgram {
  steps: ProgramStep[];
  /** By the order in which the program sends: the case's ids, and where each goes. */
  sendIds: number[];
  sendTopics: string[];
}

/** Sends of one instant come before other calls of it. */
export function programOf(input: SenderTraceInput): SenderProgram {
  const sends = (input.sends ?? []).map(({ at, id, topic, partition, keySize, valueSize }) => {
    const keyBytes = keySize ?? -1;
    const keyHash = keyBytes < 0 ? null : murmur2(new Uint8Array(keyBytes));
    const step: ProgramStep = {
      do: "send",
      at,
      topic,
      partition: partition ?? -1,
      keyHash,
      fieldsBytes: recordFieldsBytes(keyBytes, valueSize ?? -1),
      count: 1,
    };
    return { step, id, topic };
  });
  sends.sort((a, b) => a.step.at - b.step.at);
  const calls = (input.calls ?? []).map(
    ({ at, call, timeoutMs }): ProgramStep => (call === "flush" ? { do: "flush", at } : { do: "close", at, timeoutMs: timeoutMs! }),
  );
  return {
    steps: [...sends.map(({ step }) => step), ...calls].sort((a, b) => a.at - b.at),
    sendIds: sends.map(({ id }) => id),
    sendTopics: sends.map(({ topic }) => topic),
  };
}
