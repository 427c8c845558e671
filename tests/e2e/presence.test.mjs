// parts: e2e san race form system
import assert from "node:assert/strict";
import { READERS } from "./lib/reader.mjs";
import { onServer } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 300, reap_ms: 50, poll_margin_ms: 300 } });

async function refused(promise, status, code) {
  const answer = await promise;
  assert.deepEqual([answer.status, answer.body?.code], [status, code], answer.text);
  return answer;
}

const joining = (who, room, fields = {}) => who.answer("POST", `/rooms/${room}/chatters`, fields);

for (const as of Object.keys(READERS))
  told(`S4-1 S4-9 who is there by ${as} is in the list, in the room's count, and told so`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 100 });
    const kim = await s.member(room, "kim");
    await kim.listen(room, { as });
    const { chatters, count, has_more: more } = await watcher.list(room);
    assert.deepEqual(chatters, [watcher.seats.get(room), kim.seats.get(room)]);
    assert.deepEqual([count, more], [2, false]);
    const { chatter } = await watcher.ask("GET", `/rooms/${room}/chatters/${kim.chatter(room)}`);
    assert.deepEqual(chatter, { ...kim.seats.get(room), online: true });
    assert.equal((await watcher.ask("GET", `/rooms/${room}`)).room.online, 2);
    kim.close();
    await heard.fact("presence", ({ left }) => left);
    const path = `/rooms/${room}/chatters/${kim.chatter(room)}`;
    assert.equal((await watcher.ask("GET", path)).chatter.online, false);
    assert.equal((await watcher.ask("GET", `/rooms/${room}`)).room.online, 1);
  });

told("S4-1 a stream or a poll makes who was offline present again, and that is told", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 100 });
  const kim = await s.member(room, "kim");
  for (const as of Object.keys(READERS)) {
    const reader = await kim.listen(room, { as });
    await until(async () => (await watcher.list(room)).count === 2, "kim is listed");
    reader.close();
    await until(async () => (await watcher.list(room)).count === 1, "kim is not");
  }
  await watcher.say(room, "end");
  await heard.said("end");
  const changes = heard.facts.filter(({ kind }) => kind === "presence");
  assert.equal(changes.length, 2 * Object.keys(READERS).length);
});

told("S4-2 a full room refuses the next with 409 room_full, connections do not count", async (s) => {
  const { room, watcher } = await s.watched({ capacity: 2 });
  const kim = await s.member(room, "kim");
  for (let i = 0; i < 4; i++) await kim.listen(room);
  const third = s.person();
  await refused(joining(third, room), 409, "room_full");
  assert.equal(third.token, null);
  assert.equal((await joining(kim, room)).status, 200, "who is in may join again");
  await kim.leave(room);
  assert.equal((await joining(third, room)).status, 201, "a seat is free");
  assert.deepEqual((await watcher.list(room)).count, 2);
});

told("S4-2 a member who comes back to a room that is full by now is refused on every transport", async (s) => {
  const { room } = await s.watched({ capacity: 2, grace_ms: 50 });
  const kim = await s.member(room, "kim");
  (await kim.listen(room)).close();
  const lee = s.person();
  await until(async () => (await joining(lee, room)).status === 201, "lee has the seat");
  await lee.listen(room);
  for (const as of Object.keys(READERS))
    await assert.rejects(kim.listen(room, { as }), (error) => error.code === "room_full");
});

told("S4-3 of thirty who race for the last seat one gets it", async (s) => {
  const { room, watcher } = await s.watched({ capacity: 2 });
  const answers = await Promise.all(Array.from({ length: 30 }, () => joining(s.person(), room)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...Array(29).fill(409)]);
  assert.equal((await watcher.list(room)).count, 2);
});

for (const as of Object.keys(READERS))
  told(`S4-4 who is within D may come back to a full room over ${as}; the owner may enter one`, async (s) => {
    const { owner, room } = await s.watched({ capacity: 2, grace_ms: 20_000 });
    const kim = await s.member(room, "kim");
    (await kim.listen(room, { as })).close();
    await refused(joining(s.person(), room), 409, "room_full");
    assert.equal((await joining(kim, room)).status, 200);
    await kim.listen(room, { as });
    const { status, body } = await joining(owner, room, { nickname: "boss" });
    assert.equal(status, 201);
    assert.equal(body.chatter.role, "owner");
    assert.equal(body.room.online, 3);
    await owner.listen(room, { as });
    await refused(joining(s.person(), room), 409, "room_full");
  });

