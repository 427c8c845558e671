/* A network that swallows data, breaks and comes back: the client notices, and continues without waiting. */
import assert from "node:assert/strict";
import http from "node:http";
import { connected, contents, front, onStage, openStream, quiet, say, sees, states, told, until } from "./lib.mjs";

const stage = onStage();

const isStream = (url) => /^\/chat\/events\?.*as=sse/.test(url);
const isLongPoll = (url) => /^\/chat\/events\?.*wait=[1-9]/.test(url);

/* Passes on the first frame of a stream, and nothing after it. */
function passOnlySync(port, { url, headers }, response) {
  const upstream = http.request({ port, path: url.slice("/chat".length), headers }, (given) => {
    response.writeHead(given.statusCode, given.headers);
    let text = "";
    given.on("data", (chunk) => {
      const passed = text.includes("\n\n");
      text += chunk;
      if (!passed && text.includes("\n\n")) response.write(text.slice(0, text.indexOf("\n\n") + 2));
    });
  });
  upstream.on("error", () => {});
  upstream.end();
  response.on("close", () => upstream.destroy());
  return true;
}

told("E4 S1-6 page: a proxy that passes only the sync is noticed, and the page continues by polls", async (t) => {
  const place = await front(t, stage);
  const { room, owner } = await stage.room({ grace_ms: 30_000 });
  await owner.join(room, { nickname: "owner" });
  let swallowed = 0;
  place.answer = (request, response) => {
    if (!isStream(request.url)) return false;
    swallowed += 1;
    return passOnlySync(stage.server.port, request, response);
  };
  const ann = await stage.member(t, room, "ann", { url: place.url });
  assert.equal(await ann.getAttribute("#state", "data-transport"), "sse");
  await owner.say(room, "swallowed");
  await sees(ann, contents, ["swallowed"], "brought by other means");
  await until(async () => (await ann.getAttribute("#state", "data-transport")) === "longpoll", "it goes on by polls");
  assert.ok(swallowed <= 3, `${swallowed} streams were tried`);
  await owner.say(room, "heard");
  await sees(ann, contents, ["swallowed", "heard"], "once each");
  quiet(ann);
});

told("E4 S1-5 page: a proxy that swallows a stream which worked before is noticed too", async (t) => {
  const place = await front(t, stage);
  const { room, owner } = await stage.room({ grace_ms: 30_000 });
  await owner.join(room, { nickname: "owner" });
  const ann = await stage.member(t, room, "ann", { url: place.url });
  place.answer = (request, response) => isStream(request.url) && passOnlySync(stage.server.port, request, response);
  place.cut();
  await until(async () => (await ann.getAttribute("#state", "data-transport")) === "longpoll", "it goes on by polls");
  await owner.say(room, "heard");
  await sees(ann, contents, ["heard"], "once");
  quiet(ann);
});

told("E4 S1-6 page: a long poll without an answer is given up, and the page continues by instant polls", async (t) => {
  const place = await front(t, stage);
  const { room, owner } = await stage.room({ grace_ms: 60_000 });
  await owner.join(room, { nickname: "owner" });
  let held = 0;
  place.answer = ({ url }, response) => {
    if (isStream(url)) response.writeHead(502).end();
    held += isLongPoll(url) ? 1 : 0;
    return isStream(url) || isLongPoll(url);
  };
  const ann = await stage.visit(t, "", { url: place.url });
  await ann.clock.install();
  await ann.goto(`${place.url}/?room=${room}`);
  await ann.click("#join");
  await until(() => held > 0, "a long poll waits");
  await ann.clock.runFor(40_000);
  await until(async () => (await ann.getAttribute("#state", "data-transport")) === "poll", "it goes on by instant polls");
  await owner.say(room, "heard");
  await sees(ann, contents, ["heard"], "once");
  quiet(ann);
});

/* Breaks COUNT streams of PAGE, each when it has opened: the waits after them. */
async function breakOpenStreams(page, place, count) {
  for (let i = 1; i <= count; i++) {
    await until(async () => (await states(page, "open")).length === i, `stream ${i}`);
    place.cut();
    await until(async () => (await states(page, "reconnecting")).length === i, `break ${i}`);
  }
  return (await states(page, "reconnecting")).map(({ retryInMs }) => retryInMs);
}

