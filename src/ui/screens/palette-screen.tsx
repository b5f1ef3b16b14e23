import { useInput } from "ink";
import { useEffect, useRef, useState } from "react";
import type { Command } from "../../kafka/protocol/commands.ts";
import { commandDocumentation } from "../../kafka/protocol/commands.ts";
import { fit, type Line, span } from "../cell-text.ts";
import { commandTypes, complete, completionsOf, parseCommand, usageOf } from "../palette.ts";
import { paint, type Theme } from "../theme.ts";
import type { KnownNames } from "../view-model/frame-views.ts";
import { Block } from "../widgets/block.tsx";
import { framePanel } from "../widgets/panel-frame.ts";
import { PromptLine } from "./prompt-line.tsx";

interface PaletteScreenProps {
  readonly columns: number;
  readonly rows: number;
  readonly names: KnownNames;
  /** What was typed already. */
  readonly initial: string;
  readonly theme: Theme;
  /** Returns what the system says against it; null: done. */
  readonly onCommand: (command: Command) => string | null;
  readonly onClose: () => void;
}

const shownAtMost = 12;

/** `:` — every command of the catalogue, completed by tab; up brings back what was typed before. */
export function PaletteScreen({ columns, rows, names, initial, theme, onCommand, onClose }: PaletteScreenProps) {
  const [text, setText] = useState(initial.replaceAll(/\p{Cc}/gu, ""));
  const [message, setMessage] = useState<string | null>(null);
  // ink-text-input keeps its cursor where it was when the value changes from outside; a new one stands at the end.
  const [completed, setCompleted] = useState(0);
  const { words } = theme;

  useInput((_input, key) => {
    // With meta it is an escape and a key right after it.
    if (key.escape || key.meta) onClose();
    else if (key.tab) {
      setText(complete(text, names));
      setCompleted(completed + 1);
    }
  });

  const submit = (typed: string): void => {
    const parsed = typed.trim() === "" ? null : parseCommand(typed, names, words);
    const refusal = parsed === null ? null : parsed.ok ? onCommand(parsed.command) : parsed.message;
    if (refusal === null) onClose();
    else setMessage(refusal);
  };

  // A line that came in one piece with the colon is run by itself, once.
  const unrun = useRef(/[\r\n]/.test(initial));
  useEffect(() => {
    if (!unrun.current) return;
    unrun.current = false;
    submit(initial.split(/[\r\n]/)[0]!);
  });

  const lines = suggestions(text, names, theme);
  const height = Math.min(rows - 2, Math.min(lines.length, shownAtMost) + 3);
  const answer: Line = message === null ? [span(` ${words.paletteHint}`, "faint")] : [span(` ${theme.glyphs.cross} ${message}`, "bad")];
  const box = framePanel(
    { title: [span(words.palette, "title")], summary: [], lines: [...lines.slice(0, height - 3), answer], selectedLine: null },
    columns,
    height,
    true,
    theme,
  );
  return (
    <>
      <Block left={0} top={rows - 1 - height} width={columns} height={height} text={box} />
      <Block left={0} top={rows - 1} width={columns} height={1} text={paint(fit([], columns), theme)} />
      <PromptLine
        key={completed}
        top={rows - 1}
        width={columns}
        sign=":"
        value={text}
        theme={theme}
        onChange={(value) => {
          setText(value);
          setMessage(null);
        }}
        onSubmit={submit}
      />
    </>
  );
}

/** While the command itself is typed: the commands that begin so; then its usage and what could come next. */
function suggestions(text: string, names: KnownNames, theme: Theme): Line[] {
  const typed = text.replace(/^\s+/, "").split(/\s+/);
  const type = commandTypes.find((candidate) => candidate === typed[0]);
  if (type !== undefined && typed.length > 1) {
    const next = completionsOf(text, names);
    const usage: Line = [span(` ${usageOf(type)}`, "strong"), span(`   ${commandDocumentation[type].about[theme.language]}`, "label")];
    const candidates: Line[] = next.slice(0, shownAtMost - 1).map((name) => [span(`   ${name}`, "accent")]);
    return [usage, ...candidates];
  }
  const matching = commandTypes.filter((candidate) => candidate.startsWith(typed[0] ?? ""));
  return matching.map((candidate) => [
    span(" "),
    ...fit([span(candidate, "accent")], 21),
    ...fit([span(commandDocumentation[candidate].about[theme.language])], 50, "left", theme.glyphs.more),
    span(`  ${commandDocumentation[candidate].example}`, "faint"),
  ]);
}
