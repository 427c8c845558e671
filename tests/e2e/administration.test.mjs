// parts: e2e san
/* The commands of `parlor` for people and rooms, while the programs run. */
import assert from "node:assert/strict";
import { onServer, sentence, withStoppedServer } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

/* Runs `parlor` with WORDS, which ends with CODE; returns what it prints. */
async function parlor(server, words, code = 0) {
  const program = server.program("parlor", words);
  await program.done(code);
  return { out: String(program.stdout), err: program.stderr };
}

const rows = ({ out }) => out.split("\n").filter(Boolean).map((line) => line.split("\t"));
const told = onServer({ settings: { reap_ms: 50, hb_ms: 300 } });
const here = (name, fn) => told(name, fn, { needs: "embedded" });

here("room list --all prints rooms that are not listed, and those that have expired, of every namespace", async (s) => {
  const { owner } = await s.room({ id: "plain-room", title: "A plain one" });
  await owner.create({ id: "hidden-room", listed: false });
  await owner.create({ id: "other-room", namespace: "other", expires_at: new Date(Date.now() + 300).toISOString() });
  const { server } = s;
  const only = (list) => list.filter(([id]) => /^(plain|hidden|other)-room$/.test(id));
  await until(async () => (await owner.ask("GET", "/rooms?namespace=other")).rooms.length === 0, "the room expires");
  assert.deepEqual(only(rows(await parlor(server, ["room", "list"]))).map(([id]) => id), ["plain-room"]);
  assert.deepEqual(only(rows(await parlor(server, ["room", "list", "--all"]))).map(([id, , , ...more]) => [id, ...more]), [
    ["plain-room", "A plain one", "main", "listed"], ["hidden-room", "hidden-room", "main", "unlisted"], ["other-room", "other-room", "other", "listed"],
  ]);
  assert.deepEqual(rows(await parlor(server, ["room", "list", "--all", "--namespace", "other"])).map(([id]) => id), ["other-room"]);
});

here("room owner prints a token that is the owner's, and with --reset the earlier ones end", async (s) => {
  const { owner, room } = await s.room();
  const { out } = await parlor(s.server, ["room", "owner", room]);
  const again = s.person({ token: out.trim() });
  assert.equal((await again.join(room)).chatter.role, "owner");
  assert.equal((await owner.answer("GET", "/me")).status, 200, "a further token ends no other");
  const heard = await owner.listen(room);
  const reset = s.person({ token: (await parlor(s.server, ["room", "owner", room, "--reset"])).out.trim() });
  await heard.end();
  for (const person of [owner, again]) assert.equal((await person.answer("GET", "/me")).status, 401);
  assert.equal((await reset.ask("PATCH", `/rooms/${room}`, { title: "Still mine" })).room.title, "Still mine");
  assert.match((await parlor(s.server, ["room", "owner", "no-such-room"], 1)).err, /no such room; parlor room list --all/);
});

here("room owner refuses a room of a service key, and one whose owner was forgotten", async (s) => {
  const key = s.person({ token: await s.server.key("rooms") });
  const room = await key.create();
  assert.match((await parlor(s.server, ["room", "owner", room], 1)).err, /a service key owns the room/);
  const { owner, room: left } = await s.room();
  await owner.ask("DELETE", "/me");
  assert.match((await parlor(s.server, ["room", "owner", left], 1)).err, /owner has been forgotten/);
});

