/** Every key of the dashboard, as data: the footer, the help overlay and the README's table are made from it. */
import type { Command } from "../kafka/protocol/commands.ts";
import { panelOrder } from "./layout.ts";
import type { Session } from "./session.ts";
import { healthOfTarget, nodeOfTarget, rowIds, selectedId, type Target, type TargetKind } from "./target.ts";
import { enter, select, type UiState } from "./ui-state.ts";
import type { FrameViews } from "./view-model/frame-views.ts";
import { type Bilingual, fillIn, type Words } from "./words.ts";

export interface KeyBinding {
  /** As keyName() names them; the first is the one that is shown unless `shown` says otherwise. */
  readonly keys: readonly string[];
  readonly shown?: string;
  readonly title: Bilingual;
  /** What it would do now, when that is less than the title says. */
  readonly titleNow?: (target: Target) => Bilingual;
  readonly group: KeyGroup;
  /** Kinds of target that it applies to; absent: always. */
  readonly targets?: readonly TargetKind[];
  /** Why it does nothing now; null: it works. */
  readonly disabled?: (target: Target) => Bilingual | null;
  readonly act: (context: KeyContext) => void;
}

export type KeyGroup = "node" | "kafka" | "time" | "screen";

export interface KeyContext {
  readonly state: UiState;
  readonly views: FrameViews;
  readonly target: Target;
  readonly session: Session;
  readonly words: Words;
  readonly pageRows: number;
  /** How far the inspector can be scrolled. */
  readonly detailRowsBelow: number;
  update(change: (state: UiState) => UiState): void;
  dispatch(command: Command): void;
  quit(): void;
  suspend(): void;
}

const nodes: readonly TargetKind[] = ["broker", "controller", "producer", "member"];

const reasons = {
  down: { en: "already down", ko: "이미 다운" },
  up: { en: "already up", ko: "이미 실행 중" },
  notUp: { en: "it is down", ko: "다운 상태" },
  noLeader: { en: "it has no leader", ko: "리더 없음" },
} satisfies Record<string, Bilingual>;

const whenDown = (target: Target): Bilingual | null => (healthOfTarget(target) === "down" ? reasons.down : null);
const whenNotDown = (target: Target): Bilingual | null => (healthOfTarget(target) === "down" ? null : reasons.up);

function nodeCommand(make: (node: string, target: Target) => Command): (context: KeyContext) => void {
  return (context) => {
    const node = nodeOfTarget(context.target);
    if (node !== null) context.dispatch(make(node, context.target));
  };
}

function move(by: number): (context: KeyContext) => void {
  return ({ state, views, update }) => {
    const ids = rowIds(state.focused, views, state);
    if (ids.length === 0) return;
    const current = selectedId(state.focused, views, state);
    const index = current === null ? ids.length : ids.indexOf(current);
    const next = Math.min(ids.length - 1, Math.max(0, index + by));
    // At its end the event log follows time again.
    const isFollowing = state.focused === "events" && index + by >= ids.length;
    update((now) => select(now, state.focused, isFollowing ? null : ids[next]!));
  };
}

function turn(by: number): (context: KeyContext) => void {
  return ({ state, views, update }) => {
    const next = (names: readonly string[], current: string | null): string | null =>
      names.length === 0 ? null : names[(Math.max(0, names.indexOf(current ?? names[0]!)) + by + names.length) % names.length]!;
    if (state.focused === "producer")
      update((now) => ({ ...select(now, "producer", null), producer: next(views.producerNames, now.producer) }));
    else if (state.focused === "group") update((now) => ({ ...select(now, "group", null), group: next(views.groupNames, now.group) }));
    else move(by)({ state, views, update } as KeyContext);
  };
}

function focus(by: number): (context: KeyContext) => void {
  return ({ update }) =>
    update((state) => ({
      ...state,
      focused: panelOrder[(panelOrder.indexOf(state.focused) + by + panelOrder.length) % panelOrder.length]!,
    }));
}

