import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { unprintableIn } from "./printable.ts";
import { type Path, pathText, ScenarioError, type ScenarioProblem } from "./scenario-error.ts";

/**
 * A scenario's text as plain values, with the place of each. Whatever the text is, reading ends soon and throws nothing but ScenarioError:
 * the yaml package's own way to plain values is not used, because it follows aliases without end and knows no places.
 */
export interface YamlSource {
  value: Record<string, unknown>;
  /** Where the part at a path stands; of a part that is not there, where the part around it stands. */
  problemAt(path: Path, message: string): ScenarioProblem;
}

/** No scenario is larger; what is larger is a mistake or an attack, and would take long to refuse. */
const MAX_CHARACTERS = 256 * 1024;
const MAX_DEPTH = 40;
/** Values in all, those that aliases repeat included. */
const MAX_VALUES = 200_000;
/** What nests so deep at one go is refused before it is parsed: the parser's time grows with the square of the depth. */
const TOO_DEEP = /(?:[[{]\s*|[-?][ \n]){100}/;

export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const problemOf = (offset: number, path: string, message: string): ScenarioProblem => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { source: file, line: Math.max(1, line), column: Math.max(1, col), path, message };
  };
  const fail = (offset: number, path: string, message: string): never => {
    throw new ScenarioError([problemOf(offset, path, message)]);
  };
  if (text.length > MAX_CHARACTERS) fail(0, "", `the file has ${text.length} characters: a scenario has at most ${MAX_CHARACTERS}`);
  if (TOO_DEEP.test(text)) fail(text.search(TOO_DEEP), "", `this is nested more than ${MAX_DEPTH} deep`);
  const document = parsed(text, lines, fail);
  const places = new Map<string, number>();
  const value = new Reader(places, fail).read(document.contents as Node | null, [], 0);
  if (value === null || value === undefined) fail(0, "", "the file is empty: a scenario is a map that begins with title: and topics:");
  if (typeof value !== "object" || Array.isArray(value))
    fail(
      offsetOf(document.contents),
      "",
      `a scenario is a map that begins with title: and topics:, not a ${Array.isArray(value) ? "list" : "text"}`,
    );
  return {
    value: value as Record<string, unknown>,
    problemAt: (path, message) => {
      let known = path;
      while (known.length > 0 && !places.has(placeKey(known))) known = known.slice(0, -1);
      return problemOf(places.get(placeKey(known)) ?? 0, pathText(path), message);
    },
  };
}

type Fail = (offset: number, path: string, message: string) => never;

