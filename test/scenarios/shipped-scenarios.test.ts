import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runToEnd } from "../../src/engine/headless.ts";
import { compileScenario } from "../../src/scenario/compile.ts";

const folder = join(import.meta.dirname, "../../scenarios");
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

function compile(file: string, overrides: readonly [string, string][] = []) {
  return compileScenario(readFileSync(join(folder, file), "utf8"), file, overrides);
}

test("at least twelve lessons ship", () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
});

describe.each(files)("%s", (file) => {
  test("every expectation holds, and no law of the simulated system breaks", () => {
    const { expectations, violation } = runToEnd(compile(file), { check: true });
    expect(violation).toBeNull();
    expect(expectations.filter(({ verdict }) => verdict !== "held")).toEqual([]);
  });

  test("title, description and narration are in English and Korean, and no warning is given", () => {
    const scenario = compile(file);
    expect(scenario.warnings).toEqual([]);
    const texts = [scenario.title, scenario.description, ...scenario.timeline.flatMap(({ say }) => (say === null ? [] : [say]))];
    for (const { en, ko } of texts) {
      expect(en).not.toBe("");
      expect(ko).toMatch(/[가-힣]/);
    }
  });

  const { flip } = compile(file);
  if (file === "tour.yaml") return;
  test("its flip makes the point of the lesson fail", () => {
    expect(flip).not.toBeNull();
    const { expectations, violation } = runToEnd(compile(file, flip!.set), { check: true });
    expect(violation).toBeNull();
    expect(expectations.filter(({ verdict }) => verdict === "failed").map(({ name }) => name)).toContain(flip!.breaks);
  });
});
