// parts: e2e san race
/*
 * Requests that wait for us (for the store, or for a password's hash) hold no
 * thread: the embedded form has two threads here, and many requests wait.
 */
import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { whileLocked } from "./lib/fleet.mjs";
import { holdLock } from "./lib/lock-holder.mjs";
import { Raw } from "./lib/raw.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const WRITES = 64;
const PATIENT = { threads: 2, busy_ms: 60_000, streams_per_token: 0 };
/* Two hashes are made at a time, and eight wait. */
const HASHES = 10;

async function waiting(server) {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^parlor_requests_waiting (\d+)$/m.exec(metrics)[1]);
}

function waitFor(server, n) {
  return until(async () => (await waiting(server)) === n, `${n} requests wait`);
}

function post(who, room, content) {
  return who.answer("POST", `/rooms/${room}/messages`, { content });
}

/* A server whose store another program keeps, until END is called. */
async function stalled(s, settings) {
  const server = await s.serve({ settings: { ...PATIENT, ...settings } });
  const { room } = await s.room({ notices: "off" });
  const kim = await s.member(room, "kim");
  const first = await kim.say(room, "first");
  const holder = await holdLock(server.data);
  return { server, room, kim, first, end: () => holder.end() };
}

async function contents(who, room) {
  return (await who.history(room)).map(({ content }) => content);
}

sentence("P9 while the store is stalled and 64 writes wait, reads are answered by two threads", async (s) => {
  const { server, room, kim, first, end } = await stalled(s);
  const texts = Array.from({ length: WRITES }, (_, i) => `n${i}`);
  const writes = texts.map((text) => post(kim, room, text));
  await waitFor(server, WRITES);
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(await contents(kim, room), ["first"]);
    assert.equal((await kim.ask("GET", `/rooms/${room}/messages/${first.id}`)).message.content, "first");
    assert.equal((await kim.answer("POST", `/rooms/${room}/messages`, { content: 1 })).status, 422);
    assert.equal((await s.person().answer("GET", "/me")).status, 401);
  }
  assert.equal(await waiting(server), WRITES, "they still wait");
  await end();
  for (const { status } of await Promise.all(writes)) assert.equal(status, 201);
  assert.deepEqual((await contents(kim, room)).sort(), ["first", ...texts].sort());
  assert.equal(await waiting(server), 0);
}, { needs: "embedded" });

sentence("P9 streams and joins that wait for a stalled store hold no thread either", async (s) => {
  const { server, room, kim, end } = await stalled(s);
  const joins = Array.from({ length: 8 }, () => s.person().answer("POST", `/rooms/${room}/chatters`, {}));
  const streams = Array.from({ length: 8 }, () => kim.listen(room));
  await waitFor(server, 16);
  assert.deepEqual(await contents(kim, room), ["first"]);
  await end();
  for (const { status } of await Promise.all(joins)) assert.equal(status, 201);
  const message = await kim.say(room, "heard");
  for (const stream of await Promise.all(streams))
    assert.equal((await stream.said("heard")).data.message.id, message.id);
}, { needs: "embedded" });

sentence("P2 a client that goes away while its write waits: the message is stored once, and the service goes on", async (s) => {
  const { server, room, kim, end } = await stalled(s);
  const body = '{"content":"left alone"}';
  const raws = Array.from({ length: 8 }, () => new Raw(server).send(`POST /api/v1/rooms/${room}/messages HTTP/1.1\r\n`
    + `Host: x\r\nContent-Type: application/json\r\nX-Parlor-Token: ${kim.token}\r\n`
    + `Content-Length: ${body.length}\r\n\r\n${body}`));
  await waitFor(server, raws.length);
  for (const raw of raws) raw.destroy();
  await end();
  await waitFor(server, 0);
  await kim.say(room, "after");
  assert.deepEqual(await contents(kim, room), ["first", ...raws.map(() => "left alone"), "after"]);
}, { needs: "embedded" });

