import { expect, test } from "vitest";
import { errorDefinition, isErrorName, isRetriable, messageOf, refreshesMetadata } from "../../../src/kafka/protocol/errors.ts";

test("a leader that moved is retriable and asks for new metadata", () => {
  expect(isRetriable("NOT_LEADER_OR_FOLLOWER")).toBe(true);
  expect(refreshesMetadata("NOT_LEADER_OR_FOLLOWER")).toBe(true);
});

test("too few replicas in sync is retriable but says nothing about metadata", () => {
  expect(isRetriable("NOT_ENOUGH_REPLICAS")).toBe(true);
  expect(refreshesMetadata("NOT_ENOUGH_REPLICAS")).toBe(false);
});

test("a gap in the sequence is final", () => {
  expect(isRetriable("OUT_OF_ORDER_SEQUENCE_NUMBER")).toBe(false);
  expect(errorDefinition("OUT_OF_ORDER_SEQUENCE_NUMBER").code).toBe(45);
});

test("what the client makes up itself has no code", () => {
  expect(errorDefinition("BufferExhaustedException").code).toBeNull();
  expect(isErrorName("BufferExhaustedException")).toBe(true);
  expect(isErrorName("NoSuchError")).toBe(false);
});

test("an error has Kafka's text", () => {
  expect(messageOf("NOT_ENOUGH_REPLICAS")).toBe("Messages are rejected since there are fewer in-sync replicas than required.");
});
