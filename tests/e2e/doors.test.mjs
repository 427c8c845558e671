// parts: e2e san race system
/*
 * The doors to the API other than the embedded one: FastCGI (spoken by us and
 * by cgi-fcgi) and plain CGI (a process a request), with no daemon at all.
 */
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { cgi, bridged, run } from "./lib/cgi.mjs";
import { Person, newId, request } from "./lib/client.mjs";
import { STDIN, fastcgi, open, parseAnswer, parseRecords, record, records, requestBytes, variables } from "./lib/fcgi.mjs";
import { whileLocked } from "./lib/fleet.mjs";
import { fasterThan, retryWithMoreTime, sentence, withStoppedServer } from "./lib/scene.mjs";
import { until, within } from "./lib/wait.mjs";

const QUICK = { poll_margin_ms: 60_000, reap_ms: 50 };

const DOORS = {
  "FastCGI": async (server) => fastcgi((await server.fastcgi()).socket),
  "cgi-fcgi to FastCGI": async (server) => bridged(server, (await server.fastcgi()).socket),
  "plain CGI": async (server) => cgi(server),
};

/* Sends one instant poll and returns its answer. */
async function look(person, room, cursor) {
  const query = `rooms=${room}&wait=0&conn=${person.name}&cursor=${cursor}`;
  return person.ask("GET", `/events?${query}`);
}

async function conversation(server, door) {
  const kim = new Person(server, { door, name: "kim" });
  const lee = new Person(server, { door, name: "lee" });
  const room = await kim.create({ title: "By the door", grace_ms: 100 });
  const picture = await kim.join(room, { nickname: "kim" });
  await lee.join(room, { nickname: "lee" });
  const body = { content: "hello 한국", client_id: newId() };
  const sent = await lee.answer("POST", `/rooms/${room}/messages`, body);
  const again = await lee.answer("POST", `/rooms/${room}/messages`, body);
  assert.deepEqual([sent.status, again.status], [201, 200]);
  assert.equal(again.text, sent.text);
  const { events, cursor, sync } = await look(kim, room, picture.cursor);
  assert.deepEqual(events.map(({ kind }) => kind), ["presence", "alert", "message"]);
  assert.deepEqual(events[2].data, sent.body);
  assert.equal(sync.recovered, true);
  return { kim, lee, room, cursor, sent };
}

for (const [name, open] of Object.entries(DOORS))
  sentence(`S1-6 S4-9 a conversation by instant polls through ${name}`, () => withStoppedServer({}, async (server) => {
    const { kim, lee, room, cursor, sent } = await conversation(server, await open(server));
    await lee.rename(room, "lea");
    assert.deepEqual(await kim.names(room), ["kim", "lea"]);
    assert.deepEqual((await kim.history(room)).at(-1), sent.body.message);
    await lee.leave(room);
    const { events } = await look(kim, room, cursor);
    assert.deepEqual(events.map(({ kind }) => kind), ["presence", "presence", "alert"]);
    const refused = await lee.answer("POST", `/rooms/${room}/messages`, { content: "x" });
    assert.deepEqual([refused.status, refused.body.code], [403, "not_in_room"]);
    assert.match(refused.headers.get("content-type"), /^application\/problem\+json/);
    assert.equal(refused.headers.get("x-content-type-options"), "nosniff");
  }));

for (const name of ["FastCGI", "plain CGI"])
  sentence(`S4-10 S2-9 presence expires by the requests of others while no daemon runs, by ${name}`, () =>
    retryWithMoreTime(1000, (join_lease_ms) => withStoppedServer({ ...QUICK, join_lease_ms }, async (server) => {
      const door = await DOORS[name](server);
      const { kim, lee, room, cursor } = await fasterThan(server.settings.join_lease_ms, () => conversation(server, door));
      const heard = [];
      let at = cursor;
      await until(async () => {
        const answer = await look(kim, room, at);
        at = answer.cursor;
        heard.push(...answer.events);
        return heard.some(({ kind }) => kind === "alert");
      }, "lee is told as gone");
      const [{ data: presence }, { data: alert }, ...more] = heard;
      assert.deepEqual(presence, { room, left: [{ ...lee.seats.get(room), reason: "timeout" }], count: 1 });
      assert.equal(alert.message.notice.reason, "timeout");
      assert.deepEqual(more, []);
      assert.deepEqual(await kim.names(room), ["kim"]);
    })));

sentence("S4-9 an instant poll that comes again in time holds the seat, without a daemon", () =>
  retryWithMoreTime(1000, (ms) => withStoppedServer({ ...QUICK, join_lease_ms: ms, poll_margin_ms: ms }, async (server) => {
    const lease = server.settings.poll_margin_ms;
    const door = await DOORS.FastCGI(server);
    const { kim, lee, room, cursor } = await fasterThan(lease / 2, () => conversation(server, door));
    const began = performance.now();
    let at = cursor;
    await until(async () => {
      for (const who of [kim, lee]) ({ cursor: at } = await fasterThan(lease / 4, () => look(who, room, at)));
      return performance.now() - began > 2 * lease;
    }, "polls for twice as long as one holds");
    assert.deepEqual(await kim.names(room), ["kim", "lee"]);
    assert.equal(at, cursor, "nothing was told");
  })));

