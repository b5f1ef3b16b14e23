import { Box, Text, useInput } from "ink";
import SelectInput from "ink-select-input";
import { useMemo, useState } from "react";
import type { Command } from "../../kafka/protocol/commands.ts";
import { configDefinitions } from "../../kafka/protocol/config-catalogue.ts";
import { type DescribedConfig, describeConfig, describedConfigs, isModelled } from "../../kafka/protocol/modelled-configs.ts";
import { columnsOf, fit, type Line, span, wrap } from "../cell-text.ts";
import { paint, type Style, type Theme } from "../theme.ts";
import type { ConfigTarget } from "../view-model/frame-views.ts";
import { Block } from "../widgets/block.tsx";
import { framePanel } from "../widgets/panel-frame.ts";
import { PromptLine } from "./prompt-line.tsx";

interface ConfigsScreenProps {
  /** As it was when the list was opened: the order of the list. */
  readonly target: ConfigTarget;
  /** As it is now: the values. */
  readonly now: ConfigTarget;
  readonly top: number;
  readonly columns: number;
  readonly height: number;
  readonly theme: Theme;
  /** Returns Kafka's words against it; null: done. */
  readonly onCommand: (command: Command) => string | null;
  readonly onClose: () => void;
}

type Step = { readonly kind: "list" } | { readonly kind: "search" } | { readonly kind: "value"; readonly key: string };

/** `c` — the configs of one thing: those that samsa acts on first, what is set among them on top; `/` searches all that Kafka knows. */
export function ConfigsScreen({ target, now, top, columns, height, theme, onCommand, onClose }: ConfigsScreenProps) {
  const { words, glyphs } = theme;
  const [step, setStep] = useState<Step>({ kind: "list" });
  const [search, setSearch] = useState("");
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const [value, setValue] = useState("");
  const [edits, setEdits] = useState(0);
  const [message, setMessage] = useState<{ text: string; style: Style } | null>(null);

  const keys = useMemo(() => keysOf(target, search), [target, search]);
  const current = step.kind === "value" ? step.key : (keys.find((key) => key === highlighted) ?? keys[0] ?? null);
  const described = current === null ? null : describeConfig(target.scope, current);
  const isWide = columns >= 108;
  const detailWidth = isWide ? Math.min(60, Math.floor(columns * 0.4)) : columns - 4;
  const listWidth = isWide ? columns - detailWidth - 5 : columns - 4;
  const detailHeight = isWide ? height - 4 : 8;
  const listHeight = isWide ? height - 4 : Math.max(2, height - 4 - detailHeight);

  const change = (key: string, next: string | null): void => {
    const refusal = onCommand(commandFor(target, key, next));
    setMessage(
      refusal === null ? { text: `${key} = ${next ?? words.none}: ${words.done}`, style: "good" } : { text: refusal, style: "bad" },
    );
    if (refusal === null) setStep({ kind: "list" });
  };

  useInput((input, key) => {
    if (key.escape || key.meta) {
      setMessage(null);
      if (step.kind !== "list") setStep({ kind: "list" });
      else if (search !== "") setSearch("");
      else onClose();
    } else if (step.kind === "list" && input === "/") setStep({ kind: "search" });
    else if (step.kind === "value" && key.tab && described !== null && described.suggested.length > 0) {
      setValue(described.suggested[(described.suggested.indexOf(value) + 1) % described.suggested.length]!);
      setEdits(edits + 1);
    }
  });

  const open = (key: string): void => {
    setMessage(null);
    setHighlighted(key);
    setValue(now.set[key] ?? now.inherited[key] ?? describeConfig(target.scope, key)?.definition.default ?? "");
    setStep({ kind: "value", key });
  };

  const hint = step.kind === "value" ? words.valueHint : words.configHint;
  const frame = framePanel(
    {
      title: [span(`${words.configs} ${target.name}`, "title"), span(search === "" ? "" : `  /${search}`, "accent")],
      summary: [span(`${keys.length}`, "label")],
      lines: bodyLines({
        columns,
        isWide,
        listWidth,
        listHeight,
        height,
        detail: described === null ? [] : detailLines(described, target, detailWidth, theme),
        theme,
      }),
      selectedLine: null,
    },
    columns,
    height,
    true,
    theme,
  );
  const last = top + height - 2;
  const answer: Line = message === null ? [span(` ${hint}`, "faint")] : [span(` ${message.text}`, message.style)];
  return (
    <>
      <Block left={0} top={top} width={columns} height={height} text={frame} />
      <Box position="absolute" left={2} top={top + 1} width={listWidth} height={listHeight} overflow="hidden">
        <SelectInput
          items={keys.map((key) => ({ key, label: key, value: key }))}
          limit={listHeight}
          isFocused={step.kind === "list"}
          indicatorComponent={() => null}
          itemComponent={({ isSelected = false, label }) => (
            <Text wrap="truncate">
              {paint(fit(itemLine(label, now, isSelected, listWidth, theme), listWidth, "left", glyphs.more), theme, isSelected)}
            </Text>
          )}
          onHighlight={(item) => setHighlighted(item.value)}
          onSelect={(item) => open(item.value)}
        />
      </Box>
      <Block
        left={1}
        top={last}
        width={columns - 2}
        height={1}
        text={paint(fit(step.kind === "list" || message !== null ? answer : [], columns - 2, "left", glyphs.more), theme)}
      />
      {step.kind === "value" && message === null ? (
        <PromptLine
          key={edits}
          top={last}
          left={1}
          width={columns - 2}
          sign={`${step.key} =`}
          value={value}
          placeholder={hint}
          theme={theme}
          onChange={(next) => setValue(next)}
          onSubmit={(next) => change(step.key, next.trim() === "" ? null : next.trim())}
        />
      ) : null}
      {step.kind === "value" && message !== null ? <Dismiss onKey={() => setMessage(null)} /> : null}
      {step.kind === "search" ? (
        <PromptLine
          top={last}
          left={1}
          width={columns - 2}
          sign="/"
          value={search}
          placeholder={hint}
          theme={theme}
          onChange={setSearch}
          onSubmit={() => setStep({ kind: "list" })}
        />
      ) : null}
    </>
  );
}

