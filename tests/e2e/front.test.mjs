// parts: form front
/*
 * Behind a web server, the shipped configuration serves the page, protects what
 * is not public, and keeps every EventSource alive.
 */
import assert from "node:assert/strict";
import { get } from "node:http";
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { http, newId } from "./lib/client.mjs";
import { FORM, formHas } from "./lib/forms.mjs";
import { children } from "./lib/fleet.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 300, retry_ms: 100 } });

const POLICY = /default-src 'none'; script-src 'self'/;
const PAGE = { "/": /^text\/html/, "/base.css": /^text\/css/, "/app.js": /^text\/javascript/, "/parlor.js": /^text\/javascript/ };

told("front: the page comes from its folder, with its policy and types", async (s) => {
  const door = http(s.server);
  for (const [target, type] of Object.entries(PAGE)) {
    const { status, headers } = await door("GET", target);
    assert.equal(status, 200, target);
    assert.match(headers.get("content-type"), type, target);
    assert.match(headers.get("content-security-policy"), POLICY, target);
    assert.equal(headers.get("x-content-type-options"), "nosniff", target);
  }
  const { status } = await door("GET", "/nothing-here.js");
  assert.equal(status, 404);
}, { needs: "front" });

told("front: scripts alone may be read by pages of every origin", async (s) => {
  const door = http(s.server);
  for (const target of Object.keys(PAGE)) {
    const { headers } = await door("GET", target);
    assert.equal(headers.get("access-control-allow-origin"), target.endsWith(".js") ? "*" : null, target);
  }
}, { needs: ["front", "apart"] });

/* The names in the folder of the version that index.html names, as browsers ask for them. */
async function versioned(server) {
  const page = await (await fetch(`${server.url}/`)).text();
  return [...new Set(page.match(/v-[0-9a-f]+\/[\w-]+\.(?:js|css|svg)/g))];
}

/* The answer for TARGET as it comes, not decoded. */
function raw({ url }, target, headers) {
  return new Promise((done, failed) => {
    get(`${url}/${target}`, { headers, agent: false }, async (response) => {
      const body = Buffer.concat(await response.toArray().catch(failed));
      done({ status: response.statusCode, headers: response.headers, body });
    }).on("error", failed);
  });
}

const CODINGS = { "": [undefined, (body) => body], gzip: ["gzip", gunzipSync], "gzip, br": ["br", brotliDecompressSync] };

told("front: browsers keep what the page consists of, and get it small", async ({ server }) => {
  const names = await versioned(server);
  assert.ok(names.length > 40, "the page names its files");
  for (const target of ["", names.find((name) => name.endsWith("app.js")), names.find((name) => name.endsWith("page.css"))]) {
    const plain = await raw(server, target, {});
    for (const [accepted, [coding, decode]] of Object.entries(CODINGS)) {
      if (coding === "br" && !formHas("brotli")) continue;
      const { status, headers, body } = await raw(server, target, { "Accept-Encoding": accepted });
      assert.deepEqual([status, headers["content-encoding"]], [200, coding], `${target} by ${accepted}`);
      assert.equal(headers["cache-control"], target === "" ? "no-cache" : "max-age=31536000, immutable", target);
      assert.match(headers["content-security-policy"], POLICY, target);
      assert.equal(headers["content-type"], plain.headers["content-type"]);
      assert.match(headers.vary, /Accept-Encoding/i, target);
      assert.deepEqual(decode(body), plain.body);
      const again = await raw(server, target, { "Accept-Encoding": accepted, "If-None-Match": headers.etag });
      assert.deepEqual([again.status, again.body.length], [304, 0], `${target} by ${accepted}`);
    }
  }
}, { needs: "front" });

told("front: the API's answers keep their own headers", async (s) => {
  const { headers } = await http(s.server)("GET", "/api/v1/health", {});
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
}, { needs: "front" });

told("front: what lies beside the page is not handed out", async (s) => {
  const door = http(s.server);
  /* The embedded form has the page in every folder. */
  const folder = FORM.embed ? [] : ["/lib/"];
  for (const target of ["/.htaccess", "/parlor.conf", "/parlor.db", "/.git/config", ...folder]) {
    const { status, text } = await door("GET", target);
    assert.ok([403, 404].includes(status), `${target}: ${status}`);
    assert.doesNotMatch(text, /Rewrite|data =|Index of/);
  }
}, { needs: "front" });

