// parts: e2e san race form
/* Messages that members miss: counted, reported on their own queue, and marked as read. */
import assert from "node:assert/strict";
import { Person, http } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const BRIEF = { join_lease_ms: 200, poll_margin_ms: 300, room_grace_ms: 300, hb_ms: 300, reap_ms: 20 };
const told = onServer({ settings: BRIEF });

const read = (who, room, message) => who.ask("PUT", `/rooms/${room}/read`, { message });
const rooms = async (who, query = "") => who.ask("GET", `/me/rooms${query}`);
const ids = ({ rooms: list }) => list.map(({ room }) => room.id);
const unreadOf = async (who, room) => (await rooms(who)).rooms.find((one) => one.room.id === room).unread;

/* Makes a member of ROOM who is away, according to HEARD. */
async function absent(s, room, heard, nickname, who = s.person()) {
  const from = heard.facts.length;
  await who.join(room, { nickname });
  await heard.fact("presence", ({ left }) => left?.some((one) => one.nickname === nickname), { from });
  return who;
}

const queue = (reader, kind = "unread") => reader.facts.filter((fact) => fact.kind === kind).map(({ data }) => data);

for (const as of Object.keys(READERS)) {
  told(`S5-1 S5-7 who is away is told in the own queue alone, who is there in the room alone, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
    const kim = await absent(s, room, heard, "kim");
    const own = await kim.listen([], { as });
    const stranger = s.person();
    await stranger.join(await stranger.create());
    const other = await stranger.listen([], { as });
    const there = await watcher.listen(room, { as, conn: "there" });
    const message = await watcher.say(room, "one");
    assert.deepEqual((await own.fact("unread")).data, { room, unread: 1, message });
    await kim.join(room);
    const present = await kim.listen(room, { as, conn: "present" });
    await watcher.say(room, "two");
    for (const reader of [present, there]) await reader.said("two");
    await read(kim, room, 0);
    await read(kim, room, 9999);
    await own.fact("read");
    await read(stranger, [...stranger.seats.keys()][0], 9999);
    await other.fact("read");
    assert.deepEqual(own.facts.map(({ kind }) => kind), ["unread", "read"]);
    assert.deepEqual(other.facts.map(({ kind }) => kind), ["read"]);
    assert.deepEqual(queue(there), [], "nobody else's queue");
    assert.deepEqual(queue(present), [], "not both");
  });

  told(`S5-8 a read marker goes forward alone, and one's other connections hear it, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
    const kim = await absent(s, room, heard, "kim");
    const said = [];
    for (let i = 0; i < 3; i++) said.push((await watcher.say(room, `n${i}`)).id);
    assert.equal(await unreadOf(kim, room), 3);
    const readers = [await kim.listen([], { as, conn: "a" }), await kim.listen([], { as, conn: "b" })];
    assert.deepEqual(await read(kim, room, said[1]), { read: { room, message: said[1], unread: 1 } });
    assert.deepEqual(await read(kim, room, said[0]), { read: { room, message: said[1], unread: 1 } });
    const { read: last } = await read(kim, room, said[2] + 1000);
    assert.equal(last.unread, 0);
    assert.equal(last.message, (await watcher.history(room)).at(-1).id, "the newest stands for more");
    for (const reader of readers) {
      await reader.fact("read", ({ message }) => message === last.message);
      assert.deepEqual(queue(reader, "read").map(({ unread }) => unread), [1, 0]);
    }
    assert.equal(await unreadOf(kim, room), 0);
  });

  told(`S5-13 S5-11 after a cut the queue and every room go on where they were, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const other = await watcher.create({ grace_ms: 0 });
    const third = await watcher.create();
    for (const one of [other, third]) await watcher.join(one);
    const kim = s.person();
    for (const one of [room, third]) await kim.join(one, { nickname: "kim" });
    const elsewhere = await watcher.listen(other);
    await absent(s, other, elsewhere, "kim", kim);
    const before = await kim.listen([room, third], { as });
    const say = async (text) => {
      for (const one of [room, third, other]) await watcher.say(one, text);
    };
    const all = (reader, text) => Promise.all([
      reader.fact("message", ({ message }) => message.room === room && message.content === text),
      reader.fact("message", ({ message }) => message.room === third && message.content === text),
      reader.fact("unread", ({ message }) => message?.room === other && message.content === text),
    ]);
    await say("before");
    await all(before, "before");
    before.close();
    await say("meanwhile");
    const after = await kim.listen([room, third], { as, cursor: before.cursor });
    await say("after");
    await all(after, "after");
    const texts = after.facts.filter(({ data }) => data.message).map(({ data }) => data.message.content);
    assert.deepEqual(texts.sort(), ["after", "after", "after", "meanwhile", "meanwhile", "meanwhile"]);
    assert.equal(queue(after).at(-1).unread, 3);
  });
}

told("S5-7 S5-6 who comes without a cursor is told what was missed, once", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
  const kim = await absent(s, room, heard, "kim");
  await watcher.say(room, "one");
  const gone = await watcher.say(room, "two");
  const first = await kim.listen([]);
  assert.deepEqual((await first.fact("unread")).data, { room, unread: 2, message: null });
  await watcher.ask("DELETE", `/rooms/${room}/messages/${gone.id}`);
  await first.fact("unread", ({ unread }) => unread === 1);
  const second = await kim.listen([], { conn: "second" });
  await read(kim, room, gone.id);
  await second.fact("read");
  assert.deepEqual(queue(second), []);
});

for (const as of Object.keys(READERS))
  told(`S5-11 a room that one has left gives nothing more, neither messages nor counts, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched({ grace_ms: 0 });
    const other = await watcher.create();
    await watcher.join(other);
    const kim = s.person();
    for (const one of [room, other]) await kim.join(one);
    const before = await kim.listen([room, other], { as });
    const polls = as === "longpoll" || as === "instant";
    if (polls) before.close();
    await kim.leave(room);
    const reader = polls ? await kim.listen(other, { as, cursor: before.cursor }) : before;
    await watcher.say(room, "behind the back");
    await watcher.say(other, "end");
    await reader.said("end");
    assert.ok(reader.facts.every(({ raw }) => !raw.includes("behind the back")));
    assert.deepEqual(queue(reader), []);
    assert.deepEqual(ids(await rooms(kim)), [other]);
    await assert.rejects(kim.listen([room], { as }), { code: "not_in_room" });
  });