const api = (server) => join(server.build, "parlor-api");

sentence("P9 a CGI request with a wrong CONTENT_LENGTH is refused, never guessed at", () => withStoppedServer({}, async (server) => {
  const type = { "Content-Type": "application/json" };
  const lengths = { "7x": "{}", "-1": "{}", "+2": "{}", "0x2": "{}", " 2": "{}", 99999999999999999999: "{}", 10: "{}", 70000: "{}" };
  for (const [length, body] of Object.entries(lengths)) {
    const params = { ...variables("POST", "/api/v1/rooms", type), CONTENT_LENGTH: length };
    const { stdout } = await run(server, api(server), [], params, body);
    const { status } = parseAnswer(stdout);
    assert.ok(status === 400 || status === 413, `${length}: ${status}`);
  }
  const params = { ...variables("POST", "/api/v1/rooms", type), CONTENT_LENGTH: "2" };
  const { stdout } = await run(server, api(server), [], params, "{}and more");
  assert.equal(parseAnswer(stdout).status, 201, "and reads no further than it says");
}));

sentence("P10 settings are never taken from what a client can send", () => withStoppedServer({}, async (server) => {
  const headers = { "Parlor-Data": "/nowhere", "X-Parlor-Data": "/nowhere", Proxy: "http://evil/" };
  const { status } = await request(cgi(server), "GET", "/health", { headers });
  assert.equal(status, 200);
  const query = await request(cgi(server), "GET", "/health?PARLOR_DATA=/nowhere&data=/nowhere", {});
  assert.equal(query.status, 200);
}));

sentence("S1-6 the API lies under any folder, and takes the raw REQUEST_URI", () => withStoppedServer({}, async (server) => {
  for (const prefix of ["", "/chat", "/a/b/parlor.fcgi"]) {
    const params = variables("GET", `${prefix}/api/v1/health`);
    params.PATH_INFO = "/something/else";
    const { stdout } = await run(server, api(server), [], params);
    assert.equal(parseAnswer(stdout).status, 200, prefix);
  }
}));

sentence("S1-8 the socket is for the server's group alone, and the data for the owner", () => withStoppedServer({}, async (server) => {
  const { socket } = await server.fastcgi();
  await request(fastcgi(socket), "GET", "/health", {});
  assert.equal((await stat(socket)).mode & 0o007, 0, "no others");
  for (const file of ["parlor.db", "parlor.db-wal"])
    assert.equal((await stat(join(server.data, file))).mode & 0o077, 0, file);
  assert.equal((await stat(server.data)).mode & 0o077, 0, "the directory");
}));

sentence("S2-18 on SIGTERM the FastCGI program answers what has begun", () => withStoppedServer({}, async (server) => {
  const { program, socket } = await server.fastcgi();
  const body = Buffer.from('{"title":"begun before the end"}');
  const params = variables("POST", "/api/v1/rooms", { "Content-Type": "application/json" }, body.length);
  const whole = requestBytes(params, body);
  const half = open(socket);
  half.connection.write(whole.subarray(0, -30));
  for (let i = 0; i < 3; i++) await request(fastcgi(socket), "GET", "/health", {});
  const stopped = program.stop();
  half.connection.write(whole.subarray(-30));
  assert.match((await half.answer).toString(), /Status: 201/);
  await stopped;
}));

sentence("P8 FastCGI answers when it has been told that the request is whole: before, the server would find it closed", () => withStoppedServer({}, async (server) => {
  const { socket } = await server.fastcgi();
  const body = Buffer.from('{"title":"whole at last"}');
  const params = variables("POST", "/api/v1/rooms", { "Content-Type": "application/json" }, body.length);
  const whole = requestBytes(params, body);
  const end = -record(STDIN, Buffer.alloc(0)).length;
  const late = open(socket);
  let answered = false;
  late.connection.on("data", () => (answered = true));
  late.connection.write(whole.subarray(0, end));
  for (let i = 0; i < 30; i++) await request(fastcgi(socket), "GET", "/health", {});
  assert.equal(answered, false);
  late.connection.end(whole.subarray(end));
  assert.match((await late.answer).toString(), /Status: 201/);
}));

sentence("P9 a FastCGI peer that talks nonsense or stops halfway does not keep others out", () => withStoppedServer({ threads: 8 }, async (server) => {
  const { program, socket } = await server.fastcgi();
  const params = variables("POST", "/api/v1/rooms", { "Content-Type": "application/json" }, 2);
  const whole = requestBytes(params, Buffer.from("{}"));
  const nonsense = [Buffer.alloc(0), whole.subarray(0, 4), whole.subarray(0, 20), Buffer.alloc(64, 0xff), record(4, Buffer.alloc(0))];
  const halves = nonsense.map((bytes) => {
    const { connection, answer } = open(socket);
    connection.write(bytes);
    return answer.catch(() => {});
  });
  const health = request(fastcgi(socket), "GET", "/health", {});
  assert.equal((await within(health, "an answer to an honest request")).status, 200);
  assert.equal(program.ended, undefined, "it lives");
  await program.kill();
  await Promise.all(halves);
}));

