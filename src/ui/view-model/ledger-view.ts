export interface GroupCounts {
  readonly group: string;
  readonly read: number;
  readonly twice: number;
  readonly skipped: number;
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
  readonly groups: readonly GroupCounts[];
}
