// parts: e2e san system
/*
 * Requests that two parsers could read differently, or that never end: one
 * answer of 4xx at most, and the connection is closed.
 */
import assert from "node:assert/strict";
import { Raw } from "./lib/raw.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { SLOW, until } from "./lib/wait.mjs";

const told = onServer({ settings: { request_deadline_ms: 5000 } });

const HOST = "Host: x\r\n";
const SMUGGLED = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
const JSON_TYPE = "Content-Type: application/json\r\n";
const post = (headers, body) => `POST /api/v1/rooms HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers}\r\n${body}`;
const get = (target, headers = "") => `GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`;
const chunked = (body) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const HOSTILE = {
  "Content-Length with chunked": post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${SMUGGLED}`),
  "chunked with Content-Length": post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", `0\r\n\r\n${SMUGGLED}`),
  "two lengths": post("Content-Length: 2\r\nContent-Length: 40\r\n", `{}${SMUGGLED}`),
  "the same length twice": post("Content-Length: 2\r\nContent-Length: 2\r\n", `{}${SMUGGLED}`),
  "a list of lengths": post("Content-Length: 2, 2\r\n", `{}${SMUGGLED}`),
  "a signed length": post("Content-Length: +2\r\n", `{}${SMUGGLED}`),
  "a negative length": post("Content-Length: -2\r\n", `{}${SMUGGLED}`),
  "a length in hexadecimal": post("Content-Length: 0x2\r\n", `{}${SMUGGLED}`),
  "a length beyond numbers": post("Content-Length: 99999999999999999999\r\n", "{}"),
  "no number as length": post("Content-Length: two\r\n", `{}${SMUGGLED}`),
  "an unknown coding": post("Transfer-Encoding: gzip, chunked\r\n", `${chunked("{}")}${SMUGGLED}`),
  "chunked twice": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", `${chunked("{}")}${SMUGGLED}`),
  "a misspelled coding": post("Transfer-Encoding: xchunked\r\n", `${chunked("{}")}${SMUGGLED}`),
  "a coding with a space before its colon": post("Transfer-Encoding : chunked\r\n", `${chunked("{}")}${SMUGGLED}`),
  "a length with a space before its colon": post("Content-Length : 2\r\n", `{}${SMUGGLED}`),
  "chunks in HTTP/1.0": post("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", `${chunked("{}")}${SMUGGLED}`).replace("HTTP/1.1", "HTTP/1.0"),
  "two hosts": `GET /health HTTP/1.1\r\n${HOST}Host: y\r\n\r\n`,
  "no host": "GET /health HTTP/1.1\r\n\r\n",
  "a NUL in the path": get("/health\0x"),
  "a NUL in a header": get("/health", "X-A: a\0b\r\n"),
  "a control byte in the path": get("/hea\u0001lth"),
  "%00 in the path": get("/health%00x"),
  "%0a in the path": get("/health%0aX:1"),
  "%0d%0A in the path": get("/health%0d%0AX:1"),
  "%2f in the path": get("/api%2fv1/health"),
  "%2F in the path": get("/api/v1/rooms%2Fx"),
  "%5c in the path": get("/api/v1/rooms/a%5cb"),
  "%00 in the query": get("/health?x=a%00b"),
  "%0a in the query": get("/events?rooms=a%0ab"),
  "half an escape": get("/health%4"),
  "no hexadecimal escape": get("/health%zz"),
  "dots for climbing": get("/../etc/passwd"),
  "hidden dots for climbing": get("/%2e%2e/%2e%2e/etc/passwd"),
  "dots within": get("/api/../api/v1/health"),
  "40 KB of headers": get("/health", `${"X-A: ".padEnd(1000, "a")}\r\n`.repeat(40)),
  "one header of 40 KB": get("/health", `X-A: ${"a".repeat(40_000)}\r\n`),
  "a target of 40 KB": get(`/health?${"a".repeat(40_000)}`),
  "an unknown method": `BREW /health HTTP/1.1\r\n${HOST}\r\n`,
  "TRACE": `TRACE /health HTTP/1.1\r\n${HOST}\r\n`,
  "CONNECT": `CONNECT x:80 HTTP/1.1\r\n${HOST}\r\n`,
  "a method in small letters": `get /health HTTP/1.1\r\n${HOST}\r\n`,
  "no HTTP": "hello\r\n\r\n",
  "a header without a colon": get("/health", "nonsense\r\n"),
  "a header without a name": get("/health", ": x\r\n"),
  "a folded header": get("/health", "X-A: a\r\n b\r\n"),
  "a NUL as long as the spaces that were left out": get("/health", "X-A:a\r\nX-B:b\r\nX-C:c\0d\r\n"),
  "a header without a name as long as the spaces that were left out": get("/health", "X-A:a\r\nX-B:b\r\nX-C:c\r\n:\r\n"),
  "a fold as long as the spaces that were left out": get("/health", "X-A:a\r\nX-B:b\r\nX-C:c\r\n d\r\n"),
  "lines that end in a line feed alone": "GET /health HTTP/1.1\nHost: x\n\n",
  "one line that ends in a line feed alone": get("/health", "X-A: a\n"),
  "two spaces before the target": `GET  /health HTTP/1.1\r\n${HOST}\r\n`,
};

/* Some versions of libmicrohttpd end the connection without a word. */
const UNANSWERED = ["no HTTP", "a NUL in the path"];

for (const [what, text] of Object.entries(HOSTILE))
  told(`P9 hostile: ${what} is one answer of 4xx at most, and the end`, async (s) => {
    const raw = new Raw(s.server).send(text);
    try {
      await raw.end();
      assert.ok(raw.answers.length <= 1, `answers: ${raw.answers}\n${raw.received}`);
      for (const status of raw.answers) assert.ok(status >= 400 && status < 500, `${status}`);
      assert.ok(raw.answers.length === 1 || UNANSWERED.includes(what), "it is answered");
      assert.doesNotMatch(raw.received, /HTTP\/1\.[01] 2/, "and nothing behind it is");
    } finally {
      raw.destroy();
    }
    assert.equal((await s.person().answer("GET", "/health")).status, 200, "the service lives");
  });

told("P9 hostile: what comes behind a refused body is never taken for a request", async (s) => {
  const body = "x".repeat(20_000) + SMUGGLED;
  const raw = new Raw(s.server).send(post(`Content-Length: ${body.length}\r\n`, body));
  await raw.answered();
  assert.deepEqual(raw.answers, [413]);
  raw.send(get("/health", "Connection: close\r\n"));
  await raw.end();
  assert.ok(raw.answers.length <= 2);
  assert.ok(raw.answers.slice(1).every((status) => status === 200));
});

told("P9 hostile: two honest requests behind one another get two answers, in order", async (s) => {
  const raw = new Raw(s.server);
  raw.send(get("/api/v1/rooms/none") + get("/health", "Connection: close\r\n"));
  await raw.end();
  assert.deepEqual(raw.answers, [404, 200]);
});

told("P9 hostile: honest headers are served however they are spaced and however they come", async (s) => {
  const spaced = get("/health", `X-A:a\r\nX-B: \t   b\r\nX-C:\r\nX-D: d \r\nX-E: ${"e".repeat(6000)}\r\nConnection: close\r\n`);
  const whole = new Raw(s.server).send(spaced);
  await whole.end();
  assert.deepEqual(whole.answers, [200]);
  const bytes = new Raw(s.server);
  for (const byte of get("/health", "X-A:a\r\nCookie: a=b; c=d\r\nConnection: close\r\n")) {
    bytes.send(byte);
    await new Promise(setImmediate);
  }
  await bytes.end();
  assert.deepEqual(bytes.answers, [200]);
});

const STATIC = ["/../Makefile", "/..%2fMakefile", "/%2e%2e/Makefile", "/.git/config", "//etc/passwd", "/index.html/x",
  "/./../Makefile", "/parlor.db", "/.%2e/Makefile", "/index.html%00.js"];

told("P9 hostile: the page's files are served and nothing else is", async (s) => {
  for (const target of STATIC) {
    const raw = new Raw(s.server).send(get(target, "Connection: close\r\n"));
    await raw.end();
    assert.equal(raw.answers.length, 1, target);
    assert.ok(raw.answers[0] >= 400 && raw.answers[0] < 500, `${target}: ${raw.answers}`);
  }
  for (const target of ["/", "/index.html", "/parlor.js", "/?room=lobby"]) {
    const response = await fetch(s.server.url + target);
    assert.equal(response.status, 200, target);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.match(response.headers.get("content-security-policy"), /default-src 'none'/);
    assert.doesNotMatch(response.headers.get("content-security-policy"), /unsafe/);
  }
});

const DEADLINE = { settings: { request_deadline_ms: 500, hb_ms: 100 } };
const SLOW_ONES = {
  "headers that drip": [`GET /health HTTP/1.1\r\n${HOST}`, "X-A: a\r\n"],
  "a request line that drips": ["GET /", "a"],
  "a body that drips": [post("Content-Length: 4000\r\n", "{"), " "],
  "chunks that drip": [post("Transfer-Encoding: chunked\r\n", "1\r\n{\r\n"), "1\r\n \r\n"],
  "nothing at all": ["", ""],
};

for (const [what, [begin, drip]] of Object.entries(SLOW_ONES))
  sentence(`P9 hostile: ${what} end when the request's deadline is over`, async (s) => {
    await s.serve(DEADLINE);
    const raw = new Raw(s.server).send(begin);
    if (drip) raw.trickle(drip, 20);
    try {
      await raw.end();
      assert.ok(raw.lasted < 9000 * SLOW, `${raw.lasted} ms`);
      assert.ok(raw.answers.length <= 1);
      for (const status of raw.answers) assert.ok(status >= 400 && status < 500, `${status}`);
    } finally {
      raw.destroy();
    }
  });

