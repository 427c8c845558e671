// parts: e2e san race form
/* The stream as WebSocket messages. */
import assert from "node:assert/strict";
import { onServer } from "./lib/scene.mjs";

const told = onServer({ settings: { hb_ms: 200, retry_ms: 50 } });

told("S1-9 a WebSocket hears what is said, in the lines of NDJSON", async (s) => {
  const { room, watcher, heard } = await s.watched();
  const reader = await watcher.listen(room, { as: "ws" });
  await watcher.say(room, "hello");
  const { raw } = await reader.said("hello");
  assert.equal(raw, (await heard.said("hello")).raw);
  const beat = await reader.control("hb");
  assert.deepEqual(Object.keys(beat.data), ["head"]);
}, { needs: "daemon" });

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
}, { needs: "daemon" });

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
}, { needs: "daemon" });
