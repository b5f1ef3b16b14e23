/** What "equal" means between a recording and samsa: absent, null, an empty array and an object with nothing in it are one and the same. */

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isNothing);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

/** The first difference as a line that names its place, or null when there is none. */
export function firstDifference(expected: unknown, actual: unknown, path = ""): string | null {
  if (isNothing(expected) && isNothing(actual)) return null;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    for (let index = 0; index < Math.min(expected.length, actual.length); index++) {
      const difference = firstDifference(expected[index], actual[index], `${path}[${index}]`);
      if (difference !== null) return difference;
    }
    if (expected.length === actual.length) return null;
    const index = Math.min(expected.length, actual.length);
    const [missing, surplus] = [show(expected[index]), show(actual[index])];
    return `${path}: expected ${expected.length} entries, got ${actual.length}; [${index}]: expected ${missing}, got ${surplus}`;
  }
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = firstDifference(expected[key], actual[key], path === "" ? key : `${path}.${key}`);
      if (difference !== null) return difference;
    }
    return null;
  }
  return expected === actual ? null : `${path}: expected ${show(expected)}, got ${show(actual)}`;
}
