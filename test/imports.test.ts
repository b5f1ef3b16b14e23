/** The checks that guard the floors and the determinism of what is below the engine must themselves refuse what they are there to refuse. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

type Check = "check-imports" | "check-determinism";

function runOn(check: Check, files: Record<string, string>): { status: number | null; output: string } {
  const root = mkdtempSync(join(tmpdir(), "samsa-check-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "src"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const script = fileURLToPath(new URL(`../.ci/${check}.mjs`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

const leaf = "export const x = 1;\nexport type X = number;\n";
const importing = (path: string) => `import { x } from "${path}";\nexport { x };\n`;

test.each<[Check]>([["check-imports"], ["check-determinism"]])("%s refuses a tree in which it sees nothing", (check) => {
  expect(runOn(check, {}).status).toBe(1);
});

test("a tree that keeps the floors is accepted, packages, JSON and workers included", () => {
  const { status, output } = runOn("check-imports", {
    "src/kernel/clock.ts": 'import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";\nexport const x = xoroshiro128plus;',
    "src/kafka/protocol/keys.json": "[]",
    "src/kafka/protocol/keys.ts":
      'import { x } from "../../kernel/clock.ts";\nimport keys from "./keys.json" with { type: "json" };\nexport { x, keys };',
    "src/kafka/producer/sender.ts": importing("../protocol/keys.ts"),
    "src/scenario/parse.ts": 'import { parse } from "yaml";\nimport { z } from "zod";\nexport { parse, z };',
    "src/engine/session.ts": 'import { produce } from "immer";\nexport { produce };',
    "src/engine/search.worker.ts": 'import { parentPort } from "node:worker_threads";\nexport { parentPort };',
    "src/ui/app.tsx":
      'import { Text } from "ink";\nimport { useState } from "react";\nexport const app = () => <Text>{String(useState)}</Text>;',
    "src/cli/open.ts": 'import { app } from "../ui/app.tsx";\nimport { readFileSync } from "node:fs";\nexport { app, readFileSync };',
    "src/main.ts": 'import process from "node:process";\nawait import("./cli/open.ts");\nprocess.exit(0);',
  });
  expect(output).toContain("0 violations");
  expect(status).toBe(0);
});

test.each<[string, string, string]>([
  ["a lower floor imports a higher one", "src/kernel/a.ts", importing("../kafka/protocol/leaf.ts")],
  [
    "a lower floor imports a type of a higher one",
    "src/kernel/a.ts",
    'import type { X } from "../kafka/protocol/leaf.ts";\nexport type Y = X;',
  ],
  ["a lower floor names a type of a higher one in place", "src/kernel/a.ts", 'export type Y = import("../kafka/protocol/leaf.ts").X;'],
  ["a lower floor imports a higher one on demand", "src/engine/a.ts", 'export const x = () => import("../ui/leaf.ts");'],
  ["a lower floor passes on a higher one", "src/kafka/protocol/a.ts", 'export * from "../producer/leaf.ts";'],
  ["a component reaches up", "src/ui/a.tsx", 'import { x } from "../cli/leaf.ts";\nexport const a = () => <a>{x}</a>;'],
  ["rooms of one floor import each other", "src/kafka/broker/a.ts", importing("../producer/leaf.ts")],
  ["anything imports main.ts", "src/cli/a.ts", importing("../main.ts")],
  ["react below ui", "src/engine/a.ts", 'import { useState } from "react";\nexport { useState };'],
  ["ink below ui", "src/ledger/a.ts", 'import { Text } from "ink";\nexport { Text };'],
  ["a widget of ink below ui", "src/engine/a.ts", 'import Select from "ink-select-input";\nexport { Select };'],
  ["immer below the engine", "src/kafka/cluster/a.ts", 'import { produce } from "immer";\nexport { produce };'],
  ["yaml in the simulated system", "src/kafka/protocol/a.ts", 'import { parse } from "yaml";\nexport { parse };'],
  ["zod in the simulated system", "src/kafka/protocol/a.ts", 'import { z } from "zod";\nexport { z };'],
  ["commander outside of cli", "src/ui/a.ts", 'import { Command } from "commander";\nexport { Command };'],
  ["a package of the development tools", "src/cli/a.ts", 'import { test } from "vitest";\nexport { test };'],
  ["Node's modules in the simulated system", "src/kafka/log/a.ts", 'import { readFileSync } from "node:fs";\nexport { readFileSync };'],
  ["Node's modules without their prefix", "src/ui/a.ts", 'import { readFileSync } from "fs";\nexport { readFileSync };'],
  ["Node's modules in an engine file that is no worker", "src/engine/a.ts", 'import { cpus } from "node:os";\nexport { cpus };'],
  ["a package by its inner path", "src/engine/a.ts", 'import { jsx } from "react/jsx-runtime";\nexport { jsx };'],
  ["an import that only the running program knows", "src/cli/a.ts", "export const load = (name: string) => import(name);"],
  ["a file outside of src", "src/cli/a.ts", 'import data from "../../tsconfig.json" with { type: "json" };\nexport { data };'],
  ["a file that does not exist", "src/cli/a.ts", importing("./b.ts")],
  ["a room that nobody knows", "src/helpers/a.ts", leaf],
  ["a file beside the rooms", "src/a.ts", leaf],
])("refused: %s", (_what, name, text) => {
  const rooms = ["kernel", "kafka/protocol", "kafka/producer", "ui", "cli"];
  const { status, output } = runOn("check-imports", {
    ...Object.fromEntries(rooms.map((room) => [`src/${room}/leaf.ts`, leaf])),
    "tsconfig.json": "{}",
    "src/main.ts": importing("./cli/leaf.ts"),
    [name]: text,
  });
  expect(output).toContain(name);
  expect(output).toMatch(/, 1 violations/);
  expect(status).toBe(1);
});

test("words in comments, strings and names of fields are no use of the machine", () => {
  const text = `
    /** Date.now() is never called, nor Math.random. */
    export interface Report { performance: number; process: string }
    export const help = "setTimeout(Math.pow(2, 3) ** 2)";
    export const report: Report = { performance: 1, process: help };
    export const read = (process: { id: number }) => process.id + report.performance + Math.min(1, Math.floor(2.5));`;
  const { status, output } = runOn("check-determinism", { "src/kafka/log/a.ts": text });
  expect(output).toContain("1 files, 0 violations");
  expect(status).toBe(0);
});

test.each([
  ["Date.now()", "Date"],
  ["new Date()", "Date"],
  ["performance.now()", "performance"],
  ["globalThis.performance", "globalThis"],
  ["Math.random()", "Math.random"],
  ['Math["random"]()', "Math"],
  ["setTimeout(() => 1, 1)", "setTimeout"],
  ["setInterval(() => 1, 1)", "setInterval"],
  ["setImmediate(() => 1)", "setImmediate"],
  ["queueMicrotask(() => 1)", "queueMicrotask"],
  ["process.hrtime()", "process"],
  ["crypto.randomUUID()", "crypto"],
  ["new Intl.Collator()", "Intl"],
  ['"a".localeCompare("b")', "localeCompare"],
  ['"a"?.localeCompare("b")', "localeCompare"],
  ["(1).toLocaleString()", "toLocaleString"],
  ["Promise.resolve(1)", "Promise"],
  ["null as unknown as Promise<number>", "Promise"],
  ["async () => 1", "async"],
  ["async function () {}", "async"],
  ["{ async run() {} }", "async"],
  ["class { async run() {} }", "async"],
  ["await 1", "await"],
  ['import("./b.ts")', "import()"],
  ["Math.pow(2, 3)", "Math.pow"],
  ["Math.log(2)", "Math.log"],
  ["Math.log2(2)", "Math.log2"],
  ["Math.exp(2)", "Math.exp"],
  ["(({ log }) => log)(Math)", "Math"],
  ["seed ** 3", "**"],
  ["((n: number) => (n **= 2))(1)", "**="],
])("refused below the engine: %s", (expression, what) => {
  const { status, output } = runOn("check-determinism", { "src/invariants/a.ts": `// 하나\nexport const x = ${expression};\n` });
  expect(output).toContain("src/invariants/a.ts:2:");
  expect(output).toContain(what);
  expect(status).toBe(1);
});

test.each(["kernel", "kafka/producer", "kafka/cluster", "ledger", "trace", "invariants", "scenario"])("%s is below the engine", (room) => {
  expect(runOn("check-determinism", { [`src/${room}/a.ts`]: "export const x = Date.now();" }).status).toBe(1);
});

test("powers and logarithms have one home in the kernel, and chance has none", () => {
  const power = "export const x = Math.log(2) ** 2;";
  expect(runOn("check-determinism", { "src/kernel/power.ts": power }).status).toBe(0);
  expect(runOn("check-determinism", { "src/kernel/other.ts": power }).status).toBe(1);
  expect(runOn("check-determinism", { "src/kernel/power.ts": "export const x = Math.random();" }).status).toBe(1);
});

test("the engine may know the machine's clock", () => {
  const files = { "src/kernel/a.ts": leaf, "src/engine/a.ts": "export const x = async () => performance.now();" };
  expect(runOn("check-determinism", files).status).toBe(0);
});
