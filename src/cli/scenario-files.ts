import { readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileScenario, type Scenario } from "../scenario/compile.ts";
import { nearestName } from "../scenario/nearest-name.ts";
import { UsageError } from "./usage-error.ts";

/** The scenario that opens when none is named. */
export const DEFAULT_SCENARIO = "tour";

/** Larger files are not even read. */
const MAX_BYTES = 10_000_000;

/** The folder of the scenarios that ship: beside the bundle's folder, or two above this file when it runs unbundled. */
function shippedFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith(join("src", "cli")) ? join(here, "..", "..", "scenarios") : join(here, "..", "scenarios");
}

export function shippedScenarios(): string[] {
  return readdirSync(shippedFolder())
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();
}

interface Located {
  path: string;
  /** What messages and reports call it: equal on every machine. */
  label: string;
}

/** The file that a person named: a path, or the name of a scenario that ships. */
function locate(name: string): Located {
  const stats = statsOf(name);
  if (stats?.isFile() || stats?.isFIFO()) {
    if (stats.size > MAX_BYTES) throw new UsageError(`${name}: ${stats.size} bytes are too many for a scenario`);
    return { path: name, label: name };
  }
  const shipped = shippedScenarios();
  const bare = name.endsWith(".yaml") ? name.slice(0, -".yaml".length) : name;
  if (shipped.includes(bare)) return { path: join(shippedFolder(), `${bare}.yaml`), label: `${bare}.yaml` };
  if (stats?.isDirectory()) throw new UsageError(`${name}: this is a folder; name a scenario's file`);
  if (stats !== null) throw new UsageError(`${name}: this is no file that a scenario could be read from`);
  const nearest = nearestName(basename(bare), [...shipped, "run", "list"]);
  const advice = nearest === null ? " `samsa list` shows those that do." : ` Did you mean ${nearest}?`;
  throw new UsageError(`${name}: there is no such file, and no scenario of that name ships.${advice}`);
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

export function loadScenario(name: string, overrides: readonly (readonly [string, string])[], seed: number | null): Scenario {
  const { path, label } = locate(name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${name}: it can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return compileScenario(text, label, overrides, seed);
}
