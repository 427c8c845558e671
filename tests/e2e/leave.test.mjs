// parts: e2e san race form (long)
/* Leaving over streams, and what does not depend on the transport. */
import assert from "node:assert/strict";
import { JOINED, SETTINGS, TIMED_OUT, gone, leaving, presenceChanges, waitOutGrace } from "./lib/leaving.mjs";
import { fasterThan, onServer, retryWithMoreTime, sentence } from "./lib/scene.mjs";
import { STREAMS } from "./lib/reader.mjs";
import { letPass } from "./lib/wait.mjs";

const told = onServer({ settings: SETTINGS });

leaving(told, STREAMS);

for (const as of STREAMS) {
  told(`S2-14 a second ${as} of the same name takes the first one's place without a word to others`, async (s) => {
    const { room, heard } = await s.watched({ grace_ms: 200 });
    const kim = await s.member(room, "kim");
    const old = await kim.listen(room, { as, conn: "tab-1" });
    const fresh = await kim.listen(room, { as, conn: "tab-1" });
    assert.equal((await old.control("bye")).data.reason, "replaced");
    await old.end();
    await waitOutGrace(s, room, heard);
    assert.deepEqual(presenceChanges(heard, kim.chatter(room)), JOINED);
    await kim.say(room, "to the new one");
    await fresh.said("to the new one");
  }, { needs: "daemon" });
}

told("S2-17 the end of a connection that never joined has no effect on anyone", async (s) => {
  const { owner, room, watcher, heard } = await s.watched({ grace_ms: 100 });
  await assert.rejects(owner.listen(room), /not_in_room/);
  const other = await owner.create();
  await owner.join(other);
  const reader = await owner.listen(other);
  reader.close();
  await waitOutGrace(s, room, heard);
  await watcher.say(room, "end");
  await heard.said("end");
  const { messages } = await watcher.ask("GET", `/rooms/${room}/messages`);
  assert.equal(messages.filter(({ notice }) => notice).length, 3, "the watcher's and the clock's");
});

const LEASED = { ...SETTINGS, retry_ms: 50, join_lease_ms: 60_000 };

/* Three people with streams; KIM leaves while no program runs, LEE returns. */
async function troupe(s) {
  const { room, watcher, heard } = await s.watched({ grace_ms: 300 });
  const kim = await s.member(room, "kim");
  const lee = await s.member(room, "lee");
  const streams = [await kim.listen(room), await lee.listen(room)];
  await heard.fact("presence", ({ count }) => count === 3);
  return { room, watcher, kim, lee, streams, cursor: heard.cursor };
}

/* STOP ends the program and starts it again. Whoever is back within the lease has not left. */
async function onlyKimIsGone(s, stop) {
  await retryWithMoreTime(1500, async (lease_ms) => {
    const server = await s.serve({ settings: { ...LEASED, lease_ms } });
    const { room, watcher, kim, lee, streams, cursor } = await troupe(s);
    const back = await fasterThan(server.settings.lease_ms / 2, async () => {
      await stop(server, streams);
      const [reader] = [await watcher.listen(room, { cursor }), await lee.listen(room)];
      return reader;
    });
    await back.fact("presence", gone(kim, room));
    await waitOutGrace(s, room, back);
    assert.deepEqual(presenceChanges(back, kim.chatter(room)).filter((t) => !JOINED.includes(t)), TIMED_OUT);
    assert.deepEqual(presenceChanges(back, lee.chatter(room)).filter((t) => !JOINED.includes(t)), []);
    assert.deepEqual(presenceChanges(back, watcher.chatter(room)), []);
    assert.deepEqual(await watcher.names(room), ["watcher", "lee"]);
  });
}

async function killed(server) {
  await server.kill();
  await server.launch();
}

sentence("S2-18 S4-1 a restart loses no pending leave and invents none", (s) =>
  onlyKimIsGone(s, (server) => server.restart()), { needs: "daemon" });

sentence("S2-18 S4-1 SIGKILL loses no pending leave and invents none", (s) =>
  onlyKimIsGone(s, killed), { needs: "daemon" });

sentence("S2-18 a leave that was pending when the process was killed is told after it", (s) =>
  onlyKimIsGone(s, (server, [kims]) => {
    kims.close();
    return killed(server);
  }), { needs: "daemon" });

sentence("S2-18 S4-1 a restart makes nobody leave whose room gives no grace", async (s) => {
  const server = await s.serve({ settings: { ...LEASED, lease_ms: 60_000 } });
  const { room, heard, watcher } = await s.watched({ grace_ms: 0 });
  const kim = await s.member(room, "kim");
  await kim.listen(room);
  await heard.fact("presence", ({ count }) => count === 2);
  const { cursor } = heard;
  await server.restart();
  const back = await watcher.listen(room, { cursor });
  await kim.listen(room);
  await watcher.say(room, "end");
  await back.said("end");
  for (const person of [kim, watcher])
    assert.deepEqual(presenceChanges(back, person.chatter(room)).filter((trace) => !JOINED.includes(trace)), []);
}, { needs: "daemon" });

sentence("S2-18 nobody is told as gone when the machine stood still for longer than a lease", async (s) => {
  const server = await s.serve({ settings: { ...LEASED, lease_ms: 900 } });
  const { room, heard, watcher } = await s.watched({ grace_ms: 100 });
  const kim = await s.member(room, "kim");
  await kim.listen(room);
  server.freeze();
  await letPass(server.settings.lease_ms + 100);
  server.thaw();
  await waitOutGrace(s, room, heard);
  await watcher.say(room, "end");
  await heard.said("end");
  assert.deepEqual(presenceChanges(heard, kim.chatter(room)), JOINED);
}, { needs: "daemon" });
