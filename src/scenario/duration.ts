import { z } from "zod";

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const LONGEST_MS = 100_000 * 3_600_000;

/** Milliseconds from "250ms", "1.5s", "2m", "1h" or a bare number of milliseconds; null when it is none of these. */
export function parseDurationMs(text: string | number): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*$/.exec(String(text));
  if (match === null) return null;
  const milliseconds = Math.round(Number(match[1]) * units[match[2] ?? "ms"]!);
  return milliseconds <= LONGEST_MS ? milliseconds : null;
}

export const HOW_TO_WRITE_A_TIME = "write 500ms, 1.5s, 2m or 1h (100000h at most)";

export const duration = z
  .union([z.number().min(0), z.string().meta({ examples: ["500ms", "1.5s", "2m"] })], {
    error: ({ input }) => (input === undefined ? `this is missing: a time is needed, ${HOW_TO_WRITE_A_TIME}` : noTime(input)),
  })
  .transform((value, context) => {
    const milliseconds = parseDurationMs(value);
    if (milliseconds !== null) return milliseconds;
    context.addIssue({ code: "custom", message: noTime(value) });
    return z.NEVER;
  })
  .meta({ id: "time", description: "A virtual time or a span of it: 500ms, 1.5s, 2m, 1h, or a number of milliseconds." });

function noTime(input: unknown): string {
  const given = typeof input === "object" ? "this" : JSON.stringify(input).slice(0, 60);
  return `${given} is no time: ${HOW_TO_WRITE_A_TIME}`;
}
