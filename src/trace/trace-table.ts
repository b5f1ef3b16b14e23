import { traceEvents } from "../kafka/protocol/trace-events.ts";

const kinds = { n: "number", t: "text", N: "numbers", T: "texts", b: "true or false" } as const;

const introduction = `# The trace

\`samsa run SCENARIO --trace FILE\` writes what happens as JSON Lines: one event a line, in order. Equal scenario, seed and commands give an equal file, byte for byte.

Every event begins with

| field | kind | meaning |
| --- | --- | --- |
| \`at\` | number | virtual milliseconds since the beginning |
| \`seq\` | number | counts the events from 0 |
| \`cause\` | number | the \`seq\` of the event that brought this one about; -1: none. What an absence brings about (a fencing, a timeout) names what stopped the expected thing |
| \`node\` | text | where it happened: a broker's or controller's number, a client's name, \`operator\` for commands |
| \`type\` | text | one of the types below |

and goes on with the fields of its type, in this order. \`ids\` are runs of records: first id, count, first id, count, … A record's id counts the producer's send() calls from 0. \`config\` is the key that decided.
`;

/** The text of TRACE.md. A test compares the file with it. */
export function traceTableMarkdown(): string {
  const lines = [introduction, "| type | when | fields |", "| --- | --- | --- |"];
  for (const [type, { about, fields }] of Object.entries(traceEvents)) {
    const list = Object.entries(fields).map(([name, kind]) => `\`${name}\` ${kinds[kind as keyof typeof kinds]}`);
    lines.push(`| \`${type}\` | ${about.replaceAll("|", "\\|")} | ${list.join("<br>")} |`);
  }
  return `${lines.join("\n")}\n`;
}
