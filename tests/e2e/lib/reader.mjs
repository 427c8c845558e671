/*
 * Readers: one client each that hears rooms, over one transport.
 *
 *   const reader = await READERS.sse(person, ["lobby"], { cursor });
 *   await reader.fact("message", (data) => data.message.content === "hi");
 *   reader.facts        [{id, seq, kind, data, raw}] in the order heard
 *   reader.close()
 *
 * Whatever breaks the contract of a stream (a fact without id, a control
 * frame with one, an order that goes back, no sync first) breaks the reader,
 * and whoever waits for it is told.
 */
import assert from "node:assert/strict";
import { EventSource } from "eventsource";
import { setTimeout as pause } from "node:timers/promises";
import { FORM, formHas } from "./forms.mjs";
import { NdjsonParser, SseParser, ndjsonFrame } from "./sse.mjs";
import { until } from "./wait.mjs";

const CONTROL = new Set(["sync", "hb", "bye", "refused", "subscribed", "unsubscribed"]);
const INSTANT_MS = 20; /* between two instant polls */
const AGAIN_MS = 50; /* after an attempt that failed */

export const FACTS = [
  "message", "alert", "edited", "deleted", "presence", "chatters", "room", "goodbye", "signed_out",
  "unread", "read", "notification", "notifications",
];

/* The chatters that a notice names. */
export function named({ chatter, chatters = [chatter] }) {
  return chatters;
}

export function cursorOf(text) {
  const found = /^([0-9a-f]{8})-(0|[1-9]\d*)$/.exec(text);
  assert.ok(found, `a cursor: ${text}`);
  return { epoch: found[1], seq: Number(found[2]) };
}

export class Reader {
  facts = [];
  controls = [];
  syncs = [];
  broken = null;
  ended = false;
  cursor = null;
  raws = [];
  #close = new AbortController();

  constructor(person, rooms, options = {}) {
    Object.assign(this, { person, rooms, options });
    this.cursor = options.cursor ?? null;
  }

  get signal() {
    return this.#close.signal;
  }

  /* Closes the connection without a goodbye, as a network failure does. */
  close() {
    this.#close.abort();
  }

  /* Takes in one frame; RAW is the text of its data as received. */
  take(kind, raw, id) {
    try {
      this.#take(kind, raw, id);
    } catch (error) {
      this.break(error);
    }
  }

  break(error) {
    this.broken ??= error;
    this.close();
  }

  #take(kind, raw, id) {
    const data = JSON.parse(raw);
    if (CONTROL.has(kind)) {
      assert.equal(id, undefined, `${kind} has no id`);
      this.controls.push({ kind, data });
      if (kind === "sync") this.#sync(data);
      if (kind === "subscribed") this.#subscribed(data);
      return;
    }
    assert.ok(FACTS.includes(kind), `a known kind: ${kind}`);
    assert.ok(this.syncs.length > 0, "sync comes first");
    const { epoch, seq } = cursorOf(id);
    const last = Math.max(this.facts.at(-1)?.seq ?? -1, this.from ?? -1);
    assert.equal(epoch, this.syncs.at(-1).epoch);
    assert.ok(seq > last, `${seq} comes after ${last}`);
    this.facts.push({ id, seq, kind, data, raw });
    this.cursor = id;
  }

  #sync(data) {
    for (const name of ["from", "head", "floor"])
      assert.equal(cursorOf(data[name]).epoch, data.epoch, name);
    for (const name of ["hb_ms", "retry_ms"]) assert.ok(Number.isInteger(data[name]), name);
    assert.equal(typeof data.recovered, "boolean");
    this.syncs.push(data);
    if (!data.recovered) this.cursor = data.head;
    else if (this.cursor === null || !this.cursor.includes("-")) this.cursor = data.from;
  }

  /* Events of the new room are not in the order of the other rooms. */
  #subscribed({ events, recovered, cursor }) {
    cursorOf(cursor);
    if (!recovered) assert.deepEqual(events, []);
    for (const { id, kind, data } of events)
      this.facts.push({ id, seq: cursorOf(id).seq, kind, data, raw: JSON.stringify(data) });
    this.cursor = cursor;
    this.from = cursorOf(cursor).seq;
  }

  get sync() {
    return this.syncs.at(-1);
  }

  /* Waits until FIND returns something true, and returns it. Fails if the reader breaks. */
  async wait(find, what) {
    const look = () => {
      if (this.broken) {
        this.broken.final = true;
        throw this.broken;
      }
      return find();
    };
    try {
      return await until(look, `${this.person.name} hears ${what}`);
    } catch (error) {
      error.message += `\n${this}`;
      throw error;
    }
  }

  /* A summary for the message of a failed test. */
  toString() {
    const count = (name) => this.controls.filter(({ kind }) => kind === name).length;
    const byes = this.controls.filter(({ kind }) => kind === "bye").map(({ data }) => data.reason);
    const end = this.ended ? `ended by ${this.why ?? "the server"}` : "open";
    return `heard ${this.facts.length} facts, the last ${this.facts.at(-1)?.id}; ${count("sync")} sync, ${count("hb")} hb, bye ${byes}; ${end}`;
  }

  /* The first fact of KIND that MATCHES, from the FROMth fact on. */
  fact(kind, matches = () => true, { from = 0 } = {}) {
    const fits = (fact) => fact.kind === kind && matches(fact.data);
    return this.wait(() => this.facts.slice(from).find(fits), `${kind} ${matches}`);
  }

  control(kind, matches = () => true) {
    const fits = (frame) => frame.kind === kind && matches(frame.data);
    return this.wait(() => this.controls.find(fits), kind);
  }

  said(content) {
    return this.fact("message", ({ message }) => message.content === content);
  }

  /* The messages and alerts received, in the form of the history. */
  get feed() {
    return this.facts
      .filter(({ kind }) => kind === "message" || kind === "alert")
      .map(({ data }) => data.message);
  }

  end() {
    return this.wait(() => this.ended, "the end of the stream");
  }
}

