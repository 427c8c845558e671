/* Runs the load generator once and returns its result. */
import { join } from "node:path";
import { BUILD } from "../../e2e/lib/server.mjs";
import { within } from "../../e2e/lib/wait.mjs";
import { command, run } from "./candidates.mjs";

const LIMIT_MS = 300_000;

/* OPTIONS are those of tests/load/options.c. */
export function load(candidate, options, cpu) {
  const args = ["--server", candidate.address, "--dialect", candidate.dialect];
  for (const pid of candidate.pids) args.push("--pid", String(pid));
  for (const [name, value] of Object.entries(options)) args.push(`--${name}`, String(value));
  const program = run(command(join(BUILD, "tests/load/load"), args, cpu));
  const result = async () => {
    await within(program.exited, "the load generator ends", LIMIT_MS);
    if (program.ended.code !== 0) throw new Error(`load ${args.join(" ")}: ${JSON.stringify(program.ended)}\n${program.tail()}`);
    return JSON.parse(program.stdout.toString());
  };
  return { program, result };
}
