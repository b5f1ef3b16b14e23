import { runClusterFacts } from "./cluster-facts/driver.ts";
import type { ClusterFactsInput, ClusterFactsOutput, DriverOutput, Seen } from "./cluster-facts/input.ts";
import { firstDifference } from "./compare.ts";

export function runCase(input: unknown): DriverOutput {
  return runClusterFacts(input as ClusterFactsInput);
}

/** States that lasted less than this can be missing in the recording. */
const SHORT_MS = 60;
/** When a broker has just been started or goes on, it may be the only one to ask: what it saw then is not recorded. */
const UNSEEN_MS = 1000;

/** Facts are equal exactly; what varied is one of the values seen, where it is a state and not a race between steps. */
export function differences(expected: unknown, actual: unknown): string | null {
  const { facts, varies = [] } = expected as ClusterFactsOutput;
  const seen = actual as DriverOutput;
  for (const { step, fact, value } of facts) {
    const place = `step ${step} ${fact}`;
    const difference = fact.startsWith("changes of ")
      ? changesDiffer(value as unknown[], seen.changes[`${step} ${fact}`] ?? [], place)
      : firstDifference(value, seen.facts.find((one) => one.step === step && one.fact === fact)?.value, place);
    if (difference !== null) return difference;
  }
  for (const { step, fact, values } of varies) {
    if (fact.startsWith("changes of ")) continue;
    const found = seen.facts.find((one) => one.step === step && one.fact === fact)?.value;
    if (!values.some((value) => firstDifference(value, found) === null))
      return `step ${step} ${fact}: got ${JSON.stringify(found)}, seen were ${JSON.stringify(values)}`;
  }
  return null;
}

/** What lasted must have been seen; what was short may have been. */
function changesDiffer(expected: unknown[], seen: readonly Seen[], place: string): string | null {
  let next = 0;
  for (const { value, lastedMs } of seen) {
    if (next < expected.length && firstDifference(expected[next], value) === null) next += 1;
    else if (lastedMs >= SHORT_MS && lastedMs >= UNSEEN_MS)
      return `${place}: got ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`;
  }
  return next === expected.length ? null : `${place}: got ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`;
}
