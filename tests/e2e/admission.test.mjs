// parts: e2e san more
/*
 * Passwords, roles, removals and bans; and requests that are repeated because
 * their answer got lost.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "./lib/client.mjs";
import { whileLocked } from "./lib/fleet.mjs";
import { READERS, STREAMS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until, within } from "./lib/wait.mjs";

const MAINTENANCE_MS = 1000; /* requests look after the store so often */

const told = onServer({ settings: { hb_ms: 300, busy_ms: 60_000 } });

const TRANSPORTS = Object.keys(READERS);

function joining(who, room, body = {}, options = {}) {
  return who.answer("POST", `/rooms/${room}/chatters`, body, options);
}

async function refused(asked, status, code) {
  const answer = await asked;
  assert.deepEqual([answer.status, answer.body?.code], [status, code], answer.text);
  return answer;
}

const seat = (room, who) => `/rooms/${room}/chatters/${who.chatter(room)}`;

function appoint(owner, room, who, role) {
  return owner.answer("PATCH", seat(room, who), { role });
}

told("a room with a password lets nobody in who does not know it, and leaves no trace of them", async (s) => {
  const { owner, room } = await s.room({ password: "열려라 참깨" });
  assert.equal((await owner.ask("GET", `/rooms/${room}`)).room.has_password, true);
  const { chatter } = await owner.join(room, { nickname: "boss" });
  assert.equal(chatter.role, "owner", "the owner needs none");
  const heard = await owner.listen(room);
  const thief = s.person();
  await refused(joining(thief, room), 403, "password_required");
  for (const password of ["열려라", "열려라 참깨 ", "x"])
    await refused(joining(thief, room, { password }), 403, "password_wrong");
  assert.equal(thief.token, null);
  const kim = s.person();
  await kim.join(room, { nickname: "kim", password: "열려라 참깨".normalize("NFD") });
  await kim.say(room, "end");
  await heard.said("end");
  const joined = heard.facts.flatMap(({ data }) => data.joined ?? []);
  assert.deepEqual(joined.map(({ nickname }) => nickname), ["kim"]);
  assert.ok(heard.facts.every(({ raw }) => !/argon2|참깨/.test(raw)));
});

told("who has a seat needs no password to come back; who has left needs it again", async (s) => {
  const { owner, room } = await s.room({});
  const kim = await s.member(room, "kim");
  const lee = await s.member(room, "lee");
  await owner.join(room);
  await owner.ask("PATCH", `/rooms/${room}`, { password: "sesame" });
  assert.equal((await joining(kim, room)).status, 200);
  await kim.leave(room);
  await refused(joining(kim, room), 403, "password_required");
  assert.equal((await joining(kim, room, { password: "sesame" })).status, 200);
  assert.equal((await appoint(owner, room, lee, "moderator")).status, 200);
  await lee.leave(room);
  assert.equal((await joining(lee, room)).body.chatter.role, "moderator", "a moderator needs none");
});

told("a password is changed and taken away by the owner alone", async (s) => {
  const { owner, room, watcher, heard } = await s.watched({ password: null });
  const change = (who, password) => who.answer("PATCH", `/rooms/${room}`, { password });
  await refused(change(watcher, "mine"), 403, "forbidden");
  for (const password of ["first", "second"])
    assert.equal((await change(owner, password)).body.room.has_password, true);
  await refused(joining(s.person(), room, { password: "first" }), 403, "password_wrong");
  assert.equal((await joining(s.person(), room, { password: "second" })).status, 201);
  assert.equal((await owner.ask("PATCH", `/rooms/${room}`, { title: "Same" })).room.has_password, true);
  assert.equal((await change(owner, null)).body.room.has_password, false);
  assert.equal((await joining(s.person(), room)).status, 201);
  await heard.fact("room", ({ room: now }) => !now.has_password && now.title === "Same");
});

