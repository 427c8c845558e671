// parts: e2e san form
/*
 * Rights: every route, each way to use it, for every kind of caller, as
 * docs/RIGHTS.md says, tried on the running programs.
 */
import assert from "node:assert/strict";
import { http, request } from "./lib/client.mjs";
import { CLASSES, COLUMNS, PROBLEMS, USES, refusal } from "./lib/rights.mjs";
import { ROUTES, fill } from "./lib/routes.mjs";
import { onServer } from "./lib/scene.mjs";

const told = onServer({ settings: { join_lease_ms: 600_000, poll_margin_ms: 600_000 } });
const KEYS = ["rooms", "alerts", "notifications"];
const keys = {};

/* A body for another way to use a route, or a query. */
const HOW = {
  "POST /rooms/{room}/messages type alert": { body: { content: "c", type: "alert" } },
  "POST /rooms/{room}/text type alert": { query: "?type=alert" },
  "PATCH /rooms/{room}/chatters/{chatter} role": { body: { role: "moderator" } },
  "GET /events no rooms": { query: "?wait=0" },
  "GET /events ": { query: "?wait=0&rooms={room}" },
};

function knownOf(use) {
  const route = ROUTES.find(({ method, path }) => method === use.method && path === use.path);
  return { query: "", ...route, ...HOW[`${use.method} ${use.path} ${use.how}`] };
}

async function keyed(s) {
  for (const scope of KEYS) keys[scope] ??= await s.server.key(scope);
}

/*
 * A room with one of each kind in it.  Those who have left and the banned one
 * have spoken there a moment before, so that the API still remembers them.
 */
async function cast(s, fields = {}) {
  await keyed(s);
  const { owner, room } = await s.room({ grace_ms: 600_000, ...fields });
  const joins = { password: fields.password };
  const names = ["member", "target", "moderator", "left", "banned"];
  const [seated] = await Promise.all([
    Promise.all(names.map(async (name) => {
      const who = s.person();
      await who.join(room, joins);
      return [name, who, await who.say(room, `of ${name}`)];
    })),
    owner.join(room),
  ]);
  const people = { owner, nobody: s.person(), outsider: s.person(), ...Object.fromEntries(seated.map(([name, who]) => [name, who])) };
  const messages = Object.fromEntries(seated.map(([name, , message]) => [name, message]));
  const at = (who) => `/rooms/${room}/chatters/${who.chatter(room)}`;
  await Promise.all([
    people.outsider.create({ namespace: "elsewhere" }),
    owner.ask("PATCH", at(people.moderator), { role: "moderator" }),
    people.left.leave(room),
    owner.ask("DELETE", `${at(people.banned)}?ban_seconds=0`),
  ]);
  const { user } = await people.target.ask("GET", "/me");
  for (const scope of KEYS) people[scope] = s.person({ token: keys[scope] });
  return { ...people, author: people.member, landlord: owner, room, messages, user };
}

/* The values in the path: for an author their own, otherwise a member's. */
async function valuesOf(s, play, use, column) {
  const whose = column === "author" ? "member" : "target";
  const banned = use.path.includes("/bans/");
  const values = {
    room: play.room, chatter: play[banned ? "banned" : whose].chatter(play.room), message: play.messages[whose].id,
    user: play.user.id, conn: "tab", notification: 1,
  };
  if (use.path.includes("{notification}") && column !== "nobody") {
    const { user } = await play[column].ask("GET", "/me");
    const sender = s.person({ token: keys.notifications });
    const { notification } = await sender.ask("POST", `/users/${user.id}/notifications`, { type: "t", text: "t" });
    values.notification = notification.id;
  }
  return values;
}

async function ask(s, play, use, column, values = null) {
  const { body, text, query } = knownOf(use);
  const filled = values ?? await valuesOf(s, play, use, column);
  const headers = { "X-Parlor-Request": "1" };
  return request(http(s.server), use.method, fill(use.path + query, filled), { token: play[column].token, body: body ?? text, headers });
}

const mutates = ({ method }) => method !== "GET";
const named = (use) => [use.method, use.path, use.how].filter(Boolean).join(" ");

