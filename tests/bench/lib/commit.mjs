/*
 * Builds the programs of another commit, once, in a temporary copy of its
 * tree.  They are kept in build/bench, under the commit's id.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TOP } from "../../e2e/lib/server.mjs";

const PROGRAMS = ["parlor", "parlor-api", "parlor-poller"];

function git(...args) {
  return execFileSync("git", ["-C", TOP, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}

/* The directory with the programs of COMMIT, any name that git knows. */
export async function programsOf(commit) {
  const id = git("rev-parse", "--short=12", "--verify", `${commit}^{commit}`);
  const dir = join(TOP, "build/bench", id);
  if (existsSync(dir)) return { id, dir };
  process.stderr.write(`building ${commit} (${id})\n`);
  const tree = await mkdtemp(join(tmpdir(), "parlor-commit-"));
  try {
    execFileSync("sh", ["-c", `git -C "$1" archive ${id} | tar -x -C "$2" && make -s -j2 -C "$2" build`, "sh", TOP, tree], { stdio: ["ignore", 2, 2] });
    const fresh = `${dir}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    for (const name of PROGRAMS) await copyFile(join(tree, "build/plain", name), join(fresh, name));
    await rename(fresh, dir);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
  return { id, dir };
}
