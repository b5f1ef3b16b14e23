/**
 * `sum-results.mjs FOLDER TEST_STATUS CHECK_STATUS`: adds up what .ci/run has seen. What failed without a count (an installation, a build, a test
 * file that could not be loaded, an error outside of any test) counts as one failure, so a red run never says `0 failed`.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, testStatus, checkStatus] = process.argv.slice(2);
const read = (name) => (existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), "utf8")) : undefined);

function countTests(report) {
  if (report === undefined) return { passed: 0, failed: 0 };
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

/** A part that failed, or that ran nothing at all, has at least one failure. */
function withStatus({ passed, failed }, status) {
  const isWell = status === "0" && passed > 0;
  return { passed, failed: isWell ? failed : Math.max(failed, 1) };
}

const tests = withStatus(countTests(read("tests.json")), testStatus);
const checks = withStatus(read("checks.json") ?? { passed: 0, failed: 0 }, checkStatus);
const failed = tests.failed + checks.failed;
console.log(`${tests.passed + checks.passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
