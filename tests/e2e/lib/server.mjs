/*
 * The real programs on a fresh data directory, on a port of their own.
 *
 *   const server = new Server({ settings: { hb_ms: 100 } });
 *   await server.start();          the embedded form, migrated
 *   server.url, server.api         where it is
 *   await server.kill();           SIGKILL
 *   await server.restart();        the same port and data again
 *   await server.end();            stops it, checks how it ended, cleans up
 *
 * Each program's stderr is kept, and shown when a test fails.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Disk } from "./disk.mjs";
import { scaled, until, within } from "./wait.mjs";

export const TOP = fileURLToPath(new URL("../../..", import.meta.url));
export const BUILD = resolve(TOP, process.env.BUILD ?? "build/plain");
/* The page as it is served. */
export const PAGE = join(TOP, "build/www");
export const BUILD_FP = resolve(TOP, process.env.BUILD_FP ?? "build/failpoints");

const SANITIZED = /ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:/;
const TAIL_LINES = 40;

/* A client that is late by more than these counts as gone, so a slow machine gets more. */
const SCALED = ["poll_margin_ms", "join_lease_ms", "lease_ms"];

/* All tests come from one address, so limits are off except in tests of limits. */
const UNLIMITED = {
  rate_rooms: 0, rate_people: 0, rate_passwords: 0, rate_room_passwords: 0, rate_notifications: 0, rate_messages: 0,
  rate_joins: 0, rate_announcements: 0, rate_strangers: 0,
  connections_per_address: 0, streams_per_address: 0, requests_per_address: 0, answers_bytes_per_address: 0,
};

let keys = 0;
const live = new Set();
process.on("exit", () => {
  for (const program of live) program.child.kill("SIGKILL");
});

/* The last lines of all running programs, for a failed test. */
export function said() {
  return [...live].map((program) => program.tail()).join("\n");
}

/* The environment of a program: the settings, and little else. */
export function environment(settings = {}, extra = {}) {
  const env = { PATH: process.env.PATH, TMPDIR: tmpdir(), ...extra };
  for (const name of ["ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"])
    if (process.env[name]) env[name] = process.env[name];
  for (const [name, value] of Object.entries(settings).filter(([, given]) => given !== undefined))
    env[`PARLOR_${name.toUpperCase()}`] = String(value);
  return env;
}

export class Program {
  constructor(file, args, { env, cwd = TOP, uid, gid, log = null } = {}) {
    this.name = file.split("/").pop();
    this.log = log;
    this.stderr = "";
    this.stdout = Buffer.alloc(0);
    this.child = spawn(file, args, { env, cwd, uid, gid, stdio: "pipe" });
    this.pid = this.child.pid;
    this.child.stderr.setEncoding("utf8");
    this.child.stderr.on("data", (text) => (this.stderr += text));
    this.child.stdout.on("data", (data) => (this.stdout = Buffer.concat([this.stdout, data])));
    this.child.stdin.on("error", () => {});
    this.exited = new Promise((done, failed) => {
      this.child.on("error", failed);
      this.child.on("close", (code, signal) => {
        live.delete(this);
        done({ code, signal });
      });
    });
    this.exited.then((end) => (this.ended = end)).catch(() => {});
    live.add(this);
  }

  /* Its stderr, and its log file if it has one. */
  get said() {
    const logged = this.log && existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
    return this.stderr + logged;
  }

  tail() {
    const lines = this.said.trimEnd().split("\n").slice(-TAIL_LINES);
    return `--- stderr of ${this.name} (${this.pid})\n${lines.join("\n")}`;
  }

  signal(name) {
    assert.ok(this.child.kill(name), `${this.name} takes ${name}`);
  }

  /* Waits for a line on stderr. */
  line(pattern) {
    return until(() => {
      const found = pattern.exec(this.said);
      if (!found && this.ended) throw this.#died();
      return found;
    }, `${this.name} says ${pattern}`);
  }

