/**
 * The suites of recordings. SUITE.suite.ts beside this file says how samsa runs a case of SUITE.json; a suite is registered by that file's name.
 * It exports `runCase(input, expected): output`; of `expected` it may use only what bounds the run (when the recording ended). Where "equal" follows
 * rules of its own it also exports `differences(expected, actual): string | null` (the first one).
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { firstDifference } from "./compare.ts";

interface SuiteModule {
  runCase(input: unknown, expected: unknown): unknown;
  differences?(expected: unknown, actual: unknown): string | null;
}

interface Recording {
  cases: { name: string; input: unknown; output: unknown }[];
}

export interface SuiteResult {
  suite: string;
  equal: number;
  all: number;
  /** `case: first difference`, one line a case. */
  unequal: string[];
}

const ownDirectory = fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, "");

/** Where the recordings are read: the project's own copy, or another folder of the same form. */
const recordingsDirectory = process.env.GOLDEN_DIR || ownDirectory;

export const floorFile = `${ownDirectory}/floor.json`;

export function suiteNames(): string[] {
  const suffix = ".suite.ts";
  return readdirSync(ownDirectory)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .sort();
}

export function readFloors(): Record<string, number> {
  return JSON.parse(readFileSync(floorFile, "utf8"));
}

function readRecording(directory: string, suite: string): Recording {
  return JSON.parse(readFileSync(`${directory}/${suite}.json`, "utf8"));
}

/**
 * How many cases must be equal. Where the floor has reached the whole of the project's own copy, it means all of any other recording too;
 * before that, the same number (or all, if there are fewer).
 */
export function requiredEqual(suite: string, all: number): number {
  const floor = readFloors()[suite] ?? 0;
  const isComplete = floor >= readRecording(ownDirectory, suite).cases.length;
  return isComplete ? all : Math.min(floor, all);
}

export async function runSuite(suite: string): Promise<SuiteResult> {
  const { runCase, differences = firstDifference } = (await import(`./${suite}.suite.ts`)) as SuiteModule;
  const { cases } = readRecording(recordingsDirectory, suite);
  const unequal: string[] = [];
  for (const { name, input, output } of cases) {
    const difference = differenceOf(() => differences(output, runCase(input, output)));
    if (difference !== null) unequal.push(`${name}: ${difference}`);
  }
  return { suite, equal: cases.length - unequal.length, all: cases.length, unequal };
}

function differenceOf(compare: () => string | null): string | null {
  try {
    return compare();
  } catch (error) {
    const [first, second] = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split("\n");
    return `threw ${first}${second === undefined ? "" : ` ${second.trim()}`}`;
  }
}
