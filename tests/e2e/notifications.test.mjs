// parts: e2e san race form
// parts: e2e san race form
/* What a person is told of what others did: the inbox, and the own queue. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CANNOT_STORE, Person, http, newId } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

/* A token of the embedding site's (RFC 7519, HS256), good for a minute. */
function signed(claims, secret) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp: Math.floor(Date.now() / 1000) + 60, ...claims })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const KEEP = 12;
const told = onServer({ settings: { notifications_keep: KEEP } });

const LIKE = { type: "like", text: "somebody likes this", target: { kind: "post", id: "17" } };

function pathOf(room, to) {
  return `/rooms/${room}/chatters/${to.chatter(room)}/notifications`;
}

/* FROM tells TO, with whom ROOM is shared. */
async function notify(from, room, to, fields = LIKE) {
  const { notification } = await from.ask("POST", pathOf(room, to), fields);
  return notification;
}

async function withdraw(from, room, to, { type, target } = LIKE) {
  const query = new URLSearchParams({ type, target_kind: target.kind, target_id: target.id });
  const { status, text } = await from.answer("DELETE", `${pathOf(room, to)}?${query}`);
  assert.equal(status, 204, text);
}

function inbox(person, query = "") {
  return person.ask("GET", `/me/notifications${query}`);
}

async function unread(person) {
  return (await person.ask("GET", "/me/notifications/unread_count")).unread;
}

/* A room with KIM, LEE and PARK in it. */
async function trio(s) {
  const { room } = await s.room({ grace_ms: 600_000 });
  const [kim, lee, park] = [await s.member(room, "kim"), await s.member(room, "lee"), await s.member(room, "park")];
  return { room, kim, lee, park };
}

/* A service with its key, and the id under which it knows WHO. */
async function service(s, who) {
  const { user } = await who.ask("GET", "/me");
  return { back: s.person({ token: await s.server.key("notifications") }), path: `/users/${user.id}/notifications`, id: user.id };
}

const isNotice = ({ kind }) => kind === "notification" || kind === "notifications";

for (const as of Object.keys(READERS)) {
  told(`S5-1 S5-2 a notification is heard on its user's queue, by nobody else, ${as}`, async (s) => {
    const { room, kim, lee, park } = await trio(s);
    const readers = {};
    for (const [name, person] of Object.entries({ kim, lee, park })) readers[name] = await person.listen(room, { as });
    const made = await notify(kim, room, lee);
    const { data } = await readers.lee.fact("notification");
    assert.deepEqual(data, { notification: made, unread: 1 });
    await park.say(room, "end");
    for (const reader of Object.values(readers)) await reader.said("end");
    assert.equal(readers.lee.facts.filter(isNotice).length, 1);
    for (const name of ["kim", "park"]) assert.deepEqual(readers[name].facts.filter(isNotice), []);
    assert.deepEqual((await inbox(park)).notifications, []);
  });

  told(`S5-1 S5-11 a connection without rooms hears the queue and no room, ${as}`, async (s) => {
    const { room, kim, lee } = await trio(s);
    const alone = await lee.listen([], { as });
    await kim.say(room, "not for the queue");
    const made = await notify(kim, room, lee);
    await alone.fact("notification", ({ notification }) => notification.id === made.id);
    assert.deepEqual(alone.facts.map(({ kind }) => kind), ["notification"]);
  });

  told(`S5-11 one connection hears the queue and two rooms, and nothing of one that was left, ${as}`, async (s) => {
    const { room, kim, lee } = await trio(s);
    const { room: second } = await trio(s);
    for (const person of [kim, lee]) await person.join(second);
    const heard = await lee.listen([room, second], { as });
    await kim.say(room, "first");
    await kim.say(second, "second");
    await notify(kim, second, lee);
    await heard.fact("notification");
    const said = () => heard.feed.filter(({ type }) => type === "message").map(({ content }) => content);
    assert.deepEqual(said(), ["first", "second"]);
    heard.close();
    await lee.leave(room);
    await kim.say(room, "behind one's back");
    await kim.say(second, "end");
    await assert.rejects(lee.listen([room, second], { as, cursor: heard.cursor }), { status: 403, code: "not_in_room" });
    const again = await lee.listen([second], { as, cursor: heard.cursor });
    await again.said("end");
    assert.deepEqual(again.feed.map(({ content }) => content), ["end"]);
  });

  told(`S5-4 S5-13 what happened meanwhile waits: queue and room go on from the cursor, ${as}`, async (s) => {
    const { room, kim, lee } = await trio(s);
    const first = await lee.listen(room, { as });
    await kim.say(room, "before");
    await first.said("before");
    first.close();
    const { cursor } = first;
    const made = await notify(kim, room, lee);
    await kim.say(room, "meanwhile");
    assert.deepEqual((await inbox(lee)).notifications, [made]);
    const { id } = await notify(kim, room, lee, { type: "poke", text: "hello" });
    const second = await lee.listen(room, { as, cursor });
    await second.fact("notification", (data) => data.notification.id === id);
    const kinds = second.facts.filter((fact) => isNotice(fact) || fact.kind === "message");
    assert.deepEqual(kinds.map(({ kind }) => kind), ["notification", "message", "notification"]);
    assert.deepEqual(kinds.map(({ data }) => data.unread), [1, undefined, 2]);
  });
}

