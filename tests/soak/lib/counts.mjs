/*
 * Models of unread counts and of notifications. The log of the rooms and of
 * everybody's queue is replayed in order, and each count in it must follow from
 * what came before.
 */
import { isDeepStrictEqual } from "node:util";
import { HEARD, MISSED, deliveries } from "./delivery.mjs";
import { listening } from "./presence.mjs";

const MOST = 1000; /* a count that means this many or more */

/*
 * The messages that a person has missed. How many messages of a gap were
 * delivered is unknown: some of the newest are missed, or all, or none.
 */
class Missed {
  #sure = new Set();
  #gaps = [];

  add(id) {
    this.#sure.add(id);
  }

  gap(ids) {
    if (ids.length > 0) this.#gaps.push(ids);
  }

  drop(is) {
    for (const id of this.#sure) if (is(id)) this.#sure.delete(id);
    this.#gaps = this.#gaps.map((ids) => ids.filter((id) => !is(id))).filter((ids) => ids.length > 0);
  }

  get #range() {
    const least = this.#sure.size;
    return [least, least + this.#gaps.flat().length].map((n) => Math.min(n, MOST));
  }

  /* Whether N can be the count. If so, it tells how much of the gaps was missed. */
  fits(n) {
    const [least, most] = this.#range;
    if (n < least || n > most) return false;
    if (n < MOST && (n === least || n === most || this.#gaps.length === 1)) this.#learn(n - least);
    return true;
  }

  #learn(counted) {
    const ids = this.#gaps.flat();
    for (const id of ids.slice(ids.length - counted)) this.add(id);
    this.#gaps = [];
  }

  toString() {
    const [least, most] = this.#range;
    return least === most ? `${least}` : `${least} to ${most}`;
  }
}

/*
 * When people left, by person and room. A person who is away leaves without an
 * event in the room. A lost answer and the attempts after it are one leave.
 */
function leavesOf(calls) {
  const leaves = new Map();
  const open = new Map();
  for (const { who, what, room, began, over, status } of calls) {
    if (what !== "leave") continue;
    const place = `${who} ${room}`;
    const from = open.get(place) ?? began;
    open.set(place, status === null ? from : undefined);
    if (status === 204 || (status !== null && from !== began)) leaves.set(place, [...(leaves.get(place) ?? []), { began: from, over }]);
  }
  return leaves;
}

/* Everybody's seats: who is a member, who is away, and what they have missed. */
class Seats {
  constructor(record) {
    const { people, calls } = record;
    this.leaves = leavesOf(calls);
    this.delivery = deliveries(record);
    this.byChatter = new Map();
    this.byPlace = new Map();
    for (const [who, rooms] of Object.entries(people))
      for (const [room, { id }] of Object.entries(rooms)) this.#add({ who, room, id, member: false, away: false, missed: new Missed(), recent: [], read: 0, told: 0 });
  }

  #add(seat) {
    this.byChatter.set(seat.id, seat);
    this.byPlace.set(`${seat.who} ${seat.room}`, seat);
  }

  at(who, room) {
    return this.byPlace.get(`${who} ${room}`);
  }

  of(room) {
    return [...this.byChatter.values()].filter((seat) => seat.room === room);
  }

  move({ low, high, data: { joined = [], left = [] } }) {
    for (const { id } of joined) {
      const seat = this.byChatter.get(id);
      this.settle(seat, high);
      Object.assign(seat, { member: true, away: false, recent: [] });
    }
    for (const { id, reason } of left) {
      const seat = this.byChatter.get(id);
      if (reason === "timeout") this.#timeout(seat, { low, high });
      else this.#leave(seat);
    }
  }

  /* Messages that were not delivered during the stay count. */
  #timeout(seat, end) {
    const recent = seat.recent.filter(({ id }) => id > seat.read);
    const verdicts = recent.map((message) => this.delivery(seat.who, seat.room, message, end));
    for (const [i, { id }] of recent.entries()) if (verdicts[i] === MISSED) seat.missed.add(id);
    seat.missed.gap(recent.filter((_, i) => verdicts[i] !== MISSED && verdicts[i] !== HEARD).map(({ id }) => id));
    Object.assign(seat, { away: true, since: end.low, recent: [] });
  }

  #leave(seat) {
    Object.assign(seat, { member: false, away: false, missed: new Missed(), recent: [], told: 0 });
  }

  said(seat, seq, { id, created_at }) {
    if (seat.away) seat.missed.add(id);
    else if (seat.member) seat.recent.push({ seq, id, made: Date.parse(created_at) });
  }

  deleted(room, id) {
    for (const seat of this.of(room)) {
      seat.missed.drop((one) => one === id);
      seat.recent = seat.recent.filter((one) => one.id !== id);
    }
  }

  /* The leaves of absent people that may have been done by then. */
  #leaving(seat, at) {
    const all = this.leaves.get(`${seat.who} ${seat.room}`) ?? [];
    return seat.away ? all.filter(({ began, over }) => over >= seat.since && began <= at) : [];
  }

  /* An absent person has left by AT if the request was answered by then. */
  settle(seat, at) {
    if (this.#leaving(seat, at).some(({ over }) => over <= at)) this.#leave(seat);
  }

  /* A leave may have been done by AT, and the count was not 0. */
  settleEarly(seat, at) {
    if (this.mayHaveLeft(seat, at) && !seat.missed.fits(0)) this.#leave(seat);
  }

  mayHaveLeft(seat, at) {
    return this.#leaving(seat, at).length > 0;
  }
}

