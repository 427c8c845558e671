import assert from "node:assert/strict";
import { named, READERS } from "./lib/reader.mjs";
import { inTime, onServer, sentence, swiftly } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const SETTINGS = { hb_ms: 300, poll_margin_ms: 300, reap_ms: 50, streams_per_token: 0 };
const told = onServer({ settings: SETTINGS });

/* What READER heard of CHATTER coming and going, in order. */
function traces(reader, chatter) {
  const is = ({ id }) => id === chatter;
  return reader.facts.flatMap(({ kind, data }) => {
    if (kind === "presence") {
      const { joined = [], left = [], renamed = [] } = data;
      return [
        ...joined.filter(is).map(() => "joined"),
        ...left.filter(is).map(({ reason }) => `left ${reason}`),
        ...renamed.filter(is).map(() => "renamed"),
      ];
    }
    const notice = kind === "alert" ? data.message.notice : null;
    if (!notice || !named(notice).some(is)) return [];
    return [`notice ${notice.kind}${notice.reason ? ` ${notice.reason}` : ""}`];
  });
}

const gone = (who, room) => ({ left = [] }) => left.some(({ id }) => id === who.chatter(room));
const JOINED = ["joined", "notice joined"];
const TIMED_OUT = ["left timeout", "notice left timeout"];
const LEFT = ["left left", "notice left left"];

/*
 * Waits until D has passed for whoever went before: somebody who goes now is
 * told as gone, by a notice too.  So what was not told by then is never told.
 */
async function graceOver(s, room, heard) {
  const clock = await s.member(room);
  const reader = await clock.listen(room);
  reader.close();
  const over = ({ message: { notice } }) =>
    notice?.kind === "left" && named(notice).some(({ id }) => id === clock.chatter(room));
  await heard.fact("alert", over, { limit: 20_000 });
  const { id } = await clock.say(room, "D is over");
  await heard.fact("message", ({ message }) => message.id === id);
}

/* A stream is told why it ends; a poll is answered, and the next is refused. */
async function endsFor(reader, as, reason) {
  if (as === "sse" || as === "ndjson") {
    assert.equal((await reader.control("bye")).data.reason, reason);
    await reader.end();
  } else await until(() => reader.broken?.code === "not_in_room", "the next poll is refused");
}

for (const as of Object.keys(READERS)) {
  told(`S2-7 S2-8 S2-9 who vanishes from ${as} holds the seat for D, then is told as gone, once`, async (s) => {
    await inTime(300, async (asked) => {
      const { room, watcher, heard, grace_ms: grace } = await s.watched({ grace_ms: asked, capacity: 2 });
      const kim = await s.member(room, "kim");
      const reader = await kim.listen(room, { as });
      reader.close();
      const cut = performance.now();
      await swiftly(grace, async () => {
        assert.deepEqual(await watcher.names(room), ["watcher", "kim"], "still listed");
        const late = await s.person().answer("POST", `/rooms/${room}/chatters`, {});
        assert.deepEqual([late.status, late.body.code], [409, "room_full"], "still holds the seat");
      });
      const { data } = await heard.fact("presence", gone(kim, room), { limit: 30_000 });
      assert.ok(performance.now() - cut > grace - 50, "not before D is over");
      assert.deepEqual(data, {
        room, left: [{ ...kim.seats.get(room), reason: "timeout" }], count: 1,
      });
      await watcher.say(room, "end");
      await heard.said("end");
      assert.deepEqual(traces(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT]);
      assert.deepEqual(await watcher.names(room), ["watcher"]);
    });
  });

  told(`P4 who left and came again hears over ${as} all since a cursor of before that`, async (s) => {
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const { cursor } = await kim.list(room);
    await kim.leave(room);
    await watcher.say(room, "meanwhile");
    await kim.join(room);
    await watcher.say(room, "since");
    const reader = await kim.listen(room, { as, cursor });
    await reader.said("since");
    await watcher.say(room, "now");
    await reader.said("now");
    assert.deepEqual(reader.feed.filter(({ type }) => type === "message").map(({ content }) => content), ["meanwhile", "since", "now"]);
    await kim.leave(room);
    await endsFor(reader, as, "left");
  });

  told(`S2-10 ten refreshes in a row over ${as} are told to nobody`, async (s) => {
    await inTime(200, async (asked) => {
      const { room, heard, grace_ms: grace } = await s.watched({ grace_ms: asked });
      const kim = await s.member(room, "kim");
      let reader = await kim.listen(room, { as, conn: "page0" });
      for (let i = 1; i <= 10; i++) {
        if (i % 2) await kim.join(room);
        reader.close();
        reader = await swiftly(grace, () => kim.listen(room, i < 10 ? { as, conn: `page${i}` } : {}));
      }
      await graceOver(s, room, heard);
      assert.deepEqual(traces(heard, kim.chatter(room)), JOINED);
    });
  });

  told(`S2-11 a return after D over ${as} is one leave notice, then one join notice`, async (s) => {
    const { room, heard } = await s.watched({ grace_ms: 200 });
    const kim = await s.member(room, "kim");
    (await kim.listen(room, { as })).close();
    await heard.fact("presence", gone(kim, room), { limit: 30_000 });
    await kim.listen(room, { as });
    await graceOver(s, room, heard);
    assert.deepEqual(traces(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT, ...JOINED]);
  });
}

