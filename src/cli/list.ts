import { languageOf } from "./language.ts";
import { loadScenario, shippedScenarios } from "./scenario-files.ts";
import { ExitCode } from "./usage-error.ts";

export interface ListOptions {
  json?: boolean;
  lang?: string;
}

export function listCommand({ json, lang }: ListOptions): ExitCode {
  const language = languageOf(lang, process.env);
  const scenarios = shippedScenarios().map((name) => {
    const { title, description, expectations } = loadScenario(name, [], null);
    return { name, title: title[language], description: description[language].trim(), expectations: expectations.length };
  });
  if (json) process.stdout.write(`${JSON.stringify({ scenarios })}\n`);
  else {
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    for (const { name, title } of scenarios) process.stdout.write(`${name.padEnd(width)}  ${title}\n`);
  }
  return ExitCode.Well;
}
