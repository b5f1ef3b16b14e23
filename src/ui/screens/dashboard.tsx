import { Box, useApp, useInput, useWindowSize } from "ink";
import { useMemo, useRef, useSyncExternalStore } from "react";
import type { Command } from "../../kafka/protocol/commands.ts";
import { fit, type Line, span, wrap } from "../cell-text.ts";
import { handleKey, withFilter } from "../key-handling.ts";
import { keyNames } from "../key-names.ts";
import { appliesTo, bindingFor, type KeyContext, keymap, shownKey, titleOf } from "../keymap.ts";
import { type Layout, layoutFor, panelOrder, smallest } from "../layout.ts";
import { commandText } from "../palette.ts";
import { drawDetail } from "../panels/detail-panel.ts";
import { alertLine, headerLine, type KeyHint, keysLine, ledgerLine, narrationLine, tabsLine } from "../panels/strips.ts";
import { grainAt } from "../quantities.ts";
import type { Frame, Session } from "../session.ts";
import type { UiStore } from "../store.ts";
import { type Target, targetOf } from "../target.ts";
import { paint, type Theme } from "../theme.ts";
import { enter, type UiState } from "../ui-state.ts";
import type { FrameViews } from "../view-model/frame-views.ts";
import { Block } from "../widgets/block.tsx";
import { framePanel, type PanelContent } from "../widgets/panel-frame.ts";
import { fillIn } from "../words.ts";
import { ConfigsScreen } from "./configs-screen.tsx";
import { helpText } from "./help-text.ts";
import { PaletteScreen } from "./palette-screen.tsx";
import { contentsOf, panelText } from "./panel-texts.ts";
import { PromptLine } from "./prompt-line.tsx";

export type ViewsOf = (frame: Frame) => FrameViews;

export interface DashboardProps {
  readonly session: Session;
  readonly store: UiStore;
  readonly theme: Theme;
  readonly viewsOf: ViewsOf;
  /** Gives the terminal back and stops the process; resolves when it goes on. null: Ctrl-Z does nothing. */
  readonly suspend: (() => Promise<void>) | null;
}