told("S5-2 a notification has type, text, target, parent and payload as they were sent", async (s) => {
  const { room, kim, lee } = await trio(s);
  const sent = {
    type: "reply.new_1", text: "김 answered\n\tyou: \"ok\"", target: { kind: "comment", id: "c/17 é" }, parent_id: "post 3",
    payload: { url: "/p/3#c17", n: [1, -2.5, true, null], deep: { a: { b: { c: { d: {} } } } } },
  };
  const made = await notify(kim, room, lee, sent);
  const { id, from, count, read_at, created_at, changed_at, ...rest } = made;
  assert.deepEqual(rest, sent);
  assert.deepEqual([Number.isInteger(id), count, read_at], [true, 1, null]);
  assert.deepEqual(from, { room, chatter: kim.chatter(room) });
  for (const time of [created_at, changed_at]) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
  const bare = await notify(kim, room, lee, { type: "x", text: "y", target: null, payload: null });
  assert.deepEqual([bare.target, bare.parent_id, bare.payload], [null, null, {}]);
  assert.deepEqual((await inbox(lee)).notifications, [bare, made]);
});

told("S5-2 a payload of 4096 bytes is taken, one more is not", async (s) => {
  const { room, kim, lee } = await trio(s);
  const most = { x: "x".repeat(4096 - '{"x":""}'.length) };
  assert.deepEqual((await notify(kim, room, lee, { ...LIKE, payload: most })).payload, most);
  const more = { x: `${most.x}x` };
  const { status, body } = await kim.answer("POST", pathOf(room, lee), { ...LIKE, payload: more });
  assert.deepEqual([status, Object.keys(body.fields ?? {})], [422, ["payload"]]);
  assert.equal(await unread(lee), 1);
});

told("S5-2 a target needs a kind and an id, and nothing else", async (s) => {
  const { room, kim, lee } = await trio(s);
  const bad = [[{}, "kind"], [{ kind: "post" }, "id"], [{ id: "1" }, "kind"], [{ kind: "Post", id: "1" }, "kind"],
    [{ kind: "post", id: "" }, "id"], [{ kind: "post", id: 1 }, "id"], [{ kind: "post", id: "1", url: "x" }, "url"]];
  for (const [target, field] of bad) {
    const { status, body } = await kim.answer("POST", pathOf(room, lee), { ...LIKE, target });
    assert.deepEqual([status, Object.keys(body.fields ?? {})], [422, [field]], JSON.stringify(target));
  }
  assert.equal(await unread(lee), 0);
});

told("S5-3 nobody is notified of their own act", async (s) => {
  const { room, kim } = await trio(s);
  const heard = await kim.listen(room);
  const { status, body } = await kim.answer("POST", pathOf(room, kim), LIKE);
  assert.deepEqual([status, body], [200, { notification: null }]);
  await kim.say(room, "end");
  await heard.said("end");
  assert.deepEqual(heard.facts.filter(isNotice), []);
  assert.deepEqual([(await inbox(kim)).notifications, await unread(kim)], [[], 0]);
});

