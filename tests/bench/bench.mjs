/*
 * Measures Parlor beside its peers and says which targets are reached.
 *
 *   node tests/bench/bench.mjs [--quick] [--only T1,T4] [--rounds 5]
 *     [--keep] [--write docs/BENCHMARKS.md]
 *   node tests/bench/bench.mjs --vs COMMIT [--only T2,T4] [--rounds 8]
 *
 * ONLY: ids of targets, or names of scenarios ("T2 2000"), with commas.
 *
 * KEEP: with the figures of the last run for what is not run now.
 *
 * With --vs, the build of this tree and that of COMMIT take turns under the
 * same load, without peers, and each measure is printed as a ratio.  Rounds are
 * slices of a second; only what has to start a program is as long as ever.
 *
 * The figures go to build/bench/result.json as well.  A missed target is
 * reported; only a message that was lost, delivered twice, out of order or
 * refused, or a scenario that broke off, makes it exit with 1.
 */
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TOP } from "../e2e/lib/server.mjs";
import { programsOf } from "./lib/commit.mjs";
import { machine } from "./lib/machine.mjs";
import { Bench, isOurs } from "./lib/rounds.mjs";
import { SCENARIOS } from "./lib/scenarios.mjs";
import { median, plain, put } from "./lib/table.mjs";
import { ROWS, judged } from "./lib/targets.mjs";
import { versus } from "./lib/versus.mjs";
import { REASONS } from "./reasons.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean" }, keep: { type: "boolean" }, only: { type: "string" }, rounds: { type: "string" }, vs: { type: "string" }, write: { type: "string" },
  },
});

function chosen() {
  if (!values.only) return SCENARIOS.filter(({ quick }) => quick || !values.quick);
  const only = values.only.split(",");
  const found = SCENARIOS.filter(({ ids, name }) => only.includes(name) || ids.some((id) => only.includes(id)));
  if (found.length === 0) throw new Error(`no scenario is called ${values.only}`);
  return found;
}

function defaultRounds() {
  if (values.quick) return 1;
  return values.vs ? 8 : 5;
}

const DIR = join(TOP, "build/bench");
const RESULT = join(DIR, "result.json");

async function write(result) {
  await mkdir(DIR, { recursive: true });
  await writeFile(RESULT, `${JSON.stringify(result, null, 1)}\n`);
}

const scenarios = chosen();
execFileSync("make", ["-s", "-j2", "-C", TOP, "bench-build"], { stdio: ["ignore", 2, 2] });
const base = values.vs ? await programsOf(values.vs) : null;
const bench = new Bench({ quick: values.quick, rounds: Number(values.rounds ?? defaultRounds()), base });
const about = machine();
for (const scenario of scenarios) if (!base || scenario.arms.some(isOurs)) await bench.run(scenario);
const { wrong, rounds } = bench;
const earlier = values.keep ? JSON.parse(await readFile(RESULT, "utf8")) : {};
const [samples, syncs] = ["samples", "syncs"].map((name) => ({ ...earlier[name], ...bench[name] }));
about.sync_ms = Number(median(Object.values(syncs).flat()).toFixed(3));
const rows = base ? [] : judged(ROWS, { samples, syncs, reasons: REASONS });
await write({ machine: about, base, rounds, rows, wrong, samples, syncs });
if (values.write) await put(values.write, { machine: about, rounds, rows });
console.log(base ? versus(samples) : plain(rows));
for (const { what, name, said } of wrong) console.log(`WRONG ${what}, ${name}: ${said}`);
process.exit(wrong.some(({ ours }) => ours) ? 1 : 0);
