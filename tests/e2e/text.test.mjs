// parts: e2e san form front
/* A text that is the whole body: one line of curl. */
import assert from "node:assert/strict";
import { http, newId } from "./lib/client.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

const told = onServer({ settings: { cors_origins: "https://listed.example", hb_ms: 300 } });

const FORM_TYPE = "application/x-www-form-urlencoded";
const basic = (key) => `Basic ${Buffer.from(`:${key}`).toString("base64")}`;

/* Sends what `curl -d TEXT` sends. */
async function send(s, target, text, headers = {}, method = "POST") {
  const answer = await http(s.server)(method, target, { "Content-Type": FORM_TYPE, ...headers }, text);
  const json = /json/.test(answer.headers.get("content-type") ?? "");
  return { ...answer, body: json ? JSON.parse(answer.text) : null };
}

async function bell(s, ...scopes) {
  return basic(await s.server.key(...scopes));
}

const outcome = ({ status, body }) => [status, body?.code];

told("S6-1 one line of curl with a service key sends an alert, which the room hears", async (s) => {
  const { room, heard } = await s.watched();
  const key = await s.server.key("alerts");
  for (const [i, authorization] of [basic(key), `Bearer ${key}`, `Basic ${Buffer.from(`any:${key}`).toString("base64")}`].entries()) {
    const { status, body } = await send(s, `/${room}`, `backup ${i} done`, { authorization });
    assert.equal(status, 201);
    const { type, chatter, content } = body.message;
    assert.deepEqual([type, chatter, content], ["alert", null, `backup ${i} done`]);
    const { data } = await heard.fact("alert", ({ message }) => message.content === content);
    assert.deepEqual(data.message, body.message);
  }
});

told("S6-1 the short address and the API's take the same text", async (s) => {
  const { room, watcher } = await s.watched();
  const authorization = await bell(s, "alerts");
  for (const path of [`/${room}`, `/api/v1/rooms/${room}/text`])
    for (const type of [FORM_TYPE, "text/plain", "application/json", "application/octet-stream", "text/plain; charset=utf-8"]) {
      const { status, body } = await send(s, path, '{"a=b&c%41"}', { authorization, "Content-Type": type });
      assert.deepEqual([status, body.message.content], [201, '{"a=b&c%41"}'], `${path} ${type}`);
    }
  const { body } = await send(s, `/${room}`, "one\r\ntwo\n\n", { authorization });
  assert.equal(body.message.content, "one\ntwo");
  assert.deepEqual((await watcher.history(room)).at(-1), body.message);
});

told("S6-2 title, tags, type and the name of a message come in headers or in the query", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room);
  const authorization = await bell(s, "alerts");
  const wanted = { title: "Nas 1", tags: ["ok", "night run"] };
  const labeled = async (target, headers) => {
    const { body } = await send(s, target, "t", { authorization, ...headers });
    return { title: body.message.title, tags: body.message.tags };
  };
  assert.deepEqual(await labeled(`/${room}?title=Nas%201&tags=ok,night%20run`), wanted);
  assert.deepEqual(await labeled(`/${room}?title=other`, { Title: " Nas  1 ", Tags: "ok, night run" }), wanted);
  assert.deepEqual(await labeled(`/${room}`), { title: undefined, tags: undefined });
  const token = { "X-Parlor-Token": owner.token };
  for (const type of ["message", "alert"])
    for (const [query, headers] of [[`?type=${type}`, {}], ["", { Type: type }]])
      assert.equal((await send(s, `/${room}${query}`, "t", { ...token, ...headers })).body.message.type, type);
  const id = newId();
  const first = await send(s, `/${room}?client_id=${id}`, "once", { authorization });
  const again = await send(s, `/${room}`, "once", { authorization, "Idempotency-Key": id });
  assert.deepEqual([first.status, again.status, again.text], [201, 200, first.text]);
});

told("S6-2 a deleted message keeps neither title nor tags, and an edited one both", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room);
  const { body } = await send(s, `/${room}?title=T&tags=a`, "t", { "X-Parlor-Token": owner.token });
  const path = `/rooms/${room}/messages/${body.message.id}`;
  const { message } = await owner.ask("PATCH", path, { content: "u" });
  assert.deepEqual([message.title, message.tags, message.content], ["T", ["a"], "u"]);
  await owner.ask("DELETE", path);
  const { title, tags } = (await owner.ask("GET", path)).message;
  assert.deepEqual([title, tags], [undefined, undefined]);
});

