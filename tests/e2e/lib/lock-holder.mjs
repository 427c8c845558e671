/*
 * Another program that holds what writes need: the database by BEGIN
 * IMMEDIATE, as the sqlite3 shell does, or the lock file.
 *
 *   const holder = await holdDatabase(server.data);
 *   await holder.end();
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

const DATABASE = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
`;

const LOCK = `
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
`;

const TRY = `
import fcntl, sys
try:
    fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except BlockingIOError:
    print("held")
`;

const LEASES = `
import sqlite3, sys, time
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
now = time.clock_gettime(time.CLOCK_BOOTTIME) * 1000
row = db.execute("SELECT max(expires) FROM presence").fetchone()
lease = db.execute("SELECT max(lease) FROM node").fetchone()
print("over" if (row[0] or 0) < now and (lease[0] or 0) < now else "run")
`;

const live = new Set();
process.on("exit", () => {
  for (const child of live) child.kill("SIGKILL");
});

class Holder {
  constructor(script, file) {
    this.child = spawn("/usr/bin/python3", ["-c", script, file], { stdio: ["pipe", "pipe", "inherit"] });
    live.add(this.child);
    this.exited = new Promise((done) => this.child.on("close", done)).then(() => live.delete(this.child));
  }

  said() {
    return new Promise((done, failed) => {
      this.child.stdout.once("data", (text) => done(String(text).trim()));
      this.child.once("close", () => failed(new Error("the holder ended")));
    });
  }

  async end() {
    this.child.stdin.end();
    await this.exited;
  }
}

async function hold(script, file) {
  const holder = new Holder(script, file);
  await holder.said();
  return holder;
}

export const holdDatabase = (data) => hold(DATABASE, join(data, "parlor.db"));
export const holdLock = (data) => hold(LOCK, join(data, "parlor.lock"));

async function look(script, file) {
  const looking = new Holder(script, file);
  const said = await looking.said();
  await looking.end();
  return said;
}

/* Waits until every lease in the store has expired. */
export async function leasesAreOver(data) {
  return (await look(LEASES, join(data, "parlor.db"))) === "over";
}

/* "held" or "free": the state of the write lock. */
export function lockOf(data) {
  return look(TRY, join(data, "parlor.lock"));
}
