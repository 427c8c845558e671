// parts: e2e san race form system front
import assert from "node:assert/strict";
import { READERS } from "./lib/reader.mjs";
import { onServer } from "./lib/scene.mjs";

const told = onServer({ settings: { hb_ms: 300 } });

told("S2-1 a join without an identity makes a chatter with a readable name, and a token", async (s) => {
  const { room } = await s.room();
  const names = new Set();
  for (let i = 0; i < 5; i++) {
    const visitor = s.person();
    const { status, body } = await visitor.answer("POST", `/rooms/${room}/chatters`, {});
    assert.equal(status, 201);
    assert.match(body.chatter.id, /^[a-z2-7]{16}$/);
    assert.match(body.chatter.nickname, /^\p{L}[\p{L}\p{N} -]{2,31}$/u);
    assert.equal(body.chatter.role, "member");
    assert.match(body.token, /^[A-Za-z0-9_-]{43}$/);
    names.add(body.chatter.nickname);
  }
  assert.equal(names.size, 5, "no two are called the same");
});

told("S2-1 the generated name is in the language that the visitor likes better", async (s) => {
  const { room } = await s.room();
  for (const [language, looks] of [
    ["ko-KR,ko;q=0.9,en;q=0.8", /^[가-힣]+ [가-힣]+ \d+$/], ["ko,en", /^[가-힣]/], ["en,ko;q=0.5", /^[A-Z][a-z]+ [A-Z][a-z]+ \d+$/],
    ["fr;q=0.3, ko;q=0.2", /^[가-힣]/], ["fr", /^[A-Z]/],
  ]) {
    const options = { headers: { "Accept-Language": language } };
    const { body } = await s.person().answer("POST", `/rooms/${room}/chatters`, {}, options);
    assert.match(body.chatter.nickname, looks, language);
  }
});

told("S2-1 a join needs no body, but then a token, so that no form can do it", async (s) => {
  const { room } = await s.room();
  const { status, body } = await s.person().answer("POST", `/rooms/${room}/chatters`);
  assert.equal(status, 415);
  assert.equal(body.code, "unsupported_media_type");
  const { owner, room: other } = await s.room();
  assert.equal((await owner.answer("POST", `/rooms/${other}/chatters`)).status, 201);
});

told("S2-2 a join with one's own token gives the same chatter back", async (s) => {
  const { room } = await s.room();
  const kim = s.person();
  const first = await kim.join(room, { nickname: "kim" });
  const { status, body } = await kim.answer("POST", `/rooms/${room}/chatters`, {});
  assert.equal(status, 200);
  assert.deepEqual(body.chatter, first.chatter);
  assert.equal(body.token, undefined, "no second token");
  assert.deepEqual(await kim.names(room), ["kim"]);
});

told("S2-2 the same person in two rooms is two chatters that nobody can connect", async (s) => {
  const { owner, room } = await s.room();
  const other = await owner.create();
  const kim = await s.member(room, "kim");
  await kim.join(other, { nickname: "kim" });
  assert.notEqual(kim.chatter(room), kim.chatter(other));
});

told("S2-3 a chatter's id alone proves nothing", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const kim = await s.member(room, "kim");
  const thief = s.person();
  const stolen = kim.chatter(room);
  const fields = { id: stolen, chatter: stolen, nickname: "thief" };
  for (const name of ["id", "chatter"]) {
    const body = { [name]: fields[name] };
    const answer = await thief.answer("POST", `/rooms/${room}/chatters`, body);
    assert.deepEqual([answer.status, answer.body.code], [422, "invalid_fields"]);
  }
  thief.token = stolen;
  const { status, body } = await thief.answer("GET", `/rooms/${room}/chatters/${stolen}`);
  assert.deepEqual([status, body.code], [401, "token_invalid"]);
  await thief.answer("DELETE", `/rooms/${room}/chatters/${stolen}`);
  await watcher.say(room, "end");
  await heard.said("end");
  assert.deepEqual(await watcher.names(room), ["watcher", "kim"]);
});

told("S2-4 a message is from the holder of the token, whoever the body names", async (s) => {
  const { room, watcher } = await s.watched();
  const kim = await s.member(room, "kim");
  for (const name of ["chatter", "nickname", "user", "id"]) {
    const body = { content: "forged", [name]: watcher.chatter(room) };
    const answer = await kim.answer("POST", `/rooms/${room}/messages`, body);
    assert.deepEqual([answer.status, answer.body.code], [422, "invalid_fields"]);
    assert.ok(answer.body.fields[name]);
  }
  const message = await kim.say(room, "mine");
  assert.deepEqual(message.chatter, { id: kim.chatter(room), nickname: "kim" });
});

for (const as of Object.keys(READERS))
  told(`S2-5 a join in the midst of a conversation and ${as} from its cursor have no gap and no repeat`, async (s) => {
    const { owner, room } = await s.room();
    await owner.join(room, { nickname: "boss" });
    const talk = async (from) => {
      for (let i = from; i < from + 40; i++) await owner.say(room, `n${i}`);
    };
    await talk(0);
    const talking = talk(40);
    const kim = s.person();
    const picture = await kim.join(room, { nickname: "kim" });
    const reader = await kim.listen(room, { as, cursor: picture.cursor });
    await talking;
    await reader.said("n79");
    const numbers = [...picture.messages, ...reader.feed].map(({ id }) => id);
    const [first] = numbers;
    assert.deepEqual(numbers, numbers.map((_, i) => first + i));
    assert.ok(picture.messages.length <= 50);
    assert.equal(numbers.at(-1), (await kim.history(room)).at(-1).id);
  });

told("S2-5 the picture of a join holds chatter, room, who is online and the newest messages", async (s) => {
  const { room, watcher } = await s.watched({ title: "Picture" });
  for (let i = 0; i < 60; i++) await watcher.say(room, `n${i}`);
  const kim = s.person();
  const picture = await kim.join(room, { nickname: "kim" });
  assert.deepEqual(
    Object.keys(picture).sort(),
    ["chatter", "chatters", "cursor", "messages", "room", "token"],
  );
  assert.deepEqual(picture.chatters.map(({ nickname }) => nickname), ["watcher", "kim"]);
  assert.equal(picture.room.online, 2);
  assert.equal(picture.room.title, "Picture");
  assert.deepEqual(picture.messages, (await kim.history(room)).slice(-50));
  assert.equal(picture.messages.at(-1).notice.kind, "joined", "the own notice is in it");
});

for (const as of Object.keys(READERS))
  told(`S2-6 a first join gives the new online list and one join notice, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const heard = await watcher.listen(room, { as });
    const kim = await s.member(room, "kim");
    await watcher.say(room, "end");
    await heard.said("end");
    const [presence, alert] = heard.facts;
    const chatter = kim.seats.get(room);
    assert.deepEqual(heard.facts.map(({ kind }) => kind), ["presence", "alert", "message"]);
    assert.deepEqual(presence.data, { room, joined: [chatter], count: 2 });
    const { message } = alert.data;
    assert.equal(message.content, "kim joined");
    assert.equal(message.type, "alert");
    assert.equal(message.chatter, null);
    assert.deepEqual(message.notice, {
      kind: "joined", reason: null, chatter: { id: chatter.id, nickname: "kim" },
    });
    assert.deepEqual((await watcher.history(room)).at(-2), message);
  });