for (const as of Object.keys(READERS)) {
  told(`S2-12 one's refresh over ${as} does not cancel another's leave`, async (s) => {
    await inTime(300, async (asked) => {
      const { room, heard, grace_ms: grace } = await s.watched({ grace_ms: asked });
      const [ann, bob] = [await s.member(room, "ann"), await s.member(room, "bob")];
      const readers = [await ann.listen(room, { as }), await bob.listen(room, { as })];
      for (const reader of readers) reader.close();
      await swiftly(grace, () => ann.listen(room));
      await heard.fact("presence", gone(bob, room), { limit: 30_000 });
      await graceOver(s, room, heard);
      assert.deepEqual(traces(heard, bob.chatter(room)), [...JOINED, ...TIMED_OUT]);
      assert.deepEqual(traces(heard, ann.chatter(room)), JOINED);
    });
  });

  told(`S2-12 leaving one room over ${as} does not touch another`, async (s) => {
    const one = await s.watched({ grace_ms: 200 });
    const two = await s.watched({ grace_ms: 200 });
    const kim = await s.member(one.room, "kim");
    await kim.join(two.room, { nickname: "kim" });
    const reader = await kim.listen(one.room, { as, conn: "one" });
    await kim.listen(two.room, { as, conn: "two" });
    reader.close();
    await one.heard.fact("presence", gone(kim, one.room), { limit: 30_000 });
    await graceOver(s, two.room, two.heard);
    assert.deepEqual(traces(two.heard, kim.chatter(two.room)), JOINED);
    await kim.join(one.room);
    await kim.leave(one.room);
    await graceOver(s, two.room, two.heard);
    assert.deepEqual(traces(two.heard, kim.chatter(two.room)), JOINED);
  });

  told(`S2-12 S2-9 leaves that overlap over ${as} are each told once`, async (s) => {
    const { room, heard } = await s.watched({ grace_ms: 300 });
    const people = [];
    for (const name of ["ann", "bob", "cho", "dan"]) people.push(await s.member(room, name));
    const readers = await Promise.all(people.map((person) => person.listen(room, { as })));
    for (const reader of readers) reader.close();
    for (const person of people) await heard.fact("presence", gone(person, room), { limit: 30_000 });
    await graceOver(s, room, heard);
    for (const person of people)
      assert.deepEqual(traces(heard, person.chatter(room)), [...JOINED, ...TIMED_OUT]);
  });

  told(`S2-13 pressing Leave with ${as} leaves at once, without D, with one notice, and ends it`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 600_000 });
    const kim = await s.member(room, "kim");
    const readers = [await kim.listen(room, { as, conn: "one" }), await kim.listen(room, { as, conn: "two" })];
    await kim.leave(room);
    assert.deepEqual(await watcher.names(room), ["watcher"]);
    await heard.fact("alert", ({ message }) => message.notice?.kind === "left");
    for (const reader of readers) await endsFor(reader, as, "left");
    const again = await kim.answer("GET", `/rooms/${room}/messages`);
    assert.deepEqual([again.status, again.body.code], [403, "not_in_room"]);
    await watcher.say(room, "end");
    await heard.said("end");
    assert.deepEqual(traces(heard, kim.chatter(room)), [...JOINED, ...LEFT]);
    const chatter = kim.chatter(room);
    assert.equal((await kim.join(room)).chatter.id, chatter, "and may come back");
  });

  told(`S2-13 who is removed by the owner hears no more over ${as}, and all are told why`, async (s) => {
    const { owner, room, watcher, heard } = await s.watched();
    const kim = await s.member(room, "kim");
    const reader = await kim.listen(room, { as });
    await owner.join(room);
    await owner.ask("DELETE", `/rooms/${room}/chatters/${kim.chatter(room)}`);
    await endsFor(reader, as, "removed");
    await watcher.say(room, "end");
    await heard.said("end");
    assert.deepEqual(traces(heard, kim.chatter(room)), [
      ...JOINED, "left removed", "notice left removed",
    ]);
    assert.deepEqual(reader.feed.filter(({ content }) => content === "end"), []);
  });

  told(`S2-14 a new ${as} before the old one is noticed dead is told to nobody`, async (s) => {
    const { room, heard } = await s.watched({ grace_ms: 200 });
    const kim = await s.member(room, "kim");
    const old = await kim.listen(room, { as, conn: "old" });
    await kim.listen(room, { as, conn: "new" });
    old.close();
    await graceOver(s, room, heard);
    assert.deepEqual(traces(heard, kim.chatter(room)), JOINED);
  });

  told(`S2-15 of two tabs with ${as} one may close unnoticed; both give one leave after D`, async (s) => {
    const { room, heard } = await s.watched({ grace_ms: 300 });
    const kim = await s.member(room, "kim");
    const [one, two] = [await kim.listen(room, { as, conn: "one" }), await kim.listen(room, { as, conn: "two" })];
    one.close();
    await graceOver(s, room, heard);
    assert.deepEqual(traces(heard, kim.chatter(room)), JOINED);
    two.close();
    await heard.fact("presence", gone(kim, room), { limit: 40_000 });
    await graceOver(s, room, heard);
    assert.deepEqual(traces(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT]);
  });

  told(`S2-16 the end of one ${as} in several rooms leaves every one of them`, async (s) => {
    const scenes = [await s.watched({ grace_ms: 200 }), await s.watched({ grace_ms: 400 })];
    const kim = s.person();
    for (const { room } of scenes) await kim.join(room, { nickname: "kim" });
    const both = await kim.listen(scenes.map(({ room }) => room), { as });
    for (const { room, watcher } of scenes) await watcher.say(room, `to ${room}`);
    for (const { room } of scenes) await both.said(`to ${room}`);
    both.close();
    for (const { room, heard } of scenes) {
      await heard.fact("presence", gone(kim, room), { limit: 40_000 });
      await graceOver(s, room, heard);
      assert.deepEqual(traces(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT]);
    }
  });
}

