// parts: e2e san race form system
import assert from "node:assert/strict";
import { http } from "./lib/client.mjs";
import { FORM } from "./lib/forms.mjs";
import { loadClient } from "./lib/client-library.mjs";
import { cuttingProxy, refusingHost } from "./lib/proxy.mjs";
import { READERS, Refused, cursorOf } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const told = onServer({ settings: { hb_ms: 200, retry_ms: 50, streams_per_token: 3 } });

function refusal(status, code) {
  return (error) => {
    assert.ok(error instanceof Refused, String(error));
    assert.deepEqual([error.status, error.code], [status, code]);
    return true;
  };
}

told("S1-1 an EventSource that listens to one name is not called for another", async (s) => {
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "native" });
  const called = [];
  reader.source.addEventListener("message", ({ type }) => called.push(type));
  await watcher.rename(room, "renamed");
  await watcher.ask("POST", `/rooms/${room}/chatters/announce`);
  await watcher.say(room, "only this");
  await reader.said("only this");
  assert.ok(reader.facts.some(({ kind }) => kind === "presence"));
  assert.ok(reader.facts.some(({ kind }) => kind === "chatters"));
  assert.deepEqual(called, ["message"]);
});

told("S1-1 S1-9 a silent stream beats by an event named hb, with the head and without an id", async (s) => {
  const { heard, watcher, room } = await s.watched();
  for (const as of ["sse", "ndjson"]) {
    const reader = await watcher.listen(room, { as });
    const beat = await reader.control("hb");
    assert.ok(cursorOf(beat.data.head).seq >= cursorOf(reader.sync.head).seq);
    assert.deepEqual(Object.keys(beat.data), ["head"]);
  }
  assert.equal(heard.sync.hb_ms, 200);
  assert.equal(heard.sync.retry_ms, 50);
}, { needs: "daemon" });

for (const type of ["text/event-stream", "application/x-ndjson", "application/json"])
  told(`S1-6 whoever asks for ${type} is answered in it, by whatever answers, GET and HEAD`, async (s) => {
    const { room } = await s.room();
    const kim = await s.member(room, "kim");
    for (const place of [s.server.url, s.server.api]) {
      for (const method of ["HEAD", "GET"]) {
        const enough = new AbortController();
        const response = await fetch(`${place}/events?rooms=${room}&wait=0`, {
          method, headers: { ...kim.headers(), Accept: type }, signal: enough.signal,
        });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type").split(";")[0], type);
        enough.abort();
      }
    }
  });

for (const as of Object.keys(READERS))
  told(`S1-2 S1-3 S3-5 nothing of another namespace or room reaches a reader of one, over ${as}`, async (s) => {
    const { owner, room } = await s.room({ namespace: "red", title: "same" });
    const other = await owner.create({ namespace: "blue", title: "same" });
    const third = await owner.create({ namespace: "red", title: "third" });
    const kim = await s.member(room, "kim");
    const reader = await kim.listen(room, { as });
    for (const place of [other, third, room]) await owner.join(place, { nickname: "boss" });
    for (const place of [other, third, room]) await owner.say(place, `said in ${place}`);
    await reader.said(`said in ${room}`);
    assert.deepEqual(
      reader.facts.map(({ data }) => data.room ?? data.message.room),
      reader.facts.map(() => room),
    );
    assert.equal(reader.feed.filter(({ type }) => type === "message").length, 1);
  });

told("S1-2 S1-3 rooms are listed in their namespace alone", async (s) => {
  const { owner, room: red } = await s.room({ namespace: "list-red" });
  const blue = await owner.create({ namespace: "list-blue" });
  const listed = async (namespace) =>
    (await owner.ask("GET", `/rooms?namespace=${namespace}`)).rooms.map(({ id }) => id);
  assert.deepEqual(await listed("list-red"), [red]);
  assert.deepEqual(await listed("list-blue"), [blue]);
  assert.deepEqual(await listed("list-none"), []);
});

const NAMESPACES = ["a", "0", "a.b_c-d", "x".repeat(64)];
const NO_NAMESPACES = ["", "A", "-a", ".a", "_a", "a b", "a/b", "é", "x".repeat(65), 7, null];

