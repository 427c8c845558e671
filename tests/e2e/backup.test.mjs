// parts: e2e san
/* `parlor backup` while people talk, and `parlor restore`, after which clients come back by themselves. */
import assert from "node:assert/strict";
import { EventSource } from "eventsource";
import { execFileSync } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Person } from "./lib/client.mjs";
import { sentence, withStoppedServer } from "./lib/scene.mjs";
import { TOP } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const OPTIONS = { settings: { retry_ms: 50, hb_ms: 300, reap_ms: 50 } };

/* Runs `parlor` with WORDS, which ends with CODE; returns what it prints. */
async function parlor(server, words, code = 0) {
  const program = server.program("parlor", words);
  await program.done(code);
  return { bytes: program.stdout, out: String(program.stdout), err: program.stderr };
}

const contents = (history) => history.map(({ content }) => content);

/* A visitor's page, in short: an unmodified EventSource, which loads the history when it could not resume. */
class Page {
  constructor(person, room) {
    Object.assign(this, { person, room, syncs: [], shown: [], work: Promise.resolve() });
  }

  async open() {
    const { cursor } = await this.person.list(this.room);
    const { ticket } = await this.person.ask("POST", "/tickets");
    const url = new URL(`${this.person.server.url}/events`);
    for (const [name, value] of Object.entries({ rooms: this.room, as: "sse", ticket, cursor })) url.searchParams.set(name, value);
    this.source = new EventSource(url);
    this.source.addEventListener("sync", ({ data }) => this.#synced(JSON.parse(data)));
    this.source.addEventListener("message", ({ data }) => this.#show(() => this.shown.push(JSON.parse(data).message)));
    await until(() => this.syncs.length > 0, "the stream begins");
  }

  /* Frames that follow wait until the history is loaded. */
  #show(fn) {
    this.work = this.work.then(fn).catch((error) => (this.failed = error));
  }

  #synced(sync) {
    this.syncs.push(sync);
    if (!sync.recovered) this.#show(async () => (this.shown = (await this.person.history(this.room)).filter(({ type }) => type === "message")));
  }

  async shows(content) {
    await until(() => {
      if (this.failed) throw Object.assign(this.failed, { final: true });
      return this.shown.some((message) => message.content === content);
    }, `the page shows ${content}`);
  }

  close() {
    this.source.close();
  }
}

/* Talks until the returned function is called, which gives all that was stored. */
function talk(person, room) {
  let over = false;
  const said = [];
  const done = (async () => {
    for (let n = 0; !over; n++) said.push(await person.say(room, `talk ${n}`));
  })();
  return async () => {
    over = true;
    await done;
    return said;
  };
}

sentence("after a backup under load and a restore clients come back by themselves and show what was restored", async (s) => {
  const server = await s.serve(OPTIONS);
  const { room } = await s.room({ notices: "off" });
  const [ann, bob, carl] = [await s.member(room, "ann"), await s.member(room, "bob"), await s.member(room, "carl")];
  const page = new Page(ann, room);
  await page.open();
  try {
    const quiet = [talk(bob, room), talk(carl, room)];
    await page.shows("talk 20");
    const before = contents(await ann.history(room));
    const to = join(server.dir, "backup");
    assert.match((await parlor(server, ["backup", to])).out, /^copied the database \(\d+ bytes\) to \S+\/parlor\.db; settings and key files are not in it\nwriters waited \d+ ms at most\n$/);
    const last = await ann.say(room, "after the backup");
    await page.shows("after the backup");
    for (const end of quiet) await end();
    const all = contents(await ann.history(room));
    await server.stopAll();
    const { out } = await parlor(server, ["restore", to]);
    assert.match(out, /^restored \S+ to \S+; .*\nthe database from before is \S+\.before-\S+; .*\nall is well: /);
    await server.startAll();
    await until(() => page.syncs.some(({ recovered }) => !recovered), "the client has come back");
    const again = await bob.say(room, "here we are again");
    await page.shows("here we are again");
    const now = await ann.history(room);
    assert.deepEqual(page.shown, now);
    assert.deepEqual(contents(now).slice(0, before.length), before, "what was stored before the backup");
    assert.deepEqual(contents(now).slice(0, -1), all.slice(0, now.length - 1), "one moment of the talk");
    assert.ok(!contents(now).includes("after the backup"));
    assert.ok(again.id <= last.id, "the numbers of lost messages are given again");
    const [first, after] = [page.syncs[0], page.syncs.at(-1)];
    assert.notEqual(after.epoch, first.epoch);
  } finally {
    page.close();
  }
}, { needs: "embedded" });

