import { closeSync, openSync, writeFileSync } from "node:fs";
import type { TraceSink } from "../kafka/cluster/cluster-context.ts";
import { jsonLineOf } from "../trace/json-lines.ts";
import { UsageError } from "./usage-error.ts";

export interface TraceFile {
  readonly sink: TraceSink;
  close(): void;
}

/** Lines are written a megabyte at a time; a million events would otherwise be a million writes. */
const FLUSH_CHARACTERS = 1_000_000;

export function openTraceFile(path: string): TraceFile {
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw new UsageError(`${path}: the trace can't be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const file = attempt(() => openSync(path, "w"));
  let pending: string[] = [];
  let characters = 0;
  const flush = (): void => {
    attempt(() => writeFileSync(file, pending.join("")));
    pending = [];
    characters = 0;
  };
  return {
    sink: (event) => {
      const line = `${jsonLineOf(event)}\n`;
      pending.push(line);
      characters += line.length;
      if (characters > FLUSH_CHARACTERS) flush();
    },
    close: () => {
      flush();
      closeSync(file);
    },
  };
}
