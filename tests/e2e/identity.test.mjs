// parts: e2e san form system
import assert from "node:assert/strict";
import { http } from "./lib/client.mjs";
import { FORM } from "./lib/forms.mjs";
import { Site, inSeconds } from "./lib/jwt.mjs";
import { READERS, Refused, STREAMS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { scaled, until } from "./lib/wait.mjs";

const site = new Site("HS256");
const told = onServer({ settings: { ...site.settings, jwt_audience: "parlor", jwt_issuer: "site", retry_ms: 50 } });
const MINUTE = 60;

function claims(sub, more = {}) {
  return { sub, aud: "parlor", iss: "site", exp: inSeconds(MINUTE), ...more };
}

function guest(s, sub, more) {
  return s.person({ token: site.token(claims(sub, more)) });
}

function refused(status, code) {
  return (error) => error instanceof Refused && error.status === status && error.code === code;
}

async function parlor(s, ...words) {
  const run = s.server.program("parlor", words);
  await run.done(0);
  return run.stdout.toString();
}

async function keyFor(s, name, ...scopes) {
  const key = (await parlor(s, "key", "add", name, ...scopes)).trim();
  assert.match(key, /^pk_[A-Za-z0-9_-]{43}$/);
  return s.person({ token: key });
}

for (const alg of ["HS256", "RS256", "ES256"])
  sentence(`S1-8 S2-2 a token that the embedding site signed by ${alg} is its subject, and no other is`, async (s) => {
    const its = new Site(alg);
    await s.serve({ settings: its.settings });
    const { room } = await s.room();
    const exp = inSeconds(MINUTE);
    const kim = s.person({ token: its.token({ sub: "u1", exp, name: "Kim" }) });
    const { chatter } = await kim.join(room);
    assert.equal(chatter.nickname, "Kim");
    await kim.say(room, "signed");
    const again = s.person({ token: its.token({ sub: "u1", exp: exp + 1 }) });
    assert.equal((await again.join(room)).chatter.id, chatter.id);
    const { user } = await again.ask("GET", "/me");
    assert.deepEqual([user.subject, user.id], ["u1", (await kim.ask("GET", "/me")).user.id]);
    const lee = s.person({ token: its.token({ sub: "u2", exp, name: "Kim" }) });
    const other = await lee.join(room);
    assert.notEqual(other.chatter.id, chatter.id);
    assert.equal(other.chatter.nickname, "Kim 2");
    for (const forged of [new Site(alg).token({ sub: "u1", exp }), its.token({ sub: "u1", exp }, { alg: "HS256", key: `${its.shown}x` }),
      its.token({ sub: "u1", exp }, { alg: "none" })])
      assert.equal((await s.person({ token: forged }).answer("GET", "/me")).status, 401);
    if (alg === "HS256") return;
    const confused = its.token({ sub: "u1", exp }, { alg: "HS256", key: its.shown.trimEnd() });
    assert.equal((await s.person({ token: confused }).answer("GET", "/me")).status, 401);
  }, { needs: "embedded" });

/* Invalid tokens, with what is wrong with each. */
const BAD = {
  "is over": () => site.token(claims("u", { exp: inSeconds(-1) })),
  "never ends": () => site.token(claims("u", { exp: undefined })),
  "ends at a text": () => site.token(claims("u", { exp: "2999" })),
  "is not yet": () => site.token(claims("u", { nbf: inSeconds(MINUTE) })),
  "is for another": () => site.token(claims("u", { aud: "else" })),
  "is for nobody": () => site.token(claims("u", { aud: undefined })),
  "is of another": () => site.token(claims("u", { iss: "else" })),
  "is of no one": () => site.token(claims(undefined)),
  "has an empty subject": () => site.token(claims("")),
  "has a long subject": () => site.token(claims("x".repeat(256))),
  "has alg none": () => site.token(claims("u"), { alg: "none" }),
  "has alg HS512": () => site.token(claims("u"), { alg: "HS512" }),
  "names what is critical": () => site.token(claims("u"), { head: { crit: ["b64"], b64: true } }),
  "is forged": () => site.token(claims("u"), { key: "another" }),
  "is cut": () => site.token(claims("u")).slice(0, -1),
  "has no signature": () => `${site.token(claims("u")).split(".").slice(0, 2).join(".")}.`,
  "has changed claims": () => {
    const [head, , mac] = site.token(claims("u")).split(".");
    return [head, site.token(claims("other")).split(".")[1], mac].join(".");
  },
  "is no JSON": () => site.token("{"),
  "is a list": () => site.token([]),
  "is too long": () => site.token(claims("u", { more: "x".repeat(4096) })),
  "is noise": () => "a.b.c",
};

for (const as of Object.keys(READERS))
  told(`S1-8 no stream opens by a token that is missing or no good, over ${as}`, async (s) => {
    const { owner, room } = await s.room();
    for (const [what, make] of Object.entries(BAD)) {
      const stranger = s.person({ token: make() });
      await assert.rejects(stranger.listen(room, { as }), refused(401, "token_invalid"), what);
      const answer = await stranger.answer("GET", "/me");
      assert.deepEqual([answer.status, answer.body.code], [401, "token_invalid"], what);
    }
    await assert.rejects(s.person().listen(room, { as }), refused(401, "token_required"));
    await owner.join(room);
    const kim = guest(s, `kim-${as}`, { aud: ["x", "parlor"], nbf: inSeconds(-1) });
    await kim.join(room);
    const reader = await kim.listen(room, { as });
    await owner.say(room, "heard");
    await reader.said("heard");
  });

for (const as of ["sse", "ndjson"])
  told(`S1-8 a stream ends with bye token_expired when its token does, by header or ticket, over ${as}`, async (s) => {
    const { room } = await s.room();
    const ends = inSeconds(scaled(1500) / 1000);
    const kim = guest(s, `late-${as}`, { exp: ends });
    await kim.join(room);
    const { ticket, expires_at } = await kim.ask("POST", "/tickets");
    assert.ok(Math.abs(Date.parse(expires_at) - ends * 1000) <= 1, expires_at);
    const readers = [
      await kim.listen(room, { as, conn: "header" }),
      await s.person().listen(room, { as, conn: "ticket", query: { ticket } }),
    ];
    for (const reader of readers) {
      await reader.control("bye", ({ reason }) => reason === "token_expired");
      await reader.end();
    }
    assert.ok(Date.now() >= ends * 1000 - 1);
  }, { needs: "daemon" });

told("S1-8 S2-4 who has just been let through is refused as soon as the token is over", async (s) => {
  const { room } = await s.room();
  const ends = inSeconds(scaled(1000) / 1000);
  const kim = guest(s, "quick", { exp: ends });
  await kim.join(room);
  const answer = await until(async () => {
    const began = Date.now();
    const said = await kim.answer("POST", `/rooms/${room}/messages`, { content: "still" });
    if (said.status === 201) assert.ok(began < ends * 1000, "not after its end");
    return said.status !== 201 && said;
  }, "the token is refused");
  assert.deepEqual([answer.status, answer.body.code], [401, "token_invalid"]);
});

told("S1-8 a service key may what its scopes say, and its holder owns what it makes", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room, { nickname: "owner" });
  await owner.say(room, "inside");
  const keys = { rooms: await keyFor(s, "all-rooms", "rooms"), alerts: await keyFor(s, "only-alerts", "alerts"), none: s.person() };
  await keys.none.create();
  const asked = {
    "GET /messages": [200, 403, 403], "GET /chatters": [200, 403, 403], "PATCH ": [200, 403, 403],
    "POST /chatters/announce": [202, 403, 403],
  };
  for (const [what, statuses] of Object.entries(asked)) {
    const [method, path] = what.split(" ");
    const body = method === "PATCH" ? { title: "Renamed" } : undefined;
    const got = [];
    for (const who of Object.values(keys)) got.push((await who.answer(method, `/rooms/${room}${path}`, body)).status);
    assert.deepEqual(got, statuses, what);
  }
  const kim = await s.member(room, "kim");
  await keys.rooms.ask("DELETE", `/rooms/${room}/chatters/${kim.chatter(room)}`);
  assert.deepEqual(await owner.names(room), ["owner"]);
  const its = await keys.alerts.create();
  assert.equal((await keys.alerts.answer("PATCH", `/rooms/${its}`, { title: "Mine" })).status, 200);
  for (const path of ["/tickets", "/session"])
    assert.equal((await keys.rooms.answer("POST", path, path === "/session" ? {} : undefined)).status, 403);
  assert.equal((await keys.rooms.answer("DELETE", "/me")).status, 403);
  assert.equal((await keys.rooms.answer("DELETE", `/rooms/${room}`)).status, 204);
  assert.equal((await keys.rooms.answer("GET", `/rooms/${room}/messages`)).status, 404);
  const { rooms } = await keys.rooms.ask("GET", "/rooms?limit=200");
  assert.ok(!rooms.some(({ id, title }) => [id, title].includes(room)));
});

