import { expect, test } from "vitest";
import { type AssignorMember, assignorOf } from "../../../src/kafka/consumer/assignors/assignor.ts";

function member(memberId: string, topics: string[], groupInstanceId: string | null = null): AssignorMember {
  return { memberId, groupInstanceId, subscription: { topics, ownedPartitions: [], generationId: -1, rackId: null, userData: "" } };
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
