// parts: e2e san race more
/* Messages that are edited and deleted, and what is left of them. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 300 } });
const path = (room, { id }) => `/rooms/${room}/messages/${id}`;

async function edit(who, room, message, content) {
  return (await who.ask("PATCH", path(room, message), { content })).message;
}

for (const as of Object.keys(READERS)) {
  told(`S3-1 S3-8 a message that is edited is told to everyone as it is stored, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const said = await kim.say(room, "helo");
    const reader = await watcher.listen(room, { as });
    const message = await edit(kim, room, said, "hello");
    const { edited_at: when, ...rest } = message;
    assert.deepEqual(rest, { ...said, content: "hello" });
    assert.ok(Date.parse(when) >= Date.parse(said.created_at));
    const fact = await reader.fact("edited");
    assert.deepEqual(fact.data, { message });
    assert.deepEqual((await watcher.history(room)).at(-1), message);
  });

  told(`S3-1 S3-8 of a message that is deleted everyone is told what is left, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const said = await kim.say(room, "wrong", { client_id: "c-1" });
    const reader = await watcher.listen(room, { as });
    await kim.ask("DELETE", path(room, said));
    const { message } = (await reader.fact("deleted")).data;
    const { deleted_at: when, ...rest } = message;
    assert.deepEqual(rest, { ...said, content: "" });
    assert.ok(Date.parse(when) >= Date.parse(said.created_at));
    assert.deepEqual((await watcher.history(room)).at(-1), message);
  });

  told(`S3-9 whoever comes from an earlier cursor hears no text of before, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const { cursor } = await watcher.list(room);
    const [one, two] = [await watcher.say(room, "secret-1"), await watcher.say(room, "secret-2")];
    await edit(watcher, room, one, "secret-3");
    await edit(watcher, room, one, "secret-4");
    const last = await edit(watcher, room, one, "public");
    await edit(watcher, room, two, "secret-5");
    await watcher.ask("DELETE", path(room, two));
    await watcher.say(room, "end");
    const reader = await watcher.listen(room, { as, cursor, conn: "late" });
    await reader.said("end");
    assert.ok(reader.facts.every(({ raw }) => !raw.includes("secret")));
    assert.deepEqual(reader.facts.map(({ kind, data }) => [kind, data.message.content]), [
      ["message", "public"], ["message", ""], ["edited", "public"], ["deleted", ""], ["message", "end"],
    ]);
    assert.deepEqual(reader.facts[2].data.message, last);
  });
}

told("S3-6 S3-7 who may change a message, and what changes nothing", async (s) => {
  const { owner, room, watcher, heard } = await s.watched();
  const kim = await s.member(room, "kim");
  const said = await kim.say(room, "kim's", { client_id: "once" });
  const change = async (who, method, message, body) => {
    const answer = await who.answer(method, path(room, message), body);
    return [answer.status, answer.body?.code];
  };
  const text = { content: "other" };
  for (const [method, body] of [["PATCH", text], ["DELETE", undefined]]) {
    assert.deepEqual(await change(watcher, method, said, body), [403, "forbidden"]);
    assert.deepEqual(await change(s.person({ token: owner.token.replace(/^./, "!") }), method, said, body), [401, "token_invalid"]);
    const stranger = s.person();
    await stranger.create();
    assert.deepEqual(await change(stranger, method, said, body), [403, "not_in_room"]);
  }
  assert.deepEqual(await change(owner, "PATCH", { id: 1 }, text), [403, "forbidden"], "a notice");
  assert.deepEqual(await change(owner, "PATCH", said, text), [403, "forbidden"], "another's words");
  await edit(kim, room, said, "better");
  await heard.fact("edited");
  for (let i = 0; i < 2; i++) assert.deepEqual(await change(owner, "DELETE", said), [204, undefined]);
  assert.deepEqual(await change(kim, "PATCH", said, text), [404, "not_found"]);
  const { status, body } = await kim.answer("POST", `/rooms/${room}/messages`, { content: "kim's", client_id: "once" });
  assert.deepEqual([status, body.message.content], [200, ""], "the same message, as it is now");
  await kim.say(room, "end");
  await heard.said("end");
  const kinds = heard.facts.map(({ kind }) => kind);
  assert.deepEqual(kinds.filter((kind) => kind === "edited" || kind === "deleted"), ["edited", "deleted"]);
});

sentence("A9 S3-1 after its time a message is the moderators' to delete, and their own to edit", async (s) => {
  await s.serve({ settings: { edit_ms: 0 } });
  const { owner, room, watcher } = await s.watched();
  await owner.join(room);
  const said = await watcher.say(room, "as it is");
  for (const [method, body] of [["PATCH", { content: "late" }], ["DELETE", undefined]])
    await until(async () => {
      const answer = await watcher.answer(method, path(room, said), body);
      return answer.status === 403 && answer.body.code === "too_late";
    }, `${method} is too late`);
  const own = await owner.say(room, "the owner's");
  assert.equal((await edit(owner, room, own, "in time")).content, "in time");
  await owner.ask("DELETE", path(room, said));
});

/* The names of files of the store that hold TEXT. */
async function holding(server, text) {
  const names = await readdir(server.data);
  const holds = await Promise.all(names.map(async (name) =>
    (await readFile(join(server.data, name)).catch(() => Buffer.alloc(0))).includes(text)));
  return names.filter((_, i) => holds[i]);
}

