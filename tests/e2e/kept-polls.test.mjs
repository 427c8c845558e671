// parts: e2e san race
/* After a long poll its connection goes on, and no byte of it is lost. */
import assert from "node:assert/strict";
import { readdir, readlink } from "node:fs/promises";
import nodeHttp from "node:http";
import { Raw } from "./lib/raw.mjs";
import { onServer, sentence } from "./lib/scene.mjs";
import { until } from "./lib/wait.mjs";

const SETTINGS = { hb_ms: 30_000, streams_per_token: 0, streams_per_address: 0, stop_ms: 60_000 };

const told = onServer({ settings: SETTINGS });

const metric = async (server, name) => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)[1]);
};

/* A member's requests on a connection of its own, byte by byte as given. */
class Line {
  constructor(s, room, who) {
    Object.assign(this, { s, room, who });
    this.raw = new Raw(s.server);
    this.answered = 0;
  }

  request(target, { method = "GET", headers = "", body = "", version = "1.1" } = {}) {
    const length = body ? `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` : "";
    return `${method} ${target} HTTP/${version}\r\nHost: x\r\nX-Parlor-Token: ${this.who.token}\r\n${headers}${length}\r\n${body}`;
  }

  poll(options, wait = 30) {
    return this.request(`/events?rooms=${this.room}&wait=${wait}&cursor=${this.cursor}`, options);
  }

  get rest() {
    return this.raw.received.slice(this.answered);
  }

  send(text) {
    this.raw.send(text);
    return this;
  }

  /* Waits until MORE polls wait in the hub than before. */
  async waiting(act, more = 1) {
    const before = await metric(this.s.server, "parlor_polls_waited_total");
    act();
    await until(async () => (await metric(this.s.server, "parlor_polls_waited_total")) >= before + more, "the poll waits");
    return this;
  }

  /* The next whole answer: its head, and its document. */
  async next() {
    const { head, text } = await until(() => this.#whole(), `an answer after ${JSON.stringify(this.raw.received)}`);
    const body = /^content-type: application\/json\r$/im.test(head) ? JSON.parse(text) : text;
    if (body.cursor) this.cursor = body.cursor;
    return { head, body };
  }

  #whole() {
    const from = this.rest;
    const end = from.indexOf("\r\n\r\n") + 4;
    if (end < 4) return null;
    const head = from.slice(0, end);
    const length = /^content-length: (\d+)\r$/im.exec(head);
    if (length) return this.#take(head, end + Number(length[1]), from.slice(end, end + Number(length[1])));
    if (!/^transfer-encoding: chunked\r$/im.test(head)) return this.raw.closed && this.#take(head, from.length, from.slice(end));
    let text = "";
    for (let at = end; ;) {
      const size = /^([0-9a-f]+)\r\n/i.exec(from.slice(at));
      if (!size) return null;
      const n = parseInt(size[1], 16);
      at += size[0].length;
      if (from.length < at + n + 2) return null;
      assert.equal(from.slice(at + n, at + n + 2), "\r\n", "a chunk ends");
      text += from.slice(at, at + n);
      at += n + 2;
      if (n === 0) return this.#take(head, at, text);
    }
  }

  #take(head, end, text) {
    if (this.rest.length < end) return null;
    this.answered += end;
    return { head, text };
  }
}

const CLOSES = /^connection: close\r$/im;
const CHUNKED = /^transfer-encoding: chunked\r$/im;

async function line(s) {
  const { owner, room } = await s.room();
  const kim = await s.member(room, "kim");
  await owner.join(room, { nickname: "boss" });
  const one = new Line(s, room, kim);
  ({ cursor: one.cursor } = await kim.ask("GET", `/rooms/${room}/messages`));
  one.say = (content) => owner.say(room, content);
  one.contents = ({ body }) => body.events.map(({ data }) => data.message.content);
  return one;
}

told("fifty long polls in a row wait and are answered on one connection", async (s) => {
  const one = await line(s);
  for (let i = 0; i < 50; i++) {
    await one.waiting(() => one.send(one.poll()));
    await one.say(`said ${i}`);
    const answer = await one.next();
    assert.doesNotMatch(answer.head, CLOSES);
    assert.deepEqual(one.contents(answer), [`said ${i}`]);
  }
  assert.equal(one.raw.closed, false);
  one.raw.destroy();
});