sentence("no backup is restored while a program has the store open", async (s) => {
  const server = await s.serve(OPTIONS);
  const { room, owner } = await s.room();
  await parlor(server, ["backup", join(server.dir, "backup")]);
  await owner.join(room);
  await owner.say(room, "later");
  const refused = async (name) => {
    const { err } = await parlor(server, ["restore", join(server.dir, "backup")], 1);
    assert.match(err, new RegExp(`${name} \\(process \\d+\\) has \\S+ open; stop all programs first`));
  };
  await refused("parlor-poller");
  assert.ok(contents(await owner.history(room)).includes("later"));
  const { program } = await server.fastcgi();
  await server.stop();
  await refused("parlor-api");
  await program.stop();
  const { out } = await parlor(server, ["restore", join(server.dir, "backup")]);
  assert.match(out, /all is well/);
  await server.launch();
  assert.deepEqual(contents(await owner.history(room).catch(() => [])), []);
}, { needs: "embedded" });

sentence("a backup through a pipe is one file, which is restored in another place", () => withStoppedServer({}, async (server) => {
  await parlor(server, ["room", "create", "lobby", "--title", "From the pipe"]);
  const file = join(server.dir, "copy.db");
  await writeFile(file, (await parlor(server, ["backup", "-"])).bytes);
  const elsewhere = ["--data", join(server.dir, "elsewhere")];
  assert.match((await parlor(server, [...elsewhere, "restore", file])).out, /^restored \S+ to \S+elsewhere; .*\nall is well: /);
  assert.equal(JSON.parse((await parlor(server, [...elsewhere, "room", "show", "lobby"])).out).title, "From the pipe");
  assert.match((await parlor(server, [...elsewhere, "check"])).out, /all is well/);
  assert.match((await parlor(server, ["--data", file, "check"], 1)).out, /is no directory/);
}), { needs: "embedded" });

sentence("a backup is a store by itself, and goes into a new or empty directory only", () => withStoppedServer({}, async (server) => {
  const to = join(server.dir, "backup");
  await parlor(server, ["room", "create", "lobby"]);
  await mkdir(to, { mode: 0o700 });
  await writeFile(join(to, "parlor.db.part"), "of a backup that was interrupted");
  await parlor(server, ["backup", to]);
  assert.deepEqual(await readdir(to), ["parlor.db"]);
  assert.equal((await stat(join(to, "parlor.db"))).mode & 0o777, 0o600);
  assert.match((await parlor(server, ["--data", to, "check"])).out, /all is well/);
  assert.match((await parlor(server, ["--data", to, "room", "list"])).out, /^lobby\t/);
  assert.match((await parlor(server, ["backup", to], 1)).err, /goes into a new or empty directory/);
  assert.match((await parlor(server, ["backup", join(server.dir, "no/such")], 1)).err, /goes into a new or empty directory/);
  assert.match((await parlor(server, ["--data", join(server.dir, "none"), "backup", join(server.dir, "b")], 1)).err, /is no directory/);
  assert.ok(!(await readdir(server.dir)).includes("b"), "a backup that failed leaves nothing");
  assert.match((await parlor(server, ["backup"], 2)).err, /a name is missing/);
}), { needs: "embedded" });

/* A database of the first N migrations. */
function makeOld(file, n) {
  const script = `import glob,sqlite3,sys
c = sqlite3.connect(sys.argv[1])
for name in sorted(glob.glob(sys.argv[2] + "/migrations/*.sql"))[:int(sys.argv[3])]: c.executescript(open(name).read())
c.commit()`;
  execFileSync("/usr/bin/python3", ["-c", script, file, TOP, String(n)]);
}

const OLD = 13;

