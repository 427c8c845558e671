// parts: e2e san
/*
 * The page's files: the last part of a path names the file, whatever folder
 * stands before it, and nothing but what lies in the directory is served.
 */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
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
  await fn(get, server.settings.www);
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

sentence("E7 HEAD tells what GET gives, other methods are refused, and a condition that does not fit changes nothing", (s) => furnished(s, async (get) => {
  for (const target of ["/", "/chat/app.js"]) {
    const { head, body } = await get(target);
    const without = await get(target, "HEAD");
    assert.deepEqual([without.status, without.body], [200, ""], target);
    const fields = (text) => text.split("\r\n").filter((line) => !/^Date:/i.test(line)).sort();
    assert.deepEqual(fields(without.head), fields(head), target);
    assert.match(head, new RegExp(`^Content-Length: ${body.length}\r?$`, "im"));
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) assert.equal((await get(target, method)).status, 405, method);
    for (const condition of ['If-None-Match: "x"', "If-None-Match: x, \"\"", "If-Modified-Since: Sun, 01 Jan 2090 00:00:00 GMT", "Range: bytes=0-1"]) {
      const again = await get(target, "GET", `${condition}\r\n`);
      assert.deepEqual([again.status, again.body], [200, body], condition);
    }
  }
  assert.equal((await get("/nothing.html", "HEAD")).status, 404);
  assert.equal((await get("/nothing.html", "POST")).status, 404);
}), { needs: "embedded" });

/* A header of HEAD, or null. */
const field = (head, name) => new RegExp(`^${name}: (.*?)\\r?$`, "im").exec(head)?.[1] ?? null;

sentence("E7 who has a file already is told that it is the same, until it changes", (s) => furnished(s, async (get, www) => {
  for (const target of ["/", "/chat/app.js"]) {
    const { head } = await get(target);
    const tag = field(head, "ETag");
    assert.match(tag, /^"[^"]+"$/);
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const again = await get(target, "GET", `If-None-Match: ${known}\r\n`);
      assert.deepEqual([again.status, again.body, field(again.head, "ETag")], [304, "", tag], known);
      assert.equal(field(again.head, "Cache-Control"), "no-cache");
      assert.match(field(again.head, "Content-Security-Policy"), /script-src 'self'/);
    }
  }
  const known = field((await get("/app.js")).head, "ETag");
  writeFileSync(join(www, "app.js"), "ppa()");
  const { status, body } = await get("/app.js", "GET", `If-None-Match: ${known}\r\n`);
  assert.deepEqual([status, body], [200, "ppa()"]);
}), { needs: "embedded" });

sentence("E7 a text is sent in the best variant that the client takes, unless it was edited since", (s) => furnished(s, async (get, www) => {
  for (const [ending, text] of [["gz", "by gzip"], ["br", "by brotli"]]) writeFileSync(join(www, `app.js.${ending}`), text);
  const tags = new Set();
  for (const [accepted, body, coding] of [["", "app()", null], ["gzip", "by gzip", "gzip"], ["gzip, br", "by brotli", "br"], ["br;q=0, gzip", "by gzip", "gzip"]]) {
    const answer = await get("/app.js", "GET", `Accept-Encoding: ${accepted}\r\n`);
    assert.deepEqual([answer.status, answer.body, field(answer.head, "Content-Encoding")], [200, body, coding], accepted);
    assert.match(field(answer.head, "Content-Type"), /^text\/javascript/);
    assert.match(answer.head, /^Vary: Accept-Encoding\r?$/m);
    tags.add(field(answer.head, "ETag"));
  }
  assert.equal(tags.size, 3, "each variant has a tag of its own");
  assert.equal((await get("/app.js.gz")).status, 404);
  const before = new Date(Date.now() - 60_000);
  utimesSync(join(www, "app.js.br"), before, before);
  assert.equal((await get("/app.js", "GET", "Accept-Encoding: br, gzip\r\n")).body, "by gzip");
}), { needs: "embedded" });

sentence("E7 what lies in the folder of a version is kept by browsers, and other versions are not there", (s) => furnished(s, async (get, www) => {
  mkdirSync(join(www, "v-01af"));
  writeFileSync(join(www, "v-01af", "app.js"), "version()");
  mkdirSync(join(www, "v-"));
  writeFileSync(join(www, "v-", "x.js"), "secret");
  for (const folder of ["/", "/chat/", "/v-1/"]) {
    const { status, body, head } = await get(`${folder}v-01af/app.js`);
    assert.deepEqual([status, body, field(head, "Cache-Control")], [200, "version()", "max-age=31536000, immutable"], folder);
  }
  for (const target of ["/v-01ae/app.js", "/v-01af/a.b-c_d~e.svg", "/v-/x.js", "/v-01af/.env.json", "/v-01af/index.html"])
    assert.equal((await get(target)).status, 404, target);
  assert.equal((await get("/v-01af/v-x/app.js")).body, FILES["app.js"]);
}), { needs: "embedded" });
