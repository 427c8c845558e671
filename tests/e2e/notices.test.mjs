// parts: e2e san race more
/* Notices of many people, the kinds of notices that a room wants, and goodbyes. */
import assert from "node:assert/strict";
import { named, READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

/* A poll alone would hold its seat for a long time, and so would a join. */
const SETTINGS = { hb_ms: 300, poll_margin_ms: 60_000, join_lease_ms: 60_000, reap_ms: 50, streams_per_token: 0 };
const told = onServer({ settings: SETTINGS });

const noticesOf = (reader) => reader.feed.flatMap(({ notice }) => notice ?? []);
const nicknames = (notices) => notices.flatMap((notice) => named(notice).map(({ nickname }) => nickname));
const goodbye = (who, conn) => who.ask("DELETE", `/me/connections/${conn}`);

/* The joins and leaves of WHO, and their notices, as READER got them. */
function presenceChanges(reader, who, room) {
  const is = ({ id }) => id === who.chatter(room);
  return reader.facts.flatMap(({ kind, data }) => {
    if (kind === "presence")
      return ["joined", "left"].flatMap((what) => (data[what] ?? []).filter(is).map(() => what));
    const { notice } = kind === "alert" ? data.message : {};
    return notice && named(notice).some(is) ? [`notice ${notice.kind}`] : [];
  });
}

const CROWD = 40;
const names = Array.from({ length: CROWD }, (_, i) => `n${i}`);

for (const as of Object.keys(READERS))
  told(`S2-6 S2-13 of a crowd that comes and goes at once each is named in one notice, over ${as}`, async (s) => {
    const { room, watcher } = await s.watched({ capacity: 100 });
    const heard = await watcher.listen(room, { as });
    const crowd = await Promise.all(names.map((name) => s.member(room, name)));
    const all = (kind) => nicknames(noticesOf(heard).filter((notice) => notice.kind === kind));
    await heard.wait(() => all("joined").length >= CROWD, "all have come");
    assert.deepEqual(all("joined").sort(), [...names].sort());
    await Promise.all(crowd.map((person) => person.leave(room)));
    await heard.wait(() => all("left").length >= CROWD, "all have gone");
    assert.deepEqual(all("left").sort(), [...names].sort());
    const together = noticesOf(heard).filter(({ chatters }) => chatters);
    assert.ok(together.length > 0, "some were told together");
    for (const { chatters, count, chatter } of together)
      assert.deepEqual([chatters.length, chatter], [count, undefined]);
    const told = heard.facts.filter(({ kind }) => kind === "presence").flatMap(({ data }) => data.joined ?? []);
    assert.deepEqual(told.map(({ nickname }) => nickname).sort(), [...names].sort(), "presence is told of each");
    assert.deepEqual((await watcher.history(room)).filter(({ notice }) => notice).slice(1), heard.feed);
  });

told("S2-11 who comes and goes again while notices are withheld is told in that order", async (s) => {
  const { room, watcher, heard } = await s.watched({ capacity: 100 });
  const kim = await s.member(room, "kim");
  await heard.fact("alert", ({ message }) => nicknames([message.notice]).includes("kim"));
  const crowd = Promise.all(names.map((name) => s.member(room, name)));
  await kim.leave(room);
  await kim.join(room);
  await crowd;
  const all = () => nicknames(noticesOf(heard));
  await heard.wait(() => names.every((name) => all().includes(name)), "all have come");
  await heard.wait(() => all().filter((name) => name === "kim").length === 3, "kim is told");
  await watcher.say(room, "end");
  await heard.said("end");
  const about = presenceChanges(heard, kim, room);
  assert.deepEqual(about.filter((trace) => !trace.startsWith("notice")), ["joined", "left", "joined"]);
  assert.deepEqual(about.filter((trace) => trace.startsWith("notice")), ["notice joined", "notice left", "notice joined"]);
});

sentence("S2-18 notices that are withheld survive SIGKILL, and are told once after it", async (s) => {
  const server = await s.serve({ settings: SETTINGS });
  const { room, watcher, heard } = await s.watched({ capacity: 100 });
  const { cursor } = heard;
  await Promise.all(names.map((name) => s.member(room, name)));
  await server.kill();
  await server.launch();
  const again = await watcher.listen(room, { cursor });
  const all = () => nicknames(noticesOf(again)).filter((name) => name !== "watcher");
  await again.wait(() => all().length >= CROWD, "all have come");
  await watcher.say(room, "end");
  await again.said("end");
  assert.deepEqual(all().sort(), [...names].sort());
}, { needs: "daemon" });

const POLICIES = {
  all: ["joined null", "joined null", "left left", "joined null", "left removed"],
  quiet: ["left removed"],
  off: [],
};

for (const [notices, expected] of Object.entries(POLICIES))
  told(`S2-6 S2-13 a room with notices ${notices} hears those, and all of presence`, async (s) => {
    const { owner, room } = await s.room({ notices });
    const watcher = await s.member(room, "watcher");
    const heard = await watcher.listen(room);
    const kim = await s.member(room, "kim");
    await owner.join(room);
    await kim.leave(room);
    await kim.join(room);
    await owner.ask("DELETE", `/rooms/${room}/chatters/${kim.chatter(room)}`);
    await heard.wait(() => presenceChanges(heard, kim, room).filter((trace) => trace === "left").length === 2, "kim is gone");
    await until(async () => {
      await watcher.say(room, "end");
      return noticesOf(heard).length >= expected.length;
    }, "what is told");
    assert.deepEqual(noticesOf(heard).map(({ kind, reason }) => `${kind} ${reason}`), expected);
    const presence = presenceChanges(heard, kim, room).filter((trace) => !trace.startsWith("notice"));
    assert.deepEqual(presence, ["joined", "left", "joined", "left"]);
  });

for (const as of Object.keys(READERS)) {
  told(`S2-7 S1-9 a goodbye over ${as} is a leave after D in every room, however long its lease`, async (s) => {
    const scenes = [await s.watched({ grace_ms: 200 }), await s.watched({ grace_ms: 400 })];
    const kim = s.person();
    for (const { room } of scenes) await kim.join(room, { nickname: "kim" });
    const reader = await kim.listen(scenes.map(({ room }) => room), { as, conn: "page" });
    reader.close();
    const said = performance.now();
    await goodbye(kim, "page");
    for (const { room, watcher, heard, grace_ms: grace } of scenes) {
      await heard.wait(() => presenceChanges(heard, kim, room).includes("left"), "who said goodbye is gone");
      assert.ok(performance.now() - said > grace - 50, "not before D is over");
      await heard.fact("alert", ({ message }) => message.notice?.kind === "left");
      await watcher.say(room, "end");
      await heard.said("end");
      assert.deepEqual(presenceChanges(heard, kim, room), ["joined", "notice joined", "left", "notice left"]);
    }
  });

  told(`S2-10 S2-15 a goodbye over ${as} ends one's own connection of that name alone`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 200 });
    const [kim, lee] = [await s.member(room, "kim"), await s.member(room, "lee")];
    for (const conn of ["one", "two"]) await kim.listen(room, { as, conn });
    await lee.listen(room, { as, conn: "one" });
    kim.readers[0].close();
    await goodbye(kim, "one");
    await goodbye(kim, "nobody-is-called-so");
    const clock = await s.member(room, "clock");
    (await clock.listen(room, { as, conn: "clock" })).close();
    await goodbye(clock, "clock");
    await heard.wait(() => presenceChanges(heard, clock, room).includes("left"), "who said goodbye is gone");
    await watcher.say(room, "end");
    await heard.said("end");
    for (const person of [kim, lee]) assert.ok(!presenceChanges(heard, person, room).includes("left"));
  });
}