function parsed(text: string, lines: LineCounter, fail: Fail): Document {
  const { stackTraceLimit } = Error;
  let document: Document;
  try {
    // A hostile text has a hundred thousand errors; the stack of each would cost seconds.
    Error.stackTraceLimit = 0;
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true });
  } catch (error) {
    Error.stackTraceLimit = stackTraceLimit;
    return fail(0, "", `this can't be read as YAML: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const [problem] = [...document.errors, ...document.warnings];
  if (problem === undefined) return document;
  const message =
    problem.code === "MULTIPLE_DOCS" ? "a second document begins here: a file holds one scenario" : `this is no YAML: ${problem.message}`;
  return fail(problem.pos[0], "", message);
}

class Reader {
  private readonly places: Map<string, number>;
  private readonly fail: Fail;
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  private valueCount = 0;

  constructor(places: Map<string, number>, fail: Fail) {
    this.places = places;
    this.fail = fail;
  }

  /** The plain value of a node. `at`: the place to name, where it differs from the node's own, as for what an alias repeats. */
  read(node: Node | null, path: Path, at: number, isRepeated = false): unknown {
    const offset = isRepeated ? at : offsetOf(node, at);
    const refuse = (message: string): never => this.fail(offset, pathText(path), message);
    if (!this.places.has(placeKey(path))) this.places.set(placeKey(path), offset);
    this.valueCount += 1;
    if (this.valueCount > MAX_VALUES) refuse(`the file has more than ${MAX_VALUES} values, counting what aliases repeat`);
    if (path.length > MAX_DEPTH) refuse(`this is nested more than ${MAX_DEPTH} deep`);
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.read(this.anchored(node, refuse), path, offset, true);
    const { anchor } = node as Scalar;
    if (anchor !== undefined) this.anchors.set(anchor, node);
    if (isScalar(node)) return this.scalar(node, refuse);
    if (this.open.has(node)) refuse("this contains itself");
    this.open.add(node);
    const value = this.collection(node, path, offset, isRepeated, refuse);
    this.open.delete(node);
    return value;
  }

  private collection(node: Node, path: Path, offset: number, isRepeated: boolean, refuse: (message: string) => never): unknown {
    const { tag } = node as YAMLMap;
    if (tag !== undefined && tag !== "tag:yaml.org,2002:map" && tag !== "tag:yaml.org,2002:seq")
      return refuse(`a scenario has no tags such as ${tag}: leave it out`);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item as Node | null, [...path, index], offset, isRepeated));
    if (isMap(node)) return this.map(node, path, offset, isRepeated);
    return refuse("this is neither a map, a list nor a text");
  }

  private map(node: YAMLMap, path: Path, offset: number, isRepeated: boolean): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    const merged: Record<string, unknown> = {};
    for (const pair of node.items as Pair<Node | null, Node | null>[]) {
      const at = isRepeated ? offset : offsetOf(pair.key, offset);
      const key = this.key(pair.key, path, at);
      if (key === "<<") {
        this.merge(merged, this.read(pair.value, [...path, key], at, isRepeated), path, at);
        continue;
      }
      const place = [...path, key];
      if (Object.hasOwn(value, key)) this.fail(at, pathText(place), "this is given twice: once is needed");
      // A field stands where its name stands.
      this.places.set(placeKey(place), at);
      value[key] = this.read(pair.value, place, at, isRepeated);
    }
    return { ...merged, ...value };
  }

  private merge(merged: Record<string, unknown>, source: unknown, path: Path, at: number): void {
    for (const one of Array.isArray(source) ? source : [source]) {
      if (typeof one !== "object" || one === null || Array.isArray(one))
        this.fail(at, pathText([...path, "<<"]), "<< takes a map, or a list of maps");
      // Of several maps the first that has a field wins.
      for (const [key, value] of Object.entries(one)) {
        if (!Object.hasOwn(merged, key)) merged[key] = value;
        if (!this.places.has(placeKey([...path, key]))) this.places.set(placeKey([...path, key]), at);
      }
    }
  }

  private key(node: Node | null, path: Path, at: number): string {
    if (!isScalar(node)) return this.fail(at, pathText(path), "a field's name is a text");
    const key = String(this.scalar(node, (message) => this.fail(at, pathText(path), `a field's name: ${message}`)));
    if (key === "__proto__") this.fail(at, pathText([...path, key]), "a field can't be named __proto__");
    return key;
  }

  private scalar({ value, source }: Scalar, refuse: (message: string) => never): unknown {
    if (typeof value === "number") return wholeBeyondDoubles(value, source) ? source : value;
    if (typeof value === "boolean" || value === null) return value;
    if (typeof value !== "string") return typeof value === "symbol" ? "<<" : refuse("this is neither a text, a number nor true or false");
    const bad = unprintableIn(value);
    if (bad !== null) refuse(`a text can't hold the character ${bad}`);
    return value;
  }

  /** What an alias stands for: the last node before it that has the anchor. */
  private anchored({ source }: Alias, refuse: (message: string) => never): Node {
    return this.anchors.get(source) ?? refuse(`nothing before this is anchored as &${source}`);
  }
}

/** Kafka's longest numbers are longer than doubles are exact; they go on as the text that they are. */
function wholeBeyondDoubles(value: number, source: string | undefined): boolean {
  return source !== undefined && Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source);
}

function offsetOf(node: unknown, otherwise = 0): number {
  return (node as Node | null)?.range?.[0] ?? otherwise;
}

function placeKey(path: Path): string {
  return path.join("\u0000");
}