function address(reader, as, extra = {}) {
  const { person, rooms, options } = reader;
  const url = new URL(person.server.url + (options.path ?? "/events"));
  const query = { rooms: rooms.join(","), as, ...extra, ...options.query };
  if (reader.cursor !== null) query.cursor = reader.cursor;
  if (options.conn) query.conn = options.conn;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/* The answer to a request for events that was refused. */
export class Refused extends Error {
  constructor(status, text, headers) {
    super(`refused: ${status} ${text}`);
    this.status = status;
    this.headers = headers;
    this.code = JSON.parse(text || "{}").code;
  }
}

async function connect(reader, as, extra) {
  const response = await fetch(address(reader, as, extra), {
    headers: { ...reader.person.headers(), ...reader.options.headers },
    signal: reader.signal,
  });
  if (response.status !== 200)
    throw new Refused(response.status, await response.text(), response.headers);
  return response;
}

async function drain(reader, body, parser) {
  try {
    for await (const bytes of body) {
      for (const { event, data, id } of parser.push(bytes)) reader.take(event, data, id);
      await reader.options.hold;
    }
    if (parser.inside) throw new Error("the stream ended within a frame");
  } catch (error) {
    reader.why = error.cause ?? error;
    if (!reader.signal.aborted && !(error instanceof TypeError)) reader.break(error);
  }
  reader.ended = true;
}

async function stream(reader, as, type, parser) {
  const response = await connect(reader, as);
  assert.match(response.headers.get("content-type"), type);
  assert.equal(response.headers.get("cache-control"), "no-store, no-transform");
  reader.drained = drain(reader, response.body, parser);
  await reader.control("sync");
  assert.equal(reader.controls[0].kind, "sync", "sync comes first");
  return reader;
}

export async function sse(person, rooms, options) {
  const reader = new Reader(person, rooms, options);
  const parser = new SseParser();
  await stream(reader, "sse", /^text\/event-stream(;\s*charset=utf-8)?$/i, parser);
  assert.equal(parser.retry, reader.sync.retry_ms, "retry stands before sync");
  reader.comments = parser.comments;
  return reader;
}

export function ndjson(person, rooms, options) {
  const reader = new Reader(person, rooms, options);
  return stream(reader, "ndjson", /^application\/x-ndjson(;\s*charset=utf-8)?$/i, new NdjsonParser());
}

/*
 * The npm package ws, unmodified.  Its socket is the reader's `socket`; how it
 * was closed is `closed`.  A cut network says nothing, so close() destroys it.
 */
export async function ws(person, rooms, options) {
  const { WebSocket } = await import("ws");
  const reader = new Reader(person, rooms, options);
  const url = address(reader, "ws");
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, options?.protocols ?? [], {
    headers: { ...person.headers(), ...options?.headers }, perMessageDeflate: false,
  });
  reader.socket = socket;
  reader.signal.addEventListener("abort", () => socket.terminate());
  socket.on("message", async (bytes, isBinary) => {
    try {
      assert.equal(isBinary, false, "every message is a text");
      const { event, data, id } = ndjsonFrame(bytes.toString());
      reader.take(event, data, id);
    } catch (error) {
      reader.break(error);
    }
    if (!options?.hold) return;
    socket.pause();
    await options.hold;
    socket.resume();
  });
  const opened = new Promise((done, refused) => {
    socket.on("open", done);
    socket.on("error", (error) => {
      reader.why = error;
      refused(error);
    });
    socket.on("unexpected-response", async (request, response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      socket.terminate();
      const { statusCode, headers } = response;
      refused(new Refused(statusCode, text, new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]))));
    });
  });
  socket.on("close", (code, reason) => {
    reader.closed = { code, reason: reason.toString() };
    reader.ended = true;
  });
  await opened;
  await reader.control("sync");
  assert.equal(reader.controls[0].kind, "sync", "sync comes first");
  return reader;
}

