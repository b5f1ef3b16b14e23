/**
 * `node .ci/check-determinism.mjs [ROOT]`: nothing below the engine may ask the machine for time, chance, language or concurrency, nor compute
 * powers and logarithms with Math, whose last bit differs between machines (src/kernel/power.ts does that, and is the one exception).
 * Reads the syntax tree, so that comments, strings and property names do not count.
 */
import { finish, nodesOf, readSource, sourceFiles } from "./source.mjs";

const rooms = ["kernel", "kafka", "ledger", "trace", "invariants", "scenario"];
const powerFile = "src/kernel/power.ts";

/** Names that mean the machine wherever they stand as a value or a type. */
const globals = new Set(
  `Date performance Intl Promise setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask
  globalThis WeakRef FinalizationRegistry Temporal Atomics`.split(/\s+/),
);
/** The same, but also ordinary words here: they mean the machine only when a member of theirs is read and the file declares no such name. */
const ambiguousGlobals = new Set(["process", "global", "crypto"]);
/** Members of Math that every machine computes alike, to the last bit. */
const exactMath = new Set(
  "abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2".split(" "),
);
const isLocalised = (name) => name === "localeCompare" || name.startsWith("toLocale");

/** Nodes whose field `key` is a name of a field, not a use of what has that name. */
const keyed = new Set(
  `KeyValueProperty KeyValuePatternProperty MethodProperty GetterProperty SetterProperty ClassMethod ClassProperty
  TsPropertySignature TsMethodSignature TsGetterSignature TsSetterSignature`.split(/\s+/),
);

function isMathMember(node) {
  return (
    node.type === "MemberExpression" &&
    node.object.type === "Identifier" &&
    node.object.value === "Math" &&
    node.property.type === "Identifier"
  );
}

function fieldNames(node) {
  if (isMathMember(node)) return ["object", "property"];
  if (node.type === "MemberExpression" && node.property.type === "Identifier") return ["property"];
  return keyed.has(node.type) && node.key?.type === "Identifier" ? ["key"] : [];
}

function declaredNames(tree) {
  const names = new Set();
  for (const node of nodesOf(tree)) {
    const declared = {
      VariableDeclarator: node.id,
      FunctionDeclaration: node.identifier,
      Parameter: node.pat,
      ImportSpecifier: node.local,
    }[node.type];
    const parameters = node.type === "ArrowFunctionExpression" ? node.params : [];
    for (const name of [declared, ...parameters]) if (name?.type === "Identifier") names.add(name.value);
  }
  return names;
}

function isNumber(node) {
  return node?.type === "NumericLiteral" || node?.type === "BigIntLiteral";
}

/** What a node does that is forbidden below the engine. */
function* offences(node, file, declared) {
  const name = node.type === "Identifier" ? node.value : undefined;
  if (globals.has(name)) yield name;
  if (name === "Math") yield "Math other than as Math.member";
  if (isMathMember(node)) {
    const member = node.property.value;
    const isAllowed = exactMath.has(member) || (file === powerFile && member !== "random");
    if (!isAllowed) yield `Math.${member}`;
  } else if (node.type === "MemberExpression") {
    const member = node.property.value ?? node.property.expression?.value;
    if (typeof member === "string" && isLocalised(member)) yield member;
    if (node.object.type === "Identifier" && ambiguousGlobals.has(node.object.value) && !declared.has(node.object.value))
      yield node.object.value;
  }
  if (node.type === "KeyValuePatternProperty" && node.key.type === "Identifier" && isLocalised(node.key.value)) yield node.key.value;
  if (node.type === "AssignmentPatternProperty" && isLocalised(node.key.value)) yield node.key.value;
  // 2 ** 53 is a number written down: every machine agrees on it.
  const isWrittenDown = isNumber(node.left) && isNumber(node.right);
  if ((node.operator === "**" || node.operator === "**=") && file !== powerFile && !isWrittenDown) yield node.operator;
  if (node.async === true || node.function?.async === true) yield "async";
  if (node.type === "AwaitExpression") yield "await";
  if (node.type === "ForOfStatement" && (node.isAwait || node.await)) yield "for await";
  if (node.type === "CallExpression" && node.callee.type === "Import") yield "import()";
}

const files = rooms.flatMap((room) => sourceFiles(`src/${room}`));
const failures = [];
for (const file of files) {
  const { tree, placeOf } = readSource(file);
  const declared = declaredNames(tree);
  for (const node of nodesOf(tree, fieldNames)) {
    for (const offence of offences(node, file, declared))
      failures.push(`${node.span ? placeOf(node) : file} ${offence}: not below the engine`);
  }
}
if (files.length === 0) failures.push("there is no TypeScript below the engine: the check has seen nothing");
finish("determinism", files, failures);
