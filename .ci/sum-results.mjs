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

function withStatus({ passed, failed }, status) {
  return { passed, failed: status !== "0" && failed === 0 ? 1 : failed };
}

const tests = withStatus(countTests(read("tests.json")), testStatus);
const checks = withStatus(read("checks.json") ?? { passed: 0, failed: 0 }, checkStatus);
const sawNothing = tests.passed + tests.failed === 0 || checks.passed + checks.failed === 0;
const failed = tests.failed + checks.failed + (sawNothing ? 1 : 0);
console.log(`${tests.passed + checks.passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
