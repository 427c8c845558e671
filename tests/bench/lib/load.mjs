/* Runs the load generator. */
import { join } from "node:path";
import { BUILD } from "../../e2e/lib/server.mjs";
import { until, within } from "../../e2e/lib/wait.mjs";
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

/*
 * A load whose readers stay open: next() measures once more, at another rate
 * if one is given, and may be called OPTIONS.slices times.
 */
export async function standing(candidate, options, cpu) {
  const { program } = load(candidate, options, cpu);
  await program.line(/^load: open$/m);
  let n = 0;
  const next = async (rate = "") => {
    program.child.stdin.write(`${rate}\n`);
    n++;
    const lines = () => program.stdout.toString().split("\n");
    await until(() => lines().length > n || failed(program), `slice ${n} is measured`);
    return JSON.parse(lines()[n - 1]);
  };
  const end = async () => {
    program.child.stdin.end();
    await within(program.exited, "the load generator ends");
  };
  return { next, end };
}

function failed(program) {
  if (program.ended) throw Object.assign(new Error(program.tail()), { final: true });
}
