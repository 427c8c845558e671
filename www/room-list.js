/* room-list: the view in which a room is chosen or created. */

import { asked, roomAddress, roomsAddress } from "./address.js";
import { setTitle } from "./tab-title.js";
import { Create } from "./create-room.js";
import { $, busy, element, tile } from "./elements.js";
import { drop, keep, recall } from "./storage.js";
import { Mine } from "./my-rooms.js";
import { untilWords } from "./times.js";
import { explain, word } from "./words.js";

const TOLD = "parlor told";

/* Something to be said once, in the next view of the rooms. */
export function tellNext(text) {
  keep(TOLD, text);
}

/* Every way back leads to the rooms among which this one is. */
export function leadBack(namespace) {
  for (const link of document.querySelectorAll("a[data-rooms]")) link.href = roomsAddress(namespace);
}

export class Rooms {
  #parlor;
  #queue;
  #inbox;
  #mine;
  #last; /* the id of the last room shown */

  constructor(person) {
    this.#parlor = person.parlor;
    this.#queue = person.queue;
    this.#inbox = person.inbox;
    this.#mine = new Mine(person);
    new Create(person);
    $("rooms-more").addEventListener("click", () => busy($("rooms-more"), () => this.#more()));
    globalThis.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.#begin();
    });
  }

  async show() {
    setTitle("Parlor");
    $("start-view").hidden = false;
    this.#inbox.standIn($("start-view"));
    $("start-told").textContent = recall(TOLD) ?? "";
    drop(TOLD);
    await this.#begin();
  }

  async #begin() {
    this.#last = undefined;
    $("rooms-state").textContent = word("roomsLoading");
    await Promise.all([this.#mine.load(), this.#more()]);
    this.#queue.open();
  }

  async #more() {
    try {
      const { namespace } = asked;
      const page = await this.#parlor.rooms({ namespace, after: this.#last });
      this.#draw(page);
    } catch (error) {
      $("rooms-state").textContent = explain(error);
      $("rooms-more").textContent = word("tryAgain");
      $("rooms-more").hidden = false;
    }
  }

  #draw({ rooms, has_more: more }) {
    const rows = rooms.map(roomRow);
    if (this.#last === undefined) $("rooms").replaceChildren(...rows);
    else $("rooms").append(...rows);
    if (this.#last !== undefined) rows[0]?.querySelector("a").focus();
    this.#last = rooms.at(-1)?.id ?? this.#last;
    $("rooms-state").textContent = this.#last === undefined ? word("roomsEmpty") : "";
    $("rooms-more").textContent = word("roomsMore");
    $("rooms-more").hidden = !more;
  }
}

function roomRow(room) {
  const row = element("li");
  const link = element("a", "room");
  const words = element("span", "room-words");
  link.href = roomAddress(room.id);
  link.dataset.room = room.id;
  words.append(element("bdi", "room-title", room.title), element("span", "quiet", seats(room)));
  link.append(tile(room), words);
  if (room.online >= room.capacity) link.append(element("span", "badge full", word("roomFull")));
  row.append(link);
  return row;
}

function seats({ online, capacity, expires_at: ends }) {
  const here = word("roomSeats", online, capacity);
  return ends ? `${here} · ${word("roomCloses", untilWords(new Date(ends)))}` : here;
}
