/*
 * People who use the REST API. Each gets a token when it joins a room, and sends
 * requests through a door: a function that speaks HTTP (the default), FastCGI or
 * CGI.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { FORM } from "./forms.mjs";
import * as readers from "./reader.mjs";
import { until } from "./wait.mjs";

const AGAIN_MS = 20;

/* The answers to a write when the store cannot be written. */
export const CANNOT_STORE = new Set(["507 storage_full", "503 busy", "503 read_only"]);

/* The HTTP door: takes one request, returns {status, headers, text}. */
export function http(server) {
  return async (method, target, headers, body) => {
    const response = await fetch(server.url + target, { method, headers, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };
}

/* Sends an API request through DOOR; adds the parsed JSON of the answer as `body`. */
export async function request(door, method, path, { token, body, headers = {}, type } = {}) {
  const all = { ...headers };
  if (token) all["X-Parlor-Token"] = token;
  const asIs = body === undefined || typeof body === "string" || Buffer.isBuffer(body);
  const text = asIs ? body : JSON.stringify(body);
  if (text !== undefined) all["Content-Type"] = type ?? "application/json";
  const answer = await door(method, `/api/v1${path}`, all, text);
  const json = /^application\/(problem\+)?json/.test(answer.headers.get("content-type") ?? "");
  answer.body = json ? JSON.parse(answer.text) : null;
  return answer;
}

export function newId() {
  return randomBytes(12).toString("base64url");
}

let people = 0;

export class Person {
  constructor(server, { door = http(server), name = `p${++people}`, token = null } = {}) {
    Object.assign(this, { server, door, name, token });
    this.seats = new Map();
    this.readers = [];
  }

  headers() {
    return this.token ? { "X-Parlor-Token": this.token } : {};
  }

  /* The whole answer, whatever its status. */
  async answer(method, path, body, options = {}) {
    const answer = await request(this.door, method, path, { token: this.token, body, ...options });
    if (answer.body?.token) this.token = answer.body.token;
    return answer;
  }

  /* The body of an answer whose status must be 2xx. */
  async ask(method, path, body) {
    const { status, text, body: json } = await this.answer(method, path, body);
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${text}`);
    return json;
  }

  async create(fields = {}) {
    const { room } = await this.ask("POST", "/rooms", fields);
    return room.id;
  }

  async join(room, fields = {}) {
    const picture = await this.ask("POST", `/rooms/${room}/chatters`, fields);
    this.seats.set(room, picture.chatter);
    return picture;
  }

  chatter(room) {
    return this.seats.get(room).id;
  }

  async say(room, content, fields = {}) {
    const { message } = await this.ask("POST", `/rooms/${room}/messages`, { content, ...fields });
    return message;
  }

  /* Sends again with the same client_id until the answer says that it is stored. */
  async sayUntilStored(room, content, client_id = newId()) {
    while (!this.over) {
      const answer = await this.answer("POST", `/rooms/${room}/messages`, {
        content,
        client_id,
      }).catch((error) => ({ error }));
      if (answer.status === 200 || answer.status === 201) return answer.body.message;
      assert.ok(answer.error || answer.status === 503, `${answer.status} ${answer.text}`);
      await pause(AGAIN_MS);
    }
    throw new Error(`${this.name} gave up, as the test is over`);
  }

  async list(room) {
    return this.ask("GET", `/rooms/${room}/chatters`);
  }

  async names(room) {
    return (await this.list(room)).chatters.map(({ nickname }) => nickname);
  }

  async history(room) {
    const all = [];
    let page;
    do {
      const query = all.length ? `before=${all[0].id}&limit=200` : "limit=200";
      page = await this.ask("GET", `/rooms/${room}/messages?${query}`);
      all.unshift(...page.messages);
    } while (page.has_more);
    return all;
  }

  async rename(room, nickname) {
    const path = `/rooms/${room}/chatters/${this.chatter(room)}`;
    const { chatter } = await this.ask("PATCH", path, { nickname });
    this.seats.set(room, chatter);
    return chatter;
  }

  /*
   * Lets ROOM expire, in which somebody must be. The time must still be in the
   * future when the service reads it. The room is closed when nobody is left in
   * it.
   */
  async expire(room) {
    let ends, status;
    for (let ms = 200; status !== 200; ms *= 2) {
      ends = Date.now() + ms;
      ({ status } = await this.answer("PATCH", `/rooms/${room}`, { expires_at: new Date(ends).toISOString() }));
      assert.ok(status === 200 || status === 422, `${status}`);
    }
    const closed = async () => {
      const { room: { expired, online } } = await this.ask("GET", `/rooms/${room}`);
      return expired && online === 0;
    };
    await until(closed, "the room has expired");
  }

  async leave(room) {
    await this.ask("DELETE", `/rooms/${room}/chatters/${this.chatter(room)}`);
  }

  /* Subscribes to ROOMS over a transport of reader.mjs, from now or from a cursor. */
  async listen(rooms, { as = FORM.daemon ? "sse" : "instant", ...options } = {}) {
    const reader = await readers[as](this, [rooms].flat(), options);
    this.readers.push(reader);
    return reader;
  }

  /* Ends everything this person does; the test is over. */
  end() {
    this.over = true;
    this.close();
  }

  close() {
    for (const reader of this.readers) reader.close();
  }
}
