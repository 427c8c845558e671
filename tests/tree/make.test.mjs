/* make installs and writes nothing unless it is asked to. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { TOP } from "./lib/tree.mjs";

/* A PATH on which nothing is installed and an installer only takes notes. */
function bareMachine(dir) {
  const bin = join(dir, "bin");
  const notes = join(dir, "notes");
  mkdirSync(bin);
  for (const name of ["make", "sh", "cat", "echo", "printf", "mkdir", "touch", "grep", "sed", "find", "id", "env", "rm"])
    symlinkSync(`/usr/bin/${name}`, join(bin, name));
  const script = (name, body) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of ["apt-get", "sudo"]) script(name, `echo "${name} $*" >>${notes}; exit 1`);
  script("dpkg-query", "exit 1");
  script("cc", "exit 1");
  const make = (...words) => {
    const env = { PATH: bin, HOME: dir };
    const args = ["--no-print-directory", `B=${join(dir, "build")}`, ...words];
    const { status, stdout, stderr } = spawnSync(join(bin, "make"), args, { cwd: TOP, env, encoding: "utf8" });
    return { status, said: stdout + stderr };
  };
  return { make, notes: () => (existsSync(notes) ? readFileSync(notes, "utf8") : "") };
}

function onBareMachine(act) {
  const dir = mkdtempSync(join(tmpdir(), "parlor-make-"));
  try {
    act(bareMachine(dir));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

for (const words of [[], ["build"], ["units"], ["install", "DESTDIR=/nowhere"], ["deb"], ["portable"]])
  test(`D6 ${["make", ...words].join(" ")} installs nothing, and names what is missing`, () =>
    onBareMachine(({ make, notes }) => {
      const { status, said } = make(...words);
      assert.notEqual(status, 0);
      assert.equal(notes(), "");
      assert.match(said, /these packages are missing: .*libsqlite3-dev/);
      assert.match(said, /^Install them as root: {2}apt-get install .*libsqlite3-dev/m);
      assert.match(said, /make deps/);
      if (words[0] === "portable") assert.match(said, /apt-get install .*g\+\+/);
    }));

for (const target of ["deps", "run", "test"])
  test(`D6 make ${target} installs what is missing`, () =>
    onBareMachine(({ make, notes }) => {
      const { status } = make(target);
      assert.notEqual(status, 0, "the installer of this machine fails");
      assert.match(notes(), /^(apt-get|sudo apt-get) update/);
    }));