for (const as of ["sse", "ndjson"]) {
  told(`S2-14 a second ${as} of the same name takes the first one's place without a word to others`, async (s) => {
    const { room, heard } = await s.watched({ grace_ms: 200 });
    const kim = await s.member(room, "kim");
    const old = await kim.listen(room, { as, conn: "tab-1" });
    const fresh = await kim.listen(room, { as, conn: "tab-1" });
    assert.equal((await old.control("bye")).data.reason, "replaced");
    await old.end();
    await graceOver(s, room, heard);
    assert.deepEqual(traces(heard, kim.chatter(room)), JOINED);
    await kim.say(room, "to the new one");
    await fresh.said("to the new one");
  }, { needs: "daemon" });
}

told("S2-17 the end of a connection that never joined has no effect on anyone", async (s) => {
  const { owner, room, watcher, heard } = await s.watched({ grace_ms: 100 });
  await assert.rejects(owner.listen(room), /not_in_room/);
  const other = await owner.create();
  await owner.join(other);
  const reader = await owner.listen(other);
  reader.close();
  await graceOver(s, room, heard);
  await watcher.say(room, "end");
  await heard.said("end");
  const { messages } = await watcher.ask("GET", `/rooms/${room}/messages`);
  assert.equal(messages.filter(({ notice }) => notice).length, 3, "the watcher's and the clock's");
});