told("S5-6 the list of rooms has the newest first, the last message and what is unread, in pages", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
  const kim = await absent(s, room, heard, "kim");
  const more = [];
  for (let i = 0; i < 4; i++) {
    more.push(await watcher.create());
    await watcher.join(more[i]);
    await kim.join(more[i]);
  }
  const last = await watcher.say(room, "news");
  const page = await rooms(kim, "?limit=2");
  const [{ room: json, chatter, ...rest }] = page.rooms;
  assert.deepEqual([json.id, chatter.id], [room, kim.chatter(room)]);
  assert.deepEqual(rest, { last_message: last, unread: 1, read: 0, online: false });
  const seen = [...ids(page)];
  for (let next = page; next.has_more;) {
    next = await rooms(kim, `?limit=2&before=${next.next}`);
    seen.push(...ids(next));
    if (!next.has_more) assert.equal(next.next, null);
  }
  assert.deepEqual(seen.toSorted(), [room, ...more].toSorted());
  assert.equal(seen[0], room);
  await watcher.say(more[1], "newer");
  assert.deepEqual(ids(await rooms(kim)).slice(0, 2), [more[1], room]);
  for (const query of ["before=x", "before=1-", "before=-lobby", "limit=0", "limit=101"])
    assert.equal((await kim.answer("GET", `/me/rooms?${query}`)).status, 400, query);
});

/* By ROOM's log, the messages sent while CHATTER was present, and while not. */
function divided(facts, chatter) {
  let present = false;
  const all = { present: [], away: [] };
  for (const { kind, data } of facts) {
    const named = (list) => list?.some(({ id }) => id === chatter);
    if (kind === "presence" && named(data.joined)) present = true;
    if (kind === "presence" && named(data.left)) present = false;
    if (kind === "message") all[present ? "present" : "away"].push(data.message.id);
  }
  return all;
}

