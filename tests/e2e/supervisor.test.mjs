// parts: e2e san race
/* parlor-api with workers of its own: whatever happens to one, others serve. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, readdir, rename, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Person, newId } from "./lib/client.mjs";
import { Fleet, HalfRequest, freeze, isAlive, sendSlowly, thaw, whileLocked } from "./lib/fleet.mjs";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { TOP } from "./lib/server.mjs";
import { SLOW, letPass, until } from "./lib/wait.mjs";

const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

async function fleet(server, workers, options) {
  const made = new Fleet(server, workers, options);
  await made.ready();
  return made;
}

const gone = (pids) =>
  until(async () => !(await Promise.all(pids.map(isAlive))).some(Boolean), `${pids} are gone`);

sentence("S1-6 each worker answers by itself, on one socket", () => withStoppedServer({}, async (server) => {
  const f = await fleet(server, 3);
  const all = await f.workers();
  for (const one of all) {
    const others = all.filter((pid) => pid !== one);
    for (const pid of others) await freeze(pid);
    assert.equal(await f.reading(), 200);
    others.forEach(thaw);
  }
  assert.deepEqual(await f.workers(), all, "and none was replaced");
}));

sentence("S2-18 SIGKILL of a worker: what has begun in another is answered, and a new one takes its place", () =>
  withStoppedServer({ threads: 8 }, async (server) => {
    const f = await fleet(server, 2);
    const [victim, other] = await f.workers();
    const halves = await f.halves(other, 5);
    process.kill(victim, "SIGKILL");
    for (const half of halves) assert.match(await half.finish(), /Status: 201/);
    const now = await f.ready([victim]);
    assert.ok(now.includes(other), "the other one is still there");
    assert.match(f.program.stderr, new RegExp(`msg="worker ended; another takes its place" pid=${victim} signal=9`));
    assert.equal(await f.reading(), 200);
  }));

const PEOPLE = 6;
const KILLS = 5;

sentence("P1 P2 P3 workers die while people talk: what was answered is there once, in order", () =>
  withStoppedServer({ join_lease_ms: 600_000 }, async (server) => {
    const f = await fleet(server, 3);
    const owner = new Person(server, { door: f.door });
    const room = await owner.create();
    const people = Array.from({ length: PEOPLE }, () => new Person(server, { door: f.door }));
    for (const person of people) await person.join(room);
    const told = new Map();
    let kills = 0;
    const talk = async (person) => {
      while (kills < KILLS) {
        const client_id = newId();
        told.set(client_id, await person.sayUntilStored(room, client_id, client_id));
      }
    };
    const talking = people.map(talk);
    for (; kills < KILLS; kills++) {
      const before = told.size;
      await until(() => told.size > before + 10, "people go on talking");
      const [victim] = await f.workers();
      process.kill(victim, "SIGKILL");
      await f.ready([victim]);
    }
    await Promise.all(talking);
    const history = await people[0].history(room);
    assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1));
    const said = history.filter(({ type }) => type === "message");
    assert.equal(said.length, told.size);
    for (const message of said) assert.deepEqual(told.get(message.client_id), message);
  }));

sentence("P9 a worker that is stuck in a request is killed and replaced, and no other one", () =>
  withStoppedServer({ busy_ms: 60_000, hang_ms: 2000 * SLOW, request_deadline_ms: 60_000, threads: 4 }, async (server) => {
    const f = await fleet(server, 2);
    const [stuck, other] = await f.workers();
    const [half] = await f.halves(other, 1);
    await whileLocked(server, async () => {
      await freeze(other);
      const lost = new HalfRequest(f.socket, { title: "stuck" }).finish();
      await f.reading();
      thaw(other);
      assert.ok((await f.ready([stuck])).includes(other));
      assert.doesNotMatch(await lost, /Status:/);
    });
    assert.equal(f.count(/msg="worker killed;/g), 1);
    assert.match(f.program.stderr, new RegExp(`msg="worker killed; .*pid=${stuck} because="a request is stuck"`));
    assert.match(await half.finish(), /Status: 201/);
    assert.equal(await f.reading(), 200);
  }));

sentence("P9 a worker that stands still while it reads a request is killed and replaced", () =>
  withStoppedServer({ hang_ms: 1000 * SLOW, request_deadline_ms: 10_000 * SLOW, threads: 4 }, async (server) => {
    const f = await fleet(server, 1);
    const [worker] = await f.workers();
    await f.halves(worker, 1);
    await freeze(worker);
    await f.ready([worker]);
    assert.equal(await f.reading(), 200);
  }));

for (const workers of [0, 1])
  sentence(`P9 a request that drips is cut off in time, and is no hang, with ${workers} workers`, () =>
    withStoppedServer({ hang_ms: 1000 * SLOW, request_deadline_ms: 400 }, async (server) => {
      const f = new Fleet(server, workers);
      await f.program.line(/msg="listening"/);
      const before = await f.workers();
      const began = performance.now();
      await Promise.all(Array.from({ length: 4 }, () => sendSlowly(f.socket)));
      const took = performance.now() - began;
      assert.ok(took >= 350, `${took} ms`);
      assert.equal(await f.reading(), 200);
      assert.deepEqual(await f.workers(), before);
      assert.doesNotMatch(f.program.stderr, /worker (ended|killed)/);
    }));

sentence("S2-18 SIGTERM ends every worker, and what has begun is answered", () => withStoppedServer({}, async (server) => {
  const f = await fleet(server, 3);
  const workers = await f.workers();
  const [half] = await f.halves(workers[0], 1);
  const stopped = f.program.stop();
  await gone(workers.slice(1));
  assert.match(await half.finish(), /Status: 201/);
  await stopped;
  await gone(workers);
  assert.equal(f.count(/another takes its place/g), 0);
}));

sentence("S2-18 SIGTERM takes no longer than stop_ms, though a worker stands still", () =>
  withStoppedServer({ stop_ms: 700 }, async (server) => {
    const f = await fleet(server, 2);
    const workers = await f.workers();
    await freeze(workers[0]);
    const began = performance.now();
    await f.program.stop();
    const took = performance.now() - began;
    assert.ok(took >= 650, `${took} ms`);
    assert.match(f.program.stderr, new RegExp(`msg="worker killed" pid=${workers[0]} because="it did not stop in time"`));
    await gone(workers);
  }));

sentence("S2-18 SIGTERM takes no longer than stop_ms without workers too, though a request is stuck", () =>
  withStoppedServer({ busy_ms: 60_000, stop_ms: 300 }, async (server) => {
    const f = new Fleet(server, 0);
    await f.program.line(/msg="listening"/);
    await whileLocked(server, async () => {
      const lost = new HalfRequest(f.socket, { title: "stuck" }).finish();
      await f.reading();
      await f.program.stop();
      assert.match(f.program.stderr, /msg="stopping took too long; requests are broken off" requests=1/);
      assert.doesNotMatch(await lost, /Status:/);
    });
  }));

sentence("S2-18 SIGKILL of the supervisor: its workers answer what has begun, and end", () => withStoppedServer({}, async (server) => {
  const f = await fleet(server, 2);
  const workers = await f.workers();
  const [half] = await f.halves(workers[0], 1);
  f.program.signal("SIGKILL");
  await gone([f.program.pid, workers[1]]);
  assert.match(await half.finish(), /Status: 201/);
  await gone(workers);
  await f.program.kill();
}));

/* A copy of the program that can be replaced, and settings in a file. */
async function installed(server, workers) {
  const bin = join(server.dir, "bin");
  await mkdir(bin);
  const i = {
    conf: join(bin, "parlor.conf"),
    file: join(bin, "parlor-api"),
    put: async (from) => {
      await from(`${i.file}.new`);
      await chmod(`${i.file}.new`, 0o755);
      await rename(`${i.file}.new`, i.file);
    },
  };
  i.good = (to) => copyFile(join(server.build, "parlor-api"), to);
  i.broken = (to) => writeFile(to, "#!/bin/sh\nexit 3\n");
  await i.put(i.good);
  await writeFile(i.conf, "room_capacity = 7\n");
  i.fleet = await fleet(server, workers, { file: i.file });
  return i;
}

