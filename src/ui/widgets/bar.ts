import { type Line, span } from "../cell-text.ts";
import type { Style, Theme } from "../theme.ts";

/** A gauge of so many cells, framed: ▕███▌    ▏. Eighths of a cell where the font has them. */
export function gauge(fraction: number, cells: number, style: Style, theme: Theme): Line {
  return [span(theme.glyphs.bar.left, "border"), ...fill(fraction, cells, style, theme), span(theme.glyphs.bar.right, "border")];
}

export function fill(fraction: number, cells: number, style: Style, theme: Theme): Line {
  const { full, parts, empty } = theme.glyphs.bar;
  const steps = parts.length;
  const bounded = Math.min(1, Math.max(0, fraction));
  // What is there at all shows: the thinnest part, never nothing.
  const eighths = bounded === 0 ? 0 : Math.max(1, Math.round(bounded * cells * steps));
  const whole = Math.floor(eighths / steps);
  const text = full.repeat(whole) + (whole < cells ? (parts[eighths % steps] ?? "") : "");
  return [span(text, style), span(empty.repeat(cells - text.length))];
}

export interface LogBar {
  /** Records of the log's end that the bar shows: it begins at `end - span`. */
  readonly start: number;
  readonly end: number;
  readonly highWatermark: number;
  readonly logEndOffset: number;
}

/**
 * A replica's log on the scale that all replicas of the topic share: full cells are committed, shaded cells are in the log
 * but above the high watermark, and what is empty at the end is what the replica lacks.
 * A follower hears of the high watermark one fetch late, so less than half a cell is not shown there; `isExact` shows whatever there is.
 */
export function logBar(bar: LogBar, cells: number, style: Style, pendingStyle: Style, isExact: boolean, theme: Theme): Line {
  const { full, parts, pending, empty } = theme.glyphs.bar;
  const range = Math.max(1, bar.end - bar.start);
  const cellOf = (offset: number): number => ((Math.min(bar.end, Math.max(bar.start, offset)) - bar.start) / range) * cells;
  const logEnd = cellOf(bar.logEndOffset);
  const committed = Math.min(logEnd, cellOf(bar.highWatermark));
  const hasPending = bar.logEndOffset > bar.highWatermark && (isExact || logEnd - committed >= 0.5);
  if (!hasPending) {
    const steps = parts.length;
    const eighths = Math.floor(logEnd * steps);
    const whole = Math.floor(eighths / steps);
    const text = full.repeat(whole) + (whole < cells ? (parts[eighths % steps] ?? "") : "");
    return [span(text, style), span(empty.repeat(Math.max(0, cells - text.length)))];
  }
  const filled = Math.max(1, Math.min(cells, Math.ceil(logEnd - 1e-9)));
  const solid = Math.min(filled - 1, Math.floor(committed));
  return [span(full.repeat(solid), style), span(pending.repeat(filled - solid), pendingStyle), span(empty.repeat(cells - filled))];
}

/** How many of the newest records the bars of a topic show, in steps of four times, so that the scale seldom moves. */
export function barScale(longestLag: number): number {
  let scale = 64;
  while (scale < longestLag * 1.25) scale *= 4;
  return scale;
}
