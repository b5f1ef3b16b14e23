import type { Theme } from "../theme.ts";

/** What every panel is drawn with besides its view: its inside, what is selected, and how finely time is told. */
export interface PanelInput {
  readonly width: number;
  readonly height: number;
  readonly selectedId: string | null;
  readonly isFocused: boolean;
  readonly grainMs: number;
  readonly theme: Theme;
}
