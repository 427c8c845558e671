/*
 * A simulated person. Each has a random generator and draws a fixed number of
 * times a step, so a seed gives the same choices again; the outcome depends on
 * the service. Each request is a call in the record: {who, what, room, began,
 * over, status}. Status null: the answer got lost, and whether the request was
 * done is unknown.
 */
import { setTimeout as pause } from "node:timers/promises";
import { request } from "../../e2e/lib/client.mjs";
import { Random, pick, weighed } from "../../e2e/lib/random.mjs";
import { TRANSPORTS, Tab } from "./tab.mjs";

const STEP_MS = [200, 2200];
const TRIES = 4; /* before sending again after a lost answer */
const AGAIN_MS = 150;
const TABS_MAX = 4;
const RECENT = 20;

function answered({ status }) {
  return status !== null && status !== 503;
}

export class Soaker {
  token = null;
  tabs = [];
  said = [];
  others = []; /* messages of others, newest last */
  liked = [];
  told = []; /* ids of notifications */
  away = [];

  constructor(world, name) {
    Object.assign(this, { world, name });
    this.random = new Random(world.seed, name);
    this.seats = new Map();
    this.count = 0;
  }

  headers() {
    return this.token ? { "X-Parlor-Token": this.token } : {};
  }

  /* One request, recorded; BODY is that of the answer, if it was good. */
  async call(what, room, method, path, body, extra = {}) {
    const call = { who: this.name, what, room, began: Date.now(), over: null, status: null, ...extra };
    this.world.record.calls.push(call);
    const answer = await request(this.world.door, method, path, { token: this.token, body }).catch(() => null);
    call.over = Date.now();
    if (!answer) return { call, body: null };
    call.status = answer.status;
    call.code = answer.body?.code;
    this.token ??= answer.body?.token ?? null;
    return { call, body: answer.status < 300 ? (answer.body ?? {}) : null };
  }

  /* Repeats the request until there is an answer. */
  async insist(...args) {
    for (;;) {
      const answer = await this.call(...args);
      if (answered(answer.call)) return answer;
      await pause(AGAIN_MS);
    }
  }

  /* The snapshot of the join, or null when there was no seat. */
  async join(room) {
    const nickname = this.seats.get(room)?.nickname ?? this.name;
    const { call, body } = await this.insist("join", room, "POST", `/rooms/${room}/chatters`, { nickname });
    if (body) call.cursor = body.cursor;
    if (body) this.seats.set(room, { ...body.chatter, member: true });
    return body;
  }

  open(rooms, as, cursor, named) {
    const tab = new Tab(this, rooms, as, cursor, named);
    this.tabs.push(tab);
    return tab;
  }

  heard(kind, raw) {
    if (kind === "notification") this.told.push(JSON.parse(raw).notification.id);
    if (kind !== "message") return;
    const { message } = JSON.parse(raw);
    if (message.chatter.id === this.seats.get(message.room)?.id) return;
    this.others.push(message);
    if (this.others.length > RECENT) this.others.shift();
  }

  get living() {
    this.tabs = this.tabs.filter(({ closed }) => !closed);
    return this.tabs;
  }

  async live(end) {
    while (performance.now() < end) {
      const [act, rest, ...draws] = Array.from({ length: 6 }, () => this.random.next());
      await pause(STEP_MS[0] + rest * (STEP_MS[1] - STEP_MS[0]));
      if (this.living.length === 0) await this.enter(...draws);
      else await this[weighed(ACTS, act)](...draws);
    }
    await Promise.all(this.away);
  }

  /* Joins a room, possibly again, and opens a tab on it. */
  async enter(a, b, c) {
    const room = pick(this.world.rooms, a).id;
    const picture = await this.join(room);
    if (!picture) return;
    const rooms = [room];
    const other = this.living[0]?.rooms[0];
    if (other && other !== room && c < 0.5) rooms.push(other);
    if (this.living.length >= TABS_MAX) this.living[0].close();
    this.open(rooms, pick(TRANSPORTS, b), picture.cursor, c < 0.3);
  }

  async say(a, b, c) {
    const room = pick(pick(this.living, a).rooms, b);
    const client_id = `${this.name}-${++this.count}`;
    const fields = { content: `${client_id} says ${Math.floor(c * 1e6)}`, client_id };
    for (let tries = 0; tries < TRIES; tries++) {
      const { call, body } = await this.call("say", room, "POST", `/rooms/${room}/messages`, fields, fields);
      if (body) {
        call.message = body.message;
        this.said.push(body.message);
      }
      if (answered(call)) return;
      await pause(AGAIN_MS);
    }
  }

  async leave(a, b) {
    const room = pick(pick(this.living, a).rooms, b);
    await this.insist("leave", room, "DELETE", `/rooms/${room}/chatters/${this.seats.get(room).id}`);
    this.seats.get(room).member = false;
    for (const tab of this.living) if (tab.rooms.includes(room)) tab.close();
  }

