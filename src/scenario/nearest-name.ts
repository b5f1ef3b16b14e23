import { nearest } from "../kafka/protocol/config-suggestions.ts";

/** The question after a name that is unknown: " Did you mean acks?", or nothing when no name is near. */
export function didYouMean(given: string, names: readonly string[]): string {
  const name = nearestName(given, names);
  return name === null ? "" : ` Did you mean ${name}?`;
}

export function nearestName(given: string, names: readonly string[]): string | null {
  const wanted = given.toLowerCase();
  const near = nearest(wanted, names);
  // Of a name as short as p1 most others are two letters away: one letter must stand in its place.
  return near === null || [...near.toLowerCase()].some((letter, place) => letter === wanted[place]) ? near : null;
}
