/*
 * A model of what counts as heard (S5-7): of each message in a stay that ended
 * by time, whether its person was delivered it, missed it, or whether nobody
 * can know.  The last is so only where an answer was lost, or where a stream's
 * client gave up while something was on its way.
 */
import { STREAMS, seqOf } from "./presence.mjs";

export const HEARD = "heard";
export const MISSED = "missed";
export const UNSURE = "unsure";

/* SURE: it was so before the stay ended; else it may have been. */
function before(at, { low, high }) {
  if (at === null || at > high) return null;
  return at < low ? HEARD : UNSURE;
}

/* Everything that may have delivered something of one room to one person. */
class Ears {
  #links;
  #pictures;
  #facts = new Map(); /* seq: [at, the link] */

  constructor({ unsure, kills }, links, joins) {
    Object.assign(this, { unsure, kills: kills.filter(({ what }) => what === "poller") });
    this.#links = links;
    this.#pictures = joins;
    for (const link of links)
      for (const { seq, at } of link.facts) this.#facts.set(seq, [...(this.#facts.get(seq) ?? []), { at, link }]);
  }

  /* MESSAGE is {seq, made}; END the time in which the stay ended. */
  verdict(message, end) {
    const ways = [...this.#told(message, end), ...this.#proven(message, end), ...this.#drawn(message, end), ...this.#lost(message, end)];
    if (ways.includes(HEARD)) return HEARD;
    return ways.includes(UNSURE) ? UNSURE : MISSED;
  }

  #told({ seq }, end) {
    return (this.#facts.get(seq) ?? []).map(({ at, link }) => (before(at, end) && this.#unwritten(link) ? UNSURE : before(at, end)));
  }

  /* A waiting poll's answer is written down behind it. */
  #unwritten({ as, over }) {
    return as === "long" && this.kills.some(({ began, back }) => over !== null && over >= began - this.unsure && over <= back);
  }

  /* A cursor is the proof of all up to it. */
  #proven({ seq }, end) {
    return this.#links.filter(({ asked }) => seqOf(asked) >= seq).map(({ sure, began }) => before(sure, end) ?? (sure === null && before(began, end) ? UNSURE : null));
  }

  #drawn({ seq, made }, end) {
    return this.#pictures.map(({ status, cursor, began, over }) => {
      if (cursor) return seqOf(cursor) >= seq ? before(over, end) : null;
      return status === null && made <= over + this.unsure && began <= end.high ? UNSURE : null;
    });
  }

  /* What was on its way when the client gave up, or when the answer was lost. */
  #lost({ seq, made }, end) {
    const open = this.#links.filter(({ began, status, unheard, quit }) => began <= end.high && !unheard && (status === null || (status === 200 && quit !== null)));
    return open.map((link) => {
      const over = Math.max(link.cut ?? 0, link.over ?? link.cut ?? Infinity);
      const until = STREAMS.has(link.as) && link.cut !== null ? link.cut : over;
      return seq > seqOf(link.to) && made <= until + this.unsure ? UNSURE : null;
    });
  }
}

export function deliveries(record) {
  const links = new Map();
  const joins = new Map();
  const add = (map, key, one) => map.set(key, [...(map.get(key) ?? []), one]);
  for (const link of record.links) for (const room of link.rooms) add(links, `${link.who} ${room}`, link);
  for (const call of record.calls) if (call.what === "join") add(joins, `${call.who} ${call.room}`, call);
  const ears = new Map();
  return (who, room, message, end) => {
    const key = `${who} ${room}`;
    if (!ears.has(key)) ears.set(key, new Ears(record, links.get(key) ?? [], joins.get(key) ?? []));
    return ears.get(key).verdict(message, end);
  };
}