told("S5-4 the list is newest first and pages without gap or repeat while new ones come", async (s) => {
  const { room, kim, lee } = await trio(s);
  const made = [];
  for (let i = 0; i < 5; i++) made.unshift(await notify(kim, room, lee, { ...LIKE, target: { kind: "post", id: `${i}` } }));
  const seen = [];
  let page = await inbox(lee, "?limit=2");
  for (;;) {
    seen.push(...page.notifications);
    assert.equal(page.has_more, seen.length < made.length);
    if (!page.has_more) break;
    await notify(kim, room, lee, { ...LIKE, text: "new", target: { kind: "new", id: `${seen.length}` } });
    page = await inbox(lee, `?limit=2&before=${seen.at(-1).changed_at}`);
  }
  assert.deepEqual(seen, made);
  assert.equal((await inbox(lee)).unread, 7);
});

told("S5-4 read one, delete one, read up to what was seen, read all: the count is exact and told each time", async (s) => {
  const { room, kim, lee } = await trio(s);
  const heard = await lee.listen([]);
  const made = [];
  for (let i = 0; i < 6; i++) made.push(await notify(kim, room, lee, { ...LIKE, target: { kind: "post", id: `${i}` } }));
  const ids = made.map(({ id }) => id);
  const read = await lee.ask("PATCH", `/me/notifications/${ids[0]}`, { read: true });
  assert.equal(read.unread, 5);
  assert.deepEqual({ ...made[0], read_at: read.notification.read_at }, read.notification);
  assert.ok(read.notification.read_at);
  assert.deepEqual(await lee.ask("PATCH", `/me/notifications/${ids[0]}`, { read: true }), read, "twice is once");
  await lee.ask("DELETE", `/me/notifications/${ids[1]}`);
  assert.equal((await lee.answer("DELETE", `/me/notifications/${ids[1]}`)).status, 404);
  await lee.ask("DELETE", `/me/notifications/${ids[0]}`);
  assert.deepEqual(await lee.ask("POST", "/me/notifications/read_all", { upto: made[3].changed_at }), { unread: 2 });
  const left = (await inbox(lee, "?unread=1")).notifications;
  assert.deepEqual(left, [made[5], made[4]]);
  assert.deepEqual(await lee.ask("POST", "/me/notifications/read_all"), { unread: 0 });
  assert.deepEqual(await lee.ask("POST", "/me/notifications/read_all", {}), { unread: 0 });
  await notify(kim, room, lee, { type: "end", text: "end" });
  await heard.fact("notification", ({ notification }) => notification.type === "end");
  const changes = heard.facts.filter(({ kind }) => kind === "notifications").map(({ data }) => data);
  assert.deepEqual(changes, [
    { read: [ids[0]], unread: 5 }, { deleted: [ids[1]], unread: 4 }, { deleted: [ids[0]], unread: 4 },
    { read: [ids[2], ids[3]], unread: 2 }, { read: "all", unread: 0 },
  ]);
});

told("S5-1 S5-4 nobody reads, marks or deletes another's", async (s) => {
  const { room, kim, lee, park } = await trio(s);
  const { id } = await notify(kim, room, lee);
  for (const who of [kim, park]) {
    assert.equal((await who.answer("PATCH", `/me/notifications/${id}`, { read: true })).status, 404);
    assert.equal((await who.answer("DELETE", `/me/notifications/${id}`)).status, 404);
    await who.ask("POST", "/me/notifications/read_all");
    assert.deepEqual((await inbox(who)).notifications, []);
  }
  assert.equal(await unread(lee), 1);
});

