/* The files of the tree, and their texts. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const TOP = fileURLToPath(new URL("../../..", import.meta.url));

/* The tracked files that exist, those not ignored and not yet added too. */
export function files(pattern = /./) {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const names = execFileSync("git", args, { cwd: TOP, encoding: "utf8" }).trim().split("\n");
  return [...new Set(names)].filter((name) => pattern.test(name) && existsSync(join(TOP, name))).sort();
}

export function text(name) {
  return readFileSync(join(TOP, name), "utf8");
}

/* [{file, line, text}] of the lines in FILES that PATTERN matches. */
export function grep(names, pattern, read = text) {
  return names.flatMap((file) =>
    read(file).split("\n").flatMap((line, i) =>
      pattern.test(line) ? [{ file, line: i + 1, text: line.trim() }] : []));
}