for (const [how, busy_ms, statuses] of [
  ["until the store can be written: they are stored", 60_000, [201]],
  ["as long as busy_ms: they are refused and not stored", 500, [503]],
])
  sentence(`P1 P8 SIGTERM while writes wait: the service waits for them ${how}`, async (s) => {
    const { server, room, kim, end } = await stalled(s, { busy_ms, stop_ms: 60_000 });
    const writes = Array.from({ length: 20 }, (_, i) => post(kim, room, `n${i}`));
    if (statuses[0] === 201) await waitFor(server, writes.length);
    const stopping = server.stop();
    if (statuses[0] === 201) {
      await server.poller.line(/msg="?stopping/);
      await end();
    }
    const answers = await Promise.allSettled(writes);
    await stopping;
    await end();
    const stored = answers.filter(({ value }) => value?.status === 201).length;
    for (const { value } of answers)
      if (value) assert.ok(statuses.includes(value.status), `${value.status}`);
    if (statuses[0] === 201) assert.equal(stored, writes.length, "all had begun");
    await server.launch();
    assert.equal((await contents(kim, room)).length, 1 + stored);
  }, { needs: "embedded" });

sentence("P9 a crowd that guesses a password delays nobody, and those who are too many are told so", async (s) => {
  const server = await s.serve({ settings: PATIENT });
  const { room } = await s.room({ password: "sesame" });
  const other = await s.room();
  const kim = await s.member(other.room, "kim");
  let answered = 0;
  const guesses = Array.from({ length: 4 * HASHES }, () =>
    s.person().answer("POST", `/rooms/${room}/chatters`, { password: "wrong" }).finally(() => answered++));
  await until(async () => (await waiting(server)) >= HASHES - 2, "hashes wait");
  await kim.say(other.room, "meanwhile");
  assert.ok(answered < guesses.length, "some still wait");
  const answers = await Promise.all(guesses);
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length > 0 && refused.length <= guesses.length - HASHES, `${refused.length} are too many`);
  for (const { body, headers } of refused) {
    assert.equal(body.code, "busy");
    assert.ok(Number(headers.get("retry-after")) > 0);
  }
  for (const { status, body } of answers)
    if (status !== 503) assert.deepEqual([status, body.code], [403, "password_wrong"]);
  assert.equal((await s.person().answer("POST", `/rooms/${room}/chatters`, { password: "sesame" })).status, 201);
}, { needs: "embedded" });

/* Asks a service on a unix socket as a front does for CLIENT. */
function forClient(socketPath, client, method, path, body) {
  return new Promise((done, failed) => {
    const headers = { "X-Forwarded-For": client, "Content-Type": "application/json" };
    http.request({ socketPath, path, method, headers, agent: false }, async (response) => {
      done({ status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() });
    }).on("error", failed).end(body);
  });
}

sentence("P9 behind a front, as many requests of a client wait as it may have connections", async (s) => {
  const server = await s.serve({ settings: { ...PATIENT, connections_per_address: 3 } });
  const socketPath = join(server.dir, "front.sock");
  const front = server.program("parlor-poller", ["--embed", "--listen", `unix:${socketPath}`]);
  server.others.push(front);
  await front.line(/msg="listening"/);
  const open = (client) => forClient(socketPath, client, "POST", "/api/v1/rooms", JSON.stringify({ title: "x" }));
  const waitAt = (n) => until(async () => {
    const { text } = await forClient(socketPath, "", "GET", "/metrics");
    return text.includes(`\nparlor_requests_waiting ${n}\n`);
  }, `${n} requests wait`);
  const wait = [];
  await whileLocked(server, async () => {
    for (let i = 0; i < 3; i++) wait.push(open("192.0.2.1"));
    await waitAt(3);
    assert.equal((await open("192.0.2.1")).status, 429);
    assert.equal((await forClient(socketPath, "192.0.2.1", "GET", "/metrics")).status, 200);
    assert.equal((await forClient(socketPath, "192.0.2.2", "GET", "/api/v1/rooms")).status, 200, "another client");
    wait.push(open("192.0.2.2"));
    await waitAt(4);
  });
  for (const { status } of await Promise.all(wait)) assert.equal(status, 201);
  await until(async () => (await forClient(socketPath, "192.0.2.1", "GET", "/api/v1/rooms")).status === 200, "it may ask again");
}, { needs: "embedded" });
