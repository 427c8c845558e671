// parts: e2e
/* The test runner: what it counts, what it cuts off, and that no process outlives it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isAlive } from "./lib/fleet.mjs";
import { BUILD, TOP } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const CONTAIN = join(BUILD, "tests/harness/contain");
/* Long enough for Node to start on a busy machine: the test that hangs must have begun. */
const CUT_S = 10;

/* The environment of a runner that is not part of this run. */
function plain(extra = {}) {
  const env = { ...process.env, CONTAIN, ...extra };
  delete env.NODE_TEST_CONTEXT;
  return env;
}

async function inFolder(act) {
  const dir = mkdtempSync(join(tmpdir(), "parlor-runner-"));
  try {
    return await act(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/* Runs test files, {name: code}, one after the other. */
function ran(dir, files, extra) {
  const names = Object.entries(files).map(([name, code]) => {
    const file = join(dir, `${name}.test.mjs`);
    writeFileSync(file, code);
    return file;
  });
  const args = [join(TOP, "tests/harness/files.mjs"), "1", ...names];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", env: plain(extra) });
  return { sum: stdout.trimEnd().split("\n").at(-1), status, stdout, stderr };
}

const T = 'import { test } from "node:test";\n';
const SUMS = {
  good: [`${T}test("a", () => {}); test("b", () => {});`, "2 passed, 0 failed"],
  bad: [`${T}test("a", () => {}); test("b", () => { throw new Error("why it failed"); });`, "1 passed, 1 failed"],
  put: [`${T}test("a", { ${"sk"}ip: true }, () => {}); test("b", { ${"to"}do: true }, () => {});`, "0 passed, 2 failed"],
  empty: ["", "0 passed, 1 failed"],
  broken: ["syntax error here", "0 passed, 1 failed"],
  late: [`${T}test("a", { timeout: 50 }, () => new Promise((done) => setTimeout(done, 200)));`, "0 passed, 1 failed"],
};

test("harness: the sum counts what was skipped, broken or empty as failed", () =>
  inFolder((dir) => {
    for (const [name, [code, sum]] of Object.entries(SUMS)) assert.equal(ran(dir, { [name]: code }).sum, sum, name);
    assert.match(ran(dir, { bad: SUMS.bad[0] }).stdout, /why it failed/);
    const all = Object.fromEntries(Object.entries(SUMS).map(([name, [code]]) => [name, code]));
    assert.equal(ran(dir, all).sum, "3 passed, 6 failed");
  }));

test("harness: a file that ends in the midst of its tests has failed, and the test is named", () =>
  inFolder((dir) => {
    for (const end of ["process.exit(0)", 'process.kill(process.pid, "SIGKILL")']) {
      const { sum, stdout, status } = ran(dir, { dies: `${T}test("a", () => {}); test("the end", async () => { ${end}; await new Promise(() => {}); });` });
      assert.match(sum, /^[01] passed, [1-9]\d* failed$/, stdout);
      assert.match(stdout, /^NOT OK .*the end/m, stdout);
      assert.equal(status, 1, end);
    }
  }));

const HANGS = {
  idle: `${T}test("it waits", () => new Promise(() => setInterval(() => {}, 1000)));`,
  busy: `${T}test("it turns", () => { for (;;); });`,
};

test("D8 a file that hangs is cut off, the test that hung is named, and the run goes on", () =>
  inFolder((dir) => {
    const { sum, stdout, status } = ran(dir, { ...HANGS, good: SUMS.good[0] }, { FILE_LIMIT_S: String(CUT_S) });
    assert.match(stdout, /^NOT OK idle\.test\.mjs was cut off in: it waits$/m);
    assert.match(stdout, /^NOT OK busy\.test\.mjs was cut off in: it turns$/m);
    assert.deepEqual([sum, status], ["2 passed, 2 failed", 1]);
  }));

test("D8 a file that does not end after its last test is cut off", () =>
  inFolder((dir) => {
    const open = `${T}test("a", () => void setInterval(() => {}, 1000));`;
    const { sum, stdout } = ran(dir, { open }, { FILE_IDLE_S: "2" });
    assert.match(stdout, /^NOT OK open\.test\.mjs was cut off between tests$/m);
    assert.equal(sum, "1 passed, 1 failed");
  }));

/* A process in a session of its own that never ends, its id in FILE. */
const stray = (file) => `setsid sh -c 'echo $$ >${file}; exec tail -f /dev/null' & until [ -s ${file} ]; do :; done`;
const strayOf = (file) => Number(readFileSync(file, "utf8"));

test("D8 a process that a test leaves behind is a failure that names it, and is ended", () =>
  inFolder(async (dir) => {
    const file = join(dir, "stray");
    const code = `import { spawnSync } from "node:child_process";
${T}test("a", () => void spawnSync("sh", ["-c", ${JSON.stringify(stray(file))}], { stdio: "ignore" }));`;
    const { sum, stdout } = ran(dir, { leaves: code });
    assert.match(stdout, /^NOT OK leaves\.test\.mjs left behind: \d+ (sh|tail)\b/m);
    assert.equal(sum, "1 passed, 1 failed");
    assert.equal(await isAlive(strayOf(file)), false);
  }));

/* Runs a shell under contain, and waits until its stray process runs too. */
async function contained(dir, script, { above = [] } = {}) {
  const file = join(dir, "stray");
  const [program, ...args] = [...above, CONTAIN, "-g", "0", "sh", "-c", `${stray(file)}; ${script}`];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (data) => (said += data));
  const ended = new Promise((done) => child.on("close", (code, signal) => done({ code, signal, said })));
  await until(() => strayOf(file) > 0, "the stray is there");
  return { child, ended, stray: strayOf(file) };
}

test("D8 whatever way a test process ends, what it started ends too", () =>
  inFolder(async (dir) => {
    const ends = { "exit 0": 125, "exit 3": 3, "kill -KILL $$": 128 + 9, "kill -SEGV $$": 128 + 11 };
    for (const [script, status] of Object.entries(ends)) {
      const { ended, stray: pid } = await contained(dir, script);
      const { code, said } = await ended;
      assert.equal(code, status, `${script}: ${said}`);
      assert.match(said, /^contain: left behind: \d+ (sh|tail) /m, script);
      assert.equal(await isAlive(pid), false, script);
      rmSync(join(dir, "stray"));
    }
  }));

test("D8 when the runner is told to end, or is killed, what it started ends too", () =>
  inFolder(async (dir) => {
    const told = await contained(dir, "exec tail -f /dev/null");
    told.child.kill("SIGTERM");
    assert.equal((await told.ended).code, 124);
    assert.equal(await isAlive(told.stray), false);
    rmSync(join(dir, "stray"));
    const killed = await contained(dir, "exec tail -f /dev/null", { above: ["sh", "-c", '"$@" & wait', "sh"] });
    killed.child.kill("SIGKILL");
    await until(async () => !(await isAlive(killed.stray)), "the stray has ended");
    await killed.ended;
  }));

/* Programs that speak TAP as the cmocka ones do. */
function summed(programs, extra = {}) {
  return inFolder((dir) => {
    spawnSync("mkdir", ["-p", join(dir, "tests/unit")]);
    for (const [name, script] of Object.entries(programs))
      writeFileSync(join(dir, "tests/unit", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const env = plain({ BUILD: dir, ...extra });
    const { stdout, status } = spawnSync(join(TOP, "tests/run"), ["units"], { encoding: "utf8", env });
    return { sum: [stdout.trimEnd().split("\n").at(-1), status], stdout };
  });
}

test("harness: the sum of the units counts their lines and does not overlook a crash", async () => {
  const sums = [
    [{ a: "echo 'ok 1 - x'; echo 'ok 2 - y'", b: "echo 'ok 1 - z'" }, "3 passed, 0 failed", 0],
    [{ a: "echo 'ok 1 - x'; echo 'not ok 2 - y'; exit 1" }, "1 passed, 1 failed", 1],
    [{ a: "echo 'ok 1 - x'; kill -9 $$" }, "1 passed, 1 failed", 1],
    [{ a: "echo 'ok 1 # SKIP x'" }, "0 passed, 1 failed", 1],
    [{ a: "exit 0" }, "0 passed, 1 failed", 1],
    [{}, "0 passed, 1 failed", 1],
  ];
  for (const [programs, ...sum] of sums) assert.deepEqual((await summed(programs)).sum, sum);
});

test("harness: each test of a unit program has a line of its own", async () => {
  const { stdout } = await summed({ a: "echo 'ok 1 - A3_x'; echo 'not ok 2 - y'; echo 'ok 3 - z # SKIP'; exit 1" });
  assert.match(stdout, /^ok a: A3_x$/m);
  assert.match(stdout, /^NOT OK a: y$/m);
  assert.match(stdout, /^NOT OK a: z # SKIP$/m);
});

test("D8 a unit program that hangs or leaves a process behind has failed, and the run goes on", async () => {
  const hangs = "echo 'ok 1 - x'; exec tail -f /dev/null";
  const { sum, stdout } = await summed({ a: hangs, b: "echo 'ok 1 - y'" }, { FILE_LIMIT_S: "2" });
  assert.deepEqual(sum, ["2 passed, 1 failed", 1]);
  assert.match(stdout, /^NOT OK .*\/a was cut off after 2 s, behind x$/m);
  const leaves = await summed({ a: "echo 'ok 1 - x'; setsid tail -f /dev/null &" });
  assert.deepEqual(leaves.sum, ["1 passed, 1 failed", 1]);
  assert.match(leaves.stdout, /contain: left behind: \d+ tail -f/);
});
