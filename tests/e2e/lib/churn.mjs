/* Pollers that join and leave at random, and a model of what each has missed. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { FORM } from "./forms.mjs";
import { Reader, cursorOf, poll } from "./reader.mjs";
import { Random, pick } from "./random.mjs";
import { until } from "./wait.mjs";

export const MARGIN_MS = 800; /* within which a poller must ask again */
const MESSAGES = 600; /* fewer than a count can tell apart */
const SAY_MS = 100;
const STAYS_MAX = 25; /* fewer than the absences that are remembered */
const WAIT_S = 1;

/* A person who polls; `upto` and `ids` of each answer are kept in order. */
export class Poller {
  deliveries = [];
  stays = 0;

  constructor(person, room, seed) {
    Object.assign(this, { person, room, random: new Random(seed, person.name) });
  }

  async join() {
    const { cursor } = await this.person.join(this.room);
    this.deliveries.push({ upto: cursorOf(cursor).seq, picture: true });
    this.cursor = cursor;
  }

  /* Polls under the connection name CONN, and keeps what the answer held. */
  async ask(conn, wait) {
    const reader = new Reader(this.person, [this.room], { conn, cursor: this.cursor, ...(FORM.daemon && wait ? {} : { path: "/api/v1/events" }) });
    const { cursor } = await poll(reader, wait);
    const ids = reader.feed.map(({ id }) => id);
    this.deliveries.push({ upto: cursorOf(cursor).seq, ids });
    this.cursor = cursor;
  }

  async stay(talk) {
    const conn = `stay${this.stays++}`;
    const wait = pick([0, WAIT_S], this.random.next());
    for (let asks = Math.floor(this.random.next() * 4); asks >= 0 && !talk.over; asks--) {
      await this.ask(conn, wait);
      await pause(this.random.next() * MARGIN_MS);
    }
    if (this.random.next() < 0.5) await this.person.ask("DELETE", `/me/connections/${conn}`);
  }

  async live(talk) {
    await this.join();
    while (!talk.over && this.stays < STAYS_MAX) {
      await this.stay(talk);
      const until_said = talk.said + Math.floor(this.random.next() * 30);
      await until(() => talk.over || talk.said >= until_said, "some are said", 60_000);
      if (this.random.next() < 0.5) await this.join();
    }
  }

  /* Whether message ID, whose event has SEQ, was delivered before the stay ended at LEFT. */
  heard(seq, id, left) {
    return this.deliveries.some(({ upto, ids, picture }) => upto < left && (picture ? upto >= seq : ids.includes(id)));
  }
}

/* How many messages in LOG the CHATTER has missed. */
export function missed(log, chatter, poller) {
  let unread = 0;
  let member = false;
  let stay = null; /* messages sent during the stay, which may be missed */
  for (const { seq, kind, data } of log) {
    const is = ({ id }) => id === chatter;
    if (kind === "presence" && data.joined?.some(is)) {
      stay = { said: [] };
      member = true;
    }
    if (kind === "presence" && data.left?.some(is)) {
      unread += stay.said.filter((one) => !poller.heard(one.seq, one.id, seq)).length;
      stay = null;
    }
    if (kind !== "message") continue;
    if (stay) stay.said.push({ seq, id: data.message.id });
    else if (member) unread++;
  }
  assert.equal(stay, null, "everybody is gone in the end");
  return unread;
}

/* Sends MESSAGES messages at even intervals; then the talk is over. */
export async function speak(who, room, talk) {
  while (talk.said < MESSAGES) {
    await who.say(room, `${talk.said++}`);
    await pause(SAY_MS);
  }
  talk.over = true;
}
