/*
 * Checks the record of a soak: the log, read at the end, is replayed and
 * compared with what each person did, was answered and received. Each check
 * returns a list of sentences, one for each fault.
 */
import { isDeepStrictEqual } from "node:util";
import { named } from "../../e2e/lib/reader.mjs";
import { notified, unread } from "./counts.mjs";
import { STREAMS, seqOf, stays, uncertainty } from "./presence.mjs";

const LATE_MS = 3000; /* within which an open stream must deliver an event */
const NOTICED = new Set(["message", "alert"]);

/* The log in order, each event with the span of time in which it happened. */
export function prepare(record) {
  const roomOf = ({ data }) => data.room?.id ?? data.room ?? data.message?.room ?? null;
  const shared = record.log.map((event) => ({ ...event, room: roomOf(event), user: null }));
  const own = Object.entries(record.queues ?? {}).flatMap(([user, events]) => events.map((event) => ({ ...event, room: null, user })));
  const log = [...shared, ...own].sort((a, b) => a.seq - b.seq);
  bound(log, record.links);
  const owners = new Map();
  for (const [who, seats] of Object.entries(record.people))
    for (const [room, { id }] of Object.entries(seats)) owners.set(id, { who, room });
  return { ...record, log, owners, unsure: uncertainty(record) };
}

function bound(log, links) {
  const heard = new Map();
  for (const { facts } of links)
    for (const { seq, at } of facts) heard.set(seq, Math.min(at, heard.get(seq) ?? Infinity));
  const made = ({ kind, data }) => (NOTICED.has(kind) ? Date.parse(data.message.created_at) : null);
  let low = 0;
  for (const event of log) {
    event.low = low;
    low = Math.max(low, made(event) ?? 0);
  }
  let high = Infinity;
  for (const event of log.toReversed()) {
    high = Math.min(high, (made(event) ?? Infinity) + 1, heard.get(event.seq) ?? Infinity);
    event.high = high;
  }
}

