/*
 * Measures Parlor beside its peers and says which targets are reached.
 *
 *   node tests/bench/bench.mjs [--quick] [--only T1,T4] [--rounds 5]
 *     [--write docs/BENCHMARKS.md]
 *
 * The figures go to build/bench/result.json as well.  A missed target is
 * reported; only a message that was lost, delivered twice, out of order or
 * refused makes it exit with 1.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TOP } from "../e2e/lib/server.mjs";
import { LARGER } from "./lib/larger.mjs";
import { machine } from "./lib/machine.mjs";
import { Bench } from "./lib/rounds.mjs";
import { SCENARIOS } from "./lib/scenarios.mjs";
import { plain, put } from "./lib/table.mjs";

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, rounds: { type: "string" }, write: { type: "string" } },
});

const all = [...SCENARIOS, ...LARGER];

function chosen() {
  if (!values.only) return all.filter(({ full }) => !values.quick || !full);
  const ids = values.only.split(",");
  return all.filter((one) => one.ids.some((id) => ids.includes(id)));
}

const bench = new Bench({ quick: values.quick, rounds: Number(values.rounds ?? (values.quick ? 1 : 5)) });
const about = machine();
for (const scenario of chosen()) await scenario.run(bench);
const { rows, wrong, samples, rounds } = bench;
const dir = join(TOP, "build/bench");
await mkdir(dir, { recursive: true });
await writeFile(join(dir, "result.json"), `${JSON.stringify({ machine: about, rounds, rows, wrong, samples }, null, 1)}\n`);
if (values.write) await put(values.write, { machine: about, rounds, rows });
console.log(plain(rows));
for (const { what, name, said } of wrong) console.log(`WRONG ${what}, ${name}: ${said}`);
process.exit(wrong.some(({ ours }) => ours) ? 1 : 0);
