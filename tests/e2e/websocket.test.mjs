// parts: e2e san race form
/* The stream as WebSocket messages. */
import assert from "node:assert/strict";
import { Refused } from "./lib/reader.mjs";
import { onServer } from "./lib/scene.mjs";

const SITE = "https://site.example";
const told = onServer({ settings: { hb_ms: 200, retry_ms: 50, cors_origins: SITE } });

told("S1-9 a WebSocket hears what is said, in the lines of NDJSON", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const reader = await watcher.listen(room, { as: "ws" });
  await watcher.say(room, "hello");
  const { raw } = await reader.said("hello");
  assert.equal(raw, (await heard.said("hello")).raw);
  const beat = await reader.control("hb");
  assert.deepEqual(Object.keys(beat.data), ["head"]);
}, { needs: "websocket" });

told("S1-9 a ping is answered, and a text that is no request is refused", async (s) => {
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "ws" });
  const pong = new Promise((done) => { reader.socket.once("pong", done); });
  reader.socket.ping("are you there");
  assert.equal((await pong).toString(), "are you there");
  reader.socket.send("hello");
  const { data } = await reader.control("refused");
  assert.equal(data.problem.code, "malformed_request");
  await watcher.say(room, "it goes on");
  await reader.said("it goes on");
}, { needs: "websocket" });

told("S1-9 either side closes with the closing handshake", async (s) => {
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "ws" });
  reader.socket.close(1000, "done");
  await reader.end();
  assert.deepEqual(reader.closed, { code: 1000, reason: "" });
  const other = await watcher.listen(room, { as: "ws", conn: "one" });
  await watcher.listen(room, { as: "ws", conn: "one" });
  await other.end();
  assert.equal(other.controls.at(-1).data.reason, "replaced");
  assert.equal(other.closed.code, 1000);
}, { needs: "websocket" });

function ask(reader, request) {
  reader.socket.send(JSON.stringify(request));
}

told("S1-9 rooms come and go on an open stream", async (s) => {
  const { room, watcher } = await s.watched();
  const other = (await s.room({ grace_ms: 200 })).room;
  await watcher.join(other, { nickname: "watcher" });
  const reader = await watcher.listen(room, { as: "ws" });
  const { cursor } = await watcher.list(other);
  await watcher.say(other, "before");
  ask(reader, { subscribe: other, cursor });
  const { data } = await reader.control("subscribed");
  assert.deepEqual([data.room, data.recovered], [other, true]);
  await reader.said("before");
  await watcher.say(other, "while");
  await watcher.say(room, "here");
  await reader.said("here");
  await reader.said("while");
  ask(reader, { unsubscribe: other });
  await reader.control("unsubscribed", ({ room: left }) => left === other);
  await watcher.say(other, "after");
  await watcher.say(room, "still here");
  await reader.said("still here");
  assert.deepEqual(reader.feed.map(({ content }) => content), ["before", "while", "here", "still here"]);
}, { needs: "websocket" });

told("S2-18 who hears a room by subscribing is present in it, and leaves it with the stream", async (s) => {
  const { room, watcher } = await s.watched();
  const { room: other, heard } = await s.watched();
  const kim = await s.member(other, "kim");
  await kim.join(room, { nickname: "kim" });
  (await kim.listen(other)).close();
  await heard.fact("presence", ({ joined }) => joined?.some(({ nickname }) => nickname === "kim"));
  await heard.fact("presence", ({ left }) => left?.some(({ nickname }) => nickname === "kim"));
  const from = heard.facts.length;
  const reader = await kim.listen(room, { as: "ws" });
  ask(reader, { subscribe: other });
  await reader.control("subscribed");
  await heard.fact("presence", ({ joined }) => joined?.some(({ nickname }) => nickname === "kim"), { from });
  reader.close();
  await heard.fact("presence", ({ left }) => left?.some(({ nickname }) => nickname === "kim"), { from });
  assert.ok(watcher);
}, { needs: "websocket" });

told("S2-18 who unsubscribes is gone from the room after its grace", async (s) => {
  const { room } = await s.room();
  const { room: other, heard } = await s.watched();
  const kim = await s.member(room, "kim");
  await kim.join(other, { nickname: "kim" });
  const reader = await kim.listen([room, other], { as: "ws" });
  ask(reader, { unsubscribe: other });
  await heard.fact("presence", ({ left }) => left?.some(({ nickname }) => nickname === "kim"));
  await kim.say(room, "still here");
  await reader.said("still here");
}, { needs: "websocket" });