function grouped(list, key) {
  const groups = new Map();
  for (const item of list) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

const messagesOf = (log) => log.filter(({ kind }) => NOTICED.has(kind)).map(({ data }) => data.message);

const isChange = ({ kind }) => kind === "edited" || kind === "deleted";

/* The ids of messages that have been edited or deleted since. */
function rewritten(log) {
  return new Set(log.filter(isChange).map(({ data }) => `${data.message.room} ${data.message.id}`));
}

/* There is one order: that of the log, which is that of the history. */
export function order({ rooms, log, histories, lasts }) {
  const faults = [];
  const changed = rewritten(log);
  for (const { id } of rooms) {
    const history = histories[id];
    const told = messagesOf(log.filter(({ room }) => room === id)).filter((message) => message.id <= lasts[id]);
    history.forEach((message, i) => message.id === i + 1 || faults.push(`${id}: history has ${message.id} at place ${i + 1}`));
    if (told.length !== history.length) faults.push(`${id}: ${history.length} in the history, ${told.length} in the log`);
    told.forEach((message, i) => {
      const stored = history[i] ?? {};
      const same = changed.has(`${id} ${message.id}`) ? stored.id === message.id : isDeepStrictEqual(stored, message);
      if (!same) faults.push(`${id}: the log has message ${message.id} where the history has ${JSON.stringify(stored)}`);
    });
  }
  return faults;
}

/* An acknowledged message exists once, an unacknowledged one at most once. */
export function acknowledged({ calls, log, people, owners }) {
  const faults = [];
  const said = grouped(calls.filter(({ what }) => what === "say"), ({ client_id }) => client_id);
  const stored = grouped(messagesOf(log).filter(({ client_id }) => client_id), ({ client_id }) => client_id);
  const changed = rewritten(log);
  for (const [client_id, attempts] of said) {
    const found = stored.get(client_id) ?? [];
    const told = attempts.filter(({ message }) => message).map(({ message }) => message);
    if (found.length > 1) faults.push(`${client_id} was stored ${found.length} times`);
    if (told.length > 0 && found.length === 0) faults.push(`${client_id} was acknowledged and lost`);
    if (found.length > 0 && !changed.has(`${found[0].room} ${found[0].id}`))
      for (const message of told) if (!isDeepStrictEqual(message, found[0])) faults.push(`${client_id} was acknowledged as something else`);
  }
  for (const [client_id, [message]] of stored) {
    const [call] = said.get(client_id) ?? [];
    if (!call || people[call.who][call.room]?.id !== message.chatter.id || owners.get(message.chatter.id).room !== message.room)
      faults.push(`${client_id} is in the log, and nobody sent it so`);
  }
  return faults;
}

/* Where in the log each chatter left on request. */
function leftAt(log) {
  const lefts = new Map();
  for (const { kind, seq, data } of log)
    for (const { id, reason } of kind === "presence" ? (data.left ?? []) : [])
      if (reason !== "timeout") lefts.set(id, [...(lefts.get(id) ?? []), seq]);
  return lefts;
}

/* The events of LIST, which is in order, after FROM and up to TO. */
function between(list = [], from, to) {
  const place = (seq) => {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle].seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return list.slice(place(from), place(to));
}

/* The events that a link from FROM to TO must have received, in order. */
function expected({ byRoom, byUser, lefts, people }, link, from, to) {
  const rooms = link.rooms.flatMap((room) => {
    const [left = Infinity] = (lefts.get(people[link.who][room]?.id) ?? []).filter((seq) => seq > from);
    return between(byRoom.get(room), from, Math.min(left, to));
  });
  return [...rooms, ...between(byUser.get(link.who), from, to)].sort((x, y) => x.seq - y.seq);
}

function sameFact(fact, event, changed) {
  if (fact.seq !== event.seq || fact.kind !== event.kind) return false;
  const data = JSON.parse(fact.raw);
  if (data.message && changed.has(`${data.message.room} ${data.message.id}`)) return data.message.id === event.data.message.id;
  return isDeepStrictEqual(data, event.data);
}

/* An edit that was replaced by a later change is no longer in the log. */
function lasting({ places, lastChange }, { seq, kind, raw }) {
  if (kind !== "edited" || places.has(seq)) return true;
  const { message } = JSON.parse(raw);
  return !(lastChange.get(`${message.room} ${message.id}`) > seq);
}

function heardBy(world, link) {
  const name = `${link.who} over ${link.as} from ${link.asked}`;
  if (!link.recovered) return [`${name}: was told to reload`];
  const to = seqOf(link.to);
  const due = expected(world, link, seqOf(link.asked), to);
  /* Events of the rooms after the last message are ignored. */
  const told = link.facts.filter(({ seq }) => seq <= world.end || world.places.has(seq));
  const facts = told.filter((fact) => lasting(world, fact));
  const wrong = facts.findIndex((fact, i) => !due[i] || !sameFact(fact, due[i], world.changed));
  if (wrong >= 0) return [`${name}: heard ${facts[wrong].seq} ${facts[wrong].raw} where the log has ${due[wrong]?.seq}`];
  if (facts.length < due.length) return [`${name}: never heard ${due[facts.length].seq}`];
  if (!STREAMS.has(link.as)) return [];
  const [next] = expected(world, link, to, Infinity);
  const open = link.quit ?? link.last;
  if (next && next.high + LATE_MS + world.unsure < open) return [`${name}: had not heard ${next.seq} after ${open - next.high} ms`];
  return [];
}

/* Every link received all events, each once, in the order of the log. */
export function delivered(record) {
  const { log, links } = record;
  const world = {
    ...record,
    byRoom: grouped(log.filter(({ room }) => room), ({ room }) => room),
    byUser: grouped(log.filter(({ user }) => user), ({ user }) => user),
    changed: rewritten(log),
    places: new Set(log.map(({ seq }) => seq)),
    end: log.findLast(({ room }) => room).seq,
    lastChange: new Map(log.filter(isChange).map(({ seq, data }) => [`${data.message.room} ${data.message.id}`, seq])),
    lefts: leftAt(log),
  };
  return links.filter(({ sure }) => sure !== null).flatMap((link) => heardBy(world, link));
}

/* Joins and leaves by chatter, [{kind, reason, low, high}], and faults in their counts. */
function movements({ rooms, log, owners }) {
  const faults = [];
  const moves = new Map([...owners.keys()].map((id) => [id, []]));
  const states = new Map(rooms.map((room) => [room.id, { room, online: new Map() }]));
  for (const event of log.filter(({ kind }) => kind === "presence")) {
    const state = states.get(event.room);
    for (const one of event.data.joined ?? []) faults.push(...came(state, one, event, moves, owners));
    for (const one of event.data.left ?? []) faults.push(...went(state, one, event, moves));
    for (const one of event.data.renamed ?? []) faults.push(...renamed(state, one, event));
    if (event.data.count !== state.online.size)
      faults.push(`${event.room}: ${event.seq} counts ${event.data.count}, but ${state.online.size} are there`);
  }
  return { faults, moves, states };
}

function came({ room, online }, one, { seq, low, high }, moves, owners) {
  const faults = [];
  if (online.has(one.id)) faults.push(`${room.id}: ${one.id} joined at ${seq} and was there`);
  online.set(one.id, one.nickname);
  const places = room.capacity + (owners.get(one.id)?.who === "steward" || stewardIn(online, owners) ? 1 : 0);
  if (online.size > places) faults.push(`${room.id}: ${online.size} are there at ${seq}, but ${room.capacity} may be`);
  if (!moves.has(one.id)) faults.push(`${room.id}: nobody is ${one.id}, who joined at ${seq}`);
  moves.get(one.id)?.push({ kind: "joined", reason: null, nickname: one.nickname, seq, low, high });
  return faults;
}

function stewardIn(online, owners) {
  return [...online.keys()].some((id) => owners.get(id)?.who === "steward");
}

function went({ room, online }, one, { seq, low, high }, moves) {
  const faults = online.delete(one.id) ? [] : [`${room.id}: ${one.id} left at ${seq} and was not there`];
  moves.get(one.id)?.push({ kind: "left", reason: one.reason, seq, low, high });
  return faults;
}

function renamed({ room, online }, one, { seq }) {
  const was = online.get(one.id);
  if (was !== undefined) online.set(one.id, one.nickname);
  return was === undefined || was === one.was ? [] : [`${room.id}: ${one.id} was ${was}, not ${one.was}, at ${seq}`];
}

/* All joins and leaves, and those that a notice named, with the group of notices that did. */
function flocks(log) {
  const [due, told] = [[], []];
  let [pending, flock, isNotice] = [new Map(), 0, false];
  for (const { kind, data } of log) {
    const { notice } = data.message ?? {};
    const follows = isNotice;
    isNotice = kind === "alert" && notice !== undefined;
    if (isNotice) {
      if (!follows) flock++;
      for (const [id, moves] of pending) due.push(...moves.map((move) => ({ id, flock, ...move })));
      pending = new Map();
      told.push(...named(notice).map(({ id }) => ({ id, flock, kind: notice.kind, reason: notice.reason })));
    } else if (kind === "presence")
      for (const what of ["joined", "left"])
        for (const { id, reason = null } of data[what] ?? []) pending.set(id, withheld(pending.get(id), { kind: what, reason }));
  }
  /* The last two at the end may be reported later. */
  for (const [id, moves] of pending) if (moves.length === 1) due.push({ id, flock: "not told", ...moves[0] });
  return { due, told };
}

/* A third change cancels the first two, which are not reported. */
function withheld(moves = [], move) {
  return moves.length === 2 ? [move] : [...moves, move];
}

/*
 * Each join and leave is named by one of the next notices in the room's log, in
 * the same order.
 */
function notices({ log, rooms }) {
  const byRoom = grouped(log.filter(({ room }) => room), ({ room }) => room);
  const words = (list) => list.map(({ flock, kind, reason }) => `${kind} ${reason} (${flock})`).join(", ");
  return rooms.flatMap(({ id: room }) => {
    const { due, told } = flocks(byRoom.get(room) ?? []);
    const [all, named] = [grouped(due, ({ id }) => id), grouped(told, ({ id }) => id)];
    return [...new Set([...all.keys(), ...named.keys()])].map((id) => [id, words(named.get(id) ?? []), words(all.get(id) ?? [])])
      .filter(([, said, was]) => said !== was).map(([id, said, was]) => `${id}: the notices say ${said}, but it was ${was}`);
  });
}

const meets = (windows, { low, high }) => windows.some(([from, to]) => from <= high && low <= to);

/* Compares the log's joins and leaves of one chatter with what the person did. */
function against(stay, moves, end, name) {
  const faults = [];
  const [must, may, entries, leaving] = [stay.must(), stay.may(), stay.entries(), stay.leaving()];
  moves.forEach((move, i) => {
    const next = moves[i + 1];
    const until = next ? next.low : end;
    if (move.kind === "joined") {
      if (!meets(entries, move)) faults.push(`${name}: joined at ${move.seq} (${move.low}) without doing anything`);
      const alone = beyond(may, move.high, until);
      if (alone) faults.push(`${name}: joined at ${move.seq} and still there at ${alone[0]}, ${alone[1] - alone[0]} ms after being gone`);
      return;
    }
    if (move.reason === "timeout" && must.cover(move.low, move.high)) faults.push(`${name}: told as gone at ${move.seq} (${move.low}) while present`);
    if (move.reason === "left" && !meets(leaving, move)) faults.push(`${name}: left at ${move.seq} without having asked`);
    const missing = must.within(move.high, next ? until : end);
    if (missing) faults.push(`${name}: left at ${move.seq} and not told as back, but present from ${missing[0]} to ${missing[1]}`);
  });
  const before = must.within(0, moves[0]?.low ?? end);
  if (before) faults.push(`${name}: present at ${before[0]} and not told`);
  return faults;
}

/* A part between FROM and TO that SPANS do not cover. */
function beyond(spans, from, to) {
  if (from >= to) return null;
  let at = from;
  for (const [a, b] of spans.list) if (a <= at && at <= b) at = b;
  return at < to ? [at, to] : null;
}

/* Presence, notices and capacity are those of the model of S2. */
export function present(record) {
  const { rooms, owners, settled } = record;
  const { faults, moves } = movements(record);
  faults.push(...notices(record));
  const stayOf = stays(record);
  for (const [id, { who, room }] of owners) {
    const place = rooms.find((one) => one.id === room);
    faults.push(...against(stayOf(who, place), moves.get(id), settled, `${who} (${id}) in ${room}`));
  }
  return faults;
}

/* The lists at the end hold everybody who must be present, and nobody who must not. */
export function listed(record) {
  const { rooms, owners, lists, settled } = record;
  const stayOf = stays(record);
  const faults = [];
  for (const [id, { who, room }] of owners) {
    const stay = stayOf(who, rooms.find((one) => one.id === room));
    const there = lists[room].filter((chatter) => chatter.id === id).length;
    if (there === 0 && stay.must().cover(settled, settled)) faults.push(`${who} is missing in the list of ${room}`);
    if (there === 1 && !stay.may().cover(settled, settled)) faults.push(`${who} is a ghost in the list of ${room}`);
    if (there > 1) faults.push(`${who} is in the list of ${room} ${there} times`);
  }
  return faults;
}

/* Whether MOVES show somebody who was away at some time between BEGAN and OVER, and came back as NICKNAME. */
function cameBackAs(moves, { began, over, nickname }) {
  return moves.some(({ reason, low }, i) => {
    const back = moves[i + 1];
    return reason === "timeout" && low <= over && (!back || (back.high >= began && back.nickname === nickname));
  });
}

/* Each granted nickname was announced once: at once, or with the next join of a chatter who was away. */
export function nicknames(record) {
  const { calls, log, people } = record;
  const told = log.flatMap(({ kind, data }) => (kind === "presence" ? (data.renamed ?? []) : []));
  const count = (id, nickname) => told.filter((one) => one.id === id && one.nickname === nickname).length;
  const { moves } = movements(record);
  return calls.filter(({ what, status }) => what === "rename" && status === 200)
    .map((call) => ({ call, id: people[call.who][call.room].id, n: count(people[call.who][call.room].id, call.nickname) }))
    .filter(({ call, id, n }) => n > 1 || (n === 0 && !cameBackAs(moves.get(id), call)))
    .map(({ call: { who, nickname }, n }) => `${who}: ${nickname} was granted and told ${n} times`);
}

/* Compares the history with the last change that the sender made to a message. */
function changedAs(calls, stored, events) {
  const faults = [];
  const edits = calls.filter(({ what, status }) => what === "edit" && (status === 200 || status === null));
  const erased = calls.filter(({ what, status }) => what === "erase" && (status === 204 || status === null));
  const sure = edits.filter(({ status }) => status === 200);
  const possible = edits.filter((edit) => edit.status === null || edit === sure.at(-1)).map(({ content }) => content);
  const { content, deleted_at } = stored;
  if (erased.some(({ status }) => status === 204) && !deleted_at) faults.push("was deleted and is there");
  if (deleted_at && erased.length === 0) faults.push("is deleted, and nobody did it");
  if (deleted_at && [stored, ...events.map(({ data }) => data.message)].some((message) => message.content !== "")) faults.push("is deleted, and its text is there");
  if (!deleted_at && sure.length > 0 && !possible.includes(content)) faults.push(`says ${content} instead of ${possible.join(" or ")}`);
  const told = events.filter(({ kind }) => kind === "edited").length;
  if (told !== (stored.edited_at ? 1 : 0)) faults.push(`was edited at ${stored.edited_at}, and that is told ${told} times`);
  return faults;
}

/* Edits and deletions are done and announced, and the old text is gone. */
export function changes({ calls, histories, log }) {
  const key = (room, id) => `${room} ${id}`;
  const about = grouped(log.filter(({ data }) => data.message), ({ data }) => key(data.message.room, data.message.id));
  const changed = grouped(calls.filter(({ what }) => what === "edit" || what === "erase"), ({ room, id }) => key(room, id));
  return [...changed].flatMap(([name, list]) => {
    const [{ room, id }] = list;
    return changedAs(list, histories[room][id - 1], about.get(name) ?? []).map((fault) => `${name} ${fault}`);
  });
}

export const CHECKS = { order, acknowledged, delivered, present, listed, nicknames, changes, unread, notified };

/* All faults, each with the name of its check. */
export function faults(record) {
  const ready = prepare(record);
  return Object.entries(CHECKS).flatMap(([name, check]) => check(ready).map((fault) => `${name}: ${fault}`));
}

/* How many of each kind there were. */
export function figures({ calls, links, kills, log, queues }) {
  const left = log.flatMap(({ kind, data }) => (kind === "presence" ? (data.left ?? []) : []));
  const count = (list, is) => list.filter(is).length;
  const queued = (kind) => count(Object.values(queues).flat(), (event) => event.kind === kind);
  return {
    "messages acknowledged": count(calls, ({ message }) => message),
    "answers lost": count(calls, ({ status }) => status === null),
    "joins refused": count(calls, ({ status, what }) => what === "join" && status === 409),
    "messages edited": count(log, ({ kind }) => kind === "edited"),
    "messages deleted": count(log, ({ kind }) => kind === "deleted"),
    "unread counts told": queued("unread"),
    "read markers told": queued("read"),
    "notifications told": queued("notification"),
    "notifications read or withdrawn": queued("notifications"),
    "goodbyes": count(calls, ({ what, status }) => what === "goodbye" && status === 204),
    "people left": count(left, ({ reason }) => reason === "left"),
    "people gone": count(left, ({ reason }) => reason === "timeout"),
    "streams": count(links, ({ as, sure }) => STREAMS.has(as) && sure),
    "long polls": count(links, ({ as, sure }) => as === "long" && sure),
    "instant polls": count(links, ({ as, sure }) => as === "instant" && sure),
    "facts heard": links.reduce((sum, { facts }) => sum + facts.length, 0),
    "events": log.length,
    "kills of the poller": count(kills, ({ what }) => what === "poller"),
    "kills of the API": count(kills, ({ what }) => what !== "poller"),
  };
}
