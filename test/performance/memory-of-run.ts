import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { longWorkload } from "./standard-workload.ts";

/** The most that the built program was resident with in a `samsa run` of the long workload, in MiB. Linux only; elsewhere null. */
export async function measureMemory(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "samsa-bench-"));
  try {
    const file = join(folder, "long.yaml");
    writeFileSync(file, longWorkload);
    return { peakMiBOf1Hour: await peakMiB(file, "1h"), peakMiBOf10Hours: await peakMiB(file, "10h") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function peakMiB(file: string, until: string): Promise<number | null> {
  const program = join(import.meta.dirname, "../../dist/main.js");
  const child = spawn(process.execPath, [program, "run", file, "--until", until], { stdio: ["ignore", "ignore", "inherit"] });
  let peak: number | null = null;
  const look = setInterval(() => {
    peak = peakSoFarMiB(child.pid!) ?? peak;
  }, 100);
  const code = await new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
  clearInterval(look);
  if (code !== 0) throw new Error(`samsa run ended with ${code}`);
  return peak;
}

function peakSoFarMiB(pid: number): number | null {
  try {
    const found = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return found === null ? null : Math.round(Number(found[1]) / 1024);
  } catch {
    return null;
  }
}
