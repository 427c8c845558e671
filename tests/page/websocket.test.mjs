/* The browser's own WebSocket, and the client library over it. */
import assert from "node:assert/strict";
import { Person } from "../e2e/lib/client.mjs";
import { front, heard, onStage, openStream, sees, states, told, until } from "./lib.mjs";

const stage = onStage();

/* Collects what the page gets from the rooms until the wanted message arrives. */
const hear = (page, room, query, protocols) => page.evaluate(([rooms, more, offered]) => new Promise((done) => {
  const url = new URL("events", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ rooms, as: "ws", ...more });
  const socket = new WebSocket(url, offered);
  const lines = [];
  socket.onmessage = ({ data }) => {
    const line = JSON.parse(data);
    lines.push(line.kind);
    if (line.kind === "sync") socket.send(JSON.stringify({ subscribe: "nowhere" }));
    if (line.kind === "refused") socket.close(1000);
  };
  socket.onclose = ({ code, wasClean }) => done({ lines, code, wasClean, protocol: socket.protocol });
}), [room, query, protocols]);

told("S1-9 page: Chromium's WebSocket hears a room by a ticket, and closes cleanly", async (t) => {
  const page = await stage.visit(t, "");
  const kim = new Person(stage.server);
  const room = await kim.create();
  await kim.join(room, { nickname: "kim" });
  const { ticket } = await kim.ask("POST", "/tickets");
  assert.deepEqual(await hear(page, room, { ticket }, ["parlor.v1"]),
    { lines: ["sync", "refused"], code: 1000, wasClean: true, protocol: "parlor.v1" });
  const { lines, code } = await hear(page, room, {}, []);
  assert.deepEqual([lines, code], [[], 1006], "without a ticket or a cookie it does not open");
});

const isSocket = (url) => /^\/chat\/events\?.*as=ws/.test(url);

/* A page behind a web server whose stream is to use a WebSocket, and what it asks that server for. */
async function streaming(t, { answer = () => false, room: fields = {} } = {}) {
  const place = await front(t, stage);
  const asked = [];
  place.answer = (request, response) => {
    if (request.url.includes("/events?")) asked.push(new URL(request.url, place.url).searchParams.get("as"));
    return answer(request, response);
  };
  const { owner, room } = await stage.room({ grace_ms: 30_000, ...fields });
  await owner.join(room, { nickname: "owner" });
  const page = await stage.visit(t, "", { url: place.url });
  await openStream(page, room, { transport: "websocket" });
  await until(async () => (await states(page, "open")).length > 0, "the stream is open");
  return { page, place, asked, owner, room };
}

const transport = (page) => page.evaluate(() => globalThis.stream.transport);

told("S1-9 page: the client library hears a room by a WebSocket below a folder, and its close ends the presence", async (t) => {
  const { page, asked, owner, room } = await streaming(t, { room: { grace_ms: 200 } });
  for (const text of ["one", "two", "three"]) await owner.say(room, text);
  await sees(page, heard, ["one", "two", "three"], "heard in their order");
  assert.equal(await transport(page), "websocket");
  assert.deepEqual(asked, ["ws"]);
  assert.equal((await owner.names(room)).length, 2);
  await page.evaluate(() => globalThis.stream.close());
  await until(async () => (await owner.names(room)).length === 1, "gone after the grace period");
});

told("S1-5 S1-9 page: the client library resumes over WebSockets that break, and loses and repeats nothing", async (t) => {
  const { page, place, asked, owner, room } = await streaming(t);
  const texts = [];
  for (let broken = 1; broken <= 4; broken++) {
    for (const when of ["before", "after"]) {
      if (when === "after") place.cut();
      texts.push(`${when} break ${broken}`);
      await owner.say(room, texts.at(-1));
    }
    await until(async () => (await states(page, "open")).length === broken + 1, "it is open again");
  }
  await sees(page, heard, texts, "each once, in their order");
  assert.equal(await transport(page), "websocket");
  assert.deepEqual([...new Set(asked)], ["ws"]);
});

told("E4 S1-9 page: a WebSocket that falls silent is noticed, and the stream goes on by another", async (t) => {
  const { page, place, asked, owner, room } = await streaming(t);
  await owner.say(room, "heard");
  await sees(page, heard, ["heard"], "it lives");
  place.mute();
  await owner.say(room, "swallowed");
  await sees(page, heard, ["heard", "swallowed"], "brought by the next one");
  assert.equal(await transport(page), "websocket");
  assert.deepEqual(asked, ["ws", "ws"]);
});

for (const status of [200, 403, 426, 501, 503])
  told(`S1-6 S1-9 page: where a WebSocket is answered with ${status} the client library uses SSE`, async (t) => {
    const { page, asked, owner, room } = await streaming(t, {
      answer: ({ url }, response) => isSocket(url) && Boolean(response.writeHead(status).end()),
    });
    await until(async () => (await transport(page)) === "sse", "it streams by SSE");
    await owner.say(room, "hello");
    await sees(page, heard, ["hello"], "once");
    assert.deepEqual(asked, ["ws", "json", "sse"]);
    assert.equal((await states(page, "reconnecting")).length, 0, "without a wait");
  });

told("S1-9 page: a removal ends a stream over a WebSocket for good", async (t) => {
  const { page, asked, owner, room } = await streaming(t);
  const id = await page.evaluate(() => globalThis.chatter.id);
  await owner.ask("DELETE", `/rooms/${room}/chatters/${id}`);
  await until(async () => (await states(page, "closed")).length === 1, "the stream has ended");
  assert.equal((await states(page, "closed"))[0].reason, "removed");
  assert.deepEqual([await states(page, "reconnecting"), asked], [[], ["ws"]]);
});

/* Opens N streams in PAGE that take turns as those of N tabs do: their transports once all are open. */
const openMany = (page, room, n) => page.evaluate(async ([id, count]) => {
  const { Slot } = await import("./slots.js");
  const { parlor } = globalThis;
  const streams = Array.from({ length: count }, () => {
    const stream = parlor.stream([id], { transport: "websocket", slot: new Slot(parlor.events.origin) });
    const opened = new Promise((go) => stream.on("state", ({ state }) => state === "open" && go()));
    stream.open();
    return opened.then(() => stream.transport);
  });
  const transports = await Promise.all(streams);
  await parlor.me();
  return transports;
}, [room, n]);

told("S1-9 page: more WebSockets than a browser has connections to a server leave requests free, and need no turns", async (t) => {
  const { page, room } = await streaming(t);
  assert.deepEqual(await openMany(page, room, 8), Array(8).fill("websocket"));
});

told("page: a stream refuses a transport that does not exist", async (t) => {
  const page = await stage.visit(t, "");
  const wrong = await page.evaluate(async () => {
    const { Parlor } = await import("./parlor.js");
    try {
      return new Parlor().stream([], { transport: "pigeon" }).transport;
    } catch ({ name, message }) {
      return `${name}: ${message}`;
    }
  });
  assert.equal(wrong, 'TypeError: there is no transport "pigeon"');
});
