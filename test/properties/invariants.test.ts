import fc from "fast-check";
import { expect, test } from "vitest";
import { runToEnd } from "../../src/engine/headless.ts";
import { randomScenario } from "./random-scenario.ts";

test("no law of the simulated system breaks under random configs, loads and faults", () => {
  fc.assert(
    fc.property(randomScenario, (scenario) => {
      expect(runToEnd(scenario, { check: true }).violation).toBeNull();
    }),
    { numRuns: 15 },
  );
});
