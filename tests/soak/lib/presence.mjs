/*
 * A model of S2, from what people did: when each must have been present in a
 * room, and when each may have been. The difference is uncertain: a request in
 * transit, a lost answer, a broken connection that was not noticed yet.
 */
const SLACK_MS = 500; /* of the reaper and the machine, beyond what was measured */
const STEP_MS = 1000; /* in which leases move (db/chat/leases.c) */
const LEAST_MS = 100;
const ROUNDING_MS = 5; /* between clocks of different processes */
export const STREAMS = new Set(["sse", "ndjson"]);
export const seqOf = (cursor) => Number(cursor.split("-")[1]);

/* Spans of time that do not touch, in order. */
export class Spans {
  constructor(spans) {
    this.list = [];
    for (const [from, to] of spans.filter(([a, b]) => a <= b).sort(([a], [b]) => a - b)) {
      const last = this.list.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else this.list.push([from, to]);
    }
  }

  /* Whether one of them covers FROM to TO. */
  cover(from, to) {
    return this.list.some(([a, b]) => a <= from && to <= b);
  }

  /* The first part of them between FROM and TO that has a length. */
  within(from, to) {
    const parts = this.list.map(([a, b]) => [Math.max(a, from), Math.min(b, to)]);
    return parts.find(([a, b]) => a < b);
  }
}

function effective({ status }) {
  return status === null || status < 300;
}

/* The longest time that an answer took while all programs ran. */
export function uncertainty({ calls, kills }) {
  const disturbed = ({ began, over }) => kills.some((kill) => began <= kill.back + SLACK_MS && over >= kill.began);
  const took = calls.filter((call) => call.status !== null && !disturbed(call)).map(({ began, over }) => over - began);
  return took.reduce((most, ms) => Math.max(most, ms), LEAST_MS);
}

/* The calls and connections of one person in one room. */
class Stay {
  constructor(record, room, { calls = [], links, goodbyes }) {
    Object.assign(this, { times: record.times, grace: room.grace, unsure: record.unsure });
    this.kills = record.kills.filter(({ what }) => what === "poller");
    this.outages = record.kills.filter(({ what }) => what !== "worker");
    this.joins = calls.filter((call) => call.what === "join" && effective(call));
    this.leaves = calls.filter((call) => call.what === "leave" && effective(call));
    this.links = links.filter((link) => effective(link) && !link.unheard);
    this.goodbyes = goodbyes.filter(effective);
  }

  lease(link) {
    return (link.as === "long" ? this.times.wait_s * 1000 : 0) + this.times.margin;
  }

