/*
 * What ten thousand idle streams cost, and how soon a message to one of a
 * thousand rooms is there.  tests/load/streams.c is the ten thousand.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sentence } from "./lib/scene.mjs";
import { BUILD, Program, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const ROOMS = 1000;
const READERS = 10;
const STREAMS = ROOMS * READERS;
const TOGETHER = 64;
const ROUNDS = 500;
const BYTES_PER_STREAM = 1024;

async function pss(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)[1]) * 1024;
}

/* A thousand rooms of ten: lines `room token`, room after room. */
async function fill(s) {
  const owner = s.person();
  await owner.ask("POST", "/rooms", { id: "first-one" });
  const people = Array.from({ length: READERS }, () => s.person());
  for (const person of people) await person.join("first-one");
  const lines = [];
  const one = async (i) => {
    const room = await owner.create({ title: `Room ${i}`, capacity: READERS });
    for (const person of people) await person.join(room);
    lines.push(...people.map(({ token }) => `${room} ${token}`));
  };
  let next = 0;
  const work = async () => {
    while (next < ROOMS) await one(next++);
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
  return lines;
}

async function open(server, lines) {
  const file = join(server.dir, "streams");
  await writeFile(file, `${lines.join("\n")}\n`);
  const args = [server.address, String(lines.length), file];
  return new Program(join(BUILD, "tests/load/streams"), args, { env: environment() });
}

function line(load, pattern, what) {
  return until(() => {
    assert.equal(load.ended, undefined, load.tail());
    return pattern.exec(load.stdout.toString());
  }, what, 100_000);
}

sentence(`T2 T3 ${STREAMS} idle streams cost at most 1 KB each; a message to one of ${ROOMS} rooms reaches its ${READERS} readers`, async (s) => {
  const settings = { streams_per_token: STREAMS, streams_max: STREAMS + 100, join_lease_ms: 600_000, hb_ms: 60_000 };
  const server = await s.serve({ settings });
  const lines = await fill(s);
  const before = await pss(server.pid);
  const load = await open(server, lines);
  try {
    await line(load, new RegExp(`^open ${STREAMS}$`, "m"), "all streams are open");
    const each = ((await pss(server.pid)) - before) / STREAMS;
    console.log(`${STREAMS} idle streams: ${each.toFixed(0)} bytes of the poller's own memory each`);
    load.child.stdin.write(`${ROUNDS}\n`);
    const [, p50, p99, heard] = await line(load, /^latency p50 (\d+) p99 (\d+) heard (\d+)$/m, "the rounds are over");
    console.log(`post to frame, ${ROUNDS} messages to one of ${ROOMS} rooms each: p50 ${p50} us, p99 ${p99} us`);
    assert.equal(Number(heard), ROUNDS * READERS, "each reader has each message, once");
    assert.ok(each <= BYTES_PER_STREAM, `${each} bytes a stream`);
  } finally {
    load.child.stdin.end();
    await load.done(0);
  }
}, { limit: 240_000 });
