// parts: e2e san race form (long)
/*
 * A message counts as heard if an answer of /events or a stream delivered it,
 * and only then: over every transport, however the connection ends.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { FORM } from "./lib/forms.mjs";
import { READERS, Reader, STREAMS, poll } from "./lib/reader.mjs";
import { fasterThan, onServer, retryWithMoreTime, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const BRIEF = { join_lease_ms: 600_000, poll_margin_ms: 2000, lease_ms: 2000, hb_ms: 200, reap_ms: 20 };
const told = onServer({ settings: BRIEF });
const PATHS = { instant: "/api/v1/events", longpoll: "/events" };
const POLLS = FORM.daemon ? ["instant", "longpoll"] : ["instant"];

const gone = (who, room) => ({ left }) => left?.some(({ id }) => id === who.chatter(room));

async function unreadOf(who, room) {
  const { rooms } = await who.ask("GET", "/me/rooms");
  return rooms.find((one) => one.room.id === room).unread;
}

/* A client that polls when the test tells it to. */
function asker(who, room, as, options = {}) {
  const reader = new Reader(who, [room], { conn: "mine", path: PATHS[as], ...options });
  return { reader, ask: (wait = 0) => poll(reader, wait) };
}

const goodbye = (who) => who.ask("DELETE", "/me/connections/mine");

/* Makes somebody who is in ROOM over AS from now on; `hears` waits for a message. */
async function present(s, room, as) {
  const kim = s.person();
  const { cursor } = await kim.join(room, { nickname: "kim" });
  if (STREAMS.includes(as)) {
    const reader = await kim.listen(room, { as, cursor, conn: "mine" });
    return { kim, hears: (text) => reader.said(text), vanish: () => reader.close(), reader };
  }
  const { reader, ask } = asker(kim, room, as, { cursor });
  const waiting = as === "longpoll" ? ask(3) : null;
  const hears = async (text) => {
    await waiting;
    while (!reader.feed.some(({ content }) => content === text)) await ask();
  };
  return { kim, hears, vanish: () => reader.close() };
}

async function say(who, room, ...texts) {
  for (const text of texts) await who.say(room, text);
}

const ENDS = {
  "a goodbye": async ({ kim, vanish }) => {
    await goodbye(kim);
    vanish();
  },
  "time alone": async ({ vanish }) => vanish(),
};

/*
 * A client may read a message before the poller has noted that it was
 * delivered.  The next heartbeat is written after the note.
 */
async function noted({ reader }) {
  if (!reader) return;
  const heartbeats = () => reader.controls.filter(({ kind }) => kind === "hb").length;
  const before = heartbeats();
  await reader.wait(() => heartbeats() > before, "a heartbeat");
}

async function streamsAre(n, server) {
  const { streams } = await (await fetch(`${server.url}/health`)).json();
  return streams === n;
}

/* Through a web server nobody notices at once that a stream's client is gone. */
const abrupt = (as, end) => end !== "time alone" || !STREAMS.includes(as) || !FORM.front;

for (const as of Object.keys(READERS))
  for (const [end, act] of Object.entries(ENDS).filter(([name]) => abrupt(as, name)))
    told(`A1 S5-7 what was said after the last delivery over ${as} is unread when ${end} ends it`, async (s) => {
      await retryWithMoreTime(1000, async (asked) => {
        s.people.forEach((person) => person.close());
        const { room, watcher, heard, owner, grace_ms: grace } = await s.watched({ grace_ms: asked });
        await owner.join(room);
        const one = await present(s, room, as);
        await say(watcher, room, "one");
        await one.hears("one");
        await fasterThan(grace, async () => {
          await act(one);
          if (STREAMS.includes(as) && end === "time alone") await until(() => streamsAre(1, s.server), "the stream has ended");
          await say(watcher, room, "two", "three");
          assert.equal(await unreadOf(one.kim, room), 0, "not while present");
        });
        await heard.fact("presence", gone(one.kim, room));
        assert.equal(await unreadOf(one.kim, room), 2);
      });
    });