for (const as of ["longpoll", "instant"])
  told(`S2-15 a goodbye that overtakes its ${as} is the last word of both`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 0 });
    const kim = await s.member(room, "kim");
    await kim.listen(room, { as, conn: "other" }).then((reader) => reader.close());
    await goodbye(kim, "other");
    await heard.wait(() => presenceChanges(heard, kim, room).includes("left"), "kim has gone");
    await goodbye(kim, "page");
    const late = await kim.listen(room, { as, conn: "page" });
    await watcher.say(room, "end");
    await late.said("end");
    await heard.said("end");
    assert.deepEqual(presenceChanges(heard, kim, room), ["joined", "notice joined", "left", "notice left"]);
  });

for (const as of ["sse", "ndjson"])
  told(`S1-11 a goodbye ends its ${as} that is still open; one that comes too late does no harm`, async (s) => {
    const { room, watcher, heard } = await s.watched({ grace_ms: 5000 });
    const kim = await s.member(room, "kim");
    const old = await kim.listen(room, { as, conn: "page" });
    const { cursor } = old;
    await goodbye(kim, "page");
    assert.equal((await old.control("bye")).data.reason, "goodbye");
    await old.end();
    assert.deepEqual(old.facts.filter(({ kind }) => kind === "goodbye").map(({ data }) => data), [{ conn: "page" }]);
    const again = await kim.listen(room, { as, conn: "page", cursor });
    await again.fact("goodbye");
    await kim.say(room, "still here");
    await again.said("still here");
    assert.deepEqual(again.controls.filter(({ kind }) => kind === "bye"), [], "it is not meant by what is told again");
    await watcher.say(room, "end");
    await heard.said("end");
    assert.deepEqual(presenceChanges(heard, kim, room), ["joined", "notice joined"]);
  }, { needs: "daemon" });

