// parts: e2e san race more (long)
/* While the service is down nobody can show that they are present, so nobody is reported as gone. */
import assert from "node:assert/strict";
import { FORM } from "./lib/forms.mjs";
import { READERS, Reader, poll } from "./lib/reader.mjs";
import { fasterThan, retryWithMoreTime, sentence } from "./lib/scene.mjs";
import { Server } from "./lib/server.mjs";
import { Person } from "./lib/client.mjs";
import { until } from "./lib/wait.mjs";
import { JOINED, presenceChanges } from "./lib/leaving.mjs";

/* LEASE is how long a poller's streams are held for it. */
const settingsOf = (lease) => ({
  lease_ms: lease, join_lease_ms: (lease * 2) / 3, poll_margin_ms: (lease * 4) / 3, room_grace_ms: 300, hb_ms: 200, reap_ms: 50,
});
const ASK_MS = 500; /* until the client gives up a request */
const gone = (who, room) => ({ left }) => left?.some(({ id }) => id === who.chatter(room));

/*
 * Waits as long as it takes on another, uninterrupted service until a poller
 * that disappeared is reported as gone.
 */
async function leaseOver(lease) {
  const server = new Server({ settings: settingsOf(lease) });
  await server.start();
  try {
    const [kim, lee] = [new Person(server), new Person(server)];
    const room = await kim.create();
    await lee.join(room);
    await kim.join(room);
    const heard = await lee.listen(room);
    await poll(new Reader(kim, [room], { conn: "mine" }), 1);
    await heard.fact("presence", gone(kim, room));
    lee.close();
  } finally {
    await server.end();
  }
}

/* One of the services stands still, or both. */
const POLLER = {
  "of the poller that begins with SIGKILL": [(server) => server.kill(), (server) => server.launch()],
  "of the poller by SIGSTOP": [(server) => server.freeze(), (server) => server.thaw()],
};
const API = {
  "of the API that begins with SIGKILL": [(server) => server.killApi(), (server) => server.launch()],
  "of the API by SIGSTOP": [(server) => server.apiProgram.signal("SIGSTOP"), (server) => server.apiProgram.signal("SIGCONT")],
  "of both that begins with SIGKILL": [(server) => Promise.all([server.kill(), server.killApi()]), (server) => server.launch()],
};
const NOTHING = { "that is a silence of everybody": [() => {}, () => {}] };
const OUTAGES = FORM.daemon ? { ...POLLER, ...(FORM.services ? API : {}) } : NOTHING;

/*
 * Sends requests all the time, until the function that it returns is called.
 * Nothing that the service does for a request may end a lease.
 */
function busy(server, room) {
  const asking = { over: false };
  const done = until(async () => {
    const answer = await fetch(`${server.api}/rooms/${room}`, { signal: AbortSignal.timeout(ASK_MS) }).catch(() => null);
    await answer?.text().catch(() => null);
    return asking.over;
  }, "enough was asked", Infinity);
  return async () => {
    asking.over = true;
    await done;
  };
}

/*
 * Kim, who is in a room over AS, comes back soon after the end of the outage.
 * Later there would rightly be a leave.
 */
async function outage(s, as, { stop, go, served }, lease) {
  const server = await s.serve({ settings: settingsOf(lease) });
  const { owner, room } = await s.room();
  const kim = s.person();
  const { cursor } = await kim.join(room, { nickname: "kim" });
  const before = await kim.listen(room, { as, cursor, conn: "mine" });
  await kim.say(room, "before");
  await before.said("before");
  await stop(server);
  /* The client goes on over the other service. */
  if (!served) before.close();
  const release = OUTAGES === NOTHING ? () => {} : busy(server, room);
  await leaseOver(lease).finally(release);
  const after = await fasterThan(server.settings.lease_ms / 2, async () => {
    await go(server);
    return served ? before : kim.listen(room, { as, cursor: before.cursor, conn: "mine" });
  });
  await owner.join(room, { nickname: "owner" });
  await owner.say(room, "after");
  await after.said("after");
  const all = await owner.listen(room, { cursor: "earliest" });
  await all.said("after");
  assert.deepEqual(presenceChanges(all, kim.chatter(room)), JOINED);
  after.close();
  await all.fact("presence", gone(kim, room));
}

for (const as of Object.keys(READERS))
  for (const [how, [stop, go]] of Object.entries(OUTAGES)) {
    const served = how.startsWith("of the API") && as !== "instant";
    sentence(`A3 S2-18 an outage ${how} invents no leave over ${as}`, (s) =>
      retryWithMoreTime(1500, (lease) => outage(s, as, { stop, go, served }, lease)));
  }
