// parts: e2e san more (long)
/* A room expires. */
import assert from "node:assert/strict";
import { READERS, Reader, STREAMS, poll } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { scaled, until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 300, join_lease_ms: 100_000, poll_margin_ms: 100_000 } });

const TRANSPORTS = Object.keys(READERS);

const soon = () => new Date(Date.now() + scaled(3_600_000)).toISOString();

/* A room that has expired, and what WATCHER received over AS. */
async function expired(s, as) {
  const { owner, room, watcher } = await s.watched({ grace_ms: 100_000 });
  const kim = await s.member(room, "kim");
  const heard = await watcher.listen(room, { as });
  await kim.say(room, "before");
  await heard.said("before");
  await owner.expire(room);
  await heard.fact("room", ({ room: now }) => now.expired);
  return { owner, room, watcher, kim, heard };
}

for (const as of TRANSPORTS) {
  told(`S3-3 when a room expires everybody there leaves, once, and ${as} ends with it`, async (s) => {
    const { room, heard } = await expired(s, as);
    if (STREAMS.includes(as)) {
      await heard.control("bye", ({ reason }) => reason === "room_expired");
      await heard.end();
    }
    const since = heard.facts.slice(heard.facts.findIndex(({ kind }) => kind === "message") + 1);
    const [changed, presence, ...rest] = since;
    assert.deepEqual([changed.kind, typeof changed.data.room.expires_at], ["room", "string"]);
    assert.equal(presence.kind, "presence");
    const left = presence.data.left.map(({ nickname, reason }) => `${nickname} ${reason}`);
    assert.deepEqual(left, ["watcher room_closed", "kim room_closed"]);
    assert.equal(presence.data.count, 0);
    const end = rest.pop();
    assert.deepEqual([end.kind, end.data.room.id, end.data.room.online, end.data.deleted], ["room", room, 0, undefined]);
    assert.ok(rest.length > 0, "a notice tells it");
    for (const { kind, data } of rest)
      assert.deepEqual([kind, data.message.notice.kind, data.message.notice.reason], ["alert", "left", "room_closed"]);
  });

  told(`S3-3 an expired room takes no message, alert, join or name, tells nothing over ${as}, and can be read`, async (s) => {
    const { owner, room, watcher, kim } = await expired(s, as);
    const messages = `/rooms/${room}/messages`;
    const told = async () => {
      const options = { cursor: "earliest", conn: "observer", path: "/api/v1/events" };
      return (await poll(new Reader(watcher, [room], options), 0)).events;
    };
    const picture = async () => [
      await watcher.history(room), await told(), (await watcher.ask("GET", `/rooms/${room}`)).room,
    ];
    const before = await picture();
    for (const [who, method, path, body] of [
      [watcher, "POST", messages, { content: "late" }],
      [owner, "POST", `/rooms/${room}/chatters`, { nickname: "late" }],
      [kim, "POST", `/rooms/${room}/chatters`, {}],
      [s.person(), "POST", `/rooms/${room}/chatters`, { nickname: "late" }],
      [watcher, "PATCH", `/rooms/${room}/chatters/${watcher.chatter(room)}`, { nickname: "late" }],
      [watcher, "POST", `/rooms/${room}/chatters/announce`, undefined],
    ]) {
      const answer = await who.answer(method, path, body);
      assert.deepEqual([answer.status, answer.body.code], [410, "room_expired"], `${method} ${path}`);
    }
    assert.deepEqual(await picture(), before);
    assert.ok(before[0].some(({ content }) => content === "before"));
    const reader = await watcher.listen(room, { as, cursor: "earliest" });
    await reader.said("before");
    await reader.fact("room", ({ room: now }) => now.expired);
    assert.deepEqual(await picture(), before, "to hear it again is no presence");
  });

  told(`a stream of two rooms goes on over ${as} when one of them expires`, async (s) => {
    const { owner, room, watcher } = await s.watched();
    const other = await owner.create();
    await watcher.join(other);
    const heard = await watcher.listen([room, other], { as });
    await owner.expire(room);
    await heard.fact("room", ({ room: now }) => now.expired);
    await watcher.say(other, "still here");
    await heard.said("still here");
    assert.ok(!heard.ended);
  });
}