  must() {
    const all = [
      ...this.joins.filter(({ status }) => status !== null).map((join) => [join, join.over, this.#joined(join)]),
      ...this.links.filter(({ sure }) => sure !== null).map((link) => [link, ...this.#unlessGoodbye(link, ...this.#sure(link))]),
    ];
    return new Spans(all.map(([{ began }, from, to]) => [from, this.#notLeft(began, to) - ROUNDING_MS]));
  }

  /* A leave that may have been done after it began ends it. */
  #notLeft(began, to) {
    const ends = this.leaves.filter(({ over }) => over > began).map((leave) => leave.began);
    return Math.min(to, ...ends);
  }

  /* The first link replaces a join. */
  #joined(join) {
    const later = this.links.filter((link) => (link.sure ?? (link.cut ?? link.over ?? Infinity) + this.unsure) >= join.began);
    return Math.min(join.began + this.times.join, ...later.map(({ sure, began }) => sure ?? began));
  }

  #sure(link) {
    if (!STREAMS.has(link.as)) return [this.#entered(link), link.began + this.lease(link)];
    return [link.sure, this.#replaced(link, this.#held(link))];
  }

  /* After a goodbye a connection still has its grace period. */
  #unlessGoodbye({ conn, began }, from, to) {
    const ends = this.#goodbyesOf(conn).filter(({ over }) => over > began).map((goodbye) => goodbye.began + this.grace);
    return [from, Math.min(to, ...ends)];
  }

  #goodbyesOf(conn) {
    return conn ? this.goodbyes.filter((goodbye) => goodbye.conn === conn) : [];
  }

  /* A long poll enters soon after it was asked for, long before its answer. */
  #entered({ began, sure }) {
    const disturbed = this.kills.some((kill) => began <= kill.back + this.times.lease && sure >= kill.began);
    return disturbed ? sure : Math.min(sure, began + 2 * this.unsure);
  }

  /* Until when a stream counted for certain. */
  #held(link) {
    if (link.quit !== null) return link.quit + this.grace;
    if (link.bye) return link.facts.at(-1)?.at ?? link.sure;
    const kill = this.kills.find(({ began, back }) => link.over >= began && link.began <= back && link.over <= back);
    if (!kill) return link.last + this.grace;
    return Math.max(link.last, kill.began + (this.times.lease * 2) / 3 - this.unsure) + this.grace;
  }

  /* Another link of the same name replaces it at once. */
  #replaced(link, to) {
    const next = link.conn && this.links.find(({ conn, began }) => conn === link.conn && began > link.began);
    if (!next || next.began >= to) return to;
    return next.sure ?? next.began;
  }

  may() {
    const all = [
      ...this.joins.map((join) => [join, join.over + this.times.join]),
      ...this.links.map((link) => [link, STREAMS.has(link.as) ? this.#noticed(link) : this.#polled(link)]),
    ];
    return new Spans(all.map(([what, to]) => [what.began, this.#gone(what, this.#late(what.began, to))]));
  }

  #polled({ conn, as, sure, over }) {
    const done = this.#goodbyesOf(conn).filter((goodbye) => goodbye.status !== null && (sure ?? Infinity) <= goodbye.began);
    const ends = done.map((goodbye) => goodbye.over + this.grace);
    return Math.min((over ?? Infinity) + this.lease({ as }) + this.grace, ...ends);
  }

  #noticed(link) {
    const end = Math.max(link.cut ?? 0, link.over ?? Infinity) === Infinity ? (link.cut ?? Infinity) : (link.cut ?? link.over);
    const written = end + 2 * this.times.hb + this.unsure;
    const dead = this.kills.filter(({ began }) => began >= link.began && began <= written);
    return Math.max(written, ...dead.map(({ back }) => back + this.times.lease)) + this.grace;
  }

  /* Leases are extended by the time in which a daemon is down, plus a step. */
  #late(from, to) {
    const moved = this.outages.reduce((at, { began, back }) =>
      (began <= at + SLACK_MS + this.unsure && back >= from ? Math.max(at, began) + (back - began) + STEP_MS : at), to);
    return moved + SLACK_MS + this.unsure;
  }

  /* A later leave ends it at once. */
  #gone(what, to) {
    const done = this.leaves.filter((leave) => leave.status !== null && (what.sure ?? what.over ?? Infinity) <= leave.began);
    return Math.min(to, ...done.map(({ over }) => over));
  }

  /* When the chatter may have entered. */
  entries() {
    const joins = this.joins.map(({ began, over }) => [began, over]);
    const links = this.links.map(({ began, sure, cut, over }) => [began, sure ?? (cut ?? over ?? Infinity) + this.unsure]);
    return [...joins, ...links];
  }

  leaving() {
    return this.leaves.map(({ began, over }) => [began, over]);
  }
}

/* When each person had some connection for certain; each of them carries the queue. */
export function listening(record) {
  const goodbyes = record.calls.filter(({ what }) => what === "goodbye");
  const spans = new Map();
  return (who) => {
    if (!spans.has(who)) {
      const mine = (one) => one.who === who;
      const stay = new Stay(record, { grace: record.times.grace }, { links: record.links.filter(mine), goodbyes: goodbyes.filter(mine) });
      spans.set(who, stay.must());
    }
    return spans.get(who);
  };
}

/* Calls and links by person and room. */
export function stays(record) {
  const by = new Map();
  const goodbyes = record.calls.filter(({ what }) => what === "goodbye");
  const at = (who, room) => {
    const key = `${who} ${room}`;
    if (!by.has(key)) by.set(key, { calls: [], links: [], goodbyes: goodbyes.filter((goodbye) => goodbye.who === who) });
    return by.get(key);
  };
  for (const call of record.calls) if (call.room) at(call.who, call.room).calls.push(call);
  for (const link of record.links) for (const room of link.rooms) at(link.who, room).links.push(link);
  return (who, room) => new Stay(record, room, at(who, room.id));
}
