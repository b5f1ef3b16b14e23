import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Contents, layoutFor, panelOrder } from "../../src/ui/layout.ts";

const contents: Contents = { brokers: 3, partitions: 6, deques: 6, connections: 3, members: 3, groupPartitions: 6, groups: 1 };

describe("the layout", () => {
  test("at every size and with any contents, panels fill the middle without gap, overlap or overflow", () => {
    const anyContents = fc.record({
      brokers: fc.nat(50),
      partitions: fc.nat(1000),
      deques: fc.nat(200),
      connections: fc.nat(50),
      members: fc.nat(200),
      groupPartitions: fc.nat(1000),
      groups: fc.nat(20),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 320 }),
        fc.integer({ min: 15, max: 100 }),
        anyContents,
        fc.constantFrom(...panelOrder),
        (columns, rows, some, focused) => {
          const layout = layoutFor(columns, rows, some, focused);
          let covered = 0;
          for (const area of layout.areas) {
            expect(area.width).toBeGreaterThanOrEqual(20);
            expect(area.height).toBeGreaterThanOrEqual(3);
            expect(area.left + area.width).toBeLessThanOrEqual(columns);
            expect(area.top).toBeGreaterThanOrEqual(3);
            expect(area.top + area.height).toBeLessThanOrEqual(rows - 2);
            covered += area.width * area.height;
            for (const other of layout.areas) {
              if (other === area) continue;
              const apart =
                area.left + area.width <= other.left ||
                other.left + other.width <= area.left ||
                area.top + area.height <= other.top ||
                other.top + other.height <= area.top;
              expect(apart).toBe(true);
            }
          }
          expect(covered).toBe(columns * (rows - 5));
        },
      ),
    );
  });

  test("the focused panel is on the screen at every size", () => {
    for (const focused of panelOrder) {
      for (const [columns, rows] of [
        [60, 15],
        [80, 24],
        [140, 40],
      ] as const) {
        expect(layoutFor(columns, rows, contents, focused).areas.map((area) => area.id)).toContain(focused);
      }
    }
  });

  test("140×40 has room for every row of the default cluster", () => {
    const { areas } = layoutFor(140, 40, contents, "brokers");
    const heightOf = (id: string): number => areas.find((area) => area.id === id)!.height;
    expect(heightOf("brokers")).toBeGreaterThanOrEqual(2 + 1 + 3 + 1);
    expect(heightOf("partitions")).toBeGreaterThanOrEqual(2 + 1 + 6);
    expect(heightOf("producer")).toBeGreaterThanOrEqual(2 + 1 + 1 + 6 + 1 + 3);
    expect(heightOf("group")).toBeGreaterThanOrEqual(2 + 1 + 3 + 1 + 6);
    expect(heightOf("events")).toBeGreaterThanOrEqual(7);
  });
});