/* Describes the fault of ANSWER; WANTED is a problem, or null for success. */
function wrongIn({ status, body, text }, wanted) {
  if (!wanted) return status >= 200 && status < 300 ? null : `${status} ${text}`;
  const same = status === wanted.status && body?.code === wanted.code && body.detail === wanted.detail;
  return same ? null : `${status} ${text}, not ${wanted.code}: ${wanted.detail}`;
}

/* Every kind of caller. One that is allowed to change something gets a room of its own for it. */
async function tryAll(s, use, { fields = {}, wanted = refusal, ready = async () => {} } = {}) {
  const wrong = [];
  let shared = null;
  for (const column of COLUMNS) {
    const expected = wanted(use, column);
    const alone = column === "landlord" || (mutates(use) && !expected);
    const play = alone ? await cast(s, fields) : (shared ??= await cast(s, fields));
    if (alone || play.readied === undefined) await ready(play);
    play.readied = true;
    if (column === "landlord") await play.owner.leave(play.room);
    const found = wrongIn(await ask(s, play, use, column), expected);
    if (found) wrong.push(`${column}: ${found}`);
  }
  return wrong;
}

for (const use of USES)
  told(`A9 S3-6 who may ${named(use)}, in a listed room and in one that is not`, async (s) => {
    for (const listed of [true, false]) assert.deepEqual(await tryAll(s, use, { fields: { listed } }), [], `listed: ${listed}`);
  }, { needs: "quick", limit: 300_000 });

told("A9 S1-8 the poller lets the same callers hear a room as the API does", async (s) => {
  const play = await cast(s);
  const door = http(s.server);
  for (const use of USES.filter(({ path }) => path === "/events"))
    for (const as of ["json", "sse"])
      for (const column of COLUMNS.filter((one) => one !== "landlord" && refusal(use, one))) {
        const target = fill(use.path + knownOf(use).query, { room: play.room });
        const answer = await door("GET", `${target}&as=${as}`, play[column].headers());
        assert.equal(wrongIn({ ...answer, body: JSON.parse(answer.text) }, refusal(use, column)), null, `${as}: ${column}`);
      }
}, { needs: ["quick", "daemon"] });

told("A9 the tests know every route, and every class and problem of the tables is used", () => {
  const known = ROUTES.map(({ method, path }) => `${method} ${path}`).sort();
  assert.deepEqual([...new Set(USES.map(({ method, path }) => `${method} ${path}`))].sort(), known);
  assert.deepEqual(Object.keys(CLASSES).sort(), [...new Set(USES.map(({ who }) => who))].sort());
  for (const row of Object.values(CLASSES))
    for (const cell of Object.values(row)) assert.ok(cell === "OK" || PROBLEMS[cell], cell);
});

const inRoom = USES.filter(({ path, how }) => path.includes("{room}") || (path === "/events" && !how));

told("A9 a password keeps out those alone who may not join without it", async (s) => {
  const join = USES.find(({ method, path }) => method === "POST" && path === "/rooms/{room}/chatters");
  const needs = ["nobody", "outsider", "left", ...KEYS];
  const wanted = (use, column) => refusal(use, column) ?? (needs.includes(column) ? PROBLEMS.PASSWORD_REQUIRED : null);
  assert.deepEqual(await tryAll(s, join, { fields: { password: "sesame" }, wanted }), []);
  for (const use of inRoom.filter((one) => one !== join && !mutates(one)))
    assert.deepEqual(await tryAll(s, use, { fields: { password: "sesame" } }), [], named(use));
}, { needs: "quick", limit: 300_000 });

told("A9 S3-3 an expired room refuses nobody in another way than an open one does", async (s) => {
  const play = await cast(s);
  await play.owner.expire(play.room);
  for (const use of inRoom)
    for (const column of COLUMNS.filter((one) => one !== "landlord" && refusal(use, one)))
      assert.equal(wrongIn(await ask(s, play, use, column), refusal(use, column)), null, `${named(use)}: ${column}`);
}, { needs: "quick", limit: 300_000 });

