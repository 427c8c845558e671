/*
 * Measures how long writers wait while a large store is copied.
 *
 *   node tests/bench/backup.mjs [--messages 2600000] [--writers 8] [--seconds 8] [--others]
 *
 * 2,600,000 messages are about 1 GB.  The writers send messages to the embedded
 * form, one after the other, and every tenth request edits one, which erases
 * text.  With --others, SQLite's own shell copies the same store as well, by
 * VACUUM INTO and by the backup API in steps of 100 pages.  The store lies in
 * TMPDIR, which should be a disk.
 */
import { spawn } from "node:child_process";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Person } from "../e2e/lib/client.mjs";
import { BUILD, Server } from "../e2e/lib/server.mjs";
import { FILLED, fill } from "./lib/fill.mjs";

const { values } = parseArgs({ options: {
  messages: { type: "string", default: "2600000" }, writers: { type: "string", default: "8" },
  seconds: { type: "string", default: "8" }, others: { type: "boolean" },
} });
const SHELL_MS = 60_000; /* the backup API begins anew with each write */
const EDIT_EVERY = 10;
const MB = 1_000_000;

const waits = [];
let over = false;

async function write(person) {
  let last = null;
  for (let n = 0; !over; n++) {
    const from = performance.now();
    if (n % EDIT_EVERY === EDIT_EVERY - 1) await person.ask("PATCH", `/rooms/${FILLED}/messages/${last}`, { content: `edited ${n}` });
    else last = (await person.say(FILLED, `message ${n} while the store is copied`)).id;
    waits.push(performance.now() - from);
  }
}

/* Runs a program; its status, or null if it had to be ended after MS. */
function run(file, args, ms) {
  const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"], timeout: ms });
  return new Promise((done, failed) => child.on("error", failed).on("close", done));
}

/* What writers waited while FN ran. */
async function during(name, fn) {
  waits.length = 0;
  const from = performance.now();
  const status = await fn();
  const seconds = (performance.now() - from) / 1000;
  const sorted = waits.slice().sort((a, b) => a - b);
  const at = (part) => sorted[Math.floor(part * (sorted.length - 1))].toFixed(1);
  const ended = status === 0 || status === undefined ? "" : ` (ended with ${status})`;
  console.log(`${name}: ${seconds.toFixed(1)} s, ${Math.round(sorted.length / seconds)} writes/s, median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms${ended}`);
}

const server = new Server({});
await server.prepare();
fill(BUILD, server.data, Number(values.messages));
await server.launch();
try {
  const people = [];
  for (let n = 0; n < Number(values.writers); n++) {
    const person = new Person(server);
    await person.join(FILLED);
    people.push(person);
  }
  const working = people.map(write);
  const database = join(server.data, "parlor.db");
  console.log(`${((await stat(database)).size / MB).toFixed(0)} MB, ${values.writers} writers`);
  const to = (name) => join(server.dir, name);
  await pause(2000);
  await during("no copy", () => pause(Number(values.seconds) * 1000));
  await during("parlor backup", () => run(join(BUILD, "parlor"), ["--data", server.data, "backup", to("backup")]));
  console.log(`log after it: ${((await stat(`${database}-wal`)).size / MB).toFixed(0)} MB`);
  await rm(to("backup"), { recursive: true });
  await during("no copy again", () => pause(Number(values.seconds) * 1000));
  if (values.others) {
    await during("VACUUM INTO", () => run("sqlite3", ["-cmd", "PRAGMA wal_autocheckpoint = 0", database, `VACUUM INTO '${to("vacuumed")}'`]));
    await rm(to("vacuumed"), { force: true });
    await pause(Number(values.seconds) * 1000);
    await during("backup API", () => run("sqlite3", ["-cmd", "PRAGMA wal_autocheckpoint = 0", database, `.backup '${to("copied")}'`], SHELL_MS));
  }
  over = true;
  await Promise.all(working);
} finally {
  over = true;
  await server.end();
}
