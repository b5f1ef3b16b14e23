/** Reading the sources as syntax trees, for the checks of this folder (TypeScript 7 has no interface for programs; swc reads all that it does). */
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync } from "@swc/core";

export const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));

export function sourceFiles(folder) {
  return globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
}

/** {tree, placeOf(node)}. swc counts bytes over all that it has parsed; a semicolon put before the text marks where this file begins. */
export function readSource(file) {
  const text = readFileSync(join(root, file), "utf8");
  const tree = parseSync(`;${text}`, { syntax: "typescript", tsx: file.endsWith(".tsx"), decorators: true, target: "es2024" }).body;
  const begin = tree[0].span.start + 1;
  const bytes = Buffer.from(text);
  const placeOf = ({ span }) => {
    const before = bytes
      .subarray(0, span.start - begin)
      .toString()
      .split("\n");
    return `${file}:${before.length}:${before.at(-1).length + 1}`;
  };
  return { tree, placeOf };
}

/** Every node of a tree, parents first; `skip(node)` may name fields that are not to be followed. */
export function* nodesOf(tree, skip = () => []) {
  if (tree === null || typeof tree !== "object") return;
  if (Array.isArray(tree)) {
    for (const item of tree) yield* nodesOf(item, skip);
    return;
  }
  if (typeof tree.type === "string") yield tree;
  const skipped = skip(tree);
  for (const [field, value] of Object.entries(tree)) if (!skipped.includes(field)) yield* nodesOf(value, skip);
}

/** Prints what was found and ends the process: with 1 if there is anything. */
export function finish(check, files, failures) {
  for (const failure of failures) console.error(failure);
  console.log(`${check}: ${files.length} files, ${failures.length} violations`);
  process.exit(failures.length > 0 ? 1 : 0);
}