for (const as of POLLS) {
  told(`A1 S5-7 a poll's lease is no delivery: message, goodbye, message after an empty answer, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
    const kim = await s.member(room, "kim");
    const { ask } = asker(kim, room, as);
    await ask();
    await say(watcher, room, "one");
    await goodbye(kim);
    await say(watcher, room, "two");
    await heard.fact("presence", gone(kim, room));
    assert.equal(await unreadOf(kim, room), 2);
  });

  told(`A1 S5-7 the cursor that comes back proves what was heard, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
    const kim = s.person();
    const { cursor } = await kim.join(room, { nickname: "kim" });
    const { reader, ask } = asker(kim, room, as, { cursor });
    await say(watcher, room, "one");
    const { cursor: after } = await ask();
    reader.cursor = after;
    await say(watcher, room, "two");
    await ask();
    await goodbye(kim);
    await heard.fact("presence", gone(kim, room));
    assert.equal(await unreadOf(kim, room), 0);
  });

  told(`A1 S5-7 neither a page of history nor the list of people is a delivery, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
    const kim = await s.member(room, "kim");
    await asker(kim, room, as).ask();
    await say(watcher, room, "one", "two");
    await kim.history(room);
    await kim.list(room);
    await goodbye(kim);
    await heard.fact("presence", gone(kim, room));
    assert.equal(await unreadOf(kim, room), 2);
  });

  told(`A1 S5-7 what was passed over by a poll without a cursor is unread, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
    const kim = await s.member(room, "kim");
    const { reader, ask } = asker(kim, room, as);
    await ask();
    await say(watcher, room, "passed over");
    reader.cursor = null;
    await ask();
    await say(watcher, room, "delivered");
    await ask();
    await say(watcher, room, "too late");
    await goodbye(kim);
    await heard.fact("presence", gone(kim, room));
    assert.equal(await unreadOf(kim, room), 2);
  });

  told(`A1 S5-7 of two connections the one that heard more counts, over ${as}`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
    const kim = await s.member(room, "kim");
    const slow = asker(kim, room, as, { conn: "slow" });
    const fast = asker(kim, room, as, { conn: "mine" });
    await slow.ask();
    await fast.ask();
    await say(watcher, room, "one", "two");
    await fast.ask();
    await say(watcher, room, "three");
    await goodbye(kim);
    await kim.ask("DELETE", "/me/connections/slow");
    await heard.fact("presence", gone(kim, room));
    assert.equal(await unreadOf(kim, room), 1);
  });
}

/* Positions that prove nothing: the client has not said what it heard last. */
const UNPROVEN = {
  "latest": () => "latest",
  "none": () => null,
  "a cursor of another epoch": (cursor) => cursor.replace(/^[0-9a-f]{8}/, (epoch) => (epoch === "00000000" ? "11111111" : "00000000")),
};

for (const as of POLLS) {
  for (const [what, position] of Object.entries(UNPROVEN))
    told(`A1 S5-7 a poll with ${what} each time hears nothing, and all is unread, over ${as}`, async (s) => {
      const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
      const kim = s.person();
      const { cursor } = await kim.join(room, { nickname: "kim" });
      const { reader, ask } = asker(kim, room, as);
      for (let n = 0; n < 3; n++) {
        reader.cursor = position(cursor);
        const answer = await ask();
        assert.deepEqual(answer.events, []);
        await say(watcher, room, `said ${n}`);
      }
      await goodbye(kim);
      await heard.fact("presence", gone(kim, room));
      assert.equal(await unreadOf(kim, room), 3);
    });

  for (const position of ["-2", "earliest"])
    told(`A1 S5-7 what a poll from ${position} brought is heard, and no more, over ${as}`, async (s) => {
      const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
      const kim = await s.member(room, "kim");
      await say(watcher, room, "1", "2", "3", "4");
      const { reader, ask } = asker(kim, room, as);
      reader.cursor = position;
      await ask();
      const brought = reader.feed.filter(({ type }) => type === "message").length;
      assert.ok(brought >= 2);
      await say(watcher, room, "5");
      await goodbye(kim);
      await heard.fact("presence", gone(kim, room));
      assert.equal(await unreadOf(kim, room), 5 - brought);
    });
}

