// parts: e2e san race form
/* Notifications that the embedding site sends, and how they are found by those it names. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "./lib/client.mjs";
import { LIKE, inbox, pathOf, service, trio } from "./lib/inbox.mjs";
import { READERS } from "./lib/reader.mjs";
import { onServer, sentence } from "./lib/scene.mjs";

/* A token of the embedding site (RFC 7519, HS256), valid for a minute. */
function signed(claims, secret) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp: Math.floor(Date.now() / 1000) + 60, ...claims })}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

const told = onServer();

for (const as of Object.keys(READERS))
  told(`S5-1 S5-2 S5-4 a service tells a user, who hears it or finds it later, ${as}`, async (s) => {
    const { kim, lee } = await trio(s);
    const { back, path } = await service(s, lee);
    const { notification: waits } = await back.ask("POST", path, { type: "a", text: "waits" });
    assert.deepEqual((await inbox(lee)).notifications, [waits]);
    const [heard, other] = [await lee.listen([], { as }), await kim.listen([], { as })];
    const { status, body } = await back.answer("POST", path, { ...LIKE, parent_id: "p", payload: { a: 1 }, actor: "u-7" });
    assert.equal(status, 201);
    const { data } = await heard.fact("notification");
    assert.deepEqual(data, { ...body, unread: 2 });
    assert.equal(data.notification.from, null, "who acted stays with the service");
    await back.ask("POST", (await service(s, kim)).path, { type: "end", text: "end" });
    await other.fact("notification");
    assert.deepEqual(other.facts.map((fact) => fact.data.notification.type), ["end"]);
  });

told("S5-3 a service's act of the user's own is not told, whatever the service calls them", async (s) => {
  const { lee } = await trio(s);
  const { back, path, id } = await service(s, lee);
  for (const [to, actor] of [[path, id], ["/users/sub:anna%20k/notifications", "anna k"], ["/users/sub:anna%20k/notifications", "sub:anna k"]]) {
    const { status, body } = await back.answer("POST", to, { ...LIKE, actor });
    assert.deepEqual([status, body], [200, { notification: null }], actor);
  }
  assert.deepEqual((await inbox(lee)).notifications, []);
});

told("S5-2 the same Idempotency-Key again is the same notification, even after it was read; another body is refused", async (s) => {
  const { room, kim, lee } = await trio(s);
  const { back, path } = await service(s, lee);
  for (const [who, to] of [[kim, pathOf(room, lee)], [back, path]]) {
    const send = (key, fields = {}) => who.answer("POST", to, { type: "n", text: "once", ...fields }, { headers: { "Idempotency-Key": key } });
    const first = await send("k-1");
    const again = await Promise.all(Array.from({ length: 4 }, () => send("k-1")));
    assert.deepEqual([first, ...again].map(({ status }) => status), [201, 200, 200, 200, 200]);
    for (const { text } of again) assert.equal(text, first.text);
    const { id } = first.body.notification;
    const { notification: read } = await lee.ask("PATCH", `/me/notifications/${id}`, { read: true });
    assert.deepEqual((await send("k-1")).body.notification, read);
    const other = await send("k-1", { text: "twice" });
    assert.deepEqual([other.status, other.body.code], [422, "idempotency_key_reused"]);
    assert.notEqual((await send("k-2")).body.notification.id, id);
    await lee.ask("DELETE", `/me/notifications/${id}`);
    const gone = await send("k-1");
    assert.deepEqual([gone.status, gone.body.notification], [200, null]);
    assert.equal((await inbox(lee)).notifications.length, 1);
    await lee.ask("DELETE", `/me/notifications/${(await inbox(lee)).notifications[0].id}`);
  }
});

told("S5-4 GET /me says how many are unread, and DELETE /me leaves none of them", async (s) => {
  const { lee } = await trio(s);
  const { back, path } = await service(s, lee);
  await back.ask("POST", path, LIKE);
  assert.deepEqual((await lee.ask("GET", "/me")).unread.notifications, 1);
  await lee.ask("DELETE", "/me");
  assert.equal((await lee.answer("GET", "/me/notifications")).status, 401);
  assert.equal((await back.answer("POST", path, LIKE)).status, 404);
});

sentence("S5-2 a subject of the site's own finds its notification at the first sign-in", async (s) => {
  const secret = newId().repeat(3);
  const dir = await mkdtemp(join(tmpdir(), "parlor-secret-"));
  await chmod(dir, 0o711);
  const file = join(dir, "secret");
  await writeFile(file, secret);
  const server = await s.serve({ settings: { jwt_algorithm: "HS256", jwt_key_file: file } });
  const back = s.person({ token: await server.key("notifications") });
  const path = "/users/sub:auth0%7Canna%20k/notifications";
  const { notification } = await back.ask("POST", path, LIKE);
  const anna = s.person({ token: signed({ sub: "auth0|anna k" }, secret) });
  const page = await inbox(anna);
  assert.deepEqual([page.notifications, page.unread], [[notification], 1]);
  const other = s.person({ token: signed({ sub: "auth0|bert" }, secret) });
  assert.deepEqual((await inbox(other)).notifications, []);
  await rm(dir, { recursive: true });
});
