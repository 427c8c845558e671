// parts: e2e san race form
/* Notifications of one kind about one thing collapse into one, and go when what they told of is withdrawn. */
import assert from "node:assert/strict";
import { LIKE, inbox, notify, pathOf, service, trio, unread, withdraw } from "./lib/inbox.mjs";
import { onServer } from "./lib/scene.mjs";

const told = onServer();

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
