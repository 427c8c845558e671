// parts: e2e san
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { sentence } from "./lib/scene.mjs";
import { BUILD } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const HOUR_MS = 3_600_000;
const HERE = "127.0.0.1";
const KIM = "127.0.0.2"; /* all of 127.0.0.0/8 is this machine */
const LEE = "127.0.0.3";
const LONG = "🙂".repeat(4000);
const PAGE_BYTES = 100_000; /* less than a page of long messages has */

async function metric(server, name) {
  const { text } = await get(server, "/metrics", HERE);
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)[1]);
}

/* One request on a connection of its own; an error counts as status 0. */
function get(server, path, localAddress, headers = {}) {
  const { hostname: host, port } = new URL(server.url);
  return new Promise((done) => {
    const request = http.get({ host, port, path, localAddress, headers, agent: false }, async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      done({ status: response.statusCode, headers: response.headers, text });
    });
    request.on("error", () => done({ status: 0 }));
  });
}

/* A connection that has been answered once and stays open; `closed` if it is closed unanswered. */
class Line {
  text = "";
  closed = false;

  constructor(server, localAddress, path = "/health") {
    const { hostname: host, port } = new URL(server.url);
    this.socket = net.connect({ host, port, localAddress });
    this.socket.on("data", (data) => (this.text += data));
    this.socket.on("error", () => {});
    this.socket.on("close", () => (this.closed = true));
    this.ask(path);
  }