told("front: the metrics are nobody's business outside, whatever path leads there", async (s) => {
  const door = http(s.server);
  const beneath = ["/metrics", "/events/metrics", "/events//metrics", "/events/x/metrics", "/events/../metrics",
    "/events%2fmetrics", "/api/metrics", "/api/v1/metrics", "/api/v1/events/metrics"];
  for (const target of beneath) {
    const { status, text } = await door("GET", target);
    assert.ok(status >= 400, `${target}: ${status}`);
    assert.doesNotMatch(text, /parlor_streams/, target);
  }
}, { needs: "front" });

told("front: a body that is too long is a problem of ours, not an error page", async (s) => {
  const { room, watcher } = await s.watched();
  for (const size of [20_000, 100_000]) {
    const answer = await watcher.answer("POST", `/rooms/${room}/messages`, { content: "x".repeat(size) });
    assert.deepEqual([answer.status, answer.body.code], [413, "body_too_large"]);
  }
}, { needs: "front" });

told("front: a body beyond the front's own limit is the same problem", async (s) => {
  const { room, watcher } = await s.watched();
  const answer = await watcher.answer("POST", `/rooms/${room}/messages`, { content: "x".repeat(200_000) });
  assert.deepEqual([answer.status, answer.body.status, answer.body.code], [413, 413, "body_too_large"]);
  const { headers } = await http(s.server)("POST", "/events", watcher.headers(), "x".repeat(200_000));
  assert.match(headers.get("content-type"), /^application\/problem\+json/);
}, { needs: "problems" });

told("front: an unmodified EventSource hears everything, whoever answers it", async (s) => {
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "native" });
  for (let i = 0; i < 12; i++) {
    await watcher.say(room, `n${i}`);
    if (i % 4 === 3) await reader.said(`n${i}`);
  }
  assert.deepEqual(reader.feed.map(({ content }) => content), Array.from({ length: 12 }, (_, i) => `n${i}`));
  const ends = reader.controls.filter(({ kind }) => kind === "bye").map(({ data }) => data.reason);
  if (FORM.daemon) assert.deepEqual(ends, []);
  else assert.deepEqual([...new Set(ends)], ["poll"]);
}, { needs: "front" });

sentence("front: while the poller is down the API answers an EventSource in its place", async (s) => {
  const server = await s.serve({ settings: { retry_ms: 50, hb_ms: 200, join_lease_ms: 60_000 } });
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "native" });
  await watcher.say(room, "before");
  await reader.said("before");
  await server.kill();
  await watcher.say(room, "meanwhile");
  await reader.said("meanwhile");
  await reader.control("bye", ({ reason }) => reason === "poll");
  const heartbeats = () => reader.controls.filter(({ kind }) => kind === "hb").length;
  const before = heartbeats();
  await server.launch();
  await reader.wait(() => heartbeats() > before, "a heartbeat, which the API never sends");
  await watcher.say(room, "after");
  await reader.said("after");
  assert.deepEqual(reader.feed.map(({ content }) => content), ["before", "meanwhile", "after"]);
  await isOpen(reader);
}, { needs: ["front", "apart", "daemon"] });

sentence("front: beyond the streams that the poller bears an EventSource is answered by the API", async (s) => {
  await s.serve({ settings: { streams_max: 1, streams_per_token: 0, retry_ms: 50 } });
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "native" });
  await watcher.say(room, "one");
  await reader.said("one");
  await reader.control("bye", ({ reason }) => reason === "poll");
}, { needs: ["front", "services", "intercepting"] });

