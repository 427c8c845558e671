/* The planted faults are well formed; whether tests notice them is tried by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mutants, partOf, planted } from "../mutants/run.mjs";
import { files, text } from "./lib/tree.mjs";

test("tree: a mutant is planted where its old text stands exactly once", () => {
  const mutant = { old: "a$1", now: "$&b" };
  assert.equal(planted(mutant, "x a$1 y"), "x $&b y");
  assert.equal(planted(mutant, "x"), null);
  assert.equal(planted(mutant, "a$1 a$1"), null);
});

test("tree: every mutant has a name of its own, can be planted, and names files that exist", () => {
  const all = mutants();
  const known = new Set(files());
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, file, old, now, by } of all) {
    assert.notEqual(old, now, name);
    assert.ok(known.has(file), `${name}: ${file}`);
    assert.notEqual(planted({ old, now }, text(file)), null, `${name}: ${file} does not hold its text once`);
    assert.ok(by.length > 0, name);
    for (const part of by) assert.ok(known.has(partOf(part).path), `${name}: ${part}`);
  }
});