  ask(path, headers = "") {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: parlor\r\n${headers}\r\n`);
    return this;
  }

  get isServed() {
    return this.text.startsWith("HTTP/1.1 200");
  }

  async settled() {
    await until(() => this.closed || this.isServed, "a connection is served or closed");
    return this;
  }

  end() {
    this.socket.destroy();
  }
}

async function lines(server, n, from) {
  return Promise.all(Array.from({ length: n }, () => new Line(server, from).settled()));
}

sentence("P9 an address has connections_per_address connections; others are closed, and a place that is free again is given", async (s) => {
  const server = await s.serve({ settings: { connections_per_address: 3 } });
  const kims = await lines(server, 3, KIM);
  assert.ok(kims.every(({ isServed }) => isServed));
  const beyond = await new Line(server, KIM).settled();
  assert.ok(beyond.closed && !beyond.isServed, "the fourth is closed");
  const [lee] = await lines(server, 1, LEE);
  assert.ok(lee.isServed, "another address is served");
  assert.equal(await metric(server, "parlor_connections_refused_total"), 1);
  kims[0].end();
  const next = await until(async () => {
    const line = await new Line(server, KIM).settled();
    return line.isServed && line;
  }, "the place is given again");
  const other = await new Line(server, KIM).settled();
  assert.ok(other.closed, "the places are as many as before");
  for (const line of [...kims, lee, next]) line.end();
});

sentence("P9 with 0 an address has as many connections, streams and requests as it opens", async (s) => {
  const server = await s.serve({ settings: { streams_per_token: 0 } });
  const all = await lines(server, 300, KIM);
  assert.ok(all.every(({ isServed }) => isServed));
  for (const line of all) line.end();
});

sentence("P9 the default lets an address have 256 connections", async (s) => {
  const server = await s.serve({ settings: { connections_per_address: undefined } });
  const all = await lines(server, 260, KIM);
  assert.equal(all.filter(({ isServed }) => isServed).length, 256);
  for (const line of all) line.end();
});

sentence("S1-8 an address has streams_per_address streams, which are no connections any more, and another address has its own", async (s) => {
  const server = await s.serve({ settings: { connections_per_address: 4, streams_per_address: 6, streams_per_token: 0 } });
  const { room, owner } = await s.room();
  await owner.join(room);
  const path = `/events?rooms=${room}&as=sse`;
  const open = (from) => new Promise((done) => {
    const { hostname: host, port } = new URL(server.url);
    const request = http.get({ host, port, path, localAddress: from, headers: owner.headers(), agent: false }, (response) => {
      response.resume();
      done({ status: response.statusCode, headers: response.headers, request });
    });
    request.on("error", () => done({ status: 0, request }));
  });
  const streams = [];
  for (let i = 0; i < 6; i++) streams.push(await open(KIM));
  assert.deepEqual(new Set(streams.map(({ status }) => status)), new Set([200]));
  const refused = await open(KIM);
  assert.equal(refused.status, 429);
  assert.ok(refused.headers["retry-after"] >= 1);
  const other = await open(LEE);
  assert.equal(other.status, 200);
  assert.equal(await metric(server, "parlor_streams_refused_total"), 1);
  streams[0].request.destroy();
  const again = await until(async () => {
    const stream = await open(KIM);
    if (stream.status !== 200) stream.request.destroy();
    return stream.status === 200 && stream;
  }, "the place of the closed stream is given again");
  for (const { request } of [...streams, other, again]) request.destroy();
});

sentence("P9 an address sends requests_per_address requests in a period, but may always ask how the service is", async (s) => {
  const server = await s.serve({ settings: { requests_per_address: 5, rate_ms: HOUR_MS } });
  for (let i = 0; i < 5; i++) assert.equal((await get(server, "/api/v1/rooms", KIM)).status, 200);
  const { status, text, headers } = await get(server, "/api/v1/rooms", KIM);
  assert.equal(status, 429);
  assert.equal(JSON.parse(text).code, "rate_limited");
  assert.ok(Number(headers["retry-after"]) >= 1);
  assert.equal((await get(server, "/index.html", KIM)).status, 429, "the page's files count as well");
  assert.equal((await get(server, "/health", KIM)).status, 200);
  assert.equal((await get(server, "/api/v1/rooms", LEE)).status, 200);
  assert.equal(await metric(server, "parlor_requests_refused_total"), 2);
});

sentence("P9 requests are available again at an even pace", async (s) => {
  const server = await s.serve({ settings: { requests_per_address: 2, rate_ms: 400 } });
  const first = await Promise.all([1, 2, 3, 4, 5, 6].map(() => get(server, "/api/v1/rooms", KIM)));
  assert.ok(first.filter(({ status }) => status === 200).length >= 2);
  await until(async () => (await get(server, "/api/v1/rooms", KIM)).status === 200, "a request is allowed again");
});

sentence("P9 behind a front's unix socket the forwarded client counts, an IPv6 address by its /64, and connections do not", async (s) => {
  const server = await s.serve({ settings: { requests_per_address: 2, connections_per_address: 2, rate_ms: HOUR_MS } });
  const socketPath = join(server.dir, "front.sock");
  const front = server.program("parlor-poller", ["--embed", "--listen", `unix:${socketPath}`]);
  server.others.push(front);
  await front.line(/msg="listening"/);
  const agent = new http.Agent({ keepAlive: true });
  const ask = (client) => new Promise((done, failed) => {
    const headers = client ? { "X-Forwarded-For": client } : {};
    http.get({ socketPath, path: "/api/v1/rooms", headers, agent }, (response) => {
      response.resume();
      response.on("end", () => done(response.statusCode));
    }).on("error", failed);
  });
  const cases = [
    ["2001:db8::1", 200], ["6.6.6.6, 2001:db8::2", 200], ["2001:db8::3", 429], ["2001:db8:0:1::1", 200],
    ["192.0.2.1", 200], ["192.0.2.1", 200], ["192.0.2.1", 429], ["::ffff:192.0.2.1", 429], ["192.0.2.2", 200],
  ];
  for (const [client, status] of cases) assert.equal(await ask(client), status, client);
  const statuses = await Promise.all(Array.from({ length: 20 }, () => ask(null)));
  assert.deepEqual(new Set(statuses), new Set([200]), "without a client's address there is no limit");
  agent.destroy();
});

/* A room whose newest page is long, and a line to it that reads nothing. */
async function longHistory(s, settings) {
  const server = await s.serve({ settings });
  const { room, owner } = await s.room();
  await owner.join(room);
  for (let i = 0; i < 9; i++) await owner.say(room, LONG);
  return { server, owner, path: `/api/v1/rooms/${room}/messages?limit=200` };
}

/* Asks more than the kernel holds for a client that does not read. */
function deaf(server, from, owner, path) {
  const { hostname: host, port } = new URL(server.url);
  const socket = net.connect({ host, port, localAddress: from });
  socket.pause();
  socket.on("error", () => {});
  const [[name, value]] = Object.entries(owner.headers());
  socket.write(`GET ${path} HTTP/1.1\r\nHost: parlor\r\n${name}: ${value}\r\n\r\n`.repeat(10));
  return socket;
}

sentence("P9 answers that an address does not take are bounded in bytes, and others are answered", async (s) => {
  const { server, owner, path } = await longHistory(s, { answers_bytes_per_address: PAGE_BYTES });
  const socket = deaf(server, KIM, owner, path);
  await until(async () => (await metric(server, "parlor_answers_bytes")) > PAGE_BYTES, "an answer waits");
  const refused = await get(server, path, KIM, owner.headers());
  assert.equal(refused.status, 429);
  assert.equal((await get(server, path, LEE, owner.headers())).status, 200);
  assert.equal(await metric(server, "parlor_answers_refused_total"), 1);
  socket.destroy();
  await until(async () => (await get(server, path, KIM, owner.headers())).status === 200, "the bytes are free again");
  await until(async () => (await metric(server, "parlor_answers_bytes")) < PAGE_BYTES, "nothing waits");
});

sentence("P9 answers that nobody takes are bounded in bytes in all", async (s) => {
  const { server, owner, path } = await longHistory(s, { answers_bytes: PAGE_BYTES });
  const socket = deaf(server, KIM, owner, path);
  await until(async () => (await metric(server, "parlor_answers_bytes")) > PAGE_BYTES, "an answer waits");
  const refused = await get(server, path, LEE, owner.headers());
  assert.equal(refused.status, 503);
  assert.equal(JSON.parse(refused.text).code, "busy");
  assert.ok(Number(refused.headers["retry-after"]) >= 1);
  socket.destroy();
  await until(async () => (await get(server, path, LEE, owner.headers())).status === 200, "the bytes are free again");
});

sentence("P9 a client that takes an answer too slowly is cut off, whatever else it sends", async (s) => {
  const { server, owner, path } = await longHistory(s, { request_deadline_ms: 300, answer_bytes_s: 1_000_000 });
  const socket = deaf(server, KIM, owner, path);
  await until(async () => (await metric(server, "parlor_answers_slow_total")) === 1, "it is cut off");
  await until(async () => (await metric(server, "parlor_answers_bytes")) < PAGE_BYTES, "its answer is freed");
  socket.destroy();
  assert.equal((await get(server, path, KIM, owner.headers())).status, 200);
});

const DEAF = 120;
/* A sanitizer keeps memory that was freed. */
const MORE_MAX_KB = (BUILD.includes("/san-") ? 1024 : 64) * 1024;

function residentKb(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

sentence("P9 120 clients that read no answer of their polls take less than 64 MB", async (s) => {
  const { server, owner } = await longHistory(s, {});
  const room = [...owner.seats.keys()][0];
  const before = residentKb(server.pid);
  const path = `/events?rooms=${room}&as=json&wait=0&cursor=earliest`;
  const clients = Array.from({ length: DEAF }, () => deaf(server, KIM, owner, path));
  await until(async () => (await metric(server, "parlor_answers_bytes")) > DEAF * PAGE_BYTES, "an answer waits for each");
  const more = residentKb(server.pid) - before;
  assert.ok(more <= MORE_MAX_KB, `${more} kB more memory`);
  for (const client of clients) client.destroy();
});

const STREAMS = 200;
const OFTEN = 40; /* long messages: more than the kernel takes for one */
const STREAM_BYTES = 1_000_000;

sentence("P9 events that streams do not take are bounded in bytes; those that hold too many are closed, and others hear all", async (s) => {
  const server = await s.serve({ settings: { answers_bytes_per_address: STREAM_BYTES, streams_per_token: 0 } });
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room);
  const before = residentKb(server.pid);
  const kinds = ["as=sse", "as=ndjson"];
  const clients = Array.from({ length: STREAMS }, (_, i) => deaf(server, KIM, watcher, `/events?rooms=${room}&${kinds[i % 2]}&conn=c${i}`));
  await until(async () => (await metric(server, "parlor_streams_opened_total")) > STREAMS, "all are open");
  for (let i = 0; i < OFTEN; i++) {
    await watcher.say(room, LONG);
    assert.ok((await metric(server, "parlor_answers_bytes")) < 2 * STREAM_BYTES);
  }
  await reader.wait(() => reader.feed.filter(({ content }) => content === LONG).length === OFTEN, "another hears all");
  await until(async () => (await metric(server, "parlor_subscribers_slow_total")) > 0, "some are closed");
  const more = residentKb(server.pid) - before;
  assert.ok(more <= MORE_MAX_KB, `${more} kB more memory`);
  for (const client of clients) client.destroy();
  await until(async () => (await metric(server, "parlor_answers_bytes")) < STREAM_BYTES, "their bytes are free again");
});

sentence("P9 a stream that takes its events too slowly is cut off", async (s) => {
  const server = await s.serve({ settings: { request_deadline_ms: 300, answer_bytes_s: 1_000_000 } });
  const { room, watcher } = await s.watched();
  const client = deaf(server, KIM, watcher, `/events?rooms=${room}&as=sse&conn=slow`);
  await until(async () => (await metric(server, "parlor_streams_opened_total")) > 0, "it is open");
  for (let i = 0; i < OFTEN; i++) await watcher.say(room, LONG);
  await until(async () => (await metric(server, "parlor_subscribers_slow_total")) === 1, "it is cut off");
  client.destroy();
});
