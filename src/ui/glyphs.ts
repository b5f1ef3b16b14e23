/** The shapes on the screen. The ASCII set is for fonts and terminals in which the others are missing or two columns wide. */
export interface Glyphs {
  readonly border: { topLeft: string; topRight: string; bottomLeft: string; bottomRight: string; horizontal: string; vertical: string };
  readonly selected: string;
  readonly more: string;
  readonly separator: string;
  readonly playing: string;
  readonly paused: string;
  readonly arrow: string;
  readonly alert: string;
  readonly cross: string;
  readonly check: string;
  readonly up: string;
  readonly fenced: string;
  readonly isolated: string;
  readonly starting: string;
  readonly active: string;
  readonly quote: string;
  readonly slotUsed: string;
  readonly slotFree: string;
  readonly bar: {
    readonly left: string;
    readonly right: string;
    readonly full: string;
    /** Eighths of a cell from none to seven; ASCII knows only none. */
    readonly parts: readonly string[];
    /** There, but not committed yet. */
    readonly pending: string;
    readonly empty: string;
  };
  readonly scroll: { thumb: string; track: string };
}

export const unicodeGlyphs: Glyphs = {
  border: { topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯", horizontal: "─", vertical: "│" },
  selected: "▸",
  more: "…",
  separator: "·",
  playing: "▶",
  paused: "‖",
  arrow: "→",
  alert: "▲",
  cross: "✖",
  check: "✓",
  up: "●",
  fenced: "▲",
  isolated: "⊘",
  starting: "◌",
  active: "◆",
  quote: "▍",
  slotUsed: "■",
  slotFree: "·",
  bar: { left: "▕", right: "▏", full: "█", parts: ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"], pending: "▒", empty: " " },
  scroll: { thumb: "┃", track: "│" },
};

export const asciiGlyphs: Glyphs = {
  border: { topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+", horizontal: "-", vertical: "|" },
  selected: ">",
  more: "~",
  separator: "-",
  playing: ">",
  paused: "||",
  arrow: ">",
  alert: "!",
  cross: "x",
  check: "v",
  up: "o",
  fenced: "!",
  isolated: "%",
  starting: "~",
  active: "*",
  quote: "|",
  slotUsed: "#",
  slotFree: ".",
  bar: { left: "[", right: "]", full: "#", parts: [""], pending: "=", empty: " " },
  scroll: { thumb: "#", track: "|" },
};