told("S5-4 of more than are kept the oldest read go first, then the oldest, and the count stays exact", async (s) => {
  const { room, kim, lee } = await trio(s);
  const heard = await lee.listen([]);
  const send = (i) => notify(kim, room, lee, { type: "n", text: `${i}` });
  const made = [];
  for (let i = 0; i < KEEP; i++) made.push(await send(i));
  await lee.ask("PATCH", `/me/notifications/${made[3].id}`, { read: true });
  for (let i = KEEP; i < KEEP + 2; i++) made.push(await send(i));
  const list = await inbox(lee);
  const kept = made.filter((_, i) => i !== 3 && i !== 0);
  assert.deepEqual(list.notifications, kept.toReversed());
  assert.equal(list.unread, KEEP);
  await heard.fact("notification", ({ notification }) => notification.id === made.at(-1).id);
  const dropped = heard.facts.filter(({ data }) => data.deleted).map(({ data }) => data);
  assert.deepEqual(dropped, [{ deleted: [made[3].id], unread: KEEP - 1 }, { deleted: [made[0].id], unread: KEEP - 1 }]);
});

told("S5-5 messages do not count as notifications, nor notifications as messages", async (s) => {
  const { room, kim, lee } = await trio(s);
  const before = await lee.history(room);
  await notify(kim, room, lee);
  assert.deepEqual(await lee.history(room), before);
  for (let i = 0; i < 3; i++) await kim.say(room, `${i}`);
  assert.equal(await unread(lee), 1);
});

told("S5-9 a withdrawn act takes its unread notification along; a read one stays", async (s) => {
  const { room, kim, lee } = await trio(s);
  const heard = await lee.listen([]);
  const first = await notify(kim, room, lee);
  await withdraw(kim, room, lee);
  await withdraw(kim, room, lee);
  assert.deepEqual([(await inbox(lee)).notifications, await unread(lee)], [[], 0]);
  const second = await notify(kim, room, lee);
  const { notification: read } = await lee.ask("PATCH", `/me/notifications/${second.id}`, { read: true });
  await withdraw(kim, room, lee);
  assert.deepEqual((await inbox(lee)).notifications, [read]);
  await notify(kim, room, lee, { type: "end", text: "end" });
  await heard.fact("notification", ({ notification }) => notification.type === "end");
  assert.deepEqual(heard.facts.filter(({ data }) => data.deleted).map(({ data }) => data), [{ deleted: [first.id], unread: 0 }]);
});

told("S5-9 one withdraws nothing of another's, and what remains has the words of who remains", async (s) => {
  const { room, kim, lee, park } = await trio(s);
  const heard = await lee.listen([]);
  const one = await notify(kim, room, lee, { ...LIKE, text: "kim likes this", payload: { by: "kim" } });
  const two = await notify(park, room, lee, { ...LIKE, text: "park and kim like this", payload: { by: "park" } });
  assert.deepEqual([two.id, two.count, two.text], [one.id, 2, "park and kim like this"]);
  await withdraw(park, room, lee);
  const { notifications } = await inbox(lee);
  assert.deepEqual(notifications, [{ ...one, changed_at: two.changed_at }]);
  await withdraw(park, room, lee);
  assert.deepEqual((await inbox(lee)).notifications, notifications, "a second time takes nothing");
  await withdraw(kim, room, lee);
  await heard.fact("notifications");
  assert.deepEqual(heard.facts.map(({ data }) => [data.notification?.count, data.unread]), [[1, 1], [2, 1], [1, 1], [undefined, 0]]);
});

told("S5-10 acts of one kind on one target collapse, count whoever acted once, and come to the top", async (s) => {
  const { room, kim, lee, park } = await trio(s);
  const first = await notify(kim, room, lee);
  await notify(kim, room, lee, { ...LIKE, target: { kind: "post", id: "18" } });
  await notify(kim, room, lee, { ...LIKE, type: "share" });
  const again = await kim.answer("POST", pathOf(room, lee), LIKE);
  assert.deepEqual([again.status, again.body.notification], [200, first], "the same again changes nothing");
  const more = await park.answer("POST", pathOf(room, lee), { ...LIKE, text: "two like this" });
  assert.deepEqual([more.status, more.body.notification.id, more.body.notification.count], [200, first.id, 2]);
  const { notifications, unread: count } = await inbox(lee);
  assert.deepEqual(notifications.map(({ text }) => text), ["two like this", LIKE.text, LIKE.text]);
  assert.equal(count, 3);
  await lee.ask("PATCH", `/me/notifications/${first.id}`, { read: true });
  const fresh = await notify(kim, room, lee);
  assert.notEqual(fresh.id, first.id);
  assert.deepEqual([fresh.count, await unread(lee)], [1, 3]);
  const bare = [await notify(kim, room, lee, { type: "a", text: "b" }), await notify(kim, room, lee, { type: "a", text: "b" })];
  assert.notEqual(bare[0].id, bare[1].id, "without a target nothing collapses");
});

