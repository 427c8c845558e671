/*
 * parlor-api with worker processes, seen from outside: their ids, their states
 * in /proc, and requests that stop halfway.
 */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { HEADER, STDIN, fastcgi, open, record, requestBytes, variables } from "./fcgi.mjs";
import { Program, environment } from "./server.mjs";
import { until, within } from "./wait.mjs";

const HELD_BACK = 10;

async function threads(pid) {
  const ids = await readdir(`/proc/${pid}/task`).catch(() => []);
  const stats = await Promise.all(ids.map((id) =>
    readFile(`/proc/${pid}/task/${id}/stat`, "utf8").catch(() => "")));
  return stats.filter(Boolean).map((stat) => stat.slice(stat.lastIndexOf(")") + 2)[0]);
}

/* A zombie does not count as alive. */
export async function isAlive(pid) {
  return (await threads(pid)).some((state) => !"ZX".includes(state));
}

/* The ids of PID's living children, in ascending order. */
export async function children(pid) {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const pids = list.trim().split(" ").filter(Boolean).map(Number);
  const alive = await Promise.all(pids.map(isAlive));
  return pids.filter((_, i) => alive[i]).sort((a, b) => a - b);
}

export async function freeze(pid) {
  process.kill(pid, "SIGSTOP");
  await until(async () => (await threads(pid)).every((state) => state === "T"), `${pid} stands still`);
}

export function thaw(pid) {
  process.kill(pid, "SIGCONT");
}

/* A POST whose last bytes are held back until finish(). */
export class HalfRequest {
  constructor(socket, fields) {
    const body = Buffer.from(JSON.stringify(fields));
    const params = variables("POST", "/api/v1/rooms", { "Content-Type": "application/json" }, body.length);
    const bytes = requestBytes(params, body);
    this.rest = bytes.subarray(-HELD_BACK);
    Object.assign(this, open(socket));
    this.answer = this.answer.catch((error) => Buffer.from(String(error)));
    this.connection.write(bytes.subarray(0, -HELD_BACK));
  }

  /* Sends the rest and returns the answer. */
  async finish() {
    this.connection.write(this.rest);
    return (await this.answer).toString();
  }
}

/* Sends a POST whose body comes byte by byte; resolves when the server cuts it off. */
export async function sendSlowly(socket) {
  const params = variables("POST", "/api/v1/rooms", { "Content-Type": "application/json" }, 8000);
  const { connection, answer } = open(socket);
  connection.write(requestBytes(params, Buffer.alloc(0)).subarray(0, -HEADER));
  const body = Buffer.concat(Array.from({ length: 8000 }, () => record(STDIN, Buffer.from(" "))));
  let at = 0;
  const each = setInterval(() => connection.write(body.subarray(at, ++at)), 10);
  await answer.catch(() => {});
  clearInterval(each);
}

export class Fleet {
  constructor(server, workers, { file = join(server.build, "parlor-api"), extra = {}, args = [] } = {}) {
    this.socket = join(server.dir, `fleet-${server.others.length}.sock`);
    const all = ["--listen", `unix:${this.socket}`, "--workers", String(workers), ...args];
    this.program = new Program(file, all, { env: server.env(extra) });
    server.others.push(this.program);
    this.door = fastcgi(this.socket);
    this.size = workers;
  }

  workers() {
    return children(this.program.pid);
  }

  /* How often PATTERN occurs in the log. */
  count(pattern) {
    return [...this.program.stderr.matchAll(pattern)].length;
  }

  /* Waits until all workers serve and none of the ids in NOT is left; returns their ids. */
  async ready(not = []) {
    /* Workers log other lines to the same stream. */
    const said = () => this.program.stderr.split("\n").findLast((line) => /msg="[^"]*worker/.test(line))?.includes("workers are ready");
    return until(async () => {
      const now = await this.workers();
      return said() && now.length === this.size && !now.some((pid) => not.includes(pid)) && now;
    }, `${this.size} workers are ready`);
  }

  /* The status of a request that does not wait for the write lock. */
  async reading() {
    return (await this.door("GET", "/api/v1/rooms", {})).status;
  }

  /* Starts N half requests in WORKER: the other workers are stopped meanwhile. */
  async halves(worker, n) {
    const others = (await this.workers()).filter((pid) => pid !== worker);
    for (const pid of others) await freeze(pid);
    const all = Array.from({ length: n }, (_, i) => new HalfRequest(this.socket, { title: `half ${i}` }));
    /* Connections are accepted in order, so this one comes after all halves. */
    await this.reading();
    others.forEach(thaw);
    return all;
  }
}

/* Holds the write lock of SERVER's store while FN runs. */
export async function whileLocked(server, fn) {
  const args = [join(server.data, "parlor.lock"), "sh", "-c", "echo held; exec cat"];
  const holder = new Program("flock", args, { env: environment() });
  try {
    await until(() => holder.stdout.length > 0, "the lock is held");
    await fn();
  } finally {
    holder.child.stdin.end();
    await within(holder.exited, "the lock is let go");
  }
}