  /* Closes TAB, with a goodbye or without. */
  async shut(tab, draw) {
    tab.close();
    const { conn } = tab;
    if (conn && draw < 0.5) await this.call("goodbye", null, "DELETE", `/me/connections/${conn}`, undefined, { conn });
  }

  /* Opens a tab again, from a new snapshot or where it was. */
  async refresh(a, b, c, d) {
    const tab = pick(this.living, a);
    await this.shut(tab, 1 - b);
    await pause(b * this.world.times.grace * 1.5);
    await this.again(tab, c, d);
  }

  async again(tab, c, d) {
    const as = c < 0.7 ? tab.as : pick(TRANSPORTS, d);
    let { cursor } = tab;
    if (d < 0.5) for (const room of tab.rooms) {
      const picture = await this.join(room);
      if (!picture) return;
      if (room === tab.rooms[0]) ({ cursor } = picture);
    }
    this.open(tab.rooms, as, cursor, tab.conn !== null);
  }

  async duplicate(a, b) {
    const tab = pick(this.living, a);
    if (this.living.length < TABS_MAX) this.open(tab.rooms, pick(TRANSPORTS, b), tab.cursor, b < 0.5);
  }

  async close(a, b) {
    if (this.living.length > 1) await this.shut(pick(this.living, a), b);
  }

  async switch(a, b) {
    const ms = b * b * 4 * this.world.times.grace;
    this.away.push(pick(this.living, a).switch(ms));
  }

  /* Disappears without a goodbye, and returns soon or much later. */
  async vanish(a, b, c, d) {
    const tab = pick(this.living, a);
    for (const each of this.living) await this.shut(each, d);
    await pause(b * b * 6 * this.world.times.grace);
    await this.again(tab, c, d);
  }

  async rename(a, b, c) {
    const room = pick(pick(this.living, a).rooms, b);
    const nickname = `${this.name} ${Math.floor(c * 1e6)}`;
    const seat = this.seats.get(room);
    const { body } = await this.call("rename", room, "PATCH", `/rooms/${room}/chatters/${seat.id}`, { nickname }, { nickname });
    if (body) Object.assign(seat, body.chatter);
  }

  /* Edits the newest own message, or an earlier one. */
  async edit(a, b) {
    const message = pick(this.said.slice(-RECENT), a);
    if (!message) return;
    const content = `${message.client_id} says ${Math.floor(b * 1e6)} now`;
    const path = `/rooms/${message.room}/messages/${message.id}`;
    await this.call("edit", message.room, "PATCH", path, { content }, { id: message.id, content });
  }

  async erase(a) {
    const message = pick(this.said.slice(-RECENT), a);
    if (!message) return;
    this.said.splice(this.said.indexOf(message), 1);
    await this.call("erase", message.room, "DELETE", `/rooms/${message.room}/messages/${message.id}`, undefined, { id: message.id });
  }

  /* Marks as read up to some received message, possibly one read before. */
  async read(a) {
    const message = pick(this.others, 1 - a * a);
    if (!message) return;
    const { call, body } = await this.call("read", message.room, "PUT", `/rooms/${message.room}/read`, { message: message.id }, { id: message.id });
    if (body) call.read = body.read;
  }

  async like(a) {
    const message = pick(this.others, a);
    if (!message) return;
    const { room, id, chatter } = message;
    const target = { kind: "message", id: String(id) };
    const path = `/rooms/${room}/chatters/${chatter.id}/notifications`;
    await this.insist("like", room, "POST", path, { type: "like", text: "likes it", target }, { id, to: chatter.id });
    this.liked.push({ room, id, path });
  }

  async unlike(a) {
    const like = pick(this.liked, a);
    if (!like) return;
    this.liked.splice(this.liked.indexOf(like), 1);
    const query = `type=like&target_kind=message&target_id=${like.id}`;
    await this.insist("unlike", like.room, "DELETE", `${like.path}?${query}`, undefined, { id: like.id });
  }

  async inbox(a, b) {
    const id = pick(this.told, a) ?? 1;
    const [method, path, body, what] = b < 0.5 ? ["PATCH", `/${id}`, { read: true }, "seen"]
      : b < 0.7 ? ["POST", "/read_all", {}, "all seen"] : ["DELETE", `/${id}`, undefined, "dropped"];
    await this.call(what, null, method, `/me/notifications${path}`, body, { id });
  }

  /* Closes all rooms and listens to the own queue only. */
  async listen(a, b, c, d) {
    const tab = pick(this.living, a);
    for (const each of this.living) each.close();
    const ear = this.open([], pick(TRANSPORTS, b), tab.cursor, c < 0.3);
    await pause(c * 6 * this.world.times.grace);
    ear.close();
    await this.again(tab, c, d);
  }
}

const ACTS = [
  [42, "say"],
  [8, "enter"],
  [3, "leave"],
  [9, "refresh"],
  [6, "duplicate"],
  [6, "close"],
  [9, "switch"],
  [8, "vanish"],
  [5, "rename"],
  [6, "edit"],
  [4, "erase"],
  [7, "read"],
  [7, "like"],
  [2, "unlike"],
  [5, "inbox"],
  [7, "listen"],
];
