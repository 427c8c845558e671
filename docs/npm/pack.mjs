/*
 * Packs the client library as an npm package: its modules, the types that
 * TypeScript reads from their comments, and what it says about itself.
 *
 *   node docs/npm/pack.mjs DIRECTORY VERSION
 *
 * The same source gives the same bytes.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const TOP = fileURLToPath(new URL("../..", import.meta.url));
const ENTRIES = ["parlor.js", "slots.js", "types.js"];

/* The modules that ENTRIES need, in code or in types. */
function modules() {
  const found = new Set(ENTRIES);
  for (const name of found) {
    const text = readFileSync(join(TOP, "www", name), "utf8");
    for (const [, other] of text.matchAll(/"(?:\.\/)?([a-z-]+\.js)"/g))
      if (existsSync(join(TOP, "www", other))) found.add(other);
  }
  return [...found].sort();
}

function about(version, files) {
  const named = (name) => ({ types: `./${name.replace(/js$/, "d.ts")}`, default: `./${name}` });
  return {
    name: "parlor-client",
    version,
    description: "Client of Parlor: chat rooms and notifications over plain HTTP",
    license: "MIT",
    type: "module",
    engines: { node: ">=20" },
    sideEffects: false,
    types: "./parlor.d.ts",
    exports: { ".": named("parlor.js"), "./slots.js": named("slots.js"), "./types.js": named("types.js") },
    files: files.flatMap((name) => [name, name.replace(/js$/, "d.ts")]),
  };
}

function compiler() {
  const path = join(TOP, "tests/node_modules/.bin/tsc");
  if (!existsSync(path))
    execFileSync("npm", ["ci", "--loglevel=error", "--no-audit", "--no-fund"], { cwd: join(TOP, "tests"), stdio: "inherit" });
  return path;
}

const [directory, version] = process.argv.slice(2);
const to = resolve(directory);
const staged = join(to, "package");
const files = modules();

rmSync(staged, { recursive: true, force: true });
mkdirSync(staged, { recursive: true });
for (const name of files) copyFileSync(join(TOP, "www", name), join(staged, name));
copyFileSync(join(TOP, "LICENSE"), join(staged, "LICENSE"));
copyFileSync(join(TOP, "docs/npm/README.md"), join(staged, "README.md"));
writeFileSync(join(staged, "package.json"), `${JSON.stringify(about(version, files), null, 2)}\n`);
execFileSync(compiler(), [
  "--allowJs", "--declaration", "--emitDeclarationOnly", "--strict", "--useUnknownInCatchVariables", "false", "--target", "es2022",
  "--lib", "es2023,dom,dom.iterable", "--module", "esnext", "--moduleResolution", "bundler", "--outDir", staged,
  ...files.map((name) => join(staged, name)),
], { stdio: "inherit" });
execFileSync("npm", ["pack", "--silent", "--pack-destination", to], { cwd: staged, stdio: "inherit" });
rmSync(staged, { recursive: true });
