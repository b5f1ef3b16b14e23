import type { Ledger } from "../../ledger/ledger.ts";
import { totalsOf } from "../../ledger/queries.ts";

export interface GroupCounts {
  readonly group: string;
  /** Processed once. */
  readonly read: number;
  readonly twice: number;
  readonly skipped: number;
  readonly notYet: number;
}

export interface LedgerView {
  readonly sent: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly pending: number;
  readonly failed: number;
  readonly failedYetReadable: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** In the log and below the high watermark; above it; deleted by retention. */
  readonly readable: number;
  readonly aboveHighWatermark: number;
  readonly gone: number;
  readonly groups: readonly GroupCounts[];
}

export function ledgerView(ledger: Ledger): LedgerView {
  const totals = totalsOf(ledger);
  return {
    sent: totals.sent,
    acknowledged: totals.acknowledged,
    lost: totals.lost,
    pending: totals.pending,
    failed: totals.failed,
    failedYetReadable: totals.failedYetReadable,
    duplicated: totals.duplicated,
    reordered: totals.reordered,
    readable: totals.readable,
    aboveHighWatermark: totals.notReadable,
    gone: totals.gone,
    groups: Object.keys(totals.groups).map((group) => {
      const { once, moreThanOnce, skipped, notYet } = totals.groups[group]!;
      return { group, read: once, twice: moreThanOnce, skipped, notYet };
    }),
  };
}