told("notices and slow mode are set, told and kept", async (s) => {
  const { owner, room, heard } = await s.watched({ notices: "quiet", slow_ms: 1500 });
  const read = async () => (await owner.ask("GET", `/rooms/${room}`)).room;
  const first = await read();
  assert.deepEqual([first.notices, first.slow_ms], ["quiet", 1500]);
  const { room: now } = await owner.ask("PATCH", `/rooms/${room}`, { notices: "off" });
  assert.deepEqual([now.notices, now.slow_ms], ["off", 1500]);
  assert.deepEqual(await read(), now);
  const { data } = await heard.fact("room");
  assert.deepEqual(data, { room: now });
});

for (const as of TRANSPORTS)
  told(`S4-5 a new role is told to everybody over ${as}, and shown in every list`, async (s) => {
    const { owner, room, watcher } = await s.watched();
    const heard = await watcher.listen(room, { as });
    const kim = await s.member(room, "kim");
    const chatter = { ...kim.seats.get(room), role: "moderator" };
    const { status, body } = await appoint(owner, room, kim, "moderator");
    assert.deepEqual([status, body], [200, { chatter }]);
    await appoint(owner, room, kim, "moderator");
    await watcher.say(room, "end");
    await heard.said("end");
    const changes = heard.facts.filter(({ data }) => data.changed);
    assert.deepEqual(changes.map(({ data }) => data), [{ room, changed: [chatter], count: 2 }]);
    assert.deepEqual((await watcher.list(room)).chatters.at(-1), chatter);
  });

told("roles are given by the owner alone, never the owner's, and one may not rename others", async (s) => {
  const { owner, room, watcher } = await s.watched();
  const kim = await s.member(room, "kim");
  await owner.join(room, { nickname: "boss" });
  await refused(appoint(watcher, room, watcher, "moderator"), 403, "forbidden");
  await refused(appoint(watcher, room, kim, "moderator"), 403, "forbidden");
  await refused(appoint(owner, room, owner, "member"), 403, "forbidden");
  await refused(owner.answer("PATCH", seat(room, kim), { nickname: "fool" }), 403, "forbidden");
  await refused(owner.answer("PATCH", seat(room, kim), { nickname: "fool", role: "moderator" }), 403, "forbidden");
  await appoint(owner, room, kim, "moderator");
  await refused(appoint(kim, room, watcher, "moderator"), 403, "forbidden");
  await refused(kim.answer("PATCH", `/rooms/${room}`, { title: "Mine" }), 403, "forbidden");
  const roles = (await watcher.list(room)).chatters.map(({ nickname, role }) => `${nickname} ${role}`);
  assert.deepEqual(roles, ["watcher member", "kim moderator", "boss owner"]);
});

told("a moderator removes members, the owner moderators too, nobody the owner; who was one comes back without it", async (s) => {
  const { owner, room, watcher } = await s.watched();
  await owner.join(room, { nickname: "boss" });
  const [kim, lee, jo] = [await s.member(room, "kim"), await s.member(room, "lee"), await s.member(room, "jo")];
  const remove = (who, whom) => who.answer("DELETE", seat(room, whom));
  await refused(remove(jo, kim), 403, "forbidden");
  for (const who of [kim, lee]) await appoint(owner, room, who, "moderator");
  await refused(remove(kim, lee), 403, "forbidden");
  await refused(remove(kim, owner), 403, "forbidden");
  assert.equal((await remove(kim, jo)).status, 204);
  await refused(jo.answer("POST", `/rooms/${room}/messages`, { content: "x" }), 403, "not_in_room");
  assert.equal((await remove(owner, lee)).status, 204);
  assert.equal((await joining(lee, room)).body.chatter.role, "member");
  await appoint(owner, room, kim, "member");
  await refused(remove(kim, watcher), 403, "forbidden");
});

told("an owner who is in the room no more moderates it all the same", async (s) => {
  const { owner, room, watcher } = await s.watched();
  const kim = await s.member(room, "kim");
  assert.equal((await appoint(owner, room, kim, "moderator")).status, 200);
  assert.equal((await owner.answer("DELETE", seat(room, kim))).status, 204);
  assert.deepEqual(await watcher.names(room), ["watcher"]);
  await refused(owner.answer("DELETE", seat(room, kim)), 404, "not_found");
});