told("S3-2 S3-3 the owner's alert is refused as well when the room has expired", async (s) => {
  const { owner, room } = await s.watched();
  await owner.join(room);
  await owner.expire(room);
  const { status, body } = await owner.answer("POST", `/rooms/${room}/messages`, { content: "x", type: "alert" });
  assert.deepEqual([status, body.code], [410, "room_expired"]);
});

for (const as of TRANSPORTS)
  told(`a room that is given more time is open again over ${as}, with everybody still a member`, async (s) => {
    const { owner, room, watcher, kim } = await expired(s, as);
    const { room: now } = await owner.ask("PATCH", `/rooms/${room}`, { expires_at: soon() });
    assert.equal(now.expired, false);
    const heard = await watcher.listen(room, { as });
    await watcher.say(room, "on we go");
    await heard.said("on we go");
    assert.equal((await kim.answer("POST", `/rooms/${room}/chatters`, {})).status, 200);
    await heard.fact("presence", ({ joined = [] }) => joined.some(({ nickname }) => nickname === "kim"));
    await owner.expire(room);
    await heard.fact("presence", ({ left = [] }) => left.length === 2, { from: 1 });
  });

for (const as of TRANSPORTS) {
  told(`S5-7 who hears an expired room over ${as} when it opens again is there, or away and told of what is unread`, async (s) => {
    const { owner, room, watcher } = await expired(s, as);
    const heard = await watcher.listen(room, { as, conn: "again" });
    await owner.ask("PATCH", `/rooms/${room}`, { expires_at: soon() });
    if (STREAMS.includes(as)) {
      assert.equal((await heard.control("bye")).data.reason, "room_reopened");
      await heard.end();
    } else await heard.fact("room", ({ room: now }) => !now.expired);
    const back = STREAMS.includes(as) ?
      await watcher.listen(room, { as, conn: "again", cursor: heard.cursor }) :
      heard;
    await owner.join(room);
    await until(async () => (await owner.names(room)).includes("watcher"), "the watcher is there");
    await owner.say(room, "welcome back");
    await back.said("welcome back");
    assert.ok(!back.facts.some(({ kind }) => kind === "unread"));
  });

  told(`P4 a cursor of before the end of a room that is open again hears all that came since over ${as}`, async (s) => {
    const { owner, room, watcher, heard } = await expired(s, as);
    const { id: cursor } = heard.facts.find(({ kind }) => kind === "message");
    heard.close();
    await owner.ask("PATCH", `/rooms/${room}`, { expires_at: soon() });
    await watcher.join(room);
    await watcher.say(room, "on we go");
    const back = await watcher.listen(room, { as, cursor });
    await back.said("on we go");
    await watcher.say(room, "and on");
    await back.said("and on");
  });
}

for (const as of STREAMS) {
  told(`S3-6 who is removed from an expired room hears it no more over ${as}`, async (s) => {
    const { owner, room, watcher, kim } = await expired(s, as);
    const heard = await watcher.listen(room, { as });
    const others = await kim.listen(room, { as });
    await owner.ask("DELETE", `/rooms/${room}/chatters/${watcher.chatter(room)}?ban_seconds=0`);
    await heard.control("bye", ({ reason }) => reason === "removed");
    await heard.end();
    await others.fact("presence", ({ left }) => left.length === 0);
  }, { needs: "daemon" });
}

for (const as of TRANSPORTS)
  sentence(`S3-3 an expired room can be read until it is purged, which is told over ${as}`, async (s) => {
    await s.serve({ settings: { room_purge_ms: scaled(2000), hb_ms: 200 } });
    const { owner, room, watcher } = await s.watched();
    const kept = await owner.create();
    await watcher.say(room, "before");
    await owner.expire(room);
    assert.ok((await watcher.history(room)).some(({ content }) => content === "before"));
    const heard = await watcher.listen(room, { as });
    const told = () => heard.facts.some(({ data }) => data.deleted);
    /* The room may have been removed between two polls. */
    const refused = () => !STREAMS.includes(as) && heard.broken?.code === "not_found";
    await until(() => told() || refused(), "the end of the room is told");
    const gone = await watcher.answer("GET", `/rooms/${room}/messages`);
    assert.deepEqual([gone.status, gone.body.code], [404, "not_found"]);
    await until(async () => (await owner.answer("POST", "/rooms", { id: room })).status === 201, "its name is free");
    assert.equal((await owner.answer("GET", `/rooms/${kept}`)).status, 200);
  });
