import type { z } from "zod";
import type { CommandType } from "../kafka/protocol/commands.ts";
import { commandTypes } from "./command-schema.ts";
import { didYouMean } from "./nearest-name.ts";
import type { Path } from "./scenario-error.ts";
import { scenarioSchema, stepSchemas } from "./schema.ts";

/** What the schema's issues mean, in words for whoever wrote the file: what stands there and what would be right. */
export interface PlacedMessage {
  path: Path;
  message: string;
}

/** More than these are not worded: a file with more is no scenario at all. */
const MOST_WORDED = 1000;

export function messagesOf(error: z.ZodError, root: unknown): PlacedMessage[] {
  const issues = error.issues.slice(0, MOST_WORDED);
  const isOfStep = ({ path }: Issue): boolean => path[0] === "timeline" && path.length > 1;
  const steps = new Set(issues.filter(isOfStep).map(({ path }) => path[1] as number));
  return [
    ...messagesOfAll(
      issues.filter((issue) => !isOfStep(issue)),
      [],
      root,
    ),
    ...[...steps].flatMap((step) => stepMessages(["timeline", step], root)),
  ];
}

/** A step is measured against the command that it names, not against the way in which it is least wrong. */
function stepMessages(path: Path, root: unknown): PlacedMessage[] {
  const given = valueAt(root, path);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    return [{ path, message: `a map is needed, not ${shown(given)}` }];
  const command = (given as { do?: unknown }).do;
  const place = commandTypes.indexOf(command as CommandType);
  if (command !== undefined && place < 0) {
    const question = didYouMean(String(command), commandTypes);
    return [
      {
        path: [...path, "do"],
        message: `there is no command ${shown(command)}.${question === "" ? ` Commands: ${commandTypes.join(", ")}` : question}`,
      },
    ];
  }
  return messagesOfAll(stepSchemas[place + 1]!.safeParse(given).error?.issues ?? [], path, root);
}

type Issue = z.core.$ZodIssue;

/** Where a field is unknown, what the schema says of the whole map is only a consequence. */
function messagesOfAll(issues: readonly Issue[], prefix: Path, root: unknown): PlacedMessage[] {
  const unknown = issues.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => path.join("."));
  const told = issues.filter(({ code, path }) => code !== "custom" || !unknown.includes(path.join(".")));
  return told.flatMap((issue) => messagesOfIssue(issue, prefix, root));
}

function messagesOfIssue(issue: Issue, prefix: Path, root: unknown): PlacedMessage[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  const given = valueAt(root, path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = fieldsAt(path, root);
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownField(key, known) }));
    }
    case "invalid_union":
      return unionMessages(issue, path, root);
    case "invalid_type":
      if (given === undefined) return [{ path, message: `this is missing: ${kindOf(issue.expected)} is needed` }];
      return [{ path, message: `${kindOf(issue.expected)} is needed, not ${shown(given)}` }];
    case "invalid_value": {
      const names = issue.values.map(String);
      return [
        {
          path,
          message:
            given === undefined
              ? `this is missing: one of ${names.join(", ")}`
              : `${shown(given)} is not among ${names.join(", ")}.${didYouMean(String(given), names)}`,
        },
      ];
    }
    case "too_small":
      return [
        {
          path,
          message: `${sizeOf(given, issue.origin)} is too ${issue.origin === "string" ? "short" : "small"}: at least ${issue.minimum}`,
        },
      ];
    case "too_big":
      return [
        {
          path,
          message: `${sizeOf(given, issue.origin)} is too ${issue.origin === "string" ? "long" : "large"}: at most ${issue.maximum}`,
        },
      ];
    default:
      return [{ path, message: issue.message }];
  }
}

function unknownField(key: string, known: readonly string[]): string {
  const question = didYouMean(key, known);
  return `there is no such field here.${question === "" ? ` Fields: ${known.join(", ")}` : question}`;
}

const kinds: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
  null: "nothing",
};

function kindOf(expected: string): string {
  return kinds[expected] ?? expected;
}

/** Of the ways in which a value might have been right, tells the one that its author most likely meant. */
function unionMessages(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): PlacedMessage[] {
  const given = valueAt(root, path);
  if (issue.message !== "Invalid input") return [{ path, message: issue.message }];
  // A way that got past the kind of value (a map, a list, ...) was meant.
  const meant = issue.errors.find(
    (way) => way.some(({ code, path: inner }) => code !== "invalid_type" || inner.length > 0) && !way.some(isOtherKind),
  );
  if (meant !== undefined) return messagesOfAll(meant, path, root);
  const expected = [...new Set(issue.errors.flatMap((way) => way.map(waysToBe)))];
  const needed = `${expected.join(" or ")} is needed`;
  return [{ path, message: given === undefined ? `this is missing: ${needed}` : `${needed}, not ${shown(given)}` }];
}

function isOtherKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value");
}

function waysToBe(issue: Issue): string {
  if (issue.code === "invalid_type") return kindOf(issue.expected);
  return issue.code === "invalid_value" ? issue.values.map(String).join(" or ") : issue.message;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function sizeOf(given: unknown, origin: string): string {
  if (Array.isArray(given)) return `a list of ${given.length}`;
  return origin === "string" ? `a text of ${String(given).length} characters` : shown(given);
}

/** A value as a person may have written it, cut to what a line can hold. */
function shown(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

interface SchemaInside {
  def?: { innerType?: unknown; in?: unknown; options?: unknown[]; element?: unknown; shape?: Record<string, unknown> };
}

/** The fields that a map at this place may have. */
function fieldsAt(path: Path, root: unknown): string[] {
  let schemas = unwrapped(scenarioSchema);
  path.forEach((part, index) => {
    schemas = schemas.flatMap((schema) => {
      const { element, shape } = (schema as SchemaInside).def ?? {};
      const next = typeof part === "number" ? element : shape !== undefined && Object.hasOwn(shape, part) ? shape[part] : undefined;
      return next === undefined ? [] : unwrapped(next);
    });
    if (path[0] !== "timeline" || index !== 1) return;
    const { do: command } = valueAt(root, path.slice(0, 2)) as { do?: CommandType };
    schemas = [stepSchemas[command === undefined ? 0 : commandTypes.indexOf(command) + 1]];
  });
  return [...new Set(schemas.flatMap((schema) => Object.keys((schema as SchemaInside).def?.shape ?? {})))];
}

function unwrapped(schema: unknown): unknown[] {
  const def = (schema as SchemaInside).def;
  if (def?.options !== undefined) return def.options.flatMap(unwrapped);
  if (def?.innerType !== undefined) return unwrapped(def.innerType);
  if (def?.in !== undefined) return unwrapped(def.in);
  return [schema];
}