const loadSteps = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

function changeLoad(by: 1 | -1): (context: KeyContext) => void {
  return ({ state, views, dispatch }) => {
    const producer = views.producer(state.producer);
    if (producer === null || producer.recordsPerSecond === null) return;
    const now = producer.recordsPerSecond;
    const next = by > 0 ? loadSteps.find((step) => step > now) : [...loadSteps].reverse().find((step) => step < now);
    if (next !== undefined) dispatch({ type: "change-load", producer: producer.name, recordsPerSecond: next });
  };
}

export const keymap: readonly KeyBinding[] = [
  {
    keys: ["x"],
    group: "node",
    targets: nodes,
    title: { en: "kill", ko: "강제 종료" },
    disabled: whenDown,
    act: nodeCommand((node) => ({ type: "kill", node })),
  },
  {
    keys: ["r"],
    group: "node",
    targets: nodes,
    title: { en: "start", ko: "시작" },
    disabled: whenNotDown,
    act: nodeCommand((node) => ({ type: "start", node })),
  },
  {
    keys: ["S"],
    group: "node",
    targets: nodes,
    title: { en: "stop", ko: "정상 종료" },
    disabled: whenDown,
    act: nodeCommand((node) => ({ type: "stop", node })),
  },
  {
    keys: ["p"],
    group: "node",
    targets: nodes,
    title: { en: "hang/resume", ko: "멈춤/재개" },
    titleNow: (target) => (healthOfTarget(target) === "paused" ? { en: "resume", ko: "재개" } : { en: "hang", ko: "멈춤" }),
    disabled: whenDown,
    act: nodeCommand((node, target) => ({ type: healthOfTarget(target) === "paused" ? "resume" : "pause", node })),
  },
  {
    keys: ["i"],
    group: "node",
    targets: nodes,
    title: { en: "isolate/rejoin", ko: "고립/해제" },
    titleNow: (target) => (healthOfTarget(target) === "isolated" ? { en: "rejoin", ko: "고립 해제" } : { en: "isolate", ko: "고립" }),
    act: nodeCommand((node, target) => ({ type: healthOfTarget(target) === "isolated" ? "rejoin" : "isolate", node })),
  },
  {
    keys: ["c"],
    group: "kafka",
    targets: ["broker", "partition", "producer", "member", "group"],
    title: { en: "configs", ko: "설정" },
    act: ({ views, target, update }) => {
      const configs = views.configs(target);
      if (configs !== null) update((state) => enter(state, { kind: "configs", target: configs }));
    },
  },
  {
    keys: ["a"],
    group: "kafka",
    targets: ["producer", "member", "group"],
    title: { en: "add a producer/consumer", ko: "프로듀서/컨슈머 추가" },
    titleNow: (target) =>
      target.kind === "producer" ? { en: "add producer", ko: "프로듀서 추가" } : { en: "add consumer", ko: "컨슈머 추가" },
    act: ({ target, dispatch }) => {
      if (target.kind === "producer") dispatch({ type: "add-producer", like: target.view.name, name: null, configs: {} });
      else if (target.kind === "member" || target.kind === "group")
        dispatch({ type: "add-consumer", group: target.group.name, name: null, configs: {} });
    },
  },
  {
    keys: ["d"],
    group: "kafka",
    targets: ["member"],
    title: { en: "remove", ko: "제거" },
    act: nodeCommand((node) => ({ type: "remove-consumer", consumer: node })),
  },
  {
    keys: ["b"],
    group: "kafka",
    targets: ["member", "group"],
    title: { en: "rebalance", ko: "리밸런스" },
    act: ({ target, dispatch }) => {
      if (target.kind === "member" || target.kind === "group") dispatch({ type: "trigger-rebalance", group: target.group.name });
    },
  },
  {
    keys: ["e"],
    group: "kafka",
    targets: ["partition"],
    title: { en: "elect preferred", ko: "preferred 선출" },
    act: ({ target, dispatch }) => {
      if (target.kind === "partition")
        dispatch({ type: "elect-leader", topic: target.row.topic, partition: target.row.partition, kind: "preferred" });
    },
  },
  {
    keys: ["u"],
    group: "kafka",
    targets: ["partition"],
    title: { en: "elect unclean", ko: "unclean 선출" },
    act: ({ target, update, words }) => {
      if (target.kind !== "partition") return;
      const command: Command = { type: "elect-leader", topic: target.row.topic, partition: target.row.partition, kind: "unclean" };
      update((state) => enter(state, { kind: "confirm", question: fillIn(words.uncleanQuestion, { what: target.row.id }), command }));
    },
  },
  { keys: ["["], group: "kafka", title: { en: "less load", ko: "부하 감소" }, act: changeLoad(-1) },
  { keys: ["]"], group: "kafka", title: { en: "more load", ko: "부하 증가" }, act: changeLoad(1) },

  { keys: ["space"], group: "time", title: { en: "pause", ko: "일시정지" }, act: ({ session }) => session.togglePause() },
  { keys: ["."], group: "time", title: { en: "step", ko: "한 단계" }, act: ({ session }) => session.step() },
  { keys: ["n"], group: "time", title: { en: "next event", ko: "다음 주요 이벤트" }, act: ({ session }) => session.jumpToNextEvent() },
  {
    keys: ["+", "="],
    group: "time",
    title: { en: "faster", ko: "빠르게" },
    act: ({ session }) => session.setSpeed(Math.min(session.speeds.length - 1, session.frame().speedIndex + 1)),
  },
  {
    keys: ["-"],
    group: "time",
    title: { en: "slower", ko: "느리게" },
    act: ({ session }) => session.setSpeed(Math.max(0, session.frame().speedIndex - 1)),
  },

  { keys: ["up", "k"], shown: "↑ k", group: "screen", title: { en: "up", ko: "위" }, act: move(-1) },
  { keys: ["down", "j"], shown: "↓ j", group: "screen", title: { en: "down", ko: "아래" }, act: move(1) },
  {
    keys: ["left", "h"],
    shown: "← h",
    group: "screen",
    title: { en: "previous producer or group", ko: "이전 프로듀서/그룹" },
    act: turn(-1),
  },
  { keys: ["right", "l"], shown: "→ l", group: "screen", title: { en: "next producer or group", ko: "다음 프로듀서/그룹" }, act: turn(1) },
  {
    keys: ["pageup"],
    shown: "PgUp",
    group: "screen",
    title: { en: "a page up", ko: "한 쪽 위" },
    act: (context) => move(-context.pageRows)(context),
  },
  {
    keys: ["pagedown"],
    shown: "PgDn",
    group: "screen",
    title: { en: "a page down", ko: "한 쪽 아래" },
    act: (context) => move(context.pageRows)(context),
  },
  { keys: ["home", "g"], shown: "Home g", group: "screen", title: { en: "first", ko: "처음" }, act: move(Number.NEGATIVE_INFINITY) },
  { keys: ["end", "G"], shown: "End G", group: "screen", title: { en: "last", ko: "마지막" }, act: move(Number.POSITIVE_INFINITY) },
  { keys: ["tab"], group: "screen", title: { en: "panel", ko: "패널" }, act: focus(1) },
  { keys: ["shift+tab"], group: "screen", title: { en: "previous panel", ko: "이전 패널" }, act: focus(-1) },
  ...panelOrder.map(
    (panel, index): KeyBinding => ({
      keys: [String(index + 1)],
      group: "screen",
      title: {
        en: `go to ${{ brokers: "brokers", partitions: "partitions", producer: "producer", group: "groups", events: "events" }[panel]}`,
        ko: `${{ brokers: "브로커", partitions: "파티션", producer: "프로듀서", group: "그룹", events: "이벤트" }[panel]}로 이동`,
      },
      act: ({ update }) => update((state) => ({ ...state, focused: panel })),
    }),
  ),
  {
    keys: ["enter"],
    group: "screen",
    title: { en: "inspect", ko: "상세" },
    act: ({ target, update }) => {
      if (target.kind !== "nothing") update((state) => enter(state, { kind: "detail", scroll: 0 }));
    },
  },
  {
    keys: ["esc"],
    group: "screen",
    title: { en: "back", ko: "뒤로" },
    act: ({ update }) =>
      update((state) =>
        state.focused === "events"
          ? { ...select(state, "events", null), eventFilter: "" }
          : state.focused === "partitions"
            ? { ...state, partitionFilter: "" }
            : state,
      ),
  },
  {
    keys: ["/"],
    group: "screen",
    title: { en: "filter", ko: "필터" },
    act: ({ update }) =>
      update((state) => {
        const panel = state.focused === "partitions" ? "partitions" : "events";
        return enter({ ...state, focused: panel }, { kind: "filter", panel });
      }),
  },
  {
    keys: ["v"],
    group: "screen",
    title: { en: "every event/main events", ko: "모든/주요 이벤트" },
    titleNow: () => ({ en: "every event", ko: "모든 이벤트" }),
    act: ({ update }) => update((state) => ({ ...select(state, "events", null), everyEvent: !state.everyEvent })),
  },
  {
    keys: [":"],
    group: "screen",
    title: { en: "command", ko: "명령" },
    act: ({ update }) => update((state) => enter(state, { kind: "palette", text: "" })),
  },
  {
    keys: ["?"],
    group: "screen",
    title: { en: "help", ko: "도움말" },
    act: ({ update }) => update((state) => enter(state, { kind: "help" })),
  },
  {
    keys: ["ctrl+z"],
    shown: "^Z",
    group: "screen",
    title: { en: "to the shell (fg comes back)", ko: "셸로 (fg로 복귀)" },
    act: ({ suspend }) => suspend(),
  },
  { keys: ["q", "ctrl+c"], group: "screen", title: { en: "quit", ko: "종료" }, act: ({ quit }) => quit() },
];

