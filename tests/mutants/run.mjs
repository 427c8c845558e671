/*
 * Plants faults one at a time, and looks whether the tests notice:
 *
 *   make mutants ONLY=TEXT
 *   node tests/mutants/run.mjs [--jobs N] [--only TEXT|TEXT] [--list] [--anew] [--place DIR]
 *
 * A mutant is a file, a text in it, the text that takes its place, and the
 * tests that should notice (the lists beside this file).  It is applied in a
 * copy of the tree under DIR, build/mutants, which is built and tested there.
 *
 * killed    a test has failed; its name is printed
 * survived  all of them passed: a test is missing
 * stale     the text is not in the file, or there more than once
 * broken    it does not compile, or the tests fail without it too
 *
 * DIR/verdicts keeps each verdict.  A mutant is tried again once the list's
 * entry, the file or one of the tests has changed; --anew tries all again.
 *
 * Fails if more than one in twenty survived, or if any is stale or broken.
 * By hand, not in CI: it takes about a minute for each mutant.
 *
 * A survivor means one of three things.  The tests named with it are the wrong
 * ones: name others.  The mutant changes nothing that anybody can see: take it
 * out, and say why in the commit.  Or a test is missing: write it.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import admin from "./admin.mjs";
import api from "./api.mjs";
import base from "./base.mjs";
import db from "./db.mjs";
import harness from "./harness.mjs";
import migrations from "./migrations.mjs";
import poller from "./poller.mjs";
import presence from "./presence.mjs";
import www from "./www.mjs";

const TOP = fileURLToPath(new URL("../..", import.meta.url));
/* Many faults make a test wait for ever. */
const UNIT_LIMIT_S = 180;
const LIMIT_S = 900;
const WAIT_LIMIT_MS = 30_000; /* for a condition in them; more on a busy machine */
const BUILD_LIMIT_S = 3000;
const TRIES = 2; /* of a test without a mutant, on a machine that is busy */
const CFLAGS = "CFLAGS=-O2 -g -Wno-error"; /* a fault may leave something unused */
const SURVIVORS_MAX = 0.05;
const USAGE = "usage: node tests/mutants/run.mjs [--jobs N] [--only TEXT|TEXT] [--list] [--anew] [--place DIR]";

const SHIMS = readdirSync(join(TOP, "tests/shim")).filter((name) => name.endsWith(".c"))
  .map((name) => `build/plain/tests/shim/${name.replace(/c$/, "so")}`);

const lists = { admin, api, base, db, harness, migrations, poller, presence, www };

/* Every mutant as {list, name, file, old, now, by}. */
export function mutants() {
  return Object.entries(lists).flatMap(([list, all]) => all.map((mutant) => ({ list, ...mutant })));
}

/* TEXT with MUTANT in it; null: its old text is not there exactly once. */
export function planted({ old, now }, text) {
  return text.split(old).length === 2 ? text.replace(old, () => now) : null;
}

/* "unit/db_text", "e2e/join" or "proxy:e2e/front", which is e2e/front with FORM=proxy. */
export function partOf(name) {
  const [, form, kind, file] = /^(?:([a-z-]+):)?(unit|e2e|soak|page|tree)\/([a-z0-9_-]+)$/.exec(name);
  return { form, kind, file, path: kind === "unit" ? `tests/unit/${file}.c` : `tests/${kind}/${file}.test.mjs` };
}

/* A copy of what git has of the tree. */
class Copy {
  constructor(place, n) {
    this.dir = join(TOP, place, String(n));
    spawnSync("mkdir", ["-p", this.dir]);
    /* Files that are no longer in the tree would be compiled too. */
    spawnSync("find", [this.dir, ..."-mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +".split(" ")]);
    const copy = 'git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -cf - 2>/dev/null | tar -C "$1" -xf -';
    spawnSync("sh", ["-c", copy, "sh", this.dir], { cwd: TOP });
    spawnSync("git", ["init", "-q"], { cwd: this.dir });
    const modules = join(this.dir, "tests/node_modules");
    if (!existsSync(modules)) symlinkSync(join(TOP, "tests/node_modules"), modules);
  }

