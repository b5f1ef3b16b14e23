import { unsupportedConsumerConfigs } from "../kafka/application/consumer-application.ts";
import type { ConfigScope } from "../kafka/protocol/config-catalogue.ts";
import type { ConfigValidation } from "../kafka/protocol/config-validation.ts";
import { didYouMean, nearestName } from "./nearest-name.ts";
import type { Path } from "./scenario-error.ts";

/** What the checks of a scenario's parts share. */
export type Report = (path: Path, message: string) => void;

/** In Kafka's words, at the key that Kafka names if it stands here. */
export function reportRefusal(
  { error }: Extract<ConfigValidation, { ok: false }>,
  path: Path,
  own: Record<string, string>,
  report: Report,
): void {
  const { key } = error;
  const given = key !== null && Object.hasOwn(own, key) ? own[key] : undefined;
  report(given === undefined ? path : [...path, key!], refusalText(error, given));
}

/** What Kafka would run and samsa cannot: better said before than found out in the middle. */
export function unsupportedIn(scope: ConfigScope, configs: Record<string, string>): { key: string; message: string } | null {
  if (scope === "consumer") return unsupportedConsumerConfigs(configs);
  if (scope !== "producer" || configs["transactional.id"] === undefined) return null;
  return { key: "transactional.id", message: "samsa does not model transactions yet: leave transactional.id out" };
}

export function reportUnsupported(
  scope: ConfigScope,
  configs: Record<string, string>,
  path: Path,
  own: Record<string, string>,
  report: Report,
): void {
  const refused = unsupportedIn(scope, configs);
  if (refused !== null) report(Object.hasOwn(own, refused.key) ? [...path, refused.key] : path, refused.message);
}

/** What Kafka says, and what was probably meant. `given`: the value that was refused. */
export function refusalText({ message, suggestion }: { message: string; suggestion: string | null }, given: string | undefined): string {
  const isName = given === undefined || message.startsWith("Unknown ");
  if (suggestion === null || !(isName || given.toLowerCase() === suggestion.toLowerCase() || nearestName(given, [suggestion]) !== null))
    return message;
  return `${message}${message.endsWith(".") ? "" : "."} Did you mean ${suggestion}?`;
}

export function known(name: string, names: readonly string[], path: Path, what: string, report: Report): void {
  if (names.includes(name)) return;
  const question = didYouMean(name, names);
  if (question !== "" || names.length === 0 || names.length > 10) report(path, `there is no ${what} ${name}.${question}`);
  else report(path, `there is no ${what} ${name}; known: ${names.join(", ")}`);
}
