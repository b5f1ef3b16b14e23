import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { keepHeapSmall } from "../../src/cli/heap.ts";
import { startScenario } from "../../src/engine/scenario-run.ts";
import { run as runEvents } from "../../src/engine/simulation.ts";
import { totalsOf } from "../../src/ledger/queries.ts";
import { compileScenario } from "../../src/scenario/compile.ts";
import { measureDashboard } from "./dashboard-cost.ts";
import { longWorkload, standardWorkload } from "./standard-workload.ts";

/**
 * `npm run bench`: prints one JSON object. `npm run bench -- throughput|memory|dashboard` measures one part.
 * Figures are of this machine: compare them with others of the same one only.
 */
const parts: Record<string, () => unknown> = {
  throughput: measureThroughput,
  memory: () => JSON.parse(inProcess("memory-in-process")),
  "memory-in-process": measureMemory,
  dashboard: measureDashboard,
};

keepHeapSmall();
const [wanted] = process.argv.slice(2);
if (wanted !== undefined && parts[wanted] === undefined) {
  process.stderr.write(`there is no part ${wanted}: throughput, memory, dashboard\n`);
  process.exit(2);
}
const results: Record<string, unknown> = {};
for (const name of wanted === undefined ? ["throughput", "memory", "dashboard"] : [wanted]) results[name] = await parts[name]!();
process.stdout.write(`${JSON.stringify(wanted === "memory-in-process" ? results[wanted] : results, null, 2)}\n`);

/** Records acknowledged and consumed for each second of CPU, after a virtual second to warm up. */
function measureThroughput(): object {
  const run = startScenario(compileScenario(standardWorkload, "standard"), { sink: null });
  const until = (untilMs: number): void => {
    runEvents(run.simulation, { untilMs, events: Number.POSITIVE_INFINITY });
  };
  until(10_000);
  const before = { totals: totalsOf(run.simulation.ledger), events: run.simulation.kernel.eventsHandled, cpu: process.cpuUsage() };
  until(40_000);
  const cpu = process.cpuUsage(before.cpu);
  const seconds = (cpu.user + cpu.system) / 1e6;
  const after = totalsOf(run.simulation.ledger);
  const consumed = (totals: typeof after): number =>
    Object.values(totals.groups).reduce((sum, { once, moreThanOnce }) => sum + once + moreThanOnce, 0);
  return {
    recordsPerSecond: Math.round((after.acknowledged - before.totals.acknowledged) / seconds),
    consumedPerSecond: Math.round((consumed(after) - consumed(before.totals)) / seconds),
    eventsPerSecond: Math.round((run.simulation.kernel.eventsHandled - before.events) / seconds),
    virtualSecondsPerSecond: Number((30 / seconds).toFixed(2)),
  };
}

function measureMemory(): object {
  const run = startScenario(compileScenario(longWorkload, "long"), { sink: null });
  const residentAfter = (hours: number): number => {
    runEvents(run.simulation, { untilMs: hours * 3_600_000, events: Number.POSITIVE_INFINITY });
    return Math.round(process.memoryUsage.rss() / 2 ** 20);
  };
  const [residentMiBAfter1Hour, residentMiBAfter10Hours] = [residentAfter(1), residentAfter(10)];
  return { residentMiBAfter1Hour, residentMiBAfter10Hours, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** A process of its own, so that what was measured before it does not count. */
function inProcess(part: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, "bench.ts"), part], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
