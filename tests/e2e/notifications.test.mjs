// parts: e2e san race form
/* Notifications that people send each other: on the queue, in the inbox, and the counts of both. */
import assert from "node:assert/strict";
import { LIKE, inbox, isNotification, notify, pathOf, trio, unread } from "./lib/inbox.mjs";
import { READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

const KEEP = 12;
const told = onServer({ settings: { notifications_keep: KEEP } });

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
    assert.equal(readers.lee.facts.filter(isNotification).length, 1);
    for (const name of ["kim", "park"]) assert.deepEqual(readers[name].facts.filter(isNotification), []);
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
    const kinds = second.facts.filter((fact) => isNotification(fact) || fact.kind === "message");
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
  assert.deepEqual(heard.facts.filter(isNotification), []);
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

sentence("S5-2 where people may not notify each other, 403 and nothing is stored", async (s) => {
  await s.serve({ settings: { user_notifications: 0 } });
  const { room, kim, lee } = await trio(s);
  const { status, body } = await kim.answer("POST", pathOf(room, lee), LIKE);
  assert.deepEqual([status, body.code], [403, "forbidden"]);
  assert.equal(await unread(lee), 0);
});
