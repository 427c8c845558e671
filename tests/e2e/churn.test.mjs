// parts: e2e san (long)
/*
 * Fifty pollers come and go while somebody talks.  In the end each one's count
 * is what follows from the log and from the answers that it really got.
 */
import assert from "node:assert/strict";
import { MARGIN_MS, Poller, missed, speak } from "./lib/churn.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const SETTINGS = { join_lease_ms: MARGIN_MS, poll_margin_ms: MARGIN_MS, reap_ms: 20, streams_per_token: 0 };
const CLIENTS = 50;

sentence("A1 S5-7 fifty pollers come and go while somebody talks: every count is exact", async (s) => {
  await s.serve({ settings: SETTINGS });
  const { owner, room } = await s.room({ capacity: CLIENTS + 2, grace_ms: 300 });
  await owner.join(room, { nickname: "owner" });
  const heard = await owner.listen(room);
  const pollers = Array.from({ length: CLIENTS }, (_, i) => new Poller(s.person(), room, i));
  const talk = { said: 0, over: false };
  const lives = pollers.map((poller) => poller.live(talk));
  await speak(owner, room, talk);
  await Promise.all(lives);
  await until(async () => (await owner.list(room)).count === 1, "all are gone", 60_000);
  const { id: last } = await owner.say(room, "end");
  await heard.fact("message", ({ message }) => message.id === last);
  let all = 0;
  for (const poller of pollers) {
    const { rooms: [{ unread }] } = await poller.person.ask("GET", "/me/rooms");
    assert.equal(unread, missed(heard.facts, poller.person.chatter(room), poller), poller.person.name);
    all += unread;
  }
  assert.ok(all > CLIENTS, `${all} were missed`);
}, { limit: 240_000 });