told("S1-4 any well-formed namespace works without being registered, no other does", async (s) => {
  const { owner } = await s.room();
  for (const namespace of NAMESPACES) {
    const { room } = await owner.ask("POST", "/rooms", { namespace });
    assert.equal(room.namespace, namespace);
  }
  for (const namespace of NO_NAMESPACES) {
    const { status, body } = await owner.answer("POST", "/rooms", { namespace });
    assert.deepEqual([status, body.code], [422, "invalid_fields"], JSON.stringify(namespace));
    assert.ok(body.fields.namespace, "says which field");
  }
});

told("S1-5 an unmodified EventSource loses and repeats nothing over connections that break", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const hop = await cuttingProxy(s.server.port);
  const far = s.person({ token: watcher.token });
  far.server = { url: hop.url + FORM.at };
  const reader = await far.listen(room, { as: "native" });
  let cuts = 0;
  for (let i = 0; i < 60; i++) {
    await watcher.say(room, `n${i}`);
    if (i % 12 === 5) {
      const before = reader.syncs.length;
      cuts += hop.cut();
      if (i % 24 === 5) await until(() => reader.syncs.length > before, "it is back");
    }
  }
  await reader.said("n59");
  hop.close();
  assert.ok(cuts >= 3, `cut ${cuts} times`);
  assert.ok(reader.syncs.length >= 3, "came back");
  assert.ok(reader.syncs.every(({ recovered }) => recovered));
  await heard.said("n59");
  const texts = reader.feed.map(({ content }) => content);
  assert.deepEqual(texts, Array.from({ length: 60 }, (_, i) => `n${i}`));
});

const POOR_HOSTS = {
  websocket: () => false,
  sse: (target) => target.includes("as=ws"),
  longpoll: (target) => /as=(ws|sse)/.test(target),
  poll: (target) => target.startsWith(`${FORM.at}/events`),
};

/* The transport that a page asks for, and the best that one of these hosts lets through. */
const WAYS = [["sse", "sse"], ["sse", "longpoll"], ["sse", "poll"], ["longpoll", "longpoll"],
  ...Object.keys(POOR_HOSTS).map((best) => ["websocket", best])];

for (const [wanted, best] of WAYS) {
  const refuses = POOR_HOSTS[best];
  /* Without a daemon the API answers requests for streams, and ends the answers. */
  const transport = best !== "longpoll" && !FORM.daemon ? "poll" : best;
  told(`S1-6 S1-9 S1-11 the client library that is asked for ${wanted} talks by ${best} where nothing better comes through`, async (s) => {
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const host = await refusingHost(s.server.port, refuses);
    const client = await loadClient(`${host.url}${FORM.at}/`, kim.token);
    const stream = client.stream([room], wanted === "sse" ? {} : { transport: wanted });
    const contents = [];
    const states = [];
    stream.on("message", ({ message }) => contents.push(message.content));
    stream.on("state", ({ state }) => states.push(state));
    assert.deepEqual([stream.state, host.passed], ["closed", []], "connects only when told to");
    stream.open();
    assert.equal(stream.state, "connecting");
    try {
      await until(() => stream.state === "open" && stream.transport === transport, transport);
      await watcher.say(room, "one");
      await until(() => contents.includes("one"), "one is heard");
      await watcher.say(room, "two");
      await until(() => contents.includes("two"), "two is heard");
      assert.deepEqual(contents, ["one", "two"]);
      stream.close();
      assert.equal(stream.state, "closed");
      assert.equal(states[0], "connecting");
    } finally {
      stream.close();
      host.close();
    }
  });
}

for (const as of Object.keys(READERS)) {
  told(`S1-8 without a token, or with a wrong one, nothing opens over ${as}`, async (s) => {
    const { room, heard, watcher } = await s.watched();
    const nobody = s.person();
    await assert.rejects(nobody.listen(room, { as }), refusal(401, "token_required"));
    const liar = s.person({ token: "A".repeat(43) });
    await assert.rejects(liar.listen(room, { as }), refusal(401, "token_invalid"));
    const query = { ticket: "eyJ1IjoxfQ.AAAA" };
    await assert.rejects(nobody.listen(room, { as, query }), refusal(401, "token_invalid"));
    await watcher.say(room, "end");
    await heard.said("end");
    assert.deepEqual(heard.facts.map(({ kind }) => kind), ["message"], "and nobody is told");
  });

  told(`S1-8 S5-11 who is not in the room hears nothing of it over ${as}`, async (s) => {
    const { owner, room } = await s.watched();
    await assert.rejects(owner.listen(room, { as }), refusal(403, "not_in_room"));
    await assert.rejects(owner.listen("no-such-room", { as }), refusal(404, "not_found"));
  });
}

