/*
 * The record of a soak on a service without faults, written by hand: each step
 * says what somebody did and when, in ms.
 */
export const ROOM = "room";
const START = Date.parse("2026-11-20T09:00:00Z");
const ANSWER_MS = 5;

const iso = (at) => new Date(START + at).toISOString();
const copy = (value) => JSON.parse(JSON.stringify(value));

export class Story {
  #seq = 0;
  #online = new Set();
  #names = new Map();
  #open = new Map();
  #away = new Set();
  #history = [];
  #unread = 0;

  constructor() {
    this.record = {
      calls: [], links: [], kills: [], log: [], queues: { ann: [], bob: [], cat: [] },
      rooms: [{ id: ROOM, capacity: 3, grace: 700 }],
      times: { lease: 3000, margin: 1500, join: 2500, hb: 400, wait_s: 2, grace: 700 },
      people: Object.fromEntries(["ann", "bob", "cat"].map((who) => [who, { [ROOM]: { id: `id-${who}`, member: true } }])),
    };
  }

  #call(who, what, at, fields = {}) {
    const call = { who, what, room: ROOM, began: START + at, over: START + at + ANSWER_MS, status: 200, ...fields };
    this.record.calls.push(call);
    return call;
  }

  /* An event of the room, or of the queue of USER. */
  #event(kind, data, at, user = null) {
    const event = { seq: ++this.#seq, kind, data: copy(data) };
    (user ? this.record.queues[user] : this.record.log).push(event);
    for (const [who, link] of this.#open) {
      if (user ? who !== user : link.rooms.length === 0) continue;
      link.facts.push({ seq: event.seq, kind, raw: JSON.stringify(data), at: START + at + 2 });
      link.to = `e-${event.seq}`;
      link.last = START + at + 2;
    }
  }

  #chatter(who) {
    return { id: `id-${who}`, nickname: this.#names.get(who) ?? who };
  }

  #link(who, rooms, at) {
    const link = {
      who, tab: at, as: "sse", rooms, conn: null, asked: `e-${this.#seq}`, to: `e-${this.#seq}`, began: START + at, sure: START + at + 2,
      last: START + at + 2, over: null, quit: null, cut: null, status: 200, recovered: true, facts: [],
    };
    this.record.links.push(link);
    this.#open.set(who, link);
  }

  #move(kind, who, reason, at) {
    const data = { room: ROOM, count: this.#online.size };
    data[kind] = [kind === "left" ? { ...this.#chatter(who), reason } : this.#chatter(who)];
    this.#event("presence", data, at);
    this.#message("alert", { notice: { kind, reason, chatter: this.#chatter(who) }, chatter: null, content: `${who} ${kind}` }, at);
  }

  #message(type, fields, at) {
    const message = { id: this.#history.length + 1, type, room: ROOM, client_id: null, created_at: iso(at), ...fields };
    this.#history.push(message);
    this.#event(type, { message }, at);
    return message;
  }

  #said(id) {
    return this.#history.filter(({ type }) => type === "message")[id - 1];
  }

  /* The event of MESSAGE in the log holds MESSAGE as it is now. */
  #rewrite(message) {
    const all = [...this.record.log, ...this.record.queues.bob];
    for (const { data } of all) if (data.message?.id === message.id) data.message = copy(message);
  }

  join(who, at) {
    const call = this.#call(who, "join", at, { status: 201 });
    this.#online.add(who);
    this.#away.delete(who);
    this.#move("joined", who, null, at + 2);
    call.cursor = `e-${this.#seq}`;
    this.#link(who, [ROOM], at + 6);
  }

  say(who, at) {
    const client_id = `${who}-${at}`;
    const message = this.#message("message", { chatter: this.#chatter(who), content: `said at ${at}`, client_id }, at);
    this.#call(who, "say", at - 2, { client_id, message: copy(message) });
    for (const away of this.#away) this.#miss(away, 1, message, at);
  }

  #miss(who, n, message, at) {
    this.#unread += n;
    if (n > 0 && this.#open.has(who)) this.#event("unread", { room: ROOM, unread: this.#unread, message }, at, who);
  }

  edit(who, id, at) {
    const message = this.#said(id);
    Object.assign(message, { content: `edited at ${at}`, edited_at: iso(at) });
    this.#rewrite(message);
    this.#event("edited", { message }, at);
    this.#call(who, "edit", at - 2, { id: message.id, content: message.content });
  }

  erase(who, id, at) {
    const message = this.#said(id);
    Object.assign(message, { content: "", deleted_at: iso(at) });
    this.#rewrite(message);
    this.#event("deleted", { message }, at);
    this.#call(who, "erase", at - 2, { id: message.id, status: 204 });
  }

  rename(who, at) {
    const was = this.#chatter(who).nickname;
    const nickname = `${who} ${at}`;
    this.#names.set(who, nickname);
    if (this.#online.has(who)) this.#event("presence", { room: ROOM, count: this.#online.size, renamed: [{ ...this.#chatter(who), was }] }, at);
    this.#call(who, "rename", at - 2, { nickname });
  }

  leave(who, at) {
    this.#call(who, "leave", at - 2, { status: 204 });
    this.#online.delete(who);
    this.#event("presence", { room: ROOM, count: this.#online.size, left: [{ ...this.#chatter(who), reason: "left" }] }, at);
    Object.assign(this.#open.get(who), { over: START + at + 2, bye: "left" });
    this.#open.delete(who);
    this.#message("alert", { notice: { kind: "left", reason: "left", chatter: this.#chatter(who) }, chatter: null, content: "left" }, at);
  }

  close(who, at) {
    Object.assign(this.#open.get(who), { quit: START + at, cut: START + at, over: START + at });
    this.#open.delete(who);
  }

  listen(who, at, rooms = []) {
    this.#link(who, rooms, at);
  }

  /* COUNTED messages of the stay count as unread. */
  gone(who, at, counted) {
    this.#online.delete(who);
    this.#away.add(who);
    this.#miss(who, counted, null, at);
    this.#move("left", who, "timeout", at);
  }

  like(who, whom, id, at) {
    const message = this.#said(id);
    const target = { kind: "message", id: String(message.id) };
    this.liked = { id: 1, from: { room: ROOM, chatter: `id-${who}` }, type: "like", target, count: 1, read_at: null };
    this.#event("notification", { notification: this.liked, unread: 1 }, at, whom);
    this.#call(who, "like", at - 2, { id: message.id, to: `id-${whom}`, status: 201 });
  }

  see(who, at) {
    this.liked.read_at = iso(at);
    this.#event("notifications", { read: [1], unread: 0 }, at, who);
    this.#call(who, "seen", at - 2, { id: 1, room: null });
  }

  read(who, at) {
    const read = { room: ROOM, message: this.#history.at(-1).id, unread: 0 };
    this.marker = read.message;
    this.#unread = 0;
    this.#event("read", read, at, who);
    this.#call(who, "read", at - 2, { id: read.message, read });
  }

  end(at) {
    const { record } = this;
    for (const who of [...this.#open.keys()]) this.close(who, at + 100);
    const seat = (unread, read) => [{ room: { id: ROOM }, unread, read }];
    return Object.assign(record, {
      settled: START + at,
      lasts: { [ROOM]: this.#history.length },
      histories: { [ROOM]: this.#history },
      lists: { [ROOM]: [...this.#online.keys()].map((who) => ({ id: `id-${who}` })) },
      totals: { ann: 0, bob: this.#unread, cat: 0 },
      seats: { ann: seat(0, 0), bob: seat(this.#unread, this.marker ?? 0), cat: [] },
      inboxes: { ann: { unread: 0, notifications: [] }, bob: { unread: 0, notifications: this.liked ? [this.liked] : [] } },
    });
  }
}