told("an agent of Node makes one connection for fifty long polls", async (s) => {
  const one = await line(s);
  const agent = new nodeHttp.Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set();
  for (let i = 0; i < 50; i++) {
    const answer = new Promise((done, failed) => {
      const path = `/events?rooms=${one.room}&wait=30&cursor=${one.cursor}`;
      const request = nodeHttp.get({ host: "127.0.0.1", port: s.server.port, path, agent, headers: one.who.headers() }, (response) => {
        let text = "";
        ports.add(response.socket.localPort);
        response.on("data", (data) => (text += data)).on("end", () => done(JSON.parse(text)));
      });
      request.on("error", failed);
    });
    await one.say(`said ${i}`);
    const { events, cursor } = await answer;
    one.cursor = cursor;
    assert.deepEqual(events.map(({ data }) => data.message.content), [`said ${i}`]);
  }
  assert.equal(ports.size, 1);
  agent.destroy();
});

told("requests of all kinds and long polls alternate on one connection, with bodies too", async (s) => {
  const one = await line(s);
  for (let i = 0; i < 5; i++) {
    one.send(one.request(`/api/v1/rooms/${one.room}/messages`, { method: "POST", body: `{"content":"mine ${i}"}` }));
    assert.match((await one.next()).head, /^HTTP\/1\.1 201 /);
    one.send(one.request("/health"));
    assert.match((await one.next()).head, /^HTTP\/1\.1 200 /);
    one.send(one.poll());
    assert.deepEqual(one.contents(await one.next()), [`mine ${i}`], "what is there is answered at once");
    await one.waiting(() => one.send(one.poll({ body: "{}" })));
    await one.say(`said ${i}`);
    const answer = await one.next();
    assert.doesNotMatch(answer.head, CLOSES, "a request with a body is counted");
    assert.deepEqual(one.contents(answer), [`said ${i}`]);
    one.send(one.request("/nowhere"));
    assert.match((await one.next()).head, /^HTTP\/1\.1 404 /);
  }
  one.raw.destroy();
});

told("a request that comes while a poll waits is answered after it", async (s) => {
  const one = await line(s);
  await one.waiting(() => one.send(one.poll()));
  one.send(one.request("/health") + one.request("/nowhere"));
  await one.say("first");
  assert.deepEqual(one.contents(await one.next()), ["first"]);
  assert.match((await one.next()).head, /^HTTP\/1\.1 200 /);
  assert.match((await one.next()).head, /^HTTP\/1\.1 404 /);
  one.raw.destroy();
});

told("a poll behind other requests in one packet keeps its connection", async (s) => {
  const one = await line(s);
  await one.waiting(() => one.send(one.request("/health") + one.request("/nowhere") + one.poll()));
  await one.say("heard");
  assert.match((await one.next()).head, /^HTTP\/1\.1 200 /);
  assert.match((await one.next()).head, /^HTTP\/1\.1 404 /);
  const answer = await one.next();
  assert.deepEqual(one.contents(answer), ["heard"]);
  assert.doesNotMatch(answer.head, CLOSES);
  one.send(one.request("/health"));
  assert.match((await one.next()).head, /^HTTP\/1\.1 200 /);
  one.raw.destroy();
});

/* Bytes that libmicrohttpd has read ahead cannot be given back. */
for (const [what, text] of Object.entries({
  "the next request": (one) => one.request("/health"),
  "the first byte of the next request": () => "G",
  "an empty line": () => "\r\n",
}))
  told(`a poll that arrives together with ${what} is answered, and its connection says that it closes`, async (s) => {
    const one = await line(s);
    await one.waiting(() => one.send(one.poll() + text(one)));
    await one.say("heard");
    const answer = await one.next();
    assert.deepEqual(one.contents(answer), ["heard"]);
    assert.match(answer.head, CLOSES);
    await one.raw.end();
    assert.equal(one.rest, "");
  });