/** A refusal stands until the next key; then the value can be corrected. */
function Dismiss({ onKey }: { readonly onKey: () => void }) {
  useInput(onKey);
  return null;
}

/** What is set first, then what samsa models; a search looks through everything that Kafka knows. */
function keysOf(target: ConfigTarget, search: string): string[] {
  const set = Object.keys(target.set).filter((key) => configDefinitions(target.scope).some((definition) => definition.key === key));
  const modelled = describedConfigs(target.scope).map((config) => config.definition.key);
  const all = configDefinitions(target.scope).filter((definition) => !definition.internal);
  const pool = search === "" ? [...set, ...modelled] : [...set, ...modelled, ...all.map((definition) => definition.key)];
  return [...new Set(pool)].filter((key) => key.includes(search.trim().toLowerCase()));
}

function itemLine(key: string, target: ConfigTarget, isSelected: boolean, width: number, theme: Theme): Line {
  const set = target.set[key];
  const shown = set ?? target.inherited[key] ?? describeConfig(target.scope, key)?.definition.default ?? null;
  const text = shown === null || shown === "" ? (shown === null ? theme.words.none : '""') : shown;
  const valueWidth = Math.min(28, Math.floor(width * 0.4));
  const style: Style = set !== undefined ? "accent" : isModelled(target.scope, key) ? "plain" : "faint";
  return [
    span(isSelected ? `${theme.glyphs.selected} ` : "  ", "accent"),
    ...fit([span(key, isModelled(target.scope, key) ? "plain" : "faint")], Math.max(8, width - valueWidth - 4), "left", theme.glyphs.more),
    span(" "),
    ...fit([span(text, style)], valueWidth, "left", theme.glyphs.more),
    span(set !== undefined ? " *" : "", "accent"),
  ];
}

function detailLines(described: DescribedConfig, target: ConfigTarget, width: number, theme: Theme): Line[] {
  const { words } = theme;
  const { definition } = described;
  const facts: [string, string][] = [
    [words.defaultValue, definition.default ?? words.none],
    [words.allowed, described.range],
    [words.takesEffect, effectText(described, target, theme)],
  ];
  const labelWidth = Math.max(...facts.map(([label]) => columnsOf(label)));
  const lines: Line[] = [[span(definition.key, "strong")], ...wrap(described.about, width).map((text): Line => [span(text)])];
  if (width >= 50 || theme.language === "en") lines.push([]);
  for (const [label, text] of facts) {
    wrap(text, width - labelWidth - 2).forEach((part, index) => {
      lines.push([...fit([span(index === 0 ? label : "", "label")], labelWidth), span("  "), span(part)]);
    });
  }
  return lines;
}

function effectText(described: DescribedConfig, target: ConfigTarget, theme: Theme): string {
  const { words } = theme;
  if (!isModelled(target.scope, described.definition.key)) return words.notModelled;
  if (target.scope === "producer" || target.scope === "consumer") return words.clientRestarts;
  return described.applies === "at once" ? words.atOnce : words.onRestart;
}

interface Body {
  readonly columns: number;
  readonly isWide: boolean;
  readonly listWidth: number;
  readonly listHeight: number;
  readonly height: number;
  readonly detail: readonly Line[];
  readonly theme: Theme;
}

/** The frame's inside without the list, which is drawn over it. */
function bodyLines({ columns, isWide, listWidth, listHeight, height, detail, theme }: Body): Line[] {
  const bar = theme.glyphs.border;
  const rows = height - 4;
  const lines: Line[] = [];
  for (let row = 0; row < rows; row++) {
    if (isWide) lines.push([span(" ".repeat(listWidth + 2)), span(bar.vertical, "border"), span(" "), ...(detail[row] ?? [])]);
    else if (row < listHeight) lines.push([]);
    else if (row === listHeight) lines.push([span(bar.horizontal.repeat(listWidth + 2), "border")]);
    else lines.push([span(" "), ...(detail[row - listHeight - 1] ?? [])]);
  }
  lines.push([span(bar.horizontal.repeat(columns - 2), "border")]);
  return lines;
}

function commandFor(target: ConfigTarget, key: string, value: string | null): Command {
  switch (target.scope) {
    case "topic":
      return { type: "alter-topic-config", topic: target.name, key, value };
    case "broker":
      return { type: "alter-broker-config", broker: Number(target.name), key, value };
    case "group":
      return { type: "alter-group-config", group: target.name, key, value };
    case "producer":
    case "consumer":
      return { type: "alter-client-config", client: target.name, key, value, restart: true };
  }
}