for (const as of TRANSPORTS)
  told(`who is banned is out at once over ${as}, and every door is shut until the ban is lifted`, async (s) => {
    const { owner, room, heard } = await s.watched();
    const other = await owner.create();
    const kim = await s.member(room, "kim");
    await kim.join(other);
    const ears = await kim.listen(room, { as });
    await kim.say(room, "before");
    await ears.said("before");
    assert.equal((await owner.answer("DELETE", `${seat(room, kim)}?ban_seconds=0`)).status, 204);
    if (STREAMS.includes(as)) {
      await ears.control("bye", ({ reason }) => reason === "removed");
      await ears.end();
    } else {
      await until(() => ears.broken?.code === "banned", "the next poll is refused");
    }
    await heard.fact("presence", ({ left = [] }) => left.some(({ reason }) => reason === "removed"));
    await refused(joining(kim, room), 403, "banned");
    await refused(joining(kim, room, { nickname: "other" }), 403, "banned");
    await refused(kim.answer("POST", `/rooms/${room}/messages`, { content: "x" }), 403, "banned");
    await refused(kim.answer("GET", `/rooms/${room}/messages`), 403, "banned");
    await refused(kim.answer("PATCH", seat(room, kim), { nickname: "x" }), 403, "banned");
    await assert.rejects(kim.listen(room, { as }), ({ status, code }) => status === 403 && code === "banned");
    await kim.say(other, "elsewhere");
    assert.equal((await owner.answer("DELETE", `/rooms/${room}/bans/${kim.chatter(room)}`)).status, 204);
    assert.equal((await joining(kim, room)).status, 200);
    await kim.listen(room, { as });
  });

told("bans are listed for moderators, end by themselves, and are only for whom one may remove", async (s) => {
  const { owner, room, watcher } = await s.watched();
  const [kim, lee] = [await s.member(room, "kim"), await s.member(room, "lee")];
  await owner.join(room, { nickname: "boss" });
  await appoint(owner, room, watcher, "moderator");
  const ban = (who, whom, seconds) => who.answer("DELETE", `${seat(room, whom)}?ban_seconds=${seconds}`);
  for (const [who, whom] of [[kim, lee], [kim, kim], [watcher, watcher], [watcher, owner]])
    await refused(ban(who, whom, 0), 403, "forbidden");
  for (const seconds of ["-1", "x", "315360001"])
    await refused(ban(watcher, kim, seconds), 400, "malformed_request");
  await lee.leave(room);
  assert.equal((await ban(watcher, lee, 0)).status, 204, "also who has left");
  assert.equal((await ban(watcher, kim, 1)).status, 204);
  await refused(kim.answer("GET", `/rooms/${room}/bans`), 403, "forbidden");
  const list = async () => (await watcher.ask("GET", `/rooms/${room}/bans`)).bans;
  const entry = (who, nickname) => ({ chatter: { id: who.chatter(room), nickname }, until: null });
  await until(async () => (await joining(kim, room)).status === 200, "the ban of a second is over");
  assert.deepEqual(await list(), [entry(lee, "lee")]);
  await refused(joining(lee, room), 403, "banned");
  assert.equal((await ban(watcher, kim, 3600)).status, 204);
  const [first, second] = await list();
  assert.ok(Date.parse(first.until) > Date.now() + 3_500_000);
  assert.deepEqual(second, entry(lee, "lee"));
  const page = await watcher.ask("GET", `/rooms/${room}/bans?limit=1`);
  assert.deepEqual([page.bans, page.has_more], [[first], true]);
  const rest = await watcher.ask("GET", `/rooms/${room}/bans?after=${first.chatter.id}`);
  assert.deepEqual([rest.bans, rest.has_more], [[second], false]);
  await refused(watcher.answer("DELETE", `/rooms/${room}/bans/${owner.chatter(room)}`), 404, "not_found");
});

