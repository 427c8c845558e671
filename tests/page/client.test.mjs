/* The client library without a page: every method against a real server. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { Server, TOP } from "../e2e/lib/server.mjs";
import { until } from "../e2e/lib/wait.mjs";
import { Parlor, ParlorError, newClientId, newId } from "../../www/parlor.js";
import { told } from "./lib.mjs";

const server = new Server({ settings: { hb_ms: 500, retry_ms: 100 } });
before(() => server.start());
after(() => server.end());

const client = (fields = {}) => new Parlor({ base: `${server.url}/`, ...fields });
const refused = (code) => (error) => error instanceof ParlorError && error.code === code;

/* Ann's room with bob in it. */
async function pair(fields = {}) {
  const ann = client();
  const bob = client();
  const { room } = await ann.createRoom({ title: "Front room", grace_ms: 200, ...fields });
  const a = await ann.join(room.id, { nickname: "ann" });
  const b = await bob.join(room.id, { nickname: "bob", password: fields.password });
  return { ann, bob, room: room.id, a, b };
}

/* Collects the events of KINDS that PERSON gets in ROOMS from CURSOR on. */
function hear(t, person, rooms, cursor, kinds) {
  const heard = [];
  const stream = person.stream(rooms, { cursor });
  for (const kind of kinds) stream.on(kind, (data) => heard.push([kind, data]));
  stream.open();
  t.after(() => stream.close());
  return heard;
}

