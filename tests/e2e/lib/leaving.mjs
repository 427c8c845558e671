/*
 * Tests of leaving that must hold over every transport. Several files run them,
 * each for some transports, so that they run in parallel.
 */
import assert from "node:assert/strict";
import { named, READERS, STREAMS } from "./reader.mjs";
import { fasterThan, retryWithMoreTime } from "./scene.mjs";
import { until } from "./wait.mjs";

/* A busy machine that delays a poll by less than the margin makes nobody leave. */
export const SETTINGS = { hb_ms: 300, poll_margin_ms: 1000, reap_ms: 50, streams_per_token: 0 };

/* The events of CHATTER joining, leaving and being renamed, as READER got them, in order. */
export function presenceChanges(reader, chatter) {
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

export const gone = (who, room) => ({ left = [] }) => left.some(({ id }) => id === who.chatter(room));
export const JOINED = ["joined", "notice joined"];
export const TIMED_OUT = ["left timeout", "notice left timeout"];
const LEFT = ["left left", "notice left left"];

/*
 * Waits until the grace period has passed for everybody who left before:
 * somebody who leaves now is reported as gone, in a notice too. What was not
 * reported by then never is.
 */
export async function waitOutGrace(s, room, heard) {
  const clock = await s.member(room);
  const reader = await clock.listen(room);
  reader.close();
  const over = ({ message: { notice } }) =>
    notice?.kind === "left" && named(notice).some(({ id }) => id === clock.chatter(room));
  await heard.fact("alert", over);
  const { id } = await clock.say(room, "D is over");
  await heard.fact("message", ({ message }) => message.id === id);
}

/* A stream is told why it ends; a poll is answered, and the next is refused. */
async function endsFor(reader, as, reason) {
  if (STREAMS.includes(as)) {
    assert.equal((await reader.control("bye")).data.reason, reason);
    await reader.end();
  } else await until(() => reader.broken?.code === "not_in_room", "the next poll is refused");
}

/* The tests; AS stands for the transport. */
const SENTENCES = {
  "S2-7 S2-8 S2-9 who vanishes from AS holds the seat for D, then is told as gone, once": async (s, as) => {
    await retryWithMoreTime(300, async (asked) => {
      const { room, watcher, heard, grace_ms: grace } = await s.watched({ grace_ms: asked, capacity: 2 });
      const kim = await s.member(room, "kim");
      const reader = await kim.listen(room, { as });
      reader.close();
      const cut = performance.now();
      await fasterThan(grace, async () => {
        assert.deepEqual(await watcher.names(room), ["watcher", "kim"], "still listed");
        const late = await s.person().answer("POST", `/rooms/${room}/chatters`, {});
        assert.deepEqual([late.status, late.body.code], [409, "room_full"], "still holds the seat");
      });
      const { data } = await heard.fact("presence", gone(kim, room));
      assert.ok(performance.now() - cut > grace - 50, "not before D is over");
      assert.deepEqual(data, {
        room, left: [{ ...kim.seats.get(room), reason: "timeout" }], count: 1,
      });
      await watcher.say(room, "end");
      await heard.said("end");
      assert.deepEqual(presenceChanges(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT]);
      assert.deepEqual(await watcher.names(room), ["watcher"]);
    });
  },

  "P4 who left and came again hears over AS all since a cursor of before that": async (s, as) => {
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
  },

  "S2-10 ten refreshes in a row over AS are told to nobody": async (s, as) => {
    await retryWithMoreTime(200, async (asked) => {
      const { room, heard, grace_ms: grace } = await s.watched({ grace_ms: asked });
      const kim = await s.member(room, "kim");
      let reader = await kim.listen(room, { as, conn: "page0" });
      for (let i = 1; i <= 10; i++) {
        if (i % 2) await kim.join(room);
        reader.close();
        reader = await fasterThan(grace, () => kim.listen(room, i < 10 ? { as, conn: `page${i}` } : {}));
      }
      await waitOutGrace(s, room, heard);
      assert.deepEqual(presenceChanges(heard, kim.chatter(room)), JOINED);
    });
  },

  "S2-11 a return after D over AS is one leave notice, then one join notice": async (s, as) => {
    const { room, heard } = await s.watched({ grace_ms: 200 });
    const kim = await s.member(room, "kim");
    (await kim.listen(room, { as })).close();
    await heard.fact("presence", gone(kim, room));
    await kim.listen(room, { as });
    await waitOutGrace(s, room, heard);
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT, ...JOINED]);
  },

  "S2-12 one's refresh over AS does not cancel another's leave": async (s, as) => {
    await retryWithMoreTime(300, async (asked) => {
      const { room, heard, grace_ms: grace } = await s.watched({ grace_ms: asked });
      const [ann, bob] = [await s.member(room, "ann"), await s.member(room, "bob")];
      const readers = [await ann.listen(room, { as }), await bob.listen(room, { as })];
      for (const reader of readers) reader.close();
      await fasterThan(grace, () => ann.listen(room));
      await heard.fact("presence", gone(bob, room));
      await waitOutGrace(s, room, heard);
      assert.deepEqual(presenceChanges(heard, bob.chatter(room)), [...JOINED, ...TIMED_OUT]);
      assert.deepEqual(presenceChanges(heard, ann.chatter(room)), JOINED);
    });
  },

  "S2-12 leaving one room over AS does not touch another": async (s, as) => {
    const one = await s.watched({ grace_ms: 200 });
    const two = await s.watched({ grace_ms: 200 });
    const kim = await s.member(one.room, "kim");
    await kim.join(two.room, { nickname: "kim" });
    const reader = await kim.listen(one.room, { as, conn: "one" });
    await kim.listen(two.room, { as, conn: "two" });
    reader.close();
    await one.heard.fact("presence", gone(kim, one.room));
    await waitOutGrace(s, two.room, two.heard);
    assert.deepEqual(presenceChanges(two.heard, kim.chatter(two.room)), JOINED);
    await kim.join(one.room);
    await kim.leave(one.room);
    await waitOutGrace(s, two.room, two.heard);
    assert.deepEqual(presenceChanges(two.heard, kim.chatter(two.room)), JOINED);
  },

  "S2-12 S2-9 leaves that overlap over AS are each told once": async (s, as) => {
    const { room, heard } = await s.watched({ grace_ms: 300 });
    const people = [];
    for (const name of ["ann", "bob", "cho", "dan"]) people.push(await s.member(room, name));
    const readers = await Promise.all(people.map((person) => person.listen(room, { as })));
    for (const reader of readers) reader.close();
    for (const person of people) await heard.fact("presence", gone(person, room));
    await waitOutGrace(s, room, heard);
    for (const person of people)
      assert.deepEqual(presenceChanges(heard, person.chatter(room)), [...JOINED, ...TIMED_OUT]);
  },

  "S2-13 pressing Leave with AS leaves at once, without D, with one notice, and ends it": async (s, as) => {
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
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), [...JOINED, ...LEFT]);
    const chatter = kim.chatter(room);
    assert.equal((await kim.join(room)).chatter.id, chatter, "and may come back");
  },

  "S2-13 who is removed by the owner hears no more over AS, and all are told why": async (s, as) => {
    const { owner, room, watcher, heard } = await s.watched();
    const kim = await s.member(room, "kim");
    const reader = await kim.listen(room, { as });
    await owner.join(room);
    await owner.ask("DELETE", `/rooms/${room}/chatters/${kim.chatter(room)}`);
    await endsFor(reader, as, "removed");
    await watcher.say(room, "end");
    await heard.said("end");
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), [
      ...JOINED, "left removed", "notice left removed",
    ]);
    assert.deepEqual(reader.feed.filter(({ content }) => content === "end"), []);
  },

  "S2-14 a new AS before the old one is noticed dead is told to nobody": async (s, as) => {
    const { room, heard } = await s.watched({ grace_ms: 200 });
    const kim = await s.member(room, "kim");
    const old = await kim.listen(room, { as, conn: "old" });
    await kim.listen(room, { as, conn: "new" });
    old.close();
    await waitOutGrace(s, room, heard);
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), JOINED);
  },

  "S2-15 of two tabs with AS one may close unnoticed; both give one leave after D": async (s, as) => {
    const { room, heard } = await s.watched({ grace_ms: 300 });
    const kim = await s.member(room, "kim");
    const [one, two] = [await kim.listen(room, { as, conn: "one" }), await kim.listen(room, { as, conn: "two" })];
    one.close();
    await waitOutGrace(s, room, heard);
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), JOINED);
    two.close();
    await heard.fact("presence", gone(kim, room));
    await waitOutGrace(s, room, heard);
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT]);
  },

  "S2-16 the end of one AS in several rooms leaves every one of them": async (s, as) => {
    const scenes = [await s.watched({ grace_ms: 200 }), await s.watched({ grace_ms: 400 })];
    const kim = s.person();
    for (const { room } of scenes) await kim.join(room, { nickname: "kim" });
    const both = await kim.listen(scenes.map(({ room }) => room), { as });
    for (const { room, watcher } of scenes) await watcher.say(room, `to ${room}`);
    for (const { room } of scenes) await both.said(`to ${room}`);
    both.close();
    for (const { room, heard } of scenes) {
      await heard.fact("presence", gone(kim, room));
      await waitOutGrace(s, room, heard);
      assert.deepEqual(presenceChanges(heard, kim.chatter(room)), [...JOINED, ...TIMED_OUT]);
    }
  },
};

/*
 * Registers all of them for those of TRANSPORTS that this form has. TOLD is that
 * of onServer({ settings: SETTINGS }).
 */
export function leaving(told, transports) {
  for (const as of transports.filter((one) => one in READERS))
    for (const [title, act] of Object.entries(SENTENCES)) told(title.replace("AS", as), (s) => act(s, as));
}
