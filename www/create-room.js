/* create-room: the form that creates a room. */

import { params, roomAddress, storageKey } from "./address.js";
import { $, markInvalid, whileBusy } from "./elements.js";
import { RoomOptions } from "./room-options.js";
import { save } from "./storage.js";
import { errorText, word } from "./words.js";

/**
 * The creator of a room is not asked for its password.
 *
 * @param {string} room
 */
export const creatorKey = (room) => `${storageKey(room)} made`;

export class CreateRoom {
  #parlor;
  #identity;
  #options = new RoomOptions($("create-form"), $("create-options"), $("create-error"));

  /** @param {Pick<import("./app.js").Visitor, "parlor" | "identity">} visitor */
  constructor({ parlor, identity }) {
    this.#parlor = parlor;
    this.#identity = identity;
    $("create-form").addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy($("create"), () => this.#submit());
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
    if (options) await this.#create({ ...options, title, namespace: params.namespace });
  }

  /** @param {import("./types.js").RoomFields} fields */
  async #create(fields) {
    try {
      const { room } = await this.#parlor.createRoom(fields);
      this.#identity.setChatter(room.id, null);
      save(creatorKey(room.id), true);
      location.assign(roomAddress(room.id));
    } catch (error) {
      this.#options.showError(error, errorText(error), $("create-title"));
      markInvalid($("create-title"), Boolean(error.fields.title));
    }
  }
}
