// parts: e2e san
/* Every program reports a data directory that it cannot use. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, chown, copyFile, lchown, mkdir, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { Program } from "./lib/server.mjs";
import { within } from "./lib/wait.mjs";

/* Root may do everything, so the programs run as another user then. */
const NOBODY = 65534;
const SOMEBODY = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/* The programs where anybody can run them, and a directory of SOMEBODY's. */
async function apart(server) {
  const bin = join(server.dir, "bin");
  const place = join(server.dir, "place");
  const run = join(server.dir, "run");
  for (const dir of [bin, place, run]) await mkdir(dir);
  for (const name of ["parlor", "parlor-api", "parlor-poller"]) await copyFile(join(server.build, name), join(bin, name));
  for (const dir of [server.dir, bin]) await chmod(dir, 0o755);
  if (SOMEBODY.uid) for (const dir of [place, run]) await chown(dir, NOBODY, NOBODY);
  return { bin, run, place, data: join(place, "data") };
}

async function run({ bin, run: sockets, data }, name, words, user = SOMEBODY) {
  const args = words.map((word) => word.replace("unix:", `unix:${sockets}/`));
  const program = new Program(join(bin, name), ["--data", data, ...args], { env: { PATH: process.env.PATH }, cwd: "/", ...user });
  program.child.stdin.end();
  const { code } = await within(program.exited, `${name} ends`);
  program.clean();
  return { code, said: program.stderr + String(program.stdout) };
}

const PROGRAMS = [
  ["parlor", ["check"]],
  ["parlor", ["room", "list"]],
  ["parlor-api", ["--listen", "unix:api.sock"]],
  ["parlor-poller", ["--embed", "--listen", "unix:poller.sock"]],
];

const inside = (at, name) => join(at.data, name);

/* PRAGMA user_version, by another program than ours. */
function setSchema(at, number) {
  const script = `import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute("PRAGMA user_version=" + sys.argv[2]); c.commit()`;
  execFileSync("/usr/bin/python3", ["-c", script, inside(at, "parlor.db"), String(number)], SOMEBODY);
}

const instead = (name, make) => async (at) => {
  await rm(inside(at, name), { force: true });
  await make(inside(at, name));
  if (SOMEBODY.uid) await lchown(inside(at, name), NOBODY, NOBODY);
};

const denied = (what) => new RegExp(`user \\S+ may not read and write \\S*${what}\\b.*(run chmod|runuser)`);

/* Damage to a good store, the report of it, and whether `parlor migrate` helps. */
const TROUBLES = {
  "a directory of mode 0500": [(at) => chmod(at.data, 0o500), denied("data")],
  "a directory of mode 0600": [(at) => chmod(at.data, 0o600), denied("data")],
  "a directory of mode 0": [(at) => chmod(at.data, 0), denied("data")],
  "a directory above it that may not be entered": [(at) => chmod(at.place, 0), /user \S+ may not enter a directory above \S*data/],
  "a database that may not be read": [(at) => chmod(inside(at, "parlor.db"), 0), denied("parlor\\.db")],
  "a database that may not be written": [(at) => chmod(inside(at, "parlor.db"), 0o400), denied("parlor\\.db")],
  "a -wal that may not be read": [instead("parlor.db-wal", (file) => writeFile(file, "", { mode: 0 })), denied("parlor\\.db-wal")],
  "a -shm that may not be read": [instead("parlor.db-shm", (file) => writeFile(file, "", { mode: 0 })), denied("parlor\\.db-shm")],
  "a lock file that may not be written": [(at) => chmod(inside(at, "parlor.lock"), 0o400), denied("parlor\\.lock")],
  "a database that is text": [instead("parlor.db", (file) => writeFile(file, "this is no database, but longer than its header\n")), /parlor\.db is not a database; .*restore the last backup/],
  "a database that is a few bytes": [instead("parlor.db", (file) => writeFile(file, "SQLite")), /parlor\.db is not a database/],
  "a directory for a database": [instead("parlor.db", (file) => mkdir(file)), /parlor\.db is no file but a directory; move it away/],
  "a directory for a lock file": [instead("parlor.lock", (file) => mkdir(file)), /parlor\.lock is no file but a directory; move it away/],
  "a symbolic link for a database": [instead("parlor.db", (file) => symlink("/etc/hostname", file)), /parlor\.db is no file but a symbolic link/],
  "a file for the directory": [async (at) => { await rename(at.data, `${at.data}.away`); await writeFile(at.data, ""); }, /data is no directory: a file is there/],
  "a newer schema": [(at) => setSchema(at, 999), /made by a newer Parlor; install that version.*\b999\b/],
  "an older schema": [(at) => setSchema(at, 1), /made by an older Parlor; run parlor migrate.*\b1\b/, "migrate"],
  "no directory": [(at) => rename(at.data, `${at.data}.away`), /data is no directory: nothing is there; for a new store run parlor --data \S+ migrate/, "migrate"],
  "no database": [(at) => rm(inside(at, "parlor.db")), /there is no database in \S*data; for a new store run parlor --data \S+ migrate/, "migrate"],
};