told("S5-10 who tells the same again gets their own words back, and not another's", async (s) => {
  const { room, kim, lee, park } = await trio(s);
  const mine = { ...LIKE, text: "mine", parent_id: "p-1", payload: { of: "kim" } };
  const theirs = { ...LIKE, text: "a secret", payload: { of: "park" } };
  const keyed = { headers: { "Idempotency-Key": "k-1" } };
  await kim.answer("POST", pathOf(room, lee), mine, keyed);
  await park.answer("POST", pathOf(room, lee), theirs);
  for (const options of [keyed, {}]) {
    const { status, body } = await kim.answer("POST", pathOf(room, lee), mine, options);
    const { text, parent_id, payload, from, count } = body.notification;
    assert.deepEqual([status, text, parent_id, payload, count], [200, "mine", "p-1", { of: "kim" }, 2]);
    assert.deepEqual(from, { room, chatter: kim.chatter(room) });
  }
  assert.equal((await inbox(lee)).notifications[0].text, "a secret");
});

told("S5-2 only who shares the room notifies, and only who is in it is notified", async (s) => {
  const { room, kim, lee, park } = await trio(s);
  const stranger = s.person();
  await stranger.create();
  const outside = await stranger.answer("POST", pathOf(room, lee), LIKE);
  assert.deepEqual([outside.status, outside.body.code], [403, "not_in_room"]);
  const porter = s.person({ token: await s.server.key("rooms") });
  const seatless = await porter.answer("POST", pathOf(room, lee), LIKE);
  assert.deepEqual([seatless.status, seatless.body.code], [403, "not_in_room"], "a key is nobody in the room");
  await park.leave(room);
  const left = await park.answer("POST", pathOf(room, lee), LIKE);
  assert.deepEqual([left.status, left.body.code], [403, "not_in_room"]);
  assert.equal((await kim.answer("POST", pathOf(room, park), LIKE)).status, 404);
  assert.deepEqual([await unread(lee), await unread(park)], [0, 0]);
});

told("S5-9 who has left can be spared what was withdrawn still", async (s) => {
  const { room, kim, lee } = await trio(s);
  await notify(kim, room, lee);
  await lee.leave(room);
  assert.equal(await unread(lee), 1);
  await withdraw(kim, room, lee);
  assert.equal(await unread(lee), 0);
});

told("S5-9 a withdrawal names type and target, or is refused", async (s) => {
  const { room, kim, lee } = await trio(s);
  await notify(kim, room, lee);
  for (const query of ["", "?type=like", "?type=like&target_kind=post", "?type=like&target_kind=post&target_id=",
    "?type=like&type=like&target_kind=post&target_id=17"]) {
    const { status, body } = await kim.answer("DELETE", pathOf(room, lee) + query);
    assert.deepEqual([status, body?.code], [400, "malformed_request"], query);
  }
  assert.equal(await unread(lee), 1);
});

for (const as of Object.keys(READERS))
  told(`S5-1 S5-2 S5-4 a service tells a user, who hears it or finds it later, ${as}`, async (s) => {
    const { kim, lee } = await trio(s);
    const { back, path } = await service(s, lee);
    const { notification: waits } = await back.ask("POST", path, { type: "a", text: "waits" });
    assert.deepEqual((await inbox(lee)).notifications, [waits]);
    const [heard, other] = [await lee.listen([], { as }), await kim.listen([], { as })];
    const { status, body } = await back.answer("POST", path, { ...LIKE, parent_id: "p", payload: { a: 1 }, actor: "u-7" });
    assert.equal(status, 201);
    const { data } = await heard.fact("notification");
    assert.deepEqual(data, { ...body, unread: 2 });
    assert.equal(data.notification.from, null, "who acted stays with the service");
    await back.ask("POST", (await service(s, kim)).path, { type: "end", text: "end" });
    await other.fact("notification");
    assert.deepEqual(other.facts.map((fact) => fact.data.notification.type), ["end"]);
  });

