// parts: e2e san race (long)
/*
 * More connections than are allowed, readers that are slower than the log, and
 * a stop while a request hangs: whoever waits is served later, no connection is
 * reset, and no loss is silent.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { Person, http, request } from "./lib/client.mjs";
import { whileLocked } from "./lib/fleet.mjs";
import { Raw } from "./lib/raw.mjs";
import { Reader, cursorOf, poll } from "./lib/reader.mjs";
import { fasterThan, retryWithMoreTime, sentence, withStoppedServer } from "./lib/scene.mjs";
import { Program } from "./lib/server.mjs";
import { NdjsonParser } from "./lib/sse.mjs";
import { letPass, until, within } from "./lib/wait.mjs";

const FILES = 1024;
const CAP = FILES / 4; /* connections that the poller lets in then */
const ROUNDS = 8;
const BURST = 600;
const ASK = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const FULL = /msg="connection limit reached; further connections wait"/g;
const SHORT = /msg="connections wait; raise the limit of open files"/g;
const WELL = /msg="connections wait no longer"/g;

/* The embedded form with no more than FILES descriptors. */
function few(settings, fn) {
  return withStoppedServer(settings, async (server) => {
    server.program = (name, args, extra) =>
      new Program("sh", ["-c", `ulimit -n ${FILES} && exec "$0" "$@"`, join(server.build, name), ...args], { env: server.env(extra) });
    await server.launch();
    await fn(server);
  });
}

function sockets(server) {
  const dir = `/proc/${server.pid}/fd`;
  const open = readdirSync(dir).map((fd) => {
    try {
      return readlinkSync(join(dir, fd));
    } catch {
      return "";
    }
  });
  return open.filter((name) => name.startsWith("socket:")).length;
}

/* N connections that ask for nothing. */
async function idle(server, n) {
  const all = Array.from({ length: n }, () => new Raw(server));
  await until(() => all.every(({ socket }) => !socket.connecting), `${n} connections`);
  return all;
}

/* As many connections as there may be, and MORE. */
async function full(server, more) {
  const base = sockets(server);
  const all = await idle(server, CAP + more);
  await until(() => sockets(server) >= base + CAP, "as many as there may be are let in");
  return all;
}

async function health(server) {
  const { status } = await within(request(http(server), "GET", "/health"), "an answer");
  return status;
}

const count = (server, what) => (server.poller.said.match(what) ?? []).length;

sentence("P9 bursts of more connections than there may be leave nothing behind, and keep nobody out", () =>
  few({ request_deadline_ms: 1000, stop_ms: 60_000 }, async (server) => {
    const base = sockets(server);
    for (let i = 0; i < ROUNDS; i++) {
      const all = await idle(server, BURST);
      if (i % 2) await until(() => all.every(({ closed }) => closed), "the deadline has cut them off");
      for (const raw of all) {
        assert.equal(raw.error, null, "none is reset");
        raw.destroy();
      }
      await until(() => sockets(server) === base, `as many sockets as before: ${base}`);
    }
    assert.equal(await health(server), 200);
    await until(() => sockets(server) <= base + 1, "and again");
    await server.stop();
    assert.doesNotMatch(server.poller.said, /stopping took too long/);
  }));

sentence("P9 who comes when there are as many connections as there may be waits, and is answered when others go", () =>
  retryWithMoreTime(3000, (deadline) => few({ request_deadline_ms: deadline }, async (server) => {
    const all = await fasterThan(deadline / 2, () => full(server, 50));
    const began = performance.now();
    assert.equal(await health(server), 200);
    assert.ok(performance.now() - began > deadline / 6, "after others were cut off");
    await until(() => all.every(({ closed }) => closed), "all are cut off in the end");
    for (const { error } of all) assert.equal(error, null, "and none is reset");
    await server.poller.line(WELL);
    assert.deepEqual([count(server, FULL), count(server, WELL)], [1, 1], "said once");
  })));

sentence("P9 a request is answered at once when some of as many connections as there may be go", () =>
  few({ request_deadline_ms: 60_000 }, async (server) => {
    const all = await full(server, 2);
    await server.poller.line(FULL);
    const waiting = new Raw(server).send(ASK);
    await until(() => !waiting.socket.connecting, "it waits");
    assert.deepEqual(waiting.answers, []);
    for (const one of all.slice(5, 8)) one.destroy();
    await waiting.answered();
    assert.deepEqual(waiting.answers, [200]);
    for (const raw of [waiting, ...all]) raw.destroy();
  }));

