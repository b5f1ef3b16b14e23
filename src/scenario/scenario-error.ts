/** One thing that is wrong with a scenario file: where it stands and what would be right. Line and column count from 1. */
export interface ScenarioProblem {
  line: number;
  column: number;
  /** "producers[0].configs.acks", or "" for the file as a whole. */
  path: string;
  message: string;
}

/** A file that is no scenario. `message` is what a person reads: one line a problem, file:line:column, path, what is wrong. */
export class ScenarioError extends Error {
  readonly problems: readonly ScenarioProblem[];

  constructor(file: string, problems: readonly ScenarioProblem[]) {
    super(problems.map(({ line, column, path, message }) => `${file}:${line}:${column}  ${path === "" ? "" : `${path}: `}${message}`).join("\n"));
    this.name = "ScenarioError";
    this.problems = problems;
  }
}

export type Path = readonly (string | number)[];

export function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}