for (const as of Object.keys(READERS)) {
  told(`A1 S5-7 S2-13 who leaves, or is removed, has nothing unread and begins anew, over ${as}`, async (s) => {
    const { room, watcher, heard, owner } = await s.watched({ grace_ms: 300 });
    const kim = s.person();
    for (const removed of [false, true]) {
      const { cursor } = await kim.join(room, { nickname: "kim" });
      const reader = await kim.listen(room, { as, cursor, conn: "mine" });
      await say(watcher, room, "heard");
      const from = heard.facts.length;
      if (removed) await owner.ask("DELETE", `/rooms/${room}/chatters/${kim.chatter(room)}`);
      else await kim.leave(room);
      await heard.fact("presence", gone(kim, room), { from: Math.max(0, from - 2) });
      reader.close();
      await say(watcher, room, "not a member");
      assert.deepEqual((await kim.ask("GET", "/me/rooms")).rooms, []);
    }
    await kim.join(room, { nickname: "kim" });
    assert.equal(await unreadOf(kim, room), 0);
  });
}

told("A1 S5-7 a repeated join writes nothing, so nothing in its snapshot counts as heard", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
  const kim = s.person();
  await kim.create();
  const headers = { "Idempotency-Key": randomUUID() };
  const join = () => kim.answer("POST", `/rooms/${room}/chatters`, { nickname: "kim" }, { headers });
  kim.seats.set(room, (await join()).body.chatter);
  await say(watcher, room, "in the snapshot");
  assert.equal((await join()).body.messages.at(-1).content, "in the snapshot");
  await say(watcher, room, "after it");
  await kim.ask("DELETE", "/me/connections/join");
  await heard.fact("presence", gone(kim, room));
  assert.equal(await unreadOf(kim, room), 2);
});

told("A1 S5-7 a connection that presents an older cursor was delivered no more than it is told again", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
  const kim = await s.member(room, "kim");
  const { reader, ask } = asker(kim, room, "instant");
  await ask();
  const before = reader.cursor;
  const texts = Array.from({ length: 520 }, (_, i) => `${i}`);
  for (let i = 0; i < texts.length; i += 20) {
    await Promise.all(texts.slice(i, i + 20).map((text) => watcher.say(room, text)));
    await ask(); /* or the seat would be lost meanwhile */
  }
  while ((await ask()).more);
  reader.cursor = before;
  const { events, more } = await ask();
  assert.ok(more);
  await goodbye(kim);
  await heard.fact("presence", gone(kim, room));
  assert.equal(await unreadOf(kim, room), texts.length - events.filter(({ kind }) => kind === "message").length);
}, { needs: "quick" });

told("A1 S5-7 the picture of a join counts up to its cursor, and nothing behind", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
  const kim = await s.member(room, "kim");
  const { ask } = asker(kim, room, "instant");
  await ask();
  await say(watcher, room, "in the picture");
  await kim.join(room);
  await say(watcher, room, "behind it", "and this");
  await goodbye(kim);
  await kim.ask("DELETE", "/me/connections/join");
  await heard.fact("presence", gone(kim, room));
  assert.equal(await unreadOf(kim, room), 2);
});

sentence("A1 S5-7 S2-7 with the default settings: one poll, silence, five messages, five unread", async (s) => {
  await s.serve();
  const { room, watcher, heard } = await s.watched({ grace_ms: 5000 });
  const kim = await s.member(room, "kim");
  await asker(kim, room, "instant").ask();
  await say(watcher, room, "1", "2", "3", "4", "5");
  await heard.fact("presence", gone(kim, room), { limit: 60_000 });
  assert.equal(await unreadOf(kim, room), 5);
}, { limit: 120_000 });

for (const as of Object.keys(READERS))
  sentence(`A1 S5-7 S2-18 what was said after the last delivery over ${as} is unread when the poller was killed`, async (s) => {
    const server = await s.serve({ settings: { ...BRIEF, reap_ms: 50 } });
    const { room, owner } = await s.room({ grace_ms: 300 });
    await owner.join(room, { nickname: "owner" });
    const one = await present(s, room, as);
    await say(owner, room, "zero", "one");
    await one.hears("one");
    await noted(one);
    await server.kill();
    one.vanish();
    await server.launch();
    await say(owner, room, "two", "three", "four");
    await until(async () => !(await owner.names(room)).includes("kim"), "kim is gone", 60_000);
    assert.equal(await unreadOf(one.kim, room), 3);
  }, { needs: ["daemon"] });
