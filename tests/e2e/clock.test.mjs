// parts: e2e
/*
 * The wall clock is set while people stream, poll and leave. Only the times
 * shown on messages change.
 */
import assert from "node:assert/strict";
import { Person } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { SETTINGS, TIMED_OUT, gone, presenceChanges, waitOutGrace } from "./lib/leaving.mjs";
import { Raw } from "./lib/raw.mjs";
import { sentence } from "./lib/scene.mjs";
import { scaled } from "./lib/wait.mjs";
import { DAY_MS, HOUR_MS, WallClock } from "./lib/wallclock.mjs";

const JUMPS = { "back by an hour": -HOUR_MS, "forward by an hour": HOUR_MS, "back by a day": -DAY_MS, "forward by a day": DAY_MS };
const LEASE_MS = 2000;

/* Pollers of a busy machine come back late, and connections rest for 4 s in this client. */
const setting = {
  ...SETTINGS, lease_ms: LEASE_MS, poll_margin_ms: 4000, request_deadline_ms: 8000, events_keep_ms: HOUR_MS / 2, retry_ms: 50,
};

async function withClock(s, fn, settings = setting) {
  const clock = new WallClock();
  try {
    await fn(await s.serve({ settings, preload: clock.env }), clock);
  } finally {
    clock.end();
  }
}

/* People in a room, one for each transport, and a watcher. */
async function company(s) {
  const { room, watcher, heard, owner } = await s.watched({ grace_ms: 500 });
  const stay = [], go = [];
  for (const as of ["sse", "ndjson", "longpoll", "instant"])
    for (const list of [stay, go]) {
      const person = await s.member(room, `${list === stay ? "stays" : "goes"} ${as}`);
      list.push({ person, reader: await person.listen(room, { as }) });
    }
  return { room, watcher, heard, owner, stay, go };
}

/* Waits until more heartbeats have come than fit into two leases. */
async function leasesOver({ heard }) {
  const count = () => heard.controls.filter(({ kind }) => kind === "hb").length;
  const enough = count() + (2 * scaled(LEASE_MS)) / setting.hb_ms;
  await heard.wait(() => count() > enough, "heartbeats for two leases", 60_000);
}

/* Sends a message through each program. */
async function everybodyHears({ room, watcher, heard, stay, beside }, content) {
  await watcher.say(room, content);
  await beside.say(room, `${content}, beside`);
  for (const { reader } of [{ reader: heard }, ...stay]) {
    await reader.said(content);
    await reader.said(`${content}, beside`);
  }
}

/* A request that never arrives in full. */
async function isCutOff(server) {
  const half = new Raw(server).send("POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
  await half.end(30_000);
}

for (const [name, ms] of Object.entries(JUMPS))
  sentence(`A4 S2-18 the wall clock is set ${name}: who stays has stayed, and who goes is told as gone`, (s) =>
    withClock(s, async (server, clock) => {
      const { socket } = await server.fastcgi();
      const all = await company(s);
      const { room, heard, watcher, stay, go } = all;
      all.beside = new Person(server, { door: fastcgi(socket), token: watcher.token });
      await everybodyHears(all, "before");
      const cursor = heard.facts[0].id;
      clock.move(ms);
      const { created_at } = await watcher.say(room, "after");
      assert.ok(Math.abs(new Date(created_at) - clock.now()) < HOUR_MS / 2, "the clock was set");
      await leasesOver(all);
      await everybodyHears(all, "two leases later");
      for (const { person } of [...stay, ...go]) assert.deepEqual(presenceChanges(heard, person.chatter(room)).filter((what) => /left/.test(what)), [], person.name);
      for (const { reader } of go) reader.close();
      for (const { person } of go) {
        await heard.fact("presence", gone(person, room), { limit: 20_000 });
        await waitOutGrace(s, room, heard);
        assert.deepEqual(presenceChanges(heard, person.chatter(room)).filter((what) => /left/.test(what)), TIMED_OUT);
      }
      await isCutOff(server);
      await everybodyHears(all, "at the end");
      for (const { person } of stay) assert.deepEqual(presenceChanges(heard, person.chatter(room)).filter((what) => /left/.test(what)), [], person.name);
      const again = await watcher.listen(room, { cursor });
      await again.said("at the end");
      assert.equal(again.sync.recovered, true, "the log was not pruned");
      assert.deepEqual(again.feed.map(({ content }) => content), heard.feed.slice(-again.feed.length).map(({ content }) => content));
      again.close();
    }), { limit: 180_000, needs: "embedded" });

/* The room and the repeat that is made once. */
const LIMITED = { ...setting, rate_rooms: 2 };

for (const [name, ms] of Object.entries(JUMPS))
  sentence(`A4 the wall clock is set ${name}: what lasts for a time lasts for it`, (s) =>
    withClock(s, async (server, clock) => {
      const { owner, room } = await s.room({ slow_ms: 600_000 });
      const kim = await s.member(room, "kim");
      const lee = await s.member(room, "lee");
      const message = await kim.say(room, "one");
      await owner.ask("DELETE", `/rooms/${room}/chatters/${lee.chatter(room)}?ban_seconds=600`);
      const { ticket } = await kim.ask("POST", "/tickets");
      const headers = { "Idempotency-Key": "the-same-key-0001" };
      const fields = { title: "made once" };
      const before = await owner.answer("POST", "/rooms", fields, { headers });
      clock.move(ms);
      const slow = await kim.answer("POST", `/rooms/${room}/messages`, { content: "two" });
      assert.deepEqual([slow.status, slow.body.code], [429, "slow_mode"]);
      assert.ok(Number(slow.headers.get("retry-after")) <= 600);
      await kim.ask("PATCH", `/rooms/${room}/messages/${message.id}`, { content: "edited" });
      const banned = await lee.answer("POST", `/rooms/${room}/chatters`, {});
      assert.deepEqual([banned.status, banned.body.code], [403, "banned"]);
      const { bans: [{ until: shown }] } = await owner.ask("GET", `/rooms/${room}/bans`);
      assert.ok(Math.abs(new Date(shown) - clock.now() - 600_000) < 300_000, shown);
      const events = await fetch(`${server.url}/events?rooms=${room}&ticket=${ticket}&wait=0`);
      assert.equal(events.status, 200, await events.text());
      const again = await owner.answer("POST", "/rooms", fields, { headers });
      assert.deepEqual([before.status, again.status], [201, 200]);
      assert.equal(again.body.room.id, before.body.room.id);
      const limited = await s.person().answer("POST", "/rooms", {});
      assert.deepEqual([limited.status, limited.body.code], [429, "rate_limited"]);
      assert.ok(Number(limited.headers.get("retry-after")) <= 3600);
    }, LIMITED), { needs: "embedded" });
