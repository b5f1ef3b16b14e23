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
    return { name, title: title[language], description: description[language], expectations: expectations.length };
  });
  if (json) process.stdout.write(`${JSON.stringify({ scenarios })}\n`);
  else {
    const width = Math.max(0, ...scenarios.map(({ name }) => name.length));
    process.stdout.write(scenarios.map(({ name, title }) => `${name.padEnd(width)}  ${title}\n`).join(""));
  }
  return ExitCode.Well;
}
