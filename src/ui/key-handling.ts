import type { Command } from "../kafka/protocol/commands.ts";
import { bindingFor, type KeyContext, titleOf } from "./keymap.ts";
import { enter, select, type UiState } from "./ui-state.ts";
import type { Language } from "./words.ts";

/** What a key does in the mode that the screen is in. Palette and config list listen for themselves. */
export function handleKey(key: string, context: KeyContext, language: Language): void {
  const { mode, notice } = context.state;
  if (notice !== null) context.update((state) => ({ ...state, notice: null }));
  if (key === "ctrl+c") {
    context.quit();
    return;
  }
  if (key === "ctrl+z") {
    context.suspend();
    return;
  }
  switch (mode.kind) {
    case "panels":
      handleInPanels(key, context, language);
      break;
    case "help":
      handleOverPanels(key, context, language);
      break;
    case "detail":
      if (scrolls.has(key)) scrollDetail(key, mode.scroll, context);
      else handleOverPanels(key, context, language);
      break;
    case "confirm":
      handleConfirmation(key, context, mode.command);
      break;
    case "filter":
      if (key === "esc") context.update((state) => enter(withFilter(state, ""), { kind: "panels" }));
      break;
    default:
      break;
  }
}

export function withFilter(state: UiState, text: string): UiState {
  if (state.mode.kind === "filter" && state.mode.panel === "partitions") return { ...state, partitionFilter: text };
  return { ...select(state, "events", null), eventFilter: text };
}

function handleInPanels(key: string, context: KeyContext, language: Language): void {
  const binding = bindingFor(key, context.target);
  if (binding === undefined) return;
  const reason = binding.disabled?.(context.target) ?? null;
  if (reason === null) {
    binding.act(context);
    return;
  }
  const text = `${titleOf(binding, context.target)[language]}: ${reason[language]}`;
  context.update((state) => ({ ...state, notice: { text, severity: "bad", alertSeq: Number.POSITIVE_INFINITY } }));
}

const leaves: ReadonlySet<string> = new Set(["esc", "enter", "?", "q"]);

/** Over the help and the details time goes on, and can be steered. */
function handleOverPanels(key: string, context: KeyContext, language: Language): void {
  if (leaves.has(key)) context.update((state) => enter(state, { kind: "panels" }));
  else if (key !== "tab" && key !== "shift+tab") handleInPanels(key, context, language);
}

const scrolls: ReadonlySet<string> = new Set(["up", "k", "down", "j", "pageup", "pagedown", "home", "g", "end", "G"]);

function scrollDetail(key: string, from: number, { pageRows, detailRowsBelow, update }: KeyContext): void {
  const by: Record<string, number> = { up: -1, k: -1, down: 1, j: 1, pageup: -pageRows, pagedown: pageRows };
  const to = key === "home" || key === "g" ? 0 : key === "end" || key === "G" ? detailRowsBelow : from + by[key]!;
  update((state) => enter(state, { kind: "detail", scroll: Math.max(0, Math.min(detailRowsBelow, to)) }));
}

function handleConfirmation(key: string, context: KeyContext, command: Command): void {
  if (key !== "y" && key !== "n" && key !== "esc") return;
  context.update((state) => enter(state, { kind: "panels" }));
  if (key === "y") context.dispatch(command);
}