async function checkAll(at, said, advice) {
  for (const [name, args] of PROGRAMS) {
    const end = await run(at, name, args);
    assert.ok(end.code > 0, `${name} ${args}: ${end.code} ${end.said}`);
    assert.match(end.said, said, `${name} ${args}`);
    if (advice !== "migrate") assert.doesNotMatch(end.said, /migrate/, `${name} ${args}`);
  }
  if (advice === "migrate") return;
  const end = await run(at, "parlor", ["migrate"]);
  assert.ok(end.code > 0, end.said);
  assert.match(end.said, said, "migrate is of one mind with them");
}

for (const [what, [spoil, said, advice]] of Object.entries(TROUBLES))
  sentence(`D5 every program names the cause: ${what}`, () => withStoppedServer({}, async (server) => {
    const at = await apart(server);
    assert.equal((await run(at, "parlor", ["migrate"])).code, 0);
    assert.match((await run(at, "parlor", ["check"])).said, /all is well/);
    await spoil(at);
    try {
      await checkAll(at, said, advice);
    } finally {
      await chmod(at.place, 0o700);
      await chmod(at.data, 0o700).catch(() => {});
    }
  }), { needs: "embedded" });

sentence("D5 a directory that cannot be made is told", () => withStoppedServer({}, async (server) => {
  const at = await apart(server);
  for (const data of [join(at.place, "a/b"), join(server.dir, "bin/parlor/x")]) {
    const { code, said } = await run({ ...at, data }, "parlor", ["migrate"]);
    assert.ok(code > 0);
    assert.match(said, /directory cannot be created; create its parent first/);
  }
}), { needs: "embedded" });

sentence("D5 what root makes in a directory of another user that user can use", () => withStoppedServer({}, async (server) => {
  const at = await apart(server);
  const owner = (await stat(at.place)).uid;
  await mkdir(at.data, { mode: 0o700 });
  await chown(at.data, owner, (await stat(at.place)).gid);
  for (const args of [["migrate"], ["room", "create", "lobby"], ["check"]])
    assert.equal((await run(at, "parlor", args, {})).code, 0);
  const poller = new Program(join(at.bin, "parlor-poller"), ["--data", at.data, "--listen", `unix:${at.run}/root.sock`], { env: {} });
  server.others.push(poller);
  await poller.line(/msg="listening"/);
  assert.ok((await readdir(at.data)).includes("doorbell"));
  for (const name of await readdir(at.data)) assert.equal((await stat(inside(at, name))).uid, owner, name);
  for (const args of [["check"], ["room", "create", "another"]]) {
    const { code, said } = await run(at, "parlor", args);
    assert.equal(code, 0, said);
  }
}), { needs: "embedded" });

/* The program's answer to words that need no store. */
async function answer(server, name, args, code = 0) {
  const program = server.program(name, args);
  await program.done(code);
  return { out: String(program.stdout), err: program.stderr };
}

sentence("D5 migrate and check say what they did and looked at", () => withStoppedServer({}, async (server) => {
  assert.match((await answer(server, "parlor", ["check"])).out, /^all is well: looked at the settings, at \S+ .*schema \d+\)\n$/);
  assert.match((await answer(server, "parlor", ["migrate"])).out, /^the database in \S+ needs no change \(schema \d+\)\n$/);
  const fresh = join(server.dir, "fresh");
  assert.match((await answer(server, "parlor", ["--data", fresh, "migrate"])).out, /^made a database in \S+ \(schema \d+\)\n$/);
}), { needs: "embedded" });

sentence("D5 the programs say their version, and help with the command that is asked for alone", () => withStoppedServer({}, async (server) => {
  for (const name of ["parlor", "parlor-api", "parlor-poller"])
    assert.match((await answer(server, name, ["--version"])).out, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n$`));
  for (const words of [["room", "create"], ["room", "create", "lobby"]]) {
    const one = (await answer(server, "parlor", [...words, "--help"])).out;
    assert.match(one, /room create SLUG/);
    assert.doesNotMatch(one, /room list|key add|--hb_ms/);
  }
  assert.doesNotMatch((await answer(server, "parlor", ["check", "--help"])).out, /migrate|--hb_ms/);
  for (const [args, code] of [[["room"], 2], [["room", "--help"], 0]]) {
    const { out } = await answer(server, "parlor", args, code);
    for (const name of ["create", "list", "show", "delete"]) assert.match(out, new RegExp(`^ {2}room ${name}`, "m"));
    assert.doesNotMatch(out, /key add|--hb_ms/);
  }
  const all = (await answer(server, "parlor", ["--help"])).out;
  for (const words of [/room create/, /key add/, /--storage_max/, /--version/]) assert.match(all, words);
  const helps = { "parlor": [/--data /, /--hb_ms /], "parlor-api": [/--workers /, /--sndbuf /], "parlor-poller": [/--sndbuf /, /--workers /] };
  for (const [name, [own, other]] of Object.entries(helps)) {
    const { out } = await answer(server, name, ["--help"]);
    assert.match(out, own);
    assert.doesNotMatch(out, other);
  }
  assert.match((await answer(server, "parlor", ["frob"], 2)).err, /no such command; parlor help lists them.*frob/);
}), { needs: "embedded" });
