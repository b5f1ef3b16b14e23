/**
 * Bundles the program into dist/, npm packages included, so that it starts quickly: dist/main.js, one chunk for each command that main.ts
 * imports dynamically, and one file for each worker (src/engine/NAME.worker.ts becomes dist/NAME.worker.js, beside every chunk, so
 * `new URL("./NAME.worker.js", import.meta.url)` finds it from anywhere in the bundle).
 */
import { chmodSync, existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const main = "src/main.ts";

if (!existsSync(join(root, main))) {
  console.error(`${main} does not exist: nothing to bundle`);
  process.exit(0);
}

/** Ink imports React's development tools only when asked to; they are never part of the program. */
const withoutDevtools = {
  name: "without-devtools",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: "empty" }));
    esbuild.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export default {};" }));
  },
};

const result = await build({
  absWorkingDir: root,
  entryPoints: [main, ...globSync("src/engine/*.worker.ts", { cwd: root })],
  outdir: "dist",
  entryNames: "[name]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  jsx: "automatic",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  external: ["*.node", "cpu-features"],
  plugins: [withoutDevtools],
  write: false,
  logLevel: "warning",
}).catch(() => process.exit(1));

mkdirSync(dist, { recursive: true });
for (const { path, text } of result.outputFiles) {
  const isMain = path === join(dist, "main.js");
  writeFileSync(path, isMain ? `#!/usr/bin/env node\n${text}` : text);
  if (isMain) chmodSync(path, 0o755);
}
const written = new Set(result.outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(dist)) if (!written.has(name)) rmSync(join(dist, name), { recursive: true });
