import { readFileSync } from "node:fs";
import { Terminal } from "../terminal/terminal.ts";

/** As src/engine/interactive-clock.ts paces them. */
const FRAMES_PER_SECOND = 10;

/** What the built program costs in a pseudo-terminal of 140×40: until the first frame, then for each second of the default scenario. */
export async function measureDashboard(): Promise<object> {
  const firstFrames: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const began = performance.now();
    const terminal = new Terminal([]);
    await terminal.shows("Brokers");
    firstFrames.push(performance.now() - began);
    terminal.type("q");
    await terminal.exits();
    terminal.close();
  }
  const terminal = new Terminal([]);
  await terminal.shows(/Stable/, 30_000);
  const seconds = 10;
  const before = { bytes: terminal.bytes, cpu: cpuSeconds(terminal.pid) };
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = { bytes: terminal.bytes, cpu: cpuSeconds(terminal.pid) };
  const resident = residentMiB(terminal.pid);
  terminal.type("q");
  await terminal.exits();
  terminal.close();
  return {
    firstFrameMs: Math.round(Math.min(...firstFrames)),
    cpuMsPerFrame: Number((((after.cpu - before.cpu) * 1000) / (seconds * FRAMES_PER_SECOND)).toFixed(1)),
    bytesPerFrame: Math.round((after.bytes - before.bytes) / (seconds * FRAMES_PER_SECOND)),
    cpuShareOfOneCore: Number(((after.cpu - before.cpu) / seconds).toFixed(3)),
    kilobytesPerSecond: Number(((after.bytes - before.bytes) / seconds / 1000).toFixed(1)),
    residentMiB: resident,
  };
}

/** User and system time of a process, Linux only; elsewhere NaN. */
function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

function residentMiB(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024);
  } catch {
    return Number.NaN;
  }
}
