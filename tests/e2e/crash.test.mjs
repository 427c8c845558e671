// parts: e2e san race crash
/*
 * SIGKILL during a conversation: fifty clients stream and post, half of them
 * with an unmodified EventSource, half with our own reader.
 */
import assert from "node:assert/strict";
import { newId } from "./lib/client.mjs";
import { named } from "./lib/reader.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const CLIENTS = 50;
const VANISH = 5;
const MESSAGES = 8;
const LEASE_MS = 4000; /* longer than fifty clients take to reconnect on a busy machine */
const GRACE_MS = 300;
const SETTINGS = {
  lease_ms: LEASE_MS, poll_margin_ms: LEASE_MS, /* behind a web server the API answers them meanwhile */
  retry_ms: 100, hb_ms: 300, reap_ms: 50, streams_per_token: 0, join_lease_ms: 60_000,
};

async function gather(s) {
  const { owner, room } = await s.room({ capacity: CLIENTS + 1, grace_ms: GRACE_MS });
  await owner.join(room, { nickname: "owner" });
  const people = [];
  for (let i = 0; i < CLIENTS; i++) {
    const person = await s.member(room, `n${i}`);
    const as = i % 2 ? "native" : "stubborn";
    person.reader = await person.listen(room, { as, cursor: "earliest" });
    people.push(person);
  }
  await owner.leave(room);
  return { room, people };
}

async function talk(person, room, told) {
  for (let i = 0; i < MESSAGES; i++) {
    const message = await person.sayUntilStored(room, `${person.name} says ${i}`, newId());
    told.push(message);
  }
}

/* Every reader has received all messages, once, in the order of the history. */
async function checkFeeds(people, history) {
  for (const { reader } of people) {
    await reader.wait(() => reader.feed.length >= history.length, "all of the history");
    assert.deepEqual(reader.feed, history);
    assert.ok(reader.syncs.every(({ recovered }) => recovered));
  }
}

function checkNotices(history, vanished, stayed) {
  const notices = (person, room) => history
    .filter(({ notice }) => notice && named(notice).some(({ id }) => id === person.chatter(room)))
    .map(({ notice }) => `${notice.kind} ${notice.reason}`);
  const [room] = stayed[0].seats.keys();
  for (const person of stayed) assert.deepEqual(notices(person, room), ["joined null"]);
  for (const person of vanished)
    assert.deepEqual(notices(person, room), ["joined null", "left timeout"]);
}

sentence("S2-18 S1-5 P1-P6 SIGKILL in a conversation of 50: each has every message once, in one order, and presence is right", async (s) => {
  const server = await s.serve({ settings: SETTINGS });
  const { room, people } = await gather(s);
  const vanished = people.slice(0, VANISH);
  const stayed = people.slice(VANISH);
  const told = [];
  const talking = people.map((person) => talk(person, room, told));
  for (let kills = 1; kills <= 3; kills++) {
    await until(() => told.length >= (kills * CLIENTS * MESSAGES) / 5, "they talk");
    await server.kill();
    if (kills === 3) for (const person of vanished) person.close();
    await server.launch();
  }
  await Promise.all(talking);
  const names = stayed.map(({ seats }) => seats.get(room).nickname).sort();
  const right = async () => {
    const list = (await stayed[0].names(room)).sort();
    return list.length === names.length && list.every((name, i) => name === names[i]);
  };
  await until(right, "presence is right", 2 * LEASE_MS + GRACE_MS + 3000);
  const history = await stayed[0].history(room);
  await checkFeeds(stayed, history);
  checkNotices(history, vanished, stayed);
  assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1));
  const stored = new Map(history.map((message) => [message.id, message]));
  assert.equal(told.length, CLIENTS * MESSAGES);
  for (const message of told) assert.deepEqual(stored.get(message.id), message);
  assert.equal(history.filter(({ type }) => type === "message").length, CLIENTS * MESSAGES);
}, { needs: ["daemon", "quick"] });
