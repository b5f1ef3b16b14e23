import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { traceTableMarkdown } from "../../src/trace/trace-table.ts";

const page = join(import.meta.dirname, "..", "..", "TRACE.md");

test("TRACE.md says what the table of trace events says (UPDATE_GENERATED=1 writes it)", () => {
  const text = traceTableMarkdown();
  if (process.env.UPDATE_GENERATED === "1") writeFileSync(page, text);
  expect(readFileSync(page, "utf8")).toBe(text);
});
