/*
 * docs/ARCHITECTURE.md: its list of files is whole and says what the headers say, and its ways
 * lead through functions that exist.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { files, text } from "./lib/tree.mjs";

const DOCUMENT = text("docs/ARCHITECTURE.md");

const sorted = (list) => [...list].sort();

test("tree: ARCHITECTURE has a line for each C file, and none for what does not exist", () => {
  const listed = [...DOCUMENT.matchAll(/^- `([a-z_/]+)`: \S/gm)].map(([, name]) => name);
  const stems = files(/^(api|poller|db)\/.*\.(c|h|def)$/).map((file) => file.replace(/\.\w+$/, ""));
  assert.ok(listed.length > 100);
  assert.deepEqual(sorted(listed), sorted(new Set(stems)));
});

/* How the comment of a header begins, as one line. */
function opening(source) {
  const [, comment] = /^\/\*(.*?)\*\//s.exec(source) ?? ["", ""];
  return comment.replace(/\n \*/g, " ").replace(/\s+/g, " ").trim();
}

const agree = (name, line, source) => opening(source).startsWith(`${name.split("/").pop()}: ${line}.`);

test("tree: the first sentence of a header is the file's line in ARCHITECTURE, word by word", () => {
  const source = "/*\n * ring: the newest\n * frames.  More.\n */\n";
  assert.ok(agree("poller/ring", "the newest frames", source));
  assert.ok(!agree("poller/ring", "the newest", source));
  const headers = new Set(files(/^(api|poller|db)\/.*\.h$/));
  const lines = [...DOCUMENT.matchAll(/^- `([a-z_/]+)`: (\S.*(?:\n {2}.*)*)/gm)]
    .map(([, name, line]) => ({ name, line: line.replace(/\s+/g, " ") }))
    .filter(({ name }) => headers.has(`${name}.h`));
  assert.ok(lines.length > 100);
  assert.deepEqual(lines.filter(({ name, line }) => !agree(name, line, text(`${name}.h`))), []);
});

test("tree: each step of the ways through the code names a function of that file", () => {
  const steps = [...DOCUMENT.matchAll(/`([a-z_]+\/[a-z_/]+):([a-z0-9_]+)`/g)].map(([, file, name]) => ({ file: `${file}.c`, name }));
  assert.ok(steps.length > 40);
  const known = new Set(files());
  const defines = ({ file, name }) => known.has(file) && new RegExp(`^${name}\\(`, "m").test(text(file));
  assert.ok(!defines({ file: "api/api.c", name: "api_hand" }));
  assert.deepEqual(steps.filter((step) => !defines(step)), []);
});
