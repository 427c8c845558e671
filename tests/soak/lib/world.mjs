/*
 * The soak: a poller, an API with workers, rooms, people in them, and a routine
 * that kills the programs. Everything done and received is in world.record,
 * which check.mjs checks.
 */
import { setTimeout as pause } from "node:timers/promises";
import { fastcgi } from "../../e2e/lib/fcgi.mjs";
import { Fleet } from "../../e2e/lib/fleet.mjs";
import { named } from "../../e2e/lib/reader.mjs";
import { Soaker } from "./person.mjs";
import { Random, pick, weighed } from "../../e2e/lib/random.mjs";
import { Server } from "../../e2e/lib/server.mjs";
import { TRANSPORTS } from "./tab.mjs";
import { SLOW, scaled, until } from "../../e2e/lib/wait.mjs";

const ROOM_OF = 20; /* people per room */
const WORKERS = 3;
const WAIT_S = 2;
const GRACE_MS = 700;
const SETTINGS = {
  lease_ms: 6000, poll_margin_ms: 3000, join_lease_ms: 5000, hb_ms: 400, reap_ms: 50, retry_ms: 100,
  streams_per_token: 0, replay_max: 1_000_000,
};
const KILL_MS = [2000, 5500];
const DOWN_MS = 700;
const NOTICE_MS = 200; /* between two checks of all notices */

/* The record; texts that many receive are kept once. */
export class Record {
  calls = [];
  links = [];
  kills = [];
  rooms = [];
  people = {};
  #texts = new Map();

  intern(seq, raw) {
    const kept = this.#texts.get(seq);
    if (kept === raw) return kept;
    this.#texts.set(seq, raw);
    return raw;
  }
}

export class World {
  record = new Record();
  people = [];
  rooms = this.record.rooms;

  constructor({ seed, people, ms }) {
    Object.assign(this, { seed, size: people, ms });
    const { lease_ms, poll_margin_ms, join_lease_ms, hb_ms } = SETTINGS;
    this.times = this.record.times = {
      lease: scaled(lease_ms), margin: scaled(poll_margin_ms), join: scaled(join_lease_ms), hb: hb_ms,
      wait_s: WAIT_S, grace: scaled(GRACE_MS),
    };
  }

  get port() {
    return this.server.port;
  }

  async start() {
    this.server = new Server({ settings: SETTINGS, embed: false });
    await this.server.start();
    await this.serveApi();
    this.door = (...args) => fastcgi(this.fleet.socket)(...args);
    this.steward = new Soaker(this, "steward");
    const rooms = Math.max(2, Math.round(this.size / ROOM_OF));
    for (let i = 0; i < rooms; i++) await this.#room(i);
    const names = Array.from({ length: this.size }, (_, i) => `p${i}`);
    this.people = names.map((name) => new Soaker(this, name));
    await Promise.all(this.people.map((person, i) => person.join(this.rooms[i % rooms].id)));
  }

