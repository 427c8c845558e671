/*
 * identity: who the visitor is, in every room of the tab.
 *
 * The first room that is joined or created makes a person.  The person's token,
 * and the chatter in each room, go along from room to room.  They are stored
 * for the tab's session, so that a new visit is a new person.  If the visitor
 * wants to be remembered, they are stored on the device as well, and the token
 * in a cookie, by which other pages of the site know the same person.
 */

import { storageKey } from "./address.js";
import { device, load, remove, save } from "./storage.js";

/**
 * @typedef {import("./types.js").Chatter} Chatter
 */

/**
 * @typedef {object} Person
 * @property {string | null} token
 * @property {string} nickname the one that was used last
 * @property {Record<string, Chatter>} chatters by the room's id
 */

const KEY = storageKey("me");
const CHATTERS_MAX = 200;

/** @type {Person} */
const NOBODY = { token: null, nickname: "", chatters: {} };

/**
 * `person` with another chatter in `room`, or none.
 *
 * @param {Person} person
 * @param {string | null} token
 * @param {string} room
 * @param {Chatter | null} chatter
 * @returns {Person}
 */
function withChatter({ chatters, nickname }, token, room, chatter) {
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

  /**
   * Continues as the tab's person, or as the one who is remembered.
   *
   * @param {import("./parlor.js").Parlor} parlor
   */
  constructor(parlor) {
    this.#parlor = parlor;
    if (!load(KEY) && this.remembered) save(KEY, device.load(KEY));
    parlor.token = this.#person.token;
  }

  /** @returns {Person} */
  get #person() {
    return load(KEY) ?? NOBODY;
  }

  /** Whether there is a person yet. */
  get isKnown() {
    return this.#parlor.token !== null;
  }

  /** Whether this person is remembered, and not one of another tab. */
  get remembered() {
    const stored = device.load(KEY);
    return stored !== null && (!load(KEY) || stored.token === this.#person.token);
  }

  get nickname() {
    return this.#person.nickname;
  }

  /**
   * The visitor's chatter in `room`, or null.
   *
   * @param {string} room
   */
  chatter(room) {
    return this.#person.chatters[room] ?? null;
  }

  /**
   * Stores the token, and the visitor's chatter in `room`; null: there is none.
   *
   * @param {string} room
   * @param {Chatter | null} chatter
   */
  setChatter(room, chatter) {
    const { remembered } = this;
    const { token } = this.#parlor;
    save(KEY, withChatter(this.#person, token, room, chatter));
    if (remembered) device.save(KEY, withChatter(device.load(KEY), token, room, chatter));
  }

  /** @param {boolean} wanted */
  async setRemembered(wanted) {
    if (wanted === this.remembered) return;
    if (wanted) await this.#parlor.openSession({ remember: true });
    else await this.#parlor.closeSession();
    if (wanted) device.save(KEY, { ...this.#person, token: this.#parlor.token });
    else device.remove(KEY);
  }

  /** The server no longer knows the token: the visitor will be a new person. */
  async reset() {
    const { remembered } = this;
    this.#parlor.token = null;
    if (remembered) device.remove(KEY);
    remove(KEY);
    if (remembered) await this.#parlor.closeSession().catch(() => {}); /* its token is void anyway */
  }

  /** Makes the server forget the person. */
  async forget() {
    await this.#parlor.forgetMe();
    await this.reset();
  }
}
