/*
 * A server that cannot write: the page says why a message was not sent, claims
 * no doubt where there is none, and sends it once when it can.
 */
import assert from "node:assert/strict";
import { holdDatabase } from "../e2e/lib/lock-holder.mjs";
import { Person } from "../e2e/lib/client.mjs";
import { Server } from "../e2e/lib/server.mjs";
import { Parlor } from "../../www/parlor.js";
import { contents, front, onStage, quiet, say, sees, shot, told, until } from "./lib.mjs";

const stage = onStage();

/* A server on a small disk, and a room on it. */
async function small(t) {
  const server = new Server({ disk: "8m", settings: { hb_ms: 500, retry_ms: 100, busy_ms: 200 } });
  t.after(() => server.end());
  await server.start();
  const owner = new Person(server);
  return { server, owner, room: await owner.create({ title: "Small", grace_ms: 60_000 }) };
}

/* The posts of PAGE, as they are sent. */
function posts(page) {
  const sent = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/messages")) sent.push(request.postDataJSON().client_id);
  });
  return sent;
}

async function whyNotSent(page) {
  await page.waitForSelector('[data-state="failed"]');
  return page.textContent('[data-state="failed"] .why');
}

async function readOnly(server) {
  await server.stopAll();
  await server.disk.mode("ro");
  await server.startAll();
}

const STATES = {
  storage_full: {
    begin: (server) => server.disk.fill(),
    end: (server) => server.disk.free(),
    words: { "en-US": /no space left; nothing was done/, "ko-KR": /남은 공간이 없어 처리하지 않았습니다/ },
  },
  read_only: {
    begin: readOnly,
    end: (server) => server.disk.mode("rw"),
    words: { "en-US": /cannot save anything right now; nothing was done/, "ko-KR": /저장할 수 없어 처리하지 않았습니다/ },
  },
};

for (const [code, { begin, end, words }] of Object.entries(STATES))
  for (const [locale, said] of Object.entries(words))
    told(`A7 page: ${code} is explained (${locale}), not retried in vain, and Retry sends the message when it is over`, async (t) => {
      const { server, room } = await small(t);
      const ann = await stage.member(t, room, "ann", { url: server.url, locale });
      const sent = posts(ann);
      await say(ann, "before");
      await sees(ann, contents, ["before"], "said");
      await begin(server);
      await say(ann, "kept");
      assert.match(await whyNotSent(ann), said);
      assert.equal(new Set(sent).size, 2);
      await shot(ann, `${code}-${locale}`);
      await end(server);
      await until(async () => {
        if ((await ann.locator('[data-testid="retry"]').count()) > 0) await ann.click('[data-testid="retry"]');
        return (await ann.locator('[data-state="failed"], [data-state="pending"]').count()) === 0;
      }, "it is sent");
      await sees(ann, contents, ["before", "kept"], "once");
      assert.equal(new Set(sent).size, 2, "under one id");
      quiet(ann);
    });

told("A7 page: a busy server is asked again automatically until it is free, and the message is posted once", async (t) => {
  const { server, room } = await small(t);
  const ann = await stage.member(t, room, "ann", { url: server.url });
  const sent = posts(ann);
  const holder = await holdDatabase(server.data);
  t.after(() => holder.end());
  await say(ann, "waits");
  await until(() => sent.length >= 3, "it is sent again by itself");
  await holder.end();
  await sees(ann, contents, ["waits"], "said");
  assert.equal(new Set(sent).size, 1);
  quiet(ann);
});

told("A7 page: the library is certain where the server is, and only there", async (t) => {
  const { server, room } = await small(t);
  const parlor = new Parlor({ base: `${server.url}/` });
  await parlor.join(room, { nickname: "ann" });
  const fails = async (base = parlor) => {
    const { code, uncertain, passing, retryMs } = await base.send(room, "x").then(() => ({}), (error) => error);
    return { code, uncertain, passing, waits: retryMs > 0 };
  };
  const holder = await holdDatabase(server.data);
  assert.deepEqual(await fails(), { code: "busy", uncertain: false, passing: true, waits: true });
  await holder.end();
  await server.disk.fill();
  assert.deepEqual(await fails(), { code: "storage_full", uncertain: false, passing: true, waits: false });
  await server.disk.free();
  const place = await front(t, { server });
  const other = new Parlor({ base: `${place.url}/`, token: parlor.token });
  place.answer = (request, response) => Boolean(response.writeHead(503).end("<h1>busy</h1>"));
  assert.deepEqual(await fails(other), { code: "not_parlor", uncertain: true, passing: true, waits: false });
  const body = JSON.stringify({ status: 500, code: "internal", detail: "" });
  place.answer = (request, response) => Boolean(response.writeHead(500, { "Content-Type": "application/problem+json" }).end(body));
  assert.deepEqual(await fails(other), { code: "internal", uncertain: true, passing: true, waits: false });
});
