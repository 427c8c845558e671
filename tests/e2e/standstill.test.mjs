// parts: e2e san more
/*
 * A poller that stands still is replaced: another process does its duties, and
 * the API answers in its place. Its clients return to it later.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Person } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { presenceChanges } from "./lib/leaving.mjs";
import { Raw } from "./lib/raw.mjs";
import { sentence } from "./lib/scene.mjs";
import { TOP } from "./lib/server.mjs";
import { scaled, until } from "./lib/wait.mjs";

const LEASE_MS = 2000;
const HB_MS = 200;
const SETTINGS = { lease_ms: LEASE_MS, hb_ms: HB_MS, reap_ms: 50, retry_ms: 50, join_lease_ms: 1000 };

/* Waits for as many heartbeats as two leases take, so that only a renewed lease keeps anybody present. */
async function leasesOver(reader) {
  const count = () => reader.controls.filter(({ kind }) => kind === "hb").length;
  const enough = count() + (2 * scaled(LEASE_MS)) / HB_MS;
  await reader.wait(() => count() > enough, "heartbeats for two leases");
}

sentence("E3 S2-18 a poller that another process has given up sends its streams away, and they enter anew", async (s) => {
  const server = await s.serve({ settings: SETTINGS });
  const { socket } = await server.fastcgi();
  const { room, owner } = await s.room({ grace_ms: scaled(300) });
  const people = [];
  for (const as of ["native", "sse", "ndjson"]) {
    const person = await s.member(room, as);
    people.push({ as, person, reader: await person.listen(room, { as }) });
  }
  const beside = new Person(server, { door: fastcgi(socket), token: owner.token });
  const online = async () => (await beside.ask("GET", `/rooms/${room}`)).room.online;
  assert.equal(await online(), people.length);
  server.freeze();
  await until(async () => (await online()) === 0, "another process tells everybody as gone");
  server.thaw();
  for (const { as, reader } of people) {
    const { data } = await reader.control("bye");
    assert.equal(data.reason, "restart", as);
    if (as !== "native") await reader.wait(() => reader.ended, "the end of the stream");
  }
  await server.poller.line(/msg="node lease was lost/);
  const [{ person, reader }] = people;
  await until(async () => (await person.names(room)).includes("native"), "who came back is present");
  await leasesOver(reader);
  assert.deepEqual(await person.names(room), ["native"]);
  const came = reader.facts.length;
  await person.say(room, "here again");
  await reader.said("here again");
  await leasesOver(reader);
  assert.deepEqual(await person.names(room), ["native"]);
  const since = { facts: reader.facts.slice(came) };
  assert.deepEqual(presenceChanges(since, person.chatter(room)), []);
}, { needs: "embedded" });

sentence("D7 while the poller stands still the API answers in its place, and then the poller again", async (s) => {
  const server = await s.serve({ settings: { retry_ms: 50, lease_ms: 60_000 } });
  const { room, watcher } = await s.watched({ grace_ms: 60_000 });
  const reader = await watcher.listen(room, { as: "native" });
  await watcher.say(room, "before");
  await reader.said("before");
  server.freeze();
  await watcher.say(room, "meanwhile");
  await reader.said("meanwhile");
  await reader.control("bye", ({ reason }) => reason === "poll");
  const answer = await watcher.answer("GET", `/rooms/${room}`);
  assert.equal(answer.status, 200);
  const syncs = reader.syncs.length;
  server.thaw();
  await reader.wait(() => reader.syncs.length > syncs, "another sync");
  await watcher.say(room, "after");
  await reader.said("after");
  assert.deepEqual(reader.feed.map(({ content }) => content), ["before", "meanwhile", "after"]);
}, { needs: ["front", "services"] });

/* The seconds after which each front gives up the poller, in the shipped configuration. */
const shipped = (file, pattern) => Number(pattern.exec(readFileSync(join(TOP, "docs", file), "utf8"))[1]);
const TIMEOUT_S = shipped("apache/proxy.conf", /^ProxyPass .*events\.sock.* timeout=(\d+) /m);
const OTHER_TIMEOUTS = [
  shipped("nginx/services.conf", /events\.sock;[^}]*proxy_read_timeout (\d+)s;/),
  shipped("lighttpd/services.conf", /events\.sock[^]*?"read-timeout" => (\d+),/),
  shipped("lighttpd/embedded.conf", /\(events\|[^]*?"read-timeout" => (\d+),/),
  shipped("caddy/services.caddy", /events\.sock[^@]*read_timeout (\d+)s$/m),
  shipped("caddy/embedded.caddy", /handle @parlor_events [^@]*read_timeout (\d+)s$/m),
  shipped("nginx/embedded.conf", /= \/chat\/events \{[^}]*proxy_read_timeout (\d+)s;/),
];

sentence("D7 a quiet long poll and a quiet stream outlast the time-out of the front", async (s) => {
  await s.serve();
  const { room, watcher } = await s.watched();
  const member = await s.member(room, "kim");
  const reader = await watcher.listen(room, { as: "sse" });
  const headers = member.headers();
  const answer = await fetch(`${s.server.url}/events?rooms=${room}&wait=${TIMEOUT_S + 4}`, { headers });
  assert.equal(answer.status, 200);
  const { events, cursor, more } = JSON.parse(await answer.text());
  assert.deepEqual([events, more], [[], false]);
  const next = fetch(`${s.server.url}/events?rooms=${room}&cursor=${cursor}&wait=30`, { headers }).then((response) => response.json());
  await watcher.say(room, "at last");
  assert.equal((await next).events.at(-1).data.message.content, "at last");
  await reader.said("at last");
  assert.equal(reader.ended, false);
}, { needs: ["front", "services"] });

sentence("D7 a long poll that has shown signs of life ends in one JSON text", async (s) => {
  await s.serve({ settings: { hb_ms: 50 } });
  const { room, watcher } = await s.watched();
  const member = await s.member(room, "kim");
  const raw = new Raw(s.server).send(`GET /events?rooms=${room}&wait=30 HTTP/1.1\r\nHost: x\r\nX-Parlor-Token: ${member.token}\r\nConnection: close\r\n\r\n`);
  await until(() => /"events":\[ {3,}/.test(raw.received), "several signs of life");
  await watcher.say(room, "one");
  await raw.end();
  const [head, body] = raw.received.split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(head, /content-length/i);
  assert.equal(JSON.parse(body).events.at(-1).data.message.content, "one");
}, { needs: "embedded" });

test("D7 the time-out of the front leaves room for two signs of life, and the documentation gives it", () => {
  const [, hb] = /^SETTING_INT\(hb_ms, (\d+),/m.exec(readFileSync(join(TOP, "db/base/settings.def"), "utf8"));
  assert.ok(TIMEOUT_S * 1000 >= 2 * Number(hb), "heartbeats come in time");
  assert.ok(TIMEOUT_S <= 10, "and nobody waits longer");
  for (const other of OTHER_TIMEOUTS) assert.equal(other, TIMEOUT_S);
  assert.match(readFileSync(join(TOP, "docs/DEPLOY.md"), "utf8"), new RegExp(`poller hangs, the API answers after\\s+${TIMEOUT_S}\\s+seconds`));
});
