/* Lost connections and answers: each is shown, and no message is lost or posted twice. */
import assert from "node:assert/strict";
import { Person } from "../e2e/lib/client.mjs";
import { Server } from "../e2e/lib/server.mjs";
import { connected, contents, front, hide, onStage, people, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

const notConnected = (page) =>
  page.waitForSelector('#state:not([data-state="open"])', { state: "attached" });

told("S1-5 S2-18 page: the page says that it has lost the server, and continues without loss or repeat when it is back", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 30_000 });
  await say(ann, "one");
  await sees(bob, contents, ["one"], "one");
  await stage.server.kill();
  for (const page of [ann, bob]) await notConnected(page);
  await until(async () => /cannot be reached/.test(await bob.textContent("#trouble")), "bob is told");
  await shot(bob, "reconnecting");
  await stage.server.launch();
  for (const page of [ann, bob]) await connected(page);
  await until(() => bob.isHidden("#trouble"), "the trouble is over");
  await say(bob, "two");
  for (const page of [ann, bob]) await sees(page, contents, ["one", "two"], "nothing lost, nothing twice");
  await sees(ann, people, ["ann", "bob"], "nobody has left");
  quiet(ann, bob);
});

told("S1-5 page: offline is shown at once, and missed messages arrive when the network is back", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 30_000 });
  await ann.context().setOffline(true);
  await notConnected(ann);
  await ann.waitForSelector("#trouble:not([hidden])");
  for (const text of ["missed one", "missed two"]) await say(bob, text);
  await sees(bob, contents, ["missed one", "missed two"], "said");
  await ann.context().setOffline(false);
  await connected(ann);
  await sees(ann, contents, ["missed one", "missed two"], "both, once");
  await sees(bob, people, ["ann", "bob"], "ann never left");
  quiet(ann, bob);
});

told("S1-5 page: when more was missed than the server replays, the page loads a new snapshot without loss or repeat", async (t) => {
  const server = new Server({ settings: { hb_ms: 500, retry_ms: 100, replay_max: 5 } });
  await server.start();
  t.after(() => server.end());
  const owner = new Person(server);
  const room = await owner.create({ grace_ms: 30_000 });
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann", { url: server.url });
  await say(ann, "before");
  await sees(ann, contents, ["before"], "said");
  await ann.context().setOffline(true);
  await notConnected(ann);
  await hide(ann, true);
  const missed = Array.from({ length: 20 }, (_, i) => `missed ${i}`);
  for (const text of missed) await owner.say(room, text);
  await ann.context().setOffline(false);
  await connected(ann);
  await sees(ann, contents, ["before", ...missed], "all, once");
  assert.equal(await ann.locator("li:has(#unread-marker) .text").textContent(), "missed 0");
  quiet(ann);
});

/* Makes the first N posts of PAGE fail.  With "answer lost" the server gets them. */
async function failing(page, n, how = "lost") {
  const ids = [];
  await page.route("**/messages", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    ids.push(route.request().postDataJSON().client_id);
    if (ids.length > n) return route.fallback();
    if (how === "answer lost") await route.fetch();
    return route.abort();
  });
  return ids;
}

told("S3-7 page: a message whose answer is lost is retried with the same id, and posted once", async (t) => {
  const { ann, bob, owner, room } = await stage.pair(t);
  await ann.route("**/events?*", (route) => route.abort());
  await ann.reload();
  await ann.waitForSelector("#chat-view:not([hidden])");
  const ids = await failing(ann, 1, "answer lost");
  await say(ann, "once");
  await until(() => ids.length === 2, "it is tried again");
  await until(async () => (await ann.locator(".message[data-id]").count()) === 1, "confirmed");
  assert.equal(ids[0], ids[1]);
  await sees(bob, contents, ["once"], "once for bob");
  await owner.join(room, { nickname: "owner" });
  const kept = (await owner.history(room)).filter(({ type }) => type === "message");
  assert.deepEqual(kept.map(({ content }) => content), ["once"]);
  quiet(ann, bob);
});

told("S3-4 S3-7 page: after one automatic retry a message has failed, and the visitor retries or discards it", async (t) => {
  const { ann, bob } = await stage.pair(t);
  const ids = await failing(ann, 4);
  await say(ann, "try me");
  await ann.waitForSelector('[data-state="failed"]');
  assert.equal(ids.length, 2);
  await shot(ann, "failed");
  await ann.reload();
  await connected(ann);
  await ann.waitForSelector('[data-state="failed"]');
  assert.equal(ids.length, 2, "a reload does not try again");
  await say(ann, "drop me");
  await until(async () => (await ann.locator('[data-state="failed"]').count()) === 2, "both have failed");
  await ann.locator('[data-testid="discard"]').last().click();
  await sees(ann, contents, ["try me"], "the other is dropped");
  await ann.click('[data-testid="retry"]');
  for (const page of [ann, bob]) await sees(page, contents, ["try me"], "said, once");
  assert.equal(await ann.locator("[data-state=failed], [data-state=pending]").count(), 0);
  assert.equal(new Set(ids).size, 2);
  assert.equal(ids.length, 5);
  quiet(ann, bob);
});

/* The states that PAGE shows from now on, one after another. */
async function watchStates(page) {
  await page.evaluate(() => {
    const shown = document.getElementById("state");
    globalThis.states = [];
    new MutationObserver(() => {
      if (globalThis.states.at(-1) !== shown.dataset.state) globalThis.states.push(shown.dataset.state);
    }).observe(shown, { attributes: true, attributeFilter: ["data-state"] });
  });
  return () => page.evaluate(() => globalThis.states);
}