async function capacity(server, f) {
  const { room } = await new Person(server, { door: f.door }).ask("POST", "/rooms", {});
  return room.capacity;
}

sentence("S2-18 SIGHUP replaces all workers, with new settings, and no request fails", () => withStoppedServer({}, async (server) => {
  const { conf, fleet: f } = await installed(server, 3);
  assert.equal(await capacity(server, f), 7);
  let over = false;
  let asked = 0;
  const ask = async () => {
    for (; !over; asked++) assert.equal(await f.reading(), 200);
  };
  const asking = Array.from({ length: 6 }, ask);
  for (const seats of [8, 9]) {
    const before = await f.workers();
    await writeFile(conf, `room_capacity = ${seats}\n`);
    f.program.signal("SIGHUP");
    await f.ready(before);
    assert.equal(await capacity(server, f), seats);
    const enough = asked + 20;
    await until(() => asked > enough, "requests go on");
  }
  over = true;
  await Promise.all(asking);
  assert.doesNotMatch(f.program.stderr, /level=(warn|error)/);
}));

sentence("S2-18 SIGHUP with settings that are wrong changes nothing", () => withStoppedServer({}, async (server) => {
  const { conf, fleet: f } = await installed(server, 2);
  const before = await f.workers();
  for (const [n, wrong] of ["room_capacity = many\n", "listen = unix:/elsewhere\nno_such = 1\n"].entries()) {
    await writeFile(conf, wrong);
    f.program.signal("SIGHUP");
    await until(() => f.count(/msg="reload refused; the old settings stay"/g) === n + 1, "it is refused");
  }
  assert.deepEqual(await f.workers(), before);
  assert.equal(await f.reading(), 200);
}));