  /* {status, lines}; ends early at the first line that STOP matches. */
  run(command, args, { limit, env = {}, stop = null }) {
    const contain = join(TOP, "build/plain/tests/harness/contain");
    const child = spawn(contain, ["-g", "2", "-t", String(limit), command, ...args], {
      cwd: this.dir, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const hear = (data) => {
      said += data;
      if (stop?.test(said)) child.kill();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    return new Promise((done) => child.on("close", (status) => done({ status, said })));
  }

  /* null, or what the compiler said. */
  async build(parts) {
    const units = parts.filter(({ kind }) => kind === "unit").map(({ file }) => `build/plain/tests/unit/${file}`);
    const targets = ["build/plain/tests/harness/contain", ...units];
    if (parts.some(({ kind }) => kind !== "unit")) targets.push("build", "build/plain/tests/load/load", ...SHIMS);
    const steps = [targets];
    if (parts.some(({ path }) => /\bBUILD_FP\b/.test(readFileSync(join(this.dir, path), "utf8")))) steps.push(["FAILPOINTS=1", "build"]);
    for (const step of steps) {
      const { status, said } = await this.run("make", ["-s", CFLAGS, ...step], { limit: BUILD_LIMIT_S });
      if (status !== 0) return said;
    }
    return null;
  }

  /* The name of the first test that fails; null: none does. */
  async failure({ kind, file, path, form }) {
    const env = { BUILD: "build/plain", BUILD_FP: "build/failpoints", WAIT_LIMIT_MS: String(WAIT_LIMIT_MS), CMOCKA_MESSAGE_OUTPUT: "TAP" };
    if (form) env.FORM = form;
    delete process.env.NODE_TEST_CONTEXT;
    const [command, args] = kind === "unit" ? [`build/plain/tests/unit/${file}`, []]
      : [process.execPath, ["tests/harness/files.mjs", "1", path]];
    const { status, said } = await this.run(command, args, { limit: kind === "unit" ? UNIT_LIMIT_S : LIMIT_S, env, stop: /^NOT OK .*\n/m });
    if (status === 0) return null;
    const named = /^(?:not ok \d+ - |NOT OK )(.*?)(?: \(\d+ ms\))?$/m.exec(said);
    const last = [...said.matchAll(/^ok \d+ - (.*)$/gm)].at(-1);
    return named?.[1] ?? `${file}, which ended with ${status} behind ${last?.[1] ?? "no test"}`;
  }

  /* MUTANT is in the tree while ACT runs. */
  async with(mutant, act) {
    const file = join(this.dir, mutant.file);
    const original = readFileSync(file, "utf8");
    writeFileSync(file, planted(mutant, original));
    try {
      return await act();
    } finally {
      writeFileSync(file, original);
    }
  }

  /* [verdict, why] of MUTANT; TRUST remembers which tests pass without one. */
  async judge(mutant, trust) {
    if (planted(mutant, readFileSync(join(this.dir, mutant.file), "utf8")) === null)
      return ["stale", "its old text is not there exactly once"];
    const passed = [];
    for (const name of mutant.by) {
      const part = partOf(name);
      const [trouble, failed] = await this.with(mutant, async () => {
        const said = await this.build([part]);
        return [said, said === null ? await this.failure(part) : null];
      });
      if (trouble !== null) return ["broken", trouble.split("\n").slice(0, 4).join("\n")];
      if (failed === null) passed.push(name);
      else if (await trust.ask(name, () => this.#passes(part))) return ["killed", `by ${failed}`];
    }
    return passed.length > 0 ? ["survived", `${passed.join(", ")} passed`] : ["broken", "its tests fail without it"];
  }

  async #passes(part) {
    const trouble = await this.build([part]);
    if (trouble !== null) throw new Error(`the tree does not compile: ${trouble}`);
    for (let tries = 0; tries < TRIES; tries++) {
      const failed = await this.failure(part);
      if (failed === null) return true;
      console.log(`${part.path} fails without a mutant: ${failed}`);
    }
    return false;
  }
}

/* The tests that pass without a mutant: of others a failure means nothing. */
class Trust {
  #asked = new Map();

  ask(name, find) {
    if (!this.#asked.has(name)) this.#asked.set(name, find());
    return this.#asked.get(name);
  }
}

/* The verdicts on mutants, by everything that a verdict depends on. */
class Verdicts {
  #known = new Map();
  #keys = new Map();

  constructor(file, all, anew) {
    this.file = file;
    for (const mutant of all) this.#keys.set(mutant, this.#key(mutant));
    if (anew || !existsSync(file)) return;
    for (const line of readFileSync(file, "utf8").trimEnd().split("\n")) {
      const { key, verdict, why } = JSON.parse(line);
      this.#known.set(key, [verdict, why]);
    }
  }

  #key({ file, old, now, by }) {
    const hash = createHash("sha256").update(JSON.stringify([file, old, now, by]));
    for (const name of [file, ...by.map((part) => partOf(part).path)]) hash.update(readFileSync(join(TOP, name)));
    return hash.digest("hex");
  }

  of(mutant) {
    return this.#known.get(this.#keys.get(mutant));
  }

  keep(mutant, [verdict, why]) {
    if (verdict !== "killed" && verdict !== "survived") return;
    appendFileSync(this.file, `${JSON.stringify({ key: this.#keys.get(mutant), name: mutant.name, verdict, why })}\n`);
  }
}

/* Calls ACT for each of ALL, on one of COPIES at a time. */
async function spread(copies, all, act) {
  const waiting = [...all];
  await Promise.all(copies.map(async (copy) => {
    for (let one = waiting.shift(); one; one = waiting.shift()) await act(copy, one);
  }));
}

/* The command line's options; one that is not known ends the program. */
function options() {
  try {
    return parseArgs({ options: {
      jobs: { type: "string", default: String(Math.max(1, availableParallelism() >> 1)) },
      only: { type: "string", default: "" }, list: { type: "boolean", default: false },
      place: { type: "string", default: "build/mutants" }, anew: { type: "boolean", default: false },
    } }).values;
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

async function main() {
  const values = options();
  const all = mutants().filter(({ list, name, file }) => values.only.split("|").some((only) => `${list} ${file} ${name}`.includes(only)));
  if (values.list) return all.forEach(({ file, name }) => console.log(`${file}: ${name}`));
  mkdirSync(join(TOP, values.place), { recursive: true });
  const verdicts = new Verdicts(join(TOP, values.place, "verdicts"), all, values.anew);
  const count = { killed: 0, survived: 0, stale: 0, broken: 0 };
  const tell = (mutant, [verdict, why], when = "") => {
    count[verdict] += 1;
    console.log(`${verdict.padEnd(8)}  ${mutant.file}: ${mutant.name}\n          ${why}${when}`);
  };
  const known = all.filter((mutant) => verdicts.of(mutant));
  for (const mutant of known) tell(mutant, verdicts.of(mutant), " (as before)");
  const slow = ({ by }) => Number(!by[0].startsWith("unit/"));
  const due = all.filter((mutant) => !known.includes(mutant)).sort((a, b) => slow(a) - slow(b));
  const copies = Array.from({ length: due.length > 0 ? Number(values.jobs) : 0 }, (_, n) => new Copy(values.place, n));
  const trust = new Trust();
  await spread(copies, due, async (copy, mutant) => {
    const judged = await copy.judge(mutant, trust);
    verdicts.keep(mutant, judged);
    tell(mutant, judged);
  });
  console.log(Object.entries(count).map(([what, n]) => `${n} ${what}`).join(", "));
  const survivors = count.survived / (count.survived + count.killed || 1);
  process.exitCode = survivors > SURVIVORS_MAX || count.stale + count.broken > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
