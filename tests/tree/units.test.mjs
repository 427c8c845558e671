/* The units of systemd: what they share, and how little they may do. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { files, text } from "./lib/tree.mjs";

const UNITS = files(/^docs\/systemd\/.*\.service$/);
const MOST = 1.6;

test("tree: the units run as one user, with the directories of one data set", () => {
  assert.deepEqual(UNITS.map((unit) => basename(unit)), ["parlor-api.service", "parlor-poller.service", "parlor.service"]);
  const [, user, home] = /^u (\w+) - ".*" (\S+)$/m.exec(text("docs/systemd/sysusers.conf"));
  for (const unit of UNITS) {
    const has = (line) => assert.ok(text(unit).split("\n").includes(line), `${unit}: ${line}`);
    has(`User=${user}`);
    has(`ExecStartPre=/usr/local/bin/parlor --default-data ${home} migrate`);
    assert.equal(home, "/var/lib/parlor");
    for (const line of ["StateDirectory=parlor", "StateDirectoryMode=0700", "RuntimeDirectory=parlor", "ProtectSystem=strict"]) has(line);
  }
});

/* The exposure that systemd computes for a unit, from 0 (safe) to 10. */
function exposure(unit) {
  const dir = mkdtempSync(join(tmpdir(), "parlor-unit-"));
  try {
    const file = join(dir, "x.service");
    writeFileSync(file, unit);
    const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", file], { encoding: "utf8" });
    return Number(/Overall exposure level for x\.service: (\d+\.\d)/.exec(stdout)[1]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (spawnSync("systemd-analyze", ["--version"]).error === undefined)
  test("tree: systemd rates the exposure of each unit as 1.6 or less", () => {
    assert.ok(exposure(text(UNITS[0]).replaceAll(/^(SystemCallFilter|CapabilityBoundingSet)=.*$/gm, "")) > MOST);
    for (const unit of UNITS) assert.ok(exposure(text(unit)) <= MOST, `${unit}: ${exposure(text(unit))}`);
  });
