// parts: e2e san
/*
 * The page's files: the last part of a path names the file, whatever folder
 * stands before it, and nothing but what lies in the directory is served.
 */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Raw } from "./lib/raw.mjs";
import { sentence } from "./lib/scene.mjs";

const FILES = { "index.html": "<p>page</p>", "app.js": "app()", "a b.css": "x", "a.b-c_d~e.svg": "<svg/>" };
const HIDDEN = { ".env.json": "secret", "notes.txt": "secret", "noending": "secret" };

/* A directory with a page, and files beside it that must not be served. */
function furnish(server) {
  const www = join(server.dir, "www");
  mkdirSync(join(www, "sub"), { recursive: true });
  mkdirSync(join(www, "folder.html"));
  for (const [name, text] of Object.entries({ ...FILES, ...HIDDEN })) writeFileSync(join(www, name), text);
  writeFileSync(join(www, "sub", "x.json"), "secret");
  writeFileSync(join(server.dir, "outside.json"), "secret");
  symlinkSync(join(server.dir, "outside.json"), join(www, "link.json"));
  server.settings.www = www;
}

async function furnished(s, fn) {
  const server = await s.serve();
  furnish(server);
  await server.restart();
  /* fetch() would resolve dots by itself. */
  const get = async (target, method = "GET", headers = "") => {
    const raw = new Raw(server).send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`);
    await raw.end();
    const [head, ...body] = raw.received.split("\r\n\r\n");
    return { status: raw.answers[0], head, body: body.join("\r\n\r\n") };
  };
  await fn(get);
}

sentence("E7 a page works in any folder, because the last part of the path names the file", (s) => furnished(s, async (get) => {
  for (const folder of ["/", "/chat/", "/a/b/c/", "/sub/", "/folder.html/", "/app.js/", "/x.json/", "/%C3%A4/", "/a%20b/"]) {
    for (const [name, text] of [["", FILES["index.html"]], ["index.html", FILES["index.html"]], ["app.js", FILES["app.js"]], ["%61pp.js", FILES["app.js"]],
      ["a.b-c_d~e.svg", "<svg/>"], ["app.js?x=/y.js", FILES["app.js"]], ["app.js?", FILES["app.js"]]]) {
      const { status, body } = await get(folder + name);
      assert.deepEqual([status, body], [200, text], folder + name);
    }
  }
}), { needs: "embedded" });

sentence("E7 no path leads into a folder, out of the directory, or to what is no file of a page", (s) => furnished(s, async (get) => {
  const none = ["/sub/x.json", "/x.json", "/chat/x.json", "/folder.html", "/link.json", "/.env.json", "/sub/.env.json", "/notes.txt", "/noending",
    "/nothing.html", "/outside.json", "/a%20b.css", "/sub", "/chat", "/app.js.", "/app.jsx", "/APP.JS", "/.html", "/.js"];
  for (const target of none) {
    const { status, body } = await get(target);
    assert.equal(status, 404, target);
    assert.doesNotMatch(body, /secret/, target);
  }
  const odd = ["/../outside.json", "/sub/../outside.json", "/%2e%2e/outside.json", "/..%2foutside.json", "/sub%2fx.json", "/%2E%2E%2Foutside.json",
    "/./app.js", "/sub//app.js", "//app.js", "/sub/..", "/..", "/app.js%00.html", "/sub\\x.json", "/sub%5cx.json", "/%252e%252e/outside.json"];
  for (const target of odd) {
    const { status, body } = await get(target);
    assert.equal(status, 400, target);
    assert.doesNotMatch(body, /secret/, target);
  }
}), { needs: "embedded" });

sentence("E7 HEAD tells what GET gives, other methods are refused, and a condition changes nothing", (s) => furnished(s, async (get) => {
  for (const target of ["/", "/chat/app.js"]) {
    const { head, body } = await get(target);
    const without = await get(target, "HEAD");
    assert.deepEqual([without.status, without.body], [200, ""], target);
    const fields = (text) => text.split("\r\n").filter((line) => !/^Date:/i.test(line)).sort();
    assert.deepEqual(fields(without.head), fields(head), target);
    assert.match(head, new RegExp(`^Content-Length: ${body.length}\r?$`, "im"));
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) assert.equal((await get(target, method)).status, 405, method);
    for (const condition of ['If-None-Match: "x"', "If-Modified-Since: Sun, 01 Jan 2090 00:00:00 GMT", "Range: bytes=0-1"]) {
      const again = await get(target, "GET", `${condition}\r\n`);
      assert.deepEqual([again.status, again.body], [200, body], condition);
    }
  }
  assert.equal((await get("/nothing.html", "HEAD")).status, 404);
  assert.equal((await get("/nothing.html", "POST")).status, 404);
}), { needs: "embedded" });
