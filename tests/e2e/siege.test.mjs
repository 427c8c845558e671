// parts: e2e more front-proxy (long)
/*
 * Hostile clients keep nobody out: 200 that read nothing of a long history, 200
 * whose body drips, and 200 whose request stays half sent.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { formHas } from "./lib/forms.mjs";
import { children } from "./lib/fleet.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const OF_EACH_KIND = 200;
const MB = 2 ** 20;
const MORE_MAX = 64 * MB;
const DRIP_MS = 1000;

/* A history of 3 MB, and as many pages as it may have. */
const LONG = { messages: 200, content: "\u{1F41E}".repeat(4000) };
const PAGES = 24;

/* The requests of others meanwhile. */
const PEOPLE = 8;
const EACH_SAYS = 12;

async function longRoom(s) {
  const { room } = await s.room({ title: "Long" });
  const writer = await s.member(room);
  for (let i = 0; i < LONG.messages; i += 20)
    await Promise.all(Array.from({ length: 20 }, () => writer.say(room, LONG.content)));
  return { path: `/api/v1/rooms/${room}/messages`, token: writer.token };
}

function kinds(at, { path, token }) {
  const head = (line, more = "") => `${line.replace("/", `${at}/`)} HTTP/1.1\r\nHost: localhost\r\nX-Parlor-Token: ${token}\r\n${more}`;
  const page = head(`GET ${path}?limit=200`, "\r\n");
  return {
    "read nothing": page.repeat(PAGES),
    "drip a body": head(`POST ${path}`, "Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{"),
    "stay half open": head(`GET ${path}`),
  };
}

/* Opens all connections; those that the server closes come back at once. */
function besiege(server, room) {
  const besiegers = new Set();
  const at = new URL(server.url).pathname.replace(/\/$/, "");
  const open = (what, text) => {
    const socket = net.connect(server.port, "127.0.0.1");
    besiegers.add(socket);
    socket.pause();
    socket.on("error", () => {});
    socket.write(text);
    const drip = what === "drip a body" ? setInterval(() => socket.write(" "), DRIP_MS) : null;
    socket.on("close", () => {
      clearInterval(drip);
      besiegers.delete(socket);
      if (!besiegers.over) open(what, text);
    });
  };
  for (const [what, text] of Object.entries(kinds(at, room)))
    for (let i = 0; i < OF_EACH_KIND; i++) open(what, text);
  return () => {
    besiegers.over = true;
    for (const socket of besiegers) socket.destroy();
  };
}

/* The processes of Parlor, not those of the front. */
async function processes(server) {
  const tops = [server.poller, server.apiProgram].filter(Boolean).map(({ pid }) => pid);
  const below = await Promise.all(tops.map(children));
  return [...tops, ...below.flat()];
}

/* Those that the besiegers reach: a front that buffers keeps them from Parlor. */
async function besieged({ web }, pids) {
  return formHas("buffering") ? [web.pid, ...await children(web.pid)] : pids;
}

const sum = (all) => all.reduce((a, b) => a + b, 0);

function memory(pids) {
  return sum(pids.map((pid) => 1024 * Number(/^Pss: *(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1])));
}

/* A descriptor may close while it is looked at. */
function isSocket(path) {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    return false;
  }
}

function sockets(pids) {
  return sum(pids.map((pid) => readdirSync(`/proc/${pid}/fd`).filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length));
}

/*
 * Each request on a connection of its own: with all its threads taken Apache
 * closes those that are kept, and only a browser repeats its request then.
 */
function door(server) {
  return (method, target, headers, body) => new Promise((done, failed) => {
    const asked = http.request(server.url + target, { method, headers, agent: false }, async (response) => {
      const chunks = await response.toArray().catch(failed);
      done({ status: response.statusCode, headers: new Headers(response.headers), text: Buffer.concat(chunks).toString() });
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

/* People talk and read; returns what was said. */
async function talk(people, room, round) {
  const said = await Promise.all(people.map(async (person, p) => {
    const own = [];
    for (let i = 0; i < EACH_SAYS; i++) {
      own.push(`${round} ${p} ${i}`);
      await person.say(room, own.at(-1));
      assert.equal((await person.answer("GET", `/rooms/${room}`)).status, 200);
    }
    return own;
  }));
  return said.flat();
}

async function siege(s, options) {
  const settings = { request_deadline_ms: 600_000, streams_per_token: 0 };
  const server = await s.serve({ settings, apiArgs: ["--workers", "2"], ...options });
  const long = await longRoom(s);
  const { room, watcher, heard } = await s.watched();
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, i) => s.member(room, `kim ${i}`, { door: door(server) })));
  const said = await talk(people, room, "before");
  const pids = await processes(server);
  const reached = await besieged(server, pids);
  const [held, open] = [memory(pids), sockets(reached)];
  const relieve = besiege(server, long);
  try {
    await until(() => sockets(reached) >= open + OF_EACH_KIND, "those that drip have come");
    for (let round = 0; round < 3; round++) {
      said.push(...await talk(people, room, `during ${round}`));
      const more = memory(pids) - held;
      assert.ok(more <= MORE_MAX, `${more / MB} MB more memory`);
    }
    assert.ok(sockets(reached) >= open + OF_EACH_KIND, "they are still there");
  } finally {
    relieve();
  }
  await until(() => sockets(reached) <= open, "all their connections have ended");
  said.push(...await talk(people, room, "after"));
  await heard.wait(() => said.every((content) => heard.feed.some((one) => one.content === content)), "all is heard");
  const contents = (await watcher.history(room)).filter(({ type }) => type === "message").map(({ content }) => content);
  assert.deepEqual(contents.toSorted(), said.toSorted());
  assert.deepEqual(await processes(server), pids, "no process was replaced");
}

sentence("P9 six hundred clients that read nothing, drip or stay half open keep nobody out", (s) => siege(s), { needs: "quick" });

if (formHas(["apache", "services"]))
  sentence("P9 the same with mod_reqtimeout in Apache", (s) => siege(s, { modules: ["reqtimeout"] }));