export function Dashboard({ session, store, theme, viewsOf, suspend }: DashboardProps) {
  const { exit, suspendTerminal } = useApp();
  const { columns, rows } = useWindowSize();
  const subscribe = useMemo(() => (listener: () => void) => session.subscribe(listener), [session]);
  const frame = useSyncExternalStore(subscribe, () => session.frame());
  const state = useSyncExternalStore(store.subscribe, store.get);
  const views = useMemo(() => viewsOf(frame), [viewsOf, frame]);
  const layout = layoutFor(columns, rows, contentsOf(views, state), state.focused);
  const pageRows = useRef(10);
  const detailRowsBelow = useRef(0);
  pageRows.current = Math.max(1, (layout.areas.find((area) => area.id === state.focused)?.height ?? 12) - 3);

  const dispatch = (command: Command): string | null => {
    const alertSeq = newestAlert(session.frame());
    const outcome = session.dispatch(command);
    const text = outcome.ok ? `${commandText(command)}: ${theme.words.done}` : outcome.message;
    // What the command did is said by its alert; only a refusal outlasts it.
    store.update((now) => ({
      ...now,
      notice: { text, severity: outcome.ok ? "good" : "bad", alertSeq: outcome.ok ? alertSeq : Number.POSITIVE_INFINITY },
    }));
    return outcome.ok ? null : outcome.message;
  };

  const pressed = (key: string): void => {
    const now = store.get();
    const currentViews = viewsOf(session.frame());
    const context: KeyContext = {
      state: now,
      views: currentViews,
      target: targetOf(now.focused, currentViews, now),
      session,
      words: theme.words,
      pageRows: pageRows.current,
      detailRowsBelow: detailRowsBelow.current,
      update: store.update,
      dispatch: (command) => void dispatch(command),
      quit: () => exit(),
      suspend: () => {
        if (suspend !== null) void suspendTerminal(suspend);
      },
    };
    handleKey(key, context, theme.language);
  };

  useInput((input, key) => {
    const isTyping = ["filter", "palette", "configs"].includes(store.get().mode.kind);
    const names = keyNames(input, key);
    if (isTyping) {
      if (names[0] !== undefined) pressed(names[0]);
      return;
    }
    for (const [index, name] of names.entries()) {
      pressed(name);
      // What came in one piece with the colon is the command, with the slash the filter.
      const rest = [...input].slice(index + 1).join("");
      const { kind } = store.get().mode;
      if ((kind !== "palette" && kind !== "filter") || rest === "") continue;
      if (kind === "palette") store.update((now) => enter(now, { kind, text: rest }));
      else {
        store.update((now) => withFilter(now, rest.split(/[\r\n]/)[0]!));
        if (/[\r\n]/.test(rest)) store.update((now) => enter(now, { kind: "panels" }));
      }
      break;
    }
  });

  if (layout.kind === "too small") return <TooSmall columns={columns} rows={rows} theme={theme} />;
  const close = (): void => store.update((before) => enter(before, { kind: "panels" }));
  const grainMs = frame.paused ? 1 : grainAt(frame.speed);
  const bodyHeight = layout.alert - layout.ledger - 1;
  const { mode } = state;
  const detail = mode.kind === "detail" ? detailPanel(views, state, columns, bodyHeight, grainMs, theme) : null;
  const detailRows = detail?.scroll ?? null;
  detailRowsBelow.current = detailRows === null ? 0 : Math.max(0, detailRows.total - detailRows.visible);
  if (detail !== null) pageRows.current = Math.max(1, bodyHeight - 3);
  return (
    <Box width={columns} height={rows} overflow="hidden">
      <Strips layout={layout} views={views} state={state} grainMs={grainMs} theme={theme} />
      {mode.kind === "help" ? (
        <Block left={0} top={2} width={columns} height={bodyHeight} text={helpText(columns, bodyHeight, theme)} />
      ) : null}
      {detail !== null ? (
        <Block left={0} top={2} width={columns} height={bodyHeight} text={framePanel(detail, columns, bodyHeight, true, theme)} />
      ) : null}
      {mode.kind === "configs" ? (
        <ConfigsScreen
          target={mode.target}
          now={views.configs(targetOf(state.focused, views, state)) ?? mode.target}
          top={2}
          columns={columns}
          height={bodyHeight}
          theme={theme}
          onCommand={dispatch}
          onClose={close}
        />
      ) : null}
      {mode.kind === "help" || mode.kind === "detail" || mode.kind === "configs"
        ? null
        : layout.areas.map((area) => (
            <Block
              key={area.id}
              left={area.left}
              top={area.top}
              width={area.width}
              height={area.height}
              text={panelText(area, views, state, grainMs, theme)}
            />
          ))}
      {mode.kind === "palette" ? (
        <PaletteScreen
          columns={columns}
          rows={rows}
          names={views.names}
          initial={mode.text}
          theme={theme}
          onCommand={dispatch}
          onClose={close}
        />
      ) : null}
      {mode.kind === "filter" ? (
        <>
          <Block left={0} top={layout.keys} width={columns} height={1} text={paint(fit([], columns), theme)} />
          <PromptLine
            top={layout.keys}
            width={columns}
            sign="/"
            value={mode.panel === "events" ? state.eventFilter : state.partitionFilter}
            placeholder={theme.words.filterHint}
            theme={theme}
            onChange={(text) => store.update((before) => withFilter(before, text))}
            onSubmit={close}
          />
        </>
      ) : null}
    </Box>
  );
}

function newestAlert(frame: Frame): number {
  return frame.alerts[frame.alerts.length - 1]?.seq ?? -1;
}

function detailPanel(views: FrameViews, state: UiState, columns: number, height: number, grainMs: number, theme: Theme): PanelContent {
  const view = views.detail(targetOf(state.focused, views, state));
  const input = { width: columns - 2, height: height - 2, selectedId: null, isFocused: true, grainMs, theme };
  return drawDetail(view, input, state.mode.kind === "detail" ? state.mode.scroll : 0);
}

interface StripsProps {
  readonly layout: Layout;
  readonly views: FrameViews;
  readonly state: UiState;
  readonly grainMs: number;
  readonly theme: Theme;
}

