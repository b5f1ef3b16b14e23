import { type Line, type Span, span } from "../cell-text.ts";
import type { PanelInput } from "../panels/panel-input.ts";
import type { Style, Theme } from "../theme.ts";
import type { NodeHealth } from "../view-model/broker-rows.ts";
import type { Words } from "../words.ts";

/** The mark of the selected row: bright in the panel that has the keys, faint elsewhere. */
export function selectionMark(isSelected: boolean, input: PanelInput): Span {
  if (!isSelected) return span("  ");
  return span(`${input.theme.glyphs.selected} `, input.isFocused ? "accent" : "faint");
}

export function healthStyle(health: NodeHealth): Style {
  if (health === "up") return "good";
  return health === "starting" || health === "stopping" || health === "paused" ? "warn" : "bad";
}

export function healthGlyph(health: NodeHealth, theme: Theme): string {
  const { glyphs } = theme;
  switch (health) {
    case "up":
      return glyphs.up;
    case "down":
      return glyphs.cross;
    case "fenced":
      return glyphs.fenced;
    case "paused":
      return glyphs.paused;
    case "isolated":
      return glyphs.isolated;
    case "starting":
    case "stopping":
      return glyphs.starting;
  }
}

export function healthText(health: NodeHealth, words: Words): string {
  return words[health];
}

export function labelled(label: string, value: string, style: Style = "plain"): Line {
  return [span(`${label} `, "label"), span(value, style)];
}

/** Joins parts with a gap, leaving out empty ones. */
export function withGaps(parts: readonly Line[], gap = "  "): Line {
  const kept = parts.filter((part) => part.length > 0);
  return kept.flatMap((part, index) => (index === 0 ? part : [span(gap), ...part]));
}
