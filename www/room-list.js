/* room-list: the view in which a visitor chooses or creates a room. */

import { params, roomAddress, roomsAddress } from "./address.js";
import { CreateRoom } from "./create-room.js";
import { $, element, tile, whileBusy } from "./elements.js";
import { MyRooms } from "./my-rooms.js";
import { load, remove, save } from "./storage.js";
import { setTitle } from "./tab-title.js";
import { relativeTime } from "./times.js";
import { errorText, word } from "./words.js";

/**
 * @typedef {import("./types.js").Room} Room
 */

const MESSAGE_KEY = "parlor message";

/**
 * Stores a text that the list of rooms shows once, when it is opened next.
 *
 * @param {string} text
 */
export function showOnRoomList(text) {
  save(MESSAGE_KEY, text);
}

/**
 * Makes all links to the rooms lead to the rooms of this namespace.
 *
 * @param {string} namespace
 */
export function linkToRooms(namespace) {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-rooms]"));
  for (const link of links) link.href = roomsAddress(namespace);
}

export class RoomList {
  #parlor;
  #queue;
  #inbox;
  #myRooms;
  /** @type {string | undefined} the id of the last room shown */
  #last;

  /** @param {import("./app.js").Visitor} visitor */
  constructor(visitor) {
    this.#parlor = visitor.parlor;
    this.#queue = visitor.queue;
    this.#inbox = visitor.inbox;
    this.#myRooms = new MyRooms(visitor);
    new CreateRoom(visitor);
    $("rooms-more").addEventListener("click", () => whileBusy($("rooms-more"), () => this.#loadMore()));
    globalThis.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.#load();
    });
  }

  async show() {
    setTitle("Parlor");
    $("start-view").hidden = false;
    this.#inbox.attachBell($("start-view"));
    $("start-message").textContent = load(MESSAGE_KEY) ?? "";
    remove(MESSAGE_KEY);
    await this.#load();
  }

  async #load() {
    this.#last = undefined;
    $("rooms-state").textContent = word("roomsLoading");
    await Promise.all([this.#myRooms.load(), this.#loadMore()]);
    this.#queue.open();
  }

  async #loadMore() {
    try {
      const { namespace } = params;
      const page = await this.#parlor.rooms({ namespace, after: this.#last });
      this.#render(page);
    } catch (error) {
      $("rooms-state").textContent = errorText(error);
      $("rooms-more").textContent = word("tryAgain");
      $("rooms-more").hidden = false;
    }
  }

  /** @param {{ rooms: Room[], has_more: boolean }} page */
  #render({ rooms, has_more: more }) {
    const rows = rooms.map(renderRow);
    if (this.#last === undefined) $("rooms").replaceChildren(...rows);
    else $("rooms").append(...rows);
    if (this.#last !== undefined) rows[0]?.querySelector("a")?.focus();
    this.#last = rooms.at(-1)?.id ?? this.#last;
    $("rooms-state").textContent = this.#last === undefined ? word("roomsEmpty") : "";
    $("rooms-more").textContent = word("roomsMore");
    $("rooms-more").hidden = !more;
  }
}

/** @param {Room} room */
function renderRow(room) {
  const row = element("li");
  const link = element("a", "room");
  const words = element("span", "room-words");
  link.href = roomAddress(room.id);
  link.dataset.room = room.id;
  words.append(element("bdi", "room-title", room.title), element("span", "quiet", seatsText(room)));
  link.append(tile(room), words);
  if (room.online >= room.capacity) link.append(element("span", "badge full", word("roomFull")));
  row.append(link);
  return row;
}

/** @param {Room} room */
function seatsText({ online, capacity, expires_at: ends }) {
  const seats = word("roomSeats", online, capacity);
  return ends ? `${seats} · ${word("roomCloses", relativeTime(new Date(ends)))}` : seats;
}
