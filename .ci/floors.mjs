/**
 * Who may import whom, for .ci/check-imports.mjs. Imports go down only: a room sees the rooms of lower floors and itself, never another room of its
 * own floor. main.ts stands on top of all.
 */
export const floors = [
  ["kernel"],
  ["kafka/protocol"],
  ["kafka/network", "kafka/client", "kafka/log", "kafka/group-coordinator", "kafka/transaction-coordinator", "kafka/controller"],
  ["kafka/producer", "kafka/consumer", "kafka/broker"],
  ["kafka/application"],
  ["kafka/cluster"],
  ["ledger", "trace", "invariants"],
  ["scenario"],
  ["engine"],
  ["ui"],
  ["recorder", "server"],
  ["cli"],
];

const rooms = floors.flat();
const fromFloorOf = (room) => rooms.slice(rooms.indexOf(floors.find((floor) => floor.includes(room))[0]));

/** Which rooms may use an npm package. One that is not named here may be used nowhere in src. */
export const packageHomes = [
  { packages: /^pure-rand$/, rooms: ["kernel"] },
  { packages: /^(yaml|zod)$/, rooms: ["scenario"] },
  { packages: /^immer$/, rooms: fromFloorOf("engine") },
  { packages: /^(react|ink|ink-.+|string-width)$/, rooms: fromFloorOf("ui") },
  { packages: /^ssh2$/, rooms: ["server"] },
  { packages: /^commander$/, rooms: ["cli"] },
];

/** Which files may use Node's own modules: engine's workers and the files that start them (their names say so), recorder, server, cli, main.ts. */
export const mayUseNode = (file) => /^src\/(engine\/[^/]*worker[^/]*\.ts$|(recorder|server|cli)\/|main\.ts$)/.test(file);

/** The room of a file, "main.ts" for src/main.ts, undefined for a file in no room. */
export function roomOf(file) {
  return file === "src/main.ts" ? "main.ts" : rooms.find((room) => file.startsWith(`src/${room}/`));
}

/** Whether what stands in room `from` may import what stands in room `to`. */
export function mayImport(from, to) {
  if (from === to || from === "main.ts") return true;
  const floorOf = (room) => floors.findIndex((floor) => floor.includes(room));
  return to !== "main.ts" && floorOf(to) < floorOf(from);
}
