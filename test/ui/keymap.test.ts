import { describe, expect, test } from "vitest";
import { commandDocumentation } from "../../src/kafka/protocol/commands.ts";
import { keymap, keyTableMarkdown } from "../../src/ui/keymap.ts";
import { commandText, commandTypes, complete, completionsOf, parseCommand } from "../../src/ui/palette.ts";
import { wordsIn } from "../../src/ui/words.ts";
import { handMadeViews } from "./hand-made-views.ts";

const { names } = handMadeViews();
const en = wordsIn("en");
const message = (text: string): string => {
  const parsed = parseCommand(text, names, en);
  return parsed.ok ? "ok" : parsed.message;
};

describe("the key table", () => {
  test("no key does two things to one target", () => {
    for (const [index, binding] of keymap.entries()) {
      for (const other of keymap.slice(index + 1)) {
        const shared = binding.keys.filter((key) => other.keys.includes(key));
        const targets =
          binding.targets === undefined || other.targets === undefined || binding.targets.some((kind) => other.targets!.includes(kind));
        expect(shared.length > 0 && targets, `${shared} twice`).toBe(false);
      }
    }
  });

  test("the README's table names every key in it", () => {
    const table = keyTableMarkdown();
    for (const binding of keymap) expect(table).toContain(binding.title.en);
    expect(table).toContain("| The selected node | `x` | kill | broker, controller, producer, consumer |");
  });
});

describe("typed commands", () => {
  test("the example of every command in the catalogue is understood, and printed as it was typed", () => {
    const wide = { ...names, topics: ["orders", "payments"], consumers: ["c1", "c2", "c3"] };
    for (const type of commandTypes) {
      const { example } = commandDocumentation[type];
      const parsed = parseCommand(example, wide, en);
      expect(parsed, example).toMatchObject({ ok: true, command: { type } });
      if (parsed.ok && type !== "alter-client-config" && type !== "alter-broker-config") expect(commandText(parsed.command)).toBe(example);
    }
  });

  test("a missing value removes a config; * is all brokers", () => {
    expect(parseCommand("alter-broker-config * min.insync.replicas", names, en)).toEqual({
      ok: true,
      command: { type: "alter-broker-config", broker: null, key: "min.insync.replicas", value: null },
    });
  });

  test("configs of a new topic are given as key=value", () => {
    expect(parseCommand("create-topic payments 6 3 retention.ms=60000", names, en)).toEqual({
      ok: true,
      command: { type: "create-topic", topic: "payments", partitions: 6, replicationFactor: 3, configs: { "retention.ms": "60000" } },
    });
  });

  test("an error says what is wrong and what would be right", () => {
    expect(message("kill")).toBe("kill needs node: kill 2");
    expect(message("kill 9")).toBe("No node 9. 1, 2, 3, 101, 102, 103, p1, c1, c2, c3");
    expect(message("kill 2 3")).toBe("Too many words: kill 2");
    expect(message("change-load p1 many")).toBe("many is not a number: change-load p1 2000");
    expect(message("create-topic")).toBe("create-topic needs topic: create-topic payments 6 3");
    expect(message("add-consumer biling")).toBe("No group biling. Did you mean billing?");
    expect(message("constructor")).toBe("No command constructor.");
  });

  test("tab completes commands, names and config keys of the right scope", () => {
    expect(complete("kil", names)).toBe("kill ");
    expect(complete("alter-t", names)).toBe("alter-topic-config ");
    expect(complete("alter-topic-config or", names)).toBe("alter-topic-config orders ");
    expect(complete("alter-topic-config orders min.ins", names)).toBe("alter-topic-config orders min.insync.replicas ");
    expect(completionsOf("alter-client-config c1 session.", names)).toContain("session.timeout.ms");
    expect(completionsOf("alter-client-config p1 session.", names)).toEqual([]);
  });
});
