/**
 * `npm run check`: runs every check of package.json (check:NAME), says which failed, and exits 1 if one did.
 * With CHECK_RESULTS set, writes {passed, failed} to that file.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const checks = Object.keys(scripts).filter((name) => name.startsWith("check:"));
const failed = [];
for (const check of checks) {
  console.log(`\n${check}: ${scripts[check]}`);
  const { status } = spawnSync("npm", ["run", "-s", check], { cwd: root, stdio: "inherit" });
  if (status !== 0) failed.push(check);
}
console.log(
  failed.length === 0
    ? `\nall ${checks.length} checks passed`
    : `\n${failed.length} of ${checks.length} checks failed: ${failed.join(", ")}`,
);
const results = process.env.CHECK_RESULTS;
if (results) writeFileSync(results, JSON.stringify({ passed: checks.length - failed.length, failed: failed.length }));
process.exit(failed.length > 0 ? 1 : 0);