for (const as of Object.keys(READERS))
  told(`S4-5 S4-6 joining, renaming and leaving are each told to everybody over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched();
    const readers = [heard, await watcher.listen(room, { as })];
    const kim = await s.member(room, "kim");
    const first = kim.seats.get(room);
    await kim.rename(room, "lee");
    const second = kim.seats.get(room);
    assert.deepEqual(second, { ...first, nickname: "lee" });
    assert.deepEqual(await watcher.names(room), ["watcher", "lee"], "no rejoin is needed");
    await kim.leave(room);
    await watcher.say(room, "end");
    for (const reader of readers) {
      await reader.said("end");
      assert.deepEqual(
        reader.facts.filter(({ kind }) => kind === "presence").map(({ data }) => data),
        [
          { room, joined: [first], count: 2 },
          { room, renamed: [{ ...second, was: "kim" }], count: 2 },
          { room, left: [{ ...second, reason: "left" }], count: 1 },
        ],
      );
    }
  });

for (const as of Object.keys(READERS))
  told(`S4-5 S4-8 the full list can be had, and asked to be sent again over ${as}`, async (s) => {
    const { room, watcher } = await s.watched();
    const heard = await watcher.listen(room, { as });
    const kim = await s.member(room, "kim");
    const { status, body } = await kim.answer("POST", `/rooms/${room}/chatters/announce`);
    assert.deepEqual([status, body], [202, {}]);
    const { data } = await heard.fact("chatters");
    const chatters = [watcher.seats.get(room), kim.seats.get(room)];
    assert.deepEqual(data, { room, chatters, count: 2 });
  });

told("S4-5 a room that nobody is in has an empty list", async (s) => {
  const { owner, room } = await s.room({ grace_ms: 0 });
  await owner.join(room);
  const reader = await owner.listen(room);
  reader.close();
  const { chatters, count } = await until(async () => {
    const list = await owner.list(room);
    return list.count === 0 && list;
  }, "nobody is there");
  assert.deepEqual([chatters, count], [[], 0]);
});

told("S4-5 a long list is paged in the order of first joins", async (s) => {
  const { room, watcher } = await s.watched();
  const people = [watcher];
  for (let i = 0; i < 8; i++) people.push(await s.member(room, `n${i}`));
  const seen = [];
  let page;
  do {
    const after = seen.length ? `&after=${seen.at(-1)}` : "";
    page = await watcher.ask("GET", `/rooms/${room}/chatters?limit=2${after}`);
    assert.equal(page.count, 9);
    seen.push(...page.chatters.map(({ id }) => id));
  } while (page.has_more);
  assert.deepEqual(seen, people.map((person) => person.chatter(room)));
});

told("S4-6 a nickname change that fails is told to nobody", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const kim = await s.member(room, "kim");
  const from = (await heard.fact("alert")).seq;
  const path = `/rooms/${room}/chatters/${kim.chatter(room)}`;
  await refused(kim.answer("PATCH", path, { nickname: "WATCHER" }), 409, "nickname_taken");
  await refused(kim.answer("PATCH", path, { nickname: "" }), 422, "invalid_fields");
  await refused(watcher.answer("PATCH", path, { nickname: "mine" }), 403, "forbidden");
  await watcher.say(room, "end");
  await heard.said("end");
  assert.deepEqual(heard.facts.filter(({ seq }) => seq > from).map(({ kind }) => kind), ["message"]);
  assert.deepEqual(await watcher.names(room), ["watcher", "kim"]);
});

/* Names that look the same: while the first is present the others are taken. */
const LOOK_ALIKES = {
  case: ["Kim", "kim", "KIM", "kIm"],
  width: ["Kim", "Ｋｉｍ", "Kiｍ"],
  composition: ["José", "Jose\u0301", "JOSÉ"],
  scripts: ["paypal", "раураl", "pаypal"],
  digits: ["lol", "1o1", "l0l", "IoI"],
  hangul: ["한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"],
};

for (const [what, [taken, ...others]] of Object.entries(LOOK_ALIKES))
  told(`S4-7 of those present no two look the same: ${what}`, async (s) => {
    const { room } = await s.watched();
    await s.member(room, taken);
    const lee = await s.member(room, "lee");
    const path = `/rooms/${room}/chatters/${lee.chatter(room)}`;
    for (const nickname of others) {
      await refused(joining(s.person(), room, { nickname }), 409, "nickname_taken");
      await refused(lee.answer("PATCH", path, { nickname }), 409, "nickname_taken");
    }
    await s.member(room, "Somebody Else");
  });

const NO_NICKNAMES = {
  empty: "", "too long": "x".repeat(33), "too many bytes": "👩".repeat(33), "only spaces": " \u3000",
  newline: "k\nim", tab: "k\tim", escape: "k\u001bim",
  "zero width": "k\u200bim", joiner: "k\u200dim", "byte order": "\ufeffkim", bidi: "k\u202eim",
  isolate: "k\u2066im", "soft hyphen": "k\u00adim", unassigned: "k\u0378im", private: "k\ue000im",
  noncharacter: "k\uffffim", tag: "k\u{e0041}im", "line separator": "k\u2028im", filler: "\u3164",
};

told("S4-7 invisible and unprintable nicknames are refused", async (s) => {
  const { room, watcher } = await s.watched();
  const path = `/rooms/${room}/chatters/${watcher.chatter(room)}`;
  for (const [what, nickname] of Object.entries(NO_NICKNAMES)) {
    const { body } = await refused(joining(s.person(), room, { nickname }), 422, "invalid_fields");
    assert.ok(body.fields.nickname, what);
    await refused(watcher.answer("PATCH", path, { nickname }), 422, "invalid_fields");
  }
  for (const nickname of [7, null, true, {}, []])
    await refused(joining(s.person(), room, { nickname }), 422, "invalid_fields");
  assert.deepEqual(await watcher.names(room), ["watcher"]);
});

told("S4-7 names of all kinds are taken as they are, composed", async (s) => {
  const { room } = await s.watched();
  for (const nickname of ["O'Neil-3", "Ωmega", "김철수", "田中 太郎", "محمد", "🦊", "x".repeat(32), "a.b_c"]) {
    const { chatter } = await s.person().join(room, { nickname });
    assert.equal(chatter.nickname, nickname);
  }
  const { chatter } = await s.person().join(room, { nickname: "Zoe\u0308" });
  assert.equal(chatter.nickname, "Zo\u00eb");
});

told("S4-7 the name of who has gone may be taken; who returns to it gets a number behind it", async (s) => {
  const { room, heard } = await s.watched({ grace_ms: 50 });
  const kim = await s.member(room, "kim");
  (await kim.listen(room)).close();
  await heard.fact("presence", ({ left }) => left);
  await s.member(room, "Kim");
  const { chatter } = await kim.join(room);
  assert.match(chatter.nickname, /^kim ?\(?\d+\)?$/);
});
