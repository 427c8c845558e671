// parts: e2e san form front
/*
 * A request that is repeated with the same Idempotency-Key is done once, gets
 * the same answer, and adds no rows.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { request as connect } from "node:http";
import { newId } from "./lib/client.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

const told = onServer({ settings: { join_lease_ms: 600_000 } });
const newKey = () => newId() + newId();
const keyed = (key) => ({ headers: { "Idempotency-Key": key } });

/* The result of SQL on the store. */
function query(server, sql) {
  const text = execFileSync("sqlite3", ["-readonly", "-json", join(server.data, "parlor.db"), sql], { encoding: "utf8" });
  return text ? JSON.parse(text) : [];
}

/* How many rows each table of the store has, and what the log's newest event is. */
function sizes(server) {
  const names = query(server, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  const counts = names.map(({ name }) => `(SELECT count(*) FROM "${name}") AS "${name}"`);
  return query(server, `SELECT ${counts.join(", ")}, (SELECT max(seq) FROM event) AS newest`)[0];
}

const WAYS = {
  "rooms made": async () => ["POST", "/rooms", { title: "Once", password: "sesame" }],
  joins: async (s) => ["POST", `/rooms/${(await s.room()).room}/chatters`, { nickname: "kim" }],
  "joins with a password": async (s) =>
    ["POST", `/rooms/${(await s.room({ password: "sesame" })).room}/chatters`, { nickname: "kim", password: "sesame" }],
};

for (const [what, way] of Object.entries(WAYS))
  told(`A6 300 repeats of ${what} without a token leave the store as it was, and answer the same person`, async (s) => {
    const [method, path, body] = await way(s);
    const key = newKey();
    const first = await s.person().answer(method, path, body, keyed(key));
    assert.equal(first.status, 201, first.text);
    const before = sizes(s.server);
    for (let i = 0; i < 30; i++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => s.person().answer(method, path, body, keyed(key))));
      for (const again of answers)
        assert.deepEqual([again.status, again.body.token], [200, first.body.token], again.text);
    }
    assert.deepEqual(sizes(s.server), before);
  }, { needs: ["embedded"] });

told("A6 300 repeats by somebody with a token leave the store as it was: joins, rooms, messages, notifications", async (s) => {
  const { room } = await s.room();
  const [kim, lee] = [await s.member(room, "kim"), await s.member(room, "lee")];
  const { room: other } = await s.room();
  const nudge = { type: "nudge", text: "x", target: { kind: "room", id: room } };
  const all = [
    ["/rooms", { title: "Mine" }], [`/rooms/${other}/chatters`, {}], [`/rooms/${room}/messages`, { content: "once" }],
    [`/rooms/${room}/chatters/${lee.chatter(room)}/notifications`, nudge],
  ].map((one) => [...one, newKey()]);
  const ask = () => Promise.all(all.map(([path, body, key]) => kim.answer("POST", path, body, keyed(key))));
  assert.deepEqual((await ask()).map(({ status }) => status), [201, 201, 201, 201]);
  const before = sizes(s.server);
  for (let i = 0; i < 75; i++) assert.deepEqual((await ask()).map(({ status }) => status), [200, 200, 200, 200]);
  assert.deepEqual(sizes(s.server), before);
}, { needs: "embedded" });

sentence("A6 repeats count against no rate, and whoever may do nothing more is still answered", async (s) => {
  await s.serve({ settings: { rate_ms: 3_600_000, rate_rooms: 1, rate_people: 1, rate_passwords: 1 } });
  const key = newKey();
  const fields = { title: "Once", password: "sesame" };
  const first = await s.person().answer("POST", "/rooms", fields, keyed(key));
  assert.equal(first.status, 201);
  assert.equal((await s.person().answer("POST", "/rooms", fields, keyed(newKey()))).status, 429);
  for (let i = 0; i < 20; i++) assert.equal((await s.person().answer("POST", "/rooms", fields, keyed(key))).status, 200);
}, { needs: "embedded" });

/* Sends one request over the web server's socket, from ADDRESS as the web server has seen it. */
function from(socketPath, address, path, body, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  if (address) headers["X-Forwarded-For"] = address;
  return new Promise((done, failed) => {
    const asked = connect({ socketPath, method: "POST", path: `/api/v1${path}`, headers }, async (answer) => {
      let text = "";
      for await (const part of answer.setEncoding("utf8")) text += part;
      done({ status: answer.statusCode, body: JSON.parse(text) });
    });
    asked.on("error", failed);
    asked.end(JSON.stringify(body));
  });
}