sentence("front: while no service runs every request is answered by a problem, which says when to come again", async (s) => {
  const server = await s.serve({ settings: { hb_ms: 200, join_lease_ms: 60_000 } });
  const { room, watcher } = await s.watched();
  await server.kill();
  if (FORM.services) await server.killApi();
  const asked = [["GET", "/api/v1/rooms"], ["POST", `/api/v1/rooms/${room}/messages`, '{"content":"x"}'],
    ["GET", `/events?rooms=${room}`], ["GET", `/events?rooms=${room}&as=ws`]];
  for (const [method, target, body] of asked) {
    const { status, headers, text } = await http(server)(method, target, watcher.headers(), body);
    /* Caddy has nothing to say when the API, in the poller's place, does not answer either. */
    if (FORM.services && FORM.front === "caddy" && target.startsWith("/events")) {
      assert.equal(status, 502, target);
      continue;
    }
    assert.equal(status, 503, target);
    assert.match(headers.get("content-type"), /^application\/problem\+json/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.ok(headers.get("retry-after") > 0);
    const { status: said, code } = JSON.parse(text);
    assert.deepEqual([said, code], [503, "internal"], target);
  }
  await server.launch();
  await watcher.say(room, "again");
}, { needs: "problems" });

/* Sends N requests whose bodies never come; returns what closes them. */
function hold(server, n) {
  const { pathname } = new URL(server.api);
  const all = Array.from({ length: n }, () => connect(server.port, "127.0.0.1"));
  for (const socket of all) {
    socket.on("error", () => {});
    socket.write(`POST ${pathname}/rooms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`);
  }
  return () => all.forEach((socket) => socket.destroy());
}

sentence("front: an address that holds too many requests is refused another, and its streams go on", async (s) => {
  const server = await s.serve({ limited: true });
  const { room, watcher, heard } = await s.watched();
  await watcher.say(room, "before");
  const held = [hold(server, 250)];
  const health = () => http(server)("GET", "/api/v1/health", {});
  let refused = null;
  await until(async () => {
    held.push(hold(server, 10));
    refused = await health();
    return refused.status === 429;
  }, "one too many is refused");
  assert.equal(JSON.parse(refused.text).code, "rate_limited");
  assert.ok(refused.headers.get("retry-after") > 0);
  for (const release of held) release();
  await until(async () => (await health()).status === 200, "the others are gone");
  await watcher.say(room, "after");
  await heard.said("after");
}, { needs: "limiting" });

function isOpen({ source }) {
  assert.notEqual(source.readyState, source.CLOSED);
  return until(() => source.readyState === source.OPEN, "the EventSource is open");
}

/* A room with COUNT members and a reader with an EventSource. */
async function crowd(s, count) {
  const { owner, room } = await s.room({ capacity: count + 1, grace_ms: 1000 });
  await owner.join(room, { nickname: "owner" });
  const reader = await owner.listen(room, { as: "native", cursor: "earliest" });
  const people = [];
  for (let i = 0; i < count; i++) people.push(await s.member(room, `n${i}`));
  return { owner, room, reader, people };
}

/* Posts N messages, each until it is stored; returns all statuses. */
async function post(person, room, n, stored) {
  const statuses = [];
  for (let i = 0; i < n; i++) {
    const body = { content: `${person.name}-${i}`, client_id: newId() };
    for (let status = 0; status !== 201 && status !== 200;) {
      const answer = await person.answer("POST", `/rooms/${room}/messages`, body).catch(() => ({ status: 0 }));
      status = answer.status;
      statuses.push(status);
      if (status === 201 || status === 200) stored.push(answer.body.message);
    }
  }
  return statuses;
}

async function checkHistory({ owner, room, reader }, stored) {
  const history = await owner.history(room);
  const said = history.filter(({ type }) => type === "message");
  const byId = (a, b) => a.id - b.id;
  assert.deepEqual([...stored].sort(byId), said, "every 2xx is in the history once");
  assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1));
  await reader.wait(() => reader.feed.length >= history.length, "all of it");
  assert.deepEqual(reader.feed.slice(0, history.length), history);
  await isOpen(reader);
}

const FLEET = { apiArgs: ["--workers", "2"], settings: { retry_ms: 100, lease_ms: 3000, streams_per_token: 0 } };

for (const count of [16, 64])
  sentence(`P1 P2 P8 front: ${count} who post at once meet no 5xx, lose nothing and repeat nothing`, async (s) => {
    await s.serve(FLEET);
    const play = await crowd(s, count);
    const stored = [];
    const all = await Promise.all(play.people.map((person) => post(person, play.room, 10, stored)));
    assert.deepEqual([...new Set(all.flat())], [201]);
    await checkHistory(play, stored);
  }, { needs: ["front", "services"] });

for (const count of [16, 64])
  sentence(`P1 P2 P5 front: ${count} post while API workers and the poller are killed: every 2xx is there once, EventSource goes on`, async (s) => {
    const server = await s.serve(FLEET);
    const play = await crowd(s, count);
    const stored = [];
    const talking = Promise.all(play.people.map((person) => post(person, play.room, 20, stored)));
    const total = count * 20;
    for (let round = 1; round <= 3; round++) {
      await until(() => stored.length > (total * round) / 5, "they talk");
      process.kill((await children(server.apiProgram.pid))[0], "SIGKILL");
      await server.kill();
      await server.launch();
    }
    const statuses = (await talking).flat();
    /* lighttpd says 500 when the API dies under a request. */
    const failed = FORM.front === "lighttpd" ? [500, 502, 503] : [502, 503];
    assert.ok(statuses.every((status) => [0, 200, 201, ...failed].includes(status)), [...new Set(statuses)].join());
    await checkHistory(play, stored);
  }, { needs: ["front", "services"] });
