/*
 * my-rooms: the visitor's own rooms, with the last message of each and the
 * number of unread ones.  The most recent come first, and the personal queue
 * keeps the list up to date.  The sum of unread messages includes rooms on
 * pages that have not been loaded.
 */

import { roomAddress } from "./address.js";
import { isolate, sentenceNodes } from "./bidi.js";
import { $, element, replaceRows, tile, whileBusy } from "./elements.js";
import { setUnreadCount } from "./tab-title.js";
import { shortTime } from "./times.js";
import { errorText, word } from "./words.js";

/**
 * @typedef {import("./types.js").Message} Message
 * @typedef {import("./types.js").MyRoom} MyRoom
 */

const PAGE = 20;
const PAGE_MAX = 100;

export class MyRooms {
  #parlor;
  #identity;
  /** @type {Map<string, MyRoom>} by the room's id, most recent first */
  #rooms = new Map();
  /** @type {string | null} where the next page begins */
  #next = null;
  #unread = 0; /* messages, in all rooms */
  #loading = false;
  #stale = false; /* an event came while the list was being loaded */

  /** @param {Pick<import("./app.js").Visitor, "parlor" | "identity" | "queue">} visitor */
  constructor({ parlor, identity, queue }) {
    this.#parlor = parlor;
    this.#identity = identity;
    queue
      .on("missed", () => this.load())
      .on("unread", (data) => this.#onUnread(data))
      .on("read", ({ room, unread }) => this.#setUnread(room, unread))
      .on("ended", () => this.#setRooms([], null, 0));
    $("my-rooms-more").addEventListener("click", () => whileBusy($("my-rooms-more"), () => this.#loadMore()));
    /* The queue does not tell of messages in a room where another tab is present. */
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.load();
    });
  }

  async load() {
    this.#stale = true;
    if (this.#loading || !this.#identity.isKnown) return;
    this.#loading = true;
    try {
      while (this.#stale) await this.#loadOnce();
    } catch (error) {
      $("my-rooms-box").hidden = false;
      $("my-rooms-error").textContent = errorText(error);
    } finally {
      this.#loading = false;
    }
  }

  async #loadOnce() {
    this.#stale = false;
    const limit = Math.min(Math.max(PAGE, this.#rooms.size), PAGE_MAX);
    const { rooms, next, unread } = await this.#parlor.myRooms({ limit });
    this.#setRooms(rooms, next, unread);
  }

  async #loadMore() {
    try {
      const { rooms, next } = await this.#parlor.myRooms({ limit: PAGE, before: this.#next ?? undefined });
      this.#setRooms([...this.#rooms.values(), ...rooms], next, this.#unread);
    } catch (error) {
      $("my-rooms-error").textContent = errorText(error);
    }
  }

  /** @param {MyRoom[]} all @param {string | null} next @param {number} unread */
  #setRooms(all, next, unread) {
    this.#next = next;
    this.#unread = unread;
    this.#rooms = new Map(all.map((mine) => [mine.room.id, mine]));
    $("my-rooms-error").textContent = "";
    $("my-rooms-more").hidden = this.#next === null;
    this.#render();
  }

  #render() {
    const all = [...this.#rooms.values()];
    $("my-rooms-box").hidden = all.length === 0;
    replaceRows($("my-rooms"), all.map(renderRow));
    setUnreadCount(this.#unread);
  }

  /** @param {{ room: string, unread: number, message: Message | null }} data */
  #onUnread({ room, unread, message }) {
    const mine = this.#rooms.get(room);
    if (!message) this.load(); /* one may have been deleted */
    if (mine && message) {
      mine.last_message = message;
      this.#rooms.delete(room);
      this.#rooms = new Map([[room, mine], ...this.#rooms]);
    }
    this.#setUnread(room, unread);
  }

  /**
   * A room that is not in the list was joined elsewhere, or is on a later page.
   *
   * @param {string} room
   * @param {number} unread
   */
  #setUnread(room, unread) {
    this.#stale = true;
    const mine = this.#rooms.get(room);
    if (!mine) {
      this.load();
      return;
    }
    this.#unread += unread - mine.unread;
    mine.unread = unread;
    this.#render();
  }
}

/** @param {MyRoom} mine */
function renderRow({ room, chatter, last_message: last, unread }) {
  const row = element("li");
  const link = element("a", "room");
  const words = element("span", "room-words");
  const excerpt = element("span", "quiet last");
  link.href = roomAddress(room.id);
  link.dataset.room = room.id;
  row.dataset.id = room.id;
  row.dataset.chatter = chatter.id;
  excerpt.append(...sentenceNodes(lastMessageText(last)));
  words.append(element("bdi", "room-title", room.title), excerpt);
  link.append(tile(room), words, renderAside(room, last, unread));
  row.append(link);
  return row;
}

/** @param {Message | null} last */
function lastMessageText(last) {
  if (!last) return word("noMessages");
  if (last.deleted_at) return word("messageDeleted");
  const content = isolate(last.content);
  return last.chatter ? word("lastMessage", isolate(last.chatter.nickname), content) : content;
}

/** @param {import("./types.js").Room} room @param {Message | null} last @param {number} unread */
function renderAside(room, last, unread) {
  const made = element("span", "room-aside");
  if (last) made.append(shortTime(new Date(last.created_at)));
  if (room.expired) made.append(element("span", "badge full", word("roomClosedTag")));
  if (unread === 0) return made;
  const count = element("span", "unread", unread > 99 ? "99+" : String(unread));
  count.setAttribute("aria-hidden", "true");
  made.append(count, element("span", "visually-hidden", word("unreadCount", unread)));
  return made;
}
