import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startScenario } from "../../src/engine/scenario-run.ts";
import { giveCommand, run } from "../../src/engine/simulation.ts";
import type { Command } from "../../src/kafka/protocol/commands.ts";
import type { TraceEvent } from "../../src/kafka/protocol/trace-events.ts";
import { compileScenario } from "../../src/scenario/compile.ts";
import { columnsOf } from "../../src/ui/cell-text.ts";
import { layoutFor, panelOrder } from "../../src/ui/layout.ts";
import { contentsOf, panelText } from "../../src/ui/screens/panel-texts.ts";
import { targetOf } from "../../src/ui/target.ts";
import { createTheme } from "../../src/ui/theme.ts";
import { initialUiState } from "../../src/ui/ui-state.ts";
import type { FrameViews } from "../../src/ui/view-model/frame-views.ts";
import { createViewsOf } from "../../src/ui/view-model/views-of.ts";

const tour = join(import.meta.dirname, "../../scenarios/tour.yaml");

interface Live {
  run(ms: number): FrameViews;
  give(command: Command): void;
}

/** The shipped tour, run bare: views read a frame and keep nothing of it, so it need not be immutable. */
function cluster(): Live {
  const events: TraceEvent[] = [];
  const scenario = compileScenario(readFileSync(tour, "utf8"), tour, [], null);
  const { simulation } = startScenario(scenario, { sink: (event) => events.push(event) });
  const viewsOf = createViewsOf("en");
  return {
    give: (command) => giveCommand(simulation, command),
    run: (ms) => {
      const until = simulation.kernel.now + ms;
      run(simulation, { untilMs: until, events: Number.POSITIVE_INFINITY });
      return viewsOf({
        world: simulation.world,
        ledger: simulation.ledger,
        title: scenario.title.en,
        seed: scenario.spec.seed,
        now: until,
        paused: false,
        speedIndex: 9,
        speed: 1,
        reachedSpeed: 1,
        eventsHandled: simulation.kernel.eventsHandled,
        rates: { sentPerSecond: 0, acknowledgedPerSecond: 0, readPerSecond: 0, acknowledgeLatencyMs: null, readLatencyMs: null },
        alerts: [],
        events,
        notable: events,
        narration: null,
      });
    },
  };
}

