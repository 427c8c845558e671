// parts: e2e san race system
import assert from "node:assert/strict";
import { Raw } from "./lib/raw.mjs";
import { Reader, poll } from "./lib/reader.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

sentence("S2-18 SIGTERM says bye to every stream, answers every long poll, and ends by itself long before it must", async (s) => {
  const server = await s.serve({ settings: { streams_per_token: 0, stop_ms: 60_000 } });
  const { room, watcher } = await s.watched();
  const streams = [];
  for (let i = 0; i < 20; i++) streams.push(await watcher.listen(room, { as: i % 2 ? "sse" : "ndjson" }));
  const waiting = Array.from({ length: 10 }, () => poll(new Reader(watcher, [room]), 35));
  await until(async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return metrics.split("\n").some((line) => line === "parlor_streams 31");
  }, "twenty-one streams are open and ten polls wait");
  const began = performance.now();
  await server.stop();
  assert.ok(performance.now() - began < 30_000, "before the polls' own time is over");
  assert.doesNotMatch(server.poller.said, /stopping took too long/);
  for (const stream of streams) {
    const bye = await stream.control("bye");
    assert.equal(bye.data.reason, "shutdown");
    assert.ok(Number.isInteger(bye.data.retry_ms));
    await stream.end();
    assert.equal(stream.controls.at(-1).kind, "bye", "bye comes last");
  }
  for (const answer of await Promise.all(waiting)) assert.deepEqual(answer.events, []);
});

sentence("S2-18 a request that has begun before SIGTERM is answered", async (s) => {
  const server = await s.serve({ settings: { stop_ms: 60_000 } });
  const { room, watcher } = await s.watched();
  const body = '{"content":"begun before the end"}';
  const raw = new Raw(server).send(`POST /api/v1/rooms/${room}/messages HTTP/1.1\r\nHost: x\r\n`
    + `Content-Type: application/json\r\nX-Parlor-Token: ${watcher.token}\r\nExpect: 100-continue\r\n`
    + `Content-Length: ${body.length}\r\n\r\n`);
  await until(() => raw.answers.includes(100), "the server waits for the body");
  const stopping = server.stop();
  await watcher.readers[0].control("bye");
  raw.send(body);
  await raw.end();
  assert.deepEqual(raw.answers, [100, 201], raw.received);
  await stopping;
  await server.launch();
  assert.equal((await watcher.history(room)).at(-1).content, "begun before the end");
});

sentence("P1 P8 what was answered with 201 around a SIGTERM is there after it, what was refused is not", async (s) => {
  const server = await s.serve();
  const { room, watcher } = await s.watched();
  const sent = new Map();
  const talk = async (name) => {
    for (let i = 0; !server.poller.ended; i++) {
      const content = `${name}-${i}`;
      const answer = await watcher
        .answer("POST", `/rooms/${room}/messages`, { content })
        .catch(() => ({ status: 0 }));
      sent.set(content, answer.status);
    }
  };
  const talking = ["a", "b", "c", "d", "e", "f"].map(talk);
  await until(() => sent.size > 100, "a hundred messages");
  await server.stop();
  await Promise.all(talking);
  await server.launch();
  const stored = (await watcher.history(room)).map(({ content }) => content);
  for (const [content, status] of sent) {
    assert.ok([0, 201, 503].includes(status), `${status}`);
    if (status === 201) assert.ok(stored.includes(content), `${content} is there`);
    if (status === 503) assert.ok(!stored.includes(content), `${content} is not`);
  }
  assert.equal(new Set(stored).size, stored.length);
});

sentence("S2-18 SIGTERM in the midst of a conversation: every stream goes on after it without gap or repeat", async (s) => {
  const server = await s.serve({ settings: { retry_ms: 50 } });
  const { room, watcher } = await s.watched();
  const readers = [await watcher.listen(room, { as: "native" }), await watcher.listen(room, { as: "stubborn" })];
  for (let i = 0; i < 30; i++) {
    if (i % 10 === 5) await server.restart();
    await watcher.sayUntilStored(room, `n${i}`);
  }
  for (const reader of readers) {
    await reader.said("n29");
    assert.deepEqual(reader.feed.map(({ content }) => content), Array.from({ length: 30 }, (_, i) => `n${i}`));
  }
});

sentence("S1-8 the log holds no token, no ticket and no message", async (s) => {
  const server = await s.serve({ settings: { log: 3 } });
  const { room, watcher, heard } = await s.watched();
  const { ticket } = await watcher.ask("POST", "/tickets");
  const reader = await watcher.listen(room, { query: { ticket } });
  await watcher.say(room, "a secret text");
  await reader.said("a secret text");
  await heard.said("a secret text");
  await s.person({ token: "WRONG-TOKEN" }).answer("GET", "/me");
  await server.stop();
  for (const secret of [watcher.token, ticket, "a secret text", "WRONG-TOKEN"])
    assert.ok(!server.poller.stderr.includes(secret), `not in the log: ${secret}`);
  const lines = server.poller.stderr.trimEnd().split("\n");
  for (const line of lines)
    assert.match(line, /^level=(error|warn|warning|info|debug) msg="/, line);
});
