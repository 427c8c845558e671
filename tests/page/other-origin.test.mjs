/* The client library in a page of another origin: imported from its server, or copied. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { TOP } from "../e2e/lib/server.mjs";
import { onStage, quiet, told } from "./lib.mjs";

const FILES = join(TOP, "www");
const CLIENT = readFileSync(join(TOP, "docs/CLIENT.md"), "utf8");

/* The files that the document says must be copied. */
const COPIED = /together with the modules that it imports: ([^]*?), all in one folder/.exec(CLIENT)[1].match(/[\w-]+\.js/g);

/* Another site, with an empty page and FILES of the library. */
async function site(files = []) {
  const server = http.createServer(({ url }, response) => {
    const name = url.slice(1);
    if (name === "") response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>Site</title>");
    else if (files.includes(name)) response.writeHead(200, { "Content-Type": "text/javascript" }).end(readFileSync(join(FILES, name)));
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = () => (server.close(), server.closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}`, end };
}

const [importing, copying] = await Promise.all([site(), site(COPIED)]);
const stage = onStage({ cors_origins: `${importing.url} ${copying.url}` });

/* Two clients talk, by the module at ADDRESS, in a page of another origin than their server at BASE. */
const talk = (page, address, base) => page.evaluate(async ([module, server]) => {
  const { Parlor } = await import(module);
  const [ann, bob] = [new Parlor({ base: server }), new Parlor({ base: server })];
  const { room } = await ann.createRoom({ title: "Elsewhere" });
  await ann.join(room.id, { nickname: "ann" });
  const { cursor } = await bob.join(room.id, { nickname: "bob" });
  const stream = bob.stream([room.id], { cursor });
  const heard = new Promise((go) => stream.on("message", ({ message }) => go(message.content)));
  stream.open();
  await ann.send(room.id, "hello");
  const content = await heard;
  const { transport } = stream;
  stream.close();
  return { content, transport };
}, [address, base]);

told("C9 S1-7 page: a page of a listed origin imports the library from its server, and two talk", async (t) => {
  t.after(importing.end);
  const page = await stage.visit(t, "", importing);
  const { url } = stage.server;
  assert.deepEqual(await talk(page, `${url}/parlor.js`, `${url}/`), { content: "hello", transport: "sse" });
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  const scripts = loaded.filter((name) => name.endsWith(".js")).map((name) => name.split("/").pop());
  assert.deepEqual(scripts.toSorted(), COPIED.toSorted(), "what was imported is what the document says has to be copied");
  quiet(page);
});

told("C9 page: the files that the document says must be copied are enough", async (t) => {
  t.after(copying.end);
  const page = await stage.visit(t, "", copying);
  assert.deepEqual(await talk(page, "./parlor.js", `${stage.server.url}/`), { content: "hello", transport: "sse" });
  quiet(page);
});
