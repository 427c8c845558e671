// parts: e2e san race form system
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CANNOT_STORE, newId } from "./lib/client.mjs";
import { READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

const told = onServer({ settings: { hb_ms: 300 } });

for (const as of Object.keys(READERS))
  told(`S3-1 a message is stored and then told to everyone in the room, the sender included, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const readers = [await watcher.listen(room, { as }), await kim.listen(room, { as })];
    const content = 'hi "there"\n\tЖ 한국 👩‍👩‍👧 </script> \u2028 \u202e data: x\u00a0';
    const { status, text, body } = await kim.answer("POST", `/rooms/${room}/messages`, { content });
    assert.equal(status, 201);
    const { id, created_at: created, ...rest } = body.message;
    assert.deepEqual(rest, {
      type: "message", room, chatter: { id: kim.chatter(room), nickname: "kim" }, content, client_id: null,
    });
    assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    for (const reader of readers) {
      const fact = await reader.said(content);
      assert.equal(fact.raw, as === "longpoll" || as === "instant" ? JSON.stringify(body) : text);
    }
    const one = await kim.answer("GET", `/rooms/${room}/messages/${id}`);
    assert.equal(one.text, text, "the same bytes");
    const page = await kim.answer("GET", `/rooms/${room}/messages?limit=1`);
    assert.ok(page.text.startsWith(`{"messages":[${text.slice('{"message":'.length, -1)}]`), page.text);
  });

told("S3-1 numbers of messages count 1, 2, 3 in their room without holes", async (s) => {
  const { owner, room } = await s.room();
  const other = await owner.create();
  for (const place of [room, other]) await owner.join(place, { nickname: "boss" });
  for (let i = 0; i < 20; i++) await owner.say([room, other][i % 2], `n${i}`);
  await Promise.all(Array.from({ length: 10 }, (_, i) => owner.say(room, `p${i}`)));
  for (const place of [room, other]) {
    const numbers = (await owner.history(place)).map(({ id }) => id);
    assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
  }
});

for (const as of Object.keys(READERS))
  told(`S3-2 S3-8 alerts and messages are one feed in one order over ${as}, the same as the history`, async (s) => {
    const { owner, room, watcher } = await s.watched();
    await owner.join(room, { nickname: "boss" });
    const before = (await watcher.history(room)).length;
    const readers = [await watcher.listen(room, { as }), await owner.listen(room, { as })];
    await Promise.all(Array.from({ length: 30 }, (_, i) =>
      owner.say(room, `n${i}`, { type: i % 3 ? "message" : "alert" })));
    await owner.say(room, "end");
    for (const reader of readers) await reader.said("end");
    const stored = (await watcher.history(room)).slice(before);
    assert.equal(stored.length, 31);
    for (const reader of readers) assert.deepEqual(reader.feed, stored);
    for (const { kind, data } of readers[0].facts) assert.equal(kind, data.message.type);
  });

told("S3-2 only the owner may send alerts", async (s) => {
  const { owner, room, watcher, heard } = await s.watched();
  const body = { content: "fire", type: "alert" };
  const { status, body: problem } = await watcher.answer("POST", `/rooms/${room}/messages`, body);
  assert.deepEqual([status, problem.code], [403, "forbidden"]);
  await owner.join(room, { nickname: "boss" });
  const alert = await owner.say(room, "fire", { type: "alert" });
  assert.equal(alert.type, "alert");
  assert.equal(alert.notice, undefined, "it is no notice");
  await heard.fact("alert", ({ message }) => message.content === "fire");
  assert.equal(heard.feed.filter(({ content }) => content === "fire").length, 1);
});

sentence("S3-4 S2-18 when storing fails nothing is told and the client knows; later it works again", async (s) => {
  const server = await s.serve({ settings: { hb_ms: 200 } });
  const { room, watcher, heard } = await s.watched();
  await watcher.say(room, "before");
  const limit = (size) => execFileSync("prlimit", ["--pid", String(server.pid), `--fsize=${size}`]);
  limit("1:unlimited");
  for (let i = 0; i < 5; i++) {
    const { status, body } = await watcher.answer("POST", `/rooms/${room}/messages`, { content: "lost" });
    assert.ok(CANNOT_STORE.has(`${status} ${body.code}`), `${status} ${body.code}`);
  }
  limit("unlimited:unlimited");
  const after = await watcher.sayUntilStored(room, "after");
  await heard.said("after");
  assert.deepEqual(heard.feed.map(({ content }) => content), ["before", "after"]);
  assert.deepEqual((await watcher.history(room)).at(-1), after);
  assert.equal(after.id, heard.feed[0].id + 1, "no number was lost");
}, { needs: "embedded" });

told("S3-6 who is not in the room cannot send, and nothing is stored", async (s) => {
  const { owner, room, watcher, heard } = await s.watched();
  const before = await watcher.history(room);
  const left = await s.member(room, "left");
  for (let i = 0; i < 3; i++) await left.say(room, `said ${i}`);
  await left.leave(room);
  for (const who of [owner, left]) {
    const { status, body } = await who.answer("POST", `/rooms/${room}/messages`, { content: "in" });
    assert.deepEqual([status, body.code], [403, "not_in_room"]);
  }
  await watcher.say(room, "end");
  await heard.said("end");
  const texts = (await watcher.history(room)).slice(before.length).map(({ content }) => content);
  assert.deepEqual(texts, ["left joined", "said 0", "said 1", "said 2", "left left", "end"]);
});

told("S3-7 the same client_id twice stores and tells one message, with the same answer", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const body = { content: "once", client_id: newId() };
  const send = () => watcher.answer("POST", `/rooms/${room}/messages`, body);
  const first = await send();
  const again = await Promise.all(Array.from({ length: 20 }, send));
  assert.equal(first.status, 201);
  for (const { status, text } of again) assert.deepEqual([status, text], [200, first.text]);
  await watcher.say(room, "end");
  await heard.said("end");
  assert.deepEqual(heard.feed.map(({ content }) => content), ["once", "end"]);
});

told("S3-7 of twenty that race with one client_id one stores it", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const body = { content: "once", client_id: newId() };
  const answers = await Promise.all(Array.from({ length: 20 }, () =>
    watcher.answer("POST", `/rooms/${room}/messages`, body)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 200).length, 19);
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  await watcher.say(room, "end");
  await heard.said("end");
  assert.equal(heard.feed.length, 2);
});

told("S3-7 a client_id is one's own: another's, or in another room, is another message", async (s) => {
  const { room, owner, watcher } = await s.watched();
  const other = await owner.create();
  await owner.join(room, { nickname: "boss" });
  await owner.join(other);
  const client = { client_id: "same" };
  const said = [
    await watcher.say(room, "a", client), await owner.say(room, "b", client), await owner.say(other, "c", client),
  ];
  assert.deepEqual(said.map(({ content }) => content), ["a", "b", "c"]);
});

/* Reads all pages in one direction while others send messages. */
async function pages(who, room, first, next) {
  const seen = [];
  let page = await who.ask("GET", `/rooms/${room}/messages?limit=7${first}`);
  for (;;) {
    seen.push(page.messages.map(({ id }) => id));
    await who.say(room, "meanwhile");
    if (!page.has_more || page.messages.length === 0) return seen;
    page = await who.ask("GET", `/rooms/${room}/messages?limit=7&${next(page.messages)}`);
  }
}

told("S3-9 history pages backward without gap or repeat while messages arrive", async (s) => {
  const { room, watcher } = await s.watched();
  for (let i = 0; i < 40; i++) await watcher.say(room, `n${i}`);
  const top = (await watcher.history(room)).at(-1).id;
  const seen = await pages(watcher, room, "", ([{ id }]) => `before=${id}`);
  const ids = seen.reverse().flat();
  assert.deepEqual(ids, Array.from({ length: top }, (_, i) => i + 1));
});

told("S3-9 history pages forward without gap or repeat while messages arrive", async (s) => {
  const { room, watcher } = await s.watched();
  for (let i = 0; i < 40; i++) await watcher.say(room, `n${i}`);
  const seen = await pages(watcher, room, "&after=0", (m) => `after=${m.at(-1).id}`);
  const ids = seen.flat();
  assert.deepEqual(ids, ids.map((_, i) => i + 1));
  assert.ok(ids.length > 41, "and gets what arrived meanwhile");
});

told("S3-9 a page and its cursor go on without gap or repeat", async (s) => {
  const { room, watcher } = await s.watched();
  const talking = Promise.all(Array.from({ length: 50 }, (_, i) => watcher.say(room, `n${i}`)));
  const page = await watcher.ask("GET", `/rooms/${room}/messages?limit=200`);
  const reader = await watcher.listen(room, { cursor: page.cursor });
  await talking;
  await watcher.say(room, "end");
  await reader.said("end");
  const ids = [...page.messages, ...reader.feed].map(({ id }) => id);
  assert.deepEqual(ids, ids.map((_, i) => i + 1));
});

told("S3-2 a service key with the scope alerts sends alerts to any room, and nothing else", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const bell = s.person({ token: await s.server.key("alerts") });
  const message = await bell.say(room, "maintenance at noon", { type: "alert", client_id: "noon" });
  assert.deepEqual([message.type, message.chatter, message.notice], ["alert", null, undefined]);
  assert.deepEqual(await bell.say(room, "maintenance at noon", { type: "alert", client_id: "noon" }), message);
  assert.deepEqual((await heard.fact("alert", (data) => !data.message.notice)).data.message, message);
  const mute = s.person({ token: await s.server.key("rooms", "notifications") });
  for (const [who, type, code] of [[bell, "message", "not_in_room"], [mute, "alert", "not_in_room"], [watcher, "alert", "forbidden"]]) {
    const { status, body } = await who.answer("POST", `/rooms/${room}/messages`, { content: "no", type });
    assert.deepEqual([status, body.code], [403, code], `${who.name} ${type}`);
  }
  await watcher.say(room, "end");
  await heard.said("end");
  assert.deepEqual(heard.feed.map(({ content }) => content), ["maintenance at noon", "end"]);
});

told("S3-1 slow mode lets a member send now and then, owner, moderators and keys at will", async (s) => {
  const { owner, room, watcher, heard } = await s.watched({ slow_ms: 3_600_000 });
  await owner.join(room, { nickname: "owner" });
  const helper = await s.member(room, "helper");
  await owner.ask("PATCH", `/rooms/${room}/chatters/${helper.chatter(room)}`, { role: "moderator" });
  const bell = s.person({ token: await s.server.key("alerts") });
  const first = await watcher.say(room, "first", { client_id: "first" });
  const { status, body, headers } = await watcher.answer("POST", `/rooms/${room}/messages`, { content: "second" });
  assert.deepEqual([status, body.code], [429, "slow_mode"]);
  const wait = Number(headers.get("retry-after"));
  assert.ok(wait > 3500 && wait <= 3600, `${wait} s`);
  assert.deepEqual(await watcher.say(room, "first", { client_id: "first" }), first, "a repeat is answered");
  for (const who of [owner, helper]) for (const n of [1, 2]) await who.say(room, `${who.name} ${n}`);
  for (const n of [1, 2]) await bell.say(room, `bell ${n}`, { type: "alert" });
  await owner.ask("PATCH", `/rooms/${room}`, { slow_ms: 0 });
  await watcher.say(room, "end");
  await heard.said("end");
  const said = heard.feed.filter(({ notice }) => !notice).map(({ content }) => content);
  assert.deepEqual(said, [
    "first", `${owner.name} 1`, `${owner.name} 2`, `${helper.name} 1`, `${helper.name} 2`, "bell 1", "bell 2", "end",
  ]);
});
