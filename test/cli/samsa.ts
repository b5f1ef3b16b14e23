import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The built program, as `npm test` builds it before it tests. */
export const main = join(import.meta.dirname, "../../dist/main.js");

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Runs `samsa ARGUMENTS` as a process of its own, with pipes for a terminal. */
export function samsa(arguments_: readonly string[], env: Record<string, string> = {}): Ran {
  if (!existsSync(main)) throw new Error("dist/main.js is not there: node .ci/build.mjs makes it, as npm test does");
  const options = { encoding: "utf8", env: { ...process.env, LANG: "C.UTF-8", LC_ALL: "", ...env }, timeout: 25_000 } as const;
  const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(process.execPath, [main, ...arguments_], options);
  return { code: status, out: stdout, err: stderr };
}
