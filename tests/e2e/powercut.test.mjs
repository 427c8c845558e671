// parts: e2e
/*
 * Power cuts during a conversation: tests/shim/powercut.c keeps of the store's
 * files what has been synced, and after each SIGKILL the service goes on with
 * that alone.
 */
import assert from "node:assert/strict";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "./lib/client.mjs";
import { sentence } from "./lib/scene.mjs";
import { BUILD } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const CUTS = 16;
const PEOPLE = 12;
const BETWEEN = 25; /* messages that are acknowledged before the next cut */
const SETTINGS = {
  lease_ms: 60_000, join_lease_ms: 60_000, retry_ms: 50, hb_ms: 300, streams_per_token: 0,
  wal_pages: 100, /* so that some cuts meet a checkpoint */
};

/* Kills SERVER and leaves it what was synced, which is in DISK. */
async function cut(server, disk) {
  await server.kill();
  for (const name of await readdir(server.data))
    if (name.startsWith("parlor.db")) await rm(join(server.data, name));
  for (const name of await readdir(disk)) await copyFile(join(disk, name), join(server.data, name));
  await server.launch();
}

async function talk(person, room, conversation) {
  while (!conversation.over) {
    const message = await person.sayUntilStored(room, `${person.name} ${newId()}`, newId());
    conversation.told.push(message);
    if (message.id % 7 === 0) await person.ask("PATCH", `/rooms/${room}/messages/${message.id}`, { content: "edited" }).catch(() => null);
  }
}

const words = ({ id, chatter, client_id, created_at }) => ({ id, chatter, client_id, created_at });

sentence("P1 P3 P4 sixteen power cuts in a conversation lose nothing that was answered and nothing that was seen, and give no seq twice", async (s) => {
  const disk = await mkdtemp(join(tmpdir(), "parlor-powercut-"));
  try {
    const server = await s.serve({ settings: SETTINGS, preload: { LD_PRELOAD: join(BUILD, "tests/shim/powercut.so"), POWERCUT: disk } });
    const { room } = await s.room({ capacity: PEOPLE + 2 });
    const people = [];
    for (let i = 0; i < PEOPLE; i++) people.push(await s.member(room, `n${i}`));
    const readers = [];
    for (const as of ["stubborn", "native"]) readers.push(await people[0].listen(room, { as, cursor: "earliest" }));
    const conversation = { told: [], over: false };
    const talking = people.map((person) => talk(person, room, conversation));
    for (let i = 1; i <= CUTS; i++) {
      await until(() => conversation.told.length >= i * BETWEEN, "they talk");
      await cut(server, disk);
    }
    conversation.over = true;
    await Promise.all(talking);
    const history = await people[0].history(room);
    assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1));
    for (const message of conversation.told) assert.deepEqual(words(history[message.id - 1]), words(message));
    const clients = history.map(({ client_id }) => client_id).filter(Boolean);
    assert.equal(new Set(clients).size, clients.length);
    const whole = await people[0].listen(room, { as: "sse", cursor: "earliest" });
    const last = history.at(-1).id;
    const complete = (reader) => reader.wait(() => reader.facts.some(({ data }) => data.message?.id === last), "all");
    await complete(whole);
    const log = new Map(whole.facts.map((fact) => [fact.id, fact]));
    for (const reader of readers) {
      await complete(reader);
      assert.ok(reader.syncs.every(({ recovered }) => recovered));
      for (const { id, kind, data } of reader.facts) {
        assert.equal(log.get(id)?.kind, kind, id);
        assert.equal(log.get(id).data.message?.client_id, data.message?.client_id, id);
      }
    }
    await server.stop();
    await server.program("parlor", ["check"]).done(0);
  } finally {
    await rm(disk, { recursive: true, force: true });
  }
}, { needs: ["embedded", "quick"], limit: 120_000 });