/* The messages that were reported to each person, by room and id. */
function toldMessages(log) {
  const told = new Map();
  for (const { kind, user, data } of log) {
    if (kind !== "unread" || !data.message) continue;
    const key = `${user} ${data.room} ${data.message.id}`;
    told.set(key, (told.get(key) ?? 0) + 1);
  }
  return told;
}

/* Each message is received in the room or in the own queue, never both, never neither. */
function missed(seats, { seq, room, low, high, data: { message } }, told, ears) {
  const faults = [];
  for (const seat of seats.of(room)) {
    if (seat.id === message.chatter?.id) continue;
    seats.settle(seat, low);
    const times = told.get(`${seat.who} ${room} ${message.id}`) ?? 0;
    const name = `${seat.who} in ${room}: message ${message.id} (${seq})`;
    if (!seat.away && times > 0) faults.push(`${name} was told to the queue and to the room`);
    if (times > 1) faults.push(`${name} was told to the queue ${times} times`);
    if (seat.away && times === 0 && !seats.mayHaveLeft(seat, high) && ears(seat.who).cover(low, high)) faults.push(`${name} was told neither to the room nor to the queue`);
    seats.said(seat, seq, message);
  }
  return faults;
}

function recounted(seats, { seq, high, kind, user, data }) {
  const seat = seats.at(user, data.room);
  if (!seat) return [`${user} has no place in ${data.room} and is told of it at ${seq}`];
  /* It may report that the seat was left. */
  if (kind === "unread" && !data.message && data.unread === 0) seats.settleEarly(seat, high);
  if (kind === "read") {
    if (data.message <= seat.read) return [`${user} in ${data.room}: the marker went from ${seat.read} to ${data.message}`];
    seat.read = data.message;
    seat.missed.drop((id) => id <= seat.read);
  }
  const faults = [];
  const next = Math.min(seat.told + 1, MOST);
  if (kind === "unread" && data.message && data.unread !== next) faults.push(`${user} in ${data.room}: told ${data.unread} unread at ${seq}, where one more is ${next}`);
  if (!seat.missed.fits(data.unread)) faults.push(`${user} in ${data.room}: told ${data.unread} unread at ${seq}, but it is ${seat.missed}`);
  seat.told = data.unread;
  return faults;
}

function step(seats, event, told, ears) {
  const { kind, room, data } = event;
  if (kind === "presence") seats.move(event);
  if ((kind === "message" || kind === "alert") && !data.message.notice) return missed(seats, event, told, ears);
  if (kind === "deleted") seats.deleted(room, data.message.id);
  return kind === "unread" || kind === "read" ? recounted(seats, event) : [];
}

/* The answers to GET /me/rooms at the end. */
function shown(seats, who, list) {
  const faults = [];
  const places = [...seats.byChatter.values()].filter((seat) => seat.who === who && seat.member);
  if (places.length !== list.length) faults.push(`${who} is a member of ${places.length} rooms, but sees ${list.length}`);
  for (const { room, unread, read } of list) {
    const seat = seats.at(who, room.id);
    if (!seat.missed.fits(unread) || read !== seat.read)
      faults.push(`${who} in ${room.id}: shown ${unread} unread, read ${read}; but it is ${seat.missed}, read ${seat.read}`);
  }
  return faults;
}

function markers(seats, calls) {
  return calls.filter(({ what, read }) => what === "read" && read).filter(({ who, room, read }) => seats.at(who, room).read < read.message)
    .map(({ who, room, read }) => `${who} in ${room}: the marker was acknowledged at ${read.message} and is behind it`);
}

/*
 * The count at the start of an absence is written in the same transaction as
 * the absence, before or after it.
 */
function absencesFirst(log, owners) {
  const sorted = [];
  for (const event of log) {
    const gone = event.kind === "presence" ? (event.data.left ?? []).map(({ id }) => owners.get(id)?.who) : [];
    const counts = ({ kind, user, data }) => kind === "unread" && !data.message && data.room === event.room && gone.includes(user);
    sorted.splice(sorted.findLastIndex((before) => !counts(before)) + 1, 0, event);
  }
  return sorted;
}