told("page: the document of the client lists all its methods, and nothing else", () => {
  const text = readFileSync(join(TOP, "docs/CLIENT.md"), "utf8");
  const documented = [...text.matchAll(/^\| `(\w+)\(/gm)].map(([, name]) => name);
  const own = Object.getOwnPropertyNames(Parlor.prototype);
  const plumbing = ["constructor", "headers", "request"];
  assert.ok(documented.length > 30);
  assert.deepEqual(documented.toSorted(), own.filter((name) => !plumbing.includes(name)).toSorted());
});

told("S2-2 page: the client is one person in all rooms, and is that person again with its token", async () => {
  const ann = client();
  const one = await ann.createRoom({ title: "One" });
  const two = await ann.createRoom({ title: "Two" });
  await ann.join(one.room.id, { nickname: "ann" });
  await ann.join(two.room.id, { nickname: "ann" });
  const again = client({ token: ann.token });
  assert.equal((await again.me()).user.id, (await ann.me()).user.id);
  assert.deepEqual((await again.myRooms()).rooms.map(({ room }) => room.title).sort(), ["One", "Two"]);
  await again.forgetMe();
  assert.equal(again.token, null);
  await assert.rejects(ann.me(), refused("token_invalid"));
});

told("page: the client repeats a creation and a join with a key without doing it twice", async () => {
  const key = newId();
  const first = await client().createRoom({ title: "Once" }, { key });
  const second = await client().createRoom({ title: "Once" }, { key });
  assert.equal(second.room.id, first.room.id);
  const joining = newId();
  const one = await client().join(first.room.id, { nickname: "kim" }, { key: joining });
  const other = await client().join(first.room.id, { nickname: "kim" }, { key: joining });
  assert.equal(other.chatter.id, one.chatter.id);
});

told("page: the client manages a room: password, settings, roles, removal, bans", async () => {
  const { ann, bob, room, b } = await pair({ password: "sesame" });
  await assert.rejects(client().join(room), refused("password_required"));
  assert.equal((await ann.changeRoom(room, { title: "Rose club", password: null })).room.title, "Rose club");
  assert.equal((await ann.room(room)).room.has_password, false);
  assert.equal((await ann.setRole(room, b.chatter.id, "moderator")).chatter.role, "moderator");
  await ann.setRole(room, b.chatter.id, "member");
  await ann.remove(room, b.chatter.id, { banSeconds: 600 });
  await assert.rejects(bob.join(room), refused("banned"));
  assert.deepEqual((await ann.bans(room)).bans.map(({ chatter }) => chatter.nickname), ["bob"]);
  await ann.liftBan(room, b.chatter.id);
  await bob.join(room);
  await ann.remove(room, b.chatter.id);
  await bob.join(room);
  assert.deepEqual((await ann.chatters(room)).chatters.map(({ nickname }) => nickname), ["ann", "bob"]);
  await ann.deleteRoom(room);
  await assert.rejects(ann.room(room), refused("not_found"));
});

told("page: the ids of messages are unlike one another, of one width, and ordered by time", (t) => {
  const many = Array.from({ length: 1000 }, newClientId);
  assert.equal(new Set(many).size, many.length);
  for (const id of many) assert.match(id, /^[0-9a-f]{32}$/);
  t.mock.timers.enable({ apis: ["Date"] });
  const later = [0, 15, 16, 1e12, 2e12].map((now) => {
    t.mock.timers.setTime(now);
    return newClientId();
  });
  assert.deepEqual(later, later.toSorted());
});

told("page: the client gives each message an id that begins with the time", async () => {
  const { ann, room } = await pair();
  const from = newClientId();
  const { message } = await ann.send(room, "hello");
  assert.ok(from.slice(0, 12) <= message.client_id && message.client_id <= `${newClientId().slice(0, 12)}g`);
});

told("page: the client sends, edits, deletes and reads, and gets an event for each", async (t) => {
  const { ann, bob, room, b } = await pair();
  const kinds = ["message", "alert", "edited", "deleted", "read", "chatters", "presence"];
  const heard = hear(t, bob, [room], b.cursor, kinds);
  const next = (kind) => until(() => heard.find(([one]) => one === kind)?.[1], kind);
  const { message } = await ann.send(room, "helo");
  assert.equal((await next("message")).message.content, "helo");
  await ann.editMessage(room, message.id, "hello");
  assert.equal((await next("edited")).message.content, "hello");
  await ann.deleteMessage(room, message.id);
  assert.ok((await next("deleted")).message.deleted_at);
  const alert = await ann.sendAlert(room, "tea is ready");
  await next("alert");
  await bob.markRead(room, alert.message.id);
  assert.equal((await next("read")).message, alert.message.id);
  await bob.rename(room, b.chatter.id, "bobby");
  assert.equal((await next("presence")).renamed[0].was, "bob");
  await ann.announce(room);
  assert.equal((await next("chatters")).count, 2);
  assert.equal((await bob.messages(room)).messages.at(-1).content, "tea is ready");
});

told("S5-7 page: the client hears its own queue without any room, and closing it says goodbye", async (t) => {
  const { ann, bob, room, b } = await pair();
  const present = bob.stream([room], { cursor: b.cursor });
  present.open();
  await until(() => present.state === "open", "bob is there");
  present.close();
  await until(async () => (await ann.chatters(room)).chatters.length === 1, "bob is away");
  const heard = hear(t, bob, [], null, ["sync", "unread"]);
  await until(() => heard.length > 0, "it listens");
  await ann.send(room, "news");
  await until(() => heard.some(([kind, data]) => kind === "unread" && data.unread === 1 && data.message.content === "news"), "told");
  const [mine] = (await bob.myRooms()).rooms;
  assert.equal(mine.unread, 1);
  assert.equal((await bob.markRead(room, mine.last_message.id)).read.unread, 0);
});

told("S5-2 S5-4 S5-9 page: the client notifies, withdraws, reads and deletes", async () => {
  const { ann, bob, room, a } = await pair();
  const act = (id) => ({ type: "like", text: "bob likes it", target: { kind: "message", id } });
  for (const id of ["1", "2", "3"]) await bob.notify(room, a.chatter.id, act(id));
  await bob.withdraw(room, a.chatter.id, act("3"));
  assert.equal((await ann.countNotifications()).unread, 2);
  const { notifications } = await ann.notifications({ unread: true });
  assert.deepEqual(notifications.map(({ target }) => target.id), ["2", "1"]);
  const older = await ann.notifications({ limit: 1, before: notifications[0].changed_at });
  assert.deepEqual(older.notifications.map(({ target }) => target.id), ["1"]);
  await ann.readNotification(notifications[1].id);
  assert.equal((await ann.readNotifications({ upto: notifications[0].changed_at })).unread, 0);
  await ann.deleteNotification(notifications[0].id);
  assert.equal((await ann.notifications()).notifications.length, 1);
});

told("S5-2 page: the client notifies a user for a service", async () => {
  const add = server.program("parlor", ["key", "add", "site", "notifications"]);
  await add.done(0);
  const site = client({ token: add.stdout.toString().trim() });
  const ann = client();
  await ann.createRoom();
  const { user } = await ann.me();
  const act = { type: "order", text: "Your order was sent", target: { kind: "order", id: "7" } };
  await site.notifyUser(user.id, act, { key: newId() });
  assert.equal((await ann.me()).unread.notifications, 1);
  await site.withdrawFromUser(user.id, act);
  assert.equal((await ann.me()).unread.notifications, 0);
});

told("S1-11 page: the client lists rooms, and its stream reports its state", async () => {
  const { ann, room, a } = await pair({ namespace: "states" });
  assert.deepEqual((await ann.rooms({ namespace: "states" })).rooms.map(({ id }) => id), [room]);
  assert.match((await ann.ticket()).ticket, /./);
  const states = [];
  const stream = ann.stream([room], { cursor: a.cursor }).on("state", ({ state }) => states.push(state));
  assert.equal(stream.state, "closed");
  stream.open();
  await until(() => stream.state === "open", "open");
  stream.close();
  assert.deepEqual(states, ["connecting", "open", "closed"]);
  await ann.openSession();
  await ann.closeSession();
});

/* A client without a token, as a page has it whose token lies in the cookie. */
function byCookie(token) {
  const page = client();
  page.headers = () => ({ Accept: "application/json", Cookie: `parlor_token=${token}` });
  return page;
}

told("S1-8 page: a client with only a cookie may send requests without a body", async () => {
  const { ann, bob, room, b } = await pair();
  const page = byCookie(bob.token);
  assert.match((await page.ticket()).ticket, /./);
  await page.leave(room, b.chatter.id);
  assert.deepEqual((await ann.chatters(room)).chatters.map(({ nickname }) => nickname), ["ann"]);
  await byCookie(ann.token).deleteRoom(room);
  await assert.rejects(ann.room(room), refused("not_found"));
});
