// parts: soak
/*
 * A minute of everything at once: people who come, go, refresh, change the
 * network and talk, over every transport, while programs are killed.  What
 * they were answered and heard is judged afterward (lib/check.mjs).
 *
 *   SOAK_SECONDS, SOAK_PEOPLE   how long, how many
 *   SOAK_SEED                   the choices of a run, which prints its own
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faults, figures } from "./lib/check.mjs";
import { World } from "./lib/world.mjs";
import { sentence } from "../e2e/lib/scene.mjs";
import { TOP } from "../e2e/lib/server.mjs";
import { TEST_LIMIT_MS } from "../e2e/lib/wait.mjs";

const SECONDS = Number(process.env.SOAK_SECONDS ?? 60);
const PEOPLE = Number(process.env.SOAK_PEOPLE ?? 200);
const SEED = process.env.SOAK_SEED ?? String(randomInt(1e9));
const SHOWN = 20;

/* A run in which too little happened proves nothing. */
function checkFigures(counts) {
  for (const [what, n] of Object.entries(counts)) assert.ok(n > 0, `${what}: ${n}`);
}

/* Written for debugging: faults() of this record finds the same again. */
function keep(record) {
  mkdirSync(join(TOP, "build/test"), { recursive: true });
  writeFileSync(join(TOP, "build/test/soak.json"), JSON.stringify(record));
}

sentence("S1-5 S2-18 S3-8 S4-9 S5-7 soak: what many heard while programs were killed is what the model says", async () => {
  console.log(`soak: seed ${SEED}, ${PEOPLE} people, ${SECONDS} s`);
  const world = new World({ seed: SEED, people: PEOPLE, ms: SECONDS * 1000 });
  try {
    await world.start();
    await world.run();
    await world.settle();
    await world.gather();
  } finally {
    await world.end();
  }
  const counts = figures(world.record);
  console.log(`soak: ${Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(", ")}`);
  const wrong = faults(world.record);
  if (wrong.length > 0) keep(world.record);
  assert.equal(wrong.length, 0, `SOAK_SEED=${SEED}: ${wrong.length} faults\n${wrong.slice(0, SHOWN).join("\n")}`);
  checkFigures(counts);
}, { limit: SECONDS * 1000 + TEST_LIMIT_MS, needs: "embedded" });
