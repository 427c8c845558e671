/*
 * Measures how costs grow with the number of subscribers, rooms, messages and
 * presence rows, and draws a plot of each.
 *
 *   node tests/bench/growth.mjs [--only rooms,history] [--rounds 3] [--write docs]
 *
 * The figures are kept in build/bench/growth.json, so that the plots can be
 * measured one after the other.  With --write, the plots go to that directory,
 * and their table into its BENCHMARKS.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TOP } from "../e2e/lib/server.mjs";
import { EXPONENT_MAX, GROWTH, PLOTS } from "./lib/growth.mjs";
import { exponent, plot } from "./lib/plot.mjs";
import { Bench } from "./lib/rounds.mjs";
import { aligned, between, markdownTable, mid, number } from "./lib/table.mjs";

const { values } = parseArgs({ options: { only: { type: "string" }, rounds: { type: "string" }, write: { type: "string" } } });
const KEPT = join(TOP, "build/bench/growth.json");
const MARKS = ["<!-- written by make bench-growth: begin -->", "<!-- written by make bench-growth: end -->"];
const HEAD = ["what grows", "cost", "from", "to", "grows with n to the", "verdict"];

const pointsOf = ({ value }, arms) => Object.entries(arms).map(([n, rounds]) => [Number(n), mid(rounds, value)]).sort(([a], [b]) => a - b);

function line(one, points) {
  const [from, to] = [points[0], points.at(-1)].map(([x, y]) => `${number(y)} at ${number(x)}`);
  const k = exponent(points);
  return [one.xName, `${one.title}, ${one.yName}`, from, to, k.toFixed(2), k <= EXPONENT_MAX ? "constant or logarithmic" : "GROWS"];
}

execFileSync("make", ["-s", "-j2", "-C", TOP, "bench-build"], { stdio: ["ignore", 2, 2] });
const bench = new Bench({ rounds: Number(values.rounds ?? 3) });
for (const scenario of GROWTH) if (!values.only || values.only.split(",").includes(scenario.name)) await bench.run(scenario);
const kept = existsSync(KEPT) ? JSON.parse(await readFile(KEPT, "utf8")) : {};
const samples = { ...kept, ...bench.samples };
await mkdir(join(TOP, "build/bench"), { recursive: true });
await writeFile(KEPT, `${JSON.stringify(samples)}\n`);

const drawn = PLOTS.filter(({ of }) => samples[of]).map((one) => ({ one, points: pointsOf(one, samples[one.of]) }));
const table = [HEAD, ...drawn.map(({ one, points }) => line(one, points))];
console.log(aligned(table));
if (values.write) {
  for (const { one, points } of drawn) await writeFile(join(values.write, `${one.file}.svg`), plot({ ...one, points }));
  const images = drawn.map(({ one }) => `![${one.title}, by ${one.xName}](${one.file}.svg)`).join("\n");
  await between(join(values.write, "BENCHMARKS.md"), MARKS, `${markdownTable(table)}\n\n${images}`);
}
for (const { what, name, said } of bench.wrong) console.log(`WRONG ${what}, ${name}: ${said}`);
process.exit(bench.wrong.length > 0 ? 1 : 0);
