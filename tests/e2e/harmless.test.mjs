// parts: e2e san form
/*
 * Requests with harmless differences are accepted, and wrong ones are refused
 * with the status that says why.
 */
import assert from "node:assert/strict";
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { newId } from "./lib/client.mjs";
import { onServer } from "./lib/scene.mjs";

const told = onServer({ settings: { retry_ms: 50, cors_origins: "https://page.example" } });
const TYPE = "application/json";

/* A request with exactly these headers; the body is sent as it is. */
async function ask(person, method, path, headers = {}, body = undefined) {
  const all = { "X-Parlor-Token": person.token, ...headers };
  const answer = await fetch(`${person.server.url}${path}`, { method, headers: all, body });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, code: /"code":"(\w+)"/.exec(text)?.[1] };
}

async function scene(s) {
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  return { room, kim, messages: `/api/v1/rooms/${room}/messages` };
}

told("B3 where no body is needed, an empty one and an empty object are taken", async (s) => {
  const { kim } = await scene(s);
  const bodies = [undefined, "", "{}", " {\r\n} ", "\ufeff{}"];
  for (const body of bodies) {
    const { status, text } = await ask(kim, "POST", "/api/v1/tickets", { "Content-Type": TYPE }, body);
    assert.equal(status, 201, `${JSON.stringify(body)} ${text}`);
  }
  for (const [body, expected] of [['{"a":1}', [422, "invalid_fields"]], ["[]", [400, "malformed_json"]], ["{", [400, "malformed_json"]],
    [`{"a":"${"x".repeat(2000)}"}`, [413, "body_too_large"]]]) {
    const { status, code } = await ask(kim, "POST", "/api/v1/tickets", { "Content-Type": TYPE }, body);
    assert.deepEqual([status, code], expected, body);
  }
  const { status } = await ask(kim, "POST", "/api/v1/tickets", { "Content-Type": "text/plain" }, "{}");
  assert.equal(status, 415);
});

told("B3 a DELETE with an empty object does what it does without", async (s) => {
  const { room, kim } = await scene(s);
  const path = `/api/v1/rooms/${room}/chatters/${kim.chatter(room)}`;
  const { status } = await ask(kim, "DELETE", path, { "Content-Type": TYPE }, "{}");
  assert.equal(status, 204);
});

told("B3 a whole number may be written in any way that JSON has", async (s) => {
  const { owner, room } = await s.room();
  const path = `/api/v1/rooms/${room}`;
  for (const [text, capacity] of [["3", 3], ["4.0", 4], ["5e0", 5], ["0.6e1", 6], ["70E-1", 7], ["8.000", 8], ["1e2", 100]]) {
    const { status, text: said } = await ask(owner, "PATCH", path, { "Content-Type": TYPE }, `{"capacity":${text}}`);
    assert.equal(status, 200, `${text}: ${said}`);
    assert.equal(JSON.parse(said).room.capacity, capacity);
  }
  for (const text of ["3.5", "1e-1", "1e300", "-1e300", "9007199254740993e3", '"3"', "true", "null", "[3]"]) {
    const { status, code } = await ask(owner, "PATCH", path, { "Content-Type": TYPE }, `{"capacity":${text}}`);
    assert.deepEqual([status, code], [422, "invalid_fields"], text);
  }
});

