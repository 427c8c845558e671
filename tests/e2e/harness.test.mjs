// parts: e2e
/* The tests' own tools. A tool that misses faults would make the tests prove nothing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pairs, parseAnswer, record, records } from "./lib/fcgi.mjs";
import { Reader } from "./lib/reader.mjs";
import { statuses } from "./lib/raw.mjs";
import { fasterThan, retryWithMoreTime } from "./lib/scene.mjs";
import { Server, TOP } from "./lib/server.mjs";
import { NdjsonParser, SseParser } from "./lib/sse.mjs";
import { letPass, until } from "./lib/wait.mjs";

const bytes = (text) => Buffer.from(text, "latin1");

test("harness: no limit of one address holds for tests, benches and soaks, which come from one", () => {
  const table = readFileSync(join(TOP, "db/base/settings.def"), "utf8");
  const limits = [...table.matchAll(/^SETTING_INT\((rate_(?!ms)\w+|\w+_per_address),/gm)].map(([, name]) => name);
  assert.ok(limits.length >= 12);
  const { settings } = new Server({ settings: { streams_max: 1 } });
  assert.deepEqual(limits.filter((name) => settings[name] !== 0), []);
});

test("harness: the parser of event streams gives frames however they are cut", () => {
  const text = 'retry: 20\n\nevent: sync\ndata: {"a":1}\n\n: note\nid: e-1\nevent: message\ndata: \xed\x95\x9c\n\n';
  for (let size = 1; size <= text.length; size++) {
    const parser = new SseParser();
    const frames = [];
    for (let at = 0; at < text.length; at += size) frames.push(...parser.push(bytes(text.slice(at, at + size))));
    assert.deepEqual(frames, [
      { event: "sync", data: '{"a":1}' }, { id: "e-1", event: "message", data: "한" },
    ]);
    assert.deepEqual([parser.retry, parser.comments, parser.inside], [20, [" note"], false]);
  }
});

const BAD_STREAMS = [
  "event: a\r\ndata: b\n\n", "event:a\ndata: b\n\n", "event: a\n\n", "data: b\n\n", "event: a\ndata: b\ndata: c\n\n",
  "id: 1\nid: 2\nevent: a\ndata: b\n\n", "what: a\n\n", "nonsense\n", "retry: soon\n\n", "event: a\ndata: \xff\n\n",
  "event: a\ndata: b\0\n\n",
];

test("harness: the parser of event streams refuses what a lenient client would mend", () => {
  for (const text of BAD_STREAMS) assert.throws(() => new SseParser().push(bytes(text)), undefined, JSON.stringify(text));
  const cut = new SseParser();
  assert.deepEqual(cut.push(bytes("event: a\ndata: b\n")), []);
  assert.equal(cut.inside, true);
});

test("harness: the parser of NDJSON keeps the data's own text and refuses other lines", () => {
  const text = '{"kind":"sync","data":{"a":1}}\n{"id":"e-1","kind":"message","data":{"b": 2}}\n';
  assert.deepEqual(new NdjsonParser().push(bytes(text)), [
    { event: "sync", data: '{"a":1}' }, { id: "e-1", event: "message", data: '{"b": 2}' },
  ]);
  for (const bad of ["\n", "{}\n", '{"kind":"a"}\n', '{"kind":"a","data":1}\n', 'x{"kind":"a","data":{}}\n'])
    assert.throws(() => new NdjsonParser().push(bytes(bad)), undefined, bad);
});

const SYNC = { epoch: "00000000", from: "00000000-1", head: "00000000-1", floor: "00000000-0", recovered: true, hb_ms: 1, retry_ms: 1 };

test("harness: a reader breaks when a stream breaks its contract", () => {
  const sync = ["sync", JSON.stringify(SYNC)];
  const fact = (seq) => ["message", "{}", `00000000-${seq}`];
  const good = [sync, fact(2), fact(9), ["hb", "{}"]];
  const bad = [
    [fact(2)], [sync, fact(2), fact(2)], [sync, fact(3), fact(2)], [sync, ["message", "{}"]], [sync, ["hb", "{}", "00000000-2"]],
    [sync, ["strange", "{}", "00000000-2"]], [sync, ["message", "{", "00000000-2"]], [sync, ["message", "{}", "11111111-2"]],
    [["sync", "{}"]], [sync, ["message", "{}", "00000000-02"]],
  ];
  const broken = (frames) => {
    const reader = new Reader({ name: "x" }, []);
    for (const frame of frames) reader.take(...frame);
    return reader.broken;
  };
  assert.equal(broken(good), null);
  for (const frames of bad) assert.ok(broken(frames), JSON.stringify(frames));
});

test("harness: FastCGI is written as the specification says", () => {
  assert.deepEqual([...record(5, Buffer.from("ab"))], [1, 5, 0, 1, 0, 2, 0, 0, 97, 98]);
  assert.deepEqual([...pairs({ A: "bc" })], [1, 2, 65, 98, 99]);
  const long = pairs({ A: "x".repeat(300) });
  assert.deepEqual([...long.subarray(0, 6)], [1, 0x80, 0, 1, 44, 65]);
  const { all, rest } = records(Buffer.concat([record(6, Buffer.from("hi")), Buffer.from([1, 3])]));
  assert.deepEqual([all.length, all[0].type, String(all[0].content), rest.length], [1, 6, "hi", 2]);
  const { status, headers, text } = parseAnswer(Buffer.from("Status: 201 Created\r\nA: b\r\n\r\n{}\r\n"));
  assert.deepEqual([status, headers.get("a"), text], [201, "b", "{}\r\n"]);
  assert.throws(() => parseAnswer(Buffer.from("{}")));
});

test("harness: answers on a socket are told apart by their lengths", () => {
  const head = (status, more) => `HTTP/1.1 ${status} X\r\nDate: x\r\n${more}\r\n`;
  assert.deepEqual(statuses(head(404, "Content-Length: 2\r\n") + "{}" + head(200, "Content-Length: 0\r\n")), [404, 200]);
  assert.deepEqual(statuses(head(100, "") + head(201, "Content-Length: 0\r\n")), [100, 201]);
  assert.deepEqual(statuses(head(200, "Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n0\r\n\r\n" + head(404, "")), [200, 404]);
  assert.deepEqual(statuses(head(400, "Connection: close\r\nContent-Length: 1\r\n") + "x" + head(200, "")), [400]);
  assert.deepEqual(statuses("HTTP/1.1 200 X\r\nDate:"), []);
});

test("harness: waiting has a limit, and says for what it waited", async () => {
  await assert.rejects(until(() => false, "a pig that flies", 20), /a pig that flies/);
  let n = 0;
  assert.equal(await until(() => (n += 1) > 3 && n, "four"), 4);
});

test("harness: what took too long to prove anything is done anew with more time, what was false is not", async () => {
  const given = [];
  await retryWithMoreTime(10, async (ms) => {
    given.push(ms);
    await fasterThan(ms, () => letPass(20));
  });
  assert.deepEqual(given.slice(0, 2), [10, 30]);
  const wrong = () => fasterThan(60_000, () => Promise.reject(new Error("false")));
  await assert.rejects(retryWithMoreTime(60_000, wrong), /^Error: false$/);
});