told("S1-8 a revoked key is refused at once, and so is one that was familiar; the list tells no key", async (s) => {
  const { room } = await s.room();
  const key = await keyFor(s, "to-revoke", "rooms", "alerts");
  await key.join(room, { nickname: "robot" });
  await key.say(room, "familiar");
  await key.say(room, "by now");
  const list = await parlor(s, "key", "list");
  assert.match(list, /^to-revoke\trooms alerts\t\S+\t-$/m);
  assert.ok(!list.includes(key.token));
  await parlor(s, "key", "revoke", "to-revoke");
  const answer = await key.answer("POST", `/rooms/${room}/messages`, { content: "too late" });
  assert.deepEqual([answer.status, answer.body.code], [401, "token_invalid"]);
  assert.equal((await key.answer("GET", "/me")).status, 401);
  assert.match(await parlor(s, "key", "list"), /^to-revoke\trooms alerts\t\S+\t\d{4}-\S+$/m);
  for (const words of [["key", "revoke", "to-revoke"], ["key", "add", "to-revoke", "rooms"]])
    await s.server.program("parlor", words).done(1);
  for (const words of [["key", "add", "nothing"], ["key", "add", "BAD", "rooms"], ["key", "add", "bad", "all"], ["key", "revoke"]])
    await s.server.program("parlor", words).done(2);
});

