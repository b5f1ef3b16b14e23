import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readFloors, suiteNames } from "./suites.ts";

test.each(suiteNames())("%s has a recording, a test and a floor", (suite) => {
  for (const file of [`${suite}.json`, `${suite}.test.ts`])
    expect(existsSync(fileURLToPath(new URL(file, import.meta.url))), file).toBe(true);
  expect(readFloors()).toHaveProperty(suite);
});