sentence("S3-9 what was erased is in no file of the store, however pages were split before", async (s) => {
  const server = await s.serve({ settings: { join_lease_ms: 100, room_grace_ms: 100 } });
  const { owner, room, watcher, heard } = await s.watched({ grace_ms: 0 });
  const away = await s.member(room, "away");
  await away.listen([]);
  await heard.fact("presence", ({ left }) => left?.[0].nickname === "away");
  const said = [];
  for (let i = 0; i < 60; i++) said.push(await watcher.say(room, `erase-me-${i} ${"x".repeat((i * 37) % 900)}`));
  assert.ok((await holding(server, "erase-me-")).length > 0);
  await owner.join(room);
  for (const [i, message] of said.entries())
    if (i % 3) await owner.ask("DELETE", path(room, message));
    else await edit(watcher, room, message, "another text");
  await until(async () => (await holding(server, "erase-me-")).length === 0, "nothing is left of it");
}, { needs: "embedded" });

for (const method of ["PATCH", "DELETE"])
  sentence(`S3-9 what ${method} takes from a message that nobody's queue was told of is in no file of the store`, async (s) => {
    const server = await s.serve();
    const { owner, room } = await s.room();
    await owner.join(room);
    const message = await owner.say(room, "erase-me");
    assert.ok((await holding(server, "erase-me")).length > 0);
    await owner.ask(method, path(room, message), ...(method === "PATCH" ? [{ content: "another text" }] : []));
    await until(async () => (await holding(server, "erase-me")).length === 0, "nothing is left of it");
  }, { needs: "embedded" });

told("S3-9 S5-1 a room that was deleted is nobody's any more, and another of its name knows nothing of it", async (s) => {
  const { owner, room, watcher } = await s.watched();
  await owner.join(room);
  const said = await watcher.say(room, "before");
  assert.equal((await owner.answer("DELETE", `/rooms/${room}`)).status, 204);
  for (const who of [owner, watcher])
    for (const at of ["", "/messages", "/chatters"]) {
      const { status, body } = await who.answer("GET", `/rooms/${room}${at}`);
      assert.deepEqual([status, body.code], [404, "not_found"]);
    }
  assert.equal((await owner.answer("DELETE", `/rooms/${room}`)).status, 404);
  assert.deepEqual((await watcher.ask("GET", "/me/rooms")).rooms, []);
  assert.equal((await owner.answer("POST", "/rooms", { id: room })).status, 201);
  const refused = await watcher.answer("POST", `/rooms/${room}/messages`, { content: "still here" });
  assert.deepEqual([refused.status, refused.body.code], [403, "not_in_room"]);
  await watcher.join(room, { nickname: "new" });
  assert.deepEqual((await watcher.history(room)).filter(({ content }) => content === said.content), []);
  assert.equal((await watcher.answer("GET", path(room, { id: said.id + 10 }))).status, 404);
});

sentence("S3-9 S5-1 of a room that was deleted, and of a person who was forgotten, no text is left in the store", async (s) => {
  const server = await s.serve({ settings: { join_lease_ms: 100, room_grace_ms: 100 } });
  const { owner, room, watcher, heard } = await s.watched({ grace_ms: 0 });
  const away = await s.member(room, "away");
  const own = await away.listen([]);
  await heard.fact("presence", ({ left }) => left?.[0].nickname === "away");
  const from = own.cursor;
  for (let i = 0; i < 5; i++) await watcher.say(room, `said-once-${i}`);
  await own.fact("unread", ({ unread }) => unread === 5);
  await watcher.ask("POST", `/rooms/${room}/chatters/${away.chatter(room)}/notifications`, { type: "wave", text: "waved-once" });
  await own.fact("notification");
  own.close();
  await owner.ask("DELETE", `/rooms/${room}`);
  const again = await away.listen([], { cursor: from });
  await again.fact("notification");
  assert.deepEqual(again.facts.map(({ kind }) => kind), ["notification"], "of the room's messages nothing is told again");
  await until(async () => (await holding(server, "said-once-")).length === 0, "nothing is left of the room");
  await away.ask("DELETE", "/me");
  await until(async () => (await holding(server, "waved-once")).length === 0, "nothing is left of the queue");
}, { needs: "embedded" });