told("S1-8 the stream of a key ends with bye signed_out when it is revoked", async (s) => {
  const { room } = await s.room();
  const key = await keyFor(s, "streaming", "rooms");
  await key.join(room);
  const reader = await key.listen(room);
  await parlor(s, "key", "revoke", "streaming");
  await reader.fact("signed_out");
  await reader.control("bye", ({ reason }) => reason === "signed_out");
  await reader.end();
}, { needs: "daemon" });

/* A browser that has PERSON's token only in the cookie. */
async function browser(s, person, body = {}) {
  const { status, headers, text } = await person.answer("POST", "/session", body);
  assert.equal(status, 204, text);
  const [set] = headers.getSetCookie();
  const [cookie, ...attributes] = set.split("; ");
  const page = s.person();
  page.headers = () => ({ Cookie: cookie });
  const ask = http(page.server);
  page.door = (method, target, more, text2) => ask(method, target, { Cookie: cookie, ...more }, text2);
  return { page, cookie, attributes };
}

told("S1-8 S2-3 S2-4 a cookie holds the token out of reach of scripts, and is its person", async (s) => {
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  const { page, cookie, attributes } = await browser(s, kim);
  assert.equal(cookie, `parlor_token=${kim.token}`);
  assert.deepEqual(attributes, [`Path=${FORM.at}/`, "HttpOnly", "SameSite=Strict"]);
  assert.deepEqual((await page.ask("GET", "/me")).user, (await kim.ask("GET", "/me")).user);
  const { message } = await page.ask("POST", `/rooms/${room}/messages`, { content: "by cookie" });
  assert.deepEqual(message.chatter, { id: kim.chatter(room), nickname: "kim" });
  const forged = await page.answer("POST", `/rooms/${room}/messages`, { content: "x", chatter: kim.chatter(room) });
  assert.equal(forged.status, 422);
  const thief = s.person();
  thief.headers = () => ({ Cookie: `parlor_token=${kim.chatter(room)}` });
  const stolen = await http(s.server)("GET", "/api/v1/me", thief.headers());
  assert.equal(stolen.status, 401);
  const remembered = await browser(s, kim, { remember: true });
  assert.ok(remembered.attributes.includes("Max-Age=31536000"));
  const signed = await browser(s, guest(s, "cookie"), { remember: true });
  const life = Number(signed.attributes.find((one) => one.startsWith("Max-Age=")).slice(8));
  assert.ok(life > 0 && life <= MINUTE, `${life}`);
});