/* One poll: its answer, handed to the reader as well. */
export async function poll(reader, wait) {
  const response = await connect(reader, "json", { wait });
  assert.match(response.headers.get("content-type"), /^application\/json/);
  const answer = JSON.parse(await response.text());
  assert.deepEqual(
    Object.keys(answer).filter((key) => !["sync", "events", "cursor", "more"].includes(key)),
    [],
  );
  reader.take("sync", JSON.stringify(answer.sync));
  for (const { id, kind, data } of answer.events) reader.take(kind, JSON.stringify(data), id);
  cursorOf(answer.cursor);
  reader.cursor = answer.cursor;
  return answer;
}

async function polls(reader, wait) {
  while (!reader.signal.aborted) {
    try {
      const answer = await poll(reader, wait);
      if (wait === 0 && !answer.more) await pause(INSTANT_MS);
    } catch (error) {
      if (reader.signal.aborted) break;
      if (!reader.options.stubborn) return reader.break(error);
      await pause(AGAIN_MS);
    }
  }
  reader.ended = true;
  return undefined;
}

async function poller(person, rooms, options, wait) {
  const reader = new Reader(person, rooms, options);
  await poll(reader, 0);
  polls(reader, wait);
  return reader;
}

const LONG_S = 2;

export function longpoll(person, rooms, options = {}) {
  return poller(person, rooms, { conn: "long", ...options }, LONG_S);
}

export function instant(person, rooms, options = {}) {
  return poller(person, rooms, { conn: "instant", path: "/api/v1/events", ...options }, 0);
}

/*
 * The npm EventSource, unmodified: it reconnects by itself and sends Last-Event-
 * ID. It cannot send headers, so it uses a ticket. It starts with a cursor,
 * because it ignores an id in a frame without data.
 */
export async function native(person, rooms, options) {
  const reader = new Reader(person, rooms, options);
  const { ticket } = await person.ask("POST", "/tickets");
  reader.cursor ??= (await person.list([rooms].flat()[0])).cursor;
  const source = new EventSource(address(reader, "sse", { ticket }));
  reader.source = source;
  reader.signal.addEventListener("abort", () => source.close());
  /* An answer other than 200 closes an EventSource permanently. */
  source.addEventListener("error", ({ code, message }) => {
    if (source.readyState === source.CLOSED && !reader.signal.aborted)
      reader.break(new Error(`the EventSource has given up: ${code} ${message}`));
  });
  for (const kind of [...CONTROL, ...FACTS])
    source.addEventListener(kind, (event) => {
      const id = CONTROL.has(kind) ? undefined : event.lastEventId;
      reader.take(kind, event.data, id);
    });
  await reader.control("sync");
  return reader;
}

/* Our own SSE reader, which reconnects by itself and resumes at its cursor. */
export async function stubborn(person, rooms, options) {
  const reader = new Reader(person, rooms, options);
  const attempt = async () => {
    const parser = new SseParser();
    try {
      const response = await connect(reader, "sse");
      for await (const bytes of response.body)
        for (const { event, data, id } of parser.push(bytes)) reader.take(event, data, id);
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof Refused && error.status === 503))
        throw error;
    }
  };
  const live = async () => {
    while (!reader.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        if (!reader.signal.aborted) reader.break(error);
      }
      if (!reader.signal.aborted) await pause(AGAIN_MS);
    }
    reader.ended = true;
  };
  live();
  await reader.control("sync");
  return reader;
}

/* Those that stay open; the others are polls. */
export const STREAMS = ["sse", "ndjson", ...(formHas("websocket") ? ["ws"] : [])];

/* The transports, over all of which everything must be the same. */
export const READERS = FORM.daemon ?
  { sse, ndjson, ...(formHas("websocket") && { ws }), longpoll, instant } : { instant };
