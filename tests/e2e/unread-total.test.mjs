// parts: e2e san form
/* The room list as a snapshot: its pages, its cursor, its total, and the queue's events after it. */
import assert from "node:assert/strict";
import { onServer } from "./lib/scene.mjs";
import { Random, pick } from "./lib/random.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { join_lease_ms: 200, poll_margin_ms: 300, room_grace_ms: 300, hb_ms: 300, reap_ms: 20 } });

const list = (who, query = "") => who.ask("GET", `/me/rooms${query}`);
const counts = ({ rooms }) => Object.fromEntries(rooms.map(({ room, unread }) => [room.id, unread]));
const sum = (all) => Object.values(all).reduce((total, n) => total + n, 0);
const drop = (who, { room, id }) => who.ask("DELETE", `/rooms/${room}/messages/${id}`);

async function gone(watcher, room, who) {
  await until(async () => (await watcher.list(room)).chatters.every(({ id }) => id !== who.chatter(room)), `${who.chatter(room)} is away`);
}

/* COUNT rooms without a grace period, with two members: one stays, kim is away. */
async function scattered(s, count) {
  const [watcher, kim] = [s.person(), s.person()];
  const rooms = [];
  for (let i = 0; i < count; i++) {
    const room = await watcher.create({ grace_ms: 0 });
    await watcher.join(room);
    await watcher.listen(room, { conn: room });
    await kim.join(room);
    rooms.push(room);
  }
  for (const room of rooms) await gone(watcher, room, kim);
  return { watcher, kim, rooms };
}

/* The counts that a client knows from a snapshot and the events after it. */
async function followed(who, picture) {
  const known = counts(picture);
  let { cursor } = picture, more = true;
  while (more) {
    const target = `/events?as=json&wait=0&conn=follower&cursor=${cursor}`;
    const { sync, events, ...rest } = await who.ask("GET", target);
    assert.equal(sync.recovered, true);
    for (const { kind, data } of events) if (kind === "unread" || kind === "read") known[data.room] = data.unread;
    ({ cursor, more } = rest);
  }
  return known;
}

told("B5 the room list has next for its pages and a cursor of the log, as other pictures have", async (s) => {
  const { watcher, kim, rooms } = await scattered(s, 3);
  const first = await list(kim, "?limit=2");
  const { cursor } = await watcher.ask("GET", `/rooms/${rooms[0]}/messages`);
  const [epoch, seq] = cursor.split("-");
  for (const picture of [first, await kim.ask("GET", "/me")]) {
    assert.equal(picture.cursor.split("-")[0], epoch);
    assert.ok(Number(picture.cursor.split("-")[1]) <= Number(seq));
  }
  assert.equal(first.has_more, true);
  const second = await list(kim, `?limit=2&before=${first.next}`);
  assert.deepEqual([second.has_more, second.next, second.rooms.length], [false, null, 1]);
  assert.deepEqual(Object.keys({ ...counts(first), ...counts(second) }).sort(), rooms.toSorted());
  const message = await watcher.say(rooms[1], "after the picture");
  const reader = await kim.listen([], { cursor: first.cursor });
  const { data } = await reader.fact("unread", ({ room }) => room === message.room);
  assert.equal(data.unread, 1);
});

told("B5 the total of unread messages is the sum of all rooms' counts, in /me and on every page of the list", async (s) => {
  const { watcher, kim, rooms } = await scattered(s, 3);
  const said = [];
  for (const room of [rooms[0], rooms[0], rooms[1], rooms[2]]) said.push(await watcher.say(room, "x"));
  const totals = async () => {
    const page = await list(kim, "?limit=1");
    const next = await list(kim, `?limit=1&before=${page.next}`);
    return [(await kim.ask("GET", "/me")).unread.messages, page.unread, next.unread, sum(counts(await list(kim)))];
  };
  assert.deepEqual(await totals(), [4, 4, 4, 4]);
  assert.equal((await kim.ask("GET", "/me")).unread.notifications, 0, "notifications are counted apart");
  await drop(watcher, said[0]);
  assert.deepEqual(await totals(), [3, 3, 3, 3]);
  await kim.ask("PUT", `/rooms/${rooms[2]}/read`, { message: said[3].id });
  assert.deepEqual(await totals(), [2, 2, 2, 2]);
  await kim.leave(rooms[0]);
  assert.equal((await kim.ask("GET", "/me")).unread.messages, 1);
  assert.equal((await s.person().answer("GET", "/me")).status, 401);
});