told("B3 JSON is JSON however its type is written, and with a byte order mark", async (s) => {
  const { kim, messages } = await scene(s);
  const types = ["application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"', "application/json; charset=utf-8; x=y",
    "application/vnd.api+json", "application/json;"];
  for (const type of types)
    for (const mark of ["", "\ufeff"]) {
      const { status, text } = await ask(kim, "POST", messages, { "Content-Type": type }, `${mark}{"content":"hi"}`);
      assert.equal(status, 201, `${type} ${text}`);
    }
  for (const type of ["text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const { status, code } = await ask(kim, "POST", messages, { "Content-Type": type }, '{"content":"hi"}');
    assert.deepEqual([status, code], [415, "unsupported_media_type"], type);
  }
});

told("B3 a body in a coding is refused as what it is", async (s) => {
  const { kim, messages } = await scene(s);
  const body = gzipSync('{"content":"hi"}');
  for (const coding of ["gzip", "x-gzip", "br", "deflate, gzip", "zstd"]) {
    const { status, code } = await ask(kim, "POST", messages, { "Content-Type": TYPE, "Content-Encoding": coding }, body);
    assert.deepEqual([status, code], [415, "unsupported_media_type"], coding);
  }
  const { status } = await ask(kim, "POST", messages, { "Content-Type": TYPE, "Content-Encoding": "identity" }, '{"content":"hi"}');
  assert.equal(status, 201);
});

told("B3 a refusal says what was wrong with the body", async (s) => {
  const { room, kim, messages } = await scene(s);
  const refusal = async (...call) => JSON.parse((await ask(kim, "POST", ...call)).text);
  for (const path of ["/api/v1/tickets", `/api/v1/rooms/${room}/chatters/announce`]) {
    const { code, fields } = await refusal(path, { "Content-Type": TYPE }, '{"odd":1}');
    assert.deepEqual([code, fields], ["invalid_fields", { odd: "is not known here" }], path);
  }
  for (const number of ["1e309", "-1e309", "9223372036854775808", "-9223372036854775809"]) {
    const { status, code, detail } = await refusal(messages, { "Content-Type": TYPE }, `{"content":"x","client_id":${number}}`);
    assert.deepEqual([status, code], [400, "malformed_json"], number);
    assert.match(detail, /number/, number);
  }
  for (const headers of [{ "Content-Type": `${TYPE};charset=latin1` }, { "Content-Type": TYPE, "Content-Encoding": "gzip" }]) {
    const { detail } = await refusal(messages, headers, '{"content":"x"}');
    assert.match(detail, /UTF-8/);
    assert.match(detail, /Content-Encoding/);
  }
});

/* fetch() would normalize the address; here the target is sent as it is. */
function statusOf(server, target) {
  return new Promise((done, failed) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path: target, agent: false }, (answer) => {
      answer.resume();
      answer.on("end", () => done(answer.statusCode));
    }).on("error", failed).end();
  });
}

told("B3 a target may be a whole address, and a dot may be escaped", async (s) => {
  const { kim: { server } } = await scene(s);
  for (const target of ["http://chat.example/api/v1/health", "HTTP://127.0.0.1:1/%68ealth", "/api/v1/openapi%2Ejson", "/parlor%2ejs", "http://chat.example", "http://chat.example?room=x"])
    assert.equal(await statusOf(server, target), 200, target);
  for (const target of ["/api/v1/%2e/health", "/%2e%2e/etc/passwd", "http://chat.example//api/v1/health", "http://chat.example/../x", "http:///api/v1/health", "http://a@b/api/v1/health", "ftp://chat.example/", "*"])
    assert.equal(await statusOf(server, target), 400, target);
}, { needs: "embedded" });

told("B3 an empty parameter is as one that is not there", async (s) => {
  const { room, kim } = await scene(s);
  for (const path of [
    `/events?rooms=${room}&wait=0&cursor=&as=&conn=&last_event_id=&ticket=`, `/api/v1/events?rooms=${room}&wait=0&cursor=&as=`,
    `/api/v1/rooms/${room}/messages?limit=&before=&after=`, `/api/v1/rooms/${room}/chatters?limit=&after=`, "/api/v1/rooms?limit=&after=&namespace=",
    "/api/v1/me/rooms?limit=&cursor=", "/api/v1/me/notifications?limit=&before=",
  ]) {
    const { status, text } = await ask(kim, "GET", path);
    assert.equal(status, 200, `${path}: ${text}`);
  }
});

told("B3 a percent-encoded letter in a path is that letter", async (s) => {
  const { room, kim } = await scene(s);
  const hidden = [...room].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");
  for (const path of [`/api/v1/rooms/${hidden}`, `/api/v1/r%6Foms/${room}`, `/%61pi/%76%31/rooms/${room}`]) {
    const { status, text } = await ask(kim, "GET", path);
    assert.equal(status, 200, `${path}: ${text}`);
    assert.equal(JSON.parse(text).room.id, room);
  }
}, { needs: "embedded" });