told("S5-3 a service's act of the user's own is not told, whatever the service calls them", async (s) => {
  const { lee } = await trio(s);
  const { back, path, id } = await service(s, lee);
  for (const [to, actor] of [[path, id], ["/users/sub:anna%20k/notifications", "anna k"], ["/users/sub:anna%20k/notifications", "sub:anna k"]]) {
    const { status, body } = await back.answer("POST", to, { ...LIKE, actor });
    assert.deepEqual([status, body], [200, { notification: null }], actor);
  }
  assert.deepEqual((await inbox(lee)).notifications, []);
});

told("S5-9 S5-10 acts that a service tells collapse by actor, and one or all are withdrawn", async (s) => {
  const { lee } = await trio(s);
  const { back, path } = await service(s, lee);
  const tell = async (fields) => (await back.ask("POST", path, { ...LIKE, ...fields })).notification.count;
  const counts = [];
  for (const actor of ["a", "b", "a", "c", undefined, undefined]) counts.push(await tell({ actor, text: `by ${actor}` }));
  assert.deepEqual(counts, [1, 2, 2, 3, 4, 5], "who is not named counts each time");
  const remove = (actor) => back.ask("DELETE", `${path}?type=like&target_kind=post&target_id=17${actor ? `&actor=${actor}` : ""}`);
  await remove("b");
  await remove("nobody");
  assert.deepEqual((await inbox(lee)).notifications.map(({ count }) => count), [4]);
  await remove();
  assert.deepEqual([(await inbox(lee)).notifications, await unread(lee)], [[], 0]);
  await back.ask("DELETE", "/users/sub:never%20seen/notifications?type=like&target_kind=post&target_id=17");
});

told("S5-10 what people and what services tell never collapse into each other", async (s) => {
  const { room, kim, lee } = await trio(s);
  const { back, path } = await service(s, lee);
  const { notification: first } = await back.ask("POST", path, LIKE);
  const second = await notify(kim, room, lee);
  assert.notEqual(second.id, first.id);
  assert.deepEqual([first.from, second.from], [null, { room, chatter: kim.chatter(room) }]);
  await withdraw(kim, room, lee);
  assert.deepEqual((await inbox(lee)).notifications, [first]);
});

told("S5-2 the same Idempotency-Key again is the same notification, even after it was read; another body is refused", async (s) => {
  const { room, kim, lee } = await trio(s);
  const { back, path } = await service(s, lee);
  for (const [who, to] of [[kim, pathOf(room, lee)], [back, path]]) {
    const send = (key, fields = {}) => who.answer("POST", to, { type: "n", text: "once", ...fields }, { headers: { "Idempotency-Key": key } });
    const first = await send("k-1");
    const again = await Promise.all(Array.from({ length: 4 }, () => send("k-1")));
    assert.deepEqual([first, ...again].map(({ status }) => status), [201, 200, 200, 200, 200]);
    for (const { text } of again) assert.equal(text, first.text);
    const { id } = first.body.notification;
    const { notification: read } = await lee.ask("PATCH", `/me/notifications/${id}`, { read: true });
    assert.deepEqual((await send("k-1")).body.notification, read);
    const other = await send("k-1", { text: "twice" });
    assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
    assert.notEqual((await send("k-2")).body.notification.id, id);
    await lee.ask("DELETE", `/me/notifications/${id}`);
    const gone = await send("k-1");
    assert.deepEqual([gone.status, gone.body.notification], [200, null]);
    assert.equal((await inbox(lee)).notifications.length, 1);
    await lee.ask("DELETE", `/me/notifications/${(await inbox(lee)).notifications[0].id}`);
  }
});

