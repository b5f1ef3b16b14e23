import { describe, expect, test } from "vitest";
import { textOf } from "../../src/ui/cell-text.ts";
import { drawBrokers } from "../../src/ui/panels/brokers-panel.ts";
import { drawEvents } from "../../src/ui/panels/events-panel.ts";
import { drawGroup } from "../../src/ui/panels/group-panel.ts";
import type { PanelInput } from "../../src/ui/panels/panel-input.ts";
import { drawPartitions } from "../../src/ui/panels/partitions-panel.ts";
import { drawProducer } from "../../src/ui/panels/producer-panel.ts";
import { createTheme } from "../../src/ui/theme.ts";
import { eventRows } from "../../src/ui/view-model/event-rows.ts";
import { barScale, logBar } from "../../src/ui/widgets/bar.ts";
import type { PanelContent } from "../../src/ui/widgets/panel-frame.ts";
import { brokers, events, group, partitions, producer } from "./hand-made-views.ts";

const theme = createTheme({ env: { NO_COLOR: "1" }, language: "en" });
const inside = (changes: Partial<PanelInput> = {}): PanelInput => ({
  width: 66,
  height: 12,
  selectedId: null,
  isFocused: true,
  grainMs: 1,
  theme,
  ...changes,
});
const linesOf = (content: PanelContent): string[] => content.lines.map((line) => textOf(line).trimEnd());

describe("bars of logs", () => {
  const bar = (logEndOffset: number, highWatermark: number, isExact = true): string =>
    textOf(logBar({ start: 0, end: 80, highWatermark, logEndOffset }, 8, "fill", "fillWarn", isExact, theme));

  test("what is committed is solid, what waits for the ISR is shaded, what a replica lacks is empty", () => {
    expect(bar(80, 80)).toBe("████████");
    expect(bar(80, 50)).toBe("█████▒▒▒");
    expect(bar(40, 40)).toBe("████    ");
    expect(bar(45, 45)).toBe("████▌   ");
    expect(bar(0, 0)).toBe("        ");
  });

  test("on the leader a single uncommitted record shows; a follower's late high watermark does not", () => {
    expect(bar(80, 79)).toBe("███████▒");
    expect(bar(80, 79, false)).toBe("████████");
  });

  test("the scale grows in steps of four, so that it seldom moves", () => {
    expect([0, 50, 52, 200, 205].map(barScale)).toEqual([64, 64, 256, 256, 1024]);
  });
});

