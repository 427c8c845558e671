/* The arithmetic of the benchmarks, and that each of their lists fits the others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GROWTH, PLOTS } from "../bench/lib/growth.mjs";
import { across, ceiling, exponent, plot, short, upward } from "../bench/lib/plot.mjs";
import { both } from "../bench/lib/rounds.mjs";
import { SCENARIOS } from "../bench/lib/scenarios.mjs";
import { aligned, highest, median, mid, number, plain, ratios, times, turned } from "../bench/lib/table.mjs";
import { ROWS, beside, beyondSync, judged, value } from "../bench/lib/targets.mjs";
import { versus } from "../bench/lib/versus.mjs";
import { REASONS } from "../bench/reasons.mjs";

test("bench: a median is the middle, or between the two middle ones", () => {
  assert.equal(median([30, 1, 2]), 2);
  assert.equal(median([10, 9, 100, 1]), 9.5);
  assert.equal(mid([{ a: 3 }, { a: 1 }, { a: 2 }], (one) => one.a), 2);
});

test("bench: a ratio is taken within a round", () => {
  assert.deepEqual(ratios([2, 30], [1, 10], (one) => one), [2, 3]);
});

test("bench: each round begins with another arm", () => {
  assert.deepEqual([0, 1, 2, 3].map((round) => turned(["a", "b", "c"], round).join("")), ["abc", "bca", "cab", "abc"]);
});

test("bench: figures have as many digits as they mean", () => {
  assert.deepEqual([12345.6, 456.78, 12.34, 0.0123].map(number), ["12,346", "457", "12", "0.012"]);
  assert.equal(times(1.23456), "1.23 x");
});

test("bench: the highest rate that holds is climbed to, then narrowed down", async () => {
  const tried = [];
  const holds = (limit) => async (rate) => tried.push(rate) && rate <= limit;
  const ladder = { from: 100, factor: 2, halvings: 2, most: 1000 };
  assert.equal(await highest(holds(300), ladder), 283);
  assert.deepEqual(tried, [100, 200, 400, 283, 336]);
  assert.equal(await highest(holds(50), ladder), 0);
  assert.ok((await highest(holds(10_000), ladder)) >= 800);
});

test("bench: columns are straight", () => {
  assert.equal(aligned([["a", "b"], ["long", "c"]]), "a    | b\nlong | c");
});

const arms = { parlor: [{ v: 10 }, { v: 30 }, { v: 20 }], nchan: [{ v: 10 }, { v: 10 }, { v: 10 }] };
const of = (one) => one.v;

test("bench: a row is met or missed by the ratio, the value, or the value beyond a sync", () => {
  const x = { arms, sync: 19.6 };
  const verdict = (row) => row.judge(x).ok;
  assert.ok(verdict(beside("nchan", { of, least: 2 })) && !verdict(beside("nchan", { of, least: 2.1 })));
  assert.ok(verdict(beside("nchan", { of, most: 2 })) && !verdict(beside("nchan", { of, most: 1.9 })));
  assert.ok(verdict(value({ of, least: 20 })) && !verdict(value({ of, least: 21 })));
  assert.ok(verdict(value({ of, most: 20 })) && !verdict(value({ of, most: 19 })));
  assert.equal(verdict(value({ of })), null);
  assert.ok(verdict(beyondSync({ of, most: 0.5 })) && !verdict(beyondSync({ of, most: 0.3 })));
});

test("bench: a missed row gives its reason, kept under its key", () => {
  const rows = [value({ key: "T0 a", scenario: "s", what: "a", of, most: 19 }), value({ key: "T0 b", scenario: "s", what: "b", of, most: 19 })];
  const found = judged([...rows, value({ key: "T0 c", scenario: "another", what: "c", of })], { samples: { s: arms }, syncs: { s: [1] }, reasons: { "T0 a": "the disk" } });
  assert.deepEqual(found.map(({ id, reached }) => [id, reached]), [["T0", "20"], ["T0", "20"]]);
  assert.match(plain(found), /missed \(reason: the disk\)\n.*missed \(reason: not known\)$/);
});

test("bench: two builds are compared arm by arm, without peers", () => {
  const made = both([{ name: "parlor", form: "parlor" }, { name: "nchan", form: "nchan" }], "elsewhere");
  assert.deepEqual(made.map(({ name, build }) => [name, build]), [["parlor", undefined], ["parlor, base", "elsewhere"]]);
  const samples = { T0: { parlor: [{ whole_us: 2 }, { whole_us: 9 }, { whole_us: 4 }], "parlor, base": [{ whole_us: 1 }, { whole_us: 3 }, { whole_us: 4 }] } };
  const [, line] = versus(samples).split("\n");
  assert.deepEqual(line.split(/ *\| */), ["T0", "CPU us a page", "3", "4", "2 x", "1 x - 3 x"]);
});

test("bench: every row has a scenario with its arms, and a key of its own", () => {
  const names = new Set(SCENARIOS.map(({ name }) => name));
  assert.equal(names.size, SCENARIOS.length);
  assert.deepEqual(ROWS.filter(({ scenario }) => !names.has(scenario)), []);
  const keys = ROWS.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
  for (const { name, arms: all } of SCENARIOS) assert.equal(new Set(all.map((arm) => arm.name)).size, all.length, name);
});

test("bench: every reason belongs to a row", () => {
  assert.deepEqual(Object.keys(REASONS).filter((key) => !ROWS.some((row) => row.key === key)), []);
});

test("bench: a plot's scales end where its area ends", () => {
  assert.deepEqual([1, 10, 100].map(across(1, 100)), [100, 344, 588]);
  assert.deepEqual([0, 5, 10].map(upward(10)), [264, 154, 44]);
});

test("bench: an axis ends at a round number", () => {
  assert.deepEqual([0.7, 3, 4, 41, 780, 1001].map(ceiling), [0.8, 4, 4, 80, 800, 2000]);
  assert.deepEqual([100, 1000, 20_000, 5e6].map(short), ["100", "1 k", "20 k", "5 M"]);
});

test("bench: an exponent tells constant, logarithmic and linear growth apart", () => {
  const grown = (of) => exponent([10, 100, 1000, 10_000].map((x) => [x, of(x)]));
  assert.ok(Math.abs(grown(() => 7)) < 1e-9);
  assert.ok(Math.abs(grown((x) => 3 * x) - 1) < 1e-9);
  assert.ok(Math.abs(grown((x) => 2 * Math.sqrt(x)) - 0.5) < 1e-9);
  assert.ok(grown((x) => 50 + Math.log2(x)) < 0.1);
});

test("bench: a plot has its points, its axes, and colors for light and dark pages", () => {
  const svg = plot({ title: "T", xName: "rooms", yName: "us", points: [[1000, 3], [10_000, 4]] });
  for (const what of ['aria-label="T"', ">rooms<", ">us<", ">1 k<", ">10 k<", "prefers-color-scheme: dark", 'points="100.0,99.0 588.0,44.0"'])
    assert.ok(svg.includes(what), what);
});

test("bench: every plot has a scenario and a file of its own", () => {
  assert.deepEqual(PLOTS.filter(({ of }) => !GROWTH.some(({ name }) => name === of)), []);
  assert.equal(new Set(PLOTS.map(({ file }) => file)).size, PLOTS.length);
});
