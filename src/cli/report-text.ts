import type { RunReport } from "../engine/report.ts";
import type { Language } from "./language.ts";

/** A report as a person reads it: what happened, how fast, what failed and why. */
export function reportText(report: RunReport, language: Language): string {
  const lines = [
    `${mark(report)} ${report.title}`,
    `  ${report.scenario}  seed ${report.seed}  ${clock(report.virtualMs)} of virtual time, ${report.events.toLocaleString("en-US")} events`,
    ...totalsLines(report),
    ...speedLines(report),
  ];
  for (const warning of report.warnings) lines.push(`  warning: ${warning}`);
  for (const { name, about, verdict, atMs, seen, chain } of report.expectations) {
    const note = about === null ? "" : `: ${about}`;
    lines.push(`  ${verdict === "held" ? "ok  " : "FAIL"} ${name}${note}`);
    if (verdict === "failed") lines.push(`         at ${clock(atMs)}: ${seen}`);
    chain.forEach((sentence, index) => lines.push(`         ${index === 0 ? (language === "ko" ? "이유: " : "why: ") : "  ← "}${sentence}`));
  }
  if (report.violation !== null) {
    lines.push(`  BUG  a law of the simulated system broke: ${report.violation.invariant}`);
    lines.push(`         at ${clock(report.violation.atMs)}: ${report.violation.message}`);
  }
  if (report.verdict !== "passed") lines.push(`  again: ${report.reproduce}`);
  return `${lines.join("\n")}\n`;
}

function mark({ verdict }: RunReport): string {
  return verdict === "passed" ? "PASS" : verdict === "failed" ? "FAIL" : "BUG ";
}

function totalsLines({ totals }: RunReport): string[] {
  const told = `acknowledged ${totals.acknowledged}, failed ${totals.failed}, pending ${totals.pending}`;
  const log = `readable ${totals.readable}, lost ${totals.lost + totals.unconfirmed}, duplicated ${totals.duplicated}, reordered ${totals.reordered}, failed yet readable ${totals.failedYetReadable}, gone ${totals.gone}`;
  const lines = [`  records  sent ${totals.sent}: ${told}`, `           ${log}`];
  for (const [group, { once, moreThanOnce, skipped, notYet }] of Object.entries(totals.groups)) {
    lines.push(`  group    ${group}: processed once ${once}, more than once ${moreThanOnce}, skipped ${skipped}, not yet ${notYet}`);
  }
  return lines;
}

function speedLines({ throughput, latency }: RunReport): string[] {
  const { acknowledgementMs, consumptionMs } = latency;
  const acknowledged = acknowledgementMs === null ? "" : `, send to acknowledgement p50 ${acknowledgementMs.p50} ms p99 ${acknowledgementMs.p99} ms`;
  const consumed = consumptionMs === null ? "" : `, to consumption p50 ${consumptionMs.p50} ms p99 ${consumptionMs.p99} ms`;
  return [`  speed    ${throughput.acknowledgedPerSecond.toFixed(1)} records/s acknowledged${acknowledged}${consumed}`];
}

/** "1:05.250". */
export function clock(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3).padStart(6, "0");
  return `${minutes}:${seconds}`;
}