told("B5 an unread message that is deleted while its reader is in the room lowers the count that other tabs know", async (s) => {
  const { watcher, kim, rooms: [room] } = await scattered(s, 1);
  const said = [];
  for (let i = 0; i < 3; i++) said.push(await watcher.say(room, `n${i}`));
  const picture = await list(kim);
  await kim.join(room);
  const own = await kim.listen([], { conn: "own", cursor: picture.cursor });
  const tab = await kim.listen(room, { conn: "tab" });
  await drop(watcher, said[1]);
  await tab.fact("deleted");
  const { data } = await own.fact("unread", ({ unread }) => unread === 2);
  assert.deepEqual(data, { room, unread: 2, message: null });
  const later = await watcher.say(room, "heard in the room");
  await drop(watcher, later);
  await drop(watcher, said[0]);
  await own.fact("unread", ({ unread }) => unread === 1);
  assert.deepEqual(own.facts.filter(({ kind }) => kind === "unread").map((fact) => fact.data.unread).slice(-2), [2, 1],
    "what was heard does not count when it goes");
  assert.deepEqual(counts(await list(kim)), { [room]: 1 });
});

told("B5 messages that went while nobody listened are gone from a count that was read before", async (s) => {
  const { watcher, kim, rooms: [room, other] } = await scattered(s, 2);
  const said = [await watcher.say(room, "one"), await watcher.say(room, "two")];
  const picture = await list(kim);
  assert.deepEqual(counts(picture), { [room]: 2, [other]: 0 });
  for (const message of said) await drop(watcher, message);
  const own = await kim.listen([], { cursor: picture.cursor });
  const { data } = await own.fact("unread");
  assert.deepEqual(data, { room, unread: 0, message: null });
  await watcher.say(other, "end");
  await own.fact("unread", (fact) => fact.room === other);
  assert.equal(own.facts.filter(({ kind }) => kind === "unread").length, 2, "and each is told once");
});

told("B5 whoever enters a room is told the count that is new since the queue was told last", async (s) => {
  const { watcher, kim, rooms: [room] } = await scattered(s, 1);
  await watcher.say(room, "one");
  const picture = await list(kim);
  await watcher.say(room, "two");
  const { cursor } = await list(kim);
  const tab = await kim.listen(room, { conn: "tab", cursor });
  await tab.fact("unread", ({ unread }) => unread === 2);
  assert.deepEqual(await followed(kim, picture), { [room]: 2 });
});

told("B5 whoever leaves a room with unread messages is told that none are left there", async (s) => {
  const { watcher, kim, rooms: [room, other] } = await scattered(s, 2);
  for (const one of [room, other]) await watcher.say(one, "x");
  const own = await kim.listen([], { conn: "own" });
  await kim.leave(room);
  await own.fact("unread", (fact) => fact.room === room && fact.unread === 0);
  assert.deepEqual(counts(await list(kim)), { [other]: 1 });
});

/* One random step; STATE holds what is open, and what was sent. */
const STEPS = {
  async say({ watcher, rooms, said }, random) {
    said.push(await watcher.say(pick(rooms, random.next()), "x"));
  },
  async drop({ watcher, said }, random) {
    if (said.length > 0) await drop(watcher, said.splice(random.between(0, said.length), 1)[0]);
  },
  async enter({ kim, rooms, tabs }, random) {
    const room = pick(rooms, random.next());
    if (!tabs.has(room)) tabs.set(room, await kim.listen(room, { conn: `tab-${room}` }));
  },
  async exit({ kim, watcher, tabs }) {
    for (const [room, tab] of tabs) {
      tab.close();
      tabs.delete(room);
      return gone(watcher, room, kim);
    }
  },
  async read({ kim, said }, random) {
    if (said.length === 0) return;
    const { room, id } = pick(said, random.next());
    await kim.ask("PUT", `/rooms/${room}/read`, { message: id });
  },
  async leave({ kim, watcher, rooms, tabs }, random) {
    const room = pick(rooms, random.next());
    tabs.get(room)?.close();
    tabs.delete(room);
    await kim.leave(room);
    await kim.join(room);
    await gone(watcher, room, kim);
  },
};

const OFTEN = ["say", "say", "say", "drop", "drop", "enter", "exit", "read", "leave"];

for (const seed of [1, 2, 3])
  told(`B5 P11 each picture of the room list and the queue from its cursor on give the last one, in life ${seed}`, async (s) => {
    const random = new Random(seed, "kim");
    const state = { ...await scattered(s, 3), said: [], tabs: new Map() };
    const pictures = [];
    for (let i = 0; i < 60; i++) {
      await STEPS[pick(OFTEN, random.next())](state, random);
      if (i % 3 === 0) pictures.push(await list(state.kim));
    }
    const { kim } = state;
    await kim.listen([], { conn: "own" });
    const last = await list(kim);
    for (const [i, picture] of pictures.entries()) assert.deepEqual(await followed(kim, picture), counts(last), `picture ${i}`);
    assert.equal(last.unread, sum(counts(last)));
  });
