/* create-room: the form by which a room is made. */

import { asked, keyOf, roomAddress } from "./address.js";
import { $, busy, markInvalid } from "./elements.js";
import { keep } from "./storage.js";
import { RoomOptions } from "./room-options.js";
import { explain, word } from "./words.js";

/* Whoever made a room is not asked for its password. */
export const madeKey = (room) => `${keyOf(room)} made`;

export class Create {
  #parlor;
  #identity;
  #options = new RoomOptions($("create-form"), $("create-options"), $("create-error"));

  constructor({ parlor, identity }) {
    this.#parlor = parlor;
    this.#identity = identity;
    $("create-form").addEventListener("submit", (event) => {
      event.preventDefault();
      busy($("create"), () => this.#submit());
    });
  }

  async #submit() {
    const field = $("create-title");
    const title = field.value.trim();
    markInvalid(field, !title);
    $("create-error").textContent = title ? "" : word("createEmpty");
    if (!title) {
      field.focus();
      return;
    }
    const options = this.#options.read();
    if (options) await this.#create({ ...options, title, namespace: asked.namespace });
  }

  async #create(fields) {
    try {
      const { room } = await this.#parlor.createRoom(fields);
      this.#identity.keep(room.id, null);
      keep(madeKey(room.id), true);
      location.assign(roomAddress(room.id));
    } catch (error) {
      this.#options.refuse(error, explain(error), $("create-title"));
      markInvalid($("create-title"), Boolean(error.fields.title));
    }
  }
}
