// parts: e2e
/*
 * The load generator of tests/load, against a server that misbehaves: a fault
 * that it misses would be reported as speed.
 */
import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { sentence } from "./lib/scene.mjs";
import { BUILD, Program, environment } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const READERS = 4;
const MESSAGES = 20;

/*
 * Speaks as much of nchan's protocol as is needed. WRONG(n, reader, frame)
 * returns the frames that the reader gets instead of that of message n.
 */
async function broadcaster(wrong) {
  const readers = [];
  let n = 0;
  const server = http.createServer(async (request, response) => {
    if (request.method === "GET") {
      readers.push(response.writeHead(200, { "Content-Type": "text/event-stream" }));
      response.write(": hi\n\n");
      return;
    }
    let body = "";
    for await (const part of request) body += part;
    const frame = `id: ${n}\ndata: ${body}\n\n`;
    readers.forEach((reader, i) => wrong(n, i, frame).forEach((text) => reader.write(text)));
    n++;
    response.writeHead(201).end();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const close = () => (server.closeAllConnections(), server.close());
  return { address: `127.0.0.1:${server.address().port}`, close };
}

async function measured(address, options) {
  const args = ["--server", address, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])];
  const program = new Program(join(BUILD, "tests/load/load"), args, { env: environment() });
  await program.done(0);
  return JSON.parse(program.stdout.toString());
}

async function counted(wrong) {
  const server = await broadcaster(wrong);
  try {
    const options = { dialect: "nchan", readers: READERS, messages: MESSAGES, drain: 300 };
    const { posted, heard, lost, duplicated, late, strayed } = await measured(server.address, options);
    assert.equal(posted, MESSAGES);
    return { heard, lost, duplicated, late, strayed };
  } finally {
    server.close();
  }
}

const all = READERS * MESSAGES;
const good = { heard: all, lost: 0, duplicated: 0, late: 0, strayed: 0 };
const held = [];

const CASES = {
  "finds nothing wrong with a good server": [(n, i, frame) => [frame], good],
  "hears what comes in two pieces": [(n, i, frame) => [frame.slice(0, 30), frame.slice(30)], good],
  "counts a message that one reader never gets": [(n, i, frame) => (n === 7 && i === 2 ? [] : [frame]), { ...good, heard: all - 1, lost: 1 }],
  "counts a lost last message": [(n, i, frame) => (n === MESSAGES - 1 ? [] : [frame]), { ...good, heard: all - READERS, lost: READERS }],
  "counts a message that one reader gets twice": [(n, i, frame) => (n === 5 && i === 0 ? [frame, frame] : [frame]), { ...good, duplicated: 1 }],
  "tells a late one from a lost and a doubled one": [(n, i, frame) => {
    if (i !== 1 || n < 3 || n > 4) return [frame];
    if (n === 3) return held.splice(0, 1, frame), [];
    return [frame, held[0]];
  }, { ...good, late: 1 }],
  "counts a message of another room": [(n, i, frame) => (n === 2 && i === 3 ? [frame, frame.replace(/~0{6}/, "~000005")] : [frame]), { ...good, strayed: 1 }],
  "does not let a double hide a loss": [(n, i, frame) => (n === 4 && i === 0 ? [] : n === 6 && i === 0 ? [frame, frame] : [frame]),
    { ...good, heard: all - 1, lost: 1, duplicated: 1 }],
};

for (const [name, [wrong, expected]] of Object.entries(CASES))
  test(`the load generator ${name}`, async () => assert.deepEqual(await counted(wrong), expected));

sentence("the load generator counts a delay from the time a message was due", async () => {
  const STALL_MS = 400;
  const RATE = 100;
  const server = await broadcaster((n, i, frame) => {
    const end = performance.now() + (n === 10 ? STALL_MS : 0);
    while (performance.now() < end);
    return [frame];
  });
  try {
    const { delivery_ms } = await measured(server.address, { dialect: "nchan", readers: 1, rate: RATE, messages: 100 });
    assert.ok(delivery_ms.max >= STALL_MS, `${delivery_ms.max}`);
    assert.ok(delivery_ms.p90 >= STALL_MS / 2, `those behind it have waited too: p90 ${delivery_ms.p90}`);
  } finally {
    server.close();
  }
});

sentence("the load generator hears every message of Parlor once, by streams and by polls", async (s) => {
  const server = await s.serve({ settings: { streams_per_token: 0 } });
  for (const mode of ["streams", "polls"]) {
    const found = await measured(server.address, { mode, rooms: 5, readers: 4, people: 2, posters: 4, messages: 200 });
    const { posted, failed, heard, lost, duplicated, late, strayed } = found;
    assert.deepEqual({ posted, failed, heard, lost, duplicated, late, strayed },
      { posted: 200, failed: 0, heard: 800, lost: 0, duplicated: 0, late: 0, strayed: 0 }, mode);
  }
});

sentence("the load generator measures once for each line that it is sent, with the same readers", async () => {
  const server = await broadcaster((n, i, frame) => [frame]);
  try {
    const args = ["--server", server.address, "--dialect", "nchan", "--readers", "2", "--rate", "100", "--warm", "50", "--measure", "200", "--slices", "3"];
    const program = new Program(join(BUILD, "tests/load/load"), args, { env: environment() });
    const results = () => program.stdout.toString().split("\n").slice(0, -1).map(JSON.parse);
    for (const n of [1, 2]) {
      program.child.stdin.write("\n");
      await until(() => results().length === n, `slice ${n}`);
    }
    program.child.stdin.end();
    await program.done(0);
    const [first, second] = results();
    assert.deepEqual([first, second].map(({ lost, duplicated, late, strayed }) => lost + duplicated + late + strayed), [0, 0]);
    assert.ok(first.posted > 0 && second.posted > first.posted && second.heard === 2 * second.posted);
  } finally {
    server.close();
  }
});