told("A9 a deleted room is told from an unknown one by nobody, on no route", async (s) => {
  const play = await cast(s, { listed: false });
  const before = Object.fromEntries(await Promise.all(inRoom.map(async (use) => [named(use), await valuesOf(s, play, use, "owner")])));
  await play.owner.ask("DELETE", `/rooms/${play.room}`);
  for (const use of inRoom)
    for (const column of COLUMNS) {
      const values = before[named(use)];
      const [gone, unknown] = await Promise.all([play.room, "no-such-room"].map((room) =>
        ask(s, play, use, column, { ...values, room })));
      assert.deepEqual([gone.status, gone.text], [unknown.status, unknown.text], `${named(use)}: ${column}`);
      const wanted = CLASSES[use.who][column] === "TOKEN_REQUIRED" ? PROBLEMS.TOKEN_REQUIRED : PROBLEMS.NOT_FOUND;
      assert.equal(wrongIn(gone, wanted), null, `${named(use)}: ${column}`);
    }
}, { needs: "quick", limit: 300_000 });

told("A9 S1-10 the id of an unlisted room tells everybody the same, and no list tells of it", async (s) => {
  const play = await cast(s, { listed: false, title: "Hidden" });
  const read = async (column) => (await play[column].ask("GET", `/rooms/${play.room}`)).room;
  const shown = await read("owner");
  assert.deepEqual([shown.title, shown.online, shown.listed], ["Hidden", 4, false]);
  for (const column of COLUMNS) assert.deepEqual(await read(column), shown, column);
  const { rooms } = await play.member.ask("GET", "/me/rooms");
  assert.deepEqual(rooms.map(({ room }) => room), [shown]);
  for (const column of ["left", "banned"]) assert.deepEqual((await play[column].ask("GET", "/me/rooms")).rooms, [], column);
  for (const column of COLUMNS) {
    let after = "", page;
    do {
      page = await play[column].ask("GET", `/rooms?limit=200${after}`);
      assert.ok(page.rooms.every(({ id, listed }) => listed && id !== play.room), column);
      after = `&after=${page.rooms.at(-1)?.id}`;
    } while (page.has_more);
  }
});

told("A9 a moderator deletes what others wrote and does not rewrite it; a key edits what it sent itself", async (s) => {
  const play = await cast(s);
  const path = (message) => `/rooms/${play.room}/messages/${message.id}`;
  const content = async () => (await play.target.ask("GET", path(play.messages.target))).message.content;
  for (const column of ["member", "moderator", "owner", "rooms", "alerts"]) {
    const answer = await play[column].answer("PATCH", path(play.messages.target), { content: "put into their mouth" });
    assert.equal(wrongIn(answer, PROBLEMS.AUTHOR_ONLY), null, column);
    assert.equal(await content(), "of target");
  }
  const alert = await play.alerts.say(play.room, "noon", { type: "alert" });
  const { message } = await play.alerts.ask("PATCH", path(alert), { content: "one o'clock" });
  assert.equal(message.content, "one o'clock");
  for (const column of ["owner", "moderator", "rooms"])
    assert.equal(wrongIn(await play[column].answer("PATCH", path(alert), { content: "x" }), PROBLEMS.AUTHOR_ONLY), null, column);
  const own = await play.moderator.say(play.room, "of the moderator");
  assert.equal((await play.moderator.answer("PATCH", path(own), { content: "better" })).status, 200);
  assert.equal((await play.alerts.answer("DELETE", path(alert))).status, 204);
  assert.equal((await play.moderator.answer("DELETE", path(play.messages.target))).status, 204);
  assert.equal(await content(), "");
});

told("B5 a service key that has joined the room is a member there, beside what its scopes allow", async (s) => {
  const play = await cast(s);
  const token = await s.server.key("alerts");
  const bell = s.person({ token });
  const path = `/rooms/${play.room}/messages`;
  const { body: refused } = await bell.answer("POST", path, { content: "hello" });
  assert.match(refused.detail, /service key .*alerts.*join/);
  await bell.join(play.room, { nickname: "bell" });
  assert.equal((await bell.say(play.room, "hello")).chatter.nickname, "bell");
  assert.equal((await bell.say(play.room, "ding", { type: "alert" })).chatter, null);
  assert.equal((await bell.answer("GET", path)).status, 200);
});
