import { Box } from "ink";
import { render } from "ink-testing-library";
import { expect, test, vi } from "vitest";
import type { Command } from "../../src/kafka/protocol/commands.ts";
import { ConfigsScreen } from "../../src/ui/screens/configs-screen.tsx";
import { createTheme } from "../../src/ui/theme.ts";

const theme = createTheme({ env: { NO_COLOR: "1", LANG: "en_US.UTF-8" }, language: "en" });

/** The configs of producer p1 on a screen of 96 columns, and the commands that it gave. */
function opened(answer: (command: Command) => string | null = () => null) {
  const commands: Command[] = [];
  const target = { scope: "producer" as const, name: "p1", set: { acks: "1" }, inherited: {} };
  const { lastFrame, stdin, unmount } = render(
    <Box width={96} height={30}>
      <ConfigsScreen
        target={target}
        now={target}
        top={0}
        columns={96}
        height={30}
        theme={theme}
        onCommand={(command) => {
          commands.push(command);
          return answer(command);
        }}
        onClose={() => {}}
      />
    </Box>,
  );
  return { commands, frame: () => lastFrame() ?? "", type: (keys: string) => stdin.write(keys), unmount };
}

test("the list shows each key with the value in force, its default, its range and when a change takes effect", async () => {
  const { frame, unmount } = opened();
  await vi.waitFor(() => expect(frame()).toContain("Configs of p1"));
  expect(frame()).toMatch(/linger\.ms\s+5/);
  expect(frame()).toMatch(/acks\s+1/);
  expect(frame()).toContain("default");
  expect(frame()).toContain("allowed");
  expect(frame()).toContain("takes effect");
  unmount();
});

test("a value that Kafka refuses stays in the field with Kafka's words under it", async () => {
  const words = "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1";
  const { frame, type, commands, unmount } = opened(() => words);
  await vi.waitFor(() => expect(frame()).toContain("Configs of p1"));
  type("\r");
  await vi.waitFor(() => expect(frame()).not.toContain("enter changes"));
  type("2");
  await vi.waitFor(() => expect(frame()).toContain("2"));
  type("\r");
  await vi.waitFor(() => expect(commands.length).toBe(1));
  await vi.waitFor(() => expect(frame().replaceAll(/\s+/g, " ")).toContain("Invalid value 2 for configuration acks"));
  unmount();
});
