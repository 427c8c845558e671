/*
 * A model of what counts as heard (S5-7). For each message in a stay that timed
 * out it says whether the person received it, missed it, or whether that is
 * uncertain. It is uncertain only if an answer got lost, or if a stream's
 * client gave up while something was in transit.
 */
import { STREAMS, seqOf } from "./presence.mjs";

export const HEARD = "heard";
export const MISSED = "missed";
export const UNSURE = "unsure";

/* HEARD: at AT the stay had not ended; UNSURE: it may have ended. */
function before(at, { low, high }) {
  if (at === null || at > high) return null;
  return at < low ? HEARD : UNSURE;
}

/* All ways in which messages of one room may have reached one person. */
class Deliveries {
  #links;
  #pictures;
  #facts = new Map(); /* seq: [{at, link}] */

  constructor({ unsure, kills }, links, joins) {
    Object.assign(this, { unsure, kills: kills.filter(({ what }) => what === "poller") });
    this.#links = links;
    this.#pictures = joins;
    for (const link of links)
      for (const { seq, at } of link.facts) this.#facts.set(seq, [...(this.#facts.get(seq) ?? []), { at, link }]);
  }

  /* MESSAGE is {seq, made}; END is the span of time in which the stay ended. */
  verdict(message, end) {
    const ways = [...this.#told(message, end), ...this.#proven(message, end), ...this.#drawn(message, end), ...this.#lost(message, end)];
    if (ways.includes(HEARD)) return HEARD;
    return ways.includes(UNSURE) ? UNSURE : MISSED;
  }

  #told({ seq }, end) {
    return (this.#facts.get(seq) ?? []).map(({ at, link }) => (before(at, end) && this.#unwritten(link) ? UNSURE : before(at, end)));
  }

  /* The poller notes the answer to a long poll after sending it. */
  #unwritten({ as, over }) {
    return as === "long" && this.kills.some(({ began, back }) => over !== null && over >= began - this.unsure && over <= back);
  }

  /* A cursor proves that everything up to it was received. */
  #proven({ seq }, end) {
    return this.#links.filter(({ asked }) => seqOf(asked) >= seq).map(({ sure, began }) => before(sure, end) ?? (sure === null && before(began, end) ? UNSURE : null));
  }

  #drawn({ seq, made }, end) {
    return this.#pictures.map(({ status, cursor, began, over }) => {
      if (cursor) return seqOf(cursor) >= seq ? before(over, end) : null;
      return status === null && made <= over + this.unsure && began <= end.high ? UNSURE : null;
    });
  }

  /* Answers that were in transit when the client gave up, or that got lost. */
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
  const found = new Map();
  return (who, room, message, end) => {
    const key = `${who} ${room}`;
    if (!found.has(key)) found.set(key, new Deliveries(record, links.get(key) ?? [], joins.get(key) ?? []));
    return found.get(key).verdict(message, end);
  };
}
