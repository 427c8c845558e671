import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { kindsOfDef, kindsOfDocument } from "./lib/contract.mjs";
import { longC, longJs } from "./lib/functions.mjs";
import { TOP, files, grep, text } from "./lib/tree.mjs";

const sorted = (list) => [...list].sort();
const lines = (n, line) => Array.from({ length: n }, () => line).join("\n");

function redocly() {
  return join(TOP, "tests/node_modules/.bin/redocly");
}

/* /rooms/{room} and /{room}/raw are told apart by the folder before them. */
const DIFFERENT_SERVERS = ["--skip-rule=no-ambiguous-paths"];

function lint(file) {
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  const run = spawnSync(redocly(), ["lint", "--extends=recommended", ...DIFFERENT_SERVERS, "--format=stylish", file], { cwd: TOP, env, encoding: "utf8" });
  return { status: run.status, said: run.stdout + run.stderr };
}

test("tree: the API document lints clean", () => {
  const dir = mkdtempSync(join(tmpdir(), "parlor-lint-"));
  try {
    const bad = join(dir, "bad.yaml");
    writeFileSync(bad, "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/a: {get: {}}}\n");
    assert.notEqual(lint(bad).status, 0, "a bad one does not");
  } finally {
    rmSync(dir, { recursive: true });
  }
  const { status, said } = lint("docs/openapi.yaml");
  assert.equal(status, 0, said);
  assert.doesNotMatch(said, /\b[1-9]\d* warning/, said);
  assert.match(text("docs/openapi.yaml"), /^openapi: ["']?3\.1\./m);
});

test("tree: the kinds of events are those of the document and of the page", async () => {
  assert.deepEqual(kindsOfDef('KIND(A, "a")\nKIND(BC, "bc")\n'), ["a", "bc"]);
  assert.deepEqual(kindsOfDocument("| `a` | x |\n| kind | y |\n|---|---|\n| `bc` {z} | x |"), ["a", "bc"]);
  const kinds = kindsOfDef(text("db/rows/kinds.def"));
  const control = ["sync", "hb", "bye"];
  assert.ok(kinds.length >= 5);
  const described = kindsOfDocument(text("docs/EVENTS.md")).filter((kind) => !control.includes(kind));
  assert.deepEqual(sorted(described), sorted(kinds));
  const { KINDS } = await import(join(TOP, "www/parlor.js"));
  const facts = Object.keys(KINDS).filter((kind) => KINDS[kind] === "fact");
  assert.deepEqual(sorted(facts), sorted(kinds));
  assert.deepEqual(sorted(Object.keys(KINDS)), sorted([...kinds, ...control]));
  for (const kind of kinds) assert.ok(!["open", "error", ...control].includes(kind), kind);
});

test("tree: no function in C is longer than 60 lines", () => {
  const body = (n) => `static int\nf(void)\n{\n${lines(n, "\tx();")}\n}\n`;
  assert.deepEqual(longC("a.c", body(59)), []);
  assert.equal(longC("a.c", body(60)).length, 1);
  const sources = files(/\.c$/);
  assert.ok(sources.length > 20);
  assert.deepEqual(sources.flatMap((file) => longC(file, text(file))), []);
});

test("tree: no function in JavaScript is longer than 60 lines", () => {
  const body = (n) => `function f(a = {}) {\n${lines(n, '  x("}", /}/);')}\n}\n`;
  assert.deepEqual(longJs("a.js", body(59)), []);
  assert.equal(longJs("a.js", body(60)).length, 1);
  assert.equal(longJs("a.js", `on(() => {\n${lines(60, "  if (a) { b(); }")}\n});\n`).length, 1);
  assert.equal(longJs("a.js", `class A {\n  m(b) {\n${lines(60, "    x();")}\n  }\n}\n`).length, 1);
  assert.deepEqual(longJs("a.js", `class A {\n${lines(99, "  x = 1;")}\n}\n`), []);
  const sources = files(/\.m?js$/);
  assert.ok(sources.length > 10);
  assert.deepEqual(sources.flatMap((file) => longJs(file, text(file))), []);
});

test("D1 tree: no pragma is called as a function with an argument, which SQLite's versions read differently", () => {
  const call = /\bpragma_\w+\s*\(/i;
  assert.match('"SELECT 1 FROM pragma_integrity_check(20)"', call);
  assert.deepEqual(grep(files(/^(db\/.*\.c|migrations\/.*\.sql)$/), call), []);
});

const MARKUP = /\.(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(|javascript:|\son[a-z]+=|srcdoc|DOMParser|createContextualFragment/;

test("tree: the page makes no markup out of texts and has no script or style within", () => {
  for (const bad of ["a.innerHTML = x", 'a.insertAdjacentHTML("x")', "document.write(x)", "eval(x)", '<b onclick="x">'])
    assert.match(bad, MARKUP);
  const page = files(/^www\//);
  assert.ok(page.length >= 3);
  assert.deepEqual(grep(page, MARKUP), []);
  assert.deepEqual(grep(files(/^www\/.*\.html$/), /<script(?![^>]*\bsrc=)|<style|\sstyle=/), []);
});

const LEFT_OVER = new RegExp(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].map((word) => `\\b${word}\\b`).join("|"));
const MACHINE = new RegExp(["work", "root", "farm", "home/(?!you/)[a-z]+"].map((dir) => `(^|[\\s"'=(:])/(${dir})/`).join("|"));
const SKIPPED = new RegExp(["\\.sk" + "ip\\(", "\\.on" + "ly\\(", "\\.to" + "do\\(", "[^a-z_]sl" + "eep\\(", "\\busl" + "eep\\("].join("|"));

/* A client waits before it repeats a request. */
const waits = (name) => /^docs\/examples\//.test(name);

test("tree: nothing is left over, tied to a machine, skipped or slept through", () => {
  for (const [pattern, bad] of [[LEFT_OVER, "/* TO" + "DO: x */"], [MACHINE, 'open("/wo' + 'rk/x")'], [SKIPPED, "test.sk" + "ip(x)"]]) {
    assert.match(bad, pattern);
    const read = files().filter((name) => !/package-lock\.json$/.test(name) && !(pattern === SKIPPED && waits(name)));
    assert.deepEqual(grep(read, pattern), []);
  }
});

function holes(names) {
  const numbers = names.map((name) => Number(/\/(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]));
  return numbers.some((n, i) => n !== i + 1);
}

test("tree: migrations are numbered from 1 without holes", () => {
  assert.ok(holes(["m/0001_a.sql", "m/0003_b.sql"]));
  assert.ok(holes(["m/0001_a.sql", "m/0001_b.sql"]));
  assert.ok(holes(["m/1.sql"]));
  const names = files(/^migrations\//);
  assert.ok(names.length > 0);
  assert.ok(!holes(names), names.join(" "));
  for (const name of names) assert.match(text(name), /^--/, `${name} says why`);
});

const PLACES = [
  /^(Makefile|README\.md|LICENSE|CHANGELOG\.md|CONTRIBUTING\.md|\.gitignore|\.gitattributes|\.editorconfig|\.clang-format|\.clang-tidy)$/,
  /^\.ci\/[a-z]+$/,
  /^(api(\/(doors|http|feed|handlers))?|poller(\/proto)?|db\/(base|text|engine|engine\/sqlite|rows|chat|admin))\/[a-z_]+\.(c|h|def)$/,
  /^www\/build\.py$/,
  /^docs\/(openapi|man\/settings)\.py$/,
  /^docs\/man\/[a-z.-]+\.[1-8]$/,
  /^docs\/completion\/parlor\.bash$/,
  /^docs\/debian\/(source\/format|[a-z-]+(\.conf)?)$/,
  /^migrations\/\d{4}_[a-z0-9_]+\.sql$/,
  /^www\/[a-z0-9_-]+\.(html|css|js|svg|png|ico|webmanifest)$/,
  /^docs\/[A-Za-z0-9_.-]+\.(md|yaml|svg|png)$/,
  /^docs\/systemd\/([a-z-]+\.service|sysusers\.conf)$/,
  /^docs\/image\/(Dockerfile(\.dockerignore)?|compose\.yaml|Caddyfile|entrypoint)$/,
  /^docs\/operate\/(alerts\.yml|dashboard\.json)$/,
  /^docs\/zip\/(dist|icudata|pack|README\.txt|parlor\.conf|not-started\.htaccess)$/,
  /^docs\/((nginx|lighttpd)\/[a-z]+\.conf|caddy\/[a-z]+\.caddy)$/,
  /^docs\/npm\/(pack\.mjs|README\.md)$/,
  /^docs\/examples\/[a-z]+\.(sh|py|php)$/,
  /^docs\/apache\/([a-z_]+\.conf|[a-z]+\.htaccess|api\.fcgi)$/,
  /^tests\/(unit|load|shim)\/[a-z0-9_]+\.[ch]$/,
  /^tests\/lib\/[a-z_]+\.(c|h|def)$/,
  /^tests\/(harness|mutants)\/[a-z_]+\.(c|mjs)$/,
  /^tests\/(e2e|soak|tree|page|bench)\/(lib\/)?[a-z0-9-]+(\.test)?\.mjs$/,
  /^tests\/(package\.json|package-lock\.json|tsconfig\.json|\.npmrc|run|all|distros(-package)?|lint|lint\.cfg|REGRESSIONS\.md)$/,
];

function misplaced(names) {
  return names.filter((name) => !PLACES.some((place) => place.test(name)));
}

test("tree: there is nothing but what belongs, and nothing large", () => {
  const bad = ["core", "api/a.o", "var/parlor.db", "build/x", "www/a.map", "notes.txt", "tests/node_modules/a.js", "db/a.c~"];
  assert.deepEqual(misplaced(bad), bad);
  assert.deepEqual(misplaced(files()), []);
  assert.deepEqual(files().filter((name) => text(name).length > 120_000), []);
});

test("tree: the lock of the test packages names no host and pins every version", () => {
  const lock = text("tests/package-lock.json");
  assert.doesNotMatch(lock, /https?:\/\/|"resolved"/);
  const { devDependencies } = JSON.parse(text("tests/package.json"));
  for (const version of Object.values(devDependencies)) assert.match(version, /^\d+\.\d+\.\d+$/);
});