told("S1-11 a goodbye that overtakes nothing: who reconnects by himself after it is present", async (s) => {
  const { room, watcher, heard } = await s.watched({ grace_ms: 3000 });
  const kim = await s.member(room, "kim");
  const reader = await kim.listen(room, { as: "stubborn", conn: "page" });
  await goodbye(kim, "page");
  await reader.wait(() => reader.syncs.length > 1, "it is back");
  const { chatter } = await watcher.ask("GET", `/rooms/${room}/chatters/${kim.chatter(room)}`);
  assert.equal(chatter.online, true);
  await watcher.say(room, "end");
  await heard.said("end");
  await reader.said("end");
  assert.deepEqual(presenceChanges(heard, kim, room), ["joined", "notice joined"]);
}, { needs: "daemon" });

/* The reaper does not run in time: whoever returns finds that the lease is over. */
const slow = { ...SETTINGS, reap_ms: 60_000, poll_margin_ms: 100 };

for (const as of Object.keys(READERS))
  sentence(`S2-11 who returns over ${as} after D, before any reaper, has left first and come then`, async (s) => {
    await s.serve({ settings: slow });
    const { room, heard } = await s.watched({ grace_ms: 0 });
    const kim = await s.member(room, "kim");
    const visit = async (conn) => {
      (await kim.listen(room, { as, conn })).close();
      await goodbye(kim, conn);
    };
    await visit("old");
    let visits = 0;
    await until(async () => {
      await visit(`new${visits++}`);
      return presenceChanges(heard, kim, room).includes("left");
    }, "D was over");
    await heard.wait(() => presenceChanges(heard, kim, room).length >= 6, "it is told");
    assert.deepEqual(presenceChanges(heard, kim, room).slice(0, 6), [
      "joined", "notice joined", "left", "notice left", "joined", "notice joined",
    ]);
  }, { needs: "daemon" });

sentence("S2-18 leaves of polls and goodbyes that were pending at SIGKILL are told after it, once", async (s) => {
  const server = await s.serve({ settings: { ...SETTINGS, poll_margin_ms: 300, lease_ms: 1500, retry_ms: 50 } });
  const { room, watcher, heard } = await s.watched({ grace_ms: 500 });
  const people = [];
  for (const as of ["longpoll", "instant", "sse"]) {
    const person = await s.member(room, as);
    people.push(person);
    (await person.listen(room, { as, conn: "page" })).close();
  }
  await goodbye(people[2], "page");
  const { cursor } = heard;
  await server.kill();
  await server.launch();
  const again = await watcher.listen(room, { cursor });
  const lefts = () => people.map((person) => presenceChanges(again, person, room).filter((trace) => trace.includes("left")));
  await again.wait(() => lefts().every((list) => list.length >= 2), "all are told as gone");
  await watcher.say(room, "end");
  await again.said("end");
  assert.deepEqual(lefts(), people.map(() => ["left", "notice left"]));
  assert.deepEqual(presenceChanges(again, watcher, room), []);
}, { needs: "daemon" });
