// parts: e2e san race form (long)
import assert from "node:assert/strict";
import { READERS, Reader, cursorOf, poll } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 200, replay_max: 50, streams_per_token: 0 } });

const ALL = Object.keys(READERS);

/* Sends N messages; `heard` is the watcher's stream with all of them. */
async function talk({ room, watcher, heard }, n, from = 0) {
  for (let i = from; i < from + n; i++) await watcher.say(room, `n${i}`);
  await heard.said(`n${from + n - 1}`);
}

async function conversation(s, n) {
  const scene = await s.watched();
  await talk(scene, n);
  return scene;
}

for (const as of ALL) {
  told(`P4 S1-5 ${as} resumed at every place of the log gives the rest of it, the same bytes`, async (s) => {
    const { room, watcher, heard } = await conversation(s, 12);
    for (const [i, { id }] of heard.facts.entries()) {
      const reader = await watcher.listen(room, { as, cursor: id });
      const rest = heard.facts.slice(i + 1);
      await reader.wait(() => reader.facts.length >= rest.length, `the rest after ${id}`);
      assert.deepEqual(reader.facts, rest);
      assert.equal(reader.syncs[0].from, id);
      assert.equal(reader.syncs[0].recovered, true);
      reader.close();
    }
  });

  told(`P4 two reconnects over ${as} with nothing new between them repeat nothing`, async (s) => {
    const scene = await conversation(s, 5);
    const { room, watcher, heard } = scene;
    let cursor = heard.facts[1].id;
    const got = [];
    for (let round = 0; round < 4; round++) {
      const reader = await watcher.listen(room, { as, cursor });
      if (round === 3) await talk(scene, 1, 5);
      const want = round === 0 ? 3 : round === 3 ? 1 : 0;
      await reader.wait(() => reader.facts.length >= want, `${want} facts`);
      got.push(reader.facts.length);
      cursor = reader.cursor;
      reader.close();
    }
    assert.deepEqual(got, [3, 0, 0, 1]);
  });

  told(`P4 ${as} cut again and again in the middle of a conversation has it whole`, async (s) => {
    const { room, watcher, heard } = await s.watched();
    const talking = (async () => {
      for (let i = 0; i < 150; i++) await watcher.say(room, `n${i}`);
    })();
    const facts = [];
    let cursor = heard.syncs[0].head;
    while (facts.at(-1)?.data.message?.content !== "n149") {
      const reader = await watcher.listen(room, { as, cursor });
      await reader.wait(() => reader.facts.length > 0, "something new");
      reader.close();
      facts.push(...reader.facts);
      if (reader.facts.length) cursor = reader.facts.at(-1).id;
    }
    await talking;
    await heard.said("n149");
    assert.deepEqual(facts, heard.facts);
  });

  told(`P4 recovered is false over ${as} for a cursor of an unknown epoch, and one goes on at the head`, async (s) => {
    const scene = await conversation(s, 3);
    const { epoch, seq } = cursorOf(scene.heard.cursor);
    const strange = epoch === "00000000" ? "11111111" : "00000000";
    await reset(scene, as, `${strange}-${seq - 1}`);
  });

  told(`P4 recovered is false over ${as} for a cursor from the future`, async (s) => {
    const scene = await conversation(s, 3);
    const { epoch, seq } = cursorOf(scene.heard.cursor);
    await reset(scene, as, `${epoch}-${seq + 1_000_000}`);
    await reset(scene, as, `${epoch}-9223372036854775807`, 5);
  });

  told(`P4 recovered is false over ${as} for who is further behind than is replayed`, async (s) => {
    const scene = await conversation(s, 60);
    const [first] = scene.heard.facts;
    await reset(scene, as, first.id, 60);
    const near = scene.heard.facts.at(-51);
    const reader = await scene.watcher.listen(scene.room, { as, cursor: near.id });
    await reader.wait(() => reader.facts.length >= 50, "fifty");
    assert.equal(reader.syncs[0].recovered, true);
  });
}

/* A stream from CURSOR must begin at the head, with `recovered` false. */
async function reset(scene, as, cursor, from = 3) {
  const { room, watcher, heard } = scene;
  const reader = await watcher.listen(room, { as, cursor });
  const head = heard.cursor;
  assert.equal(reader.syncs[0].recovered, false);
  /* Other tests may have appended to the log meanwhile. */
  assert.equal(reader.syncs[0].from, reader.syncs[0].head);
  assert.ok(cursorOf(reader.syncs[0].head).seq >= cursorOf(head).seq);
  await watcher.say(room, `after ${from}`);
  await reader.said(`after ${from}`);
  await heard.said(`after ${from}`);
  assert.deepEqual(reader.facts, heard.facts.slice(-1));
  reader.close();
}