sentence("P9 where descriptors are few an address gets a quarter of the connections, which is said at the start", () =>
  few({ connections_per_address: undefined, streams_per_address: undefined }, async (server) => {
    await server.poller.line(/ msg="the limit of open files allows less than the settings" files=1024 connections=256 connections_per_address=64 streams=512 streams_per_address=128$/m);
    const all = await idle(server, 80);
    await until(() => all.filter(({ closed }) => closed).length === 80 - 64, "those beyond are closed");
    for (const raw of all) raw.destroy();
    const text = await until(() => fetch(`${server.url}/metrics`).then((answer) => answer.text()).catch(() => null), "a place is free again");
    for (const line of ["connections_max 256", "connections_per_address_max 64", "streams_max 512", "streams_per_address_max 128"])
      assert.ok(text.includes(`\nparlor_${line}\n`), line);
  }));

sentence("P9 a shortage of descriptors is said once, and its end once", () => withStoppedServer({}, async (server) => {
  await server.launch();
  const { pid } = server;
  const limit = (files) => execFileSync("prlimit", [`--pid=${pid}`, `--nofile=${files}:`]);
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let free = 0;
  while (open.has(free)) free++;
  limit(free);
  const waiting = new Raw(server).send(ASK);
  await server.poller.line(SHORT);
  await letPass(1000); /* it tries again several times */
  assert.deepEqual(waiting.answers, []);
  limit(FILES);
  await waiting.end();
  assert.deepEqual(waiting.answers, [200]);
  await server.poller.line(WELL);
  assert.deepEqual([count(server, SHORT), count(server, WELL)], [1, 1]);
}));

/* A process that gives up does not join its threads, which is no fault then. */
function leaving(env) {
  return { ...env, TSAN_OPTIONS: `${env.TSAN_OPTIONS ?? ""}:report_thread_leaks=0` };
}

sentence("S2-18 SIGTERM takes no longer than stop_ms, though a request is stuck", () =>
  withStoppedServer({ stop_ms: 1500, busy_ms: 60_000 }, async (server) => {
    server.program = (name, args, extra) => new Program(join(server.build, name), args, { env: leaving(server.env(extra)) });
    await server.launch();
    const kim = new Person(server);
    await kim.create({ title: "before" });
    await whileLocked(server, async () => {
      const lost = kim.answer("POST", "/rooms", { title: "stuck" }).catch(() => null);
      await kim.ask("GET", "/rooms");
      const began = performance.now();
      await server.stop();
      const took = performance.now() - began;
      assert.ok(took > 1000, `${took} ms`);
      assert.match(server.poller.said, /msg="stopping took too long; requests are broken off"/);
      assert.equal(await lost, null);
    });
  }));

/* A stream whose socket is not read for now. */
async function stalled(person, room) {
  const raw = new Raw(person.server).send(
    `GET /events?rooms=${room}&as=ndjson HTTP/1.1\r\nHost: x\r\nX-Parlor-Token: ${person.token}\r\n\r\n`);
  await until(() => raw.received.includes('"sync"'), "the stream has begun");
  raw.socket.pause();
  return raw;
}

/* Frames of a stream that has ended. */
function frames({ received }) {
  const body = received.slice(received.indexOf("\r\n\r\n") + 4);
  const parser = new NdjsonParser();
  const all = parser.push(Buffer.from(body, "latin1"));
  assert.equal(parser.inside, false, "no frame is cut");
  return all;
}

sentence("P4 a reader too slow for the log hears all without a gap, then bye, and is told that it must reload", () =>
  withStoppedServer({ events_keep: 100, ring_events: 16, sndbuf: 4096 }, async (server) => {
    await server.launch();
    const kim = new Person(server);
    const room = await kim.create({ title: "fast" });
    await kim.join(room);
    const slow = await stalled(kim, room);
    const filler = "x".repeat(3900);
    let posted = 0;
    await until(async () => {
      await Promise.all(Array.from({ length: 50 }, () => kim.say(room, `${posted++} ${filler}`)));
      const { sync } = await poll(new Reader(kim, [room]), 0);
      return cursorOf(sync.floor).seq > 1000;
    }, "the log is pruned");
    slow.socket.resume();
    await slow.end();
    const heard = frames(slow);
    const last = heard.pop();
    assert.deepEqual([last.event, JSON.parse(last.data).reason], ["bye", "restart"]);
    const said = heard.filter(({ event }) => event === "message");
    const numbers = said.map(({ data }) => JSON.parse(data).message.id);
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i), "without a gap");
    assert.ok(numbers.length > 0 && numbers.length < posted - 100, `${numbers.length} of ${posted}`);
    const { sync } = await poll(new Reader(kim, [room], { cursor: heard.at(-1).id }), 0);
    assert.equal(sync.recovered, false);
  }));
