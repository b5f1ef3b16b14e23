/**
 * How a screen looks for one person: colours, glyphs, language. One is made for each session; nothing here is global.
 * A style names what a text means; a palette says how that looks with 256 colours, with 16, and with none.
 */
import type { Line } from "./cell-text.ts";
import { asciiGlyphs, type Glyphs, unicodeGlyphs } from "./glyphs.ts";
import { type Language, type Words, wordsIn } from "./words.ts";

export type Style =
  | "plain"
  | "faint"
  | "label"
  | "strong"
  | "brand"
  | "accent"
  | "good"
  | "warn"
  | "bad"
  | "info"
  | "border"
  | "borderFocus"
  | "title"
  | "fill"
  | "fillSoft"
  | "fillGood"
  | "fillWarn"
  | "fillBad"
  | "key"
  | "selected";

export type ColourDepth = "none" | "sixteen" | "many";

export interface Theme {
  readonly depth: ColourDepth;
  readonly ascii: boolean;
  readonly glyphs: Glyphs;
  readonly language: Language;
  readonly words: Words;
}

type Palette = Record<Style, string>;

/** SGR parameters. Foregrounds of middle brightness, so that dark and light backgrounds both work. */
const manyColours: Palette = {
  plain: "",
  faint: "38;5;242",
  label: "38;5;246",
  strong: "1",
  brand: "1;38;5;215",
  accent: "38;5;80",
  good: "38;5;114",
  warn: "38;5;221",
  bad: "1;38;5;203",
  info: "38;5;110",
  border: "38;5;239",
  borderFocus: "38;5;73",
  title: "1;38;5;252",
  fill: "38;5;24",
  fillSoft: "38;5;60",
  fillGood: "38;5;30",
  fillWarn: "38;5;136",
  fillBad: "38;5;131",
  key: "1;38;5;80",
  selected: "1",
};

const sixteenColours: Palette = {
  plain: "",
  faint: "2",
  label: "2",
  strong: "1",
  brand: "1;33",
  accent: "36",
  good: "32",
  warn: "33",
  bad: "1;31",
  info: "34",
  border: "2",
  borderFocus: "36",
  title: "1",
  fill: "34",
  fillSoft: "2;34",
  fillGood: "32",
  fillWarn: "33",
  fillBad: "31",
  key: "1;36",
  selected: "1",
};

/** The stripe behind what is selected; with few colours the mark and bold text say it. */
const selectionBackground = "48;5;236";

export interface TerminalTraits {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  readonly ascii?: boolean | undefined;
}

export function createTheme({ env, language, ascii }: TerminalTraits): Theme {
  const useAscii = ascii ?? wantsAscii(env);
  return { depth: colourDepthOf(env), ascii: useAscii, glyphs: useAscii ? asciiGlyphs : unicodeGlyphs, language, words: wordsIn(language) };
}

/** NO_COLOR (any value but an empty one) outranks everything, as no-color.org asks. */
export function colourDepthOf(env: TerminalTraits["env"]): ColourDepth {
  if ((env.NO_COLOR ?? "") !== "") return "none";
  const terminal = env.TERM ?? "";
  if (terminal === "dumb") return "none";
  if (env.COLORTERM === "truecolor" || env.COLORTERM === "24bit") return "many";
  if (/256|kitty|ghostty|alacritty|wezterm|direct/.test(terminal)) return "many";
  return "sixteen";
}

/** SAMSA_ASCII switches by hand; a locale that is not UTF-8, a dumb terminal and the Linux console have few glyphs. */
export function wantsAscii(env: TerminalTraits["env"]): boolean {
  const byHand = env.SAMSA_ASCII ?? "";
  if (byHand !== "") return byHand !== "0";
  if (env.TERM === "dumb" || env.TERM === "linux") return true;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  return locale !== undefined && !/utf-?8/i.test(locale);
}

export function paint(parts: Line, theme: Theme, isSelected = false): string {
  if (theme.depth === "none") return parts.map((part) => part.text).join("");
  const palette = theme.depth === "many" ? manyColours : sixteenColours;
  const behind = isSelected && theme.depth === "many" ? selectionBackground : "";
  let painted = "";
  let open = "";
  for (const part of parts) {
    if (part.text === "") continue;
    const own = palette[part.style];
    const codes = behind === "" ? own : own === "" ? `38;5;253;${behind}` : `${own};${behind}`;
    if (codes !== open) {
      // Spaces look the same in every foreground: no need to change it for them.
      const blank = behind === "" && open !== "" && part.text.trim() === "";
      if (!blank) {
        if (open !== "") painted += "\u001B[0m";
        if (codes !== "") painted += `\u001B[${codes}m`;
        open = codes;
      }
    }
    painted += part.text;
  }
  return open === "" ? painted : `${painted}\u001B[0m`;
}
