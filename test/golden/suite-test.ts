import { expect, test } from "vitest";
import { requiredEqual, runSuite } from "./suites.ts";

/** The one test of a suite: every case is run, every unequal one is named, and as many as before must be equal. */
export function testSuite(suite: string): void {
  test(`${suite}: samsa does what the real code was recorded doing`, { timeout: 300_000 }, async () => {
    const { equal, all, unequal } = await runSuite(suite);
    if (unequal.length > 0) console.error([`${suite} ${equal}/${all}; unequal:`, ...unequal].join("\n"));
    expect(all, "a recording without cases proves nothing").toBeGreaterThan(0);
    expect(equal, `${suite}: ${unequal.length} of ${all} cases are unequal, first ${unequal[0]}`).toBeGreaterThanOrEqual(
      requiredEqual(suite, all),
    );
  });
}