sentence("P4 recovered is false for a cursor below the floor", async (s) => {
  const settings = { events_keep: 100, replay_max: 100_000, reap_ms: 20 };
  await s.serve({ settings });
  const scene = await conversation(s, 5);
  const { room, watcher, heard } = scene;
  const old = heard.facts[0].id;
  for (let n = 0; n < 200; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => watcher.say(room, `m${n + i}`)));
  await talk(scene, 1, 1000);
  const floorNow = async () => {
    const { sync } = await poll(new Reader(watcher, [room], { cursor: "latest" }), 0);
    return sync.floor;
  };
  await until(async () => cursorOf(await floorNow()).seq > cursorOf(old).seq, "the log has been pruned");
  for (const as of ALL) {
    const reader = await watcher.listen(room, { as, cursor: old });
    assert.equal(reader.syncs[0].recovered, false, as);
    reader.close();
    /* It may be raised once more meanwhile. */
    await until(async () => {
      const whole = await watcher.listen(room, { as, cursor: await floorNow() });
      whole.close();
      return whole.syncs[0].recovered;
    }, "the floor itself is whole");
  }
});

told("P4 latest, earliest and -N begin where they say, over all transports", async (s) => {
  const { room, watcher, heard } = await s.watched();
  for (let i = 0; i < 10; i++) await watcher.say(room, `n${i}`);
  await heard.said("n9");
  const everything = await watcher.listen(room, { cursor: "earliest" });
  await everything.said("n9");
  assert.deepEqual(everything.facts.slice(0, 2).map(({ kind }) => kind), ["presence", "alert"]);
  assert.deepEqual(everything.facts.slice(-10), heard.facts);
  for (const as of ALL) {
    const wanted = { earliest: everything.facts, latest: [], "-4": heard.facts.slice(-4), "-1": heard.facts.slice(-1) };
    for (const [cursor, facts] of Object.entries(wanted)) {
      const reader = await watcher.listen(room, { as, cursor });
      await reader.wait(() => reader.facts.length >= facts.length, `${cursor} over ${as}`);
      assert.deepEqual(reader.facts, facts, `${cursor} over ${as}`);
      assert.equal(reader.syncs[0].recovered, true);
      reader.close();
    }
  }
});

/* The places where a cursor may be given; the first one present wins. */
const PLACES = ["header", "last_event_id", "lastEventId", "cursor"];

told("P4 Last-Event-ID wins over last_event_id, lastEventId and cursor, in that order", async (s) => {
  const { room, watcher, heard } = await conversation(s, 8);
  for (const as of ALL)
    for (let first = 0; first < PLACES.length; first++) {
      const options = { as, query: {}, headers: {} };
      PLACES.slice(first).forEach((place, i) => {
        const { id } = heard.facts[i === 0 ? 5 : 1];
        if (place === "header") options.headers["Last-Event-ID"] = id;
        else options.query[place] = id;
      });
      const reader = new Reader(watcher, [room], options);
      const { events, sync } = await poll(reader, 0);
      assert.equal(sync.from, heard.facts[5].id, PLACES[first]);
      assert.deepEqual(events.map(({ id }) => id), heard.facts.slice(6).map(({ id }) => id));
    }
});

const MALFORMED = ["x", "12", "-", "-0", "--1", "0-", "zzzzzzzz-1", "9f2c0a11-", "9f2c0a11-1x", "9f2c0a11--1",
  "9F2C0A11-1", "9f2c0a11-01", "9f2c0a11-9223372036854775808", " 9f2c0a11-1", "9f2c0a11-1,9f2c0a11-2",
  "earliest ", "LATEST", "9f2c0a11-1\n", "9f2c0a11-1\u0001", "x".repeat(4000)];

told("P4 a malformed cursor is 400 malformed_cursor wherever it stands, never a skip", async (s) => {
  const { room, watcher } = await conversation(s, 1);
  for (const as of ALL)
    for (const text of MALFORMED)
      for (const place of PLACES) {
        const clean = encodeURIComponent(text) === text;
        if (place === "header" && !clean) continue;
        const options = place === "header"
          ? { as, headers: { "Last-Event-ID": text } } : { as, query: { [place]: text } };
        await assert.rejects(watcher.listen(room, options), ({ status, code }) => {
          assert.equal(status, 400, `${place} ${JSON.stringify(text)}`);
          assert.match(code, /^malformed_(cursor|request)$/);
          return true;
        });
      }
});

told("P4 polls and a stream are the same log: contiguous when one follows the other", async (s) => {
  const scene = await s.watched();
  const { room, watcher, heard } = scene;
  const facts = [];
  let cursor = heard.syncs[0].head;
  for (let round = 0; round < 12; round++) {
    await talk(scene, 3, round * 3);
    const reader = await watcher.listen(room, { as: ALL[round % ALL.length], cursor });
    await reader.wait(() => reader.facts.length >= 3, "three");
    facts.push(...reader.facts);
    cursor = reader.cursor;
    reader.close();
  }
  assert.deepEqual(facts, heard.facts);
});