told("S5-4 GET /me says how many are unread, and DELETE /me leaves none of them", async (s) => {
  const { lee } = await trio(s);
  const { back, path } = await service(s, lee);
  await back.ask("POST", path, LIKE);
  assert.deepEqual((await lee.ask("GET", "/me")).unread.notifications, 1);
  await lee.ask("DELETE", "/me");
  assert.equal((await lee.answer("GET", "/me/notifications")).status, 401);
  assert.equal((await back.answer("POST", path, LIKE)).status, 404);
});

sentence("S5-2 a subject of the site's own finds its notification at the first sign-in", async (s) => {
  const secret = newId().repeat(3);
  const dir = await mkdtemp(join(tmpdir(), "parlor-secret-"));
  await chmod(dir, 0o711);
  const file = join(dir, "secret");
  await writeFile(file, secret);
  const server = await s.serve({ settings: { jwt_algorithm: "HS256", jwt_key_file: file } });
  const back = s.person({ token: await server.key("notifications") });
  const path = "/users/sub:auth0%7Canna%20k/notifications";
  const { notification } = await back.ask("POST", path, LIKE);
  const anna = s.person({ token: signed({ sub: "auth0|anna k" }, secret) });
  const page = await inbox(anna);
  assert.deepEqual([page.notifications, page.unread], [[notification], 1]);
  const other = s.person({ token: signed({ sub: "auth0|bert" }, secret) });
  assert.deepEqual((await inbox(other)).notifications, []);
  await rm(dir, { recursive: true });
});

sentence("S5-2 where people may not notify each other, 403 and nothing is stored", async (s) => {
  await s.serve({ settings: { user_notifications: 0 } });
  const { room, kim, lee } = await trio(s);
  const { status, body } = await kim.answer("POST", pathOf(room, lee), LIKE);
  assert.deepEqual([status, body.code], [403, "forbidden"]);
  assert.equal(await unread(lee), 0);
});

sentence("S5-12 a notification that cannot be stored fails alone: the message of the act stays, and both work later", async (s) => {
  const server = await s.serve({ settings: { hb_ms: 200 } });
  const { room, watcher, heard } = await s.watched();
  const kim = await s.member(room);
  const act = await kim.say(room, "@watcher look");
  const limit = (size) => execFileSync("prlimit", ["--pid", String(server.pid), `--fsize=${size}`]);
  limit("1:unlimited");
  const { status, body } = await kim.answer("POST", pathOf(room, watcher), LIKE);
  assert.ok(CANNOT_STORE.has(`${status} ${body.code}`), `${status} ${body.code}`);
  limit("unlimited:unlimited");
  const after = await kim.insist(room, "after");
  await heard.said("after");
  assert.deepEqual((await watcher.history(room)).slice(-2), [act, after]);
  assert.deepEqual([(await inbox(watcher)).notifications, await unread(watcher)], [[], 0]);
  const made = await notify(kim, room, watcher);
  await heard.fact("notification", ({ notification }) => notification.id === made.id);
  assert.equal(heard.facts.filter(isNotice).length, 1);
}, { needs: "embedded" });

told("S5-12 notifications that are refused touch no message that is sent at the same time", async (s) => {
  const { room, kim, lee } = await trio(s);
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => i % 2
    ? kim.answer("POST", `/rooms/${room}/messages`, { content: `n${i}` })
    : kim.answer("POST", `/rooms/${room}/chatters/${"a".repeat(16)}/notifications`, LIKE)));
  assert.deepEqual(answers.map(({ status }) => status), answers.map((_, i) => (i % 2 ? 201 : 404)));
  const said = (await lee.history(room)).filter(({ type }) => type === "message");
  assert.equal(said.length, 20);
});

