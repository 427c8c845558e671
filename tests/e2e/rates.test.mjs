// parts: e2e san
/* Rate limits: for whom, for how long, and that they cannot be evaded. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { request as connect } from "node:http";
import { join } from "node:path";
import { cgi } from "./lib/cgi.mjs";
import { http, newId, request } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { FORM } from "./lib/forms.mjs";
import { onServer, sentence, withStoppedServer } from "./lib/scene.mjs";
import { scaled, until } from "./lib/wait.mjs";

const HOUR_MS = 3_600_000;
const SOON_MS = scaled(1200);

const told = onServer({ settings: { rate_ms: SOON_MS, rate_passwords: 2, rate_notifications: 2, rate_messages: 2 } });

const makes = (who, fields = {}) => () => who.answer("POST", "/rooms", fields);
const joins = (who, room, fields = {}, options = {}) => () => who.answer("POST", `/rooms/${room}/chatters`, fields, options);
const says = (who, room, fields = {}) => () => who.answer("POST", `/rooms/${room}/messages`, { content: "x", ...fields });
const notifies = (who, room, whom) => () =>
  who.answer("POST", `/rooms/${room}/chatters/${whom.chatter(room)}/notifications`, {
    type: "nudge", text: "x", target: { kind: "room", id: room },
  });

/* The seconds for which it is. */
function tooOften({ status, body, headers, text }) {
  assert.deepEqual([status, body?.code], [429, "rate_limited"], text);
  assert.match(headers.get("retry-after"), /^[1-9]\d*$/);
  return Number(headers.get("retry-after"));
}

/* Does ACT until that is too often, which is after LEAST times or, if it takes its time, a few more. */
async function tooMuch(least, act) {
  for (let done = 0; done < 10 * (least + 1); done++) {
    const answer = await act();
    if (answer.status === 429) {
      assert.ok(done >= least, `refused after ${done}`);
      return answer;
    }
    assert.ok(answer.status < 300, `${answer.status} ${answer.text}`);
  }
  throw new Error("it is never too often");
}

/* ACT may be done when the time that REFUSED names is over; MOST: for how long it may be at all. */
async function soon(refused, most, act) {
  const wait = tooOften(refused);
  assert.ok(wait <= Math.ceil(most / 1000), `${wait} s`);
  await until(async () => (await act()).status < 300, `it may be done after ${wait} s`, wait * 1000 + 5000);
}

sentence("rates: so many rooms are made from an address, others later, and by a key for rooms at will", async (s) => {
  await s.serve({ settings: { rate_ms: SOON_MS, rate_rooms: 3 } });
  const [owner, porter] = [s.person(), s.person({ token: await s.server.key("rooms") })];
  const refused = await tooMuch(3, makes(owner));
  for (let i = 0; i < 5; i++) await porter.create();
  tooOften(await tooMuch(0, makes(s.person(), { password: "sesame" })));
  await soon(refused, SOON_MS / 3, makes(owner));
});

sentence("rates: so many new people come from an address; who is known comes at will, a repeat is answered", async (s) => {
  await s.serve({ settings: { rate_ms: SOON_MS, rate_people: 3 } });
  const porter = s.person({ token: await s.server.key("rooms") });
  const [room, other] = [await porter.create(), await porter.create()];
  const key = { headers: { "Idempotency-Key": newId() + newId() } };
  const kim = s.person();
  assert.equal((await joins(kim, room, {}, key)()).status, 201);
  const refused = await tooMuch(2, () => joins(s.person(), room)());
  tooOften(await tooMuch(0, () => makes(s.person())()));
  for (const place of [other, room, other]) assert.ok((await joins(kim, place)()).status < 300);
  assert.equal((await joins(s.person(), room, {}, key)()).status, 200);
  await soon(refused, SOON_MS / 3, () => joins(s.person(), room)());
});

/* Guesses until that is too often, which is after LEAST of them. */
async function lockedOut(s, room, least = 2) {
  return tooMuch(least, async () => {
    const answer = await joins(s.person(), room, { password: "wrong" })();
    if (answer.status === 429) return answer;
    assert.deepEqual([answer.status, answer.body.code], [403, "password_wrong"]);
    return { status: 200 };
  });
}

told("rates: after wrong passwords the right one is refused too, for a while, and in that room alone", async (s) => {
  const { owner, room } = await s.room({ password: "sesame" });
  const other = await owner.create({ password: "sesame" });
  const kim = s.person();
  await kim.join(room, { password: "sesame" });
  const right = joins(s.person(), room, { password: "sesame" });
  let refused = await lockedOut(s, room);
  /* Where all that takes its time a token may have come back. */
  for (let tries = 0; tries < 10 && (refused = await right()).status < 300; tries++) await lockedOut(s, room, 0);
  assert.equal((await joins(s.person(), other, { password: "sesame" })()).status, 201);
  assert.equal((await joins(s.person(), room)()).body.code, "password_required", "nothing was tried");
  for (const who of [kim, owner]) assert.ok((await joins(who, room)()).status < 300, "needs none");
  await soon(refused, SOON_MS, right);
});

told("rates: a right password costs nothing", async (s) => {
  const { room } = await s.room({ password: "sesame" });
  for (let i = 0; i < 8; i++)
    assert.equal((await joins(s.person(), room, { password: "sesame" })()).status, 201);
  await lockedOut(s, room);
});