describe("a live cluster through the views", () => {
  let views: FrameViews;
  let live: Live;
  beforeAll(() => {
    live = cluster();
    views = live.run(8000);
  });

  test("three brokers are up and share the leaders of six partitions", () => {
    const { brokers, brokersUp, controllers } = views.brokers();
    expect(brokersUp).toBe(3);
    expect(brokers.map((row) => row.leads)).toEqual([2, 2, 2]);
    expect(controllers.filter((mark) => mark.isActive)).toHaveLength(1);
    for (const row of brokers) expect(row.heartbeatAgeMs).toBeLessThanOrEqual(2100);
  });

  test("every partition has three replicas in its ISR, no bar longer than its leader's", () => {
    const { rows, topics, barSpan } = views.partitions("");
    expect(topics).toMatchObject([{ name: "orders", partitions: 6, replicationFactor: 3, offline: 0 }]);
    for (const row of rows) {
      expect(row.isr).toHaveLength(3);
      for (const replica of row.replicas) {
        expect(replica.logEndOffset).toBeLessThanOrEqual(row.logEndOffset);
        expect(replica.highWatermark).toBeLessThanOrEqual(replica.logEndOffset);
        expect(replica.lag).toBeLessThan(barSpan);
      }
    }
  });

  test("the group is stable and each partition has one owner", () => {
    const group = views.group(null)!;
    expect(group).toMatchObject({ name: "billing", state: "Stable" });
    expect(group.members.flatMap((member) => member.partitions).sort()).toEqual(["0", "1", "2", "3", "4", "5"]);
    for (const member of group.members) expect(member.session!.leftMs).toBeLessThanOrEqual(member.session!.totalMs);
  });

  test("the ledger's axes add up", () => {
    const ledger = views.ledger();
    expect(ledger.acknowledged + ledger.pending + ledger.failed).toBe(ledger.sent);
    expect(ledger.sent).toBeGreaterThan(5000);
    expect(ledger.lost).toBe(0);
  });

  test("the producer has a deque for each partition and never more requests in flight than it may", () => {
    const producer = views.producer(null)!;
    expect(producer.deques).toHaveLength(6);
    for (const connection of producer.connections) expect(connection.requests.length).toBeLessThanOrEqual(connection.slots);
    for (const batch of producer.deques.flatMap((row) => row.batches)) expect(batch.sizeBytes).toBeLessThanOrEqual(batch.capacityBytes);
  });

  test("internal topics are hidden", () => {
    expect(views.names.topics).toEqual(["orders"]);
    expect(views.partitions("").rows.every((row) => row.topic === "orders")).toBe(true);
  });

  test("each panel of a live frame fits every size, in both languages", () => {
    for (const language of ["en", "ko"] as const) {
      const theme = createTheme({ env: { NO_COLOR: "1" }, language });
      for (const [columns, rows] of [
        [60, 15],
        [80, 24],
        [120, 34],
        [140, 40],
        [200, 50],
      ] as const) {
        for (const focused of panelOrder) {
          const state = { ...initialUiState, focused };
          for (const area of layoutFor(columns, rows, contentsOf(views, state), focused).areas) {
            const lines = panelText(area, views, state, 100, theme).split("\n");
            expect(lines).toHaveLength(area.height);
            for (const line of lines) expect(columnsOf(line), line).toBe(area.width);
          }
        }
      }
    }
  });

  test("there are details of everything that can be selected", () => {
    for (const focused of panelOrder) {
      const target = targetOf(focused, views, { ...initialUiState, focused });
      expect(target.kind).not.toBe("nothing");
      const detail = views.detail(target);
      expect(detail.sections.length, focused).toBeGreaterThan(0);
      for (const fact of detail.sections.flatMap((section) => section.facts)) expect(fact.value, fact.label).not.toMatch(/undefined|NaN/);
    }
  });
});

test("a killed broker is down at once and fenced only after its session; then others lead", () => {
  const live = cluster();
  live.run(5000);
  live.give({ type: "kill", node: "1" });
  const soon = live.run(2000).brokers().brokers[0]!;
  expect(soon).toMatchObject({ health: "down", isFenced: false, leads: 2 });
  const producer = live.run(100).producer(null)!;
  expect(producer.connections.find((connection) => connection.node === "1")!.state).not.toBe("connected");
  const later = live.run(9000);
  expect(later.brokers().brokers[0]).toMatchObject({ health: "down", isFenced: true, leads: 0, inSync: 0 });
  for (const row of later.partitions("urp").rows) expect(row.replicas.find((replica) => replica.broker === "1")!.role).toBe("down");
  expect(later.partitions("urp").rows).toHaveLength(6);
});

test("a killed consumer counts down its session in the coordinator's eyes, and is gone after it", () => {
  const live = cluster();
  live.run(8000);
  live.give({ type: "kill", node: "c3" });
  const group = live.run(3000).group(null)!;
  const dead = group.members.find((member) => member.name === "c3")!;
  expect(dead).toMatchObject({ health: "down", poll: null });
  expect(dead.session!.leftMs).toBeLessThan(dead.session!.totalMs - 2500);
  expect(dead.partitions.length).toBeGreaterThan(0);
});

test("the foremost of the alerts of an instant is shown, and how many more there were", () => {
  const alert = (at: number, seq: number, severity: string, text: string): object => ({ at, seq, severity, text });
  const alerts = [
    alert(10, 1, "bad", "killed"),
    alert(500, 2, "bad", "fenced"),
    alert(500, 3, "warn", "ISR"),
    alert(501, 4, "good", "stable"),
  ];
  const frame = { world: { spec: { groups: [] }, producers: {}, consumers: {}, quorum: { image: {} } }, ledger: {}, alerts } as never;
  expect(createViewsOf("en")(frame).header.alert).toMatchObject({ text: "fenced", newestSeq: 4, others: 2 });
});