told("S6-3 what is no text is refused and leaves no trace", async (s) => {
  const { room, watcher } = await s.watched();
  const authorization = await bell(s, "alerts");
  const before = await watcher.history(room);
  const fields = {
    content: [["", ""], ["", "\n\n"], ["", "x".repeat(4001)], ["", "a\0b"], ["", "a\u0001b"], ["", Buffer.from([0xff])], ["", "\u3164"]],
    title: [["?title=%ff", "t"], [`?title=${"x".repeat(101)}`, "t"], ["?title=a%e2%80%8bb", "t"], ["?title=%20", "t"]],
    tags: [["?tags=a,", "t"], [`?tags=${"x".repeat(33)}`, "t"], ["?tags=1,2,3,4,5,6,7,8,9", "t"], ["?tags=%e2%80%ae", "t"]],
    type: [["?type=notice", "t"]],
    client_id: [["?client_id=a%20b", "t"], [`?client_id=${"x".repeat(65)}`, "t"]],
  };
  for (const [field, all] of Object.entries(fields))
    for (const [query, text] of all) {
      const answer = await send(s, `/${room}${query}`, text, { authorization });
      assert.deepEqual([...outcome(answer), Object.keys(answer.body.fields ?? {})], [422, "invalid_fields", [field]], `${field} ${query}`);
    }
  const refused = [
    [`/${room}`, "x".repeat(16385), {}, [413, "body_too_large"]],
    [`/${room}`, "--x", { "Content-Type": "multipart/form-data; boundary=x" }, [415, "unsupported_media_type"]],
    [`/${room}`, "x", { "Content-Encoding": "br" }, [415, "unsupported_media_type"]],
    [`/${room}?title=a&title=b`, "x", {}, [400, "malformed_request"]],
  ];
  for (const [target, text, headers, wanted] of refused)
    assert.deepEqual(outcome(await send(s, target, text, { authorization, ...headers })), wanted, `${target} ${text.slice(0, 9)}`);
  assert.deepEqual(await watcher.history(room), before);
});

told("S6-4 a cookie never counts for a text, and neither does a page of another site", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room);
  const cookie = `parlor_token=${owner.token}`;
  const sites = [{}, { "Sec-Fetch-Site": "same-origin" }];
  for (const headers of sites)
    assert.deepEqual(outcome(await send(s, `/${room}`, "forged", { cookie, ...headers })), [401, "token_required"]);
  await owner.ask("PATCH", `/rooms/${room}`, { post: "anyone" });
  for (const origin of ["https://evil.example", "null"])
    assert.deepEqual(outcome(await send(s, `/${room}`, "forged", { cookie, origin })), [403, "origin_not_allowed"]);
  const { body } = await send(s, `/${room}`, "by nobody", { cookie });
  assert.equal(body.message.chatter, null);
  const listed = { origin: "https://listed.example" };
  const asked = await send(s, `/${room}`, undefined,
    { ...listed, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "title" }, "OPTIONS");
  assert.deepEqual([asked.status, asked.headers.get("access-control-allow-origin")], [204, listed.origin]);
  assert.equal((await send(s, `/${room}`, "from a page", listed)).status, 201);
});

told("S6-5 where a room says so anyone sends messages, but no alerts, and reads nothing", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room);
  const stranger = s.person();
  const outsider = s.person();
  await outsider.create();
  const path = `/rooms/${room}/messages`;
  const tries = [
    () => send(s, `/${room}`, "t"), () => send(s, `/${room}`, "t", { "X-Parlor-Token": outsider.token }),
    () => stranger.answer("POST", path, { content: "t" }), () => outsider.answer("POST", path, { content: "t" }),
  ];
  const outcomes = async () => (await Promise.all(tries.map((one) => one()))).map(({ status }) => status);
  assert.deepEqual(await outcomes(), [401, 403, 401, 403]);
  const changed = await owner.ask("PATCH", `/rooms/${room}`, { post: "anyone" });
  assert.equal(changed.room.post, "anyone");
  assert.deepEqual(await outcomes(), [201, 201, 201, 201]);
  for (const { chatter, type } of (await owner.history(room)).slice(-4)) assert.deepEqual([chatter, type], [null, "message"]);
  assert.deepEqual(outcome(await send(s, `/${room}?type=alert`, "t")), [403, "forbidden"]);
  assert.deepEqual(outcome(await stranger.answer("GET", path)), [401, "token_required"]);
  assert.deepEqual(outcome(await outsider.answer("GET", path)), [403, "not_in_room"]);
  const banned = await s.member(room, "banned");
  await owner.ask("DELETE", `/rooms/${room}/chatters/${banned.chatter(room)}?ban_seconds=0`);
  assert.deepEqual(outcome(await banned.answer("POST", path, { content: "t" })), [403, "banned"]);
  assert.deepEqual(outcome(await send(s, `/${room}`, "t", { "X-Parlor-Token": banned.token })), [403, "banned"]);
  await owner.ask("PATCH", `/rooms/${room}`, { title: "still open" });
  assert.deepEqual(await outcomes(), [201, 201, 201, 201]);
  await owner.ask("PATCH", `/rooms/${room}`, { post: "members" });
  assert.deepEqual(await outcomes(), [401, 403, 401, 403]);
});

