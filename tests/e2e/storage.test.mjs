// parts: e2e san
/*
 * A store that cannot be written: a full disk, a quota, a lock that another
 * program holds, a read-only file system. Reads go on, nothing of a refused
 * write is kept, every answer says why, and the state ends by itself.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { newId } from "./lib/client.mjs";
import { FORM } from "./lib/forms.mjs";
import { holdDatabase, holdLock, leasesAreOver } from "./lib/lock-holder.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const DISK = "8m";
const BIG = "x".repeat(3000);
const ENDS = 30_000;

/* A room with two members and a message. */
async function peopled(s) {
  const { room, owner } = await s.room({ grace_ms: 1000 });
  const kim = await s.member(room, "kim");
  const first = await kim.say(room, "before");
  return { owner, room, kim, first };
}

/* Sends messages until one is refused; returns the ids of the others. */
async function sayUntilRefused(kim, room, content = BIG) {
  const taken = [];
  const refused = await until(async () => {
    const client_id = newId();
    const answer = await kim.answer("POST", `/rooms/${room}/messages`, { content, client_id });
    if (answer.status !== 201) return answer;
    taken.push(answer.body.message.id);
    return null;
  }, "a message is refused", ENDS);
  return { taken, refused };
}

async function told(server, state) {
  const api = await fetch(`${server.api}/health`);
  const body = await api.json();
  assert.deepEqual([api.status, body.storage], [state === "ok" ? 200 : 503, state], JSON.stringify(body));
}