for (const [what, request, code] of [
  ["a room that is not there", { subscribe: "nowhere" }, "not_found"],
  ["a room without a room", { unsubscribe: "nowhere" }, "not_found"],
  ["a cursor that is none", (room) => ({ subscribe: room, cursor: "x" }), "malformed_cursor"],
  ["two things at once", (room) => ({ subscribe: room, unsubscribe: room }), "malformed_request"],
  ["a number", { subscribe: 7 }, "malformed_request"],
  ["a list", [], "malformed_request"],
])
  told(`S1-9 a request on a stream is refused as one by HTTP would be: ${what}`, async (s) => {
    const { room, watcher } = await s.watched();
    const reader = await watcher.listen(room, { as: "ws" });
    ask(reader, typeof request === "function" ? request(room) : request);
    const { data } = await reader.control("refused");
    assert.equal(data.problem.code, code);
  }, { needs: "websocket" });

told("S1-9 a stranger's room is not to be heard by subscribing", async (s) => {
  const { room, watcher } = await s.watched();
  const { room: other } = await s.room();
  const reader = await watcher.listen(room, { as: "ws" });
  ask(reader, { subscribe: other });
  const { data } = await reader.control("refused");
  assert.deepEqual([data.room, data.problem.code], [other, "not_in_room"]);
}, { needs: "websocket" });

told("S1-9 requests are answered in their order, and a room twice is a room", async (s) => {
  const { room, watcher } = await s.watched();
  const reader = await watcher.listen(room, { as: "ws" });
  for (let i = 0; i < 20; i++) {
    ask(reader, { subscribe: room });
    ask(reader, { subscribe: `nowhere-${i}` });
  }
  await reader.control("refused", (data) => data.room === "nowhere-19");
  const answers = reader.controls.filter(({ kind }) => kind === "refused" || kind === "subscribed");
  assert.deepEqual(answers.map(({ data }) => data.room), Array.from({ length: 20 }, (_, i) => [room, `nowhere-${i}`]).flat());
  await watcher.say(room, "once");
  await reader.said("once");
  assert.equal(reader.feed.length, 1);
}, { needs: "websocket" });

told("S1-8 a page opens a WebSocket only from an origin that may call", async (s) => {
  const { room, watcher } = await s.watched();
  const from = (origin) => watcher.listen(room, { as: "ws", headers: origin === null ? {} : { Origin: origin } });
  for (const origin of [null, SITE, s.server.url.replace(/^(\w+:\/\/[^/]+).*$/, "$1")]) await from(origin);
  for (const origin of ["https://evil.example", "null", `${SITE}.evil.example`, `${SITE}:81`])
    await assert.rejects(from(origin), (error) => {
      assert.ok(error instanceof Refused, String(error));
      assert.deepEqual([error.status, error.code], [403, "origin_not_allowed"]);
      return true;
    }, origin);
}, { needs: "websocket" });

told("S1-8 a ticket opens a WebSocket, and nothing does not", async (s) => {
  const { room, watcher } = await s.watched();
  const { ticket } = await watcher.ask("POST", "/tickets");
  const nobody = Object.create(watcher, { headers: { value: () => ({}) } });
  const { ws } = await import("./lib/reader.mjs");
  const reader = await ws(nobody, [room], { query: { ticket } });
  await watcher.say(room, "to a ticket");
  await reader.said("to a ticket");
  reader.close();
  await assert.rejects(ws(nobody, [room], {}), ({ status, code }) => status === 401 && code === "token_required");
}, { needs: "websocket" });

for (const [offered, chosen] of [[[], ""], [["parlor.v1"], "parlor.v1"], [["chat", "parlor.v1"], "parlor.v1"]])
  told(`S1-9 of the subprotocols [${offered}] ${chosen || "none"} is chosen`, async (s) => {
    const { room, watcher } = await s.watched();
    const reader = await watcher.listen(room, { as: "ws", protocols: offered });
    assert.equal(reader.socket.protocol, chosen);
    assert.equal(reader.socket.extensions, "");
  }, { needs: "websocket" });

told("S1-9 without the headers of a WebSocket the answer says what is lacking, and the API what else there is", async (s) => {
  const { room, watcher } = await s.watched();
  for (const method of ["GET", "HEAD"]) {
    const response = await fetch(`${s.server.url}/events?rooms=${room}&as=ws`, { method, headers: watcher.headers() });
    assert.equal(response.status, 426);
    if (method === "GET") assert.equal((await response.json()).code, "upgrade_required");
  }
}, { needs: "daemon" });

told("S1-9 where the API answers it says that there is no WebSocket, and what to use", async (s) => {
  const { room, watcher } = await s.watched();
  const { status, body } = await watcher.answer("GET", `/events?rooms=${room}&as=ws`);
  assert.deepEqual([status, body.code], [501, "no_websocket"]);
});