told("S6-5 a message by someone who is not in the room counts as unread, and the owner deletes it", async (s) => {
  const { owner, room } = await s.room({ post: "anyone", notices: "off" });
  await owner.join(room);
  await owner.leave(room);
  const away = await s.member(room, "away");
  await away.ask("PUT", `/rooms/${room}/read`, { message: (await away.history(room)).length });
  const { body } = await send(s, `/${room}`, "t");
  const path = `/rooms/${room}/messages/${body.message.id}`;
  assert.deepEqual(outcome(await away.answer("DELETE", path)), [403, "forbidden"]);
  await owner.ask("DELETE", path);
  assert.equal((await away.ask("GET", path)).message.content, "");
});

told("S6-5 the name of a stranger's message counts for the same text alone", async (s) => {
  const { owner, room } = await s.room({ post: "anyone" });
  await owner.join(room);
  const id = newId();
  const first = await send(s, `/${room}?client_id=${id}`, "secret");
  const again = await send(s, `/${room}?client_id=${id}`, "secret");
  const other = await send(s, `/${room}?client_id=${id}`, "guess");
  assert.deepEqual([first.status, again.status, other.status], [201, 200, 201]);
  assert.equal(again.text, first.text);
  assert.notEqual(other.body.message.id, first.body.message.id);
});

told("S6-6 a key that may make rooms makes one with its first text, and no other key does", async (s) => {
  const name = `first-${newId().toLowerCase().replace(/[^a-z0-9]/g, "x")}`;
  for (const scopes of [["alerts"], ["rooms"], ["notifications"]])
    assert.deepEqual(outcome(await send(s, `/${name}`, "t", { authorization: await bell(s, ...scopes) })), [404, "not_found"]);
  const authorization = await bell(s, "rooms", "alerts");
  assert.deepEqual(outcome(await send(s, `/${name}?type=message`, "t", { authorization })), [403, "not_in_room"]);
  const anybody = s.person();
  assert.equal((await anybody.answer("GET", `/rooms/${name}`)).status, 404, "refused, so nothing was made");
  const { status, body } = await send(s, `/${name}`, "first", { authorization });
  assert.deepEqual([status, body.message.id, body.message.room], [201, 1, name]);
  const { room } = await anybody.ask("GET", `/rooms/${name}`);
  assert.deepEqual([room.listed, room.title, room.post, room.namespace], [false, name, "members", "main"]);
  assert.equal((await send(s, `/${name}`, "second", { authorization })).body.message.id, 2);
});

told("S6-7 ids that would hide an address are refused for new rooms, and their addresses stay", async (s) => {
  const owner = s.person();
  const authorization = await bell(s, "rooms", "alerts");
  for (const id of ["events", "api", "raw", "health", "metrics"]) {
    const { status, body } = await owner.answer("POST", "/rooms", { id });
    assert.deepEqual([status, Object.keys(body.fields)], [422, ["id"]]);
    assert.deepEqual(outcome(await send(s, `/api/v1/rooms/${id}/text`, "t", { authorization })), [422, "invalid_fields"]);
  }
  for (const path of ["/index.html", "/no-such-page", "/"]) {
    const { status } = await http(s.server)("GET", path, {});
    assert.equal(status, path === "/no-such-page" ? 404 : 200);
  }
});

/* Everything that GET of TARGET prints; it must end by itself. */
async function printed(s, target, headers) {
  const { status, text } = await http(s.server)("GET", target, headers);
  return status === 200 ? text : status;
}