for (const as of Object.keys(READERS))
  told(`S1-8 the cookie opens ${as}, but not for a page of another site`, async (s) => {
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const { page } = await browser(s, kim);
    const reader = await page.listen(room, { as });
    await watcher.say(room, "heard by cookie");
    await reader.said("heard by cookie");
    for (const from of ["cross-site", "same-site"])
      await assert.rejects(page.listen(room, { as, headers: { "Sec-Fetch-Site": from } }), refused(401, "token_required"));
  });

told("S1-8 what a form or a page of another site sends along with the cookie changes nothing", async (s) => {
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  const { page } = await browser(s, kim);
  const path = `/rooms/${room}/messages`;
  const send = (headers, method = "POST", to = path, body = '{"content":"forged"}') => page.door(method, `/api/v1${to}`, headers, body);
  for (const type of ["text/plain", "application/x-www-form-urlencoded"])
    assert.equal((await send({ "Content-Type": type })).status, 415);
  assert.equal((await send({}, "POST", `/rooms/${room}/chatters/announce`, null)).status, 415);
  assert.equal((await send({ "X-Parlor-Request": "1" }, "POST", `/rooms/${room}/chatters/announce`, null)).status, 202);
  for (const from of ["cross-site", "same-site"])
    assert.equal((await send({ "Content-Type": "application/json", "Sec-Fetch-Site": from })).status, 401);
  assert.equal((await send({ "X-Parlor-Request": "1", "Sec-Fetch-Site": "cross-site" }, "DELETE", "/me", null)).status, 401);
  assert.deepEqual((await kim.history(room)).filter(({ type }) => type === "message"), []);
});

told("S1-8 a cookie that has become stale hinders nobody from coming anew, and is taken away", async (s) => {
  const { room } = await s.room();
  const page = s.person();
  const ask = http(s.server);
  page.door = (method, target, headers, body) => ask(method, target, { Cookie: `parlor_token=${"A".repeat(43)}`, ...headers }, body);
  assert.equal((await page.answer("GET", "/me")).status, 401);
  await page.join(room, { nickname: "new" });
  assert.match(page.token, /^[A-Za-z0-9_-]{43}$/);
  const { status, headers } = await page.answer("DELETE", "/session", undefined, { headers: { "X-Parlor-Request": "1" } });
  assert.equal(status, 204);
  assert.match(headers.get("set-cookie"), /^parlor_token=; .*; Max-Age=0$/);
});

sentence("S1-8 the cookie goes over https alone where the site is asked for by it", async (s) => {
  await s.serve({ settings: { cookie_secure: 1 } });
  const { owner } = await s.room();
  assert.ok((await browser(s, owner)).attributes.includes("Secure"));
  await s.serve({});
  const { owner: other } = await s.room();
  const answer = await other.answer("POST", "/session", {}, { headers: { "X-Forwarded-Proto": "https" } });
  assert.match(answer.headers.get("set-cookie"), /; Secure/);
}, { needs: "embedded" });