told("after a body in chunks, whose length nobody knows, a poll closes its connection", async (s) => {
  const one = await line(s);
  const body = '{"content":"mine"}';
  one.send(`${one.request(`/api/v1/rooms/${one.room}/messages`, {
    method: "POST", headers: "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
  })}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  assert.match((await one.next()).head, /^HTTP\/1\.1 201 /);
  one.send(one.poll());
  await one.next();
  await one.waiting(() => one.send(one.poll()));
  await one.say("heard");
  assert.match((await one.next()).head, CLOSES);
  await one.raw.end();
});

for (const [what, options] of Object.entries({
  "HTTP/1.0": { version: "1.0" },
  "HTTP/1.0 with keep-alive": { version: "1.0", headers: "Connection: keep-alive\r\n" },
  "Connection: close": { headers: "Connection: close\r\n" },
  "a list with close": { headers: "Connection: TE\r\nConnection: x, Close\r\n" },
}))
  told(`a long poll with ${what} is answered with a length and closed`, async (s) => {
    const one = await line(s);
    await one.waiting(() => one.send(one.poll(options)));
    await one.say("heard");
    const answer = await one.next();
    assert.match(answer.head, CLOSES);
    assert.doesNotMatch(answer.head, CHUNKED);
    assert.deepEqual(one.contents(answer), ["heard"]);
    await one.raw.end();
  });

sentence("an answer that begins before its end is known comes in chunks, and its connection goes on", async (s) => {
  await s.serve({ settings: { ...SETTINGS, hb_ms: 50 } });
  const one = await line(s);
  for (const content of ["one", "two"]) {
    one.send(one.poll());
    await until(() => /"events":\[\r\n1\r\n \r\n1\r\n \r\n/.test(one.rest.replace(/"events":\[ \r\n/, '"events":[\r\n1\r\n \r\n')), "two signs of life");
    await one.say(content);
    const answer = await one.next();
    assert.match(answer.head, CHUNKED);
    assert.doesNotMatch(answer.head, CLOSES);
    assert.deepEqual(one.contents(answer), [content]);
  }
  one.send(one.poll({}, 1));
  assert.deepEqual((await one.next()).body.events, [], "and a wait that is over ends in the same way");
  one.send(one.request("/health"));
  assert.match((await one.next()).head, /^HTTP\/1\.1 200 /);
  one.send(one.poll({ version: "1.0" }));
  await until(() => one.rest.endsWith("\"events\":[  "), "signs of life without chunks");
  await one.say("three");
  const last = await one.next();
  assert.doesNotMatch(last.head, CHUNKED);
  assert.deepEqual(one.contents(last), ["three"]);
  await one.raw.end();
});

sentence("polls that wait when the service stops are answered, and their connections say that they close", async (s) => {
  const server = await s.serve({ settings: SETTINGS });
  const lines = [await line(s), await line(s)];
  for (const one of lines) {
    await one.waiting(() => one.send(one.poll()));
    await one.say("heard");
    assert.deepEqual(one.contents(await one.next()), ["heard"]);
    await one.waiting(() => one.send(one.poll()));
  }
  await server.stop();
  for (const one of lines) {
    const answer = await one.next();
    assert.match(answer.head, CLOSES);
    assert.deepEqual(answer.body.events, []);
    await one.raw.end();
  }
});

async function sockets(server) {
  const dir = `/proc/${server.pid}/fd`;
  const links = await Promise.all((await readdir(dir)).map((fd) => readlink(`${dir}/${fd}`).catch(() => "")));
  return links.filter((link) => link.startsWith("socket:")).length;
}

sentence("five hundred pollers that come, ask again and go away leave no socket and no place behind", async (s) => {
  const server = await s.serve({ settings: SETTINGS });
  const { owner, room } = await s.room({ capacity: 100 });
  await owner.join(room, { nickname: "boss" });
  const kim = await s.member(room, "kim");
  const { cursor } = await kim.ask("GET", `/rooms/${room}/messages`);
  const before = await sockets(server);
  const lines = Array.from({ length: 500 }, () => {
    const one = new Line(s, room, kim);
    one.cursor = cursor;
    return one;
  });
  for (let round = 0; round < 3; round++) {
    await lines[0].waiting(() => lines.forEach((one) => one.send(one.poll())), lines.length);
    /* Some leave while they wait, and at the end half in the middle of the answer. */
    const leaving = lines.splice(0, round === 0 ? 0 : 50);
    leaving.forEach((one, i) => (i % 2 ? one.raw.destroy() : one.raw.socket.end()));
    await owner.say(room, `round ${round}`);
    const half = lines.length / 2;
    await Promise.all(lines.map(async (one, i) => {
      if (round === 2 && i < half) {
        await until(() => one.rest.length > 0, "an answer begins");
        one.raw.destroy();
        return;
      }
      const { body } = await one.next();
      assert.equal(body.events.at(-1).data.message.content, `round ${round}`);
    }));
  }
  await until(async () => (await metric(server, "parlor_streams")) === 0, "no poll counts any more");
  assert.ok((await sockets(server)) > before, "the connections of the others are open");
  for (const { raw } of lines) raw.destroy();
  await until(async () => (await sockets(server)) <= before, "every socket is closed");
});
