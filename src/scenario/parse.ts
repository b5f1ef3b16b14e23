import { type Path, ScenarioError, type ScenarioProblem } from "./scenario-error.ts";
import { type ScenarioFile, scenarioSchema } from "./schema.ts";
import { messagesOf } from "./schema-messages.ts";
import { readYaml } from "./yaml-source.ts";

/** A scenario as it was read, with the places of its parts for messages about them. */
export interface ParsedScenario {
  file: string;
  scenario: ScenarioFile;
  /** What the text says, before the schema fills in its defaults. */
  raw: Record<string, unknown>;
  problemAt(path: Path, message: string): ScenarioProblem;
}

/** Reads a scenario. Throws ScenarioError, and nothing else, whatever the text is. */
export function parseScenario(text: string, file: string): ParsedScenario {
  const { value, problemAt } = readYaml(text, file);
  return validated(file, value, problemAt);
}

/** Measures plain values against the schema. Throws ScenarioError. */
export function validated(file: string, raw: Record<string, unknown>, problemAt: ParsedScenario["problemAt"]): ParsedScenario {
  const result = scenarioSchema.safeParse(raw);
  if (result.success) return { file, scenario: result.data, raw, problemAt };
  throw new ScenarioError(messagesOf(result.error, raw).map(({ path, message }) => problemAt(path, message)));
}