/* Reads lines of TARGET until ENOUGH(lines); returns those that are not empty. */
async function follow(s, target, headers, act, enough) {
  const stop = new AbortController();
  const answer = await fetch(s.server.url + target, { headers, signal: stop.signal });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/plain; *charset=utf-8$/i);
  const acted = act();
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of answer.body) {
    text += decoder.decode(part, { stream: true });
    if (enough(text)) break;
  }
  stop.abort();
  await acted;
  return text.split("\n").filter(Boolean);
}

told("S6-8 /raw prints what is there, one message a line, and nothing else", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room);
  const kim = await s.member(room, "kim");
  for (const content of ["one", "two\nthree\t4", '"five" é 한국']) await kim.say(room, content);
  const gone = await kim.say(room, "gone");
  await kim.ask("DELETE", `/rooms/${room}/messages/${gone.id}`);
  await owner.say(room, "six", { type: "alert" });
  const all = 'one\ntwo three\t4\n"five" é 한국\nsix\n';
  const member = { "X-Parlor-Token": kim.token };
  for (const query of ["since=all", "since=earliest", "cursor=all"])
    assert.equal(await printed(s, `/${room}/raw?poll=1&${query}`, member), all);
  assert.equal(await printed(s, `/${room}/raw?poll=1&since=-1`, member), "six\n");
  assert.equal(await printed(s, `/${room}/raw?poll=1`, member), "");
  assert.equal(await printed(s, `/${room}/raw?poll=2`, member), 400);
  assert.equal(await printed(s, "/no-such-room/raw?poll=1", member), 404);
  assert.equal(await printed(s, `/events?as=ndjson&poll=1&rooms=${room}&cursor=-1`, member).then((text) => text.split("\n").length), 4);
});

told("S6-8 a key with the scope rooms reads /raw of any room without being present, and no other caller from outside", async (s) => {
  const { room, watcher } = await s.watched();
  await watcher.say(room, "hello");
  const count = async () => (await s.person().ask("GET", `/rooms/${room}`)).room.online;
  const before = await count();
  const authorization = await bell(s, "rooms");
  assert.equal(await printed(s, `/${room}/raw?poll=1&since=all`, { authorization }), "hello\n");
  assert.equal(await count(), before);
  for (const [scopes, status] of [["alerts", 403], ["notifications", 403]])
    assert.equal(await printed(s, `/${room}/raw?poll=1`, { authorization: await bell(s, scopes) }), status);
  assert.equal(await printed(s, `/${room}/raw?poll=1`, {}), 401);
});

told("S6-8 /raw goes on with each message as it comes, past events that it does not print", async (s) => {
  const { owner, room } = await s.room();
  await owner.join(room);
  const authorization = await bell(s, "rooms", "alerts");
  const act = async () => {
    for (const text of ["one", "two"]) {
      await send(s, `/${room}`, text, { authorization });
      const guest = await s.member(room);
      await guest.leave(room);
    }
    await send(s, `/${room}`, "end", { authorization });
  };
  const lines = await follow(s, `/${room}/raw`, { authorization }, act, (text) => text.includes("end\n"));
  assert.deepEqual(lines, ["one", "two", "end"]);
  const member = { "X-Parlor-Token": owner.token };
  const again = await follow(s, `/${room}/raw?since=all`, member, async () => {}, (text) => text.includes("end\n"));
  assert.deepEqual(again, ["one", "two", "end"]);
}, { needs: "daemon" });

told("S6-8 an empty line keeps /raw alive, and the end of the room ends it", async (s) => {
  const { owner, room } = await s.room();
  const authorization = await bell(s, "rooms");
  const stream = await fetch(`${s.server.url}/${room}/raw`, { headers: { authorization } });
  const reader = stream.body.getReader();
  const { value } = await reader.read();
  assert.match(new TextDecoder().decode(value), /^\n+$/);
  await owner.ask("DELETE", `/rooms/${room}`);
  let end = false;
  while (!end) end = (await reader.read()).done;
}, { needs: "daemon" });

sentence("S6-5 messages by people who are not in the room are limited for each address", async (s) => {
  await s.serve({ settings: { rate_ms: 3_600_000, rate_strangers: 2 } });
  const { owner, room } = await s.room({ post: "anyone" });
  await owner.join(room);
  const sent = [];
  for (let i = 0; i < 3; i++) sent.push(await send(s, `/${room}`, "t"));
  assert.deepEqual(sent.map(({ status }) => status), [201, 201, 429]);
  assert.ok(Number(sent[2].headers.get("retry-after")) > 0);
  assert.equal((await owner.answer("POST", `/rooms/${room}/messages`, { content: "a member's" })).status, 201);
}, { needs: "quick" });
