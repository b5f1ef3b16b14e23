import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from "yaml";
import type { z } from "zod";
import { commandSchemas } from "./command-schema.ts";
import { didYouMean } from "./nearest-name.ts";
import { type Path, pathText, ScenarioError, type ScenarioProblem } from "./scenario-error.ts";
import { type ScenarioFile, scenarioSchema } from "./schema.ts";

/** Larger files are refused: no scenario is, and hostile ones are. */
const MAX_BYTES = 1_000_000;

/** A scenario as it was read, with the places of its parts for messages about them. */
export interface ParsedScenario {
  file: string;
  scenario: ScenarioFile;
  problemAt(path: Path, message: string): ScenarioProblem;
}

/** Reads a scenario. Throws ScenarioError, and nothing else, whatever the text is. */
export function parseScenario(text: string, file: string): ParsedScenario {
  if (text.length > MAX_BYTES) throw new ScenarioError(file, [wholeFile(`the file has ${text.length} characters, more than ${MAX_BYTES}: this is no scenario`)]);
  const lines = new LineCounter();
  const document = readYaml(text, file, lines);
  const problemAt = (path: Path, message: string): ScenarioProblem => ({ ...positionOf(document, lines, path), path: pathText(path), message });
  const value = toPlain(document, file);
  const result = scenarioSchema.safeParse(value);
  if (result.success) return { file, scenario: result.data, problemAt };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, [], value)).map(({ path, message }) => problemAt(path, message));
  throw new ScenarioError(file, problems.slice(0, 20));
}

function wholeFile(message: string): ScenarioProblem {
  return { line: 1, column: 1, path: "", message };
}

function readYaml(text: string, file: string, lines: LineCounter): Document {
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true });
  } catch (error) {
    throw new ScenarioError(file, [wholeFile(`this can't be read as YAML: ${error instanceof Error ? error.message : String(error)}`)]);
  }
  const [problem] = [...document.errors, ...document.warnings];
  if (problem === undefined) return document;
  const { line, col } = lines.linePos(problem.pos[0]);
  throw new ScenarioError(file, [{ line: Math.max(1, line), column: Math.max(1, col), path: "", message: `this is no YAML: ${problem.message}` }]);
}

function toPlain(document: Document, file: string): unknown {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ScenarioError(file, [wholeFile(`this can't be read as YAML: ${error instanceof Error ? error.message : String(error)}`)]);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ScenarioError(file, [wholeFile("a scenario is a map that begins with title: and topics:, see README")]);
  }
  return value;
}

interface PlacedMessage {
  path: Path;
  message: string;
}

function problemsOf(issue: z.core.$ZodIssue, prefix: Path, root: unknown): PlacedMessage[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], message: `there is no such field here.${didYouMean(key, knownKeysAt(path))}` }));
    case "invalid_union":
      return unionProblems(issue, path, root);
    case "invalid_type":
      return [{ path, message: valueAt(root, path) === undefined ? `this is needed: ${issue.expected}` : `${issue.expected} is needed, not ${shown(valueAt(root, path))}` }];
    case "invalid_value":
      return [{ path, message: `${shown(valueAt(root, path))} is not among ${issue.values.map(String).join(", ")}.${didYouMean(String(valueAt(root, path)), issue.values.map(String))}` }];
    case "too_small":
      return [{ path, message: `${shown(valueAt(root, path))} is too small: at least ${issue.minimum}` }];
    case "too_big":
      return [{ path, message: `${shown(valueAt(root, path))} is too large: at most ${issue.maximum}` }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** Of the ways in which a value might have been right, tells the one that its author most likely meant. */
function unionProblems(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: unknown): PlacedMessage[] {
  const given = valueAt(root, path);
  if (path[0] === "timeline" && path.length === 2 && typeof given === "object" && given !== null) {
    const names = commandSchemas.map(({ shape }) => String(shape.do.value));
    const command = (given as { do?: unknown }).do;
    if (command !== undefined && !names.includes(String(command))) {
      return [{ path: [...path, "do"], message: `there is no command ${shown(command)}.${didYouMean(String(command), names)} Commands: ${names.join(", ")}` }];
    }
    const branch = issue.errors[command === undefined ? 0 : names.indexOf(String(command)) + 1];
    if (branch !== undefined) return branch.flatMap((inner) => problemsOf(inner, path, root));
  }
  const ranked = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a));
  const [best] = ranked;
  if (best === undefined) return [{ path, message: issue.message }];
  if (depthOf(best) === 0 && issue.errors.length > 1) {
    const expected = issue.errors.flatMap((branch) => branch.map((inner) => (inner.code === "invalid_type" ? inner.expected : inner.message)));
    return [{ path, message: `${shown(given)} does not fit here: ${[...new Set(expected)].join(" or ")} is needed` }];
  }
  return best.flatMap((inner) => problemsOf(inner, path, root));
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === "invalid_type" && issue.path.length === 0 ? -1 : 0) + (issue.code === "unrecognized_keys" ? 1 : 0)));
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) value = typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[part] : undefined;
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** The fields that a map at this place may have, for suggestions. */
function knownKeysAt(path: Path): string[] {
  let schema: unknown = scenarioSchema;
  for (const part of path) schema = stepInto(schema, part);
  return shapesOf(schema).flatMap((shape) => Object.keys(shape));
}

interface SchemaInside {
  def?: { innerType?: unknown; in?: unknown; options?: unknown[]; element?: unknown; shape?: Record<string, unknown>; type?: string };
}

function unwrapped(schema: unknown): unknown[] {
  const def = (schema as SchemaInside | undefined)?.def;
  if (def === undefined) return [];
  if (def.options !== undefined) return def.options.flatMap(unwrapped);
  if (def.innerType !== undefined) return unwrapped(def.innerType);
  if (def.in !== undefined) return unwrapped(def.in);
  return [schema];
}

function stepInto(schema: unknown, part: string | number): unknown {
  for (const inner of unwrapped(schema)) {
    const def = (inner as SchemaInside).def;
    const next = typeof part === "number" ? def?.element : def?.shape?.[part];
    if (next !== undefined) return next;
  }
  return undefined;
}

function shapesOf(schema: unknown): Record<string, unknown>[] {
  return unwrapped(schema).flatMap((inner) => {
    const shape = (inner as SchemaInside).def?.shape;
    return shape === undefined ? [] : [shape];
  });
}

/** Where the part at a path stands; of a part that is not there, where the part around it stands. */
function positionOf(document: Document, lines: LineCounter, path: Path): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  if (isScalar(node) && node.range) offset = node.range[0];
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
