import { describe, expect, test } from "vitest";
import { InteractiveClock, SPEEDS } from "../../src/engine/interactive-clock.ts";
import { totalsOf } from "../../src/ledger/queries.ts";
import { compileScenario } from "../../src/scenario/compile.ts";

const scenario = compileScenario(
  JSON.stringify({
    title: { en: "clock", ko: "시계" },
    seed: 3,
    end: "5m",
    topics: [{ name: "orders", partitions: 2 }],
    producers: [{ name: "p1", topic: "orders", rate: 50 }],
    timeline: [{ at: "2s", say: { en: "two seconds", ko: "2초" } }],
  }),
  "clock.yaml",
);

function clockAt(speed: number): InteractiveClock {
  return new InteractiveClock(scenario, { language: "en", paused: false, speed });
}

describe("the interactive clock", () => {
  test("moves virtual time by real time times speed, from a thousandth to a hundred times", () => {
    expect(SPEEDS[0]).toBe(0.001);
    expect(SPEEDS.at(-1)).toBe(100);
    const slow = clockAt(0.001);
    for (let i = 0; i < 25; i++) slow.tick(100);
    expect(slow.frame().now).toBe(2);
    const quick = clockAt(10);
    quick.tick(100);
    expect(quick.frame().now).toBe(1000);
  });

  test("tells its listeners of each frame, and frames that were given out do not change", () => {
    const clock = clockAt(1);
    let frames = 0;
    clock.subscribe(() => {
      frames += 1;
    });
    clock.tick(1000);
    const first = clock.frame();
    const sent = totalsOf(first.ledger).sent;
    const text = JSON.stringify(first.world);
    clock.tick(1000);
    expect(frames).toBe(2);
    expect(totalsOf(first.ledger).sent).toBe(sent);
    expect(JSON.stringify(first.world) === text).toBe(true);
    expect(clock.frame().world.quorum.log).toBe(first.world.quorum.log);
  });

  test("a command happens at once, is logged with its time, and an impossible one says why", () => {
    const clock = clockAt(1);
    clock.tick(1000);
    expect(clock.dispatch({ type: "kill", node: "1" })).toEqual({ ok: true });
    expect(clock.frame().world.nodes["1"]!.state).toBe("down");
    expect(clock.commandLog).toEqual([{ at: 1000, command: { type: "kill", node: "1" } }]);
    expect(clock.dispatch({ type: "kill", node: "1" })).toEqual({ ok: false, message: "broker 1 is already down" });
    expect(clock.dispatch({ type: "elect-leader", topic: "orders", partition: 9, kind: "preferred" })).toMatchObject({ ok: false });
  });

  test("a step handles one event and pauses", () => {
    const clock = clockAt(1);
    clock.tick(500);
    const before = clock.frame().eventsHandled;
    clock.step();
    expect(clock.frame()).toMatchObject({ eventsHandled: before + 1, paused: true });
  });

  test("a jump stops at the next event that matters", () => {
    const clock = clockAt(1);
    clock.tick(1000);
    clock.dispatch({ type: "kill", node: "1" });
    clock.jumpToNextEvent();
    const { now, paused, alerts } = clock.frame();
    expect(paused).toBe(true);
    expect(now).toBeGreaterThan(1000);
    expect(alerts.length).toBeGreaterThan(0);
  });

  test("goes on at the slow speed that it was given after a step, without losing time", () => {
    const clock = clockAt(0.01);
    clock.tick(1000);
    expect(clock.frame().now).toBe(10);
    clock.step();
    const at = clock.frame().now;
    clock.tick(1000);
    expect(clock.frame().now).toBeGreaterThanOrEqual(at + 9);
  });

  test("shows the narration that holds now, in the language that was asked for", () => {
    const clock = clockAt(1);
    clock.tick(1500);
    expect(clock.frame().narration).toBeNull();
    clock.tick(1000);
    expect(clock.frame().narration).toBe("two seconds");
    const korean = new InteractiveClock(scenario, { language: "ko", paused: false, speed: 1 });
    korean.tick(2500);
    expect(korean.frame()).toMatchObject({ narration: "2초", title: "시계" });
  });
});