function Strips({ layout, views, state, grainMs, theme }: StripsProps) {
  const { columns } = layout;
  const { words } = theme;
  const titles = [words.brokers, words.partitions, words.producer, words.groups, words.events];
  const isOver = state.mode.kind === "help" || state.mode.kind === "detail" || state.mode.kind === "configs";
  const strips: [number, Line][] = [
    [layout.header, headerLine(views.header, columns, grainMs, theme)],
    [layout.ledger, ledgerLine(views.ledger(), theme, columns)],
    [layout.alert, noticeLine(layout, views, state, theme)],
    [layout.keys, footerLine(views, state, columns, theme)],
  ];
  if (layout.narration !== null && !isOver) strips.push([layout.narration, narrationLine(views.header.narration, columns, theme)]);
  if (layout.tabs !== null && !isOver) strips.push([layout.tabs, tabsLine(titles, panelOrder.indexOf(state.focused), columns, theme)]);
  return strips.map(([top, line]) => (
    <Block key={top} left={0} top={top} width={columns} height={1} text={paint(fit(line, columns, "left", theme.glyphs.more), theme)} />
  ));
}

/** One line for what just happened: the answer to a command, else the newest alert; in small terminals the narration, too. */
function noticeLine(layout: Layout, views: FrameViews, state: UiState, theme: Theme): Line {
  const { glyphs } = theme;
  const { header } = views;
  if (state.mode.kind === "confirm") return [span(` ${glyphs.alert} ${state.mode.question}`, "bad")];
  if (state.notice !== null && state.notice.alertSeq >= (header.alert?.newestSeq ?? -1)) {
    const isGood = state.notice.severity === "good";
    return [span(` ${isGood ? glyphs.check : glyphs.cross} `, isGood ? "good" : "bad"), span(state.notice.text, isGood ? "good" : "bad")];
  }
  const isNarrator =
    layout.narration === null && header.narration !== null && (header.alert === null || header.now - header.alert.at > 5000);
  return isNarrator ? narrationLine(header.narration, layout.columns, theme) : alertLine(header, layout.columns, theme);
}

function footerLine(views: FrameViews, state: UiState, columns: number, theme: Theme): Line {
  const { words, language } = theme;
  if (state.mode.kind === "confirm") return [span(` ${words.confirm}`, "key")];
  const target = targetOf(state.focused, views, state);
  const hint = (key: string): KeyHint => hintOf(key, target, theme);
  if (state.mode.kind === "help" || state.mode.kind === "configs") return [span(` ${words.helpClose}`, "label")];
  const own = keymap
    .filter((binding) => binding.targets !== undefined && appliesTo(binding, target))
    .map((binding) => ({
      key: shownKey(binding),
      title: titleOf(binding, target)[language],
      isEnabled: (binding.disabled?.(target) ?? null) === null,
    }));
  const extra =
    state.focused === "events"
      ? [hint("/"), hint("v")]
      : state.focused === "partitions"
        ? [hint("/")]
        : state.focused === "producer"
          ? [hint("["), hint("]")]
          : [];
  if (state.mode.kind === "detail")
    return keysLine(
      [{ key: theme.ascii ? "up/down" : "↑↓", title: words.scroll, isEnabled: true }, ...own],
      [{ key: "esc", title: words.back, isEnabled: true }, hint("space"), hint("q")],
      columns,
      theme,
    );
  const general = ["enter", "n", ".", "+", "-"].map(hint);
  return keysLine([...own, ...extra, ...general], [hint("space"), hint("tab"), hint(":"), hint("?"), hint("q")], columns, theme);
}

function hintOf(key: string, target: Target, theme: Theme): KeyHint {
  const binding = bindingFor(key, target);
  return {
    key: binding === undefined ? key : binding.keys[0]!,
    title: binding === undefined ? "" : titleOf(binding, target)[theme.language],
    isEnabled: true,
  };
}

function TooSmall({ columns, rows, theme }: { readonly columns: number; readonly rows: number; readonly theme: Theme }) {
  const text = fillIn(theme.words.tooSmall, { w: smallest.columns, h: smallest.rows, cols: columns, rows });
  const width = Math.max(1, columns);
  const lines = wrap(text, width).slice(0, Math.max(1, rows));
  return (
    <Box width={width} height={Math.max(1, rows)} overflow="hidden">
      <Block
        left={0}
        top={0}
        width={width}
        height={lines.length}
        text={lines.map((part) => paint(fit([span(part)], width), theme)).join("\n")}
      />
    </Box>
  );
}
