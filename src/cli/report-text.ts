import stringWidth from "string-width";
import type { ReportedExpectation, RunReport } from "../engine/report.ts";
import type { Language } from "./language.ts";

/** A report as a person reads it: what happened, how fast, what failed and why. Depends on nothing of the machine. */
export function reportText(report: RunReport, language: Language): string {
  const words = wordsOf[language];
  const rows = [...fateRows(report, words), ...speedRows(report, words)];
  const width = Math.max(...rows.map(([label]) => stringWidth(label)));
  const lines = [
    `${{ passed: "PASS", failed: "FAIL", "invariant broken": "BUG " }[report.verdict]}  ${report.title}`,
    `${INDENT}${report.scenario}, ${words.seed} ${report.seed}, ${words.virtualTime(clock(report.virtualMs))}, ${words.events(whole(report.events))}`,
    ...rows.map(([label, text]) => `${INDENT}${padded(label, width)}  ${text}`),
    ...report.expectations.flatMap((expectation) => expectationLines(expectation, words)),
  ];
  if (report.violation !== null) {
    const { invariant, atMs, message } = report.violation;
    lines.push(`${INDENT}BUG   ${words.lawBroke}: ${invariant}`, `${DEEPER}${clock(atMs)}  ${message}`);
  }
  for (const warning of report.warnings) lines.push(`${INDENT}${words.warning}: ${warning}`);
  if (report.verdict !== "passed") lines.push(`${INDENT}${words.again}: ${report.reproduce}`);
  return `${lines.join("\n")}\n`;
}

const INDENT = " ".repeat(6);
const DEEPER = " ".repeat(12);

type Row = [label: string, text: string];

/** The three axes of the ledger: what producers were told, what the log holds, what each group did. Zeros that say nothing are left out. */
function fateRows({ totals }: RunReport, words: Words): Row[] {
  const counts = (given: [string, number, "always"?][]): string =>
    given
      .filter(([, count, always]) => always !== undefined || count > 0)
      .map(([word, count]) => `${word} ${whole(count)}`)
      .join(", ");
  const told = counts([
    [words.acknowledged, totals.acknowledged, "always"],
    [words.failed, totals.failed],
    [words.pending, totals.pending],
  ]);
  const log = counts([
    [words.readable, totals.readable, "always"],
    [words.lost, totals.lost + totals.unconfirmed, "always"],
    [words.duplicated, totals.duplicated],
    [words.reordered, totals.reordered],
    [words.failedYetReadable, totals.failedYetReadable],
    [words.gone, totals.gone],
  ]);
  const groups = Object.entries(totals.groups).map(([name, { once, moreThanOnce, skipped, notYet }]): Row => {
    const did = counts([
      [words.once, once, "always"],
      [words.moreThanOnce, moreThanOnce],
      [words.skipped, skipped],
      [words.notYet, notYet],
    ]);
    return [name, `${words.processed} ${did}`];
  });
  return [[`${words.sent} ${whole(totals.sent)}`, told], [words.log, log], ...groups];
}

function speedRows({ throughput, latency }: RunReport, words: Words): Row[] {
  const { acknowledgementMs, consumptionMs } = latency;
  const parts = [words.perSecond(oneDecimal(throughput.acknowledgedPerSecond))];
  if (acknowledgementMs !== null) parts.push(`${words.toAcknowledgement} p50 ${acknowledgementMs.p50} ms, p99 ${acknowledgementMs.p99} ms`);
  if (consumptionMs !== null) parts.push(`${words.toConsumption} p50 ${consumptionMs.p50} ms, p99 ${consumptionMs.p99} ms`);
  return [[words.speed, parts.join("; ")]];
}

function expectationLines({ name, about, verdict, atMs, seen, chain }: ReportedExpectation, words: Words): string[] {
  const lines = [`${INDENT}${verdict === "held" ? "ok  " : "FAIL"}  ${name}${about === null ? "" : `: ${about}`}`];
  if (verdict === "failed") lines.push(`${DEEPER}${clock(atMs)}  ${seen}`);
  chain.forEach((sentence, index) => {
    const lead = `${words.why}: `;
    lines.push(`${DEEPER}${index === 0 ? lead : " ".repeat(stringWidth(lead))}${sentence}`);
  });
  return lines;
}

/** Padded by columns of the terminal: Korean letters take two. */
function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

/** "1,204,000". */
function whole(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function oneDecimal(number: number): string {
  const [integer, decimals] = number.toFixed(1).split(".") as [string, string];
  return `${whole(Number(integer))}.${decimals}`;
}

/** "1:05.250". */
export function clock(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3).padStart(6, "0");
  return `${minutes}:${seconds}`;
}

const english = {
  seed: "seed",
  virtualTime: (time: string) => `${time} of virtual time`,
  events: (count: string) => `${count} events`,
  sent: "sent",
  acknowledged: "acknowledged",
  failed: "failed",
  pending: "pending",
  log: "log",
  readable: "readable",
  lost: "lost",
  duplicated: "duplicated",
  reordered: "out of order",
  failedYetReadable: "failed yet readable",
  gone: "gone by retention",
  processed: "processed",
  once: "once",
  moreThanOnce: "more than once",
  skipped: "skipped",
  notYet: "not yet",
  speed: "speed",
  perSecond: (rate: string) => `${rate} records/s acknowledged`,
  toAcknowledgement: "send to acknowledgement",
  toConsumption: "send to consumption",
  why: "why",
  warning: "warning",
  lawBroke: "a law of the simulated system broke",
  again: "again",
};

type Words = typeof english;

const korean: Words = {
  seed: "시드",
  virtualTime: (time) => `가상 시간 ${time}`,
  events: (count) => `이벤트 ${count}개`,
  sent: "보냄",
  acknowledged: "응답 받음",
  failed: "실패",
  pending: "대기",
  log: "로그",
  readable: "읽을 수 있음",
  lost: "유실",
  duplicated: "중복",
  reordered: "순서 바뀜",
  failedYetReadable: "실패했지만 읽힘",
  gone: "보존 기간 지남",
  processed: "처리",
  once: "한 번",
  moreThanOnce: "두 번 이상",
  skipped: "건너뜀",
  notYet: "아직",
  speed: "속도",
  perSecond: (rate) => `초당 ${rate}건 응답`,
  toAcknowledgement: "전송에서 응답까지",
  toConsumption: "전송에서 소비까지",
  why: "이유",
  warning: "경고",
  lawBroke: "시뮬레이션된 시스템의 법칙이 깨졌습니다",
  again: "다시 실행",
};

const wordsOf: Record<Language, Words> = { en: english, ko: korean };
