import { keepHeapSmall } from "../../src/cli/heap.ts";
import { startScenario } from "../../src/engine/scenario-run.ts";
import { run as runEvents } from "../../src/engine/simulation.ts";
import { totalsOf } from "../../src/ledger/queries.ts";
import { compileScenario } from "../../src/scenario/compile.ts";
import { measureDashboard } from "./dashboard-cost.ts";
import { measureMemory } from "./memory-of-run.ts";
import { standardWorkload } from "./standard-workload.ts";

/**
 * `npm run bench`: prints one JSON object. `npm run bench -- throughput|memory|dashboard` measures one part.
 * Figures are of this machine: compare them with others of the same one only.
 */
const parts: Record<string, () => unknown> = {
  throughput: measureThroughput,
  memory: measureMemory,
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
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);

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
