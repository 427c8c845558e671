// parts: e2e san race form
/* Notifications when something fails, when the server is killed, and when many things happen at once. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { CANNOT_STORE, Person, http } from "./lib/client.mjs";
import { fastcgi } from "./lib/fcgi.mjs";
import { LIKE, inbox, isNotification, notify, pathOf, trio, unread } from "./lib/inbox.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

const told = onServer();

sentence("S5-12 a notification that cannot be stored fails alone: the message of the act stays, and both work later", async (s) => {
  const server = await s.serve({ settings: { hb_ms: 200 } });
  const { room, watcher, heard } = await s.watched();
  const kim = await s.member(room);
  const act = await kim.say(room, "@watcher look");
  const limit = (size) => execFileSync("prlimit", ["--pid", String(server.pid), `--fsize=${size}`]);
  limit("1:unlimited");
  const { status, body } = await kim.answer("POST", pathOf(room, watcher), LIKE);
  assert.ok(CANNOT_STORE.has(`${status} ${body.code}`), `${status} ${body.code}`);
  limit("unlimited:unlimited");
  const after = await kim.sayUntilStored(room, "after");
  await heard.said("after");
  assert.deepEqual((await watcher.history(room)).slice(-2), [act, after]);
  assert.deepEqual([(await inbox(watcher)).notifications, await unread(watcher)], [[], 0]);
  const made = await notify(kim, room, watcher);
  await heard.fact("notification", ({ notification }) => notification.id === made.id);
  assert.equal(heard.facts.filter(isNotification).length, 1);
}, { needs: "embedded" });

told("S5-12 notifications that are refused touch no message that is sent at the same time", async (s) => {
  const { room, kim, lee } = await trio(s);
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => i % 2
    ? kim.answer("POST", `/rooms/${room}/messages`, { content: `n${i}` })
    : kim.answer("POST", `/rooms/${room}/chatters/${"a".repeat(16)}/notifications`, LIKE)));
  assert.deepEqual(answers.map(({ status }) => status), answers.map((_, i) => (i % 2 ? 201 : 404)));
  const said = (await lee.history(room)).filter(({ type }) => type === "message");
  assert.equal(said.length, 20);
});

for (const as of ["native", "stubborn"])
  sentence(`S5-13 after SIGKILL and restart queue and room are resumed without anybody's doing, ${as}`, async (s) => {
    const server = await s.serve({ settings: { retry_ms: 50, lease_ms: 3000 } });
    const { room, kim, lee } = await trio(s);
    const heard = await lee.listen([room], { as });
    await notify(kim, room, lee, { type: "n", text: "before" });
    await heard.fact("notification", ({ notification }) => notification.text === "before");
    await server.kill();
    await server.launch();
    await notify(kim, room, lee, { type: "n", text: "after" });
    await kim.say(room, "end");
    await heard.said("end");
    const texts = heard.facts.filter(isNotification).map(({ data }) => [data.notification.text, data.unread]);
    assert.deepEqual(texts, [["before", 1], ["after", 2]]);
  }, { needs: ["daemon", "embedded"] });

/* The inbox, built from the events of the queue. */
class Model {
  constructor() {
    this.all = new Map();
  }

  get unread() {
    return [...this.all.values()].filter(({ read_at }) => read_at === null).length;
  }

  apply({ notification, read, deleted = [], unread: count }) {
    if (notification) this.all.set(notification.id, notification);
    for (const id of read === "all" ? this.all.keys() : read ?? []) this.all.get(id).read_at ??= "read";
    for (const id of deleted) assert.ok(this.all.delete(id), `${id} was there`);
    assert.equal(this.unread, count, "the count told is that of what was told");
  }

  get list() {
    return [...this.all.values()].sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1));
  }
}

const ROUNDS = 6;
const AT_ONCE = 50;

/* One of many things that happen at the same time; any may be refused. */
function disturb({ i, people, victim, doors, room, ids }) {
  const door = doors[i % doors.length];
  const by = (person) => new Person(person.server, { door, token: person.token });
  const actor = by(people[i % people.length]);
  const id = ids[i % ids.length];
  const target = { kind: "post", id: `${i % 7}` };
  const query = `?type=like&target_kind=post&target_id=${target.id}`;
  const acts = [
    () => actor.answer("POST", pathOf(room, victim), { ...LIKE, target }),
    () => actor.answer("POST", pathOf(room, victim), { type: "poke", text: `${i}` }),
    () => actor.answer("DELETE", pathOf(room, victim) + query),
    () => by(victim).answer("PATCH", `/me/notifications/${id}`, { read: true }),
    () => by(victim).answer("DELETE", `/me/notifications/${id}`),
    () => (i % 25 === 0 ? by(victim).answer("POST", "/me/notifications/read_all") : actor.answer("POST", pathOf(room, victim), { ...LIKE, target })),
  ];
  return acts[Math.floor(Math.random() * acts.length)]();
}

sentence("S5-4 S5-9 S5-10 50 at once through two processes post, read, delete and withdraw: every count is exact", async (s) => {
  const server = await s.serve({ settings: { streams_per_token: 0, notifications_keep: 40 } });
  const { program, socket } = await server.fastcgi();
  assert.ok(program.pid);
  const doors = [http(server), fastcgi(socket)];
  const { room } = await s.room({ grace_ms: 600_000 });
  const victim = await s.member(room);
  const people = [];
  for (let i = 0; i < 8; i++) people.push(await s.member(room));
  const heard = await victim.listen([]);
  for (let round = 0; round < ROUNDS; round++) {
    const { notifications } = await inbox(victim);
    const ids = [...notifications.map(({ id }) => id), 1];
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => disturb({ i, people, victim, doors, room, ids })));
    const statuses = new Set(answers.map(({ status }) => status));
    assert.ok([...statuses].every((status) => [200, 201, 204, 404].includes(status)), [...statuses].join(" "));
  }
  const end = await notify(people[0], room, victim, { type: "end", text: "end" });
  await heard.fact("notification", ({ notification }) => notification.id === end.id);
  const model = new Model();
  for (const { data } of heard.facts) model.apply(data);
  const list = await inbox(victim, "?limit=200");
  const shape = ({ id, type, count, target, text, read_at }) => [id, type, count, target, text, read_at !== null];
  assert.deepEqual(list.notifications.map(shape), model.list.map(shape));
  assert.deepEqual([list.unread, await unread(victim)], [model.unread, model.unread]);
  assert.equal((await inbox(victim, "?unread=1&limit=200")).notifications.length, model.unread);
  await server.program("parlor", ["check"]).done(0);
}, { needs: "embedded" });
