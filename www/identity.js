/*
 * identity: who the visitor is, in every room of the tab.
 *
 * The first room that is joined or created makes a person; the token goes
 * along from room to room, with the chatter that one is in each.  It is kept
 * for the tab's session, so that a new visit is a new person.  Who wants to be
 * remembered has it on the device as well, and in a cookie, by which other
 * pages of the site know the same person.
 */

import { keyOf } from "./address.js";
import { device, drop, keep, recall } from "./storage.js";

const KEY = keyOf("me");
const CHATTERS_MAX = 200;

const NOBODY = { token: null, nickname: "", chatters: {} };

function changed({ chatters, nickname }, token, room, chatter) {
  const others = Object.entries(chatters).filter(([name]) => name !== room);
  const all = chatter ? [...others, [room, chatter]] : others;
  return {
    token,
    nickname: chatter?.nickname ?? nickname,
    chatters: Object.fromEntries(all.slice(-CHATTERS_MAX)),
  };
}

export class Identity {
  #parlor;

  /* Goes on as who the tab was, or who is remembered. */
  constructor(parlor) {
    this.#parlor = parlor;
    if (!recall(KEY) && this.remembered) keep(KEY, device.recall(KEY));
    parlor.token = this.#own.token;
  }

  get #own() {
    return recall(KEY) ?? NOBODY;
  }

  get known() {
    return this.#parlor.token !== null;
  }

  /* Whether it is this person who is remembered, not one of another tab. */
  get remembered() {
    const there = device.recall(KEY);
    return there !== null && (!recall(KEY) || there.token === this.#own.token);
  }

  /* The name that was used last. */
  get nickname() {
    return this.#own.nickname;
  }

  /* The chatter that one is in `room`, or null. */
  chatter(room) {
    return this.#own.chatters[room] ?? null;
  }

  /* Somebody is known now: by a chatter in `room`, or there by nothing but the token. */
  keep(room, chatter) {
    const { remembered } = this;
    const { token } = this.#parlor;
    keep(KEY, changed(this.#own, token, room, chatter));
    if (remembered) device.keep(KEY, changed(device.recall(KEY), token, room, chatter));
  }

  async remember(wanted) {
    if (wanted === this.remembered) return;
    if (wanted) await this.#parlor.openSession({ remember: true });
    else await this.#parlor.closeSession();
    if (wanted) device.keep(KEY, { ...this.#own, token: this.#parlor.token });
    else device.drop(KEY);
  }

  /* Nobody knows the token any more: who comes next is somebody else. */
  async end() {
    const { remembered } = this;
    this.#parlor.token = null;
    if (remembered) device.drop(KEY);
    drop(KEY);
    if (remembered) await this.#parlor.closeSession().catch(() => {}); /* it names nobody */
  }

  async forget() {
    await this.#parlor.forgetMe();
    await this.end();
  }
}