sentence("A6 S2-3 a key that somebody else guessed gives nobody's token away: from another address it is another key", async (s) => {
  const server = await s.serve();
  const socket = join(server.dir, "front.sock");
  server.address = `unix:${socket}`;
  await server.restart();
  const key = "create-room-2026-11-29-00001";
  const make = (address, k = key) => from(socket, address, "/rooms", { title: "T" }, k);
  const first = await make("192.0.2.1");
  assert.equal(first.status, 201);
  assert.deepEqual(await make("192.0.2.1"), { ...first, status: 200 });
  for (const address of ["192.0.2.2", "2001:db8::1"]) {
    const other = await make(address);
    assert.equal(other.status, 201);
    assert.notEqual(other.body.token, first.body.token);
    assert.notEqual(other.body.room.id, first.body.room.id);
  }
  assert.equal((await make("2001:db8::2")).status, 200, "a host has a whole /64");
  const unseen = await make(null);
  assert.deepEqual([unseen.status, unseen.body.code], [422, "invalid_fields"]);
  assert.match(unseen.body.fields["Idempotency-Key"], /address/);
  for (const weak of ["a".repeat(40), "1234567123456712345671234567", "short-abcdefgh"])
    assert.equal((await make("192.0.2.1", weak)).status, 422, weak);
  const reused = await from(socket, "192.0.2.1", "/rooms", { title: "Other" }, key);
  assert.deepEqual([reused.status, reused.body.code], [422, "idempotency_key_reused"]);
}, { needs: "embedded" });

told("A6 the token of a repeat is good, dies with its person, and the key makes another person after that", async (s) => {
  const key = newKey();
  const [one, two] = [s.person(), s.person()];
  await one.answer("POST", "/rooms", { title: "T" }, keyed(key));
  await two.answer("POST", "/rooms", { title: "T" }, keyed(key));
  assert.equal((await two.ask("GET", "/me")).user.id, (await one.ask("GET", "/me")).user.id);
  await two.ask("DELETE", "/me");
  assert.equal((await one.answer("GET", "/me")).status, 401);
  const three = s.person();
  assert.equal((await three.answer("POST", "/rooms", { title: "T" }, keyed(key))).status, 201);
  assert.notEqual(three.token, one.token);
  assert.equal((await three.answer("GET", "/me")).status, 200);
});

told("A6 a repeat for a room that was deleted since says that it is gone, and makes no other", async (s) => {
  const key = newKey();
  const kim = s.person();
  const { body: { room } } = await kim.answer("POST", "/rooms", { title: "T" }, keyed(key));
  await kim.ask("DELETE", `/rooms/${room.id}`);
  const again = await s.person().answer("POST", "/rooms", { title: "T" }, keyed(key));
  assert.deepEqual([again.status, again.body.code], [404, "not_found"]);
});

sentence("A6 what one person makes grow ends at a number: joins, lists asked for, goodbyes, keys", async (s) => {
  const server = await s.serve({ settings: { rate_ms: 3_600_000, rate_joins: 3, rate_announcements: 3 } });
  const { owner, room } = await s.room();
  const kim = s.person();
  await kim.create();
  const statuses = [];
  for (let i = 0; i < 5; i++) {
    const answer = await kim.answer("POST", `/rooms/${room}/chatters`, {}, keyed(newKey()));
    statuses.push(answer.status);
    if (answer.status > 201) continue;
    kim.seats.set(room, answer.body.chatter);
    if (i < 2) await kim.leave(room);
  }
  assert.deepEqual(statuses, [201, 200, 200, 200, 200], "who is in the room joins at will");
  await kim.leave(room);
  assert.equal((await kim.answer("POST", `/rooms/${room}/chatters`, {})).status, 429);
  assert.equal(sizes(server).idempotency, 3, "a join that took no seat leaves no key behind");
  await owner.join(room);
  const asked = [];
  for (let i = 0; i < 5; i++) asked.push((await owner.answer("POST", `/rooms/${room}/chatters/announce`)).status);
  assert.deepEqual(asked, [202, 202, 202, 429, 429]);
  for (let i = 0; i < 200; i++) await kim.ask("DELETE", `/me/connections/tab-${i}`);
  assert.ok(sizes(server).disconnect <= 64);
}, { needs: "embedded" });