/* The poller's own answer, which a web server would replace. */
async function metric(server, state) {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^parlor_storage_${state} (\\d)$`, "m").exec(text)[1]);
}

async function checked(server) {
  const check = server.program("parlor", ["check"]);
  const { code } = await check.exited;
  return { code, said: String(check.stdout) };
}

/* Everything that can be read, while nothing can be written. */
async function canRead(s, { kim, room, first }) {
  const history = await kim.history(room);
  assert.ok(history.some(({ id }) => id === first.id));
  assert.equal((await kim.answer("GET", `/rooms/${room}`)).status, 200);
  const poll = await fetch(`${s.server.url}/events?rooms=${room}&wait=0`, { headers: kim.headers() });
  assert.equal(poll.status, 200, await poll.text());
  const streamed = await fetch(`${s.server.url}/events?rooms=${room}&as=sse`, { headers: kim.headers() });
  assert.equal(streamed.status, 200);
  const { value } = await streamed.body.getReader().read();
  assert.match(Buffer.from(value).toString(), /event: sync/);
}

/* The log lines of a state's beginning and end. */
function lines(server) {
  const said = server.poller.said;
  return [/ storage=\w+/g, /msg="store can be written again"/g].map((line) => (said.match(line) ?? []).length);
}

async function worksAgain(kim, room) {
  const message = await until(async () => {
    const { status, body } = await kim.answer("POST", `/rooms/${room}/messages`, { content: "after" });
    return status === 201 && body.message;
  }, "it can be written again", ENDS);
  return message;
}

async function isExactly(kim, room, ids) {
  const said = (await kim.history(room)).filter(({ type }) => type === "message");
  assert.deepEqual(said.map(({ id }) => id), ids);
}

sentence("A7 P8 a full disk: 507, nothing is done, reading and deleting go on, and it ends by itself", async (s) => {
  const server = await s.serve({ disk: DISK });
  const scene = await peopled(s);
  const { kim, room, first } = scene;
  await server.disk.fill();
  const { taken, refused } = await sayUntilRefused(kim, room);
  assert.deepEqual([refused.status, refused.body.code], [507, "storage_full"]);
  assert.match(refused.body.detail, /[Nn]othing was done/);
  await told(server, "full");
  await canRead(s, scene);
  const { code, said } = await checked(server);
  assert.equal(code, 1);
  assert.match(said, /full/);
  for (let i = 0; i < 3; i++) {
    const again = await kim.answer("POST", `/rooms/${room}/messages`, { content: BIG });
    assert.deepEqual([again.status, again.body.code], [507, "storage_full"]);
  }
  assert.equal((await kim.answer("DELETE", `/rooms/${room}/messages/${first.id}`)).status, 204);
  await server.disk.free();
  const last = await worksAgain(kim, room);
  await told(server, "ok");
  assert.ok(existsSync(join(server.data, "ballast")), "the reserve is made again");
  await isExactly(kim, room, [first.id, ...taken, last.id]);
  if (FORM.front) return;
  assert.deepEqual(lines(server), [1, 1]);
  await server.kill();
  await server.launch();
  await isExactly(kim, room, [first.id, ...taken, last.id]);
}, { limit: 120_000 });

sentence("A7 the poller starts on a full disk, serves reads and streams, and lets them in once there is space", async (s) => {
  const server = await s.serve({ disk: DISK });
  const scene = await peopled(s);
  await server.stop();
  await server.disk.fill();
  await server.launch();
  await canRead(s, scene);
  await told(server, "full");
  assert.equal(await metric(server, "full"), 1);
  const heard = await scene.kim.listen(scene.room, { as: "sse" });
  await heard.wait(() => heard.syncs.length > 0, "the stream has begun");
  await server.disk.free();
  await worksAgain(scene.kim, scene.room);
  await until(async () => (await scene.kim.names(scene.room)).includes("kim"), "who streams is present", ENDS);
  await until(async () => (await metric(server, "full")) === 0, "it has ended", ENDS);
}, { needs: "embedded", limit: 120_000 });

sentence("A7 a full disk tells nobody that somebody has left", async (s) => {
  const server = await s.serve({ disk: DISK, settings: { lease_ms: 600, poll_margin_ms: 300, join_lease_ms: 300 } });
  const { room, watcher } = await s.watched({ grace_ms: 300 });
  const lee = await s.member(room, "lee");
  const polled = await lee.listen(room, { as: "instant" });
  await server.disk.fill();
  await sayUntilRefused(watcher, room);
  await until(() => leasesAreOver(server.data), "every lease is over by the clock", ENDS);
  await server.disk.free();
  await worksAgain(watcher, room);
  await watcher.say(room, "the end");
  await polled.fact("message", ({ message }) => message.content === "the end");
  const left = (await watcher.history(room)).filter(({ notice }) => notice && /left|timeout/.test(JSON.stringify(notice)));
  assert.deepEqual(left, []);
}, { needs: "embedded", limit: 120_000 });

for (const [what, hold] of [["the database", holdDatabase], ["the lock file", holdLock]])
  sentence(`A7 P8 a program that holds ${what}: 503 busy, nothing is done, and it ends by itself`, async (s) => {
    const server = await s.serve({ disk: DISK, settings: { busy_ms: 300 } });
    const scene = await peopled(s);
    const { kim, room, first } = scene;
    const holder = await hold(server.data);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
      kim.answer("POST", `/rooms/${room}/messages`, { content: `held ${i}` })));
    for (const { status, body, headers } of answers) {
      assert.deepEqual([status, body?.code], [503, "busy"]);
      assert.match(body.detail, /Nothing was done/);
      assert.ok(Number(headers.get("retry-after")) >= 1);
    }
    await told(server, "busy");
    await canRead(s, scene);
    const { code, said } = await checked(server);
    assert.equal(code, 1);
    assert.match(said, /another program holds/);
    const migrate = server.program("parlor", ["room", "create", "another"]);
    assert.equal((await migrate.exited).code, 1);
    assert.match(migrate.said, /another program|others write/);
    await holder.end();
    const last = await worksAgain(kim, room);
    await told(server, "ok");
    await isExactly(kim, room, [first.id, last.id]);
    if (!FORM.front) assert.deepEqual(lines(server), [1, 1]);
  }, { limit: 120_000 });

sentence("A7 P8 a quota of the site: 507 at storage_max, with room left for deleting", async (s) => {
  const server = await s.serve({ settings: { storage_max: 1_500_000 } });
  const scene = await peopled(s);
  const { kim, owner, room, first } = scene;
  const { taken, refused } = await sayUntilRefused(kim, room, "x".repeat(3900));
  assert.ok(taken.length > 100);
  assert.deepEqual([refused.status, refused.body.code], [507, "storage_full"]);
  await told(server, "full");
  await canRead(s, scene);
  const { code, said } = await checked(server);
  assert.equal(code, 1);
  assert.match(said, /storage_max/);
  assert.equal((await kim.answer("DELETE", `/rooms/${room}/messages/${first.id}`)).status, 204);
  await isExactly(kim, room, [first.id, ...taken]);
  assert.equal((await owner.answer("DELETE", `/rooms/${room}`)).status, 204);
  await until(async () => (await kim.answer("POST", "/rooms", {})).status === 201, "what was deleted makes room", ENDS);
  await told(server, "ok");
}, { limit: 180_000 });

sentence("A7 P8 a read-only file system: 503 read_only, and it ends by itself", async (s) => {
  const server = await s.serve({ disk: DISK });
  const scene = await peopled(s);
  const { kim, room, first } = scene;
  /* Nothing may have it open for writing while it is remounted. */
  await server.stopAll();
  await server.disk.mode("ro");
  await server.startAll();
  const answer = await kim.answer("POST", `/rooms/${room}/messages`, { content: "no" });
  assert.deepEqual([answer.status, answer.body.code], [503, "read_only"]);
  assert.match(answer.body.detail, /Nothing was done/);
  await told(server, "read_only");
  await canRead(s, scene);
  const { code, said } = await checked(server);
  assert.equal(code, 1);
  assert.match(said, /read-only/);
  await server.disk.mode("rw");
  const last = await worksAgain(kim, room);
  await told(server, "ok");
  await isExactly(kim, room, [first.id, last.id]);
}, { limit: 120_000 });

sentence("A7 requests that wait behind a foreign lock are answered, not cut off as if their client were slow", async (s) => {
  const server = await s.serve({ settings: { threads: 1, request_deadline_ms: 300, busy_ms: 1000 } });
  const { kim, room } = await peopled(s);
  const holder = await holdDatabase(server.data);
  const answers = await Promise.all(Array.from({ length: 10 }, () =>
    kim.answer("POST", `/rooms/${room}/messages`, { content: "held" })));
  assert.deepEqual(answers.map(({ status }) => status), Array(10).fill(503));
  await holder.end();
}, { needs: "embedded" });
