/* The documents name files, links and chapters that exist; all texts have American spelling. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { british } from "./lib/spelling.mjs";
import { TOP, files, text } from "./lib/tree.mjs";

const DOCUMENTS = files(/^(README|CONTRIBUTING|CHANGELOG|docs\/\w+|tests\/REGRESSIONS)\.md$/);
const ENDINGS = ["", ".c", ".h", ".def", ".test.mjs"];

const exists = (path) => ENDINGS.some((ending) => existsSync(join(TOP, path + ending)));

/* Paths of the tree in code: `db/rows/rooms` stands for the .c and the .h.  NAME and NNNN are the reader's. */
function wrongPaths(document) {
  const paths = [...document.matchAll(/`((?:api|db|docs|migrations|poller|tests|www)\/[\w./-]*)/g)].map(([, path]) => path);
  return paths.filter((path) => !/^api\/v1\//.test(path) && !/NAME|NNNN/.test(path) && !exists(path));
}

/* Names of the code that the guide to changes uses, and no source has. */
function wrongNames(document, sources) {
  const code = [...document.matchAll(/`([^`]+)`/g)].map(([, words]) => words).filter((words) => !words.includes("/"));
  const names = code.flatMap((words) => words.match(/\b[a-z]+_\w+\b/g) ?? []);
  return names.filter((name) => !sources.some((source) => new RegExp(`\\b${name}`).test(source)));
}

/* The anchor that GitHub gives a heading. */
function anchorsOf(document) {
  const headings = document.replace(/^```[^]*?^```/gm, "").matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, title]) => title.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"));
}

/* Links within FILE's document that lead nowhere. */
function wrongLinks(file, document, read = text) {
  const links = [...document.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  return links.filter((link) => !/^https?:/.test(link)).filter((link) => {
    const [path, anchor] = link.split("#");
    const target = path ? normalize(join(dirname(file), path)) : file;
    if (!existsSync(join(TOP, target))) return true;
    return anchor !== undefined && !anchorsOf(target === file ? document : read(target)).includes(anchor);
  });
}

test("tree: every path of the tree that a document names exists", () => {
  assert.deepEqual(wrongPaths("`db/base/buf` `db/base/buf.h` `migrations/NNNN_words.sql` `api/v1/rooms` `tests/tree/documents`"), []);
  assert.deepEqual(wrongPaths("`db/nothing.c` and `www/nothing.js`"), ["db/nothing.c", "www/nothing.js"]);
  assert.ok(DOCUMENTS.length >= 10);
  for (const file of DOCUMENTS) assert.deepEqual(wrongPaths(text(file)), [], file);
});

test("tree: the guide to changes names functions and lists that the sources have", () => {
  assert.deepEqual(wrongNames("`f_one(x)` and `f_t`, `f_three`, `a/f_four`, f_five", ["f_one();\nf_two();\n"]), ["f_three"]);
  const sources = files(/\.(c|h|def|m?js)$/).filter((file) => file !== "tests/tree/documents.test.mjs").map(text);
  assert.deepEqual(wrongNames(text("CONTRIBUTING.md"), sources), []);
});

test("tree: every link of a document leads to a file and a chapter that exist", () => {
  const document = "# One, two\n\n[a](#one-two) [b](docs/EVENTS.md#websocket) [c](https://example.org/#x)\n";
  assert.deepEqual(wrongLinks("README.md", document), []);
  const bad = "# One\n\n[a](#two) [b](docs/NOTHING.md) [c](docs/EVENTS.md#nothing)\n";
  assert.deepEqual(wrongLinks("README.md", bad), ["#two", "docs/NOTHING.md", "docs/EVENTS.md#nothing"]);
  for (const file of DOCUMENTS) assert.deepEqual(wrongLinks(file, text(file)), [], file);
});

test("tree: the command that DEPLOY gives for a poller behind .htaccess uncomments every rule for it", () => {
  const [, options] = /^sed -i ((?:-e \S+ )+)~\/public_html\/chat\/\.htaccess$/m.exec(text("docs/DEPLOY.md"));
  const file = join(TOP, "docs/apache/fcgid.htaccess");
  const edited = execFileSync("sh", ["-c", `sed ${options} "$1"`, "sh", file], { encoding: "utf8", env: { ...process.env, HOME: "/home/ann" } });
  const commented = /^#(\S.*)$/gm;
  const rules = [...text("docs/apache/fcgid.htaccess").matchAll(commented)].map(([, rule]) => rule.replace("/home/you", "/home/ann"));
  assert.equal(rules.length, 5);
  const lines = edited.split("\n");
  for (const rule of rules) assert.ok(lines.includes(rule), rule);
});

test("tree: every text has American spelling", () => {
  const bad = ["colour", "isColour", "COLOURED", "bg_colour", "authorised", "analysed", "cancelled", "licences", "towards", "a behaviour"];
  for (const word of bad) assert.equal(british(word).length, 1, word);
  const good = ["color", "BEHAVIOURS", "aria-labelledby", "analysis", "emphasis", "optimist", "minimum", "programmer", "cancellation", "theater",
    "  animation: appear 1s backwards;"];
  for (const word of good) assert.deepEqual(british(word), [], word);
  const own = files().filter((file) => !/package-lock\.json$|\.(png|ico|svg|woff2?)$|^(www\/tlds\.js|tests\/tree\/(lib\/spelling\.mjs|documents\.test\.mjs))$/.test(file));
  assert.ok(own.length > 500);
  assert.deepEqual(own.flatMap((file) => british(text(file)).map((word) => `${file}: ${word}`)), []);
});

test("tree: the documents name the schema that the programs want", () => {
  const newest = files(/^migrations\/\d+_\w+\.sql$/).length;
  assert.equal(/"schema":(\d+),/.exec(text("docs/DEPLOY.md"))[1], String(newest));
  assert.equal(/^The schema is (\d+): run `parlor migrate`/m.exec(text("CHANGELOG.md"))[1], String(newest));
});
