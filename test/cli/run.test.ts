import { describe, expect, test } from "vitest";
import { type RunTools, runCommand } from "../../src/cli/run.ts";
import { runToEnd } from "../../src/engine/headless.ts";

/** A run in which a law broke, as none should: the real run, with a violation put beside its result. */
function toolsWith(run: RunTools["runToEnd"]): RunTools & { written: { out: string; err: string } } {
  const written = { out: "", err: "" };
  return { runToEnd: run, out: (text) => (written.out += text), err: (text) => (written.err += text), written };
}

const broken: RunTools["runToEnd"] = (scenario, options) => ({
  ...runToEnd(scenario, options),
  violation: { invariant: "high-watermark-within-log", atMs: 4321, node: "1", message: "orders-0: high watermark 7 over log end 5" },
});

const once = { set: ["producers.p1.linger.ms=7"], until: 1000, check: true };

describe("a law of the simulated system that breaks", () => {
  test("gives exit code 3, names the law and the command that shows it again", async () => {
    const tools = toolsWith(broken);
    expect(await runCommand(["acks-1-loses"], { ...once, lang: "en" }, tools)).toBe(3);
    expect(tools.written.out).toMatch(/^BUG {3}acks=1 loses records/);
    expect(tools.written.out).toContain(
      "      BUG   a law of the simulated system broke: high-watermark-within-log\n            0:04.321  orders-0: high watermark 7 over log end 5\n",
    );
    expect(tools.written.out).toContain(
      "      again: samsa run acks-1-loses --seed 5 --set producers.p1.linger.ms=7 --until 1000ms --check\n",
    );
  });

  test("counts for more than a failed expectation, and stands in the JSON object", async () => {
    const tools = toolsWith(broken);
    expect(await runCommand(["acks-1-loses"], { set: ["producers.p1.acks=all"], json: true }, tools)).toBe(3);
    const { exitCode, runs } = JSON.parse(tools.written.out);
    expect(exitCode).toBe(3);
    expect(runs[0]).toMatchObject({ verdict: "invariant broken", violation: { invariant: "high-watermark-within-log" } });
  });
});

describe("a simulation that throws", () => {
  const crashing: RunTools["runToEnd"] = () => {
    throw new Error("no handler for this");
  };

  test("is a bug as well: exit code 3, with the command that shows it again", async () => {
    const tools = toolsWith(crashing);
    expect(await runCommand(["acks-1-loses"], {}, tools)).toBe(3);
    expect(tools.written.err).toContain(
      "The simulation crashed, which is a bug. Again: samsa run acks-1-loses --seed 5\nError: no handler for this",
    );
  });

  test("still prints one JSON object", async () => {
    const tools = toolsWith(crashing);
    await runCommand(["acks-1-loses"], { json: true }, tools);
    expect(JSON.parse(tools.written.out)).toMatchObject({ exitCode: 3, runs: [], reproduce: "samsa run acks-1-loses --seed 5" });
  });
});
