/* What an arm measures by other means than one run of the load generator. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD } from "../../e2e/lib/server.mjs";
import { within } from "../../e2e/lib/wait.mjs";
import { command, run } from "./candidates.mjs";
import { standing } from "./load.mjs";
import { highest } from "./table.mjs";

const P99_MOST_MS = 20;
const LADDER = { from: 150, factor: 1.5, halvings: 4, most: 20_000 };
const SLICE = { warm: 500, measure: 1500, slices: 100 };
const LIMIT_MS = 120_000;
const STORED = 20_000;

/* The highest rate at which p99 stays bounded; a failed rate gets a second try. */
export const highestRate = (options) => async (candidate) => {
  const load = await standing(candidate, { ...options, ...SLICE, rate: LADDER.from }, 1);
  const holds = async (rate) => {
    const { delivery_ms, lost, duplicated } = await load.next(rate);
    if (lost + duplicated > 0) throw new Error(`at ${rate} a second ${lost} were lost and ${duplicated} doubled`);
    return delivery_ms.p99 <= P99_MOST_MS;
  };
  try {
    return { highest_rate: await highest(async (rate) => (await holds(rate)) || holds(rate), LADDER) };
  } finally {
    await load.end();
  }
};

/* The store alone, in batches as large as there are connections; KEPT messages are there before. */
export const storeFloor = (rooms, batch, kept = 0) => async () => {
  const dir = await mkdtemp(join(tmpdir(), "parlor-store-"));
  const args = ["-r", rooms, "-b", batch, "-n", STORED, "-k", kept, dir].map(String);
  const program = run(command(join(BUILD, "tests/load/store_floor"), args, 0));
  try {
    await within(program.exited, "the store floor ends", LIMIT_MS);
    return JSON.parse(program.stdout.toString());
  } finally {
    await program.kill();
    await rm(dir, { recursive: true, force: true });
  }
};
