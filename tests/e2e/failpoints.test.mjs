// parts: e2e
/*
 * Crashes at the worst moments: the programs of the build with failpoints kill
 * themselves at a named place, with a given probability.
 */
import assert from "node:assert/strict";
import { newId } from "./lib/client.mjs";
import { sentence } from "./lib/scene.mjs";
import { BUILD_FP } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const PEOPLE = 8;
const ENOUGH = 4;
const PLAY_LIMIT_MS = 240_000; /* messages in all */
const SETTINGS = { retry_ms: 50, lease_ms: 1500, wal_pages: 100, join_lease_ms: 60_000, streams_per_token: 0 };

/* Starts the program again and again until it gets as far as listening. */
async function revive(server) {
  await until(async () => {
    try {
      await server.launch();
      return true;
    } catch (error) {
      error.final = false;
      assert.equal(server.poller.ended?.signal, "SIGKILL", server.poller.tail());
      return false;
    }
  }, "it listens again");
}

/* Restarts SERVER whenever it has died, until PLAY is over. */
async function nurse(server, play, count) {
  let over = false;
  const done = play.finally(() => (over = true));
  done.catch(() => {});
  while (!over) {
    await until(() => over || server.poller.ended, "the play is over or the server dead", PLAY_LIMIT_MS);
    if (over) break;
    assert.equal(server.poller.ended.signal, "SIGKILL", server.poller.tail());
    count.deaths += 1;
    await revive(server);
  }
  await done;
}

async function talk(person, room, told, count) {
  for (let i = 0; count.deaths < ENOUGH; i++) {
    const client_id = newId();
    const message = await person.sayUntilStored(room, `${person.name} ${i} ${"x".repeat(500)}`, client_id);
    assert.equal(message.client_id, client_id);
    told.set(client_id, message);
  }
}

async function gather(s) {
  const { room, watcher } = await s.watched({ grace_ms: 20_000 });
  const people = [];
  for (let i = 0; i < PEOPLE; i++) people.push(await s.member(room));
  const readers = [await watcher.listen(room, { as: "native" }), await watcher.listen(room, { as: "stubborn" })];
  return { room, watcher, people, readers };
}

async function check({ room, watcher, readers }, told) {
  const history = await watcher.history(room);
  assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1), "no holes");
  const said = history.filter(({ type }) => type === "message");
  assert.equal(new Set(said.map(({ client_id }) => client_id)).size, said.length, "nothing twice");
  assert.equal(said.length, told.size, "nothing lost");
  for (const message of said) assert.deepEqual(told.get(message.client_id), message);
  for (const reader of readers) {
    await reader.wait(() => reader.feed.at(-1)?.id === history.at(-1).id, "the end");
    assert.deepEqual(reader.feed, history.slice(-reader.feed.length));
  }
}

const POINTS = {
  after_commit_before_reply: 0.02,
  after_begin: 0.02,
  after_insert: 0.02,
  before_unlock: 0.02,
  before_checkpoint: 0.5,
};

for (const [point, chance] of Object.entries(POINTS))
  sentence(`P1 P2 P3 P4 S3-7 death at ${point}: a retry with the same client_id is one message`, async (s) => {
    const server = await s.serve({ build: BUILD_FP, settings: SETTINGS });
    const scene = await gather(s);
    await server.stop();
    server.fp = `${point}:${chance}`;
    await revive(server);
    const told = new Map();
    const count = { deaths: 0 };
    const playing = scene.people.map((person) => talk(person, scene.room, told, count));
    await nurse(server, Promise.all(playing), count);
    server.fp = null;
    if (!server.poller.ended) await server.kill();
    await server.launch();
    await check(scene, told);
  });
