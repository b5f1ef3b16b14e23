import { expect, test } from "vitest";
import { reportText } from "../../src/cli/report-text.ts";
import type { RunReport } from "../../src/engine/report.ts";

const report: RunReport = {
  scenario: "orders.yaml",
  title: "Orders",
  seed: 42,
  verdict: "failed",
  virtualMs: 65_250,
  events: 1_234_567,
  totals: {
    ...({} as RunReport["totals"]),
    sent: 12_040,
    acknowledged: 12_000,
    failed: 0,
    pending: 40,
    readable: 11_997,
    lost: 3,
    unconfirmed: 0,
    duplicated: 0,
    reordered: 0,
    failedYetReadable: 0,
    gone: 0,
    groups: { billing: { once: 11_900, moreThanOnce: 0, skipped: 0, notYet: 97 } },
  },
  throughput: { sentPerSecond: 184.5, acknowledgedPerSecond: 1183.94, readPerSecond: 180 },
  latency: { acknowledgementMs: { p50: 7, p99: 21 }, consumptionMs: null } as RunReport["latency"],
  expectations: [
    { name: "group-stable", about: null, verdict: "held", atMs: 65_250, seen: "", chain: [] },
    {
      name: "nothing-lost",
      about: "acks=all loses nothing",
      verdict: "failed",
      atMs: 21_480,
      seen: "ledger: lost is 3, expected 0",
      chain: ["0:21.480 Records 5 to 7 of p1 are lost.", "← 0:12.000 Broker 2 killed."],
    },
  ],
  violation: null,
  warnings: ["orders.yaml:8:7  producers[0].configs.linger: Kafka knows no producer config linger and ignores it."],
  reproduce: "samsa run orders.yaml --seed 42",
};

test("a report is aligned, leaves out zeros that say nothing, and gives the causes of what failed", () => {
  expect(reportText(report, "en")).toBe(`FAIL  Orders
      orders.yaml, seed 42, 1:05.250 of virtual time, 1,234,567 events
      sent 12,040  acknowledged 12,000, pending 40
      log          readable 11,997, lost 3
      billing      processed once 11,900, not yet 97
      speed        1,183.9 records/s acknowledged; send to acknowledgement p50 7 ms, p99 21 ms
      ok    group-stable
      FAIL  nothing-lost: acks=all loses nothing
            0:21.480  ledger: lost is 3, expected 0
            why: 0:21.480 Records 5 to 7 of p1 are lost.
                 ← 0:12.000 Broker 2 killed.
      warning: orders.yaml:8:7  producers[0].configs.linger: Kafka knows no producer config linger and ignores it.
      again: samsa run orders.yaml --seed 42
`);
});

test("in Korean the columns stand under each other, though its letters are two wide", () => {
  expect(reportText(report, "ko").split("\n").slice(2, 6)).toEqual([
    "      보냄 12,040  응답 받음 12,000, 대기 40",
    "      로그         읽을 수 있음 11,997, 유실 3",
    "      billing      처리 한 번 11,900, 아직 97",
    "      속도         초당 1,183.9건 응답; 전송에서 응답까지 p50 7 ms, p99 21 ms",
  ]);
});

test("a report that passed says nothing of how to run again", () => {
  const lines = reportText({ ...report, verdict: "passed", expectations: [], warnings: [] }, "en").split("\n");
  expect(lines[0]).toBe("PASS  Orders");
  expect(lines.join("\n")).not.toContain("again");
});
