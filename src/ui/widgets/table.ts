import { fit, type Line, span } from "../cell-text.ts";
import type { Theme } from "../theme.ts";

/** Columns of fixed width: a table whose columns follow its contents would twitch at every frame. */
export interface Column<Row> {
  readonly heading: string;
  readonly width: number;
  readonly align?: "left" | "right";
  /** Columns with the highest number go first when there is no room; 0 always stays. */
  readonly priority: number;
  /** Takes a share of the columns that are left over. */
  readonly grows?: boolean;
  readonly cell: (row: Row, width: number) => Line;
}

export interface PlacedColumn<Row> extends Column<Row> {
  readonly placedWidth: number;
}

export function placeColumns<Row>(columns: readonly Column<Row>[], width: number, gap = 1): PlacedColumn<Row>[] {
  const kept = [...columns];
  const total = (): number => kept.reduce((sum, column) => sum + column.width, 0) + gap * Math.max(0, kept.length - 1);
  while (total() > width && kept.length > 1) {
    let worst = -1;
    for (let index = 0; index < kept.length; index++) {
      const priority = kept[index]!.priority;
      if (priority > 0 && (worst < 0 || priority >= kept[worst]!.priority)) worst = index;
    }
    if (worst < 0) break;
    kept.splice(worst, 1);
  }
  const growing = kept.filter((column) => column.grows === true).length;
  let spare = Math.max(0, width - total());
  let remaining = growing;
  return kept.map((column) => {
    if (column.grows !== true) return { ...column, placedWidth: column.width };
    const share = Math.floor(spare / remaining);
    spare -= share;
    remaining -= 1;
    return { ...column, placedWidth: column.width + share };
  });
}

export function headingLine<Row>(columns: readonly PlacedColumn<Row>[], theme: Theme, gap = 1): Line {
  return joined(
    columns.map((column) => fit([span(column.heading, "faint")], column.placedWidth, column.align ?? "left", theme.glyphs.more)),
    gap,
  );
}

export function rowLine<Row>(columns: readonly PlacedColumn<Row>[], row: Row, theme: Theme, gap = 1): Line {
  return joined(
    columns.map((column) => fit(column.cell(row, column.placedWidth), column.placedWidth, column.align ?? "left", theme.glyphs.more)),
    gap,
  );
}

function joined(cells: readonly Line[], gap: number): Line {
  const spaces = span(" ".repeat(gap));
  return cells.flatMap((cell, index) => (index === 0 ? cell : [spaces, ...cell]));
}

/** Which of many rows are seen: the selected one always, in the middle when there is more on both sides. */
export function windowAround(total: number, visible: number, selected: number): { from: number; to: number } {
  if (total <= visible) return { from: 0, to: total };
  const from = Math.min(Math.max(0, selected - Math.floor(visible / 2)), total - visible);
  return { from, to: from + visible };
}
