import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { firstDifference } from "../golden/compare.ts";
import type { Fields, SenderTraceInput } from "../golden/sender-trace/input.ts";
import { runSenderInCluster } from "./sender-in-cluster.ts";

/**
 * What samsa's producer was recorded doing against scripted brokers it does against samsa's own brokers, too: the cases of sender-trace without faults.
 * By nature different, and so left out: correlation ids, the contents of answers and of metadata, the reason of a disconnection.
 */
interface Recording {
  cases: { name: string; input: SenderTraceInput; output: { events: Fields[]; records: Fields[]; final: { at: number } } }[];
}

const recording = JSON.parse(readFileSync(new URL("../golden/sender-trace.json", import.meta.url), "utf8")) as Recording;
const cases = recording.cases.filter(({ input }) => (input.faults ?? []).length === 0);

function comparable(event: Fields): Fields | null {
  const { type, at, broker } = event;
  switch (type) {
    case "metadataUpdated":
      return null;
    case "response":
      return { at, type, broker, api: event.api };
    case "disconnected":
      return { at, type, broker };
    case "request": {
      const { correlationId: _, ...rest } = event;
      return rest;
    }
    default:
      return event;
  }
}

test("there are cases without faults", () => expect(cases.length).toBeGreaterThan(50));

test.each(cases)("$name: the same client events in a cluster of samsa's own brokers", ({ input, output }) => {
  const actual = runSenderInCluster(input, output.final.at);
  const events = (all: Fields[]) => all.map(comparable).filter((event) => event !== null);
  expect(firstDifference(events(output.events), events(actual.events))).toBeNull();
  expect(firstDifference(output.records, actual.records)).toBeNull();
});
