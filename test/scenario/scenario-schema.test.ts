import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { commandDocumentation } from "../../src/kafka/protocol/commands.ts";
import { commandTypes } from "../../src/scenario/command-schema.ts";
import { scenarioSchema } from "../../src/scenario/schema.ts";

/** Editors complete scenarios by scenarios/scenario.schema.json. It is written by: UPDATE_GENERATED=1 npm test -- test/scenario/scenario-schema.test.ts */
const scenarios = join(import.meta.dirname, "../../scenarios");
const file = join(scenarios, "scenario.schema.json");

type JsonSchema = Record<string, unknown>;

function jsonSchema(): JsonSchema {
  const made = z.toJSONSchema(scenarioSchema, {
    io: "input",
    // Without these, every whole number would be said to be between the bounds of what a double holds exactly.
    override: ({ jsonSchema }) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { $schema, ...rest } = made as JsonSchema;
  return { $schema, title: "A scenario of samsa", ...rest };
}

test("scenarios/scenario.schema.json is what the schema says", () => {
  const text = `${JSON.stringify(jsonSchema(), null, 1)}\n`;
  if (process.env.UPDATE_GENERATED) writeFileSync(file, text);
  expect(readFileSync(file, "utf8"), "it is stale: UPDATE_GENERATED=1 npm test -- test/scenario/scenario-schema.test.ts").toBe(text);
});

test("each command of the catalogue has its own fields and its own words in the JSON Schema, and no other command is there", () => {
  const steps = (jsonSchema() as { properties: { timeline: { items: { anyOf: JsonSchema[] } } } }).properties.timeline.items.anyOf;
  const commands = steps.filter(({ title }) => title !== "narration");
  expect(commands.map(({ title }) => title)).toEqual(Object.keys(commandDocumentation));
  expect(commandTypes).toEqual(Object.keys(commandDocumentation));
  for (const { title, properties, description, required } of commands) {
    const { about, example } = commandDocumentation[title as keyof typeof commandDocumentation];
    expect(description).toBe(about.en);
    expect((properties as { do: JsonSchema }).do).toMatchObject({ const: title, description: `${about.en}. In the palette: ${example}` });
    expect(required).toContain("do");
  }
  const kill = commands.find(({ title }) => title === "kill")!;
  expect(Object.keys(kill.properties as object)).toEqual(["do", "node", "at", "when", "delay", "say"]);
});

test("every field that has a name says what it is, or what it may be", () => {
  const bare: string[] = [];
  const walk = (schema: JsonSchema, path: string): void => {
    for (const [name, part] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
      if (Object.keys(part).length === 0) bare.push(`${path}.${name}`);
      walk(part, `${path}.${name}`);
    }
  };
  walk(jsonSchema(), "");
  expect(bare).toEqual([]);
});

/** A reading of the JSON Schema that knows only the words that this one uses. */
function fits(value: unknown, schema: JsonSchema, root: JsonSchema): boolean {
  const { $ref, anyOf, type, properties, required, additionalProperties, items, pattern, minimum, maximum } = schema;
  if ("const" in schema) return value === schema.const;
  if (typeof $ref === "string" && !fits(value, (root.$defs as Record<string, JsonSchema>)[$ref.slice("#/$defs/".length)]!, root))
    return false;
  if (Array.isArray(anyOf) && !anyOf.some((one) => fits(value, one, root))) return false;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false;
  if (type !== undefined && ![type].flat().some((one) => isOfType(value, one as string))) return false;
  if (
    typeof value === "number" &&
    ((minimum !== undefined && value < Number(minimum)) || (maximum !== undefined && value > Number(maximum)))
  )
    return false;
  if (typeof value === "string" && typeof pattern === "string" && !new RegExp(pattern).test(value)) return false;
  if (Array.isArray(value) && items !== undefined) return value.every((item) => fits(item, items as JsonSchema, root));
  if (type !== "object" || typeof value !== "object" || value === null) return true;
  if (((required ?? []) as string[]).some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, part]) => {
    const known = (properties as Record<string, JsonSchema> | undefined)?.[name];
    if (known !== undefined) return fits(part, known, root);
    return additionalProperties !== false && (additionalProperties === undefined || fits(part, additionalProperties as JsonSchema, root));
  });
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

test.each(readdirSync(scenarios).filter((name) => name.endsWith(".yaml")))("an editor finds nothing wrong with %s", (name) => {
  const schema = jsonSchema();
  const scenario = parse(readFileSync(join(scenarios, name), "utf8"));
  expect(fits(scenario, schema, schema)).toBe(true);
  expect(fits({ ...scenario, seed: "one" }, schema, schema)).toBe(false);
  expect(fits({ ...scenario, timeline: [{ at: "1s", do: "kill" }] }, schema, schema)).toBe(false);
  expect(fits({ ...scenario, producer: [] }, schema, schema)).toBe(false);
});