sentence("S2-18 SIGHUP with a new program: one that cannot serve leaves the old workers, one that can replaces them", () =>
  withStoppedServer({}, async (server) => {
    const { put, good, broken, fleet: f } = await installed(server, 2);
    const before = await f.workers();
    await put(broken);
    f.program.signal("SIGHUP");
    await f.program.line(/msg="no new worker could serve; the old ones stay" workers=2/);
    assert.deepEqual(await f.workers(), before);
    assert.equal(await f.reading(), 200);
    await put(good);
    f.program.signal("SIGHUP");
    await f.ready(before);
    assert.equal(await f.reading(), 200);
  }));

sentence("P9 a worker that dies at its start is started slower and slower, and the others serve", () =>
  withStoppedServer({}, async (server) => {
    const { put, good, broken, fleet: f } = await installed(server, 2);
    const [victim, other] = await f.workers();
    await put(broken);
    const began = performance.now();
    process.kill(victim, "SIGKILL");
    const failures = /msg="worker ended; another takes its place" pid=\d+ status=3/g;
    await until(() => f.count(failures) >= 4, "it has failed four times");
    assert.ok(performance.now() - began >= 100 + 200 + 400, "with pauses between");
    assert.equal(await f.reading(), 200);
    await put(good);
    const now = await f.ready([victim]);
    assert.ok(now.includes(other));
  }));

