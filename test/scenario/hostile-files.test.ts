import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileScenario } from "../../src/scenario/compile.ts";
import { ScenarioError } from "../../src/scenario/scenario-error.ts";

/** What could move the cursor, hide a text or turn it round. */
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const PATIENCE_MS = 10_000;

/** Compiles whatever it is given; returns what was said of it. Anything but ScenarioError is a failure. */
function saidOf(text: string): string {
  const begin = performance.now();
  try {
    compileScenario(text, "orders.yaml");
    return "";
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.message).not.toMatch(UNPRINTABLE);
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.message.split("\n").length).toBeLessThanOrEqual(21);
    for (const { line, column } of error.problems) expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
    return error.message;
  } finally {
    expect(performance.now() - begin).toBeLessThan(PATIENCE_MS);
  }
}

const T = "title: T\ntopics:\n  - { name: orders, partitions: 3 }\n";
const KB200 = 200_000;

describe("hostile YAML is refused soon, in words", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefghi".split("").map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefgh"[index]}`).join(", ")}]`),
  ].join("\n");
  const wide = `title: T\ntopics:\n  - &t { name: orders }\n${"  - *t\n".repeat(30_000)}`;
  test.each<[string, string, RegExp]>([
    ["a file of two megabytes", `${T}description: ${"a".repeat(2_000_000)}\n`, /at most 262144$/],
    ["an alias bomb", `${bomb}\ntitle: T\n`, /more than 200000 values, counting what aliases repeat/],
    ["thirty thousand aliases", wide, /a list of 30001 is too large: at most 1000/],
    ["an alias to what contains it", `${T}description: &d { en: *d }\n`, /this contains itself/],
    ["a merge of what contains it", `${T}kafka: &k { <<: *k }\n`, /this contains itself/],
    ["brackets without end", "[".repeat(KB200), /nested more than 40 deep/],
    ["braces without end", "{a: ".repeat(KB200 / 4), /nested|no YAML|can't be read/],
    ["dashes without end", "- ".repeat(KB200 / 2), /nested more than 40 deep/],
    [
      "a thousand steps inwards",
      Array.from({ length: 600 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      /nested|no YAML|can't be read/,
    ],
    ["forty-one steps inwards", `${T}kafka: ${"{a: ".repeat(41)}1${"}".repeat(41)}\n`, /nested more than 40 deep/],
    ["commas without end", `[${",".repeat(KB200)}`, /no YAML/],
    ["quotes without end", '"'.repeat(KB200), /no YAML/],
    ["single quotes on lines", "'\n".repeat(KB200 / 2), /no YAML/],
    ["question marks without end", "? ".repeat(KB200 / 2), /nested|can't be read/],
    ["anchors without end", "&a ".repeat(KB200 / 3), /no YAML/],
    ["directives without end", "%\n".repeat(KB200 / 2), /no YAML/],
    [
      "twenty thousand keys",
      `${T}${Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n")}\n`,
      /there is no such field here/,
    ],
    ["one key twenty thousand times", `${T}${"k: 1\n".repeat(20_000)}`, /k: this is given twice/],
    [
      "ten thousand unknown configs",
      `${T}producers:\n  - name: p1\n    topic: order\n    configs:\n${Array.from({ length: 10_000 }, (_, index) => `      linger.${index}: 1\n`).join("")}`,
      /at most 300/,
    ],
    [
      "more records than memory holds",
      `${T}producers:\n  - name: p1\n    topic: orders\n    records:\n${"      - { at: 1s, count: 100000 }\n".repeat(100)}`,
      /10000000 records in lists are too many/,
    ],
    [
      "members without end",
      `${T}groups:\n${Array.from({ length: 50 }, (_, index) => `  - { name: g${index}, topics: [orders], members: 500 }\n`).join("")}`,
      /25000 members in all are too many/,
    ],
    ["a key that is Object.prototype's", `${T}kafka: { configs: { __proto__: { polluted: true } } }\n`, /a field can't be named __proto__/],
    [
      "keys that every object has",
      `${T}hasOwnProperty: 1\ntoString: 2\nconstructor: 3\nvalueOf: 4\n`,
      /hasOwnProperty: there is no such field here/,
    ],
    ["a NUL and a bell", `${T}description: "\u0000\u0007"\n`, /a text can't hold the character \\u0000/],
    ["a command of the terminal in a key", `${T}"\\e]0;owned\\a": 1\n`, /a text can't hold the character \\u001b/],
    ["a command of the terminal, raw", `${T}\u001b[31mred: 1\n`, /a text can't hold the character \\u001b/],
    ["a text turned round", `${T}description: "\\u202Eevil"\n`, /a text can't hold the character \\u202e/],
    ["half a surrogate pair", `${T}description: "\\ud800"\n`, /a text can't hold the character \\ud800|no YAML/],
    ["a tag that makes objects", `${T}kafka: !!js/function 'function(){}'\n`, /no YAML: Unresolved tag/],
    ["only tabs", "\t".repeat(1000), /the file is empty|no YAML/],
    ["carriage returns only", "\r".repeat(1000), /can.t hold the character \\u000d/],
    ["a number beyond doubles", `${T}end: 1e999\n`, /is no time/],
    ["a time beyond whole numbers", `${T}end: 99999999999999999h\n`, /is no time/],
  ])("%s", (_what, text, message) => {
    expect(saidOf(text)).toMatch(message);
  });

  test("no prototype is changed by any of it", () => {
    saidOf(`${T}kafka: { configs: { __proto__: { polluted: 1 }, constructor: { prototype: { polluted: 1 } } } }\n`);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

const folder = join(import.meta.dirname, "../../scenarios");
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(join(folder, name), "utf8"));

describe("whatever the text is, reading it ends in a scenario or in words", () => {
  test("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        saidOf(Buffer.from(bytes).toString("utf8"));
      }),
      { numRuns: 400 },
    );
  });

  test("random text of YAML's own signs", () => {
    const sign = fc.constantFrom(
      ..."[]{}:,-?&*!|>'\"%@`#\n\n  \t~<",
      "<<: ",
      "- ",
      ": ",
      "? ",
      "&a ",
      "*a ",
      "---\n",
      "...\n",
      "title: ",
      "topics: ",
      "!!map ",
      "null",
      "1e9",
      "__proto__: ",
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 120 }), (signs) => {
        saidOf(signs.join(""));
      }),
      { numRuns: 600 },
    );
  });

  test("scenarios that ship, with a piece cut out, doubled, moved or replaced", () => {
    const piece = fc.constantFrom(
      "",
      "\u0000",
      "\t",
      "[",
      "}",
      ": ",
      "- ",
      "&x ",
      "*x",
      "!!set",
      '"',
      "-1",
      "1e400",
      ".nan",
      "null",
      "{}",
      "[]",
      "true",
      "\u001b[2J",
      "orders",
      "99999999999999999999",
    );
    fc.assert(
      fc.property(fc.constantFrom(...shipped), fc.nat(), fc.nat(40), piece, fc.boolean(), (text, place, length, inserted, doubles) => {
        const from = place % text.length;
        const cut = text.slice(from, from + length);
        saidOf(text.slice(0, from) + inserted + (doubles ? cut + cut : "") + text.slice(from + length));
      }),
      { numRuns: 400 },
    );
  });

  test("plain values of any shape in the place of any part", () => {
    const parts = ["title", "seed", "end", "kafka", "topics", "producers", "groups", "network", "timeline", "expect", "flip"];
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.jsonValue({ maxDepth: 4 }), (part, value) => {
        const base: Record<string, unknown> = { title: "T", topics: [{ name: "orders" }], producers: [{ name: "p1", topic: "orders" }] };
        saidOf(JSON.stringify({ ...base, [part]: value }));
      }),
      { numRuns: 600 },
    );
  });

  test("overrides of any text", () => {
    const text = shipped[0]!;
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom(
        "producers.p1.acks",
        "groups.billing.members",
        "topics.*.partitions",
        "brokers.1.rack",
        "kafka.brokers",
        "end",
        "seed",
        "network.latency",
        "members.c1.start",
        "producers.__proto__.x",
        "kafka.constructor",
      ),
    );
    const value = fc.oneof(fc.string(), fc.constantFrom("", "null", "-1", "1e400", "NaN", "all", "9".repeat(400), "[1]"));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 4 }), (overrides) => {
        try {
          compileScenario(text, "orders.yaml", overrides);
        } catch (error) {
          if (!(error instanceof ScenarioError)) throw error;
          expect(error.message).not.toMatch(UNPRINTABLE);
          expect(error.message).toMatch(/^--set /);
        }
      }),
      { numRuns: 200 },
    );
  });
});
