// parts: e2e san more (long)
/*
 * With the default settings, the time until a client whose connection breaks
 * off is reported as gone: the numbers in docs/DEPLOY.md.
 */
import assert from "node:assert/strict";
import { FORM } from "./lib/forms.mjs";
import { STREAMS } from "./lib/reader.mjs";
import { sentence } from "./lib/scene.mjs";
import { SLOW } from "./lib/wait.mjs";

const HB_MS = 5000;
const GRACE_MS = 5000;
/* A busy machine may be late once; a slow program is late every time. */
const TRIES = 3;
/* A web server notices at the second heartbeat after the end; and some slack. */
const MOST_MS = (FORM.front ? 12_000 : 2000) + GRACE_MS;

/* The time until somebody whose connection breaks off is reported as gone. */
async function untilGone(s, room, as, heard) {
  const kim = s.person();
  const { cursor } = await kim.join(room, {});
  const reader = await kim.listen(room, { as, cursor });
  assert.equal(reader.sync.hb_ms, HB_MS);
  const cut = performance.now();
  reader.close();
  await heard.fact("presence", ({ left }) => left?.some(({ id }) => id === kim.chatter(room)));
  const took = performance.now() - cut;
  assert.ok(took >= GRACE_MS - 100, `not before the grace is over: ${took} ms`);
  return took;
}

for (const as of STREAMS)
  sentence(`A5 S2-7 an abrupt end of ${as} is told within the time that the documentation gives, by default`, async (s) => {
    await s.serve();
    const { owner, room } = await s.room();
    const watcher = await s.member(room, "watcher");
    const heard = await watcher.listen(room);
    assert.equal((await owner.ask("GET", `/rooms/${room}`)).room.grace_ms, GRACE_MS);
    const times = [];
    while (times.length < TRIES && !times.some((took) => took < MOST_MS * SLOW)) times.push(await untilGone(s, room, as, heard));
    assert.ok(times.at(-1) < MOST_MS * SLOW, `${times} ms, and not ${MOST_MS}`);
  }, { limit: 180_000, needs: ["daemon"] });
