import { printable } from "./printable.ts";

/** One thing that is wrong with a scenario: where it stands and what would be right. Safe to print. */
export interface ScenarioProblem {
  /** The file; or, when the command line is to blame, "--set KEY=VALUE". */
  source: string;
  /** Line and column count from 1; 0: the source has no lines. */
  line: number;
  column: number;
  /** "producers[0].configs.acks", or "" for the source as a whole. */
  path: string;
  message: string;
}

/** More than these are counted, not told: whoever reads twenty mends them first. */
const MOST_TOLD = 20;

/** A file that is no scenario. `message` is what a person reads: one line a problem, file:line:column, path, what is wrong. */
export class ScenarioError extends Error {
  readonly problems: readonly ScenarioProblem[];

  constructor(problems: readonly ScenarioProblem[]) {
    const printables = problems.slice(0, MOST_TOLD).map(printableProblem);
    const lines = printables.map(problemText);
    if (problems.length > MOST_TOLD) lines.push(`and ${problems.length - MOST_TOLD} more`);
    super(lines.join("\n"));
    this.name = "ScenarioError";
    this.problems = printables;
  }
}

/** "orders.yaml:14:9  producers[0].configs.acks: what is wrong". */
export function problemText({ source, line, column, path, message }: ScenarioProblem): string {
  return `${source}${line === 0 ? "" : `:${line}:${column}`}  ${path === "" ? "" : `${path}: `}${message}`;
}

function printableProblem({ source, line, column, path, message }: ScenarioProblem): ScenarioProblem {
  return { source: printable(source), line, column, path: printable(path), message: printable(message) };
}

export type Path = readonly (string | number)[];

export function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

/** Whether `path` is `part` or something in it. */
export function isWithin(path: Path, part: Path): boolean {
  return part.length <= path.length && part.every((step, index) => step === path[index]);
}
