import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileScenario, type Scenario } from "../scenario/compile.ts";
import { nearestName } from "../scenario/nearest-name.ts";
import { UsageError } from "./usage-error.ts";

/** The scenario that opens when none is named. */
export const DEFAULT_SCENARIO = "tour";

/** The folder of the scenarios that ship, beside the bundle's folder. */
function shippedFolder(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "..", "scenarios");
}

export function shippedScenarios(): string[] {
  return readdirSync(shippedFolder())
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();
}

/** The file of a scenario that a person named: a path, or the name of one that ships. */
export function scenarioPath(name: string): string {
  const shipped = shippedScenarios();
  if (shipped.includes(name)) return join(shippedFolder(), `${name}.yaml`);
  if (isFile(name)) return name;
  const nearest = nearestName(name, shipped);
  throw new UsageError(`${name}: there is no such file, and no scenario of that name ships${nearest === null ? "; `samsa list` shows those that do" : `. Did you mean ${nearest}?`}`);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export function loadScenario(name: string, overrides: readonly [string, string][], seed: number | null): Scenario {
  const path = scenarioPath(name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${path}: it can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return compileScenario(text, path, overrides, seed);
}