  /* Every other room is too small for all who want to join. */
  async #room(i) {
    const capacity = i % 2 ? ROOM_OF - 2 : 3 * ROOM_OF;
    const grace_ms = this.times.grace + (i % 3) * 100;
    const { body } = await this.steward.call("create", null, "POST", "/rooms", { title: `room ${i}`, capacity, grace_ms });
    this.rooms.push({ id: body.room.id, capacity, grace: grace_ms });
    await this.steward.join(body.room.id);
  }

  async serveApi() {
    this.fleet = new Fleet(this.server, WORKERS, { extra: { PARLOR_THREADS: "16" } });
    await this.fleet.ready();
  }

  async run() {
    const end = performance.now() + this.ms;
    const chaos = this.#kill(end);
    await Promise.all([chaos, ...this.people.map((person) => person.live(end))]);
    this.record.calm = Date.now();
  }

  async #kill(end) {
    const random = new Random(this.seed, "chaos");
    for (let n = 0; ; n++) {
      const [rest, what, which, down] = Array.from({ length: 4 }, () => random.next());
      await pause(KILL_MS[0] + rest * (KILL_MS[1] - KILL_MS[0]));
      if (performance.now() > end) return;
      const [name, kill] = KILLS[n]?.[1] ?? weighed(KILLS, what);
      const entry = { what: name, began: Date.now() };
      this.record.kills.push(entry);
      await kill(this, which, down);
      entry.back = Date.now();
    }
  }

  async killPoller(down) {
    await this.server.kill();
    await pause(down * DOWN_MS);
    await this.server.launch();
  }

  async killWorker(which) {
    const victim = pick(await this.fleet.workers(), which);
    process.kill(victim, "SIGKILL");
    await this.fleet.ready([victim]);
  }

  async killApi(down) {
    const workers = await this.fleet.workers();
    await this.fleet.program.kill();
    for (const pid of workers) killIfThere(pid);
    await pause(down * DOWN_MS);
    await this.serveApi();
  }

  /*
   * Some people close all tabs, or listen to their queue only. Waits until the
   * lists hold exactly those who stay.
   */
  async settle() {
    const going = this.people.filter((_, i) => i % 4 === 0);
    for (const [i, person] of going.entries()) {
      const [tab] = person.living;
      for (const each of person.living) each.close();
      if (tab && i % 2) person.open([], TRANSPORTS[i % TRANSPORTS.length], tab.cursor, false);
    }
    const limit = 3 * this.times.lease + 4 * this.times.grace + 10_000;
    await until(() => this.#listsAreRight(), "the lists are right", limit / SLOW);
    await until(() => this.#noticesAreRight(), "the notices are right", limit / SLOW);
    this.record.settled = Date.now();
    this.record.lists = await this.#lists();
    await this.#lastWords();
  }

  /* The chatters whose people have the room open. */
  staying(room) {
    const here = this.people.filter((person) => person.living.some(({ rooms }) => rooms.includes(room)));
    return here.map((person) => person.seats.get(room).id).sort();
  }

  async #lists() {
    const lists = {};
    for (const { id } of this.rooms) {
      const { body } = await this.steward.call("list", id, "GET", `/rooms/${id}/chatters?limit=500`);
      lists[id] = body.chatters;
    }
    return lists;
  }

  async #listsAreRight() {
    const lists = await this.#lists();
    const wrong = this.rooms.filter(({ id }) =>
      lists[id].map((chatter) => chatter.id).sort().join() !== this.staying(id).join());
    if (wrong.length > 0) throw new Error(wrong.map(({ id }) => `${id}: ${lists[id].length} listed, ${this.staying(id).length} stay`).join("; "));
    return true;
  }

  /* Waits until the last notice about each chatter says whether they are present: none is still coalesced. */
  async #noticesAreRight() {
    for (const { id } of this.rooms) {
      const there = new Map();
      for (const { notice } of await this.#history(id))
        for (const chatter of notice ? named(notice) : []) there.set(chatter.id, notice.kind === "joined");
      const told = [...there].filter(([, is]) => is).map(([chatter]) => chatter).sort();
      if (told.join() !== this.staying(id).join()) {
        await pause(NOTICE_MS);
        throw new Error(`${id}: ${told.length} by the notices`);
      }
    }
    return true;
  }

  /* Sends a last message to each room, which every open tab must receive. */
  async #lastWords() {
    const last = (this.record.lasts = {});
    for (const { id } of this.rooms) {
      const { call, body } = await this.steward.call("say", id, "POST", `/rooms/${id}/messages`, { content: "last", client_id: `last-${id}` }, { client_id: `last-${id}`, content: "last" });
      call.message = body.message;
      last[id] = body.message.id;
    }
    const heard = ({ tab, room }) => this.record.links.some((link) => link.tab === tab.id &&
      link.facts.findLast(({ kind, raw }) => kind === "message" && raw.includes(`"client_id":"last-${room}"`)));
    const open = this.people.flatMap((person) => person.living.flatMap((tab) => tab.rooms.map((room) => ({ tab, room }))));
    await until(() => open.every(heard), "everybody heard the last words");
    for (const { tab } of open) tab.close();
    await Promise.all(open.map(({ tab }) => tab.done));
  }

  /* Reads the log and the history up to the last messages, at the end. */
  async gather() {
    const { record, steward } = this;
    const rooms = this.rooms.map(({ id }) => id).join(",");
    record.histories = {};
    for (const { id } of this.rooms) record.histories[id] = upTo(await this.#history(id), (message) => isLast(message));
    const log = await this.#log(steward, `rooms=${rooms}&conn=log`);
    record.log = upTo(log, ({ data }) => isLast(data.message));
    record.queues = {};
    record.seats = {};
    record.totals = {};
    record.inboxes = {};
    for (const person of [...this.people, steward].filter(({ token }) => token)) await this.#own(person);
    for (const { name, seats } of [...this.people, steward])
      record.people[name] = Object.fromEntries([...seats].map(([room, seat]) => [room, { id: seat.id, member: seat.member }]));
  }

  /* Reads what belongs to each person. */
  async #own(person) {
    const { queues, seats, inboxes } = this.record;
    queues[person.name] = await this.#log(person, "conn=log");
    const { body: mine } = await person.call("seats", null, "GET", "/me/rooms?limit=100");
    seats[person.name] = mine.rooms;
    this.record.totals[person.name] = mine.unread;
    const { body } = await person.call("count", null, "GET", "/me/notifications/unread_count");
    inboxes[person.name] = { unread: body.unread, notifications: await this.#inbox(person) };
  }

  async #inbox(person) {
    const all = [];
    let page;
    do {
      const query = page ? `&before=${all.at(-1).changed_at}` : "";
      ({ body: page } = await person.call("inbox", null, "GET", `/me/notifications?limit=200${query}`));
      all.push(...page.notifications);
    } while (page.has_more);
    return all;
  }

  async #log(person, query) {
    const log = [];
    let cursor = "earliest";
    let more = true;
    while (more) {
      const target = `/api/v1/events?as=json&wait=0&cursor=${cursor}&${query}`;
      const answer = JSON.parse((await this.door("GET", target, person.headers())).text);
      for (const { id, kind, data } of answer.events) log.push({ seq: Number(id.split("-")[1]), kind, data });
      ({ cursor, more } = answer);
    }
    return log;
  }

  async #history(room) {
    const all = [];
    let page;
    do {
      const query = all.length ? `before=${all[0].id}&limit=200` : "limit=200";
      ({ body: page } = await this.steward.call("history", room, "GET", `/rooms/${room}/messages?${query}`));
      all.unshift(...page.messages);
    } while (page.has_more);
    return all;
  }

  async end() {
    for (const person of this.people) for (const tab of person.living) tab.close();
    await this.server?.end();
  }
}

const isLast = (message) => message?.client_id?.startsWith("last-");

function upTo(list, last) {
  return list.slice(0, list.findLastIndex(last) + 1);
}

/* Each is done once, then at random. */
const KILLS = [
  [4, ["poller", (world, _, down) => world.killPoller(down)]],
  [2, ["api", (world, _, down) => world.killApi(down)]],
  [5, ["worker", (world, which) => world.killWorker(which)]],
];

function killIfThere(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}
