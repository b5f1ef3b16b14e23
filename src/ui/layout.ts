/** Where everything stands at a size: a pure function, so that every size can be tested without drawing. */

export type PanelId = "brokers" | "partitions" | "producer" | "group" | "events";
export type AreaId = PanelId | "ledger" | "detail";

export const panelOrder: readonly PanelId[] = ["brokers", "partitions", "producer", "group", "events"];

export interface Area {
  readonly id: AreaId;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** How many lines each panel would like for its rows. */
export interface Contents {
  readonly brokers: number;
  readonly partitions: number;
  readonly deques: number;
  readonly connections: number;
  readonly members: number;
  readonly groupPartitions: number;
  readonly groups: number;
}

export interface Layout {
  readonly kind: "too small" | "tabs" | "columns";
  readonly columns: number;
  readonly rows: number;
  /** First line of each strip; null: it has none at this size. */
  readonly header: number;
  readonly ledger: number;
  readonly narration: number | null;
  readonly tabs: number | null;
  readonly areas: readonly Area[];
  readonly alert: number;
  readonly keys: number;
}

export const smallest = { columns: 60, rows: 15 } as const;
const columnsFrom = { columns: 112, rows: 30 } as const;
const detailFrom = 176;

export function layoutFor(columns: number, rows: number, contents: Contents, focused: PanelId): Layout {
  if (columns < smallest.columns || rows < smallest.rows) {
    return { kind: "too small", columns, rows, header: 0, ledger: 0, narration: null, tabs: null, areas: [], alert: 0, keys: 0 };
  }
  const isWide = columns >= columnsFrom.columns && rows >= columnsFrom.rows;
  const bottom = { alert: rows - 2, keys: rows - 1 };
  if (isWide) {
    const areas = columnAreas(columns, 3, rows - 5, contents);
    return { kind: "columns", columns, rows, header: 0, ledger: 1, narration: 2, tabs: null, areas, ...bottom };
  }
  return {
    kind: "tabs",
    columns,
    rows,
    header: 0,
    ledger: 1,
    narration: null,
    tabs: 2,
    areas: tabAreas(columns, 3, rows - 5, contents, focused),
    ...bottom,
  };
}

function needOf(id: PanelId, contents: Contents): number {
  switch (id) {
    case "brokers":
      return contents.brokers + 4;
    case "partitions":
      return contents.partitions + 3;
    case "producer":
      return contents.deques + Math.min(4, Math.max(1, contents.connections)) + 5;
    case "group":
      return Math.max(1, contents.members) + contents.groupPartitions + 4;
    case "events":
      return Number.POSITIVE_INFINITY;
  }
}

/** One panel at a time, the newest events under it when there is room. */
function tabAreas(columns: number, top: number, height: number, contents: Contents, focused: PanelId): Area[] {
  const need = needOf(focused, contents);
  const own = height - need >= 4 ? need : height;
  const areas: Area[] = [{ id: focused, left: 0, top, width: columns, height: own }];
  if (own < height) areas.push({ id: "events", left: 0, top: top + own, width: columns, height: height - own });
  return areas;
}

function columnAreas(columns: number, top: number, height: number, contents: Contents): Area[] {
  const left = needOf("brokers", contents) + needOf("partitions", contents);
  const right = needOf("producer", contents) + needOf("group", contents);
  const eventsAtLeast = Math.max(6, Math.min(10, Math.floor(height / 5)));
  const upper = Math.max(12, Math.min(Math.max(left, right), height - eventsAtLeast));
  const hasDetail = columns >= detailFrom;
  const detailWidth = hasDetail ? Math.min(64, Math.floor(columns * 0.28)) : 0;
  const rest = columns - detailWidth;
  const leftWidth = Math.min(92, Math.floor(rest * 0.485));
  const rightWidth = rest - leftWidth;

  const [brokers, partitions] = shareOut(upper, [needOf("brokers", contents), needOf("partitions", contents)], [6, 6]);
  const [producer] = shareOut(upper, [needOf("producer", contents), needOf("group", contents)], [8, 6]);
  const spare = upper - brokers! - partitions!;
  const ledger = spare >= 4 ? Math.min(spare, 4 + contents.groups) : 0;
  const partitionsHeight = partitions! + spare - ledger;
  const areas: Area[] = [
    { id: "brokers", left: 0, top, width: leftWidth, height: brokers! },
    { id: "partitions", left: 0, top: top + brokers!, width: leftWidth, height: partitionsHeight },
  ];
  if (ledger > 0) areas.push({ id: "ledger", left: 0, top: top + brokers! + partitionsHeight, width: leftWidth, height: ledger });
  areas.push({ id: "producer", left: leftWidth, top, width: rightWidth, height: producer! });
  areas.push({ id: "group", left: leftWidth, top: top + producer!, width: rightWidth, height: upper - producer! });
  if (hasDetail) areas.push({ id: "detail", left: rest, top, width: detailWidth, height: upper });
  areas.push({ id: "events", left: 0, top: top + upper, width: columns, height: height - upper });
  return areas;
}

/** Gives each what it needs; when that is too much, the largest gives way first, none below its least. */
function shareOut(total: number, needs: readonly number[], least: readonly number[]): number[] {
  const shares = needs.map((need, index) => Math.max(need, least[index]!));
  let over = shares.reduce((sum, share) => sum + share, 0) - total;
  while (over > 0) {
    let largest = -1;
    for (let index = 0; index < shares.length; index++) {
      if (shares[index]! > least[index]! && (largest < 0 || shares[index]! > shares[largest]!)) largest = index;
    }
    if (largest < 0) break;
    shares[largest]! -= 1;
    over -= 1;
  }
  return shares;
}
