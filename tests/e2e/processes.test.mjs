// parts: e2e san race
/* Two processes write to one store: the embedded poller and an API process. */
import assert from "node:assert/strict";
import { Person, http, newId } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { sentence } from "./lib/scene.mjs";

async function two(s, settings = {}) {
  const server = await s.serve({ settings: { streams_per_token: 0, ...settings } });
  const { socket } = await server.fastcgi();
  return [http(server), fastcgi(socket)];
}

const CLIENTS = 64;
const MESSAGES = 25;

sentence("S3-8 P1-P4 64 clients post at once through two processes: no 5xx, nothing lost, nothing twice", async (s) => {
  const doors = await two(s);
  const { room, heard, watcher } = await s.watched({ capacity: CLIENTS + 1 });
  const people = [];
  for (let i = 0; i < CLIENTS; i++) {
    const person = new Person(s.server, { door: doors[i % 2] });
    await person.join(room);
    people.push(person);
  }
  const told = [];
  const talk = async (person) => {
    for (let i = 0; i < MESSAGES; i++) {
      const body = { content: `${person.name} ${i}`, client_id: newId() };
      const answer = await person.answer("POST", `/rooms/${room}/messages`, body);
      assert.equal(answer.status, 201, answer.text);
      told.push(answer.body.message);
    }
  };
  await Promise.all(people.map(talk));
  await watcher.say(room, "end");
  await heard.said("end");
  const history = await watcher.history(room);
  assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1));
  assert.deepEqual(heard.feed, history.slice(-heard.feed.length));
  const said = history.filter(({ type }) => type === "message").slice(0, -1);
  const byId = (a, b) => a.id - b.id;
  assert.deepEqual(said, told.sort(byId));
  assert.equal(told.length, CLIENTS * MESSAGES);
});

sentence("S4-3 P7 200 joins race for the last 10 seats through two processes: exactly 10 get in", async (s) => {
  const doors = await two(s);
  const { room, watcher, heard } = await s.watched({ capacity: 15 });
  for (let i = 0; i < 4; i++) await s.member(room);
  const racers = Array.from({ length: 200 }, (_, i) => new Person(s.server, { door: doors[i % 2] }));
  const answers = await Promise.all(racers.map((racer) =>
    racer.answer("POST", `/rooms/${room}/chatters`, {})));
  const inside = answers.filter(({ status }) => status === 201);
  const outside = answers.filter(({ status }) => status === 409);
  assert.deepEqual([inside.length, outside.length], [10, 190], answers.map(({ status }) => status).join(" "));
  for (const { body } of outside) assert.equal(body.code, "room_full");
  const { count, chatters } = await watcher.list(room);
  assert.deepEqual([count, chatters.length], [15, 15]);
  await watcher.say(room, "end");
  await heard.said("end");
  const joined = heard.facts.flatMap(({ data }) => data.joined ?? []);
  assert.equal(joined.length, 14, "each who got in was told, once");
  assert.ok(heard.facts.every(({ data }) => (data.count ?? 0) <= 15));
});

sentence("S3-7 the same client_id through two processes at once is one message", async (s) => {
  const doors = await two(s);
  const { room, watcher } = await s.watched();
  for (let round = 0; round < 20; round++) {
    const body = { content: `round ${round}`, client_id: newId() };
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) =>
      new Person(s.server, { door: doors[i % 2], token: watcher.token })
        .answer("POST", `/rooms/${room}/messages`, body)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status }) => status === 200).length, 7);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  }
  assert.equal((await watcher.history(room)).filter(({ type }) => type === "message").length, 20);
});

/* Without the doorbell each of these would take a look of LOOK_MS. */
const MESSAGES_BY_BELL = 20;
const LOOK_MS = 10_000;

sentence("S3-1 what is posted through the API process is heard at the poller, by its doorbell, not its slow look", async (s) => {
  const [, door] = await two(s, { look_ms: LOOK_MS });
  const { room, watcher, heard } = await s.watched();
  const far = new Person(s.server, { door, token: watcher.token });
  const began = performance.now();
  for (let i = 0; i < MESSAGES_BY_BELL; i++) {
    await far.say(room, `n${i}`);
    await heard.said(`n${i}`);
  }
  const looks = (performance.now() - began) / LOOK_MS;
  assert.ok(looks < MESSAGES_BY_BELL / 2, `heard in ${looks} looks`);
});

sentence("S2-18 SIGKILL of the API process between two writers leaves the other one writing", async (s) => {
  const server = await s.serve();
  const { room, watcher, heard } = await s.watched();
  for (let round = 0; round < 3; round++) {
    const { program, socket } = await server.fastcgi();
    const far = new Person(server, { door: fastcgi(socket), token: watcher.token });
    const talking = Array.from({ length: 20 }, (_, i) => far.say(room, `${round}-${i}`).catch(() => {}));
    await talking[0];
    await program.kill();
    await Promise.all(talking);
    await watcher.say(room, `end ${round}`);
    await heard.said(`end ${round}`);
  }
  const history = await watcher.history(room);
  assert.deepEqual(history.map(({ id }) => id), history.map((_, i) => i + 1));
  assert.deepEqual(heard.feed, history.slice(-heard.feed.length));
});