told("S1-8 a ticket stands for the token on a stream, and nowhere else", async (s) => {
  const { room, watcher } = await s.watched();
  const { ticket, expires_at: end } = await watcher.ask("POST", "/tickets");
  const minutes = (Date.parse(end) - Date.now()) / 60_000;
  assert.ok(minutes > 8 && minutes <= 10.1, `${minutes} min`);
  const bare = s.person();
  const reader = await bare.listen(room, { query: { ticket } });
  await watcher.say(room, "by ticket");
  await reader.said("by ticket");
  bare.token = ticket;
  const { status, body } = await bare.answer("GET", "/me");
  assert.deepEqual([status, body.code], [401, "token_invalid"]);
  const [payload, mac] = ticket.split(".");
  const forged = `${payload.slice(0, -1)}${payload.endsWith("A") ? "B" : "A"}.${mac}`;
  const forger = s.person();
  await assert.rejects(forger.listen(room, { query: { ticket: forged } }), refusal(401, "token_invalid"));
});

sentence("S1-8 a ticket that has run out opens nothing", async (s) => {
  await s.serve({ settings: { ticket_seconds: 1 } });
  const { room, watcher } = await s.watched();
  const { ticket, expires_at: end } = await watcher.ask("POST", "/tickets");
  const listen = () => s.person().listen(room, { query: { ticket } });
  const over = (error) => error.status === 401 && error;
  const refused = await until(() => listen().then((reader) => reader.close(), over), "the ticket has run out");
  /* The clock that is shown and the one that measures are rounded separately. */
  assert.ok(Date.now() + 2 >= Date.parse(end), "not before its time");
  await assert.rejects(() => Promise.reject(refused), refusal(401, "token_invalid"));
});

told("S1-8 one person cannot open unlimited streams; others are not touched", async (s) => {
  const { owner, room } = await s.room();
  const kim = await s.member(room, "kim");
  const readers = [];
  for (let i = 0; i < 3; i++) readers.push(await kim.listen(room, { as: "sse" }));
  for (const as of ["sse", "ndjson"])
    await assert.rejects(kim.listen(room, { as }), (error) => {
      assert.match(error.headers.get("retry-after"), /^[1-9]\d*$/);
      return refusal(429, "too_many_streams")(error);
    });
  await owner.join(room);
  await owner.listen(room);
  await owner.say(room, "all three live");
  for (const reader of readers) await reader.said("all three live");
  readers[0].close();
  await until(() => kim.listen(room).then(() => true), "a place is free again");
}, { needs: "daemon" });

sentence("S1-8 beyond the streams that the service bears it says busy, and the API goes on", async (s) => {
  await s.serve({ settings: { streams_max: 4, streams_per_token: 0, retry_ms: 50 } });
  const { room, watcher, heard } = await s.watched();
  for (let i = 0; i < 3; i++) await watcher.listen(room);
  await assert.rejects(watcher.listen(room), (error) => {
    assert.match(error.headers.get("retry-after"), /^[1-9]\d*$/);
    return refusal(503, "busy")(error);
  });
  await watcher.say(room, "still here");
  await heard.said("still here");
}, { needs: "embedded" });

for (const as of ["json", "sse"])
  sentence(`P8 a request for events as ${as} that finds no place leaves nobody present`, async (s) => {
    await s.serve({ settings: { streams_per_token: 1, join_lease_ms: 100, reap_ms: 20 } });
    const { room, owner } = await s.room({ grace_ms: 0 });
    const { room: other } = await s.room({ grace_ms: 0 });
    const kim = await s.member(other, "kim");
    await kim.listen(other);
    await owner.join(room, { nickname: "owner" });
    await owner.listen(room);
    await kim.join(room, { nickname: "kim" });
    await until(async () => !(await owner.names(room)).includes("kim"), "the lease of the join is over");
    const query = `/events?rooms=${room}&as=${as}&wait=5&conn=late`;
    const answer = await fetch(kim.server.url + query, { headers: kim.headers() });
    assert.deepEqual([answer.status, (await answer.json()).code], [429, "too_many_streams"]);
    assert.ok(!(await owner.names(room)).includes("kim"));
  }, { needs: "daemon" });