const JSON_TYPE = { "Content-Type": "application/json" };

/* A POST of a room, as bytes. */
function post(body, target = "/api/v1/rooms") {
  return requestBytes(variables("POST", target, JSON_TYPE, body.length), body);
}

/* Sends BYTES one at a time, each when the last has left. */
async function drip(connection, bytes) {
  for (const byte of bytes) await new Promise((sent) => connection.write(Buffer.of(byte), sent));
}

sentence("P9 a FastCGI request that comes byte by byte is answered like any other", () => withStoppedServer({ threads: 1 }, async (server) => {
  const { socket } = await server.fastcgi();
  const { connection, answer } = open(socket);
  await drip(connection, post(Buffer.from('{"title":"drop by drop"}')));
  assert.equal(parseRecords(await answer).status, 201);
}));

/* A unix socket takes 278 small records unread, whatever they hold. */
sentence("P9 a FastCGI body of very many records is answered like any other", () => withStoppedServer({ threads: 1 }, async (server) => {
  const { socket } = await server.fastcgi();
  const body = Buffer.from(JSON.stringify({ title: "many" }).padEnd(2000));
  const whole = post(body);
  const head = whole.subarray(0, whole.indexOf(record(STDIN, body)));
  const { connection, answer } = open(socket);
  connection.write(head);
  for (const byte of body) await new Promise((sent) => connection.write(record(STDIN, Buffer.of(byte)), sent));
  connection.write(record(STDIN, Buffer.alloc(0)));
  assert.equal(parseRecords(await answer).status, 201);
}));

sentence("P9 a FastCGI body of a megabyte is read to its end and refused", () => withStoppedServer({ threads: 1 }, async (server) => {
  const { socket } = await server.fastcgi();
  const answer = await fastcgi(socket)("POST", "/api/v1/rooms", JSON_TYPE, "x".repeat(2 ** 20));
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [413, "body_too_large"]);
}));

sentence("P9 a second request on a FastCGI connection is neither answered nor carried out", () => withStoppedServer({}, async (server) => {
  const { socket } = await server.fastcgi();
  const kim = new Person(server, { door: fastcgi(socket), name: "kim" });
  const room = (title) => post(Buffer.from(JSON.stringify({ title, listed: true, namespace: "two" })));
  const { connection, answer } = open(socket);
  connection.write(Buffer.concat([room("first"), room("second")]));
  assert.equal(parseRecords(await answer).status, 201);
  const { rooms } = await kim.ask("GET", "/rooms?namespace=two");
  assert.deepEqual(rooms.map(({ title }) => title), ["first"]);
}));

sentence("P9 a FastCGI request that is aborted is ended and not carried out", () => withStoppedServer({}, async (server) => {
  const { socket } = await server.fastcgi();
  const whole = post(Buffer.from('{"title":"never","listed":true,"namespace":"none"}'));
  const { connection, answer } = open(socket);
  connection.write(Buffer.concat([whole.subarray(0, -8), record(2, Buffer.alloc(0))]));
  assert.deepEqual(records(await answer).all.map(({ type }) => type), [3]);
  const kim = new Person(server, { door: fastcgi(socket), name: "kim" });
  assert.deepEqual((await kim.ask("GET", "/rooms?namespace=none")).rooms, []);
}));

sentence("P8 a FastCGI client that goes away while its request is handled disturbs no other", () => withStoppedServer({ threads: 2, busy_ms: 60_000 }, async (server) => {
  const { program, socket } = await server.fastcgi();
  await whileLocked(server, async () => {
    const { connection, answer } = open(socket);
    await new Promise((sent) => connection.write(post(Buffer.from('{"title":"alone","listed":true,"namespace":"left"}')), sent));
    connection.destroy();
    await answer;
    assert.equal((await request(fastcgi(socket), "GET", "/rooms", {})).status, 200);
  });
  const kim = new Person(server, { door: fastcgi(socket), name: "kim" });
  await until(async () => (await kim.ask("GET", "/rooms?namespace=left")).rooms.length === 1, "the request is carried out");
  assert.equal(program.ended, undefined);
}));

sentence("P9 three hundred FastCGI clients that drip hold none of two threads", () => withStoppedServer({ threads: 2, request_deadline_ms: 600_000 }, async (server) => {
  const { socket } = await server.fastcgi();
  const whole = post(Buffer.from('{"title":"slow"}'));
  const slow = Array.from({ length: 300 }, () => open(socket));
  const parts = [whole.subarray(0, 30), whole.subarray(30, -30), whole.subarray(-30)];
  for (const part of parts) {
    for (let i = 0; i < 5; i++) assert.equal((await request(fastcgi(socket), "GET", "/health", {})).status, 200);
    await Promise.all(slow.map(({ connection }) => new Promise((sent) => connection.write(part, sent))));
  }
  for (const { answer } of slow) assert.equal(parseRecords(await answer).status, 201);
}));