/* The answer of Apache's ErrorDocument while the poller restarts. */
function deadPoller(response) {
  response.writeHead(200, { "Content-Type": "text/event-stream" }).end("retry: 1000\n\n");
  return true;
}

told("S1-5 page: a stream that ends before its sync is not shown as a connection, though the API answers", async (t) => {
  const place = await front(t, stage);
  const { room, owner } = await stage.room({ grace_ms: 30_000 });
  const ann = await stage.member(t, room, "ann", { url: place.url });
  await owner.join(room, { nickname: "owner" });
  const states = await watchStates(ann);
  let dead = 0;
  place.answer = (request, response) => {
    if (dead > 0 || !request.url.startsWith("/chat/events")) return false;
    dead += 1;
    return deadPoller(response);
  };
  place.cut();
  await owner.say(room, "meanwhile");
  await until(async () => (await states()).at(-1) === "open", "connected again");
  assert.deepEqual(await states(), ["reconnecting", "open"]);
  assert.equal(dead, 1);
  assert.equal(await ann.getAttribute("#state", "data-transport"), "sse");
  await sees(ann, contents, ["meanwhile"], "heard, once");
  quiet(ann);
});

told("S1-6 page: a proxy that answers for a dead poller with an empty stream is not taken for a connection", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room({ grace_ms: 30_000 });
  const page = await stage.visit(t, `?room=${room}`, { url: place.url });
  const states = await watchStates(page);
  let asked = 0;
  const dead = (request, response) => {
    if (!request.url.startsWith("/chat/events")) return false;
    asked += 1;
    return deadPoller(response);
  };
  place.answer = (request, response) => {
    if (!request.url.startsWith("/chat/api/v1/events")) return dead(request, response);
    response.writeHead(503, { "Retry-After": "0" }).end();
    return true;
  };
  await page.click("#join");
  await page.waitForSelector("#trouble:not([hidden])");
  await until(() => asked >= 3, "it tries and tries");
  assert.ok(!(await states()).includes("open"));
  place.answer = () => false;
  await page.evaluate(() => document.getElementById("trouble-action").click());
  await connected(page);
  await say(page, "at last");
  await sees(page, contents, ["at last"], "it talks");
  quiet(page);
});

told("S1-6 S4-9 page: while the poller is down and the API is up, the page continues by polls", async (t) => {
  const place = await front(t, stage);
  place.answer = (request, response) => {
    return request.url.startsWith("/chat/events") && deadPoller(response);
  };
  const { room } = await stage.room({ grace_ms: 30_000 });
  const ann = await stage.member(t, room, "ann", { url: place.url });
  await until(async () => (await ann.getAttribute("#state", "data-transport")) === "poll", "by polls");
  const bob = await stage.member(t, room, "bob");
  await say(bob, "can you hear me?");
  await sees(ann, contents, ["can you hear me?"], "ann hears");
  quiet(ann, bob);
});

told("S1-5 S1-6 page: a refusal that ends an EventSource for good does not end the page's stream", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room({ grace_ms: 30_000 });
  const refused = [];
  place.answer = (request, response) => {
    if (!/\/events\?/.test(request.url) || refused.length >= 4) return false;
    refused.push(request.url);
    response.writeHead([503, 429, 500, 204][refused.length - 1]).end();
    return true;
  };
  const ann = await stage.member(t, room, "ann", { url: place.url });
  assert.equal(refused.length, 4);
  await say(ann, "here");
  await sees(ann, contents, ["here"], "it talks");
  quiet(ann);
});

told("S1-6 page: a proxy that buffers a stream is noticed, and the page continues by polls", async (t) => {
  const place = await front(t, stage);
  place.answer = (request, response) => {
    if (!/^\/chat\/events\?.*as=sse/.test(request.url)) return false;
    response.writeHead(200, { "Content-Type": "text/plain" }).write("held");
    return true;
  };
  const { room } = await stage.room();
  const ann = await stage.member(t, room, "ann", { url: place.url });
  assert.equal(await ann.getAttribute("#state", "data-transport"), "longpoll");
  const bob = await stage.member(t, room, "bob");
  await say(bob, "by poll");
  await sees(ann, contents, ["by poll"], "ann hears");
  quiet(ann, bob);
});

told("S1-11 page: a page kept for the Back button ends its stream, and continues without loss when it is shown", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 30_000 });
  const turn = (name) =>
    ann.evaluate((kind) => globalThis.dispatchEvent(new PageTransitionEvent(kind, { persisted: true })), name);
  await turn("pagehide");
  await notConnected(ann);
  await say(bob, "while away");
  await sees(bob, contents, ["while away"], "said");
  assert.deepEqual(await contents(ann), []);
  await turn("pageshow");
  await connected(ann);
  await sees(ann, contents, ["while away"], "there, once");
  quiet(ann, bob);
});

told("S1-5 page: after a sleep that the monotonic clock counts, a dead stream is noticed at once, long before its heartbeat is due", async (t) => {
  const server = new Server({ settings: { hb_ms: 60_000, retry_ms: 100 } });
  await server.start();
  t.after(() => server.end());
  const owner = new Person(server);
  const room = await owner.create({ grace_ms: 30_000 });
  const ann = await stage.member(t, room, "ann", { url: server.url });
  server.freeze();
  try {
    await ann.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 600_000;
    });
    await notConnected(ann);
  } finally {
    server.thaw();
  }
  await connected(ann);
  await say(ann, "awake");
  await sees(ann, contents, ["awake"], "it talks");
  quiet(ann);
});