sentence("S1-8 streams are counted by address, too", async (s) => {
  await s.serve({ settings: { streams_per_address: 2 } });
  const { room, watcher } = await s.watched();
  await watcher.listen(room);
  const other = await s.member(room, "other");
  await assert.rejects(other.listen(room), refusal(429, "too_many_streams"));
}, { needs: "daemon" });

for (const as of Object.keys(READERS))
  sentence(`S1-9 a connect and a disconnect over ${as} are noticed without any client call`, async (s) => {
    await s.serve({ settings: { poll_margin_ms: 300, hb_ms: 300 } });
    const { room, heard } = await s.watched({ grace_ms: 100 });
    const kim = await s.member(room, "kim");
    const reader = await kim.listen(room, { as });
    reader.close();
    const mine = ({ id }) => id === kim.chatter(room);
    await heard.fact("presence", ({ left = [] }) => left.some(mine));
    const from = heard.facts.length;
    await kim.listen(room, { as });
    await heard.fact("presence", ({ joined = [] }) => joined.some(mine), { from });
  });

told("S1-10 a room can be read before it is joined, by anybody", async (s) => {
  const ends = new Date(Date.now() + 3_600_000).toISOString();
  const { owner, room } = await s.room({ title: "Ops ✓", namespace: "ten", capacity: 7, expires_at: ends });
  await owner.join(room);
  await s.member(room, "kim");
  const { room: seen } = await s.person().ask("GET", `/rooms/${room}`);
  const { created_at: created, ...rest } = seen;
  assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(created) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    id: room, namespace: "ten", title: "Ops ✓", capacity: 7, online: 2, expires_at: ends,
    expired: false, listed: true, has_password: false, grace_ms: 5000, notices: "all", post: "members", slow_ms: 0,
  });
  assert.match(room, /^[a-z2-7]{26}$/, "an id that was not chosen cannot be guessed");
});

told("S1-10 every answer forbids sniffing and caching", async (s) => {
  const { room, watcher } = await s.watched();
  const door = http(s.server);
  const token = { "X-Parlor-Token": watcher.token };
  const targets = [`/api/v1/rooms/${room}`, "/api/v1/health", "/api/v1/nothing", "/health",
    `/events?rooms=${room}&wait=0`, `/events?rooms=${room}&wait=1`, "/events?wait=1", `/api/v1/events?rooms=${room}`];
  for (const target of targets) {
    const { headers } = await door("GET", target, token);
    assert.equal(headers.get("x-content-type-options"), "nosniff", target);
    assert.match(headers.get("cache-control"), /^no-store(, no-transform)?$/, target);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, target);
  }
}, { needs: "embedded" });

told("P10 what is the operator's lies at its own path alone", async (s) => {
  const door = http(s.server);
  assert.equal((await door("GET", "/metrics", {})).status, 200);
  for (const path of ["/x/metrics", "/x/health", "/events/metrics"])
    assert.equal((await door("GET", path, {})).status, 404, path);
}, { needs: "embedded" });

told("S1-10 the rooms of a namespace are paged, oldest first, unlisted ones left out", async (s) => {
  const { owner } = await s.room();
  const namespace = "paged";
  const made = [];
  for (let i = 0; i < 7; i++) {
    const room = await owner.create({ namespace, listed: i !== 3 });
    if (i !== 3) made.push(room);
  }
  const seen = [];
  let page;
  do {
    const after = seen.length ? `&after=${seen.at(-1)}` : "";
    page = await owner.ask("GET", `/rooms?namespace=${namespace}&limit=2${after}`);
    assert.equal(page.rooms.length, 2);
    seen.push(...page.rooms.map(({ id }) => id));
  } while (page.has_more);
  assert.deepEqual(seen, made);
});