describe("panels", () => {
  test("brokers: state by shape and word, the heartbeat's age on its way to the session timeout", () => {
    expect(linesOf(drawBrokers(brokers, inside({ selectedId: "2" })))).toMatchInlineSnapshot(`
      [
        "   node state                       leads   in sync  heartbeat",
        "   1    ● up                            3    6 of 6  ▏     300 ms",
        "▸  2    ▲ fenced 400 ms                 0    0 of 6  █████  9.0 s",
        "   3    ● up                            3    6 of 6  █      1.9 s",
        "  controllers  101 ◆ active  102  103",
      ]
    `);
  });

  test("partitions: leader and epoch, ISR, and a bar for each replica on one scale", () => {
    expect(linesOf(drawPartitions(partitions, inside()))).toMatchInlineSnapshot(`
      [
        "   p   leader ISR    1              2              3",
        "   0   1·4    1,3   L█████▒  2,013 ✖████▎     -70  █████▊     -9",
        "   1   3·5    1,3    ██████        ✖████▍     -66 L██████  1,990",
        "   2   3·4    1,3    █████▉     -4 ✖███▏     -120 L█████▒  2,040",
        "   3   1·4    1,3   L██████  1,998 ✖███▉      -88  ██████",
        "   4   3·5    1,3    █████▊     -6 ✖████▌     -61 L█████▒  2,002",
        "   5   1·4    1,3   L██████  1,997 ✖███▉      -90  ██████",
      ]
    `);
  });

  test("producer: memory, deques with each batch's state, slots of each connection", () => {
    expect(linesOf(drawProducer(producer, inside({ width: 72, height: 13 })))).toMatchInlineSnapshot(`
      [
        "  memory ▕▌           ▏ 1.2 of 32 MB           sender backing off 62 ms",
        "  p     batches, oldest first                                   delivery",
        "  0 → 1 ▕████▏16.0k sending 2 ms   ▕█▌  ▏ 6.1k linger 3 ms          2:00",
        "  1 → 3 ▕████▏16.0k retry 2 62 ms  ▕███▉▏15.6k ready            +1  1:52",
        "  2 → 3 ▕▎   ▏ 1.0k linger 5 ms                                     2:00",
        "  3 → 1 ·",
        "  4 → 3 ·",
        "  5 → 1 ▕███ ▏11.8k sending 2 ms                                    2:00",
        "  in flight                                           request.timeout.ms",
        "   1 [■■···] #118  p 0,5  280 rec                     ▏    2 ms of 30 s",
        "   2 [·····] ◌ backs off 780 ms",
        "   3 [■····] #120  p 4  21 rec  retry 1             █▋   12.4 s of 30 s",
      ]
    `);
  });

  test("group: countdowns of each member, then where each partition is read", () => {
    expect(linesOf(drawGroup(group, inside({ width: 74 })))).toMatchInlineSnapshot(`
      [
        "   member   state          beat session      poll        partitions    lag",
        "   c1 L     ● polling     1.8 s ███▉ 43.8 s  ████ 4:59   0 1            12",
        "   c2       ● processing 600 ms ███▊ 42.6 s  ███▊ 4:40   2 3           340",
        "   c3       ‖ hung            · ▊    8.1 s   █▋   2:00   4 5         1,204",
        "   p        owner         committed   position        end              lag",
        "   0        c1                1,980      2,000      2,004   ▏            4",
        "   1        c1                1,980      2,001      2,034   ▍           34",
        "   2        c2                1,980      2,002      2,124   █▏         124",
        "   3        c2                1,980      2,003      2,274   ██▌        274",
        "   4        c3                1,980      2,004      2,484   ████▌      484",
        "   5        c3                1,980      2,005      2,754   ███████    754",
      ]
    `);
  });

  test("of many partitions those around the selected one are seen, with their place among all", () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({ ...partitions.rows[0]!, id: `orders-${index}`, partition: index }));
    const content = drawPartitions({ ...partitions, rows }, inside({ selectedId: "orders-500" }));
    expect(textOf(content.summary)).toContain("496-506 of 1,000");
    expect(linesOf(content)[content.selectedLine!]).toMatch(/^▸ {2}500/);
  });

  test("the newest event stands at the bottom until one is selected", () => {
    expect(linesOf(drawEvents(events, "", false, inside({ height: 2 }))).at(-1)).toContain("high watermark of orders-0");
    const selected = drawEvents(events, "", false, inside({ height: 3, selectedId: "881" }));
    expect(linesOf(selected)[selected.selectedLine!]).toContain("lost its connection to 2");
  });
});

describe("the event log", () => {
  const event = (seq: number, type: string, fields: object): never => ({ at: seq, seq, cause: -1, node: "1", type, fields }) as never;
  const teller = (): { text: string; severity: "plain" } => ({ text: "event", severity: "plain" });

  test("routine does not bury the rest, unless it is asked for", () => {
    const some = [event(1, "node-killed", {}), event(2, "high-watermark", {}), event(3, "broker-fenced", {})];
    expect(eventRows(some, false, "", teller, 10).map((row) => row.seq)).toEqual([1, 3]);
    expect(eventRows(some, true, "", teller, 10).map((row) => row.seq)).toEqual([1, 2, 3]);
  });

  test("a filter of several words wants them all", () => {
    const some = [event(1, "node-killed", {}), event(2, "broker-fenced", {})];
    expect(eventRows(some, false, "broker event", teller, 10).map((row) => row.seq)).toEqual([2]);
    expect(eventRows(some, false, "killed fenced", teller, 10)).toEqual([]);
  });
});