/* The answers to ASKED, which are sent one after another and wait for the store together. */
async function together(s, asked) {
  const answers = [];
  await whileLocked(s.server, async () => {
    for (const ask of asked) {
      answers.push(ask());
      for (let looks = 0; looks < 5; looks++) await s.person().ask("GET", "/rooms");
    }
  });
  return Promise.all(answers);
}

told("who loses a right while a request waits for the store does not use it any more", async (s) => {
  const { owner, room, watcher } = await s.watched();
  const [kim, lee] = [await s.member(room, "kim"), await s.member(room, "lee")];
  await appoint(owner, room, kim, "moderator");
  const heard = await watcher.listen(room);
  const [demoted, removed] = await together(s, [
    () => appoint(owner, room, kim, "member"),
    () => kim.answer("DELETE", `${seat(room, lee)}?ban_seconds=0`),
  ]);
  assert.equal(demoted.status, 200);
  const changed = ({ changed: [who] = [] }) => who?.role === "member";
  await heard.fact("presence", changed);
  const [end, removal] = [changed, ({ left = [] }) => left.length > 0].map((is) => heard.facts.findIndex(({ data }) => is(data)));
  assert.ok(removed.status === 403 ? removal < 0 : removal < end, `${removed.status}, told as ${removal} and ${end}`);
});

told("who is forgotten while a join waits for the store does not come in any more", async (s) => {
  const { owner, room } = await s.room();
  const kim = s.person();
  await kim.create();
  const [forgotten, joined] = await together(s, [() => kim.answer("DELETE", "/me"), () => joining(kim, room)]);
  assert.equal(forgotten.status, 204);
  const { room: { online } } = await owner.ask("GET", `/rooms/${room}`);
  assert.deepEqual([online, joined.status === 401], [0, joined.status !== 201]);
});

for (const [what, method, path, body] of [
  ["a read marker", "POST", "/me/notifications/read_all", {}],
  ["a goodbye", "DELETE", "/me/connections/tab"],
  ["a poll", "GET", "/events?wait=0&conn=tab"],
])
  told(`A9 S1-8 who is forgotten while ${what} waits for the store is nobody by then`, async (s) => {
    /* The store may take the two in the other order, which proves nothing. */
    await until(async () => {
      const kim = s.person();
      await kim.create();
      const [forgotten, other] = await together(s, [() => kim.answer("DELETE", "/me"), () => kim.answer(method, path, body)]);
      assert.equal(forgotten.status, 204);
      return other.status === 401 && other.body.code === "token_invalid";
    }, "it is refused", 30_000);
  });

sentence("A7 a read does not wait behind a write that waits for another program's lock, though maintenance is due", async (s) => {
  await s.serve({ settings: { busy_ms: 60_000, join_lease_ms: MAINTENANCE_MS / 2 } });
  const { owner, room } = await s.room({ grace_ms: 0 });
  let written;
  await s.member(room, "kim"); /* whose seat is soon to be taken away */
  await whileLocked(s.server, async () => {
    written = owner.answer("PATCH", `/rooms/${room}`, { title: "Later" });
    const begun = performance.now();
    while (performance.now() - begun < MAINTENANCE_MS * 1.5) await within(s.person().ask("GET", "/rooms"), "it is answered", 20_000);
  });
  assert.equal((await written).status, 200);
});

const keyed = (key) => ({ headers: { "Idempotency-Key": key } });

