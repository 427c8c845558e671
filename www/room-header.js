/* room-header: the bar above a room, with its title and the link to copy. */

import { shareLink } from "./address.js";
import { copyLink } from "./clipboard.js";
import { $ } from "./elements.js";
import { showProblem } from "./problem-bar.js";
import { linkToRooms } from "./room-list.js";
import { setTitle } from "./tab-title.js";
import { word } from "./words.js";

export class RoomHeader {
  #room;

  /** @param {string} room its id */
  constructor(room) {
    this.#room = room;
    $("copy-link").addEventListener("click", () => this.#copyLink());
  }

  /** @param {import("./types.js").Room} room */
  show({ title, namespace }) {
    /** @type {Element} */ ($("room-title").firstElementChild).textContent = title;
    setTitle(title);
    linkToRooms(namespace);
  }

  focus() {
    $("room-title").focus();
  }

  async #copyLink() {
    const link = shareLink(this.#room);
    if (!(await copyLink(link))) showProblem(word("linkNotCopied", link));
  }
}