/** What the key does to this target. */
export function titleOf(binding: KeyBinding, target: Target): Bilingual {
  return binding.titleNow?.(target) ?? binding.title;
}

export function shownKey(binding: KeyBinding): string {
  return binding.shown ?? binding.keys[0]!;
}

export function bindingFor(key: string, target: Target): KeyBinding | undefined {
  return keymap.find((binding) => binding.keys.includes(key) && appliesTo(binding, target));
}

export function appliesTo(binding: KeyBinding, target: Target): boolean {
  return binding.targets === undefined || binding.targets.includes(target.kind);
}

const groupTitles: Record<KeyGroup, Bilingual> = {
  node: { en: "The selected node", ko: "선택한 노드" },
  kafka: { en: "Kafka", ko: "Kafka" },
  time: { en: "Time", ko: "시간" },
  screen: { en: "Screen", ko: "화면" },
};

export const keyGroups: readonly { readonly group: KeyGroup; readonly title: Bilingual; readonly bindings: readonly KeyBinding[] }[] = (
  ["node", "kafka", "time", "screen"] as const
).map((group) => ({ group, title: groupTitles[group], bindings: keymap.filter((binding) => binding.group === group) }));

const targetTitles: Record<TargetKind, string> = {
  broker: "broker",
  controller: "controller",
  partition: "partition",
  producer: "producer",
  member: "consumer",
  group: "group",
  event: "event",
  nothing: "",
};

/** The table of the README. */
export function keyTableMarkdown(): string {
  const rows = keyGroups.flatMap(({ title, bindings }) =>
    bindings.map((binding) => {
      const on = binding.targets?.map((kind) => targetTitles[kind]).join(", ") ?? "";
      return `| ${title.en} | \`${shownKey(binding).replaceAll("|", "\\|")}\` | ${binding.title.en} | ${on} |`;
    }),
  );
  return ["| | key | does | on |", "|---|---|---|---|", ...rows].join("\n");
}