/* Kim's stream opens and closes while others speak through DOORS. */
async function racing(s, doors) {
  const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
  const kim = await s.member(room, "kim");
  const own = await kim.listen([], { conn: "own" });
  const speakers = doors.map((door) => new Person(s.server, { door, token: watcher.token }));
  let open = true;
  const comeAndGo = async () => {
    let { cursor } = own; /* before any message */
    const all = [];
    while (open) {
      const reader = await kim.listen(room, { conn: "flicker", cursor });
      all.push(reader);
      const from = heard.facts.length;
      await until(() => reader.facts.length > 0 || !open, "something is said");
      reader.close();
      cursor = reader.cursor;
      await until(() => heard.facts.slice(from).some(({ data }) => data.left), "kim has gone");
    }
    return all;
  };
  const going = comeAndGo();
  for (let i = 0; i < 30; i++) await Promise.all(speakers.map((who) => who.say(room, `n${i}`)));
  open = false;
  const readers = await going;
  await watcher.say(room, "end");
  await heard.said("end");
  const { away, present } = divided(heard.facts, kim.chatter(room));
  const told = () => queue(own).filter(({ message }) => message);
  await until(() => told().length >= away.length, "kim is told all");
  assert.deepEqual(told().map(({ message }) => message.id), away, "each that was missed, once");
  const counts = queue(own).map(({ unread }) => unread);
  for (const [i, { unread, message }] of queue(own).entries())
    assert.ok(message ? unread === (counts[i - 1] ?? 0) + 1 : unread > (counts[i - 1] ?? 0), `${counts}`);
  assert.equal(await unreadOf(kim, room), counts.at(-1));
  assert.ok(counts.at(-1) >= away.length && counts.at(-1) <= 30 * doors.length + 1);
  const rest = await kim.listen(room, { conn: "flicker", cursor: readers.at(-1).cursor });
  await rest.said("end");
  const inRoom = new Set([...readers, rest].flatMap(({ feed }) => feed.map(({ id }) => id)));
  assert.ok(present.every((id) => inRoom.has(id)), "each while there, in the room");
  assert.equal(present.length + away.length, 30 * doors.length + 1);
  assert.ok(away.length > 0 && present.length > 0, `${present.length} and ${away.length}`);
}

told("S5-7 what is said within the grace of who does not come back is unread, of who does it is not", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 1000 });
  const kim = await s.member(room, "kim");
  const own = await kim.listen([], { conn: "own" });
  const tab = await kim.listen(room, { conn: "tab" });
  const gone = async () => {
    await kim.ask("DELETE", "/me/connections/tab");
    await tab.end();
  };
  await watcher.say(room, "while there");
  await tab.said("while there");
  await gone();
  await watcher.say(room, "before the return");
  const back = await kim.listen(room, { conn: "back", cursor: tab.cursor });
  await back.said("before the return");
  await kim.ask("DELETE", "/me/connections/back");
  await watcher.say(room, "within the grace");
  await heard.fact("presence", ({ left }) => left?.[0].nickname === "kim");
  const missed = await watcher.say(room, "away");
  await own.fact("unread", ({ message }) => message);
  assert.deepEqual(queue(own), [{ room, unread: 1, message: null }, { room, unread: 2, message: missed }]);
  assert.equal(await unreadOf(kim, room), 2);
}, { needs: "daemon" });

told("S5-7 each of thirty messages is either for the room or unread, however one comes and goes", (s) =>
  racing(s, [http(s.server)]), { needs: "daemon" });

sentence("S5-7 the same through two processes at once", async (s) => {
  const server = await s.serve({ settings: { ...BRIEF, streams_per_token: 0 } });
  const { socket } = await server.fastcgi();
  await racing(s, [http(server), fastcgi(socket)]);
}, { needs: "embedded" });

sentence("S5-7 a crash loses no count and makes none", async (s) => {
  const server = await s.serve({ settings: { ...BRIEF, lease_ms: 300 } });
  const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
  const kim = await absent(s, room, heard, "kim");
  const own = await kim.listen([]);
  await watcher.say(room, "one");
  await own.fact("unread");
  await server.kill();
  await server.launch();
  await watcher.join(room);
  await watcher.say(room, "two");
  const again = await kim.listen([], { cursor: own.cursor });
  await again.fact("unread", ({ unread }) => unread === 2);
  assert.equal(queue(again).length, 1);
  assert.equal(await unreadOf(kim, room), 2);
  const check = server.program("parlor", ["check"]);
  await check.done(0);
}, { needs: "embedded" });
