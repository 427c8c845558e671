// parts: e2e san form system (long)
/*
 * Every refusal of every route is answered with its code and changes nothing:
 * not the history, the lists, the rooms, nor what an observer receives.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { http, request } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { FORM, formHas } from "./lib/forms.mjs";
import { Reader, poll } from "./lib/reader.mjs";
import { ROUTES, fill, refusals, wrongMethods } from "./lib/routes.mjs";
import { onServer } from "./lib/scene.mjs";
import { TOP } from "./lib/server.mjs";

const told = onServer({ settings: { join_lease_ms: 100_000, poll_margin_ms: 100_000 } });
let parts = null;
let socket = null;

const DOORS = { [FORM.name]: (server) => http(server) };
if (formHas("embedded"))
  DOORS.FastCGI = async (server) => {
    socket ??= (await server.fastcgi()).socket;
    return fastcgi(socket);
  };

/* A room with an owner, a member and another in it, and an expired one. */
async function cast(s) {
  const { owner, room } = await s.room({ grace_ms: 600_000 });
  await owner.join(room, { nickname: "owner" });
  const watcher = await s.member(room, "watcher");
  const member = await s.member(room, "member");
  const other = await s.member(room, "other");
  const stranger = s.person();
  await stranger.join(await stranger.create({ namespace: "elsewhere" }));
  const expired = await owner.create();
  for (const who of [owner, member, other, watcher]) await who.join(expired);
  await member.say(expired, "was here");
  const message = await member.say(room, "here");
  const { notification } = await other.ask("POST", `/rooms/${room}/chatters/${member.chatter(room)}/notifications`,
    { type: "like", text: "other likes this" });
  const { user } = await member.ask("GET", "/me");
  const [service, porter] = [s.person({ token: await s.server.key("notifications") }),
    s.person({ token: await s.server.key("rooms", "alerts") })];
  await owner.expire(expired);
  return { owner, member, other, stranger, watcher, room, expired, message, notification, user, service, porter, nobody: s.person() };
}

async function play(s) {
  parts ??= await cast(s);
  return parts;
}

/* Everything that a refused request might have changed. */
async function picture({ watcher, member, room, expired }) {
  const reader = new Reader(watcher, [room, expired], { cursor: "earliest", conn: "observer", path: "/api/v1/events" });
  const { events, cursor } = await poll(reader, 0);
  const paths = ["/rooms", "/rooms?namespace=elsewhere", `/rooms/${room}`, `/rooms/${expired}`,
    `/rooms/${room}/chatters`, `/rooms/${expired}/chatters`, `/rooms/${room}/messages`, `/rooms/${expired}/messages`];
  const { notifications, unread } = await member.ask("GET", "/me/notifications");
  return [events, cursor, notifications, unread, ...(await Promise.all(paths.map((path) => watcher.ask("GET", path))))];
}

function rightful(play, route) {
  if (["owner", "moderator"].includes(route.who)) return play.owner;
  if (route.who === "service") return play.service;
  return route.who === "anyone" && route.method === "GET" ? play.nobody : play.member;
}

function valuesOf({ member, message, notification, user }, room) {
  return { room, chatter: member.chatter(room), message: message.id, notification: notification.id, user: user.id, conn: "tab" };
}

function asked(play, route, refusal) {
  const room = refusal.expired ? play.expired : play.room;
  const values = { ...valuesOf(play, room), ...refusal.values };
  const who = refusal.as ? play[refusal.as] : rightful(play, route);
  return {
    path: fill(route.path, values) + (refusal.suffix ?? "") + (route.query ?? ""),
    token: refusal.token ?? who.token,
    body: refusal.body ?? route.body ?? route.text,
    type: refusal.type,
  };
}

function checkProblem(answer, { status, code, field, why }) {
  assert.deepEqual([answer.status, answer.body?.code], [status, code], `${why}: ${answer.text}`);
  assert.match(answer.headers.get("content-type"), /^application\/problem\+json/);
  const { type, title, status: inside, detail } = answer.body;
  assert.deepEqual([type, inside], ["about:blank", status]);
  assert.ok(title.length > 0 && detail.length > 0);
  if (field) assert.equal(typeof answer.body.fields?.[field], "string", `${why}: names ${field}`);
  if (status === 401) assert.match(answer.headers.get("www-authenticate"), /^Bearer\b/);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
}

async function refuse(s, door, route, refusal) {
  const scene = await play(s);
  const { path, ...options } = asked(scene, route, refusal);
  const answer = await request(door, route.method, path, options);
  checkProblem(answer, refusal);
}

for (const [name, open] of Object.entries(DOORS))
  for (const route of ROUTES)
    told(`refusals: ${route.method} ${route.path} answers each with its code and leaves no trace, ${name}`, async (s) => {
      const scene = await play(s);
      const door = await open(s.server);
      const wrong = [];
      const all = refusals(route);
      let before = await picture(scene);
      for (const refusal of all) {
        await refuse(s, door, route, refusal).catch(({ message }) => wrong.push(message.split("\n")[0]));
        /* Where requests are slow, one look after the last must do. */
        if (FORM.pace > 1 && refusal !== all.at(-1)) continue;
        const after = await picture(scene);
        if (!isDeepStrictEqual(after, before)) wrong.push(`${refusal.why}: left a trace`);
        before = after;
      }
      assert.deepEqual(wrong, []);
    });

