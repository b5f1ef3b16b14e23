import { z } from "zod";

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds from "250ms", "1.5s", "2m", "1h" or a bare number of milliseconds; null when it is none of these. */
export function parseDurationMs(text: string | number): number | null {
  if (typeof text === "number") return Number.isFinite(text) && text >= 0 ? Math.round(text) : null;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)?\s*$/.exec(text);
  if (match === null) return null;
  return Math.round(Number(match[1]) * units[match[2] ?? "ms"]!);
}

export const duration = z
  .union([z.number(), z.string()])
  .transform((value, context) => {
    const milliseconds = parseDurationMs(value);
    if (milliseconds !== null) return milliseconds;
    context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is no time: write 500ms, 1.5s, 2m or 1h` });
    return z.NEVER;
  })
  .meta({ description: "A virtual time or a span of it: 500ms, 1.5s, 2m, 1h, or a number of milliseconds." });