/* Unread counts, in the queue and in the list, are the messages sent while a person was away. */
export function unread(record) {
  const { log, calls, owners } = record;
  const seats = new Seats(record);
  const told = toldMessages(log);
  const ears = listening(record);
  const faults = absencesFirst(log, owners).flatMap((event) => step(seats, event, told, ears));
  for (const seat of seats.byChatter.values()) seats.settle(seat, Infinity);
  for (const [who, list] of Object.entries(record.seats)) {
    faults.push(...shown(seats, who, list));
    const total = list.reduce((sum, { unread: n }) => sum + n, 0);
    if (record.totals[who] !== total) faults.push(`${who} is shown ${record.totals[who]} unread in all, but the rooms have ${total}`);
  }
  for (const seat of seats.byChatter.values()) {
    if (seat.away && ears(seat.who).cover(record.settled, record.settled) && !seat.missed.fits(seat.told))
      faults.push(`${seat.who} in ${seat.room}: knows of ${seat.told} unread, but it is ${seat.missed}`);
  }
  return [...faults, ...markers(seats, calls)];
}

/* One person's notifications, by the queue only. */
class Inbox {
  all = new Map();
  faults = [];

  constructor(who) {
    this.who = who;
  }

  get unread() {
    return [...this.all.values()].filter(({ read_at }) => read_at === null).length;
  }

  take({ seq, kind, data }) {
    if (kind === "notification") this.#told(data.notification);
    else this.#changed(data);
    if (data.unread !== this.unread) this.faults.push(`${this.who}: told ${data.unread} unread notifications at ${seq}, but it is ${this.unread}`);
  }

  #told(notification) {
    const before = this.all.get(notification.id);
    const change = notification.count - (before?.count ?? 0);
    if (change !== 1 && change !== -1) this.faults.push(`${this.who}: notification ${notification.id} counts ${notification.count} after ${before?.count ?? 0}`);
    if (before && before.read_at !== null) this.faults.push(`${this.who}: notification ${notification.id} was read and changed`);
    this.all.set(notification.id, notification);
  }

  #changed({ read = [], deleted = [] }) {
    const ids = read === "all" ? [...this.all.keys()] : read;
    const unknown = [...ids, ...deleted].filter((id) => !this.all.has(id));
    if (unknown.length > 0) this.faults.push(`${this.who}: notification ${unknown} was never told and is changed`);
    for (const id of ids) this.all.set(id, { ...this.all.get(id), read_at: this.all.get(id)?.read_at ?? "now" });
    for (const id of deleted) this.all.delete(id);
  }
}

const acts = (calls, what) => calls.filter((call) => call.what === what);

/* Every acknowledged like was reported, and no other. */
function likes({ calls, log, people, owners }) {
  const given = new Map();
  const told = new Map();
  const add = (map, key, n) => map.set(key, (map.get(key) ?? 0) + n);
  for (const { who, room, id, to, status } of acts(calls, "like")) {
    const key = `${people[who][room].id} likes ${id} of ${to}`;
    if (!given.has(key)) given.set(key, { tries: 0, sure: false });
    given.get(key).tries += status === null || status < 300 ? 1 : 0;
    given.get(key).sure ||= status === 200 || status === 201;
  }
  const counts = new Map();
  for (const { kind, user, data: { notification } } of log) {
    if (kind !== "notification") continue;
    const { id, count, from, target } = notification;
    const more = count > (counts.get(id) ?? 0);
    counts.set(id, count);
    if (more) add(told, `${from.chatter} likes ${target.id} of ${people[user][from.room]?.id}`, 1);
  }
  const lost = [...given].filter(([key, { sure }]) => sure && !told.has(key)).map(([key]) => `${key} and nobody was told`);
  const made = [...told].filter(([key, n]) => n > (given.get(key)?.tries ?? 0)).map(([key, n]) => `${key}: told ${n} times, given ${given.get(key)?.tries ?? 0} times`);
  const own = [...given.keys()].filter((key) => owners.get(key.split(" ")[0]).who === owners.get(key.split(" ").at(-1)).who && told.has(key));
  return [...lost, ...made, ...own.map((key) => `${key} to himself`)];
}

/* Checks that the person's changes to notifications took effect. */
function handled(calls, who, notifications) {
  const faults = [];
  for (const { who: doer, what, id, status } of calls) {
    const found = doer === who && status !== null && status < 300 && notifications.find((one) => one.id === id);
    if (found && what === "seen" && found.read_at === null) faults.push(`${who}: notification ${id} was read and is unread`);
    if (found && what === "dropped") faults.push(`${who}: notification ${id} was deleted and is there`);
  }
  return faults;
}

/* The inbox and its count are those of the queue, and the queue is what was done. */
export function notified(record) {
  const { log, inboxes } = record;
  const faults = likes(record);
  const told = log.filter(({ kind }) => kind === "notification" || kind === "notifications");
  for (const [who, { unread: seen, notifications }] of Object.entries(inboxes)) {
    const inbox = new Inbox(who);
    for (const event of told) if (event.user === who) inbox.take(event);
    faults.push(...inbox.faults, ...handled(record.calls, who, notifications));
    const plain = (list) => list.map((one) => ({ ...one, read_at: one.read_at !== null })).sort((a, b) => a.id - b.id);
    if (!isDeepStrictEqual(plain([...inbox.all.values()]), plain(notifications))) faults.push(`${who}: the inbox is not what the queue has told`);
    if (seen !== inbox.unread) faults.push(`${who}: ${seen} unread notifications are shown, but it is ${inbox.unread}`);
  }
  return faults;
}