sentence("rates: of many guesses at the same moment no more are looked at than may be", async (s) => {
  await s.serve({ settings: { rate_passwords: 5 } });
  const { room } = await s.room({ password: "sesame" });
  const all = Array.from({ length: FORM.pace > 1 ? 40 : 200 }, (_, i) => joins(s.person(), room, { password: `${i}` })());
  const answers = await Promise.all(all);
  assert.equal(answers.filter(({ status, body }) => status === 403 && body.code === "password_wrong").length, 5);
  for (const answer of answers) if (answer.status !== 403) assert.ok(tooOften(answer) <= 60);
  tooOften(await joins(s.person(), room, { password: "sesame" })());
});

told("rates: so many notifications are one person's to others; what tells oneself is none", async (s) => {
  const { room, owner } = await s.room();
  const [kim, lee, pat] = [await s.member(room), await s.member(room), await s.member(room)];
  const refused = await tooMuch(2, notifies(kim, room, lee));
  for (let i = 0; i < 4; i++) assert.equal((await notifies(kim, room, kim)()).status, 200);
  assert.equal((await notifies(pat, room, lee)()).status, 200);
  const { notifications } = await lee.ask("GET", "/me/notifications");
  assert.deepEqual(notifications.map(({ count }) => count), [2], "what is refused leaves nothing");
  await owner.join(room);
  await soon(refused, SOON_MS / 2, notifies(kim, room, owner));
});

told("rates: so many messages are one person's, in all rooms; a repeat is answered, a key's alerts are not counted", async (s) => {
  const { room, owner } = await s.room();
  const [kim, lee] = [await s.member(room), await s.member(room)];
  const other = await owner.create();
  await kim.join(other);
  const first = await kim.say(room, "first", { client_id: "first" });
  const refused = await tooMuch(1, says(kim, room));
  tooOften(await tooMuch(0, says(kim, other)));
  assert.deepEqual(await kim.say(room, "first", { client_id: "first" }), first);
  await lee.say(room, "of another");
  const bell = s.person({ token: await s.server.key("alerts") });
  for (let i = 0; i < 4; i++) await bell.say(room, `bell ${i}`, { type: "alert" });
  await soon(refused, SOON_MS / 2, says(kim, room));
});

/* How many of N rooms asked for at DOOR are made, the rest being too many; HEADERS of each. */
async function made(door, n, headers = () => ({})) {
  let rooms = 0;
  for (let i = 0; i < n; i++) {
    const answer = await request(door, "POST", "/rooms", { body: {}, headers: headers() });
    if (answer.status === 201) rooms++;
    else tooOften(answer);
  }
  return rooms;
}

const anyAddress = () => Array.from({ length: 4 }, () => randomInt(1, 255)).join(".");
const forged = () => ({ "X-Forwarded-For": `${anyAddress()}, ${anyAddress()}`, Forwarded: `for=${anyAddress()}`, "X-Real-IP": anyAddress() });

sentence("rates: who calls himself by a thousand addresses is one", async (s) => {
  await s.serve({ settings: { rate_ms: HOUR_MS, rate_rooms: 5 } });
  assert.equal(await made(http(s.server), FORM.pace > 1 ? 50 : 1000, forged), 5);
}, { needs: "front" });

sentence("rates: who calls himself by a thousand addresses is one, and is known to every process, also after a crash", async (s) => {
  const server = await s.serve({ settings: { rate_ms: HOUR_MS, rate_rooms: 8 } });
  assert.equal(await made(http(server), 2), 2);
  await server.kill();
  await server.restart();
  assert.equal(await made(http(server), 2, forged), 2);
  const doors = [cgi(server)];
  while (doors.length < 3) doors.push(fastcgi((await server.fastcgi()).socket));
  for (const door of doors) assert.equal(await made(door, 1, forged), 1);
  assert.equal(await made(http(server), 1000, forged), 1);
  for (const door of doors) assert.equal(await made(door, 3, forged), 0);
}, { needs: "embedded" });

/* A door to the unix socket PATH. */
function unix(path) {
  return (method, target, headers, body) => new Promise((done, failed) => {
    const asked = connect({ socketPath: path, method, path: target, headers }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => done({
        status: answer.statusCode, headers: new Headers(answer.headers), text: Buffer.concat(chunks).toString(),
      }));
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

sentence("rates: on a front's socket somebody is the last address that the front names, of IPv6 a /64", () =>
  withStoppedServer({ rate_ms: HOUR_MS, rate_rooms: 3, rate_passwords: 0, rate_room_passwords: 3 }, async (server) => {
    const path = join(server.dir, "front.sock");
    server.address = `unix:${path}`;
    await server.launch();
    const door = unix(path);
    const behind = (last) => () => ({ "X-Forwarded-For": `${anyAddress()}, ${last()}` });
    for (const last of [() => "192.0.2.1", () => "192.0.2.2", () => `2001:db8::${randomInt(1, 9999)}`, () => "2001:db8:0:1::1"])
      assert.equal(await made(door, 5, behind(last)), 3);
    assert.equal(await made(door, 5), 3, "who is not named");
    const from = () => ({ "X-Forwarded-For": anyAddress() });
    const asked = (target, body) => request(door, "POST", target, { body, headers: from() });
    const { body: { room } } = await asked("/rooms", { password: "sesame" });
    const guesses = [];
    for (let i = 0; i < 5; i++) guesses.push(await asked(`/rooms/${room.id}/chatters`, { password: `${i}` }));
    assert.deepEqual(guesses.map(({ status }) => status), [403, 403, 403, 429, 429], "from all addresses together");
    tooOften(guesses[4]);
  }), { needs: "embedded" });