for (const as of Object.keys(READERS))
  told(`S1-8 S2-13 who asks to be forgotten leaves every room, hears no more and is known by nothing, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched();
    const other = await watcher.create();
    const kim = guest(s, `forget-${as}`);
    for (const place of [room, other]) await kim.join(place, { nickname: "kim" });
    const { user } = await kim.ask("GET", "/me");
    assert.equal(user.subject, `forget-${as}`);
    const reader = await kim.listen([room, other], { as });
    await kim.say(room, "stays");
    await kim.ask("DELETE", "/me");
    await heard.fact("presence", ({ left }) => left?.[0].reason === "left");
    if (STREAMS.includes(as)) {
      await reader.control("bye", ({ reason }) => reason === "signed_out");
      await reader.end();
    } else
      await until(() => reader.broken?.code === "not_in_room", "whoever comes by that subject now is another");
    assert.ok((await watcher.history(room)).some(({ content }) => content === "stays"));
    const { user: anew } = await kim.ask("GET", "/me");
    assert.notEqual(anew.id, user.id, "the same subject is a new person");
  });

told("S1-8 a ban outlasts that the banned person is forgotten, until it is lifted", async (s) => {
  const { owner, room } = await s.watched();
  const evil = guest(s, `evil-${room}`);
  await evil.join(room, { nickname: "evil" });
  const seat = evil.chatter(room);
  const other = await owner.create();
  const before = (await evil.join(other)).chatter.id;
  await owner.ask("DELETE", `/rooms/${room}/chatters/${seat}?ban_seconds=0`);
  for (let again = 0; again < 2; again++) {
    assert.equal((await evil.answer("DELETE", "/me")).status, 204);
    const { status, body } = await evil.answer("POST", `/rooms/${room}/chatters`, {});
    assert.deepEqual([status, body.code], [403, "banned"]);
  }
  assert.notEqual((await evil.join(other)).chatter.id, before, "elsewhere nobody knows the person again");
  const { bans } = await owner.ask("GET", `/rooms/${room}/bans`);
  assert.deepEqual(bans.map(({ chatter }) => chatter.id), [seat]);
  await owner.ask("DELETE", `/rooms/${room}/bans/${seat}`);
  assert.equal((await evil.answer("POST", `/rooms/${room}/chatters`, {})).status, 200);
});

told("S1-8 a token of ours and its tickets are good for nothing after DELETE /me", async (s) => {
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  await kim.say(room, "familiar");
  const { ticket } = await kim.ask("POST", "/tickets");
  await kim.ask("DELETE", "/me");
  assert.equal((await kim.answer("POST", `/rooms/${room}/messages`, { content: "no more" })).status, 401);
  assert.equal((await kim.answer("GET", "/me")).status, 401);
  await assert.rejects(s.person().listen(room, { query: { ticket } }), refused(401, "token_invalid"));
});

sentence("S1-8 no token, key or ticket is ever in a log", async (s) => {
  const its = new Site("HS256");
  await s.serve({ settings: { ...its.settings, log: 3 } });
  const { owner, room } = await s.room();
  const kim = s.person({ token: its.token({ sub: "u", exp: inSeconds(MINUTE) }) });
  await kim.join(room);
  const { ticket } = await kim.ask("POST", "/tickets");
  const key = await keyFor(s, "silent", "rooms");
  const wrong = ["B".repeat(43), `pk_${"B".repeat(43)}`, its.token({ sub: "u" })];
  for (const token of [owner.token, key.token, ...wrong]) await s.person({ token }).answer("GET", "/me");
  await s.person().listen(room, { as: "sse", query: { ticket } });
  for (const secret of [owner.token, kim.token, key.token, ticket, ...wrong])
    assert.ok(!s.server.poller.said.includes(secret), secret);
}, { needs: "embedded" });
