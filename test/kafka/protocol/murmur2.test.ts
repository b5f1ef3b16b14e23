import fc from "fast-check";
import { expect, test } from "vitest";
import { murmur2, murmur2OfText, partitionForKey } from "../../../src/kafka/protocol/murmur2.ts";

const utf8 = new TextEncoder();

test("keys hash as in Kafka's own unit test", () => {
  expect(["21", "foobar", "a-little-bit-long-string", "a-little-bit-longer-string", "abc"].map((key) => murmur2(utf8.encode(key)))).toEqual(
    [-973932308, -790332482, -985981536, -1486304829, 479470107],
  );
});

test("the empty key is a key", () => {
  expect(murmur2(new Uint8Array())).toBe(275646681);
  expect(partitionForKey(murmur2OfText(""), 6)).toBe(275646681 % 6);
});

test("a text hashes as its UTF-8 bytes, whatever its script", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => murmur2OfText(text) === murmur2(utf8.encode(text))));
});

test("a negative hash loses its sign bit, not its sign", () => {
  expect(partitionForKey(-1, 10)).toBe(2147483647 % 10);
  expect(partitionForKey(-2147483648, 10)).toBe(0);
});