/* Backups that are refused, made from a good one, and what is said of them. */
const BAD = {
  "is missing": [(file) => rm(file), /backup cannot be copied/],
  "is a text": [(file) => writeFile(file, "this is no database, but it is longer than a header is\n"), /database cannot be opened|database cannot be read/],
  "is empty": [(file) => writeFile(file, ""), /the database is empty/],
  "is cut off": [async (file) => truncate(file, Math.floor((await stat(file)).size / 8192) * 4096), /backup is damaged; take another|malformed/],
  "is newer": [(file) => execFileSync("sqlite3", [file, "PRAGMA user_version = 999"]), /made by a newer Parlor; install that version/],
};

for (const [what, [spoil, said]] of Object.entries(BAD))
  sentence(`a backup that ${what} is refused, and the store stays as it is`, () => withStoppedServer({}, async (server) => {
    const to = join(server.dir, "backup");
    await parlor(server, ["backup", to]);
    await parlor(server, ["room", "create", "lobby"]);
    await spoil(join(to, "parlor.db"));
    const names = await readdir(server.data);
    assert.match((await parlor(server, ["restore", to], 1)).err, said);
    assert.deepEqual(await readdir(server.data), names);
    assert.match((await parlor(server, ["room", "list"])).out, /^lobby\t/);
  }), { needs: "embedded" });

sentence("a backup of an older version is migrated, and one that was copied with its log keeps what is in the log", () => withStoppedServer({}, async (server) => {
  const old = join(server.dir, "old.db");
  makeOld(old, OLD);
  const bytes = await readFile(old);
  assert.match((await parlor(server, ["restore", old])).out, /all is well/);
  assert.deepEqual(await readFile(old), bytes, "the backup stays as it is");
  await server.launch();
  const person = new Person(server);
  await person.create({ id: "logged" });
  await mkdir(join(server.dir, "copied"));
  for (const name of ["parlor.db", "parlor.db-wal"]) await copyFile(join(server.data, name), join(server.dir, "copied", name));
  await server.stop();
  await parlor(server, ["room", "delete", "logged"]);
  assert.match((await parlor(server, ["restore", join(server.dir, "copied")])).out, /all is well/);
  assert.match((await parlor(server, ["room", "list"])).out, /^logged\t/);
}), { needs: "embedded" });

sentence("an upgrade: the new version backs up a database of the old one as it is, and migrates it", () => withStoppedServer({}, async (server) => {
  const file = join(server.data, "parlor.db");
  for (const end of ["", "-wal", "-shm"]) await rm(file + end, { force: true });
  makeOld(file, OLD);
  await chmod(file, 0o600);
  const schema = (path) => Number(execFileSync("sqlite3", [path, "PRAGMA user_version"]));
  assert.match((await parlor(server, ["check"], 1)).out, /made by an older Parlor; run parlor migrate/);
  await parlor(server, ["backup", join(server.dir, "backup")]);
  assert.equal(schema(join(server.dir, "backup/parlor.db")), OLD);
  await parlor(server, ["migrate"]);
  assert.match((await parlor(server, ["check"])).out, /all is well/);
  assert.equal(schema(join(server.dir, "backup/parlor.db")), OLD, "the backup stays as it is");
}), { needs: "embedded" });

sentence("what a stream was sent before the backup is not unread after the restore", async (s) => {
  const server = await s.serve(OPTIONS);
  const { room, heard, watcher } = await s.watched({ notices: "off" });
  const talker = await s.member(room, "talker");
  for (let n = 0; n < 5; n++) await talker.say(room, `heard ${n}`);
  await heard.said("heard 4");
  await parlor(server, ["backup", join(server.dir, "backup")]);
  await talker.say(room, "lost");
  await heard.said("lost");
  heard.close();
  await server.stop();
  await parlor(server, ["restore", join(server.dir, "backup")]);
  await server.launch();
  await until(async () => (await talker.list(room)).chatters.every(({ nickname }) => nickname !== "watcher"), "the watcher's presence ends");
  await talker.say(room, "missed");
  const { rooms } = await watcher.ask("GET", "/me/rooms");
  assert.deepEqual(rooms.map(({ unread }) => unread), [1]);
}, { needs: "embedded" });
