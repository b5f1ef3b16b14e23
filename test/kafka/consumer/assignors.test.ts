import { expect, test } from "vitest";
import { assignorOf } from "../../../src/kafka/consumer/assignors/all-assignors.ts";
import type { AssignorMember } from "../../../src/kafka/consumer/assignors/assignor.ts";
import { encodeStickyMemory } from "../../../src/kafka/consumer/assignors/sticky-assignor.ts";

function member(
  memberId: string,
  topics: string[],
  groupInstanceId: string | null = null,
  ownedPartitions: string[] = [],
  generationId = -1,
): AssignorMember {
  return { memberId, groupInstanceId, subscription: { topics, ownedPartitions, generationId, rackId: null, userData: "" } };
}

const topics = [
  { name: "t1", partitions: 3, racks: null },
  { name: "t2", partitions: 3, racks: null },
];
const both = ["t1", "t2"];

test("range gives the first member the odd partition of every topic, roundrobin deals on (reference case 65)", () => {
  const members = [member("c1", both), member("c2", both)];
  expect(assignorOf("range")!.assign(topics, members)).toEqual({ c1: ["t1-0", "t1-1", "t2-0", "t2-1"], c2: ["t1-2", "t2-2"] });
  expect(assignorOf("roundrobin")!.assign(topics, members)).toEqual({ c1: ["t1-0", "t1-2", "t2-1"], c2: ["t1-1", "t2-0", "t2-2"] });
});

test("range puts static members first, by instance id (reference case 66)", () => {
  const members = [member("consumer-a", ["t1"]), member("consumer-b", ["t1"], "instance1")];
  expect(assignorOf("range")!.assign([topics[0]!], members)).toEqual({ "consumer-a": ["t1-2"], "consumer-b": ["t1-0", "t1-1"] });
});

test("sticky lets the owner of the lower quota fill up and takes nothing from the other (reference case 67)", () => {
  const members = [member("c1", both, null, [], 1), member("c2", both, null, [], 1)];
  members[0]!.subscription.userData = encodeStickyMemory(["t1-0", "t2-1"], 1);
  members[1]!.subscription.userData = encodeStickyMemory(["t1-1", "t2-2"], 1);
  const assignment = assignorOf("sticky")!.assign([{ name: "t1", partitions: 2, racks: null }, topics[1]!], members);
  expect(assignment).toEqual({ c1: ["t1-0", "t2-1", "t2-0"], c2: ["t1-1", "t2-2"] });
});

test("cooperative-sticky withholds for one generation what changes hands (reference case 68)", () => {
  const members = [member("c1", ["t1"], null, ["t1-0", "t1-1", "t1-2"], 1), member("c2", ["t1"])];
  expect(assignorOf("cooperative-sticky")!.assign([topics[0]!], members)).toEqual({ c1: ["t1-0", "t1-1"], c2: [] });
  const second = [member("c1", ["t1"], null, ["t1-0", "t1-1"], 2), member("c2", ["t1"], null, [], 2)];
  expect(assignorOf("cooperative-sticky")!.assign([topics[0]!], second)).toEqual({ c1: ["t1-0", "t1-1"], c2: ["t1-2"] });
});

test("of two members that claim the same partitions the one of the higher generation keeps them (reference case 69)", () => {
  const claimed = ["t1-0", "t1-1", "t1-2"];
  const members = [member("c1", both, null, claimed, 10), member("c2", both, null, claimed, 9)];
  const assignment = assignorOf("cooperative-sticky")!.assign(topics, members);
  expect(assignment).toEqual({ c1: claimed, c2: ["t2-0", "t2-1", "t2-2"] });
});
