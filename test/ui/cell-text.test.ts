import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  columnsOf,
  columnsOfLine,
  cut,
  fit as fitted,
  line,
  pad,
  span,
  spread,
  textOf,
  withoutControls,
  wrap,
} from "../../src/ui/cell-text.ts";
import {
  bytes,
  bytesOf,
  clockTime,
  compactBytes,
  count,
  duration,
  fixedDuration,
  grainAt,
  rate,
  speedText,
} from "../../src/ui/quantities.ts";

const texts = fc.string({ unit: fc.constantFrom("a", "Z", " ", "é", "한", "글", "│", "█", "→", "👩", "e\u0301") });

describe("text in terminal columns", () => {
  test("a Korean syllable takes two columns, a combining mark none", () => {
    expect(columnsOf("브로커")).toBe(6);
    expect(columnsOf("e\u0301")).toBe(1);
  });

  test("pad and fit give exactly the width that was asked for, whatever the text", () => {
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 0, max: 30 }), (a, b, columns) => {
        expect(columnsOf(pad(a, columns))).toBe(columns);
        expect(columnsOf(pad(a, columns, "right"))).toBe(columns);
        expect(columnsOfLine(fitted(line(a, span(b, "bad")), columns))).toBe(columns);
        expect(columnsOfLine(spread(line(a), line(b), columns))).toBe(columns);
        expect(columnsOf(cut(a, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test("what is cut says so, and a syllable is never halved", () => {
    expect(pad("파티션 목록", 6)).toBe("파티… ");
    expect(textOf(fitted(line("under-replicated"), 8))).toBe("under-r…");
  });

  test("control characters cannot move the cursor", () => {
    expect(withoutControls("a\u001b[2Jb\r\n")).toBe("a [2Jb  ");
  });

  test("wrapped lines fit, and no word is lost", () => {
    expect(wrap("acknowledged records in no replica", 14)).toEqual(["acknowledged", "records in no", "replica"]);
    fc.assert(
      fc.property(texts, fc.integer({ min: 4, max: 30 }), (text, columns) => {
        for (const part of wrap(text, columns)) expect(columnsOf(part)).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe("numbers for people", () => {
  test("counts, rates and bytes keep few digits", () => {
    expect([count(1204), count(99_999), count(123_456), count(12_345_678)]).toEqual(["1,204", "99,999", "123k", "12.3M"]);
    expect([rate(0), rate(9.94), rate(640), rate(1234)]).toEqual(["0.0", "9.9", "640", "1.2k"]);
    expect([bytes(340), bytes(16_384), bytes(1_258_291), compactBytes(16_384)]).toEqual(["340 B", "16 KB", "1.2 MB", "16.0k"]);
    expect(bytesOf(1_258_291, 33_554_432, "of")).toBe("1.2 of 32 MB");
  });

  test("a countdown moves in steps of its grain and never shows nothing while something is left", () => {
    expect([duration(62), duration(62, 10), duration(3420, 100), duration(1, 100), duration(112_000, 100)]).toEqual([
      "62 ms",
      "70 ms",
      "3.5 s",
      "0.1 s",
      "1:52",
    ]);
    expect([fixedDuration(5), fixedDuration(30_000), fixedDuration(300_000), fixedDuration(604_800_000)]).toEqual([
      "5 ms",
      "30 s",
      "5 min",
      "168 h",
    ]);
    expect([clockTime(21_480), clockTime(21_480, 100), clockTime(3_723_004)]).toEqual(["0:21.480", "0:21.4", "1:02:03.004"]);
  });

  test("slow motion shows milliseconds, real time tenths of a second", () => {
    expect([grainAt(0.001), grainAt(0.05), grainAt(1), grainAt(100)]).toEqual([1, 10, 100, 100]);
    expect([speedText(0.001, "×"), speedText(0.05, "×"), speedText(1, "×"), speedText(100, "×")]).toEqual([
      "1/1,000",
      "1/20",
      "×1",
      "×100",
    ]);
  });
});