here("a member is listed, banned for a time or for good, listed as banned, and let in again", async (s) => {
  const { owner, room } = await s.room({ notices: "off" });
  await owner.join(room, { nickname: "boss" });
  const [ann, bob] = [await s.member(room, "ann"), await s.member(room, "bob")];
  const gone = await s.member(room, "gone");
  await gone.ask("DELETE", `/rooms/${room}/chatters/${gone.chatter(room)}`);
  const members = new Map(rows(await parlor(s.server, ["room", "members", room])).map(([id, ...more]) => [id, more]));
  assert.deepEqual(members.get(owner.chatter(room)), ["owner", "present", "boss"]);
  assert.deepEqual(members.get(ann.chatter(room)), ["member", "present", "ann"]);
  assert.deepEqual(members.get(gone.chatter(room)), ["member", "left", "gone"]);
  const heard = await ann.listen(room);
  await parlor(s.server, ["ban", "add", room, ann.chatter(room)]);
  await heard.end();
  await parlor(s.server, ["ban", "add", room, bob.chatter(room), "--seconds", "3600"]);
  assert.equal((await ann.answer("POST", `/rooms/${room}/chatters`, {})).body.code, "banned");
  const bans = new Map(rows(await parlor(s.server, ["ban", "list", room])).map(([id, ...more]) => [id, more]));
  assert.deepEqual(bans.get(ann.chatter(room)), ["for good", "ann"]);
  const left = Date.parse(bans.get(bob.chatter(room))[0]) - Date.now();
  assert.ok(left > 3_500_000 && left <= 3_601_000, `${left} ms`);
  await parlor(s.server, ["ban", "lift", room, ann.chatter(room)]);
  await ann.join(room);
  assert.deepEqual(rows(await parlor(s.server, ["ban", "list", room])).map(([id]) => id), [bob.chatter(room)]);
  const wrong = [
    [["add", room, owner.chatter(room)], 1, /owner of a room cannot be banned/], [["add", room, "nobody"], 1, /no chatter of that id/],
    [["lift", room, ann.chatter(room)], 1, /is not banned/], [["add", room], 2, /a name is missing/],
    [["add", room, "a", "b"], 2, /too many arguments/], [["add", room, "a", "--seconds", "315360001"], 2, /at most 315360000/], [["list", "no-such-room"], 1, /no such room/],
  ];
  for (const [words, code, said] of wrong) assert.match((await parlor(s.server, ["ban", ...words], code)).err, said, `${words}`);
});

const lines = ({ out }) => out.trimEnd().split("\n").map((line) => JSON.parse(line));
const of = (all, kind) => all.filter((line) => kind in line).map((line) => line[kind]);

here("export prints a room as JSON lines, however many messages it has, as the API gives them", async (s) => {
  const { owner, room } = await s.room({ notices: "off" });
  await owner.join(room);
  const member = await s.member(room, "member");
  for (let n = 0; n < 430; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => member.say(room, `line\n${n + i}`)));
  const all = lines(await parlor(s.server, ["export", room]));
  assert.equal(Object.keys(all[0])[0], "room");
  assert.deepEqual(of(all, "room"), [(await owner.ask("GET", `/rooms/${room}`)).room]);
  assert.deepEqual(of(all, "chatter").map(({ id }) => id).sort(), [owner, member].map((one) => one.chatter(room)).sort());
  assert.deepEqual(of(all, "message"), await member.history(room));
  assert.match((await parlor(s.server, ["export", "no-such-thing"], 1)).err, /no room and no person is called so/);
});

here("export prints what is kept of a person, and nothing of others; forget leaves nothing to name", async (s) => {
  const { owner, room } = await s.room({ notices: "off" });
  await owner.join(room);
  const ann = await s.member(room, "ann");
  const other = await ann.create({ notices: "off" });
  await ann.join(other, { nickname: "ann too" });
  await owner.say(room, "not of ann");
  await ann.say(room, "of ann");
  await ann.say(other, "elsewhere");
  await owner.ask("POST", `/rooms/${room}/chatters/${ann.chatter(room)}/notifications`, { type: "like", text: "liked", target: { kind: "post", id: "1" } });
  const me = (await ann.ask("GET", "/me")).user;
  const all = lines(await parlor(s.server, ["export", me.id]));
  assert.deepEqual(of(all, "user"), [me]);
  assert.deepEqual(of(all, "chatter").map(({ id, room: where }) => [id, where]), [[ann.chatter(room), room], [ann.chatter(other), other]]);
  assert.deepEqual(of(all, "message").map(({ content }) => content), ["of ann", "elsewhere"]);
  assert.deepEqual(of(all, "notification").map(({ text }) => text), ["liked"]);
  assert.deepEqual(lines(await parlor(s.server, ["export", ann.chatter(other)])), all, "a chatter's id names the person");
  await parlor(s.server, ["forget", me.id]);
  assert.equal((await ann.answer("GET", "/me")).status, 401);
  assert.match((await parlor(s.server, ["forget", me.id], 1)).err, /no person is called so/);
  assert.deepEqual((await owner.history(room)).map(({ content }) => content), ["not of ann", "of ann"]);
});

