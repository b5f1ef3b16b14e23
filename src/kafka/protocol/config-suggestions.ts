import { type ConfigScope, configDefinition, configDefinitions } from "./config-catalogue.ts";

/** What a person may have meant by a key that Kafka does not know in this scope; null: nothing is near. */
export function suggestConfigKey(scope: ConfigScope, key: string): string | null {
  const dotted = key.trim().toLowerCase().replaceAll(/[_\s]/g, ".");
  if (scope === "topic") {
    // A broker's key on a topic: the topic's own key for the same thing.
    const own = configDefinitions("topic").find((definition) => definition.brokerKeys.some((broker) => broker.key === dotted));
    if (own !== undefined) return own.key;
  }
  if (scope === "broker") {
    const ofTopic = configDefinition("topic", dotted);
    if (ofTopic?.brokerKeys[0] !== undefined) return ofTopic.brokerKeys[0].key;
  }
  if (scope === "group" && dotted.startsWith("group.") && configDefinition("group", dotted.slice("group.".length)) !== undefined)
    return dotted.slice("group.".length);
  return nearest(
    dotted,
    configDefinitions(scope).map((definition) => definition.key),
  );
}

/** The nearest of some names by edit distance, unless even that is far; the first in case of a tie. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 4)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other; `enough` when it is at least that. */
function editDistance(from: string, to: string, enough: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforePrevious[column - 2]! + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= enough) return enough;
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length]!;
}
