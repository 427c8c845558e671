// parts: e2e san
/* Rooms from the command line: what each option does, and what is refused. */
import assert from "node:assert/strict";
import { sentence, withStoppedServer } from "./lib/scene.mjs";

/* Runs `parlor` with WORDS, which ends with CODE; returns what it prints. */
async function parlor(server, words, code = 0) {
  const program = server.program("parlor", words);
  await program.done(code);
  return { out: String(program.stdout), err: program.stderr };
}

const create = (server, slug, ...options) => parlor(server, ["room", "create", slug, ...options]);
const show = async (server, slug) => JSON.parse((await parlor(server, ["room", "show", slug])).out);
const names = async (server, ...options) =>
  (await parlor(server, ["room", "list", ...options])).out.split("\n").filter(Boolean).map((line) => line.split("\t")[0]);

const commands = (name, fn) => sentence(name, () => withStoppedServer({}, fn), { needs: "embedded" });

commands("an option and its value are two words, or one with =", async (server) => {
  await create(server, "apart", "--title", "Tea = coffee", "--capacity", "7", "--grace-ms", "250", "--slow-ms", "1500", "--notices", "off");
  await create(server, "joined", "--title=Tea = coffee", "--capacity=7", "--grace-ms=250", "--slow-ms=1500", "--notices=off");
  const [apart, joined] = [await show(server, "apart"), await show(server, "joined")];
  const wanted = { title: "Tea = coffee", capacity: 7, grace_ms: 250, slow_ms: 1500, notices: "off", listed: true };
  for (const room of [apart, joined]) for (const [name, value] of Object.entries(wanted)) assert.equal(room[name], value, name);
});

commands("a room has its expiry, and one that lies behind is refused", async (server) => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  await create(server, "limited", "--expires-at", soon);
  assert.equal((await show(server, "limited")).expires_at, soon);
  const { err } = await parlor(server, ["room", "create", "over", "--expires-at", "2001-01-01T00:00:00Z"], 2);
  assert.match(err, /must be in the future/);
  await parlor(server, ["room", "show", "over"], 1);
});

commands("words that are not understood make no room", async (server) => {
  const wrong = [
    [["--title"], /option needs a value.*--title/],
    [["--capacity=seven"], /needs a whole number.*seven/],
    [["--capacity", "7x"], /needs a whole number.*7x/],
    [["--capacity", "0"], /capacity must be 1 to 100000/],
    [["--capacity", "100001"], /capacity must be 1 to 100000/],
    [["--grace-ms", "600001"], /grace must be at most/],
    [["--expires-at", "tomorrow"], /needs a time like/],
    [["--unlisted=yes"], /option takes no value.*--unlisted/],
    [["--color", "red"], /no such option.*--color/],
    [["--color=red"], /no such option.*--color/],
    [["other"], /too many arguments.*other/],
  ];
  for (const [options, said] of wrong) assert.match((await parlor(server, ["room", "create", "wrong", ...options], 2)).err, said);
  assert.match((await parlor(server, ["room", "create"], 2)).err, /a name is missing/);
  assert.deepEqual(await names(server), []);
});

commands("a room is made once; --if-missing accepts one that is there and changes nothing of it", async (server) => {
  await create(server, "lobby", "--title", "First");
  assert.match((await parlor(server, ["room", "create", "lobby", "--title", "Second"], 1)).err, /already exists; --if-missing accepts that/);
  await create(server, "lobby", "--title", "Third", "--if-missing");
  assert.equal((await show(server, "lobby")).title, "First");
});

commands("S1-2 a list has the listed rooms of one namespace, however many there are, and deleted ones no more", async (server) => {
  await create(server, "hidden", "--unlisted");
  await create(server, "elsewhere", "--namespace", "other");
  assert.equal((await show(server, "hidden")).listed, false);
  assert.deepEqual(await names(server), []);
  assert.deepEqual(await names(server, "--namespace", "other"), ["elsewhere"]);
  const many = Array.from({ length: 120 }, (_, n) => `room-${String(n).padStart(3, "0")}`);
  for (let n = 0; n < many.length; n += 6) await Promise.all(many.slice(n, n + 6).map((slug) => create(server, slug)));
  assert.deepEqual((await names(server)).sort(), many);
  await parlor(server, ["room", "delete", many[0]]);
  assert.deepEqual((await names(server)).sort(), many.slice(1));
  for (const command of ["show", "delete"]) {
    const { err } = await parlor(server, ["room", command, many[0]], 1);
    assert.match(err, new RegExp(`no such room.*${many[0]}`));
  }
});