for (const transport of ["sse", "websocket"]) {
  told(`C6 S1-5 page: the waits do not grow while streams open in between, over ${transport}`, async (t) => {
    const place = await front(t, stage);
    const { room } = await stage.room({ grace_ms: 30_000 });
    const page = await stage.visit(t, "", { url: place.url });
    await openStream(page, room, { transport });
    const waits = await breakOpenStreams(page, place, 6);
    assert.ok(Math.max(...waits) <= 100, `${waits} are not about retry_ms`);
  });

  told(`C6 S1-5 page: the waits grow if every stream ends early, until one has lived, over ${transport}`, async (t) => {
    const place = await front(t, stage);
    const { room } = await stage.room({ grace_ms: 60_000 });
    const page = await stage.visit(t, "", { url: place.url });
    await openStream(page, room, { transport });
    const young = await breakOpenStreams(page, place, 9);
    assert.ok(young[0] <= 100, `${young}`);
    assert.ok(young[8] > 200, `${young} do not grow`);
    await page.evaluate(() => new Promise((go) => {
      globalThis.stream.on("hb", go);
      globalThis.stream.retryNow();
    }));
    place.cut();
    await until(async () => (await states(page, "reconnecting")).length === 10, "one that had lived has ended");
    assert.ok((await states(page, "reconnecting")).at(-1).retryInMs <= 100);
  });
}

told("C6 S1-5 page: the waits grow while no stream opens", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room();
  const page = await stage.visit(t, "", { url: place.url });
  place.answer = ({ url }, response) => /events/.test(url) && (response.writeHead(503).end(), true);
  await openStream(page, room);
  await until(async () => (await states(page, "reconnecting")).length === 3, "three waits");
  const waits = (await states(page, "reconnecting")).map(({ retryInMs }) => retryInMs);
  assert.ok(waits[2] > waits[0], `${waits} do not grow`);
});

told("C6 S1-5 page: when the network is back, the wait ends at once", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room();
  const page = await stage.visit(t, "", { url: place.url });
  place.answer = ({ url }, response) =>
    /events|tickets/.test(url) && (response.writeHead(503, { "Retry-After": "600" }).end(), true);
  await openStream(page, room);
  await until(async () => (await states(page, "reconnecting")).length === 1, "a long wait");
  const [{ retryInMs }] = await states(page, "reconnecting");
  assert.ok(retryInMs >= 300_000);
  place.answer = () => false;
  await page.evaluate(() => globalThis.dispatchEvent(new Event("online")));
  await until(async () => (await states(page, "open")).length === 1, "it is open");
});

told("C6 S1-5 page: when the network is back, an attempt that hangs is started again", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room();
  const page = await stage.visit(t, "", { url: place.url });
  let hangs = 0;
  place.answer = ({ url }) => /tickets/.test(url) && Boolean((hangs += 1));
  await openStream(page, room);
  await until(() => hangs === 1, "it asks for a ticket");
  place.answer = () => false;
  await page.evaluate(() => globalThis.dispatchEvent(new Event("online")));
  await until(async () => (await states(page, "open")).length === 1, "it is open");
  assert.equal((await states(page, "reconnecting")).length, 0);
});

/* Collects the client ids of the messages that PAGE posts from now on. */
function posted(page) {
  const ids = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && /\/messages$/.test(request.url())) ids.push(request.postDataJSON().client_id);
  });
  return ids;
}

told("C6 S3-4 S3-7 page: messages written offline are sent when the network is back, once and in order", async (t) => {
  const { ann, bob } = await stage.pair(t, { grace_ms: 30_000 });
  await ann.context().setOffline(true);
  await ann.waitForSelector('#state:not([data-state="open"])', { state: "attached" });
  const ids = posted(ann);
  for (const text of ["one", "two"]) await say(ann, text);
  await until(async () => (await ann.locator('[data-state="failed"]').count()) === 2, "neither was sent");
  await ann.context().setOffline(false);
  await connected(ann);
  for (const page of [ann, bob]) await sees(page, contents, ["one", "two"], "said, once");
  await until(async () => (await ann.locator("[data-state=failed], [data-state=pending]").count()) === 0, "nothing waits");
  assert.equal(new Set(ids).size, 2, "each kept its client id");
  quiet(ann, bob);
});

told("C6 S3-4 page: messages that failed while the server was down are sent when it is back", async (t) => {
  const place = await front(t, stage);
  const { room } = await stage.room({ grace_ms: 30_000 });
  const ann = await stage.member(t, room, "ann", { url: place.url });
  place.answer = (request, response) => (response.writeHead(502).end(), true);
  place.cut();
  await say(ann, "meanwhile");
  await ann.waitForSelector('[data-state="failed"]');
  place.answer = () => false;
  await sees(ann, contents, ["meanwhile"], "there");
  await until(async () => (await ann.locator('.message[data-id]').count()) === 1, "it is sent");
  assert.equal(await ann.locator("[data-state=failed]").count(), 0);
  quiet(ann);
});
