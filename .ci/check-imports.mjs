/**
 * `node .ci/check-imports.mjs [ROOT]`: the imports of ROOT/src keep to floors.mjs. Types count too. Seeing nothing is a failure, not a pass.
 * (dependency-cruiser is not used: beside TypeScript 7 it can read no TSX, and overlooks `import("…").Type`.)
 */
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix } from "node:path";
import { mayImport, mayUseNode, packageHomes, roomOf } from "./floors.mjs";
import { finish, nodesOf, readSource, root, sourceFiles } from "./source.mjs";

/** What a node imports: undefined for nothing, null when only the running program would know. */
function importedBy(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return node.source?.value;
    case "TsImportType":
      return node.argument.value;
    case "TsExternalModuleReference":
      return node.expression.value;
    case "CallExpression": {
      const isImport = node.callee.type === "Import" || (node.callee.type === "Identifier" && node.callee.value === "require");
      if (!isImport) return undefined;
      const argument = node.arguments[0]?.expression;
      return argument?.type === "StringLiteral" ? argument.value : null;
    }
    default:
      return undefined;
  }
}

/** Why `file` may not import `specifier`, or null. */
function refusal(file, room, specifier) {
  if (specifier === null) return "imports something that cannot be known before it runs";
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(file), specifier);
    if (!existsSync(join(root, target))) return `imports ${target}, which does not exist`;
    if (target === "package.json" && (room === "cli" || room === "main.ts")) return null;
    const targetRoom = roomOf(target);
    if (targetRoom === undefined) return `imports ${target}, which is in no room of src`;
    return mayImport(room, targetRoom) ? null : `imports ${target}: ${room} may not import ${targetRoom}`;
  }
  if (isBuiltin(specifier))
    return mayUseNode(file) ? null : `imports ${specifier}: Node's modules are for engine's workers, recorder, server, cli and main.ts`;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const home = packageHomes.find(({ packages }) => packages.test(name));
  if (home === undefined) return `imports ${name}: .ci/floors.mjs gives this package no home`;
  return home.rooms.includes(room) ? null : `imports ${name}, which is only for ${home.rooms.join(", ")}`;
}

const files = sourceFiles("src");
const failures = [];
let imports = 0;
for (const file of files) {
  const room = roomOf(file);
  if (room === undefined) {
    failures.push(`${file}: is in no room that .ci/floors.mjs knows`);
    continue;
  }
  const { tree, placeOf } = readSource(file);
  for (const node of nodesOf(tree)) {
    const specifier = importedBy(node);
    if (specifier === undefined) continue;
    imports++;
    const why = refusal(file, room, specifier);
    if (why !== null) failures.push(`${placeOf(node)} ${why}`);
  }
}
if (files.length === 0) failures.push("src holds no TypeScript at all");
else if (imports === 0) failures.push("no file of src imports anything: the check has seen nothing");
finish("import rules", files, failures);
