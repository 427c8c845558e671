/*
 * my-rooms: the visitor's own rooms, with what was said last and how much of it
 * is unread; most recent first, and live by the visitor's queue.  The total of
 * unread messages includes rooms of pages that are not shown.
 */

import { roomAddress } from "./address.js";
import { countUnread } from "./tab-title.js";
import { $, busy, element, refill, tile } from "./elements.js";
import { isolated, sentence } from "./bidi.js";
import { stampOf } from "./times.js";
import { explain, word } from "./words.js";

const PAGE = 20;
const PAGE_MAX = 100;

export class Mine {
  #parlor;
  #identity;
  #byId = new Map(); /* room id -> what is shown of it, most recent first */
  #next = null; /* where the next page begins */
  #unread = 0; /* messages, in all rooms */
  #loading = false;
  #stale = false; /* something came while the list was being asked for */

  constructor({ parlor, identity, queue }) {
    this.#parlor = parlor;
    this.#identity = identity;
    queue
      .on("missed", () => this.load())
      .on("unread", (told) => this.#hear(told))
      .on("read", ({ room, unread }) => this.#count(room, unread))
      .on("ended", () => this.#drawAll([], null, 0));
    $("my-rooms-more").addEventListener("click", () => busy($("my-rooms-more"), () => this.#more()));
    /* What is said where another tab is present is not told here. */
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.load();
    });
  }

  async load() {
    this.#stale = true;
    if (this.#loading || !this.#identity.known) return;
    this.#loading = true;
    try {
      while (this.#stale) await this.#loadOnce();
    } catch (error) {
      $("my-rooms-box").hidden = false;
      $("my-rooms-error").textContent = explain(error);
    } finally {
      this.#loading = false;
    }
  }

  async #loadOnce() {
    this.#stale = false;
    const limit = Math.min(Math.max(PAGE, this.#byId.size), PAGE_MAX);
    const { rooms, next, unread } = await this.#parlor.myRooms({ limit });
    this.#drawAll(rooms, next, unread);
  }

  async #more() {
    try {
      const { rooms, next } = await this.#parlor.myRooms({ limit: PAGE, before: this.#next });
      this.#drawAll([...this.#byId.values(), ...rooms], next, this.#unread);
    } catch (error) {
      $("my-rooms-error").textContent = explain(error);
    }
  }

  #drawAll(all, next, unread) {
    this.#next = next;
    this.#unread = unread;
    this.#byId = new Map(all.map((mine) => [mine.room.id, mine]));
    $("my-rooms-error").textContent = "";
    $("my-rooms-more").hidden = this.#next === null;
    this.#draw();
  }

  #draw() {
    const all = [...this.#byId.values()];
    $("my-rooms-box").hidden = all.length === 0;
    refill($("my-rooms"), all.map(mineRow));
    countUnread(this.#unread);
  }

  #hear({ room, unread, message }) {
    const mine = this.#byId.get(room);
    if (!message) this.load(); /* one may have been deleted */
    if (mine && message) {
      mine.last_message = message;
      this.#byId.delete(room);
      this.#byId = new Map([[room, mine], ...this.#byId]);
    }
    this.#count(room, unread);
  }

  /* A room that is not shown was joined elsewhere, or is on a later page. */
  #count(room, unread) {
    this.#stale = true;
    const mine = this.#byId.get(room);
    if (!mine) {
      this.load();
      return;
    }
    this.#unread += unread - mine.unread;
    mine.unread = unread;
    this.#draw();
  }
}

function mineRow({ room, chatter, last_message: last, unread }) {
  const row = element("li");
  const link = element("a", "room");
  const words = element("span", "room-words");
  const said = element("span", "quiet last");
  link.href = roomAddress(room.id);
  link.dataset.room = room.id;
  row.dataset.id = room.id;
  row.dataset.chatter = chatter.id;
  said.append(...sentence(lastWords(last)));
  words.append(element("bdi", "room-title", room.title), said);
  link.append(tile(room), words, aside(room, last, unread));
  row.append(link);
  return row;
}

function lastWords(last) {
  if (!last) return word("nothingSaid");
  if (last.deleted_at) return word("messageGone");
  const content = isolated(last.content);
  return last.chatter ? word("lastSaid", isolated(last.chatter.nickname), content) : content;
}

function aside(room, last, unread) {
  const made = element("span", "room-aside");
  if (last) made.append(stampOf(new Date(last.created_at)));
  if (room.expired) made.append(element("span", "badge full", word("roomClosedTag")));
  if (unread === 0) return made;
  const count = element("span", "unread", unread > 99 ? "99+" : unread);
  count.setAttribute("aria-hidden", "true");
  made.append(count, element("span", "spoken", word("unreadCount", unread)));
  return made;
}
