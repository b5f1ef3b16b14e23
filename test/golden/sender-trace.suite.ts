import type { SenderTraceInput } from "./sender-trace/input.ts";
import { runSenderTrace } from "./sender-trace/driver.ts";

export function runCase(input: SenderTraceInput): unknown {
  return runSenderTrace(input);
}