told("refusals: a method that a path does not have is 405 with the methods that it has", async (s) => {
  const scene = await play(s);
  const before = await picture(scene);
  const door = http(s.server);
  for (const { method, path, has } of wrongMethods()) {
    const refusal = { status: 405, code: "method_not_allowed", why: `${method} ${path}` };
    const body = method === "GET" ? undefined : {};
    const answer = await request(door, method, fill(path, valuesOf(scene, scene.room)), { token: scene.member.token, body });
    checkProblem(answer, refusal);
    const allow = answer.headers.get("allow").split(/,\s*/);
    for (const one of has) assert.ok(allow.includes(one), `${path} allows ${one}`);
    assert.ok(!allow.includes(method), `${path} does not allow ${method}`);
  }
  assert.deepEqual(await picture(scene), before);
});

told("refusals: paths that there are not are 404", async (s) => {
  const scene = await play(s);
  const door = http(s.server);
  const before = await picture(scene);
  for (const path of ["/", "/room", "/rooms/", "/Rooms", `/rooms/${scene.room}/`, `/rooms/${scene.room}/nothing`,
    `/rooms/${scene.room}/messages/1/2`, "/me/", "/ME", "/v1/rooms"])
    for (const method of ["GET", "POST", "DELETE"]) {
      const body = method === "POST" ? {} : undefined;
      const answer = await request(door, method, path, { token: scene.member.token, body });
      checkProblem(answer, { status: 404, code: "not_found", why: `${method} ${path}` });
    }
  for (const path of ["//rooms", "/rooms//messages", "/rooms/%20"]) {
    const { status } = await request(door, "GET", path, { token: scene.member.token });
    assert.ok([400, 404].includes(status), `${path}: ${status}`);
  }
  assert.deepEqual(await picture(scene), before);
});

const FORMS = [
  ["POST", "/rooms", "title=x"], ["POST", "/rooms/{room}/chatters", "nickname=x"],
  ["POST", "/rooms/{room}/messages", "content=x"],
];

told("refusals: what a form of another site could send changes nothing", async (s) => {
  const scene = await play(s);
  const before = await picture(scene);
  for (const [method, path, body] of FORMS)
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]) {
      const filled = fill(path, { room: scene.room });
      const answer = await request(http(s.server), method, filled, { body, type });
      assert.ok([401, 415].includes(answer.status), `${answer.status}`);
    }
  assert.deepEqual(await picture(scene), before);
});

const BAD_QUERIES = [
  "/rooms?limit=0", "/rooms?limit=x", "/rooms?limit=-1", "/rooms?limit=99999999999999999999",
  "/rooms/{room}/messages?before=x", "/rooms/{room}/messages?after=-1", "/rooms/{room}/messages?limit=0",
  "/rooms/{room}/messages?before=1&after=1", "/rooms/{room}/chatters?limit=x",
  "/rooms/{room}/messages?limit=5&limit=6", "/rooms/{room}/messages?before=%00", "/rooms/{room}/messages?limit=%zz",
  "/me/notifications?limit=0", "/me/notifications?unread=2", "/me/notifications?unread=true",
  "/me/notifications?before=17", "/me/notifications?before=2026-13-01T00:00:00Z",
];

told("refusals: a query that is not well-formed is refused, never guessed at", async (s) => {
  const scene = await play(s);
  const wrong = [];
  for (const query of BAD_QUERIES) {
    const path = fill(query, { room: scene.room });
    const { status, body } = await request(http(s.server), "GET", path, { token: scene.member.token });
    if (status === 400 && body.code === "malformed_request") continue;
    if (status === 422 && body.code === "invalid_fields") continue;
    wrong.push(`${query}: ${status} ${body?.code}`);
  }
  assert.deepEqual(wrong, []);
});

told("refusals: a room's id that is taken is 409 room_exists, and the room stays as it was", async (s) => {
  const scene = await play(s);
  await scene.owner.create({ id: "taken-slug", namespace: "taken" });
  const before = await scene.owner.ask("GET", "/rooms/taken-slug");
  const answer = await scene.member.answer("POST", "/rooms", { id: "taken-slug", title: "Mine" });
  checkProblem(answer, { status: 409, code: "room_exists", why: "taken" });
  assert.deepEqual(await scene.owner.ask("GET", "/rooms/taken-slug"), before);
});

told("refusals: a token in Authorization is as good as in X-Parlor-Token, other schemes are none", async (s) => {
  const scene = await play(s);
  const door = http(s.server);
  const good = await door("GET", "/api/v1/me", { Authorization: `Bearer ${scene.member.token}` });
  assert.equal(good.status, 200);
  for (const value of [`Basic ${scene.member.token}`, scene.member.token, "Bearer", `Bearer  x ${scene.member.token}`]) {
    const { status, text } = await door("GET", "/api/v1/me", { Authorization: value });
    assert.equal(status, 401, `${value}: ${text}`);
  }
  const query = await door("GET", `/api/v1/me?token=${scene.member.token}`, {});
  assert.equal(query.status, 401, "never in a URL");
});

told("refusals: the table here is the table of the program", () => {
  const text = readFileSync(join(TOP, "api/routes.def"), "utf8");
  const lines = text.matchAll(/^ROUTE\((\w+),\s*"([^"]+)"/gm);
  const theirs = [...lines].map(([, method, path]) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const ours = ROUTES.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(theirs.sort(), ours.sort());
});
