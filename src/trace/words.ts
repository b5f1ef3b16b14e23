/** Small parts of sentences, equal in all of them. */
export type Language = "en" | "ko";

/** 9000 → "9.0 s", 250 → "250 ms". */
export function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms} ms`;
}

/** 65250 → "1:05.250". */
export function clock(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const rest = ms - minutes * 60_000;
  const seconds = Math.floor(rest / 1000);
  return `${minutes}:${String(seconds).padStart(2, "0")}.${String(rest - seconds * 1000).padStart(3, "0")}`;
}

/** Controllers have numbers above 100, brokers below (see the scenario compiler); clients have names. */
export function nodeName(id: string, language: Language): string {
  if (!/^\d+$/.test(id)) return id;
  const controller = Number(id) > 100;
  if (language === "ko") return controller ? `컨트롤러 ${id}` : `브로커 ${id}`;
  return controller ? `Controller ${id}` : `Broker ${id}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function countIds(ids: readonly number[]): number {
  let count = 0;
  for (let i = 1; i < ids.length; i += 2) count += ids[i]!;
  return count;
}

/** "record 7", "records 3 to 7", "12 records (3 to 40)". */
export function recordsOf(ids: readonly number[], language: Language): string {
  const count = countIds(ids);
  const first = ids[0] ?? 0;
  const last = (ids.at(-2) ?? 0) + (ids.at(-1) ?? 0) - 1;
  if (language === "ko")
    return count === 1 ? `레코드 ${first}` : ids.length === 2 ? `레코드 ${first}–${last}` : `레코드 ${count}개 (${first}–${last})`;
  if (count === 1) return `record ${first}`;
  return ids.length === 2 ? `records ${first} to ${last}` : `${count} records (${first} to ${last})`;
}

/** " (acks)", or nothing when no config decided. */
export function by(config: string): string {
  return config === "" ? "" : ` (${config})`;
}

export function list(items: readonly (string | number)[], none: string): string {
  return items.length === 0 ? none : items.join(", ");
}

/** The rest of a command as one would type it: {"node":"1"} → "1". */
export function commandDetails(target: string, details: string): string {
  if (details === "" || details === "{}") return target;
  let rest: Record<string, unknown>;
  try {
    rest = JSON.parse(details) as Record<string, unknown>;
  } catch {
    return `${target} ${details}`.trim();
  }
  const words = Object.values(rest)
    .filter((value) => value !== null && typeof value !== "boolean" && String(value) !== target)
    .map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)));
  return [target, ...words].filter((word) => word !== "").join(" ");
}
