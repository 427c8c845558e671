// parts: e2e san
/*
 * A running program loses the right to write, and what the commands say then.
 * The programs run as a user other than root, who may do everything.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Disk } from "./lib/disk.mjs";
import { holdDatabase, holdLock } from "./lib/lock-holder.mjs";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { BUILD, Program, Server, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const NOBODY = 65534;
const SOMEBODY = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const LIMIT = 120_000;
const ENDS = 60_000;

/* A server whose programs run as SOMEBODY. */
class Lent extends Server {
  async makeDirectories() {
    await super.makeDirectories();
    this.bin = join(this.dir, "bin");
    await mkdir(this.bin);
    await mkdir(this.data, { recursive: true });
    for (const name of ["parlor", "parlor-poller"]) await copyFile(join(this.build, name), join(this.bin, name));
    for (const dir of [this.dir, this.bin]) await chmod(dir, 0o755);
    if (SOMEBODY.uid) await chown(this.data, NOBODY, NOBODY);
  }

  program(name, args = [], extra = {}) {
    return new Program(join(this.bin, name), args, { env: this.env(extra), ...SOMEBODY });
  }
}

function lent(name, fn, Kind = Lent) {
  sentence(name, async (s) => {
    const server = new Kind({ settings: { busy_ms: 300 } });
    s.servers.push(server);
    await server.start();
    s.server = server;
    const { room } = await s.room();
    const kim = await s.member(room, "kim");
    const first = await kim.say(room, "before");
    await fn({ server, room, kim, first });
  }, { needs: "embedded", limit: LIMIT });
}

async function post(kim, room, content) {
  const { status, body } = await kim.answer("POST", `/rooms/${room}/messages`, { content });
  return [status, body?.code];
}

async function isExactly(kim, room, contents) {
  const said = (await kim.history(room)).filter(({ type }) => type === "message");
  assert.deepEqual(said.map(({ content }) => content), contents);
}

async function storage(server) {
  return (await (await fetch(`${server.api}/health`)).json()).storage;
}

/* Takes everything that a program needs, and starts it again. */
const TAKEN = {
  "the whole directory, database and log": async (server, mode) => {
    for (const name of ["parlor.db", "parlor.db-wal", "parlor.db-shm", "parlor.lock"]) await chmod(join(server.data, name), mode ? 0o600 : 0o400);
    await chmod(server.data, mode ? 0o700 : 0o500);
  },
  "the directory": (server, mode) => chmod(server.data, mode ? 0o700 : 0o500),
  "the database": (server, mode) => chmod(join(server.data, "parlor.db"), mode ? 0o600 : 0o400),
};

for (const [what, set] of Object.entries(TAKEN))
  lent(`A7 P8 rights that are lost while it runs (${what}): what is answered is true, reading goes on, and it ends by itself`, async ({ server, room, kim }) => {
    const said = ["before"];
    await set(server, false);
    /* Open files stay usable: it may well go on. */
    for (let i = 0; i < 5; i++) {
      const [status, code] = await post(kim, room, `taken ${i}`);
      if (status === 201) said.push(`taken ${i}`);
      else assert.deepEqual([status, code], [503, "read_only"]);
      await isExactly(kim, room, said);
    }
    assert.ok(["ok", "read_only"].includes(await storage(server)));
    await set(server, true);
    assert.deepEqual(await post(kim, room, "after"), [201, undefined]);
    await isExactly(kim, room, [...said, "after"]);
    assert.equal(await storage(server), "ok");
    await server.kill();
    await server.launch();
    await isExactly(kim, room, [...said, "after"]);
  });

/* prlimit: the largest file that the program may write; SIZE "unlimited" ends that. */
function limitFiles(server, size) {
  execFileSync("prlimit", [`--pid=${server.pid}`, `--fsize=${size}:unlimited`]);
}

lent("A7 P8 a limit on the size of files: 507, nothing is done, and the very next write after it succeeds", async ({ server, room, kim }) => {
  const said = ["before"];
  limitFiles(server, 65_536);
  const refused = await until(async () => {
    const content = `${said.length} `.padEnd(3000, "x");
    const answer = await post(kim, room, content);
    if (answer[0] !== 201) return answer;
    said.push(content);
    return null;
  }, "a message is refused", ENDS);
  assert.deepEqual(refused, [507, "storage_full"]);
  for (let i = 0; i < 3; i++) assert.deepEqual(await post(kim, room, "y".repeat(3000)), [507, "storage_full"]);
  assert.equal(await storage(server), "full");
  await isExactly(kim, room, said);
  limitFiles(server, "unlimited");
  assert.deepEqual(await post(kim, room, "after"), [201, undefined]);
  assert.equal(await storage(server), "ok");
  await server.kill();
  await server.launch();
  await isExactly(kim, room, [...said, "after"]);
}, Server);

const COMMANDS = [["room", "create", "another"], ["key", "add", "another", "rooms"]];

/* Each command fails, says SAID at any level of the log, and has done nothing. */
async function refuses(server, said, commands = COMMANDS) {
  for (const words of commands) {
    const program = server.program("parlor", words, { PARLOR_LOG: "0" });
    assert.equal((await program.exited).code, 1, words.join(" "));
    assert.match(program.stderr, said, words.join(" "));
  }
}

async function succeeds(server) {
  for (const words of [...COMMANDS, ["migrate"]]) await server.program("parlor", words).done(0);
}

async function onDisk(fn) {
  const server = new Server({ disk: "8m", settings: { busy_ms: 300 } });
  try {
    await server.prepare();
    await fn(server);
  } finally {
    await server.end();
  }
}

const commands = (name, fn) => sentence(name, () => onDisk(fn), { needs: "embedded", limit: LIMIT });

commands("A7 commands on a full disk say what to do, do nothing, and succeed once there is space", async (server) => {
  await server.disk.fill();
  await refuses(server, /no space, so nothing was done; free some on the disk/);
  await server.disk.free();
  await succeeds(server);
});

commands("A7 commands on a read-only file system say what to do, do nothing, and succeed once it can be written", async (server) => {
  await server.disk.mode("ro");
  await refuses(server, /cannot be written, so nothing was done; parlor check says why/);
  await refuses(server, /mounted read-only; mount it with rw/, [["migrate"]]);
  await server.disk.mode("rw");
  await succeeds(server);
});

for (const [what, hold] of [["the database", holdDatabase], ["the lock file", holdLock]])
  commands(`A7 commands while a program holds ${what} say what to do, do nothing, and succeed after it`, async (server) => {
    const holder = await hold(server.data);
    await refuses(server, /another program holds the store, so nothing was done; end it/);
    await refuses(server, /another program holds the (database|lock file)[:;] end it/, [["migrate"]]);
    await holder.end();
    await succeeds(server);
  });

for (const [mode, said] of [["rw", /free space on the disk and run (it|this) again/], ["ro", /mounted read-only; mount it with rw/]])
  sentence(`A7 a new store where nothing can be written (${mode}) is not begun, and what to do is said`, () => withStoppedServer({}, async () => {
    const at = await mkdtemp(join(tmpdir(), "parlor-small-"));
    const disk = new Disk(at, "64k");
    await disk.mount();
    try {
      if (mode === "rw") await disk.fill();
      else await disk.mode(mode);
      const server = { program: (name, args) => new Program(join(BUILD, name), ["--data", at, ...args], { env: environment() }) };
      await refuses(server, said, [["migrate"]]);
      await disk.mode("rw");
      await disk.free();
    } finally {
      await disk.unmount();
      await rm(at, { recursive: true, force: true });
    }
  }), { needs: "embedded", limit: LIMIT });
