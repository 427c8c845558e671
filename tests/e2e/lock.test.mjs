// parts: e2e san
/*
 * The write lock is held wherever the database or its log is written. The
 * programs of the build with failpoints stop there, and the test looks at the
 * lock.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cp, mkdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockOf } from "./lib/lock-holder.mjs";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { BUILD_FP } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";
import { test } from "node:test";

const SETTINGS = { wal_pages: 100 };
const LIMIT = 60_000;

/* Whether the process has stopped itself, by the field after its name. */
function isHalted(pid) {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/, ""));
}

/* Where it stops, what makes it get there, and the state that the lock must have then. */
const PLACES = {
  after_begin: ["held", "a transaction has begun", say],
  after_insert: ["held", "its jobs have run", say],
  after_commit_before_reply: ["held", "it is committed", say],
  before_checkpoint: ["held", "a checkpoint begins", sayMuch],
  after_checkpoint: ["held", "a checkpoint has ended", sayMuch],
  before_truncate: ["held", "what was erased is to leave the log", erase],
  after_truncate: ["held", "what was erased has left the log", erase],
  before_unlock: ["held", "all is done", say],
  after_unlock: ["free", "the lock was given back", say],
};

function say({ kim, room }) {
  return kim.answer("POST", `/rooms/${room}/messages`, { content: "x" });
}

async function sayMuch(scene) {
  for (let i = 0; i < 400; i++)
    await scene.kim.answer("POST", `/rooms/${scene.room}/messages`, { content: "x".repeat(3000) });
}

async function erase({ kim, room, message }) {
  return kim.answer("DELETE", `/rooms/${room}/messages/${message.id}`);
}

for (const [place, [how, when, act]] of Object.entries(PLACES))
  sentence(`E1 the write lock is ${how} when ${when} (${place})`, async (s) => {
    const server = await s.serve({ build: BUILD_FP, settings: SETTINGS });
    const { room } = await s.room();
    const kim = await s.member(room, "kim");
    const message = await kim.say(room, "to be erased");
    await server.stop();
    /* Nothing may be written at the start, or the start itself would stop. */
    server.fp = `${place}:halt`;
    const launched = server.launch();
    launched.catch(() => {});
    const scene = { kim, room, message };
    await until(() => server.poller, "it has been started");
    const acting = launched.then(() => act(scene));
    acting.catch(() => {});
    await until(() => isHalted(server.poller.pid), `it halts at ${place}`, LIMIT);
    assert.equal(await lockOf(server.data), how);
    server.poller.signal("SIGCONT");
    await acting;
    server.fp = null;
  }, { limit: 120_000, needs: "embedded" });

async function copyAlone(server) {
  const to = join(server.dir, "copy");
  await mkdir(to);
  await cp(join(server.data, "parlor.db"), join(to, "parlor.db"));
  server.data = to;
}

sentence("D2 after a clean stop parlor.db alone is all of it", async (s) => {
  const server = await s.serve();
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  for (let i = 0; i < 20; i++) await kim.say(room, `said ${i}`);
  const before = await kim.history(room);
  await server.stop();
  assert.equal((await stat(join(server.data, "parlor.db-wal"))).size, 0);
  await copyAlone(server);
  await server.launch();
  assert.deepEqual(await kim.history(room), before);
}, { needs: "embedded" });

async function refusedMigration(server, pattern) {
  const migrate = server.program("parlor", ["migrate"]);
  assert.equal((await migrate.exited).code, 1, migrate.tail());
  assert.match(migrate.said, pattern);
}

/* A database that was copied while it ran, without its log. */
function hollow(bytes) {
  return bytes.subarray(0, 4096);
}

test("D2 a database that was copied without its log is suspicious, and not made anew", () => withStoppedServer({}, async (server) => {
  const file = join(server.data, "parlor.db");
  const script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA journal_mode = WAL'); db.close()";
  const empty = join(server.dir, "empty.db");
  const { execFileSync } = await import("node:child_process");
  execFileSync("/usr/bin/python3", ["-c", script, empty]);
  const bytes = hollow(await readFile(empty));
  for (const name of ["parlor.db-wal", "parlor.db-shm", "ballast"]) await rm(join(server.data, name), { force: true });
  await writeFile(file, bytes);
  await refusedMigration(server, /is empty but was used before/);
  assert.deepEqual(await readFile(file), bytes, "it was left alone");
  const check = server.program("parlor", ["check"]);
  assert.equal((await check.exited).code, 1);
  assert.match(String(check.stdout), /is empty: if it was copied, copy parlor\.db-wal/);
  const poller = server.program("parlor-poller", ["--listen", "127.0.0.1:0"]);
  assert.equal((await poller.exited).code, 1);
  assert.match(poller.said, /database is empty: if it was copied/);
}));

test("D2 an empty file or none, where a store was used, is not made anew", () => withStoppedServer({}, async (server) => {
  const file = join(server.data, "parlor.db");
  await rm(`${file}-wal`, { force: true });
  await rm(`${file}-shm`, { force: true });
  await truncate(file);
  await refusedMigration(server, /is missing, though one was used here/);
  await rm(file);
  await refusedMigration(server, /is missing, though one was used here/);
  await rm(join(server.data, "ballast"));
  const migrate = server.program("parlor", ["migrate"]);
  await migrate.done(0);
}));
