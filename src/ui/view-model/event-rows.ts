export interface EventRow {
  readonly seq: number;
  readonly at: number;
  readonly node: string;
  readonly type: string;
  readonly text: string;
  readonly severity: "faint" | "plain" | "good" | "info" | "warn" | "bad";
}