here("tail prints the last messages, each as one line, and those that follow", async (s) => {
  const { owner, room } = await s.room({ notices: "off" });
  await owner.join(room, { nickname: "kim" });
  const { owner: stranger, room: elsewhere } = await s.room({ notices: "off" });
  await stranger.join(elsewhere);
  for (const content of ["one", "two", "three"]) await owner.say(room, content);
  const of1 = s.server.program("parlor", ["tail", room, "--last", "2"]);
  const all = s.server.program("parlor", ["tail", "--last", "0", "--json"]);
  try {
    await until(() => /: two\n.*: three\n$/.test(String(of1.stdout)), "the last two");
    await stranger.say(elsewhere, "until tail has begun");
    await until(async () => {
      if (String(all.stdout).includes("has begun")) return true;
      await stranger.say(elsewhere, "it has begun");
      return false;
    }, "the other tail reads");
    const said = await owner.say(room, "four\nred");
    await until(() => String(of1.stdout).includes("red"), "what follows");
    const last = String(of1.stdout).trimEnd().split("\n").at(-1);
    assert.equal(last, `${said.created_at} ${room} kim: four red`);
    assert.doesNotMatch(String(of1.stdout), /: one|begun/);
    await until(() => String(all.stdout).includes("red"), "the same as JSON");
    assert.deepEqual(JSON.parse(String(all.stdout).trimEnd().split("\n").at(-1)).message, said);
  } finally {
    for (const program of [of1, all]) await program.kill();
  }
  assert.match((await parlor(s.server, ["tail", "no-such-room"], 1)).err, /no such room/);
  assert.match((await parlor(s.server, ["tail", "--last", "10001"], 2)).err, /parlor export prints a whole room/);
});

sentence("stats count what is stored", () => withStoppedServer({}, async (server) => {
  for (const slug of ["first", "second", "third"]) await parlor(server, ["room", "create", slug]);
  await parlor(server, ["room", "delete", "third"]);
  const stats = JSON.parse((await parlor(server, ["stats", "--json"])).out);
  assert.deepEqual([stats.rooms, stats.people, stats.messages, stats.online], [2, 3, 0, 0]);
  assert.ok(stats.database_bytes > 100_000);
  const named = Object.fromEntries(rows(await parlor(server, ["stats"])));
  assert.deepEqual(Object.keys(named), Object.keys(stats));
  assert.equal(named.rooms, "2");
}), { needs: "embedded" });

sentence("help names a command or a family of them, and says when there is none", () => withStoppedServer({}, async (server) => {
  const asked = async (...words) => (await parlor(server, words)).out;
  assert.equal(await asked("help", "backup"), await asked("backup", "--help"));
  assert.match(await asked("help", "backup"), /^usage: .*\n\n {2}backup DIR\|-\n.*\n$/);
  assert.equal(await asked("help", "room"), await asked("room", "--help"));
  assert.match(await asked("help"), /room create[^]*--data /);
  assert.match((await parlor(server, ["help", "frob"], 2)).err, /no such command.*frob/);
  assert.match((await parlor(server, ["frob", "--help"], 2)).err, /no such command.*frob/);
}), { needs: "embedded" });
