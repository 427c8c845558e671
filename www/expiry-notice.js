/*
 * expiry-notice: says when a room will close, notices that it has, and says
 * that it is closed.
 *
 * The server decides what the time is.  While it cannot be asked, the room
 * counts as open, and it is asked again later.
 */

import { $ } from "./elements.js";
import { relativeTime, wallNow } from "./times.js";
import { word } from "./words.js";

/**
 * @typedef {import("./types.js").Room} Room
 */

const CHECK_MS = 60_000;
const SLACK_MS = 2_000; /* for the stream, which usually brings the end before the page asks */

export class ExpiryNotice {
  #load;
  #changed;
  #expired;
  /** @type {Room | null} the room being watched */
  #room = null;
  #timer = 0;

  /**
   * @param {object} options
   * @param {() => Promise<Room>} options.load asks the server for the room
   * @param {(room: Room) => void} options.changed the room is still open
   * @param {() => void} options.expired
   */
  constructor({ load, changed, expired }) {
    this.#load = load;
    this.#changed = changed;
    this.#expired = expired;
  }

  /**
   * Shows when an open room will close, and watches that time.
   *
   * @param {Room} room
   */
  watch(room) {
    this.stop();
    $("closed").hidden = true;
    this.#room = room;
    const ends = room.expires_at ? new Date(room.expires_at) : null;
    $("room-about").textContent = ends ? word("roomCloses", relativeTime(ends)) : "";
    if (!ends) return;
    const left = ends.getTime() - wallNow().getTime();
    const wait = left > 0 ? Math.min(left + SLACK_MS, CHECK_MS) : CHECK_MS; /* the clock here is fast */
    this.#timer = setTimeout(() => this.#check(room), wait);
  }

  /** Shows that the room has closed. */
  showClosed() {
    this.stop();
    $("closed").hidden = false;
    $("room-about").textContent = "";
  }

  stop() {
    clearTimeout(this.#timer);
    this.#room = null;
  }

  /** @param {Room} room */
  async #check(room) {
    let now = room;
    if (new Date(room.expires_at ?? 0) <= wallNow()) now = await this.#load().catch(() => room);
    if (this.#room !== room) return; /* it has changed or was left meanwhile */
    if (now.expired) this.#expired();
    else this.#changed(now);
  }
}