sentence("P9 the deadline is one for requests: streams and long polls live on", async (s) => {
  await s.serve(DEADLINE);
  const { room, watcher, heard } = await s.watched();
  const long = await watcher.listen(room, { as: "longpoll" });
  await heard.wait(() => heard.controls.filter(({ kind }) => kind === "hb").length >= 10, "ten beats");
  await watcher.say(room, "alive");
  for (const reader of [heard, long]) await reader.said("alive");
  assert.equal(heard.syncs.length, 1);
});

sentence("P9 hostile: two hundred connections that say nothing do not keep others out", async (s) => {
  await s.serve({ settings: { request_deadline_ms: 2000 } });
  const raws = Array.from({ length: 200 }, () => new Raw(s.server).send("GET / HTTP/1.1\r\n"));
  const { room, watcher, heard } = await s.watched();
  await watcher.say(room, "through");
  await heard.said("through");
  await until(() => raws.every(({ closed }) => closed), "all are closed");
});

told("P9 hostile: an event stream is no way to more requests", async (s) => {
  const { room, watcher } = await s.watched();
  const raw = new Raw(s.server);
  const stream = get(`/events?rooms=${room}&as=sse`, `X-Parlor-Token: ${watcher.token}\r\n`);
  raw.send(stream + SMUGGLED);
  await until(() => raw.received.includes("event: sync"), "the stream begins");
  raw.send(SMUGGLED);
  await watcher.say(room, "marker");
  await until(() => raw.received.includes("marker") || raw.closed, "the stream goes on or ends");
  assert.equal(raw.answers.length, 1);
  raw.destroy();
});

told("P9 a body without an end is cut off, and one that is merely too long is told so", async (s) => {
  const head = "POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const part = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const endless = new Raw(s.server).send(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  const ended = new Promise((done) => endless.socket.once("close", () => done("closed")));
  const wrote = () => new Promise((done) => endless.socket.write(part, done));
  let parts = 0;
  while (parts < 1000 && !(await Promise.race([ended, wrote()]))) parts++;
  assert.ok(parts < 1000, "it is cut off while it sends");
  const long = new Raw(s.server).send(`${head}Content-Length: 3000000\r\n\r\n${"x".repeat(3_000_000)}`);
  await long.answered();
  assert.deepEqual(long.answers, [413]);
  long.destroy();
});