const FORMS = { sse: /^text\/event-stream/, json: /^application\/json/, ndjson: /^application\/x-ndjson/ };
const ACCEPTS = [
  ["text/event-stream;q=0, application/json", "json"], ["text/event-stream", "sse"], ["TEXT/EVENT-STREAM", "sse"],
  ["application/json, text/plain, */*", "json"], ["*/*", "json"], ["text/event-stream, */*", "sse"],
  ["application/json;q=0.5, text/event-stream;q=0.6", "sse"], ["application/json;q=0.6,text/event-stream;q=0.5", "json"],
  ["text/*;q=0.5, application/x-ndjson", "ndjson"], ["text/html", "json"], ["*/*;q=0.1, text/event-stream;q=0", "json"],
];

told("B3 the answer of /events has the form that Accept weighs most", async (s) => {
  const { room, kim } = await scene(s);
  for (const folder of ["", "/api/v1"])
    for (const [accept, form] of ACCEPTS) {
      const enough = new AbortController();
      const headers = { "X-Parlor-Token": kim.token, Accept: accept };
      const answer = await fetch(`${s.server.url}${folder}/events?rooms=${room}&wait=0`, { headers, signal: enough.signal });
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get("content-type"), FORMS[form], accept);
      enough.abort();
    }
});

const BREAKS = "a \u2028 b \u2029 c";

/* As Python's str.splitlines() does it. */
const lines = (text) => text.split(/\r\n|[\n\r\v\f\x1c-\x1e\u0085\u2028\u2029]/);

told("B4 no line reader finds an end of line within JSON", async (s) => {
  const { room, kim } = await scene(s);
  const client_id = newId();
  const message = await kim.say(room, BREAKS, { client_id });
  assert.equal(message.content, BREAKS);
  await kim.ask("PATCH", `/rooms/${room}/messages/${message.id}`, { content: `${BREAKS}!` });
  const paths = [`/api/v1/rooms/${room}/messages`, `/events?rooms=${room}&wait=0&cursor=earliest`, `/api/v1/events?rooms=${room}&cursor=earliest&as=json`];
  for (const path of paths) {
    const { text } = await ask(kim, "GET", path);
    assert.equal(lines(text).length, 1, path);
    assert.ok(text.includes("\\u2028"), path);
  }
  for (const as of ["sse", "ndjson"]) {
    const { text } = await ask(kim, "GET", `/api/v1/events?rooms=${room}&cursor=earliest&as=${as}`);
    assert.deepEqual(lines(text), text.split("\n"), as);
    assert.ok(text.includes("\\u2028"), as);
  }
});

told("B4 what a client names itself in a refusal breaks no line either", async (s) => {
  const { room, kim } = await scene(s);
  const { status, text } = await ask(kim, "POST", `/api/v1/rooms/${room}/messages`, { "Content-Type": TYPE }, JSON.stringify({ [`${BREAKS}\u0085`]: 1 }));
  assert.equal(status, 422);
  assert.equal(lines(text).length, 1, text);
});

told("B4 no front may transform a stream", async (s) => {
  const { room, kim } = await scene(s);
  for (const folder of ["", "/api/v1"])
    for (const as of ["sse", "ndjson"]) {
      const enough = new AbortController();
      const headers = { "X-Parlor-Token": kim.token, "Accept-Encoding": "gzip, br" };
      const answer = await fetch(`${s.server.url}${folder}/events?rooms=${room}&as=${as}`, { headers, signal: enough.signal });
      assert.equal(answer.headers.get("cache-control"), "no-store, no-transform", `${folder} ${as}`);
      assert.equal(answer.headers.get("content-encoding"), null);
      enough.abort();
    }
});

told("B4 a preflight allows what clients of streams and tracers send", async (s) => {
  const asked = "cache-control,last-event-id,traceparent,x-requested-with,sentry-trace,baggage,pragma";
  for (const path of ["/events", "/api/v1/rooms"]) {
    const headers = { Origin: "https://page.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": asked };
    const answer = await fetch(`${s.server.url}${path}`, { method: "OPTIONS", headers });
    assert.equal(answer.status, 204);
    const allowed = answer.headers.get("access-control-allow-headers").toLowerCase().split(/,\s*/);
    for (const name of [...asked.split(","), "authorization", "idempotency-key"]) assert.ok(allowed.includes(name), name);
    headers.Origin = "https://other.example";
    const other = await fetch(`${s.server.url}${path}`, { method: "OPTIONS", headers });
    assert.equal(other.status, 403);
    assert.equal(other.headers.get("access-control-allow-headers"), null);
  }
});