  #died() {
    const error = new Error(`${this.name} ended: ${JSON.stringify(this.ended)}\n${this.tail()}`);
    error.final = true;
    return error;
  }

  /* Waits until it ends; fails unless it ends with CODE and no sanitizer complains. */
  async done(code = 0) {
    const end = await within(this.exited, `${this.name} ends`);
    assert.deepEqual(end, { code, signal: null }, this.tail());
    this.clean();
  }

  clean() {
    assert.doesNotMatch(this.said, SANITIZED, this.tail());
  }

  async stop() {
    if (!this.ended) this.signal("SIGTERM");
    await this.done(0);
  }

  /* Sends SIGKILL; it may have ended by itself already. */
  async kill() {
    this.child.kill("SIGKILL");
    await within(this.exited, `${this.name} is dead`);
    this.clean();
  }
}

export class Server {
  constructor({ settings = {}, build = BUILD, embed = true, args = [], apiArgs = [], fp = null, preload = {}, disk = null } = {}) {
    Object.assign(this, { settings: { ...UNLIMITED, ...settings }, build, embed, args, apiArgs, fp, preload });
    this.size = disk;
    for (const name of SCALED)
      if (name in settings) this.settings[name] = scaled(settings[name]);
    this.address = "127.0.0.1:0";
    this.others = [];
  }

  get url() {
    return `http://${this.address}`;
  }

  get api() {
    return `${this.url}/api/v1`;
  }

  get port() {
    return Number(this.address.split(":").pop());
  }

  get pid() {
    return this.poller.pid;
  }

  env(extra = {}) {
    const settings = { data: this.data, www: PAGE, ...this.settings };
    return environment(settings, { ...this.preload, ...extra });
  }

  program(name, args = [], extra = {}) {
    return new Program(join(this.build, name), args, { env: this.env(extra) });
  }

  /* Makes the directories of this server. */
  async makeDirectories() {
    this.dir = await mkdtemp(join(tmpdir(), "parlor-test-"));
    this.data = join(this.dir, "data");
    if (!this.size) return;
    this.disk = new Disk(this.data, this.size);
    await this.disk.mount();
  }

  /* Makes a data directory with the schema; starts no program. */
  async prepare() {
    await this.makeDirectories();
    const migrate = this.program("parlor", ["migrate"]);
    await migrate.done(0);
  }

  async start() {
    await this.prepare();
    await this.launch();
  }

  async launch() {
    const args = [...(this.embed ? ["--embed"] : []), "--listen", this.address, ...this.args];
    this.poller = this.program("parlor-poller", args, this.fp ? { PARLOR_FP: this.fp } : {});
    const [, address] = await this.poller.line(/msg="listening".* address=(\S+)/);
    this.address = address;
  }

  /* Makes a service key with SCOPES and returns it. */
  async key(...scopes) {
    const program = this.program("parlor", ["key", "add", `key-${++keys}`, ...scopes]);
    await program.done(0);
    return String(program.stdout).trim().split(/\s/).at(-1);
  }

  /* Starts the API as a FastCGI program on a socket of its own. */
  async fastcgi(args = []) {
    const socket = join(this.dir, `api-${this.others.length}.sock`);
    const program = this.program("parlor-api", ["--listen", `unix:${socket}`, ...args]);
    this.others.push(program);
    await program.line(/msg="listening"/);
    return { program, socket };
  }

  async stop() {
    await this.poller.stop();
  }

  async kill() {
    await this.poller.kill();
  }

  async restart() {
    if (!this.poller.ended) await this.stop();
    await this.launch();
  }

  /* Ends all programs that have the data open; startAll() starts them again. */
  async stopAll() {
    await this.stop();
  }

  async startAll() {
    await this.launch();
  }

  freeze() {
    this.poller.signal("SIGSTOP");
  }

  thaw() {
    this.poller.signal("SIGCONT");
  }

  /* Stops all programs; each must end well. */
  async end() {
    const running = [this.poller, ...this.others].filter((program) => program && !program.ended);
    try {
      for (const program of running) await program.stop();
    } finally {
      for (const program of running) if (!program.ended) await program.kill();
      if (this.disk) await this.disk.unmount();
      if (this.dir) await rm(this.dir, { recursive: true, force: true });
    }
  }
}
