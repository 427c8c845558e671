/* The first line of a test file names the parts of tests/run that it belongs to. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { TOP, files, text } from "./lib/tree.mjs";

/* How many files each part has at least: a tag that gets lost is noticed. */
const AT_LEAST = {
  e2e: 57, alone: 1, san: 49, race: 22, form: 22, more: 7, system: 10, crash: 1, soak: 1, front: 3, "front-proxy": 1,
};
/* A file without one of these would run in no ordinary run of the tests. */
const ORDINARY = ["e2e", "alone", "front", "front-proxy", "soak"];

/* {parts, wrong} by the first line of a test file. */
function tagOf(source) {
  const [, list] = /^\/\/ parts: ([a-z0-9 -]+?)(?: \(long\))?\n/.exec(source) ?? [];
  if (/^.*\n[^]*^\/\/ parts:/m.test(source)) return { parts: [], wrong: "more than one line names parts" };
  if (!list) return { parts: [], wrong: "its first line names no parts" };
  const parts = list.split(" ");
  const unknown = parts.filter((part) => !(part in AT_LEAST));
  if (unknown.length > 0) return { parts, wrong: `no part is called "${unknown[0]}"` };
  if (new Set(parts).size !== parts.length) return { parts, wrong: "a part is named twice" };
  if (!parts.some((part) => ORDINARY.includes(part))) return { parts, wrong: "no ordinary run includes it" };
  return { parts, wrong: null };
}

const TESTS = files(/^tests\/(e2e|soak)\/[a-z0-9-]+\.test\.mjs$/);

/* The files that tests/run would run for PART. */
function listed(part, form) {
  const env = { ...process.env, FORM: form ?? "" };
  const { stdout, status } = spawnSync(join(TOP, "tests/run"), ["--list", part], { cwd: TOP, encoding: "utf8", env });
  assert.equal(status, 0, stdout);
  return stdout.trimEnd().split("\n");
}

test("tree: every end-to-end test file names its parts in its first line", () => {
  for (const good of ["// parts: e2e\n", "// parts: e2e san form\n", "// parts: soak (long)\n", "// parts: form front\n"])
    assert.equal(tagOf(good).wrong, null, good);
  for (const bad of ["\n// parts: e2e\n", "// parts:\n", "// parts: e2e, san\n", "// parts: e2e  san\n", "// parts: e2e sand\n",
    "// parts: e2e e2e\n", "// parts: san form\n", "// parts: e2e (slow)\n", "/* parts: e2e */\n",
    "// parts: e2e\n// parts: e2e\n"]) assert.ok(tagOf(bad).wrong, bad);
  assert.ok(TESTS.length > 50);
  assert.deepEqual(TESTS.filter((file) => tagOf(text(file)).wrong).map((file) => `${file}: ${tagOf(text(file)).wrong}`), []);
});

test("tree: the runner takes the files of a part from those lines, and no part has become smaller", () => {
  const tagged = (...parts) => TESTS.filter((file) => tagOf(text(file)).parts.some((part) => parts.includes(part)));
  for (const [part, least] of Object.entries(AT_LEAST))
    assert.ok(tagged(part).length >= least, `${part} has ${tagged(part).length} files, not ${least}`);
  for (const part of ["san", "race", "form", "more", "system", "crash", "soak", "front"])
    assert.deepEqual(listed(part).sort(), tagged(part), part);
  assert.deepEqual(listed("e2e").sort(), tagged("e2e", "alone"));
  assert.equal(listed("e2e").at(-1), tagged("alone").at(-1));
  assert.deepEqual(listed("front", "proxy").sort(), tagged("front", "front-proxy"));
});

test("tree: the runner starts the long files first, and runs every file of its folder", () => {
  const isLong = (file) => /^.*\(long\)\n/.test(text(file));
  for (const part of ["san", "race", "form"]) {
    const order = listed(part).map(isLong);
    assert.ok(order.lastIndexOf(true) < order.indexOf(false), part);
  }
  for (const folder of ["tree", "page"])
    assert.deepEqual(listed(folder).sort(), files(new RegExp(`^tests/${folder}/[a-z0-9-]+\\.test\\.mjs$`)));
});
