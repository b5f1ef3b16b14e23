import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { main, samsa } from "./samsa.ts";

/** A second of a small cluster: quick, and right. */
const QUICK = `title: { en: Quick, ko: 빠른 것 }
end: 8s
topics: [{ name: orders }]
producers: [{ name: p1, topic: orders, records: [{ at: 5s, count: 10 }] }]
expect:
  - { name: all-there, at: end, ledger: { acknowledged: 10, readable: 10, lost: 0 } }
`;
let folder = "";
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "samsa-cli-"));
  writeFileSync(file("quick.yaml"), QUICK);
  writeFileSync(file("wrong.yaml"), QUICK.replace("acknowledged: 10", "acknowledged: 11"));
  writeFileSync(file("broken.yaml"), QUICK.replace("topic: orders", "topic: order"));
  writeFileSync(file("tags.yaml"), "title: !!omap [a: 1]\n");
  mkdirSync(file("a-folder"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("samsa run", () => {
  test("exits with 0 when all that is expected holds, and says so in a few lines", () => {
    const { code, out, err } = samsa(["run", file("quick.yaml")]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^PASS {2}Quick\n/);
    expect(out).toContain("sent 10  acknowledged 10\n");
    expect(out).toContain("      ok    all-there\n");
    expect(out.split("\n").length).toBeLessThan(10);
  });

  test("exits with 1 when an expectation fails, and says what was seen and how to see it again", () => {
    const { code, out, err } = samsa(["run", file("wrong.yaml")]);
    expect([code, err]).toEqual([1, ""]);
    expect(out).toMatch(/^FAIL {2}Quick\n/);
    expect(out).toContain("      FAIL  all-there\n            0:08.000  ledger: acknowledged is 10, expected 11\n");
    expect(out).toContain(`      again: samsa run ${file("wrong.yaml")} --seed 1\n`);
  });

  test("exits with 2 for a broken file, and names file, line, column, path and what was meant", () => {
    const { code, out, err } = samsa(["run", file("broken.yaml")]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe(`${file("broken.yaml")}:4:25  producers[0].topic: there is no topic order. Did you mean orders?\n`);
  });

  test("reads all files before it runs any, and tells of each that is broken", () => {
    const { code, out, err } = samsa(["run", file("quick.yaml"), file("broken.yaml"), file("tags.yaml"), file("none.yaml")]);
    expect([code, out]).toEqual([2, ""]);
    expect(err.split("\n").map((line) => line.replace(`${folder}/`, "").split(":")[0])).toEqual([
      "broken.yaml",
      "tags.yaml",
      "none.yaml",
      "",
    ]);
  });

  test("runs several files, and one that fails decides the exit code", () => {
    const { code, out } = samsa(["run", file("wrong.yaml"), file("quick.yaml")]);
    expect(code).toBe(1);
    expect(out.match(/^(PASS|FAIL) /gm)).toEqual(["FAIL ", "PASS "]);
  });

  test("--json prints exactly one JSON object on standard output, whatever happens", () => {
    const ran = [
      samsa(["run", file("quick.yaml"), file("wrong.yaml"), "--json"]),
      samsa(["run", file("quick.yaml"), "--json"]),
      samsa(["run", file("broken.yaml"), "--json"]),
      samsa(["run", file("quick.yaml"), "--json", "--set", "producers.p1.acks=2"]),
      samsa(["run", file("none.yaml"), "--json"]),
      samsa(["run", file("quick.yaml"), "--json", "--set", "acks"]),
      samsa(["run", file("quick.yaml"), "--json", "--trace", file("a-folder")]),
    ];
    expect(ran.map(({ code }) => code)).toEqual([1, 0, 2, 2, 2, 2, 2]);
    for (const { code, out } of ran) {
      expect(out.endsWith("}\n")).toBe(true);
      expect(out.trimEnd()).not.toContain("\n");
      expect(JSON.parse(out).exitCode).toBe(code);
    }
    const [both, one, broken] = ran.map(({ out }) => JSON.parse(out));
    expect(both.runs.map((run: { verdict: string }) => run.verdict)).toEqual(["passed", "failed"]);
    expect(one.runs[0]).toMatchObject({ verdict: "passed", seed: 1, virtualMs: 8000, totals: { sent: 10, acknowledged: 10 } });
    const message = "there is no topic order. Did you mean orders?";
    expect(broken.problems).toEqual([{ source: file("broken.yaml"), line: 4, column: 25, path: "producers[0].topic", message }]);
  });

  test("prints the same twice", () => {
    const both = [1, 2].map(() => samsa(["run", "acks-1-loses", "--json"]).out);
    expect(both[0]).toBe(both[1]);
  });

  test("--trace writes each event as a line of JSON, numbered, in order of time", () => {
    const { code } = samsa(["run", file("quick.yaml"), "--trace", file("trace.jsonl")]);
    expect(code).toBe(0);
    const lines = readFileSync(file("trace.jsonl"), "utf8").trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line) as { at: number; seq: number; cause: number; node: string; type: string });
    expect(events.length).toBeGreaterThan(20);
    events.forEach(({ at, seq, cause }, index) => {
      expect(seq).toBe(index);
      expect(cause).toBeLessThan(seq);
      if (index > 0) expect(at).toBeGreaterThanOrEqual(events[index - 1]!.at);
    });
    expect(events.map(({ type }) => type)).toContain("batch-completed");
  });

  test("--trace of several runs, or to where no file can be, is refused", () => {
    expect(samsa(["run", file("quick.yaml"), file("wrong.yaml"), "--trace", file("t")])).toMatchObject({ code: 2, out: "" });
    const { code, err } = samsa(["run", file("quick.yaml"), "--trace", file("a-folder")]);
    expect(code).toBe(2);
    expect(err).toMatch(/a-folder: the trace can't be written: .*EISDIR/);
  });

  test("--until stops earlier, and judges only what was reached", () => {
    const { runs } = JSON.parse(samsa(["run", file("wrong.yaml"), "--until", "3s", "--json"]).out);
    expect(runs[0]).toMatchObject({
      verdict: "passed",
      virtualMs: 3000,
      expectations: [],
      reproduce: `samsa run ${file("wrong.yaml")} --seed 1 --until 3000ms`,
    });
  });

  test("--seed is another chance of the same scenario, and stands in the report", () => {
    const { runs } = JSON.parse(samsa(["run", file("quick.yaml"), "--seed", "77", "--json"]).out);
    expect(runs[0]).toMatchObject({ seed: 77, reproduce: `samsa run ${file("quick.yaml")} --seed 77` });
  });

  test("--set changes the run, and is quoted in what reproduces it", () => {
    const { runs } = JSON.parse(samsa(["run", "acks-1-loses", "--set", "producers.*.acks=all", "--json"]).out);
    expect(runs[0].verdict).toBe("failed");
    expect(runs[0].reproduce).toBe("samsa run acks-1-loses --seed 5 --set 'producers.*.acks=all'");
    expect(runs[0].totals.lost).toBe(0);
  });

  test("a bad --set is told by its own text", () => {
    expect(samsa(["run", file("quick.yaml"), "--set", "producers.p1.ackz=1"]).err).toMatch(
      /^--set producers\.p1\.ackz=1 {2}ackz is no producer config of Kafka.* Did you mean acks\?\n$/,
    );
    expect(samsa(["run", file("quick.yaml"), "--set", "acks"])).toMatchObject({
      code: 2,
      out: "",
      err: "--set acks  write KEY=VALUE, such as producers.p1.acks=1\n",
    });
  });

  test("--lang and the environment choose Korean", () => {
    expect(samsa(["run", file("quick.yaml"), "--lang", "ko"]).out).toMatch(/^PASS {2}빠른 것\n.*가상 시간 0:08\.000/);
    expect(samsa(["run", file("quick.yaml")], { LANG: "ko_KR.UTF-8" }).out).toContain("빠른 것");
    expect(samsa(["run", file("quick.yaml")], { LANG: "kok_IN.UTF-8" }).out).toContain("Quick");
    expect(samsa(["run", file("quick.yaml"), "--lang", "en"], { LANG: "ko_KR.UTF-8" }).out).toContain("Quick");
  });

  test("a shipped scenario is meant by its name, with or without its ending", () => {
    const [bare, full] = [samsa(["run", "acks-1-loses"]), samsa(["run", "acks-1-loses.yaml"])];
    expect(bare.code).toBe(0);
    expect(full.out).toBe(bare.out);
  });
});

describe("a command line that can't be followed exits with 2 and says what would be right", () => {
  test.each<[string, string[], RegExp]>([
    ["an unknown option", ["run", "tour", "--jsn"], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    ["an unknown command", ["rnu", "tour"], /^there is no command rnu\. Did you mean samsa run\?\n$/],
    [
      "two scenarios to open",
      ["tour", "acks-1-loses"],
      /^one scenario opens at a time; several are run by: samsa run tour acks-1-loses\n$/,
    ],
    ["no scenario to run", ["run"], /missing required argument 'scenario'/],
    [
      "a scenario with a typo",
      ["run", "acks-1-lose"],
      /^acks-1-lose: there is no such file, and no scenario of that name ships\. Did you mean acks-1-loses\?\n$/,
    ],
    ["a scenario that is like none", ["run", "xyzzy-plugh"], /`samsa list` shows those that do\.\n$/],
    ["a seed that is no number", ["run", "tour", "--seed", "x"], /A whole number from 0 to 2147483647 is needed/],
    ["an empty seed", ["run", "tour", "--seed", ""], /A whole number/],
    ["a time that is none", ["run", "tour", "--until", "soon"], /This is no time: write 500ms/],
    ["a language that is not spoken", ["run", "tour", "--lang", "de"], /It is en or ko/],
    ["a speed of nothing", ["tour", "--speed", "0"], /A number above 0 is needed/],
    ["an option before its command", ["--seed", "5", "run", "tour"], /^--seed stands before run: options go behind the command\n$/],
    ["more than list takes", ["list", "tour"], /too many arguments/],
  ])("%s", (_what, arguments_, message) => {
    const { code, out, err } = samsa(arguments_);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^ {4}at /m);
  });

  test("a folder, and a file that is none", () => {
    expect(samsa(["run", file("a-folder")])).toEqual({
      code: 2,
      out: "",
      err: `${file("a-folder")}: this is a folder; name a scenario's file\n`,
    });
    expect(samsa(["run", "/dev/null"])).toMatchObject({
      code: 2,
      out: "",
      err: "/dev/null: this is no file that a scenario could be read from\n",
    });
  });

  test("a name with control characters is not echoed raw", () => {
    expect(samsa(["run", "\u001b[31mred"]).err).toMatch(/^\\u001b\[31mred: there is no such file/);
  });

  test("a file that is not text", () => {
    writeFileSync(file("bytes.yaml"), Buffer.from([0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x32, 0x4a]));
    const { code, out, err } = samsa(["run", file("bytes.yaml")]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/bytes\.yaml:1:1 {2}/);
    expect(err).not.toContain("\u001b");
  });

  test("the dashboard without a terminal names samsa run", () => {
    for (const [arguments_, run] of [
      [[], "samsa run tour"],
      [["acks-1-loses"], "samsa run acks-1-loses"],
    ] as const) {
      const { code, out, err } = samsa(arguments_);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toContain(run);
    }
  });
});

describe("samsa list, --help, --version", () => {
  test("list names every scenario that ships with its title, in both languages", () => {
    const names = readdirSync(join(import.meta.dirname, "../../scenarios"))
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => name.slice(0, -".yaml".length));
    const { code, out } = samsa(["list"]);
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(names.sort());
    expect(samsa(["list", "--lang", "ko"]).out).toMatch(/[가-힣]/);
    const { scenarios } = JSON.parse(samsa(["list", "--json"]).out);
    expect(scenarios.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  test("--help names every command and the exit codes; the help of run says what --set can address", () => {
    const help = samsa(["--help"]);
    expect(help.code).toBe(0);
    for (const word of ["run", "list", "--lang", "Exit codes"]) expect(help.out).toContain(word);
    const ofRun = samsa(["run", "--help"]);
    for (const word of ["--json", "--trace", "--until", "--set", "--check", "producers.NAME.KEY=VALUE"]) expect(ofRun.out).toContain(word);
    expect(ofRun.code).toBe(0);
  });

  test("--version is that of the package", () => {
    expect(samsa(["--version"])).toEqual({ code: 0, out: `${packageJson.version}\n`, err: "" });
  });
});

test("a reader that goes away early is no error", () => {
  const command = `"${process.execPath}" "${main}" list | head -c 1; "${process.execPath}" "${main}" run tour --until 1s --json | true`;
  const { stderr, status } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
  expect([stderr, status]).toEqual(["", 0]);
});