told("A6 a room is made once by the same Idempotency-Key, and its maker gets the same token again", async (s) => {
  const key = newId() + newId();
  const body = { title: "Once" };
  const first = await s.person().answer("POST", "/rooms", body, keyed(key));
  assert.equal(first.status, 201);
  const again = s.person();
  const second = await again.answer("POST", "/rooms", body, keyed(key));
  assert.equal(second.status, 200);
  assert.deepEqual(second.body.room, first.body.room);
  assert.match(first.headers.get("location"), new RegExp(`/rooms/${first.body.room.id}$`));
  assert.equal(second.body.token, first.body.token);
  await again.ask("PATCH", `/rooms/${first.body.room.id}`, { title: "Mine" });
  await refused(s.person().answer("POST", "/rooms", { title: "Other" }, keyed(key)), 422, "idempotency_key_reused");
  await refused(s.person().answer("POST", "/rooms", body, keyed("short")), 422, "invalid_fields");
  await refused(s.person().answer("POST", "/rooms", body, keyed("x".repeat(65))), 422, "invalid_fields");
  const other = await again.answer("POST", "/rooms", body, keyed(key));
  assert.equal(other.status, 201, "another caller's key is another");
  const mine = await again.answer("POST", "/rooms", body, keyed("short"));
  const same = await again.answer("POST", "/rooms", body, keyed("short"));
  assert.deepEqual([mine.status, same.status, same.body], [201, 200, { room: mine.body.room }]);
});

told("A6 S2-2 a join whose answer was lost is repeated: the same chatter and token, nothing told twice", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const key = newId() + newId();
  const people = Array.from({ length: 6 }, () => s.person());
  const answers = await Promise.all(people.map((who) => joining(who, room, { nickname: "kim" }, keyed(key))));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 201]);
  assert.equal(new Set(answers.map(({ body }) => body.chatter.id)).size, 1);
  assert.equal(new Set(people.map(({ token }) => token)).size, 1);
  for (const who of people) {
    who.seats.set(room, answers[0].body.chatter);
    assert.deepEqual(await who.names(room), ["watcher", "kim"]);
  }
  await people[0].rename(room, "lee");
  await joining(s.person(), room, { nickname: "kim" }, keyed(key));
  await people[1].say(room, "end");
  await heard.said("end");
  assert.equal(heard.facts.filter(({ data }) => data.joined).length, 1);
  assert.deepEqual(await watcher.names(room), ["watcher", "lee"], "a repeat changes nothing");
  await refused(joining(s.person(), room, { nickname: "jo" }, keyed(key)), 422, "idempotency_key_reused");
  await refused(joining(s.person(), room, {}, keyed("short")), 422, "invalid_fields");
  await people[0].leave(room);
  await refused(joining(s.person(), room, { nickname: "kim" }, keyed(key)), 403, "not_in_room");
});

told("S4-2 a join that was refused is not remembered by its Idempotency-Key", async (s) => {
  const { owner, room } = await s.watched({ capacity: 1 });
  const kim = s.person();
  const key = newId() + newId();
  await refused(joining(kim, room, {}, keyed(key)), 409, "room_full");
  await owner.ask("PATCH", `/rooms/${room}`, { capacity: 2 });
  assert.equal((await joining(kim, room, {}, keyed(key))).status, 201);
});

told("the operator makes a room with a password from a file, notices and slow mode", async (s) => {
  const file = join(s.server.dir, "password");
  const make = async (slug, password, ...options) => {
    await writeFile(file, password);
    return s.server.program("parlor", ["room", "create", slug, "--password-file", file, ...options]);
  };
  await (await make("vault", "sesame\n", "--notices", "quiet", "--slow-ms", "1500")).done(0);
  const kim = s.person();
  const { room } = await kim.join("vault", { password: "sesame" });
  assert.deepEqual([room.has_password, room.notices, room.slow_ms], [true, "quiet", 1500]);
  await refused(joining(s.person(), "vault"), 403, "password_required");
  for (const [password, ...options] of [["\n"], ["x".repeat(129)], ["x", "--notices", "some"], ["x", "--slow-ms", "3600001"]]) {
    const program = await make("other", password, ...options);
    await program.done(2);
    assert.match(program.stderr, /room cannot be created/);
  }
  await refused(kim.answer("GET", "/rooms/other"), 404, "not_found");
}, { needs: "embedded" });
