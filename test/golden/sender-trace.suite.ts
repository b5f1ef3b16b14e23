import { runSenderTrace } from "./sender-trace/driver.ts";
import type { SenderTraceInput } from "./sender-trace/input.ts";

export function runCase(input: SenderTraceInput): unknown {
  return runSenderTrace(input);
}