told("P4 a long poll answers at once when there is something, and waits when there is not", async (s) => {
  const { room, watcher, heard } = await conversation(s, 2);
  const reader = new Reader(watcher, [room], { cursor: heard.facts[0].id });
  assert.equal((await poll(reader, 20)).events.length, 1);
  let answered = false;
  const waiting = poll(reader, 20).then((answer) => ((answered = true), answer));
  await watcher.listen(room);
  assert.equal(answered, false);
  await watcher.say(room, "now");
  assert.deepEqual((await waiting).events.map(({ data }) => data.message.content), ["now"]);
}, { needs: "daemon" });

told("P4 a long poll that hears nothing is answered empty when its time is over", async (s) => {
  const { room, watcher, heard } = await conversation(s, 1);
  const reader = new Reader(watcher, [room], { cursor: heard.cursor });
  const began = performance.now();
  const { events, cursor, sync } = await poll(reader, 1);
  assert.ok(performance.now() - began > 900, "it waited");
  assert.deepEqual([events, sync.recovered], [[], true]);
  assert.ok(cursorOf(cursor).seq >= cursorOf(heard.cursor).seq);
}, { needs: "daemon" });

sentence("P4 a poll that is far behind gets at most 500 events an answer, and the rest after it", async (s) => {
  await s.serve();
  const { room, watcher, heard } = await s.watched();
  for (let n = 0; n < 1100; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => watcher.say(room, `m${n + i}`)));
  await heard.wait(() => heard.facts.length >= 1100, "all");
  for (const path of ["/events", "/api/v1/events"]) {
    const reader = new Reader(watcher, [room], { cursor: heard.syncs[0].head, path });
    const sizes = [];
    let answer;
    do {
      answer = await poll(reader, 20);
      sizes.push(answer.events.length);
    } while (answer.more);
    assert.deepEqual(sizes, [500, 500, 100]);
    assert.deepEqual(reader.facts, heard.facts);
  }
}, { needs: "quick" });

sentence("P4 S1-5 a reader that stops reading holds up nobody, and has everything when it reads on", async (s) => {
  await s.serve({ settings: { ring_events: 16, sndbuf: 4096, retry_ms: 10 } });
  const { room, watcher, heard } = await s.watched();
  let go;
  const hold = new Promise((done) => (go = done));
  const slow = await watcher.listen(room, { hold });
  const big = "x".repeat(3900);
  for (let n = 0; n < 100; n++)
    await Promise.all(Array.from({ length: 20 }, () => watcher.say(room, big)));
  await watcher.say(room, "end");
  await heard.said("end");
  assert.equal(slow.facts.length, 0, "it has read nothing yet");
  go();
  const finished = () => slow.feed.at(-1)?.content === "end";
  await slow.wait(() => finished() || slow.ended, "the end, or a bye");
  const rest = await watcher.listen(room, { cursor: slow.cursor });
  if (!finished()) await rest.said("end");
  assert.deepEqual([...slow.facts, ...rest.facts], heard.facts);
}, { needs: ["daemon", "quick"] });

sentence("P4 one stream of several rooms has every room's facts in one order", async (s) => {
  await s.serve({ settings: { ring_events: 16, streams_per_token: 0 } });
  const kim = s.person();
  const rooms = [];
  for (let i = 0; i < 20; i++) {
    rooms.push(await kim.create());
    await kim.join(rooms.at(-1));
  }
  const whole = await kim.listen(rooms);
  for (let i = 0; i < 100; i++) await kim.say(rooms[i % 20], `n${i}`);
  await whole.said("n99");
  assert.deepEqual(whole.feed.map(({ content }) => content), Array.from({ length: 100 }, (_, i) => `n${i}`));
  for (const as of ALL) {
    const again = await kim.listen(rooms, { as, cursor: whole.syncs[0].head });
    await again.said("n99");
    assert.deepEqual(again.facts, whole.facts);
    again.close();
  }
});

sentence("P4 a stream lives for its time, says bye lifetime, and goes on where it was", async (s) => {
  await s.serve({ settings: { stream_life_ms: 300, retry_ms: 10 } });
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "native" });
  for (let i = 0; reader.syncs.length < 4; i++) await watcher.say(room, `n${i}`);
  await watcher.say(room, "end");
  await reader.said("end");
  const byes = reader.controls.filter(({ kind }) => kind === "bye");
  assert.ok(byes.length >= 3);
  assert.ok(byes.every(({ data }) => data.reason === "lifetime"));
  const contents = reader.feed.map(({ content }) => content);
  assert.deepEqual(contents.slice(0, -1), contents.slice(0, -1).map((_, i) => `n${i}`));
}, { needs: "daemon" });
