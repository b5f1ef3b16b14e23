import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import packageJson from "../package.json" with { type: "json" };
import { SET_HELP } from "../src/cli/command-line.ts";
import { runToEnd } from "../src/engine/headless.ts";
import { commandDocumentation } from "../src/kafka/protocol/commands.ts";
import { commandSchemas } from "../src/scenario/command-schema.ts";
import { compileScenario } from "../src/scenario/compile.ts";
import { keyTableMarkdown } from "../src/ui/keymap.ts";

/** What README.md says is true. Its tables are written by: UPDATE_GENERATED=1 npm test -- test/readme.test.ts */
const root = join(import.meta.dirname, "..");
const file = join(root, "README.md");
const readme = (): string => readFileSync(file, "utf8");

const generated: Record<string, string> = {
  keys: keyTableMarkdown(),
  commands: commandTable(),
  set: `\`\`\`\n${SET_HELP.trim().split("\n").slice(1).join("\n")}\n\`\`\``,
};

/** The timeline's commands, from their catalogue: as it is written in a file, and what it does. */
function commandTable(): string {
  const rows = commandSchemas({}).map((schema) => {
    const type = schema.meta()!.title as keyof typeof commandDocumentation;
    const { properties, required = [] } = z.toJSONSchema(schema, { io: "input" }) as {
      properties: Record<string, object>;
      required?: string[];
    };
    const fields = Object.keys(properties).filter((field) => field !== "do");
    const shown = fields.map((field) => (required.includes(field) ? `\`${field}\`` : `[\`${field}\`]`)).join(", ");
    const { about, example } = commandDocumentation[type];
    return `| \`do: ${type}\` | ${shown} | ${about.en} | \`:${example.replaceAll("|", "\\|")}\` |`;
  });
  return ["| command | fields ([optional]) | what it does | in the palette |", "|---|---|---|---|", ...rows].join("\n");
}

function between(text: string, name: string): { before: string; inside: string; after: string } {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  expect(from, `README.md has no ${begin}`).toBeGreaterThanOrEqual(begin.length);
  expect(to).toBeGreaterThanOrEqual(from);
  return { before: text.slice(0, from), inside: text.slice(from, to), after: text.slice(to) };
}

describe("generated parts", () => {
  test.each(Object.keys(generated))("%s", (name) => {
    if (process.env.UPDATE_GENERATED) {
      const { before, after } = between(readme(), name);
      writeFileSync(file, `${before}${generated[name]}\n${after}`);
    }
    expect(between(readme(), name).inside, "it is stale: UPDATE_GENERATED=1 npm test -- test/readme.test.ts").toBe(`${generated[name]}\n`);
  });
});

describe("the example of a scenario", () => {
  const yaml = (): string =>
    between(readme(), "example")
      .inside.replace(/^```yaml\n/, "")
      .replace(/```\n$/, "");

  test("compiles without a warning", () => {
    expect(compileScenario(yaml(), "example.yaml").warnings).toEqual([]);
  });

  test("does what it says, and its flip breaks what it says it breaks", () => {
    const scenario = compileScenario(yaml(), "example.yaml");
    const failed = (overrides: readonly (readonly [string, string])[]): string[] =>
      runToEnd(compileScenario(yaml(), "example.yaml", overrides), { check: true })
        .expectations.filter(({ verdict }) => verdict !== "held")
        .map(({ name, seen }) => (overrides.length === 0 ? `${name}: ${seen}` : name));
    expect(failed([])).toEqual([]);
    expect(failed(scenario.flip!.set)).toContain(scenario.flip!.breaks);
  });
});

test("every file and folder that it names is there", () => {
  const named = [...readme().matchAll(/`((?:src|test|scenarios|\.github)\/[^`*]*)`/g), ...readme().matchAll(/\]\(([^)#]+)\)/g)].map(
    (match) => match[1]!,
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("every npm script that it names is one, and two commands set everything up", () => {
  const scripts = Object.keys(packageJson.scripts);
  const named = [...readme().matchAll(/npm (?:run (?:-s )?([\w:]+)|(test|start))/g)].map((match) => match[1] ?? match[2]!);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  expect(readme().match(/^npm ci.*$/gm)).toEqual(["npm ci && npm start", "npm ci && npm test"]);
});

test("the mistake that it shows is told so", () => {
  const shown = /\$ samsa run acks-1-loses --set (\S+)=(\S+)\n(.*)\n/.exec(readme())!;
  const text = readFileSync(join(root, "scenarios/acks-1-loses.yaml"), "utf8");
  expect(() => compileScenario(text, "acks-1-loses.yaml", [[shown[1]!, shown[2]!]])).toThrow(shown[3]!);
});
