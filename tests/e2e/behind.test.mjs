// parts: e2e san
/* A client that is behind catches up by itself and receives nothing twice; hidden files stay hidden. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadClient } from "./lib/client-library.mjs";
import { cuttingProxy } from "./lib/proxy.mjs";
import { sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const MANY = 300; /* several times as many as are read from the store at once */

sentence("P4 S1-5 a stream that begins far behind is served to the end though nothing else happens", async (s) => {
  await s.serve({ settings: { hb_ms: 600_000, streams_per_token: 0 } });
  const { room, watcher, heard } = await s.watched();
  const { cursor } = heard;
  for (let i = 0; i < MANY; i++) await watcher.say(room, `n${i}`);
  for (const as of ["sse", "ndjson"]) {
    const reader = await watcher.listen(room, { as, cursor });
    await reader.said(`n${MANY - 1}`);
    assert.equal(reader.feed.length, MANY);
  }
}, { needs: "daemon" });

for (const transport of ["sse", "websocket"])
  sentence(`S1-5 S1-9 the client library goes on behind what it has heard each time its connection is cut, over ${transport}`, async (s) => {
    const server = await s.serve({ settings: { hb_ms: 300, retry_ms: 50 } });
    const { room, watcher } = await s.watched();
    const kim = await s.member(room, "kim");
    const hop = await cuttingProxy(server.port);
    const stream = (await loadClient(`${hop.url}/`, kim.token)).stream([room], { transport });
    const contents = [];
    stream.on("message", ({ message }) => contents.push(message.content));
    stream.open();
    try {
      await until(() => stream.state === "open", "the stream is open");
      for (const content of ["a", "b", "c", "d", "e", "f"]) {
        await watcher.say(room, content);
        await until(() => contents.includes(content), `${content} is heard`);
        if ("bd".includes(content)) hop.cut();
      }
      assert.equal(stream.transport, transport);
      assert.deepEqual(contents, ["a", "b", "c", "d", "e", "f"]);
    } finally {
      stream.close();
      hop.close();
    }
  }, { needs: "embedded" });

sentence("P9 a hidden file beside the page is not served", async (s) => {
  const server = await s.serve({ settings: { streams_per_token: 0 } });
  const www = join(server.dir, "www");
  mkdirSync(www);
  for (const name of ["index.html", "open.js", ".hidden.js"]) writeFileSync(join(www, name), "/* */\n");
  server.settings.www = www;
  await server.restart();
  const statuses = await Promise.all(["open.js", ".hidden.js"].map(async (name) => (await fetch(`${server.url}/${name}`)).status));
  assert.deepEqual(statuses, [200, 404]);
}, { needs: "embedded" });