for (const as of ["native", "stubborn"])
  sentence(`S5-13 after SIGKILL and restart queue and room are resumed without anybody's doing, ${as}`, async (s) => {
    const server = await s.serve({ settings: { retry_ms: 50, lease_ms: 3000 } });
    const { room, kim, lee } = await trio(s);
    const heard = await lee.listen([room], { as });
    await notify(kim, room, lee, { type: "n", text: "before" });
    await heard.fact("notification", ({ notification }) => notification.text === "before");
    await server.kill();
    await server.launch();
    await notify(kim, room, lee, { type: "n", text: "after" });
    await kim.say(room, "end");
    await heard.said("end");
    const texts = heard.facts.filter(isNotice).map(({ data }) => [data.notification.text, data.unread]);
    assert.deepEqual(texts, [["before", 1], ["after", 2]]);
  }, { needs: ["daemon", "embedded"] });

/* The inbox as the events of a queue make it. */
class Model {
  constructor() {
    this.all = new Map();
  }

  get unread() {
    return [...this.all.values()].filter(({ read_at }) => read_at === null).length;
  }

  apply({ notification, read, deleted = [], unread: count }) {
    if (notification) this.all.set(notification.id, notification);
    for (const id of read === "all" ? this.all.keys() : read ?? []) this.all.get(id).read_at ??= "read";
    for (const id of deleted) assert.ok(this.all.delete(id), `${id} was there`);
    assert.equal(this.unread, count, "the count told is that of what was told");
  }

  get list() {
    return [...this.all.values()].sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1));
  }
}

const ROUNDS = 6;
const AT_ONCE = 50;

/* One of many things that happen at the same time; what it may be refused with is its own business. */
function disturb({ i, people, victim, doors, room, ids }) {
  const door = doors[i % doors.length];
  const by = (person) => new Person(person.server, { door, token: person.token });
  const actor = by(people[i % people.length]);
  const id = ids[i % ids.length];
  const target = { kind: "post", id: `${i % 7}` };
  const query = `?type=like&target_kind=post&target_id=${target.id}`;
  const acts = [
    () => actor.answer("POST", pathOf(room, victim), { ...LIKE, target }),
    () => actor.answer("POST", pathOf(room, victim), { type: "poke", text: `${i}` }),
    () => actor.answer("DELETE", pathOf(room, victim) + query),
    () => by(victim).answer("PATCH", `/me/notifications/${id}`, { read: true }),
    () => by(victim).answer("DELETE", `/me/notifications/${id}`),
    () => (i % 25 === 0 ? by(victim).answer("POST", "/me/notifications/read_all") : actor.answer("POST", pathOf(room, victim), { ...LIKE, target })),
  ];
  return acts[Math.floor(Math.random() * acts.length)]();
}

sentence("S5-4 S5-9 S5-10 50 at once through two processes post, read, delete and withdraw: every count is exact", async (s) => {
  const server = await s.serve({ settings: { streams_per_token: 0, notifications_keep: 40 } });
  const { program, socket } = await server.fastcgi();
  assert.ok(program.pid);
  const doors = [http(server), fastcgi(socket)];
  const { room } = await s.room({ grace_ms: 600_000 });
  const victim = await s.member(room);
  const people = [];
  for (let i = 0; i < 8; i++) people.push(await s.member(room));
  const heard = await victim.listen([]);
  for (let round = 0; round < ROUNDS; round++) {
    const { notifications } = await inbox(victim);
    const ids = [...notifications.map(({ id }) => id), 1];
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => disturb({ i, people, victim, doors, room, ids })));
    const statuses = new Set(answers.map(({ status }) => status));
    assert.ok([...statuses].every((status) => [200, 201, 204, 404].includes(status)), [...statuses].join(" "));
  }
  const end = await notify(people[0], room, victim, { type: "end", text: "end" });
  await heard.fact("notification", ({ notification }) => notification.id === end.id);
  const model = new Model();
  for (const { data } of heard.facts) model.apply(data);
  const list = await inbox(victim, "?limit=200");
  const shape = ({ id, type, count, target, text, read_at }) => [id, type, count, target, text, read_at !== null];
  assert.deepEqual(list.notifications.map(shape), model.list.map(shape));
  assert.deepEqual([list.unread, await unread(victim)], [model.unread, model.unread]);
  assert.equal((await inbox(victim, "?unread=1&limit=200")).notifications.length, model.unread);
  await server.program("parlor", ["check"]).done(0);
}, { needs: "embedded" });

