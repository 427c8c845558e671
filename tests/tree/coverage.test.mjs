/* The table of behaviors and tests finds what is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { coverage, outcomes, promises } from "./coverage.mjs";
import { text } from "./lib/tree.mjs";

const DOCUMENT = "| number | behavior | over |\n|---|---|---|\n| S1-1 | One. | |\n| S1-2 | Two. | sse instant |\n";
const RAN = [
  "embedded\tok S1-1 one is true (3 ms)",
  "Apache (a)\tok S1-1 one is true (30 ms)",
  "embedded\tok S1-2 S1-1 two over sse (5 ms)",
  "embedded\tok S1-2 two over instant (5 ms)",
];

const wrong = (lines) => coverage(promises(DOCUMENT), outcomes(lines.join("\n"))).wrong;

test("tree: a behavior without a test that passed, on each way to hear, is found", () => {
  assert.deepEqual(wrong(RAN), []);
  assert.deepEqual(wrong(RAN.slice(0, 3)), ["S1-2 is proven by no test over instant"]);
  assert.deepEqual(wrong(RAN.slice(0, 2)), ["S1-2 is proven by no test"]);
  assert.deepEqual(wrong([...RAN.slice(1, 3), "embedded\tNOT OK S1-2 two over instant (5 ms)"]), [
    "S1-2 is proven by no test over instant",
  ]);
  assert.deepEqual(wrong([...RAN, "embedded\tok S1-3 three (1 ms)"]), [
    "S1-3 is the number of a test, but of no promise",
  ]);
});

test("tree: the table names each test once, with the parts that it ran in", () => {
  const { lines, proven } = coverage(promises(DOCUMENT), outcomes(RAN.join("\n")));
  assert.equal(proven, 2);
  assert.deepEqual(lines, [
    "S1-1  3 passed: One.",
    "    S1-1 one is true  [embedded; Apache (a)]",
    "    S1-2 S1-1 two over sse  [embedded]",
    "S1-2  2 passed: Two.",
    "    S1-2 S1-1 two over sse  [embedded]",
    "    S1-2 two over instant  [embedded]",
  ]);
});

test("tree: all behaviors are promised, in six groups without holes", () => {
  const numbers = promises(text("docs/BEHAVIOURS.md")).map(({ number }) => number);
  const group = (s, n) => Array.from({ length: n }, (_, i) => `S${s}-${i + 1}`);
  assert.deepEqual(numbers, [...group(1, 11), ...group(2, 19), ...group(3, 9), ...group(4, 10), ...group(5, 13), ...group(6, 8)]);
});

test("tree: a code at the head of a unit test or in a sentence proves its line, and no other text does", () => {
  const lines = (names) => names.map((name) => `units\tok ${name}`).join("\n");
  const proven = (names) => coverage(promises("| code | what holds |\n|---|---|\n| A3 | Three. |\n| E8 | Eight. |\n"), outcomes(lines(names)));
  assert.deepEqual(proven(["db_presence: A3_an_outage_invents_no_leave", "E8 S9-9 every test can fail"]).wrong, [
    "S9-9 is the number of a test, but of no promise",
  ]);
  const none = ["A3 is proven by no test", "E8 is proven by no test"];
  assert.deepEqual(proven(["db_text: a_name_in_BA3_or_A3x_or_utf_A3", "xE8 E8x"]).wrong, none);
  assert.deepEqual(proven(["A33 more"]).wrong, [...none, "A33 is the number of a test, but of no promise"]);
});

test("tree: what once went wrong stands in five groups without holes", () => {
  const rows = promises(text("tests/REGRESSIONS.md"));
  const group = (letter, n) => Array.from({ length: n }, (_, i) => `${letter}${i + 1}`);
  assert.deepEqual(rows.map(({ number }) => number), [
    ...group("A", 9), ...group("B", 5), ...group("C", 9), ...group("D", 8), ...group("E", 8),
  ]);
  for (const { number, title } of rows) assert.match(title, /^[A-Z`].*\.$/, number);
});
