/*
 * A tab of a simulated person: it hears rooms over one transport and comes
 * back where it was, until it is closed.  Each stream and each poll is a link
 * in the record:
 *
 *   who, tab, as, rooms, conn   whose it is, and how it is named
 *   asked, to                   cursors: asked for, left at
 *   began, sure, last, over     when it was asked for, heard first and last,
 *                               and seen to end
 *   quit, cut                   when the person gave it up, and when the
 *                               network noticed
 *   unheard                     nobody was there to take the request
 *   status, facts               [{seq, kind, raw, at}] as heard
 */
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { NdjsonParser, SseParser } from "../../e2e/lib/sse.mjs";

const PARSERS = { sse: SseParser, ndjson: NdjsonParser };
const AGAIN_MS = 100; /* after an attempt that failed */
const INSTANT_MS = 250; /* between two instant polls */
const FINAL = new Set([403, 404, 409, 410]);

export const TRANSPORTS = ["sse", "ndjson", "long", "instant"];

let tabs = 0;

/* The answer to a long poll has no length; only its text shows whether it was cut off. */
function isWhole(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export class Tab {
  closed = false;

  constructor(person, rooms, as, cursor, named) {
    Object.assign(this, { person, rooms, as, cursor });
    this.world = person.world;
    this.id = ++tabs;
    this.conn = named || !(as in PARSERS) ? `tab${this.id}` : null;
    this.done = this.#run();
  }

  get record() {
    return this.world.record;
  }

  async #run() {
    while (!this.closed) {
      const link = this.#link();
      if (this.as === "instant") await this.#instant(link);
      else await this.#request(link);
      if (FINAL.has(link.status)) this.close();
      if (!this.closed) await pause(this.#rest(link));
    }
  }

  #rest(link) {
    if (this.as === "instant") return INSTANT_MS;
    return link.status === 200 || link.quit !== null ? 0 : AGAIN_MS;
  }

  #link() {
    const { person, id, as, rooms, conn, cursor } = this;
    this.link = {
      who: person.name, tab: id, as, rooms, conn, asked: cursor, to: cursor,
      began: Date.now(), sure: null, last: null, over: null, quit: null, cut: null, status: null, facts: [],
    };
    this.record.links.push(this.link);
    return this.link;
  }

  #target(path, wait) {
    const query = new URLSearchParams({ as: this.as in PARSERS ? this.as : "json", cursor: this.cursor });
    if (this.rooms.length > 0) query.set("rooms", this.rooms.join(","));
    if (this.conn) query.set("conn", this.conn);
    if (wait !== null) query.set("wait", wait);
    return `${path}?${query}`;
  }

  /* Reads a stream or a long poll until it ends or is given up. */
  #request(link) {
    const long = this.as === "long";
    const path = this.#target("/events", long ? this.world.times.wait_s : null);
    return new Promise((done) => {
      this.release = done;
      const request = http.get({ host: "127.0.0.1", port: this.world.port, path, headers: this.person.headers(), agent: false });
      this.request = request;
      request.on("error", ({ code }) => {
        link.unheard = code === "ECONNREFUSED";
        this.#over(link, done);
      });
      request.on("response", (response) => {
        const parser = link.status === null && new (PARSERS[this.as] ?? Whole)(link);
        link.status = response.statusCode;
        response.on("data", (bytes) => this.#bytes(link, parser, bytes));
        response.on("error", () => {});
        response.on("close", () => {
          if (long && response.complete && isWhole(parser.text)) this.#answer(link, parser.text);
          this.#over(link, done);
        });
      });
    });
  }

  #over(link, done) {
    link.over ??= Date.now();
    done();
  }

  #bytes(link, parser, bytes) {
    if (link.quit !== null) return;
    link.last = Date.now();
    if (link.status !== 200) link.refusal = (link.refusal ?? "") + bytes;
    else for (const { event, data, id } of parser.push(bytes)) this.#take(link, event, data, id);
  }

  async #instant(link) {
    const answer = await this.world.door("GET", this.#target("/api/v1/events", 0), this.person.headers()).catch(() => null);
    link.over = Date.now();
    if (!answer) return;
    link.status = answer.status;
    link.last = link.over;
    this.#answer(link, answer.text);
  }

  #answer(link, text) {
    if (link.status !== 200 || link.quit !== null) return;
    const { sync, events, cursor } = JSON.parse(text);
    this.#sync(link, sync);
    for (const { id, kind, data } of events) this.#take(link, kind, JSON.stringify(data), id);
    link.to = cursor;
    this.cursor = cursor;
  }

  #sync(link, { recovered }) {
    link.sure = Date.now();
    link.recovered = recovered;
  }

  #take(link, kind, raw, id) {
    if (kind === "sync") return this.#sync(link, JSON.parse(raw));
    if (kind === "bye") link.bye = JSON.parse(raw).reason;
    if (id === undefined) return undefined;
    const seq = Number(id.split("-")[1]);
    link.facts.push({ seq, kind, raw: this.record.intern(seq, raw), at: Date.now() });
    link.to = id;
    this.cursor = id;
    this.person.heard(kind, raw);
    return undefined;
  }

  /* Closes the tab. */
  close() {
    this.closed = true;
    const link = this.link;
    if (link.over !== null || link.quit !== null) return;
    link.quit = link.cut = Date.now();
    this.request?.destroy();
  }

  /* Changes the network: a new link begins at once; the old one is noticed as dead after MS. */
  async switch(ms) {
    const { link, request } = this;
    if (!request || link.over !== null || link.quit !== null) return;
    link.quit = Date.now();
    this.release();
    await pause(ms);
    link.cut = Date.now();
    request.destroy();
  }
}

/* Collects a body that is parsed when it is complete. */
class Whole {
  #chunks = [];

  push(bytes) {
    this.#chunks.push(bytes);
    return [];
  }

  get text() {
    return Buffer.concat(this.#chunks).toString();
  }
}