sentence("S2-18 workers that cannot serve at all end the supervisor, which says why", () => withStoppedServer({}, async (server) => {
  const empty = join(server.dir, "empty");
  await mkdir(empty);
  const f = new Fleet(server, 2, { args: ["--data", empty] });
  await f.program.done(1);
  assert.match(f.program.stderr, /level=error msg="data directory cannot be used" why=".*parlor --data \S+ migrate/);
}));

for (const workers of [0, 1])
  sentence(`S2-18 a socket that another listens on is not taken from it, with ${workers} workers`, () =>
    withStoppedServer({}, async (server) => {
      const f = await fleet(server, 1);
      const args = ["--listen", `unix:${f.socket}`, "--workers", String(workers)];
      const second = server.program("parlor-api", args);
      await second.done(1);
      assert.match(second.stderr, /cannot listen; .*address="unix:.*" error="Address already in use" mend="another program listens there;/);
      assert.equal(await f.reading(), 200);
    }));

async function descriptors(pid) {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/* The processor time used so far, in seconds. */
async function processorTime(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return (user + system) / TICKS;
}

function limitFiles(pid, files) {
  execFileSync("prlimit", ["--pid", String(pid), `--nofile=${files}:`]);
}

sentence("P9 without descriptors a worker waits for them, at rest, and goes on when there are some", () =>
  withStoppedServer({ request_deadline_ms: 60_000 }, async (server) => {
    const f = await fleet(server, 1);
    const [worker] = await f.workers();
    assert.equal(await f.reading(), 200);
    const files = await descriptors(worker);
    limitFiles(worker, 3);
    const waiting = f.reading();
    await f.program.line(/msg="descriptors are short; raise the limit of files"/);
    const [began, before] = [performance.now(), await processorTime(worker)];
    await letPass(1000);
    const share = (1000 * (await processorTime(worker) - before)) / (performance.now() - began);
    assert.ok(share < 0.3, `${share} of a processor`);
    assert.equal(f.count(/descriptors are short/g), 1);
    limitFiles(worker, 2 * files);
    assert.equal(await waiting, 200);
  }));

sentence("P9 half requests hold half of the descriptors at most: the oldest of them gives way", () =>
  withStoppedServer({ request_deadline_ms: 600_000 }, async (server) => {
    const f = await fleet(server, 1);
    const before = await f.workers();
    execFileSync("prlimit", ["--pid", String(f.program.pid), "--nofile=400:400"]);
    f.program.signal("SIGHUP");
    await f.ready(before);
    const halves = Array.from({ length: 300 }, (_, i) => new HalfRequest(f.socket, { title: `half ${i}` }));
    for (let i = 0; i < 40; i++) assert.equal(await f.reading(), 200);
    for (const { answer } of halves.slice(0, 100)) await answer;
    for (const half of halves.slice(-150)) assert.match(await half.finish(), /Status: 201/);
    assert.equal(f.count(/descriptors are short/g), 0);
    for (const { connection } of halves) connection.destroy();
  }));

sentence("P10 what is handed to workers cannot be forged into something else", () => withStoppedServer({}, async (server) => {
  for (const forged of ["", "x", "1 2 3", "1 2 3 4", "1 0 1 2 ", "-1 0 0 0"]) {
    const f = new Fleet(server, 2, { extra: { PARLOR_HANDOFF: forged } });
    await f.program.done(1);
    assert.match(f.program.stderr, /msg="PARLOR_HANDOFF is only for workers; unset it"/);
  }
}));

async function unit(name) {
  const text = await readFile(join(TOP, "docs/systemd", name), "utf8");
  const lines = text.split("\n").filter((line) => /^\w+=/.test(line));
  return lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
}

sentence("S1-8 the shipped units start the programs with options that they know, on one data directory", () =>
  withStoppedServer({}, async (server) => {
    const data = new Set();
    for (const name of ["parlor-api", "parlor-poller", "parlor"]) {
      const lines = await unit(`${name}.service`);
      const all = Object.fromEntries(lines);
      const [program, ...args] = all.ExecStart.split(" ");
      assert.equal(program, `/usr/local/bin/${name === "parlor" ? "parlor-poller" : name}`);
      await server.program(basename(program), [...args, "-n"]).done(0);
      data.add(args[args.indexOf("--default-data") + 1]);
      assert.deepEqual([all.User, all.Group, all.NoNewPrivileges], ["parlor", "www-data", "yes"]);
    }
    assert.deepEqual([...data], ["/var/lib/parlor"]);
  }));
