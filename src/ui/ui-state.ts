import type { Command } from "../kafka/protocol/commands.ts";
import type { PanelId } from "./layout.ts";
import type { ConfigTarget } from "./view-model/frame-views.ts";

/** What a person has opened, selected and typed: all that the screen remembers between frames. */
export interface UiState {
  readonly focused: PanelId;
  readonly selected: Readonly<Record<PanelId, string | null>>;
  /** Which producer and group the panels show; null: the first. */
  readonly producer: string | null;
  readonly group: string | null;
  readonly eventFilter: string;
  /** The event log shows routine, too. */
  readonly everyEvent: boolean;
  readonly partitionFilter: string;
  readonly mode: Mode;
  /** The answer to the last command; it stands until the next key. */
  readonly notice: Notice | null;
}

export type Mode =
  | { readonly kind: "panels" }
  | { readonly kind: "help" }
  | { readonly kind: "detail"; readonly scroll: number }
  | { readonly kind: "palette"; readonly text: string }
  | { readonly kind: "filter"; readonly panel: "events" | "partitions" }
  | { readonly kind: "configs"; readonly target: ConfigTarget }
  | { readonly kind: "confirm"; readonly question: string; readonly command: Command };

export interface Notice {
  readonly text: string;
  readonly severity: "good" | "bad";
  /** The newest alert when it was given: what is newer takes its place. */
  readonly alertSeq: number;
}

export const initialUiState: UiState = {
  focused: "brokers",
  selected: { brokers: null, partitions: null, producer: null, group: null, events: null },
  producer: null,
  group: null,
  eventFilter: "",
  everyEvent: false,
  partitionFilter: "",
  mode: { kind: "panels" },
  notice: null,
};

export function select(state: UiState, panel: PanelId, id: string | null): UiState {
  return { ...state, selected: { ...state.selected, [panel]: id } };
}

export function enter(state: UiState, mode: Mode): UiState {
  return { ...state, mode };
}
