// parts: e2e san form system
import assert from "node:assert/strict";
import { READERS, Refused } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

const LISTED = ["https://www.example.com", "http://127.0.0.1:9"];
const UNLISTED = ["https://example.com", "http://www.example.com", "https://www.example.com.evil.test",
  "https://www.example.com:444", "https://evil.test", "null", ""];
const told = onServer({ settings: { cors_origins: LISTED.join(" ") } });

/* Whether a browser would let a page of ORIGIN read ANSWER. */
function seen({ headers }, origin) {
  return headers.get("access-control-allow-origin") === origin;
}

function from(origin, more = {}) {
  return { headers: { Origin: origin, ...more } };
}

function ask(url, method, headers, body) {
  return fetch(url, { method, headers, body });
}

/* The same request to both services. */
function both(s) {
  return [`${s.server.api}/health`, `${s.server.url}/events?wait=0`];
}

told("S1-7 a page of a listed origin may use the API, and sees what it is told", async (s) => {
  const { room } = await s.room();
  for (const origin of LISTED) {
    const kim = s.person();
    const joined = await kim.answer("POST", `/rooms/${room}/chatters`, {}, from(origin));
    assert.equal(joined.status, 201);
    assert.ok(seen(joined, origin));
    assert.equal(joined.headers.get("vary"), "Origin");
    assert.equal(joined.headers.get("access-control-allow-credentials"), "true");
    const missing = await kim.answer("GET", "/rooms/no-such-room", undefined, from(origin));
    assert.deepEqual([missing.status, seen(missing, origin)], [404, true], "a refusal as well");
    const made = await kim.answer("POST", "/rooms", {}, from(origin));
    assert.match(made.headers.get("access-control-expose-headers"), /\bLocation\b/);
  }
});

for (const as of Object.keys(READERS))
  told(`S1-7 a page of a listed origin hears ${as}, one of another is refused`, async (s) => {
    const { room, watcher } = await s.watched();
    for (const origin of LISTED) {
      const reader = await watcher.listen(room, { as, conn: "cors", ...from(origin) });
      await watcher.say(room, `to ${origin}`);
      await reader.said(`to ${origin}`);
    }
    for (const origin of UNLISTED)
      await assert.rejects(watcher.listen(room, { as, ...from(origin) }), (error) =>
        error instanceof Refused && error.status === 403 && error.code === "origin_not_allowed", origin);
    for (const type of ["text/event-stream", "application/x-ndjson", "application/json"]) {
      const enough = new AbortController();
      const response = await fetch(`${s.server.url}/events?rooms=${room}&wait=0`, {
        headers: { ...watcher.headers(), Accept: type, Origin: LISTED[0] }, signal: enough.signal,
      });
      assert.ok(seen(response, LISTED[0]), type);
      enough.abort();
    }
  });

told("S1-7 a simple request of a page that is not listed does nothing", async (s) => {
  const { room } = await s.room();
  const kim = await s.member(room, "kim");
  const before = await kim.history(room);
  for (const origin of UNLISTED)
    for (const type of ["application/json", "text/plain"]) {
      const answer = await kim.answer("POST", `/rooms/${room}/messages`, { content: "x" }, { ...from(origin), type });
      assert.deepEqual([answer.status, answer.body.code], [403, "origin_not_allowed"], origin);
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
    }
  assert.deepEqual(await kim.history(room), before);
});

told("S1-7 a preflight is answered by both services, for listed origins alone", async (s) => {
  const asks = { "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "x-parlor-token" };
  for (const url of both(s)) {
    for (const origin of LISTED) {
      const answer = await ask(url, "OPTIONS", { Origin: origin, ...asks });
      assert.equal(answer.status, 204, url);
      assert.ok(seen(answer, origin));
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"])
        assert.ok(answer.headers.get("access-control-allow-methods").split(", ").includes(method));
      const allowed = answer.headers.get("access-control-allow-headers").toLowerCase().split(/,\s*/);
      for (const name of ["authorization", "content-type", "idempotency-key", "last-event-id", "x-parlor-request", "x-parlor-token"])
        assert.ok(allowed.includes(name), name);
      assert.ok(Number(answer.headers.get("access-control-max-age")) > 0);
    }
    for (const origin of UNLISTED) {
      const answer = await ask(url, "OPTIONS", { Origin: origin, ...asks });
      assert.deepEqual([answer.status, (await answer.json()).code], [403, "origin_not_allowed"], `${url} ${origin}`);
    }
    assert.equal((await ask(url, "OPTIONS", {})).status, 405, "no other OPTIONS");
  }
});

told("S1-7 a page of the service's own origin needs no listing, whatever the front calls the host", async (s) => {
  const { origin } = new URL(s.server.url);
  const kim = s.person();
  for (const headers of [{ Origin: origin }, { Origin: origin, "Sec-Fetch-Site": "same-origin" }]) {
    const answer = await kim.answer("POST", "/rooms", {}, { headers });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
  const other = await kim.answer("POST", "/rooms", {}, { headers: { Origin: origin, "Sec-Fetch-Site": "cross-site" } });
  assert.equal(other.status, 403);
  const response = await fetch(`${s.server.url}/events?wait=0`, { headers: { ...kim.headers(), Origin: origin } });
  assert.equal(response.status, 200);
});

told("S1-7 the cookie counts for a page of a listed origin", async (s) => {
  const { owner } = await s.room();
  const { headers } = await owner.answer("POST", "/session", {}, from(LISTED[0]));
  const cookie = headers.get("set-cookie").split(";")[0];
  const page = { Cookie: cookie, Origin: LISTED[0], "Sec-Fetch-Site": "same-site" };
  for (const url of [`${s.server.api}/me`, `${s.server.url}/events?wait=0`])
    assert.equal((await ask(url, "GET", page)).status, 200);
});

sentence("S1-7 with a star every page may call, but never with a cookie", async (s) => {
  await s.serve({ settings: { cors_origins: "*" } });
  const { owner } = await s.room();
  const { headers } = await owner.answer("POST", "/session", {});
  const cookie = headers.get("set-cookie").split(";")[0];
  for (const url of [`${s.server.api}/me`, `${s.server.url}/events?wait=0`]) {
    const good = await ask(url, "GET", { Origin: "https://any.test", ...owner.headers() });
    assert.deepEqual([good.status, good.headers.get("access-control-allow-origin")], [200, "*"]);
    assert.equal(good.headers.get("access-control-allow-credentials"), null);
    assert.equal((await ask(url, "GET", { Origin: "https://any.test", Cookie: cookie })).status, 401);
  }
}, { needs: "embedded" });

sentence("S1-7 the page's files can be taken by pages of listed origins", async (s) => {
  await s.serve({ settings: { cors_origins: LISTED[0] } });
  for (const [origin, shown] of [[LISTED[0], LISTED[0]], [UNLISTED[0], null]]) {
    const response = await ask(`${s.server.url}/parlor.js`, "GET", { Origin: origin });
    assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [200, shown]);
    await response.text();
  }
}, { needs: "embedded" });