const LEASED = { ...SETTINGS, retry_ms: 50, join_lease_ms: 60_000 };

/* Three with streams; KIM goes while no program runs, LEE comes back. */
async function troupe(s) {
  const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
  const kim = await s.member(room, "kim");
  const lee = await s.member(room, "lee");
  const streams = [await kim.listen(room), await lee.listen(room)];
  await heard.fact("presence", ({ count }) => count === 3);
  return { room, watcher, kim, lee, streams, cursor: heard.cursor };
}

/* STOP ends the program and starts it again; who is back within the lease has not left. */
async function onlyKimIsGone(s, stop) {
  await inTime(1500, async (lease_ms) => {
    const server = await s.serve({ settings: { ...LEASED, lease_ms } });
    const { room, watcher, kim, lee, streams, cursor } = await troupe(s);
    const back = await swiftly(server.settings.lease_ms / 2, async () => {
      await stop(server, streams);
      const [reader] = [await watcher.listen(room, { cursor }), await lee.listen(room)];
      return reader;
    });
    await back.fact("presence", gone(kim, room), { limit: 20_000 });
    await graceOver(s, room, back);
    assert.deepEqual(traces(back, kim.chatter(room)).filter((t) => !JOINED.includes(t)), TIMED_OUT);
    assert.deepEqual(traces(back, lee.chatter(room)).filter((t) => !JOINED.includes(t)), []);
    assert.deepEqual(traces(back, watcher.chatter(room)), []);
    assert.deepEqual(await watcher.names(room), ["watcher", "lee"]);
  });
}

async function killed(server) {
  await server.kill();
  await server.launch();
}

sentence("S2-18 S4-1 a restart loses no pending leave and invents none", (s) =>
  onlyKimIsGone(s, (server) => server.restart()), { needs: "daemon" });

sentence("S2-18 S4-1 SIGKILL loses no pending leave and invents none", (s) =>
  onlyKimIsGone(s, killed), { needs: "daemon" });

sentence("S2-18 a leave that was pending when the process was killed is told after it", (s) =>
  onlyKimIsGone(s, (server, [kims]) => {
    kims.close();
    return killed(server);
  }), { needs: "daemon" });

sentence("S2-18 nobody is told as gone when the machine stood still for longer than a lease", async (s) => {
  const server = await s.serve({ settings: { ...LEASED, lease_ms: 900 } });
  const { room, heard, watcher } = await s.watched({ grace_ms: 100 });
  const kim = await s.member(room, "kim");
  await kim.listen(room);
  server.freeze();
  const frozen = performance.now();
  await until(() => performance.now() - frozen > server.settings.lease_ms + 100, "the lease is over");
  server.thaw();
  await graceOver(s, room, heard);
  await watcher.say(room, "end");
  await heard.said("end");
  assert.deepEqual(traces(heard, kim.chatter(room)), JOINED);
}, { needs: "daemon" });
