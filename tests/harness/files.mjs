/*
 * Runs test files, each contained in a process of its own:
 *
 *   node tests/harness/files.mjs TOGETHER FILE...
 *
 * at most TOGETHER at a time.  Prints what the reporter prints, and the total.
 * A file has failed if it was cut off after LIMIT_S (the running test is
 * named), or after it did nothing for IDLE_S while no test ran; if it broke
 * off; or if it left a process behind.
 */
import { spawn } from "node:child_process";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LIMIT_S = Number(process.env.FILE_LIMIT_S ?? 1200);
const IDLE_S = Number(process.env.FILE_IDLE_S ?? 180);
const CONTAIN = process.env.CONTAIN ?? `${process.env.BUILD ?? "build/plain"}/tests/harness/contain`;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const NODE = [
  process.execPath, "--test", `--import=${path("begins.mjs")}`,
  `--test-reporter=${path("../e2e/lib/reporter.mjs")}`, "--test-reporter-destination=stdout",
];

class TestFile {
  passed = 0;
  failed = 0;
  /* How often each test has begun minus how often it has ended; the lines may come in the wrong order. */
  open = new Map();
  left = [];
  summed = false;

  constructor(file) {
    this.file = file;
    this.name = basename(file);
  }

  fail(what) {
    console.log(`NOT OK ${this.name} ${what}`);
    this.failed += 1;
  }

  count(name, by) {
    this.open.set(name, (this.open.get(name) ?? 0) + by);
  }

  get running() {
    return [...this.open.keys()].filter((name) => this.open.get(name) > 0);
  }

  /* Allows the process S seconds until its next line. */
  rest(s) {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.child.kill(), s * 1000);
  }

  heard(line) {
    const begun = /^# begins (.*)$/.exec(line);
    const ended = /^(ok|NOT OK) (.*) \(\d+ ms\)$/.exec(line);
    if (ended) {
      this.count(ended[2], -1);
      this[ended[1] === "ok" ? "passed" : "failed"] += 1;
    }
    if (begun) this.count(begun[1], 1);
    this.rest(this.running.length > 0 ? LIMIT_S : IDLE_S);
    if (begun) return;
    if (/^\d+ passed, \d+ failed$/.test(line)) this.summed = true;
    else console.log(line);
  }

  /* Reads what contain writes; processes that were left behind are failures. */
  complained(line) {
    if (/^contain: left behind: /.test(line)) this.left.push(line.slice("contain: left behind: ".length).trim());
    else if (!/^contain: cut off/.test(line)) console.log(line);
  }

  conclude(status) {
    clearTimeout(this.idle);
    const where = this.running.length > 0 ? `in: ${this.running.join(", ")}` : "between tests";
    if (status === 124) this.fail(`was cut off ${where}`);
    else if (!this.summed) this.fail(`broke off with ${status} ${where}`);
    else if (this.running.length > 0) this.fail(`ended ${where}`);
    else if (this.passed + this.failed === 0) this.fail("holds no test");
    else if (status !== 0 && this.failed === 0 && this.left.length === 0) this.fail(`ended with ${status}`);
    for (const program of this.left) this.fail(`left behind: ${program}`);
  }

  async run() {
    const child = (this.child = spawn(CONTAIN, ["-t", String(LIMIT_S), ...NODE, this.file], { stdio: ["ignore", "pipe", "pipe"] }));
    createInterface({ input: child.stdout }).on("line", (line) => this.heard(line));
    createInterface({ input: child.stderr }).on("line", (line) => this.complained(line));
    const status = await new Promise((done) => {
      child.on("error", (error) => done(error.message));
      child.on("close", (code, signal) => done(code ?? signal));
    });
    this.conclude(status);
  }
}

const [together, ...names] = process.argv.slice(2);
const files = names.map((name) => new TestFile(name));
const waiting = [...files];

async function work() {
  for (let file = waiting.shift(); file; file = waiting.shift()) await file.run();
}

await Promise.all(Array.from({ length: Number(together) }, work));
const sum = (which) => files.reduce((all, file) => all + file[which], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
process.exitCode = sum("failed") === 0 ? 0 : 1;
