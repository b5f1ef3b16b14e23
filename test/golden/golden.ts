/**
 * `npm run -s golden -- [SUITE...] [--verbose] [--raise]`: one line a suite, `SUITE EQUAL/ALL`; exits 1 unless all of the named suites (no name:
 * of every suite) are equal. --verbose adds each unequal case with its first difference; --raise writes what is reached into floor.json,
 * where it is more than what stands there.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { floorFile, readFloors, runSuite, suiteNames } from "./suites.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: "boolean" }, raise: { type: "boolean" } },
});
const known = suiteNames();
const suites = positionals.length > 0 ? positionals : known;
const unknown = suites.filter((suite) => !known.includes(suite));
if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  process.exit(2);
}
if (values.raise && process.env.GOLDEN_DIR) {
  console.error("--raise counts the project's own recordings: unset GOLDEN_DIR");
  process.exit(2);
}

const floors = readFloors();
let isAllEqual = true;
for (const suite of suites) {
  try {
    const { equal, all, unequal } = await runSuite(suite);
    console.log(`${suite} ${equal}/${all}`);
    if (values.verbose) for (const line of unequal) console.log(`  ${line}`);
    isAllEqual &&= all > 0 && equal === all;
    floors[suite] = Math.max(floors[suite] ?? 0, equal);
  } catch (error) {
    console.error(`${suite}: ${error instanceof Error ? error.message : error}`);
    isAllEqual = false;
  }
}
if (values.raise) {
  const sorted = Object.fromEntries(Object.entries(floors).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(floorFile, `${JSON.stringify(sorted, null, 2)}\n`);
}
process.exit(isAllEqual ? 0 : 1);
